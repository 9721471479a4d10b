//! Looks at settled requests for some time more.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use phat_primitives::RequestId;
use phat_target::{
    BlockRef, RequestStatus, Target, TargetError, TransactionHash, TransactionStatus,
};
use phat_worker_core::{Record, Watched};

use super::{Actor, Stop, look::status};
use crate::journal::Step;

/// Settled requests whose status is asked for at once.
const LOOKS_CONCURRENT_MAX: usize = 16;
/// Settled requests that are looked at for each look at the others, so that these
/// never wait long.
const LOOKS_PER_ROUND_MAX: usize = 256;
/// Transactions left behind that are asked about when others are stuck.
const LEFTOVERS_ASKED_MAX: usize = 16;

impl Actor {
    /// Notes when a record is to be looked at that is settled.
    pub(super) fn note_watch(&mut self, record: &Record) {
        match record.watch.filter(|_| record.is_final()) {
            Some(watch) => {
                self.watched.insert(record.id, watch);
                let left = record.leftovers().map(|left| (left.nonce, left.hash));
                let left: Vec<_> = left.collect();
                if left.is_empty() {
                    self.leftovers.remove(&record.id);
                } else {
                    self.leftovers.insert(record.id, left);
                }
            }
            None => {
                self.watched.remove(&record.id);
                self.leftovers.remove(&record.id);
            }
        }
    }

    /// The transactions that wait and are of no use, by nonce: the lowest, which those
    /// behind them wait for.
    pub(super) async fn left_behind(&self) -> Result<BTreeMap<u64, TransactionHash>, TargetError> {
        let settled = self.leftovers.values().flatten().copied();
        let open = self.records().flat_map(Record::leftovers);
        let open = open.map(|left| (left.nonce, left.hash));
        let mut left: Vec<_> = settled.chain(open).collect();
        left.sort_unstable();
        left.truncate(LEFTOVERS_ASKED_MAX);
        let mut waiting = BTreeMap::new();
        for (nonce, hash) in left {
            let status = self.parts.target.transaction_status(hash).await?;
            if status == TransactionStatus::Pending {
                waiting.insert(nonce, hash);
            }
        }
        Ok(waiting)
    }

    /// Looks at the settled requests that are due, and opens again those whose
    /// settlement is gone.
    pub(super) async fn look_at_watched(&mut self, block: BlockRef) -> Result<(), Stop> {
        let head = block.number;
        let due: Vec<RequestId> = self
            .watched
            .iter()
            .filter(|(_, watch)| head >= watch.next)
            .map(|(id, _)| *id)
            .take(LOOKS_PER_ROUND_MAX)
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let records = self
            .parts
            .journal
            .on_thread(move |journal| {
                let records = due.iter().map(|id| Ok((*id, journal.record(*id)?)));
                records.collect::<Result<Vec<_>, _>>()
            })
            .await?;
        let mut found = Vec::new();
        for (id, record) in records {
            match record.filter(|record| record.watch.is_some()) {
                Some(record) => found.push(record),
                // It was pruned: there is nothing to open again.
                None => {
                    self.watched.remove(&id);
                }
            }
        }
        let target = self.parts.target.clone();
        let looks = found.into_iter().map(|record| {
            let target = target.clone();
            let is_ending = record.is_watched_enough(head, &self.parts.policy);
            async move {
                let seen = look(&*target, &record, is_ending, block).await;
                (record, seen)
            }
        });
        let looks: Vec<_> = stream::iter(looks)
            .buffer_unordered(LOOKS_CONCURRENT_MAX)
            .collect()
            .await;
        self.keep_looks(looks, head).await
    }

    async fn keep_looks(
        &mut self,
        looks: Vec<(Record, Result<(RequestStatus, bool), TargetError>)>,
        head: u64,
    ) -> Result<(), Stop> {
        let mut step = Step::default();
        for (mut record, seen) in looks {
            // What cannot be read now is read at the next block.
            let Ok((status, is_left)) = seen else {
                continue;
            };
            if record.watched(status, is_left, head, &self.parts.policy) == Watched::Reopened {
                tracing::warn!(
                    request = %record.id,
                    "a reorganisation undid a settlement that counted as final: it is made again"
                );
                self.parts.metrics.reopened(self.chain());
                self.take_lost_nonces(&mut record);
            }
            step.records.push(record);
        }
        if step.records.is_empty() {
            return Ok(());
        }
        Ok(self.commit(step).await?)
    }

    /// Takes from a request that was opened again the nonces that others hold by now.
    pub(super) fn take_lost_nonces(&self, record: &mut Record) {
        for nonce in record.nonces_held().collect::<Vec<_>>() {
            if phat_worker_core::is_held_by_another(nonce, record, self.records()) {
                record.nonce_lost(nonce);
            }
        }
    }
}

/// What the chain shows of a settled request, and whether a transaction of it still
/// waits, which matters only when it would be watched no more.
async fn look(
    target: &dyn Target,
    record: &Record,
    is_ending: bool,
    head: BlockRef,
) -> Result<(RequestStatus, bool), TargetError> {
    let mut is_left = false;
    for left in record.leftovers().filter(|_| is_ending) {
        is_left |= target.transaction_status(left.hash).await? == TransactionStatus::Pending;
    }
    let status = status(target, record, head).await?;
    Ok((status, is_left))
}
