use std::{collections::BTreeSet, path::Path};

use parking_lot::Mutex;
use phat_keys::{KeyStore, Unsealed};
use phat_primitives::{ReceiptHash, RequestId};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};

use super::*;
use crate::{
    journal::{Retention, Step, StoredReceipt},
    pace::shutdown,
};

const GENESIS: [u8; 32] = [9; 32];

/// What goes wrong with a question or a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It does not arrive.
    Lost,
    /// It arrives, and the answer does not.
    AnswerLost,
}

/// The chain's rules about batches, and faults that a test plans.
#[derive(Default)]
struct Chain {
    batches: Mutex<Vec<ReceiptBatch>>,
    /// What goes wrong with each call, in their order; nothing after the last.
    faults: Mutex<Vec<Option<Fault>>>,
    /// How many transactions the chain has refused.
    refused: Mutex<u32>,
}

impl Chain {
    fn fault(&self) -> Option<Fault> {
        let mut faults = self.faults.lock();
        if faults.is_empty() {
            return None;
        }
        faults.remove(0)
    }

    fn head(&self) -> BatchHead {
        let batches = self.batches.lock();
        BatchHead {
            next: batches.len() as u32,
            hash: batches.last().map_or([0; 32], ReceiptBatch::hash),
        }
    }

    fn asked<T>(&self, answer: T) -> Result<T, ChainError> {
        match self.fault() {
            None => Ok(answer),
            Some(_) => Err(ChainError::Unreachable("planned".into())),
        }
    }
}

#[async_trait]
impl BatchChain for Chain {
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError> {
        self.asked(GENESIS)
    }

    async fn head(&self, _worker: WorkerId) -> Result<BatchHead, ChainError> {
        self.asked(Chain::head(self))
    }

    async fn root(&self, _worker: WorkerId, number: u32) -> Result<Option<[u8; 32]>, ChainError> {
        let root = self
            .batches
            .lock()
            .get(number as usize)
            .map(|batch| batch.root);
        self.asked(root)
    }

    async fn publish(&self, batch: &ReceiptBatch, signature: [u8; 64]) -> Result<(), ChainError> {
        let fault = self.fault();
        if fault == Some(Fault::Lost) {
            return Err(ChainError::Unreachable("planned".into()));
        }
        let head = Chain::head(self);
        if (batch.number, batch.previous) != (head.next, head.hash) {
            *self.refused.lock() += 1;
            return Err(ChainError::Refused("BatchNotNext".into()));
        }
        assert_eq!(batch.genesis_hash, GENESIS);
        let key = verifier(batch.worker);
        assert!(
            key(&batch.signing_payload(), &signature),
            "a wrong signature"
        );
        self.batches.lock().push(batch.clone());
        match fault {
            Some(_) => Err(ChainError::Unreachable("planned".into())),
            None => Ok(()),
        }
    }
}

/// Verifies a signature as the chain does.
fn verifier(worker: WorkerId) -> impl Fn(&[u8], &[u8; 64]) -> bool {
    move |payload, signature| {
        let key = schnorrkel::PublicKey::from_bytes(&worker.0).unwrap();
        let signature = schnorrkel::Signature::from_bytes(signature).unwrap();
        key.verify_simple(b"substrate", payload, &signature).is_ok()
    }
}

fn keep(journal: &Journal, tag: u8) -> ReceiptHash {
    let body = ReceiptBody {
        genesis_hash: GENESIS,
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
    };
    let receipt = Receipt {
        body,
        signature: [7; 64],
    };
    let hash = receipt.hash();
    let stored = StoredReceipt {
        receipt,
        input: vec![],
        output: vec![],
        transcript: vec![],
    };
    let step = Step {
        receipt: Some(stored),
        ..Step::default()
    };
    journal.write(&step).unwrap();
    hash
}

