//! Telling consumers of outcomes, also when they do not take them.

use frame_support::assert_noop;
use sp_runtime::{AccountId32, DispatchError};

use super::*;

#[test]
fn a_callback_that_fails_leaves_the_request_settled_and_can_be_retried() {
    run(|| {
        Taking::set(false);
        let number = ask(b"", 30);
        let settled = outcome_with(number, &[], &[("a", b"one")]);
        events();
        assert_ok!(settle(&settled));
        let failed = Event::CallbackFailed {
            consumer: SHOP,
            number,
            // Events carry no texts.
            error: DispatchError::Other(""),
        };
        assert!(events().contains(&failed));
        assert_eq!(Anchor::status(&SHOP, number), Status::CallbackFailed);
        assert_eq!(System::account_nonce(SHOP), 0, "its changes are undone");
        assert_eq!(shop().requests, 1, "the request is not closed");
        assert_eq!(held(HoldReason::Request, &ALICE), REQUEST_DEPOSIT);
        assert_eq!(value("a").1, 1, "those of the outcome stand");
        assert_eq!(free(&BOB), BALANCE + 30);
        assert_noop!(settle(&settled), Error::<Test>::RequestClosed);

        assert_noop!(
            retry(number, true, b"output"),
            DispatchError::Other("not now")
        );
        Taking::set(true);
        for (success, output) in [(false, &b"output"[..]), (true, &b"other"[..])] {
            assert_noop!(
                retry(number, success, output),
                Error::<Test>::OutputMismatch
            );
        }
        assert_ok!(retry(number, true, b"output"));
        assert_eq!(taken(), [(SHOP, number, true, b"output".to_vec())]);
        assert_eq!(Anchor::status(&SHOP, number), Status::Closed);
        assert_eq!(held(HoldReason::Request, &ALICE), 0);
        assert_noop!(retry(number, true, b"output"), Error::<Test>::RequestClosed);
    });
}

#[test]
fn a_consumer_is_told_once_whatever_its_callback_calls() {
    run(|| {
        let closed: Option<DispatchResult> = Some(Err(Error::<Test>::RequestClosed.into()));
        RetriesWithin::set(true);
        let number = ask(b"", 0);
        assert_ok!(settle(&outcome(number)));
        assert_eq!(RetriedWithin::get(), closed);
        assert_eq!(taken(), [(SHOP, number, true, b"output".to_vec())]);

        // Nor from the callback of a retry.
        Taking::set(false);
        let number = ask(b"", 0);
        assert_ok!(settle(&outcome(number)));
        Taking::set(true);
        RetriesWithin::set(true);
        RetriedWithin::set(None);
        assert_ok!(retry(number, true, b"output"));
        assert_eq!(RetriedWithin::get(), closed);
        assert_eq!(taken(), [(SHOP, number, true, b"output".to_vec())]);
        assert_eq!(held(HoldReason::Request, &ALICE), 0);
    });
}

#[test]
fn a_consumer_may_ask_again_from_its_callback() {
    run(|| {
        AsksAgain::set(true);
        let number = ask(b"", 0);
        assert_ok!(settle(&outcome(number)));
        assert_eq!(Anchor::status(&SHOP, number), Status::Closed);
        assert_eq!(Anchor::status(&SHOP, number + 1), Status::Open);
        assert_eq!(shop().requests, 1);
    });
}

#[test]
fn an_outcome_that_nobody_takes_can_be_given_up() {
    run(|| {
        Taking::set(false);
        let number = ask(b"", 0);
        let forget = |who: &AccountId32| Anchor::forget(signed(who), SHOP, number);
        assert_noop!(forget(&SHOP), Error::<Test>::NotFailed);
        assert_ok!(settle(&outcome(number)));
        assert_noop!(forget(&BOB), Error::<Test>::NotOwner);
        assert_noop!(forget(&ALICE), Error::<Test>::NotExpired);
        Clock::set(NOW + LIFETIME);
        assert_noop!(expire(number), Error::<Test>::RequestClosed);
        assert_ok!(forget(&ALICE));
        assert_eq!(free(&ALICE), BALANCE);

        let number = ask(b"", 0);
        assert_ok!(settle(&outcome(number)));
        assert_ok!(Anchor::forget(signed(&SHOP), SHOP, number));
        assert_eq!(Anchor::status(&SHOP, number), Status::Closed);
    });
}
