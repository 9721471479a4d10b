//! What a chain has of its economy, and what its root account sets of it.

use anyhow::{Context, bail, ensure};
use codec::{Decode, DecodeAll, Encode};
use phat_primitives::{AccountBytes, WorkerId};
use phat_tokenomics::{Fixed, Parameters, WorkerState};
use phat_workload::Commitment;
use subxt::{
    OnlineClient, OnlineClientAtBlock, SubstrateConfig,
    dynamic::{self, Value},
};
use subxt_signer::sr25519::dev;

use super::Event;
use crate::process::{PATIENCE, until};

/// The account of the mining pool: what makes accounts of pallets, and the pallet's id.
const MINING_POOL: &[u8; 12] = b"modlphat/sub";

/// The account of the treasury.
const TREASURY: &[u8; 12] = b"modlphat/tre";

/// Blocks of a second in which a challenge can be answered: a worker that shares two processors
/// with a node and other workers takes five or six.
const WINDOW_BLOCKS: u32 = 15;

/// The economy that a node shows. The node is believed.
#[derive(Clone)]
pub struct Chain {
    client: OnlineClient<SubstrateConfig>,
}

/// One block of it.
pub struct Block {
    at: OnlineClientAtBlock<SubstrateConfig>,
}

/// A session as the chain stores it.
#[derive(Clone, Debug, PartialEq, Decode)]
pub struct Session {
    /// Its number.
    pub number: u32,
    /// Whose stake it is.
    pub beneficiary: AccountBytes,
    /// The stake, in units of 10⁻¹² PHA.
    pub stake: u128,
    /// V and what goes with it, as of its last event.
    pub state: WorkerState,
    /// Whether it runs.
    pub phase: Phase,
    /// What the worker has said that it did.
    pub iterations: u64,
    /// What it does, and has to show.
    pub work: Work,
    /// The block of the last challenge, or of the start.
    pub challenged_at: u32,
}

/// Whether a session runs.
#[derive(Clone, Debug, PartialEq, Decode)]
pub enum Phase {
    /// It does.
    Running {
        /// Its place in the list of running sessions.
        place: u32,
    },
    /// It was stopped.
    CoolingDown {
        /// When the stake may be reclaimed, in seconds since 1970.
        until_s: u64,
    },
}

/// What a worker does, and has to show.
#[derive(Clone, Debug, PartialEq, Decode)]
pub struct Work {
    /// The randomness that seeds what it does.
    pub randomness: [u8; 32],
    /// When it became known, in milliseconds since 1970.
    pub since_ms: u64,
    /// What it has committed to.
    pub committed: Option<Committed>,
}

/// What a worker has committed to.
#[derive(Clone, Debug, PartialEq, Decode)]
pub struct Committed {
    /// The randomness that seeded it.
    pub randomness: [u8; 32],
    /// How many iterations, and the root over them.
    pub commitment: Commitment,
    /// The time that the worker had for them, in milliseconds.
    pub elapsed_ms: u64,
}

/// What governance decides besides the parameters, as the chain stores it.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
pub struct Settings {
    /// The most workers that a block challenges.
    pub challenges_per_block: u32,
    /// The fewest blocks between two challenges of a worker.
    pub challenge_gap_blocks: u32,
    /// How long a stake stays held after a stop, in seconds.
    pub cool_down_s: u64,
    /// The fewest blocks that a benchmark takes.
    pub benchmark_blocks: u32,
    /// How long a benchmark counts, in seconds.
    pub benchmark_life_s: u64,
    /// How long a worker that did not show its benchmark waits, in seconds.
    pub benchmark_gap_s: u64,
    /// After how many blocks the budget falls.
    pub budget_period_blocks: u32,
    /// For how many blocks a price of PHA counts.
    pub price_life_blocks: u32,
}

/// Where PHA are, in units of 10⁻¹² PHA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// All there are.
    pub issuance: u128,
    /// What can still be paid out.
    pub mining_pool: u128,
    /// What the treasury has.
    pub treasury: u128,
}

/// Parameters with which a minute shows what takes days with the published ones: V grows by 0.7 %
/// from one challenge to the next, and a payout takes less than that from it.
pub fn hastened(published: Parameters) -> anyhow::Result<Parameters> {
    Ok(Parameters {
        rho: Fixed::parse("1.0002")?,
        budget_per_block: Fixed::parse("0.5")?,
        heartbeat_window: WINDOW_BLOCKS,
        ..published
    })
}

