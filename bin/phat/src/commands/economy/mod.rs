//! `phat economy`: what workers and those who stake on them earn and risk.

mod chart;
mod field;
mod scenario;
mod simulate;
mod simulation;
#[cfg(test)]
mod tests;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::output::{Output, Verdict};

/// Work out what workers and those who stake on them earn and risk.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Simulate(simulate::Options),
}

/// Runs the command.
pub fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Command::Simulate(options) => simulate::run(&options, output),
    }
}
