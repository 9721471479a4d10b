//! Runs the firings whose outcome no anchor takes.
//!
//! The firer owns their records. It looks at them when the Phat chain has a new block,
//! asks `phat-worker-core` what to do, and journals before it acts.

use std::{
    collections::{BTreeMap, btree_map},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use futures::FutureExt;
use phat_engine::NoKeyValue;
use phat_primitives::RequestId;
use phat_receipt::Origin;
use phat_target::BlockRef;
use phat_worker_core::{
    Policy, Record,
    firing::{self, Heard, Turn},
    scheduler::Class,
};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
    time::{Instant, MissedTickBehavior},
};

use super::Batch;
use crate::{
    backlog::Backlog,
    compute,
    contracts::Snapshot,
    executor::{Executor, Job, NotRun, Ran},
    health::Health,
    journal::{self, Journal, JournalError},
    metrics::Metrics,
    pace::{Backoff, Shutdown, now_ms},
    peers::Peers,
};

/// The longest pause between two tries to run a firing.
const RUN_RETRY_MAX: Duration = Duration::from_secs(60);
/// Firings that the others are asked about at once.
const ASKED_CONCURRENT_MAX: usize = 16;

/// All that a firer works with.
pub struct Firer {
    /// The cluster.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// What runs contracts.
    pub executor: Arc<Executor>,
    /// Where every step is noted first.
    pub journal: Arc<Journal>,
    /// Whom to ask what was run.
    pub peers: Arc<Peers>,
    /// How patient to be, in blocks of the Phat chain.
    pub policy: Policy,
    /// Time after which what failed is tried again.
    pub retry: Duration,
    /// How many firings are unfinished.
    pub backlog: Arc<Backlog>,
    /// Where to note that the journal fails.
    pub health: Health,
    /// What to count in.
    pub metrics: Arc<Metrics>,
    /// When to end.
    pub shutdown: Shutdown,
}

/// A firing that is not final.
struct Entry {
    record: Record,
    /// It is being run, or the others are being asked.
    is_busy: bool,
    /// The others were asked about it.
    was_asked: bool,
    /// The block at which it was last looked at.
    looked_at: Option<u64>,
    /// When to look again, after something was away.
    try_from: Option<Instant>,
    backoff: Backoff,
}

/// What a task gives back.
struct Finished {
    id: RequestId,
    what: What,
}

enum What {
    Began(Result<compute::Turn, NotRun>),
    Ran(Box<Result<Ran, NotRun>>),
    Heard(Heard),
}

struct Actor {
    parts: Firer,
    entries: BTreeMap<RequestId, Entry>,
    tasks: JoinSet<Finished>,
    /// Runs that are not in the journal yet.
    finished: Vec<(RequestId, Result<Ran, NotRun>)>,
    /// Firings that the others are being asked about.
    asking: usize,
    needs_retry: bool,
}

