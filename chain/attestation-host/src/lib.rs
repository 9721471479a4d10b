//! The host function that verifies attestations for the chain's runtime.
//!
//! A quote cannot be verified in the runtime's Wasm: the verifying library is not made for it, and
//! native code is many times as fast. So the runtime asks the node, as it does for its other heavy
//! cryptography. The answer depends on the arguments alone: nothing is fetched, no clock is read,
//! and a panic of the library is a refusal like any other.
//!
//! # Versions
//!
//! All nodes must come to the same answer, those that have not been upgraded yet and those that
//! replay old blocks included: the reason of a refusal is in the state too. So what a version
//! answers never changes. When the verifying crates change in what they accept or answer, whether
//! by our own hand or by an upgrade of `dcap-qvl`, or of a crate whose texts it passes on and
//! `phat-attestation` reads, the old behaviour stays as it is, and the new one becomes the next
//! version here, first with `register_only`, so that every node has it before a runtime calls it.

#![cfg_attr(substrate_runtime, no_std)]

extern crate alloc;

#[cfg(not(substrate_runtime))]
mod native;

use alloc::{vec, vec::Vec};

use codec::{Decode, MaxEncodedLen};
use phat_primitives::attestation::{Attested, Refusal};
use sp_runtime_interface::{
    pass_by::{PassFatPointerAndDecodeSlice, PassFatPointerAndRead, PassFatPointerAndWrite},
    runtime_interface,
};

/// What a node needs so that it can run the runtime.
#[cfg(not(substrate_runtime))]
pub use attestation::HostFunctions;

/// What is answered.
type Answer = Result<Attested, Refusal>;

/// Verifies `quote` with `collateral`, the SCALE encoding of `dcap_qvl::QuoteCollateralV3`,
/// against `roots`, certificates in DER, as it is at the time `at_s`, in seconds since 1970.
///
/// This is what a runtime calls; the module [`attestation`] is how it gets to the node.
pub fn verify(
    quote: &[u8],
    collateral: &[u8],
    roots: &[Vec<u8>],
    at_s: u64,
) -> Result<Attested, Refusal> {
    let mut answer = vec![0u8; Answer::max_encoded_len()];
    attestation::verify(quote, collateral, roots, at_s, &mut answer);
    // A node whose answer cannot be read has not verified anything.
    Answer::decode(&mut &answer[..]).unwrap_or(Err(Refusal::Invalid))
}

/// How the runtime calls the node.
#[runtime_interface]
pub trait Attestation {
    /// See [`verify`](crate::verify). The SCALE encoding of the answer is written to `answer`,
    /// which has room for the longest.
    #[version(1)]
    fn verify(
        quote: PassFatPointerAndRead<&[u8]>,
        collateral: PassFatPointerAndRead<&[u8]>,
        roots: PassFatPointerAndDecodeSlice<&[Vec<u8>]>,
        at_s: u64,
        answer: PassFatPointerAndWrite<&mut [u8]>,
    ) {
        native::write(&native::verify(quote, collateral, roots, at_s), answer);
    }
}

#[cfg(test)]
mod tests;
