//! Makes transactions of outcomes and sends them. Outcomes of one anchor that are
//! ready together share a transaction.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use phat_primitives::RequestId;
use phat_target::{
    PreparedTransaction, SignedRollup, TargetError, TransactionHash, TransactionStatus,
};
use phat_worker_core::{Batch, Nonce, Ready, Record};

use super::{Actor, Stop, act::Round, outcome::is_least};
use crate::{journal::Step, pace::now_ms};

/// Settlements that are simulated at once.
const SIMULATIONS_CONCURRENT_MAX: usize = 16;
/// Batches that may find the endpoint away before it counts as away for all.
const OUTAGES_MAX: usize = 2;

/// A request with the outcome that its transaction carries.
type Carried = (Record, SignedRollup);

impl Actor {
    /// Sends what is to be sent, and makes and sends what is ready.
    pub(super) async fn submit(&mut self, round: &Round) -> Result<(), Stop> {
        for hash in &round.sends {
            self.send(*hash, round.head).await?;
        }
        let mut replaced: BTreeSet<TransactionHash> = round
            .ready
            .iter()
            .filter_map(|(_, _, replaced)| *replaced)
            .chain(round.left.values().copied())
            .collect();
        let wanted = self.with_holders(round, &mut replaced);
        let mut rollups = BTreeMap::new();
        let mut ready = Vec::new();
        for (id, nonce) in wanted {
            if let Some((one, rollup)) = self.ready(id, nonce).await? {
                ready.push(one);
                rollups.insert(id, rollup);
            }
        }
        for (one, rollup) in std::mem::take(&mut self.deferred) {
            let is_open = self.entries.get(&one.id).is_some_and(|entry| {
                entry.record.live().next().is_none() && entry.record.not_before <= round.head
            });
            if is_open && !rollups.contains_key(&one.id) {
                rollups.insert(one.id, rollup);
                ready.push(one);
            }
        }
        let target = self.parts.target.clone();
        let batch_max = |anchor: &[u8]| target.batch_max(anchor);
        let plan = phat_worker_core::plan(ready, batch_max, &self.served);
        for one in plan.deferred {
            if let Some(rollup) = rollups.remove(&one.id) {
                self.deferred.push((one, rollup));
            }
        }
        self.settle_all(plan.batches, &mut rollups, &replaced, round.head)
            .await
    }

