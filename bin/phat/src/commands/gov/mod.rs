//! `phat gov`: what holders of PHA decide.

mod act;
mod measurement;
mod propose;
mod show;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use phat_chain_client::{Conviction, GovernanceAction, Track, TrackId};
use phat_primitives::{AccountBytes, blake2_256};

use self::act::act;
use crate::{
    amount::{Amount, parse_positive},
    args::{ChainArgs, SignArgs, parse_account_argument},
    chain::{GovernanceReader, account_of, connect, connect_as},
    output::{Output, Verdict},
};

/// Propose, vote and see what is decided.
///
/// Whoever holds PHA may propose a change of the network and vote on it. A proposal is a
/// referendum on a track, which tells what it may do, how long it takes and what it needs to
/// pass. It is carried out by the chain itself.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Tracks(TracksOptions),
    List(ListOptions),
    Show(ShowOptions),
    Propose(propose::Options),
    Deposit(ReferendumOptions),
    Vote(VoteOptions),
    Unvote(UnvoteOptions),
    Delegate(DelegateOptions),
    Undelegate(TrackOptions),
    Unlock(UnlockOptions),
    Refund(ReferendumRefundOptions),
    Payout(PayoutOptions),
    Upgrade(UpgradeOptions),
}

/// Show the tracks of referenda.
///
/// Times are in blocks, and depend on the network.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov tracks")]
struct TracksOptions {
    #[command(flatten)]
    chain: ChainArgs,
}

/// List referenda, the newest first.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov list --all --json")]
struct ListOptions {
    /// Those that are over, too.
    #[arg(long)]
    all: bool,
    /// Look at no more than this many.
    #[arg(long, value_name = "COUNT", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    limit: u32,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Show a referendum: what it is about, how it stands and what it needs.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov show 3")]
struct ShowOptions {
    /// The referendum's number.
    #[arg(value_name = "ID")]
    id: u32,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Place the deposit without which a referendum is not decided.
///
/// It comes back with `phat gov refund` when the referendum is over. Anybody may place it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov deposit 3")]
struct ReferendumOptions {
    /// The referendum's number.
    #[arg(value_name = "ID")]
    id: u32,
    #[command(flatten)]
    sign: SignArgs,
}

/// Get the deposits of a referendum that is over back to whoever placed them.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov refund 3")]
struct ReferendumRefundOptions {
    /// The referendum's number.
    #[arg(value_name = "ID")]
    id: u32,
    /// The deposit of the submission, not that of the decision. It comes back if the referendum
    /// passed or was cancelled.
    #[arg(long)]
    submission: bool,
    #[command(flatten)]
    sign: SignArgs,
}

/// Vote on a referendum.
///
/// A vote takes no PHA. With a conviction, it counts more, and the PHA that it is made with stay
/// locked after the referendum if the vote was on the side that won.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat gov vote 3 aye 1000PHA --conviction 2x\n  phat gov vote 3 nay 500PHA"
)]
struct VoteOptions {
    /// The referendum's number.
    #[arg(value_name = "ID")]
    id: u32,
    /// For it or against it.
    #[arg(value_name = "SIDE")]
    side: Side,
    /// With how much PHA, such as 100PHA.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    amount: Amount,
    #[command(flatten)]
    conviction: ConvictionArgs,
    #[command(flatten)]
    sign: SignArgs,
}

/// Take a vote back.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov unvote 3")]
struct UnvoteOptions {
    /// The referendum's number.
    #[arg(value_name = "ID")]
    id: u32,
    /// Its track, if it is over.
    #[arg(long, value_name = "TRACK")]
    track: Option<String>,
    #[command(flatten)]
    sign: SignArgs,
}

