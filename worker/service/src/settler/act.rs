//! Does what was decided about a request.

use std::{panic::AssertUnwindSafe, slice};

use futures::FutureExt;
use phat_primitives::RequestId;
use phat_target::{PreparedTransaction, Rollup, TargetError, TransactionStatus};
use phat_worker_core::{Action, Nonce, Observation, Record, scheduler::Class};

use super::{
    Actor, Finished, Stop,
    outcome::{World, is_least, run, told_of, too_large},
};
use crate::{executor::NotRun, journal::Step, pace::now_ms};

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
        entry.try_from = None;
        entry.look_backoff.reset();
        let mut record = entry.record.clone();
        let is_changed = record.observe(&observation, &self.parts.policy);
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

    /// Journals a record that changed.
    pub(super) async fn keep(&mut self, record: Record) -> Result<(), Stop> {
        let step = Step {
            records: vec![record],
            ..Step::default()
        };
        Ok(self.commit(step).await?)
    }

    /// Starts a run, which comes back to the actor as [`Finished`].
    async fn start_run(&mut self, mut record: Record) -> Result<(), Stop> {
        let id = record.id;
        if let Some(reason) = record.must_not_run() {
            record.give_up(reason);
            return self.keep(record).await;
        }
        let entered = match self.parts.executor.enter(Class::Anchor, record.contract) {
            Ok(entered) => entered,
            Err(NotRun::Busy(busy)) => {
                self.put_off_busy(id, busy);
                return Ok(());
            }
            // Nothing but the end of the worker is left.
            Err(_) => return Ok(()),
        };
        let input = self
            .parts
            .journal
            .on_thread(move |journal| journal.input(id))
            .await?;
        let Some(input) = input else {
            // The journal writes both in one step, so this is a damaged file.
            record.give_up("the journal lost the input of the request");
            return self.keep(record).await;
        };
        if record
            .firing
            .as_ref()
            .is_some_and(|firing| firing.runs_once)
        {
            record.started();
            self.keep(record.clone()).await?;
        }
        let world = World {
            executor: self.parts.executor.clone(),
            target: self.parts.target.clone(),
            snapshot: self.parts.snapshot.clone(),
            head: self.parts.head.clone(),
        };
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_running = true;
        }
        self.runs.spawn(async move {
            let run = run(world, entered, record, input);
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
        replaces: Option<u32>,
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
            Nonce::Keep(nonce) => Ok(nonce),
            Nonce::Fresh => {
                let chain_next = self.parts.target.next_nonce().await;
                chain_next.map(|next| phat_worker_core::fresh_nonce(next, self.records()))
            }
        };
        let target = &self.parts.target;
        let prepared = match nonce {
            Ok(nonce) => {
                target
                    .prepare(
                        &record.anchor,
                        slice::from_ref(&rollup),
                        nonce,
                        replaced.as_ref(),
                    )
                    .await
            }
            Err(error) => Err(error),
        };
        match prepared {
            Ok(transaction) => {
                let attempt = record.prepared(&transaction, &self.parts.policy);
                let step = Step {
                    records: vec![record.clone()],
                    transactions: vec![(id, attempt as usize, transaction)],
                    ..Step::default()
                };
                self.commit(step).await?;
                if self.is_paused(id) {
                    return Ok(());
                }
                self.send(record, attempt, head).await
            }
            Err(TargetError::OutcomeTooLarge(reason)) if !is_least(&rollup.rollup, &record) => {
                self.settle_as_too_large(record, &rollup.rollup, &reason)
                    .await
            }
            Err(error) => {
                let is_noted = record.failed(&error, head, &self.parts.policy);
                self.note_failure(record, error, is_noted).await
            }
        }
    }

    /// Exchanges an outcome that can never be settled for one that says so: whoever
    /// asked must not wait for ever.
    async fn settle_as_too_large(
        &mut self,
        mut record: Record,
        replaced: &Rollup,
        reason: &str,
    ) -> Result<(), Stop> {
        let Some(secret) = self.parts.executor.keys().contract(record.contract) else {
            // Right after a start, the chain has not confirmed the cluster's key yet.
            self.forget_look(record.id);
            return Ok(());
        };
        let before = replaced.reads.first().filter(|_| record.firing.is_some());
        let rollup = too_large(&record, before.map(|read| read.version), reason);
        let line = told_of(&record, &rollup);
        let target = &self.parts.target;
        let signed = match target.sign(&record.anchor, rollup, secret.expose()).await {
            Ok(signed) => signed,
            Err(error) => return Err(error.into()),
        };
        tracing::warn!(request = %record.id, reason, "settled as a failure: the outcome is too large");
        record.outcome_exchanged();
        let id = record.id;
        let step = Step {
            rollups: vec![(id, signed)],
            lines: Some((record.contract, vec![line])),
            records: vec![record],
            ..Step::default()
        };
        self.commit(step).await?;
        self.forget_look(id);
        Ok(())
    }

    async fn send(&mut self, mut record: Record, attempt: u32, head: u64) -> Result<(), Stop> {
        let nonce = record.attempt(attempt).map(|attempt| attempt.nonce);
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
                self.forget_look(id);
                Ok(())
            }
            Err(error) => {
                let is_noted = record.refused(attempt, &error, head, &self.parts.policy);
                self.note_failure(record, error, is_noted).await
            }
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

    /// Journals why preparing or sending failed, if the record took note of it, or
    /// passes on that it must be tried again as it is.
    async fn note_failure(
        &mut self,
        record: Record,
        error: TargetError,
        is_noted: bool,
    ) -> Result<(), Stop> {
        if !is_noted {
            return Err(error.into());
        }
        let before = self.entries.get(&record.id);
        let is_known = before.is_some_and(|entry| entry.record.problem == record.problem);
        let error = error.to_string();
        if is_known {
            tracing::debug!(request = %record.id, error, "still not submitted");
        } else {
            tracing::warn!(request = %record.id, error, "not submitted");
        }
        self.keep(record).await
    }

    async fn transaction(
        &self,
        id: RequestId,
        attempt: u32,
    ) -> Result<Option<PreparedTransaction>, Stop> {
        let journal = &self.parts.journal;
        Ok(journal
            .on_thread(move |journal| journal.transaction(id, attempt as usize))
            .await?)
    }
}
