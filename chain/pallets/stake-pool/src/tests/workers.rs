//! The workers of pools, what they earn and lose, and stopping them for those who wait.

use frame_support::{assert_noop, assert_ok};
use pallet_computation::{SessionStatus, Sessions};
use sp_runtime::{AccountId32, Permill};

use crate::{Error, Event, OVERDUE_COUNTED_PER_CALL, PoolWorkers, Queues, mock::*};

fn is_running(number: u8) -> bool {
    matches!(
        FakeSessions::status(worker(number)),
        SessionStatus::Running { .. }
    )
}

fn force() -> sp_runtime::DispatchResult {
    StakePool::check_and_force_withdraw(signed(&CAROL), POOL)
}

#[test]
fn a_pool_has_workers_of_its_owner_that_are_active_and_free() {
    run(|| {
        let add = |number| StakePool::add_worker(signed(&OWNER), POOL, worker(number));
        assert_noop!(add(255), Error::<Test>::NotOperator);
        Suspended::mutate(|list| list.insert(worker(1)));
        assert_noop!(add(1), Error::<Test>::WorkerInactive);
        Suspended::take();
        assert_ok!(FakeSessions::start(worker(1), &ALICE, STAKE_MIN));
        assert_noop!(add(1), Error::<Test>::SessionOfOther);
        assert_ok!(add(2));
        assert_noop!(add(2), Error::<Test>::WorkerInPool);
        assert_ok!(StakePool::create(signed(&OWNER), Permill::zero()));
        assert_noop!(
            StakePool::add_worker(signed(&OWNER), 1, worker(2)),
            Error::<Test>::WorkerInPool
        );
        for number in 3..34 {
            assert_ok!(add(number));
        }
        assert_eq!(PoolWorkers::<Test>::get(POOL).len(), 32);
        assert_noop!(add(34), Error::<Test>::TooManyWorkers);
    });
}

#[test]
fn a_worker_is_removed_when_the_pool_has_no_stake_in_it() {
    run(|| {
        assert_ok!(delegate(&ALICE, 500 * PHA));
        let remove = |who| StakePool::remove_worker(signed(who), POOL, worker(1));
        assert_noop!(remove(&OWNER), Error::<Test>::WorkerNotInPool);
        assert_ok!(start(1, 200 * PHA));
        assert_noop!(remove(&OWNER), Error::<Test>::WorkerInSession);
        assert_ok!(stop(1));
        assert_noop!(remove(&OWNER), Error::<Test>::WorkerInSession);
        wait_s(COOL_DOWN_S);
        assert_ok!(reclaim(1));
        assert_ok!(remove(&OWNER));
        // A worker that somebody else operates now can be had back by it.
        assert_ok!(StakePool::add_worker(signed(&OWNER), POOL, worker(1)));
        assert_noop!(remove(&BOB), Error::<Test>::NotOwner);
        Operator::set(BOB);
        assert_noop!(
            StakePool::start_worker(signed(&OWNER), POOL, worker(1), STAKE_MIN),
            Error::<Test>::NotOperator
        );
        assert_ok!(remove(&BOB));
        Operator::set(OWNER);
    });
}

#[test]
fn stake_is_what_nobody_waits_for() {
    run(|| {
        assert_ok!(delegate(&ALICE, 500 * PHA));
        for number in 1..=3 {
            assert_ok!(add(number));
        }
        let all = 500 * PHA + SEED;
        assert_noop!(run_worker(1, all + 1), Error::<Test>::TooLittleAvailable);
        assert_ok!(run_worker(1, all - 200 * PHA));
        assert_ok!(withdraw(&ALICE, 350 * PHA));
        assert_ok!(delegate(&BOB, 400 * PHA));
        let free = book().available;
        assert_eq!(free, 250 * PHA);
        assert_noop!(run_worker(2, free + 1), Error::<Test>::TooLittleAvailable);
        assert_ok!(run_worker(2, free));
        assert_eq!(book().value, 551 * PHA);
        assert_noop!(run_worker(3, 1), Error::<Test>::TooLittleAvailable);
    });
}

#[test]
fn free_money_that_is_owed_is_not_staked() {
    run(|| {
        for who in [&ALICE, &BOB, &CAROL] {
            assert_ok!(delegate(who, 100 * PHA));
        }
        assert_ok!(start(1, book().available));
        assert_ok!(add(2));
        for who in [&ALICE, &BOB, &CAROL] {
            for _ in 0..3 {
                assert_ok!(withdraw(who, 10 * PHA));
            }
        }
        // This pays four, and starting a worker four more, so one waits still.
        assert_ok!(delegate(&OWNER, 1_000 * PHA));
        assert_noop!(
            run_worker(2, 910 * PHA + 1),
            Error::<Test>::TooLittleAvailable
        );
        assert_ok!(run_worker(2, 910 * PHA));
        assert_eq!(book().available, 10 * PHA);
        assert_eq!(StakePool::queue(POOL).count, 1);
    });
}

