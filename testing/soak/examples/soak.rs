//! The program behind `cargo xtask soak`.

use std::io::{self, Write};

use clap::Parser;
use phat_soak::{Plan, soak};

/// Runs a fetching contract many times and compares the memory before and after.
#[derive(Parser)]
struct Options {
    /// Runs one after the other.
    #[arg(long, default_value_t = 10_000)]
    sequential: u32,
    /// Runs at once.
    #[arg(long, default_value_t = 1_000)]
    concurrent: u32,
    /// How often as many run at once.
    #[arg(long, default_value_t = 3)]
    waves: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let figures = soak(Plan {
        sequential: options.sequential,
        concurrent: options.concurrent,
        waves: options.waves,
    })
    .await?;
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&figures)?)?;
    } else {
        let mebibytes = |bytes: u64| bytes as f64 / (1024.0 * 1024.0);
        writeln!(
            out,
            "{} runs one after the other, {:.0} a second; {} at once {} times, {:.0} a second; \
             none failed",
            figures.sequential_runs,
            figures.sequential_runs_per_s,
            options.concurrent,
            figures.waves,
            figures.concurrent_runs_per_s
        )?;
        writeln!(
            out,
            "memory: {:.1} MiB after {} runs to warm up, {:.1} MiB after the sequential ones, \
             {:.1} MiB at the end; it may grow by {:.0} MiB",
            mebibytes(figures.warm_bytes),
            figures.warm_up_runs,
            mebibytes(figures.sequential_bytes),
            mebibytes(figures.end_bytes),
            mebibytes(figures.growth_bytes_max)
        )?;
    }
    figures.check()
}
