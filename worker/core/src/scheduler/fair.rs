//! Whose turn it is: start-time fair queueing.
//!
//! After Goyal, Vin and Cheng, "Start-time Fair Queueing" (SIGCOMM 1996), for
//! several servers. Each flow has a tag, the virtual time at which its next piece
//! of work starts; the flow with the lowest tag goes first. Work moves its flow's
//! tag on by the work divided by the flow's weight, so that flows which always
//! wait get work in proportion to their weights.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

/// Work divided by weight, in 2^-32 units of work: with any weight the least work
/// still counts. 128 bits hold more pieces of work than a worker can do.
type VirtualTime = u128;

/// How far [`VirtualTime`] is finer than work.
const SCALE_BITS: u32 = 32;
/// The most that one piece of work counts. In nanoseconds these are thirteen days.
const WORK_MAX: u64 = 1 << 50;
/// How many usual pieces of work a flow may catch up on at once. With several
/// servers a flow can fall behind what its weight entitles it to, as one run
/// computes on one processor only; what it may catch up on would grow for as long
/// as that lasts, and all others would wait for it later.
pub const CATCH_UP_MAX: u64 = 4;
/// Flows that are remembered because they had more than their share when they were
/// last heard of. One that is forgotten starts like a new one.
const REMEMBERED_MAX: usize = 10_000;

/// Flows in the order of their turns.
#[derive(Debug)]
pub struct FairQueue<K> {
    /// What a piece of work is charged as it starts, before it is known how long it is.
    usual_work: u64,
    flows: BTreeMap<K, Flow>,
    /// The flows with something that waits.
    order: BTreeSet<(VirtualTime, K)>,
    /// The flows without anything.
    idle: BTreeSet<(VirtualTime, K)>,
    /// The latest tag that a piece of work started with.
    clock: VirtualTime,
}

#[derive(Clone, Copy, Debug)]
struct Flow {
    tag: VirtualTime,
    waiting: usize,
    working: usize,
}

impl<K: Copy + Ord> FairQueue<K> {
    /// An empty queue in which a piece of work usually is `usual_work` units long.
    pub fn new(usual_work: u64) -> Self {
        Self {
            usual_work,
            flows: BTreeMap::new(),
            order: BTreeSet::new(),
            idle: BTreeSet::new(),
            clock: 0,
        }
    }

    /// Something of this flow waits from now on.
    pub fn wait(&mut self, key: K) {
        self.update(key, |flow, clock| {
            if flow.is_idle() {
                // What was not used while there was nothing to do is gone.
                flow.tag = flow.tag.max(clock);
            }
            flow.waiting += 1;
        });
    }

    /// Something of this flow waits no more, and is not started either.
    pub fn withdraw(&mut self, key: K) {
        self.update(key, |flow, _| flow.waiting = flow.waiting.saturating_sub(1));
        self.forget();
    }

    /// The flow whose turn it is among those that may have one.
    pub fn next(&self, may: impl Fn(&K) -> bool) -> Option<K> {
        let mut flows = self.order.iter().map(|(_, key)| *key);
        flows.find(|key| may(key))
    }

    /// Starts something of this flow that waits.
    pub fn start(&mut self, key: K, weight: NonZeroU32) {
        let charge = cost(self.usual_work, weight);
        let behind_max = charge.saturating_mul(u128::from(CATCH_UP_MAX));
        let starts_at = self.update(key, |flow, clock| {
            let starts_at = flow.tag.max(clock.saturating_sub(behind_max));
            flow.tag = starts_at.saturating_add(charge);
            flow.waiting = flow.waiting.saturating_sub(1);
            flow.working += 1;
            starts_at
        });
        self.clock = self.clock.max(starts_at);
    }

    /// Something of this flow ends that was so much work. If the flow's weight has changed since it
    /// started, [`Self::reweigh`] was told.
    pub fn end(&mut self, key: K, weight: NonZeroU32, work: u64) {
        let (charge, cost) = (cost(self.usual_work, weight), cost(work, weight));
        self.update(key, |flow, _| {
            flow.tag = flow.tag.saturating_sub(charge).saturating_add(cost);
            flow.working = flow.working.saturating_sub(1);
        });
        self.forget();
    }

