use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use phat_target::{AnchorRequest, BlockRef, KeyRead, KeyWrite, Rollup};
use phat_worker_core::{Event, Settlement};

use super::*;

#[path = "../../tests/model/disk.rs"]
mod disk;

use disk::Disk;

fn event(number: u8) -> Event {
    Event {
        contract: ContractId([number % 2; 32]),
        chain: "eip155:1".into(),
        anchor: vec![2; 20],
        request: AnchorRequest {
            number: [number; 32],
            requester: vec![],
            input: vec![number],
            commitment: [number; 32],
            block: BlockRef {
                number: 5,
                hash: [5; 32],
            },
        },
    }
}

fn seen(journal: &Journal, number: u8) -> (Record, Step) {
    let event = event(number);
    let record = Record::seen(&event, journal.next_sequence(), 0);
    let step = Step {
        inputs: vec![(record.id, event.request.input.clone())],
        records: vec![record.clone()],
        cursor: Some(Cursor {
            chain: event.chain,
            contract: event.contract,
            anchor: event.anchor,
            block: 5,
        }),
        ..Step::default()
    };
    (record, step)
}

fn rollup() -> SignedRollup {
    SignedRollup {
        rollup: Rollup {
            number: [1; 32],
            commitment: [8; 32],
            success: true,
            output: b"out".to_vec(),
            reads: vec![KeyRead {
                key: b"k".to_vec(),
                version: 3,
            }],
            writes: vec![KeyWrite {
                key: b"k".to_vec(),
                value: b"v".to_vec(),
            }],
        },
        signature: vec![9; 65],
    }
}

fn prepared() -> PreparedTransaction {
    PreparedTransaction {
        nonce: 1,
        hash: [2; 32],
        raw: vec![3; 100],
        fee_per_gas_max: u128::MAX,
        tip_per_gas: 4,
    }
}

fn receipt(tag: u8) -> StoredReceipt {
    StoredReceipt {
        receipt: Receipt {
            body: ReceiptBody {
                genesis_hash: [1; 32],
                worker: Default::default(),
                contract: Default::default(),
                code_hash: Default::default(),
                engine_hash: [0; 32],
                request: RequestId([tag; 32]),
                origin: Origin::Http,
                input_hash: [0; 32],
                result: RunResult::Succeeded,
                output_hash: [0; 32],
                transcript_root: [0; 32],
                fuel_used: 1,
                ended_at_ms: 2,
            },
            signature: [7; 64],
        },
        input: vec![tag],
        output: vec![1, 2],
        transcript: vec![3],
    }
}

fn line(message: &str) -> StoredLine {
    StoredLine {
        request: [1; 32],
        level: "info".into(),
        message: message.into(),
    }
}

#[test]
fn a_step_is_there_after_the_journal_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.redb");
    let open = || Journal::open(&path, Retention::default()).unwrap();
    let journal = open();
    let (mut record, step) = seen(&journal, 1);
    journal.write(&step).unwrap();
    record.executed(receipt(1).receipt.hash());
    let attempt = record.prepared(&prepared());
    journal
        .write(&Step {
            records: vec![record.clone()],
            rollups: vec![(record.id, rollup())],
            transactions: vec![(record.id, attempt, prepared())],
            receipt: Some(receipt(1)),
            lines: Some((record.contract, vec![line("a"), line("b")])),
            ..Step::default()
        })
        .unwrap();
    drop(journal);

    let journal = open();
    assert_eq!(journal.unfinished().unwrap(), [record.clone()]);
    assert_eq!(journal.record(record.id).unwrap(), Some(record.clone()));
    assert_eq!(journal.input(record.id).unwrap(), Some(vec![1]));
    assert_eq!(journal.rollup(record.id).unwrap(), Some(rollup()));
    assert_eq!(journal.transaction(record.id, 0).unwrap(), Some(prepared()));
    assert_eq!(journal.transaction(record.id, 1).unwrap(), None);
    assert_eq!(
        journal.receipt(receipt(1).receipt.hash()).unwrap(),
        Some(receipt(1))
    );
    let cursor = |chain, contract| journal.cursor(chain, contract, &[2; 20]).unwrap();
    assert_eq!(cursor("eip155:1", record.contract), Some(5));
    assert_eq!(cursor("eip155:2", record.contract), None);
    assert_eq!(cursor("eip155:1", ContractId([8; 32])), None);
    let lines = journal.lines(record.contract, 0, 10).unwrap();
    assert_eq!(lines, [(1, line("a")), (2, line("b"))]);
    assert_eq!(journal.lines(record.contract, 1, 10).unwrap().len(), 1);
    assert_eq!(journal.lines(ContractId([8; 32]), 0, 10).unwrap(), []);

    record.finished(Settlement::Other);
    journal
        .write(&Step {
            records: vec![record.clone()],
            ..Step::default()
        })
        .unwrap();
    assert_eq!(journal.unfinished().unwrap(), []);
    assert_eq!(journal.record(record.id).unwrap(), Some(record.clone()));
    assert_eq!(journal.input(record.id).unwrap(), None);
    assert_eq!(journal.rollup(record.id).unwrap(), None);
    assert_eq!(journal.transaction(record.id, 0).unwrap(), None);
    let (next, _) = seen(&journal, 2);
    assert!(next.sequence > record.sequence);
}

