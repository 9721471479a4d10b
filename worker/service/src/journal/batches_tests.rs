use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};

use super::*;
use crate::journal::{Quota, Retention, Step, StoredReceipt, tests::disk::Disk};

fn stored(tag: u8) -> StoredReceipt {
    StoredReceipt {
        receipt: Receipt {
            body: ReceiptBody {
                genesis_hash: [1; 32],
                worker: Default::default(),
                contract: Default::default(),
                code_hash: Default::default(),
                engine_hash: [0; 32],
                request: phat_primitives::RequestId([tag; 32]),
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
        input: vec![],
        output: vec![],
        transcript: vec![],
    }
}

fn keep(journal: &Journal, tag: u8) -> ReceiptHash {
    let stored = stored(tag);
    let hash = stored.receipt.hash();
    let step = Step {
        receipt: Some(stored),
        ..Step::default()
    };
    journal.write(&step).unwrap();
    hash
}

fn publish(journal: &Journal, id: u64, record: BatchRecord, number: u32) {
    let step = BatchStep::Published { number };
    let published = BatchRecord { step, ..record };
    journal.note_batch(id, &published).unwrap();
}

#[test]
fn receipts_are_put_into_batches_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let open = || Journal::open(&path, Retention::default()).unwrap();
    let journal = open();
    assert_eq!(journal.make_batch(10).unwrap(), None);
    let receipts: Vec<_> = (0..5).map(|tag| keep(&journal, tag)).collect();
    // What is there is not kept twice, so it is not batched twice.
    keep(&journal, 0);
    assert_eq!(journal.unbatched().unwrap(), 5);

    let (id, first) = journal.make_batch(3).unwrap().unwrap();
    assert_eq!(
        (&first.receipts[..], first.step),
        (&receipts[..3], BatchStep::Made)
    );
    assert_eq!(journal.unbatched().unwrap(), 2);
    assert_eq!(journal.make_batch(3).unwrap(), None, "one is under way");
    assert_eq!(journal.inclusion(receipts[0]).unwrap(), None);

    drop(journal);
    let journal = open();
    assert_eq!(journal.pending_batch().unwrap(), Some((id, first.clone())));
    let prepared = BatchRecord {
        step: BatchStep::Prepared {
            number: 7,
            previous: [1; 32],
        },
        ..first.clone()
    };
    journal.note_batch(id, &prepared).unwrap();
    assert_eq!(journal.pending_batch().unwrap(), Some((id, prepared)));
    assert_eq!(journal.inclusion(receipts[0]).unwrap(), None);

    publish(&journal, id, first.clone(), 7);
    assert_eq!(journal.pending_batch().unwrap(), None);
    let root = MerkleTree::new(&first.receipts).unwrap().root();
    for (index, receipt) in receipts[..3].iter().enumerate() {
        let found = journal.inclusion(*receipt).unwrap().unwrap();
        assert_eq!((found.batch, found.proof.index), (7, index as u32));
        assert!(found.proof.verify(receipt, &root));
    }
    assert_eq!(journal.inclusion(receipts[3]).unwrap(), None);
    let (_, second) = journal.make_batch(3).unwrap().unwrap();
    assert_eq!(second.receipts, receipts[3..]);
}

#[test]
fn the_newest_batches_are_remembered() {
    let retention = Retention {
        // Whether a receipt itself is still kept has nothing to do with it.
        call_receipts: Quota {
            count_max: 1,
            bytes_max: u64::MAX,
        },
        ..Retention::default()
    };
    let path = std::path::Path::new("memory");
    let journal = Journal::open_with(path, retention, Disk::new().opener()).unwrap();
    let oldest = keep(&journal, 0);
    let next = keep(&journal, 1);
    for (number, receipt) in [oldest, next].into_iter().enumerate() {
        let (id, record) = journal.make_batch(1).unwrap().unwrap();
        assert_eq!(record.receipts, [receipt]);
        publish(&journal, id, record, number as u32);
    }
    let template = BatchRecord {
        receipts: vec![ReceiptHash([9; 32])],
        step: BatchStep::Published { number: 9 },
    };
    for id in 2..BATCHES_MAX {
        journal.note_batch(id, &template).unwrap();
    }
    assert!(journal.inclusion(oldest).unwrap().is_some());
    journal.note_batch(BATCHES_MAX, &template).unwrap();
    assert_eq!(journal.inclusion(oldest).unwrap(), None);
    assert!(journal.inclusion(next).unwrap().is_some());
}

#[test]
fn verdicts_are_remembered() {
    use phat_primitives::challenges::{ChallengeId, Verdict};
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j"), Retention::default()).unwrap();
    let id = ChallengeId(3);
    assert_eq!(journal.verdict(id).unwrap(), None);
    let verdict = Verdict::Diverges { entry: 4 };
    journal.note_verdict(id, verdict).unwrap();
    assert_eq!(journal.verdict(id).unwrap(), Some(verdict));
    assert_eq!(journal.verdict(ChallengeId(4)).unwrap(), None);
}
