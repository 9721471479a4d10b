//! `phat economy simulate`: what becomes of workers by the arithmetic of the chain.

use std::{
    fmt,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use phat_tokenomics::WorkerPhase;
use serde::Serialize;
use serde_json::Value;

use super::{
    chart::{Chart, SAMPLES, WORKERS_MAX as CHART_WORKERS_MAX},
    scenario::Scenario,
    simulation::{Row, simulate},
};
use crate::output::{Output, Verdict, describe};

/// The longest scenario that is read.
const SCENARIO_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Digits behind the point in the table; JSON has all of them.
const DIGITS_SHOWN: usize = 6;

/// Simulate workers: their Value Promise, and what they and the treasury are paid.
///
/// It is the arithmetic that the chain runs, driven by the events of a scenario: a JSON file
/// with the workers, which start in block 0, their challenges, heartbeats, faults and stops,
/// and the blocks to report. docs/economy.md describes the file and the model. What a
/// scenario leaves out of `params` is as published. With --json, the result is one list
/// with a row for each reported block and worker, its decimals with every digit.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat economy simulate examples/economy/one-day.json\n  phat economy simulate examples/economy/one-day.json --json --plot one-day.svg"
)]
pub struct Options {
    /// The scenario.
    #[arg(value_name = "SCENARIO.json")]
    scenario: PathBuf,
    /// Draw V and payouts over time into this file, as SVG.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

/// The result: all rows.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Rows(Vec<Row>);

/// Runs the command.
pub fn run(options: &Options, output: &mut Output<'_>) -> Result<Verdict> {
    let name = options.scenario.display();
    let document = read(&options.scenario).with_context(|| name.to_string())?;
    let scenario = Scenario::read(&document).with_context(|| name.to_string())?;
    let rows =
        simulate(&scenario, &scenario.report_at, usize::MAX).with_context(|| name.to_string())?;
    let mut verdict = Verdict::Done;
    if let Some(plot) = &options.plot {
        let saved = draw(&scenario)
            .and_then(|chart| fs::write(plot, chart).with_context(|| plot.display().to_string()));
        match saved {
            Ok(()) => output.progress(format_args!("The chart is in {}.", plot.display())),
            Err(error) => {
                let error = describe(&error);
                output.progress(format_args!("error: the chart was not saved: {error}"));
                verdict = Verdict::Failed;
            }
        }
    }
    Ok(output.finish(&Rows(rows), verdict)?)
}

fn read(path: &Path) -> Result<Value> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(SCENARIO_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SCENARIO_BYTES_MAX {
        bail!("the file is longer than {SCENARIO_BYTES_MAX} bytes: simulate fewer events");
    }
    serde_json::from_slice(&bytes).context("the file is not JSON")
}

/// A chart of the first workers, at blocks spread evenly over the whole time.
fn draw(scenario: &Scenario) -> Result<String> {
    let last = u64::from(scenario.until_block);
    let mut blocks: Vec<_> = (0..=SAMPLES)
        .map(|sample| last * sample / SAMPLES)
        .filter_map(|block| u32::try_from(block).ok())
        .collect();
    blocks.dedup();
    let rows = simulate(scenario, &blocks, CHART_WORKERS_MAX)?;
    Ok(Chart::of(&rows, scenario.workers.len(), scenario.until_block).to_string())
}

/// The name of a phase in tables.
fn phase(state: WorkerPhase) -> &'static str {
    match state {
        WorkerPhase::Idle => "idle",
        WorkerPhase::Unresponsive => "unresponsive",
        WorkerPhase::Stopped => "stopped",
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|row| row.worker.chars().count());
        let width = names.max().unwrap_or_default().max("worker".len());
        writeln!(
            f,
            "{:>10}  {:<width$}  {:<12}  {:>15}  {:>13}  {:>11}  {:>15}  {:>17}  {:>17}",
            "block",
            "worker",
            "state",
            "V",
            "deductible",
            "P",
            "share",
            "paid to worker",
            "paid to treasury"
        )?;
        let digits = DIGITS_SHOWN;
        for row in &self.0 {
            let Row {
                block,
                worker,
                v,
                v_deductible,
                p_instant,
                share,
                state,
                paid_worker,
                paid_treasury,
            } = row;
            let state = phase(*state);
            writeln!(
                f,
                "{block:>10}  {worker:<width$}  {state:<12}  {v:>15.digits$}  \
                 {v_deductible:>13.digits$}  {p_instant:>11.2}  {share:>15.digits$}  \
                 {paid_worker:>17.digits$}  {paid_treasury:>17.digits$}"
            )?;
        }
        Ok(())
    }
}
