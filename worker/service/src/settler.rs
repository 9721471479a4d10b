//! Brings the requests of one target chain to their end.
//!
//! The settler owns the records of its chain. It looks at a request when there is
//! a new block or when something happened to it, asks `phat-worker-core` what to
//! do, and journals before it acts.

mod act;
mod events;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, stream};
use phat_primitives::{ContractId, RequestId};
use phat_target::{BlockRef, SignedRollup, Target, TargetError};
use phat_worker_core::{Event, Observation, Policy, Record, Step};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    config::PauseAfter,
    contracts::Snapshot,
    executor::{Executor, NotRun, Ran},
    health::Health,
    journal::{self, Journal, JournalError},
    metrics::Metrics,
    pace::{Backoff, Shutdown},
};

/// Requests whose state is asked for at once.
const OBSERVATIONS_CONCURRENT_MAX: usize = 16;
/// The longest pause between two tries to run a request.
const RUN_RETRY_MAX: Duration = Duration::from_secs(60);

/// What the settler is told.
#[derive(Debug)]
pub enum Message {
    /// The chain has a new block.
    Head(BlockRef),
    /// An anchor was searched up to block `to`.
    Scanned {
        /// For this contract.
        contract: ContractId,
        /// The anchor's address.
        anchor: Vec<u8>,
        /// The last block searched.
        to: u64,
        /// The requests found.
        events: Vec<Event>,
        /// Hears whether that is in the journal.
        done: oneshot::Sender<bool>,
    },
}

/// All that a settler works with.
pub struct Settler {
    /// The chain.
    pub target: Arc<dyn Target>,
    /// The cluster.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// What runs contracts.
    pub executor: Arc<Executor>,
    /// Where every step is noted first.
    pub journal: Arc<Journal>,
    /// How patient to be.
    pub policy: Policy,
    /// Time after which what failed is tried again.
    pub retry: Duration,
    /// Where to stop, in tests of what a crash does.
    pub pause_after: Option<PauseAfter>,
    /// How many requests are unfinished.
    pub unfinished: Arc<AtomicUsize>,
    /// Where to note outages.
    pub health: Health,
    /// What to count in.
    pub metrics: Arc<Metrics>,
    /// When to end.
    pub shutdown: Shutdown,
}

/// A request that is not final.
struct Entry {
    record: Record,
    /// The block at which it was last looked at.
    looked_at: Option<u64>,
    is_running: bool,
    is_paused: bool,
    /// When a run may be tried again after one could not be made.
    run_from: Option<Instant>,
    run_backoff: Backoff,
}

impl Entry {
    fn new(record: Record, retry: Duration) -> Self {
        Self {
            record,
            looked_at: None,
            is_running: false,
            is_paused: false,
            run_from: None,
            run_backoff: Backoff::new(retry, RUN_RETRY_MAX),
        }
    }
}

/// What a run's task gives back.
struct Finished {
    id: RequestId,
    result: Result<(Ran, SignedRollup), NotRun>,
}

/// Why nothing more can be done for now.
enum Stop {
    Target(TargetError),
    Journal(JournalError),
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

/// The settler at work.
struct Actor {
    parts: Settler,
    head: Option<BlockRef>,
    entries: BTreeMap<RequestId, Entry>,
    /// How far the journal says that each contract's anchors were searched.
    cursors: BTreeMap<(ContractId, Vec<u8>), u64>,
    runs: JoinSet<Finished>,
    /// Runs that are not in the journal yet.
    finished: Vec<Finished>,
    /// Something failed that may work without a new block.
    needs_retry: bool,
}

impl Settler {
    /// Works until the worker ends and no run is under way any more.
    pub async fn run(self, mut mailbox: mpsc::Receiver<Message>) {
        let mut shutdown = self.shutdown.clone();
        let mut actor = Actor {
            parts: self,
            head: None,
            entries: BTreeMap::new(),
            cursors: BTreeMap::new(),
            runs: JoinSet::new(),
            finished: Vec::new(),
            needs_retry: false,
        };
        let mut retry = tokio::time::interval(actor.parts.retry);
        retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_loaded = false;
        while !shutdown.is_requested() || actor.has_runs() {
            if !is_loaded {
                is_loaded = actor.load().await;
            }
            tokio::select! {
                Some(message) = mailbox.recv(), if is_loaded => actor.take(message).await,
                Some(run) = actor.runs.join_next() => actor.note(run),
                _ = retry.tick(), if actor.needs_retry || !is_loaded => {}
                () = shutdown.requested(), if !shutdown.is_requested() => {}
                else => return,
            }
            if is_loaded {
                actor.work().await;
            }
        }
    }
}

impl Actor {
    fn has_runs(&self) -> bool {
        !self.runs.is_empty() || !self.finished.is_empty()
    }