impl Firer {
    /// Works until the worker ends and no run is under way any more.
    pub async fn run(self, mut mailbox: mpsc::Receiver<Batch>) {
        let mut shutdown = self.shutdown.clone();
        let mut snapshot = self.snapshot.clone();
        let mut retry = tokio::time::interval(self.retry);
        retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut actor = Actor {
            parts: self,
            entries: BTreeMap::new(),
            tasks: JoinSet::new(),
            finished: Vec::new(),
            asking: 0,
            needs_retry: false,
        };
        let mut is_loaded = false;
        while !shutdown.is_requested() || actor.has_runs() {
            if !is_loaded {
                is_loaded = actor.load().await;
            }
            tokio::select! {
                Some(batch) = mailbox.recv(), if is_loaded => actor.take(batch).await,
                Some(task) = actor.tasks.join_next() => actor.note(task).await,
                Ok(()) = snapshot.changed() => {}
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
        !self.tasks.is_empty() || !self.finished.is_empty()
    }

    /// Takes up what the journal holds.
    async fn load(&mut self) -> bool {
        match self.parts.journal.on_thread(Journal::unfinished).await {
            Ok(records) => {
                for record in records {
                    if record.firing.is_some() && record.chain.is_empty() {
                        tracing::info!(request = %record.id, step = record.step_name(), "resuming a firing");
                        self.insert(record);
                    }
                }
                true
            }
            Err(error) => {
                self.journal_failed(&error);
                false
            }
        }
    }

    fn insert(&mut self, record: Record) {
        match self.entries.entry(record.id) {
            btree_map::Entry::Occupied(known) => known.into_mut().record = record,
            btree_map::Entry::Vacant(place) => {
                self.parts.backlog.add(record.contract);
                place.insert(Entry {
                    record,
                    is_busy: false,
                    was_asked: false,
                    looked_at: None,
                    try_from: None,
                    backoff: Backoff::new(self.parts.retry, RUN_RETRY_MAX),
                });
            }
        }
    }

    /// Journals a step and takes its records over.
    async fn commit(&mut self, step: journal::Step) -> Result<(), JournalError> {
        let records = step.records.clone();
        let written = self
            .parts
            .journal
            .on_thread(move |journal| journal.write(&step));
        written.await?;
        for record in records {
            let step = record.step_name();
            let before = self.entries.get(&record.id);
            if before.map(|entry| entry.record.step_name()) != Some(step) {
                self.parts.metrics.step(step);
                let problem = record.problem.as_deref();
                tracing::info!(request = %record.id, contract = %record.contract, step, problem, "firing");
            }
            if !record.is_final() {
                self.insert(record);
            } else if let Some(entry) = self.entries.remove(&record.id) {
                self.parts.backlog.remove(entry.record.contract);
            }
        }
        Ok(())
    }

    async fn keep(&mut self, record: Record) -> Result<(), JournalError> {
        let step = journal::Step {
            records: vec![record],
            ..journal::Step::default()
        };
        self.commit(step).await
    }

    /// Journals firings that were found. One that is known is no news.
    async fn take(&mut self, batch: Batch) {
        let result = self.keep_firings(&batch).await;
        if let Err(error) = &result {
            self.journal_failed(error);
        }
        // Whoever found them may be gone, and needs no answer then.
        let _ = batch.done.send(result.is_ok());
    }

    async fn keep_firings(&mut self, batch: &Batch) -> Result<(), JournalError> {
        let snapshot = self.parts.snapshot.borrow().clone();
        let block = BlockRef {
            number: snapshot.as_ref().map_or(0, |snapshot| snapshot.block),
            hash: [0; 32],
        };
        let worker = self.parts.executor.keys().worker_id();
        let mut step = journal::Step {
            cursor: batch.cursor.clone(),
            ..journal::Step::default()
        };
        for new in &batch.firings {
            let id = new.firing.id();
            let is_known = self.entries.contains_key(&id)
                || step.records.iter().any(|record| record.id == id)
                || self
                    .parts
                    .journal
                    .on_thread(move |journal| journal.record(id))
                    .await?
                    .is_some();
            if is_known {
                continue;
            }
            let members = snapshot.as_ref().map(|snapshot| &snapshot.members[..]);
            let rank = phat_worker_core::rank(id, worker, members.unwrap_or_default());
            let sequence = self.parts.journal.next_sequence();
            step.records
                .push(Record::fired(new, rank, block, sequence, now_ms()));
            step.inputs.push((id, new.input.clone()));
        }
        if step.records.is_empty() && step.cursor.is_none() {
            return Ok(());
        }
        self.commit(step).await
    }

    /// Takes in a task that ended.
    async fn note(&mut self, task: Result<Finished, JoinError>) {
        let Finished { id, what } = match task {
            Ok(finished) => finished,
            Err(error) => {
                // A run catches its own panics and nobody aborts it.
                let error = error.to_string();
                tracing::error!(error, "a firing's task did not come back");
                return;
            }
        };
        match what {
            What::Ran(result) => self.finished.push((id, *result)),
            What::Began(began) => {
                if let Err(error) = self.begin(id, began).await {
                    self.journal_failed(&error);
                    self.put_off(id, self.parts.retry);
                }
            }
            What::Heard(heard) => {
                self.asking = self.asking.saturating_sub(1);
                if let Err(error) = self.after_asking(id, heard).await {
                    self.journal_failed(&error);
                }
            }
        }
    }

    /// Does all that can be done now.
    async fn work(&mut self) {
        self.needs_retry = false;
        if let Err(error) = self.work_through().await {
            self.journal_failed(&error);
        }
        self.needs_retry |= self.entries.values().any(|entry| entry.try_from.is_some());
    }

    async fn work_through(&mut self) -> Result<(), JournalError> {
        while let Some((id, result)) = self.finished.pop() {
            if let Err(error) = self.keep_run(id, &result).await {
                self.finished.push((id, result));
                return Err(error);
            }
        }
        let snapshot = self.parts.snapshot.borrow().clone();
        let Some(snapshot) = snapshot else {
            return Ok(());
        };
        let may_run = !snapshot.is_stale && !snapshot.is_suspended && snapshot.has_cluster_key;
        if self.parts.shutdown.is_requested() || !may_run {
            return Ok(());
        }
        if self.parts.journal.failure().is_some() {
            self.parts.journal.on_thread(Journal::probe).await?;
        }
        let now = Instant::now();
        let is_due = |entry: &Entry| {
            !entry.is_busy
                && snapshot.has_stake(&entry.record.contract)
                && match entry.try_from {
                    Some(from) => now >= from,
                    None => entry.looked_at != Some(snapshot.block),
                }
        };
        let due: Vec<Record> = self
            .entries
            .values()
            .filter(|entry| is_due(entry))
            .map(|entry| entry.record.clone())
            .collect();
        for record in due {
            let turn = self.turn(&record, &snapshot);
            self.act(record, turn, &snapshot).await?;
        }
        Ok(())
    }

    fn turn(&self, record: &Record, snapshot: &Snapshot) -> Turn {
        let worker = self.parts.executor.keys().worker_id();
        let rank = phat_worker_core::rank(record.id, worker, &snapshot.members);
        firing::turn(record, rank, snapshot.block, &self.parts.policy)
    }

    async fn act(
        &mut self,
        mut record: Record,
        turn: Turn,
        snapshot: &Arc<Snapshot>,
    ) -> Result<(), JournalError> {
        let id = record.id;
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.looked_at = Some(snapshot.block);
            entry.try_from = None;
        }
        match turn {
            Turn::Wait { .. } => Ok(()),
            Turn::GiveUp(reason) => {
                record.give_up(reason);
                self.keep(record).await
            }
            Turn::Ask => {
                self.ask(&record, snapshot);
                Ok(())
            }
            Turn::Run => {
                self.wait_for_turn(&record);
                Ok(())
            }
        }
    }

    /// Asks the others about a firing, which comes back to the actor.
    fn ask(&mut self, record: &Record, snapshot: &Arc<Snapshot>) {
        let Some(entry) = self.entries.get_mut(&record.id) else {
            return;
        };
        if self.asking >= ASKED_CONCURRENT_MAX {
            // The next tick has room.
            entry.try_from = Some(Instant::now());
            return;
        }
        entry.is_busy = true;
        self.asking += 1;
        let (id, contract) = (record.id, record.contract);
        let (peers, snapshot) = (self.parts.peers.clone(), snapshot.clone());
        self.tasks.spawn(async move {
            let heard = peers.ask(&snapshot, contract, id).await;
            Finished {
                id,
                what: What::Heard(heard),
            }
        });
    }

    async fn after_asking(&mut self, id: RequestId, heard: Heard) -> Result<(), JournalError> {
        let snapshot = self.parts.snapshot.borrow().clone();
        let Some(entry) = self.entries.get_mut(&id) else {
            return Ok(());
        };
        entry.is_busy = false;
        entry.was_asked = true;
        let mut record = entry.record.clone();
        let Some(snapshot) = snapshot else {
            return Ok(());
        };
        match firing::heard(&record, heard, snapshot.block, &self.parts.policy) {
            None => {
                record.ran_elsewhere();
                self.keep(record).await
            }
            Some(Turn::Wait { until }) => {
                record.waits(until);
                self.keep(record).await
            }
            Some(turn) => self.act(record, turn, &snapshot).await,
        }
    }

    /// Has a run wait for its turn, which comes back to the actor.
    fn wait_for_turn(&mut self, record: &Record) {
        let id = record.id;
        let entered = match self.parts.executor.enter(Class::Anchor, record.contract) {
            Ok(entered) => entered,
            Err(NotRun::Busy(busy)) => {
                self.put_off(id, Duration::from_secs(busy.retry_after_s));
                return;
            }
            // Nothing but the end of the worker is left.
            Err(_) => return,
        };
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_busy = true;
        }
        self.tasks.spawn(async move {
            let began = entered.begin().await;
            Finished {
                id,
                what: What::Began(began),
            }
        });
    }

