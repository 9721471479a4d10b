//! Does what the chain asks of this worker: see [`phat_worker_core::performance`].

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use phat_worker_core::performance::{
    Action, Benchmark, Challenge, Purpose, Seen, Session, Statement, next, purpose,
};
use phat_workload::{Commitment, Hash};
use thiserror::Error;
use tokio::sync::watch;

use super::{
    PerformanceChain,
    iterations::Iterations,
    statements::{self, Answer},
    store::{Kept, Memory, Store, StoreError},
    tally::Tally,
};
use crate::{
    chain::ChainError,
    contracts::Snapshot,
    http::view,
    keys::WorkerKeys,
    metrics::Metrics,
    pace::{Backoff, Shutdown},
};

/// The longest time between two looks at the chain. Usually each finalised block is looked at.
const LOOK_MAX: Duration = Duration::from_secs(10);
/// The longest pause after something failed. A challenge has to be answered within two minutes, or
/// half a minute on a development chain.
const RETRY_MAX: Duration = Duration::from_secs(5);

/// How things are, as of the newest finalised block that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What the chain has.
    pub seen: Seen,
    /// The iterations that were done since the last answer, or in the benchmark.
    pub iterations: u32,
    /// In how long.
    pub elapsed: Option<Duration>,
    /// How many threads give way to runs of contracts.
    pub giving_way: usize,
}

/// Why nothing gets on.
#[derive(Debug, Error)]
enum PerformerError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a task failed: {0}")]
    Task(#[from] tokio::task::JoinError),
    #[error("there are more iterations than a commitment can have")]
    TooMany,
}

/// Does the duty.
pub struct Performer {
    /// Where statements go.
    pub chain: Arc<dyn PerformanceChain>,
    /// Who signs.
    pub keys: Arc<WorkerKeys>,
    /// What does the work.
    pub iterations: Iterations,
    /// What is needed after a restart.
    pub store: Store,
    /// The cluster at each finalised block, which tells of new ones.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// Told how things are.
    pub status: watch::Sender<Status>,
    /// What to count in.
    pub metrics: Arc<Metrics>,
    /// The first pause after something failed.
    pub retry: Duration,
    /// When to end.
    pub shutdown: Shutdown,
}

/// A performer at work.
struct Working {
    own: Performer,
    memory: Memory,
    /// What this process has said that the worker did, and in which session.
    counted: Option<(u32, u64)>,
    /// The benchmark of which was told that it cannot be shown.
    told_of: Option<u32>,
    /// What becomes of challenges.
    tally: Tally,
}

impl Performer {
    /// Works until the worker ends.
    pub async fn run(self) {
        let mut shutdown = self.shutdown.clone();
        let mut snapshot = self.snapshot.clone();
        let mut backoff = Backoff::new(self.retry, RETRY_MAX);
        let mut is_told = false;
        let mut working = Working {
            memory: load(&self.store).await,
            own: self,
            counted: None,
            told_of: None,
            tally: Tally::default(),
        };
        loop {
            snapshot.mark_unchanged();
            let looked = tokio::select! {
                () = shutdown.requested() => return,
                looked = working.look() => looked,
            };
            match looked {
                Ok(()) => {
                    is_told = false;
                    backoff.reset();
                    tokio::select! {
                        () = shutdown.requested() => return,
                        // An error means that there will be none any more, as when all ends.
                        changed = snapshot.changed() => if changed.is_err() { return },
                        () = tokio::time::sleep(LOOK_MAX) => {}
                    }
                }
                Err(error) => {
                    let reason = error.to_string();
                    if is_told {
                        tracing::debug!(reason, "performance is still not shown");
                    } else {
                        tracing::warn!(reason, "performance cannot be shown, trying on");
                        is_told = true;
                    }
                    if !shutdown.sleep(backoff.pause()).await {
                        return;
                    }
                }
            }
        }
    }
}

/// What is remembered. What cannot be read is forgotten: the worker goes on as a new one would.
async fn load(store: &Store) -> Memory {
    let store = store.clone();
    match tokio::task::spawn_blocking(move || store.load()).await {
        Ok(Ok(memory)) => memory,
        Ok(Err(error)) => {
            let reason = error.to_string();
            tracing::error!(reason, "what was done before is not known");
            Memory::default()
        }
        Err(error) => {
            let reason = error.to_string();
            tracing::error!(reason, "what was done before is not known");
            Memory::default()
        }
    }
}

impl Working {
    /// Looks at the chain and does what is to be done.
    async fn look(&mut self) -> Result<(), PerformerError> {
        let worker = self.own.keys.worker_id();
        let seen = self.own.chain.performance(worker).await?;
        self.turn_to(&seen);
        let iterations = self.own.iterations.count();
        self.show(Status {
            seen: seen.clone(),
            iterations,
            elapsed: self.own.iterations.elapsed(),
            giving_way: self.own.iterations.paused(),
        });
        match next(&seen, self.memory.signed.as_ref(), iterations) {
            Action::Wait => return Ok(()),
            Action::Send => {}
            Action::Answer(session, challenge) => self.answer(session, challenge).await?,
            Action::Report(benchmark) => self.report(&benchmark).await?,
            Action::Prove {
                benchmark,
                commitment,
                draw,
            } => {
                if !self.prove(benchmark, commitment, draw).await? {
                    return Ok(());
                }
            }
        }
        // What was signed ends the iterations before it.
        self.turn_to(&seen);
        self.send().await
    }

