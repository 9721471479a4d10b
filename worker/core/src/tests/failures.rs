//! When a failure is tried again, and when it is given up.

use super::*;

fn poor() -> TargetError {
    TargetError::OutOfFunds {
        chain: "eip155:1".into(),
        account: "0x2".into(),
        reason: "0 wei".into(),
    }
}

fn refused(reason: &str) -> TargetError {
    TargetError::Refused {
        chain: "eip155:1".into(),
        method: "eth_sendRawTransaction",
        reason: reason.into(),
    }
}

fn underpriced() -> TargetError {
    TargetError::Underpriced {
        chain: "eip155:1".into(),
        reason: "below the base fee".into(),
    }
}

fn too_dear() -> TargetError {
    TargetError::FeeCap {
        chain: "eip155:1".into(),
        needed: 2,
        cap: 1,
    }
}

fn outages() -> [TargetError; 2] {
    [
        TargetError::Unreachable {
            chain: "eip155:1".into(),
            reason: "down".into(),
        },
        TargetError::WrongChain {
            expected: "eip155:1".into(),
            actual: "eip155:2".into(),
        },
    ]
}

#[test]
fn a_failure_is_noted_as_what_it_is() {
    let rejected = |rejection| TargetError::Rejected(rejection);
    let stale = rejected(Rejection::StaleVersion {
        expected: 1,
        actual: 2,
    });
    let chain = || "eip155:1".to_string();
    // Whether the record changed, its step, and the first block to try again at.
    let cases: &[(TargetError, bool, Step, u64)] = &[
        (
            TargetError::Unreachable {
                chain: chain(),
                reason: "down".into(),
            },
            false,
            Step::Executed,
            0,
        ),
        (
            TargetError::WrongChain {
                expected: chain(),
                actual: "eip155:2".into(),
            },
            false,
            Step::Executed,
            0,
        ),
        (refused("busy"), true, Step::Executed, 201),
        (too_dear(), true, Step::Executed, 201),
        (underpriced(), true, Step::Executed, 201),
        (
            TargetError::GasCap {
                chain: chain(),
                reason: "it takes 9".into(),
                cap: 8,
            },
            true,
            Step::Executed,
            201,
        ),
        (
            TargetError::OutcomeTooLarge("it has 9 bytes".into()),
            true,
            Step::Executed,
            201,
        ),
        (
            TargetError::NonceUsed {
                chain: chain(),
                nonce: 1,
            },
            true,
            Step::Executed,
            201,
        ),
        (
            TargetError::Disagreement {
                chain: chain(),
                method: "eth_getLogs",
                needed: 2,
                answers: "a: 0x1; b: 0x2".into(),
            },
            false,
            Step::Executed,
            0,
        ),
        (
            rejected(Rejection::OutOfTurn { ahead: 3 }),
            true,
            Step::Executed,
            203,
        ),
        (
            rejected(Rejection::OutOfTurn { ahead: 1_000 }),
            true,
            Step::Executed,
            216,
        ),
        (
            rejected(Rejection::QuorumMissing { have: 1, need: 2 }),
            true,
            Step::Executed,
            201,
        ),
        (
            rejected(Rejection::OutOfBounds("too many an hour".into())),
            true,
            Step::Executed,
            201,
        ),
        (rejected(Rejection::Expired), true, Step::Executed, 201),
        (
            rejected(Rejection::AlreadySettled),
            true,
            Step::Executed,
            201,
        ),
        (
            rejected(Rejection::UnknownRequest),
            true,
            Step::Executed,
            201,
        ),
        (
            rejected(Rejection::CommitmentMismatch),
            true,
            Step::Executed,
            201,
        ),
        (stale.clone(), true, Step::Seen, 201),
        (
            rejected(Rejection::NotAttestor("0x1".into())),
            true,
            Step::Executed,
            201,
        ),
        (
            rejected(Rejection::Reverted("no".into())),
            true,
            Step::Executed,
            201,
        ),
        (
            TargetError::Malformed("what".into()),
            true,
            Step::Executed,
            201,
        ),
        (poor(), true, Step::Executed, 201),
    ];
    for (error, is_changed, step, not_before) in cases {
        let mut record = executed();
        assert_eq!(record.failed(error, 200, &POLICY), *is_changed, "{error}");
        assert_eq!(
            (&record.step, record.not_before),
            (step, *not_before),
            "{error}"
        );
    }
}

#[test]
fn stale_runs_back_off_and_end_at_their_bound() {
    let stale = TargetError::Rejected(Rejection::StaleVersion {
        expected: 1,
        actual: 2,
    });
    let mut record = seen();
    let mut pauses = Vec::new();
    for _ in 0..POLICY.runs_max {
        record.executed(ReceiptHash([5; 32]));
        record.failed(&stale, 200, &POLICY);
        pauses.push(record.not_before - 200);
    }
    assert_eq!(pauses, [1, 2, 2]);
    assert_eq!(record.step, Step::Abandoned);
    assert!(record.problem.unwrap().contains("given up after 3 runs"));
}