    fn chain(&self) -> &str {
        self.parts.target.chain()
    }

    /// Takes up what the journal holds.
    async fn load(&mut self) -> bool {
        let unfinished = self.parts.journal.on_thread(Journal::unfinished).await;
        match unfinished {
            Ok(records) => {
                let chain = self.chain().to_owned();
                for record in records {
                    if record.chain == chain {
                        tracing::info!(request = %record.id, step = record.step_name(), "resuming a request");
                        let entry = Entry::new(record, self.parts.retry);
                        self.entries.insert(entry.record.id, entry);
                    }
                }
                self.count();
                true
            }
            Err(error) => {
                self.journal_failed(&error);
                false
            }
        }
    }

    /// Does all that can be done now.
    async fn work(&mut self) {
        self.needs_retry = false;
        let result = self.work_through().await;
        self.count();
        self.needs_retry |= self.entries.values().any(|entry| entry.run_from.is_some());
        let part = format!("{} (settling)", self.chain());
        match result {
            Ok(()) => self.parts.health.well(&part),
            Err(Stop::Target(error)) => {
                self.parts.health.fault(&part, error);
                self.needs_retry = true;
            }
            Err(Stop::Journal(error)) => self.journal_failed(&error),
        }
    }

    async fn work_through(&mut self) -> Result<(), Stop> {
        self.keep_finished().await?;
        let Some(head) = self.head else {
            return Ok(());
        };
        if self.parts.shutdown.is_requested() {
            return Ok(());
        }
        if self.parts.journal.failure().is_some() {
            self.parts.journal.on_thread(Journal::probe).await?;
        }
        self.parts.health.well("journal");
        let due: Vec<Record> = self
            .entries
            .values()
            .filter(|entry| self.is_due(entry, head.number))
            .map(|entry| entry.record.clone())
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let next_nonce = self.next_nonce_if_stuck(&due, head.number).await?;
        let target = self.parts.target.clone();
        let looks = due.into_iter().map(move |record| {
            let target = target.clone();
            async move {
                let seen = look(&*target, &record).await;
                (record.id, seen)
            }
        });
        let mut looks = stream::iter(looks).buffer_unordered(OBSERVATIONS_CONCURRENT_MAX);
        let mut trouble = Ok(());
        while let Some((id, seen)) = looks.next().await {
            let result = match seen {
                Ok((status, transactions)) => {
                    let observation = Observation {
                        head: head.number,
                        start_block: self.start_block(id),
                        status,
                        transactions,
                        nonce_gap: self.nonce_gap(id, next_nonce),
                    };
                    self.act(id, observation).await
                }
                Err(error) => Err(error.into()),
            };
            let Err(stop) = result else {
                continue;
            };
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.looked_at = None;
            }
            match stop {
                // What another request meets is no different.
                Stop::Journal(_) | Stop::Target(TargetError::Unreachable { .. }) => {
                    return Err(stop);
                }
                Stop::Target(_) => trouble = Err(stop),
            }
        }
        trouble
    }

    fn is_due(&self, entry: &Entry, head: u64) -> bool {
        let may_run = entry.run_from.is_none_or(|from| Instant::now() >= from);
        !entry.is_running
            && !entry.is_paused
            && entry.record.is_due(head)
            && (entry.looked_at != Some(head) || (entry.run_from.is_some() && may_run))
            && (may_run || entry.record.step != Step::Seen)
    }

