//! `phat bench`: measurements.

mod anchor;
mod performance;
mod trust;

use std::fmt;

use anyhow::Result;
use clap::{Args, Subcommand, builder::RangedU64ValueParser};
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
    Trust(trust::Options),
    Performance(performance::Options),
    Anchor(anchor::Options),
}

/// Measure the engine, beside the same work in native code.
///
/// The figures are of this machine, now, and of this build: compare them with each
/// other. docs/performance.md says what each means. A build without optimisations
/// says little.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat bench engine --json")]
struct EngineOptions {
    /// Runs of a small script, in all rounds together.
    #[arg(long, value_name = "N", default_value_t = Effort::default().starts,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    starts: usize,
    /// Rounds, each of which measures everything.
    #[arg(long, value_name = "N", default_value_t = Effort::default().rounds,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000))]
    rounds: usize,
    /// MiB to hash in each round.
    #[arg(long, value_name = "N", default_value_t = Effort::default().mebibytes,
          value_parser = clap::value_parser!(u32).range(1..=1_024))]
    mebibytes: u32,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Figures);

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let options = match options.what {
        What::Engine(options) => options,
        What::Trust(options) => return trust::run(options, output).await,
        What::Performance(options) => return performance::run(&options, output).await,
        What::Anchor(options) => return anchor::run(options, output).await,
    };
    let engine = Engine::new(EngineConfig {
        runs_concurrent_max: 1,
        calls_concurrent_max: 1,
        cache: compiled::cache(),
        ..EngineConfig::default()
    })?;
    engine_figures(&engine, &options, output).await
}

async fn engine_figures(
    engine: &Engine,
    options: &EngineOptions,
    output: &mut Output<'_>,
) -> Result<Verdict> {
    let EngineOptions {
        starts,
        rounds,
        mebibytes,
    } = *options;
    output.progress(format_args!("Measuring: {rounds} rounds…"));
    let effort = Effort {
        starts,
        rounds,
        mebibytes,
    };
    let figures = measure(engine, effort).await?;
    Ok(output.finish(&Shown(figures), Verdict::Done)?)
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
            js_fib27_ratio,
            wasm_sha256_mb_s,
            native_sha256_mb_s,
            sha256_ratio,
            fuel_overhead_ratio,
            fuel_overhead_sha256_ratio,
            metering_ratio,
            metering_sha256_ratio,
            engine,
            wasmtime,
            processors,
            starts,
            rounds,
            mebibytes,
        } = &self.0;
        writeln!(f, "engine               {engine}, wasmtime {wasmtime}")?;
        writeln!(
            f,
            "measured             {starts} starts and {rounds} rounds, {processors} processors"
        )?;
        writeln!(f, "instance             {instantiate_us_p50:.1} µs")?;
        writeln!(
            f,
            "run of a script      {cold_js_us_p50:.1} µs, 99 of 100 within {cold_js_us_p99:.1} µs"
        )?;
        writeln!(f, "runs in a row        {warm_calls_per_s:.0} a second")?;
        writeln!(
            f,
            "fib(27) in a script  {js_fib27_ms:.1} ms, native QuickJS {native_quickjs_fib27_ms:.1} ms: \
             {js_fib27_ratio:.2} times as long"
        )?;
        writeln!(
            f,
            "SHA-256 of {mebibytes} MiB    {wasm_sha256_mb_s:.0} MB/s in a component, natively \
             {native_sha256_mb_s:.0} MB/s: {sha256_ratio:.2} times as long"
        )?;
        writeln!(
            f,
            "counting fuel        {fuel_overhead_ratio:.3} times as long for the script, \
             {fuel_overhead_sha256_ratio:.3} for the component, as looking at a clock"
        )?;
        writeln!(
            f,
            "                     {metering_ratio:.3} and {metering_sha256_ratio:.3}, as code \
             that nothing can stop"
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{output::Format, testing::local_engine};

    async fn measured(format: Format) -> (String, String) {
        let options = EngineOptions {
            starts: 2,
            rounds: 1,
            mebibytes: 1,
        };
        let (mut result, mut progress) = (Vec::new(), Vec::new());
        let mut output = Output::new(format, &mut result, &mut progress);
        let verdict = engine_figures(&local_engine(), &options, &mut output).await;
        assert_eq!(verdict.unwrap(), Verdict::Done);
        [result, progress]
            .map(|stream| String::from_utf8(stream).unwrap())
            .into()
    }

    #[tokio::test]
    async fn figures_are_one_object_or_lines_for_people() {
        let (json, progress) = measured(Format::Json).await;
        assert_eq!(json.lines().count(), 1);
        let figures: Value = serde_json::from_str(&json).unwrap();
        assert!(figures["cold_js_us_p50"].as_f64().unwrap() > 0.0, "{json}");
        assert_eq!(figures["starts"], 2);
        assert_eq!(progress, "Measuring: 1 rounds…\n");

        let (text, _) = measured(Format::Text).await;
        assert!(text.contains("native QuickJS"), "{text}");
        assert!(text.contains("2 starts and 1 rounds"), "{text}");
    }
}
