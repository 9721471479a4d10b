use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use phat_target::{AnchorRequest, BlockRef, KeyRead, KeyWrite, Rollup};
use phat_worker_core::{Event, Policy, Settlement};

use super::*;

#[path = "../../tests/model/disk.rs"]
pub(super) mod disk;

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
            expires_at: None,
            fee: 0,
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
            scanned: Scanned { first: 3, last: 5 },
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
        signatures: vec![vec![9; 65], vec![8; 65]],
    }
}

fn prepared() -> PreparedTransaction {
    PreparedTransaction {
        nonce: 1,
        hash: [2; 32],
        raw: vec![3; 100],
        fee_per_gas_max: u128::MAX,
        tip_per_gas: 4,
        cost_max: u128::MAX - 1,
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

/// The contract of [`log`].
const CONTRACT: ContractId = ContractId([0; 32]);

fn anchor_origin() -> Origin {
    Origin::Anchor {
        chain: "eip155:1".into(),
        anchor: vec![2; 20],
        number: [1; 32],
        block: 5,
    }
}

fn with_origin(mut stored: StoredReceipt, origin: Origin) -> StoredReceipt {
    stored.receipt.body.origin = origin;
    stored
}

fn keep(journal: &Journal, stored: StoredReceipt) {
    let step = Step {
        receipt: Some(stored),
        ..Step::default()
    };
    journal.write(&step).unwrap();
}

fn is_kept(journal: &Journal, stored: &StoredReceipt) -> bool {
    let hash = stored.receipt.hash();
    let found = journal.receipt(hash).unwrap();
    assert_eq!(
        journal.receipt_bytes(hash).unwrap().is_some(),
        found.is_some()
    );
    found.is_some_and(|found| found == *stored)
}

fn log(journal: &Journal, lines: Vec<StoredLine>) {
    let step = Step {
        lines: Some((CONTRACT, lines)),
        ..Step::default()
    };
    journal.write(&step).unwrap();
}

fn line_numbers(journal: &Journal) -> Vec<u64> {
    let lines = journal.lines(CONTRACT, 0, 1_000, usize::MAX).unwrap();
    lines.into_iter().map(|(number, _)| number).collect()
}

/// A bound on the number of entries alone.
fn counted(count_max: u64) -> Quota {
    Quota {
        count_max,
        bytes_max: u64::MAX,
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
    record.prepared(&prepared(), 1, &Policy::default());
    journal
        .write(&Step {
            records: vec![record.clone()],
            rollups: vec![(record.id, rollup())],
            transactions: vec![prepared()],
            outcomes: vec![(record.id, vec![7])],
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
    assert_eq!(journal.outcome(record.id).unwrap(), Some(vec![7]));
    assert_eq!(journal.transaction([2; 32]).unwrap(), Some(prepared()));
    assert_eq!(journal.transaction([3; 32]).unwrap(), None);
    assert_eq!(
        journal.receipt(receipt(1).receipt.hash()).unwrap(),
        Some(receipt(1))
    );
    let cursor = |chain, contract| journal.cursor(chain, contract, &[2; 20]).unwrap();
    let scanned = Some(Scanned { first: 3, last: 5 });
    assert_eq!(cursor("eip155:1", record.contract), scanned);
    assert_eq!(cursor("eip155:2", record.contract), None);
    assert_eq!(cursor("eip155:1", ContractId([8; 32])), None);
    let lines = |contract, after| journal.lines(contract, after, 10, 1_000).unwrap();
    assert_eq!(lines(record.contract, 0), [(1, line("a")), (2, line("b"))]);
    assert_eq!(lines(record.contract, 1), [(2, line("b"))]);
    assert_eq!(lines(ContractId([8; 32]), 0), []);

    // What may be undone is kept for as long as it is watched.
    record.finished(Settlement::Other, 9, &Policy::default());
    let write = |record: &Record| {
        let step = Step {
            records: vec![record.clone()],
            ..Step::default()
        };
        journal.write(&step).unwrap();
    };
    write(&record);
    assert_eq!(journal.unfinished().unwrap(), []);
    assert_eq!(journal.watched().unwrap(), [record.clone()]);
    assert_eq!(journal.rollup(record.id).unwrap(), Some(rollup()));
    assert_eq!(journal.transaction([2; 32]).unwrap(), Some(prepared()));
    record.watch = None;
    write(&record);
    assert_eq!(journal.watched().unwrap(), []);
    assert_eq!(journal.record(record.id).unwrap(), Some(record.clone()));
    assert_eq!(journal.input(record.id).unwrap(), None);
    assert_eq!(journal.rollup(record.id).unwrap(), None);
    assert_eq!(journal.outcome(record.id).unwrap(), None);
    assert_eq!(journal.transaction([2; 32]).unwrap(), None);
    let (next, _) = seen(&journal, 2);
    assert!(next.sequence > record.sequence);
}

#[test]
fn history_is_bounded_and_the_unfinished_stay() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention {
        requests_max: 3,
        call_receipts: counted(2),
        log_lines: counted(4),
        ..Retention::default()
    };
    let journal = Journal::open(&folder.path().join("j"), retention).unwrap();
    let (open, step) = seen(&journal, 0);
    journal.write(&step).unwrap();
    for number in 1..=6 {
        let (mut record, mut step) = seen(&journal, number);
        record.finished(Settlement::Other, 9, &Policy::default());
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

    let is_kept = |number| is_kept(&journal, &receipt(number));
    assert_eq!([4, 5, 6].map(is_kept), [false, true, true]);
    assert_eq!(line_numbers(&journal), [3, 4, 5, 6]);
}

/// A run may log more lines than are kept.
#[test]
fn of_many_lines_the_last_are_kept_under_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention {
        log_lines: counted(4),
        ..Retention::default()
    };
    let journal = Journal::open(&folder.path().join("j"), retention).unwrap();
    for (count, expected) in [
        (2, vec![1, 2]),
        (3, vec![2, 3, 4, 5]),
        (9, vec![11, 12, 13, 14]),
        (1, vec![12, 13, 14, 15]),
    ] {
        log(&journal, vec![line("x"); count]);
        assert_eq!(line_numbers(&journal), expected);
    }
}

#[test]
fn receipts_of_calls_do_not_displace_those_of_anchors() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention {
        anchor_receipts: counted(2),
        call_receipts: counted(3),
        ..Retention::default()
    };
    let journal = Journal::open(&folder.path().join("j"), retention).unwrap();
    let anchor = |tag| with_origin(receipt(tag), anchor_origin());
    for tag in 1..=2 {
        keep(&journal, anchor(tag));
    }
    for tag in 1..=50 {
        keep(&journal, receipt(tag));
    }
    assert_eq!([1, 2].map(|tag| is_kept(&journal, &anchor(tag))), [true; 2]);
    let calls = [47, 48, 50].map(|tag| is_kept(&journal, &receipt(tag)));
    assert_eq!(calls, [false, true, true]);
    keep(&journal, anchor(3));
    let anchors = [1, 2, 3].map(|tag| is_kept(&journal, &anchor(tag)));
    assert_eq!(anchors, [false, true, true]);
    assert!(is_kept(&journal, &receipt(48)));
}

/// The totals must hold over restarts, or a worker that is restarted now and then
/// fills its disk.
#[test]
fn history_is_bounded_in_bytes_too() {
    let folder = tempfile::tempdir().unwrap();
    let sized = |tag, bytes| StoredReceipt {
        transcript: vec![0; bytes],
        ..receipt(tag)
    };
    let quota = |bytes_max| Quota {
        count_max: 1_000,
        bytes_max,
    };
    let retention = Retention {
        call_receipts: quota(10_000),
        log_lines: quota(10_000),
        ..Retention::default()
    };
    let open = || Journal::open(&folder.path().join("j"), retention.clone()).unwrap();
    let mut journal = open();
    // Sizes of entries, and the first that is kept then.
    let sizes: [usize; 7] = [2_500, 2_500, 2_500, 2_500, 9_000, 50_000, 100];
    let kept_from = [0, 0, 0, 1, 4, 5, 6];
    for (index, (size, first)) in sizes.into_iter().zip(kept_from).enumerate() {
        let all = || sizes.into_iter().enumerate().take(index + 1);
        keep(&journal, sized(index as u8, size));
        // The same run again counts once.
        keep(&journal, sized(index as u8, size));
        log(&journal, vec![line(&"x".repeat(size))]);
        drop(journal);
        journal = open();
        for (other, size) in all() {
            let kept = is_kept(&journal, &sized(other as u8, size));
            assert_eq!(kept, other >= first, "{other} after {index}");
        }
        let numbers: Vec<_> = (first as u64 + 1..=index as u64 + 1).collect();
        assert_eq!(line_numbers(&journal), numbers, "after {index}");
    }
    let bytes = journal.receipt_bytes(sized(6, 100).receipt.hash());
    let encoded = codec::Encode::encode(&sized(6, 100)).len() as u64;
    assert_eq!(bytes.unwrap(), Some(encoded));
}

#[test]
fn a_page_of_lines_ends_before_it_has_too_many_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j"), Retention::default()).unwrap();
    let short = line(&"x".repeat(100));
    let long = line(&"x".repeat(1_000));
    let lines = vec![short.clone(), short.clone(), long, short];
    log(&journal, lines);
    let mut pages = Vec::new();
    let mut after = 0;
    loop {
        let page = journal.lines(CONTRACT, after, 10, 400).unwrap();
        let Some((last, _)) = page.last() else {
            break;
        };
        after = *last;
        pages.push(page.len());
    }
    assert_eq!(pages, [2, 1, 1]);
}

/// A request that waits for long must not fill the disk.
#[test]
fn the_bytes_of_attempts_that_are_forgotten_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j"), Retention::default()).unwrap();
    let (mut record, step) = seen(&journal, 1);
    journal.write(&step).unwrap();
    let policy = Policy::default();
    let made = policy.attempts_kept_max + 3;
    for tag in 0..made {
        let transaction = PreparedTransaction {
            hash: [tag as u8; 32],
            ..prepared()
        };
        record.prepared(&transaction, 1, &policy);
        let step = Step {
            records: vec![record.clone()],
            transactions: vec![transaction],
            ..Step::default()
        };
        journal.write(&step).unwrap();
    }
    let is_kept = |tag: &usize| {
        let hash = [*tag as u8; 32];
        journal.transaction(hash).unwrap().is_some()
    };
    let kept: Vec<_> = (0..made).filter(is_kept).collect();
    assert_eq!(kept, (3..made).collect::<Vec<_>>());
}

#[test]
fn a_transaction_is_kept_until_none_that_it_carries_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let open = || Journal::open(&path, Retention::default()).unwrap();
    let journal = open();
    let policy = Policy {
        watch_blocks: 0,
        ..Policy::default()
    };
    let mut records: Vec<_> = [1, 2, 3].map(|number| seen(&journal, number).0).into();
    for record in &mut records {
        record.executed(receipt(1).receipt.hash());
        record.prepared(&prepared(), 3, &policy);
    }
    let step = Step {
        records: records.clone(),
        transactions: vec![prepared()],
        ..Step::default()
    };
    journal.write(&step).unwrap();
    drop(journal);

    let journal = open();
    let mut unfinished = journal.unfinished().unwrap();
    unfinished.sort_by_key(|record| record.sequence);
    assert_eq!(unfinished, records, "each knows its transaction");
    for record in &mut records {
        assert_eq!(journal.transaction([2; 32]).unwrap(), Some(prepared()));
        record.finished(Settlement::Other, 9, &policy);
        let step = Step {
            records: vec![record.clone()],
            ..Step::default()
        };
        journal.write(&step).unwrap();
    }
    assert_eq!(journal.transaction([2; 32]).unwrap(), None);
}

