//! How a worker proves to the chain that it holds the key it registers.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{AccountBytes, EncryptionKey, WorkerId};

/// Separates the signature of a registration from every other signature.
const REGISTRATION_DOMAIN: &[u8] = b"phat/register/1";

/// What vouches for the software and hardware that a worker runs on.
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
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
pub enum Attestation {
    /// Nothing: the operator's word alone. Networks that require attestation
    /// refuse such a worker.
    #[default]
    None,
}

/// What a worker signs with its identity key to be registered.
///
/// It binds the chain and the operator, so that a registration seen on one
/// chain cannot be repeated on another, or by someone else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration<'a> {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The account that answers for the worker and pays its deposit.
    pub operator: AccountBytes,
    /// The worker's identity.
    pub worker: WorkerId,
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The URL of the worker's HTTP API, UTF-8.
    pub endpoint: &'a [u8],
    /// What vouches for the worker.
    pub attestation: Attestation,
}

impl Registration<'_> {
    /// The bytes to sign: the SCALE encoding of the fields behind a domain.
    pub fn signing_payload(&self) -> Vec<u8> {
        (
            REGISTRATION_DOMAIN,
            self.genesis_hash,
            self.operator,
            self.worker,
            self.encryption_key,
            self.endpoint,
            self.attestation,
        )
            .encode()
    }
}
