//! `phat stake`: PHA that has contracts run.

mod change;
mod show;

use anyhow::Result;
use clap::{Args, Subcommand};
use phat_primitives::{AccountBytes, ContractId};

use self::{change::Plan, show::show};
use crate::{
    amount::{Amount, parse_positive},
    args::{ChainArgs, SignArgs, parse_account_argument},
    chain::{StakeChange, connect, connect_as},
    output::{Output, Verdict},
};

/// Stake PHA to a contract, and take it back.
///
/// Workers divide their compute among the contracts of their cluster by what is staked to each,
/// and run none without stake. Anybody may stake to any contract. The PHA stays in the staker's
/// account, on hold, and is free again at once when it is withdrawn.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Add(ChangeOptions),
    Withdraw(WithdrawOptions),
    Show(ShowOptions),
}

/// Stake to a contract, on top of what the account has staked to it.
///
/// Workers take it into account a moment after the block with it is final.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat stake add 0x3b1e… 12.5PHA --suri //Alice\n  phat stake add 0x3b1e… \"100 PHA\" --dry-run"
)]
struct ChangeOptions {
    #[command(flatten)]
    change: ChangeArgs,
}

/// Take back what the account has staked to a contract, or a part of it.
///
/// It is free at once. What is staked to a contract that was removed can be withdrawn as well.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat stake withdraw 0x3b1e… 2.5PHA --suri //Alice")]
struct WithdrawOptions {
    #[command(flatten)]
    change: ChangeArgs,
}

/// Show what is staked to a contract, and what part of its cluster's compute that is.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat stake show 0x3b1e… --json")]
struct ShowOptions {
    /// The contract's id.
    #[arg(value_name = "ID")]
    id: ContractId,
    /// Show what this account has staked, too: its public key in hexadecimal digits.
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account_argument)]
    account: Option<AccountBytes>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// What is to be changed, and by whom.
#[derive(Args, Debug)]
struct ChangeArgs {
    /// The contract's id.
    #[arg(value_name = "ID")]
    id: ContractId,
    /// How much, such as 12.5PHA. It has up to 12 decimals.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    amount: Amount,
    #[command(flatten)]
    sign: SignArgs,
}

/// The command that has a contract without stake run.
pub fn add_command(id: ContractId) -> String {
    format!("`phat stake add {id} AMOUNT`")
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Command::Add(ChangeOptions { change }) => {
            let wanted = StakeChange::Add(change.amount);
            make(change, wanted, output).await
        }
        Command::Withdraw(WithdrawOptions { change }) => {
            let wanted = StakeChange::Withdraw(change.amount);
            make(change, wanted, output).await
        }
        Command::Show(options) => {
            output.progress(format_args!("Connecting to {}…", options.chain.chain));
            let chain = connect(&options.chain.chain).await?;
            let shown = show(&chain, options.id, options.account).await?;
            Ok(output.finish(&shown, Verdict::Done)?)
        }
    }
}

async fn make(
    options: ChangeArgs,
    change: StakeChange,
    output: &mut Output<'_>,
) -> Result<Verdict> {
    output.progress(format_args!("Connecting to {}…", options.sign.chain.chain));
    let chain = connect_as(&options.sign.chain.chain, &options.sign.suri).await?;
    let plan = Plan::check(&chain, options.id, change).await?;
    let changed = if options.sign.dry_run {
        plan.only_checked()
    } else {
        plan.make(&chain, output).await?
    };
    Ok(output.finish(&changed, Verdict::Done)?)
}

#[cfg(test)]
mod tests;
