//! What the pallet does, and what it refuses.

use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use sp_core::H160;
use sp_runtime::{
    DispatchError::{self, BadOrigin},
    TokenError,
};

use crate::{mock::*, *};

/// As events have an error.
fn refused(error: Error<Test>) -> DispatchResult {
    match DispatchError::from(error) {
        DispatchError::Module(mut error) => {
            error.message = None;
            Err(DispatchError::Module(error))
        }
        error => Err(error),
    }
}

fn books() -> (u64, u64, u64) {
    let Books {
        locks,
        outstanding,
        due,
    } = CurrentBooks::<Test>::get();
    (locks, outstanding, due)
}

#[test]
fn what_is_locked_is_on_hold_and_announced() {
    run(|| {
        assert_ok!(lock(500));
        assert_eq!(held(), 500);
        assert_eq!(free(&ALICE), BALANCE - 500 - LIMITS.fee);
        let event = Event::Locked {
            number: 1,
            recipient: RECIPIENT,
            amount: 500,
        };
        assert_eq!(events(), [event]);
        assert_eq!(books(), (1, 500, 0));
        assert_ok!(lock(100));
        assert_eq!(books(), (2, 600, 0));
        assert_eq!(Pending::<Test>::count(), 2);
    });
}

#[test]
fn what_is_minted_waits_no_more() {
    run(|| {
        assert_ok!(lock(500));
        assert_ok!(tell(1, minted(1)));
        assert_eq!(Pending::<Test>::count(), 0);
        assert_eq!(books(), (1, 500, 0));
        for number in [0, 1, 2, u64::MAX] {
            assert_eq!(tell(2, minted(number)), refused(Error::NotPending));
        }
    });
}

#[test]
fn what_is_burned_is_paid_once() {
    run(|| {
        assert_ok!(lock(500));
        System::reset_events();
        let told = outcome(1, burned(1, &BOB, 200));
        assert_ok!(settle(told.clone()));
        assert_ok!(delivered());
        assert_eq!(free(&BOB), BALANCE + 200);
        assert_eq!((held(), books()), (300, (1, 300, 0)));
        let (number, recipient) = (1, BOB);
        let expected = [
            Event::Burned {
                number,
                recipient: recipient.clone(),
                amount: 200,
            },
            Event::Released {
                number,
                recipient,
                amount: 200,
                left: 0,
            },
        ];
        assert_eq!(events(), expected);

        // The anchor refuses the same outcome, and the pallet any other of the same burn.
        let signatures = sign(&told);
        assert_noop!(
            Anchor::settle(signed(&BOB), Bridge::account_id(), told, signatures),
            pallet_phat_anchor::Error::<Test>::StaleVersion
        );
        let again = tell(2, burned(1, &BOB, 200));
        assert_eq!(again, refused(Error::ProcessedBefore));
        let other = tell(3, burned(1, &ALICE, 100));
        assert_eq!(other, refused(Error::ProcessedBefore));
        assert_noop!(Bridge::release(signed(&BOB), 1), Error::<Test>::NotDue);
        assert_eq!(free(&BOB), BALANCE + 200);
    });
}

#[test]
fn the_numbers_of_burns_may_come_in_any_order() {
    run(|| {
        assert_ok!(lock(1_000));
        let numbers = [128, 1, 127, 129, u64::MAX, 2, 255, 256];
        for (firing, number) in (1..).zip(numbers) {
            assert!(!Bridge::is_processed(number));
            assert_ok!(tell(firing, burned(number, &BOB, 10)));
            assert!(Bridge::is_processed(number));
        }
        for (firing, number) in (100..).zip(numbers) {
            let again = tell(firing, burned(number, &BOB, 10));
            assert_eq!(again, refused(Error::ProcessedBefore));
        }
        assert_eq!(free(&BOB), BALANCE + 80);
    });
}

