//! What the commands about sessions, pools and vaults ask of the chain.

use anyhow::Result;
use async_trait::async_trait;
use phat_chain_client::{
    EconomyAction, EconomyOutcome, EconomySettings, FundTerms, Pool, Position, RegisteredWorker,
    StakedSession, Vault, WaitingWithdrawal, WorkerPerformance,
};
use phat_primitives::{AccountBytes, WorkerId};

use super::Block;
use crate::amount::Amount;

/// A pool or a vault, and what an account has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundState<F> {
    /// The pool or the vault.
    pub fund: F,
    /// What the runtime decides about all of its kind.
    pub terms: FundTerms,
    /// The time of the block, in seconds since 1970.
    pub now_s: u64,
    /// What the account has that was asked about.
    pub holder: Option<Holder>,
}

/// What an account has of a pool or a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub account: AccountBytes,
    /// Its shares.
    pub position: Position,
    /// Its withdrawals that wait.
    pub waiting: Vec<Waiting>,
    /// Whether it may delegate: to restricted pools, not everybody may.
    pub may_delegate: bool,
}

/// A withdrawal that waits, and what waits before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub request: u64,
    /// The shares that are still to be paid out.
    pub shares: u128,
    /// When it was made, in seconds since 1970.
    pub requested_at_s: u64,
    /// How many withdrawals are paid before it.
    pub ahead: u64,
    /// The shares of these.
    pub ahead_shares: u128,
}

impl Waiting {
    /// Those of an account, of all that wait in the order in which they are paid.
    pub fn of(account: AccountBytes, all: &[WaitingWithdrawal]) -> Vec<Self> {
        let (mut ahead, mut ahead_shares) = (0_u64, 0_u128);
        let mut own = Vec::new();
        for withdrawal in all {
            if withdrawal.who == account {
                own.push(Self {
                    request: withdrawal.request,
                    shares: withdrawal.shares,
                    requested_at_s: withdrawal.requested_at_s,
                    ahead,
                    ahead_shares,
                });
            }
            ahead = ahead.saturating_add(1);
            ahead_shares = ahead_shares.saturating_add(withdrawal.shares);
        }
        own
    }
}

/// How a worker stands: what it has shown, and its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerStanding {
    /// The account that answers for it, if it is registered.
    pub operator: Option<AccountBytes>,
    /// The pool that it belongs to.
    pub pool: Option<u64>,
    /// Its session with the stake, until that is reclaimed.
    pub session: Option<StakedSession>,
    /// Its benchmark and challenge.
    pub performance: WorkerPerformance,
    /// When it has shown its newest performance, in seconds since 1970.
    pub proven_at_s: Option<u64>,
    /// What governance has decided about sessions.
    pub settings: EconomySettings,
    /// The number of the block.
    pub block: u64,
    /// The time of the block, in seconds since 1970.
    pub now_s: u64,
}

impl WorkerStanding {
    /// The performance that a session can start with now.
    pub fn valid_p(&self) -> Option<u32> {
        let score = self.performance.score?;
        let until_s = self
            .proven_at_s?
            .saturating_add(self.settings.benchmark_life_s);
        (self.now_s < until_s).then_some(score.p)
    }
}

/// Sessions, pools and vaults at the newest finalised block.
#[async_trait]
pub trait EconomyReader: Send + Sync {
    /// Registered workers, in no order; of one operator if one is given. No more than `limit`.
    async fn registered_workers(
        &self,
        operator: Option<AccountBytes>,
        limit: usize,
    ) -> Result<Vec<RegisteredWorker>>;

    /// How a worker stands.
    async fn standing(&self, worker: WorkerId) -> Result<WorkerStanding>;

    /// How many pools there are. They are numbered from 0 on.
    async fn pool_count(&self) -> Result<u64>;

    /// A pool, and what `holder` has of it.
    async fn pool(&self, pid: u64, holder: Option<AccountBytes>)
    -> Result<Option<FundState<Pool>>>;

    /// What the runtime decides about pools.
    async fn pool_terms(&self) -> Result<FundTerms>;

    /// How many vaults there are. They are numbered from 0 on.
    async fn vault_count(&self) -> Result<u64>;

    /// A vault, and what `holder` has of it.
    async fn vault(
        &self,
        vid: u64,
        holder: Option<AccountBytes>,
    ) -> Result<Option<FundState<Vault>>>;

    /// What the runtime decides about vaults.
    async fn vault_terms(&self) -> Result<FundTerms>;

    /// What of an account's balance is not on hold.
    async fn spendable(&self, account: AccountBytes) -> Result<Amount>;
}

/// Acts with the signing account. Each transaction is awaited until the block with it is final.
#[async_trait]
pub trait EconomyWriter: EconomyReader {
    /// The account that signs.
    fn signing_account(&self) -> AccountBytes;

    /// What a transaction would cost in fees, about.
    async fn economy_fee(&self, action: &EconomyAction) -> Result<Amount>;

    /// Sends it, and tells what it came to.
    async fn act_in_economy(&self, action: &EconomyAction) -> Result<(Block, EconomyOutcome)>;
}
