//! Receipts with their data, from files and from workers.

use std::{
    fmt,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use phat_primitives::ReceiptHash;
use phat_receipt::{Origin, Receipt, RunResult};
use phat_worker_client::{ReceiptBundle, WorkerClient, decimal};

use crate::bundle::Bundle;

/// The longest file that is read.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Where a receipt is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptSource {
    /// At a worker.
    Hash(ReceiptHash),
    /// In a file.
    File(PathBuf),
}

impl std::str::FromStr for ReceiptSource {
    type Err = std::convert::Infallible;

    /// 64 hexadecimal digits are a hash, everything else is a file.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text
            .parse()
            .map_or_else(|_| Self::File(text.into()), Self::Hash))
    }
}

/// A receipt, and the data of its run where they are at hand.
#[derive(Clone, Debug)]
pub struct ReceiptFile {
    /// The receipt.
    pub receipt: Receipt,
    /// Input, output and transcript.
    pub data: Option<RunData>,
}

/// What a run was given and gave.
#[derive(Clone, Debug)]
pub struct RunData {
    /// The input.
    pub input: Vec<u8>,
    /// The output, or the failure's text.
    pub output: Vec<u8>,
    /// The encoded transcript.
    pub transcript: Vec<u8>,
}

impl ReceiptFile {
    /// Gets a receipt from where it is.
    pub async fn load(source: &ReceiptSource, worker: &url::Url) -> Result<Self> {
        match source {
            ReceiptSource::File(path) => Self::read(path),
            ReceiptSource::Hash(hash) => {
                let client = WorkerClient::new(worker.as_str())?;
                Ok(fetch(&client, *hash).await?.into())
            }
        }
    }

    /// Reads what `phat receipt get` or `phat receipt bundle` wrote, or a receipt alone.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = read_file(path)?;
        Self::parse(&bytes).with_context(|| format!("{}", path.display()))
    }

    fn parse(json: &[u8]) -> Result<Self> {
        let value: serde_json::Value =
            serde_json::from_slice(json).context("the file is not JSON")?;
        if let Some(bundle) = Bundle::parse(json)? {
            return Ok(bundle.into());
        }
        if value.get("body").is_some() {
            return Ok(Self {
                receipt: serde_json::from_value(value).context("the receipt is malformed")?,
                data: None,
            });
        }
        if value.get("receipt").is_none() {
            bail!("there is no receipt in this file: give one that `phat receipt get --out` wrote");
        }
        let bundle: ReceiptBundle =
            serde_json::from_value(value).context("the receipt is malformed")?;
        Ok(bundle.into())
    }
}

impl From<ReceiptBundle> for ReceiptFile {
    fn from(bundle: ReceiptBundle) -> Self {
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

/// Reads a file of JSON.
pub fn read_file(path: &Path) -> Result<Vec<u8>> {
    let at = || format!("{}", path.display());
    let mut bytes = Vec::new();
    File::open(path)
        .with_context(at)?
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .with_context(at)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        bail!("{} has more than {FILE_BYTES_MAX} bytes", path.display());
    }
    Ok(bytes)
}

/// Gets a receipt from a worker, and makes sure that it is the one asked for.
pub async fn fetch(client: &WorkerClient, hash: ReceiptHash) -> Result<ReceiptBundle> {
    let bundle = client.receipt(hash).await?;
    let actual = bundle.receipt.hash();
    if actual != hash {
        bail!("the worker was asked for the receipt {hash} and gave {actual}");
    }
    Ok(bundle)
}

/// A receipt's content for people.
pub struct Summary<'a>(pub &'a Receipt);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = &self.0.body;
        let result = match body.result {
            RunResult::Succeeded => "succeeded",
            RunResult::Failed => "failed",
        };
        writeln!(f, "receipt     {}", self.0.hash())?;
        writeln!(f, "contract    {}", body.contract)?;
        writeln!(f, "code        {}", body.code_hash)?;
        writeln!(f, "worker      {}", body.worker)?;
        writeln!(f, "request     {}", body.request)?;
        match &body.origin {
            Origin::Http => writeln!(f, "origin      a call over HTTP")?,
            Origin::Trigger { name } => writeln!(f, "origin      the trigger {name}")?,
            Origin::Anchor {
                chain,
                anchor,
                number,
                block,
            } => writeln!(
                f,
                "origin      request {} at 0x{} on {chain}, block {block}",
                decimal(number),
                hex::encode(anchor)
            )?,
        }
        writeln!(f, "result      {result}")?;
        writeln!(f, "fuel        {}", body.fuel_used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_files_are_told_apart() {
        let source = |text: &str| text.parse::<ReceiptSource>().unwrap();
        assert_eq!(
            source(&"ab".repeat(32)),
            ReceiptSource::Hash(ReceiptHash([0xab; 32]))
        );
        assert_eq!(
            source("receipt.json"),
            ReceiptSource::File("receipt.json".into())
        );
        assert_eq!(source("0xab"), ReceiptSource::File("0xab".into()));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        for (json, expected) in [
            ("", "not JSON"),
            ("{}", "phat receipt get --out"),
            (r#"{"receipt":{}}"#, "missing field"),
            (r#"{"body":{}}"#, "the receipt is malformed"),
        ] {
            let error = format!("{:#}", ReceiptFile::parse(json.as_bytes()).unwrap_err());
            assert!(
                error.contains(expected),
                "{error} does not say {expected:?}"
            );
        }
        let error = ReceiptFile::read(Path::new("missing.json")).unwrap_err();
        assert!(error.to_string().contains("missing.json"), "{error}");
    }
}
