//! Withdrawals that wait.

use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use sp_runtime::Permill;

use crate::{Error, Event, Fund, Queues, SERVED_PER_CALL, mock::*};

/// A pool of which ALICE and BOB have 500 shares each, and all but `free` is staked on worker 1.
fn staked(free: u128) {
    assert_ok!(delegate(&ALICE, 500 * PHA));
    assert_ok!(delegate(&BOB, 500 * PHA));
    assert_ok!(start(1, book().available - free));
}

fn waiting() -> Vec<(u64, u128)> {
    let mut next = StakePool::queue(POOL).first;
    let mut found = Vec::new();
    while let Some(number) = next {
        let request = StakePool::request(POOL, number).expect("it is linked");
        found.push((number, request.shares));
        next = request.next;
    }
    found
}

#[test]
fn a_withdrawal_is_paid_at_once_if_the_money_is_there() {
    run(|| {
        staked(100 * PHA);
        assert_ok!(withdraw(&ALICE, 100 * PHA));
        assert_eq!(money(&ALICE), BALANCE - 400 * PHA);
        System::assert_last_event(
            Event::Withdrawn {
                pid: POOL,
                request: None,
                who: ALICE,
                shares: 100 * PHA,
                amount: 100 * PHA,
                left: 0,
            }
            .into(),
        );
        assert!(waiting().is_empty());
    });
}

#[test]
fn what_is_not_there_waits_first_come_first_served() {
    run(|| {
        staked(100 * PHA);
        assert_ok!(withdraw(&ALICE, 300 * PHA));
        // A part is paid, the rest waits.
        assert_eq!(money(&ALICE), BALANCE - 400 * PHA);
        assert_eq!(waiting(), [(0, 200 * PHA)]);
        assert_ok!(withdraw(&BOB, 50 * PHA));
        assert_eq!(waiting(), [(0, 200 * PHA), (1, 50 * PHA)]);
        // Money that comes in goes to the first.
        assert_ok!(delegate(&CAROL, 150 * PHA));
        assert_eq!(waiting(), [(0, 50 * PHA), (1, 50 * PHA)]);
        assert_eq!(money(&ALICE), BALANCE - 250 * PHA);
        assert_eq!(money(&BOB), BALANCE - 500 * PHA);
        assert_ok!(delegate(&CAROL, 120 * PHA));
        assert!(waiting().is_empty());
        assert_eq!(money(&ALICE), BALANCE - 200 * PHA);
        assert_eq!(money(&BOB), BALANCE - 450 * PHA);
        // What is left can be withdrawn at once again.
        assert_ok!(withdraw(&BOB, 20 * PHA));
        assert!(waiting().is_empty());
    });
}

#[test]
fn shares_that_wait_cannot_be_moved_and_can_be_had_back() {
    run(|| {
        staked(0);
        assert_ok!(withdraw(&ALICE, 300 * PHA));
        assert_eq!(shares(&ALICE), 200 * PHA);
        assert!(Assets::transfer(signed(&ALICE), POOL, CAROL, 201 * PHA).is_err());
        assert_ok!(withdraw(&BOB, 300 * PHA));
        let cancel = |who, request| StakePool::cancel_withdrawal(signed(who), POOL, request);
        assert_noop!(cancel(&BOB, 0), Error::<Test>::UnknownWithdrawal);
        assert_noop!(cancel(&ALICE, 7), Error::<Test>::UnknownWithdrawal);
        assert_ok!(cancel(&ALICE, 0));
        assert_eq!(shares(&ALICE), 500 * PHA);
        assert_eq!(waiting(), [(1, 300 * PHA)]);
        assert_noop!(cancel(&ALICE, 0), Error::<Test>::UnknownWithdrawal);
    });
}

