//! Processors and runs as a worker has them, with a clock that jumps.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use phat_primitives::ContractId;

use super::super::{Bounds, ByClass, Class, ClassBounds, Next, RunId, SLICE, Scheduler, Weights};
use crate::simulation::Random;

/// Bounds that nothing reaches.
pub const WIDE: ClassBounds = ClassBounds {
    running_max: 1_000_000,
    running_per_contract_max: 1_000_000,
    waiting_max: 1_000_000,
    waiting_per_contract_max: 1_000_000,
};

/// What the runs of a contract do.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// The longest slice in microseconds; each is between a half of it and all.
    pub slice_us: u64,
    /// How often a slice ends with the run waiting for something else, in percent.
    pub away_percent: u64,
    /// How long it then is away at most, in microseconds.
    pub away_us: u64,
}

/// Computes all the time, a whole slice each time.
pub const GREEDY: Habit = Habit {
    slice_us: 5_000,
    away_percent: 0,
    away_us: 0,
};

struct Running {
    class: Class,
    contract: ContractId,
    habit: Habit,
    /// When it began to wait for a processor.
    waits_from: Option<Duration>,
}

/// A worker's processors and the runs on them.
pub struct World {
    pub scheduler: Scheduler,
    pub now: Duration,
    /// How long each contract computed.
    pub computed: BTreeMap<(Class, ContractId), Duration>,
    /// The longest that each contract waited for a processor.
    pub waited_max: BTreeMap<ContractId, Duration>,
    processors: usize,
    random: Random,
    runs: BTreeMap<RunId, Running>,
    /// What ends when: slices, and times away.
    events: BTreeSet<(Duration, RunId, Duration)>,
    computing: usize,
}

impl World {
    pub fn new(seed: u64, processors: usize) -> Self {
        let runs = ByClass {
            anchor: WIDE,
            call: WIDE,
        };
        Self {
            scheduler: Scheduler::new(Bounds { processors, runs }),
            now: Duration::ZERO,
            computed: BTreeMap::new(),
            waited_max: BTreeMap::new(),
            processors,
            random: Random(seed),
            runs: BTreeMap::new(),
            events: BTreeSet::new(),
            computing: 0,
        }
    }

    pub fn weights(&mut self, weights: impl IntoIterator<Item = (ContractId, u32)>) {
        let weights = weights.into_iter();
        let weights = weights.map(|(contract, weight)| (contract, super::weight(weight)));
        self.scheduler.set_weights(Weights::new(weights.collect()));
    }

    /// Has contracts weigh what is staked to them.
    pub fn stakes(&mut self, stakes: impl IntoIterator<Item = (ContractId, u128)>) {
        self.scheduler.set_weights(Weights::of_stakes(stakes));
    }

    /// Begins runs of a contract.
    pub fn begin(&mut self, class: Class, contract: ContractId, count: usize, habit: Habit) {
        for _ in 0..count {
            let id = self.scheduler.enter(class, contract).unwrap();
            let running = Running {
                class,
                contract,
                habit,
                waits_from: None,
            };
            self.runs.insert(id, running);
        }
        self.settle();
    }

    /// Ends all runs of a contract.
    pub fn end(&mut self, contract: ContractId) {
        let all = self.runs.iter();
        let ended: Vec<_> = all
            .filter(|(_, run)| run.contract == contract)
            .map(|(id, _)| *id)
            .collect();
        for id in ended {
            self.runs.remove(&id);
            if self.scheduler.is_computing(id) {
                self.computing -= 1;
            }
            self.scheduler.leave(id, Duration::ZERO, self.now);
            self.events.retain(|(_, other, _)| *other != id);
        }
        self.settle();
    }

    /// Lets so much time pass.
    pub fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(event) = self.events.first().copied()
            && event.0 <= until
        {
            self.events.remove(&event);
            let (at, id, computed) = event;
            self.now = at;
            self.come_to(id, computed);
            self.settle();
        }
        self.now = until;
    }

    pub fn computed(&self, class: Class, contract: ContractId) -> Duration {
        let computed = self.computed.get(&(class, contract)).copied();
        computed.unwrap_or_default()
    }

    /// A run's slice is over, having been so long, or it is back if that is none.
    fn come_to(&mut self, id: RunId, used: Duration) {
        let run = self.runs.get_mut(&id).unwrap();
        if used.is_zero() {
            run.waits_from = Some(self.now);
            self.scheduler.want(id);
            return;
        }
        *self.computed.entry((run.class, run.contract)).or_default() += used;
        self.computing -= 1;
        if self.random.percent(run.habit.away_percent) {
            let away = Duration::from_micros(1 + self.random.below(run.habit.away_us));
            self.events.insert((self.now + away, id, Duration::ZERO));
            self.scheduler.give_up(id, used);
        } else {
            run.waits_from = Some(self.now);
            self.scheduler.slice_over(id, used);
        }
    }

    /// Does what the scheduler says until it says nothing more.
    fn settle(&mut self) {
        while let Some(next) = self.scheduler.next(self.now) {
            match next {
                Next::Begin(id) => {
                    self.runs.get_mut(&id).unwrap().waits_from = Some(self.now);
                    self.scheduler.want(id);
                }
                Next::Compute(id) => {
                    let run = self.runs.get_mut(&id).unwrap();
                    let waited = self.now - run.waits_from.take().unwrap();
                    let max = self.waited_max.entry(run.contract).or_default();
                    *max = waited.max(*max);
                    let half = run.habit.slice_us / 2;
                    let slice = Duration::from_micros(half + self.random.below(half) + 1);
                    let slice = slice.min(SLICE);
                    self.events.insert((self.now + slice, id, slice));
                    self.computing += 1;
                }
                Next::Refuse(..) => panic!("nothing is refused here"),
            }
        }
        let waits = self.runs.values().any(|run| run.waits_from.is_some());
        assert!(
            !waits || self.computing == self.processors,
            "a processor is idle while a run waits for one"
        );
    }
}
