//! Looks at the requests that something may be done about.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use phat_primitives::RequestId;
use phat_target::{
    BlockRef, RequestStatus, Target, TargetError, TransactionHash, TransactionStatus,
};
use phat_worker_core::{Observation, Record, firing::FOLLOW_BLOCKS};
use tokio::time::Instant;

use super::{Actor, Entry, Stop, act::Round, fired::settles_written_only};
use crate::journal::Journal;

/// Requests whose state is asked for at once.
const OBSERVATIONS_CONCURRENT_MAX: usize = 16;
/// Requests that may find the endpoint away before it counts as away for all.
const OUTAGES_MAX: usize = 4;

impl Actor {
    /// Looks at all requests that are due, and acts on what is seen.
    pub(super) async fn work_through(&mut self) -> Result<(), Stop> {
        self.keep_finished().await?;
        self.keep_gathered().await?;
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
        self.look_at_watched(head).await?;
        self.reconcile_spending().await?;
        let due: Vec<Record> = self
            .entries
            .values()
            .filter(|entry| self.is_due(entry, head.number))
            .map(|entry| entry.record.clone())
            .collect();
        if due.is_empty() && self.deferred.is_empty() {
            return Ok(());
        }
        let next_nonce = self.next_nonce_if_stuck(&due, head.number).await?;
        let left = match next_nonce {
            Some(_) => self.left_behind().await?,
            None => BTreeMap::new(),
        };
        let statuses = self.transaction_statuses(&due).await?;
        let target = self.parts.target.clone();
        let looks = due.into_iter().map(move |record| {
            let target = target.clone();
            let transactions = of_record(&record, &statuses);
            async move {
                let seen = look(&*target, &record, transactions, head).await;
                (record.id, seen)
            }
        });
        let mut looks = stream::iter(looks).buffer_unordered(OBSERVATIONS_CONCURRENT_MAX);
        let mut outages = 0;
        let mut round = Round::new(head.number);
        round.left.clone_from(&left);
        while let Some((id, seen)) = looks.next().await {
            let result = match seen {
                Ok((status, transactions)) => {
                    let observation = Observation {
                        head: head.number,
                        start_block: self.start_block(id),
                        submit_block: self.submit_block(id),
                        status,
                        transactions,
                        nonce_gap: self.nonce_gap(id, next_nonce, &left),
                    };
                    self.decide(id, &observation, &mut round);
                    Ok(())
                }
                Err(error) if error.is_outage() => {
                    self.put_off(id);
                    outages += 1;
                    // What more requests meet is no different.
                    if outages < OUTAGES_MAX {
                        Ok(())
                    } else {
                        Err(error.into())
                    }
                }
                Err(error) => self.note_unreadable(id, &error, head.number).await,
            };
            if let Err(stop) = result {
                self.forget_looks(&round);
                return Err(stop);
            }
        }
        self.finish(round).await
    }

    /// Does what was decided in a round of looks. What cannot be done for now is
    /// looked at again.
    async fn finish(&mut self, round: Round) -> Result<(), Stop> {
        let result = self.carry_out(&round).await;
        if result.is_err() {
            self.forget_looks(&round);
        }
        result
    }

    fn forget_looks(&mut self, round: &Round) {
        for id in &round.seen {
            self.forget_look(*id);
        }
    }

    /// What has become of the transactions of these requests, each asked for once,
    /// however many requests it carries.
    async fn transaction_statuses(&self, records: &[Record]) -> Result<Statuses, Stop> {
        let hashes: BTreeSet<TransactionHash> = records
            .iter()
            .flat_map(|record| record.attempts.iter().map(|attempt| attempt.hash))
            .collect();
        let target = &self.parts.target;
        let looks = hashes
            .into_iter()
            .map(|hash| async move { (hash, target.transaction_status(hash).await) });
        let mut looks = stream::iter(looks).buffer_unordered(OBSERVATIONS_CONCURRENT_MAX);
        let mut statuses = Statuses::new();
        let mut outages = 0;
        while let Some((hash, status)) = looks.next().await {
            if let Err(error) = &status
                && error.is_outage()
            {
                outages += 1;
                if outages >= OUTAGES_MAX {
                    return Err(error.clone().into());
                }
            }
            statuses.insert(hash, status);
        }
        Ok(statuses)
    }

