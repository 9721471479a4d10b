//! The options of `phat vault`.

use clap::Args;

use crate::{
    amount::{Amount, parse_positive},
    args::SignArgs,
    staking::{ListArgs, Part, Rate, ReadArgs},
};

/// The most withdrawals that one call pays.
const SERVED_PER_CALL_MAX: i64 = 64;

/// List vaults, the newest first.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault list\n  phat vault list --limit 200 --json")]
pub struct ListOptions {
    #[command(flatten)]
    pub list: ListArgs,
}

/// Show a vault: what a share is worth, what its owner takes, the pools it is in, and who waits.
///
/// With --account, what this account has of it, and what waits in the queue before its withdrawals.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault show 1\n  phat vault show 1 --account //Alice")]
pub struct ShowOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    #[command(flatten)]
    pub read: ReadArgs,
}

/// Delegate PHA to a vault, for shares.
///
/// The shares gain and lose with the pools that the vault's owner chooses.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat vault delegate 1 100PHA --suri //Alice\n  phat vault delegate 1 100PHA --dry-run"
)]
pub struct DelegateOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    /// How much, such as 100PHA.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    pub amount: Amount,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Withdraw what shares are worth.
///
/// It is paid at once if nobody waits and the vault has the money. Otherwise it waits in the vault's
/// queue: see `phat vault show`, and `phat vault force` when it has waited for too long.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault withdraw 1 50PHA\n  phat vault withdraw 1 all")]
pub struct WithdrawOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    /// How much: what it is to be worth, such as 50PHA, a number such as 1000000shares, or all.
    #[arg(value_name = "PART")]
    pub part: Part,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Take back a withdrawal that waits, as far as it was not paid.
///
/// With --pool, a withdrawal of the vault's own that waits in this pool's queue. The vault's owner may
/// while nobody waits for the money.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault cancel 1\n  phat vault cancel 1 --pool 3")]
pub struct CancelOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    /// The withdrawal's number in the queue. It may be left out if there is only one.
    #[arg(long, value_name = "NUMBER")]
    pub request: Option<u64>,
    /// The pool that the vault's own withdrawal waits in.
    #[arg(long, value_name = "POOL")]
    pub pool: Option<u64>,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Create a vault. Its owner is the signing account.
///
/// It takes 1.001 PHA, which stay in the vault for good. The fee is taken of gains above the
/// high-water mark, in shares.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault create 5% --suri //Alice")]
pub struct CreateOptions {
    /// The owner's part of gains, such as 5%.
    #[arg(value_name = "FEE")]
    pub fee: Rate,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Set the owner's part of gains. A lower one holds at once, a higher one after 21 days.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault set-fee 1 2.5%")]
pub struct FeeOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    /// The owner's part of gains, such as 5%.
    #[arg(value_name = "FEE")]
    pub fee: Rate,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Delegate money of the vault's to a pool.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault delegate-to-pool 1 3 500PHA")]
pub struct ToPoolOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// How much, such as 100PHA.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    pub amount: Amount,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Withdraw from a pool that the vault is in.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat vault withdraw-from-pool 1 3 200PHA\n  phat vault withdraw-from-pool 1 3 all"
)]
pub struct FromPoolOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// How much: what it is to be worth, such as 50PHA, a number such as 1000000shares, or all.
    #[arg(value_name = "PART")]
    pub part: Part,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Give the vault's owner its shares for what the vault has gained. Anybody may.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault collect-fee 1")]
pub struct CollectOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Pay withdrawals that wait, with what the vault has. Anybody may.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault serve 1")]
pub struct ServeOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    /// Pay no more than this many.
    #[arg(long, value_name = "COUNT", default_value_t = 64,
          value_parser = clap::value_parser!(u32).range(1..=SERVED_PER_CALL_MAX))]
    pub limit: u32,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Have the vault withdraw from pools when a withdrawal has waited for too long. Anybody may.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat vault force 1")]
pub struct ForceOptions {
    /// The vault's number.
    #[arg(value_name = "VAULT")]
    pub vid: u64,
    #[command(flatten)]
    pub sign: SignArgs,
}
