//! Looks at the requests that something may be done about.

use futures::{StreamExt, stream};
use phat_primitives::RequestId;
use phat_target::{BlockRef, RequestStatus, Target, TargetError, TransactionStatus};
use phat_worker_core::{Observation, Record, firing::FOLLOW_BLOCKS};
use tokio::time::Instant;

use super::{Actor, Entry, Stop};
use crate::journal::Journal;

/// Requests whose state is asked for at once.
const OBSERVATIONS_CONCURRENT_MAX: usize = 16;
/// Requests that may find the endpoint away before it counts as away for all.
const OUTAGES_MAX: usize = 4;

impl Actor {
    /// Looks at all requests that are due, and acts on what is seen.
    pub(super) async fn work_through(&mut self) -> Result<(), Stop> {
        self.keep_finished().await?;
        let Some(head) = self.head else {
            return Ok(());
        };
        if self.parts.shutdown.is_requested() {
            return Ok(());
        }
        if self.parts.journal.failure().is_some() {
            self.parts.journal.on_thread(Journal::probe).await?;
        }
        self.parts.health.well("journal");
        let due: Vec<Record> = self
            .entries
            .values()
            .filter(|entry| self.is_due(entry, head.number))
            .map(|entry| entry.record.clone())
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let next_nonce = self.next_nonce_if_stuck(&due, head.number).await?;
        let target = self.parts.target.clone();
        let looks = due.into_iter().map(move |record| {
            let target = target.clone();
            async move {
                let seen = look(&*target, &record, head).await;
                (record.id, seen)
            }
        });
        let mut looks = stream::iter(looks).buffer_unordered(OBSERVATIONS_CONCURRENT_MAX);
        let mut outages = 0;
        while let Some((id, seen)) = looks.next().await {
            let result = match seen {
                Ok((status, transactions)) => {
                    let observation = Observation {
                        head: head.number,
                        start_block: self.start_block(id),
                        status,
                        transactions,
                        nonce_gap: self.nonce_gap(id, next_nonce),
                    };
                    self.act(id, observation).await
                }
                Err(error) => Err(error.into()),
            };
            match result {
                Ok(()) => {}
                Err(Stop::Target(error)) if error.is_outage() => {
                    self.put_off(id);
                    outages += 1;
                    if outages >= OUTAGES_MAX {
                        // What more requests meet is no different.
                        return Err(error.into());
                    }
                }
                Err(Stop::Target(error)) => self.note_unreadable(id, &error, head.number).await?,
                Err(stop) => {
                    self.forget_look(id);
                    return Err(stop);
                }
            }
        }
        Ok(())
    }

    /// Notes that the endpoint was away when a request was looked at: it is tried
    /// again after a pause, and no block of it counts.
    fn put_off(&mut self, id: RequestId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.try_from = Some(Instant::now() + entry.look_backoff.pause());
        }
    }

    /// Has a request looked at again, whether there is a new block or not.
    pub(super) fn forget_look(&mut self, id: RequestId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.looked_at = None;
        }
        self.needs_retry = true;
    }

    /// Notes that the state of a request cannot be read, which is its own fault or
    /// its anchor's and stops no other.
    async fn note_unreadable(
        &mut self,
        id: RequestId,
        error: &TargetError,
        head: u64,
    ) -> Result<(), Stop> {
        let Some(entry) = self.entries.get_mut(&id) else {
            return Ok(());
        };
        entry.looked_at = Some(head);
        let mut record = entry.record.clone();
        record.unreadable(error, head, &self.parts.policy);
        self.keep(record).await
    }

    fn is_due(&self, entry: &Entry, head: u64) -> bool {
        let is_news = match entry.try_from {
            Some(from) => Instant::now() >= from,
            None => entry.looked_at != Some(head),
        };
        !entry.is_running && !entry.is_paused && entry.record.is_due(head) && is_news
    }

    /// The block from which this worker's rank lets it serve a request.
    fn start_block(&self, id: RequestId) -> u64 {
        let snapshot = self.parts.snapshot.borrow();
        let (Some(snapshot), Some(entry)) = (snapshot.as_ref(), self.entries.get(&id)) else {
            return u64::MAX;
        };
        // A request waits here until there is stake, and is run then.
        if !snapshot.has_cluster_key
            || snapshot.is_stale
            || !snapshot.has_stake(&entry.record.contract)
        {
            return u64::MAX;
        }
        let worker = self.parts.executor.keys().worker_id();
        match phat_worker_core::rank(id, worker, &snapshot.members) {
            // It is never run here: from then on nothing more is expected.
            Some(_) if entry.record.is_anothers() => {
                entry.record.block.saturating_add(FOLLOW_BLOCKS)
            }
            Some(rank) => {
                phat_worker_core::start_block(entry.record.block, rank, &self.parts.policy)
            }
            None => u64::MAX,
        }
    }

    /// The chain's next nonce, if a transaction has waited long enough to ask.
    async fn next_nonce_if_stuck(
        &self,
        due: &[Record],
        head: u64,
    ) -> Result<Option<u64>, TargetError> {
        let patience = self.parts.policy.replace_after_blocks;
        let is_stuck = due
            .iter()
            .filter_map(|record| record.live().next_back()?.sent_at)
            .any(|sent_at| head >= sent_at.saturating_add(patience));
        if !is_stuck {
            return Ok(None);
        }
        match self.parts.target.next_nonce().await {
            Ok(nonce) => Ok(Some(nonce)),
            Err(error) if error.is_outage() => Err(error),
            Err(error) => {
                let error = error.to_string();
                tracing::debug!(error, "gaps between nonces are not looked for");
                Ok(None)
            }
        }
    }

    fn nonce_gap(&self, id: RequestId, next_nonce: Option<u64>) -> Option<u64> {
        let last = self.entries.get(&id)?.record.live().next_back()?;
        phat_worker_core::nonce_gap(last.nonce, next_nonce?, self.records())
    }
}

/// What the chain shows of a request. The request is asked for last, so that it
/// is never older than its transactions.
async fn look(
    target: &dyn Target,
    record: &Record,
    head: BlockRef,
) -> Result<(RequestStatus, Vec<TransactionStatus>), TargetError> {
    let mut transactions = Vec::with_capacity(record.attempts.len());
    for attempt in &record.attempts {
        transactions.push(target.transaction_status(attempt.hash).await?);
    }
    let status = match &record.firing {
        None => target.request_status(&record.anchor, record.number).await?,
        Some(firing) => {
            let guard = firing.guard(record.contract, record.id);
            let found = target.read(&record.anchor, &guard.key, head).await?;
            if guard.is_done(&found.value, found.version) {
                RequestStatus::Settled
            } else {
                RequestStatus::Open
            }
        }
    };
    Ok((status, transactions))
}
