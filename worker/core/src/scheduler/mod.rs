//! Divides a worker's compute among contracts.
//!
//! A run *enters* the queue of its class, *begins* when there is a place for it,
//! and then computes in *slices*: whenever its guest wants to compute it waits for
//! a processor, and after each slice it goes to the end of its contract's queue.
//! A run that waits for the network has no processor.
//!
//! Whose turn it is is decided three times, each time by the same rule
//! (`fair.rs`): which class, by the weights of [`Class`]; which of its contracts,
//! by [`Weights`]; and which of the contract's runs, in turn. What holds, with `P`
//! processors and for whoever waits for one:
//!
//! - No processor is idle while a run that began waits for one.
//! - Contracts that always have enough runs that want to compute get compute in
//!   proportion to their weights, whatever the length and number of their runs.
//! - A contract that had nothing to do starts level with the others: it has saved
//!   nothing up and owes nothing but what its last slices were too long.
//! - No run waits for ever. Within its class, a contract of weight `w` waits until
//!   each other contract, of weight `v`, has computed for at most
//!   `ceil(v / w) + CATCH_UP_MAX + 1` times [`SLICE`] and `P` slices more, and that
//!   many times longer as its own slices before were longer than [`SLICE`]. The same
//!   holds between the classes, and then between the contract's own runs.
//! - Calls, of however many contracts, get at most a quarter of the compute while
//!   requests of anchors want it.
//! - All this holds from a change of weights on, too: what a contract had too much
//!   or too little of by then is so much compute, whatever it weighs.
//!
//! To begin, a run waits for those of its own contract and for its contract's turn
//! among the contracts that may begin one. The queue is bounded; what does not fit
//! is [`Busy`].
//!
//! There is no clock here: time is what the caller says. All operations on a run
//! that is not there, or not in the state for it, change nothing.

mod fair;
mod places;
mod weights;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    num::NonZeroU32,
    time::Duration,
};

use phat_primitives::ContractId;

use fair::FairQueue;
use places::Places;

pub use places::{Busy, ClassBounds, RETRY_AFTER_S_MAX};
pub use weights::Weights;

/// How long a slice of compute usually is.
pub const SLICE: Duration = Duration::from_millis(5);
/// The least that a slice counts, so that handing over a processor is never free.
pub const SLICE_COUNTED_MIN: Duration = Duration::from_micros(20);

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A request of an anchor, which someone paid for and a chain waits for.
    Anchor,
    /// A call, which costs its caller nothing.
    Call,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 2] = [Self::Anchor, Self::Call];

    /// The class's weight against the others.
    pub const fn weight(self) -> NonZeroU32 {
        const ANCHOR: NonZeroU32 = NonZeroU32::new(3).expect("3 is not 0");
        match self {
            Self::Anchor => ANCHOR,
            Self::Call => NonZeroU32::MIN,
        }
    }

    /// The class's name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anchor => "anchor",
            Self::Call => "call",
        }
    }
}

/// Something for each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByClass<T> {
    /// For requests of anchors.
    pub anchor: T,
    /// For calls.
    pub call: T,
}

impl<T> ByClass<T> {
    /// That of a class.
    pub const fn of(&self, class: Class) -> &T {
        match class {
            Class::Anchor => &self.anchor,
            Class::Call => &self.call,
        }
    }

    fn of_mut(&mut self, class: Class) -> &mut T {
        match class {
            Class::Anchor => &mut self.anchor,
            Class::Call => &mut self.call,
        }
    }
}

/// What a scheduler may give out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Runs that compute at once; at least 1.
    pub processors: usize,
    /// Runs under way and waiting.
    pub runs: ByClass<ClassBounds>,
}

/// A run, as long as it has not left. Never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(u64);

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This run begins. It has no processor yet.
    Begin(RunId),
    /// This run has a processor for a slice.
    Compute(RunId),
    /// This run waited to begin and is refused after all. It has left.
    Refuse(RunId, Busy),
}

