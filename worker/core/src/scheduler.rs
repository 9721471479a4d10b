//! Who goes next: weighted fair queueing.
//!
//! There are slots, and parties that want them: contracts that want the processor for
//! a moment, or a place among the runs under way. A party that has had less than its
//! share goes before one that has had more. Its share is its weight's part of the
//! weights of all that want something at the time, so
//!
//! - no slot is free while a party waits that may have one;
//! - a party that wants nothing for a while saves nothing up, and owes nothing;
//! - who waits is overtaken by another party only until that one has had as much, for
//!   its weight: nobody waits for ever.
//!
//! Time is told, not read: what a party used is said when it gives its slot back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use thiserror::Error;

/// How finely shares are told apart: a party of the largest weight pays this much of
/// virtual time for a nanosecond.
const VIRTUAL_SCALE: u128 = 1 << 32;
/// How much the latest use counts in the mean of all, as a divisor.
const MEAN_PART: u64 = 8;
/// What is assumed of a use before there was any.
const USE_ASSUMED_NS: u64 = 1_000_000;
const NS_PER_S: u64 = 1_000_000_000;
/// The longest that anyone is told to wait before the next try.
const RETRY_AFTER_S_MAX: u64 = 60;

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// What can be had at once.
    pub slots: usize,
    /// How many of them one party may have.
    pub slots_per_party: usize,
    /// How many may wait.
    pub waiting: usize,
    /// How many of them may be of one party.
    pub waiting_per_party: usize,
}

/// Stands for one that waits, or has a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// There are as many waiting as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is as much to do as can wait: try again in {retry_after_s} s")]
pub struct Busy {
    /// After how long there is likely to be room, in seconds: 1 to 60.
    pub retry_after_s: u64,
}

/// Gives out slots to parties named `P`.
#[derive(Clone, Debug)]
pub struct Scheduler<P> {
    bounds: Bounds,
    parties: BTreeMap<P, Party>,
    /// The parties that wait and may have a slot, who is due first in front.
    ready: BTreeSet<(u128, P)>,
    /// The parties that want nothing and have had more than their share.
    resting: BTreeSet<(u128, P)>,
    /// The virtual time: how much a party of weight 1 would have had by now.
    now: u128,
    taken: usize,
    waiting: usize,
    tickets: u64,
    /// The mean of what is used at a time.
    mean_ns: u64,
}

#[derive(Clone, Debug)]
struct Party {
    weight: u32,
    /// The virtual time up to which it has had its share.
    due: u128,
    taken: usize,
    waiting: VecDeque<Ticket>,
    /// Its key in `ready` or `resting`, if it is there.
    ready: Option<u128>,
    resting: Option<u128>,
}

