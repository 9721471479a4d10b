//! The contract's own keys and secrets.
//!
//! The keys are the same on every worker of the contract's cluster, and no other
//! contract or cluster has them. None of them is the key that signs the contract's
//! outcomes.

use thiserror::Error;

use crate::platform;

/// A kind of signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// ECDSA over secp256k1. Signs a hash of 32 bytes; the signature is r, s and the
    /// recovery id, 0 or 1: 65 bytes. The public key is SEC1, 33 bytes.
    Secp256k1,
    /// Ed25519 (RFC 8032). 64 bytes; the public key has 32.
    Ed25519,
    /// Schnorr over ristretto255 with the context `substrate`. 64 bytes; the public key
    /// has 32.
    Sr25519,
}

/// What the verifiable random function gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VrfOutput {
    /// 32 bytes that nobody could know before, and the contract cannot choose.
    pub output: [u8; 32],
    /// What shows it: the sr25519 pre-output and its proof.
    pub proof: [u8; 96],
}

/// A message that a scheme does not sign.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct SignError(pub String);

/// The contract's public key of a scheme.
pub fn public_key(scheme: Scheme) -> Vec<u8> {
    platform::public_key(scheme)
}

/// Signs a message of at most 1 MiB; for secp256k1, a hash.
pub fn sign(scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
    platform::sign(scheme, message).map_err(SignError)
}

/// The verifiable random function of the contract's sr25519 key, on an input of at most
/// 1 MiB.
pub fn vrf(input: &[u8]) -> VrfOutput {
    platform::vrf(input)
}

/// A secret for this salt and code, which only this code of this contract gets. The
/// salt has at most 1024 bytes.
pub fn derive(salt: &[u8]) -> [u8; 32] {
    platform::derive(salt)
}

/// A secret that the contract's owner has set; none if there is none of that name. The
/// name has at most 64 bytes.
pub fn secret(name: &str) -> Option<Vec<u8>> {
    platform::secret(name)
}
