//! The simulation: the chain's own state machine, driven by a scenario.
//!
//! In each block, challenges that were missed come first, then the events of the block in
//! the order of the scenario, then the report. V has moved for a block before its events
//! happen. All of it is told at [`WorkerState`], as the chain does it.

use std::collections::{BTreeSet, VecDeque};

use phat_tokenomics::{Fixed, Payout, Totals, WorkerPhase, WorkerState};
use serde::Serialize;

use super::scenario::{Event, EventKind, Scenario};

/// A worker at the end of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    pub block: u32,
    pub worker: String,
    /// V in PHA.
    pub v: Fixed,
    /// What V has grown by since the last payout, in PHA.
    pub v_deductible: Fixed,
    /// The performance score as last measured.
    pub p_instant: Fixed,
    /// The share at this V; zero unless idle.
    pub share: Fixed,
    pub state: WorkerPhase,
    /// What the worker has been paid since block 0, in PHA.
    pub paid_worker: Fixed,
    /// What the treasury has been paid of this worker's payouts since block 0, in PHA.
    pub paid_treasury: Fixed,
}

/// An event that the chain would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimulationError {
    /// A heartbeat answers nothing.
    #[error(
        "events[{index}]: worker {worker:?} has no challenge to answer in block {block}: add an event with the kind challenge before this heartbeat"
    )]
    NoChallenge {
        index: usize,
        worker: String,
        block: u32,
    },
    /// The worker's session is over.
    #[error(
        "events[{index}]: worker {worker:?} has stopped before this event of block {block}: leave it out, or stop the worker later"
    )]
    Stopped {
        index: usize,
        worker: String,
        block: u32,
    },
    /// The level of a platform or a fault that the model does not have.
    #[error("{place}: there is no level {level}")]
    Level { place: String, level: u8 },
}

/// A worker with what the chain knows of its challenges.
struct Session {
    state: WorkerState,
    /// The blocks of the challenges that it has not answered, the oldest first.
    challenges: VecDeque<u32>,
    /// When the oldest of them is missed, while that has not been told.
    due_at: Option<u32>,
    /// The block and the total of the iterations that it told last.
    measured: (u32, u64),
    paid: Payout,
}

struct Simulation<'a> {
    scenario: &'a Scenario,
    totals: Totals,
    sessions: Vec<Session>,
    /// When challenges will have been missed: block and worker.
    due: BTreeSet<(u32, usize)>,
}

/// Gives a row for each of the blocks, which are ascending, and each worker, but for no more
/// than the first `workers_max`. What is reported changes nothing of what happens.
pub fn simulate(
    scenario: &Scenario,
    report_at: &[u32],
    workers_max: usize,
) -> Result<Vec<Row>, SimulationError> {
    let mut simulation = Simulation::start(scenario)?;
    let mut rows = Vec::new();
    let mut events = scenario.events.iter().peekable();
    for &report in report_at {
        while let Some(event) = events.next_if(|event| event.block <= report) {
            simulation.miss_until(event.block);
            simulation.happen(event)?;
        }
        simulation.miss_until(report);
        rows.extend(simulation.rows(report).take(workers_max));
    }
    // What is behind the last report is checked all the same.
    for event in events {
        simulation.miss_until(event.block);
        simulation.happen(event)?;
    }
    Ok(rows)
}

impl<'a> Simulation<'a> {
    fn start(scenario: &'a Scenario) -> Result<Self, SimulationError> {
        let mut totals = Totals::default();
        let mut sessions = Vec::new();
        for worker in &scenario.workers {
            let level = worker.confidence_level;
            let state =
                WorkerState::start(&mut totals, 0, worker.v, worker.p, level).ok_or_else(|| {
                    SimulationError::Level {
                        place: format!("the confidence_level of worker {:?}", worker.id),
                        level,
                    }
                })?;
            sessions.push(Session {
                state,
                challenges: VecDeque::new(),
                due_at: None,
                measured: (0, 0),
                paid: Payout::default(),
            });
        }
        Ok(Self {
            scenario,
            totals,
            sessions,
            due: BTreeSet::new(),
        })
    }

