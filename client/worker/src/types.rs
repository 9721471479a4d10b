//! What goes over the wire.

use std::collections::BTreeMap;

use phat_primitives::{
    AccountBytes, ClusterId, CodeHash, ContractId, EncryptionKey, ReceiptHash, RequestId, WorkerId,
    receipts::MerkleProof,
};
use phat_receipt::Receipt;
use serde::{Deserialize, Serialize};

use crate::{ClusterKeyInfo, ENCRYPTED_BODY_BYTES_MAX, HexBytes};

/// The longest input of a call.
pub const CALL_INPUT_BYTES_MAX: usize = 1024 * 1024;
/// The longest text of a call: an input in hexadecimal digits with the JSON around it.
pub const CALL_TEXT_BYTES_MAX: usize = 2 * CALL_INPUT_BYTES_MAX + 1024;
/// The longest body of a call, which is that of an encrypted one.
pub const CALL_BODY_BYTES_MAX: usize = ENCRYPTED_BODY_BYTES_MAX;

/// `POST /v1/contracts/{id}/call`: what to call a contract with, in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallBody {
    /// The input of the run.
    pub input: HexBytes,
}

/// `POST /v1/contracts/{id}/call`: what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallAnswer {
    /// The request that the call was.
    pub request: RequestId,
    /// The run's output, or why it failed as UTF-8 text.
    pub output: HexBytes,
    /// Whether the run succeeded.
    pub success: bool,
    /// The receipt's hash; with its data it is at `/v1/receipts/{hash}`, unless the call
    /// was encrypted.
    pub receipt: ReceiptHash,
    /// The receipt itself. Whoever checks its signature, that it is of the contract
    /// that was called, and that input and output hash to what it says, need trust
    /// neither a gateway nor the connection, only the worker that signed.
    pub signed: Receipt,
    /// Fuel the run used.
    pub fuel_used: u64,
    /// What the contract logged, up to what a [`LogsPage`] holds.
    pub logs: Vec<LogEntry>,
    /// The transcript of all host calls, if the call was encrypted and asked for it. It
    /// is left out where it is too long, or the worker lacks the memory for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<HexBytes>,
}

/// A receipt with all that is needed to check and repeat the run, but the code,
/// which is on the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptBundle {
    /// The signed receipt.
    pub receipt: Receipt,
    /// The input of the run.
    pub input: HexBytes,
    /// The output, or the failure's text.
    pub output: HexBytes,
    /// The transcript of all host calls, as the engine encodes it.
    pub transcript: HexBytes,
}

/// `GET /v1/receipts/{hash}/inclusion`: where a receipt is in what its worker has
/// published on the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inclusion {
    /// The number of the worker's batch.
    pub batch: u32,
    /// The place of the receipt in it, from 0 on.
    pub index: u32,
    /// How many receipts the batch has.
    pub count: u32,
    /// The nodes beside the way from the receipt to the batch's root, 32 bytes each,
    /// from below.
    pub path: Vec<HexBytes>,
}

impl Inclusion {
    /// The proof, if every node has 32 bytes. Whether it proves anything is for
    /// [`MerkleProof::verify`] to tell.
    pub fn proof(&self) -> Option<MerkleProof> {
        let nodes = self.path.iter();
        let path = nodes.map(|node| <[u8; 32]>::try_from(node.0.as_slice()).ok());
        Some(MerkleProof {
            index: self.index,
            count: self.count,
            path: path.collect::<Option<_>>()?,
        })
    }
}

/// `GET /v1/requests`: requests of anchors that this worker has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestsPage {
    /// The requests, newest first.
    pub requests: Vec<RequestEntry>,
}

/// A request at an anchor and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEntry {
    /// The request.
    pub id: RequestId,
    /// The contract that is asked.
    pub contract: ContractId,
    /// The target chain, such as `eip155:1`.
    pub chain: String,
    /// The anchor's address.
    pub anchor: HexBytes,
    /// The request's number at the anchor, in decimal digits.
    pub number: String,
    /// `seen`, `executed`, `prepared`, `sent`, `settled` or `abandoned`.
    pub step: String,
    /// How often it was run.
    pub runs: u32,
    /// How many transactions were made for it.
    pub attempts: u32,
    /// The receipt of the last run.
    pub receipt: Option<ReceiptHash>,
    /// The transaction that settled it, or the last one made for it.
    pub tx: Option<HexBytes>,
    /// The block of the request.
    pub block_requested: u64,
    /// The block of the settlement.
    pub block_settled: Option<u64>,
    /// The gas that the settlement used.
    pub gas_used: Option<u64>,
    /// Milliseconds since 1970 when this worker saw it.
    pub seen_at_ms: u64,
    /// Why it does not get on, or why it was given up.
    pub error: Option<String>,
}

