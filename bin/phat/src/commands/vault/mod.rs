//! `phat vault`: vaults, which spread PHA over pools, and delegations to them.

mod options;
mod plan;
mod show;

use anyhow::Result;
use clap::{Args, Subcommand};
use phat_chain_client::{EconomyAction, VaultAction};

use self::{
    options::{
        CancelOptions, CollectOptions, CreateOptions, DelegateOptions, FeeOptions, ForceOptions,
        FromPoolOptions, ListOptions, ServeOptions, ShowOptions, ToPoolOptions, WithdrawOptions,
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

/// Delegate PHA to vaults, and run vaults.
///
/// A vault delegates the PHA of many to pools that its owner chooses, see `phat pool`. Who
/// delegates gets shares, which gain and lose with the pools, and are paid out when they are
/// withdrawn.
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
    DelegateToPool(ToPoolOptions),
    WithdrawFromPool(FromPoolOptions),
    SetFee(FeeOptions),
    CollectFee(CollectOptions),
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
        Command::Show(ShowOptions { vid, read }) => {
            output.progress(format_args!("Connecting to {}…", read.chain.chain));
            let chain = connect(&read.chain.chain).await?;
            let shown = show(&chain, vid, read.account).await?;
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
                VaultAction::Delegate {
                    vid: options.vid,
                    amount: options.amount.0,
                },
                options.sign,
            ),
            Self::Withdraw(options) => Some((
                Wish::Withdraw {
                    vid: options.vid,
                    part: options.part,
                },
                options.sign,
            )),
            Self::Cancel(options) => Some((
                Wish::Cancel {
                    vid: options.vid,
                    pool: options.pool,
                    request: options.request,
                },
                options.sign,
            )),
            Self::Create(options) => exactly(
                VaultAction::Create {
                    fee_ppm: options.fee.0,
                },
                options.sign,
            ),
            Self::DelegateToPool(options) => exactly(
                VaultAction::DelegateToPool {
                    vid: options.vid,
                    pid: options.pid,
                    amount: options.amount.0,
                },
                options.sign,
            ),
            Self::WithdrawFromPool(options) => Some((
                Wish::WithdrawFromPool {
                    vid: options.vid,
                    pid: options.pid,
                    part: options.part,
                },
                options.sign,
            )),
            Self::SetFee(options) => exactly(
                VaultAction::SetFee {
                    vid: options.vid,
                    fee_ppm: options.fee.0,
                },
                options.sign,
            ),
            Self::CollectFee(options) => {
                exactly(VaultAction::CollectOwnerFee(options.vid), options.sign)
            }
            Self::Serve(options) => exactly(
                VaultAction::ProcessQueue {
                    vid: options.vid,
                    limit: options.limit,
                },
                options.sign,
            ),
            Self::Force(options) => exactly(VaultAction::Force(options.vid), options.sign),
        }
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
        EconomyAction::Vault(action),
        spends,
        is_dry_run,
        output,
    )
    .await
}

#[cfg(test)]
mod tests;
