//! Requests that share a transaction.

use super::*;

/// A request whose transaction, sent at block 101 with nonce 7, carries two.
fn shared() -> Record {
    with(executed(), |record| {
        record.prepared(&transaction(7, 0), 2, &POLICY);
        record.sent(0, 101);
    })
}

#[test]
fn a_shared_transaction_settles_what_the_anchor_says_it_settled() {
    let cases = [
        (Settled, own(0)),
        (RequestStatus::Failed, own(0)),
        // Passed over: it is settled by itself now.
        (Open, prepare(Nonce::Fresh, None)),
    ];
    for (status, expected) in cases {
        let look = look(107, status, &[included(true, true)]);
        let mut record = shared();
        record.observe(&look, &POLICY);
        assert_eq!(next(&record, &look, &POLICY), expected, "{status:?}");
        assert_eq!(record.is_alone, status == Open, "{status:?}");
        assert_eq!(record.failures, u32::from(status == Open), "{status:?}");
    }
}

#[test]
fn what_is_passed_over_waits_until_that_is_final() {
    let look = look(105, Open, &[included(true, false)]);
    let mut record = shared();
    record.observe(&look, &POLICY);
    assert_eq!(next(&record, &look, &POLICY), until(106));
    assert!(!record.is_alone);
}

#[test]
fn a_transaction_of_its_own_needs_no_second_witness() {
    // An endpoint that lags behind says that the request is open.
    let look = look(107, Open, &[included(true, true)]);
    let mut record = sent_at(&[7], 101);
    record.observe(&look, &POLICY);
    assert_eq!(next(&record, &look, &POLICY), own(0));
}

#[test]
fn a_shared_transaction_that_reverts_or_is_refused_is_shared_no_more() {
    let look = look(107, Open, &[included(false, true)]);
    let mut record = shared();
    record.observe(&look, &POLICY);
    assert!(record.is_alone);

    let refusal = TargetError::Refused {
        chain: "eip155:1".into(),
        method: "send",
        reason: "oversized data".into(),
    };
    let mut record = shared();
    record.refused(0, &refusal, 101, &POLICY);
    assert!(!record.is_alone, "it may be taken the next time");
    record.refused(0, &refusal, 102, &POLICY);
    assert!(record.is_alone);
    let mut record = sent_at(&[7], 101);
    for head in 101..=102 {
        record.refused(0, &refusal, head, &POLICY);
    }
    assert!(!record.is_alone, "it was alone already");
}

#[test]
fn a_spent_day_is_waited_for_and_never_given_up() {
    let mut record = prepared(&[7]);
    let mut head = 101;
    for _ in 0..100 {
        record.capped("the cap", head, &POLICY);
        assert!(record.not_before > head && record.not_before <= head + 16);
        head = record.not_before;
    }
    assert!(!record.is_final());
    assert_eq!(record.problem.as_deref(), Some("the cap"));
    assert_eq!(
        record.nonces_held().count(),
        0,
        "it leaves its nonce to others"
    );
}

#[test]
fn an_expired_request_is_given_up_once_that_is_final() {
    let record = with(executed(), |r| r.settled_seen_at = Some(104));
    let at = |head| {
        let look = look(head, RequestStatus::Expired, &[]);
        next(&record, &look, &POLICY)
    };
    assert_eq!(at(105), until(106));
    assert!(matches!(at(106), Action::GiveUp(reason) if reason.contains("expired")));
}

#[test]
fn a_turn_that_does_not_come_is_waited_for_without_end() {
    let error = TargetError::Rejected(Rejection::OutOfTurn { ahead: 3 });
    let mut record = executed();
    for head in 101..301 {
        assert!(record.failed(&error, head, &POLICY));
        assert_eq!(record.not_before, head + 3);
    }
    assert_eq!((record.is_final(), record.rejections), (false, 0));
}

#[test]
fn what_several_workers_run_is_submitted_in_their_turns() {
    let at = |head, submit_block| {
        let mut look = look(head, Open, &[]);
        look.submit_block = submit_block;
        next(&executed(), &look, &POLICY)
    };
    assert_eq!(at(119, 120), until(120));
    assert_eq!(at(120, 120), prepare(Nonce::Fresh, None));
    // It runs at once all the same.
    let mut look = look(100, Open, &[]);
    look.submit_block = 120;
    assert_eq!(next(&seen(), &look, &POLICY), Action::Run);
}
