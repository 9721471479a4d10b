//! What happens to a settler: new blocks, found requests, runs that ended.

use std::{collections::BTreeSet, time::Duration};

use phat_primitives::{ContractId, RequestId};
use phat_target::BlockRef;
use phat_worker_core::{Event, Record, SeenAgain, scheduler::Busy};
use tokio::{task::JoinError, time::Instant};

use super::{Actor, Finished, Message, Signed, Stop};
use crate::{
    executor::NotRun,
    journal::{Cursor, JournalError, Scanned, Step},
    pace::now_ms,
};

/// Blocks without a request after which the journal notes how far was searched.
const CURSOR_BLOCKS_MAX: u64 = 64;

impl Actor {
    /// Takes a message in.
    pub(super) async fn take(&mut self, message: Message) {
        match message {
            Message::Head(head) => self.take_head(head),
            Message::RunAgain {
                request,
                state_block,
            } => {
                if let Err(Stop::Journal(error)) = self.run_again(request, state_block).await {
                    self.journal_failed(&error);
                }
            }
            Message::Scanned {
                contract,
                anchor,
                scanned,
                events,
                done,
            } => {
                let result = self.keep_events(contract, anchor, scanned, events).await;
                if let Err(error) = &result {
                    self.journal_failed(error);
                }
                // A watcher that is gone needs no answer.
                let _ = done.send(result.is_ok());
            }
            Message::Fired(batch) => self.take_firings(batch).await,
            Message::Proposed(proposed) => self.take_proposal(proposed),
        }
    }

    fn take_head(&mut self, head: BlockRef) {
        if self.head.map(|before| before.number) != Some(head.number) {
            self.served.clear();
            // They are looked at anew.
            self.deferred.clear();
        }
        self.head = Some(head);
    }

    /// Journals requests that were found, together with how far was searched.
    async fn keep_events(
        &mut self,
        contract: ContractId,
        anchor: Vec<u8>,
        scanned: Scanned,
        events: Vec<Event>,
    ) -> Result<(), JournalError> {
        let mut step = Step::default();
        // The numbers of new requests: a record that had one before was replaced.
        let mut taken = BTreeSet::new();
        for event in events {
            let id = event.id();
            let known = match self.entries.get(&id) {
                Some(entry) => Some(entry.record.clone()),
                None => {
                    self.parts
                        .journal
                        .on_thread(move |journal| journal.record(id))
                        .await?
                }
            };
            let record = match known {
                None => {
                    taken.insert(event.request.number);
                    Record::seen(&event, self.parts.journal.next_sequence(), now_ms())
                }
                Some(mut record) => {
                    let head = self.head.map_or(scanned.last, |head| head.number);
                    let was_final = record.is_final();
                    match record.seen_again(&event, head, &self.parts.policy) {
                        SeenAgain::Same => continue,
                        change => {
                            tracing::warn!(request = %id, ?change, "the chain was reorganised");
                        }
                    }
                    if was_final {
                        self.take_lost_nonces(&mut record);
                    }
                    record
                }
            };
            step.inputs.push((id, event.request.input));
            step.records.push(record);
        }
        let head = self.head.map_or(scanned.last, |head| head.number);
        let replaced = self.records().filter(|record| {
            record.contract == contract
                && record.anchor == anchor
                && taken.contains(&record.number)
                && step.records.iter().all(|found| found.id != record.id)
        });
        for mut record in replaced.cloned().collect::<Vec<_>>() {
            if record.replaced(head) {
                tracing::warn!(request = %record.id, "a reorganisation gave its number to another");
                step.records.push(record);
            }
        }
        let key = (contract, anchor);
        let kept_at = self.cursors.get(&key).copied();
        let is_near = kept_at.is_some_and(|kept| {
            let blocks = scanned.last.saturating_sub(kept.last);
            kept.first == scanned.first && blocks < CURSOR_BLOCKS_MAX
        });
        if step.records.is_empty() && is_near {
            // Nothing was found: these blocks may as well be searched again.
            return Ok(());
        }
        step.cursor = Some(Cursor {
            chain: self.chain().into(),
            contract,
            anchor: key.1.clone(),
            scanned,
        });
        self.commit(step).await?;
        self.cursors.insert(key, scanned);
        Ok(())
    }

    /// Takes in a run that ended.
    pub(super) fn note(&mut self, run: Result<Finished, JoinError>) {
        match run {
            Ok(finished) => self.finished.push(finished),
            // A run catches its own panics and nobody aborts it.
            Err(error) => {
                let error = error.to_string();
                tracing::error!(error, "a run did not come back");
            }
        }
    }

