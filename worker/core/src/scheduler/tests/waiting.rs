//! How long runs wait.

use std::time::Duration;

use super::{
    super::{Class, SLICE, fair::CATCH_UP_MAX},
    contract,
    world::{GREEDY, Habit, World},
};

/// How long a contract's only run waits at most among these others.
fn bound(own: u32, others: &[u32], processors: usize) -> Duration {
    let slices = others.iter().map(|other| {
        let turns = other.div_ceil(own) + CATCH_UP_MAX as u32 + 1;
        turns + processors as u32
    });
    // All processors work on them at the same time, but the last one may be alone.
    SLICE * slices.sum::<u32>() / processors as u32 + SLICE
}

#[test]
fn nobody_waits_longer_than_the_bound_whatever_the_others_do() {
    for seed in 0..60 {
        let processors = 1 + (seed % 3) as usize;
        let mut world = World::new(seed, processors);
        let mut random = crate::simulation::Random(seed ^ 0xa11);
        let count = 1 + random.below(12);
        let weights: Vec<u32> = (0..=count).map(|_| 1 + random.below(20) as u32).collect();
        world.weights((0..=count).map(|number| (contract(number), weights[number as usize])));
        let mut habit = || Habit {
            slice_us: 100 + random.below(4_900),
            away_percent: random.below(100),
            away_us: 1 + random.below(20_000),
        };
        world.begin(Class::Call, contract(0), 1, habit());
        for number in 1..=count {
            world.begin(Class::Call, contract(number), 6, habit());
        }
        world.run(Duration::from_secs(4));
        let waited = world.waited_max[&contract(0)];
        let most = bound(weights[0], &weights[1..], processors);
        assert!(
            waited <= most,
            "seed {seed}: {waited:?} instead of at most {most:?}; weights {weights:?}"
        );
    }
}

/// The run of a contract that only now and then has something to do meets others
/// that are always there.
#[test]
fn a_short_run_among_endless_ones_waits_for_a_few_slices() {
    for others in [1_u64, 4, 16] {
        let mut world = World::new(others, 1);
        for number in 1..=others {
            world.begin(Class::Call, contract(number), 8, GREEDY);
        }
        let now_and_then = Habit {
            slice_us: 200,
            away_percent: 100,
            away_us: 100_000,
        };
        world.begin(Class::Call, contract(0), 1, now_and_then);
        world.run(Duration::from_secs(20));
        // What is under way, and whoever else came level with it.
        let most = SLICE * (1 + others as u32);
        let waited = world.waited_max[&contract(0)];
        assert!(waited <= most, "{others} others: {waited:?}");
    }
}

#[test]
fn the_runs_of_one_contract_take_turns() {
    let mut world = World::new(1, 1);
    world.begin(Class::Call, contract(1), 10, GREEDY);
    world.run(Duration::from_secs(2));
    let waited = world.waited_max[&contract(1)];
    assert!(waited <= SLICE * 9, "{waited:?}");
}

/// A host call that nothing interrupts makes a slice as long as it takes.
#[test]
fn whoever_computes_too_long_waits_longer_next_time() {
    let mut world = World::new(1, 1);
    let [long, other] = [1, 2].map(contract);
    let id = world.scheduler.enter(Class::Call, long).unwrap();
    while world.scheduler.next(world.now).is_some() {}
    world.scheduler.want(id);
    while world.scheduler.next(world.now).is_some() {}
    assert!(world.scheduler.is_computing(id));
    let another = world.scheduler.enter(Class::Call, other).unwrap();
    while world.scheduler.next(world.now).is_some() {}
    world.scheduler.want(another);
    world.scheduler.slice_over(id, SLICE * 20);
    let mut slices = 0;
    loop {
        while world.scheduler.next(world.now).is_some() {}
        if world.scheduler.is_computing(id) {
            break;
        }
        slices += 1;
        world.scheduler.slice_over(another, SLICE);
    }
    assert!((19..=21).contains(&slices), "{slices} slices");
}
