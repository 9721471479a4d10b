//! What a run is given and what it reports.

use std::{fmt, sync::Arc, time::Duration};

use codec::{Decode, Encode};
use phat_keys::ContractKeys;
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};
use serde::{Deserialize, Serialize};

use crate::{
    HeldMemory, KeyRead, KeyValueSource, KeyWrite, Outcome, RunFailure, Secrets, Transcript,
    TranscriptHeader, serde_hex,
};

/// What a run is for, which decides what it may have of the engine while others
/// run too. Each class has its own number of runs at once; calls together have at
/// most half of the memory, of the open requests and of the lookups. A contract has
/// at most a quarter of these three, and of the runs of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunClass {
    /// A request of an anchor, which someone paid for and a chain waits for.
    Anchor,
    /// A call, which costs its caller nothing.
    Call,
}

/// One run of a contract.
pub struct Run {
    /// What it is for.
    pub class: RunClass,
    /// The contract's code: the text of a script, or a WebAssembly component of the
    /// world `contract` in `engine/wit`.
    pub code: Arc<[u8]>,
    /// What it is asked.
    pub request: RunRequest,
    /// What it may use; within the maxima, as those of every manifest are. A
    /// run with others cannot be replayed.
    pub limits: Limits,
    /// The hosts it may call, as the manifest lists them. The pattern `*`, which
    /// no manifest may hold, allows every host; it is for local tools.
    pub allowed_hosts: Vec<String>,
    /// The contract's key-value store at the request's block.
    pub kv: Arc<dyn KeyValueSource>,
    /// The keys that it may use.
    pub keys: Arc<ContractKeys>,
    /// The secrets that its owner has set.
    pub secrets: Secrets,
}

/// What a contract is asked. Scripts see it as the argument of their function.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct RunRequest {
    /// The contract that runs.
    pub contract: ContractId,
    /// The request that it answers.
    pub request: RequestId,
    /// The input, as the caller gave it.
    #[serde(with = "serde_hex")]
    pub input: Vec<u8>,
    /// Who asked, as the chain writes its addresses; empty for none.
    pub caller: String,
    /// The chain that the request came from; empty for none.
    pub chain: String,
    /// The block of that chain at which state is read; 0 for none.
    pub block: u64,
    /// The settings: of a manifest, as a JSON object; without one, any text.
    pub settings: String,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The result, or why there is none.
    pub outcome: Outcome,
    /// Every key that was read or written, with the version that the run saw,
    /// in the order of the keys.
    pub reads: Vec<KeyRead>,
    /// What the run writes, in the order of the keys. Empty if it failed.
    pub writes: Vec<KeyWrite>,
    /// What the run logged, up to its end.
    pub logs: Vec<LogLine>,
    /// The work of the guest, and of the host for it.
    pub fuel_used: u64,
    /// The time from the start of the run to its end; not part of a replay.
    pub elapsed: Duration,
    /// Every host call with its answer.
    pub transcript: Transcript,
    /// What the transcript takes of the engine's memory.
    pub memory: HeldMemory,
}

impl RunReport {
    /// The report of a run that was not begun.
    pub(crate) fn not_begun(header: TranscriptHeader, failure: RunFailure) -> Self {
        Self {
            outcome: Outcome::Failed(failure),
            reads: Vec::new(),
            writes: Vec::new(),
            logs: Vec::new(),
            fuel_used: 0,
            elapsed: Duration::ZERO,
            transcript: Transcript {
                header,
                entries: Vec::new(),
            },
            memory: HeldMemory::default(),
        }
    }
}

/// One line of a run's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// The text, which may have several lines.
    pub message: String,
}

/// How much a line of the log matters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// For whoever writes the contract.
    Debug,
    /// What happens.
    Info,
    /// What should not happen.
    Warn,
    /// What went wrong.
    Error,
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}
