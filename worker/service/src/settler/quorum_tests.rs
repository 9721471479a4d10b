use phat_primitives::blake2_256;
use phat_target::{AnchorRequest, BlockRef, Rollup};
use phat_worker_core::{Cause, Event, Fired};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};

use super::*;

const SUBJECT: Subject = Subject {
    genesis_hash: [1; 32],
    contract: ContractId([2; 32]),
    request: RequestId([3; 32]),
};

fn keypair(seed: u8) -> Keypair {
    MiniSecretKey::from_bytes(&[seed; 32])
        .unwrap()
        .expand_to_keypair(ExpansionMode::Ed25519)
}

fn outcome(seed: u8, output: &[u8]) -> Outcome {
    let keypair = keypair(seed);
    let signed = SignedRollup {
        rollup: Rollup {
            number: [4; 32],
            commitment: [5; 32],
            success: true,
            output: output.to_vec(),
            reads: vec![],
            writes: vec![],
        },
        signatures: vec![vec![seed; 65]],
    };
    let worker = WorkerId(keypair.public.to_bytes());
    Outcome::new(&SUBJECT, worker, 9, signed, |payload| {
        keypair.sign_simple(CONTEXT, payload).to_bytes()
    })
}

#[test]
fn an_outcome_is_its_workers_and_for_one_request() {
    let signed = outcome(1, b"a");
    assert!(signed.is_of(&SUBJECT));
    let read = Outcome::from_bytes(&signed.to_bytes()).unwrap();
    assert_eq!(read, signed);
    let mut longer = signed.to_bytes();
    longer.push(0);
    assert!(Outcome::from_bytes(&longer).is_err());

    let changes: [fn(&mut Outcome); 4] = [
        |outcome| outcome.state_block += 1,
        |outcome| outcome.signed.rollup.output.push(0),
        |outcome| outcome.signed.signatures[0][0] ^= 1,
        |outcome| outcome.worker = WorkerId(keypair(2).public.to_bytes()),
    ];
    for change in changes {
        let mut changed = signed.clone();
        change(&mut changed);
        assert!(!changed.is_of(&SUBJECT));
    }
    let others = [
        Subject {
            genesis_hash: [9; 32],
            ..SUBJECT
        },
        Subject {
            contract: ContractId([9; 32]),
            ..SUBJECT
        },
        Subject {
            request: RequestId([9; 32]),
            ..SUBJECT
        },
    ];
    for other in others {
        assert!(!signed.is_of(&other));
    }
}

#[test]
fn a_question_is_for_one_worker() {
    let asker = keypair(1);
    let question = Question {
        subject: SUBJECT,
        cluster: ClusterId(1),
        asker: WorkerId(asker.public.to_bytes()),
        giver: WorkerId([7; 32]),
        block: 5,
        state_block: 9,
    };
    let signature = asker
        .sign_simple(CONTEXT, &question.signing_payload())
        .to_bytes();
    assert!(question.is_signed(&signature));
    let other = Question {
        giver: WorkerId([8; 32]),
        ..question
    };
    assert!(!other.is_signed(&signature));
    assert!(!question.is_signed(&signature[..63]));
}

#[test]
fn the_largest_group_counts_and_each_worker_once() {
    let tags = |outcomes: Vec<Outcome>| {
        // Everybody has an account of its own.
        let signed_by = |outcome: Outcome| (outcome.worker.to_string(), outcome);
        let agreeing = agreeing(outcomes.into_iter().map(signed_by).collect());
        let signed = agreeing
            .iter()
            .map(|outcome| outcome.signed.signatures[0][0]);
        signed.collect::<Vec<_>>()
    };
    assert!(tags(vec![]).is_empty());
    let liar = || outcome(1, b"lie");
    let honest = |seed| outcome(seed, b"truth");
    assert_eq!(tags(vec![liar(), honest(2), honest(3)]), [2, 3]);
    assert_eq!(tags(vec![honest(2), liar()]), [2]);
    // Whoever says it twice has said it once.
    let twice = vec![liar(), liar(), outcome(1, b"truth"), honest(2), honest(3)];
    assert_eq!(tags(twice), [2, 3]);
}