/// A batcher as it is after a start.
fn start(folder: &Path, chain: &Arc<Chain>) -> Batcher {
    let journal = Journal::open(&folder.join("journal"), Retention::default()).unwrap();
    let store = KeyStore::open(folder.join("keys"), &Unsealed).unwrap();
    Batcher {
        journal: Arc::new(journal),
        keys: Arc::new(WorkerKeys::new(store)),
        chain: chain.clone(),
        policy: BatchPolicy {
            every: Duration::from_secs(600),
            receipts_max: 3,
        },
        retry: Duration::from_millis(1),
        shutdown: shutdown().1,
    }
}

/// Whether each receipt is in exactly one batch on the chain, and is shown to be.
fn check(batcher: &Batcher, chain: &Chain, receipts: &[ReceiptHash]) {
    let batches = chain.batches.lock();
    let count: u32 = batches.iter().map(|batch| batch.count).sum();
    assert_eq!(count as usize, receipts.len());
    let mut places = BTreeSet::new();
    for receipt in receipts {
        let found = batcher.journal.inclusion(*receipt).unwrap().unwrap();
        let batch = &batches[found.batch as usize];
        assert_eq!(found.proof.count, batch.count);
        assert!(found.proof.verify(receipt, &batch.root));
        assert!(places.insert((found.batch, found.proof.index)));
    }
}

#[tokio::test]
async fn batches_are_made_when_enough_wait_or_it_is_time() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Arc::new(Chain::default());
    let batcher = start(folder.path(), &chain);
    assert!(!batcher.step(true).await.unwrap(), "there is nothing yet");
    let mut receipts: Vec<_> = (0..2).map(|tag| keep(&batcher.journal, tag)).collect();
    assert!(!batcher.step(false).await.unwrap(), "too few, too early");
    receipts.push(keep(&batcher.journal, 2));
    assert!(batcher.step(false).await.unwrap());
    receipts.push(keep(&batcher.journal, 3));
    assert!(!batcher.step(false).await.unwrap());
    assert!(batcher.step(true).await.unwrap());
    assert_eq!(chain.batches.lock().len(), 2);
    check(&batcher, &chain, &receipts);
}

/// Each call to the chain fails in each way, and the worker crashes there.
#[tokio::test]
async fn after_a_crash_anywhere_each_receipt_is_published_once() {
    let plans = (0..6).flat_map(|at| {
        [Fault::Lost, Fault::AnswerLost].map(|fault| {
            let mut plan = vec![None; at];
            plan.push(Some(fault));
            plan
        })
    });
    for plan in plans {
        let folder = tempfile::tempdir().unwrap();
        let chain = Arc::new(Chain::default());
        *chain.faults.lock() = plan;
        let mut batcher = start(folder.path(), &chain);
        let receipts: Vec<_> = (0..7).map(|tag| keep(&batcher.journal, tag)).collect();
        let mut crashes = 0;
        loop {
            match batcher.step(true).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => {
                    crashes += 1;
                    assert!(crashes < 5, "it does not get on");
                    drop(batcher);
                    batcher = start(folder.path(), &chain);
                }
            }
        }
        assert_eq!(crashes, 1);
        assert_eq!(*chain.refused.lock(), 0);
        check(&batcher, &chain, &receipts);
    }
}

#[tokio::test]
async fn a_worker_that_is_registered_anew_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Arc::new(Chain::default());
    let batcher = start(folder.path(), &chain);
    keep(&batcher.journal, 0);
    assert!(batcher.step(true).await.unwrap());
    keep(&batcher.journal, 1);
    // It is prepared as number 1, and does not arrive.
    *chain.faults.lock() = vec![None, None, Some(Fault::Lost)];
    assert!(batcher.step(true).await.is_err());
    chain.batches.lock().clear();
    assert!(batcher.step(true).await.unwrap());
    let batches = chain.batches.lock();
    assert_eq!((batches.len(), batches[0].number), (1, 0));
}
