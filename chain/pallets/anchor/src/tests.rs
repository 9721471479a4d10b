//! What the pallet does, and each of its refusals.

use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, traits::fungible::Mutate};
use phat_primitives::anchor::{
    ATTESTORS_MAX, AttestorKey, KEY_BYTES, KeyWrite, OutcomeSignature, OutcomeSignatures,
    VALUE_BYTES_MAX, key_hash,
};
use sp_runtime::{AccountId32, DispatchError, TokenError};

use crate::{mock::*, *};

const SALT: [u8; 32] = [9; 32];

fn events() -> Vec<Event<Test>> {
    let records = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    records
}

fn expire(number: u64) -> DispatchResult {
    Anchor::expire(signed(&BOB), SHOP, number)
}

fn retry(number: u64, success: bool, output: &[u8]) -> DispatchResult {
    let output = Output::try_from(output.to_vec()).expect("no more than the bound");
    Anchor::retry(signed(&BOB), SHOP, number, success, output)
}

fn shop() -> ConsumerInfoOf<Test> {
    Anchor::consumer(&SHOP).expect("it is registered")
}

fn set_bounds(bounds: Bounds) {
    assert_ok!(Anchor::set_policy(
        signed(&SHOP),
        SHOP,
        Askers::Anyone,
        bounds
    ));
}

#[test]
fn a_request_is_settled_once_and_the_relayer_is_paid() {
    run(|| {
        let number = ask(b"input", 30);
        let of_request = REQUEST_DEPOSIT + 5;
        assert_eq!(held(HoldReason::Request, &ALICE), of_request + 30);
        assert_eq!(Anchor::status(&SHOP, number), Status::Open);
        let settled = outcome(number);
        assert_ok!(settle(&settled));

        assert_eq!(Anchor::status(&SHOP, number), Status::Closed);
        assert_eq!((free(&ALICE), free(&BOB)), (BALANCE - 30, BALANCE + 30));
        assert_eq!(held(HoldReason::Request, &ALICE), 0);
        assert_eq!(taken(), [(SHOP, number, true, b"output".to_vec())]);
        assert_noop!(settle(&settled), Error::<Test>::RequestClosed);
        assert_eq!(Inputs::<Test>::iter_keys().count(), 0);
    });
}

#[test]
fn the_events_say_what_a_consumer_without_a_callback_needs() {
    run(|| {
        events();
        let number = ask(b"input", 30);
        let settled = outcome(number);
        assert_ok!(settle(&settled));
        let expected = [
            Event::Requested {
                consumer: SHOP,
                number,
                requester: ALICE,
                commitment: settled.commitment,
                fee: 30,
                expires_at: NOW + LIFETIME,
            },
            Event::Settled {
                consumer: SHOP,
                number,
                relayer: BOB,
                fee: 30,
                success: true,
                output: settled.output,
            },
        ];
        assert_eq!(events(), expected);
    });
}

#[test]
fn who_asked_may_settle_and_gets_the_fee_back() {
    run(|| {
        let settled = outcome(ask(b"", 30));
        let signatures = sign(&settled, &ATTESTORS);
        assert_ok!(Anchor::settle(signed(&ALICE), SHOP, settled, signatures));
        assert_eq!(free(&ALICE), BALANCE);
    });
}

#[test]
fn a_quorum_of_attestors_of_either_kind_is_needed() {
    run(|| {
        let settled = outcome(ask(b"", 0));
        for (seeds, error) in [
            (&[][..], Error::<Test>::QuorumMissing),
            (&[1][..], Error::QuorumMissing),
            (&[103][..], Error::QuorumMissing),
            (&[1, 2, 3][..], Error::NotAttestor),
            (&[101, 103][..], Error::NotAttestor),
        ] {
            assert_noop!(settle_by(&settled, seeds), error);
        }
        assert_ok!(settle_by(&settled, &[1, 103]));
    });
}

#[test]
fn nobody_counts_twice() {
    run(|| {
        let settled = outcome(ask(b"", 0));
        let one = sign(&settled, &[1]).into_inner();
        let twice = OutcomeSignatures::truncate_from([one.clone(), one].concat());
        let settle = |signatures| Anchor::settle(signed(&BOB), SHOP, settled.clone(), signatures);
        assert_noop!(settle(twice), Error::<Test>::SignaturesUnordered);
        let mut reversed = sign(&settled, &ATTESTORS).into_inner();
        reversed.reverse();
        let reversed = OutcomeSignatures::truncate_from(reversed);
        assert_noop!(settle(reversed), Error::<Test>::SignaturesUnordered);
    });
}

