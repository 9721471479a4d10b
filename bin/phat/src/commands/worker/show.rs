//! How workers stand.

use std::fmt;

use anyhow::{Result, bail};
use phat_chain_client::{BenchmarkStage, SessionPhase, StakedSession};
use phat_primitives::{AccountBytes, WorkerId};
use phat_tokenomics::{FRACTION_BITS, Fixed, WorkerPhase};
use serde::Serialize;

use crate::{
    amount::Amount,
    chain::{EconomyReader, WorkerStanding},
    staking::{RateShown, Span},
};

/// The whole, where parts of it are counted in millionths.
const MILLION: u32 = 1_000_000;

/// Many workers.
#[derive(Debug, Serialize)]
pub struct Listed {
    workers: Vec<Row>,
}

/// A worker in a list.
#[derive(Debug, Serialize)]
struct Row {
    worker: WorkerId,
    operator: AccountBytes,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stake: Option<Amount>,
}

/// A worker.
#[derive(Debug, Serialize)]
pub struct Shown {
    worker: WorkerId,
    /// `None` if it is not registered any more.
    operator: Option<AccountBytes>,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<u64>,
    benchmark: Benchmark,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Session>,
}

/// Where a worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// In no session, and has shown no performance that counts.
    NoBenchmark,
    /// In no session, and a benchmark is under way.
    Benchmark,
    /// A session can start.
    Ready,
    /// In a session, and answers.
    Running,
    /// In a session, and does not answer.
    Unresponsive,
    /// Its session was stopped.
    CoolingDown,
    /// Its stake can be reclaimed.
    Reclaimable,
}

/// What a worker has shown.
#[derive(Debug, Serialize)]
struct Benchmark {
    /// The newest performance: iterations in six seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<u32>,
    /// Whether a session can start with it now.
    is_valid: bool,
    /// The least stake for it, in that case.
    #[serde(skip_serializing_if = "Option::is_none")]
    stake_min: Option<Amount>,
    /// The run that is under way, or has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'static str>,
}

/// A session.
#[derive(Debug, Serialize)]
struct Session {
    number: u32,
    beneficiary: AccountBytes,
    stake: Amount,
    /// What would come back of it if it ended now and there were no faults any more.
    returned: Amount,
    /// The Value Promise, in PHA, now and at the start.
    v: Fixed,
    v_initial: Fixed,
    /// The performance at the start, and the one that counts now.
    p_initial: u32,
    p_instant: Fixed,
    confidence_level: u8,
    share: Fixed,
    /// The part of all payouts that goes to it, in millionths, about.
    share_ppm: u32,
    /// The block of the last heartbeat that was paid for, or of the start.
    last_heartbeat: u32,
    /// The block until which an open challenge is answered in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge_deadline: Option<u32>,
    /// When the stake can be reclaimed, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    until_s: Option<u64>,
    #[serde(skip)]
    blocks_since_heartbeat: u64,
    #[serde(skip)]
    left_s: u64,
}

/// Lists up to `limit` workers.
pub async fn list(
    chain: &impl EconomyReader,
    operator: Option<AccountBytes>,
    limit: u32,
) -> Result<Listed> {
    let mut workers = Vec::new();
    let registered = chain.registered_workers(operator, limit as usize).await?;
    for found in registered {
        let standing = chain.standing(found.worker).await?;
        workers.push(Row {
            worker: found.worker,
            operator: found.operator,
            state: State::of(&standing),
            pool: standing.pool,
            p: standing.performance.score.map(|score| score.p),
            stake: standing
                .session
                .as_ref()
                .map(|session| Amount(session.stake)),
        });
    }
    workers.sort_by_key(|row| row.worker);
    Ok(Listed { workers })
}

/// Shows a worker.
pub async fn show(chain: &impl EconomyReader, worker: WorkerId) -> Result<Shown> {
    let standing = chain.standing(worker).await?;
    if standing.operator.is_none() && standing.session.is_none() {
        bail!(
            "there is no worker {worker} on this chain: check the identity and --chain, and see \
             the worker's log for what it needs to be registered"
        );
    }
    let valid = standing.valid_p();
    let run = standing.performance.benchmark.map(|run| match run.stage {
        BenchmarkStage::Running { .. } => "running",
        BenchmarkStage::Reported { .. } => "reported",
        BenchmarkStage::Failed => "failed",
    });
    let session = standing.session.as_ref();
    Ok(Shown {
        worker,
        operator: standing.operator,
        state: State::of(&standing),
        pool: standing.pool,
        benchmark: Benchmark {
            p: standing.performance.score.map(|score| score.p),
            is_valid: valid.is_some(),
            stake_min: valid.map(|p| Amount(standing.settings.stake_min(p))),
            run,
        },
        session: session.map(|session| Session::of(session, &standing)),
    })
}

