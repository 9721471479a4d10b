//! Outcomes that nobody asked for.

use frame_support::{assert_noop, assert_ok};
use phat_primitives::anchor::{FIRST_REQUEST, NO_REQUEST, Outcome, key_hash};
use sp_runtime::DispatchError;

use crate::{mock::*, *};

const GUARD: &str = "phat/firing/prices";
const FIRING: [u8; 32] = [7; 32];

/// What a firing comes to that saw this version of its guard.
fn push(version: u64) -> Outcome {
    push_with(&[(GUARD, version)], &[(GUARD, b"time")])
}

fn push_with(reads: &[(&str, u64)], writes: &[(&str, &[u8])]) -> Outcome {
    Outcome {
        commitment: FIRING,
        ..outcome_with(NO_REQUEST, reads, writes)
    }
}

fn delete_guard() {
    let keys = vec![key_hash(GUARD.as_bytes())];
    let keys = keys.try_into().expect("no more than the bound");
    assert_ok!(Anchor::delete_values(signed(&SHOP), SHOP, keys));
}

#[test]
fn it_is_settled_once_and_the_consumer_told() {
    run(|| {
        System::reset_events();
        let outcome = push(0);
        assert_ok!(settle(&outcome));
        assert_eq!(value(GUARD), (b"time".to_vec(), 1));
        assert_eq!(pushed(), [(FIRING, true, b"output".to_vec())]);
        let event = Event::<Test>::Pushed {
            consumer: SHOP,
            firing: FIRING,
            relayer: BOB,
            success: true,
            output: outcome.output.clone(),
            delivered: Ok(()),
        };
        assert_eq!(System::read_events_for_pallet::<Event<Test>>(), [event]);
        assert_eq!(free(&BOB), BALANCE, "nobody is paid for it");

        assert_noop!(settle(&outcome), Error::<Test>::StaleVersion);
        let mut another = push(0);
        another.success = false;
        assert_noop!(settle(&another), Error::<Test>::StaleVersion);
        assert!(pushed().is_empty() && taken().is_empty());
    });
}

#[test]
fn a_schedule_goes_on_with_one_guard() {
    run(|| {
        for version in 0..4 {
            assert_ok!(settle(&push(version)));
        }
        assert_eq!(pushed().len(), 4);
        assert_eq!(held(HoldReason::Values, &SHOP), VALUE_DEPOSIT + 4);
    });
}

#[test]
fn it_is_never_settled_again_whatever_becomes_of_its_guard() {
    run(|| {
        let outcome = push(0);
        assert_ok!(settle(&outcome));
        delete_guard();
        assert_noop!(settle(&outcome), Error::<Test>::StaleVersion);

        // Nor when the consumer has begun anew.
        assert_ok!(Anchor::remove_consumer(signed(&SHOP), SHOP));
        System::set_block_number(2);
        assert_ok!(register_now(2));
        assert_noop!(settle(&outcome), Error::<Test>::StaleVersion);
        let version = value(GUARD).1;
        assert_ok!(settle(&push(version)));
        assert_eq!(value(GUARD).1, version + 1);
    });
}

#[test]
fn nothing_is_settled_without_a_guard() {
    run(|| {
        let guard = (GUARD, &b"time"[..]);
        for outcome in [
            push_with(&[], &[guard]),
            push_with(&[(GUARD, 0)], &[]),
            push_with(&[(GUARD, 0)], &[("a", b"value")]),
            push_with(&[(GUARD, 0)], &[("a", b"value"), guard]),
            push_with(&[("a", 0), (GUARD, 0)], &[guard]),
            // To delete what is not there changes no version.
            push_with(&[(GUARD, 0)], &[(GUARD, b"")]),
            outcome(NO_REQUEST),
        ] {
            assert_noop!(settle(&outcome), Error::<Test>::Unguarded);
        }
        let more = [("a", 0), ("b", 0)];
        let reads = [&[(GUARD, 0)][..], &more[..]].concat();
        assert_ok!(settle(&push_with(&reads, &[guard, ("a", b"value")])));
        assert_eq!(value("a").1, 2);
    });
}

