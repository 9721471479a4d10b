//! Memory that is shared among requests.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The unit in which memory is given out.
const UNIT_BYTES: u64 = 1024;
/// The most units of a budget, which is 4 TiB.
const UNITS_MAX: u64 = u32::MAX as u64;

/// Memory that all requests of one kind may take together.
#[derive(Clone, Debug)]
pub struct MemoryBudget {
    units: Arc<Semaphore>,
    units_max: u32,
}

/// A part of a budget, which is given back when this is dropped.
#[derive(Debug)]
pub struct MemoryShare(OwnedSemaphorePermit);

impl MemoryBudget {
    /// A budget of `bytes_max` bytes.
    pub fn new(bytes_max: u64) -> Self {
        let units_max = units(bytes_max);
        Self {
            units: Arc::new(Semaphore::new(units_max as usize)),
            units_max,
        }
    }

    /// Takes `bytes` bytes, or `None` if so many are not left. What is larger than
    /// the whole budget gets all of it, so that it can be had when nothing else is.
    pub fn take(&self, bytes: u64) -> Option<MemoryShare> {
        let units = units(bytes).min(self.units_max);
        let taken = self.units.clone().try_acquire_many_owned(units);
        taken.ok().map(MemoryShare)
    }
}

impl MemoryShare {
    /// Adds what another share of the same budget has.
    pub fn add(&mut self, other: Self) {
        self.0.merge(other.0);
    }
}

fn units(bytes: u64) -> u32 {
    bytes.div_ceil(UNIT_BYTES).min(UNITS_MAX) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_not_there_until_it_is_given_back() {
        let budget = MemoryBudget::new(10 * UNIT_BYTES);
        let mut share = budget.take(6 * UNIT_BYTES).unwrap();
        assert!(budget.take(4 * UNIT_BYTES + 1).is_none());
        share.add(budget.take(4 * UNIT_BYTES).unwrap());
        assert!(budget.take(1).is_none());
        drop(share);
        let whole = budget.take(u64::MAX).unwrap();
        assert!(budget.take(1).is_none());
        drop(whole);
        assert!(budget.take(1).is_some());
    }
}
