//! Random sequences of all that can happen to a vault and its pools.

use pallet_stake_pool::{Book, Fund, Queues};
use proptest::prelude::*;
use sp_runtime::{
    AccountId32, Permill, Rounding, helpers_128bit::multiply_by_rational_with_rounding,
};

use crate::{Mark, Vaults, mock::*};

const PEOPLE: [AccountId32; 3] = [ALICE, BOB, KEEPER];

/// Something that happens. People and pools are given by their numbers.
#[derive(Clone, Debug)]
enum Step {
    Delegate(usize, u128),
    /// A part of what the person has, in hundredths.
    Withdraw(usize, u128),
    Cancel(usize, u64),
    Put(u64, u128),
    /// A part of what the vault has there, in hundredths.
    Take(u64, u128),
    CancelTake(u64, u64),
    Collect,
    SetFee(u32),
    Process(u32),
    Force,
    DelegateToPool(u64, u128),
    Stake(u8),
    Stop(u8),
    Reclaim(u8),
    Slash(u8, u32),
    Pay(u8, u128),
    ForcePool(u64),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::*;
    let amount = || 1..2_000 * PHA;
    let person = || 0..PEOPLE.len();
    let step = prop_oneof![
        6 => (person(), amount()).prop_map(|(who, amount)| Delegate(who, amount)),
        5 => (person(), 0..101u128).prop_map(|(who, part)| Withdraw(who, part)),
        1 => (person(), 0..9u64).prop_map(|(who, request)| Cancel(who, request)),
        6 => (0..POOLS, amount()).prop_map(|(pid, amount)| Put(pid, amount)),
        3 => (0..POOLS, 0..101u128).prop_map(|(pid, part)| Take(pid, part)),
        1 => (0..POOLS, 0..4u64).prop_map(|(pid, request)| CancelTake(pid, request)),
        1 => Just(Collect),
        1 => (0..600_000u32).prop_map(SetFee),
        2 => (0..5u32).prop_map(Process),
        2 => Just(Force),
        1 => (0..POOLS, amount()).prop_map(|(pid, amount)| DelegateToPool(pid, amount)),
        4 => (0..3u8).prop_map(Stake),
        2 => (0..3u8).prop_map(Stop),
        3 => (0..3u8).prop_map(Reclaim),
        1 => (0..3u8, 0..1_000_000u32).prop_map(|(worker, part)| Slash(worker, part)),
        4 => (0..3u8, 1..50 * PHA).prop_map(|(worker, amount)| Pay(worker, amount)),
        1 => (0..POOLS).prop_map(ForcePool),
        3 => (1..GRACE_S).prop_map(Wait),
    ];
    prop::collection::vec(step, 1..80)
}

/// Takes a step. Whether it succeeds is no matter.
fn perform(step: Step) {
    let keeper = || signed(&KEEPER);
    let someone = || signed(&BOB);
    let owner = || signed(&OWNER);
    let _ = match step {
        Step::Delegate(who, amount) => delegate(&PEOPLE[who], amount),
        Step::Withdraw(who, part) => {
            let who = &PEOPLE[who];
            withdraw(who, shares(who) * part / 100)
        }
        Step::Cancel(who, request) => {
            Vault::cancel_withdrawal(signed(&PEOPLE[who]), VAULT, request)
        }
        Step::Put(pid, amount) => put(pid, amount),
        Step::Take(pid, part) => take(pid, position(pid).shares * part / 100),
        Step::CancelTake(pid, request) => {
            Vault::cancel_pool_withdrawal(keeper(), VAULT, pid, request)
        }
        Step::Collect => Vault::collect_owner_fee(someone(), VAULT),
        Step::SetFee(parts) => Vault::set_fee(keeper(), VAULT, Permill::from_parts(parts)),
        Step::Process(limit) => Vault::process_queue(someone(), VAULT, limit),
        Step::Force => Vault::check_and_force_withdraw(someone(), VAULT),
        Step::DelegateToPool(pid, amount) => StakePool::delegate(owner(), pid, amount),
        Step::Stake(pid) => stake(pid),
        Step::Stop(pid) => StakePool::stop_worker(owner(), u64::from(pid), worker(pid)),
        Step::Reclaim(pid) => StakePool::reclaim_worker(someone(), u64::from(pid), worker(pid)),
        Step::Slash(number, parts) => {
            FakeSessions::slash(worker(number), Permill::from_parts(parts));
            Ok(())
        }
        Step::Pay(number, amount) => {
            FakeSessions::pay(worker(number), amount);
            Ok(())
        }
        Step::ForcePool(pid) => StakePool::check_and_force_withdraw(someone(), pid),
        Step::Wait(seconds) => {
            wait_s(seconds);
            Ok(())
        }
    };
}

/// What `supply` shares are worth where all of `of` are worth `value`, rounded up.
fn worth(value: u128, supply: u128, of: u128) -> u128 {
    multiply_by_rational_with_rounding(value, supply, of, Rounding::Up).unwrap_or(u128::MAX)
}

/// What a step may take of a vault's value by rounding: each time that it buys or sells shares of a
/// pool, less than one of them, whose worth is below this in these sequences.
const ROUNDING: u128 = 1_000_000;

/// Whether a share is worth no less than before, but for a fee, which leaves it what it was at the
/// mark, and rounding.
fn is_no_cheaper(after: Book, before: Book, mark: Mark) -> bool {
    let was_worth = worth(before.value, after.supply, before.supply);
    let at_mark = worth(mark.value, after.supply, mark.supply);
    after.value.saturating_add(ROUNDING) >= was_worth.min(at_mark)
}

/// What everybody has who takes part.
fn everything() -> u128 {
    let pools = (0..POOLS).map(StakePool::account);
    let others = [OWNER, MINE, TREASURY, Vault::account(VAULT)];
    PEOPLE
        .into_iter()
        .chain(others)
        .chain(pools)
        .map(|who| money(&who))
        .sum()
}

/// What all shares but the seed are worth, counted by their owners.
fn claims() -> u128 {
    let book = book();
    let of = |who: &AccountId32| {
        book.amount_for(shares(who)) + book.amount_for(Vault::queued(VAULT, who).shares)
    };
    PEOPLE.iter().map(of).sum()
}

fn mark() -> Mark {
    Vaults::<Test>::get(VAULT).expect("it was created").mark
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// After each step: no money is made or lost, the invariants hold, nobody has a claim to more
    /// than there is, the mark has not fallen, and a share has become cheaper only if something was
    /// slashed, or by the fee.
    #[test]
    fn the_vault_adds_up(steps in steps()) {
        new_test_ext().execute_with(|| {
            set_up();
            let issued = pallet_balances::TotalIssuance::<Test>::get();
            for step in steps {
                let (before, mark_before) = (book(), mark());
                let is_slash = matches!(step, Step::Slash(..));
                perform(step.clone());
                let (after, mark_after) = (book(), mark());
                prop_assert!(
                    is_slash || is_no_cheaper(after, before, mark_after),
                    "{step:?} took value: {before:?}, {after:?}"
                );
                prop_assert!(
                    worth(mark_before.value, mark_after.supply, mark_before.supply)
                        <= mark_after.value,
                    "{step:?} lowered the mark: {mark_before:?}, {mark_after:?}"
                );
                prop_assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issued);
                prop_assert_eq!(everything(), issued);
                prop_assert!(claims() <= after.value);
                check();
            }
            Ok(())
        })?;
    }
}
