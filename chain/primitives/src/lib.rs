//! Types and limits that the chain and everything off chain share.
//!
//! The crate is `no_std` and depends on no pallet and no runtime, so the worker
//! can use it without linking the chain.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod anchor;
pub mod attestation;
pub mod challenges;
pub mod cluster_key;
pub mod heartbeat;
#[cfg(feature = "serde")]
pub mod hex_bytes;
mod ids;
pub mod limits;
pub mod receipt;
pub mod receipts;
mod registration;
pub mod secret;

pub use cluster_key::ClusterKey;
#[cfg(feature = "std")]
pub use ids::ParseIdError;
pub use ids::{
    AccountBytes, ClusterId, CodeHash, ContractId, EncryptionKey, ManifestHash, ReceiptHash,
    RequestId, WorkerId,
};
pub use registration::{Attestation, Registration};

/// BLAKE2b with a 256-bit digest, the hash that the chain uses throughout.
pub fn blake2_256(data: &[u8]) -> [u8; 32] {
    use blake2::{Blake2b, Digest, digest::consts::U32};
    Blake2b::<U32>::digest(data).into()
}

#[cfg(test)]
mod tests;
