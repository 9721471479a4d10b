//! What the chain would refuse of sessions, told before anything is paid for it.

use anyhow::{Context, Result, bail};
use phat_chain_client::{SessionAction, SessionPhase, StakedSession};
use phat_primitives::{AccountBytes, WorkerId};

use crate::{
    amount::Amount,
    chain::{EconomyWriter, WorkerStanding},
    staking::Span,
};

/// Checks that the chain would take it.
pub async fn plan(chain: &impl EconomyWriter, action: &SessionAction) -> Result<()> {
    let account = chain.signing_account();
    match *action {
        SessionAction::BeginBenchmark(worker) => {
            let standing = chain.standing(worker).await?;
            operated(&standing, worker, account)?;
            match standing.session {
                Some(session) if session.phase == SessionPhase::Running => {
                    bail!("worker {worker} is in a session, and shows its performance by that")
                }
                _ => Ok(()),
            }
        }
        SessionAction::Start { worker, stake } => {
            let standing = chain.standing(worker).await?;
            operated(&standing, worker, account)?;
            startable(&standing, worker, Amount(stake))
        }
        SessionAction::Stop(worker) => {
            let standing = chain.standing(worker).await?;
            let session = own_session(&standing, worker, account)?;
            match session.phase {
                SessionPhase::Running => Ok(()),
                SessionPhase::CoolingDown { until_s } => {
                    let left = Span(until_s.saturating_sub(standing.now_s));
                    bail!(
                        "the session of worker {worker} was stopped: its stake can be reclaimed \
                         in {left}"
                    )
                }
            }
        }
        SessionAction::Reclaim(worker) => {
            let standing = chain.standing(worker).await?;
            let session = own_session(&standing, worker, account)?;
            cooled_down(session, worker, standing.now_s, "phat worker stop")
        }
    }
}

/// Refuses a worker that `account` does not operate.
fn operated(standing: &WorkerStanding, worker: WorkerId, account: AccountBytes) -> Result<()> {
    match standing.operator {
        None => bail!(
            "worker {worker} is not registered: start it with the operator's account, and check \
             the identity and --chain"
        ),
        Some(operator) if operator != account => bail!(
            "worker {worker} is operated by {operator}, and {account} signs: give the operator's \
             with --suri"
        ),
        Some(_) => Ok(()),
    }
}

/// Refuses a worker that no session can start with, with this stake.
pub fn startable(standing: &WorkerStanding, worker: WorkerId, stake: Amount) -> Result<()> {
    if let Some(session) = &standing.session {
        match session.phase {
            SessionPhase::Running => bail!("worker {worker} is in a session already"),
            SessionPhase::CoolingDown { until_s } => bail!(
                "the stake of the last session of worker {worker} was not reclaimed: reclaim it \
                 first, which can be done in {}",
                Span(until_s.saturating_sub(standing.now_s))
            ),
        }
    }
    let p = standing.valid_p().with_context(|| {
        format!(
            "worker {worker} has not shown its performance lately: have it do a benchmark with \
             `phat worker benchmark {worker}`, and wait a few blocks"
        )
    })?;
    if standing.settings.price.is_none() {
        bail!("the chain does not know yet what a PHA costs: wait until the oracle says so");
    }
    let least = Amount(standing.settings.stake_min(p));
    if stake < least {
        bail!("worker {worker} has a performance of {p}, which asks for {least} at least");
    }
    Ok(())
}

/// The session of a worker that has stake of `account`'s.
fn own_session(
    standing: &WorkerStanding,
    worker: WorkerId,
    account: AccountBytes,
) -> Result<&StakedSession> {
    let session = standing.session.as_ref();
    let session = session.with_context(|| format!("worker {worker} has no session"))?;
    if session.beneficiary == account {
        return Ok(session);
    }
    match standing.pool {
        Some(pid) => bail!(
            "the stake in worker {worker} is not of {account}: if it is of pool {pid}, which the \
             worker belongs to, use `phat pool`"
        ),
        None => bail!(
            "the stake in worker {worker} is of {}: give that account with --suri",
            session.beneficiary
        ),
    }
}

/// Refuses a session of which the stake cannot be reclaimed at `now_s`, in seconds since 1970.
/// `stop` is the command that stops it.
pub fn cooled_down(
    session: &StakedSession,
    worker: WorkerId,
    now_s: u64,
    stop: &str,
) -> Result<()> {
    match session.phase {
        SessionPhase::Running => {
            bail!("the session of worker {worker} still runs: stop it first with `{stop}`")
        }
        SessionPhase::CoolingDown { until_s } if until_s > now_s => bail!(
            "the stake in worker {worker} cools down: it can be reclaimed in {}",
            Span(until_s - now_s)
        ),
        SessionPhase::CoolingDown { .. } => Ok(()),
    }
}