/// Divides a worker's compute among contracts.
#[derive(Debug)]
pub struct Scheduler {
    processors: usize,
    weights: Weights,
    places: ByClass<Places>,
    classes: FairQueue<Class>,
    contracts: ByClass<FairQueue<ContractId>>,
    /// The runs that wait for a processor.
    ready: BTreeMap<(Class, ContractId), VecDeque<RunId>>,
    computing: usize,
    runs: BTreeMap<RunId, Run>,
    /// The runs that began and that nobody was told of yet.
    begun: VecDeque<RunId>,
    /// The same of runs that are refused.
    refused: VecDeque<(RunId, Busy)>,
    last_id: u64,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    class: Class,
    contract: ContractId,
    step: Step,
    /// When it began, once somebody was told.
    began_at: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// It waits to begin.
    Entered,
    /// It needs no processor.
    Away,
    /// It waits for a processor.
    Ready,
    /// It has a processor.
    Computes,
}

impl Scheduler {
    /// A scheduler with nothing to do and equal weights.
    pub fn new(bounds: Bounds) -> Self {
        let slice = nanoseconds(SLICE);
        Self {
            processors: bounds.processors.max(1),
            weights: Weights::default(),
            places: ByClass {
                anchor: Places::new(bounds.runs.anchor),
                call: Places::new(bounds.runs.call),
            },
            classes: FairQueue::new(slice),
            contracts: ByClass {
                anchor: FairQueue::new(slice),
                call: FairQueue::new(slice),
            },
            ready: BTreeMap::new(),
            computing: 0,
            runs: BTreeMap::new(),
            begun: VecDeque::new(),
            refused: VecDeque::new(),
            last_id: 0,
        }
    }

    /// Changes the weights, for all that is not decided yet. Runs that wait go on to wait, and what
    /// contracts have had too much or too little of by now stays as much as it was.
    pub fn set_weights(&mut self, weights: Weights) {
        let before = mem::replace(&mut self.weights, weights);
        let after = &self.weights;
        if before == *after {
            return;
        }
        for class in Class::ALL {
            let contracts = self.contracts.of_mut(class);
            contracts.reweigh(|key| before.of(*key), |key| after.of(*key));
            self.places.of_mut(class).reweigh(&before, after);
        }
    }

    /// Has a run wait to begin.
    pub fn enter(&mut self, class: Class, contract: ContractId) -> Result<RunId, Busy> {
        let id = RunId(self.last_id + 1);
        let places = self.places.of_mut(class);
        let put_out = places.enter(id, contract, &self.weights)?;
        self.last_id = id.0;
        if let Some((run, busy)) = put_out {
            self.runs.remove(&run);
            self.refused.push_back((run, busy));
        }
        let run = Run {
            class,
            contract,
            step: Step::Entered,
            began_at: None,
        };
        self.runs.insert(id, run);
        self.begin(class);
        Ok(id)
    }

    /// A run that began wants a processor.
    pub fn want(&mut self, id: RunId) {
        if let Some(run) = self.runs.get_mut(&id)
            && matches!(run.step, Step::Away)
        {
            run.step = Step::Ready;
            let run = *run;
            self.line_up(id, &run);
        }
    }

    /// A run that computes has come to the end of its slice, having computed for
    /// `used`, and wants to go on. [`Self::next`] tells whether it is the next one.
    pub fn slice_over(&mut self, id: RunId, used: Duration) {
        if let Some(run) = self.runs.get_mut(&id)
            && matches!(run.step, Step::Computes)
        {
            let before = *run;
            run.step = Step::Ready;
            // Before the slice ends, so that its contract is never without work.
            self.line_up(id, &before);
            self.end_slice(&before, used);
        }
    }

    /// A run needs no processor now. `used` is how long it computed since it got
    /// the one that it has, if it has one.
    pub fn give_up(&mut self, id: RunId, used: Duration) {
        if let Some(run) = self.runs.get_mut(&id)
            && !matches!(run.step, Step::Entered)
        {
            let before = *run;
            run.step = Step::Away;
            self.step_back(id, &before, used);
        }
    }

