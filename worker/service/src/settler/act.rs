//! Does what was decided about a request.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;
use phat_primitives::RequestId;
use phat_receipt::Origin;
use phat_target::{
    KeyRead, KeyWrite, PreparedTransaction, Rollup, SignedRollup, TargetError, TransactionStatus,
};
use phat_worker_core::{Action, Nonce, Observation, Record};

use super::{Actor, Finished, Stop};
use crate::{
    contracts::Snapshot,
    executor::{AnchorKeys, Executor, Job, NotRun, Ran},
    journal::Step,
    pace::now_ms,
};

impl Actor {
    /// Decides about a request and does it.
    pub(super) async fn act(
        &mut self,
        id: RequestId,
        observation: Observation,
    ) -> Result<(), Stop> {
        let head = observation.head;
        let Some(entry) = self.entries.get_mut(&id) else {
            return Ok(());
        };
        entry.looked_at = Some(head);
        let mut record = entry.record.clone();
        let is_changed = record.observe(&observation);
        let action = phat_worker_core::next(&record, &observation, &self.parts.policy);
        tracing::debug!(request = %id, head, ?action, "decided");
        match action {
            Action::Wait { .. } | Action::Done => {
                if is_changed {
                    self.keep(record).await?;
                }
            }
            Action::Run => self.start_run(record).await?,
            Action::Prepare { nonce, replaces } => {
                self.prepare(record, nonce, replaces, head).await?;
            }
            Action::Send { attempt } => self.send(record, attempt, head).await?,
            Action::Finish(settlement) => {
                record.finished(settlement);
                self.keep(record).await?;
            }
            Action::GiveUp(reason) => {
                record.give_up(reason);
                self.keep(record).await?;
            }
        }
        Ok(())
    }

    async fn keep(&mut self, record: Record) -> Result<(), Stop> {
        let step = Step {
            records: vec![record],
            ..Step::default()
        };
        Ok(self.commit(step).await?)
    }

