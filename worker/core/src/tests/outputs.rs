//! Which outputs that may differ are merged, and what they come to.

use phat_primitives::CodeHash;
use phat_target::{KeyRead, Rollup};

use super::*;
use crate::outputs::{
    Merge, OUTPUTS_MAX, Output, Refusal, Rules, agreed_reads, merge, ranks_running,
};

fn worker(tag: u8) -> WorkerId {
    WorkerId([tag; 32])
}

fn output(tag: u8, success: bool, text: &[u8]) -> Output {
    let record = seen();
    Output {
        worker: worker(tag),
        code_hash: CodeHash([6; 32]),
        state_block: 100,
        rollup: Rollup {
            number: record.number,
            commitment: record.commitment,
            success,
            output: text.to_vec(),
            reads: Vec::new(),
            writes: Vec::new(),
        },
    }
}

fn given(tag: u8) -> Output {
    output(tag, true, &[tag])
}

fn with_reads(tag: u8, reads: &[(&[u8], u64)]) -> Output {
    let mut output = given(tag);
    let reads = reads.iter().map(|(key, version)| KeyRead {
        key: key.to_vec(),
        version: *version,
    });
    output.rollup.reads = reads.collect();
    output
}

fn check(outputs: &[Output], own: &Output, ranks: u64) -> Result<(), Refusal> {
    let members: Vec<_> = (1..=20).map(worker).collect();
    let rules = Rules {
        record: &seen(),
        members: &members,
        quorum: 2,
        ranks,
        own,
    };
    rules.check(outputs)
}

#[test]
fn a_list_is_of_members_in_order_with_the_own_output_in_it() {
    let own = given(2);
    let list = |tags: &[u8]| tags.iter().copied().map(given).collect::<Vec<_>>();
    let all = u64::MAX;
    assert_eq!(check(&list(&[1, 2]), &own, all), Ok(()));
    assert_eq!(check(&list(&[1, 2, 3]), &own, all), Ok(()));
    let few = Refusal::TooFew {
        found: 1,
        needed: 2,
    };
    assert_eq!(check(&list(&[2]), &own, all), Err(few));
    for tags in [&[2, 1][..], &[1, 2, 2], &[1, 1, 2]] {
        assert_eq!(check(&list(tags), &own, all), Err(Refusal::NotOrdered));
    }
    assert_eq!(check(&list(&[1, 3]), &own, all), Err(Refusal::OwnMissing));
    let mut changed = list(&[1, 2]);
    changed[1].rollup.output = b"another".to_vec();
    assert_eq!(check(&changed, &own, all), Err(Refusal::OwnMissing));
    let stranger = Refusal::NotMember(worker(99));
    assert_eq!(check(&list(&[2, 99]), &own, all), Err(stranger));
    let most: Vec<_> = (1..=OUTPUTS_MAX as u8).collect();
    assert_eq!(check(&list(&most), &own, all), Ok(()));
    let more: Vec<_> = (1..=OUTPUTS_MAX as u8 + 1).collect();
    let too_many = Refusal::TooMany(OUTPUTS_MAX + 1);
    assert_eq!(check(&list(&more), &own, all), Err(too_many));
}

#[test]
fn outputs_are_of_one_request_one_code_and_one_block() {
    let own = given(2);
    let changes: [fn(&mut Output); 4] = [
        |output| output.state_block += 1,
        |output| output.code_hash = CodeHash([7; 32]),
        |output| output.rollup.number = [9; 32],
        |output| output.rollup.commitment = [9; 32],
    ];
    for change in changes {
        let mut other = given(1);
        change(&mut other);
        let refused = Refusal::Other(worker(1));
        assert_eq!(check(&[other, own.clone()], &own, u64::MAX), Err(refused));
    }
}

#[test]
fn workers_that_do_not_run_the_request_yet_have_no_say() {
    let record = seen();
    let members: Vec<_> = (1..=20).map(worker).collect();
    let mut ranked = members.clone();
    ranked.sort_by_key(|worker| rank(record.id, *worker, &members));
    let tag = |rank: usize| ranked[rank].0[0];
    let mut list = vec![given(tag(0)), given(tag(2))];
    list.sort_by_key(|output| output.worker);
    let own = given(tag(0));
    assert_eq!(check(&list, &own, 3), Ok(()));
    let early = Refusal::NotItsTurn(ranked[2]);
    assert_eq!(check(&list, &own, 2), Err(early));

    let ranks = |head| ranks_running(&record, head, 3, &POLICY);
    assert_eq!([ranks(0), ranks(100), ranks(109)], [3, 3, 3]);
    assert_eq!([ranks(110), ranks(125)], [4, 5]);
    let hasty = Policy {
        takeover_blocks: 0,
        ..POLICY
    };
    assert_eq!(ranks_running(&record, 102, 3, &hasty), 5);
}

#[test]
fn runs_that_succeeded_count_and_failures_only_without_them() {
    let failed = |tag, text: &[u8]| output(tag, false, text);
    let list = [given(1), failed(2, b"no"), given(3)];
    assert_eq!(merge(&list, 2), Some(Merge::Outputs(vec![0, 2])));
    // Neither is enough.
    assert_eq!(merge(&list[..2], 2), None);
    assert_eq!(merge(&[], 1), None);
    let list = [
        failed(1, b"a lie"),
        failed(2, b"no"),
        given(3),
        failed(4, b"no"),
    ];
    assert_eq!(merge(&list, 2), Some(Merge::Failure(1)));
    let list = [given(1), failed(2, b"no"), failed(3, b"never")];
    assert_eq!(merge(&list, 2), Some(Merge::Failure(1)));
}

#[test]
fn what_a_quorum_has_read_the_merged_outcome_depends_on() {
    let reads = |outputs: &[Output]| {
        let reads = agreed_reads(outputs, 2).into_iter();
        reads
            .map(|read| (read.key, read.version))
            .collect::<Vec<_>>()
    };
    let outputs = [
        with_reads(1, &[(b"b", 1), (b"a", 7)]),
        with_reads(2, &[(b"a", 7), (b"b", 2), (b"c", 1), (b"c", 1)]),
        with_reads(3, &[(b"a", 7), (b"b", 2)]),
    ];
    // Whoever says it twice has said it once.
    assert_eq!(reads(&outputs), [(b"a".to_vec(), 7), (b"b".to_vec(), 2)]);
    let split = [
        with_reads(1, &[(b"a", 1)]),
        with_reads(2, &[(b"a", 1)]),
        with_reads(3, &[(b"a", 2)]),
        with_reads(4, &[(b"a", 2)]),
    ];
    assert_eq!(reads(&split), [(b"a".to_vec(), 1)]);
    assert_eq!(reads(&split[1..]), [(b"a".to_vec(), 2)]);
}
