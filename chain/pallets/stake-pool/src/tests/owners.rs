//! What owners of pools decide.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::{Permill, TokenError};

use crate::{Error, Event, Fund, Pools, mock::*};

#[test]
fn a_pool_costs_a_seed_that_stays_in_it() {
    new_test_ext().execute_with(|| {
        assert_ok!(StakePool::create(signed(&OWNER), Permill::zero()));
        System::assert_last_event(
            Event::PoolCreated {
                pid: POOL,
                owner: OWNER,
                account: pool_account(),
                seed: SEED,
            }
            .into(),
        );
        assert_eq!(money(&OWNER), BALANCE - SEED - EXISTENTIAL_DEPOSIT);
        assert_eq!((book().value, book().supply), (SEED, SEED));
        // The pool itself has these shares, so nobody can take them out.
        assert_eq!(shares(&pool_account()), SEED);
        assert_eq!(shares(&OWNER), 0);
        assert_noop!(
            StakePool::create(signed(&POOR), Permill::zero()),
            TokenError::FundsUnavailable
        );
        check();
    });
}

#[test]
fn there_are_as_many_pools_as_allowed() {
    run(|| {
        assert_ok!(StakePool::create(signed(&ALICE), Permill::zero()));
        assert_ok!(StakePool::create(signed(&ALICE), Permill::zero()));
        assert_noop!(
            StakePool::create(signed(&ALICE), Permill::zero()),
            Error::<Test>::TooManyPools
        );
        assert_ne!(StakePool::account(0), StakePool::account(1));
        assert_ne!(StakePool::account(0), StakePool::queue_account(0));
    });
}

#[test]
fn a_commission_is_bounded_and_rises_after_a_notice() {
    run(|| {
        let percent = Permill::from_percent;
        for refused in [percent(51), percent(100)] {
            assert_noop!(
                StakePool::create(signed(&OWNER), refused),
                Error::<Test>::CommissionTooHigh
            );
            assert_noop!(
                StakePool::set_commission(signed(&OWNER), POOL, refused),
                Error::<Test>::CommissionTooHigh
            );
        }
        assert_ok!(delegate(&ALICE, 1_000 * PHA));
        assert_ok!(start(1, 500 * PHA));
        let rewards = || Pools::<Test>::get(POOL).map(|pool| pool.owner_rewards);
        assert_ok!(StakePool::set_commission(signed(&OWNER), POOL, percent(50)));
        System::assert_last_event(
            Event::CommissionSet {
                pid: POOL,
                commission: percent(50),
                from_s: BEGIN_S + GRACE_S,
            }
            .into(),
        );
        wait_s(GRACE_S - 1);
        assert!(FakeSessions::pay(worker(1), 100 * PHA));
        assert_eq!(rewards(), Some(10 * PHA));
        wait_s(1);
        assert!(FakeSessions::pay(worker(1), 100 * PHA));
        assert_eq!(rewards(), Some(60 * PHA));
        // It falls at once.
        assert_ok!(StakePool::set_commission(signed(&OWNER), POOL, percent(1)));
        assert!(FakeSessions::pay(worker(1), 100 * PHA));
        assert_eq!(rewards(), Some(61 * PHA));
    });
}

#[test]
fn the_owner_claims_its_part_of_payouts() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(start(1, 500 * PHA));
        assert_noop!(
            StakePool::claim_owner_rewards(signed(&OWNER), POOL),
            Error::<Test>::NothingToClaim
        );
        assert!(FakeSessions::pay(worker(1), 100 * PHA));
        System::assert_last_event(
            Event::PayoutReceived {
                pid: POOL,
                worker: worker(1),
                amount: 100 * PHA,
                commission: 10 * PHA,
            }
            .into(),
        );
        // What is the owner's is not the delegators', and cannot be staked or withdrawn.
        wait_s(PAYOUT_S);
        assert_eq!(book().value, 1_090 * PHA);
        let before = money(&OWNER);
        assert_noop!(
            StakePool::claim_owner_rewards(signed(&ALICE), POOL),
            Error::<Test>::NotOwner
        );
        assert_ok!(StakePool::claim_owner_rewards(signed(&OWNER), POOL));
        assert_eq!(money(&OWNER), before + 10 * PHA);
        assert_eq!(book().value, 1_090 * PHA);
    });
}

