use phat_primitives::{ReceiptHash, WorkerId};

use super::*;
use crate::Settlement;

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

fn firing(cause: Cause) -> Firing {
    Firing {
        contract: ContractId([1; 32]),
        trigger: "hourly".into(),
        cause,
    }
}

fn log(index: u32) -> Cause {
    Cause::Log {
        chain: "eip155:1".into(),
        block: [2; 32],
        index,
    }
}

fn record(runs_once: bool, is_late: bool, rank: Option<u64>) -> Record {
    let new = NewFiring {
        firing: firing(Cause::Time(3_600)),
        chain: String::new(),
        anchor: Vec::new(),
        input: b"{}".to_vec(),
        runs_once,
        is_late,
    };
    let block = BlockRef {
        number: 100,
        hash: [0; 32],
    };
    Record::fired(&new, rank, block, 1, 0)
}

#[test]
fn an_id_follows_from_contract_trigger_and_cause_alone() {
    let base = firing(Cause::Time(3_600));
    assert_eq!(base.id(), base.clone().id());
    let others = [
        Firing {
            contract: ContractId([2; 32]),
            ..base.clone()
        },
        Firing {
            trigger: "hourly2".into(),
            ..base.clone()
        },
        firing(Cause::Time(3_601)),
        firing(log(0)),
        firing(log(1)),
        firing(Cause::Call([2; 32])),
    ];
    let mut ids: Vec<_> = others.iter().map(Firing::id).collect();
    ids.push(base.id());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 7, "two firings have one id");
    // Where the outcome goes, and what a worker thinks of it, is no part of it.
    assert_eq!(record(true, true, None).id, base.id());
    assert_eq!(record(false, false, Some(1)).id, base.id());
    assert_eq!(record(false, false, Some(1)).commitment, base.id().0);
}

#[test]
fn the_guard_of_a_schedule_counts_on_and_others_have_one_each() {
    let guard = |cause: Cause| {
        let firing = firing(cause);
        let new = NewFiring {
            chain: "eip155:1".into(),
            anchor: vec![7; 20],
            input: Vec::new(),
            runs_once: false,
            is_late: false,
            firing: firing.clone(),
        };
        let block = BlockRef {
            number: 1,
            hash: [0; 32],
        };
        let record = Record::fired(&new, None, block, 1, 0);
        let fired = record.firing.unwrap();
        fired.guard(firing.contract, firing.id())
    };
    let (first, second) = (guard(Cause::Time(100)), guard(Cause::Time(200)));
    assert_eq!(first.key, second.key);
    for (guard, value, is_done) in [
        (&first, &[][..], false),
        (&first, &first.value[..], true),
        (&first, &second.value[..], true),
        (&second, &first.value[..], false),
        (&second, &[1][..], false),
    ] {
        assert_eq!(guard.is_done(value), is_done, "{value:?}");
    }
    let (one, other) = (guard(log(0)), guard(log(1)));
    assert_ne!(one.key, other.key);
    assert!(!one.is_done(&[]));
    assert!(one.is_done(&one.value));
}

#[test]
fn the_first_runs_at_once_and_the_others_ask_in_their_turn() {
    let record = record(false, false, Some(1));
    for (rank, block, expected) in [
        (Some(0), 100, Turn::Run),
        (Some(0), 109, Turn::Run),
        // By now another one may have begun.
        (Some(0), 110, Turn::Ask),
        (Some(1), 100, Turn::Wait { until: 110 }),
        (Some(1), 110, Turn::Ask),
        (Some(2), 119, Turn::Wait { until: 120 }),
        (Some(2), 120, Turn::Ask),
        (None, 500, Turn::Wait { until: 501 }),
    ] {
        assert_eq!(
            turn(&record, rank, block, &POLICY),
            expected,
            "{rank:?} at {block}"
        );
    }
}

