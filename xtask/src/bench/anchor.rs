//! Measuring what anchors cost, and how fast workers settle.

use std::{fmt::Write, process::Command};

use anyhow::Context;
use serde_json::{Value, json};

use super::{
    document::{Place, print, processor},
    programs::{self, DEV},
};
use crate::process::{built, output, root, say};

/// The EVM node, which is put there by npm.
const ANVIL: &str = "contracts/evm/node_modules/.bin/anvil";
/// Where the tables are.
const PLACE: Place = Place("<!-- written by cargo xtask bench anchor --write -->");

#[derive(clap::Args)]
pub struct Options {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Put the tables into docs/performance.md.
    #[arg(long)]
    write: bool,
    /// Requests that are made at once, with each number of workers.
    #[arg(long, value_name = "N", default_value_t = 300,
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    requests: u32,
    /// The profile to build the command line and the worker with. Users have builds of the
    /// default one; `dev` is there sooner, and says little about workers. The node is built as
    /// for tests.
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
}

/// A row of the table of gas: what it is, and where its figures are in the JSON.
struct Row {
    what: &'static str,
    lean: Option<&'static str>,
    legacy: Option<&'static str>,
}

const ROWS: &[Row] = &[
    Row {
        what: "Request",
        lean: Some("request"),
        legacy: Some("request"),
    },
    Row {
        what: "Settlement, paid for by a relay account",
        lean: Some("settle"),
        legacy: Some("settle"),
    },
    Row {
        what: "Settlement, sent by the attestor itself",
        lean: None,
        legacy: Some("settle_direct"),
    },
    Row {
        what: "Settlement in a batch of 4, each",
        lean: Some("settle_batch_4_each"),
        legacy: None,
    },
    Row {
        what: "Settlement in a batch of 16, each",
        lean: Some("settle_batch_16_each"),
        legacy: None,
    },
    Row {
        what: "Settlement in a batch of 64, each",
        lean: Some("settle_batch_64_each"),
        legacy: None,
    },
];

/// What is to be reached at the lean anchor: the figure, what it is, and the most gas.
const GOALS: &[(&str, &str, u64)] = &[
    ("request", "Request", 80_000),
    ("settle", "Settlement", 50_000),
    (
        "settle_batch_16_each",
        "Settlement in a batch of 16, each",
        27_000,
    ),
];

pub fn run(options: &Options) -> anyhow::Result<()> {
    say("Building; the first time takes a while.");
    programs::of_tests()?;
    programs::measured(&options.profile)?;
    let mut bench = Command::new(built(&options.profile, "phat"));
    bench
        .args(["bench", "anchor", "--json"])
        .args(["--requests", &options.requests.to_string()])
        .arg("--anvil-bin")
        .arg(root().join(ANVIL))
        .arg("--node-bin")
        .arg(built(DEV, "phat-node"))
        .arg("--worker-bin")
        .arg(built(&options.profile, "phat-worker"));
    let printed = output(bench)?;
    let mut found: Value = serde_json::from_str(&printed)
        .with_context(|| format!("phat bench anchor printed {printed}"))?;
    let text = markdown(&found, &options.profile, &processor())?;
    if options.write {
        PLACE.write(&text)?;
    }
    if !options.json {
        return print(&text);
    }
    found["goals"] = goals(&found)?;
    found["profile"] = options.profile.clone().into();
    found["processor"] = processor().into();
    print(&found.to_string())
}

/// The goals with what was found.
fn goals(found: &Value) -> anyhow::Result<Value> {
    let goals = GOALS.iter().map(|(figure, _, most)| {
        let gas = gas(found, "lean", figure)?;
        Ok(json!({ "figure": figure, "found": gas, "at_most": most, "met": gas <= *most }))
    });
    goals.collect()
}

