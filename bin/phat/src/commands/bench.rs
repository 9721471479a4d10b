//! `phat bench`: measurements.

use std::fmt;

use anyhow::Result;
use clap::{Args, Subcommand};
use phat_engine::{Engine, EngineConfig};
use phat_engine_bench::{Effort, Figures, measure};
use serde::Serialize;

use crate::{
    compiled,
    output::{Output, Verdict},
};

/// Measure a part of Phat on this machine.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Engine(EngineOptions),
}

/// Measure the engine, beside the same work in native code.
///
/// The figures are of this machine, now, and of this build: compare them with each
/// other. docs/performance.md says what each means.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat bench engine --json")]
struct EngineOptions {
    /// Runs of a small script.
    #[arg(long, value_name = "N", default_value_t = Effort::default().starts,
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    starts: usize,
    /// Rounds of what takes long.
    #[arg(long, value_name = "N", default_value_t = Effort::default().rounds,
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000))]
    rounds: usize,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Figures);

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let What::Engine(EngineOptions { starts, rounds }) = options.what;
    let engine = Engine::new(EngineConfig {
        runs_concurrent_max: 1,
        calls_concurrent_max: 1,
        cache: compiled::cache(),
        ..EngineConfig::default()
    })?;
    output.progress("Measuring…");
    let effort = Effort {
        starts,
        rounds,
        ..Effort::default()
    };
    let figures = measure(&engine, effort).await?;
    Ok(output.finish(&Shown(figures), Verdict::of(true))?)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures {
            instantiate_us_p50,
            cold_js_us_p50,
            cold_js_us_p99,
            warm_calls_per_s,
            js_fib27_ms,
            native_quickjs_fib27_ms,
            wasm_sha256_mb_s,
            native_sha256_mb_s,
            fuel_overhead_ratio,
            fuel_overhead_sha256_ratio,
            engine,
            starts,
            rounds,
        } = &self.0;
        let js = js_fib27_ms / native_quickjs_fib27_ms;
        let hash = native_sha256_mb_s / wasm_sha256_mb_s;
        writeln!(f, "engine {engine}, {starts} starts, {rounds} rounds")?;
        writeln!(f, "an instance of the runtime   {instantiate_us_p50:.1} µs")?;
        writeln!(
            f,
            "a run of a small script      {cold_js_us_p50:.1} µs, 99 of 100 within {cold_js_us_p99:.1} µs"
        )?;
        writeln!(
            f,
            "runs one after the other     {warm_calls_per_s:.0} a second"
        )?;
        writeln!(
            f,
            "fib(27) in a script          {js_fib27_ms:.1} ms, {js:.2} times the {native_quickjs_fib27_ms:.1} ms of native QuickJS"
        )?;
        writeln!(
            f,
            "SHA-256 in a component       {wasm_sha256_mb_s:.0} MB/s, {hash:.2} times the time of native code at {native_sha256_mb_s:.0} MB/s"
        )?;
        writeln!(
            f,
            "counting fuel                {fuel_overhead_ratio:.3} times the time for the script, {fuel_overhead_sha256_ratio:.3} for the component"
        )
    }
}
