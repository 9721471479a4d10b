//! How a worker proves to the chain that it holds the key it registers.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
    AccountBytes, EncryptionKey, WorkerId,
    attestation::{ConfidenceLevel, Measurement},
};

/// Separates the signature of a registration from every other signature.
const REGISTRATION_DOMAIN: &[u8] = b"phat/register/2";

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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[allow(
    clippy::large_enum_variant,
    reason = "where it counts, which is on the chain, none has one byte"
)]
pub enum Attestation {
    /// Nothing: the operator's word alone. Networks that require attestation
    /// refuse such a worker.
    #[default]
    None,
    /// A quote of Intel SGX or TDX, which the chain verified.
    Dcap {
        /// What runs there.
        measurement: Measurement,
        /// How far the platform was trusted when the quote was verified.
        confidence_level: ConfidenceLevel,
        /// When it ceases to vouch for the worker, in seconds since 1970.
        expires_at_s: u64,
    },
}

/// What a worker signs with its identity key to be registered.
///
/// It binds the chain and the operator, so that a registration seen on one
/// chain cannot be repeated on another, or by someone else. What vouches for the
/// worker is not in it: a quote binds chain, keys and operator by itself, see
/// [`ReportData`](crate::attestation::ReportData).
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
        )
            .encode()
    }
}
