//! Does what was decided about a request.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
};

use futures::FutureExt;
use phat_primitives::RequestId;
use phat_target::{Rejection, Rollup, TargetError, TransactionHash, TransactionStatus};
use phat_worker_core::{Action, Nonce, Observation, Record, scheduler::Class};

use super::{
    Actor, Finished, Stop,
    outcome::{World, run, told_of, too_large},
};
use crate::{executor::NotRun, journal::Step};

/// Records that are journaled in one step.
const RECORDS_PER_STEP_MAX: usize = 256;

/// What was decided in one round of looks at requests.
pub(super) struct Round {
    /// The block it was decided at.
    pub head: u64,
    /// All that were looked at.
    pub seen: Vec<RequestId>,
    /// Records that changed.
    pub changed: Vec<Record>,
    /// What is to be run.
    pub runs: Vec<Record>,
    /// What transactions are to be made for, with the nonces that they get and those
    /// whose places they take.
    pub ready: Vec<(RequestId, Nonce, Option<TransactionHash>)>,
    /// Transactions to send.
    pub sends: BTreeSet<TransactionHash>,
    /// Transactions that wait although their requests are settled, by nonce.
    pub left: BTreeMap<u64, TransactionHash>,
    /// Transactions that are included for good, with the nonces they used.
    pub included: BTreeMap<TransactionHash, (u64, TransactionStatus)>,
}

impl Round {
    pub(super) fn new(head: u64) -> Self {
        Self {
            head,
            seen: Vec::new(),
            changed: Vec::new(),
            runs: Vec::new(),
            ready: Vec::new(),
            sends: BTreeSet::new(),
            left: BTreeMap::new(),
            included: BTreeMap::new(),
        }
    }
}

impl Actor {
    /// Decides about a request.
    pub(super) fn decide(&mut self, id: RequestId, observation: &Observation, round: &mut Round) {
        let head = observation.head;
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        entry.looked_at = Some(head);
        entry.try_from = None;
        entry.look_backoff.reset();
        round.seen.push(id);
        let mut record = entry.record.clone();
        for (attempt, status) in record.attempts.iter().zip(&observation.transactions) {
            if matches!(status, TransactionStatus::Included { is_final: true, .. }) {
                round
                    .included
                    .insert(attempt.hash, (attempt.nonce, *status));
            }
        }
        let mut is_changed = record.observe(observation, &self.parts.policy);
        let action = phat_worker_core::next(&record, observation, &self.parts.policy);
        tracing::debug!(request = %id, head, ?action, "decided");
        match action {
            Action::Wait { .. } | Action::Done => {}
            Action::Run => round.runs.push(record.clone()),
            Action::Prepare { nonce, replaces } => {
                let replaced = replaces.and_then(|number| record.attempt(number));
                let replaced = replaced.map(|attempt| attempt.hash);
                round.ready.push((id, nonce, replaced));
            }
            Action::Send { attempt } => {
                let hash = record.attempt(attempt).map(|attempt| attempt.hash);
                round.sends.extend(hash);
            }
            Action::Finish(settlement) => {
                record.finished(settlement, head, &self.parts.policy);
                is_changed = true;
            }
            Action::GiveUp(reason) => {
                record.give_up(reason);
                record.watch_leftovers(head, &self.parts.policy);
                is_changed = true;
            }
        }
        if is_changed {
            round.changed.push(record);
        }
    }

    /// Does what was decided. Everything is journaled before it is done.
    pub(super) async fn carry_out(&mut self, round: &Round) -> Result<(), Stop> {
        self.note_costs(round).await?;
        for records in round.changed.chunks(RECORDS_PER_STEP_MAX) {
            let step = Step {
                records: records.to_vec(),
                ..Step::default()
            };
            self.commit(step).await?;
        }
        for record in &round.runs {
            self.start_run(record.clone()).await?;
        }
        self.submit(round).await
    }

    /// Journals a record that changed.
    pub(super) async fn keep(&mut self, record: Record) -> Result<(), Stop> {
        let step = Step {
            records: vec![record],
            ..Step::default()
        };
        Ok(self.commit(step).await?)
    }

    /// Journals that a request is given up. What was sent for it is watched until it is
    /// gone.
    async fn keep_given_up(&mut self, mut record: Record, reason: &str) -> Result<(), Stop> {
        let head = self.head.map_or(record.block, |head| head.number);
        record.give_up(reason);
        record.watch_leftovers(head, &self.parts.policy);
        self.keep(record).await
    }

    /// Starts a run, which comes back to the actor as [`Finished`].
    async fn start_run(&mut self, mut record: Record) -> Result<(), Stop> {
        let id = record.id;
        if let Some(reason) = record.must_not_run() {
            return self.keep_given_up(record, reason).await;
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
            let reason = "the journal lost the input of the request";
            return self.keep_given_up(record, reason).await;
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
            peers: self.parts.peers.clone(),
            policy: self.parts.policy.clone(),
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

    /// Exchanges an outcome that can never be settled for one that says so: whoever
    /// asked must not wait for ever.
    pub(super) async fn settle_as_too_large(
        &mut self,
        mut record: Record,
        replaced: &Rollup,
        reason: &str,
        head: u64,
    ) -> Result<(), Stop> {
        if self.has_quorum(&record) {
            // Nobody can change alone what several have signed.
            let reason = format!("the outcome is too large to settle: {reason}");
            return self.keep_given_up(record, &reason).await;
        }
        let Some(secret) = self.parts.executor.keys().contract(record.contract) else {
            // Right after a start, the chain has not confirmed the cluster's key yet.
            self.forget_look(record.id);
            return Ok(());
        };
        let before = replaced.reads.first().filter(|_| record.firing.is_some());
        let rollup = too_large(&record, before.map(|read| read.version), reason);
        let line = told_of(&record, &rollup);
        let target = &self.parts.target;
        let signed = target.sign(&record.anchor, rollup, secret.expose()).await;
        let signed = match signed {
            Ok(signed) => signed,
            // What cannot be read at this consumer says nothing of others of the chain.
            Err(error) => {
                let is_noted = record.failed(&error, head, &self.parts.policy);
                return self.note_failure(record, error, is_noted).await;
            }
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

    /// Whether several workers must sign the request's outcome.
    fn has_quorum(&self, record: &Record) -> bool {
        let snapshot = self.parts.snapshot.borrow();
        let quorum = snapshot
            .as_ref()
            .map(|known| known.quorum(&record.contract));
        quorum.flatten().is_some()
    }

    /// Journals why preparing or sending failed, if the record took note of it, or
    /// passes on that it must be tried again as it is.
    pub(super) async fn note_failure(
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
        let is_of_signatures = matches!(
            error,
            TargetError::Rejected(Rejection::NotAttestor(_) | Rejection::QuorumMissing { .. })
        );
        let error = error.to_string();
        if is_known {
            tracing::debug!(request = %record.id, error, "still not submitted");
        } else {
            tracing::warn!(request = %record.id, error, "not submitted");
        }
        let mut step = Step::default();
        if is_of_signatures && self.has_quorum(&record) {
            // The attestors are others by now, or more of them must sign: it is gathered
            // anew what the workers have signed.
            step.outdated.push(record.id);
        }
        step.records.push(record);
        Ok(self.commit(step).await?)
    }
}