#[test]
fn losses_reach_all_shares_also_those_that_wait() {
    run(|| {
        assert_ok!(delegate(&ALICE, 599 * PHA));
        assert_ok!(delegate(&BOB, 400 * PHA));
        let staked = book().available;
        assert_ok!(start(1, staked));
        assert_ok!(withdraw(&ALICE, 599 * PHA));
        FakeSessions::slash(worker(1), Permill::from_percent(20));
        assert_ok!(stop(1));
        wait_s(COOL_DOWN_S - 1);
        assert!(reclaim(1).is_err());
        wait_s(1);
        let treasury = money(&TREASURY);
        assert_ok!(reclaim(1));
        let lost = staked - Permill::from_percent(80).mul_floor(staked);
        assert_eq!(money(&TREASURY), treasury + lost);
        // Alice, who has waited, and Bob, who has not, lose in the same proportion.
        let left = 1_000 * PHA - lost;
        assert_eq!(money(&ALICE), BALANCE - 599 * PHA + left * 599 / 1_000);
        assert_ok!(withdraw(&BOB, 400 * PHA));
        assert!(money(&BOB).abs_diff(BALANCE - 400 * PHA + left * 400 / 1_000) <= 1);
    });
}

#[test]
fn a_loss_counts_before_the_stake_is_reclaimed() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(start(1, 500 * PHA));
        FakeSessions::slash(worker(1), Permill::from_percent(50));
        assert_eq!(book().value, 750 * PHA);
        // Who leaves first does not leave the loss to the others.
        assert_ok!(withdraw(&ALICE, 400 * PHA));
        assert_eq!(money(&ALICE), BALANCE - 999 * PHA + 300 * PHA);
    });
}

#[test]
fn a_session_with_other_money_is_not_of_the_pool() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(start(1, 500 * PHA));
        assert_ok!(stop(1));
        wait_s(COOL_DOWN_S);
        assert_ok!(reclaim(1));
        assert_ok!(FakeSessions::start(worker(1), &OWNER, 5_000 * PHA));
        assert_eq!(book().value, 1_000 * PHA);
        assert_noop!(stop(1), Error::<Test>::NoSession);
        assert_noop!(reclaim(1), Error::<Test>::NoSession);
        // Nor does the pool's owner get a commission of what it earns.
        let before = money(&OWNER);
        assert!(FakeSessions::pay(worker(1), 10 * PHA));
        assert_eq!(money(&OWNER), before + 10 * PHA);
        assert_eq!(book().value, 1_000 * PHA);
    });
}

#[test]
fn workers_are_stopped_for_who_has_waited_too_long() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        for number in 1..=3 {
            assert_ok!(start(number, 300 * PHA));
        }
        assert_noop!(force(), Error::<Test>::NothingOverdue);
        assert_ok!(withdraw(&ALICE, 500 * PHA));
        assert_noop!(force(), Error::<Test>::NothingOverdue);
        wait_s(GRACE_S - 1);
        assert_noop!(force(), Error::<Test>::NothingOverdue);
        wait_s(1);
        // 100 were paid at once, and 400 take two workers.
        assert_ok!(force());
        System::assert_last_event(
            Event::WithdrawalForced {
                pid: POOL,
                stopped: 2,
            }
            .into(),
        );
        assert_eq!([1, 2, 3].map(is_running), [false, false, true]);
        // Once more stops no more, and the owner cannot use what comes back.
        assert_ok!(force());
        assert!(is_running(3));
        wait_s(COOL_DOWN_S);
        assert_ok!(reclaim(1));
        assert_noop!(
            StakePool::start_worker(signed(&OWNER), POOL, worker(1), STAKE_MIN),
            Error::<Test>::TooLittleAvailable
        );
        assert_ok!(reclaim(2));
        assert_eq!(money(&ALICE), BALANCE - 999 * PHA + 500 * PHA);
        assert_noop!(force(), Error::<Test>::NothingOverdue);
    });
}

#[test]
fn who_waits_for_little_stops_a_small_worker() {
    run(|| {
        assert_ok!(delegate(&ALICE, 2_000 * PHA));
        for (number, stake) in [(1, 1_000), (2, 100), (3, 500)] {
            assert_ok!(start(number, stake * PHA));
        }
        assert_ok!(withdraw(&ALICE, book().available + PHA));
        wait_s(GRACE_S);
        assert_ok!(force());
        assert_eq!([1, 2, 3].map(is_running), [true, false, true]);
        // What cools down counts, and 201 are missing.
        assert_ok!(withdraw(&ALICE, 300 * PHA));
        wait_s(GRACE_S);
        assert_ok!(force());
        assert_eq!([1, 2, 3].map(is_running), [true, false, false]);
    });
}