#[test]
fn rejections_back_off_and_end_at_their_bound() {
    let error = TargetError::Rejected(Rejection::Reverted("0x".into()));
    let mut record = executed();
    let mut pauses = Vec::new();
    for _ in 0..POLICY.rejections_max {
        record.failed(&error, 200, &POLICY);
        pauses.push(record.not_before - 200);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16]);
    assert_eq!(record.step, Step::Executed);
    record.failed(&error, 200, &POLICY);
    assert_eq!(record.step, Step::Abandoned);
}

#[test]
fn what_others_can_mend_is_never_given_up() {
    let stranger = TargetError::Rejected(Rejection::NotAttestor("0x1".into()));
    let mut record = executed();
    let mut pauses = Vec::new();
    for _ in 0..1000 {
        record.failed(&stranger, 200, &POLICY);
        pauses.push(record.not_before - 200);
    }
    assert_eq!(pauses[..6], [1, 2, 4, 8, 16, 16]);
    assert!(record.problem.as_ref().unwrap().contains("setAttestor"));
    assert_eq!(record.step, Step::Executed);

    // Whoever runs out of money may be given some.
    // The price may fall.
    for error in [poor(), too_dear()] {
        let mut record = executed();
        let mut pauses = Vec::new();
        for _ in 0..1000 {
            record.failed(&error, 200, &POLICY);
            pauses.push(record.not_before - 200);
        }
        assert_eq!(pauses[..6], [1, 2, 4, 8, 16, 16], "{error}");
        assert_eq!(record.step, Step::Executed, "{error}");
    }
}