    /// Tells how things are.
    fn show(&mut self, status: Status) {
        let metrics = &self.own.metrics.economy;
        let news = self.tally.look(&status.seen);
        if news.is_answered {
            metrics.answered();
        }
        if news.is_missed {
            metrics.missed();
        }
        metrics.performance(&view::performance(&status), self.own.iterations.total());
        self.own.status.send_replace(status);
    }

    /// Has the iterations be done that are to be done.
    fn turn_to(&self, seen: &Seen) {
        let worker = self.own.keys.worker_id();
        let purpose = purpose(seen, self.memory.signed.as_ref());
        let seed = purpose.map(|purpose| purpose.seed(&worker));
        self.own.iterations.begin(seed);
    }

    /// Signs an answer to a challenge.
    async fn answer(
        &mut self,
        session: Session,
        challenge: Challenge,
    ) -> Result<(), PerformerError> {
        let worker = self.own.keys.worker_id();
        let of = |randomness| Purpose::Session {
            number: session.number,
            randomness,
        };
        let committed = session.committed.and_then(|committed| {
            let seed = of(committed.randomness).seed(&worker);
            self.memory.find(&seed, &committed.commitment)
        });
        let seed = of(session.randomness).seed(&worker);
        let answer = Answer {
            worker,
            chunks: self.own.iterations.chunks(&seed),
            committed,
            counted: self.counted,
            session,
            challenge,
        };
        let made = tokio::task::spawn_blocking(move || answer.make()).await?;
        let (heartbeat, kept) = made.ok_or(PerformerError::TooMany)?;
        let counted = (heartbeat.session, heartbeat.iterations);
        let statement = Statement::Heartbeat(Box::new(heartbeat), challenge.randomness);
        self.remember(self.memory.with(kept), statement).await?;
        self.counted = Some(counted);
        Ok(())
    }

    /// Signs what was done in a benchmark.
    async fn report(&mut self, benchmark: &Benchmark) -> Result<(), PerformerError> {
        let worker = self.own.keys.worker_id();
        let seed = Purpose::Benchmark(benchmark.randomness).seed(&worker);
        let chunks = self.own.iterations.chunks(&seed);
        let made = tokio::task::spawn_blocking(move || Kept::new(&seed, chunks)).await?;
        let kept = made.ok_or(PerformerError::TooMany)?;
        let report = statements::report(worker, benchmark, kept.commitment);
        let memory = self.memory.with(kept);
        self.remember(memory, Statement::Report(report)).await
    }

    /// Signs what shows a benchmark. `false` if the worker does not know what it did.
    async fn prove(
        &mut self,
        benchmark: Benchmark,
        commitment: Commitment,
        draw: Hash,
    ) -> Result<bool, PerformerError> {
        let worker = self.own.keys.worker_id();
        let seed = Purpose::Benchmark(benchmark.randomness).seed(&worker);
        let kept = self.memory.find(&seed, &commitment);
        let started = Instant::now();
        let made = tokio::task::spawn_blocking(move || {
            statements::proof(worker, &benchmark, &*kept?, &draw)
        });
        let Some(proof) = made.await? else {
            if self.told_of.replace(benchmark.begun_at) != Some(benchmark.begun_at) {
                let begun_at = benchmark.begun_at;
                tracing::error!(begun_at, "a benchmark cannot be shown: begin another one");
            }
            return Ok(false);
        };
        tracing::debug!(elapsed = ?started.elapsed(), "opened the steps of a benchmark");
        let memory = self.memory.clone();
        self.remember(memory, Statement::Proof(proof)).await?;
        Ok(true)
    }

    /// Keeps what is signed, before it is sent.
    async fn remember(
        &mut self,
        mut memory: Memory,
        statement: Statement,
    ) -> Result<(), PerformerError> {
        memory.signed = Some(statement);
        let store = self.own.store.clone();
        let saved = memory.clone();
        tokio::task::spawn_blocking(move || store.save(&saved)).await??;
        self.memory = memory;
        Ok(())
    }

    /// Sends what was signed.
    async fn send(&self) -> Result<(), PerformerError> {
        let Some(statement) = &self.memory.signed else {
            return Ok(());
        };
        let genesis_hash = self.own.chain.genesis_hash().await?;
        let payload = statement.signing_payload(&genesis_hash);
        let signature = self.own.keys.store().sign_for_chain(&payload);
        self.own.chain.submit(statement, signature).await?;
        tracing::info!(statement = statement.name(), "the chain has a statement");
        Ok(())
    }
}