impl State {
    fn of(standing: &WorkerStanding) -> Self {
        match &standing.session {
            Some(session) => match session.phase {
                SessionPhase::Running if session.state.state == WorkerPhase::Unresponsive => {
                    Self::Unresponsive
                }
                SessionPhase::Running => Self::Running,
                SessionPhase::CoolingDown { until_s } if until_s <= standing.now_s => {
                    Self::Reclaimable
                }
                SessionPhase::CoolingDown { .. } => Self::CoolingDown,
            },
            None if standing.valid_p().is_some() => Self::Ready,
            None => match standing.performance.benchmark.map(|run| run.stage) {
                Some(BenchmarkStage::Running { .. } | BenchmarkStage::Reported { .. }) => {
                    Self::Benchmark
                }
                Some(BenchmarkStage::Failed) | None => Self::NoBenchmark,
            },
        }
    }

    /// In words that say what to do.
    fn words(self) -> &'static str {
        match self {
            Self::NoBenchmark => "no benchmark that counts: begin one with `phat worker benchmark`",
            Self::Benchmark => "does a benchmark",
            Self::Ready => "ready to start",
            Self::Running => "running",
            Self::Unresponsive => "unresponsive: V falls until the worker answers a challenge",
            Self::CoolingDown => "cooling down",
            Self::Reclaimable => "stopped, and the stake can be reclaimed",
        }
    }
}

impl Session {
    fn of(session: &StakedSession, standing: &WorkerStanding) -> Self {
        let state = &session.state;
        let until_s = match session.phase {
            SessionPhase::Running => None,
            SessionPhase::CoolingDown { until_s } => Some(until_s),
        };
        let left_s = until_s.map_or(0, |until_s| until_s.saturating_sub(standing.now_s));
        let challenge = standing.performance.session.as_ref();
        let challenge = challenge.and_then(|session| session.challenge);
        Self {
            number: session.number,
            beneficiary: session.beneficiary,
            stake: Amount(session.stake),
            returned: Amount(session.returned),
            v: state.v,
            v_initial: state.v_initial,
            p_initial: state.p_initial,
            p_instant: state.p_instant,
            confidence_level: state.confidence_level,
            share: state.share,
            share_ppm: part_ppm(state.share, standing.settings.share_total),
            last_heartbeat: state.paid_at,
            challenge_deadline: challenge.map(|challenge| challenge.deadline),
            until_s,
            blocks_since_heartbeat: standing.block.saturating_sub(state.paid_at.into()),
            left_s,
        }
    }
}

/// How many millionths of `whole` `part` is, rounded down. A sum that is behind counts as the part.
fn part_ppm(part: Fixed, whole: Fixed) -> u32 {
    if part >= whole {
        return if part.is_zero() { 0 } else { MILLION };
    }
    let millionths = Fixed::from_int(MILLION.into()).mul_ratio_floor(part, whole);
    u32::try_from(millionths.to_bits() >> FRACTION_BITS).unwrap_or(MILLION)
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.workers.is_empty() {
            return writeln!(f, "no workers");
        }
        for row in &self.workers {
            write!(f, "{}  {}", row.worker, row.state.words())?;
            if let Some(p) = row.p {
                write!(f, "  P {p}")?;
            }
            if let Some(stake) = row.stake {
                write!(f, "  {stake}")?;
            }
            match row.pool {
                Some(pid) => writeln!(f, "  pool {pid}")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "worker     {}", self.worker)?;
        match self.operator {
            Some(operator) => writeln!(f, "operator   {operator}")?,
            None => writeln!(f, "operator   none: it is not registered any more")?,
        }
        if let Some(pid) = self.pool {
            writeln!(f, "pool       {pid}")?;
        }
        writeln!(f, "state      {}", self.state.words())?;
        match (self.benchmark.p, self.benchmark.stake_min) {
            (Some(p), Some(least)) => {
                writeln!(f, "P          {p}, for which the least stake is {least}")?;
            }
            (Some(p), None) => writeln!(f, "P          {p}, too long ago to start with")?,
            (None, _) => {}
        }
        if let Some(run) = self.benchmark.run {
            writeln!(f, "benchmark  {run}")?;
        }
        match &self.session {
            Some(session) => write!(f, "{session}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "session    {}, of {}", self.number, self.beneficiary)?;
        writeln!(f, "stake      {}", self.stake)?;
        writeln!(f, "returned   {} if it ended now", self.returned)?;
        writeln!(
            f,
            "V          {:.3} PHA, {:.3} PHA at the start",
            self.v, self.v_initial
        )?;
        writeln!(
            f,
            "P          {:.3} now, {} at the start",
            self.p_instant, self.p_initial
        )?;
        writeln!(
            f,
            "share      {:.3}, {} of all",
            self.share,
            RateShown::fixed(self.share_ppm)
        )?;
        writeln!(
            f,
            "heartbeat  block {}, {} blocks ago",
            self.last_heartbeat, self.blocks_since_heartbeat
        )?;
        if let Some(deadline) = self.challenge_deadline {
            writeln!(f, "challenge  open until block {deadline}")?;
        }
        match self.until_s {
            Some(_) if self.left_s > 0 => {
                writeln!(f, "cool-down  over in {}", Span(self.left_s))?;
            }
            Some(_) => writeln!(f, "cool-down  over: reclaim the stake")?,
            None => {}
        }
        Ok(())
    }
}
