//! Challenges: who is drawn, and what becomes of those that do not answer.

use std::collections::BTreeMap;

use frame_support::{assert_ok, traits::Hooks};
use phat_primitives::WorkerId;
use phat_tokenomics::{Fixed, WorkerPhase};

use crate::{
    CHALLENGES_PER_BLOCK_MAX, Config, CurrentSettings, Event, Expiring, ExpiringChallenges,
    NotedRandomness, Settings, WeightInfo, mock::*,
};

/// The blocks in which each worker was challenged, in so many blocks.
fn challenged_in(blocks: u32) -> BTreeMap<WorkerId, Vec<u32>> {
    let mut challenged = BTreeMap::<WorkerId, Vec<u32>>::new();
    for _ in 0..blocks {
        System::reset_events();
        next_block();
        for record in System::events() {
            if let RuntimeEvent::Computation(Event::Challenged { worker, .. }) = record.event {
                let list = challenged.entry(worker).or_default();
                list.push(System::block_number());
            }
        }
    }
    challenged
}

#[test]
fn a_worker_is_challenged_at_most_twice_an_hour_and_often_enough() {
    run(|| {
        (1..=3).for_each(start);
        // A day of blocks, 150 of which are half an hour.
        let challenged = challenged_in(7_200);
        assert_eq!(challenged.len(), 3);
        for (worker, blocks) in challenged {
            let gaps: Vec<_> = blocks.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(gaps.iter().all(|gap| *gap >= 150), "{worker}: {gaps:?}");
            // About once an hour: 24 times.
            assert!((12..=48).contains(&blocks.len()), "{worker}: {blocks:?}");
        }
    });
}

#[test]
fn a_block_challenges_no_more_workers_than_it_may() {
    run(|| {
        let settings = CurrentSettings::<Test>::get();
        CurrentSettings::<Test>::put(Settings {
            challenges_per_block: 2,
            challenge_gap_blocks: 12,
            ..settings
        });
        (4..=60).for_each(register);
        (1..=60).for_each(start);
        next_blocks(12);
        let mut total = 0;
        for _ in 0..40 {
            let challenged = challenged_in(1).len();
            assert!(challenged <= 2, "{challenged}");
            total += challenged;
        }
        assert!(total > 30, "{total}");
    });
}

#[test]
fn what_a_block_costs_does_not_go_by_the_number_of_workers() {
    run(|| {
        let of_all = <Test as Config>::WeightInfo::begin_block(20, 20);
        (4..=200).for_each(register);
        (1..=200).for_each(start);
        for _ in 0..200 {
            let block = System::block_number() + 1;
            System::set_block_number(block);
            let weight = Computation::on_initialize(block);
            assert!(weight.all_lte(of_all), "{weight:?}");
        }
    });
}

#[test]
fn a_worker_that_misses_its_challenge_is_unresponsive_and_loses_of_v() {
    run(|| {
        start(1);
        let challenge = until_challenged(1);
        assert_eq!(challenge.deadline, challenge.challenged_at + 10);
        next_blocks(10);
        assert_eq!(session(1).state.state, WorkerPhase::Idle);
        let before = state(1).v;
        next_block();
        assert_eq!(session(1).state.state, WorkerPhase::Unresponsive);
        System::assert_has_event(Event::Unresponsive { worker: worker(1) }.into());
        assert!(state(1).v < before, "it decays from this block on");

        // An hour costs a thousandth, but for what the decay takes of itself.
        let before = state(1).v;
        next_blocks(300);
        let lost = before.saturating_sub(state(1).v);
        let thousandth = before
            .checked_div(Fixed::from_int(1_000))
            .expect("it is not divided by zero");
        assert!(lost < thousandth, "{lost:?} of {thousandth:?}");
        let almost = Fixed::parse("0.999").expect("a number");
        assert!(lost > thousandth.saturating_mul(almost), "{lost:?}");
    });
}

#[test]
fn a_worker_that_stopped_is_not_challenged_and_misses_nothing() {
    run(|| {
        start(1);
        until_challenged(1);
        assert_ok!(Computation::stop_session(signed(&BOB), worker(1)));
        next_blocks(11);
        assert_eq!(session(1).state.state, WorkerPhase::Stopped);
        assert!(challenged_in(1_000).is_empty());
    });
}

#[test]
fn blocks_without_randomness_challenge_nobody_and_end_challenges_nevertheless() {
    run(|| {
        start(1);
        until_challenged(1);
        IsRandom::set(false);
        assert!(challenged_in(1_000).is_empty());
        assert_eq!(session(1).state.state, WorkerPhase::Unresponsive);
    });
}

#[test]
fn the_randomness_of_a_block_is_made_of_that_of_all_before() {
    run(|| {
        // Who makes one block knows what it adds, but not what comes of it.
        let after = |before: u8, added: u8| {
            NotedRandomness::<Test>::insert(99, [before; 32]);
            Computation::note(100, &[added; 32])
        };
        let first = after(1, 7);
        assert_eq!(after(1, 7), first);
        assert_ne!(after(2, 7), first);
        assert_ne!(after(1, 8), first);
        assert_eq!(NotedRandomness::<Test>::get(100), Some(after(1, 8)));
    });
}

#[test]
fn a_full_queue_leaves_workers_for_another_block() {
    run(|| {
        start(1);
        // Whatever block challenges it next, its queue is full.
        let now = System::block_number();
        let full = vec![worker(2); CHALLENGES_PER_BLOCK_MAX as usize];
        for block in now..now + 2_000 {
            let full: Expiring = full.clone().try_into().expect("as many as fit");
            ExpiringChallenges::<Test>::insert(block + 11, full);
        }
        assert!(challenged_in(1_000).is_empty());
        let _ = ExpiringChallenges::<Test>::clear(u32::MAX, None);
    });
}