/// Have another account vote on a track with this account's PHA, too.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov delegate parameters //Bob 1000PHA --conviction 1x")]
struct DelegateOptions {
    /// The track: its name or number, see `phat gov tracks`.
    #[arg(value_name = "TRACK")]
    track: String,
    /// Who votes: an address, a public key or a development account.
    #[arg(value_name = "ACCOUNT", value_parser = parse_account_argument)]
    to: AccountBytes,
    /// With how much PHA, such as 100PHA.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    amount: Amount,
    #[command(flatten)]
    conviction: ConvictionArgs,
    #[command(flatten)]
    sign: SignArgs,
}

/// Vote on a track oneself again.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov undelegate parameters")]
struct TrackOptions {
    /// The track: its name or number, see `phat gov tracks`.
    #[arg(value_name = "TRACK")]
    track: String,
    #[command(flatten)]
    sign: SignArgs,
}

/// Unlock PHA that votes on a track have locked and need no longer.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov unlock parameters")]
struct UnlockOptions {
    /// The track: its name or number, see `phat gov tracks`.
    #[arg(value_name = "TRACK")]
    track: String,
    /// Whose: an address, a public key or a development account. The signing account's by default.
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account_argument)]
    account: Option<AccountBytes>,
    #[command(flatten)]
    sign: SignArgs,
}

/// Have the treasury pay what a referendum has decided. Anybody may.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov payout 0")]
struct PayoutOptions {
    /// The spend's number. It is in the event of the block that carried the referendum out.
    #[arg(value_name = "SPEND")]
    spend: u32,
    #[command(flatten)]
    sign: SignArgs,
}

/// Give the chain the runtime that a referendum has decided on. Anybody may.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov upgrade phat_runtime.compact.compressed.wasm")]
struct UpgradeOptions {
    /// The runtime: the very file of which the hash was decided on.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    sign: SignArgs,
}

/// A side of a referendum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    Aye,
    Nay,
}

/// How strongly one votes.
#[derive(Args, Clone, Copy, Debug)]
struct ConvictionArgs {
    /// How much a vote counts, and for how many of the network's locking periods the PHA are
    /// locked: 0.1x for none, 1x for 1, 2x for 2, 3x for 4, 4x for 8, 5x for 16, 6x for 32.
    #[arg(long, value_name = "TIMES", default_value = "0.1x", value_parser = conviction)]
    conviction: Conviction,
}

fn conviction(text: &str) -> Result<Conviction, String> {
    const NAMES: [&str; 7] = ["0.1x", "1x", "2x", "3x", "4x", "5x", "6x"];
    let found = NAMES.iter().position(|name| *name == text);
    let found = found.and_then(|index| Conviction::ALL.get(index).copied());
    found.ok_or_else(|| format!("give one of {}", NAMES.join(", ")))
}

