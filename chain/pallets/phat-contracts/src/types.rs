//! What the pallet stores, and the trait it answers other pallets with.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, pallet_prelude::ConstU32};
use phat_primitives::{ClusterId, CodeHash, ContractId, WorkerId, limits::MANIFEST_BYTES_MAX};
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

/// Answers which workers serve which contracts, for the pallets that judge what workers do.
pub trait ClusterLookup {
    /// The cluster that serves `contract`, and the code that it runs, or `None` when there is no
    /// such contract.
    fn contract(contract: &ContractId) -> Option<(ClusterId, CodeHash)>;

    /// The most workers a cluster may have.
    fn members_max() -> u32;

    /// How many workers `cluster` has, active or not.
    fn members_count(cluster: ClusterId) -> u32;

    /// The workers of `cluster` that are active now, in ascending order.
    fn active_members(cluster: ClusterId) -> Vec<WorkerId>;

    /// Makes a contract with this code in a cluster of these workers, whatever that takes.
    #[cfg(feature = "runtime-benchmarks")]
    fn serve_for_benchmark(contract: ContractId, code_hash: CodeHash, members: Vec<WorkerId>);
}
