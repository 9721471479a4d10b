//! Registering and removing consumers, and who signs for them.

use frame_support::{assert_noop, traits::fungible::Mutate};
use phat_primitives::anchor::{ATTESTORS_MAX, AttestorKey};
use sp_runtime::AccountId32;

use super::*;

#[test]
fn attestors_are_replaced_with_an_overlap_or_at_once() {
    run(|| {
        let set = |seeds: &[u8], overlap| {
            Anchor::set_attestors(signed(&SHOP), SHOP, 2, keys(seeds), overlap)
        };
        let (one, two, three) = (ask(b"", 0), ask(b"", 0), ask(b"", 0));
        assert_ok!(set(&[4, 5], OVERLAP));
        assert_ok!(settle_by(&outcome(one), &[1, 2]));
        assert_ok!(settle_by(&outcome(two), &[4, 5]));
        // Two halves are no whole.
        assert_noop!(
            settle_by(&outcome(three), &[1, 4]),
            Error::<Test>::NotAttestor
        );
        Clock::set(NOW + OVERLAP);
        assert_noop!(
            settle_by(&outcome(three), &[1, 2]),
            Error::<Test>::NotAttestor
        );
        assert_ok!(set(&[6, 7], 0));
        assert_noop!(
            settle_by(&outcome(three), &[4, 5]),
            Error::<Test>::NotAttestor
        );
        assert_ok!(settle_by(&outcome(three), &[6, 7]));
        assert_noop!(set(&[1, 2], OVERLAP + 1), Error::<Test>::OverlapTooLong);
    });
}

#[test]
fn a_set_of_attestors_can_reach_its_threshold() {
    run(|| {
        let set = |threshold, keys| Anchor::set_attestors(signed(&SHOP), SHOP, threshold, keys, 0);
        let invalid = AttestorKeys::truncate_from(vec![AttestorKey::Secp256k1([4; 33])]);
        let neutral = AttestorKeys::truncate_from(vec![AttestorKey::Sr25519([0; 32])]);
        for (threshold, keys, error) in [
            (0, keys(&[1]), Error::<Test>::ThresholdInvalid),
            (2, keys(&[1]), Error::ThresholdInvalid),
            (0, keys(&[]), Error::ThresholdInvalid),
            (1, keys(&[1, 2, 1]), Error::AttestorTwice),
            (1, invalid, Error::AttestorInvalid),
            (1, neutral, Error::AttestorInvalid),
        ] {
            assert_noop!(set(threshold, keys), error);
        }
        let most: Vec<u8> = (1..=ATTESTORS_MAX as u8).collect();
        assert_ok!(set(ATTESTORS_MAX, keys(&most)));
    });
}

#[test]
fn only_the_owner_decides_about_a_consumer() {
    run(|| {
        let set = Anchor::set_attestors(signed(&ALICE), SHOP, 1, keys(&[9]), 0);
        assert_noop!(set, Error::<Test>::NotOwner);
        let set = Anchor::set_policy(signed(&ALICE), SHOP, Askers::Own, bounds());
        assert_noop!(set, Error::<Test>::NotOwner);
        let removed = Anchor::remove_consumer(signed(&ALICE), SHOP);
        assert_noop!(removed, Error::<Test>::NotOwner);
        let deleted = Anchor::delete_values(signed(&ALICE), SHOP, Default::default());
        assert_noop!(deleted, Error::<Test>::NotOwner);
        let unknown = Anchor::remove_consumer(signed(&ALICE), ALICE);
        assert_noop!(unknown, Error::<Test>::UnknownConsumer);
    });
}

#[test]
fn a_derived_consumer_is_its_owners() {
    run(|| {
        let consumer = Anchor::derived_consumer(&ALICE, &SALT).expect("of 32 bytes");
        let register = |who: &AccountId32| {
            let keys = keys(&[1]);
            Anchor::register_consumer(signed(who), Some(SALT), Askers::Own, bounds(), 1, keys)
        };
        assert_ok!(register(&ALICE));
        assert_noop!(register(&ALICE), Error::<Test>::ConsumerExists);
        assert_ne!(
            Anchor::derived_consumer(&BOB, &SALT).expect("of 32 bytes"),
            consumer
        );
        assert_eq!(held(HoldReason::Consumer, &ALICE), CONSUMER_DEPOSIT);

        // What it has goes to the owner when it is removed.
        assert_ok!(Balances::mint_into(&consumer, 70));
        let request = ask_for(&consumer, &ALICE, b"", 0).expect("she may ask");
        let remove = || Anchor::remove_consumer(signed(&ALICE), consumer.clone());
        assert_noop!(remove(), Error::<Test>::ConsumerInUse);
        Clock::set(NOW + LIFETIME);
        assert_ok!(Anchor::expire(signed(&BOB), consumer.clone(), request));
        assert_ok!(remove());
        assert_eq!((free(&consumer), free(&ALICE)), (0, BALANCE + 70));
        assert_eq!(Anchor::status(&consumer, request), Status::Unknown);
    });
}

#[test]
fn bounds_are_no_higher_than_those_of_all_consumers() {
    run(|| {
        for higher in [
            Bounds {
                output_bytes: bounds().output_bytes + 1,
                ..bounds()
            },
            Bounds {
                writes: bounds().writes + 1,
                ..bounds()
            },
            Bounds {
                stored_bytes: bounds().stored_bytes + 1,
                ..bounds()
            },
        ] {
            let set = Anchor::set_policy(signed(&SHOP), SHOP, Askers::Own, higher);
            assert_noop!(set, Error::<Test>::BoundsTooHigh);
        }
    });
}
