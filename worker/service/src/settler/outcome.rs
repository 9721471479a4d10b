//! Makes the outcome of a request: runs it, and signs what it came to.

use std::sync::Arc;

use phat_engine::{FailureCode, LogLevel, Outcome, RunFailure};
use phat_receipt::Origin;
use phat_target::{BlockRef, KeyRead, KeyWrite, Rollup, Target, TargetError};
use phat_worker_client::OUTPUT_ROLLUP_BYTES_MAX;
use phat_worker_core::{Policy, Record, outputs::Output};
use tokio::sync::watch;

use super::{
    Signed,
    fired::{check_turn, settles_written_only},
    quorum::{self, Subject, state_block},
    signed_output::{SignedOutput, rollup_bytes},
};
use crate::{
    compute::Entered,
    contracts::Snapshot,
    executor::{AnchorKeys, Executor, Job, NotRun, Ran},
    journal::StoredLine,
    peers::Peers,
};

/// What a run sees of the world: as it is when the run begins.
pub(super) struct World {
    pub executor: Arc<Executor>,
    pub target: Arc<dyn Target>,
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    pub head: watch::Receiver<Option<BlockRef>>,
    /// Who else may have run it.
    pub peers: Arc<Peers>,
    /// How patient to be.
    pub policy: Policy,
}

/// Runs a request in its turn and signs its outcome with the contract's key.
pub(super) async fn run(
    world: World,
    entered: Entered,
    record: Record,
    input: Vec<u8>,
) -> Result<(Ran, Signed), NotRun> {
    check_turn(&world, &record).await?;
    let World {
        executor, target, ..
    } = world;
    let turn = entered.begin().await?;
    // Only now: in a long queue the state of that time would be pruned, and the
    // contract an old one.
    let head = *world.head.borrow();
    let snapshot = world.snapshot.borrow().clone();
    let (Some(block), Some(snapshot)) = (head, snapshot) else {
        let reason = "the chains were not read yet";
        return Err(NotRun::NotBegun(reason.into()));
    };
    if snapshot.is_stale {
        let reason = "what is known of the Phat chain is too old to act on";
        return Err(NotRun::NotBegun(reason.into()));
    }
    let Some(contract) = snapshot.contracts.get(&record.contract) else {
        let reason = "it is not, or no more, in this worker's cluster";
        return Err(NotRun::NotServed(reason.into()));
    };
    if !snapshot.has_stake(&record.contract) {
        return Err(NotRun::NoStake(record.contract));
    }
    let keys = executor.keys();
    let verification = snapshot.quorum(&record.contract);
    let shared = keys.contract(record.contract).ok_or(NotRun::NoClusterKey)?;
    let (block, secret) = match verification {
        None => (block, shared),
        Some(_) => {
            let block = agreed_block(&*target, &record, block.number).await?;
            let secret = keys.quorum(record.contract);
            let secret = secret.map_err(|error| NotRun::NotBegun(error.to_string()))?;
            (block, secret)
        }
    };
    let job = Job {
        contract: contract.clone(),
        request: record.id,
        input,
        origin: Origin::Anchor {
            chain: record.chain.clone(),
            anchor: record.anchor.clone(),
            number: record.number,
            block: block.number,
        },
        kv: Arc::new(AnchorKeys {
            target: target.clone(),
            anchor: record.anchor.clone(),
            block,
        }),
    };
    let guard = guard_version(&*target, &record, block).await?;
    let mut ran = executor.run(job, snapshot.genesis_hash, turn).await?;
    if ran.writes.is_empty() && settles_written_only(&snapshot, &record) {
        return Ok((ran, Signed::Nothing));
    }
    let subject = Subject {
        genesis_hash: snapshot.genesis_hash,
        contract: record.contract,
        request: record.id,
    };
    let worker = executor.keys().worker_id();
    let sign_own = |payload: &[u8]| executor.keys().store().sign_for_chain(payload);
    if verification.is_some_and(|verification| verification.aggregate) {
        let output = Output {
            worker,
            code_hash: contract.code_hash(),
            state_block: block.number,
            rollup: mergeable(&record, guard, &mut ran),
        };
        let output = SignedOutput::new(&subject, &record, output, sign_own);
        return Ok((ran, Signed::Output(Box::new(output))));
    }
    let sign = |rollup| target.sign(&record.anchor, rollup, secret.expose());
    let signed = match sign(rollup(&record, guard, &ran)).await {
        Err(TargetError::OutcomeTooLarge(reason)) => {
            let rollup = too_large(&record, guard, &reason);
            ran.lines.push(told_of(&record, &rollup));
            sign(rollup).await
        }
        signed => signed,
    };
    let signed = signed.map_err(|error| NotRun::Interrupted(error.to_string()))?;
    if verification.is_none() {
        return Ok((ran, Signed::Whole(signed)));
    }
    let outcome = quorum::Outcome::new(&subject, worker, block.number, signed, sign_own);
    Ok((ran, Signed::Part(Box::new(outcome))))
}

