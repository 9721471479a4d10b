//! `phat worker`: workers, and sessions with their operator's own stake.

pub mod plan;
mod show;

use anyhow::Result;
use clap::{Args, Subcommand};
use phat_chain_client::{EconomyAction, SessionAction};
use phat_primitives::{AccountBytes, WorkerId};

use self::{
    plan::plan,
    show::{list, show},
};
use crate::{
    amount::{Amount, parse_positive},
    args::{ChainArgs, SignArgs, parse_account_argument},
    chain::{EconomyWriter, connect, connect_as},
    output::{Output, Verdict},
    staking::{Acted, ListArgs, act},
};

/// Have workers earn with a stake of their operator's, and see how they stand.
///
/// A worker registers itself, see docs/workers.md. Then its operator has it do a benchmark, and
/// starts a session with a stake. To have others stake on it, use `phat pool`.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    List(ListOptions),
    Show(ShowOptions),
    Benchmark(BenchmarkOptions),
    Start(StartOptions),
    Stop(StopOptions),
    Reclaim(ReclaimOptions),
}

/// List registered workers, and how they stand.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat worker list --operator //Alice\n  phat worker list --limit 200 --json"
)]
struct ListOptions {
    /// Only those of this operator: an address, a public key or a development account.
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account_argument)]
    operator: Option<AccountBytes>,
    #[command(flatten)]
    list: ListArgs,
}

/// Show a worker: its benchmark, its session, its Value Promise, and what would come back of the
/// stake.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat worker show 0x8eaf…")]
struct ShowOptions {
    /// The worker's identity.
    #[arg(value_name = "WORKER")]
    worker: WorkerId,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Begin a benchmark, which a session needs.
///
/// The worker does the rest by itself, and shows its performance a few blocks after. It counts for
/// a day.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat worker benchmark 0x8eaf… --suri //Alice")]
struct BenchmarkOptions {
    #[command(flatten)]
    meant: WorkerArgs,
}

/// Start a session with a stake of the operator's.
///
/// The stake stays in the operator's account, on hold, until the session was stopped and has cooled
/// down. Payouts go to the operator.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat worker start 0x8eaf… 2000PHA\n  phat worker start 0x8eaf… 2000PHA --dry-run"
)]
struct StartOptions {
    /// The worker's identity.
    #[arg(value_name = "WORKER")]
    worker: WorkerId,
    /// The stake, such as 2000PHA. `phat worker show` tells the least.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    stake: Amount,
    #[command(flatten)]
    sign: SignArgs,
}

/// Stop the session. The stake cools down, and can be reclaimed after that.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat worker stop 0x8eaf…")]
struct StopOptions {
    #[command(flatten)]
    meant: WorkerArgs,
}

/// Take back what is left of the stake, after the cool-down.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat worker reclaim 0x8eaf…")]
struct ReclaimOptions {
    #[command(flatten)]
    meant: WorkerArgs,
}

/// A worker, and who signs.
#[derive(Args, Debug)]
struct WorkerArgs {
    /// The worker's identity.
    #[arg(value_name = "WORKER")]
    worker: WorkerId,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Command::List(options) => {
            let meant = &options.list;
            output.progress(format_args!("Connecting to {}…", meant.chain.chain));
            let chain = connect(&meant.chain.chain).await?;
            let listed = list(&chain, options.operator, meant.limit).await?;
            Ok(output.finish(&listed, Verdict::Done)?)
        }
        Command::Show(options) => {
            output.progress(format_args!("Connecting to {}…", options.chain.chain));
            let chain = connect(&options.chain.chain).await?;
            let shown = show(&chain, options.worker).await?;
            Ok(output.finish(&shown, Verdict::Done)?)
        }
        Command::Benchmark(BenchmarkOptions { meant }) => {
            make(
                &meant.sign,
                SessionAction::BeginBenchmark(meant.worker),
                output,
            )
            .await
        }
        Command::Start(options) => {
            let action = SessionAction::Start {
                worker: options.worker,
                stake: options.stake.0,
            };
            make(&options.sign, action, output).await
        }
        Command::Stop(StopOptions { meant }) => {
            make(&meant.sign, SessionAction::Stop(meant.worker), output).await
        }
        Command::Reclaim(ReclaimOptions { meant }) => {
            make(&meant.sign, SessionAction::Reclaim(meant.worker), output).await
        }
    }
}

async fn make(sign: &SignArgs, action: SessionAction, output: &mut Output<'_>) -> Result<Verdict> {
    output.progress(format_args!("Connecting to {}…", sign.chain.chain));
    let chain = connect_as(&sign.chain.chain, &sign.suri).await?;
    let acted = checked(&chain, action, sign.dry_run, output).await?;
    Ok(output.finish(&acted, Verdict::Done)?)
}

/// Does it, or checks it only.
async fn checked(
    chain: &impl EconomyWriter,
    action: SessionAction,
    is_dry_run: bool,
    output: &mut Output<'_>,
) -> Result<Acted> {
    plan(chain, &action).await?;
    let spends = match action {
        SessionAction::Start { stake, .. } => Amount(stake),
        _ => Amount(0),
    };
    act(
        chain,
        EconomyAction::Session(action),
        spends,
        is_dry_run,
        output,
    )
    .await
}

#[cfg(test)]
mod tests;
