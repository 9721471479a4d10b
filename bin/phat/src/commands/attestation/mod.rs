//! `phat attestation`: quotes of SGX and TDX, verified and simulated, and what goes with them.

mod collateral;
mod files;
mod simulate;
mod verify;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::output::{Output, Verdict};

/// Verify a quote of a trusted execution environment, fetch what goes with it, or simulate one.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Verify(verify::Options),
    Collateral(collateral::Options),
    Simulate(simulate::Options),
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Command::Verify(options) => verify::run(&options, output),
        Command::Collateral(options) => collateral::run(&options, output).await,
        Command::Simulate(options) => simulate::run(&options, output),
    }
}