/// The track that `text` names or numbers.
async fn track_of(chain: &impl GovernanceReader, text: &str) -> Result<Track> {
    let tracks = chain.tracks().await?;
    let names: Vec<_> = tracks.iter().map(|track| track.name.clone()).collect();
    let is_meant = |track: &Track| track.name == text || text.parse::<TrackId>() == Ok(track.id);
    let found = tracks.into_iter().find(is_meant);
    found.with_context(|| {
        format!(
            "there is no track {text:?}: give one of {}",
            names.join(", ")
        )
    })
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    use GovernanceAction as Action;

    match options.command {
        Command::Tracks(options) => {
            let chain = connect(&options.chain.chain).await?;
            let shown = show::tracks(&chain).await?;
            Ok(output.finish(&shown, Verdict::Done)?)
        }
        Command::List(options) => {
            let chain = connect(&options.chain.chain).await?;
            let listed = show::list(&chain, options.limit, options.all).await?;
            Ok(output.finish(&listed, Verdict::Done)?)
        }
        Command::Show(options) => {
            let chain = connect(&options.chain.chain).await?;
            let shown = show::show(&chain, options.id).await?;
            Ok(output.finish(&shown, Verdict::Done)?)
        }
        Command::Propose(options) => propose::run(options, output).await,
        Command::Deposit(options) => {
            one(&options.sign, Action::PlaceDeposit(options.id), output).await
        }
        Command::Refund(options) => {
            let action = match options.submission {
                true => Action::RefundSubmission(options.id),
                false => Action::RefundDecision(options.id),
            };
            one(&options.sign, action, output).await
        }
        Command::Vote(options) => {
            let action = Action::Vote {
                referendum: options.id,
                aye: options.side == Side::Aye,
                amount: options.amount.0,
                conviction: options.conviction.conviction,
            };
            one(&options.sign, action, output).await
        }
        Command::Payout(options) => one(&options.sign, Action::Payout(options.spend), output).await,
        Command::Upgrade(options) => {
            let code = propose::read_runtime(&options.file)?;
            let sign = &options.sign;
            output.progress(format_args!("Connecting to {}…", sign.chain.chain));
            let chain = connect_as(&sign.chain.chain, &sign.suri).await?;
            check_authorized(&chain, &code).await?;
            let acted = act(&chain, &[Action::ApplyUpgrade(code)], sign.dry_run, output).await?;
            Ok(output.finish(&acted, Verdict::Done)?)
        }
        Command::Unvote(options) => {
            let remove = |track| Action::RemoveVote {
                referendum: options.id,
                track,
            };
            match &options.track {
                None => one(&options.sign, remove(None), output).await,
                Some(track) => {
                    let action = |track| remove(Some(track));
                    on_track(&options.sign, track, action, output).await
                }
            }
        }
        Command::Delegate(options) => {
            let action = |track| Action::Delegate {
                track,
                to: options.to,
                amount: options.amount.0,
                conviction: options.conviction.conviction,
            };
            on_track(&options.sign, &options.track, action, output).await
        }
        Command::Undelegate(options) => {
            on_track(&options.sign, &options.track, Action::Undelegate, output).await
        }
        Command::Unlock(options) => {
            let account = match options.account {
                Some(account) => account,
                None => account_of(&options.sign.suri)?,
            };
            let action = |track| Action::Unlock { track, account };
            on_track(&options.sign, &options.track, action, output).await
        }
    }
}

/// Refuses a runtime that the chain would refuse, before anything is paid for it.
async fn check_authorized(chain: &impl GovernanceReader, code: &[u8]) -> Result<()> {
    let hash = blake2_256(code);
    match chain.authorized_upgrade().await? {
        None => bail!(
            "no upgrade of the chain is decided on: propose one with `phat gov propose upgrade`, \
             or wait until it is carried out"
        ),
        Some(decided) if decided != hash => bail!(
            "the chain is to be upgraded to the runtime with the hash 0x{}, and the file has \
             0x{}: give the file that was proposed",
            hex::encode(decided),
            hex::encode(hash)
        ),
        Some(_) => Ok(()),
    }
}

/// Does one thing.
async fn one(
    sign: &SignArgs,
    action: GovernanceAction,
    output: &mut Output<'_>,
) -> Result<Verdict> {
    output.progress(format_args!("Connecting to {}…", sign.chain.chain));
    let chain = connect_as(&sign.chain.chain, &sign.suri).await?;
    let acted = act(&chain, &[action], sign.dry_run, output).await?;
    Ok(output.finish(&acted, Verdict::Done)?)
}

/// Does one thing on a track, which `text` names or numbers.
async fn on_track(
    sign: &SignArgs,
    text: &str,
    action: impl FnOnce(TrackId) -> GovernanceAction,
    output: &mut Output<'_>,
) -> Result<Verdict> {
    output.progress(format_args!("Connecting to {}…", sign.chain.chain));
    let chain = connect_as(&sign.chain.chain, &sign.suri).await?;
    let action = action(track_of(&chain, text).await?.id);
    let acted = act(&chain, &[action], sign.dry_run, output).await?;
    Ok(output.finish(&acted, Verdict::Done)?)
}

#[cfg(test)]
mod tests;