#[test]
fn whoever_comes_late_or_back_asks_first() {
    let late = record(false, true, Some(0));
    // Those that were there have their turn before.
    assert_eq!(
        turn(&late, Some(0), 100, &POLICY),
        Turn::Wait { until: 110 }
    );
    assert_eq!(turn(&late, Some(0), 110, &POLICY), Turn::Ask);
    assert_eq!(
        turn(&late, Some(1), 110, &POLICY),
        Turn::Wait { until: 120 }
    );
    let mut cut_off = record(false, false, Some(0));
    cut_off.started();
    assert_eq!(turn(&cut_off, Some(0), 101, &POLICY), Turn::Ask);
    assert_eq!(cut_off.step_name(), "started");
    cut_off.not_started();
    assert_eq!(turn(&cut_off, Some(0), 101, &POLICY), Turn::Run);
}

#[test]
fn what_the_others_say_decides() {
    let record = record(false, false, Some(1));
    let at = |told, block| heard(&record, told, block, &POLICY);
    assert_eq!(at(Heard::Done, 110), None);
    assert_eq!(at(Heard::Nothing, 110), Some(Turn::Run));
    assert_eq!(at(Heard::Running, 110), Some(Turn::Wait { until: 120 }));
    let end = 100 + LEASE_BLOCKS;
    assert!(matches!(
        at(Heard::Running, end - 1),
        Some(Turn::Wait { .. })
    ));
    assert_eq!(at(Heard::Running, end), Some(Turn::Run));
}

#[test]
fn with_once_only_the_first_runs_it_and_only_once() {
    let mut first = record(true, false, Some(0));
    // Whatever its rank is by now.
    assert_eq!(turn(&first, Some(2), 900, &POLICY), Turn::Run);
    first.started();
    assert_eq!(turn(&first, Some(0), 101, &POLICY), Turn::GiveUp(CUT_OFF));
    assert_eq!(first.must_not_run(), Some(CUT_OFF));

    for rank in [Some(1), None] {
        let other = record(true, false, rank);
        assert_eq!(turn(&other, Some(0), 100, &POLICY), Turn::Ask);
        let end = 100 + FOLLOW_BLOCKS;
        for told in [Heard::Nothing, Heard::Running] {
            let before = heard(&other, told, end - 1, &POLICY);
            assert!(matches!(before, Some(Turn::Wait { .. })), "{before:?}");
            let after = heard(&other, told, end, &POLICY);
            assert_eq!(after, Some(Turn::GiveUp(NOT_HEARD)));
        }
        assert_eq!(heard(&other, Heard::Done, 101, &POLICY), None);
        assert_eq!(other.must_not_run(), Some(NOT_HEARD));
    }
}

#[test]
fn with_once_whoever_comes_late_asks_and_never_runs_what_another_has_begun() {
    let late = record(true, true, Some(0));
    assert_eq!(late.must_not_run(), None);
    assert!(late.is_late_and_once());
    assert_eq!(turn(&late, Some(0), 100, &POLICY), Turn::Ask);
    let at = |told, block| heard(&late, told, block, &POLICY);
    assert_eq!(at(Heard::Nothing, 100), Some(Turn::Run));
    assert_eq!(at(Heard::Done, 100), None);
    let end = 100 + FOLLOW_BLOCKS;
    let before = at(Heard::Running, end - 1);
    assert!(matches!(before, Some(Turn::Wait { .. })), "{before:?}");
    for block in [end, 100 + LEASE_BLOCKS, u64::MAX] {
        let after = at(Heard::Running, block);
        assert_eq!(after, Some(Turn::GiveUp(NOT_HEARD)), "{block}");
    }
    let mut left = late.clone();
    left.started();
    left.left_to_another();
    assert_eq!(left.must_not_run(), Some(NOT_HEARD));

    assert!(!record(true, false, Some(0)).is_late_and_once());
    assert!(!record(false, true, Some(0)).is_late_and_once());
}

#[test]
fn a_run_is_the_end_of_it() {
    let mut record = record(false, false, Some(0));
    record.waits(105);
    assert_eq!(
        turn(&record, Some(0), 104, &POLICY),
        Turn::Wait { until: 105 }
    );
    record.started();
    assert!(record.is_under_way());
    record.ran(ReceiptHash([9; 32]));
    assert!(record.is_final() && !record.is_under_way());
    assert_eq!(record.step, Step::Settled(Settlement::Run));
    assert_eq!(record.receipt, Some(ReceiptHash([9; 32])));
}

