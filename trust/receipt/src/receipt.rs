//! The receipt's signature, and whether data are those that it is about.

use codec::{Decode, Encode};
use phat_primitives::{ReceiptHash, WorkerId, blake2_256, hex_bytes, receipt::ReceiptBody};
use schnorrkel::{Keypair, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The context of sr25519 signatures that Substrate chains verify. What separates signatures of
/// receipts from others of the same key is in the bytes that are signed.
const SIGNING_CONTEXT: &[u8] = b"substrate";

/// A receipt that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// The worker's id is no sr25519 public key.
    #[error("the worker {0} is no sr25519 public key")]
    BadWorker(WorkerId),
    /// The signature is not 64 bytes of hexadecimal digits, or no sr25519 signature.
    #[error("the signature is malformed: it must be 64 bytes, an sr25519 signature")]
    BadSignature,
    /// The signature is not by the worker over this body.
    #[error("the signature does not match: the receipt was changed, or {0} did not sign it")]
    WrongSignature(WorkerId),
    /// The input or output at hand is not the one that was run.
    #[error("the {what} at hand hashes to 0x{actual}, the receipt says 0x{expected}")]
    HashMismatch {
        /// What was compared.
        what: &'static str,
        /// The hash in the receipt.
        expected: String,
        /// The hash of what is at hand.
        actual: String,
    },
}

/// A signed receipt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What the worker says.
    pub body: ReceiptBody,
    /// Its sr25519 signature over [`ReceiptBody::signing_payload`].
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
}

impl Receipt {
    /// Signs what a worker says of a run with the worker's identity key.
    pub fn sign(body: ReceiptBody, identity: &Keypair) -> Self {
        let signature = identity
            .sign_simple(SIGNING_CONTEXT, &body.signing_payload())
            .to_bytes();
        Self { body, signature }
    }

    /// The receipt's name.
    pub fn hash(&self) -> ReceiptHash {
        self.body.hash()
    }

    /// Checks that the worker named in the receipt signed it. Whether that worker
    /// is registered is for the caller to ask the chain.
    pub fn verify_signature(&self) -> Result<(), ReceiptError> {
        let worker = self.body.worker;
        let key = PublicKey::from_bytes(&worker.0).map_err(|_| ReceiptError::BadWorker(worker))?;
        let signature =
            Signature::from_bytes(&self.signature).map_err(|_| ReceiptError::BadSignature)?;
        key.verify_simple(SIGNING_CONTEXT, &self.body.signing_payload(), &signature)
            .map_err(|_| ReceiptError::WrongSignature(worker))
    }

    /// Checks that `input` is what was run.
    pub fn verify_input(&self, input: &[u8]) -> Result<(), ReceiptError> {
        compare("input", self.body.input_hash, blake2_256(input))
    }

    /// Checks that `output` is what came out.
    pub fn verify_output(&self, output: &[u8]) -> Result<(), ReceiptError> {
        compare("output", self.body.output_hash, blake2_256(output))
    }

    /// Checks that a transcript's root is the one signed.
    pub fn verify_transcript_root(&self, root: [u8; 32]) -> Result<(), ReceiptError> {
        compare("transcript", self.body.transcript_root, root)
    }
}

fn compare(what: &'static str, expected: [u8; 32], actual: [u8; 32]) -> Result<(), ReceiptError> {
    if expected == actual {
        return Ok(());
    }
    Err(ReceiptError::HashMismatch {
        what,
        expected: hex::encode(expected),
        actual: hex::encode(actual),
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