#[test]
fn nothing_that_was_not_locked_is_released() {
    run(|| {
        assert_ok!(lock(500));
        for amount in [501, u128::from(u64::MAX), u128::MAX] {
            let told = tell(1, burned(1, &BOB, amount));
            assert_eq!(told, refused(Error::NotOutstanding));
        }
        assert!(!Bridge::is_processed(1), "it is undone");
        assert_ok!(tell(2, burned(1, &BOB, 500)));
        assert_eq!(tell(3, burned(2, &BOB, 1)), refused(Error::NotOutstanding));
    });
}

#[test]
fn what_is_no_message_is_refused() {
    run(|| {
        assert_ok!(lock(500));
        let longer = [burned(1, &BOB, 100), vec![0]].concat();
        let shorter = burned(1, &BOB, 100)[1..].to_vec();
        let none = burned(1, &BOB, 0);
        let unnumbered = burned(0, &BOB, 100);
        for output in [vec![], vec![2; 57], longer, shorter, none, unnumbered] {
            assert_eq!(tell(1, output), refused(Error::MessageInvalid));
        }
        let mut failed = outcome(2, burned(1, &BOB, 100));
        failed.success = false;
        assert_ok!(settle(failed));
        assert_eq!(delivered(), refused(Error::RunFailed));
        assert_eq!(held(), 500);
    });
}

#[test]
fn other_consumers_are_no_concern() {
    run(|| {
        assert_ok!(lock(500));
        let pushed = pallet_phat_anchor::PushedOutcome {
            consumer: &ALICE,
            firing: &[1; 32],
            success: true,
            output: &burned(1, &BOB, 100),
        };
        assert_ok!(<Bridge as pallet_phat_anchor::OnOutcome<_>>::on_push(
            &pushed
        ));
        assert!(!Bridge::is_processed(1));
        assert_eq!(held(), 500);
    });
}

#[test]
fn every_refusal_to_lock() {
    new_test_ext().execute_with(|| {
        assert_noop!(lock(500), Error::<Test>::NotConnected);
    });
    run(|| {
        let zero = Bridge::lock(signed(&ALICE), 500, H160::zero());
        assert_noop!(zero, Error::<Test>::RecipientInvalid);
        assert_noop!(lock(LIMITS.minimum - 1), Error::<Test>::BelowMinimum);
        assert_noop!(lock(LIMITS.daily + 1), Error::<Test>::DailyCapReached);
        assert_ok!(lock(LIMITS.daily - LIMITS.minimum));
        assert_noop!(lock(LIMITS.minimum + 1), Error::<Test>::DailyCapReached);
        assert_ok!(lock(LIMITS.minimum));
        let poor = Bridge::lock(signed(&NOBODY), 100, RECIPIENT);
        assert_noop!(poor, Error::<Test>::DailyCapReached);
        Clock::set(NOW + DAY);
        let poor = Bridge::lock(signed(&NOBODY), 100, RECIPIENT);
        assert_noop!(poor, TokenError::FundsUnavailable);
        assert_eq!(books(), (2, LIMITS.daily, 0));
    });
}

#[test]
fn no_more_is_out_than_the_cap() {
    run(|| {
        for day in 0..CAP / LIMITS.daily {
            Clock::set(NOW + day * DAY);
            assert_ok!(lock(LIMITS.daily));
        }
        Clock::set(NOW + 100 * DAY);
        assert_noop!(lock(LIMITS.minimum), Error::<Test>::AboveCap);
        // What is due is still there.
        assert_ok!(Bridge::set_paused(RuntimeOrigin::root(), true));
        assert_ok!(tell(1, burned(1, &BOB, 1_000)));
        assert_ok!(Bridge::set_paused(RuntimeOrigin::root(), false));
        assert_noop!(lock(LIMITS.minimum), Error::<Test>::AboveCap);
        assert_ok!(Bridge::release(signed(&ALICE), 1));
        assert_ok!(lock(1_000));
        assert_eq!(held(), CAP);
    });
}

#[test]
fn no_more_locks_wait_than_may() {
    run(|| {
        for _ in 0..PENDING {
            assert_ok!(lock(LIMITS.minimum));
        }
        assert_noop!(lock(LIMITS.minimum), Error::<Test>::TooManyPending);
        assert_ok!(tell(1, minted(3)));
        assert_ok!(lock(LIMITS.minimum));
    });
}

