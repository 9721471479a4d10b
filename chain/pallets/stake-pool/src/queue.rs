//! The withdrawals that wait, first come, first served.
//!
//! They are a list whose members name their neighbours, so that each step costs the same however
//! many wait: adding one, serving the first, and taking one out of the middle.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::Balance;

/// The ends of a queue.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Queue {
    /// The number of the request that is served first.
    pub first: Option<u64>,
    /// The number of the one that is served last.
    pub last: Option<u64>,
    /// How many there are.
    pub count: u32,
    /// How many shares they have together.
    pub shares: Balance,
    /// The number that the next request gets.
    pub next_number: u64,
    /// The number of the first request that is not counted as overdue. None if all are counted, or
    /// there are none.
    pub uncounted: Option<u64>,
    /// How many shares those have together that are counted.
    pub overdue_shares: Balance,
}

impl Queue {
    /// Whether a request that waits in it is counted as overdue: see [`Queues::count_overdue`].
    pub fn is_counted(&self, number: u64) -> bool {
        self.uncounted.is_none_or(|uncounted| number < uncounted)
    }
}

/// A withdrawal that waits.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Request<AccountId> {
    /// Who withdraws.
    pub who: AccountId,
    /// The shares that are still to be paid out.
    pub shares: Balance,
    /// When it was made, in seconds since 1970.
    pub requested_at_s: u64,
    /// The number of the request that is served before it.
    pub previous: Option<u64>,
    /// The number of the one that is served after it.
    pub next: Option<u64>,
}

/// What an account has in a queue.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Queued {
    /// How many requests.
    pub requests: u32,
    /// How many shares they have together.
    pub shares: Balance,
}

/// Where queues are stored, and what is done with them.
pub trait Queues {
    /// Who withdraws.
    type AccountId: Clone + Eq;

    /// The ends of the queue of fund `id`.
    fn queue(id: u64) -> Queue;
    /// Stores them.
    fn set_queue(id: u64, queue: Queue);
    /// A request.
    fn request(id: u64, number: u64) -> Option<Request<Self::AccountId>>;
    /// Stores it, or removes it.
    fn set_request(id: u64, number: u64, request: Option<Request<Self::AccountId>>);
    /// What `who` has in the queue.
    fn queued(id: u64, who: &Self::AccountId) -> Queued;
    /// Stores it, or removes it if it is nothing.
    fn set_queued(id: u64, who: &Self::AccountId, queued: Queued);

    /// Adds a request at the end, and gives its number.
    fn push(id: u64, who: &Self::AccountId, shares: Balance, now_s: u64) -> u64 {
        let mut queue = Self::queue(id);
        let number = queue.next_number;
        let request = Request {
            who: who.clone(),
            shares,
            requested_at_s: now_s,
            previous: queue.last,
            next: None,
        };
        Self::link(id, queue.last, |last| last.next = Some(number));
        Self::set_request(id, number, Some(request));
        queue.first = queue.first.or(Some(number));
        queue.uncounted = queue.uncounted.or(Some(number));
        queue.last = Some(number);
        queue.count = queue.count.saturating_add(1);
        queue.shares = queue.shares.saturating_add(shares);
        queue.next_number = queue.next_number.saturating_add(1);
        Self::set_queue(id, queue);
        let mut queued = Self::queued(id, who);
        queued.requests = queued.requests.saturating_add(1);
        queued.shares = queued.shares.saturating_add(shares);
        Self::set_queued(id, who, queued);
        number
    }

    /// Takes `shares` off request `number`, and the request out of the queue if none are left.
    /// Gives how many are left.
    fn reduce(id: u64, number: u64, shares: Balance) -> Balance {
        let Some(mut request) = Self::request(id, number) else {
            return 0;
        };
        let taken = shares.min(request.shares);
        request.shares -= taken;
        let (who, left) = (request.who.clone(), request.shares);
        let mut queue = Self::queue(id);
        let mut queued = Self::queued(id, &who);
        queue.shares = queue.shares.saturating_sub(taken);
        queued.shares = queued.shares.saturating_sub(taken);
        if queue.is_counted(number) {
            queue.overdue_shares = queue.overdue_shares.saturating_sub(taken);
        }
        if left == 0 {
            let (previous, next) = (request.previous, request.next);
            Self::link(id, previous, |before| before.next = next);
            Self::link(id, next, |after| after.previous = previous);
            queue.first = if previous.is_none() {
                next
            } else {
                queue.first
            };
            queue.last = if next.is_none() { previous } else { queue.last };
            queue.uncounted = if queue.uncounted == Some(number) {
                next
            } else {
                queue.uncounted
            };
            queue.count = queue.count.saturating_sub(1);
            queued.requests = queued.requests.saturating_sub(1);
        }
        Self::set_request(id, number, (left != 0).then_some(request));
        Self::set_queue(id, queue);
        Self::set_queued(id, &who, queued);
        left
    }

    /// Changes the request `number`, if there is one.
    fn link(id: u64, number: Option<u64>, change: impl FnOnce(&mut Request<Self::AccountId>)) {
        let Some(number) = number else { return };
        if let Some(mut request) = Self::request(id, number) {
            change(&mut request);
            Self::set_request(id, number, Some(request));
        }
    }

    /// Counts requests as overdue that have waited for `wait_s` seconds, up to `limit` that were
    /// not counted before, and gives the shares that all those have which are counted and wait
    /// still.
    ///
    /// Requests are in the order in which they were made, so these are the first of the queue.
    fn count_overdue(id: u64, now_s: u64, wait_s: u64, limit: u32) -> Balance {
        let mut queue = Self::queue(id);
        for _ in 0..limit {
            let next = queue
                .uncounted
                .and_then(|number| Self::request(id, number))
                .filter(|request| now_s >= request.requested_at_s.saturating_add(wait_s));
            let Some(request) = next else { break };
            queue.overdue_shares = queue.overdue_shares.saturating_add(request.shares);
            queue.uncounted = request.next;
        }
        Self::set_queue(id, queue);
        queue.overdue_shares
    }

