//! A vault's money in pools, and getting it out for those who wait.

use frame_support::{assert_noop, assert_ok};
use pallet_stake_pool::{Fund, Queues};
use sp_runtime::Permill;

use crate::{Error, Event, VaultPools, mock::*};

fn force() -> sp_runtime::DispatchResult {
    Vault::check_and_force_withdraw(signed(&BOB), VAULT)
}

fn pools() -> Vec<u64> {
    VaultPools::<Test>::get(VAULT).into_inner()
}

#[test]
fn a_vault_gains_and_loses_with_its_pools() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(put(0, 499 * PHA));
        System::assert_last_event(
            Event::PoolDelegated {
                vid: VAULT,
                pid: 0,
                amount: 499 * PHA,
                shares: 499 * PHA,
            }
            .into(),
        );
        assert_eq!(book().value, 1_000 * PHA);
        assert_eq!(book().available, 501 * PHA);
        assert_ok!(stake(0));
        // The pool has one share more, its seed.
        assert!(FakeSessions::pay(worker(0), 50 * PHA));
        wait_s(PAYOUT_S);
        assert_eq!(book().value, 1_000 * PHA + 50 * PHA * 499 / 500);
        // What waits in the pool's queue is of the vault's value too.
        assert_ok!(take(0, 499 * PHA));
        assert_eq!(position(0).shares, 0);
        assert!(position(0).queued > 0);
        let before = book().value;
        assert!(before.abs_diff(1_000 * PHA + 50 * PHA * 499 / 500) <= 2);
        FakeSessions::slash(worker(0), Permill::from_percent(10));
        assert!(book().value < before - 44 * PHA);
    });
}

#[test]
fn a_vault_is_in_a_bounded_number_of_pools() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_noop!(put(9, PHA), pallet_stake_pool::Error::<Test>::UnknownPool);
        assert_ok!(put(0, 100 * PHA));
        assert_ok!(put(1, 100 * PHA));
        assert_ok!(put(0, 100 * PHA));
        assert_eq!(pools(), [0, 1]);
        assert_noop!(put(2, 100 * PHA), Error::<Test>::TooManyPools);
        assert_noop!(take(2, 1), Error::<Test>::NotInPool);
        // One that has paid all makes room.
        assert_ok!(take(1, 100 * PHA));
        assert_eq!(pools(), [0]);
        assert_ok!(put(2, 100 * PHA));
        // Also when it pays later.
        assert_ok!(stake(2));
        assert_ok!(take(2, 100 * PHA));
        assert_eq!(pools(), [0, 2]);
        assert_ok!(StakePool::delegate(signed(&BOB), 2, 200 * PHA));
        assert_ok!(put(1, 100 * PHA));
        assert_eq!(pools(), [0, 1]);
    });
}

#[test]
fn money_that_is_owed_goes_to_no_pool() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_noop!(put(0, 1_000 * PHA + 1), Error::<Test>::TooLittleAvailable);
        assert_ok!(put(0, 1_000 * PHA));
        assert_ok!(stake(0));
        for _ in 0..3 {
            assert_ok!(withdraw(&ALICE, 10 * PHA));
        }
        let account = Vault::account(VAULT);
        assert_ok!(Balances::transfer_keep_alive(
            signed(&BOB),
            account,
            25 * PHA
        ));
        // Three are owed 30 and a bit, and there are 25.
        assert_noop!(put(0, PHA), Error::<Test>::TooLittleAvailable);
    });
}

