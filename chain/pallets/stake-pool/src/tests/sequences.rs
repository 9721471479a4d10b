//! Random sequences of all that can happen to a pool.

use proptest::prelude::*;
use sp_runtime::{
    AccountId32, Permill, Rounding, helpers_128bit::multiply_by_rational_with_rounding,
};

use crate::{Book, Fund, Queues, mock::*};

const PEOPLE: [AccountId32; 4] = [OWNER, ALICE, BOB, CAROL];
const WORKERS: u8 = 3;

/// Something that happens. People and workers are given by their numbers; refusals are as good as
/// what succeeds, as long as nothing changes.
#[derive(Clone, Debug)]
enum Step {
    Delegate(usize, u128),
    /// A part of what the person has, in hundredths.
    Withdraw(usize, u128),
    Cancel(usize, u64),
    Transfer(usize, usize, u128),
    Give(u128),
    AddWorker(u8),
    RemoveWorker(u8),
    /// With a part of what is available, in hundredths.
    StartWorker(u8, u128),
    StopWorker(u8),
    Reclaim(u8),
    Slash(u8, u32),
    Pay(u8, u128),
    Claim,
    SetCommission(u32),
    SetCap(Option<u128>),
    Restrict(bool),
    List(usize, bool),
    Process(u32),
    Force,
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::*;
    let amount = || 1..2_000 * PHA;
    let number = || 0..WORKERS;
    let person = || 0..PEOPLE.len();
    let step = prop_oneof![
        6 => (person(), amount()).prop_map(|(who, amount)| Delegate(who, amount)),
        6 => (person(), 0..101u128).prop_map(|(who, part)| Withdraw(who, part)),
        1 => (person(), 0..12u64).prop_map(|(who, request)| Cancel(who, request)),
        1 => (person(), person(), amount()).prop_map(|(from, to, what)| Transfer(from, to, what)),
        1 => amount().prop_map(Give),
        2 => number().prop_map(AddWorker),
        1 => number().prop_map(RemoveWorker),
        5 => (number(), 1..102u128).prop_map(|(worker, part)| StartWorker(worker, part)),
        2 => number().prop_map(StopWorker),
        3 => number().prop_map(Reclaim),
        1 => (number(), 0..1_000_000u32).prop_map(|(worker, part)| Slash(worker, part)),
        4 => (number(), 1..50 * PHA).prop_map(|(worker, amount)| Pay(worker, amount)),
        1 => Just(Claim),
        1 => (0..600_000u32).prop_map(SetCommission),
        1 => prop::option::of(amount()).prop_map(SetCap),
        1 => any::<bool>().prop_map(Restrict),
        1 => (person(), any::<bool>()).prop_map(|(who, is_on)| List(who, is_on)),
        2 => (0..5u32).prop_map(Process),
        2 => Just(Force),
        3 => (1..GRACE_S).prop_map(Wait),
    ];
    prop::collection::vec(step, 1..80)
}

