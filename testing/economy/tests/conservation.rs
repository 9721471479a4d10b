//! No PHA and no share comes or goes unseen, whatever is called in whatever order.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::env;

use frame_support::traits::fungible::Inspect;
use pallet_computation::{OpenChallenges, WorkerSessions};
use phat_runtime::{Balances, Computation, Runtime, constants::PHA};
use phat_testing_economy::{Action, Person, Worker, World, answer, play, sign};
use proptest::prelude::*;

/// How many sequences there are where nothing else is asked for.
const SEQUENCES: u32 = 16;

/// Set to try more of them.
const SEQUENCES_VARIABLE: &str = "PHAT_SEQUENCES";

/// The most bytes of a sequence: some are read for each step.
const BYTES_MAX: usize = 500;

/// The most blocks until a lone worker is challenged. It is so in one of twelve blocks.
const BLOCKS_MAX: u32 = 2_000;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

fn sequences() -> u32 {
    let asked = env::var(SEQUENCES_VARIABLE).ok();
    asked.map_or(SEQUENCES, |number| number.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(sequences()))]

    /// A failure shows the bytes, which [`play`] plays again, and all that happened.
    #[test]
    fn the_books_are_right_after_every_step(
        bytes in prop::collection::vec(any::<u8>(), 1..BYTES_MAX),
    ) {
        let played = play(&bytes);
        prop_assert!(played.is_ok(), "{}", played.err().unwrap_or_default());
    }
}

/// Has it happen, which it must.
fn take(world: &mut World, action: Action) {
    let shown = format!("{action:?}");
    match world.take(action) {
        Ok(done) => assert_eq!(done, Ok(()), "{shown}"),
        Err(wrong) => panic!("{wrong}"),
    }
}

fn call(world: &mut World, who: Person, call: impl Into<phat_runtime::RuntimeCall>) {
    take(world, Action::Call(who, Box::new(call.into())));
}

/// Makes blocks until the worker is challenged, and has it answer.
fn answer_next(world: &mut World, worker: Worker) {
    let id = worker.id();
    for _ in 0..BLOCKS_MAX {
        take(world, Action::Blocks(1));
        let transaction = world.chain.with(|| {
            let challenge = OpenChallenges::<Runtime>::get(id)?;
            let session = WorkerSessions::<Runtime>::get(id)?;
            Some(sign(answer(id, &session, &challenge), &worker.key()))
        });
        if let Some(transaction) = transaction {
            return take(world, Action::Free(Box::new(transaction)));
        }
    }
    panic!("the worker was not challenged in {BLOCKS_MAX} blocks");
}

/// A pool's worker earns, is found at fault, and what is left of its stake comes back.
#[test]
fn a_pool_earns_and_loses_and_the_books_say_so() {
    type Call = pallet_stake_pool::Call<Runtime>;

    let (mut world, worker) = (World::new(), Worker(0));
    let (pid, id) = (0, worker.id());
    let amount = 1_000 * PHA;
    call(&mut world, Person::Eve, Call::delegate { pid, amount });
    call(
        &mut world,
        Person::Bob,
        Call::add_worker { pid, worker: id },
    );
    let stake = 500 * PHA;
    let start = Call::start_worker {
        pid,
        worker: id,
        stake,
    };
    call(&mut world, Person::Bob, start);
    answer_next(&mut world, worker);
    answer_next(&mut world, worker);
    let flow = world.flow();
    assert!(flow.paid_out > flow.to_treasury && flow.to_treasury > 0);
    assert_eq!(flow.to_pools, flow.paid_out - flow.to_treasury);

    let fault = pallet_computation::Call::<Runtime>::report_fault {
        worker: id,
        level: 3,
    };
    take(&mut world, Action::Root(Box::new(fault.into())));
    let stop = Call::stop_worker { pid, worker: id };
    call(&mut world, Person::Bob, stop);
    take(&mut world, Action::Wait(8 * DAY_MS));
    // The first block of a validators' session takes no transactions.
    take(&mut world, Action::Blocks(1));
    let reclaim = Call::reclaim_worker { pid, worker: id };
    call(&mut world, Person::Eve, reclaim);
    let flow = world.flow();
    assert!(flow.slashed > 0 && flow.slashed < stake);
    assert_eq!(flow.burned, 0);
    call(&mut world, Person::Bob, Call::claim_owner_rewards { pid });
}

/// What is left of an account, too little for one, is burned, and seen to be.
#[test]
fn dust_is_burned_and_the_books_say_so() {
    let mut world = World::new();
    let least = world.chain.with(Balances::minimum_balance);
    let free = |world: &mut World| {
        world
            .chain
            .with(|| Balances::balance(&Person::Eve.account()))
    };
    let send = |world: &mut World, value| {
        let dest = Person::Bob.account().into();
        let transfer = pallet_balances::Call::<Runtime>::transfer_allow_death { dest, value };
        call(world, Person::Eve, transfer);
    };
    let before = free(&mut world);
    send(&mut world, before / 2);
    let left = free(&mut world);
    let fee = before - before / 2 - left;
    send(&mut world, left - fee - least / 2);
    assert_eq!(free(&mut world), 0);
    let burned = world.flow().burned;
    assert!(0 < burned && burned < least, "{burned} was burned");
}

/// The check itself finds what is wrong.
#[test]
fn money_from_nowhere_is_noticed() {
    use frame_support::traits::fungible::Mutate;

    let mut world = World::new();
    let pool = Computation::subsidy_account();
    world
        .chain
        .with(|| Balances::mint_into(&pool, 1).map(|_| ()).unwrap());
    assert!(world.take(Action::Blocks(1)).is_err());

    let mut world = World::new();
    world.chain.with(|| {
        let account = frame_system::Account::<Runtime>::get(Person::Eve.account());
        let another = phat_runtime::AccountId::from([9; 32]);
        frame_system::Account::<Runtime>::insert(another, account);
    });
    assert!(world.take(Action::Blocks(1)).is_err());
}