#[test]
fn pools_pay_for_who_has_waited_too_long() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(put(0, 500 * PHA));
        assert_ok!(put(1, 500 * PHA));
        assert_ok!(stake(0));
        assert_noop!(force(), Error::<Test>::NothingOverdue);
        assert_ok!(withdraw(&ALICE, 800 * PHA));
        wait_s(GRACE_S - 1);
        assert_noop!(force(), Error::<Test>::NothingOverdue);
        wait_s(1);
        // Pool 0 has nothing free, so that all of it waits there. Pool 1 pays at once, and what it
        // pays is passed on.
        assert_ok!(force());
        assert_eq!(position(0).queued, 500 * PHA);
        assert_eq!(position(1).shares, 200 * PHA);
        assert_eq!(money(&ALICE), BALANCE - 999 * PHA + 300 * PHA);
        System::assert_has_event(
            Event::WithdrawalForced {
                vid: VAULT,
                pools: 2,
            }
            .into(),
        );
        // Whoever has had it withdrawn cannot take it back.
        assert_noop!(
            Vault::cancel_withdrawal(signed(&ALICE), VAULT, 0),
            Error::<Test>::WithdrawalForced
        );
        // What waits in pools is counted, so nothing more is withdrawn.
        assert_ok!(force());
        assert_eq!(position(1).shares, 200 * PHA);
        // Nor can the owner take it back.
        assert_noop!(
            Vault::cancel_pool_withdrawal(signed(&KEEPER), VAULT, 0, 0),
            Error::<Test>::WithdrawalNeeded
        );
        // Pool 0 pays when its worker was stopped for it.
        wait_s(POOL_GRACE_S);
        assert_ok!(StakePool::check_and_force_withdraw(signed(&BOB), 0));
        wait_s(COOL_DOWN_S);
        assert_ok!(StakePool::reclaim_worker(signed(&BOB), 0, worker(0)));
        assert_ok!(Vault::process_queue(signed(&BOB), VAULT, 9));
        assert_eq!(money(&ALICE), BALANCE - 999 * PHA + 800 * PHA);
        assert_eq!(Vault::queue(VAULT).count, 0);
    });
}

#[test]
fn a_withdrawal_from_a_pool_that_nobody_needs_can_be_taken_back() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(put(0, 500 * PHA));
        assert_ok!(stake(0));
        assert_ok!(take(0, 200 * PHA));
        assert_eq!(position(0).queued, 200 * PHA);
        let cancel = || Vault::cancel_pool_withdrawal(signed(&KEEPER), VAULT, 0, 0);
        assert_ok!(cancel());
        System::assert_last_event(
            Event::PoolWithdrawalCancelled {
                vid: VAULT,
                pid: 0,
                request: 0,
            }
            .into(),
        );
        assert_eq!(position(0).shares, 500 * PHA);
        assert_noop!(
            cancel(),
            pallet_stake_pool::Error::<Test>::UnknownWithdrawal
        );
    });
}

#[test]
fn a_pool_that_refuses_does_not_keep_others_from_paying() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(put(0, 500 * PHA));
        assert_ok!(put(1, 500 * PHA));
        assert_ok!(stake(0));
        for _ in 0..2 {
            assert_ok!(take(0, PHA));
        }
        assert_ok!(withdraw(&ALICE, 300 * PHA));
        wait_s(GRACE_S);
        // Now the vault has as many withdrawals in the queue of pool 0 as an account may have.
        assert_ok!(force());
        assert_eq!(position(0).queued, 300 * PHA);
        assert_ok!(withdraw(&ALICE, 400 * PHA));
        // It has not waited.
        assert_ok!(force());
        assert_eq!(position(1).shares, 500 * PHA);
        wait_s(GRACE_S);
        assert_ok!(force());
        assert_eq!(position(0).queued, 300 * PHA);
        assert_eq!(position(1).shares, 100 * PHA);
        assert_eq!(money(&ALICE), BALANCE - 999 * PHA + 400 * PHA);
    });
}

#[test]
fn an_owner_cannot_keep_delegators_in_with_small_withdrawals() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(put(0, 1_000 * PHA));
        assert_ok!(stake(0));
        for _ in 0..2 {
            assert_ok!(take(0, PHA));
        }
        assert_noop!(take(0, PHA), Error::<Test>::LastPoolWithdrawal);
        assert_ok!(withdraw(&ALICE, 999 * PHA));
        wait_s(GRACE_S);
        assert_ok!(force());
        assert_eq!(position(0).queued, 999 * PHA);
    });
}
