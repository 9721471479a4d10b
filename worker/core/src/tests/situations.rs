//! What is done in each situation of a request.

use super::*;

#[test]
fn each_situation_has_its_action() {
    let late = |mut look: Observation| {
        look.start_block = 120;
        look
    };
    let gap = |mut look: Observation| {
        look.nonce_gap = Some(6);
        look
    };
    let cases: &[(&str, Record, Observation, Action)] = &[
        // Seen.
        (
            "rank 0 runs at once",
            seen(),
            look(100, Open, &[]),
            Action::Run,
        ),
        (
            "a lower rank waits",
            seen(),
            late(look(119, Open, &[])),
            until(120),
        ),
        (
            "and then takes over",
            seen(),
            late(look(120, Open, &[])),
            Action::Run,
        ),
        (
            "a postponed run is tried again",
            with(seen(), |r| r.postponed("down")),
            look(100, Open, &[]),
            Action::Run,
        ),
        (
            "an outcome that is lost is made anew",
            with(executed(), Record::outcome_lost),
            look(101, Open, &[]),
            Action::Run,
        ),
        (
            "another was faster",
            seen(),
            look(100, Settled, &[]),
            until(101),
        ),
        (
            "and is not final yet",
            with(seen(), |r| r.settled_seen_at = Some(100)),
            look(101, Settled, &[]),
            until(102),
        ),
        (
            "and is final",
            with(seen(), |r| r.settled_seen_at = Some(100)),
            look(102, Settled, &[]),
            Action::Finish(Settlement::Other),
        ),
        (
            "its callback failed, which may be undone",
            executed(),
            look(101, Failed, &[]),
            until(102),
        ),
        (
            "a failed callback is an end as well",
            with(executed(), |r| r.settled_seen_at = Some(101)),
            look(103, Failed, &[]),
            Action::Finish(Settlement::Other),
        ),
        (
            "it expired, which may be undone",
            seen(),
            look(101, Expired, &[]),
            until(102),
        ),
        (
            "and has for good",
            with(seen(), |r| r.settled_seen_at = Some(101)),
            look(103, Expired, &[]),
            Action::GiveUp("it expired before it had an outcome"),
        ),
        ("not there yet", seen(), look(100, Unknown, &[]), until(101)),
        (
            "gone for good",
            with(seen(), |r| r.unknown_seen_at = Some(100)),
            look(120, Unknown, &[]),
            Action::GiveUp("the anchor does not know the request any more"),
        ),
        // Executed.
        (
            "an outcome is submitted",
            executed(),
            look(101, Open, &[]),
            prepare(Nonce::Fresh, None),
        ),
        (
            "but not after another's",
            executed(),
            look(101, Settled, &[]),
            until(102),
        ),
        (
            "nor during a pause",
            with(executed(), |r| r.not_before = 105),
            look(104, Open, &[]),
            until(105),
        ),
        // Submitting.
        (
            "killed before sending",
            prepared(&[7]),
            look(101, Open, &[Unsent]),
            Action::Send { attempt: 0 },
        ),
        (
            "killed, and settled by another",
            prepared(&[7]),
            look(101, Settled, &[Unsent]),
            until(102),
        ),
        (
            "waiting",
            sent_at(&[7], 101),
            look(103, Open, &[Pending]),
            until(106),
        ),
        (
            "waiting for too long",
            sent_at(&[7], 101),
            look(106, Open, &[Pending]),
            prepare(Nonce::Keep(7), Some(0)),
        ),
        (
            "a replacement gets its own time",
            with(sent_at(&[7], 101), |r| {
                r.prepared(&transaction(7, 1), 1, &POLICY);
                r.sent(1, 106);
            }),
            look(110, Open, &[Unsent, Pending]),
            until(111),
        ),
        (
            "the endpoint lost both",
            sent_at(&[7, 7], 101),
            look(103, Open, &[Unsent, Unsent]),
            Action::Send { attempt: 1 },
        ),
        (
            "a replacement that did not arrive",
            sent_at(&[7, 7], 101),
            look(103, Open, &[Pending, Unsent]),
            until(106),
        ),
        (
            "there is always one more replacement",
            sent_at(&[7, 7, 7, 7], 101),
            look(150, Open, &[Unsent, Unsent, Unsent, Pending]),
            prepare(Nonce::Keep(7), Some(3)),
        ),
        (
            "even then a gap below is filled first",
            sent_at(&[7, 7, 7, 7], 101),
            gap(look(150, Open, &[Unsent, Unsent, Unsent, Pending])),
            prepare(Nonce::Keep(6), None),
        ),
        (
            "a gap below is filled",
            sent_at(&[7], 101),
            gap(look(106, Open, &[Pending])),
            prepare(Nonce::Keep(6), None),
        ),
        (
            "a lost settlement is sent again",
            with(sent_at(&[7], 101), |r| r.settled_seen_at = None),
            look(104, Open, &[Unsent]),
            Action::Send { attempt: 0 },
        ),
        (
            "what no endpoint ever shows is sent again for a while",
            sent_at(&[7], 101),
            look(120, Open, &[Unsent]),
            Action::Send { attempt: 0 },
        ),
        (
            "and replaced then",
            sent_at(&[7], 101),
            look(121, Open, &[Unsent]),
            prepare(Nonce::Keep(7), Some(0)),
        ),
        (
            "included",
            sent_at(&[7], 101),
            look(105, Settled, &[included(true, false)]),
            until(106),
        ),
        (
            "included and final",
            sent_at(&[7], 101),
            look(107, Settled, &[included(true, true)]),
            own(0),
        ),
        (
            "the one replaced was included",
            sent_at(&[7, 7], 101),
            look(107, Settled, &[included(true, true), Unsent]),
            own(0),
        ),
        (
            "reverted",
            sent_at(&[7], 101),
            look(105, Open, &[included(false, false)]),
            until(106),
        ),
        (
            "reverted for good",
            sent_at(&[7], 101),
            look(107, Open, &[included(false, true)]),
            prepare(Nonce::Fresh, None),
        ),
        (
            "what shares a used nonce is spent",
            sent_at(&[7, 7], 101),
            look(107, Open, &[included(false, true), Unsent]),
            prepare(Nonce::Fresh, None),
        ),
        (
            "too many failed at the cost of their gas",
            with(sent_at(&[7], 101), |r| {
                r.failures = POLICY.failures_max;
                r.nonce_lost(7);
            }),
            look(107, Open, &[Unsent]),
            Action::GiveUp("every transaction made for it failed"),
        ),
        (
            "nonces that others use cost nothing",
            with(sent_at(&[7, 8, 9, 10], 101), |r| {
                (7..=10).for_each(|n| r.nonce_lost(n))
            }),
            look(107, Open, &[Unsent; 4]),
            prepare(Nonce::Fresh, None),
        ),
        (
            "the nonce went to another transaction",
            with(sent_at(&[7], 101), |r| r.nonce_lost(7)),
            look(107, Open, &[Unsent]),
            prepare(Nonce::Fresh, None),
        ),
        (
            "a new run takes the old nonce",
            with(sent_at(&[7], 101), |r| r.executed(ReceiptHash([6; 32]))),
            look(103, Open, &[Pending]),
            prepare(Nonce::Keep(7), Some(0)),
        ),
        // Final.
        (
            "nothing after the end",
            with(executed(), |r| r.finished(Settlement::Other, 105, &POLICY)),
            look(107, Open, &[]),
            Action::Done,
        ),
        (
            "nor after giving up",
            with(executed(), |r| r.give_up("tired")),
            look(107, Open, &[]),
            Action::Done,
        ),
    ];
    for (name, record, observation, action) in cases {
        assert_eq!(next(record, observation, &POLICY), *action, "{name}");
    }
}