/// `GET /v1/contracts/{id}/requests/{request}`: a request to the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestAnswer {
    /// How far it has come at this worker.
    pub request: RequestEntry,
    /// The receipt of its last run, which proves that this worker has run it.
    pub signed: Option<Receipt>,
}

/// The header with which a worker tells another one that it passes on a call to a webhook.
pub const FORWARDED_HEADER: &str = "phat-forwarded";
/// The most bytes of the answer to a call to a webhook.
pub const HOOK_ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The most bytes of the body of a call to a webhook.
pub const HOOK_BODY_BYTES_MAX: usize = 1024 * 1024;

/// A header of a call to a webhook: its name and its value.
pub type HookHeader = (&'static str, String);

/// `POST /v1/contracts/{id}/hooks/{name}`: what became of a call to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookAnswer {
    /// The request that it is.
    pub request: RequestId,
    /// Whether it is new here; the same call again is not.
    pub is_new: bool,
    /// How many other workers have taken it, too.
    pub passed_on: usize,
}

/// `GET /v1/contracts/{id}`: a contract as this worker sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractInfo {
    /// The contract.
    pub id: ContractId,
    /// Its name, if its manifest can be read.
    pub name: Option<String>,
    /// The cluster that serves it.
    pub cluster: ClusterId,
    /// Its code.
    pub code_hash: CodeHash,
    /// Whether this worker runs it.
    pub is_serving: bool,
    /// Why it does not, or why it serves a part of the triggers only.
    pub errors: Vec<String>,
    /// The account that signs for the contract on each chain: the attestor that
    /// the owner of an anchor must allow. Where several workers must agree, each signs
    /// with an account of its own, and this is the answering worker's.
    pub attestors: BTreeMap<String, String>,
    /// How many workers must agree, where one does not speak for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<QuorumInfo>,
    /// What is staked to it, in units of 10⁻¹² PHA, in decimal digits.
    #[serde(default)]
    pub stake: String,
    /// The part of its cluster's compute that it is entitled to by its stake, in
    /// millionths, rounded down. What others do not use is divided too.
    #[serde(default)]
    pub share_ppm: u32,
}

/// How many workers must agree on an outcome of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuorumInfo {
    /// How many must sign the same outcome.
    pub threshold: u32,
    /// How many run each request at once.
    pub of: u32,
    /// Whether outputs may differ, and the contract merges them.
    #[serde(default)]
    pub aggregate: bool,
}

/// `GET /v1/contracts/{id}/logs?after=N`: what a contract logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogsPage {
    /// The lines, oldest first.
    pub logs: Vec<LogEntry>,
    /// What to give as `after` to go on.
    pub next: u64,
}

/// One line of a contract's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its place in the contract's log, counted from 1; 0 where there is none.
    #[serde(default)]
    pub sequence: u64,
    /// The request that was run.
    pub request: RequestId,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// The text.
    pub message: String,
}

/// `GET /v1/info`: who this worker is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// The software's version.
    pub version: String,
    /// The worker's id.
    pub worker: WorkerId,
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The account that answers for it, if it is known.
    pub operator: Option<AccountBytes>,
    /// The cluster that it serves.
    pub cluster: ClusterId,
    /// The newest key of the cluster that it uses, once it has one.
    #[serde(default)]
    pub cluster_key: Option<ClusterKeyInfo>,
    /// The URL that it announces.
    pub endpoint: String,
    /// The engine's build.
    pub engine_hash: HexBytes,
    /// The Phat chain.
    pub chain: ChainInfo,
    /// The target chains.
    pub targets: Vec<TargetInfo>,
    /// What it shows the chain of its performance, if it does.
    #[serde(default)]
    pub performance: Option<PerformanceInfo>,
}

/// What a worker shows the chain of its performance, as of the newest finalised block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformanceInfo {
    /// What it does.
    pub state: PerformanceState,
    /// The number of its session, until the stake is reclaimed.
    pub session: Option<u32>,
    /// The performance that it has shown in a benchmark: iterations in six seconds.
    pub score: Option<u32>,
    /// The iterations that it has done for its session since the last answer to a challenge, or
    /// in its benchmark.
    pub iterations: u32,
    /// The same in six seconds: how fast it is now, beside the runs of contracts.
    pub score_now: Option<u64>,
    /// On how many processors the iterations give way to runs of contracts.
    pub giving_way: usize,
}

