//! What is to be done with a pool, checked before anything is paid for it.

use anyhow::{Context, Result, bail};
use phat_chain_client::{Pool, PoolAction, PoolWorker, SessionPhase, StakedSession};
use phat_primitives::{AccountBytes, WorkerId};

use crate::{
    amount::Amount,
    chain::{EconomyWriter, FundState, Holder},
    commands::worker::plan::{cooled_down, startable},
    staking::{
        Part, Rate, Span, cancelled, check_delegation, check_overdue, check_owner, check_rate,
        check_served, withdrawn,
    },
};

/// What somebody would like done.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    /// This.
    Exactly(PoolAction),
    /// A withdrawal of so much.
    Withdraw {
        /// The pool.
        pid: u64,
        /// How much.
        part: Part,
    },
    /// A withdrawal taken back: the only one, or the one with this number.
    Cancel {
        /// The pool.
        pid: u64,
        /// Its number.
        request: Option<u64>,
    },
}

/// What has to be sent for it, and what that takes of the account's balance besides the fee.
pub async fn plan(chain: &impl EconomyWriter, wish: Wish) -> Result<(PoolAction, Amount)> {
    let nothing = Amount(0);
    match wish {
        Wish::Exactly(action @ PoolAction::Create { commission_ppm }) => {
            let terms = chain.pool_terms().await?;
            check_rate(Rate(commission_ppm), &terms)?;
            let seed = Amount(terms.seed);
            let spends = seed.checked_add(Amount(terms.existential_deposit));
            let spends = spends.context("a pool would take more PHA than there can be")?;
            Ok((action, spends))
        }
        Wish::Exactly(action @ PoolAction::Delegate { pid, amount }) => {
            let state = known(chain, pid).await?;
            delegable(&state, holder(&state)?, Amount(amount))?;
            Ok((action, Amount(amount)))
        }
        Wish::Exactly(action) => {
            check(chain, &action).await?;
            Ok((action, nothing))
        }
        Wish::Withdraw { pid, part } => {
            let state = known(chain, pid).await?;
            let (book, terms) = (&state.fund.book, &state.terms);
            let shares = withdrawn(&name(pid), holder(&state)?, book, terms, part)?;
            Ok((PoolAction::Withdraw { pid, shares }, nothing))
        }
        Wish::Cancel { pid, request } => {
            let state = known(chain, pid).await?;
            let request = cancelled(&name(pid), holder(&state)?, request)?;
            Ok((PoolAction::CancelWithdrawal { pid, request }, nothing))
        }
    }
}

fn name(pid: u64) -> String {
    format!("pool {pid}")
}

/// The pool, and what the signing account has of it.
async fn known(chain: &impl EconomyWriter, pid: u64) -> Result<FundState<Pool>> {
    let state = chain.pool(pid, Some(chain.signing_account())).await?;
    state.with_context(|| {
        format!("there is no pool {pid} on this chain: `phat pool list` shows those there are")
    })
}

fn holder(state: &FundState<Pool>) -> Result<&Holder> {
    let holder = state.holder.as_ref();
    holder.context("the chain did not say what the account has of the pool")
}

/// Checks what takes none of the account's balance but the fee.
async fn check(chain: &impl EconomyWriter, action: &PoolAction) -> Result<()> {
    use PoolAction as Action;

    let account = chain.signing_account();
    match *action {
        Action::SetCommission {
            pid,
            commission_ppm,
        } => {
            let state = owned(chain, pid, account).await?;
            check_rate(Rate(commission_ppm), &state.terms)
        }
        Action::SetCap { pid, .. }
        | Action::SetRestriction { pid, .. }
        | Action::AddToWhitelist { pid, .. }
        | Action::RemoveFromWhitelist { pid, .. } => owned(chain, pid, account).await.map(drop),
        Action::AddWorker { pid, worker } => {
            owned(chain, pid, account).await?;
            addable(chain, pid, worker, account).await
        }
        Action::RemoveWorker { pid, worker } => {
            let state = known(chain, pid).await?;
            match pool_session(pool_worker(&state.fund, worker)?) {
                None => Ok(()),
                Some(_) => bail!(
                    "pool {pid} has stake in worker {worker}: stop it with `phat pool stop-worker` \
                     and reclaim the stake first"
                ),
            }
        }
        Action::StartWorker { pid, worker, stake } => {
            let state = owned(chain, pid, account).await?;
            pool_worker(&state.fund, worker)?;
            startable(&chain.standing(worker).await?, worker, Amount(stake))?;
            stakable(&state.fund, Amount(stake))
        }
        Action::StopWorker { pid, worker } => {
            let state = owned(chain, pid, account).await?;
            let session = staked(&state.fund, worker)?;
            stoppable(session, worker, state.now_s)
        }
        Action::ReclaimWorker { pid, worker } => {
            let state = known(chain, pid).await?;
            let session = staked(&state.fund, worker)?;
            cooled_down(session, worker, state.now_s, "phat pool stop-worker")
        }
        Action::ClaimOwnerRewards(pid) => match owned(chain, pid, account).await?.fund {
            Pool {
                owner_rewards: 0, ..
            } => bail!("no commission of pool {pid} waits to be claimed"),
            _ => Ok(()),
        },
        Action::ProcessQueue { pid, .. } => {
            check_served(&name(pid), &known(chain, pid).await?.fund.queue)
        }
        Action::Force(pid) => {
            let state = known(chain, pid).await?;
            check_overdue(&name(pid), &state.fund.queue, &state.terms, state.now_s)
        }
        // These were made of a wish that was checked.
        Action::Create { .. }
        | Action::Delegate { .. }
        | Action::Withdraw { .. }
        | Action::CancelWithdrawal { .. } => Ok(()),
    }
}

