//! The program behind `cargo xtask bench chain`.

use std::io::{self, Write};

use clap::Parser;
use phat_testing_economy::bench::{CHECKED_WORKERS_MAX, Plan, Row, run};
use serde_json::{Value, json};

/// Measures how long blocks take with few and with many workers and delegators, and prints it as
/// one JSON object.
#[derive(Parser)]
struct Options {
    /// How many workers are in sessions, one chain for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000],
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    workers: Vec<u32>,
    /// How many delegators a pool has, one chain for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000],
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    delegators: Vec<u32>,
    /// How many blocks of each kind are measured.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=400))]
    blocks: u32,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let plan = Plan {
        workers: options.workers,
        delegators: options.delegators,
        blocks: options.blocks,
    };
    let rows = run(&plan, &mut |text| eprintln!("{text}"))?;
    let object = json!({
        "rows": rows.iter().map(Row::to_json).collect::<Vec<Value>>(),
        "blocks": plan.blocks,
        "checked_workers_max": CHECKED_WORKERS_MAX,
    });
    Ok(writeln!(io::stdout(), "{object}")?)
}
