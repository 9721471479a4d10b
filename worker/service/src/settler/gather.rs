//! Gathers the signatures of the other workers that run a request.

use std::sync::Arc;

use futures::future::join_all;
use phat_manifest::Verification;
use phat_primitives::{RequestId, WorkerId};
use phat_target::{SignedRollup, Target};
use phat_worker_core::{Record, outputs::ranks_running};
use tokio::{task::JoinError, time::Instant};

use super::{
    Actor, Stop,
    quorum::{Outcome, Subject, agreeing, can_reach},
};
use crate::{
    contracts::Snapshot,
    journal::{JournalError, Step, StoredLine},
    peers::Peers,
};

/// What a gathering came to.
pub(super) struct Gathered {
    pub id: RequestId,
    /// The outcome with enough signatures, or why there is none yet.
    pub result: Result<Joined, String>,
}

/// An outcome with as many signatures as it takes.
pub(super) struct Joined {
    pub rollup: SignedRollup,
    /// What the contract logged when it merged what several gave.
    pub lines: Vec<StoredLine>,
}

/// What a gathering works with.
struct Gathering {
    record: Record,
    own: Outcome,
    verification: Verification,
    subject: Subject,
    others: Vec<WorkerId>,
    peers: Arc<Peers>,
    target: Arc<dyn Target>,
}

