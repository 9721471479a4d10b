//! Payouts and the mining pool.

use frame_support::{
    assert_ok,
    traits::{fungible::Mutate, tokens::Preservation},
};
use phat_tokenomics::Fixed;

use crate::{BudgetStart, CurrentSettings, EconomyParameters, Settings, WorkerSessions, mock::*};

fn pool() -> u128 {
    total(&Computation::subsidy_account())
}

/// Has worker number `seed` answer its next challenge. Gives how many blocks it was paid for.
fn answer_next(seed: u8) -> u32 {
    let paid_at = session(seed).state.paid_at;
    until_challenged(seed);
    assert_ok!(send(seed, &idle_answer(seed)));
    System::block_number() - paid_at
}

#[test]
fn a_payout_is_split_between_beneficiary_and_treasury_and_comes_out_of_the_pool() {
    run(|| {
        start(1);
        let before = (total(&BOB), total(&TREASURY), pool());
        let blocks = u128::from(answer_next(1));
        let paid = total(&BOB) - before.0;
        let treasury = total(&TREASURY) - before.1;
        // The only worker has all of the budget of 100 PHA a block, 20 % of it the treasury's.
        assert!(paid.abs_diff(80 * PHA * blocks) <= 1, "{paid}");
        assert!(treasury.abs_diff(20 * PHA * blocks) <= 1, "{treasury}");
        assert_eq!(before.2 - pool(), paid + treasury);
        assert_eq!(Told::get(), [(worker(1), BOB, paid)]);
    });
}

#[test]
fn workers_are_paid_by_their_shares() {
    run(|| {
        (1..=2).for_each(start);
        // The other one is not challenged, so it stays idle.
        WorkerSessions::<Test>::mutate(worker(2), |session| {
            let session = session.as_mut().expect("it has started");
            session.challenged_at = u32::MAX;
        });
        let blocks = u128::from(answer_next(1));
        let (_, _, paid) = Told::get()[0];
        // The other one's share is as of its start, which makes a small difference.
        let half = 40 * PHA * blocks;
        assert!(paid.abs_diff(half) < half / 1_000, "{paid} of {half}");
    });
}

#[test]
fn v_falls_by_what_it_had_grown_and_no_further() {
    run(|| {
        start(1);
        answer_next(1);
        let state = session(1).state;
        // The payout of many thousand PHA takes the growth, and leaves the first V.
        assert!(are_near(state.v, state.v_initial), "{:?}", state.v);
        assert_eq!(state.v_deductible, Fixed::ZERO);
    });
}

#[test]
fn the_budget_falls_by_a_quarter_each_period() {
    run(|| {
        let start = BudgetStart::<Test>::get();
        let period = CurrentSettings::<Test>::get().budget_period_blocks;
        let hundred = Fixed::from_int(100);
        assert_eq!(Computation::budget_at(start), hundred);
        assert_eq!(Computation::budget_at(start + period - 1), hundred);
        for (periods, budget) in [(1, "75"), (2, "56.25"), (3, "42.1875")] {
            let expected = Fixed::parse(budget).expect("a number");
            assert_eq!(Computation::budget_at(start + periods * period), expected);
        }
    });
}

#[test]
fn payouts_follow_the_schedule() {
    run(|| {
        let settings = CurrentSettings::<Test>::get();
        CurrentSettings::<Test>::put(Settings {
            budget_period_blocks: 10,
            ..settings
        });
        start(1);
        let blocks = answer_next(1);
        let budget = Computation::budget_at(System::block_number());
        assert!(budget < Fixed::from_int(100));
        let expected = budget.saturating_mul(Fixed::from_int(u64::from(blocks)));
        let paid = Fixed::from_pha(Told::get().first().map_or(0, |told| told.2));
        let four_fifths = Fixed::parse("0.8").expect("a number");
        let difference = expected.saturating_mul(four_fifths).saturating_sub(paid);
        assert!(difference < Fixed::from_pha(10), "{difference:?}");
    });
}

#[test]
fn an_exhausted_pool_pays_what_it_has_and_takes_no_more_of_v() {
    run(|| {
        let issued = pallet_balances::TotalIssuance::<Test>::get();
        start(1);
        until_challenged(1);
        let left = PHA / 100;
        let spent = Computation::subsidy_left() - left;
        let pool_account = Computation::subsidy_account();
        assert_ok!(<Balances as Mutate<_>>::transfer(
            &pool_account,
            &ALICE,
            spent,
            Preservation::Preserve
        ));
        let before = state(1);
        assert_ok!(send(1, &idle_answer(1)));
        let paid = Told::get()[0].2;
        assert!(paid.abs_diff(left / 10 * 8) <= 2, "{paid}");
        assert!(Computation::subsidy_left() <= 2);
        // V had grown by more than was paid, so it falls by that alone.
        assert!(before.v_deductible > Fixed::from_pha(paid));
        let fallen = before.v.saturating_sub(session(1).state.v);
        assert!(are_near(fallen, Fixed::from_pha(paid)), "{fallen:?}");
        assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issued);

        // Then nothing is left, and heartbeats are answers nevertheless.
        until_challenged(1);
        assert_ok!(send(1, &idle_answer(1)));
        assert!(Computation::subsidy_left() <= 2);
        assert_eq!(
            EconomyParameters::<Test>::get().budget_per_block,
            Fixed::from_int(100)
        );
    });
}

#[test]
fn what_was_worked_before_a_stop_and_not_answered_for_is_not_paid() {
    run(|| {
        start(1);
        next_blocks(100);
        assert_ok!(Computation::stop_session(signed(&BOB), worker(1)));
        assert!(Told::get().is_empty());
        assert_eq!(total(&BOB), BALANCE);
    });
}
