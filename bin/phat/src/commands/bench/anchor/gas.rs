//! The gas of requests and settlements at both anchors, from the receipts of real transactions.

use std::{path::Path, time::Duration};

use alloy::{
    primitives::{Address, keccak256},
    sol_types::{SolCall, SolConstructor, SolValue},
};
use anyhow::{Context, Result, bail, ensure};
use phat_target::{AnchorRequest, RequestStatus, Rollup, Target, TransactionStatus};
use phat_target_evm::{
    EvmTarget, U256, attestor,
    deploy::{Deployer, Sent},
    rollup_anchor,
};
use tokio::time::{Instant, sleep};

use super::{
    contracts::{lean::LensStats, legacy::RollupLensStats},
    evm::{Anvil, Blocks, Evm},
    figures::{Gas, LeanGas, LegacyGas, each},
};
use crate::output::Output;

/// The profile that is asked for.
pub const PROFILE: &str = "0x01";
/// The key of the account that owns consumers and asks. It is a secret to nobody, like the others:
/// the chain is gone in the end.
pub const OWNER_KEY: [u8; 32] = [0x11; 32];

/// The key of the account that pays for settlements.
const RELAY_KEY: [u8; 32] = [0x22; 32];
/// The key of the Phat Contract, which signs outcomes.
const CONTRACT_KEY: [u8; 32] = [0x33; 32];
/// The followers that are told.
const VALUE: u64 = 31_337;
/// The role of attestors in the older interface.
const ATTESTOR_ROLE: &str = "ATTESTOR_ROLE";
/// How often a transaction that waits is looked for.
const POLL: Duration = Duration::from_millis(20);
/// Time for a transaction to be in a block, of which there is one for each.
const INCLUSION_TIME_MAX: Duration = Duration::from_secs(60);

/// Measures both anchors on one chain of its own. Gives the chain's program and version too.
pub async fn measure(
    program: &Path,
    folder: &Path,
    output: &mut Output<'_>,
) -> Result<(Gas, String)> {
    let mut anvil = Anvil::start(program, folder, Blocks::ForEachTransaction, output).await?;
    let Anvil { process, evm } = &mut anvil;
    tokio::select! {
        measured = both(evm, output) => measured,
        exit = process.ended() => bail!("{}", exit?),
    }
}

async fn both(evm: &Evm, output: &mut Output<'_>) -> Result<(Gas, String)> {
    let bench = Bench::new(evm).await?;
    output.progress("Measuring the gas of the lean anchor…");
    let lean = bench.lean().await?;
    output.progress("Measuring the gas of the older interface…");
    let legacy = bench.legacy().await?;
    Ok((Gas { lean, legacy }, evm.version().await?))
}

/// The accounts that ask and that settle.
struct Bench {
    deployer: Deployer,
    target: EvmTarget,
}

/// A consumer as the adapter knows it.
struct Consumer {
    address: Address,
    anchor: Vec<u8>,
    /// The output that answers a request; ids are what the consumer calls them.
    output: fn(id: U256) -> Vec<u8>,
    /// By how much the ids at the consumer are above the numbers at its anchor.
    id_above_number: u64,
}

/// A request that was made, and what it took.
struct Asked {
    request: AnchorRequest,
    gas: u64,
}

impl Bench {
    async fn new(evm: &Evm) -> Result<Self> {
        for key in [OWNER_KEY, RELAY_KEY] {
            evm.fund(attestor(&key)?).await?;
        }
        Ok(Self {
            deployer: Deployer::new(&evm.config(OWNER_KEY))?,
            target: EvmTarget::new(&evm.config(RELAY_KEY))?,
        })
    }

    async fn lean(&self) -> Result<LeanGas> {
        let owner = self.deployer.address();
        let attestors = vec![attestor(&CONTRACT_KEY)?];
        let deployed = self.deployer.deploy_lens_stats(owner, attestors).await?;
        let consumer = Consumer {
            address: deployed.address,
            anchor: deployed.address.to_vec(),
            output: |_| (U256::ZERO, U256::from(VALUE)).abi_encode(),
            id_above_number: 0,
        };
        self.round(&consumer).await?;
        let (request, settle) = self.round(&consumer).await?;
        Ok(LeanGas {
            request,
            settle,
            settle_batch_4_each: self.batch(&consumer, 4).await?,
            settle_batch_16_each: self.batch(&consumer, 16).await?,
            settle_batch_64_each: self.batch(&consumer, 64).await?,
        })
    }

