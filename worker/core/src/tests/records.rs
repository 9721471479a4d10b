//! What a record notes of its request, and how it is kept.

use super::*;

#[test]
fn a_long_problem_is_cut_between_characters() {
    let mut record = seen();
    record.give_up(&"é".repeat(1000));
    assert_eq!(record.problem.unwrap().len(), 512);
    let mut record = seen();
    record.give_up(&format!("x{}", "é".repeat(1000)));
    assert_eq!(record.problem.unwrap().len(), 511);
}

#[test]
fn observing_notes_when_something_was_first_seen_and_forgets_it_when_gone() {
    let mut record = prepared(&[7]);
    assert!(!record.observe(&look(101, Open, &[Unsent]), &POLICY));
    assert!(record.observe(&look(102, Settled, &[Pending]), &POLICY));
    assert!(!record.observe(&look(103, Settled, &[Pending]), &POLICY));
    assert_eq!(record.settled_seen_at, Some(102));
    assert_eq!(record.attempts[0].sent_at, Some(102));
    assert!(record.observe(&look(104, Unknown, &[Unsent]), &POLICY));
    assert_eq!(
        (record.settled_seen_at, record.unknown_seen_at),
        (None, Some(104))
    );
    assert!(record.observe(&look(105, Open, &[Unsent]), &POLICY));
    assert_eq!(record.unknown_seen_at, None);
}

#[test]
fn a_nonce_is_taken_until_its_request_is_final() {
    let first = prepared(&[5]);
    let second = prepared(&[6, 8]);
    assert_eq!(fresh_nonce(5, [&first, &second]), 7);
    assert_eq!(fresh_nonce(9, [&first, &second]), 9);
    let gone = with(first.clone(), |r| {
        r.finished(Settlement::Other, 105, &POLICY)
    });
    assert_eq!(fresh_nonce(5, [&gone, &second]), 5);
    let lost = with(first, |r| r.nonce_lost(5));
    assert_eq!(fresh_nonce(5, [&lost, &second]), 5);

    assert_eq!(nonce_gap(6, 5, [&gone, &second]), Some(5));
    assert_eq!(nonce_gap(6, 6, [&gone, &second]), None);
    assert_eq!(nonce_gap(6, 5, [&prepared(&[5]), &second]), None);
}

#[test]
fn each_step_has_its_name() {
    let names: Vec<_> = [
        seen(),
        executed(),
        prepared(&[7]),
        sent_at(&[7], 101),
        with(sent_at(&[7], 101), |r| {
            r.finished(Settlement::Other, 105, &POLICY)
        }),
        with(seen(), |r| r.give_up("tired")),
    ]
    .iter()
    .map(Record::step_name)
    .collect();
    let expected = [
        "seen",
        "executed",
        "prepared",
        "sent",
        "settled",
        "abandoned",
    ];
    assert_eq!(names, expected);
}

/// The journal holds records across restarts and upgrades: a change of the
/// layout needs a new version of the journal's schema.
#[test]
fn the_encoding_of_a_record_is_pinned() {
    use codec::Encode;
    let record = with(sent_at(&[7, 8], 101), |r| {
        r.problem = Some("p".into());
        r.settled_seen_at = Some(1);
        r.firing = Some(Fired {
            trigger: "t".into(),
            cause: Cause::Time(4),
            runs_once: true,
            rank: Some(5),
            is_late: false,
            is_started: true,
        });
        let settlement = Settlement::Own {
            transaction: [1; 32],
            block: 2,
            gas_used: 3,
        };
        r.finished(settlement, 105, &POLICY);
    });
    let hash = ReceiptHash(phat_primitives::blake2_256(&record.encode()));
    assert_eq!(
        hash.to_string(),
        "0xfffd0ded781b3223b3e4bec43b8ea6dba4f2ab92fb8d4b749e08fbfce4eb5e55"
    );
}