#[test]
fn a_cap_bounds_delegations_and_not_gains() {
    run(|| {
        assert_ok!(StakePool::set_cap(signed(&OWNER), POOL, Some(1_000 * PHA)));
        assert_noop!(
            delegate(&ALICE, 1_000 * PHA - SEED + 1),
            Error::<Test>::CapExceeded
        );
        assert_ok!(delegate(&ALICE, 1_000 * PHA - SEED));
        assert_ok!(start(1, 500 * PHA));
        assert!(FakeSessions::pay(worker(1), 100 * PHA));
        wait_s(PAYOUT_S);
        assert!(book().value > 1_000 * PHA);
        assert_noop!(delegate(&BOB, PHA), Error::<Test>::CapExceeded);
        assert_ok!(StakePool::set_cap(signed(&OWNER), POOL, None));
        assert_ok!(delegate(&BOB, PHA));
    });
}

#[test]
fn a_restricted_pool_is_for_its_owner_and_its_whitelist() {
    run(|| {
        assert_ok!(StakePool::set_restriction(signed(&OWNER), POOL, true));
        assert_ok!(delegate(&OWNER, PHA));
        assert_noop!(delegate(&ALICE, PHA), Error::<Test>::NotWhitelisted);
        let list = |who| StakePool::add_to_whitelist(signed(&OWNER), POOL, who);
        assert_ok!(list(ALICE));
        assert_ok!(delegate(&ALICE, PHA));
        assert_noop!(list(ALICE), Error::<Test>::AlreadyWhitelisted);
        assert_ok!(list(BOB));
        assert_noop!(list(CAROL), Error::<Test>::WhitelistFull);
        let unlist = |who| StakePool::remove_from_whitelist(signed(&OWNER), POOL, who);
        assert_ok!(unlist(ALICE));
        assert_noop!(unlist(ALICE), Error::<Test>::NotOnWhitelist);
        assert_noop!(delegate(&ALICE, PHA), Error::<Test>::NotWhitelisted);
        // Who is in may leave.
        assert_ok!(withdraw(&ALICE, PHA));
        assert_ok!(StakePool::set_restriction(signed(&OWNER), POOL, false));
        assert_ok!(delegate(&CAROL, PHA));
    });
}

#[test]
fn only_the_owner_runs_a_pool() {
    run(|| {
        let alice = || signed(&ALICE);
        for result in [
            StakePool::set_commission(alice(), POOL, Permill::zero()),
            StakePool::set_cap(alice(), POOL, None),
            StakePool::set_restriction(alice(), POOL, true),
            StakePool::add_to_whitelist(alice(), POOL, ALICE),
            StakePool::remove_from_whitelist(alice(), POOL, ALICE),
            StakePool::add_worker(alice(), POOL, worker(1)),
            StakePool::remove_worker(alice(), POOL, worker(1)),
            StakePool::start_worker(alice(), POOL, worker(1), STAKE_MIN),
            StakePool::stop_worker(alice(), POOL, worker(1)),
            StakePool::claim_owner_rewards(alice(), POOL),
        ] {
            assert_eq!(result, Err(Error::<Test>::NotOwner.into()));
        }
        let none = POOL + 1;
        for result in [
            StakePool::set_cap(signed(&OWNER), none, None),
            StakePool::delegate(alice(), none, PHA),
            StakePool::withdraw(alice(), none, PHA),
            StakePool::process_queue(alice(), none, 1),
            StakePool::check_and_force_withdraw(alice(), none),
            StakePool::reclaim_worker(alice(), none, worker(1)),
        ] {
            assert_eq!(result, Err(Error::<Test>::UnknownPool.into()));
        }
    });
}
