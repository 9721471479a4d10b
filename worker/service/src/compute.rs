//! The worker's compute, as the runs of its contracts share it.
//!
//! What is decided, is decided by [`phat_worker_core::scheduler`]; here are the runs
//! that wait for it.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use phat_engine::{Processor, contract_part};
use phat_primitives::ContractId;
use phat_worker_core::scheduler::{
    Bounds, Busy, ByClass, Class, ClassBounds, Next, RunId, Scheduler, Weights,
};
use tokio::sync::{Notify, watch};

use crate::{executor::NotRun, metrics::Metrics};

/// Requests of anchors that wait for their turn to run, where nothing else is said.
/// Each has its input in memory. More stay in the journal.
pub const RUNS_WAITING_MAX: usize = 4_096;

/// The bounds of a worker with so many processors. Of requests of anchors and of
/// calls, so many run at once and so many wait. One contract gets the part of each
/// that the engine has for one.
pub fn bounds(processors: usize, anchors: [usize; 2], calls: [usize; 2]) -> Bounds {
    let of_class = |[running_max, waiting_max]: [usize; 2]| ClassBounds {
        running_max,
        running_per_contract_max: contract_part(running_max),
        waiting_max,
        waiting_per_contract_max: contract_part(waiting_max),
    };
    Bounds {
        processors,
        runs: ByClass {
            anchor: of_class(anchors),
            call: of_class(calls),
        },
    }
}

/// How many processors the machine has for this process.
pub fn processors_of_machine() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// How many processors runs compute on now, for what gives way to them. Clones are of the same
/// compute.
#[derive(Clone, Debug, Default)]
pub struct Demand(Arc<AtomicUsize>);

impl Demand {
    /// The number.
    pub fn processors(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, processors: usize) {
        self.0.store(processors, Ordering::Relaxed);
    }
}

/// The compute of a worker.
pub struct Compute {
    state: Mutex<State>,
    demand: Demand,
    /// What the scheduler's time is counted from.
    started: Instant,
    metrics: Arc<Metrics>,
}

struct State {
    scheduler: Scheduler,
    weights: watch::Receiver<Weights>,
    runs: HashMap<RunId, Known>,
    is_stopped: bool,
}

/// A run that has not left.
struct Known {
    progress: Progress,
    /// Rung when there is something to see here or at the scheduler.
    news: Arc<Notify>,
}

#[derive(Clone, Copy)]
enum Progress {
    Waits,
    Began,
    Refused(Busy),
}

impl Compute {
    /// The compute within these bounds, divided by these weights.
    pub fn new(bounds: Bounds, weights: watch::Receiver<Weights>, metrics: Arc<Metrics>) -> Self {
        let mut scheduler = Scheduler::new(bounds);
        scheduler.set_weights(weights.borrow().clone());
        Self {
            state: Mutex::new(State {
                scheduler,
                weights,
                runs: HashMap::new(),
                is_stopped: false,
            }),
            demand: Demand::default(),
            started: Instant::now(),
            metrics,
        }
    }

    /// How many processors runs compute on.
    pub fn demand(&self) -> Demand {
        self.demand.clone()
    }

    /// Has a run of a contract wait to begin, or says that it cannot:
    /// [`NotRun::Busy`] or [`NotRun::Stopped`].
    pub fn enter(self: &Arc<Self>, class: Class, contract: ContractId) -> Result<Entered, NotRun> {
        let news = Arc::new(Notify::new());
        let entered = self.change(|state| {
            if state.is_stopped {
                return Err(NotRun::Stopped);
            }
            let id = state.scheduler.enter(class, contract)?;
            let known = Known {
                progress: Progress::Waits,
                news: news.clone(),
            };
            state.runs.insert(id, known);
            Ok(id)
        });
        if matches!(entered, Err(NotRun::Busy(_))) {
            self.metrics.run_refused(class);
        }
        Ok(Entered(Turn {
            compute: self.clone(),
            class,
            id: entered?,
            news,
            entered: Instant::now(),
            computes_from: Mutex::new(None),
        }))
    }

    /// Lets no run begin any more, those that wait included. What has begun goes on.
    pub fn stop(&self) {
        let mut state = self.state.lock();
        state.is_stopped = true;
        state.runs.values().for_each(|run| run.news.notify_one());
    }