/// What a run came to, as an anchor takes it.
fn rollup(record: &Record, guard: Option<u64>, ran: &Ran) -> Rollup {
    let reads = ran.reads.iter().map(|read| KeyRead {
        key: read.key.clone(),
        version: read.version,
    });
    let writes = ran.writes.iter().map(|write| KeyWrite {
        key: write.key.clone(),
        value: write.value.clone(),
    });
    Rollup {
        number: record.number,
        commitment: record.commitment,
        success: ran.success,
        output: ran.stored.output.clone(),
        reads: guard_read(record, guard).chain(reads).collect(),
        writes: guard_write(record).chain(writes).collect(),
    }
}

/// What a run came to, to be merged with what others came to. It writes no key, as there
/// would be no telling whose value is written, and is small enough to be sent with others.
fn mergeable(record: &Record, guard: Option<u64>, ran: &mut Ran) -> Rollup {
    let refused = |code, message: &str| {
        let failure = RunFailure {
            code,
            message: message.into(),
        };
        let (success, output) = Outcome::Failed(failure).settlement();
        Rollup {
            number: record.number,
            commitment: record.commitment,
            success,
            output,
            reads: guard_read(record, guard).collect(),
            writes: guard_write(record).collect(),
        }
    };
    let whole = rollup(record, guard, ran);
    let refused = if !ran.writes.is_empty() {
        let code = FailureCode::HostLimit { name: "kv_keys" };
        let message = "a contract whose outputs are merged reads keys and writes none";
        refused(code, message)
    } else if rollup_bytes(&whole).len() > OUTPUT_ROLLUP_BYTES_MAX {
        let message = format!(
            "an output that is merged has at most {OUTPUT_ROLLUP_BYTES_MAX} bytes, with the keys \
             that were read"
        );
        refused(FailureCode::OutputTooLarge, &message)
    } else {
        return whole;
    };
    ran.lines.push(told_of(record, &refused));
    refused
}

/// The block at which all workers of a quorum run a request, while `newest` is the newest.
async fn agreed_block(
    target: &dyn Target,
    record: &Record,
    newest: u64,
) -> Result<BlockRef, NotRun> {
    let number = state_block(record, newest).ok_or_else(|| {
        let reason = "the block at which all workers run it is not there yet";
        NotRun::NotBegun(reason.into())
    })?;
    if number == record.block {
        return Ok(BlockRef {
            number,
            hash: record.block_hash,
        });
    }
    let block = target.block(number).await;
    block.map_err(|error| NotRun::NotBegun(error.to_string()))
}

/// The version of the key at the anchor that tells whether a firing is done, where it is
/// not; none if `record` is of a request.
async fn guard_version(
    target: &dyn Target,
    record: &Record,
    block: BlockRef,
) -> Result<Option<u64>, NotRun> {
    let Some(firing) = &record.firing else {
        return Ok(None);
    };
    let guard = firing.guard(record.contract, record.id);
    let found = target.read(&record.anchor, &guard.key, block).await;
    let found = found.map_err(|error| NotRun::NotBegun(error.to_string()))?;
    if guard.is_done(&found.value) {
        // The next look at it finds that.
        return Err(NotRun::NotServed("the firing is settled already".into()));
    }
    Ok(Some(found.version))
}

/// What makes the outcome of a firing settle once: it depends on the version of a key
/// that it changes. It comes before all else that is read and written.
pub(super) fn guard_read(
    record: &Record,
    version: Option<u64>,
) -> impl Iterator<Item = KeyRead> + use<> {
    let guard = record.firing.as_ref().zip(version);
    guard
        .map(|(firing, version)| KeyRead {
            key: firing.guard(record.contract, record.id).key,
            version,
        })
        .into_iter()
}

pub(super) fn guard_write(record: &Record) -> impl Iterator<Item = KeyWrite> + use<> {
    let guard = record.firing.as_ref();
    guard
        .map(|firing| firing.guard(record.contract, record.id))
        .map(|guard| KeyWrite {
            key: guard.key,
            value: guard.value,
        })
        .into_iter()
}

/// What is settled in place of an outcome that no transaction can carry. It
/// depends on no key and writes none, but for the one of a firing, whose version is
/// `guard`, so that it always fits.
pub(super) fn too_large(record: &Record, guard: Option<u64>, reason: &str) -> Rollup {
    let failure = Outcome::Failed(RunFailure {
        code: FailureCode::OutputTooLarge,
        message: reason.into(),
    });
    let (success, output) = failure.settlement();
    Rollup {
        number: record.number,
        commitment: record.commitment,
        success,
        output,
        reads: guard_read(record, guard).collect(),
        writes: guard_write(record).collect(),
    }
}

/// Whether the outcome of `record` is a failure and nothing else, which is the least
/// there is.
pub(super) fn is_least(rollup: &Rollup, record: &Record) -> bool {
    let keys = usize::from(record.firing.is_some());
    !rollup.success && rollup.reads.len() <= keys && rollup.writes.len() <= keys
}

/// Tells the contract's author in its log what was settled in the outcome's place.
pub(super) fn told_of(record: &Record, rollup: &Rollup) -> StoredLine {
    let output = String::from_utf8_lossy(&rollup.output);
    StoredLine {
        request: record.id.0,
        level: LogLevel::Error.to_string(),
        message: format!("settled as a failure: {output}"),
    }
}