    async fn settle_all(
        &mut self,
        batches: Vec<Batch>,
        rollups: &mut BTreeMap<RequestId, SignedRollup>,
        replaced: &BTreeSet<TransactionHash>,
        head: u64,
    ) -> Result<(), Stop> {
        let mut outages = 0;
        for batch in batches {
            let ids = batch.requests.clone();
            match self.settle(batch, rollups, replaced, head).await {
                Ok(()) => {}
                Err(Stop::Target(error)) if error.is_outage() => {
                    for id in ids {
                        self.put_off(id);
                    }
                    outages += 1;
                    if outages >= OUTAGES_MAX {
                        return Err(error.into());
                    }
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// All that transactions are to be made for: besides what was decided, whatever
    /// holds a nonce that is about to be used anew, so that none outbids another.
    fn with_holders(
        &self,
        round: &Round,
        replaced: &mut BTreeSet<TransactionHash>,
    ) -> BTreeMap<RequestId, Nonce> {
        let decided = round.ready.iter();
        let mut wanted: BTreeMap<_, _> = decided.map(|(id, nonce, _)| (*id, *nonce)).collect();
        let kept: BTreeSet<u64> = wanted
            .values()
            .filter_map(|nonce| match nonce {
                Nonce::Keep(nonce) => Some(*nonce),
                Nonce::Fresh => None,
            })
            .collect();
        if kept.is_empty() {
            return wanted;
        }
        for entry in self.entries.values() {
            let record = &entry.record;
            if let Some(last) = record.live().next_back()
                && kept.contains(&last.nonce)
                && record.can_join(last.nonce, round.head)
                && !entry.is_running
                && !entry.is_paused
                && !wanted.contains_key(&record.id)
            {
                replaced.insert(last.hash);
                wanted.insert(record.id, Nonce::Keep(last.nonce));
            }
        }
        wanted
    }

    /// A request with its outcome, if that is at hand.
    async fn ready(
        &mut self,
        id: RequestId,
        nonce: Nonce,
    ) -> Result<Option<(Ready, SignedRollup)>, Stop> {
        let Some(entry) = self.entries.get(&id) else {
            return Ok(None);
        };
        let mut record = entry.record.clone();
        let rollup = self
            .parts
            .journal
            .on_thread(move |journal| journal.rollup(id))
            .await?;
        if let Some(rollup) = rollup {
            let ready = Ready::new(&record, &rollup.rollup, nonce);
            return Ok(Some((ready, rollup)));
        }
        if !self.start_gathering(&record).await? {
            record.outcome_lost();
            self.keep(record).await?;
        }
        Ok(None)
    }

    /// Settles a batch: what can be settled, in as few transactions as it fits into.
    async fn settle(
        &mut self,
        batch: Batch,
        rollups: &mut BTreeMap<RequestId, SignedRollup>,
        replaced: &BTreeSet<TransactionHash>,
        head: u64,
    ) -> Result<(), Stop> {
        let mut nonce = batch.nonce;
        self.displace(&batch.displaced, nonce).await?;
        let carried = batch.requests.iter().filter_map(|id| {
            let entry = self.entries.get(id)?;
            Some((entry.record.clone(), rollups.remove(id)?))
        });
        let mut left: Vec<Carried> = carried.collect();
        if nonce == Nonce::Fresh {
            self.served.insert(batch.anchor.clone());
        }
        if left.len() > 1 {
            left = self.simulate(left, nonce, head).await?;
        }
        let mut count = left.len();
        while !left.is_empty() {
            let rest = left.split_off(count.clamp(1, left.len()));
            match self.settle_together(left, nonce, replaced, head).await? {
                Settled::Done => left = rest,
                Settled::TooMany(mut part) => {
                    // What is too much together may fit in halves.
                    count = part.len().div_ceil(2);
                    part.extend(rest);
                    left = part;
                    continue;
                }
            }
            let ids: Vec<_> = left.iter().map(|(record, _)| record.id).collect();
            self.displace(&ids, nonce).await?;
            self.refresh(&mut left);
            nonce = Nonce::Fresh;
        }
        Ok(())
    }

    /// Takes a nonce from requests that what gets it does not carry.
    async fn displace(&mut self, ids: &[RequestId], nonce: Nonce) -> Result<(), Stop> {
        let Nonce::Keep(nonce) = nonce else {
            return Ok(());
        };
        let mut records = Vec::new();
        for id in ids {
            if let Some(entry) = self.entries.get(id)
                && entry.record.nonces_held().any(|held| held == nonce)
            {
                let mut record = entry.record.clone();
                record.nonce_lost(nonce);
                records.push(record);
            }
        }
        if records.is_empty() {
            return Ok(());
        }
        let step = Step {
            records,
            ..Step::default()
        };
        Ok(self.commit(step).await?)
    }

    /// Takes the records as they are now.
    fn refresh(&self, carried: &mut Vec<Carried>) {
        carried.retain_mut(|(record, _)| match self.entries.get(&record.id) {
            Some(entry) => {
                *record = entry.record.clone();
                true
            }
            None => false,
        });
    }

    /// Simulates each settlement by itself, since an anchor passes over those that
    /// fail among several, at the cost of their gas. Leaves those that go through.
    async fn simulate(
        &mut self,
        carried: Vec<Carried>,
        nonce: Nonce,
        head: u64,
    ) -> Result<Vec<Carried>, Stop> {
        let nonce = self.nonce(nonce).await?;
        let target = self.parts.target.clone();
        let simulations = carried.into_iter().map(|(record, rollup)| {
            let target = target.clone();
            async move {
                let alone = std::slice::from_ref(&rollup);
                let result = target.prepare(&record.anchor, alone, nonce, None).await;
                (record, rollup, result.map(drop))
            }
        });
        let mut simulations = stream::iter(simulations).buffered(SIMULATIONS_CONCURRENT_MAX);
        let mut left = Vec::new();
        let mut failed = Vec::new();
        while let Some((record, rollup, result)) = simulations.next().await {
            match result {
                Ok(()) => left.push((record, rollup)),
                Err(error) if error.is_outage() => return Err(error.into()),
                Err(error) => failed.push((record, rollup, error)),
            }
        }
        drop(simulations);
        for (record, rollup, error) in failed {
            self.not_prepared(record, &rollup, error, head).await?;
        }
        Ok(left)
    }

    async fn nonce(&self, nonce: Nonce) -> Result<u64, TargetError> {
        match nonce {
            Nonce::Keep(nonce) => Ok(nonce),
            Nonce::Fresh => {
                let chain_next = self.parts.target.next_nonce().await?;
                Ok(phat_worker_core::fresh_nonce(chain_next, self.records()))
            }
        }
    }

    /// Makes one transaction of all of these, journals it and sends it.
    async fn settle_together(
        &mut self,
        mut carried: Vec<Carried>,
        nonce: Nonce,
        replaced: &BTreeSet<TransactionHash>,
        head: u64,
    ) -> Result<Settled, Stop> {
        let Some((first, _)) = carried.first() else {
            return Ok(Settled::Done);
        };
        let anchor = first.anchor.clone();
        let rollups: Vec<_> = carried.iter().map(|(_, rollup)| rollup.clone()).collect();
        let prepared = match self.nonce(nonce).await {
            Ok(nonce) => {
                let replaced = self.dearest(replaced, nonce).await?;
                let target = &self.parts.target;
                target
                    .prepare(&anchor, &rollups, nonce, replaced.as_ref())
                    .await
            }
            Err(error) => Err(error),
        };
        let transaction = match prepared {
            Ok(transaction) => transaction,
            Err(error) if carried.len() > 1 && is_of_the_batch(&error) => {
                return Ok(Settled::TooMany(carried));
            }
            Err(error) if error.is_outage() => return Err(error.into()),
            Err(error) => {
                for (record, rollup) in carried {
                    self.not_prepared(record, &rollup, error.clone(), head)
                        .await?;
                }
                return Ok(Settled::Done);
            }
        };
        if let Some(problem) = self.over_cap(&transaction) {
            // Fewer may have room in the day's cap. What holds a nonce stays together.
            if carried.len() > 1 && nonce == Nonce::Fresh {
                return Ok(Settled::TooMany(carried));
            }
            let mut records: Vec<_> = carried.into_iter().map(|(record, _)| record).collect();
            for record in &mut records {
                record.capped(&problem, head, &self.parts.policy);
            }
            let step = Step {
                records,
                ..Step::default()
            };
            self.commit(step).await?;
            return Ok(Settled::Done);
        }
        let count = u32::try_from(carried.len()).unwrap_or(u32::MAX);
        for (record, _) in &mut carried {
            record.prepared(&transaction, count, &self.parts.policy);
        }
        let is_paused = self.keep_prepared(carried, &transaction, count).await?;
        if !is_paused {
            self.send(transaction.hash, head).await?;
        }
        Ok(Settled::Done)
    }

    /// Journals a transaction that is about to be sent. `true` if it must not be, in
    /// tests of what a crash does.
    async fn keep_prepared(
        &mut self,
        carried: Vec<Carried>,
        transaction: &PreparedTransaction,
        count: u32,
    ) -> Result<bool, Stop> {
        let mut spending = self.spending.clone();
        spending.at(now_ms());
        spending.prepared(transaction);
        let records: Vec<_> = carried.into_iter().map(|(record, _)| record).collect();
        let ids: Vec<_> = records.iter().map(|record| record.id).collect();
        let step = Step {
            records,
            transactions: vec![transaction.clone()],
            spending: Some((self.chain().to_owned(), spending)),
            ..Step::default()
        };
        self.commit(step).await?;
        self.parts.cost.note(transaction.cost_max, count);
        self.parts.metrics.batch(count);
        Ok(ids.into_iter().any(|id| self.is_paused(id)))
    }

    /// Notes why no transaction could be made of an outcome.
    async fn not_prepared(
        &mut self,
        mut record: Record,
        rollup: &SignedRollup,
        error: TargetError,
        head: u64,
    ) -> Result<(), Stop> {
        match error {
            TargetError::OutcomeTooLarge(reason) if !is_least(&rollup.rollup, &record) => {
                self.settle_as_too_large(record, &rollup.rollup, &reason, head)
                    .await
            }
            error => {
                let is_noted = record.failed(&error, head, &self.parts.policy);
                self.note_failure(record, error, is_noted).await
            }
        }
    }

    /// The transaction among these with this nonce that pays most.
    async fn dearest(
        &self,
        hashes: &BTreeSet<TransactionHash>,
        nonce: u64,
    ) -> Result<Option<PreparedTransaction>, Stop> {
        let mut found: Option<PreparedTransaction> = None;
        for hash in hashes {
            let Some(transaction) = self.transaction(*hash).await? else {
                continue;
            };
            let is_dearer = found
                .as_ref()
                .is_none_or(|found| transaction.fee_per_gas_max > found.fee_per_gas_max);
            if transaction.nonce == nonce && is_dearer {
                found = Some(transaction);
            }
        }
        Ok(found)
    }

    pub(super) async fn transaction(
        &self,
        hash: TransactionHash,
    ) -> Result<Option<PreparedTransaction>, Stop> {
        let journal = &self.parts.journal;
        Ok(journal
            .on_thread(move |journal| journal.transaction(hash))
            .await?)
    }

    /// Sends a transaction, and notes what came of it with all that it carries.
    async fn send(&mut self, hash: TransactionHash, head: u64) -> Result<(), Stop> {
        let transaction = self.transaction(hash).await?;
        let result = match &transaction {
            Some(transaction) => self.parts.target.send(transaction).await,
            None => Ok(()),
        };
        let entries = self.entries.values();
        let carried: Vec<Record> = entries
            .filter(|entry| entry.record.attempt_of(hash).is_some())
            .map(|entry| entry.record.clone())
            .collect();
        let Some(transaction) = transaction else {
            // The journal writes both in one step, so this is a damaged file; a
            // transaction with another nonce takes its place.
            return self.keep_without_nonce(carried, hash).await;
        };
        match result {
            Ok(()) => self.keep_sent(carried, hash, head).await,
            Err(TargetError::NonceUsed { nonce, .. }) => {
                let ids: Vec<_> = carried.iter().map(|record| record.id).collect();
                if !self.is_included(&carried, nonce).await? {
                    tracing::warn!(nonce, "the nonce was used outside the worker");
                    self.parts.metrics.nonce_used_outside(self.chain());
                    self.keep_without_nonce(carried, hash).await?;
                }
                for id in ids {
                    self.forget_look(id);
                }
                Ok(())
            }
            Err(error) => {
                tracing::debug!(nonce = transaction.nonce, %error, "a transaction was not taken");
                for mut record in carried {
                    let Some(number) = record.attempt_of(hash).map(|attempt| attempt.number) else {
                        continue;
                    };
                    let is_noted = record.refused(number, &error, head, &self.parts.policy);
                    self.note_failure(record, error.clone(), is_noted).await?;
                }
                Ok(())
            }
        }
    }

    async fn keep_sent(
        &mut self,
        mut records: Vec<Record>,
        hash: TransactionHash,
        head: u64,
    ) -> Result<(), Stop> {
        for record in &mut records {
            let is_first = record.attempts.iter().all(|a| a.sent_at.is_none());
            if let Some(number) = record.attempt_of(hash).map(|attempt| attempt.number) {
                record.sent(number, head);
            }
            if is_first {
                let waited = now_ms().saturating_sub(record.seen_at_ms);
                self.parts.metrics.submission(waited);
            }
        }
        let step = Step {
            records,
            ..Step::default()
        };
        Ok(self.commit(step).await?)
    }

    /// Takes the nonce of a transaction from all that it carries.
    async fn keep_without_nonce(
        &mut self,
        mut records: Vec<Record>,
        hash: TransactionHash,
    ) -> Result<(), Stop> {
        for record in &mut records {
            if let Some(nonce) = record.attempt_of(hash).map(|attempt| attempt.nonce) {
                record.nonce_lost(nonce);
            }
        }
        let step = Step {
            records,
            ..Step::default()
        };
        Ok(self.commit(step).await?)
    }

    /// Whether one of these requests' own transactions used `nonce`.
    async fn is_included(&self, records: &[Record], nonce: u64) -> Result<bool, TargetError> {
        let hashes: BTreeSet<_> = records
            .iter()
            .flat_map(|record| &record.attempts)
            .filter(|attempt| attempt.nonce == nonce)
            .map(|attempt| attempt.hash)
            .collect();
        for hash in hashes {
            let status = self.parts.target.transaction_status(hash).await?;
            if matches!(status, TransactionStatus::Included { .. }) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What became of requests that were to share a transaction.
enum Settled {
    /// They have one, or the reason why not is noted.
    Done,
    /// They do not go into one together.
    TooMany(Vec<Carried>),
}

/// Whether fewer requests may do where several met this: it is nothing of the
/// endpoint's, the price's or the account's.
fn is_of_the_batch(error: &TargetError) -> bool {
    matches!(
        error,
        TargetError::GasCap { .. }
            | TargetError::OutcomeTooLarge(_)
            | TargetError::Rejected(_)
            | TargetError::Malformed(_)
    )
}