#[test]
fn a_signature_that_another_worker_repeats_counts_once() {
    let tags = |signed: &[(&str, u8, &[u8])]| {
        let outcomes = signed
            .iter()
            .map(|(signer, seed, output)| (signer.to_string(), outcome(*seed, output)));
        let agreeing = agreeing(outcomes.collect());
        let signed = agreeing
            .iter()
            .map(|outcome| outcome.signed.signatures[0][0]);
        signed.collect::<Vec<_>>()
    };
    let mut signed: Vec<(&str, u8, &[u8])> =
        vec![("a", 1, b"truth"), ("a", 2, b"truth"), ("b", 3, b"lie")];
    assert_eq!(tags(&signed), [1]);
    signed.push(("c", 4, b"truth"));
    assert_eq!(tags(&signed), [1, 4]);
    // One that signs two outcomes counts once for each, so that it keeps nobody out.
    let both: [(&str, u8, &[u8]); 3] = [("a", 1, b"lie"), ("a", 2, b"truth"), ("b", 3, b"truth")];
    assert_eq!(tags(&both), [2, 3]);
}

fn block(number: u64) -> BlockRef {
    BlockRef {
        number,
        hash: blake2_256(&number.to_be_bytes()),
    }
}

/// The record of a request that was found in this block.
fn found(number: u64) -> Record {
    let event = Event {
        contract: SUBJECT.contract,
        chain: "eip155:1".into(),
        anchor: vec![],
        request: AnchorRequest {
            number: [4; 32],
            requester: vec![],
            input: vec![],
            commitment: [5; 32],
            block: block(number),
            expires_at: None,
            fee: 0,
        },
    };
    Record::seen(&event, 1, 0)
}

/// The record of a firing that was found at this head.
fn fired(number: u64) -> Record {
    let firing = Fired {
        trigger: "every minute".into(),
        cause: Cause::Time(60),
        runs_once: false,
        rank: Some(0),
        is_late: false,
        is_started: false,
    };
    Record {
        firing: Some(firing),
        ..found(number)
    }
}

#[test]
fn all_run_at_the_same_block() {
    let mut record = found(100);
    for newest in [0, 95, 100, 164] {
        assert_eq!(state_block(&record, newest), Some(100));
    }
    // Further back the state is gone: as if it had to run again.
    for newest in 165..=171 {
        assert_eq!(state_block(&record, newest), Some(164));
    }
    assert_eq!(state_block(&record, 172), Some(172));
    record.runs = 1;
    for newest in [0, 100, 107] {
        assert_eq!(state_block(&record, newest), None);
    }
    for newest in 108..=115 {
        assert_eq!(state_block(&record, newest), Some(108));
    }
    assert_eq!(state_block(&record, 120), Some(116));
}

#[test]
fn a_firing_is_run_at_the_same_block_wherever_it_is_found() {
    for number in [105, 106] {
        let mut record = fired(number);
        for (newest, agreed) in [(number, 104), (111, 104), (112, 112), (179, 176)] {
            assert_eq!(state_block(&record, newest), Some(agreed));
        }
        record.runs = 1;
        assert_eq!(state_block(&record, 111), None);
        assert_eq!(state_block(&record, 114), Some(112));
        assert_eq!(state_block(&record, 119), Some(112));
    }
    assert_eq!(state_block(&fired(5), 7), Some(0));
}

#[test]
fn nobody_has_a_run_made_again_that_reads_no_newer_state() {
    let reached = |record: &Record, newest: u64| {
        let blocks = 90..=130;
        blocks
            .rev()
            .find(|number| can_reach(record, newest, *number))
    };
    for mut record in [found(100), fired(105)] {
        record.runs = 1;
        let period = |first: u64| first..first + RERUN_BLOCKS;
        let begin = if record.firing.is_some() { 112 } else { 108 };
        assert_eq!(reached(&record, begin - 1), None);
        for first in [begin, begin + RERUN_BLOCKS] {
            for newest in period(first) {
                assert_eq!(reached(&record, newest), Some(first));
            }
        }
    }
}
