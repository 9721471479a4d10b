//! Has a contract merge outputs that may differ: as the worker that gathers them, and as one
//! that is asked to merge the same.

use std::sync::Arc;

use futures::future::join_all;
use phat_manifest::{QUORUM_OF_MAX, Verification};
use phat_primitives::{RequestId, WorkerId};
use phat_target::Quorum;
use phat_worker_core::{
    Record,
    outputs::{OUTPUTS_MAX, Refusal, Rules, ranks_running},
};
use thiserror::Error;
use tokio::sync::oneshot;

use super::{
    Actor, Stop,
    gather::{Gathered, Joined, no_answers, signed_by},
    merge::{Merged, Merger},
    quorum::{Outcome, agreeing},
    signed_output::SignedOutput,
};
use crate::{contracts::Snapshot, executor::NotRun, journal::JournalError, peers::Peers};

// All that run a request at once are merged, and fit into one question.
const _: () = assert!(QUORUM_OF_MAX as usize <= OUTPUTS_MAX);
const _: () = assert!(OUTPUTS_MAX == phat_worker_client::OUTPUTS_MAX);

/// Outputs that another worker asks this one to merge too.
#[derive(Debug)]
pub struct Proposed {
    /// The request that they are of.
    pub request: RequestId,
    /// The outputs with their workers' signatures, encoded.
    pub outputs: Vec<Vec<u8>>,
    /// Hears what they come to, signed by this worker.
    pub answer: oneshot::Sender<Result<Outcome, NotMerged>>,
}

/// Why this worker does not sign what outputs of others come to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotMerged {
    /// There is nothing to settle.
    #[error("this worker knows of no such request that is open")]
    NotOpen,
    /// Outcomes of the contract have to be the same.
    #[error("the manifest of the contract does not have its outputs merged")]
    NotAsked,
    /// It has not run the request.
    #[error("this worker has no output of the request to merge yet")]
    NoOutput,
    /// Something among the outputs is none of this request that its worker has signed.
    #[error("output {0} is none of this request that its worker has signed")]
    Unsigned(usize),
    /// They are not to be merged.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be done, and may be later.
    #[error(transparent)]
    NotRun(#[from] NotRun),
    /// The journal fails.
    #[error("the journal: {0}")]
    Journal(String),
}

impl From<JournalError> for NotMerged {
    fn from(error: JournalError) -> Self {
        Self::Journal(error.to_string())
    }
}

/// What gathering outputs works with.
struct Gathering {
    merger: Merger,
    own: SignedOutput,
    /// How many workers, by rank, may have run the request by now.
    ranks: u64,
    others: Vec<WorkerId>,
    peers: Arc<Peers>,
}

/// What checking a proposal works with.
struct Checking {
    merger: Merger,
    ranks: u64,
}

