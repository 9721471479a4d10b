//! What a settler does with triggers that fired.

use phat_target::BlockRef;
use phat_worker_core::Record;

use super::{Actor, Stop};
use crate::{firings::Batch, journal::Step, pace::now_ms};

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
