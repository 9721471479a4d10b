//! Two pools and a vault over them, for three workers.

use anyhow::Context;
use phat_chain_client::{PoolAction, SessionAction, VaultAction};
use phat_primitives::WorkerId;
use phat_tokenomics::UNITS_PER_PHA as PHA;

use super::Actors;

/// The owner of the large pool, who operates the first two workers.
pub const LARGE_OWNER: &str = "//Bob";

/// The owner of the small pool, who operates the third worker.
pub const SMALL_OWNER: &str = "//Charlie";

/// The owner of the vault.
pub const VAULT_OWNER: &str = "//Dave";

/// Who has delegated to the large pool.
pub const POOL_DELEGATOR: &str = "//Eve";

/// Who has delegated to the vault.
pub const VAULT_DELEGATOR: &str = "//Ferdie";

/// What is staked on the first worker, in units of 10⁻¹² PHA.
pub const FIRST_STAKE: u128 = 2_000 * PHA;

/// What was delegated to the large pool directly.
const DIRECTLY: u128 = 3_000 * PHA;

/// What the vault has delegated to the small pool and to the large one.
const THROUGH_VAULT: [u128; 2] = [1_500 * PHA, 500 * PHA];

/// The pools and the vault.
pub struct Funds {
    /// The pool of the first two workers.
    pub large: u64,
    /// The pool of the third.
    pub small: u64,
    /// The vault, which is in both.
    pub vault: u64,
}

impl Funds {
    /// Makes them, has the delegators delegate and the workers begin to show their performance.
    pub async fn found(actors: &Actors, workers: &[WorkerId; 3]) -> anyhow::Result<Self> {
        let (two, one) = workers.split_at(2);
        let (large, small, vid) = tokio::try_join!(
            found_pool(actors, LARGE_OWNER, 100_000, two),
            found_pool(actors, SMALL_OWNER, 200_000, one),
            found_vault(actors),
        )?;
        let directly = PoolAction::Delegate {
            pid: large,
            amount: DIRECTLY,
        };
        let through_vault = async {
            for (pid, amount) in [small, large].into_iter().zip(THROUGH_VAULT) {
                let action = VaultAction::DelegateToPool { vid, pid, amount };
                actors.vault(VAULT_OWNER, action).await?;
            }
            anyhow::Ok(())
        };
        tokio::try_join!(actors.pool(POOL_DELEGATOR, directly), through_vault)?;
        Ok(Self {
            large,
            small,
            vault: vid,
        })
    }

    /// Stakes all that the pools have on their workers, which have shown their performance.
    pub async fn stake_all(
        &self,
        actors: &Actors,
        [first, second, third]: [WorkerId; 3],
    ) -> anyhow::Result<()> {
        let on_two = async {
            let worker = PoolAction::StartWorker {
                pid: self.large,
                worker: first,
                stake: FIRST_STAKE,
            };
            actors.pool(LARGE_OWNER, worker).await?;
            stake_rest(actors, LARGE_OWNER, self.large, second).await
        };
        let on_one = stake_rest(actors, SMALL_OWNER, self.small, third);
        tokio::try_join!(on_two, on_one)?;
        Ok(())
    }
}

/// Has workers begin to show their performance, and makes a pool of them. Gives its number.
async fn found_pool(
    actors: &Actors,
    owner: &str,
    commission_ppm: u32,
    workers: &[WorkerId],
) -> anyhow::Result<u64> {
    for worker in workers {
        let benchmark = SessionAction::BeginBenchmark(*worker);
        actors.session(owner, benchmark).await?;
    }
    let create = PoolAction::Create { commission_ppm };
    let created = actors.pool(owner, create).await?;
    let pid = created.created.context("the pool has no number")?;
    for worker in workers {
        let worker = *worker;
        let add = PoolAction::AddWorker { pid, worker };
        actors.pool(owner, add).await?;
    }
    Ok(pid)
}

/// Makes a vault that somebody has delegated to. Gives its number.
async fn found_vault(actors: &Actors) -> anyhow::Result<u64> {
    let create = VaultAction::Create { fee_ppm: 100_000 };
    let created = actors.vault(VAULT_OWNER, create).await?;
    let vid = created.created.context("the vault has no number")?;
    let amount = THROUGH_VAULT.iter().sum();
    let delegate = VaultAction::Delegate { vid, amount };
    actors.vault(VAULT_DELEGATOR, delegate).await?;
    Ok(vid)
}

/// Stakes what a pool has left on a worker.
async fn stake_rest(
    actors: &Actors,
    owner: &str,
    pid: u64,
    worker: WorkerId,
) -> anyhow::Result<()> {
    let stake = actors.pool_now(pid).await?.unowed();
    let start = PoolAction::StartWorker { pid, worker, stake };
    actors.pool(owner, start).await?;
    Ok(())
}
