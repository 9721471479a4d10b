//! Who gets how much.

use std::time::Duration;

use super::{
    super::{Class, SLICE, SLICE_COUNTED_MIN, fair::CATCH_UP_MAX},
    contract,
    world::{GREEDY, Habit, World},
};

/// How far a contract's compute may be from what its weight entitles it to: its
/// own unfinished slices, one for each processor, and what it may catch up on.
fn tolerance(processors: usize) -> Duration {
    SLICE * (CATCH_UP_MAX as u32 + 2 + 2 * processors as u32)
}

fn assert_near(found: Duration, wanted: Duration, tolerance: Duration, what: &str) {
    assert!(
        found.abs_diff(wanted) <= tolerance,
        "{what}: {found:?} instead of {wanted:?}, more than {tolerance:?} off"
    );
}

#[test]
fn shares_are_as_the_weights_whatever_the_length_and_number_of_runs() {
    for seed in 0..50 {
        let processors = 1 + (seed % 4) as usize;
        let mut world = World::new(seed, processors);
        let mut random = crate::simulation::Random(seed ^ 0x5eed);
        // None has more than a processor's part for each of its runs, and there are
        // enough runs for that, so every share can be had.
        let count = 4 * processors as u64 + random.below(8);
        let weights: Vec<u32> = (0..count).map(|_| 1 + random.below(4) as u32).collect();
        world.weights((0..count).map(|number| (contract(number), weights[number as usize])));
        for number in 0..count {
            let habit = Habit {
                // Shorter ones count as if they were not.
                slice_us: 2 * SLICE_COUNTED_MIN.as_micros() as u64 + random.below(5_000),
                ..GREEDY
            };
            let runs = processors + random.below(6) as usize;
            world.begin(Class::Call, contract(number), runs, habit);
        }
        let time = Duration::from_secs(2);
        world.run(time);
        let all = time * processors as u32;
        let total: u32 = weights.iter().sum();
        for number in 0..count {
            let wanted = all * weights[number as usize] / total;
            let found = world.computed(Class::Call, contract(number));
            let what = format!("seed {seed}, contract {number}");
            assert_near(found, wanted, tolerance(processors), &what);
        }
    }
}

#[test]
fn a_contract_alone_gets_all() {
    for processors in 1..=4 {
        let mut world = World::new(1, processors);
        world.begin(Class::Call, contract(1), processors, GREEDY);
        world.run(Duration::from_secs(1));
        let all = Duration::from_secs(processors as u64);
        let found = world.computed(Class::Call, contract(1));
        assert_near(found, all, SLICE * processors as u32, "all of it");
    }
}

#[test]
fn a_contract_that_comes_back_has_saved_nothing_up_and_owes_nothing() {
    for seed in 0..20 {
        let mut world = World::new(seed, 1);
        let [busy, guest] = [1, 2].map(contract);
        world.begin(Class::Call, busy, 3, GREEDY);
        for round in 0..5 {
            // One alone for long, the other away for long.
            world.run(Duration::from_secs(3));
            let before = [busy, guest].map(|of| world.computed(Class::Call, of));
            world.begin(Class::Call, guest, 1, GREEDY);
            world.run(Duration::from_secs(1));
            for (of, before) in [busy, guest].into_iter().zip(before) {
                let found = world.computed(Class::Call, of) - before;
                let what = format!("seed {seed}, round {round}");
                assert_near(found, Duration::from_millis(500), tolerance(1), &what);
            }
            world.end(guest);
        }
    }
}

/// A contract with one run can use one of two processors, however much it weighs.
/// What it is entitled to besides must not be a claim that grows.
#[test]
fn a_weight_that_cannot_be_used_up_is_no_claim_on_later() {
    let mut world = World::new(1, 2);
    let [heavy, light] = [1, 2].map(contract);
    world.weights([(heavy, 100)]);
    world.begin(Class::Call, heavy, 1, GREEDY);
    world.begin(Class::Call, light, 4, GREEDY);
    world.run(Duration::from_secs(20));
    let [of_heavy, of_light] = [heavy, light].map(|of| world.computed(Class::Call, of));
    assert_near(of_heavy, Duration::from_secs(20), tolerance(2), "heavy");
    assert_near(of_light, Duration::from_secs(20), tolerance(2), "light");
    // From here on the weights are equal, and both have enough runs.
    world.weights([]);
    world.begin(Class::Call, heavy, 3, GREEDY);
    world.run(Duration::from_secs(10));
    let found = world.computed(Class::Call, light) - of_light;
    assert_near(found, Duration::from_secs(10), tolerance(2), "light, later");
}

#[test]
fn a_changed_weight_counts_from_then_on() {
    let mut world = World::new(7, 2);
    let [one, two] = [1, 2].map(contract);
    for of in [one, two] {
        world.begin(Class::Call, of, 4, GREEDY);
    }
    let mut before = [Duration::ZERO; 2];
    for (weights, parts) in [([1, 1], [1, 1]), ([1, 3], [1, 3]), ([7, 1], [7, 1])] {
        world.weights([one, two].into_iter().zip(weights));
        world.run(Duration::from_secs(8));
        let now = [one, two].map(|of| world.computed(Class::Call, of));
        for index in 0..2 {
            let wanted = Duration::from_secs(16) * parts[index] / parts.iter().sum::<u32>();
            let found = now[index] - before[index];
            assert_near(found, wanted, tolerance(2), &format!("{weights:?}"));
        }
        before = now;
    }
}

#[test]
fn thousands_of_contracts_share_alike() {
    const CONTRACTS: u64 = 5_000;
    let mut world = World::new(3, 8);
    for number in 0..CONTRACTS {
        world.begin(Class::Call, contract(number), 1, GREEDY);
    }
    world.run(Duration::from_secs(30));
    let all = (0..CONTRACTS).map(|number| world.computed(Class::Call, contract(number)));
    let wanted = Duration::from_secs(30) * 8 / CONTRACTS as u32;
    for (number, found) in all.enumerate() {
        assert_near(found, wanted, 2 * SLICE, &format!("contract {number}"));
    }
}

/// Anyone can call, any contract and as often as he likes.
#[test]
fn calls_leave_anchors_their_part_however_many_contracts_are_called() {
    for contracts in [1, 10, 1_000] {
        let mut world = World::new(contracts, 2);
        let asked = contract(0);
        for number in 0..contracts {
            world.begin(Class::Call, contract(number), 8, GREEDY);
        }
        world.run(Duration::from_secs(1));
        world.begin(Class::Anchor, asked, 2, GREEDY);
        world.run(Duration::from_secs(8));
        let found = world.computed(Class::Anchor, asked);
        assert_near(found, Duration::from_secs(12), tolerance(2), "anchors");
        // Calls get the rest, and all when no anchor asks.
        let of_calls = |world: &World| -> Duration {
            let calls = world.computed.iter();
            let calls = calls.filter(|((class, _), _)| *class == Class::Call);
            calls.map(|(_, time)| *time).sum()
        };
        let before = of_calls(&world);
        assert_near(before, Duration::from_secs(6), 2 * tolerance(2), "calls");
        // A call to the contract that anchors ask is a call like any other.
        world.end(asked);
        world.begin(Class::Call, contract(1), 2, GREEDY);
        world.run(Duration::from_secs(4));
        let found = of_calls(&world) - before;
        assert_near(found, Duration::from_secs(8), tolerance(2), "calls alone");
    }
}
