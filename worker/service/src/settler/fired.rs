//! What a settler does with triggers that fired.

use phat_manifest::Trigger;
use phat_target::BlockRef;
use phat_worker_core::{Record, firing::Heard};

use super::{Actor, Stop, outcome::World};
use crate::{contracts::Snapshot, executor::NotRun, firings::Batch, journal::Step, pace::now_ms};

/// Whether a run of `record` that writes nothing settles nothing: whether it is of a
/// firing, and its trigger says so now.
pub(super) fn settles_written_only(snapshot: &Snapshot, record: &Record) -> bool {
    let contract = snapshot.contracts.get(&record.contract);
    let serving = contract.and_then(|contract| contract.serving.as_ref().ok());
    let (Some(serving), Some(fired)) = (serving, &record.firing) else {
        return false;
    };
    let mut triggers = serving.manifest.triggers.iter().filter_map(Trigger::firing);
    let trigger = triggers.find(|trigger| trigger.name == fired.trigger);
    trigger.is_some_and(|trigger| trigger.settles_written_only())
}

/// Refuses to run a firing that another worker has run and that came to nothing, which
/// no anchor tells, one that another worker is to run first, and one that was seen late
/// and of which no second run may be made, if another worker has begun one.
pub(super) async fn check_turn(world: &World, record: &Record) -> Result<(), NotRun> {
    let snapshot = world.snapshot.borrow().clone();
    let head = *world.head.borrow();
    let (Some(snapshot), Some(head)) = (snapshot, head) else {
        // The run itself tells that.
        return Ok(());
    };
    let Some(fired) = &record.firing else {
        return Ok(());
    };
    let (contract, id) = (record.contract, record.id);
    let settles_written_only = settles_written_only(&snapshot, record);
    if record.runs == 0 && record.is_late_and_once() {
        // The first in rank by now may not be the one that was, and that has run it.
        if settles_written_only && world.peers.has_ended(&snapshot, contract, id).await {
            return Err(NotRun::RanElsewhere);
        }
        return match world.peers.ask(&snapshot, contract, id).await {
            Heard::Nothing => Ok(()),
            Heard::Running | Heard::Done => Err(NotRun::NotTurn),
        };
    }
    // Once it has come to something here, the anchor tells.
    if record.runs > 0 || !settles_written_only {
        return Ok(());
    }
    let worker = world.executor.keys().worker_id();
    let rank = phat_worker_core::rank(record.id, worker, &snapshot.members);
    let waited = head.number.saturating_sub(record.block);
    if rank == Some(0) && !fired.is_late && waited < world.policy.takeover_blocks {
        return Ok(());
    }
    if world.peers.has_ended(&snapshot, contract, id).await {
        return Err(NotRun::RanElsewhere);
    }
    let start = rank.map(|rank| phat_worker_core::start_block(record.block, rank, &world.policy));
    match start {
        Some(start) if head.number >= start => Ok(()),
        Some(_) | None => Err(NotRun::NotTurn),
    }
}

impl Actor {
    /// Journals firings whose outcome goes to an anchor of this chain.
    pub(super) async fn take_firings(&mut self, batch: Batch) {
        let result = self.keep_firings(&batch).await;
        match &result {
            Err(Stop::Journal(error)) => self.journal_failed(error),
            // The chain's head is not known yet: whoever found them tries again.
            Err(Stop::Target(_)) | Ok(false) => {}
            Ok(true) => self.needs_retry = true,
        }
        let is_kept = matches!(result, Ok(true));
        // Whoever found them may be gone, and needs no answer then.
        let _ = batch.done.send(is_kept);
    }

    /// `false` if the chain's head, from which workers count their turns, is not known.
    async fn keep_firings(&mut self, batch: &Batch) -> Result<bool, Stop> {
        let Some(head) = self.head else {
            return Ok(false);
        };
        let mut step = Step {
            cursor: batch.cursor.clone(),
            ..Step::default()
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
            let rank = self.rank_now(id);
            let block = BlockRef {
                number: head.number,
                hash: head.hash,
            };
            let sequence = self.parts.journal.next_sequence();
            step.records
                .push(Record::fired(new, rank, block, sequence, now_ms()));
            step.inputs.push((id, new.input.clone()));
        }
        if !step.records.is_empty() || step.cursor.is_some() {
            self.commit(step).await?;
        }
        Ok(true)
    }

    /// This worker's rank among those that serve the cluster now.
    fn rank_now(&self, id: phat_primitives::RequestId) -> Option<u64> {
        let snapshot = self.parts.snapshot.borrow();
        let members = &snapshot.as_ref()?.members;
        let worker = self.parts.executor.keys().worker_id();
        phat_worker_core::rank(id, worker, members)
    }
}
