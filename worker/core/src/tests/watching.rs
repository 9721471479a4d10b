//! Settled requests whose settlement a deep reorganisation undoes.

use super::*;

fn settled(settlement: Settlement) -> Record {
    with(sent_at(&[7], 101), |record| {
        record.finished(settlement, 110, &POLICY);
    })
}

fn own_settlement() -> Settlement {
    Settlement::Own {
        transaction: [0; 32],
        block: 105,
        gas_used: 6,
    }
}

#[test]
fn a_settled_request_costs_few_questions() {
    let mut record = settled(Settlement::Other);
    let mut looks = Vec::new();
    for head in 110..1_000 {
        if record.is_watch_due(head) {
            looks.push(head - 110);
            record.watched(Settled, false, head, &POLICY);
        }
    }
    assert_eq!(looks, [2, 4, 8, 16, 32]);
    assert_eq!(record.watch, None);
    assert_eq!(record.watched(Open, false, 2_000, &POLICY), Watched::Over);

    let policy = Policy {
        watch_blocks: 0,
        ..POLICY
    };
    let unwatched = with(executed(), |r| r.finished(Settlement::Other, 110, &policy));
    assert_eq!(unwatched.watch, None);
}

#[test]
fn a_settlement_that_is_gone_is_sent_again_with_its_nonce() {
    let mut record = settled(own_settlement());
    assert_eq!(record.watched(Open, false, 112, &POLICY), Watched::Reopened);
    assert!(!record.is_final());
    assert_eq!(record.nonces_held().collect::<Vec<_>>(), [7]);
    assert_eq!(
        next(&record, &look(112, Open, &[Unsent]), &POLICY),
        Action::Send { attempt: 0 }
    );
    // It is there again after all.
    let look = look(112, Settled, &[included(true, true)]);
    assert_eq!(next(&record, &look, &POLICY), own(0));
}

#[test]
fn whoever_settled_it_goes_first() {
    let mut record = settled(Settlement::Other);
    record.watched(Open, false, 112, &POLICY);
    assert_eq!(
        next(&record, &look(112, Open, &[Unsent]), &POLICY),
        until(122)
    );
}

#[test]
fn a_request_that_is_gone_with_its_settlement_may_come_back() {
    let mut record = settled(own_settlement());
    for head in 112..118 {
        assert_eq!(
            record.watched(Unknown, false, head, &POLICY),
            Watched::Settled
        );
        assert!(record.is_watch_due(head + 1));
    }
    assert_eq!(record.watched(Open, false, 118, &POLICY), Watched::Reopened);
    let mut record = settled(own_settlement());
    assert_eq!(record.watched(Unknown, false, 140, &POLICY), Watched::Over);
}

#[test]
fn an_event_in_another_block_opens_a_watched_request_with_all_that_is_kept() {
    let mut record = settled(own_settlement());
    let moved = event(b"in", 102);
    assert_eq!(record.seen_again(&moved, 112, &POLICY), SeenAgain::Moved);
    assert_eq!(record.step, Step::Submitting);
    assert_eq!(record.live().count(), 1);
}

#[test]
fn a_nonce_that_others_took_meanwhile_is_theirs() {
    let mut reopened = settled(own_settlement());
    reopened.watched(Open, false, 112, &POLICY);
    let other = with(sent_at(&[7], 111), |r| r.id = RequestId([9; 32]));
    assert!(is_held_by_another(7, &reopened, [&reopened, &other]));
    assert!(!is_held_by_another(7, &reopened, [&reopened]));
    reopened.nonce_lost(7);
    assert_eq!(
        next(&reopened, &look(112, Open, &[Unsent]), &POLICY),
        prepare(Nonce::Fresh, None)
    );
}

#[test]
fn a_transaction_that_is_left_behind_is_known_until_it_is_gone() {
    let mut other = settled(Settlement::Other);
    assert_eq!(other.leftovers().count(), 1);
    // A deep reorganisation may put what settled it back among those that wait.
    assert_eq!(settled(own_settlement()).leftovers().count(), 1);
    assert_eq!(sent_at(&[7], 101).leftovers().count(), 0);
    assert_eq!(other.watched(Settled, true, 150, &POLICY), Watched::Settled);
    assert!(other.is_watch_due(180), "it is looked at again");
    assert_eq!(other.watched(Settled, false, 180, &POLICY), Watched::Over);

    // What waits behind it gets its nonce.
    let behind = with(sent_at(&[9], 111), |r| r.id = RequestId([9; 32]));
    assert_eq!(left_nonce(9, [7], [&behind]), Some(7));
    assert_eq!(left_nonce(7, [7], [&behind]), None);
    let holder = sent_at(&[7], 111);
    assert_eq!(left_nonce(9, [7, 8], [&behind, &holder]), Some(8));
}

#[test]
fn what_was_sent_for_a_request_that_is_given_up_is_known_until_it_is_gone() {
    let mut record = sent_at(&[7], 101);
    let refusal = TargetError::Rejected(Rejection::CommitmentMismatch);
    record.failed(&refusal, 110, &POLICY);
    assert_eq!(record.watch, None, "it goes on");
    record.failed(&refusal, 112, &POLICY);
    assert_eq!(
        (&record.step, record.leftovers().count()),
        (&Step::Abandoned, 1)
    );
    let watch = record.watch;
    assert!(record.is_watch_due(114));
    // Whatever its status is, it stays given up, and costs no question at each block.
    for status in [Open, Unknown, Expired, Settled] {
        let mut record = record.clone();
        assert_eq!(record.watched(status, true, 114, &POLICY), Watched::Settled);
        assert!(!record.is_watch_due(115), "{status:?}");
        assert_eq!(record.watched(status, true, 150, &POLICY), Watched::Settled);
        assert_eq!(record.watched(status, false, 180, &POLICY), Watched::Over);
        assert_eq!(record.step, Step::Abandoned);
    }
    // A second reason to watch it does not start that anew.
    record.watch_leftovers(120, &POLICY);
    assert_eq!(record.watch, watch);

    // Nothing waits of what was never sent.
    let mut record = prepared(&[7]);
    record.give_up("tired");
    record.watch_leftovers(110, &POLICY);
    assert_eq!(record.watch, None);
    // Nor of one that goes on.
    let mut record = sent_at(&[7], 101);
    record.watch_leftovers(110, &POLICY);
    assert_eq!(record.watch, None);
}

#[test]
fn a_request_that_was_given_up_and_moves_to_another_block_goes_on() {
    let mut record = sent_at(&[7], 101);
    record.give_up("tired");
    record.watch_leftovers(110, &POLICY);
    record.seen_again(&event(b"in", 102), 112, &POLICY);
    assert_eq!((&record.step, record.watch), (&Step::Submitting, None));
    // What is sent again so has its time.
    assert_eq!(record.attempts[0].sent_at, Some(112));
}