impl<P: Ord + Copy> Scheduler<P> {
    /// A scheduler with all slots free. Each bound counts as 1 at least.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds: Bounds {
                slots: bounds.slots.max(1),
                slots_per_party: bounds.slots_per_party.max(1),
                waiting: bounds.waiting.max(1),
                waiting_per_party: bounds.waiting_per_party.max(1),
            },
            parties: BTreeMap::new(),
            ready: BTreeSet::new(),
            resting: BTreeSet::new(),
            now: 0,
            taken: 0,
            waiting: 0,
            tickets: 0,
            mean_ns: USE_ASSUMED_NS,
        }
    }

    /// Has one more wait for a party, which from now on has this weight; 0 counts as 1.
    /// Those of a party go in the order in which they came.
    pub fn want(&mut self, party: P, weight: u32) -> Result<Ticket, Busy> {
        let own = self.parties.get(&party).map_or(0, |own| own.waiting.len());
        if self.waiting >= self.bounds.waiting || own >= self.bounds.waiting_per_party {
            return Err(Busy {
                retry_after_s: self.retry_after_s(),
            });
        }
        self.tickets += 1;
        self.waiting += 1;
        let ticket = Ticket(self.tickets);
        let now = self.now;
        let entry = self.parties.entry(party).or_insert_with(|| Party {
            weight,
            due: now,
            taken: 0,
            waiting: VecDeque::new(),
            ready: None,
            resting: None,
        });
        entry.weight = weight.max(1);
        if entry.taken == 0 && entry.waiting.is_empty() {
            // What it did not want before is not for it to have now.
            entry.due = entry.due.max(now);
        }
        entry.waiting.push_back(ticket);
        self.file(party);
        Ok(ticket)
    }

    /// Gives a slot to who is due, if one is free.
    pub fn next(&mut self) -> Option<(P, Ticket)> {
        if self.taken >= self.bounds.slots {
            return None;
        }
        let (due, party) = self.ready.first().copied()?;
        let entry = self.parties.get_mut(&party)?;
        let ticket = entry.waiting.pop_front()?;
        self.now = self.now.max(due);
        entry.taken += 1;
        self.taken += 1;
        self.waiting -= 1;
        // As if it used what is used mostly; put right when it gives the slot back.
        entry.due = entry.due.saturating_add(virtual_time(self.mean_ns, entry.weight));
        self.file(party);
        Some((party, ticket))
    }

    /// Takes back a slot of a party that used it for so many nanoseconds.
    /// `mean_ns` is what [`Self::mean_ns`] was when the slot was given.
    pub fn give_back(&mut self, party: P, used_ns: u64, mean_ns: u64) {
        let Some(entry) = self.parties.get_mut(&party) else {
            return;
        };
        if entry.taken == 0 {
            return;
        }
        entry.taken -= 1;
        self.taken -= 1;
        let (used, assumed) = (
            virtual_time(used_ns, entry.weight),
            virtual_time(mean_ns, entry.weight),
        );
        entry.due = entry.due.saturating_add(used).saturating_sub(assumed);
        self.mean_ns = self.mean_ns - self.mean_ns / MEAN_PART + used_ns / MEAN_PART;
        self.file(party);
        self.forget();
    }

    /// Takes away one that waits and wants no more.
    pub fn cancel(&mut self, party: P, ticket: Ticket) {
        let Some(entry) = self.parties.get_mut(&party) else {
            return;
        };
        let before = entry.waiting.len();
        entry.waiting.retain(|waiting| *waiting != ticket);
        self.waiting -= before - entry.waiting.len();
        self.file(party);
        self.forget();
    }

    /// The mean of what was used at a time lately, in nanoseconds.
    pub fn mean_ns(&self) -> u64 {
        self.mean_ns
    }

    /// Whether one waits that could have a slot if one were free.
    pub fn is_wanted(&self) -> bool {
        !self.ready.is_empty()
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many slots are taken.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// After how long those that wait are likely to be through.
    fn retry_after_s(&self) -> u64 {
        let rounds = (self.waiting / self.bounds.slots) as u64 + 1;
        let seconds = self.mean_ns.saturating_mul(rounds) / NS_PER_S;
        seconds.clamp(1, RETRY_AFTER_S_MAX)
    }

    /// Puts a party where it belongs after a change.
    fn file(&mut self, party: P) {
        let Some(entry) = self.parties.get_mut(&party) else {
            return;
        };
        if let Some(due) = entry.ready.take() {
            self.ready.remove(&(due, party));
        }
        if let Some(due) = entry.resting.take() {
            self.resting.remove(&(due, party));
        }
        if entry.waiting.is_empty() {
            if entry.taken == 0 {
                entry.resting = Some(entry.due);
                self.resting.insert((entry.due, party));
            }
        } else if entry.taken < self.bounds.slots_per_party {
            entry.ready = Some(entry.due);
            self.ready.insert((entry.due, party));
        }
    }

    /// Forgets the parties that want nothing and owe nothing. With nobody there, all
    /// is forgiven.
    fn forget(&mut self) {
        if self.taken == 0 && self.waiting == 0 {
            self.parties.clear();
            self.resting.clear();
            self.now = 0;
            return;
        }
        while let Some((due, party)) = self.resting.first().copied() {
            if due > self.now {
                return;
            }
            self.resting.remove(&(due, party));
            self.parties.remove(&party);
        }
    }
}

/// What a use costs a party of a weight.
fn virtual_time(used_ns: u64, weight: u32) -> u128 {
    u128::from(used_ns) * VIRTUAL_SCALE / u128::from(weight.max(1))
}

#[cfg(test)]
#[path = "scheduler_tests.rs"]
mod tests;