#[test]
fn a_lock_that_is_not_minted_is_announced_again() {
    run(|| {
        assert_ok!(lock(500));
        let announce = |number| Bridge::announce(signed(&BOB), number);
        Clock::set(NOW + INTERVAL - 1);
        assert_noop!(announce(1), Error::<Test>::AnnouncedRecently);
        Clock::set(NOW + INTERVAL);
        System::reset_events();
        assert_ok!(announce(1));
        assert_eq!(free(&BOB), BALANCE - LIMITS.fee);
        let event = Event::Locked {
            number: 1,
            recipient: RECIPIENT,
            amount: 500,
        };
        assert_eq!(events(), [event]);
        assert_eq!((held(), books()), (500, (1, 500, 0)));
        assert_noop!(announce(1), Error::<Test>::AnnouncedRecently);
        assert_noop!(announce(2), Error::<Test>::NotPending);
        assert_ok!(tell(1, minted(1)));
        Clock::set(NOW + 3 * INTERVAL);
        assert_noop!(announce(1), Error::<Test>::NotPending);
    });
}

#[test]
fn while_it_is_paused_what_is_burned_becomes_due() {
    run(|| {
        assert_ok!(lock(500));
        assert_ok!(Bridge::set_paused(RuntimeOrigin::root(), true));
        Clock::set(NOW + INTERVAL);
        assert_noop!(lock(500), Error::<Test>::Paused);
        assert_noop!(Bridge::announce(signed(&BOB), 1), Error::<Test>::Paused);
        assert_ok!(tell(1, minted(1)));
        assert_ok!(tell(2, burned(1, &BOB, 200)));
        assert_eq!((held(), books()), (500, (1, 300, 200)));
        assert_noop!(Bridge::release(signed(&BOB), 1), Error::<Test>::Paused);
        check();
        assert_ok!(Bridge::set_paused(RuntimeOrigin::root(), false));
        assert_ok!(Bridge::release(signed(&ALICE), 1));
        assert_eq!(free(&BOB), BALANCE + 200);
        assert_eq!((held(), books()), (300, (1, 300, 0)));
    });
}

#[test]
fn what_is_more_than_a_day_s_is_paid_in_parts() {
    run(|| {
        assert_ok!(lock(LIMITS.daily));
        Clock::set(NOW + DAY);
        assert_ok!(lock(LIMITS.daily));
        let all = LIMITS.daily * 2;
        assert_ok!(tell(1, burned(1, &BOB, u128::from(all))));
        assert_eq!(free(&BOB), BALANCE + LIMITS.daily);
        assert_eq!(books(), (2, 0, LIMITS.daily));
        check();
        assert_noop!(
            Bridge::release(signed(&BOB), 1),
            Error::<Test>::DailyCapReached
        );
        Clock::set(NOW + 2 * DAY);
        assert_ok!(Bridge::release(signed(&BOB), 1));
        assert_eq!(free(&BOB), BALANCE + all);
        assert_eq!((held(), books()), (0, (2, 0, 0)));
    });
}

#[test]
fn what_makes_no_account_stays_due() {
    run(|| {
        assert_ok!(lock(500));
        let amount = LEAST - 1;
        assert_ok!(tell(1, burned(1, &NOBODY, u128::from(amount))));
        assert_eq!(books(), (1, 500 - amount, amount));
        assert_noop!(Bridge::release(signed(&BOB), 1), TokenError::CannotCreate);
        assert_ok!(tell(2, burned(2, &NOBODY, u128::from(LEAST))));
        assert_ok!(Bridge::release(signed(&BOB), 1));
        assert_eq!(free(&NOBODY), LEAST + amount);
    });
}