    /// Changes something and tells all whom it concerns.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        let state = &mut *state;
        // An error means that nobody changes them any more.
        if state.weights.has_changed().unwrap_or(false) {
            let weights = state.weights.borrow_and_update().clone();
            state.scheduler.set_weights(weights);
        }
        let result = change(state);
        while let Some(next) = state.scheduler.next(self.started.elapsed()) {
            let (id, progress) = match next {
                Next::Begin(id) => (id, Some(Progress::Began)),
                Next::Compute(id) => (id, None),
                Next::Refuse(id, busy) => (id, Some(Progress::Refused(busy))),
            };
            if let Some(run) = state.runs.get_mut(&id) {
                run.progress = progress.unwrap_or(run.progress);
                run.news.notify_one();
            }
        }
        self.demand.set(state.scheduler.computing());
        for class in Class::ALL {
            let waiting = state.scheduler.waiting(class);
            self.metrics.runs_waiting(class, waiting);
        }
        result
    }
}

/// A run that waits to begin, until it is dropped.
pub struct Entered(Turn);

impl Entered {
    /// Waits until the run may begin. [`NotRun::Busy`] if too many wait after all,
    /// [`NotRun::Stopped`] if the worker is being stopped.
    pub async fn begin(self) -> Result<Turn, NotRun> {
        let Self(turn) = self;
        loop {
            let news = turn.news.notified();
            {
                let state = turn.compute.state.lock();
                let run = state.runs.get(&turn.id);
                match run.map(|run| run.progress) {
                    // Whatever it was told: what has not begun does not begin now.
                    _ if state.is_stopped => return Err(NotRun::Stopped),
                    Some(Progress::Began) => break,
                    Some(Progress::Refused(busy)) => {
                        turn.compute.metrics.run_refused(turn.class);
                        return Err(busy.into());
                    }
                    // It is known until this is dropped.
                    Some(Progress::Waits) | None => {}
                }
            }
            news.await;
        }
        let waited = turn.entered.elapsed();
        turn.compute.metrics.run_waited(turn.class, waited);
        Ok(turn)
    }
}

/// A run that began, until it is dropped. As a [`Processor`] it gives the run its
/// turns to compute.
pub struct Turn {
    compute: Arc<Compute>,
    class: Class,
    id: RunId,
    news: Arc<Notify>,
    entered: Instant,
    /// Since when it computes on the processor that it has.
    computes_from: Mutex<Option<Instant>>,
}

impl Turn {
    /// What the run is for.
    pub fn class(&self) -> Class {
        self.class
    }

    /// How long it computed since this was asked last.
    fn used(&self) -> Duration {
        let from = self.computes_from.lock().take();
        let used = from.map_or(Duration::ZERO, |from| from.elapsed());
        self.compute.metrics.computed(self.class, used);
        used
    }

    /// Whether the run has a processor now. If so, it computes from here on.
    fn has_processor(&self, state: &State) -> bool {
        let is_computing = state.scheduler.is_computing(self.id);
        if is_computing {
            self.computes_from.lock().get_or_insert_with(Instant::now);
        }
        is_computing
    }
}

#[async_trait]
impl Processor for Turn {
    async fn take(&self) {
        let from = Instant::now();
        let mut wait = Wait(Some(self));
        loop {
            let news = self.news.notified();
            self.compute.change(|state| state.scheduler.want(self.id));
            if self.has_processor(&self.compute.state.lock()) {
                break;
            }
            news.await;
        }
        wait.0 = None;
        let metrics = &self.compute.metrics;
        metrics.waited_to_compute(self.class, from.elapsed());
    }

    fn slice_over(&self) -> bool {
        let used = self.used();
        self.compute
            .change(|state| state.scheduler.slice_over(self.id, used));
        self.has_processor(&self.compute.state.lock())
    }

    fn give_up(&self) {
        let used = self.used();
        self.compute
            .change(|state| state.scheduler.give_up(self.id, used));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let used = self.used();
        let now = self.compute.started.elapsed();
        self.compute.change(|state| {
            state.scheduler.leave(self.id, used, now);
            state.runs.remove(&self.id);
        });
    }
}

/// The wait of a run for its turn. If it is given up, so is the turn that may have
/// been there by then.
struct Wait<'a>(Option<&'a Turn>);

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if let Some(turn) = self.0 {
            turn.give_up();
        }
    }
}

#[cfg(test)]
#[path = "compute_tests.rs"]
mod tests;
