//! How the workers of a cluster exchange the outcomes that several of them sign.

use phat_primitives::WorkerId;
use serde::{Deserialize, Serialize};

use crate::HexBytes;

/// The longest body of a question for an outcome.
pub const SIGNATURES_BODY_BYTES_MAX: usize = 1024;
/// The longest answer to it: twice the digits of the largest outcome that an anchor's
/// transaction carries.
pub const SIGNATURES_ANSWER_BYTES_MAX: usize = 1024 * 1024;

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

/// What the asked worker signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignaturesAnswer {
    /// The worker that answers.
    pub worker: WorkerId,
    /// Its outcome with its signatures, SCALE-encoded.
    pub outcome: HexBytes,
}
