//! How many requests of one chain are unfinished, so that none takes up all of
//! the worker.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use phat_primitives::ContractId;

/// Unfinished requests of one contract, after which no more of it are taken up.
pub const PER_CONTRACT_MAX: usize = 1_000;
/// Unfinished requests of one chain, after which no more of any are taken up.
pub const TOTAL_MAX: usize = 100_000;

/// The unfinished requests of one chain by contract.
#[derive(Debug)]
pub struct Backlog {
    per_contract_max: usize,
    total_max: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_contract: BTreeMap<ContractId, usize>,
}

impl Backlog {
    /// An empty one with these bounds.
    pub fn new(per_contract_max: usize, total_max: usize) -> Self {
        Self {
            per_contract_max,
            total_max,
            counts: Mutex::default(),
        }
    }

    /// How many more requests of this contract may be taken up. A contract at its
    /// own bound stops itself only.
    pub fn room(&self, contract: ContractId) -> usize {
        let counts = self.counts.lock();
        let own = counts.by_contract.get(&contract).copied().unwrap_or(0);
        let left = self.per_contract_max.saturating_sub(own);
        left.min(self.total_max.saturating_sub(counts.total))
    }

    /// Counts one more.
    pub fn add(&self, contract: ContractId) {
        let mut counts = self.counts.lock();
        counts.total += 1;
        *counts.by_contract.entry(contract).or_default() += 1;
    }

    /// Counts one less.
    pub fn remove(&self, contract: ContractId) {
        let mut counts = self.counts.lock();
        counts.total = counts.total.saturating_sub(1);
        if let Some(own) = counts.by_contract.get_mut(&contract) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                counts.by_contract.remove(&contract);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_at_its_bound_leaves_room_for_others_until_all_are_too_many() {
        let backlog = Backlog::new(2, 3);
        let [a, b] = [1, 2].map(|tag| ContractId([tag; 32]));
        backlog.add(a);
        assert_eq!((backlog.room(a), backlog.room(b)), (1, 2));
        backlog.add(a);
        assert_eq!((backlog.room(a), backlog.room(b)), (0, 1));
        // One chunk of blocks may hold more than there is room for.
        backlog.add(a);
        assert_eq!((backlog.room(a), backlog.room(b)), (0, 0));
        backlog.remove(a);
        backlog.remove(a);
        assert_eq!((backlog.room(a), backlog.room(b)), (1, 2));
        backlog.remove(a);
        backlog.remove(b);
        assert_eq!((backlog.room(a), backlog.room(b)), (2, 2));
    }
}