#[test]
fn shares_sent_to_the_queue_change_nothing() {
    run(|| {
        staked(0);
        let queue = StakePool::queue_account(POOL);
        assert_ok!(Assets::transfer(signed(&ALICE), POOL, queue, 100 * PHA));
        assert_ok!(withdraw(&BOB, 500 * PHA));
        assert_eq!(waiting(), [(0, 500 * PHA)]);
        assert_ok!(delegate(&CAROL, 600 * PHA));
        assert_eq!(money(&BOB), BALANCE);
    });
}

#[test]
fn dust_neither_waits_nor_stops_others() {
    run(|| {
        staked(0);
        assert_noop!(withdraw(&ALICE, PHA - 1), Error::<Test>::WithdrawalTooSmall);
        assert_ok!(withdraw(&ALICE, 300 * PHA));
        // A payout leaves less than what is paid for a part: the first in the queue waits on, and
        // dust gets out.
        assert!(FakeSessions::pay(worker(1), PHA));
        wait_s(PAYOUT_S);
        assert_ok!(StakePool::process_queue(signed(&CAROL), POOL, 9));
        assert_eq!(waiting(), [(0, 300 * PHA)]);
        assert_ok!(withdraw(&BOB, 1));
        assert_ok!(withdraw(&BOB, PHA / 2));
        // As little as one share can always be given back.
        assert_ok!(Assets::transfer(signed(&BOB), POOL, CAROL, 1));
        assert_ok!(withdraw(&CAROL, 1));
        assert_eq!(shares(&CAROL), 0);
    });
}

#[test]
fn who_cannot_be_paid_does_not_stop_others() {
    run(|| {
        staked(0);
        assert_ok!(Assets::transfer(signed(&ALICE), POOL, POOR, 2 * PHA));
        assert_ok!(withdraw(&POOR, 2 * PHA));
        assert_ok!(withdraw(&BOB, 2 * PHA));
        // So little is left of the shares that POOR, which has nothing else, cannot have it.
        FakeSessions::slash(worker(1), Permill::from_parts(999_900));
        Balances::set_balance(&pool_account(), PHA / 5);
        let before = book();
        assert_ok!(StakePool::process_queue(signed(&CAROL), POOL, 9));
        assert!(waiting().is_empty());
        assert_eq!(money(&POOR), 0);
        assert!(money(&BOB) > BALANCE - 500 * PHA);
        let after = book();
        assert_eq!(
            before.value - after.value,
            money(&BOB) - (BALANCE - 500 * PHA)
        );
        assert_eq!(before.supply - after.supply, 4 * PHA);
    });
}

#[test]
fn the_queue_is_bounded() {
    run(|| {
        staked(0);
        for _ in 0..3 {
            assert_ok!(withdraw(&ALICE, PHA));
        }
        assert_noop!(withdraw(&ALICE, PHA), Error::<Test>::TooManyWithdrawals);
        for number in 0..77 {
            let who = sp_runtime::AccountId32::new([100 + number; 32]);
            assert_ok!(Assets::transfer(signed(&BOB), POOL, who.clone(), 2 * PHA));
            assert_ok!(withdraw(&who, PHA));
        }
        assert_noop!(withdraw(&BOB, PHA), Error::<Test>::QueueFull);
        let last = sp_runtime::AccountId32::new([176; 32]);
        assert_ok!(StakePool::cancel_withdrawal(signed(&last), POOL, 79));
        assert_ok!(withdraw(&BOB, PHA));
    });
}

#[test]
fn a_call_pays_a_bounded_number_of_withdrawals() {
    run(|| {
        staked(0);
        for who in [&ALICE, &BOB] {
            for _ in 0..3 {
                assert_ok!(withdraw(who, 10 * PHA));
            }
        }
        assert_ok!(delegate(&CAROL, 100 * PHA));
        assert_eq!(waiting().len(), 6 - SERVED_PER_CALL as usize);
        assert_ok!(StakePool::process_queue(signed(&CAROL), POOL, 1));
        assert_eq!(waiting().len(), 1);
        assert_ok!(StakePool::process_queue(signed(&CAROL), POOL, 9));
        assert!(waiting().is_empty());
    });
}