    /// A run has ended or is not to be made any more. `used` is as in
    /// [`Self::give_up`], `now` as in [`Self::next`].
    pub fn leave(&mut self, id: RunId, used: Duration, now: Duration) {
        let Some(run) = self.runs.remove(&id) else {
            return;
        };
        let places = self.places.of_mut(run.class);
        match run.step {
            Step::Entered => places.withdraw(id, run.contract),
            _ => {
                let time = run.began_at.map(|began_at| now.saturating_sub(began_at));
                places.end(run.contract, time);
                self.step_back(id, &run, used);
            }
        }
        self.begin(run.class);
    }

    /// What happens next, if anything does before there is more news. `now` is the
    /// time since whatever moment is the caller's first.
    pub fn next(&mut self, now: Duration) -> Option<Next> {
        if let Some((run, busy)) = self.refused.pop_front() {
            return Some(Next::Refuse(run, busy));
        }
        while let Some(id) = self.begun.pop_front() {
            if let Some(run) = self.runs.get_mut(&id) {
                run.began_at = Some(now);
                return Some(Next::Begin(id));
            }
        }
        self.compute().map(Next::Compute)
    }

    /// How many runs of a class wait to begin.
    pub fn waiting(&self, class: Class) -> usize {
        self.places.of(class).waiting()
    }

    /// How many processors runs compute on. While one of them is idle, no run that began waits
    /// for one.
    pub fn computing(&self) -> usize {
        self.computing
    }

    /// Whether a run has a processor.
    pub fn is_computing(&self, id: RunId) -> bool {
        let run = self.runs.get(&id);
        run.is_some_and(|run| matches!(run.step, Step::Computes))
    }

    /// Begins what may begin: a run that waits is always one that may not.
    fn begin(&mut self, class: Class) {
        while let Some(id) = self.places.of_mut(class).begin(&self.weights) {
            if let Some(run) = self.runs.get_mut(&id) {
                run.step = Step::Away;
            }
            self.begun.push_back(id);
        }
    }

    /// Gives a processor to the run whose turn it is.
    fn compute(&mut self) -> Option<RunId> {
        if self.computing >= self.processors {
            return None;
        }
        let class = self.classes.next(|_| true)?;
        let contracts = self.contracts.of_mut(class);
        let contract = contracts.next(|_| true)?;
        let ready = self.ready.get_mut(&(class, contract))?;
        let id = ready.pop_front()?;
        if ready.is_empty() {
            self.ready.remove(&(class, contract));
        }
        contracts.start(contract, self.weights.of(contract));
        self.classes.start(class, class.weight());
        self.computing += 1;
        if let Some(run) = self.runs.get_mut(&id) {
            run.step = Step::Computes;
        }
        Some(id)
    }

    fn line_up(&mut self, id: RunId, run: &Run) {
        let key = (run.class, run.contract);
        self.ready.entry(key).or_default().push_back(id);
        self.contracts.of_mut(run.class).wait(run.contract);
        self.classes.wait(run.class);
    }

    /// Takes away from a run the processor, or its wait for one.
    fn step_back(&mut self, id: RunId, run: &Run, used: Duration) {
        match run.step {
            Step::Entered | Step::Away => {}
            Step::Computes => self.end_slice(run, used),
            Step::Ready => {
                let key = (run.class, run.contract);
                if let Some(ready) = self.ready.get_mut(&key) {
                    ready.retain(|other| *other != id);
                    if ready.is_empty() {
                        self.ready.remove(&key);
                    }
                }
                self.contracts.of_mut(run.class).withdraw(run.contract);
                self.classes.withdraw(run.class);
            }
        }
    }

    fn end_slice(&mut self, run: &Run, used: Duration) {
        if !matches!(run.step, Step::Computes) {
            return;
        }
        let work = nanoseconds(used.max(SLICE_COUNTED_MIN));
        let weight = self.weights.of(run.contract);
        let contracts = self.contracts.of_mut(run.class);
        contracts.end(run.contract, weight, work);
        self.classes.end(run.class, run.class.weight(), work);
        self.computing -= 1;
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
