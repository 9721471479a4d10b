//! Which runs are under way, which wait to begin, and which are refused.

use std::{
    collections::{BTreeMap, VecDeque},
    num::NonZeroU32,
    time::Duration,
};

use phat_primitives::ContractId;
use thiserror::Error;

use super::{RunId, Weights, fair::FairQueue};

/// When to come back while nothing is known of how long runs take.
const RETRY_AFTER_DEFAULT_S: u64 = 1;
/// The longest time after which to come back: what is known of runs by now says
/// little of what is under way later.
pub const RETRY_AFTER_S_MAX: u64 = 60;
/// How much of what is known of the time of runs is given up for each run that
/// ends, as a divisor.
const AVERAGE_PART: u32 = 8;
/// To begin is this much work, however long the run then is: so much that contracts whose weights
/// differ do not look alike.
const BEGINNING: u64 = 1 << 20;

/// How many runs of a class may be under way and wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassBounds {
    /// Runs under way at once.
    pub running_max: usize,
    /// Runs of one contract under way at once.
    pub running_per_contract_max: usize,
    /// Runs that wait to begin.
    pub waiting_max: usize,
    /// Runs of one contract that wait to begin.
    pub waiting_per_contract_max: usize,
}

/// A run that is refused because too many wait already. Nothing is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the worker has as much to do as it can: try again after {retry_after_s} s")]
pub struct Busy {
    /// When there may be room, in seconds: how long the runs that wait now will
    /// take to begin, if runs go on to take as long as the last ones did. From 1
    /// to [`RETRY_AFTER_S_MAX`].
    pub retry_after_s: u64,
}

/// The runs of one class.
#[derive(Debug)]
pub struct Places {
    bounds: ClassBounds,
    contracts: BTreeMap<ContractId, OfContract>,
    /// Contracts in the order of whose run begins next.
    order: FairQueue<ContractId>,
    running: usize,
    waiting: usize,
    /// How long runs take on average, the last ones counting most.
    run_time: Option<Duration>,
}

#[derive(Debug, Default)]
struct OfContract {
    running: usize,
    /// The oldest first.
    waiting: VecDeque<RunId>,
}

impl Places {
    pub fn new(bounds: ClassBounds) -> Self {
        Self {
            bounds,
            contracts: BTreeMap::new(),
            order: FairQueue::new(BEGINNING),
            running: 0,
            waiting: 0,
            run_time: None,
        }
    }

    /// How many runs wait to begin.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Has a run wait to begin. If too many wait, one is refused: this one, or one
    /// that is given back, of the contract that has most for its weight.
    pub fn enter(
        &mut self,
        run: RunId,
        contract: ContractId,
        weights: &Weights,
    ) -> Result<Option<(RunId, Busy)>, Busy> {
        let running = self.contracts.get(&contract).map_or(0, |own| own.running);
        let waiting = self.waiting_of(contract);
        let begins_at_once = waiting == 0
            && running < self.bounds.running_per_contract_max
            && self.running < self.bounds.running_max;
        let mut put_out = None;
        if !begins_at_once {
            if waiting >= self.bounds.waiting_per_contract_max {
                return Err(self.busy(waiting, self.bounds.running_per_contract_max));
            }
            if self.waiting >= self.bounds.waiting_max {
                put_out = Some(self.put_out(contract, weights)?);
            }
        }
        let own = self.contracts.entry(contract).or_default();
        own.waiting.push_back(run);
        self.waiting += 1;
        self.order.wait(contract);
        Ok(put_out)
    }

