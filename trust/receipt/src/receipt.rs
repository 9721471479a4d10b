//! The receipt's fields, its hash and its signature.

use codec::{Decode, Encode};
use phat_primitives::{CodeHash, ContractId, ReceiptHash, RequestId, WorkerId, blake2_256};
use schnorrkel::{Keypair, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Separates signatures of receipts from all others of the same key.
const SIGNING_CONTEXT: &[u8] = b"phat/receipt/1";

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
    /// Its sr25519 signature over the body's hash.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
}

/// What a worker says about a run.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptBody {
    /// The Phat chain: the hash of its first block.
    #[serde(with = "hex_bytes")]
    pub genesis_hash: [u8; 32],
    /// The worker that ran it.
    pub worker: WorkerId,
    /// The contract that was run.
    pub contract: ContractId,
    /// Its code.
    pub code_hash: CodeHash,
    /// The engine: its build, so that a replay knows whether it can be exact.
    #[serde(with = "hex_bytes")]
    pub engine_hash: [u8; 32],
    /// The request, unique over all chains and callers.
    pub request: RequestId,
    /// Where the request came from.
    pub origin: Origin,
    /// BLAKE2b-256 of the input.
    #[serde(with = "hex_bytes")]
    pub input_hash: [u8; 32],
    /// Whether the run succeeded.
    pub result: RunResult,
    /// BLAKE2b-256 of the output, or of the failure's text.
    #[serde(with = "hex_bytes")]
    pub output_hash: [u8; 32],
    /// The root of the transcript of all host calls.
    #[serde(with = "hex_bytes")]
    pub transcript_root: [u8; 32],
    /// Fuel the run used.
    pub fuel_used: u64,
    /// The worker's clock when the run ended, milliseconds since 1970. Only the
    /// worker's word.
    pub ended_at_ms: u64,
}

/// Where a request came from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// A call over HTTP.
    Http,
    /// A request at an anchor.
    Anchor {
        /// The chain as CAIP-2 has it, such as `eip155:1`.
        chain: String,
        /// The anchor's address.
        #[serde(with = "hex_vec")]
        anchor: Vec<u8>,
        /// The request's number at the anchor, 256 bits, big-endian.
        #[serde(with = "hex_bytes")]
        number: [u8; 32],
        /// The block whose state the run read.
        block: u64,
    },
}

impl Origin {
    /// Who asked, as the chain writes its addresses; empty for a call over HTTP.
    pub fn caller(&self) -> String {
        match self {
            Self::Http => String::new(),
            Self::Anchor { anchor, .. } => format!("0x{}", hex::encode(anchor)),
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunResult {
    /// With an output.
    Succeeded,
    /// With a failure, whose text takes the output's place.
    Failed,
}

impl ReceiptBody {
    /// The hash that is signed and by which the receipt is found.
    pub fn hash(&self) -> ReceiptHash {
        ReceiptHash(blake2_256(&self.encode()))
    }

    /// Signs with the worker's identity key.
    pub fn sign(self, identity: &Keypair) -> Receipt {
        let signature = identity
            .sign_simple(SIGNING_CONTEXT, self.hash().as_ref())
            .to_bytes();
        Receipt {
            body: self,
            signature,
        }
    }
}

impl Receipt {
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
        key.verify_simple(SIGNING_CONTEXT, self.hash().as_ref(), &signature)
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

/// Byte arrays as `0x…` in JSON.
mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<const N: usize, S: Serializer>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        super::hex_vec::serialize(bytes, serializer)
    }

    pub fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(&text), &mut bytes)
            .map_err(|_| D::Error::custom(format!("expected 0x and {} digits", 2 * N)))?;
        Ok(bytes)
    }
}

/// Byte strings as `0x…` in JSON.
mod hex_vec {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(text.strip_prefix("0x").unwrap_or(&text)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
