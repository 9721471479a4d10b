//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, pallet_prelude::ConstU32};
use phat_primitives::{ClusterId, CodeHash, limits::MANIFEST_BYTES_MAX};
use scale_info::TypeInfo;

/// A contract's manifest: the text of its `phat.toml`, as its owner gave it.
pub type Manifest = BoundedVec<u8, ConstU32<MANIFEST_BYTES_MAX>>;

/// A cluster.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct ClusterInfo {
    /// How many contracts the cluster serves.
    pub contracts: u32,
}

/// Uploaded code. Its bytes are the preimage of its hash.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CodeInfo<AccountId, Balance> {
    /// Who uploaded the code and may remove it.
    pub owner: AccountId,
    /// The code's length in bytes.
    pub len: u32,
    /// What is held of the owner's balance for the code.
    pub deposit: Balance,
    /// How many contracts run the code.
    pub contracts: u32,
}

/// A contract.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ContractInfo<AccountId, Balance> {
    /// Who created the contract, and may change and remove it.
    pub owner: AccountId,
    /// The cluster that serves the contract.
    pub cluster: ClusterId,
    /// The code that it runs.
    pub code_hash: CodeHash,
    /// Its manifest.
    pub manifest: Manifest,
    /// What is held of the owner's balance for the contract.
    pub deposit: Balance,
}
