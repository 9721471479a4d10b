//! The command line of the Phat network.
//!
//! Each command is a file in `commands`; what it prints is a value, shown as
//! text or, with `--json`, as one JSON object. The exit code is 0 when the thing
//! is done, 1 when what was asked for is false or failed, 2 for wrong usage.

mod amount;
mod args;
mod bundle;
mod call_key;
mod chain;
mod checks;
mod cli;
mod commands;
mod compiled;
mod fixture;
mod gateway;
mod http;
mod inclusion;
mod inspect;
mod local;
mod network;
mod output;
mod project;
mod receipt_file;
mod run_output;
mod secrets;
mod stack_trace;
mod staking;
#[cfg(test)]
mod testing;
mod watch;

use std::{env, io, process::ExitCode};

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::{cli::Cli, output::Output};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return cli::refuse(&error, env::args_os().skip(1), &mut io::stdout()),
    };
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error")),
        )
        .with_writer(io::stderr)
        .init();
    // An error means that a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();

    let (mut result, mut progress) = (io::stdout(), io::stderr());
    let mut output = Output::new(cli.format(), &mut result, &mut progress);
    let ended = cli.command.run(&mut output).await;
    output.end(ended)
}
