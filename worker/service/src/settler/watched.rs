//! Looks at settled requests for some time more.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, future::ready, stream};
use phat_primitives::RequestId;
use phat_target::{
    BlockRef, RequestStatus, Target, TargetError, TransactionHash, TransactionStatus,
};
use phat_worker_core::{Record, Step as RecordStep, Watched};

use super::{Actor, Stop, look::status};
use crate::journal::Step;

/// Settled requests whose status is asked for at once.
const LOOKS_CONCURRENT_MAX: usize = 16;
/// Settled requests that are looked at for each look at the others, so that these
/// never wait long.
const LOOKS_PER_ROUND_MAX: usize = 256;
/// Transactions left behind that are asked about when others are stuck: those with the
/// highest nonces, as what is below one that was included is used.
const LEFTOVERS_ASKED_MAX: usize = 64;

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

    /// The transactions that wait and are of no use, by nonce: those behind them wait for
    /// them.
    pub(super) async fn left_behind(&self) -> Result<BTreeMap<u64, TransactionHash>, TargetError> {
        let settled = self.leftovers.values().flatten().copied();
        let open = self.records().flat_map(Record::leftovers);
        let open = open.map(|left| (left.nonce, left.hash));
        // One that carries many requests is left behind by each of them.
        let left: BTreeSet<_> = settled.chain(open).collect();
        let target = &self.parts.target;
        waiting_of(left, move |hash| target.transaction_status(hash)).await
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
                    self.leftovers.remove(&id);
                }
            }
        }
        let target = self.parts.target.clone();
        let looks = found.into_iter().map(|record| {
            let target = target.clone();
            let is_ending = record.is_watched_enough(head, &self.parts.policy);
            async move {
                let seen = look(&*target, &record, is_ending, block).await;
                // What cannot be read now is read at the next block.
                seen.ok().map(|(status, is_left)| (record, status, is_left))
            }
        });
        let looks = stream::iter(looks)
            .buffer_unordered(LOOKS_CONCURRENT_MAX)
            .filter_map(ready)
            .collect()
            .await;
        self.keep_looks(looks, head).await
    }

    async fn keep_looks(
        &mut self,
        looks: Vec<(Record, RequestStatus, bool)>,
        head: u64,
    ) -> Result<(), Stop> {
        let mut step = Step::default();
        for (mut record, status, is_left) in looks {
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

/// Those of these transactions that wait, by nonce, as `status` tells of each.
async fn waiting_of<S>(
    left: BTreeSet<(u64, TransactionHash)>,
    status: impl Fn(TransactionHash) -> S,
) -> Result<BTreeMap<u64, TransactionHash>, TargetError>
where
    S: Future<Output = Result<TransactionStatus, TargetError>>,
{
    let mut waiting = BTreeMap::new();
    for (nonce, hash) in left.into_iter().rev().take(LEFTOVERS_ASKED_MAX) {
        match status(hash).await {
            Ok(TransactionStatus::Pending) => {
                waiting.insert(nonce, hash);
            }
            // A chain uses nonces in their order: nothing below this one waits.
            Ok(TransactionStatus::Included { .. }) => break,
            Ok(TransactionStatus::Unknown) => {}
            Err(error) if error.is_outage() => return Err(error),
            // That is about this transaction, and the others are asked about all the same.
            Err(error) => {
                tracing::debug!(nonce, %error, "what is left behind cannot be looked at");
            }
        }
    }
    Ok(waiting)
}

/// What the chain shows of a settled request, and whether a transaction of it still
/// waits, which matters only when it would be watched no more. The status of one that was
/// given up does not matter, and perhaps cannot be read.
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
    let status = match record.step {
        RecordStep::Abandoned => RequestStatus::Unknown,
        _ => status(target, record, head).await?,
    };
    Ok((status, is_left))
}

#[cfg(test)]
#[path = "watched_tests.rs"]
mod tests;