    /// Takes note that flows have other weights from now on.
    ///
    /// How far a flow is ahead of the clock is work that it had too much, divided by its weight; how
    /// far it is behind, work that it may catch up on. Both stay the same amount of work. Otherwise
    /// a flow that was charged a slice while it weighed next to nothing would wait for ages once it
    /// weighs much, and one that comes to weigh little would have hardly anything to wait for.
    pub fn reweigh(&mut self, before: impl Fn(&K) -> NonZeroU32, after: impl Fn(&K) -> NonZeroU32) {
        let keys: Vec<K> = self.flows.keys().copied().collect();
        for key in keys {
            let (old, new) = (before(&key), after(&key));
            if old == new {
                continue;
            }
            self.update(key, |flow, clock| {
                let distance = rescaled(flow.tag.abs_diff(clock), old, new);
                flow.tag = if flow.tag > clock {
                    clock.saturating_add(distance)
                } else {
                    clock.saturating_sub(distance)
                };
            });
        }
        self.forget();
    }

    fn update<R>(&mut self, key: K, change: impl FnOnce(&mut Flow, VirtualTime) -> R) -> R {
        let clock = self.clock;
        let flow = self.flows.entry(key).or_insert(Flow {
            tag: clock,
            waiting: 0,
            working: 0,
        });
        self.order.remove(&(flow.tag, key));
        self.idle.remove(&(flow.tag, key));
        let result = change(flow, clock);
        if flow.waiting > 0 {
            self.order.insert((flow.tag, key));
        } else if flow.is_idle() {
            self.idle.insert((flow.tag, key));
        }
        result
    }

    /// Forgets flows that would start like new ones, and those that are too many.
    fn forget(&mut self) {
        if self.idle.len() == self.flows.len() {
            // Nobody waited for what the last ones had.
            self.flows.clear();
            self.idle.clear();
            self.clock = 0;
        }
        while let Some((tag, key)) = self.idle.first().copied()
            && (tag <= self.clock || self.idle.len() > REMEMBERED_MAX)
        {
            self.idle.remove(&(tag, key));
            self.flows.remove(&key);
        }
    }

    /// How many flows are known.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.flows.len()
    }
}

impl Flow {
    fn is_idle(&self) -> bool {
        self.waiting == 0 && self.working == 0
    }
}

/// How far work moves the tag of a flow with this weight.
fn cost(work: u64, weight: NonZeroU32) -> VirtualTime {
    (u128::from(work.min(WORK_MAX)) << SCALE_BITS) / u128::from(weight.get())
}

