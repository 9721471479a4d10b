//! How the workers of a cluster exchange the outcomes that several of them sign.

use phat_primitives::WorkerId;
use serde::{Deserialize, Serialize};

use crate::HexBytes;

/// The longest body of a question for an outcome.
pub const SIGNATURES_BODY_BYTES_MAX: usize = 1024;
/// The longest answer to it: twice the digits of the largest outcome that an anchor's
/// transaction carries.
pub const SIGNATURES_ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// The most outputs that are merged.
pub const OUTPUTS_MAX: usize = 16;
/// The most bytes of an output that is merged, SCALE-encoded, without who signed it.
pub const OUTPUT_ROLLUP_BYTES_MAX: usize = 32 * 1024;
/// The most bytes of an output that is merged, SCALE-encoded, with who signed it.
pub const SIGNED_OUTPUT_BYTES_MAX: usize = OUTPUT_ROLLUP_BYTES_MAX + 256;
/// What JSON has besides the digits of one output.
const OUTPUT_JSON_BYTES: usize = 8;
/// The longest body that asks a worker to merge outputs: the digits of each, in quotes.
pub const AGGREGATE_BODY_BYTES_MAX: usize =
    OUTPUTS_MAX * (2 * SIGNED_OUTPUT_BYTES_MAX + OUTPUT_JSON_BYTES) + SIGNATURES_BODY_BYTES_MAX;

/// `POST /v1/contracts/{id}/requests/{request}/signatures`: who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignaturesBody {
    /// The worker that asks: of the cluster that the asked one serves.
    pub worker: WorkerId,
    /// The newest finalised block of the Phat chain that it knows of.
    pub block: u64,
    /// The block of the target chain from which on its own outcome has read state: one
    /// that has read older state is made again.
    pub state_block: u64,
    /// The sr25519 signature of the question by its identity key, 64 bytes.
    pub signature: HexBytes,
}

/// `POST /v1/contracts/{id}/requests/{request}/aggregate`: outputs that may differ, for the
/// asked worker to merge them too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AggregateBody {
    /// The worker that asks: of the cluster that the asked one serves.
    pub worker: WorkerId,
    /// The newest finalised block of the Phat chain that it knows of.
    pub block: u64,
    /// The block of the target chain at which all of the runs have read state.
    pub state_block: u64,
    /// The outputs with their workers' signatures, SCALE-encoded, in the order of their
    /// workers. That of the asked worker is among them.
    pub outputs: Vec<HexBytes>,
    /// The sr25519 signature of all that by its identity key, 64 bytes.
    pub signature: HexBytes,
}

/// What the asked worker signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignaturesAnswer {
    /// The worker that answers.
    pub worker: WorkerId,
    /// Its outcome with its signatures, or its output where outputs may differ,
    /// SCALE-encoded.
    pub outcome: HexBytes,
}
