//! `phat pool`: pools of stake for workers, and delegations to them.

mod options;
mod plan;
mod show;

use anyhow::Result;
use clap::{Args, Subcommand};
use phat_chain_client::{EconomyAction, PoolAction};

use self::{
    options::{
        AddOptions, AllowOptions, CancelOptions, CapOptions, ClaimOptions, CommissionOptions,
        CreateOptions, DelegateOptions, DisallowOptions, ForceOptions, ListOptions, OpenOptions,
        ReclaimOptions, RemoveOptions, RestrictOptions, ServeOptions, ShowOptions, StartOptions,
        StopOptions, WithdrawOptions,
    },
    plan::{Wish, plan},
    show::{list, show},
};
use crate::{
    args::SignArgs,
    chain::{EconomyWriter, connect, connect_as},
    output::{Output, Verdict},
    staking::{Acted, act},
};

/// Delegate PHA to pools of workers, and run pools.
///
/// A pool stakes the PHA of many on the workers of its owner. Who delegates gets shares, which gain
/// with what the workers earn and lose with what is slashed, and are paid out when they are
/// withdrawn. To have one's own workers earn without a pool, use `phat worker`.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    List(ListOptions),
    Show(ShowOptions),
    Delegate(DelegateOptions),
    Withdraw(WithdrawOptions),
    Cancel(CancelOptions),
    Create(CreateOptions),
    AddWorker(AddOptions),
    RemoveWorker(RemoveOptions),
    StartWorker(StartOptions),
    StopWorker(StopOptions),
    ReclaimWorker(ReclaimOptions),
    Claim(ClaimOptions),
    SetCommission(CommissionOptions),
    SetCap(CapOptions),
    Restrict(RestrictOptions),
    Open(OpenOptions),
    Allow(AllowOptions),
    Disallow(DisallowOptions),
    Serve(ServeOptions),
    Force(ForceOptions),
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Command::List(ListOptions { list: meant }) => {
            output.progress(format_args!("Connecting to {}…", meant.chain.chain));
            let chain = connect(&meant.chain.chain).await?;
            let listed = list(&chain, meant.limit).await?;
            Ok(output.finish(&listed, Verdict::Done)?)
        }
        Command::Show(ShowOptions { pid, read }) => {
            output.progress(format_args!("Connecting to {}…", read.chain.chain));
            let chain = connect(&read.chain.chain).await?;
            let shown = show(&chain, pid, read.account).await?;
            Ok(output.finish(&shown, Verdict::Done)?)
        }
        command => {
            let Some((wish, sign)) = command.wish() else {
                // Those that only read are above.
                return Ok(Verdict::Done);
            };
            output.progress(format_args!("Connecting to {}…", sign.chain.chain));
            let chain = connect_as(&sign.chain.chain, &sign.suri).await?;
            let acted = checked(&chain, wish, sign.dry_run, output).await?;
            Ok(output.finish(&acted, Verdict::Done)?)
        }
    }
}

impl Command {
    /// What is to be done, and who signs. `None` for what only reads.
    fn wish(self) -> Option<(Wish, SignArgs)> {
        let exactly = |action, sign| Some((Wish::Exactly(action), sign));
        match self {
            Self::List(_) | Self::Show(_) => None,
            Self::Delegate(options) => exactly(
                PoolAction::Delegate {
                    pid: options.pid,
                    amount: options.amount.0,
                },
                options.sign,
            ),
            Self::Withdraw(options) => Some((
                Wish::Withdraw {
                    pid: options.pid,
                    part: options.part,
                },
                options.sign,
            )),
            Self::Cancel(options) => Some((
                Wish::Cancel {
                    pid: options.pid,
                    request: options.request,
                },
                options.sign,
            )),
            Self::Create(options) => exactly(
                PoolAction::Create {
                    commission_ppm: options.commission.0,
                },
                options.sign,
            ),
            Self::Claim(options) => {
                exactly(PoolAction::ClaimOwnerRewards(options.pid), options.sign)
            }
            Self::Serve(options) => exactly(
                PoolAction::ProcessQueue {
                    pid: options.pid,
                    limit: options.limit,
                },
                options.sign,
            ),
            Self::Force(options) => exactly(PoolAction::Force(options.pid), options.sign),
            command => command.worker_wish(),
        }
    }

    /// The same for what is done with the workers of a pool.
    fn worker_wish(self) -> Option<(Wish, SignArgs)> {
        let (action, meant) = match self {
            Self::AddWorker(AddOptions { meant }) => (
                PoolAction::AddWorker {
                    pid: meant.pid,
                    worker: meant.worker,
                },
                meant,
            ),
            Self::RemoveWorker(RemoveOptions { meant }) => (
                PoolAction::RemoveWorker {
                    pid: meant.pid,
                    worker: meant.worker,
                },
                meant,
            ),
            Self::StartWorker(StartOptions { stake, meant }) => (
                PoolAction::StartWorker {
                    pid: meant.pid,
                    worker: meant.worker,
                    stake: stake.0,
                },
                meant,
            ),
            Self::StopWorker(StopOptions { meant }) => (
                PoolAction::StopWorker {
                    pid: meant.pid,
                    worker: meant.worker,
                },
                meant,
            ),
            Self::ReclaimWorker(ReclaimOptions { meant }) => (
                PoolAction::ReclaimWorker {
                    pid: meant.pid,
                    worker: meant.worker,
                },
                meant,
            ),
            command => return command.setting_wish(),
        };
        Some((Wish::Exactly(action), meant.sign))
    }

    /// The same for the settings of a pool.
    fn setting_wish(self) -> Option<(Wish, SignArgs)> {
        let (action, sign) = match self {
            Self::SetCommission(options) => (
                PoolAction::SetCommission {
                    pid: options.pid,
                    commission_ppm: options.commission.0,
                },
                options.sign,
            ),
            Self::SetCap(options) => (
                PoolAction::SetCap {
                    pid: options.pid,
                    cap: options.cap.filter(|_| !options.none).map(|cap| cap.0),
                },
                options.sign,
            ),
            Self::Restrict(options) => (
                PoolAction::SetRestriction {
                    pid: options.pid,
                    is_restricted: true,
                },
                options.sign,
            ),
            Self::Open(options) => (
                PoolAction::SetRestriction {
                    pid: options.pid,
                    is_restricted: false,
                },
                options.sign,
            ),
            Self::Allow(options) => (
                PoolAction::AddToWhitelist {
                    pid: options.pid,
                    who: options.account,
                },
                options.sign,
            ),
            Self::Disallow(options) => (
                PoolAction::RemoveFromWhitelist {
                    pid: options.pid,
                    who: options.account,
                },
                options.sign,
            ),
            _ => return None,
        };
        Some((Wish::Exactly(action), sign))
    }
}

/// Does it, or checks it only.
async fn checked(
    chain: &impl EconomyWriter,
    wish: Wish,
    is_dry_run: bool,
    output: &mut Output<'_>,
) -> Result<Acted> {
    let (action, spends) = plan(chain, wish).await?;
    act(
        chain,
        EconomyAction::Pool(action),
        spends,
        is_dry_run,
        output,
    )
    .await
}

#[cfg(test)]
mod tests;