/// What a distance in virtual time is with another weight, if it is to be the same work.
fn rescaled(distance: VirtualTime, old: NonZeroU32, new: NonZeroU32) -> VirtualTime {
    distance.saturating_mul(u128::from(old.get())) / u128::from(new.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: NonZeroU32 = NonZeroU32::MIN;

    /// Starts and ends what is next, and gives whose it was.
    fn turn(queue: &mut FairQueue<u32>, work: u64) -> Option<u32> {
        let key = queue.next(|_| true)?;
        queue.start(key, ONE);
        queue.end(key, ONE, work);
        Some(key)
    }

    #[test]
    fn the_least_and_the_most_work_count_with_any_weight() {
        let (least, most) = (ONE, NonZeroU32::MAX);
        assert!(cost(1, most) > 0);
        assert_eq!(cost(u64::MAX, least), cost(WORK_MAX, least));
        let mut queue = FairQueue::new(u64::MAX);
        for _ in 0..1_000 {
            queue.wait(1_u32);
            queue.wait(2);
            turn(&mut queue, u64::MAX);
            turn(&mut queue, u64::MAX);
        }
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn whoever_may_not_have_a_turn_keeps_it_and_stands_in_nobody_s_way() {
        let mut queue = FairQueue::new(10);
        queue.wait(1);
        queue.wait(2);
        assert_eq!(queue.next(|key| *key != 1), Some(2));
        assert_eq!(queue.next(|_| true), Some(1));
        queue.withdraw(1);
        assert_eq!(turn(&mut queue, 10), Some(2));
        assert_eq!(queue.next(|_| true), None);
    }

    #[test]
    fn a_flow_that_had_more_than_its_share_is_remembered_within_a_bound() {
        let mut queue = FairQueue::new(10);
        // It waits throughout, so that nobody is forgotten for want of others.
        queue.wait(0_u32);
        queue.wait(0);
        for key in 1..=REMEMBERED_MAX as u32 + 2 {
            queue.wait(key);
            queue.start(key, ONE);
            queue.end(key, ONE, 1_000);
        }
        assert_eq!(queue.len(), REMEMBERED_MAX + 1);
        // One that is remembered has its turn after one that had less.
        queue.wait(REMEMBERED_MAX as u32);
        assert_eq!(turn(&mut queue, 10), Some(0));
        assert_eq!(turn(&mut queue, 10), Some(0));
        assert_eq!(turn(&mut queue, 10), Some(REMEMBERED_MAX as u32));
        assert_eq!(queue.len(), 0, "when nobody waits, all start anew");
    }

    /// Whose turns these are while both always have something that waits.
    fn turns(queue: &mut FairQueue<u32>, weights: [NonZeroU32; 2], count: usize) -> [usize; 2] {
        let mut turns = [0; 2];
        for _ in 0..count {
            let key = queue.next(|_| true).unwrap();
            queue.start(key, weights[key as usize]);
            queue.wait(key);
            queue.end(key, weights[key as usize], 10);
            turns[key as usize] += 1;
        }
        turns
    }

    fn reweigh(queue: &mut FairQueue<u32>, before: [NonZeroU32; 2], after: [NonZeroU32; 2]) {
        queue.reweigh(|key| before[*key as usize], |key| after[*key as usize]);
    }

    /// Without it, what was charged for next to no weight would be a debt for ages.
    #[test]
    fn whoever_weighed_next_to_nothing_and_then_much_waits_no_longer_for_that() {
        let mut queue = FairQueue::new(10);
        let (light, heavy) = ([ONE, NonZeroU32::MAX], [NonZeroU32::MAX; 2]);
        queue.wait(0);
        queue.wait(1);
        let before = turns(&mut queue, light, 100);
        assert!(before[0] >= 1 && before[1] >= 98, "{before:?}");
        reweigh(&mut queue, light, heavy);
        let after = turns(&mut queue, heavy, 100);
        assert!(after[0].abs_diff(after[1]) <= 3, "{after:?}");
    }

    #[test]
    fn the_same_weights_in_other_units_change_nothing() {
        let of = |scale: u32| [3, 1].map(|part| NonZeroU32::new(part * scale).unwrap());
        let mut queue = FairQueue::new(10);
        queue.wait(0);
        queue.wait(1);
        let scales = [1, 1_000_000, 7, 500_000_000, 1];
        for pair in scales.windows(2) {
            let found = turns(&mut queue, of(pair[0]), 40);
            assert!((29..=31).contains(&found[0]), "{pair:?}: {found:?}");
            reweigh(&mut queue, of(pair[0]), of(pair[1]));
        }
    }

    #[test]
    fn work_that_is_under_way_counts_with_the_weight_of_its_end() {
        let mut queue = FairQueue::new(10);
        let (before, after) = ([ONE; 2], [NonZeroU32::new(1_000).unwrap(), ONE]);
        queue.wait(0);
        queue.wait(1);
        queue.start(0, before[0]);
        reweigh(&mut queue, before, after);
        // As long as is usual: what it was charged is right.
        let tag = queue.flows[&0].tag;
        queue.end(0, after[0], 10);
        assert_eq!(queue.flows.get(&0).map_or(tag, |flow| flow.tag), tag);
        assert_eq!(tag, cost(10, after[0]));
    }
}
