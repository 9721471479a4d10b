//! What the API shows of the worker's own types.

use phat_performance::Score;
use phat_primitives::{ClusterId, ClusterKey, RequestId};
use phat_worker_client::{
    ClusterKeyInfo, ContractInfo, HexBytes, Inclusion, LogEntry, PerformanceInfo, PerformanceState,
    QuorumInfo, ReceiptBundle, RequestEntry, decimal,
};
use phat_worker_core::{Record, Settlement, Step, performance::Stage};
use serde::Serialize;

use crate::{
    contracts::{Contract, Snapshot},
    journal::{self, StoredLine, StoredReceipt},
    performance::Status,
};

/// What the JSON of a receipt, or of an answer, has besides the digits of its data.
const JSON_BYTES: usize = 4096;

/// A request.
pub fn request(record: Record) -> RequestEntry {
    let step = record.step_name().to_owned();
    let own = match &record.step {
        Step::Settled(Settlement::Own {
            transaction,
            block,
            gas_used,
        }) => Some((*transaction, *block, *gas_used)),
        _ => None,
    };
    let is_other = matches!(
        record.step,
        Step::Settled(Settlement::Other | Settlement::Run)
    );
    let last = record.attempts.last().map(|attempt| attempt.hash);
    let tx = own.map(|(hash, ..)| hash).or(last.filter(|_| !is_other));
    RequestEntry {
        id: record.id,
        contract: record.contract,
        chain: record.chain,
        anchor: HexBytes(record.anchor),
        number: decimal(&record.number),
        step,
        runs: record.runs,
        attempts: record.attempts_made,
        receipt: record.receipt,
        tx: tx.map(|hash| HexBytes(hash.to_vec())),
        block_requested: record.block,
        block_settled: own.map(|(_, block, _)| block),
        gas_used: own.map(|(.., gas_used)| gas_used),
        seen_at_ms: record.seen_at_ms,
        error: record.problem,
    }
}

/// A receipt with its data.
pub fn bundle(stored: StoredReceipt) -> ReceiptBundle {
    ReceiptBundle {
        receipt: stored.receipt,
        input: HexBytes(stored.input),
        output: HexBytes(stored.output),
        transcript: HexBytes(stored.transcript),
    }
}

/// Something as JSON, of about `length` bytes: a buffer that grows would take twice the
/// memory.
pub fn json(value: &impl Serialize, length: u64) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = Vec::with_capacity(length as usize + JSON_BYTES);
    serde_json::to_writer(&mut json, value)?;
    Ok(json)
}

/// A line of a log.
pub fn line(sequence: u64, line: StoredLine) -> LogEntry {
    LogEntry {
        sequence,
        request: RequestId(line.request),
        level: line.level,
        message: line.message,
    }
}

/// A cluster's key and its generation.
pub fn cluster_key((generation, key): (u32, ClusterKey)) -> ClusterKeyInfo {
    ClusterKeyInfo {
        generation,
        encryption_key: key.encryption_key,
        signing_key: HexBytes(key.signing_key.to_vec()),
    }
}

/// A contract.
pub fn contract(contract: &Contract, snapshot: &Snapshot, cluster: ClusterId) -> ContractInfo {
    let id = contract.on_chain.id;
    let (name, errors, attestors) = match &contract.serving {
        Ok(serving) => (
            Some(serving.manifest.name.clone()),
            serving.errors.clone(),
            serving.attestors.clone(),
        ),
        Err(error) => (None, vec![error.clone()], Default::default()),
    };
    let quorum = snapshot.quorum(&id).map(|verification| QuorumInfo {
        threshold: verification.quorum,
        of: verification.of,
        aggregate: verification.aggregate,
    });
    ContractInfo {
        id,
        name,
        quorum,
        cluster,
        code_hash: contract.code_hash(),
        is_serving: contract.serving.is_ok(),
        errors,
        attestors,
        stake: snapshot.stakes.staked_to(&id).to_string(),
        share_ppm: snapshot.share_ppm(&id),
    }
}

/// What the worker shows the chain of its performance.
pub fn performance(status: &Status) -> PerformanceInfo {
    let seen = &status.seen;
    let is_measured = seen
        .benchmark
        .is_some_and(|benchmark| benchmark.stage != Stage::Failed);
    let state = match &seen.session {
        Some(session) if !session.is_running => PerformanceState::CoolingDown,
        Some(session) if session.challenge.is_some_and(|it| it.is_missed) => {
            PerformanceState::Unresponsive
        }
        Some(_) => PerformanceState::Running,
        None if is_measured => PerformanceState::Benchmark,
        None => PerformanceState::Idle,
    };
    let measured = status.elapsed.map(|elapsed| Score {
        iterations: status.iterations.into(),
        elapsed,
    });
    PerformanceInfo {
        state,
        session: seen.session.as_ref().map(|session| session.number),
        score: seen.score,
        iterations: status.iterations,
        score_now: measured.map(|score| score.p()),
        giving_way: status.giving_way,
    }
}

/// Where a receipt is in what was published.
pub fn inclusion(found: journal::Inclusion) -> Inclusion {
    let journal::Inclusion { batch, proof } = found;
    let nodes = proof.path.into_iter();
    Inclusion {
        batch,
        index: proof.index,
        count: proof.count,
        path: nodes.map(|node| HexBytes(node.to_vec())).collect(),
    }
}
