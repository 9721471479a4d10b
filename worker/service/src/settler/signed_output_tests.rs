use phat_primitives::{ClusterId, ContractId, RequestId};
use phat_target::{AnchorRequest, BlockRef};
use phat_worker_client::OUTPUT_ROLLUP_BYTES_MAX;
use phat_worker_core::Event;
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};

use super::*;

fn keypair(seed: u8) -> Keypair {
    MiniSecretKey::from_bytes(&[seed; 32])
        .unwrap()
        .expand_to_keypair(ExpansionMode::Ed25519)
}

fn record(anchor: u8) -> Record {
    let event = Event {
        contract: ContractId([2; 32]),
        chain: "eip155:1".into(),
        anchor: vec![anchor; 20],
        request: AnchorRequest {
            number: [4; 32],
            requester: vec![],
            input: vec![],
            commitment: [5; 32],
            block: BlockRef {
                number: 9,
                hash: [9; 32],
            },
            expires_at: None,
            fee: 0,
        },
    };
    Record::seen(&event, 1, 0)
}

fn subject(record: &Record) -> Subject {
    Subject {
        genesis_hash: [1; 32],
        contract: record.contract,
        request: record.id,
    }
}

fn signed(record: &Record) -> SignedOutput {
    let keypair = keypair(1);
    let output = Output {
        worker: WorkerId(keypair.public.to_bytes()),
        code_hash: CodeHash([3; 32]),
        state_block: 9,
        rollup: Rollup {
            number: record.number,
            commitment: record.commitment,
            success: true,
            output: b"price".to_vec(),
            reads: vec![],
            writes: vec![],
        },
    };
    SignedOutput::new(&subject(record), record, output, |payload| {
        keypair.sign_simple(b"substrate", payload).to_bytes()
    })
}

#[test]
fn an_output_is_its_workers_and_for_one_request_of_one_anchor() {
    let record = record(6);
    let subject = subject(&record);
    let signed = signed(&record);
    assert!(signed.is_of(&subject, &record));
    assert_eq!(
        state_block_of(&signed.to_bytes(), &subject, &record),
        Some(9)
    );

    let changes: [fn(&mut SignedOutput); 5] = [
        |signed| signed.output.state_block += 1,
        |signed| signed.output.code_hash = CodeHash([4; 32]),
        |signed| signed.output.rollup.output.push(0),
        |signed| signed.output.worker = WorkerId(keypair(2).public.to_bytes()),
        |signed| signed.signature[0] ^= 1,
    ];
    for change in changes {
        let mut changed = signed.clone();
        change(&mut changed);
        assert!(!changed.is_of(&subject, &record));
        assert_eq!(state_block_of(&changed.to_bytes(), &subject, &record), None);
    }
    let mut other = record.clone();
    other.chain = "eip155:2".into();
    assert!(!signed.is_of(&subject, &other));
    let mut other = record.clone();
    other.anchor = vec![7; 20];
    assert!(!signed.is_of(&subject, &other));
    let other = Subject {
        request: RequestId([9; 32]),
        ..subject
    };
    assert!(!signed.is_of(&other, &record));
}

#[test]
fn the_bytes_of_an_output_are_read_whole_and_of_nothing_else() {
    let signed = signed(&record(6));
    let bytes = signed.to_bytes();
    assert_eq!(SignedOutput::from_bytes(&bytes).unwrap(), signed);
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(SignedOutput::from_bytes(&longer).is_err());
    for length in 0..bytes.len() {
        assert!(SignedOutput::from_bytes(&bytes[..length]).is_err());
    }
    // What is an output is no outcome, and the other way round.
    assert!(Outcome::from_bytes(&bytes).is_err());
    let outcome = Outcome {
        worker: signed.output.worker,
        state_block: 9,
        signed: SignedRollup {
            rollup: signed.output.rollup.clone(),
            signatures: vec![vec![1; 65]],
        },
        signature: [0; 64],
    };
    assert!(SignedOutput::from_bytes(&outcome.to_bytes()).is_err());
}

#[test]
fn the_largest_outputs_are_read_and_no_larger_ones() {
    let mut signed = signed(&record(6));
    let besides = rollup_bytes(&signed.output.rollup).len() - signed.output.rollup.output.len();
    // The length of a longer text takes a few bytes more.
    let room = OUTPUT_ROLLUP_BYTES_MAX - besides - 3;
    signed.output.rollup.output = vec![b' '; room];
    assert_eq!(
        rollup_bytes(&signed.output.rollup).len(),
        OUTPUT_ROLLUP_BYTES_MAX
    );
    let bytes = signed.to_bytes();
    assert!(bytes.len() <= SIGNED_OUTPUT_BYTES_MAX, "{}", bytes.len());
    assert_eq!(SignedOutput::from_bytes(&bytes).unwrap(), signed);
    signed.output.rollup.output = vec![b' '; SIGNED_OUTPUT_BYTES_MAX];
    assert!(SignedOutput::from_bytes(&signed.to_bytes()).is_err());
}

#[test]
fn a_proposal_is_for_one_worker_and_one_list() {
    let asker = keypair(1);
    let record = record(6);
    let question = Question {
        subject: subject(&record),
        cluster: ClusterId(1),
        asker: WorkerId(asker.public.to_bytes()),
        giver: WorkerId([7; 32]),
        block: 5,
        state_block: 9,
    };
    let outputs = [vec![1], vec![2, 3]];
    let sign = |payload: &[u8]| asker.sign_simple(b"substrate", payload).to_bytes();
    let signature = sign(&proposal_payload(&question, &outputs));
    assert!(is_proposal_signed(&question, &outputs, &signature));
    let split = [vec![1, 2], vec![3]];
    assert!(!is_proposal_signed(&question, &split, &signature));
    let other = Question {
        giver: WorkerId([8; 32]),
        ..question
    };
    assert!(!is_proposal_signed(&other, &outputs, &signature));
    // A question for an output is no proposal.
    let asked = sign(&question.signing_payload());
    assert!(!is_proposal_signed(&question, &outputs, &asked));
}