#[test]
fn history_is_bounded_and_the_unfinished_stay() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention {
        requests_max: 3,
        receipts_max: 2,
        log_lines_max: 4,
    };
    let journal = Journal::open(&folder.path().join("j"), retention).unwrap();
    let (open, step) = seen(&journal, 0);
    journal.write(&step).unwrap();
    for number in 1..=6 {
        let (mut record, mut step) = seen(&journal, number);
        record.finished(Settlement::Other);
        step.records = vec![record];
        step.receipt = Some(receipt(number));
        step.lines = Some((ContractId([0; 32]), vec![line(&number.to_string())]));
        journal.write(&step).unwrap();
    }
    let newest = journal.newest(None, 100).unwrap();
    let numbers: Vec<_> = newest.iter().map(|record| record.number[0]).collect();
    assert_eq!(numbers, [6, 5, 4, 0]);
    assert_eq!(journal.record(open.id).unwrap(), Some(open));
    assert_eq!(journal.newest(None, 2).unwrap().len(), 2);
    let even = journal.newest(Some(ContractId([0; 32])), 100).unwrap();
    assert_eq!(even.len(), 3);

    let is_kept = |number| {
        journal
            .receipt(receipt(number).receipt.hash())
            .unwrap()
            .is_some()
    };
    assert_eq!([4, 5, 6].map(is_kept), [false, true, true]);
    let lines = journal.lines(ContractId([0; 32]), 0, 100).unwrap();
    let numbers: Vec<_> = lines.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [3, 4, 5, 6]);
}

#[test]
fn errors_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.redb");
    let open = |path: &Path| {
        Journal::open(path, Retention::default())
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let journal = Journal::open(&path, Retention::default()).unwrap();
    assert!(open(&path).unwrap_err().contains("another worker runs"));
    journal
        .transact(|transaction| {
            transaction.open_table(META)?.insert(META_SCHEMA, 9)?;
            Ok(())
        })
        .unwrap();
    drop(journal);
    let error = open(&path).unwrap_err();
    assert!(
        error.contains("has layout 9, this version reads 1"),
        "{error}"
    );

    let text = folder.path().join("text");
    std::fs::write(&text, "no journal".repeat(10_000)).unwrap();
    let error = open(&text).unwrap_err();
    assert!(error.contains("damaged"), "{error}");
    let error = open(&folder.path().join("none/journal")).unwrap_err();
    assert!(error.contains("cannot be used"), "{error}");
}

#[test]
fn a_full_disk_loses_nothing_and_is_used_again_once_it_has_space() {
    let disk = Disk::new();
    let open = || {
        let retention = Retention::default();
        Journal::open_with(Path::new("disk"), retention, disk.opener()).unwrap()
    };
    let journal = open();
    let (first, step) = seen(&journal, 1);
    journal.write(&step).unwrap();
    let (second, step) = seen(&journal, 2);
    disk.fill(true);
    for _ in 0..3 {
        let error = journal.write(&step).unwrap_err().to_string();
        assert!(error.contains("Free space"), "{error}");
        assert_eq!(journal.failure(), Some(error));
    }
    disk.fill(false);
    assert_eq!(journal.unfinished().unwrap(), std::slice::from_ref(&first));
    journal.write(&step).unwrap();
    journal.probe().unwrap();
    assert_eq!(journal.failure(), None);
    assert_eq!(journal.newest(None, 9).unwrap(), [second, first]);
}
