//! Measuring blocks of the chain, with few and with many workers.

use std::{collections::BTreeMap, fmt::Write, thread};

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::document::{Place, print, processor};
use crate::process::{self, cargo, output, say};

/// The package and its program that measure.
const PACKAGE: &str = "phat-testing-economy";
const PROGRAM: &str = "bench-chain";

/// Where the table is.
const PLACE: Place = Place("<!-- written by cargo xtask bench chain --write -->");

/// What a block with heartbeats may take with the most workers, beside one with the fewest.
const RATIO_MAX: f64 = 1.2;

/// What the goal is of.
const GOAL: &str = "heartbeats";

/// What chains have more or less of.
const COUNTED: [&str; 2] = ["workers", "delegators"];

#[derive(clap::Args)]
pub struct Options {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Put the table into docs/performance.md.
    #[arg(long)]
    write: bool,
    /// How many workers are in sessions, one chain for each number.
    #[arg(long, value_name = "N,N", default_value = "1000,10000,100000")]
    workers: String,
    /// How many delegators a pool has, one chain for each number.
    #[arg(long, value_name = "N,N", default_value = "100,1000")]
    delegators: String,
    /// How many blocks of each kind are measured.
    #[arg(long, value_name = "N", default_value_t = 40,
          value_parser = clap::value_parser!(u32).range(1..=400))]
    blocks: u32,
    /// The profile to build with. Nodes have builds of the default one; `dev` is there sooner, and
    /// says little.
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    say("Building; the first time takes a while.");
    let program = ["--package", PACKAGE, "--example", PROGRAM];
    let profile = ["--profile", &options.profile];
    process::run(cargo(
        &[&["build"][..], &program[..], &profile[..]].concat(),
    ))?;
    let mut bench = cargo(&[&["run", "--quiet"][..], &program[..], &profile[..]].concat());
    bench
        .args(["--", "--workers", &options.workers])
        .args(["--delegators", &options.delegators])
        .args(["--blocks", &options.blocks.to_string()]);
    let printed = output(bench)?;
    let mut object: Map<String, Value> =
        serde_json::from_str(&printed).with_context(|| format!("{PROGRAM} printed {printed}"))?;
    let rows = with_ratios(&object)?;
    let processors = thread::available_parallelism()?;
    let text = format!(
        "{}\n{} blocks of each kind but the empty ones on {processors} × {}, built with the profile \
         {}.\n",
        markdown(&rows)?,
        options.blocks,
        processor(),
        options.profile,
    );
    if options.write {
        PLACE.write(&text)?;
    }
    if !options.json {
        return print(&text);
    }
    object.insert("goal".to_owned(), goal(&rows));
    object.insert("rows".to_owned(), rows.into());
    object.insert("profile".to_owned(), options.profile.clone().into());
    object.insert("processor".to_owned(), processor().into());
    print(&Value::from(object).to_string())
}

/// The rows, each with the ratio of its time to that of the first that measures the same.
fn with_ratios(object: &Map<String, Value>) -> anyhow::Result<Vec<Value>> {
    let rows = object.get("rows").and_then(Value::as_array);
    let mut firsts = BTreeMap::new();
    rows.context("there are no rows")?
        .iter()
        .map(|row| {
            let mut row = row.clone();
            let time = number(&row, "block_ms_p50")?;
            let first = *firsts.entry(text(&row, "what")?.to_owned()).or_insert(time);
            row["ratio_to_first"] = json!(time / first);
            Ok(row)
        })
        .collect()
}

/// Whether blocks with heartbeats take about as long with many workers as with few.
fn goal(rows: &[Value]) -> Value {
    let ratios = rows.iter().filter(|row| row["what"] == GOAL);
    let found = ratios
        .filter_map(|row| row["ratio_to_first"].as_f64())
        .fold(0.0, f64::max);
    json!({ "ratio_to_first_max": RATIO_MAX, "found": found, "met": found <= RATIO_MAX })
}

