//! Receipt bundles: a receipt with all that it takes to check it without asking anyone.
//!
//! The format is in `docs/receipt-bundle-1.md`.

mod settlement;
mod state;
mod verify;

use std::path::Path;

use anyhow::{Context, Result, bail};
use phat_chain_proof::ChainProof;
use phat_primitives::blake2_256;
use phat_receipt::Receipt;
use phat_worker_client::HexBytes;
use serde::{Deserialize, Serialize};

pub use self::{
    settlement::Settlement,
    state::{State, keys},
    verify::{Proven, verify},
};
use crate::receipt_file::{ReceiptFile, RunData, read_file};

/// What the format is called.
pub const FORMAT: &str = "phat/receipt-bundle/1";

/// How the names of all versions of the format begin.
const FORMAT_PREFIX: &str = "phat/receipt-bundle/";

/// The text that says what the format is.
const SPECIFICATION: &[u8] = include_bytes!("../../../../docs/receipt-bundle-1.md");

/// A receipt with all that it takes to check it without asking anyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`FORMAT`].
    pub format: String,
    /// The [`conformance`] of whoever made it.
    pub conformance: HexBytes,
    /// The receipt.
    pub receipt: Receipt,
    /// The input of the run.
    pub input: HexBytes,
    /// The output, or the failure's text.
    pub output: HexBytes,
    /// The encoded transcript.
    pub transcript: HexBytes,
    /// What the chain knew of worker and contract.
    pub chain: ChainProof,
    /// Where the request was settled.
    pub anchor: Option<Settlement>,
}

/// The part of a file that tells what it is.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
}

/// BLAKE2b-256 of the text that says what the format is: two that have the same agree on it.
pub fn conformance() -> [u8; 32] {
    blake2_256(SPECIFICATION)
}

impl Bundle {
    /// Whether these bytes claim to be a bundle, of whatever version.
    pub fn is_one(json: &[u8]) -> bool {
        claimed_format(json).is_some()
    }

    /// The bundle that these bytes are, or `None` if they do not claim to be one.
    pub fn parse(json: &[u8]) -> Result<Option<Self>> {
        let Some(format) = claimed_format(json) else {
            return Ok(None);
        };
        if format != FORMAT {
            bail!("the bundle has the format {format:?}, and this release reads {FORMAT:?}");
        }
        let bundle = serde_json::from_slice(json).context("the bundle is malformed")?;
        Ok(Some(bundle))
    }

    /// Reads a bundle from a file.
    pub fn read(path: &Path) -> Result<Self> {
        let at = || format!("{}", path.display());
        let bundle = Self::parse(&read_file(path)?).with_context(at)?;
        bundle.with_context(|| format!("{} is no receipt bundle", path.display()))
    }
}

/// The format's name, if these bytes claim to be a bundle. What is no JSON is for others to tell.
fn claimed_format(json: &[u8]) -> Option<String> {
    let head = serde_json::from_slice::<Head>(json).ok()?;
    head.format
        .filter(|format| format.starts_with(FORMAT_PREFIX))
}

impl From<Bundle> for ReceiptFile {
    fn from(bundle: Bundle) -> Self {
        Self {
            receipt: bundle.receipt,
            data: Some(RunData {
                input: bundle.input.0,
                output: bundle.output.0,
                transcript: bundle.transcript.0,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
