//! The key-value store of a consumer: versions, and what is paid for values.

use frame_support::{assert_noop, traits::fungible::Mutate};
use phat_primitives::anchor::key_hash;

use super::*;

#[test]
fn values_are_written_with_the_outcome_and_paid_for_by_the_consumer() {
    run(|| {
        let settled = outcome_with(ask(b"", 0), &[("a", 0)], &[("a", b"one"), ("b", b"two")]);
        assert_ok!(settle(&settled));
        assert_eq!(value("a"), (b"one".to_vec(), 1));
        assert_eq!(value("b"), (b"two".to_vec(), 2));
        assert_eq!(held(HoldReason::Values, &SHOP), 2 * (VALUE_DEPOSIT + 3));
        assert_eq!((shop().values, shop().stored_bytes), (2, 6));

        let settled = outcome_with(ask(b"", 0), &[("a", 1)], &[("a", b"longer"), ("b", b"")]);
        assert_ok!(settle(&settled));
        assert_eq!(value("a"), (b"longer".to_vec(), 3));
        assert_eq!(held(HoldReason::Values, &SHOP), VALUE_DEPOSIT + 6);
        assert_eq!((shop().values, shop().stored_bytes), (1, 6));
    });
}

#[test]
fn a_run_on_an_older_state_is_refused_as_a_whole() {
    run(|| {
        let (one, two) = (ask(b"", 10), ask(b"", 10));
        let first = outcome_with(one, &[("a", 0)], &[("a", b"one")]);
        let second = outcome_with(two, &[("a", 0)], &[("a", b"two"), ("b", b"two")]);
        assert_ok!(settle(&first));
        assert_noop!(settle(&second), Error::<Test>::StaleVersion);
        assert_eq!(Anchor::status(&SHOP, two), Status::Open);
        let rerun = outcome_with(two, &[("a", 1)], &[("a", b"two")]);
        assert_ok!(settle(&rerun));
    });
}

#[test]
fn no_version_comes_again_after_a_key_was_deleted() {
    run(|| {
        assert_ok!(settle(&outcome_with(ask(b"", 0), &[], &[("a", b"one")])));
        assert_ok!(settle(&outcome_with(
            ask(b"", 0),
            &[("a", 1)],
            &[("a", b"")]
        )));
        assert_eq!(value("a"), (Vec::new(), 2));
        let number = ask(b"", 0);
        let on_nothing = outcome_with(number, &[("a", 0)], &[("a", b"two")]);
        assert_noop!(settle(&on_nothing), Error::<Test>::StaleVersion);
        let on_deleted = outcome_with(number, &[("a", 2)], &[("a", b"two")]);
        assert_ok!(settle(&on_deleted));
        assert_eq!(value("a"), (b"two".to_vec(), 3));
        // Deleting what is not there changes nothing.
        assert_ok!(settle(&outcome_with(ask(b"", 0), &[], &[("b", b"")])));
        assert_eq!(value("b"), (Vec::new(), 2));
    });
}

#[test]
fn the_last_write_of_a_key_in_an_outcome_stands() {
    run(|| {
        let writes: [(&str, &[u8]); 3] = [("a", b"one"), ("a", b""), ("a", b"three")];
        assert_ok!(settle(&outcome_with(ask(b"", 0), &[], &writes)));
        assert_eq!(value("a"), (b"three".to_vec(), 3));
        assert_eq!(held(HoldReason::Values, &SHOP), VALUE_DEPOSIT + 5);
    });
}

#[test]
fn a_consumer_that_cannot_pay_for_values_loses_no_request() {
    run(|| {
        let number = ask(b"", 10);
        let left = 20;
        assert_ok!(Balances::burn_from(
            &SHOP,
            BALANCE - CONSUMER_DEPOSIT - left,
            frame_support::traits::tokens::Preservation::Preserve,
            frame_support::traits::tokens::Precision::Exact,
            frame_support::traits::tokens::Fortitude::Polite,
        ));
        let settled = outcome_with(number, &[], &[("a", b"0123456789")]);
        assert_noop!(settle(&settled), Error::<Test>::ConsumerCannotPay);
        assert_ok!(Balances::mint_into(&SHOP, 100));
        assert_ok!(settle(&settled));
    });
}

#[test]
fn the_owner_may_delete_values_and_gets_the_consumer_its_deposits_back() {
    run(|| {
        let writes: [(&str, &[u8]); 2] = [("a", b"one"), ("b", b"two")];
        assert_ok!(settle(&outcome_with(ask(b"", 0), &[], &writes)));
        let names = ["a", "c", "a"].map(|name| key_hash(name.as_bytes()));
        let keys = names.to_vec().try_into().expect("no more than the bound");
        events();
        assert_ok!(Anchor::delete_values(signed(&SHOP), SHOP, keys));
        let deleted = Event::ValuesDeleted {
            consumer: SHOP,
            count: 1,
        };
        assert_eq!(events(), [deleted]);
        assert_eq!(value("a"), (Vec::new(), 3));
        assert_eq!(held(HoldReason::Values, &SHOP), VALUE_DEPOSIT + 3);
        assert_noop!(
            Anchor::remove_consumer(signed(&SHOP), SHOP),
            Error::<Test>::ConsumerInUse
        );
    });
}