    /// Tells of all challenges that will have been missed by this block, each in its own.
    fn miss_until(&mut self, block: u32) {
        while let Some(&(due_at, worker)) = self.due.first() {
            if due_at > block {
                break;
            }
            self.due.pop_first();
            if let Some(session) = self.sessions.get_mut(worker) {
                session.due_at = None;
                let parameters = &self.scenario.parameters;
                session.state.timeout(parameters, &mut self.totals, due_at);
            }
        }
    }

    fn happen(&mut self, event: &Event) -> Result<(), SimulationError> {
        let Event { block, index, .. } = *event;
        let id = || self.scenario.workers[event.worker].id.clone();
        let parameters = &self.scenario.parameters;
        let session = &mut self.sessions[event.worker];
        let (state, totals) = (&mut session.state, &mut self.totals);
        let is_stopped = state.state == WorkerPhase::Stopped;
        match event.kind {
            // A fault can be proven after the end, too.
            EventKind::Fault { level } => {
                if state.fault(parameters, totals, block, level).is_none() {
                    let place = format!("events[{index}].level");
                    return Err(SimulationError::Level { place, level });
                }
            }
            _ if is_stopped => {
                let worker = id();
                return Err(SimulationError::Stopped {
                    index,
                    worker,
                    block,
                });
            }
            EventKind::Challenge => session.challenges.push_back(block),
            EventKind::Heartbeat { iterations } => {
                if session.challenges.pop_front().is_none() {
                    let worker = id();
                    return Err(SimulationError::NoChallenge {
                        index,
                        worker,
                        block,
                    });
                }
                self.heartbeat(event.worker, block, iterations);
            }
            EventKind::Stop => {
                state.stop(parameters, totals, block);
                session.challenges.clear();
            }
        }
        self.expect_answer(event.worker, block);
        Ok(())
    }

    fn heartbeat(&mut self, worker: usize, block: u32, iterations: Option<u64>) {
        // As on the chain, all that is paid is paid from the budget of the block of the answer.
        let parameters = &self.scenario.parameters_at(block);
        let session = &mut self.sessions[worker];
        let (state, totals) = (&mut session.state, &mut self.totals);
        let (measured_at, total_before) = session.measured;
        let payout = match iterations {
            // Within the block of the last measurement there is no time to measure over.
            Some(total) if block > measured_at => {
                session.measured = (block, total);
                // Fewer than before mean a restart, for which there is no performance.
                let done = total.saturating_sub(total_before);
                let elapsed_ms = u64::from(block - measured_at) * self.scenario.block_ms;
                state.heartbeat(parameters, totals, block, done, elapsed_ms)
            }
            _ => state.heartbeat_unmeasured(parameters, totals, block),
        };
        let paid = &mut session.paid;
        paid.worker = paid.worker.saturating_add(payout.worker);
        paid.treasury = paid.treasury.saturating_add(payout.treasury);
    }

    /// Notes when the oldest challenge of a worker will have been missed: in the block after
    /// the window, and for one whose window is over already, in the next block.
    fn expect_answer(&mut self, worker: usize, block: u32) {
        let session = &mut self.sessions[worker];
        if let Some(due_at) = session.due_at.take() {
            self.due.remove(&(due_at, worker));
        }
        if session.state.state != WorkerPhase::Idle {
            return;
        }
        let window = self.scenario.parameters.heartbeat_window;
        let due_at = session.challenges.front().and_then(|challenged_at| {
            let end = challenged_at.checked_add(window)?;
            end.max(block).checked_add(1)
        });
        if let Some(due_at) = due_at {
            session.due_at = Some(due_at);
            self.due.insert((due_at, worker));
        }
    }

    fn rows(&self, block: u32) -> impl Iterator<Item = Row> {
        let workers = self.scenario.workers.iter().zip(&self.sessions);
        workers.map(move |(worker, session)| {
            let now = session.state.at(&self.scenario.parameters, block);
            Row {
                block,
                worker: worker.id.clone(),
                v: now.v,
                v_deductible: now.v_deductible,
                p_instant: now.p_instant,
                share: now.share,
                state: now.state,
                paid_worker: session.paid.worker,
                paid_treasury: session.paid.treasury,
            }
        })
    }
}
