//! Brings the requests of one target chain to their end.
//!
//! The settler owns the records of its chain. It looks at a request when there is
//! a new block or when something happened to it, asks `phat-worker-core` what to
//! do, and journals before it acts.

mod act;
mod aggregate;
mod events;
mod fired;
mod gather;
mod look;
mod merge;
mod outcome;
mod quorum;
mod signed_output;
mod spend;
mod submit;
mod watched;

use std::{
    collections::{BTreeMap, BTreeSet, btree_map},
    sync::Arc,
    time::Duration,
};

use phat_primitives::{ContractId, RequestId};
use phat_target::{BlockRef, SignedRollup, Target, TargetError, TransactionHash};
use phat_worker_core::{Event, Policy, Ready, Record, Spending, Watch};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    backlog::Backlog,
    config::PauseAfter,
    contracts::Snapshot,
    executor::{Executor, NotRun, Ran},
    firings::Batch,
    health::Health,
    journal::{self, Journal, JournalError, Scanned},
    metrics::Metrics,
    pace::{Backoff, Shutdown},
    peers::Peers,
    relay::{RelayLimits, SettlementCost},
};

pub use aggregate::{NotMerged, Proposed};
pub use quorum::Outcome;
pub(crate) use quorum::{Question, Subject};
pub(crate) use signed_output::{
    SignedOutput, is_proposal_signed, proposal_payload, state_block_of,
};

/// The longest pause between two tries to run a request.
const RUN_RETRY_MAX: Duration = Duration::from_secs(60);
/// The longest pause between two looks at a request that found the endpoint away.
const LOOK_RETRY_MAX: Duration = Duration::from_secs(10);

/// What the settler is told.
#[derive(Debug)]
pub enum Message {
    /// The chain has a new block.
    Head(BlockRef),
    /// Blocks of an anchor were searched.
    Scanned {
        /// For this contract.
        contract: ContractId,
        /// The anchor's address.
        anchor: Vec<u8>,
        /// All that is searched by now.
        scanned: Scanned,
        /// The requests found.
        events: Vec<Event>,
        /// Hears whether that is in the journal.
        done: oneshot::Sender<bool>,
    },
    /// Triggers fired whose outcome goes to an anchor of the chain.
    Fired(Batch),
    /// Another worker has read newer state in its run of a request than this one.
    RunAgain {
        /// The request.
        request: RequestId,
        /// The height of the block at which the other has read.
        state_block: u64,
    },
    /// Another worker asks this one to merge outputs too.
    Proposed(Proposed),
}

/// All that a settler works with.
pub struct Settler {
    /// The chain.
    pub target: Arc<dyn Target>,
    /// The chain's head as the watcher sees it.
    pub head: watch::Receiver<Option<BlockRef>>,
    /// The cluster.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// What runs contracts.
    pub executor: Arc<Executor>,
    /// Where every step is noted first.
    pub journal: Arc<Journal>,
    /// How patient to be.
    pub policy: Policy,
    /// What the relay account may spend.
    pub relay: RelayLimits,
    /// Where to tell what a settlement costs.
    pub cost: Arc<SettlementCost>,
    /// Who else signs, where one signature is not enough.
    pub peers: Arc<Peers>,
    /// Time after which what failed is tried again.
    pub retry: Duration,
    /// Where to stop, in tests of what a crash does.
    pub pause_after: Option<PauseAfter>,
    /// How many requests are unfinished.
    pub backlog: Arc<Backlog>,
    /// Where to note that the journal fails.
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
    /// Signatures of others are being gathered.
    is_gathering: bool,
    is_paused: bool,
    /// When to look again, after something was away.
    try_from: Option<Instant>,
    run_backoff: Backoff,
    look_backoff: Backoff,
}

impl Entry {
    fn new(record: Record, retry: Duration) -> Self {
        Self {
            record,
            looked_at: None,
            is_running: false,
            is_gathering: false,
            is_paused: false,
            try_from: None,
            run_backoff: Backoff::new(retry, RUN_RETRY_MAX),
            look_backoff: Backoff::new(retry, LOOK_RETRY_MAX),
        }
    }
}

/// What a run's task gives back.
struct Finished {
    id: RequestId,
    result: Result<(Ran, Signed), NotRun>,
}

/// The outcome of a run, signed.
enum Signed {
    /// With the contract's key: it can be settled as it is.
    Whole(SignedRollup),
    /// With this worker's own key: others must sign too.
    Part(Box<quorum::Outcome>),
    /// With this worker's identity key alone: it may differ from what others came to, and
    /// is merged with it.
    Output(Box<signed_output::SignedOutput>),
    /// There is nothing to settle, so nothing is signed.
    Nothing,
}

