//! What sessions have to come to, worked out from events alone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};
use phat_primitives::WorkerId;
use phat_tokenomics::{
    Fixed, Parameters, Totals, WorkerPhase, WorkerState, final_stake, v_initial,
};

use super::Event;

/// The confidence level of the platforms that the simulator makes.
pub const CONFIDENCE_LEVEL: u8 = 1;

/// What an answer shows of the work before the previous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It is the session's first: the performance stays that of the benchmark.
    First,
    /// So many iterations in so long.
    Iterations {
        /// How many.
        count: u64,
        /// In milliseconds.
        elapsed_ms: u64,
    },
    /// Nothing: the worker has restarted.
    Nothing,
}

/// All sessions of a chain, as they have to be while the parameters do not change.
#[derive(Clone, Debug)]
pub struct Model {
    parameters: Parameters,
    price: Fixed,
    totals: Totals,
    scores: BTreeMap<WorkerId, u32>,
    sessions: BTreeMap<WorkerId, Modelled>,
    /// What the answer before has to be paid.
    due: Option<Due>,
}

#[derive(Clone, Debug)]
struct Modelled {
    state: WorkerState,
    stake: u128,
    challenge: Option<Challenge>,
}

#[derive(Clone, Copy, Debug)]
struct Challenge {
    at: u32,
    is_missed: bool,
}

/// Amounts in units of 10⁻¹² PHA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    worker: WorkerId,
    amount: u128,
    treasury: u128,
}

impl Model {
    /// A chain without sessions, on which a PHA costs `price` US dollars.
    pub fn new(parameters: Parameters, price: Fixed) -> Self {
        Self {
            parameters,
            price,
            totals: Totals::default(),
            scores: BTreeMap::new(),
            sessions: BTreeMap::new(),
            due: None,
        }
    }

    /// Takes in what happened in block `now`, in order; fails where it is not what has to happen.
    /// `shown` has what each answer shows.
    ///
    /// Which challenges are missed is worked out, and so is all of which the events tell a value.
    pub fn block(
        &mut self,
        now: u32,
        events: &[Event],
        shown: &BTreeMap<WorkerId, Shown>,
    ) -> anyhow::Result<()> {
        let missed = self.expire(now);
        let told: BTreeSet<_> = events.iter().filter_map(unresponsive).collect();
        ensure!(missed == told, "{missed:?} should have become unresponsive");
        for event in events {
            self.event(now, event, shown)
                .with_context(|| format!("after {event:?}"))?;
        }
        self.ensure_paid()
    }

    /// The sum of the shares.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The performance that a worker has shown last.
    pub fn score(&self, worker: &WorkerId) -> Option<u32> {
        self.scores.get(worker).copied()
    }

    /// The session of a worker, as of its last event.
    pub fn state(&self, worker: &WorkerId) -> Option<&WorkerState> {
        self.sessions.get(worker).map(|session| &session.state)
    }

    /// All sessions.
    pub fn states(&self) -> impl Iterator<Item = (&WorkerId, &WorkerState)> {
        let sessions = self.sessions.iter();
        sessions.map(|(worker, session)| (worker, &session.state))
    }

    /// Ends the challenges that should have been answered before this block. Gives which workers
    /// are unresponsive from now on.
    fn expire(&mut self, now: u32) -> BTreeSet<WorkerId> {
        let mut missed = BTreeSet::new();
        let window = self.parameters.heartbeat_window;
        for (worker, session) in &mut self.sessions {
            let Some(challenge) = &mut session.challenge else {
                continue;
            };
            if challenge.is_missed || challenge.at + window + 1 != now {
                continue;
            }
            challenge.is_missed = true;
            if session.state.state == WorkerPhase::Idle {
                missed.insert(*worker);
            }
            let (parameters, totals) = (&self.parameters, &mut self.totals);
            session.state.timeout(parameters, totals, now);
        }
        missed
    }

