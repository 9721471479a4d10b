//! Making requests, and what becomes of those that are not settled.

use frame_support::{assert_noop, traits::fungible::Mutate};
use sp_runtime::{AccountId32, DispatchError, TokenError};

use super::*;

#[test]
fn a_request_that_is_not_settled_in_time_is_paid_back() {
    run(|| {
        let number = ask(b"input", 30);
        let late = outcome(number);
        Clock::set(NOW + LIFETIME - 1);
        assert_noop!(expire(number), Error::<Test>::NotExpired);
        Clock::set(NOW + LIFETIME);
        assert_noop!(settle(&late), Error::<Test>::RequestExpired);
        assert_ok!(expire(number));
        assert_eq!(free(&ALICE), BALANCE);
        assert_noop!(expire(number), Error::<Test>::RequestClosed);
        assert_noop!(expire(number + 1), Error::<Test>::UnknownRequest);
        assert_eq!(Anchor::status(&SHOP, number), Status::Closed);
        assert_eq!(Anchor::status(&SHOP, number + 1), Status::Unknown);
    });
}

#[test]
fn who_may_ask_is_up_to_the_owner() {
    run(|| {
        assert_ok!(Anchor::set_policy(
            signed(&SHOP),
            SHOP,
            Askers::Own,
            bounds()
        ));
        let request = |who: &AccountId32| {
            let expires_at = NOW + 1;
            Anchor::request(signed(who), SHOP, Input::default(), 0, expires_at)
        };
        assert_noop!(request(&ALICE), Error::<Test>::MayNotAsk);
        assert_ok!(request(&SHOP));
        set_bounds(bounds());
        assert_ok!(request(&ALICE));
    });
}

#[test]
fn a_request_has_to_be_paid_for_and_to_end() {
    run(|| {
        let request = |who: &AccountId32, fee, expires_at| {
            Anchor::request(signed(who), SHOP, Input::default(), fee, expires_at)
        };
        for expires_at in [0, NOW, NOW + LIFETIME + 1, u64::MAX] {
            let refused = request(&ALICE, 0, expires_at);
            assert_noop!(refused, Error::<Test>::ExpiryInvalid);
        }
        assert_noop!(request(&POOR, 0, NOW + 1), TokenError::FundsUnavailable);
        assert!(request(&ALICE, u64::MAX, NOW + 1).is_err());
        assert!(request(&ALICE, BALANCE, NOW + 1).is_err());
        for _ in 0..REQUESTS - OWN_REQUESTS {
            assert_ok!(request(&ALICE, 1, NOW + LIFETIME));
        }
        assert_noop!(request(&ALICE, 0, NOW + 1), Error::<Test>::TooManyRequests);
        assert_ok!(settle(&outcome(2)));
        assert_ok!(request(&ALICE, 0, NOW + 1));
    });
}

#[test]
fn others_cannot_take_the_places_of_the_consumer_and_its_owner() {
    run(|| {
        let consumer = Anchor::derived_consumer(&BOB, &SALT).expect("of 32 bytes");
        let (askers, keys) = (Askers::Anyone, keys(&[1]));
        let registered =
            Anchor::register_consumer(signed(&BOB), Some(SALT), askers, bounds(), 1, keys);
        assert_ok!(registered);
        assert_ok!(Balances::mint_into(&consumer, BALANCE));
        let ask = |who: &AccountId32| ask_for(&consumer, who, b"", 0);
        let refused: Result<u64, DispatchError> = Err(Error::<Test>::TooManyRequests.into());
        for _ in 0..REQUESTS - OWN_REQUESTS {
            assert_ok!(ask(&ALICE));
        }
        assert_eq!(ask(&ALICE), refused);
        // The owner's, and the consumer's own.
        for own in [&BOB, &consumer] {
            assert_ok!(ask(own));
            assert_eq!(ask(&ALICE), refused);
        }
        for who in [&BOB, &consumer] {
            assert_eq!(ask(who), refused);
        }
    });
}

#[test]
fn a_fee_is_there_whatever_else_the_requester_locks() {
    run(|| {
        use frame_support::traits::{LockableCurrency, WithdrawReasons};
        let number = ask(b"", 30);
        Balances::set_lock(*b"locktest", &ALICE, BALANCE, WithdrawReasons::all());
        assert_ok!(settle(&outcome(number)));
        assert_eq!(free(&BOB), BALANCE + 30);
    });
}

#[test]
fn a_commitment_to_something_else_is_noticed() {
    new_test_ext().execute_with(|| {
        register(2).expect("the shop can pay");
        let number = ask(b"input", 30);
        assert_eq!(Anchor::do_try_state(), Ok(()));
        let other = Input::truncate_from(b"other".to_vec());
        Inputs::<Test>::insert(SHOP, number, other);
        let noticed = "the commitment of an open request is to something else";
        assert_eq!(Anchor::do_try_state(), Err(noticed.into()));
    });
}
