//! `phat limits`: what a run may use and what the chain stores.

use std::fmt;

use anyhow::Result;
use clap::Args;
use phat_engine::limits::{TRANSCRIPT_BYTES_MAX, TRANSCRIPT_ENTRIES_MAX};
use phat_manifest::{LimitInfo, Limits};
use phat_primitives::limits::{CODE_BYTES_MAX, ENDPOINT_BYTES_MAX, MANIFEST_BYTES_MAX};
use serde::Serialize;

use crate::output::{Output, Verdict};

/// Show every limit with its default and its maximum.
///
/// A manifest sets the limits of a run in its table `limits`, from 1 to the maximum.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat limits --json")]
pub struct Options {}

/// The limits of a run and of what is stored.
#[derive(Debug, Serialize)]
struct LimitTable {
    run: &'static [LimitInfo],
    transcript: [FixedLimit; 2],
    stored: [FixedLimit; 3],
}

/// A bound that no manifest changes.
#[derive(Debug, Serialize)]
struct FixedLimit {
    name: &'static str,
    description: &'static str,
    unit: &'static str,
    max: u64,
}

/// Runs the command.
pub fn run(_: Options, output: &mut Output<'_>) -> Result<Verdict> {
    output.emit(&table())?;
    Ok(Verdict::Done)
}

fn table() -> LimitTable {
    let fixed = |name, description, unit, max| FixedLimit {
        name,
        description,
        unit,
        max,
    };
    let stored = |name, description, max| fixed(name, description, "bytes", u64::from(max));
    LimitTable {
        run: Limits::TABLE,
        transcript: [
            fixed(
                "transcript_entries",
                "Host calls of the run.",
                "entries",
                TRANSCRIPT_ENTRIES_MAX,
            ),
            fixed(
                "transcript_bytes",
                "Host calls of the run with their answers.",
                "bytes",
                TRANSCRIPT_BYTES_MAX,
            ),
        ],
        stored: [
            stored("code_bytes", "The code of a contract.", CODE_BYTES_MAX),
            stored(
                "manifest_bytes",
                "The manifest of a contract.",
                MANIFEST_BYTES_MAX,
            ),
            stored(
                "endpoint_bytes",
                "The URL of a worker's HTTP API.",
                ENDPOINT_BYTES_MAX,
            ),
        ],
    }
}

impl fmt::Display for LimitTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<26}{:>16}{:>19}  unit", "A run", "default", "max")?;
        for row in self.run {
            writeln!(
                f,
                "{:<26}{:>16}{:>19}  {:<14}{}",
                row.name, row.default, row.max, row.unit, row.description
            )?;
        }
        writeln!(f, "\nA run, whatever its manifest says")?;
        for row in &self.transcript {
            write!(f, "{row}")?;
        }
        writeln!(f, "\nOn the chain")?;
        for row in &self.stored {
            write!(f, "{row}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FixedLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<26}{:>16}{:>19}  {:<14}{}",
            self.name, "", self.max, self.unit, self.description
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_shown_in_both_forms() {
        let table = table();
        let text = table.to_string();
        for name in Limits::TABLE
            .iter()
            .map(|row| row.name)
            .chain(["transcript_entries", "transcript_bytes"])
            .chain(["code_bytes", "manifest_bytes", "endpoint_bytes"])
        {
            assert!(text.contains(name), "{name} is missing in\n{text}");
        }
        assert!(
            text.contains(
                "time_ms                             900000            3600000  milliseconds  Time"
            ),
            "{text}"
        );

        let json = serde_json::to_value(&table).unwrap();
        assert_eq!(json["run"].as_array().unwrap().len(), Limits::TABLE.len());
        assert_eq!(json["stored"][0]["max"], 2 * 1024 * 1024);
    }
}