#[test]
fn no_more_burns_are_due_than_may_be() {
    run(|| {
        assert_ok!(lock(500));
        assert_ok!(Bridge::set_paused(RuntimeOrigin::root(), true));
        let number = u64::from(DUE) + 1;
        for number in 1..number {
            assert_ok!(tell(number, burned(number, &BOB, 10)));
        }
        let more = tell(number, burned(number, &BOB, 10));
        assert_eq!(more, refused(Error::TooManyDue));
        assert_ok!(Bridge::set_paused(RuntimeOrigin::root(), false));
        assert_ok!(Bridge::release(signed(&BOB), 1));
        // The contract runs again when the burn is announced again.
        assert_ok!(tell(100, burned(number, &BOB, 10)));
        assert!(!Due::<Test>::contains_key(number));
    });
}

#[test]
fn what_is_paid_at_once_needs_no_place_among_those_that_are_due() {
    run(|| {
        assert_ok!(lock(LIMITS.daily));
        Clock::set(NOW + DAY);
        assert_ok!(lock(500));
        assert_ok!(Bridge::set_paused(RuntimeOrigin::root(), true));
        let number = u64::from(DUE) + 1;
        for number in 1..number {
            assert_ok!(tell(number, burned(number, &BOB, 10)));
        }
        assert_ok!(Bridge::set_paused(RuntimeOrigin::root(), false));
        let before = books();
        // Of what cannot be paid, or not in full, nothing is noted and nothing paid.
        let unpaid = tell(100, burned(number, &NOBODY, u128::from(LEAST - 1)));
        assert_eq!(unpaid, refused(Error::TooManyDue));
        let in_part = tell(101, burned(number, &BOB, u128::from(LIMITS.daily + 1)));
        assert_eq!(in_part, refused(Error::TooManyDue));
        assert_eq!((books(), free(&BOB)), (before, BALANCE));
        assert!(!Bridge::is_processed(number));
        assert_ok!(tell(102, burned(number, &BOB, 10)));
        assert_eq!(free(&BOB), BALANCE + 10);
        assert_eq!(Due::<Test>::count(), DUE);
        check();
    });
}

#[test]
fn only_governance_governs() {
    run(|| {
        let alice = || signed(&ALICE);
        assert_noop!(Bridge::connect(alice(), 1, keys(), 0), BadOrigin);
        assert_noop!(Bridge::set_limits(alice(), LIMITS), BadOrigin);
        assert_noop!(Bridge::set_paused(alice(), true), BadOrigin);
        for limits in [
            Limits {
                minimum: LEAST - 1,
                ..LIMITS
            },
            Limits {
                daily: LIMITS.minimum - 1,
                ..LIMITS
            },
        ] {
            let set = Bridge::set_limits(RuntimeOrigin::root(), limits);
            assert_noop!(set, Error::<Test>::LimitsInvalid);
        }
        let limits = Limits {
            minimum: LEAST,
            daily: LEAST,
            fee: 0,
        };
        assert_ok!(Bridge::set_limits(RuntimeOrigin::root(), limits));
        assert_ok!(lock(LEAST));
        assert_eq!(free(&ALICE), BALANCE - LEAST);
    });
}

#[test]
fn attestors_are_replaced() {
    run(|| {
        assert_ok!(lock(500));
        let before = outcome(1, burned(1, &BOB, 100));
        let other = phat_primitives::anchor::AttestorKey::Sr25519([9; 32]);
        let others = pallet_phat_anchor::AttestorKeys::truncate_from(vec![other]);
        assert_ok!(Bridge::connect(RuntimeOrigin::root(), 1, others, 0));
        let signatures = sign(&before);
        let settle = Anchor::settle(signed(&BOB), Bridge::account_id(), before, signatures);
        assert_noop!(settle, pallet_phat_anchor::Error::<Test>::NotAttestor);
        assert_ok!(connect());
        assert_ok!(tell(1, burned(1, &BOB, 100)));
    });
}

#[test]
fn what_the_bridge_has_besides_pays_for_what_the_anchor_keeps() {
    run(|| {
        assert_ok!(lock(500));
        let account = Bridge::account_id();
        let before = free(&account);
        assert_ok!(tell(1, minted(1)));
        assert!(free(&account) < before);
        assert_eq!(held(), 500, "not what is locked");
    });
}