    /// Starts a run, which comes back to the actor as [`Finished`].
    async fn start_run(&mut self, record: Record) -> Result<(), Stop> {
        let id = record.id;
        let input = self
            .parts
            .journal
            .on_thread(move |journal| journal.input(id))
            .await?;
        let Some(input) = input else {
            // The journal writes both in one step, so this is a damaged file.
            let mut record = record;
            record.give_up("the journal lost the input of the request");
            return self.keep(record).await;
        };
        let snapshot = self.parts.snapshot.borrow().clone();
        let (Some(head), Some(snapshot)) = (self.head, snapshot) else {
            return Ok(());
        };
        let executor = self.parts.executor.clone();
        let keys = AnchorKeys {
            target: self.parts.target.clone(),
            anchor: record.anchor.clone(),
            block: head,
        };
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_running = true;
            entry.run_from = None;
        }
        self.runs.spawn(async move {
            let run = run(executor, snapshot, record, input, keys);
            // A panic in the engine is a bug, but no reason to lose the request.
            let result = AssertUnwindSafe(run).catch_unwind().await;
            let panicked = |_| Err(NotRun::Interrupted("the engine panicked".into()));
            Finished {
                id,
                result: result.unwrap_or_else(panicked),
            }
        });
        Ok(())
    }

    /// Makes a transaction, journals it and sends it.
    async fn prepare(
        &mut self,
        mut record: Record,
        nonce: Nonce,
        replaces: Option<usize>,
        head: u64,
    ) -> Result<(), Stop> {
        let id = record.id;
        let rollup = self
            .parts
            .journal
            .on_thread(move |journal| journal.rollup(id))
            .await?;
        let Some(rollup) = rollup else {
            record.outcome_lost();
            return self.keep(record).await;
        };
        let replaced = match replaces {
            Some(attempt) => self.transaction(id, attempt).await?,
            None => None,
        };
        let nonce = match nonce {
            Nonce::Keep(nonce) => nonce,
            Nonce::Fresh => {
                let chain_next = self.parts.target.next_nonce().await?;
                phat_worker_core::fresh_nonce(chain_next, self.records())
            }
        };
        let prepared = self
            .parts
            .target
            .prepare(&record.anchor, &rollup, nonce, replaced.as_ref())
            .await;
        match prepared {
            Ok(transaction) => {
                let attempt = record.prepared(&transaction);
                let step = Step {
                    records: vec![record.clone()],
                    transactions: vec![(id, attempt, transaction)],
                    ..Step::default()
                };
                self.commit(step).await?;
                if self.is_paused(id) {
                    return Ok(());
                }
                self.send(record, attempt, head).await
            }
            Err(error) => self.note_failure(record, error, head).await,
        }
    }

    async fn send(&mut self, mut record: Record, attempt: usize, head: u64) -> Result<(), Stop> {
        let nonce = record.attempts.get(attempt).map(|attempt| attempt.nonce);
        let Some(transaction) = self.transaction(record.id, attempt).await? else {
            // The journal writes both in one step, so this is a damaged file; a
            // transaction with another nonce takes its place.
            nonce.into_iter().for_each(|nonce| record.nonce_lost(nonce));
            return self.keep(record).await;
        };
        match self.parts.target.send(&transaction).await {
            Ok(()) => {
                let is_first = record.attempts.iter().all(|a| a.sent_at.is_none());
                record.sent(attempt, head);
                if is_first {
                    let waited = now_ms().saturating_sub(record.seen_at_ms);
                    self.parts.metrics.submission(waited);
                }
                self.keep(record).await
            }
            Err(TargetError::NonceUsed { nonce, .. }) => {
                let id = record.id;
                if !self.is_included(&record, nonce).await? {
                    tracing::warn!(request = %id, nonce, "the nonce was used outside the worker");
                    record.nonce_lost(nonce);
                    self.keep(record).await?;
                }
                if let Some(entry) = self.entries.get_mut(&id) {
                    entry.looked_at = None;
                }
                self.needs_retry = true;
                Ok(())
            }
            Err(error) => self.note_failure(record, error, head).await,
        }
    }

    /// Whether one of the request's own transactions used `nonce`.
    async fn is_included(&self, record: &Record, nonce: u64) -> Result<bool, TargetError> {
        for attempt in record.attempts.iter().filter(|a| a.nonce == nonce) {
            let status = self.parts.target.transaction_status(attempt.hash).await?;
            if matches!(status, TransactionStatus::Included { .. }) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes why preparing or sending failed, or passes on that it must be tried
    /// again as it is.
    async fn note_failure(
        &mut self,
        mut record: Record,
        error: TargetError,
        head: u64,
    ) -> Result<(), Stop> {
        if record.failed(&error, head, &self.parts.policy) {
            tracing::warn!(request = %record.id, %error, "not submitted");
            return self.keep(record).await;
        }
        Err(error.into())
    }

    async fn transaction(
        &self,
        id: RequestId,
        attempt: usize,
    ) -> Result<Option<PreparedTransaction>, Stop> {
        let journal = &self.parts.journal;
        Ok(journal
            .on_thread(move |journal| journal.transaction(id, attempt))
            .await?)
    }
}

/// Runs a request and signs its outcome with the contract's key.
async fn run(
    executor: Arc<Executor>,
    snapshot: Arc<Snapshot>,
    record: Record,
    input: Vec<u8>,
    keys: AnchorKeys,
) -> Result<(Ran, SignedRollup), NotRun> {
    let permit = executor.permit().await?;
    let target = keys.target.clone();
    let Some(contract) = snapshot.contracts.get(&record.contract) else {
        let reason = "it is not, or no more, in this worker's cluster";
        return Err(NotRun::NotServed(reason.into()));
    };
    let job = Job {
        contract: contract.clone(),
        request: record.id,
        input,
        origin: Origin::Anchor {
            chain: record.chain,
            anchor: record.anchor.clone(),
            number: record.number,
            block: keys.block.number,
        },
        kv: Arc::new(keys),
    };
    let ran = executor.run(job, snapshot.genesis_hash, permit).await?;
    let reads = ran.reads.iter().map(|read| KeyRead {
        key: read.key.clone(),
        version: read.version,
    });
    let writes = ran.writes.iter().map(|write| KeyWrite {
        key: write.key.clone(),
        value: write.value.clone(),
    });
    let rollup = Rollup {
        number: record.number,
        commitment: record.commitment,
        success: ran.success,
        output: ran.stored.output.clone(),
        reads: reads.collect(),
        writes: writes.collect(),
    };
    let secret = executor.keys().contract(record.contract);
    let signed = target
        .sign(&record.anchor, rollup, secret.expose())
        .map_err(|error| NotRun::Interrupted(error.to_string()))?;
    Ok((ran, signed))
}