/// Why nothing more can be done about a request for now.
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
    cursors: BTreeMap<(ContractId, Vec<u8>), Scanned>,
    runs: JoinSet<Finished>,
    /// Runs that are not in the journal yet.
    finished: Vec<Finished>,
    /// Gatherings of signatures.
    gatherings: JoinSet<gather::Gathered>,
    /// Signatures that were gathered and are not in the journal yet.
    gathered: Vec<gather::Gathered>,
    /// Outputs that are being merged because another worker asked.
    merging: JoinSet<()>,
    /// The settled requests that are watched.
    watched: BTreeMap<RequestId, Watch>,
    /// Of these, the nonces and hashes of transactions that may still wait.
    leftovers: BTreeMap<RequestId, Vec<(u64, TransactionHash)>>,
    /// What the relay account spends.
    spending: Spending,
    /// The anchors that had a transaction since the head came.
    served: BTreeSet<Vec<u8>>,
    /// Requests that wait for the next head, or for more to share a transaction with.
    deferred: Vec<(Ready, SignedRollup)>,
    /// Something failed that may work without a new block.
    needs_retry: bool,
    /// The chain was away at the last try.
    is_away: bool,
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
            gatherings: JoinSet::new(),
            gathered: Vec::new(),
            merging: JoinSet::new(),
            watched: BTreeMap::new(),
            leftovers: BTreeMap::new(),
            spending: Spending::default(),
            served: BTreeSet::new(),
            deferred: Vec::new(),
            needs_retry: false,
            is_away: false,
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
                Some(gathered) = actor.gatherings.join_next() => actor.note_gathered(gathered),
                _ = retry.tick(), if actor.needs_retry || !is_loaded => {}
                () = shutdown.requested(), if !shutdown.is_requested() => {}
                else => return,
            }
            // What ended meanwhile is settled together.
            while let Some(run) = actor.runs.try_join_next() {
                actor.note(run);
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
        let chain = self.chain().to_owned();
        let kept = self.parts.journal.on_thread(move |journal| {
            let unfinished = journal.unfinished()?;
            let watched = journal.watched()?;
            Ok((unfinished, watched, journal.spending(&chain)?))
        });
        match kept.await {
            Ok((unfinished, watched, spending)) => {
                let chain = self.chain().to_owned();
                for record in unfinished {
                    if record.chain == chain {
                        tracing::info!(request = %record.id, step = record.step_name(), "resuming a request");
                        self.insert(record);
                    }
                }
                for record in watched.into_iter().filter(|record| record.chain == chain) {
                    self.note_watch(&record);
                }
                self.spending = spending;
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
        self.needs_retry |= self.entries.values().any(|entry| entry.try_from.is_some());
        match result {
            Ok(()) => self.is_away = false,
            // Whether the chain is there is the watcher's to tell.
            Err(Stop::Target(error)) => {
                self.needs_retry = true;
                let error = error.to_string();
                let chain = self.chain();
                if self.is_away {
                    tracing::debug!(chain, error, "settling waits on");
                } else {
                    tracing::warn!(chain, error, "settling waits");
                }
                self.is_away = true;
            }
            Err(Stop::Journal(error)) => self.journal_failed(&error),
        }
    }

    fn records(&self) -> impl Iterator<Item = &Record> {
        self.entries.values().map(|entry| &entry.record)
    }

    /// Journals a step and takes its records over.
    async fn commit(&mut self, step: journal::Step) -> Result<(), JournalError> {
        let records = step.records.clone();
        let spending = step.spending.clone();
        self.parts
            .journal
            .on_thread(move |journal| journal.write(&step))
            .await?;
        if let Some((_, spending)) = spending {
            self.spending = spending;
        }
        for record in records {
            self.take_over(record);
        }
        Ok(())
    }

    /// Takes over a record that is in the journal.
    fn take_over(&mut self, record: Record) {
        let step = record.step_name();
        let id = record.id;
        let is_known = match self.entries.get(&id) {
            Some(entry) => entry.record.step_name() == step,
            // Another look at one that is settled.
            None => record.is_final() && self.watched.contains_key(&id),
        };
        let problem = record.problem.as_deref();
        if !is_known {
            self.parts.metrics.step(step);
            tracing::info!(request = %id, contract = %record.contract, step, problem, "request");
        }
        self.note_watch(&record);
        if record.is_final() {
            if let Some(entry) = self.entries.remove(&id) {
                self.parts.backlog.remove(entry.record.contract);
            }
            return;
        }
        let is_paused = self
            .parts
            .pause_after
            .is_some_and(|pause| pause.step_name() == step);
        let entry = self.insert(record);
        if is_paused && !entry.is_paused {
            entry.is_paused = true;
            tracing::warn!(request = %id, step, "paused, as --pause-after says");
        }
    }

    /// Takes up a record that is not final, or its new state.
    fn insert(&mut self, record: Record) -> &mut Entry {
        match self.entries.entry(record.id) {
            btree_map::Entry::Occupied(known) => {
                let entry = known.into_mut();
                entry.record = record;
                entry
            }
            btree_map::Entry::Vacant(place) => {
                self.parts.backlog.add(record.contract);
                place.insert(Entry::new(record, self.parts.retry))
            }
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
        self.parts.metrics.unfinished(self.chain(), count);
    }
}