impl Chain {
    /// The economy that the node at `url` shows: `ws://`, on this machine.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        let client = OnlineClient::from_url(url).await?;
        Ok(Self { client })
    }

    /// Sets the parameters, and the rest so that challenges, benchmarks and cool-downs take
    /// seconds.
    pub async fn hasten(&self, parameters: &Parameters) -> anyhow::Result<()> {
        let settings: Settings = self
            .latest()
            .await?
            .value("Computation", "CurrentSettings")
            .await?;
        let settings = Settings {
            // No challenge may come while another one is open.
            challenge_gap_blocks: parameters.heartbeat_window + 2,
            cool_down_s: 15,
            benchmark_blocks: 6,
            benchmark_gap_s: 1,
            ..settings
        };
        // In this order: the window has to stay below the gap.
        self.as_root("set_parameters", parameters).await?;
        self.as_root("set_settings", &settings).await?;
        let block = self.latest().await?;
        let parameters_now: Parameters = block.value("Computation", "EconomyParameters").await?;
        let settings_now: Settings = block.value("Computation", "CurrentSettings").await?;
        ensure!(parameters_now == *parameters, "{parameters_now:?}");
        ensure!(settings_now == settings, "{settings_now:?}");
        Ok(())
    }

    /// Reports a fault of a worker.
    pub async fn report_fault(&self, worker: WorkerId, level: u8) -> anyhow::Result<()> {
        self.as_root("report_fault", &(worker, level)).await
    }

    /// Has `//Alice`, the root account of development chains, make a call of the pallet
    /// `computation`. `arguments` are those of the call in SCALE.
    async fn as_root(&self, call: &str, arguments: &impl Encode) -> anyhow::Result<()> {
        let block = self.latest().await?;
        let mut bytes = block.call_index("Sudo", "sudo")?.to_vec();
        bytes.extend(block.call_index("Computation", call)?);
        arguments.encode_to(&mut bytes);
        let mut transactions = block.at.transactions();
        let payload = transactions.from_call_data_bytes(&bytes)?;
        let root = dev::alice();
        let sent = transactions.sign_and_submit_then_watch_default(&payload, &root);
        let done = sent.await?.wait_for_finalized();
        let included = tokio::time::timeout(PATIENCE, done)
            .await
            .with_context(|| format!("{call} is not final"))??;
        let events = included.wait_for_success().await?;
        // What is read from now on is of this block, or a later one.
        let number = included.at().await?.block_number();
        self.block(u32::try_from(number)?).await?;
        // The transaction succeeds whatever became of the call.
        for event in events.iter() {
            let event = event?;
            if (event.pallet_name(), event.event_name()) == ("Sudo", "Sudid") {
                let is_done = event.field_bytes().first() == Some(&0);
                ensure!(is_done, "{call} was refused: {:?}", event.field_bytes());
                return Ok(());
            }
        }
        bail!("nothing was done as root")
    }

    /// The newest block that is final.
    pub async fn latest(&self) -> anyhow::Result<Block> {
        let at = self.client.at_current_block().await?;
        Ok(Block { at })
    }

    /// Waits until the block with this number is final.
    pub async fn block(&self, number: u32) -> anyhow::Result<Block> {
        until(&format!("block {number} to be final"), async || {
            let newest = self.latest().await?.number();
            Ok((newest >= u64::from(number)).then_some(()))
        })
        .await?;
        self.at(number).await
    }

    /// The block with this number, which is final.
    pub async fn at(&self, number: u32) -> anyhow::Result<Block> {
        let at = self.client.at_block(number).await?;
        Ok(Block { at })
    }
}

impl Block {
    /// Its number.
    pub fn number(&self) -> u64 {
        self.at.block_number()
    }

    /// What happened in it and concerns the economy, in order.
    pub async fn events(&self) -> anyhow::Result<Vec<Event>> {
        let mut found = Vec::new();
        let events = self.at.events().fetch().await?;
        for event in events.iter() {
            let event = event?;
            let (pallet, name) = (event.pallet_name(), event.event_name());
            found.extend(Event::decode(pallet, name, event.field_bytes())?);
        }
        Ok(found)
    }

    /// The session of a worker, as it is stored after the block.
    pub async fn session(&self, worker: &WorkerId) -> anyhow::Result<Option<Session>> {
        self.entry("Computation", "WorkerSessions", worker.0).await
    }

    /// Where PHA are after the block.
    pub async fn money(&self) -> anyhow::Result<Money> {
        Ok(Money {
            issuance: self.value("Balances", "TotalIssuance").await?,
            mining_pool: self.balance(pallet_account(MINING_POOL)).await?,
            treasury: self.balance(pallet_account(TREASURY)).await?,
        })
    }

    /// What an account has, on hold or not, in units of 10⁻¹² PHA.
    async fn balance(&self, account: [u8; 32]) -> anyhow::Result<u128> {
        type Counts = (u32, u32, u32, u32);
        type Amounts = (u128, u128, u128, u128);
        let info = self.entry::<(Counts, Amounts)>("System", "Account", account);
        let Some((_, (free, on_hold, _, _))) = info.await? else {
            return Ok(0);
        };
        free.checked_add(on_hold).context("more than there can be")
    }

    /// A value that the chain stores.
    pub async fn value<T: Decode>(&self, pallet: &str, name: &str) -> anyhow::Result<T> {
        let address = dynamic::storage::<(), Value>(pallet, name);
        let stored = self.at.storage().fetch(address, ()).await?;
        all(pallet, name, stored.bytes())
    }

    /// A value of a map that has keys of 32 bytes.
    async fn entry<T: Decode>(
        &self,
        pallet: &str,
        name: &str,
        key: [u8; 32],
    ) -> anyhow::Result<Option<T>> {
        let address = dynamic::storage::<([u8; 32],), Value>(pallet, name);
        let stored = self.at.storage().try_fetch(address, (key,)).await?;
        stored
            .map(|stored| all(pallet, name, stored.bytes()))
            .transpose()
    }

    /// What a call begins with.
    fn call_index(&self, pallet: &str, call: &str) -> anyhow::Result<[u8; 2]> {
        let metadata = self.at.metadata_ref();
        let pallet = metadata.pallet_by_name(pallet).context("no such pallet")?;
        let variant = pallet.call_variant_by_name(call).context("no such call")?;
        Ok([pallet.call_index(), variant.index])
    }
}

/// The value that these bytes are, all of them.
fn all<T: Decode>(pallet: &str, name: &str, mut bytes: &[u8]) -> anyhow::Result<T> {
    T::decode_all(&mut bytes).with_context(|| format!("{pallet}.{name} is another than it was"))
}

fn pallet_account(id: &[u8; 12]) -> [u8; 32] {
    let mut account = [0; 32];
    account[..id.len()].copy_from_slice(id);
    account
}
