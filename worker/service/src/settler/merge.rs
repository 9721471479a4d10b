//! Merges outputs that may differ, and signs what they come to.

use std::sync::Arc;

use phat_primitives::WorkerId;
use phat_receipt::Origin;
use phat_target::{Rollup, SignedRollup, Target, TargetError};
use phat_worker_core::{
    Record,
    outputs::{Merge, Output, agreed_reads, merge},
    scheduler::Class,
};

use super::{
    outcome::{guard_read, guard_write, told_of, too_large},
    quorum::{Outcome, Subject},
};
use crate::{
    contracts::Snapshot,
    executor::{Executor, MergeJob, NotRun},
    journal::{Journal, StoredLine},
};

/// What merging a request's outputs works with.
pub(super) struct Merger {
    pub executor: Arc<Executor>,
    pub target: Arc<dyn Target>,
    pub journal: Arc<Journal>,
    pub snapshot: Arc<Snapshot>,
    pub record: Record,
    /// How many outputs must be merged.
    pub quorum: usize,
}

/// What outputs were merged into.
pub(super) struct Merged {
    /// The outcome, signed with this worker's own key for the contract.
    pub outcome: Outcome,
    /// What the contract logged.
    pub lines: Vec<StoredLine>,
}

impl Merger {
    /// This worker.
    pub fn own(&self) -> WorkerId {
        self.executor.keys().worker_id()
    }

    /// What is signed.
    pub fn subject(&self) -> Subject {
        Subject {
            genesis_hash: self.snapshot.genesis_hash,
            contract: self.record.contract,
            request: self.record.id,
        }
    }

    /// Merges outputs that were checked, `own` among them. Every worker that merges the
    /// same list comes to the same.
    pub async fn merge(&self, own: &Output, outputs: &[Output]) -> Result<Merged, NotRun> {
        let interrupted = NotRun::Interrupted;
        let merged = merge(outputs, self.quorum).ok_or_else(|| {
            let reason = "neither enough runs have succeeded nor enough have failed";
            interrupted(reason.into())
        })?;
        let (success, output, mut lines) = match merged {
            Merge::Failure(place) => {
                let failure = outputs
                    .get(place)
                    .map(|output| output.rollup.output.clone());
                (false, failure.unwrap_or_default(), Vec::new())
            }
            Merge::Outputs(places) => self.aggregate(own, outputs, &places).await?,
        };
        let record = &self.record;
        let is_fired = record.firing.is_some();
        let guard = own.rollup.reads.first().filter(|_| is_fired);
        let guard_version = guard.map(|read| read.version);
        let mut reads: Vec<_> = guard_read(record, guard_version).collect();
        let mut agreed = agreed_reads(outputs, self.quorum);
        agreed.retain(|read| guard.is_none_or(|guard| guard.key != read.key));
        reads.extend(agreed);
        let rollup = Rollup {
            number: record.number,
            commitment: record.commitment,
            success,
            output,
            reads,
            writes: guard_write(record).collect(),
        };
        let signed = match self.sign(rollup).await {
            Err(TargetError::OutcomeTooLarge(reason)) => {
                let rollup = too_large(record, guard_version, &reason);
                lines.push(told_of(record, &rollup));
                self.sign(rollup).await
            }
            signed => signed,
        };
        let signed = signed.map_err(|error| interrupted(error.to_string()))?;
        let sign = |payload: &[u8]| self.executor.keys().store().sign_for_chain(payload);
        let outcome = Outcome::new(&self.subject(), self.own(), own.state_block, signed, sign);
        Ok(Merged { outcome, lines })
    }

    /// Runs the contract's `aggregate` on the outputs at these places.
    async fn aggregate(
        &self,
        own: &Output,
        outputs: &[Output],
        places: &[usize],
    ) -> Result<(bool, Vec<u8>, Vec<StoredLine>), NotRun> {
        let record = &self.record;
        let (id, contract) = (record.id, record.contract);
        let entered = self.executor.enter(Class::Anchor, contract)?;
        let input = self.journal.on_thread(move |journal| journal.input(id));
        let input = input
            .await
            .map_err(|error| NotRun::NotBegun(error.to_string()))?;
        let input = input
            .ok_or_else(|| NotRun::NotBegun("the journal lost the input of the request".into()))?;
        let contract = self.snapshot.contracts.get(&contract).ok_or_else(|| {
            NotRun::NotServed("it is not, or no more, in this worker's cluster".into())
        })?;
        let chosen = places.iter().filter_map(|place| outputs.get(*place));
        let job = MergeJob {
            contract: contract.clone(),
            request: id,
            input,
            origin: Origin::Anchor {
                chain: record.chain.clone(),
                anchor: record.anchor.clone(),
                number: record.number,
                block: own.state_block,
            },
            outputs: chosen.map(|output| output.rollup.output.clone()).collect(),
        };
        let turn = entered.begin().await?;
        let aggregated = self.executor.aggregate(job, turn).await?;
        let (success, output) = aggregated.outcome.settlement();
        let lines = aggregated.logs.iter().map(|line| StoredLine {
            request: id.0,
            level: line.level.to_string(),
            message: line.message.clone(),
        });
        Ok((success, output, lines.collect()))
    }

    async fn sign(&self, rollup: Rollup) -> Result<SignedRollup, TargetError> {
        let secret = self.executor.keys().quorum(self.record.contract);
        let secret = secret.map_err(|error| TargetError::Malformed(error.to_string()))?;
        let target = &self.target;
        target
            .sign(&self.record.anchor, rollup, secret.expose())
            .await
    }
}
