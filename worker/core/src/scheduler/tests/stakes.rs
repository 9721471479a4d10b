//! Compute as it is staked to contracts.

use std::time::Duration;

use super::{
    super::{Class, SLICE},
    contract,
    world::{GREEDY, Habit, World},
};

/// Units of 10⁻¹² PHA in one PHA.
const PHA: u128 = 1_000_000_000_000;

/// Whether a contract has had a part of the time of all processors, within a twentieth of it.
fn assert_part(found: Duration, of: Duration, part: [u32; 2], what: &str) {
    let wanted = of * part[0] / part[1];
    assert!(
        found.abs_diff(wanted) <= wanted / 20,
        "{what}: {found:?} instead of {wanted:?}"
    );
}

#[test]
fn three_times_the_stake_is_three_times_the_compute() {
    for seed in 0..20 {
        let processors = 1 + (seed % 4) as u32;
        for class in Class::ALL {
            let mut world = World::new(seed, processors as usize);
            let [much, little] = [1, 2].map(contract);
            world.stakes([(much, 30 * PHA), (little, 10 * PHA)]);
            // The one with less asks for more, in longer slices.
            let habit = Habit {
                slice_us: 2_000,
                ..GREEDY
            };
            world.begin(class, much, 2 * processors as usize, habit);
            world.begin(class, little, 8 * processors as usize, GREEDY);
            world.run(Duration::from_secs(10));
            let all = Duration::from_secs(10) * processors;
            let what = format!("seed {seed}, {class:?}");
            assert_part(world.computed(class, much), all, [3, 4], &what);
            assert_part(world.computed(class, little), all, [1, 4], &what);
        }
    }
}

#[test]
fn what_one_does_not_use_goes_to_the_others_by_their_stakes() {
    let mut world = World::new(1, 2);
    let [idle, much, little] = [1, 2, 3].map(contract);
    world.stakes([(idle, 96 * PHA), (much, 3 * PHA), (little, PHA)]);
    world.begin(Class::Call, much, 4, GREEDY);
    world.begin(Class::Call, little, 4, GREEDY);
    world.run(Duration::from_secs(10));
    let all = Duration::from_secs(20);
    assert_part(world.computed(Class::Call, much), all, [3, 4], "much");
    assert_part(world.computed(Class::Call, little), all, [1, 4], "little");

    // It has what is its own as soon as it wants it, and no more for having waited.
    world.begin(Class::Call, idle, 4, GREEDY);
    world.run(Duration::from_secs(10));
    assert_part(world.computed(Class::Call, idle), all, [96, 100], "back");
    // And the others have it again when it ends.
    world.end(idle);
    let before = [much, little].map(|of| world.computed(Class::Call, of));
    world.run(Duration::from_secs(10));
    let now = [much, little].map(|of| world.computed(Class::Call, of));
    assert_part(now[0] - before[0], all, [3, 4], "much, later");
    assert_part(now[1] - before[1], all, [1, 4], "little, later");
}

/// Whoever has had next to nothing has much from the moment that much is staked to him.
#[test]
fn stake_counts_from_the_moment_it_is_there() {
    for seed in 0..20 {
        let mut world = World::new(seed, 1);
        let [one, other] = [1, 2].map(contract);
        let much = 100_000_000 * PHA;
        world.stakes([(one, PHA), (other, much)]);
        world.begin(Class::Call, one, 2, GREEDY);
        world.begin(Class::Call, other, 2, GREEDY);
        world.run(Duration::from_secs(5));
        let slices = world.computed(Class::Call, one);
        assert!(slices <= 2 * SLICE, "seed {seed}: {slices:?}");

        // It waits for none of the slices that it has not had.
        world.stakes([(one, much), (other, much)]);
        world.waited_max.clear();
        world.run(Duration::from_secs(5));
        let waited = world.waited_max[&other];
        assert!(waited <= 8 * SLICE, "seed {seed}: {waited:?}");
        let found = world.computed(Class::Call, one) - slices;
        let what = format!("seed {seed}, from then on");
        assert_part(found, Duration::from_secs(5), [1, 2], &what);
    }
}

/// The largest stake fixes the units of all weights. That it comes and goes is no matter of the
/// others.
#[test]
fn a_stake_that_comes_and_goes_leaves_the_others_as_they_were() {
    let mut world = World::new(3, 2);
    let [one, other, whale] = [1, 2, 3].map(contract);
    let both = [(one, 3 * PHA), (other, PHA)];
    world.begin(Class::Call, one, 4, GREEDY);
    world.begin(Class::Call, other, 4, GREEDY);
    for round in 0..40 {
        let is_there = round % 2 == 1;
        let third = is_there.then_some((whale, 500_000_000 * PHA));
        world.stakes(both.into_iter().chain(third));
        world.run(Duration::from_millis(250));
    }
    let all = Duration::from_secs(20);
    assert_part(world.computed(Class::Call, one), all, [3, 4], "one");
    assert_part(world.computed(Class::Call, other), all, [1, 4], "other");
    let waited = world.waited_max[&other];
    assert!(waited <= Duration::from_millis(250), "{waited:?}");
}

/// What was begun while there was stake comes to its end without.
#[test]
fn a_run_whose_contract_loses_its_stake_goes_on() {
    let mut world = World::new(1, 1);
    let [poor, rich, least] = [1, 2, 3].map(contract);
    world.stakes([(poor, 10 * PHA), (rich, 8 * PHA), (least, PHA)]);
    world.begin(Class::Call, poor, 1, GREEDY);
    world.begin(Class::Call, rich, 1, GREEDY);
    world.run(Duration::from_secs(1));
    let before = world.computed(Class::Call, poor);
    world.stakes([(rich, 8 * PHA), (least, PHA)]);
    world.run(Duration::from_secs(9));
    let found = world.computed(Class::Call, poor) - before;
    assert_part(found, Duration::from_secs(9), [1, 9], "as the least");
}