    /// The block from which this worker's rank lets it serve a request.
    fn start_block(&self, id: RequestId) -> u64 {
        let snapshot = self.parts.snapshot.borrow();
        let (Some(snapshot), Some(entry)) = (snapshot.as_ref(), self.entries.get(&id)) else {
            return u64::MAX;
        };
        let worker = self.parts.executor.keys().worker_id();
        match phat_worker_core::rank(id, worker, &snapshot.members) {
            Some(rank) => {
                phat_worker_core::start_block(entry.record.block, rank, &self.parts.policy)
            }
            None => u64::MAX,
        }
    }

    /// The chain's next nonce, if a transaction has waited long enough to ask.
    async fn next_nonce_if_stuck(
        &self,
        due: &[Record],
        head: u64,
    ) -> Result<Option<u64>, TargetError> {
        let patience = self.parts.policy.replace_after_blocks;
        let is_stuck = due
            .iter()
            .filter_map(|record| record.attempts.last()?.sent_at)
            .any(|sent_at| head >= sent_at.saturating_add(patience));
        if !is_stuck {
            return Ok(None);
        }
        self.parts.target.next_nonce().await.map(Some)
    }

    fn nonce_gap(&self, id: RequestId, next_nonce: Option<u64>) -> Option<u64> {
        let last = self.entries.get(&id)?.record.attempts.last()?;
        phat_worker_core::nonce_gap(last.nonce, next_nonce?, self.records())
    }

    fn records(&self) -> impl Iterator<Item = &Record> {
        self.entries.values().map(|entry| &entry.record)
    }

    /// Journals a step and takes its records over.
    async fn commit(&mut self, step: journal::Step) -> Result<(), JournalError> {
        let records = step.records.clone();
        self.parts
            .journal
            .on_thread(move |journal| journal.write(&step))
            .await?;
        for record in records {
            self.take_over(record);
        }
        Ok(())
    }

    /// Takes over a record that is in the journal.
    fn take_over(&mut self, record: Record) {
        let step = record.step_name();
        let id = record.id;
        let before = self.entries.get(&id).map(|entry| entry.record.step_name());
        if before != Some(step) {
            self.parts.metrics.step(step);
            let problem = record.problem.as_deref();
            tracing::info!(request = %id, contract = %record.contract, step, problem, "request");
        }
        if record.is_final() {
            self.entries.remove(&id);
            return;
        }
        let is_paused = self
            .parts
            .pause_after
            .is_some_and(|pause| pause.step_name() == step);
        let retry = self.parts.retry;
        let entry = self
            .entries
            .entry(id)
            .or_insert_with(|| Entry::new(record.clone(), retry));
        entry.record = record;
        if is_paused && !entry.is_paused {
            entry.is_paused = true;
            tracing::warn!(request = %id, step, "paused, as --pause-after says");
        }
    }

    fn is_paused(&self, id: RequestId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.is_paused)
    }

    fn journal_failed(&mut self, error: &JournalError) {
        self.parts.metrics.journal_errors.inc();
        self.parts.health.fault("journal", error);
        self.needs_retry = true;
    }

    fn count(&self) {
        let count = self.entries.len();
        self.parts.unfinished.store(count, Ordering::Relaxed);
        self.parts.metrics.unfinished(self.chain(), count);
    }
}

/// What the chain shows of a request. The request is asked for last, so that it
/// is never older than its transactions.
async fn look(
    target: &dyn Target,
    record: &Record,
) -> Result<
    (
        phat_target::RequestStatus,
        Vec<phat_target::TransactionStatus>,
    ),
    TargetError,
> {
    let mut transactions = Vec::with_capacity(record.attempts.len());
    for attempt in &record.attempts {
        transactions.push(target.transaction_status(attempt.hash).await?);
    }
    let status = target.request_status(&record.anchor, record.number).await?;
    Ok((status, transactions))
}
