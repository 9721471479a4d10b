//! The key of a worker's cluster, and how one worker hands it to another.

use phat_primitives::{EncryptionKey, WorkerId};
use serde::{Deserialize, Serialize};

use crate::HexBytes;

/// The longest body of a question for a cluster's key.
pub const CLUSTER_KEY_BODY_BYTES_MAX: usize = 1024;
/// The longest answer to it.
pub const CLUSTER_KEY_ANSWER_BYTES_MAX: usize = 4096;

/// `POST /v1/cluster/key`: which key, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterKeyBody {
    /// The worker that is to have the key.
    pub worker: WorkerId,
    /// The generation of the key.
    pub generation: u32,
    /// That it is that worker which asks, if it is. Then its question does not wait behind those of
    /// others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<SignedQuestion>,
}

/// A worker's signature of its own question for a cluster's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedQuestion {
    /// The newest finalised block that the worker knows of.
    pub block: u64,
    /// The sr25519 signature by its identity key of
    /// [`phat_primitives::cluster_key::ClusterKeyQuestion`], 64 bytes.
    pub signature: HexBytes,
}

/// `POST /v1/cluster/key`: the key's secret, for that worker alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterKeyAnswer {
    /// The worker that gives it.
    pub giver: WorkerId,
    /// The secret, encrypted to the key with which the chain knows the other worker.
    pub sealed: HexBytes,
}

/// The newest key of its cluster that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterKeyInfo {
    /// Which of the cluster's keys it is, counted from 0.
    pub generation: u32,
    /// The X25519 key that calls and secrets for the cluster are encrypted to.
    pub encryption_key: EncryptionKey,
    /// The sr25519 key that the cluster signs for itself with.
    pub signing_key: HexBytes,
}
