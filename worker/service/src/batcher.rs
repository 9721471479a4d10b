//! Publishes the roots of this worker's receipts, batch after batch.
//!
//! All that it knows is in the journal and on the chain, so it goes on after a crash from
//! wherever it was: see [`crate::journal::BatchStep`].

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use phat_chain_client::BatchHead;
use phat_primitives::{
    WorkerId,
    receipts::{BATCH_RECEIPTS_MAX, MerkleTree, ReceiptBatch},
};
use thiserror::Error;

use crate::{
    chain::ChainError,
    journal::{BatchRecord, BatchStep, Journal, JournalError},
    keys::WorkerKeys,
    pace::{Backoff, Shutdown},
};

/// The longest pause between two looks at how many receipts wait.
const LOOK_MAX: Duration = Duration::from_secs(5);
/// The longest pause after something failed.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// What the batcher asks of the chain.
#[async_trait]
pub trait BatchChain: Send + Sync {
    /// The hash of the chain's first block.
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError>;

    /// What a worker has published, at the newest finalised block.
    async fn head(&self, worker: WorkerId) -> Result<BatchHead, ChainError>;

    /// The root of a batch that is on the chain.
    async fn root(&self, worker: WorkerId, number: u32) -> Result<Option<[u8; 32]>, ChainError>;

    /// Publishes a batch, and waits until it is in a finalised block.
    async fn publish(&self, batch: &ReceiptBatch, signature: [u8; 64]) -> Result<(), ChainError>;
}

/// When batches are made.
#[derive(Clone, Debug)]
pub struct BatchPolicy {
    /// The longest that a receipt waits for its batch to be made.
    pub every: Duration,
    /// The receipts after which a batch is made at once, and the most that one has.
    pub receipts_max: u32,
}

/// Why a batch is not published.
#[derive(Debug, Error)]
enum BatchError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// Makes and publishes batches.
pub struct Batcher {
    /// Where the receipts are.
    pub journal: Arc<Journal>,
    /// Who signs.
    pub keys: Arc<WorkerKeys>,
    /// Where batches are published.
    pub chain: Arc<dyn BatchChain>,
    /// When they are made.
    pub policy: BatchPolicy,
    /// The first pause after something failed.
    pub retry: Duration,
    /// When to end.
    pub shutdown: Shutdown,
}

/// What is to be done about a batch that is under way.
#[derive(Debug, PartialEq, Eq)]
enum Act {
    /// It is on the chain.
    Note { number: u32 },
    /// It is to be sent with this number, after the batch with this hash.
    Send { number: u32, previous: [u8; 32] },
}

impl Batcher {
    /// Works until the worker ends.
    pub async fn run(mut self) {
        let mut backoff = Backoff::new(self.retry, RETRY_MAX);
        let mut made_at = Instant::now();
        loop {
            let is_due = made_at.elapsed() >= self.policy.every;
            let pause = match self.step(is_due).await {
                Ok(true) => {
                    backoff.reset();
                    made_at = Instant::now();
                    Duration::ZERO
                }
                Ok(false) => {
                    // Receipts that come from now on wait from now on.
                    if is_due {
                        made_at = Instant::now();
                    }
                    self.policy.every.min(LOOK_MAX)
                }
                Err(error) => {
                    let reason = error.to_string();
                    tracing::warn!(reason, "no receipts are published, trying on");
                    backoff.pause()
                }
            };
            if !self.shutdown.sleep(pause).await {
                return;
            }
        }
    }

    /// Publishes the batch that is under way, or makes one and publishes it if that is due or
    /// enough receipts wait. Whether there was one.
    async fn step(&self, is_due: bool) -> Result<bool, BatchError> {
        let receipts_max = self.policy.receipts_max.min(BATCH_RECEIPTS_MAX);
        let batch = self.journal.on_thread(move |journal| {
            if let Some(pending) = journal.pending_batch()? {
                return Ok(Some(pending));
            }
            if !is_due && journal.unbatched()? < u64::from(receipts_max) {
                return Ok(None);
            }
            journal.make_batch(receipts_max as usize)
        });
        let Some((id, record)) = batch.await? else {
            return Ok(false);
        };
        self.publish(id, record).await?;
        Ok(true)
    }

    async fn publish(&self, id: u64, mut record: BatchRecord) -> Result<(), BatchError> {
        let worker = self.keys.worker_id();
        let Some(tree) = MerkleTree::new(&record.receipts) else {
            // A batch has at least one receipt, and no more than the journal was asked for.
            return Ok(());
        };
        let root = tree.root();
        loop {
            let head = self.chain.head(worker).await?;
            let published = match record.step {
                BatchStep::Prepared { number, .. } if number < head.next => {
                    self.chain.root(worker, number).await?
                }
                _ => None,
            };
            match next(record.step, head, published == Some(root)) {
                Act::Note { number } => {
                    record.step = BatchStep::Published { number };
                    let receipts = tree.count();
                    self.note(id, record).await?;
                    tracing::info!(number, receipts, "published a batch of receipts");
                    return Ok(());
                }
                Act::Send { number, previous } => {
                    let step = BatchStep::Prepared { number, previous };
                    if record.step != step {
                        record.step = step;
                        self.note(id, record.clone()).await?;
                    }
                    let batch = ReceiptBatch {
                        genesis_hash: self.chain.genesis_hash().await?,
                        worker,
                        number,
                        count: tree.count(),
                        root,
                        previous,
                    };
                    let signature = self.keys.store().sign_for_chain(&batch.signing_payload());
                    self.chain.publish(&batch, signature).await?;
                }
            }
        }
    }

    async fn note(&self, id: u64, record: BatchRecord) -> Result<(), JournalError> {
        let noted = self
            .journal
            .on_thread(move |journal| journal.note_batch(id, &record));
        noted.await
    }
}

/// What is to be done about a batch in this step, when the chain has this head. `is_published`
/// tells whether the chain has it under the number that it was prepared with.
fn next(step: BatchStep, head: BatchHead, is_published: bool) -> Act {
    match step {
        BatchStep::Published { number } => Act::Note { number },
        BatchStep::Prepared { number, .. } if is_published => Act::Note { number },
        // Without an answer it is sent again as it was, if it still fits. If the worker was
        // registered anew meanwhile, it does not.
        BatchStep::Made | BatchStep::Prepared { .. } => Act::Send {
            number: head.next,
            previous: head.hash,
        },
    }
}

#[cfg(test)]
#[path = "batcher_tests.rs"]
mod tests;
