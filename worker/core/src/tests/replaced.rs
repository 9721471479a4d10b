//! Requests whose event is seen again, or whose number goes to another request.

use super::*;

#[test]
fn an_event_seen_again_is_told_apart() {
    let mut record = sent_at(&[7], 101);
    assert_eq!(
        record.seen_again(&event(b"in", 100), 103, &POLICY),
        SeenAgain::Same
    );
    assert_eq!(record, sent_at(&[7], 101));

    assert_eq!(
        record.seen_again(&event(b"in", 102), 103, &POLICY),
        SeenAgain::Moved
    );
    assert_eq!((record.block, &record.step), (102, &Step::Submitting));
}

#[test]
fn a_request_that_takes_anothers_number_is_another_request() {
    let (old, new) = (event(b"in", 100), event(b"other", 101));
    assert_eq!(old.request.number, new.request.number);
    assert_ne!(old.id(), new.id());
    assert_eq!(old.id(), event(b"in", 101).id());
}

#[test]
fn a_contract_that_lists_anothers_anchor_takes_no_requests_away() {
    let mut other = event(b"in", 100);
    other.contract = ContractId([9; 32]);
    assert_ne!(event(b"in", 100).id(), other.id());
}

#[test]
fn a_replaced_request_is_given_up_once_that_is_final() {
    let mismatch = TargetError::Rejected(Rejection::CommitmentMismatch);
    let mut record = executed();
    assert!(record.failed(&mismatch, 110, &POLICY));
    assert_eq!((&record.step, record.not_before), (&Step::Executed, 111));
    assert!(record.failed(&mismatch, 111, &POLICY));
    assert_eq!(record.step, Step::Executed);
    assert!(record.failed(&mismatch, 112, &POLICY));
    assert_eq!(record.step, Step::Abandoned);
    assert!(record.problem.as_ref().unwrap().contains("another request"));

    // Even then, a reorganisation that undoes the first brings it back.
    assert_eq!(
        record.seen_again(&event(b"in", 100), 103, &POLICY),
        SeenAgain::Moved
    );
    assert_eq!((&record.step, record.replaced_seen_at), (&Step::Seen, None));
    assert_eq!(
        record.seen_again(&event(b"in", 100), 103, &POLICY),
        SeenAgain::Same
    );
}

#[test]
fn a_replaced_request_that_comes_back_goes_on() {
    let mismatch = TargetError::Rejected(Rejection::CommitmentMismatch);
    let mut record = executed();
    record.failed(&mismatch, 110, &POLICY);
    record.prepared(&transaction(7, 0), 1, &POLICY);
    assert_eq!(record.replaced_seen_at, None);
    // Had the mark stayed, this would be the end of it.
    record.failed(&mismatch, 112, &POLICY);
    assert_eq!(record.step, Step::Submitting);
}

#[test]
fn a_replaced_request_neither_sends_nor_counts_as_settled() {
    let mut record = sent_at(&[7], 101);
    assert!(record.replaced(110));
    assert!(!record.replaced(111));
    assert_eq!(record.replaced_seen_at, Some(110));
    assert_eq!(
        next(&record, &look(110, Open, &[Unsent]), &POLICY),
        prepare(Nonce::Keep(7), Some(0)),
        "a simulation comes before anything is sent"
    );
    // The other request was settled under the number.
    record.observe(&look(111, Settled, &[Unsent]), &POLICY);
    assert_eq!(
        next(&record, &look(112, Settled, &[Unsent]), &POLICY),
        until(113)
    );
    let action = next(&record, &look(113, Settled, &[Unsent]), &POLICY);
    assert!(matches!(action, Action::GiveUp(reason) if reason.contains("another request")));
}

#[test]
fn a_final_request_whose_block_is_gone_is_opened_again() {
    let mut record = sent_at(&[7], 101);
    record.finished(Settlement::Other, 105, &POLICY);
    // It is watched no more: nothing is kept but the record.
    record.watch = None;
    assert_eq!(
        record.seen_again(&event(b"in", 100), 103, &POLICY),
        SeenAgain::Same
    );
    assert!(record.is_final());
    assert_eq!(
        record.seen_again(&event(b"in", 102), 103, &POLICY),
        SeenAgain::Moved
    );
    assert_eq!(
        next(&record, &look(103, Open, &[Unsent]), &POLICY),
        Action::Run
    );
}
