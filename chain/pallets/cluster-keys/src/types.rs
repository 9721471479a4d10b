//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use phat_primitives::{ClusterKey, WorkerId};
use scale_info::TypeInfo;

/// A published key of a cluster.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct KeyInfo<BlockNumber> {
    /// The key.
    pub key: ClusterKey,
    /// The worker that made it. It may have left since.
    pub worker: WorkerId,
    /// The block that published it.
    pub published_at: BlockNumber,
}

/// The key that signs a contract's outcomes.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct AttestorInfo {
    /// The key: secp256k1, SEC1 compressed.
    pub public_key: [u8; 33],
    /// The generation of the cluster's key that vouches for it.
    pub generation: u32,
}