/// Takes a step. Whether it succeeds is no matter.
fn take(step: Step) {
    let owner = || signed(&OWNER);
    let someone = || signed(&CAROL);
    let _ = match step {
        Step::Delegate(who, amount) => delegate(&PEOPLE[who], amount),
        Step::Withdraw(who, part) => {
            let who = &PEOPLE[who];
            withdraw(who, shares(who) * part / 100)
        }
        Step::Cancel(who, request) => {
            StakePool::cancel_withdrawal(signed(&PEOPLE[who]), POOL, request)
        }
        Step::Transfer(from, to, amount) => {
            Assets::transfer(signed(&PEOPLE[from]), POOL, PEOPLE[to].clone(), amount)
        }
        Step::Give(amount) => Balances::transfer_keep_alive(signed(&BOB), pool_account(), amount),
        Step::AddWorker(number) => add(number),
        Step::RemoveWorker(number) => StakePool::remove_worker(owner(), POOL, worker(number)),
        Step::StartWorker(number, part) => run_worker(number, book().available * part / 100),
        Step::StopWorker(number) => stop(number),
        Step::Reclaim(number) => reclaim(number),
        Step::Slash(number, parts) => {
            FakeSessions::slash(worker(number), Permill::from_parts(parts));
            Ok(())
        }
        Step::Pay(number, amount) => {
            FakeSessions::pay(worker(number), amount);
            Ok(())
        }
        Step::Claim => StakePool::claim_owner_rewards(owner(), POOL),
        Step::SetCommission(parts) => {
            StakePool::set_commission(owner(), POOL, Permill::from_parts(parts))
        }
        Step::SetCap(cap) => StakePool::set_cap(owner(), POOL, cap),
        Step::Restrict(is_restricted) => StakePool::set_restriction(owner(), POOL, is_restricted),
        Step::List(who, true) => StakePool::add_to_whitelist(owner(), POOL, PEOPLE[who].clone()),
        Step::List(who, false) => {
            StakePool::remove_from_whitelist(owner(), POOL, PEOPLE[who].clone())
        }
        Step::Process(limit) => StakePool::process_queue(someone(), POOL, limit),
        Step::Force => StakePool::check_and_force_withdraw(someone(), POOL),
        Step::Wait(seconds) => {
            wait_s(seconds);
            Ok(())
        }
    };
}

/// Whether a share of `after` is worth no less than one of `before`.
fn is_no_cheaper(after: Book, before: Book) -> bool {
    let were_worth =
        multiply_by_rational_with_rounding(before.value, after.supply, before.supply, Rounding::Up);
    were_worth.is_some_and(|were_worth| after.value >= were_worth)
}

/// What everybody has who takes part.
fn everything() -> u128 {
    let others = [
        MINE,
        TREASURY,
        pool_account(),
        StakePool::queue_account(POOL),
    ];
    PEOPLE.iter().chain(&others).map(money).sum()
}

/// What all shares but the seed are worth, counted by their owners.
fn claims() -> u128 {
    let book = book();
    let of = |who: &AccountId32| {
        book.amount_for(shares(who)) + book.amount_for(StakePool::queued(POOL, who).shares)
    };
    PEOPLE.iter().map(of).sum()
}

/// Lets everybody leave who is in, and gives whether all could.
fn is_everybody_out() -> bool {
    for number in 0..WORKERS {
        let _ = stop(number);
    }
    wait_s(COOL_DOWN_S);
    for number in 0..WORKERS {
        let _ = reclaim(number);
    }
    for _ in 0..4 {
        let _ = StakePool::process_queue(signed(&CAROL), POOL, 64);
    }
    PEOPLE.iter().all(|who| {
        let owned = shares(who);
        owned == 0 || withdraw(who, owned).is_ok()
    }) && StakePool::queue(POOL).count == 0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// After each step: no money is made or lost, the invariants hold, nobody has a claim to more
    /// than there is, and a share has become cheaper only if something was slashed. In the end
    /// everybody gets out.
    #[test]
    fn the_pool_adds_up(steps in steps()) {
        new_test_ext().execute_with(|| {
            StakePool::create(signed(&OWNER), Permill::from_percent(10)).expect("a pool");
            let issued = pallet_balances::TotalIssuance::<Test>::get();
            for number in 0..WORKERS {
                add(number).expect("a worker");
            }
            for step in steps {
                let before = book();
                let is_slash = matches!(step, Step::Slash(..));
                take(step.clone());
                let after = book();
                prop_assert!(
                    is_slash || is_no_cheaper(after, before),
                    "{step:?} took value: {before:?}, {after:?}"
                );
                prop_assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issued);
                prop_assert_eq!(everything(), issued);
                prop_assert!(claims() <= after.value);
                check();
            }
            prop_assert!(is_everybody_out());
            check();
            Ok(())
        })?;
    }
}
