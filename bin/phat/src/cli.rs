//! The commands and their arguments.

use std::{ffi::OsString, io::Write, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{
    commands::{
        anchor, attestation, bench, call, chains, challenge, contract, deploy, dev, economy,
        gateway, gov, info, inspect, limits, logs, new, pool, receipt, replay, requests, run,
        secret, stake, test, vault, verify, worker,
    },
    network::{TieOptions, tie},
    output::{Format, Output, Verdict, write_error},
};

/// The command line of the Phat network.
///
/// Exit codes: 0 done, 1 the thing asked for is false or failed, 2 wrong usage.
#[derive(Parser, Debug)]
#[command(name = "phat", version, arg_required_else_help = true)]
#[command(after_help = "Example:
  phat new my-feed           a contract project
  phat run my-feed           the contract in the local engine
  phat dev                   a local network
  phat deploy my-feed        the contract on a network
  phat stake add ID 10PHA    have it run where that takes stake
  phat verify receipt.json   what a receipt proves
  phat economy simulate one-day.json
                             what workers earn and risk
  phat gov list              what is voted on
  phat COMMAND --help        more about a command")]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// Print one JSON object, or one a line where there are many.
    #[arg(long, global = true)]
    json: bool,
}

/// What to do.
// The help has them in this order: what those who write contracts need, what shows that a contract
// was run right, the economy and its governance, and the network as a whole.
#[derive(Subcommand, Debug)]
pub enum Command {
    New(new::Options),
    Dev(dev::Options),
    Run(Box<run::Options>),
    Test(test::Options),
    Inspect(inspect::Options),
    Deploy(deploy::Options),
    Contract(contract::Options),
    Secret(secret::Options),
    Stake(stake::Options),
    Anchor(Box<anchor::Options>),
    Worker(Box<worker::Options>),
    Pool(Box<pool::Options>),
    Vault(Box<vault::Options>),
    Call(call::Options),
    Logs(logs::Options),
    Requests(requests::Options),
    Receipt(receipt::Options),
    Verify(verify::Options),
    Replay(replay::Options),
    Challenge(Box<challenge::Options>),
    Attestation(Box<attestation::Options>),
    Economy(economy::Options),
    Gov(Box<gov::Options>),
    Info(info::Options),
    Chains(chains::Options),
    Limits(limits::Options),
    Bench(bench::Options),
    Gateway(gateway::Options),
    #[command(hide = true)]
    Tie(TieOptions),
}

impl Cli {
    /// How results are to be written.
    pub fn format(&self) -> Format {
        if self.json {
            Format::Json
        } else {
            Format::Text
        }
    }
}

/// Says what is wrong with the arguments, as JSON too if they ask for it, or
/// shows the help that they ask for. Gives the exit code.
pub fn refuse(
    error: &clap::Error,
    arguments: impl Iterator<Item = OsString>,
    result: &mut dyn Write,
) -> ExitCode {
    // A closed stream is no reason to say something else.
    let _ = error.print();
    let wants_json = arguments
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json");
    if error.use_stderr() && wants_json {
        let text = error.to_string();
        // The first paragraph says what is wrong; the rest is advice on usage.
        let reason = text.split("\n\n").next().unwrap_or_default();
        let words: Vec<_> = reason.split_whitespace().collect();
        let message = words.join(" ");
        write_error(result, message.strip_prefix("error: ").unwrap_or(&message));
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

impl Command {
    /// Does it.
    pub async fn run(self, output: &mut Output<'_>) -> Result<Verdict> {
        match self {
            Self::New(options) => new::run(options, output),
            Self::Dev(options) => dev::run(options, output).await,
            Self::Run(options) => run::run(*options, output).await,
            Self::Test(options) => test::run(options, output).await,
            Self::Inspect(options) => inspect::run(options, output),
            Self::Deploy(options) => deploy::run(options, output).await,
            Self::Contract(options) => contract::run(options, output).await,
            Self::Secret(options) => secret::run(options, output).await,
            Self::Stake(options) => stake::run(options, output).await,
            Self::Anchor(options) => anchor::run(*options, output).await,
            Self::Worker(options) => worker::run(*options, output).await,
            Self::Pool(options) => pool::run(*options, output).await,
            Self::Vault(options) => vault::run(*options, output).await,
            Self::Call(options) => call::run(options, output).await,
            Self::Logs(options) => logs::run(options, output).await,
            Self::Requests(options) => requests::run(options, output).await,
            Self::Receipt(options) => receipt::run(options, output).await,
            Self::Verify(options) => verify::run(options, output).await,
            Self::Replay(options) => replay::run(options, output).await,
            Self::Challenge(options) => challenge::run(*options, output).await,
            Self::Attestation(options) => attestation::run(*options, output).await,
            Self::Economy(options) => economy::run(options, output),
            Self::Gov(options) => gov::run(*options, output).await,
            Self::Info(options) => info::run(options, output).await,
            Self::Chains(options) => chains::run(options, output),
            Self::Limits(options) => limits::run(options, output),
            Self::Bench(options) => bench::run(options, output).await,
            Self::Gateway(options) => gateway::run(options, output).await,
            Self::Tie(options) => tie(options),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_help_with_an_example() {
        fn check(command: &clap::Command) {
            if command.is_hide_set() {
                return;
            }
            assert!(
                command.get_about().is_some(),
                "{} has no description",
                command.get_name()
            );
            let after = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let is_group = command.has_subcommands();
            assert!(
                is_group || after.contains("Example:\n  phat "),
                "{} has no example",
                command.get_name()
            );
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