/// The pool, if `account` owns it.
async fn owned(
    chain: &impl EconomyWriter,
    pid: u64,
    account: AccountBytes,
) -> Result<FundState<Pool>> {
    let state = known(chain, pid).await?;
    check_owner(&name(pid), state.fund.owner, account)?;
    Ok(state)
}

/// Refuses an amount that the pool does not take of this account.
fn delegable(state: &FundState<Pool>, holder: &Holder, amount: Amount) -> Result<()> {
    let pool = &state.fund;
    let pid = pool.pid;
    if !holder.may_delegate {
        bail!(
            "pool {pid} takes delegations only of those on its whitelist, and {} is not: ask its \
             owner {}, or choose another pool",
            holder.account,
            pool.owner
        );
    }
    check_delegation(&name(pid), &pool.book, &state.terms, amount)?;
    let value = Amount(pool.book.value);
    let room = pool.cap.map(|cap| cap.saturating_sub(pool.book.value));
    match room {
        Some(room) if amount.0 > room => bail!(
            "pool {pid} is worth {value} and has room for {} up to its cap: delegate no more, or \
             choose another pool",
            Amount(room)
        ),
        _ => Ok(()),
    }
}

/// Refuses a worker that the owner of a pool cannot add to it.
async fn addable(
    chain: &impl EconomyWriter,
    pid: u64,
    worker: WorkerId,
    account: AccountBytes,
) -> Result<()> {
    let standing = chain.standing(worker).await?;
    match standing.operator {
        None => bail!("worker {worker} is not registered: check the identity and --chain"),
        Some(operator) if operator != account => {
            bail!("worker {worker} is operated by {operator}, who has to own the pool, too")
        }
        Some(_) => {}
    }
    match standing.pool {
        Some(other) if other == pid => bail!("worker {worker} is in pool {pid} already"),
        Some(other) => bail!("worker {worker} is in pool {other}: remove it there first"),
        None if standing.session.is_some() => bail!(
            "worker {worker} is in a session with other stake: stop it with `phat worker stop` and \
             reclaim the stake first"
        ),
        None => Ok(()),
    }
}

/// A worker of the pool.
fn pool_worker(pool: &Pool, worker: WorkerId) -> Result<&PoolWorker> {
    let found = pool.workers.iter().find(|found| found.worker == worker);
    found.with_context(|| {
        let pid = pool.pid;
        format!("worker {worker} is not in pool {pid}: add it with `phat pool add-worker`")
    })
}

/// The session that the pool has stake in.
fn pool_session(worker: &PoolWorker) -> Option<&StakedSession> {
    worker.session.as_ref().filter(|_| worker.is_pool_stake)
}

/// The session of a worker that the pool has stake in.
fn staked(pool: &Pool, worker: WorkerId) -> Result<&StakedSession> {
    let session = pool_session(pool_worker(pool, worker)?);
    session.with_context(|| format!("pool {} has no stake in worker {worker}", pool.pid))
}

/// Refuses a stake that is more than the pool has and owes nobody.
fn stakable(pool: &Pool, stake: Amount) -> Result<()> {
    let unowed = Amount(pool.unowed());
    if stake > unowed {
        bail!(
            "pool {} has {unowed} that is free and that nobody waits for: stake less, or wait for \
             delegations",
            pool.pid
        );
    }
    Ok(())
}

/// Refuses a session that was stopped.
fn stoppable(session: &StakedSession, worker: WorkerId, now_s: u64) -> Result<()> {
    match session.phase {
        SessionPhase::Running => Ok(()),
        SessionPhase::CoolingDown { until_s } => bail!(
            "the session of worker {worker} was stopped: its stake can be reclaimed in {}",
            Span(until_s.saturating_sub(now_s))
        ),
    }
}