    fn event(
        &mut self,
        now: u32,
        event: &Event,
        shown: &BTreeMap<WorkerId, Shown>,
    ) -> anyhow::Result<()> {
        match *event {
            Event::BenchmarkProven { worker, p } => {
                self.scores.insert(worker, p);
            }
            Event::SessionStarted { worker, stake, v } => self.start(now, worker, stake, v)?,
            Event::SessionStopped { worker, .. } => {
                let session = self.sessions.get_mut(&worker).context("no session")?;
                session.challenge = None;
                let (parameters, totals) = (&self.parameters, &mut self.totals);
                session.state.stop(parameters, totals, now);
            }
            Event::StakeReclaimed {
                worker,
                returned,
                slashed,
            } => self.reclaim(worker, returned, slashed)?,
            Event::Challenged { worker } => {
                let session = self.sessions.get_mut(&worker).context("no session")?;
                session.challenge = Some(Challenge {
                    at: now,
                    is_missed: false,
                });
            }
            Event::HeartbeatAnswered {
                worker,
                p_instant,
                v,
            } => {
                self.answer(now, worker, WorkerPhase::Idle, shown)?;
                let state = self.state(&worker).context("no session")?;
                ensure!((state.p_instant, state.v) == (p_instant, v), "{state:?}");
            }
            Event::Recovered { worker } => {
                self.answer(now, worker, WorkerPhase::Unresponsive, shown)?;
                ensure!(self.due.is_none(), "the gap is to be paid: {:?}", self.due);
            }
            Event::PaidOut {
                worker,
                amount,
                treasury,
            } => {
                let paid = Due {
                    worker,
                    amount,
                    treasury,
                };
                let due = self.due.take();
                ensure!(due == Some(paid), "to be paid: {due:?}");
            }
            Event::FaultFound {
                worker,
                level,
                lost,
            } => {
                let session = self.sessions.get_mut(&worker).context("no session")?;
                let (parameters, totals) = (&self.parameters, &mut self.totals);
                let expected = session.state.fault(parameters, totals, now, level);
                ensure!(expected == Some(lost), "it costs {expected:?}");
            }
            // Which ones there are was compared before.
            Event::Unresponsive { .. } => {}
            Event::PayoutReceived { worker, amount, .. } => {
                let due = self.due.map(|due| (due.worker, due.amount));
                ensure!(due == Some((worker, amount)), "to be paid: {due:?}");
            }
            Event::Withdrawn { .. } => {}
        }
        Ok(())
    }

    fn start(&mut self, now: u32, worker: WorkerId, stake: u128, v: Fixed) -> anyhow::Result<()> {
        let p = self.score(&worker).context("it has shown nothing")?;
        let staked = Fixed::from_pha(stake);
        let first = v_initial(&self.parameters, staked, p, self.price, CONFIDENCE_LEVEL);
        ensure!(first == Some(v), "the first V is {first:?}");
        let state = WorkerState::start(&mut self.totals, now, v, p, CONFIDENCE_LEVEL);
        let session = Modelled {
            state: state.context("no such level")?,
            stake,
            challenge: None,
        };
        let before = self.sessions.insert(worker, session);
        ensure!(before.is_none(), "it was in a session");
        Ok(())
    }

    fn reclaim(&mut self, worker: WorkerId, returned: u128, slashed: u128) -> anyhow::Result<()> {
        let session = self.sessions.remove(&worker).context("no session")?;
        let Modelled { state, stake, .. } = session;
        ensure!(state.state == WorkerPhase::Stopped, "its session runs");
        let owed = final_stake(stake, state.v, state.v_initial).min(stake);
        ensure!(returned == owed, "{owed} is to come back");
        ensure!(Some(stake) == returned.checked_add(slashed), "of {stake}");
        Ok(())
    }

    fn answer(
        &mut self,
        now: u32,
        worker: WorkerId,
        phase: WorkerPhase,
        shown: &BTreeMap<WorkerId, Shown>,
    ) -> anyhow::Result<()> {
        self.ensure_paid()?;
        let shown = *shown.get(&worker).context("not told what it shows")?;
        let session = self.sessions.get_mut(&worker).context("no session")?;
        ensure!(session.state.state == phase, "it is {:?}", session.state);
        let challenge = session.challenge.take().context("no challenge")?;
        let is_late = challenge.is_missed;
        ensure!(
            !is_late || phase == WorkerPhase::Unresponsive,
            "it comes late"
        );
        let (parameters, totals) = (&self.parameters, &mut self.totals);
        let state = &mut session.state;
        let payout = match shown {
            Shown::First => state.heartbeat_unmeasured(parameters, totals, now),
            Shown::Iterations { count, elapsed_ms } => {
                state.heartbeat(parameters, totals, now, count, elapsed_ms)
            }
            Shown::Nothing => state.heartbeat(parameters, totals, now, 0, 1),
        };
        let due = Due {
            worker,
            amount: payout.worker.to_pha_floor(),
            treasury: payout.treasury.to_pha_floor(),
        };
        self.due = (due.amount > 0 || due.treasury > 0).then_some(due);
        Ok(())
    }

    fn ensure_paid(&self) -> anyhow::Result<()> {
        if let Some(due) = self.due {
            bail!("this was not paid: {due:?}");
        }
        Ok(())
    }
}

fn unresponsive(event: &Event) -> Option<WorkerId> {
    match event {
        Event::Unresponsive { worker } => Some(*worker),
        _ => None,
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
