//! Looks for new blocks of a target chain and for requests in them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use phat_primitives::ContractId;
use phat_target::{BlockRef, Target, TargetError};
use phat_worker_core::Event;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    contracts::Snapshot,
    health::Health,
    journal::{Journal, JournalError},
    metrics::Metrics,
    pace::{Backoff, Shutdown},
    settler::Message,
};

/// The most blocks that are searched at a time.
const SCAN_BLOCKS_MAX: u64 = 2_000;
/// Blocks that are searched again, for requests that a reorganisation moved.
const RESCAN_BLOCKS: u64 = 8;
/// Requests of one chain that may be unfinished before no more are taken up.
const UNFINISHED_MAX: usize = 10_000;
/// How long the chain may take to tell its head.
const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// The longest pause between tries to reach the chain.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// Watches one target chain.
pub struct Watcher {
    /// The chain.
    pub target: Arc<dyn Target>,
    /// Time between two looks at the chain.
    pub poll: Duration,
    /// The first pause before the chain is tried again.
    pub retry: Duration,
    /// Which contracts to watch for.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// Where the cursors are.
    pub journal: Arc<Journal>,
    /// Whom to tell.
    pub settler: mpsc::Sender<Message>,
    /// How many requests the settler has on its hands.
    pub unfinished: Arc<AtomicUsize>,
    /// Where others see the head.
    pub head: watch::Sender<Option<BlockRef>>,
    /// Where to note outages.
    pub health: Health,
    /// What to count in.
    pub metrics: Arc<Metrics>,
    /// When to end.
    pub shutdown: Shutdown,
}

/// The last block searched for each contract and anchor.
type Cursors = BTreeMap<(ContractId, Vec<u8>), u64>;

/// Why a look came to nothing.
enum Stop {
    Target(TargetError),
    Journal(JournalError),
    /// The settler could not journal what was found, or has ended.
    NotTaken,
}

impl From<TargetError> for Stop {
    fn from(error: TargetError) -> Self {
        Self::Target(error)
    }
}

impl From<JournalError> for Stop {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl Watcher {
    /// Watches until the worker ends.
    pub async fn run(self) {
        let mut backoff = Backoff::new(self.retry, RETRY_MAX);
        let mut shutdown = self.shutdown.clone();
        let mut cursors = Cursors::new();
        loop {
            let result = tokio::select! {
                () = shutdown.requested() => return,
                result = self.look(&mut cursors) => result,
            };
            let part = self.target.chain();
            let pause = match result {
                Ok(()) => {
                    self.health.well(part);
                    backoff.reset();
                    self.poll
                }
                Err(Stop::Target(error)) => {
                    self.health.fault(part, error);
                    backoff.pause()
                }
                Err(Stop::Journal(error)) => {
                    self.metrics.journal_errors.inc();
                    self.health.fault("journal", error);
                    backoff.pause()
                }
                Err(Stop::NotTaken) => backoff.pause(),
            };
            if !shutdown.sleep(pause).await {
                return;
            }
        }
    }

    async fn look(&self, cursors: &mut Cursors) -> Result<(), Stop> {
        let head = match tokio::time::timeout(HEAD_TIME_MAX, self.target.head()).await {
            Ok(head) => head?,
            Err(_) => {
                return Err(Stop::Target(TargetError::Unreachable {
                    chain: self.target.chain().into(),
                    reason: format!("no answer for {} s", HEAD_TIME_MAX.as_secs()),
                }));
            }
        };
        let is_new = self.head.send_if_modified(|known| {
            let is_new = *known != Some(head);
            *known = Some(head);
            is_new
        });
        if is_new {
            self.metrics.target_head(self.target.chain(), head.number);
            let told = self.settler.send(Message::Head(head)).await;
            told.map_err(|_| Stop::NotTaken)?;
        }
        for (contract, anchor, from_block) in self.anchors() {
            let key = (contract, anchor.clone());
            let scanned = match cursors.get(&key) {
                Some(scanned) => Some(*scanned),
                None => {
                    let chain = self.target.chain().to_owned();
                    let (contract, anchor) = key.clone();
                    self.journal
                        .on_thread(move |journal| journal.cursor(&chain, contract, &anchor))
                        .await?
                }
            };
            if scanned.is_some_and(|scanned| scanned >= head.number) && !is_new {
                continue;
            }
            let scanned = self
                .scan(contract, anchor, from_block, scanned, head.number)
                .await?;
            if let Some(scanned) = scanned {
                cursors.insert(key, scanned);
            }
        }
        Ok(())
    }

    /// Searches an anchor's blocks up to `head`. Gives the last block searched.
    async fn scan(
        &self,
        contract: ContractId,
        anchor: Vec<u8>,
        from_block: u64,
        scanned: Option<u64>,
        head: u64,
    ) -> Result<Option<u64>, Stop> {
        let first = scanned.map_or(from_block, |scanned| {
            let again = scanned
                .min(head)
                .saturating_add(1)
                .saturating_sub(RESCAN_BLOCKS);
            again.max(from_block)
        });
        let mut from = first;
        let mut last = scanned;
        while from <= head {
            if self.unfinished.load(Ordering::Relaxed) >= UNFINISHED_MAX {
                tracing::debug!(chain = self.target.chain(), "too many requests, waiting");
                return Ok(last);
            }
            let to = head.min(from.saturating_add(SCAN_BLOCKS_MAX - 1));
            let found = self.target.requests(&anchor, from, to).await?;
            let events = found
                .into_iter()
                .map(|request| Event {
                    contract,
                    chain: self.target.chain().into(),
                    anchor: anchor.clone(),
                    request,
                })
                .collect::<Vec<_>>();
            let (done, taken) = oneshot::channel();
            let message = Message::Scanned {
                contract,
                anchor: anchor.clone(),
                to,
                events,
                done,
            };
            let told = self.settler.send(message).await;
            told.map_err(|_| Stop::NotTaken)?;
            if !taken.await.unwrap_or(false) {
                return Err(Stop::NotTaken);
            }
            last = Some(to);
            from = to.saturating_add(1);
        }
        Ok(last)
    }

    /// The anchors to watch: contract, address and first block.
    fn anchors(&self) -> Vec<(ContractId, Vec<u8>, u64)> {
        let Some(snapshot) = self.snapshot.borrow().clone() else {
            return Vec::new();
        };
        let chain = self.target.chain();
        let mut anchors = Vec::new();
        for (id, contract) in &snapshot.contracts {
            for anchor in contract.anchors(chain) {
                anchors.push((*id, anchor.address.0.to_vec(), anchor.from_block));
            }
        }
        anchors
    }
}
