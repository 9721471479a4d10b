//! Quotes of Intel SGX and TDX: asking the platform for one, and verifying it.
//!
//! A quote is verified with its collateral, which is what Intel publishes of the platform,
//! against root certificates that the verifier chose, at a time that it names. Nothing is
//! fetched, and the same bytes give the same answer everywhere, which a chain depends on.
//!
//! Worker and chain, command line and simulator use this one function, [`verify()`].

mod confidence;
mod error;
mod quoting;
mod verify;

pub use confidence::confidence_level;
pub use dcap_qvl::QuoteCollateralV3 as Collateral;
pub use error::AttestationError;
pub use phat_primitives::attestation::{ConfidenceLevel, INTEL_ROOT_CA, Measurement, Platform};
pub use quoting::{ConfigfsTsm, Gramine, QuoteError, Quoting};
pub use verify::{Verified, verify};