#[test]
fn every_version_counts() {
    run(|| {
        assert_ok!(settle(&outcome_with(ask(b"", 0), &[], &[("a", b"one")])));
        let guard = (GUARD, &b"time"[..]);
        let stale = push_with(&[(GUARD, 0), ("a", 0)], &[guard]);
        assert_noop!(settle(&stale), Error::<Test>::StaleVersion);
        assert_ok!(settle(&push_with(&[(GUARD, 0), ("a", 1)], &[guard])));
    });
}

#[test]
fn only_a_quorum_within_its_bounds_pushes() {
    run(|| {
        let outcome = push(0);
        assert_noop!(settle_by(&outcome, &[1]), Error::<Test>::QuorumMissing);
        assert_noop!(settle_by(&outcome, &[1, 3]), Error::<Test>::NotAttestor);
        let mut renamed = outcome.clone();
        renamed.commitment = [8; 32];
        let signatures = sign(&outcome, &ATTESTORS);
        let settled = Anchor::settle(signed(&BOB), SHOP, renamed, signatures);
        assert_noop!(settled, Error::<Test>::SignatureInvalid);

        let bounds = Bounds {
            writes: 0,
            ..bounds()
        };
        let set = Anchor::set_policy(signed(&SHOP), SHOP, Askers::Anyone, bounds);
        assert_ok!(set);
        assert_noop!(settle(&outcome), Error::<Test>::OutOfBounds);
    });
}

#[test]
fn a_consumer_that_does_not_take_it_undoes_its_own_changes_alone() {
    run(|| {
        Taking::set(false);
        let outcome = push(0);
        assert_ok!(settle(&outcome));
        assert_eq!(value(GUARD).1, 1);
        assert_eq!(System::account_nonce(SHOP), 0, "its changes are undone");
        let events = System::read_events_for_pallet::<Event<Test>>();
        let is_told = events.iter().any(|event| {
            matches!(event, Event::Pushed { delivered, .. }
                if *delivered == Err(DispatchError::Other("")))
        });
        assert!(is_told);
        Taking::set(true);
        assert_noop!(settle(&outcome), Error::<Test>::StaleVersion);
        let again = Anchor::retry(signed(&BOB), SHOP, NO_REQUEST, true, outcome.output);
        assert_noop!(again, Error::<Test>::UnknownRequest);
    });
}

#[test]
fn no_request_has_its_number() {
    run(|| {
        assert_eq!(Anchor::status(&SHOP, NO_REQUEST), Status::Unknown);
        assert_eq!(ask(b"", 0), FIRST_REQUEST);
        assert_eq!(Anchor::status(&SHOP, NO_REQUEST), Status::Unknown);
        let expired = Anchor::expire(signed(&BOB), SHOP, NO_REQUEST);
        assert_noop!(expired, Error::<Test>::UnknownRequest);
        let given_up = Anchor::forget(signed(&SHOP), SHOP, NO_REQUEST);
        assert_noop!(given_up, Error::<Test>::UnknownRequest);
    });
}

#[test]
fn batches_take_both_kinds() {
    run(|| {
        let asked = outcome(ask(b"", 5));
        let outcomes = [asked, push(0), push(0), outcome(NO_REQUEST), push(1)];
        let batch: Vec<_> = outcomes
            .into_iter()
            .map(|outcome| (SHOP, outcome.clone(), sign(&outcome, &ATTESTORS)))
            .collect();
        System::reset_events();
        let batch = batch.try_into().expect("no more than the bound");
        assert_ok!(Anchor::settle_batch(signed(&BOB), batch));
        let passed = |error: Error<Test>| Event::<Test>::PassedOver {
            consumer: SHOP,
            number: NO_REQUEST,
            error: without_text(error.into()),
        };
        let events = System::read_events_for_pallet::<Event<Test>>();
        assert!(events.contains(&passed(Error::StaleVersion)));
        assert!(events.contains(&passed(Error::Unguarded)));
        assert_eq!(pushed().len(), 2);
        assert_eq!(free(&BOB), BALANCE + 5);
    });
}

/// As events have an error.
fn without_text(error: DispatchError) -> DispatchError {
    match error {
        DispatchError::Module(mut error) => {
            error.message = None;
            DispatchError::Module(error)
        }
        error => error,
    }
}
