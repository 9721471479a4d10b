//! The receipt of a run: what was run, on what, with what result, signed.
//!
//! A worker signs `phat/receipt/1` and the BLAKE2b-256 hash of the SCALE-encoded
//! [`ReceiptBody`] with its sr25519 identity key, in the context in which Substrate
//! chains verify signatures. Anyone who knows the worker's registration can check
//! the signature; anyone who has the transcript can run the code again and must
//! get the hashes that the receipt names.

mod receipt;

pub use phat_primitives::receipt::{Origin, ReceiptBody, RunResult};
pub use receipt::{Receipt, ReceiptError};