    /// Journals that a run begins, and begins it. It comes back to the actor.
    async fn begin(
        &mut self,
        id: RequestId,
        began: Result<compute::Turn, NotRun>,
    ) -> Result<(), JournalError> {
        let Some(entry) = self.entries.get_mut(&id) else {
            return Ok(());
        };
        entry.is_busy = false;
        let mut record = entry.record.clone();
        let turn = match began {
            Ok(turn) => turn,
            Err(NotRun::Busy(busy)) => {
                self.put_off(id, Duration::from_secs(busy.retry_after_s));
                return Ok(());
            }
            // The worker ends: the record stays as it is, for the next start.
            Err(_) => return Ok(()),
        };
        // The processors may have been busy for so long that another worker has begun it.
        let was_asked = entry.was_asked;
        let snapshot = self.parts.snapshot.borrow().clone();
        if let Some(snapshot) = snapshot
            && !was_asked
            && self.turn(&record, &snapshot) == Turn::Ask
        {
            self.ask(&record, &snapshot);
            return Ok(());
        }
        let input = self
            .parts
            .journal
            .on_thread(move |journal| journal.input(id));
        let Some(input) = input.await? else {
            // The journal writes both in one step, so this is a damaged file.
            record.give_up("the journal lost the input of the firing");
            return self.keep(record).await;
        };
        record.started();
        self.keep(record.clone()).await?;
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_busy = true;
        }
        let executor = self.parts.executor.clone();
        let snapshot = self.parts.snapshot.clone();
        self.tasks.spawn(async move {
            let run = run(executor, snapshot, record, input, turn);
            // A panic in the engine is a bug, but no reason to lose the firing.
            let result = AssertUnwindSafe(run).catch_unwind().await;
            let panicked = |_| Err(NotRun::Interrupted("the engine panicked".into()));
            Finished {
                id,
                what: What::Ran(Box::new(result.unwrap_or_else(panicked))),
            }
        });
        Ok(())
    }

    /// Journals a run that ended, which is the end of the firing, or puts it off.
    async fn keep_run(
        &mut self,
        id: RequestId,
        result: &Result<Ran, NotRun>,
    ) -> Result<(), JournalError> {
        let Some(entry) = self.entries.get_mut(&id) else {
            return Ok(());
        };
        let mut record = entry.record.clone();
        match result {
            Ok(ran) => {
                record.ran(ran.stored.receipt.hash());
                let step = journal::Step {
                    receipt: Some(ran.stored.clone()),
                    lines: Some((record.contract, ran.lines.clone())),
                    records: vec![record],
                    ..journal::Step::default()
                };
                self.commit(step).await
            }
            Err(reason) => {
                if !matches!(reason, NotRun::Interrupted(_)) {
                    // The contract's code has not been entered.
                    record.not_started();
                }
                let text = reason.to_string();
                record.postponed(&text);
                let pause = entry.backoff.pause();
                tracing::warn!(request = %id, reason = text, pause_s = pause.as_secs(), "firing put off");
                self.keep(record).await?;
                self.put_off(id, pause);
                Ok(())
            }
        }
    }

    /// Has a firing looked at again after a pause.
    fn put_off(&mut self, id: RequestId, pause: Duration) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_busy = false;
            entry.try_from = Some(Instant::now() + pause);
            self.needs_retry = true;
        }
    }

    fn journal_failed(&mut self, error: &JournalError) {
        self.parts.metrics.journal_errors.inc();
        self.parts.health.fault("journal", error);
        self.needs_retry = true;
    }
}

/// Runs a firing whose turn it is.
async fn run(
    executor: Arc<Executor>,
    snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    record: Record,
    input: Vec<u8>,
    turn: compute::Turn,
) -> Result<Ran, NotRun> {
    let known = snapshot.borrow().clone();
    let (Some(snapshot), Some(fired)) = (known, &record.firing) else {
        return Err(NotRun::Stopped);
    };
    let Some(contract) = snapshot.contracts.get(&record.contract) else {
        let reason = "it is not, or no more, in this worker's cluster";
        return Err(NotRun::NotServed(reason.into()));
    };
    let job = Job {
        contract: contract.clone(),
        request: record.id,
        input,
        origin: Origin::Trigger {
            name: fired.trigger.clone(),
        },
        kv: Arc::new(NoKeyValue),
    };
    executor.run(job, snapshot.genesis_hash, turn).await
}
