//! Settling requests: who must sign, for what, and how much an outcome may do.

use frame_support::{assert_noop, traits::fungible::Mutate};
use phat_primitives::anchor::{
    AttestorKey, KEY_BYTES, KeyWrite, OutcomeSignature, OutcomeSignatures, VALUE_BYTES_MAX,
};
use sp_runtime::DispatchError;

use super::*;

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
