//! Pools as they are.

use std::fmt;

use anyhow::{Context, Result};
use phat_chain_client::{PoolWorker, SessionPhase};
use phat_primitives::{AccountBytes, WorkerId};
use serde::Serialize;

use crate::{
    amount::Amount,
    chain::EconomyReader,
    staking::{Held, QueueShown, RateShown, Shares, Span, price, price_words},
};

/// Many pools.
#[derive(Debug, Serialize)]
pub struct Listed {
    pools: Vec<Row>,
}

/// A pool in a list.
#[derive(Debug, Serialize)]
struct Row {
    pool: u64,
    owner: AccountBytes,
    value: Amount,
    /// What 10¹² shares are worth, which were worth 1 PHA at first.
    price: Option<Amount>,
    commission: RateShown,
    is_restricted: bool,
    workers: usize,
    /// How many withdrawals wait.
    waiting: u32,
}

/// A pool.
#[derive(Debug, Serialize)]
pub struct Shown {
    pool: u64,
    owner: AccountBytes,
    /// The account that has its money.
    money_account: AccountBytes,
    /// What all shares are worth together.
    value: Amount,
    /// What of it is free, and what of that nobody waits for.
    free: Amount,
    unowed: Amount,
    shares: Shares,
    /// What 10¹² shares are worth, which were worth 1 PHA at first.
    price: Option<Amount>,
    commission: RateShown,
    /// What was taken for the owner and not claimed yet.
    owner_rewards: Amount,
    cap: Option<Amount>,
    is_restricted: bool,
    whitelisted: u32,
    queue: QueueShown,
    workers: Vec<WorkerShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
}

/// A worker of a pool.
#[derive(Debug, Serialize)]
struct WorkerShown {
    worker: WorkerId,
    /// `idle`, `running`, `cooling_down`, `reclaimable`, or `other_stake` in a session with other
    /// money than the pool's.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stake: Option<Amount>,
    /// What would come back of the stake now.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Amount>,
    /// When the stake can be reclaimed, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    until_s: Option<u64>,
    #[serde(skip)]
    left_s: u64,
}

/// Lists up to `limit` pools, the newest first.
pub async fn list(chain: &impl EconomyReader, limit: u32) -> Result<Listed> {
    let count = chain.pool_count().await?;
    let mut pools = Vec::new();
    for pid in (0..count).rev().take(limit as usize) {
        let Some(state) = chain.pool(pid, None).await? else {
            continue;
        };
        let pool = state.fund;
        pools.push(Row {
            pool: pid,
            owner: pool.owner,
            value: Amount(pool.book.value),
            price: price(&pool.book),
            commission: RateShown::of(pool.commission, state.now_s),
            is_restricted: pool.is_restricted,
            workers: pool.workers.len(),
            waiting: pool.queue.count,
        });
    }
    Ok(Listed { pools })
}

/// Shows a pool, and what `account` has of it.
pub async fn show(
    chain: &impl EconomyReader,
    pid: u64,
    account: Option<AccountBytes>,
) -> Result<Shown> {
    let state = chain.pool(pid, account).await?;
    let state = state.with_context(|| {
        format!("there is no pool {pid} on this chain: `phat pool list` shows those there are")
    })?;
    let (pool, now_s) = (&state.fund, state.now_s);
    let workers = pool.workers.iter();
    Ok(Shown {
        pool: pid,
        owner: pool.owner,
        money_account: pool.account,
        value: Amount(pool.book.value),
        free: Amount(pool.book.available),
        unowed: Amount(pool.unowed()),
        shares: Shares(pool.book.supply),
        price: price(&pool.book),
        commission: RateShown::of(pool.commission, now_s),
        owner_rewards: Amount(pool.owner_rewards),
        cap: pool.cap.map(Amount),
        is_restricted: pool.is_restricted,
        whitelisted: pool.whitelisted,
        queue: QueueShown::of(&pool.queue, &pool.book, &state.terms, now_s),
        workers: workers
            .map(|worker| WorkerShown::of(worker, now_s))
            .collect(),
        held: state
            .holder
            .as_ref()
            .map(|holder| Held::of(holder, &pool.book, now_s)),
    })
}

impl WorkerShown {
    /// A worker as it is at `now_s`, in seconds since 1970.
    fn of(worker: &PoolWorker, now_s: u64) -> Self {
        let session = worker.session.as_ref();
        let own = session.filter(|_| worker.is_pool_stake);
        let until_s = match own.map(|session| session.phase) {
            Some(SessionPhase::CoolingDown { until_s }) => Some(until_s),
            _ => None,
        };
        let state = match (session, own, until_s) {
            (None, ..) => "idle",
            (Some(_), None, _) => "other_stake",
            (_, _, None) => "running",
            (_, _, Some(until_s)) if until_s <= now_s => "reclaimable",
            _ => "cooling_down",
        };
        Self {
            worker: worker.worker,
            state,
            stake: own.map(|session| Amount(session.stake)),
            returned: own.map(|session| Amount(session.returned)),
            until_s,
            left_s: until_s.map_or(0, |until_s| until_s.saturating_sub(now_s)),
        }
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pools.is_empty() {
            return writeln!(f, "no pools");
        }
        for row in &self.pools {
            write!(
                f,
                "{:<6} {}, {}, commission {}, workers {}",
                row.pool,
                row.value,
                price_words(row.price),
                row.commission,
                row.workers
            )?;
            if row.waiting > 0 {
                write!(f, ", {} waiting", row.waiting)?;
            }
            if row.is_restricted {
                write!(f, ", restricted")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "pool       {}", self.pool)?;
        writeln!(f, "owner      {}", self.owner)?;
        writeln!(
            f,
            "value      {}, {} of it free, {} of that for nobody who waits",
            self.value, self.free, self.unowed
        )?;
        writeln!(f, "shares     {}", self.shares.0)?;
        writeln!(f, "price      {}", price_words(self.price))?;
        writeln!(f, "commission {}", self.commission)?;
        if self.owner_rewards > Amount(0) {
            writeln!(f, "           {} to be claimed", self.owner_rewards)?;
        }
        if let Some(cap) = self.cap {
            writeln!(f, "cap        {cap}")?;
        }
        if self.is_restricted {
            writeln!(
                f,
                "open to    its owner and {} on the whitelist",
                self.whitelisted
            )?;
        }
        writeln!(f, "queue      {}", self.queue)?;
        for worker in &self.workers {
            write!(f, "{worker}")?;
        }
        match &self.held {
            Some(held) => write!(f, "{held}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for WorkerShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "worker     {}  ", self.worker)?;
        match self.state {
            "idle" => write!(f, "in no session")?,
            "running" => write!(f, "running")?,
            "cooling_down" => write!(f, "cooling down for {}", Span(self.left_s))?,
            "reclaimable" => write!(f, "stopped, and the stake can be reclaimed")?,
            _ => write!(f, "in a session with other stake")?,
        }
        match (self.stake, self.returned) {
            (Some(stake), Some(returned)) if stake == returned => writeln!(f, ", {stake}"),
            (Some(stake), Some(returned)) => writeln!(f, ", {returned} of {stake}"),
            _ => writeln!(f),
        }
    }
}