impl Actor {
    /// Starts to gather signatures, if the request's outcome takes several. `false` if
    /// it does not, or this worker has signed none.
    pub(super) async fn start_gathering(&mut self, record: &Record) -> Result<bool, Stop> {
        let snapshot = self.parts.snapshot.borrow().clone();
        let Some(snapshot) = snapshot else {
            return Ok(false);
        };
        let Some(verification) = snapshot.quorum(&record.contract) else {
            return Ok(false);
        };
        if verification.aggregate {
            return self.start_merging(record, &snapshot, verification).await;
        }
        let id = record.id;
        let outcome = self
            .parts
            .journal
            .on_thread(move |journal| journal.outcome(id));
        let own = outcome
            .await?
            .and_then(|bytes| Outcome::from_bytes(&bytes).ok());
        let Some(own) = own else {
            return Ok(false);
        };
        let gathering = Gathering {
            others: self.others(record, &snapshot, verification),
            subject: Subject {
                genesis_hash: snapshot.genesis_hash,
                contract: record.contract,
                request: id,
            },
            record: record.clone(),
            own,
            verification,
            peers: self.parts.peers.clone(),
            target: self.parts.target.clone(),
        };
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_gathering = true;
        }
        self.gatherings.spawn(async move {
            let result = gathering.run().await.map(|rollup| Joined {
                rollup,
                lines: Vec::new(),
            });
            Gathered { id, result }
        });
        Ok(true)
    }

    /// The other workers that run a request by now, in the order of their ranks.
    pub(super) fn others(
        &self,
        record: &Record,
        snapshot: &Snapshot,
        verification: Verification,
    ) -> Vec<WorkerId> {
        let own = self.parts.executor.keys().worker_id();
        let head = self.head.map_or(record.block, |head| head.number);
        let count = ranks_running(record, head, verification.of, &self.parts.policy);
        let mut ranked: Vec<(u64, WorkerId)> = snapshot
            .members
            .iter()
            .filter(|member| **member != own)
            .filter_map(|member| {
                let rank = phat_worker_core::rank(record.id, *member, &snapshot.members)?;
                Some((rank, *member))
            })
            .filter(|(rank, _)| *rank < count)
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, member)| member).collect()
    }

    /// Takes in a gathering that ended.
    pub(super) fn note_gathered(&mut self, gathered: Result<Gathered, JoinError>) {
        match gathered {
            Ok(gathered) => self.gathered.push(gathered),
            Err(error) => {
                let error = error.to_string();
                tracing::error!(error, "signatures were not gathered");
                // All that gather do so again.
                for entry in self.entries.values_mut() {
                    entry.is_gathering = false;
                }
                self.needs_retry = true;
            }
        }
    }

    /// Journals outcomes that enough workers have signed.
    pub(super) async fn keep_gathered(&mut self) -> Result<(), JournalError> {
        while let Some(gathered) = self.gathered.pop() {
            if let Err(error) = self.keep_one_gathered(&gathered).await {
                self.gathered.push(gathered);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn keep_one_gathered(&mut self, gathered: &Gathered) -> Result<(), JournalError> {
        let id = gathered.id;
        let Some(entry) = self.entries.get_mut(&id) else {
            return Ok(());
        };
        let mut record = entry.record.clone();
        let mut step = Step::default();
        match &gathered.result {
            Ok(joined) => {
                record.problem = None;
                step.rollups.push((id, joined.rollup.clone()));
                if !joined.lines.is_empty() {
                    step.lines = Some((record.contract, joined.lines.clone()));
                }
            }
            Err(reason) => record.postponed(reason),
        }
        let is_known = entry.record.problem == record.problem;
        if !step.rollups.is_empty() || !is_known {
            step.records.push(record);
            self.commit(step).await?;
        }
        let Some(entry) = self.entries.get_mut(&id) else {
            return Ok(());
        };
        entry.is_gathering = false;
        if gathered.result.is_ok() {
            entry.looked_at = None;
            entry.try_from = None;
            entry.run_backoff.reset();
        } else {
            entry.try_from = Some(Instant::now() + entry.run_backoff.pause());
        }
        self.needs_retry = true;
        Ok(())
    }

    /// Has a request run again whose outcome read older state than that of another
    /// worker, which found that a key has changed since. It is not where the next run would
    /// read older state than the other all the same: whoever names a block that no worker
    /// runs at would have it run for ever.
    pub(super) async fn run_again(&mut self, id: RequestId, state_block: u64) -> Result<(), Stop> {
        let Some(entry) = self.entries.get(&id) else {
            return Ok(());
        };
        let mut record = entry.record.clone();
        let is_bounded = record.runs < self.parts.policy.runs_max;
        let newest = self.head.map_or(0, |head| head.number);
        let is_newer = can_reach(&record, newest, state_block);
        let can_run = record.runs > 0 && record.live().next().is_none() && !entry.is_running;
        if !is_bounded || !is_newer || !can_run || record.step_name() == "seen" {
            return Ok(());
        }
        tracing::info!(request = %id, state_block, "another worker has read newer state");
        record.outcome_lost();
        let step = Step {
            outdated: vec![id],
            records: vec![record],
            ..Step::default()
        };
        self.commit(step).await?;
        self.forget_look(id);
        Ok(())
    }
}

impl Gathering {
    async fn run(self) -> Result<SignedRollup, String> {
        let quorum = self.target.quorum(&self.record.anchor).await;
        let quorum = quorum.map_err(|error| error.to_string())?;
        let needed = quorum.threshold.max(self.verification.quorum) as usize;
        let state_block = self.own.state_block;
        let asked = self.others.iter().copied().map(|other| {
            let answer = self.peers.outcome(other, &self.subject, state_block);
            async move { (other, answer.await) }
        });
        let mut outcomes = vec![self.own.clone()];
        let mut silent = Vec::new();
        for (worker, answer) in join_all(asked).await {
            match answer {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => silent.push(format!("{worker}: {error}")),
            }
        }
        let count = outcomes.len();
        let (target, record) = (&*self.target, &self.record);
        let allowed = signed_by(target, record, outcomes, &quorum.attestors);
        let allowed_count = allowed.len();
        let agreeing = agreeing(allowed);
        if agreeing.len() < needed {
            return Err(format!(
                "{} workers have signed the same outcome, and {needed} must; {count} have signed \
                 one, {allowed_count} of them with an account that the anchor allows as attestor \
                 (`phat contract attestors` shows each worker's){}",
                agreeing.len(),
                no_answers(&silent),
            ));
        }
        // Where the manifest asks for more than the anchor, that is between the workers:
        // an anchor takes just as many as it asks for.
        let signed = agreeing.into_iter().take(quorum.threshold.max(1) as usize);
        let signed = signed.map(|outcome| outcome.signed).collect();
        let joined = self.target.join(&self.record.anchor, signed);
        joined.map_err(|error| error.to_string())
    }
}

/// Of outcomes those that have the one signature of an account that the anchor allows, and
/// answer the request, each with that account. Nobody gets a signature to the chain that is
/// none.
pub(super) fn signed_by(
    target: &dyn Target,
    record: &Record,
    outcomes: Vec<Outcome>,
    attestors: &[String],
) -> Vec<(String, Outcome)> {
    let signer = |outcome: &Outcome| {
        let signed = &outcome.signed;
        let rollup = &signed.rollup;
        let is_asked = rollup.number == record.number && rollup.commitment == record.commitment;
        if !is_asked || signed.signatures.len() != 1 {
            return None;
        }
        let [signer] =
            <[String; 1]>::try_from(target.signers(&record.anchor, signed).ok()?).ok()?;
        // Where the anchor keeps no list, it tells itself.
        let is_allowed = attestors.is_empty() || attestors.contains(&signer);
        is_allowed.then_some(signer)
    };
    let outcomes = outcomes.into_iter();
    outcomes
        .filter_map(|outcome| Some((signer(&outcome)?, outcome)))
        .collect()
}

/// The end of a sentence that says who gave no answer.
pub(super) fn no_answers(silent: &[String]) -> String {
    match silent.first() {
        None => String::new(),
        Some(first) => format!("; {} gave none, such as {first}", silent.len()),
    }
}
