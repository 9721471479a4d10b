//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, pallet_prelude::ConstU32};
use phat_primitives::{
    ClusterId, CodeHash,
    limits::{MANIFEST_BYTES_MAX, SECRET_NAME_BYTES_MAX, SECRET_SEALED_BYTES_MAX},
};
use scale_info::TypeInfo;

/// A contract's manifest: the text of its `phat.toml`, as its owner gave it.
pub type Manifest = BoundedVec<u8, ConstU32<MANIFEST_BYTES_MAX>>;

/// The name of a secret: as [`phat_primitives::secret::is_secret_name`] says.
pub type SecretName = BoundedVec<u8, ConstU32<SECRET_NAME_BYTES_MAX>>;

/// A secret as it is encrypted to a cluster's key.
pub type SealedSecret = BoundedVec<u8, ConstU32<SECRET_SEALED_BYTES_MAX>>;

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
    /// How many contracts run the code, with those of which something is kept after their removal.
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

/// What is kept of a removed contract.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RemovedContract<AccountId, Balance, BlockNumber> {
    /// Who owned it.
    pub owner: AccountId,
    /// The cluster that served it.
    pub cluster: ClusterId,
    /// The code that it ran.
    pub code_hash: CodeHash,
    /// What is still held of the owner's balance for it.
    pub deposit: Balance,
    /// The block from which on it may be let go.
    pub kept_until: BlockNumber,
    /// Its number among the removed contracts.
    pub number: u64,
}

/// The ends of a range of numbers.
#[derive(
    Clone,
    Copy,
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
pub struct Ends {
    /// The first that may still be in use.
    pub first: u64,
    /// The one that is given out next.
    pub next: u64,
}

/// A secret of a contract.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SecretInfo<Balance> {
    /// The generation of the cluster's key that it is sealed to.
    pub generation: u32,
    /// The secret, sealed.
    pub sealed: SealedSecret,
    /// What is held of the owner's balance for the secret.
    pub deposit: Balance,
}

/// What the secrets of a contract come to.
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
pub struct SecretsInfo<Balance, BlockNumber> {
    /// How many there are.
    pub count: u32,
    /// What is held of the owner's balance for all of them.
    pub deposit: Balance,
    /// The block that set or removed one last. At the end of two blocks in which this is the same,
    /// the secrets are the same.
    pub changed_at: BlockNumber,
}