    /// Makes room in a full queue for a run of `newcomer`, by putting out the
    /// newest run of the contract that has most for its weight: a contract that
    /// asks for much fills the queue against itself and not against the others.
    fn put_out(&mut self, newcomer: ContractId, weights: &Weights) -> Result<(RunId, Busy), Busy> {
        let busy = self.busy(self.waiting, self.bounds.running_max);
        let most = self.contracts.iter().reduce(|most, other| {
            let is_more = is_more(
                (other.1.waiting.len(), weights.of(*other.0)),
                (most.1.waiting.len(), weights.of(*most.0)),
            );
            if is_more { other } else { most }
        });
        let most = most.map(|(contract, own)| (*contract, own.waiting.len()));
        let Some((most, waiting)) = most.filter(|(most, waiting)| {
            let with_it = self.waiting_of(newcomer) + 1;
            let of_newcomer = (with_it, weights.of(newcomer));
            is_more((*waiting, weights.of(*most)), of_newcomer)
        }) else {
            return Err(busy);
        };
        debug_assert!(waiting > 0);
        let own = self.contracts.get_mut(&most);
        match own.and_then(|own| own.waiting.pop_back()) {
            Some(run) => {
                self.waiting -= 1;
                self.order.withdraw(most);
                self.forget(most);
                Ok((run, busy))
            }
            None => Err(busy),
        }
    }

    /// The run that begins now, if one may.
    pub fn begin(&mut self, weights: &Weights) -> Option<RunId> {
        if self.running >= self.bounds.running_max {
            return None;
        }
        let may = |contract: &ContractId| {
            let own = self.contracts.get(contract);
            own.is_some_and(|own| own.running < self.bounds.running_per_contract_max)
        };
        let contract = self.order.next(may)?;
        let own = self.contracts.get_mut(&contract)?;
        let run = own.waiting.pop_front()?;
        own.running += 1;
        self.running += 1;
        self.waiting -= 1;
        let weight = weights.of(contract);
        self.order.start(contract, weight);
        // From here on others decide about it.
        self.order.end(contract, weight, BEGINNING);
        Some(run)
    }

    /// Takes note that contracts have other weights from now on.
    pub fn reweigh(&mut self, before: &Weights, after: &Weights) {
        let order = &mut self.order;
        order.reweigh(
            |contract| before.of(*contract),
            |contract| after.of(*contract),
        );
    }

    /// A run that waits to begin is not to be made any more.
    pub fn withdraw(&mut self, run: RunId, contract: ContractId) {
        let Some(own) = self.contracts.get_mut(&contract) else {
            return;
        };
        let before = own.waiting.len();
        own.waiting.retain(|other| *other != run);
        if own.waiting.len() < before {
            self.waiting -= 1;
            self.order.withdraw(contract);
        }
        self.forget(contract);
    }

    /// A run that began has ended, after so long if that is known.
    pub fn end(&mut self, contract: ContractId, time: Option<Duration>) {
        if let Some(own) = self.contracts.get_mut(&contract) {
            own.running = own.running.saturating_sub(1);
            self.running = self.running.saturating_sub(1);
        }
        self.forget(contract);
        if let Some(time) = time {
            let before = self.run_time.unwrap_or(time);
            let kept = before.saturating_sub(before / AVERAGE_PART);
            self.run_time = Some(kept.saturating_add(time / AVERAGE_PART));
        }
    }

    fn waiting_of(&self, contract: ContractId) -> usize {
        let own = self.contracts.get(&contract);
        own.map_or(0, |own| own.waiting.len())
    }

    /// The answer to one more when so many wait for so many places.
    fn busy(&self, waiting: usize, places: usize) -> Busy {
        let waited = self.run_time.map(|time| {
            let waiting = u32::try_from(waiting).unwrap_or(u32::MAX).saturating_add(1);
            let places = u32::try_from(places).unwrap_or(u32::MAX).max(1);
            time.saturating_mul(waiting) / places
        });
        let seconds = waited.map_or(RETRY_AFTER_DEFAULT_S, |waited| {
            let begun = u64::from(waited.subsec_nanos() > 0);
            waited.as_secs().saturating_add(begun)
        });
        Busy {
            retry_after_s: seconds.clamp(1, RETRY_AFTER_S_MAX),
        }
    }

    fn forget(&mut self, contract: ContractId) {
        let own = self.contracts.get(&contract);
        if own.is_some_and(|own| own.running == 0 && own.waiting.is_empty()) {
            self.contracts.remove(&contract);
        }
    }
}

/// Whether a contract has more that waits for its weight than another.
fn is_more(one: (usize, NonZeroU32), other: (usize, NonZeroU32)) -> bool {
    let scaled = |count: usize, weight: NonZeroU32| count as u128 * u128::from(weight.get());
    scaled(one.0, other.1) > scaled(other.0, one.1)
}