fn markdown(found: &Value, profile: &str, processor: &str) -> anyhow::Result<String> {
    let mut text = String::from("| gas | lean anchor | older interface | |\n|---|--:|--:|--:|\n");
    for Row { what, lean, legacy } in ROWS {
        let of = |anchor, figure: &Option<&str>| {
            let gas = figure.map(|figure| gas(found, anchor, figure));
            gas.transpose()
        };
        let (lean, legacy) = (of("lean", lean)?, of("legacy", legacy)?);
        let part = match (lean, legacy) {
            (Some(lean), Some(legacy)) => format!("{:.0} %", percent(lean, legacy)),
            _ => String::new(),
        };
        let [lean, legacy] = [lean, legacy].map(|gas| gas.map(grouped).unwrap_or_default());
        writeln!(text, "| {what} | {lean} | {legacy} | {part} |")?;
    }
    text.push_str("\n| goal | bound | found | |\n|---|--:|--:|---|\n");
    for (figure, what, most) in GOALS {
        let gas = gas(found, "lean", figure)?;
        let word = if gas <= *most { "met" } else { "missed" };
        let (most, gas) = (grouped(*most), grouped(gas));
        writeln!(text, "| {what} | ≤ {most} | {gas} | {word} |")?;
    }
    writeln!(
        text,
        "\n| | |\n|---|--:|\n\
         | Blocks from a request to its settlement, median | {} |\n\
         | Settled by one worker | {:.1} a second |\n\
         | Settled by three workers | {:.1} a second |",
        number(found, "/blocks_to_settle_p50")?,
        number(found, "/settled_per_s_1_worker")?,
        number(found, "/settled_per_s_3_workers")?,
    )?;
    let version = found["anvil"].as_str().unwrap_or("unknown");
    writeln!(
        text,
        "\n{} requests at once and {} one after the other, with each number of workers, on {} × \
         {processor}, with a block every {} s: phat and phat-worker built with the profile \
         {profile}, {version}.",
        number(found, "/requests")?,
        number(found, "/requests_one_by_one")?,
        number(found, "/processors")?,
        number(found, "/block_s")?,
    )?;
    Ok(text)
}

/// One figure in hundredths of another.
fn percent(figure: u64, of: u64) -> f64 {
    100.0 * figure as f64 / of as f64
}

/// A number with a space before each three of its digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn gas(found: &Value, anchor: &str, figure: &str) -> anyhow::Result<u64> {
    let gas = found["gas"][anchor][figure].as_u64();
    gas.with_context(|| format!("{found} has no gas of {anchor}: {figure}"))
}

fn number(found: &Value, pointer: &str) -> anyhow::Result<f64> {
    let number = found.pointer(pointer).and_then(Value::as_f64);
    number.with_context(|| format!("{found} has no number at {pointer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(settle: u64) -> Value {
        json!({
            "gas": {
                "lean": {
                    "request": 80_000,
                    "settle": settle,
                    "settle_batch_4_each": 31_000,
                    "settle_batch_16_each": 27_001,
                    "settle_batch_64_each": 25_000,
                },
                "legacy": { "request": 160_000, "settle": 100_000, "settle_direct": 90_000 },
            },
            "blocks_to_settle_p50": 2,
            "settled_per_s_1_worker": 10.25,
            "settled_per_s_3_workers": 20.5,
            "requests": 300,
            "requests_one_by_one": 20,
            "block_s": 1,
            "anvil": "anvil/v0",
            "processors": 4,
        })
    }

    #[track_caller]
    fn check(text: &str, line: &str) {
        assert!(text.lines().any(|found| found == line), "{text}");
    }

    #[test]
    fn anchors_are_beside_each_other() {
        let text = markdown(&found(45_000), "release", "processor").unwrap();
        check(&text, "| Request | 80 000 | 160 000 | 50 % |");
        check(
            &text,
            "| Settlement, paid for by a relay account | 45 000 | 100 000 | 45 % |",
        );
        check(
            &text,
            "| Settlement, sent by the attestor itself |  | 90 000 |  |",
        );
        check(
            &text,
            "| Settlement in a batch of 64, each | 25 000 |  |  |",
        );
        check(
            &text,
            "| Blocks from a request to its settlement, median | 2 |",
        );
        check(&text, "| Settled by three workers | 20.5 a second |");
        assert!(text.contains("300 requests at once and 20 one after the other"));
    }

    #[test]
    fn a_goal_is_met_or_missed_by_its_bound() {
        for (settle, word) in [(50_000, "met"), (50_001, "missed")] {
            let found = found(settle);
            let text = markdown(&found, "release", "processor").unwrap();
            check(&text, "| Request | ≤ 80 000 | 80 000 | met |");
            check(
                &text,
                &format!("| Settlement | ≤ 50 000 | {} | {word} |", grouped(settle)),
            );
            check(
                &text,
                "| Settlement in a batch of 16, each | ≤ 27 000 | 27 001 | missed |",
            );
            let goals = goals(&found).unwrap();
            assert_eq!(goals[1]["met"], word == "met");
            assert_eq!(
                (&goals[2]["found"], &goals[2]["met"]),
                (&json!(27_001), &json!(false))
            );
        }
    }

    #[test]
    fn digits_are_in_threes() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1 000"),
            (27_001, "27 001"),
            (1_234_567, "1 234 567"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn what_was_not_measured_is_not_shown() {
        assert!(markdown(&json!({}), "release", "processor").is_err());
        assert!(goals(&json!({})).is_err());
        let mut part = found(45_000);
        part["gas"]["legacy"] = json!({});
        assert!(markdown(&part, "release", "processor").is_err());
    }

    #[test]
    fn the_document_has_a_place_for_the_tables() {
        PLACE.check().unwrap();
    }
}
