//! The options of `phat pool`.

use clap::Args;
use phat_primitives::{AccountBytes, WorkerId};

use crate::{
    amount::{Amount, parse_positive},
    args::{SignArgs, parse_account_argument},
    staking::{ListArgs, Part, Rate, ReadArgs},
};

/// The most withdrawals that one call pays.
const SERVED_PER_CALL_MAX: i64 = 64;

/// List pools, the newest first.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool list\n  phat pool list --limit 200 --json")]
pub struct ListOptions {
    #[command(flatten)]
    pub list: ListArgs,
}

/// Show a pool: what a share is worth, what its owner takes, its workers, and who waits.
///
/// With --account, what this account has of it, and what waits in the queue before its withdrawals.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool show 3\n  phat pool show 3 --account //Alice")]
pub struct ShowOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    #[command(flatten)]
    pub read: ReadArgs,
}

/// Delegate PHA to a pool, for shares.
///
/// The shares gain with what the pool's workers earn, and lose with what is slashed. They stay in the
/// account until they are withdrawn or sent to somebody.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat pool delegate 3 100PHA --suri //Alice\n  phat pool delegate 3 100PHA --dry-run"
)]
pub struct DelegateOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// How much, such as 100PHA.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    pub amount: Amount,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Withdraw what shares are worth.
///
/// It is paid at once if nobody waits and the pool has the money. Otherwise it waits in the pool's
/// queue: see `phat pool show`, and `phat pool force` when it has waited for too long.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool withdraw 3 50PHA\n  phat pool withdraw 3 all")]
pub struct WithdrawOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// How much: what it is to be worth, such as 50PHA, a number such as 1000000shares, or all.
    #[arg(value_name = "PART")]
    pub part: Part,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Take back a withdrawal that waits, as far as it was not paid.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool cancel 3\n  phat pool cancel 3 --request 17")]
pub struct CancelOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// The withdrawal's number in the queue. It may be left out if the account has only one.
    #[arg(long, value_name = "NUMBER")]
    pub request: Option<u64>,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Create a pool. Its owner is the signing account.
///
/// It takes 1.001 PHA, which stay in the pool for good. The commission is taken of each payout.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool create 10% --suri //Alice")]
pub struct CreateOptions {
    /// The owner's part of payouts, such as 10%.
    #[arg(value_name = "COMMISSION")]
    pub commission: Rate,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Add a worker to a pool. The pool's owner has to operate it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool add-worker 3 0x8eaf…")]
pub struct AddOptions {
    #[command(flatten)]
    pub meant: PoolWorkerArgs,
}

/// Remove a worker from a pool, once no stake of the pool is in it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool remove-worker 3 0x8eaf…")]
pub struct RemoveOptions {
    #[command(flatten)]
    pub meant: PoolWorkerArgs,
}

/// Stake money of the pool's on a session of a worker, and start it.
///
/// The worker has to have done a benchmark, see `phat worker benchmark`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool start-worker 3 0x8eaf… 2000PHA")]
pub struct StartOptions {
    #[command(flatten)]
    pub meant: PoolWorkerArgs,
    /// The stake, such as 2000PHA. `phat worker show` tells the least.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    pub stake: Amount,
}

/// Stop the session of a worker. Its stake cools down.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool stop-worker 3 0x8eaf…")]
pub struct StopOptions {
    #[command(flatten)]
    pub meant: PoolWorkerArgs,
}

/// Take the stake of a stopped session back into the pool, after the cool-down. Anybody may.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool reclaim-worker 3 0x8eaf…")]
pub struct ReclaimOptions {
    #[command(flatten)]
    pub meant: PoolWorkerArgs,
}

/// Pay the pool's owner the commission that was taken.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool claim 3")]
pub struct ClaimOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Set the owner's part of payouts. A lower one holds at once, a higher one after 14 days.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool set-commission 3 7.5%")]
pub struct CommissionOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// The owner's part of payouts, such as 10%.
    #[arg(value_name = "COMMISSION")]
    pub commission: Rate,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Set the value up to which delegations may fill a pool, or none.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool set-cap 3 100000PHA\n  phat pool set-cap 3 --none")]
pub struct CapOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// The cap, such as 100000PHA.
    #[arg(value_name = "AMOUNT", required_unless_present = "none")]
    pub cap: Option<Amount>,
    /// Have no cap.
    #[arg(long, conflicts_with = "cap")]
    pub none: bool,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Let only the owner and those on the whitelist delegate to a pool.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool restrict 3")]
pub struct RestrictOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Let everybody delegate to a pool.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool open 3")]
pub struct OpenOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Put an account on the whitelist of a pool, which counts while the pool is restricted.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool allow 3 //Bob")]
pub struct AllowOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// The account: an address, a public key or a development account.
    #[arg(value_name = "ACCOUNT", value_parser = parse_account_argument)]
    pub account: AccountBytes,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Take an account off the whitelist of a pool.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool disallow 3 //Bob")]
pub struct DisallowOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// The account: an address, a public key or a development account.
    #[arg(value_name = "ACCOUNT", value_parser = parse_account_argument)]
    pub account: AccountBytes,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Pay withdrawals that wait, with what the pool has. Anybody may.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool serve 3")]
pub struct ServeOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// Pay no more than this many.
    #[arg(long, value_name = "COUNT", default_value_t = 64,
          value_parser = clap::value_parser!(u32).range(1..=SERVED_PER_CALL_MAX))]
    pub limit: u32,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Have workers stopped when a withdrawal has waited for too long. Anybody may.
///
/// As many are stopped as it takes for the whole queue. When they have cooled down, their stake can
/// be taken back with `phat pool reclaim-worker`, and those who wait are paid.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat pool force 3")]
pub struct ForceOptions {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// A worker of a pool, and who signs.
#[derive(Args, Debug)]
pub struct PoolWorkerArgs {
    /// The pool's number.
    #[arg(value_name = "POOL")]
    pub pid: u64,
    /// The worker's identity.
    #[arg(value_name = "WORKER")]
    pub worker: WorkerId,
    #[command(flatten)]
    pub sign: SignArgs,
}