    /// When the request that is served first was made, in seconds since 1970.
    fn waiting_since_s(id: u64) -> Option<u64> {
        let first = Self::queue(id).first?;
        Self::request(id, first).map(|request| request.requested_at_s)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct Stored {
        queue: Queue,
        requests: BTreeMap<u64, Request<u8>>,
        queued: BTreeMap<u8, Queued>,
    }

    thread_local! {
        static STORED: RefCell<Stored> = RefCell::default();
    }

    struct InMemory;

    impl Queues for InMemory {
        type AccountId = u8;

        fn queue(_: u64) -> Queue {
            STORED.with_borrow(|stored| stored.queue)
        }

        fn set_queue(_: u64, queue: Queue) {
            STORED.with_borrow_mut(|stored| stored.queue = queue);
        }

        fn request(_: u64, number: u64) -> Option<Request<u8>> {
            STORED.with_borrow(|stored| stored.requests.get(&number).cloned())
        }

        fn set_request(_: u64, number: u64, request: Option<Request<u8>>) {
            STORED.with_borrow_mut(|stored| match request {
                Some(request) => stored.requests.insert(number, request),
                None => stored.requests.remove(&number),
            });
        }

        fn queued(_: u64, who: &u8) -> Queued {
            STORED.with_borrow(|stored| stored.queued.get(who).copied().unwrap_or_default())
        }

        fn set_queued(_: u64, who: &u8, queued: Queued) {
            STORED.with_borrow_mut(|stored| stored.queued.insert(*who, queued));
        }
    }

    /// The requests from the first to the last, as (number, who, shares), read by both links.
    fn walk() -> Vec<(u64, u8, Balance)> {
        let mut seen = Vec::new();
        let (mut at, mut before) = (InMemory::queue(0).first, None);
        while let Some(number) = at {
            let request = InMemory::request(0, number).expect("it is linked");
            assert_eq!(request.previous, before);
            seen.push((number, request.who, request.shares));
            (before, at) = (at, request.next);
        }
        assert_eq!(InMemory::queue(0).last, before);
        seen
    }

    #[test]
    fn only_who_has_waited_is_counted() {
        STORED.take();
        for (shares, made_at_s) in [(1, 100), (2, 110), (4, 110), (8, 120)] {
            InMemory::push(0, &0, shares, made_at_s);
        }
        let count = |now_s, limit| InMemory::count_overdue(0, now_s, 50, limit);
        assert_eq!(count(149, 9), 0);
        assert_eq!(count(150, 9), 1);
        // A bound, and where it went on from.
        assert_eq!(count(160, 1), 3);
        assert_eq!(count(160, 9), 7);
        // What a wait without end would be overflows nothing.
        assert_eq!(InMemory::count_overdue(0, u64::MAX - 1, u64::MAX, 9), 7);
        InMemory::reduce(0, 1, 1);
        assert_eq!(count(160, 9), 6);
        assert!(InMemory::queue(0).is_counted(2));
        assert!(!InMemory::queue(0).is_counted(3));
    }

    proptest! {
        /// Against a plain list: push (0), serve a part of the first (1), take one out (2), count
        /// up to two more as overdue (3).
        #[test]
        fn the_queue_is_a_list(steps in prop::collection::vec((0..4u8, 0..4u8, 1..9u128), 1..60)) {
            STORED.take();
            let mut model: Vec<(u64, u8, Balance)> = Vec::new();
            // The numbers of those that are counted.
            let mut counted = Vec::new();
            for (step, who, shares) in steps {
                match step {
                    0 => model.push((InMemory::push(0, &who, shares, 7), who, shares)),
                    3 => {
                        let more = model.iter().map(|entry| entry.0);
                        let more = more.filter(|number| !counted.contains(number)).take(2);
                        let more: Vec<_> = more.collect();
                        counted.extend(more);
                        InMemory::count_overdue(0, 17, 10, 2);
                    }
                    1 if !model.is_empty() => {
                        let left = InMemory::reduce(0, model[0].0, shares);
                        model[0].2 = model[0].2.saturating_sub(shares);
                        prop_assert_eq!(left, model[0].2);
                    }
                    _ if !model.is_empty() => {
                        let (number, _, all) = model.remove(who as usize % model.len());
                        prop_assert_eq!(InMemory::reduce(0, number, all), 0);
                    }
                    _ => {}
                }
                model.retain(|entry| entry.2 > 0);
                prop_assert_eq!(&walk(), &model);
                let queue = InMemory::queue(0);
                prop_assert_eq!(queue.count as usize, model.len());
                prop_assert_eq!(queue.shares, model.iter().map(|entry| entry.2).sum::<u128>());
                let is_counted = |entry: &&(u64, u8, Balance)| counted.contains(&entry.0);
                let overdue = model.iter().filter(is_counted).map(|entry| entry.2);
                prop_assert_eq!(queue.overdue_shares, overdue.sum::<u128>());
                for entry in &model {
                    prop_assert_eq!(queue.is_counted(entry.0), is_counted(&entry));
                }
                for who in 0..4 {
                    let own = model.iter().filter(|entry| entry.1 == who);
                    let queued = InMemory::queued(0, &who);
                    prop_assert_eq!(queued.requests as usize, own.clone().count());
                    prop_assert_eq!(queued.shares, own.map(|entry| entry.2).sum::<u128>());
                }
                prop_assert_eq!(
                    InMemory::waiting_since_s(0),
                    (!model.is_empty()).then_some(7)
                );
            }
        }
    }
}