#[test]
fn spending_and_outdated_outcomes_are_written_with_their_step() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j"), Retention::default()).unwrap();
    let (record, step) = seen(&journal, 1);
    let mut spending = Spending::default();
    spending.prepared(&prepared());
    let step = Step {
        rollups: vec![(record.id, rollup())],
        spending: Some(("eip155:1".into(), spending.clone())),
        ..step
    };
    journal.write(&step).unwrap();
    assert_eq!(journal.spending("eip155:1").unwrap(), spending);
    assert_eq!(journal.spending("eip155:2").unwrap(), Spending::default());
    let step = Step {
        outdated: vec![record.id],
        ..Step::default()
    };
    journal.write(&step).unwrap();
    assert_eq!(journal.rollup(record.id).unwrap(), None);
}

#[test]
fn another_relay_account_is_refused_while_transactions_are_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j"), Retention::default()).unwrap();
    let chain = "eip155:1";
    journal.use_relay_account(chain, "0xa").unwrap();
    let (mut record, step) = seen(&journal, 1);
    journal.write(&step).unwrap();
    // Nothing was sent yet, so any account will do.
    journal.use_relay_account(chain, "0xb").unwrap();
    journal.use_relay_account("eip155:2", "0xa").unwrap();

    record.prepared(&prepared(), 1, &Policy::default());
    let write = |record: &Record| {
        let step = Step {
            records: vec![record.clone()],
            ..Step::default()
        };
        journal.write(&step).unwrap();
    };
    write(&record);
    journal.use_relay_account(chain, "0xb").unwrap();
    journal.use_relay_account("eip155:2", "0xc").unwrap();
    let error = journal.use_relay_account(chain, "0xa").unwrap_err();
    let text = error.to_string();
    for part in ["eip155:1", "key of 0xb", "key of 0xa", "--relay-key-file"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    record.finished(Settlement::Other, 9, &Policy::default());
    write(&record);
    journal.use_relay_account(chain, "0xa").unwrap();
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
            transaction.open_table(META)?.insert(META_SCHEMA, 1)?;
            Ok(())
        })
        .unwrap();
    drop(journal);
    let error = open(&path).unwrap_err();
    assert!(
        error.contains("has layout 1, this version reads 5"),
        "{error}"
    );
    assert!(error.contains("run the version that wrote it"), "{error}");

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
