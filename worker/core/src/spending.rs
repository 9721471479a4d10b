//! What the relay account of one chain spends in a day.
//!
//! A transaction counts with the most that it can cost from the moment at which it
//! is made, before it is sent, and with its true cost once it is included. Of
//! transactions with one nonce only one is included, so the dearest counts. What
//! cannot be known counts as spent: the cap is never passed, whatever happens.

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use phat_target::{PreparedTransaction, TransactionStatus};

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// The spending of a relay account on one chain, as the journal keeps it. All
/// amounts are in the chain's smallest unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Spending {
    /// The day, counted from 1970-01-01 UTC.
    day: u64,
    /// What is spent on that day for good.
    spent: u128,
    /// The most that transactions can cost that are not included yet, by nonce.
    open: BTreeMap<u64, u128>,
}

impl Spending {
    /// Goes on to the day of this time, in milliseconds since 1970. `true` if it is
    /// another one than before. A clock that goes back changes nothing.
    pub fn at(&mut self, now_ms: u64) -> bool {
        let day = now_ms / DAY_MS;
        let is_new = day > self.day;
        if is_new {
            self.day = day;
            self.spent = 0;
        }
        is_new
    }

    /// What counts for the day: what is spent, and what may be.
    pub fn total(&self) -> u128 {
        let open = self.open.values().copied();
        open.fold(self.spent, u128::saturating_add)
    }

    /// What the day's total would be with one more transaction.
    pub fn total_with(&self, transaction: &PreparedTransaction) -> u128 {
        let before = self.open.get(&transaction.nonce).copied().unwrap_or(0);
        let more = transaction.cost_max.saturating_sub(before);
        self.total().saturating_add(more)
    }

    /// Notes a transaction that is about to be sent.
    pub fn prepared(&mut self, transaction: &PreparedTransaction) {
        let open = self.open.entry(transaction.nonce).or_default();
        *open = transaction.cost_max.max(*open);
    }

    /// Notes that a transaction with this nonce was included for good, and cost so
    /// much. `true` if that is news.
    pub fn included(&mut self, nonce: u64, cost: u128) -> bool {
        let is_open = self.open.remove(&nonce).is_some();
        if is_open {
            self.spent = self.spent.saturating_add(cost);
        }
        is_open
    }

    /// Notes that nothing with this nonce was ever sent. `true` if that is news.
    pub fn never_sent(&mut self, nonce: u64) -> bool {
        self.open.remove(&nonce).is_some()
    }

    /// Notes that nobody follows what was sent with this nonce any more: it may
    /// still be included, so it counts in full. `true` if that is news.
    pub fn unfollowed(&mut self, nonce: u64) -> bool {
        match self.open.remove(&nonce) {
            Some(cost) => {
                self.spent = self.spent.saturating_add(cost);
                true
            }
            None => false,
        }
    }

    /// The nonces whose transactions are not included yet.
    pub fn open(&self) -> impl Iterator<Item = u64> {
        self.open.keys().copied()
    }

    /// Hours, rounded up, until the next day begins.
    pub fn hours_left(now_ms: u64) -> u64 {
        (DAY_MS - now_ms % DAY_MS).div_ceil(60 * 60 * 1_000)
    }
}

/// What an included transaction has cost, as far as the chain tells: its gas at the
/// most that it pays for each unit, and never more than it can cost in all.
pub fn cost(transaction: &PreparedTransaction, status: &TransactionStatus) -> u128 {
    match *status {
        TransactionStatus::Included { gas_used, .. } if transaction.fee_per_gas_max > 0 => {
            u128::from(gas_used)
                .saturating_mul(transaction.fee_per_gas_max)
                .min(transaction.cost_max)
        }
        _ => transaction.cost_max,
    }
}

#[cfg(test)]
mod tests {
    use phat_target::BlockRef;

    use super::*;

    fn transaction(nonce: u64, cost_max: u128) -> PreparedTransaction {
        PreparedTransaction {
            nonce,
            hash: [0; 32],
            raw: Vec::new(),
            fee_per_gas_max: 2,
            tip_per_gas: 0,
            cost_max,
        }
    }

    #[test]
    fn what_may_be_spent_counts_until_the_true_cost_is_known() {
        let mut spending = Spending::default();
        spending.prepared(&transaction(1, 100));
        spending.prepared(&transaction(2, 50));
        assert_eq!(spending.total(), 150);
        // Of two with one nonce, one is included.
        assert_eq!(spending.total_with(&transaction(1, 130)), 180);
        assert_eq!(spending.total_with(&transaction(1, 90)), 150);
        assert_eq!(spending.total_with(&transaction(3, 90)), 240);
        spending.prepared(&transaction(1, 130));
        spending.prepared(&transaction(1, 90));
        assert_eq!(spending.total(), 180);
        assert!(spending.included(1, 60));
        assert!(!spending.included(1, 60), "counted once");
        assert_eq!(spending.total(), 110);
        assert!(spending.never_sent(2));
        assert_eq!(spending.total(), 60);
        spending.prepared(&transaction(3, 40));
        assert!(spending.unfollowed(3) && !spending.unfollowed(3));
        assert_eq!(spending.total(), 100);
    }

    #[test]
    fn a_new_day_begins_with_what_is_still_open() {
        let mut spending = Spending::default();
        assert!(spending.at(3 * DAY_MS));
        spending.prepared(&transaction(1, 100));
        spending.prepared(&transaction(2, 10));
        spending.included(1, 100);
        assert!(!spending.at(4 * DAY_MS - 1));
        assert_eq!(spending.total(), 110);
        assert!(spending.at(4 * DAY_MS));
        assert_eq!(spending.total(), 10);
        // A clock that was set back gives no second allowance.
        spending.included(2, 10);
        assert!(!spending.at(3 * DAY_MS));
        assert_eq!(spending.total(), 10);
        assert_eq!(Spending::hours_left(DAY_MS - 1), 1);
        assert_eq!(Spending::hours_left(DAY_MS), 24);
    }

    #[test]
    fn nothing_overflows() {
        let mut spending = Spending::default();
        spending.prepared(&transaction(1, u128::MAX));
        spending.prepared(&transaction(2, u128::MAX));
        assert_eq!(spending.total(), u128::MAX);
        assert_eq!(spending.total_with(&transaction(3, u128::MAX)), u128::MAX);
        assert!(spending.included(1, u128::MAX));
        assert!(spending.unfollowed(2));
        assert_eq!(spending.total(), u128::MAX);
    }

    #[test]
    fn the_true_cost_is_never_above_what_was_counted() {
        let included = |gas_used| TransactionStatus::Included {
            block: BlockRef {
                number: 1,
                hash: [0; 32],
            },
            gas_used,
            success: true,
            is_final: true,
        };
        let transaction = transaction(1, 100);
        assert_eq!(cost(&transaction, &included(30)), 60);
        assert_eq!(cost(&transaction, &included(u64::MAX)), 100);
        assert_eq!(cost(&transaction, &TransactionStatus::Pending), 100);
        let unpriced = PreparedTransaction {
            fee_per_gas_max: 0,
            ..transaction
        };
        assert_eq!(cost(&unpriced, &included(30)), 100);
    }
}