    /// Journals runs that ended. Those that cannot be journaled are kept.
    pub(super) async fn keep_finished(&mut self) -> Result<(), JournalError> {
        while let Some(finished) = self.finished.pop() {
            if let Err(error) = self.keep_run(&finished).await {
                self.finished.push(finished);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Has a request try again when there may be room for its run. It is in the
    /// journal and as far as it was: nothing about it is noted.
    pub(super) fn put_off_busy(&mut self, id: RequestId, busy: Busy) {
        if let Some(entry) = self.entries.get_mut(&id) {
            let pause = Duration::from_secs(busy.retry_after_s);
            entry.try_from = Some(Instant::now() + pause);
            self.needs_retry = true;
            tracing::debug!(request = %id, pause_s = busy.retry_after_s, "no room to wait in");
        }
    }

    async fn keep_run(&mut self, finished: &Finished) -> Result<(), JournalError> {
        let Some(entry) = self.entries.get_mut(&finished.id) else {
            return Ok(());
        };
        let mut record = entry.record.clone();
        let (ran, signed) = match &finished.result {
            Ok(result) => result,
            Err(NotRun::RanElsewhere) => {
                entry.is_running = false;
                record.ran_elsewhere();
                let step = Step {
                    records: vec![record],
                    ..Step::default()
                };
                return self.commit(step).await;
            }
            Err(NotRun::NotTurn) if record.is_late_and_once() => {
                // Another worker has begun to run it: this one never may.
                entry.is_running = false;
                record.left_to_another();
                let step = Step {
                    records: vec![record],
                    ..Step::default()
                };
                return self.commit(step).await;
            }
            Err(reason) if record.is_used_up() && !matches!(reason, NotRun::Interrupted(_)) => {
                // The contract's code has not been entered: it may be run yet.
                let pause = entry.run_backoff.pause();
                entry.try_from = Some(Instant::now() + pause);
                entry.is_running = false;
                record.not_started();
                record.postponed(&reason.to_string());
                self.needs_retry = true;
                let step = Step {
                    records: vec![record],
                    ..Step::default()
                };
                return self.commit(step).await;
            }
            Err(NotRun::Stopped | NotRun::NoStake(_) | NotRun::NotTurn) => {
                // It was not begun: the record stays as it is, for the next start or
                // for the next look at it, from which on it waits for stake.
                entry.is_running = false;
                return Ok(());
            }
            Err(NotRun::Busy(busy)) => {
                // It made room for a contract that had fewer waiting.
                entry.is_running = false;
                self.put_off_busy(finished.id, *busy);
                return Ok(());
            }
            Err(reason) => {
                let pause = entry.run_backoff.pause();
                entry.try_from = Some(Instant::now() + pause);
                entry.is_running = false;
                self.needs_retry = true;
                let reason = reason.to_string();
                record.postponed(&reason);
                tracing::warn!(request = %finished.id, reason, pause_s = pause.as_secs(), "run put off");
                let step = Step {
                    records: vec![record],
                    ..Step::default()
                };
                return self.commit(step).await;
            }
        };
        let receipt = ran.stored.receipt.hash();
        match signed {
            Signed::Whole(_) | Signed::Part(_) | Signed::Output(_) => record.executed(receipt),
            Signed::Nothing => {
                let head = self.head.map_or(record.block, |head| head.number);
                record.came_to_nothing(receipt, head, &self.parts.policy);
            }
        }
        let id = record.id;
        let mut step = Step {
            receipt: Some(ran.stored.clone()),
            lines: Some((record.contract, ran.lines.clone())),
            records: vec![record],
            ..Step::default()
        };
        match signed {
            Signed::Whole(rollup) => step.rollups.push((id, rollup.clone())),
            Signed::Part(outcome) => {
                // What others have signed before is of an older run.
                step.outdated.push(id);
                step.outcomes.push((id, outcome.to_bytes()));
            }
            Signed::Output(output) => {
                step.outdated.push(id);
                step.outcomes.push((id, output.to_bytes()));
            }
            Signed::Nothing => {}
        }
        self.commit(step).await?;
        if let Some(entry) = self.entries.get_mut(&finished.id) {
            entry.is_running = false;
            entry.looked_at = None;
            entry.try_from = None;
            entry.run_backoff.reset();
        }
        Ok(())
    }
}