    /// Notes that the endpoint was away when a request was looked at: it is tried
    /// again after a pause, and no block of it counts.
    pub(super) fn put_off(&mut self, id: RequestId) {
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
        !entry.is_running
            && !entry.is_gathering
            && !entry.is_paused
            && entry.record.is_due(head)
            && is_news
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
            // The others are asked first, which tell what no anchor does.
            Some(1..) if settles_written_only(snapshot, &entry.record) => {
                entry.record.block.saturating_add(1)
            }
            Some(rank) => {
                // All that a quorum asks for run at once.
                let of = snapshot
                    .quorum(&entry.record.contract)
                    .map_or(1, |quorum| quorum.of);
                let turns = rank.saturating_sub(u64::from(of).saturating_sub(1));
                phat_worker_core::start_block(entry.record.block, turns, &self.parts.policy)
            }
            None => u64::MAX,
        }
    }

    /// The block from which this worker's rank lets it submit a request that several
    /// workers run.
    fn submit_block(&self, id: RequestId) -> u64 {
        let snapshot = self.parts.snapshot.borrow();
        let (Some(snapshot), Some(entry)) = (snapshot.as_ref(), self.entries.get(&id)) else {
            return 0;
        };
        if snapshot.quorum(&entry.record.contract).is_none() {
            return 0;
        }
        let worker = self.parts.executor.keys().worker_id();
        let rank = phat_worker_core::rank(id, worker, &snapshot.members);
        rank.map_or(u64::MAX, |rank| {
            phat_worker_core::start_block(entry.record.block, rank, &self.parts.policy)
        })
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

    fn nonce_gap(
        &self,
        id: RequestId,
        next_nonce: Option<u64>,
        left: &BTreeMap<u64, TransactionHash>,
    ) -> Option<u64> {
        let last = self.entries.get(&id)?.record.live().next_back()?;
        phat_worker_core::nonce_gap(last.nonce, next_nonce?, self.records()).or_else(|| {
            phat_worker_core::left_nonce(last.nonce, left.keys().copied(), self.records())
        })
    }
}

/// What the chain shows of transactions.
type Statuses = BTreeMap<TransactionHash, Result<TransactionStatus, TargetError>>;

/// What the chain shows of a record's transactions, in the record's order. They are
/// asked for before the request is, so that it is never older than they are.
fn of_record(record: &Record, statuses: &Statuses) -> Result<Vec<TransactionStatus>, TargetError> {
    let of = |hash| match statuses.get(&hash) {
        Some(status) => status.clone(),
        // The record got it in between: the next look sees it.
        None => Ok(TransactionStatus::Unknown),
    };
    record
        .attempts
        .iter()
        .map(|attempt| of(attempt.hash))
        .collect()
}

/// What the chain shows of a request whose transactions were asked for already.
async fn look(
    target: &dyn Target,
    record: &Record,
    transactions: Result<Vec<TransactionStatus>, TargetError>,
    head: BlockRef,
) -> Result<(RequestStatus, Vec<TransactionStatus>), TargetError> {
    let transactions = transactions?;
    let is_included = transactions
        .iter()
        .any(|status| matches!(status, TransactionStatus::Included { is_final: true, .. }));
    let head = match &record.firing {
        // A firing's key is read at one block, which must not be older than the one
        // that a transaction of it is in.
        Some(_) if is_included => target.head().await?,
        _ => head,
    };
    Ok((status(target, record, head).await?, transactions))
}

/// What has become of a request: at the newest block, but of a firing at `head`, where
/// the anchor has a key that tells.
pub(super) async fn status(
    target: &dyn Target,
    record: &Record,
    head: BlockRef,
) -> Result<RequestStatus, TargetError> {
    let Some(firing) = &record.firing else {
        return target.request_status(&record.anchor, record.number).await;
    };
    let guard = firing.guard(record.contract, record.id);
    let found = target.read(&record.anchor, &guard.key, head).await?;
    Ok(if guard.is_done(&found.value) {
        RequestStatus::Settled
    } else {
        RequestStatus::Open
    })
}