#[test]
fn an_anchor_that_takes_only_answers_ends_it() {
    use phat_target::{Rejection, TargetError};
    for rejection in [Rejection::UnknownRequest, Rejection::CommitmentMismatch] {
        let mut record = record(false, false, Some(0));
        record.executed(ReceiptHash([9; 32]));
        assert!(record.failed(&TargetError::Rejected(rejection), 101, &POLICY));
        assert_eq!(record.step, Step::Abandoned);
        let problem = record.problem.unwrap();
        assert!(problem.contains("nobody asked for"), "{problem}");
    }
}

/// All members alive, each decides for itself, and the chain goes on block by block.
/// Whoever is killed, and whenever, the firing is run, and by one of them only.
#[test]
fn a_fleet_runs_it_once_whoever_is_killed_before_it_began() {
    let members: Vec<WorkerId> = (0..3).map(|tag| WorkerId([tag; 32])).collect();
    let id = firing(Cause::Time(3_600)).id();
    for killed in 0..3 {
        let mut runs = 0;
        let mut records: Vec<Record> = members
            .iter()
            .map(|member| record(false, false, crate::rank(id, *member, &members)))
            .collect();
        for block in 100..200 {
            for index in 0..members.len() {
                if index == killed || records[index].is_final() {
                    continue;
                }
                let rank = crate::rank(id, members[index], &members);
                let done = records.iter().any(Record::is_final);
                let told = if done { Heard::Done } else { Heard::Nothing };
                let decided = match turn(&records[index], rank, block, &POLICY) {
                    Turn::Ask => heard(&records[index], told, block, &POLICY),
                    decided => Some(decided),
                };
                match decided {
                    None => records[index].ran_elsewhere(),
                    Some(Turn::Run) => {
                        records[index].started();
                        records[index].ran(ReceiptHash([1; 32]));
                        runs += 1;
                    }
                    Some(Turn::Wait { .. }) => {}
                    Some(other) => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(runs, 1, "worker {killed} was killed");
        let alive = records
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != killed);
        assert!(alive.map(|(_, record)| record).all(Record::is_final));
    }
}

#[test]
fn a_run_that_comes_to_nothing_is_the_end() {
    let mut record = record(false, false, Some(0));
    record.came_to_nothing(ReceiptHash([1; 32]), 110, &POLICY);
    assert_eq!(record.step, Step::Settled(Settlement::Run));
    assert_eq!(record.receipt, Some(ReceiptHash([1; 32])));
    assert_eq!((record.runs, record.watch), (1, None));
}

#[test]
fn what_was_sent_before_a_run_that_comes_to_nothing_is_watched_and_reopens_nothing() {
    let transaction = |nonce| phat_target::PreparedTransaction {
        nonce,
        hash: [3; 32],
        raw: vec![1],
        fee_per_gas_max: 1,
        tip_per_gas: 1,
        cost_max: 1,
    };
    let mut record = record(false, false, Some(0));
    record.executed(ReceiptHash([1; 32]));
    // One that no endpoint took keeps no nonce.
    let mut unsent = record.clone();
    unsent.prepared(&transaction(6), 1, &POLICY);
    unsent.came_to_nothing(ReceiptHash([2; 32]), 110, &POLICY);
    assert_eq!((unsent.watch, unsent.live().count()), (None, 0));

    let number = record.prepared(&transaction(7), 1, &POLICY);
    record.sent(number, 105);
    record.came_to_nothing(ReceiptHash([2; 32]), 110, &POLICY);
    assert_eq!(record.leftovers().count(), 1);
    let due = record.watch.map(|watch| watch.next).unwrap();
    let open = phat_target::RequestStatus::Open;
    let watched = record.watched(open, true, due, &POLICY);
    assert_eq!(watched, crate::Watched::Settled);
    assert_eq!(record.step, Step::Settled(Settlement::Run));
    let end = 110 + POLICY.watch_blocks;
    let watched = record.watched(open, false, end, &POLICY);
    assert_eq!(watched, crate::Watched::Over);
    assert_eq!(record.step, Step::Settled(Settlement::Run));
}
