//! Many runs in one engine.

use std::process::Command;

use crate::{process, setup};

#[derive(clap::Args)]
pub struct Options {
    /// Runs one after the other.
    #[arg(long, default_value_t = 10_000)]
    sequential: u32,
    /// Runs at once.
    #[arg(long, default_value_t = 1_000)]
    concurrent: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::run_quietly()?;
    let program = process::example("soak", &[], |_| Ok(()))?;
    let mut soak = Command::new(program);
    soak.arg(format!("--sequential={}", options.sequential));
    soak.arg(format!("--concurrent={}", options.concurrent));
    if options.json {
        soak.arg("--json");
    }
    process::run_to_standard_output(soak)
}