#[test]
fn workers_are_not_stopped_for_who_has_not_waited() {
    run(|| {
        assert_ok!(delegate(&ALICE, 600 * PHA));
        assert_ok!(delegate(&BOB, 600 * PHA));
        for number in 1..=3 {
            assert_ok!(start(number, 400 * PHA));
        }
        let free = book().available;
        assert_ok!(withdraw(&ALICE, free + 100 * PHA));
        wait_s(GRACE_S - 1);
        // Somebody who would have all workers stopped, and take it back the next moment.
        assert_ok!(withdraw(&BOB, 600 * PHA));
        wait_s(1);
        assert_ok!(force());
        assert_eq!([1, 2, 3].map(is_running), [false, true, true]);
        assert_ok!(StakePool::cancel_withdrawal(signed(&BOB), POOL, 1));
        wait_s(GRACE_S);
        assert_ok!(force());
        assert_eq!([1, 2, 3].map(is_running), [false, true, true]);
    });
}

#[test]
fn whom_workers_were_stopped_for_cannot_take_it_back() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(start(1, book().available));
        assert_ok!(withdraw(&ALICE, 100 * PHA));
        assert_ok!(withdraw(&ALICE, 200 * PHA));
        assert_ok!(withdraw(&ALICE, 300 * PHA));
        let cancel = |request| StakePool::cancel_withdrawal(signed(&ALICE), POOL, request);
        // Before they are stopped it may be, however long it has waited.
        wait_s(GRACE_S);
        assert_ok!(cancel(1));
        assert_ok!(force());
        for request in [0, 2] {
            assert_noop!(cancel(request), Error::<Test>::WithdrawalForced);
        }
        // One that is made afterwards is another matter.
        assert_ok!(withdraw(&ALICE, 50 * PHA));
        assert_ok!(cancel(3));
        wait_s(COOL_DOWN_S);
        assert_ok!(reclaim(1));
        assert_eq!(money(&ALICE), BALANCE - 999 * PHA + 400 * PHA);
        assert_eq!(StakePool::queue(POOL).overdue_shares, 0);
    });
}

#[test]
fn one_call_counts_a_bounded_number_of_withdrawals() {
    run(|| {
        assert_ok!(delegate(&ALICE, 200 * PHA));
        assert_ok!(start(1, 100 * PHA));
        assert_ok!(start(2, book().available));
        let count = OVERDUE_COUNTED_PER_CALL + 6;
        for number in 0..count {
            let who = AccountId32::new([100 + number as u8; 32]);
            assert_ok!(Assets::transfer(signed(&ALICE), POOL, who.clone(), 2 * PHA));
            assert_ok!(withdraw(&who, 2 * PHA));
        }
        wait_s(GRACE_S);
        assert_ok!(force());
        let counted = |number| StakePool::queue(POOL).is_counted(number);
        assert!(counted(u64::from(OVERDUE_COUNTED_PER_CALL) - 1));
        assert!(!counted(OVERDUE_COUNTED_PER_CALL.into()));
        assert_ok!(force());
        assert!(counted(u64::from(count) - 1));
    });
}

#[test]
fn a_worker_that_cannot_be_stopped_does_not_keep_others_from_it() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(start(1, 400 * PHA));
        assert_ok!(start(2, 400 * PHA));
        Stuck::mutate(|list| list.insert(worker(1)));
        assert_ok!(withdraw(&ALICE, 500 * PHA));
        wait_s(GRACE_S);
        assert_ok!(force());
        assert!(is_running(1));
        assert!(!is_running(2));
        Stuck::take();
    });
}

#[test]
fn forcing_pays_first_and_stops_nobody_if_that_is_enough() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(start(1, book().available));
        assert_ok!(withdraw(&ALICE, 50 * PHA));
        wait_s(GRACE_S);
        assert!(FakeSessions::pay(worker(1), 100 * PHA));
        wait_s(PAYOUT_S);
        assert_ok!(force());
        assert!(is_running(1));
        assert_eq!(StakePool::queue(POOL).count, 0);
    });
}

#[test]
fn who_comes_for_a_payout_and_leaves_with_it_gains_nothing() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(start(1, book().available));
        // A hundred times what all others have, for a moment.
        assert_ok!(delegate(&BOB, 100_000 * PHA));
        assert!(FakeSessions::pay(worker(1), 100 * PHA));
        assert_ok!(withdraw(&BOB, shares(&BOB)));
        assert_eq!(money(&BOB), BALANCE);
        assert_eq!(book().value, 1_000 * PHA);
        // It is the others', little by little.
        wait_s(PAYOUT_S / 2);
        assert_eq!(book().value, 1_045 * PHA);
        assert_eq!(book().available, 45 * PHA);
        wait_s(PAYOUT_S / 2);
        assert_eq!(book().value, 1_090 * PHA);
    });
}

#[test]
fn payouts_to_others_are_none_of_the_pools_business() {
    run(|| {
        use pallet_computation::OnPayout;
        let before = book();
        StakePool::on_payout(worker(1), &ALICE, PHA);
        let unknown = <StakePool as crate::Fund>::account(POOL + 1);
        StakePool::on_payout(worker(1), &unknown, PHA);
        StakePool::on_payout(worker(1), &AccountId32::new([0; 32]), PHA);
        assert_eq!(book(), before);
    });
}
