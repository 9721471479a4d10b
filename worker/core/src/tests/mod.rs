use phat_primitives::{ContractId, ReceiptHash, RequestId, WorkerId};
use phat_target::{
    AnchorRequest, BlockRef, PreparedTransaction, Rejection, RequestStatus, TargetError,
    TransactionStatus,
};

use super::*;

mod failures;
mod outputs;
mod sharing;
mod watching;

const POLICY: Policy = Policy {
    confirmations: 2,
    takeover_blocks: 10,
    replace_after_blocks: 5,
    backoff_blocks_max: 16,
    runs_max: 3,
    attempts_kept_max: 4,
    failures_max: 3,
    rejections_max: 5,
    attempt_refusals_max: 2,
    refusals_max: 5,
    unknown_blocks_max: 20,
    unreadable_blocks_max: 40,
    watch_blocks: 30,
};

fn event(input: &[u8], block: u64) -> Event {
    Event {
        contract: ContractId([1; 32]),
        chain: "eip155:1".into(),
        anchor: vec![2; 20],
        request: AnchorRequest {
            number: [3; 32],
            requester: vec![4; 20],
            input: input.to_vec(),
            commitment: phat_primitives::blake2_256(input),
            block: block_ref(block),
            expires_at: None,
            fee: 0,
        },
    }
}

fn block_ref(number: u64) -> BlockRef {
    BlockRef {
        number,
        hash: [number as u8; 32],
    }
}

fn seen() -> Record {
    Record::seen(&event(b"in", 100), 1, 0)
}

fn executed() -> Record {
    let mut record = seen();
    record.executed(ReceiptHash([5; 32]));
    record
}

fn prepared(nonces: &[u64]) -> Record {
    let mut record = executed();
    for (index, nonce) in nonces.iter().enumerate() {
        record.prepared(&transaction(*nonce, index as u8), 1, &POLICY);
    }
    record
}

fn sent_at(nonces: &[u64], block: u64) -> Record {
    let mut record = prepared(nonces);
    for number in 0..nonces.len() {
        record.sent(number as u32, block);
    }
    record
}

fn with(mut record: Record, change: impl FnOnce(&mut Record)) -> Record {
    change(&mut record);
    record
}

fn transaction(nonce: u64, tag: u8) -> PreparedTransaction {
    PreparedTransaction {
        nonce,
        hash: [tag; 32],
        raw: vec![tag],
        fee_per_gas_max: 1,
        tip_per_gas: 1,
        cost_max: 1,
    }
}

fn included(success: bool, is_final: bool) -> TransactionStatus {
    TransactionStatus::Included {
        block: block_ref(105),
        gas_used: 6,
        success,
        is_final,
    }
}

fn look(head: u64, status: RequestStatus, transactions: &[TransactionStatus]) -> Observation {
    Observation {
        head,
        start_block: 100,
        submit_block: 0,
        status,
        transactions: transactions.to_vec(),
        nonce_gap: None,
    }
}

fn prepare(nonce: Nonce, replaces: Option<u32>) -> Action {
    Action::Prepare { nonce, replaces }
}

fn until(until: u64) -> Action {
    Action::Wait { until }
}

fn own(tag: u8) -> Action {
    Action::Finish(Settlement::Own {
        transaction: [tag; 32],
        block: 105,
        gas_used: 6,
    })
}

use RequestStatus::{Expired, Failed, Open, Settled, Unknown};
use TransactionStatus::{Pending, Unknown as Unsent};

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
fn a_contract_that_lists_anothers_anchor_takes_no_requests_away() {
    let mut other = event(b"in", 100);
    other.contract = ContractId([9; 32]);
    assert_ne!(event(b"in", 100).id(), other.id());
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

#[test]
fn ranks_are_a_permutation_that_only_members_hold() {
    let members: Vec<_> = (0..5).map(|n| WorkerId([n; 32])).collect();
    let mut firsts = [0; 5];
    for n in 0..100 {
        let request = RequestId([n; 32]);
        let mut ranks: Vec<_> = members
            .iter()
            .map(|member| rank(request, *member, &members).unwrap())
            .collect();
        firsts[ranks.iter().position(|rank| *rank == 0).unwrap()] += 1;

        // Without the first, everyone moves up by one and no one else moves.
        let rest: Vec<_> = members
            .iter()
            .zip(&ranks)
            .filter(|(_, rank)| **rank > 0)
            .map(|(member, rank)| (*member, *rank))
            .collect();
        let left: Vec<_> = rest.iter().map(|(member, _)| *member).collect();
        for (member, before) in rest {
            assert_eq!(rank(request, member, &left), Some(before - 1));
        }
        ranks.sort_unstable();
        assert_eq!(ranks, [0, 1, 2, 3, 4]);
    }
    assert!(
        firsts.iter().all(|count| (8..=35).contains(count)),
        "{firsts:?}"
    );
    assert_eq!(rank(RequestId([0; 32]), WorkerId([9; 32]), &members), None);
}

#[test]
fn each_rank_starts_a_delay_after_the_one_before() {
    assert_eq!(
        [0, 1, 2].map(|rank| start_block(100, rank, &POLICY)),
        [100, 110, 120]
    );
    assert_eq!(start_block(u64::MAX, 3, &POLICY), u64::MAX);
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
