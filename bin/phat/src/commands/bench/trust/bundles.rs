//! A bundle that is verified again and again.

use std::{collections::BTreeMap, path::Path, time::Instant};

use anyhow::{Context, Result, bail};
use phat_engine_bench::Samples;
use phat_primitives::WorkerId;
use serde_json::Value;

use super::figures::BundleFigures;
use crate::{
    bundle::{self, Bundle},
    receipt_file::read_file,
};

/// The part that is looked into: most bytes of a bundle are in it.
const CHAIN: &str = "chain";
/// What is between the parts, with the short texts that say what the file is.
const OTHER: &str = "other";

/// A bundle, and how long it takes to verify it.
pub struct Bundles {
    json: Vec<u8>,
    worker: WorkerId,
    genesis_hash: [u8; 32],
    times: Samples,
}

impl Bundles {
    /// Reads the bundle.
    pub fn read(path: &Path) -> Result<Self> {
        let json = read_file(path)?;
        let at = || format!("{}", path.display());
        let bundle = Bundle::parse(&json).with_context(at)?;
        let bundle = bundle.with_context(|| format!("{} is no receipt bundle", path.display()))?;
        let body = &bundle.receipt.body;
        Ok(Self {
            worker: body.worker,
            genesis_hash: body.genesis_hash,
            json,
            times: Samples::default(),
        })
    }

    /// The worker whose receipt it is.
    pub fn worker(&self) -> WorkerId {
        self.worker
    }

    /// Verifies it once more: from the file's bytes to all checks made.
    pub fn verify(&mut self) -> Result<()> {
        let start = Instant::now();
        let bundle = Bundle::parse(&self.json)?.context("the file is no bundle")?;
        let verification = bundle::verify(bundle, self.genesis_hash);
        self.times.push(start.elapsed());
        let failed = verification.checks.iter().find(|check| check.is_failed());
        match failed {
            Some(failed) => bail!(
                "the bundle does not hold: {}: {}; measure one that `phat verify` accepts",
                failed.name,
                failed.detail
            ),
            None => Ok(()),
        }
    }

    /// What was measured.
    pub fn figures(self) -> Result<BundleFigures> {
        let ms = |percent| self.times.percentile(percent).as_secs_f64() * 1e3;
        Ok(BundleFigures {
            bundle_bytes: self.json.len(),
            bundle_bytes_by_part: bytes_by_part(&self.json)?,
            bundle_verify_ms_p50: ms(50),
            bundle_verify_ms_p99: ms(99),
        })
    }
}

/// How many bytes of a bundle's JSON each of its parts has. They add up to all of them.
fn bytes_by_part(json: &[u8]) -> Result<BTreeMap<String, usize>> {
    let Value::Object(fields) = serde_json::from_slice(json)? else {
        bail!("a bundle is a JSON object");
    };
    let mut parts = BTreeMap::new();
    for (name, value) in &fields {
        match value {
            Value::Object(inner) if name == CHAIN => {
                for (name, value) in inner {
                    parts.insert(format!("{CHAIN}_{name}"), length(value)?);
                }
            }
            _ if name == "format" || name == "conformance" => {}
            _ => {
                parts.insert(name.clone(), length(value)?);
            }
        }
    }
    let named: usize = parts.values().sum();
    parts.insert(OTHER.into(), json.len().saturating_sub(named));
    Ok(parts)
}

/// The bytes that a value has as `phat receipt bundle` writes it.
fn length(value: &Value) -> Result<usize> {
    Ok(serde_json::to_vec(value)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_whole() {
        let json = br#"{"format":"f","input":"0x00","chain":{"block":{"a":1},"votes":[]}}"#;
        let parts = bytes_by_part(json).unwrap();
        let expected = [
            ("chain_block", 7),
            ("chain_votes", 2),
            ("input", 6),
            (OTHER, json.len() - 15),
        ];
        let expected = expected.map(|(name, bytes)| (name.to_owned(), bytes));
        assert_eq!(parts, BTreeMap::from(expected));
        assert!(bytes_by_part(b"[]").is_err());
    }
}