impl Actor {
    /// Starts to gather outputs that are merged. `false` if this worker has none that fits
    /// the contract as it is now.
    pub(super) async fn start_merging(
        &mut self,
        record: &Record,
        snapshot: &Arc<Snapshot>,
        verification: Verification,
    ) -> Result<bool, Stop> {
        let id = record.id;
        let kept = self
            .parts
            .journal
            .on_thread(move |journal| journal.outcome(id));
        let own = kept
            .await?
            .and_then(|bytes| SignedOutput::from_bytes(&bytes).ok());
        let code_hash = snapshot.contracts.get(&record.contract);
        let code_hash = code_hash.map(|contract| contract.code_hash());
        let Some(own) = own.filter(|own| Some(own.output.code_hash) == code_hash) else {
            return Ok(false);
        };
        let gathering = Gathering {
            merger: self.merger(record, snapshot, verification),
            own,
            ranks: self.ranks(record, verification),
            others: self.others(record, snapshot, verification),
            peers: self.parts.peers.clone(),
        };
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_gathering = true;
        }
        self.gatherings.spawn(async move {
            let result = gathering.run().await;
            Gathered { id, result }
        });
        Ok(true)
    }

    /// Starts to merge outputs that another worker proposes, if they are of a request that
    /// is open.
    pub(super) fn take_proposal(&mut self, proposed: Proposed) {
        // Those that have ended are not kept.
        while self.merging.try_join_next().is_some() {}
        let Proposed {
            request,
            outputs,
            mut answer,
        } = proposed;
        match self.checking(request) {
            Ok(checking) => {
                self.merging.spawn(async move {
                    tokio::select! {
                        merged = checking.run(&outputs) => {
                            // Whoever has gone away meanwhile needs no answer.
                            let _ = answer.send(merged);
                        }
                        // Nobody waits for it any more, and others wait for the place.
                        () = answer.closed() => {}
                    }
                });
            }
            Err(reason) => {
                let _ = answer.send(Err(reason));
            }
        }
    }

    fn checking(&self, request: RequestId) -> Result<Checking, NotMerged> {
        let entry = self.entries.get(&request).ok_or(NotMerged::NotOpen)?;
        let record = &entry.record;
        let snapshot = self.parts.snapshot.borrow().clone();
        let snapshot = snapshot.ok_or(NotMerged::NotOpen)?;
        let verification = snapshot.quorum(&record.contract);
        let verification = verification
            .filter(|verification| verification.aggregate)
            .ok_or(NotMerged::NotAsked)?;
        Ok(Checking {
            merger: self.merger(record, &snapshot, verification),
            // The asker may know of a block that this worker has not seen yet.
            ranks: self.ranks(record, verification).saturating_add(1),
        })
    }

    /// How many workers, by rank, run a request by now.
    fn ranks(&self, record: &Record, verification: Verification) -> u64 {
        let head = self.head.map_or(record.block, |head| head.number);
        ranks_running(record, head, verification.of, &self.parts.policy)
    }

    fn merger(
        &self,
        record: &Record,
        snapshot: &Arc<Snapshot>,
        verification: Verification,
    ) -> Merger {
        Merger {
            executor: self.parts.executor.clone(),
            target: self.parts.target.clone(),
            journal: self.parts.journal.clone(),
            snapshot: snapshot.clone(),
            record: record.clone(),
            quorum: verification.quorum as usize,
        }
    }
}

impl Merger {
    fn rules<'a>(&'a self, own: &'a SignedOutput, ranks: u64) -> Rules<'a> {
        Rules {
            record: &self.record,
            members: &self.snapshot.members,
            quorum: self.quorum,
            ranks,
            own: &own.output,
        }
    }

    /// Merges outputs that were checked.
    async fn merge_signed(
        &self,
        own: &SignedOutput,
        outputs: &[SignedOutput],
    ) -> Result<Merged, NotRun> {
        let outputs: Vec<_> = outputs.iter().map(|signed| signed.output.clone()).collect();
        self.merge(&own.output, &outputs).await
    }
}

impl Checking {
    /// Merges a list that another worker has put together, if it is as it must be.
    async fn run(self, outputs: &[Vec<u8>]) -> Result<Outcome, NotMerged> {
        if outputs.len() > OUTPUTS_MAX {
            return Err(Refusal::TooMany(outputs.len()).into());
        }
        let id = self.merger.record.id;
        let journal = &self.merger.journal;
        let kept = journal
            .on_thread(move |journal| journal.outcome(id))
            .await?;
        let own = kept.and_then(|bytes| SignedOutput::from_bytes(&bytes).ok());
        let own = own.ok_or(NotMerged::NoOutput)?;
        let subject = self.merger.subject();
        let record = &self.merger.record;
        let mut list = Vec::with_capacity(outputs.len());
        for (place, bytes) in outputs.iter().enumerate() {
            let signed = SignedOutput::from_bytes(bytes).ok();
            let signed = signed.filter(|signed| signed.is_of(&subject, record));
            list.push(signed.ok_or(NotMerged::Unsigned(place))?);
        }
        let bare: Vec<_> = list.iter().map(|signed| signed.output.clone()).collect();
        self.merger.rules(&own, self.ranks).check(&bare)?;
        let contract = self.merger.snapshot.contracts.get(&record.contract);
        let code_hash = contract.map(|contract| contract.code_hash());
        if code_hash != Some(own.output.code_hash) {
            // The code of the contract is another by now: it is run anew.
            return Err(NotMerged::NoOutput);
        }
        Ok(self.merger.merge(&own.output, &bare).await?.outcome)
    }
}