    async fn legacy(&self) -> Result<LegacyGas> {
        let arguments = RollupLensStats::constructorCall {
            admin: self.deployer.address(),
            attestor: attestor(&CONTRACT_KEY)?,
        };
        let code = [
            RollupLensStats::BYTECODE.as_ref(),
            &arguments.abi_encode()[..],
        ]
        .concat();
        let deployed = self.deployer.deploy(code).await?;
        let consumer = Consumer {
            address: deployed.address,
            anchor: rollup_anchor(deployed.address),
            output: |id| (U256::ZERO, id, U256::from(VALUE)).abi_encode(),
            id_above_number: 1,
        };
        self.round(&consumer).await?;
        let (request, settle) = self.round(&consumer).await?;
        // From now on the adapter sends rollups as the relay account's own.
        let grant = RollupLensStats::grantRoleCall {
            role: keccak256(ATTESTOR_ROLE),
            account: attestor(&RELAY_KEY)?,
        };
        self.transact(consumer.address, &grant).await?;
        self.round(&consumer).await?;
        let (_, settle_direct) = self.round(&consumer).await?;
        Ok(LegacyGas {
            request,
            settle,
            settle_direct,
        })
    }

    /// One request and its settlement: the gas of both. The first one of a consumer also writes
    /// the slots that all requests share, and is not to be counted.
    async fn round(&self, consumer: &Consumer) -> Result<(u64, u64)> {
        let asked = self.ask(consumer).await?;
        let settle = self.settle(consumer, &[asked.request]).await?;
        Ok((asked.gas, settle))
    }

    /// The gas of each settlement among so many in one transaction.
    async fn batch(&self, consumer: &Consumer, count: u64) -> Result<u64> {
        let mut requests = Vec::new();
        for _ in 0..count {
            requests.push(self.ask(consumer).await?.request);
        }
        each(self.settle(consumer, &requests).await?, count)
    }

    async fn ask(&self, consumer: &Consumer) -> Result<Asked> {
        // Both consumers have this function.
        let call = LensStats::requestCall {
            profileId: PROFILE.into(),
        };
        let sent = self.transact(consumer.address, &call).await?;
        let block = sent.block.number;
        let mut found = self.target.requests(&consumer.anchor, block, block).await?;
        let request = found.pop().filter(|_| found.is_empty());
        Ok(Asked {
            request: request.context("the consumer made another number of requests than one")?,
            gas: sent.gas_used,
        })
    }

    /// Settles requests in one transaction, as a worker does. Gives its gas.
    async fn settle(&self, consumer: &Consumer, requests: &[AnchorRequest]) -> Result<u64> {
        let (target, anchor) = (&self.target, &consumer.anchor);
        let mut signed = Vec::new();
        for request in requests {
            let rollup = Rollup {
                number: request.number,
                commitment: request.commitment,
                success: true,
                output: (consumer.output)(consumer.id(request)),
                reads: Vec::new(),
                writes: Vec::new(),
            };
            let own = target.sign(anchor, rollup, &CONTRACT_KEY).await?;
            signed.push(target.join(anchor, vec![own])?);
        }
        let nonce = target.next_nonce().await?;
        let prepared = target.prepare(anchor, &signed, nonce, None).await?;
        target.send(&prepared).await?;
        let gas = self.included(prepared.hash).await?;
        for request in requests {
            self.check(consumer, request).await?;
        }
        Ok(gas)
    }

    /// The gas of a transaction, once it is in a block.
    async fn included(&self, hash: [u8; 32]) -> Result<u64> {
        let give_up = Instant::now() + INCLUSION_TIME_MAX;
        loop {
            let status = self.target.transaction_status(hash).await?;
            if let TransactionStatus::Included {
                gas_used, success, ..
            } = status
            {
                ensure!(success, "a settlement reverted");
                return Ok(gas_used);
            }
            ensure!(
                Instant::now() < give_up,
                "anvil has not included a settlement for {} s",
                INCLUSION_TIME_MAX.as_secs()
            );
            sleep(POLL).await;
        }
    }

    /// Refuses to have measured a settlement that has not settled, or a consumer that has not
    /// stored the answer.
    async fn check(&self, consumer: &Consumer, request: &AnchorRequest) -> Result<()> {
        let (anchor, id) = (&consumer.anchor, consumer.id(request));
        let status = self.target.request_status(anchor, request.number).await?;
        ensure!(
            status == RequestStatus::Settled,
            "request {id} is {status:?} after its settlement"
        );
        let answer = self.deployer.lens_answer(consumer.address, id).await?;
        ensure!(
            answer.settled
                && answer.ok
                && answer.profile_id == PROFILE
                && answer.value == U256::from(VALUE),
            "the consumer has stored another answer to request {id}: {answer:?}"
        );
        Ok(())
    }

    async fn transact(&self, to: Address, call: &impl SolCall) -> Result<Sent> {
        let input = call.abi_encode().into();
        let (sent, _) = self.deployer.transact(to.into(), input).await?;
        Ok(sent)
    }
}

impl Consumer {
    /// What the consumer calls a request.
    fn id(&self, request: &AnchorRequest) -> U256 {
        U256::from_be_bytes(request.number).saturating_add(U256::from(self.id_above_number))
    }
}
