//! What shares cost and are worth.

use frame_support::{
    assert_noop, assert_ok,
    traits::{fungible::Mutate, tokens::Preservation},
};
use sp_runtime::Permill;

use crate::{Error, Event, mock::*};

fn give(amount: u128) {
    Balances::transfer(&CAROL, &pool_account(), amount, Preservation::Preserve)
        .expect("she has it");
}

#[test]
fn a_delegation_buys_shares_at_what_they_are_worth() {
    run(|| {
        assert_ok!(delegate(&ALICE, 99 * PHA));
        System::assert_has_event(
            Event::Delegated {
                pid: POOL,
                who: ALICE,
                amount: 99 * PHA,
                shares: 99 * PHA,
            }
            .into(),
        );
        assert_ok!(delegate(&BOB, 100 * PHA));
        assert_ok!(start(1, 200 * PHA - PHA));
        // 180 of it is for the delegators, so 200 shares are worth 380.
        assert!(FakeSessions::pay(worker(1), 200 * PHA));
        wait_s(PAYOUT_S);
        assert_ok!(delegate(&CAROL, 190 * PHA));
        assert_eq!(shares(&CAROL), 100 * PHA);
        assert_ok!(withdraw(&ALICE, 99 * PHA));
        assert_eq!(money(&ALICE), BALANCE + 90 * PHA - 9 * PHA / 10);
    });
}

#[test]
fn a_delegation_has_a_least_amount() {
    run(|| {
        assert_noop!(delegate(&ALICE, PHA - 1), Error::<Test>::DelegationTooSmall);
        assert_ok!(delegate(&ALICE, PHA));
    });
}

#[test]
fn gifts_to_a_pool_are_its_delegators() {
    run(|| {
        assert_ok!(delegate(&ALICE, 99 * PHA));
        give(100 * PHA);
        assert_eq!(book().value, 200 * PHA);
        assert_ok!(withdraw(&ALICE, 99 * PHA));
        assert_eq!(money(&ALICE), BALANCE + 99 * PHA);
    });
}

#[test]
fn the_first_delegator_cannot_take_from_the_second_with_a_gift() {
    run(|| {
        // Alice makes a share worth as much as she can, then lets Bob come in.
        assert_ok!(delegate(&ALICE, PHA));
        assert_ok!(withdraw(&ALICE, PHA - 1));
        give(900_000 * PHA);
        let before = money(&BOB);
        assert_ok!(delegate(&BOB, 900_000 * PHA));
        let bought = shares(&BOB);
        assert_ok!(withdraw(&BOB, bought));
        // Rounding has cost him less than a share, which is a millionth of what he gave at most.
        assert!(before - money(&BOB) <= 900_000 * PHA / 1_000_000);
        // The gift is lost: most of it is the seed's.
        assert_ok!(withdraw(&ALICE, 1));
        assert!(money(&ALICE) <= BALANCE + PHA);
    });
}

#[test]
fn a_pool_that_has_lost_almost_all_takes_no_money() {
    run(|| {
        assert_ok!(delegate(&ALICE, 9_999 * PHA));
        assert_ok!(start(1, book().available));
        FakeSessions::slash(worker(1), Permill::from_parts(999_900));
        assert_noop!(delegate(&BOB, PHA), Error::<Test>::PoolDepleted);
        // Who is in can still leave with what is left.
        assert_ok!(stop(1));
        wait_s(COOL_DOWN_S);
        assert_ok!(reclaim(1));
        assert_ok!(withdraw(&ALICE, 9_999 * PHA));
        assert_eq!(shares(&ALICE), 0);
        assert!(money(&ALICE) > BALANCE - 9_999 * PHA);
    });
}

#[test]
fn shares_can_be_transferred_and_withdrawn_by_who_has_them() {
    run(|| {
        assert_ok!(delegate(&ALICE, 100 * PHA));
        assert_ok!(Assets::transfer(signed(&ALICE), POOL, BOB, 40 * PHA));
        assert_noop!(withdraw(&ALICE, 60 * PHA + 1), Error::<Test>::SharesInvalid);
        assert_noop!(withdraw(&ALICE, 0), Error::<Test>::SharesInvalid);
        assert_ok!(withdraw(&BOB, 40 * PHA));
        assert_eq!(money(&BOB), BALANCE + 40 * PHA);
    });
}

#[test]
fn nobody_else_issues_shares() {
    run(|| {
        assert_ok!(delegate(&ALICE, 100 * PHA));
        assert!(Assets::create(signed(&ALICE), 7, ALICE, 1).is_err());
        for who in [&ALICE, &OWNER] {
            assert!(Assets::mint(signed(who), POOL, who.clone(), PHA).is_err());
            assert!(Assets::burn(signed(who), POOL, ALICE, PHA).is_err());
            assert!(Assets::freeze(signed(who), POOL, ALICE).is_err());
        }
    });
}