fn markdown(rows: &[Value]) -> anyhow::Result<String> {
    let mut table = String::from(
        "| a block has | of | median | 99 of 100 within | to the first | proof | keys read |\n\
         |---|---|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let (what, each) = (text(row, "what")?, number(row, "each")?);
        let what = if each > 0.0 {
            format!("{each} {what}")
        } else {
            what.to_owned()
        };
        let counted = COUNTED.iter().find(|of| row[**of].is_u64());
        let of = counted.with_context(|| format!("{row} does not tell what there is of"))?;
        writeln!(
            table,
            "| {what} | {} {of} | {:.2} ms | {:.2} ms | {:.2} × | {:.0} KiB | {} |",
            number(row, of)?,
            number(row, "block_ms_p50")?,
            number(row, "block_ms_p99")?,
            number(row, "ratio_to_first")?,
            number(row, "proof_bytes")? / 1024.0,
            number(row, "storage_reads")?,
        )?;
    }
    let goal = goal(rows);
    let word = if goal["met"] == true { "met" } else { "missed" };
    writeln!(
        table,
        "\n| goal | bound | found | |\n|---|--:|--:|---|\n\
         | Blocks with heartbeats, most workers beside fewest | ≤ {RATIO_MAX:.2} × | {:.2} × | {word} |",
        number(&goal, "found")?,
    )?;
    Ok(table)
}

fn number(object: &Value, name: &str) -> anyhow::Result<f64> {
    let found = object[name].as_f64();
    found.with_context(|| format!("{object} has no number {name}"))
}

fn text<'a>(object: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    let found = object[name].as_str();
    found.with_context(|| format!("{object} has no text {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(what: &str, workers: u32, time: f64) -> Value {
        json!({
            "what": what, "workers": workers, "each": 20, "block_ms_p50": time,
            "block_ms_p99": 2.0 * time, "proof_bytes": 2048, "storage_reads": 300,
        })
    }

    fn rows(rows: &[Value]) -> Vec<Value> {
        let object = json!({ "rows": rows });
        with_ratios(object.as_object().unwrap()).unwrap()
    }

    #[test]
    fn times_are_beside_those_of_the_first_chain() {
        let rows = rows(&[
            row("heartbeats", 1_000, 10.0),
            row("missed challenges", 1_000, 1.0),
            row("heartbeats", 100_000, 11.5),
            row("missed challenges", 100_000, 3.0),
        ]);
        let ratios: Vec<_> = rows
            .iter()
            .map(|row| row["ratio_to_first"].clone())
            .collect();
        assert_eq!(ratios, [1.0, 1.0, 1.15, 3.0]);
        assert_eq!(goal(&rows)["met"], true);
        let text = markdown(&rows).unwrap();
        let line =
            "| 20 heartbeats | 100000 workers | 11.50 ms | 23.00 ms | 1.15 × | 2 KiB | 300 |";
        assert!(text.lines().any(|found| found == line), "{text}");
        assert!(
            text.trim_end().ends_with("| ≤ 1.20 × | 1.15 × | met |"),
            "{text}"
        );
    }

    #[test]
    fn a_chain_that_slows_down_misses_the_goal() {
        let rows = rows(&[
            row("heartbeats", 1_000, 10.0),
            row("heartbeats", 10_000, 12.1),
            row("heartbeats", 100_000, 11.0),
        ]);
        assert_eq!(goal(&rows)["met"], false);
        assert!(markdown(&rows).unwrap().trim_end().ends_with("missed |"));
    }

    #[test]
    fn what_was_not_measured_is_not_shown() {
        assert!(with_ratios(&Map::new()).is_err());
        assert!(markdown(&[json!({ "what": "heartbeats" })]).is_err());
    }

    #[test]
    fn the_document_has_a_place_for_the_table() {
        PLACE.check().unwrap();
    }
}