/// What a worker does for its performance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerformanceState {
    /// Nothing: it is in no session.
    Idle,
    /// A benchmark, before a session.
    Benchmark,
    /// The iterations of a session that runs.
    Running,
    /// The same, and it has missed a challenge and not answered yet.
    Unresponsive,
    /// Nothing any more: its session was stopped.
    CoolingDown,
}

/// Why a worker believes what it reads of the Phat chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainTrust {
    /// It verifies all of it, with a light client.
    LightClient,
    /// It believes a node, which is for development only.
    Rpc,
}

/// `GET /v1/info`: who a gateway is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GatewayInfo {
    /// The Phat chain: the hash of its first block.
    pub genesis_hash: HexBytes,
    /// The workers behind it.
    pub workers: Vec<GatewayWorker>,
}

/// A worker behind a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GatewayWorker {
    /// The worker's id.
    pub id: WorkerId,
    /// The cluster that it serves.
    pub cluster: ClusterId,
    /// Whether it answered when last asked, and goes on.
    pub live: bool,
    /// Whether it said that it can do all of its work.
    pub ready: bool,
}

/// `GET /v1/info`: who answers, where that may be a worker or a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Front {
    /// A worker.
    Worker(Box<Info>),
    /// A gateway.
    Gateway(GatewayInfo),
}

/// The Phat chain as a worker sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainInfo {
    /// Why it believes what it reads there.
    pub trust: ChainTrust,
    /// The nodes that its light client is connected to, if it has one.
    pub peers: Option<u64>,
    /// The hash of its first block, once it is known.
    pub genesis_hash: Option<HexBytes>,
    /// The newest finalised block, once one is known.
    pub finalized: Option<u64>,
}

/// A target chain as a worker sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetInfo {
    /// Its name, such as `eip155:1`.
    pub chain: String,
    /// The account that pays for transactions.
    pub relay_account: String,
    /// The newest block that is acted on, once one is known.
    pub head: Option<u64>,
    /// What is wrong with single RPC endpoints, while the others do without them.
    #[serde(default)]
    pub endpoint_faults: Vec<String>,
}

/// `GET /health`: whether the worker can do its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether it can.
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<String>,
    /// Whether it is being stopped and takes no more calls.
    #[serde(default)]
    pub stopping: bool,
}

/// The body of every answer that is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// The error.
    pub error: ErrorBody,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A stable name for programs.
    pub code: String,
    /// What to tell a person.
    pub message: String,
    /// With the code `busy`: when there may be room, in seconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

/// A 256-bit number, big-endian, in decimal digits.
pub fn decimal(number: &[u8; 32]) -> String {
    let mut rest = *number;
    let mut digits = Vec::new();
    while rest.iter().any(|byte| *byte != 0) {
        let mut remainder = 0_u16;
        for byte in &mut rest {
            let value = remainder * 256 + u16::from(*byte);
            *byte = (value / 10) as u8;
            remainder = value % 10;
        }
        digits.push(char::from(b'0' + remainder as u8));
    }
    if digits.is_empty() {
        digits.push('0');
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        let number = |low: u128| {
            let mut bytes = [0; 32];
            bytes[16..].copy_from_slice(&low.to_be_bytes());
            decimal(&bytes)
        };
        assert_eq!(number(0), "0");
        assert_eq!(number(1), "1");
        assert_eq!(number(255), "255");
        assert_eq!(number(1_000_000), "1000000");
        assert_eq!(number(u128::MAX), u128::MAX.to_string());
        assert_eq!(
            decimal(&[0xff; 32]),
            "115792089237316195423570985008687907853269984665640564039457584007913129639935"
        );
    }

    #[test]
    fn a_call_with_an_unknown_field_or_bare_digits_is_refused() {
        let read = |text| serde_json::from_str::<CallBody>(text);
        assert_eq!(read(r#"{"input":"0x0aFF"}"#).unwrap().input.0, [0x0a, 0xff]);
        assert!(read(r#"{"input":"0x","extra":1}"#).is_err());
        assert!(read(r#"{"input":"0aff"}"#).is_err());
        assert!(read(r#"{"input":"0x0"}"#).is_err());
    }
}
