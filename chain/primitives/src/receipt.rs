//! The receipt of a run: what was run, on what, with what result.

use alloc::{format, string::String, vec::Vec};

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{CodeHash, ContractId, ReceiptHash, RequestId, WorkerId, blake2_256};

/// Separates signatures of receipts from all others of the same key.
const RECEIPT_DOMAIN: &[u8; 14] = b"phat/receipt/1";

/// What a worker says about a run.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(deny_unknown_fields))]
pub struct ReceiptBody {
    /// The Phat chain: the hash of its first block.
    #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes"))]
    pub genesis_hash: [u8; 32],
    /// The worker that ran it.
    pub worker: WorkerId,
    /// The contract that was run.
    pub contract: ContractId,
    /// Its code.
    pub code_hash: CodeHash,
    /// The engine: its build, so that a replay knows whether it can be exact.
    #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes"))]
    pub engine_hash: [u8; 32],
    /// The request, unique over all chains and callers.
    pub request: RequestId,
    /// Where the request came from.
    pub origin: Origin,
    /// BLAKE2b-256 of the input.
    #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes"))]
    pub input_hash: [u8; 32],
    /// Whether the run succeeded.
    pub result: RunResult,
    /// BLAKE2b-256 of the output, or of the failure's text.
    #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes"))]
    pub output_hash: [u8; 32],
    /// The root of the transcript of all host calls.
    #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes"))]
    pub transcript_root: [u8; 32],
    /// Fuel the run used.
    pub fuel_used: u64,
    /// The worker's clock when the run ended, milliseconds since 1970. Only the
    /// worker's word.
    pub ended_at_ms: u64,
}

/// Where a request came from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "std",
    serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)
)]
pub enum Origin {
    /// A call over HTTP.
    Http,
    /// A request at an anchor.
    Anchor {
        /// The chain as CAIP-2 has it, such as `eip155:1`.
        chain: String,
        /// The anchor's address.
        #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes::string"))]
        anchor: Vec<u8>,
        /// The request's number at the anchor, 256 bits, big-endian.
        #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes"))]
        number: [u8; 32],
        /// The block whose state the run read.
        block: u64,
    },
    /// A trigger that fired, whose outcome no anchor takes.
    Trigger {
        /// The trigger's name in the manifest.
        name: String,
    },
}

/// How a run ended.
#[derive(
    Clone,
    Copy,
    Debug,
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
pub enum RunResult {
    /// With an output.
    Succeeded,
    /// With a failure, whose text takes the output's place.
    Failed,
}

impl Origin {
    /// Who asked, as the chain writes its addresses; empty for a call over HTTP.
    pub fn caller(&self) -> String {
        match self {
            Self::Http => String::new(),
            Self::Anchor { anchor, .. } => {
                let digits: String = anchor.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("0x{digits}")
            }
            Self::Trigger { name } => format!("trigger:{name}"),
        }
    }
}

impl ReceiptBody {
    /// The hash by which the receipt is found.
    pub fn hash(&self) -> ReceiptHash {
        ReceiptHash(blake2_256(&self.encode()))
    }

    /// The bytes that the worker signs.
    pub fn signing_payload(&self) -> Vec<u8> {
        receipt_signing_payload(&self.hash())
    }
}

/// The bytes that a worker signs of a receipt with this hash: the domain, then the hash. The
/// signature is sr25519 in the context `substrate`, which is the one that Substrate chains and
/// their wallets verify.
pub fn receipt_signing_payload(hash: &ReceiptHash) -> Vec<u8> {
    [RECEIPT_DOMAIN.as_slice(), hash.as_ref()].concat()
}