#[test]
fn a_transaction_that_nobody_takes_frees_its_nonce_and_is_given_up_in_the_end() {
    let mut record = prepared(&[7]);
    let error = refused("oversized data");
    let mut head = 200;
    let mut pauses = Vec::new();
    while !record.is_final() {
        let statuses = vec![Unsent; record.attempts.len()];
        let action = next(&record, &look(head, Open, &statuses), &POLICY);
        match action {
            Action::Send { attempt } => {
                assert!(record.refused(attempt, &error, head, &POLICY));
                pauses.push(record.not_before.saturating_sub(head));
            }
            Action::Prepare { nonce, .. } => {
                assert_eq!(nonce, Nonce::Fresh);
                assert_eq!(fresh_nonce(7, [&record]), 7, "its nonce is free again");
                record.prepared(&transaction(9, 9), 1, &POLICY);
            }
            Action::Wait { until } => head = until,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pauses[..5], [1, 2, 4, 8, 16]);
    assert_eq!((record.attempts_made, record.step_name()), (3, "abandoned"));
    let problem = record.problem.unwrap();
    assert!(problem.contains("oversized data"), "{problem}");
    assert!(problem.contains("given up after 5 refusals"), "{problem}");
}

#[test]
fn an_outage_never_counts_against_a_request() {
    for error in outages() {
        let before = prepared(&[7]);
        let mut record = before.clone();
        for head in 0..10_000 {
            assert!(!record.refused(0, &error, head, &POLICY));
            assert!(!record.failed(&error, head, &POLICY));
            assert!(!record.unreadable(&error, head, &POLICY));
        }
        assert_eq!(record, before);
    }
}

#[test]
fn a_fee_that_became_too_low_is_raised_with_the_same_nonce() {
    let mut record = prepared(&[7]);
    assert!(record.refused(0, &underpriced(), 200, &POLICY));
    let at = |head| look(head, Open, &[Unsent]);
    assert_eq!(next(&record, &at(200), &POLICY), until(201));
    let raised = prepare(Nonce::Keep(7), Some(0));
    assert_eq!(next(&record, &at(201), &POLICY), raised);
    assert_eq!(record.nonces_held().collect::<Vec<_>>(), [7]);

    // It may become too dear. Then others may have the nonce, until the price falls.
    assert!(record.failed(&too_dear(), 201, &POLICY));
    assert_eq!(record.nonces_held().count(), 0);
    let later = next(&record, &at(record.not_before), &POLICY);
    assert_eq!(later, prepare(Nonce::Fresh, None));

    // What was taken once keeps its nonce: it may be included all the same.
    let mut record = sent_at(&[7], 101);
    record.refused(0, &underpriced(), 200, &POLICY);
    record.failed(&too_dear(), 201, &POLICY);
    let later = next(&record, &at(record.not_before), &POLICY);
    assert_eq!(later, Action::Send { attempt: 0 });
}

#[test]
fn a_settlement_that_cannot_be_paid_for_leaves_its_nonce_to_cheaper_ones() {
    let mut record = prepared(&[7]);
    assert!(record.refused(0, &poor(), 200, &POLICY));
    assert_eq!(fresh_nonce(7, [&record]), 7);
    assert!(record.problem.as_ref().unwrap().contains("fund it"));
    let again = next(&record, &look(201, Open, &[Unsent]), &POLICY);
    assert_eq!(again, prepare(Nonce::Fresh, None));

    // What was taken once and dropped may still be somewhere, but not for ever.
    let mut record = sent_at(&[7], 101);
    record.refused(0, &poor(), 200, &POLICY);
    assert_eq!(fresh_nonce(7, [&record]), 8);
    record.refused(0, &poor(), 201, &POLICY);
    assert_eq!(fresh_nonce(7, [&record]), 7);
}

#[test]
fn refusals_do_not_add_up_over_time() {
    let mut record = prepared(&[7]);
    for head in 0..1000 {
        record.refused(0, &refused("busy"), head, &POLICY);
        record.sent(0, head);
    }
    assert_eq!((record.step_name(), record.refusals), ("sent", 0));
    assert_eq!(record.nonces_held().collect::<Vec<_>>(), [7]);
}

#[test]
fn a_record_keeps_a_bounded_number_of_attempts() {
    let mut record = sent_at(&[5], 101);
    for tag in 1..=20 {
        let number = record.prepared(&transaction(6, tag), 1, &POLICY);
        assert_eq!(number, u32::from(tag));
        record.sent(number, 101);
        assert!(record.attempts.len() <= POLICY.attempts_kept_max);
    }
    let kept: Vec<_> = record
        .attempts
        .iter()
        .map(|a| (a.nonce, a.number))
        .collect();
    // What was replaced goes first; the nonce of another transaction stays held.
    assert_eq!(kept, [(5, 0), (6, 18), (6, 19), (6, 20)]);
    assert_eq!(record.attempts_made, 21);
}

#[test]
fn transactions_that_fail_on_chain_are_counted_once_each_and_end_at_their_bound() {
    let mut record = executed();
    for failures in 1..=POLICY.failures_max {
        let nonce = u64::from(failures);
        let number = record.prepared(&transaction(nonce, failures as u8), 1, &POLICY);
        record.sent(number, 101);
        let mut statuses = vec![Unsent; record.attempts.len()];
        *statuses.last_mut().unwrap() = included(false, true);
        let seen = look(110, Open, &statuses);
        assert!(record.observe(&seen, &POLICY));
        assert!(!record.observe(&seen, &POLICY));
        assert_eq!(record.failures, failures);
        assert_eq!(record.nonces_held().count(), 0);
    }
    let statuses = vec![Unsent; record.attempts.len()];
    let action = next(&record, &look(200, Open, &statuses), &POLICY);
    assert_eq!(
        action,
        Action::GiveUp("every transaction made for it failed")
    );

    record.executed(ReceiptHash([6; 32]));
    assert_eq!(record.failures, 0, "a new run has its own");
}

#[test]
fn a_request_that_cannot_be_read_is_looked_at_less_often_and_given_up() {
    let error = TargetError::Malformed("no anchor".into());
    let mut record = seen();
    let mut looks = Vec::new();
    for head in 200..400 {
        if record.is_due(head) {
            looks.push(head - 200);
            assert!(record.unreadable(&error, head, &POLICY));
        }
    }
    assert_eq!(looks, [0, 1, 2, 4, 8, 16, 32, 48]);
    assert_eq!(record.step_name(), "abandoned");
    let problem = record.problem.unwrap();
    assert!(problem.contains("no anchor"), "{problem}");
    assert!(problem.contains("given up after 48 blocks"), "{problem}");

    // Once it can be read, all that is forgotten.
    let mut record = sent_at(&[7], 101);
    record.unreadable(&error, 200, &POLICY);
    assert!(!record.is_due(200) && record.is_due(201));
    assert!(record.observe(&look(201, Open, &[Pending]), &POLICY));
    assert_eq!((record.unreadable_since, &record.problem), (None, &None));
    record.unreadable(&error, 300, &POLICY);
    assert_eq!(record.look_from, 301);
}

#[test]
fn an_outcome_that_is_exchanged_starts_over() {
    let mut record = prepared(&[7]);
    record.failed(&TargetError::Malformed("no".into()), 200, &POLICY);
    record.outcome_exchanged();
    let action = next(&record, &look(200, Open, &[Unsent]), &POLICY);
    assert_eq!(action, prepare(Nonce::Fresh, None));
}

#[test]
fn what_no_endpoint_shows_and_is_too_dear_to_replace_is_sent_again_first() {
    let mut record = sent_at(&[7], 101);
    let at = |head| look(head, Open, &[Unsent]);
    let replacement = prepare(Nonce::Keep(7), Some(0));
    assert_eq!(next(&record, &at(121), &POLICY), replacement);
    assert!(record.failed(&too_dear(), 121, &POLICY));
    for head in record.not_before..141 {
        let action = next(&record, &at(head), &POLICY);
        assert_eq!(action, Action::Send { attempt: 0 }, "{head}");
    }
    assert_eq!(next(&record, &at(141), &POLICY), replacement);
    // What was seen a moment ago has its time as it was.
    let mut record = sent_at(&[7], 101);
    record.failed(&too_dear(), 106, &POLICY);
    assert_eq!(record.attempts[0].sent_at, Some(101));
}