impl Gathering {
    async fn run(self) -> Result<Joined, String> {
        let merger = &self.merger;
        let anchor = &merger.record.anchor;
        let quorum = merger.target.quorum(anchor).await;
        let quorum = quorum.map_err(|error| error.to_string())?;
        let needed = merger.quorum.max(quorum.threshold as usize);
        let (outputs, silent) = self.outputs().await;
        if outputs.len() < needed {
            return Err(format!(
                "{} workers have an output that can be merged, and {needed} must{}",
                outputs.len(),
                no_answers(&silent),
            ));
        }
        let merged = merger.merge_signed(&self.own, &outputs).await;
        let merged = merged.map_err(|error| error.to_string())?;
        let (agreeing, silent) = self.agreeing(&outputs, &merged.outcome, &quorum).await;
        if agreeing.len() < needed {
            return Err(format!(
                "{} workers have signed what {} outputs were merged into, with an account that \
                 the anchor allows as attestor (`phat contract attestors` shows each worker's), \
                 and {needed} must{}",
                agreeing.len(),
                outputs.len(),
                no_answers(&silent),
            ));
        }
        let signed = agreeing.into_iter().take(quorum.threshold.max(1) as usize);
        let signed = signed.map(|outcome| outcome.signed).collect();
        let joined = merger.target.join(anchor, signed);
        Ok(Joined {
            rollup: joined.map_err(|error| error.to_string())?,
            lines: merged.lines,
        })
    }

    /// The outputs that can be merged, in the order of their workers and this worker's
    /// among them, and who gave none.
    async fn outputs(&self) -> (Vec<SignedOutput>, Vec<String>) {
        let merger = &self.merger;
        let subject = merger.subject();
        let state_block = self.own.output.state_block;
        let asked = self.others.iter().copied().map(|other| {
            let record = &merger.record;
            let answer = self.peers.output(other, &subject, record, state_block);
            async move { (other, answer.await) }
        });
        let rules = merger.rules(&self.own, self.ranks);
        let mut outputs = vec![self.own.clone()];
        let mut silent = Vec::new();
        // In the order of their ranks: who is too many is one of the last.
        for (worker, answer) in join_all(asked).await {
            match answer.map(|signed| (rules.accept(&signed.output), signed)) {
                Ok((Ok(()), signed)) if outputs.len() < OUTPUTS_MAX => outputs.push(signed),
                Ok((Ok(()), _)) => {}
                Ok((Err(refusal), _)) => silent.push(refusal.to_string()),
                Err(error) => silent.push(format!("{worker}: {error}")),
            }
        }
        outputs.sort_by_key(|signed| signed.output.worker);
        (outputs, silent)
    }

    /// The outcomes, of an account that the anchor allows each, of all workers that have
    /// merged these outputs into the same as this one, and why others have not.
    async fn agreeing(
        &self,
        outputs: &[SignedOutput],
        merged: &Outcome,
        quorum: &Quorum,
    ) -> (Vec<Outcome>, Vec<String>) {
        let merger = &self.merger;
        let own = merger.own();
        let subject = merger.subject();
        let bytes: Vec<_> = outputs.iter().map(SignedOutput::to_bytes).collect();
        let signers: Vec<_> = outputs.iter().map(|signed| signed.output.worker).collect();
        let signers = signers.into_iter();
        let state_block = self.own.output.state_block;
        let asked = signers.filter(|worker| *worker != own).map(|other| {
            let answer = self.peers.merged(other, &subject, state_block, &bytes);
            async move { (other, answer.await) }
        });
        let mut same = vec![merged.clone()];
        let mut silent = Vec::new();
        for (worker, answer) in join_all(asked).await {
            match answer {
                Ok(outcome) if outcome.signed.rollup == merged.signed.rollup => {
                    same.push(outcome);
                }
                Ok(_) => silent.push(format!("{worker}: it has come to something else")),
                Err(error) => silent.push(format!("{worker}: {error}")),
            }
        }
        let (target, record) = (&*merger.target, &merger.record);
        let allowed = signed_by(target, record, same, &quorum.attestors);
        (agreeing(allowed), silent)
    }
}