#[test]
fn signatures_are_for_one_outcome_consumer_pallet_and_chain() {
    run(|| {
        let settled = outcome(ask(b"", 0));
        let settle = |signatures| Anchor::settle(signed(&BOB), SHOP, settled.clone(), signatures);
        let genesis = Anchor::genesis_hash();
        let shop: [u8; 32] = SHOP.into();
        let mut other = settled.clone();
        other.success = false;
        for payload in [
            other.signing_payload(&genesis, "Anchor", &shop),
            settled.signing_payload(&[0xaa; 32], "Anchor", &shop),
            settled.signing_payload(&genesis, "Other", &shop),
            settled.signing_payload(&genesis, "Anchor", ALICE.as_ref()),
        ] {
            for seeds in [[1, 2], [1, 103]] {
                let signatures = sign_bytes(&payload, &seeds);
                assert_noop!(settle(signatures), Error::<Test>::SignatureInvalid);
            }
        }
        // Somebody else's signature under an attestor's name.
        let payload = settled.signing_payload(&genesis, "Anchor", &shop);
        let forged = sign_bytes(&payload, &[1, 102]).into_inner();
        let forged: Vec<_> = forged
            .into_iter()
            .map(|it| match (it, attestor(103)) {
                (OutcomeSignature::Secp256k1 { signature, .. }, AttestorKey::Secp256k1(key)) => {
                    OutcomeSignature::Secp256k1 { key, signature }
                }
                (it, _) => it,
            })
            .collect();
        let forged = OutcomeSignatures::truncate_from(forged);
        assert_noop!(settle(forged), Error::<Test>::SignatureInvalid);
    });
}

#[test]
fn an_outcome_is_for_one_request_as_it_was_made() {
    run(|| {
        let first = ask(b"first", 0);
        let second = ask(b"second", 0);
        let mut swapped = outcome(second);
        swapped.commitment = outcome(first).commitment;
        assert_noop!(settle(&swapped), Error::<Test>::CommitmentMismatch);
        assert_noop!(settle(&outcome(second + 1)), Error::<Test>::UnknownRequest);
        // The same content asked again is another request.
        System::set_block_number(2);
        let again = ask(b"first", 0);
        assert_ne!(outcome(again).commitment, outcome(first).commitment);
        // No request waits for another.
        assert_ok!(settle(&outcome(again)));
        assert_ok!(settle(&outcome(first)));
    });
}

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
fn attestors_are_held_to_the_bounds_of_the_consumer() {
    run(|| {
        let number = ask(b"", 0);
        let two: [(&str, &[u8]); 2] = [("a", b"12"), ("b", b"34")];
        let settled = outcome_with(number, &[], &two);
        for narrower in [
            Bounds {
                output_bytes: 5,
                ..bounds()
            },
            Bounds {
                writes: 1,
                ..bounds()
            },
            Bounds {
                stored_bytes: 2 * KEY_BYTES + 3,
                ..bounds()
            },
        ] {
            set_bounds(narrower);
            assert_noop!(settle(&settled), Error::<Test>::OutOfBounds);
        }
        set_bounds(Bounds {
            output_bytes: 6,
            writes: 2,
            stored_bytes: 2 * KEY_BYTES + 4,
        });
        assert_ok!(settle(&settled));
        // What is above bounds that were lowered may get less, and not more.
        set_bounds(Bounds {
            stored_bytes: 2,
            ..bounds()
        });
        let number = ask(b"", 0);
        let more = outcome_with(number, &[], &[("a", b"123")]);
        assert_noop!(settle(&more), Error::<Test>::OutOfBounds);
        let another = outcome_with(number, &[], &[("a", b"1"), ("c", b"1")]);
        assert_noop!(settle(&another), Error::<Test>::OutOfBounds);
        assert_ok!(settle(&outcome_with(number, &[], &[("a", b"1")])));
    });
}

#[test]
fn an_outcome_has_a_length_at_the_most() {
    run(|| {
        let mut settled = outcome(ask(b"", 0));
        let long = vec![1; VALUE_BYTES_MAX as usize];
        let writes: Vec<_> = (0..8)
            .map(|number| KeyWrite {
                key: [number; 32],
                value: long.clone().try_into().expect("as long as the bound"),
            })
            .collect();
        settled.writes = writes.try_into().expect("no more than the bound");
        assert_noop!(settle(&settled), Error::<Test>::OutcomeTooLarge);
        settled.writes[7]
            .value
            .truncate(VALUE_BYTES_MAX as usize / 2);
        assert_ok!(Balances::mint_into(&SHOP, 10 * BALANCE));
        assert_ok!(settle(&settled));
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
fn a_batch_passes_over_what_cannot_be_settled() {
    run(|| {
        Taking::set(false);
        let (one, two, three) = (ask(b"", 1), ask(b"", 2), ask(b"", 4));
        let stale = outcome_with(two, &[("a", 7)], &[("a", b"stale")]);
        let good = outcome_with(one, &[], &[("a", b"one")]);
        let last = outcome_with(three, &[("a", 1)], &[("b", b"two")]);
        let with = |outcome: &phat_primitives::anchor::Outcome| {
            (SHOP, outcome.clone(), sign(outcome, &ATTESTORS))
        };
        let batch = vec![with(&good), with(&stale), with(&good), with(&last)];
        events();
        let batch = batch.try_into().expect("no more than the bound");
        assert_ok!(Anchor::settle_batch(signed(&BOB), batch));
        let passed: Vec<_> = events()
            .into_iter()
            .filter_map(|event| match event {
                Event::PassedOver { number, error, .. } => Some((number, error)),
                _ => None,
            })
            .collect();
        assert_eq!(passed.len(), 2);
        assert_eq!((passed[0].0, passed[1].0), (two, one));
        let module = |error: &DispatchError| matches!(error, DispatchError::Module(_));
        assert!(passed.iter().all(|(_, error)| module(error)));
        assert_eq!(
            free(&BOB),
            BALANCE + 1 + 4,
            "callbacks that fail stop nobody"
        );
        assert_eq!(Anchor::status(&SHOP, two), Status::Open);
    });
}

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
