//! The worker: what it keeps, and what it does between two blocks.

use std::collections::{BTreeMap, BTreeSet};

use codec::{Decode, Encode};
use phat_primitives::{ContractId, ReceiptHash, RequestId, blake2_256};
use phat_target::{
    AnchorRequest, KeyRead, KeyWrite, PreparedTransaction, RequestStatus, Rollup, TargetError,
    TransactionStatus,
};

use super::{
    ANCHOR, CHAIN, CONFIRMATIONS, Faults, Luck, Random, UNLUCKY,
    chain::{Chain, Transaction, outage, refusal},
};
use crate::{Action, Batch, Event, Nonce, Observation, Policy, Ready, Record, SeenAgain, Watched};

/// The most that a transaction may pay.
const FEE_CAP: u64 = 60;
/// The most requests whose settlements fit into a block's gas together.
const FITTING_MAX: usize = 3;
/// Blocks that are searched again at each look, and now and then.
const RESCANNED: [u64; 2] = [3, 20];
/// Blocks between two searches of more.
const RESCAN_EVERY: u64 = 4;

/// What is on the worker's disk; all else is lost when it is killed.
#[derive(Clone)]
pub struct Kept {
    pub record: Record,
    version_read: Option<u64>,
}

pub struct World {
    random: Random,
    faults: Faults,
    policy: Policy,
    pub chain: Chain,
    pub disk: BTreeMap<RequestId, Kept>,
    /// All that were ever made, on the disk too.
    transactions: BTreeMap<[u8; 32], PreparedTransaction>,
    scanned: u64,
    /// The head at which more blocks than usual were searched again.
    rescanned_at: u64,
    /// The block at which the anchor had a transaction with a fresh nonce.
    served_at: Option<u64>,
}

/// Why a worker stops what it is doing.
enum Stop {
    Killed,
    Failed,
}

impl From<TargetError> for Stop {
    fn from(error: TargetError) -> Self {
        assert!(error.is_transient(), "unexpected: {error}");
        Self::Failed
    }
}

/// What is to be done about requests that were looked at.
#[derive(Default)]
struct Work {
    ready: Vec<Ready>,
    replaced: Vec<[u8; 32]>,
    sends: BTreeSet<[u8; 32]>,
    head: u64,
}

impl World {
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self {
            random: Random(seed),
            faults,
            policy: Policy {
                confirmations: CONFIRMATIONS,
                replace_after_blocks: 3,
                backoff_blocks_max: 8,
                takeover_blocks: 2,
                // All is tried again and again while a history lasts.
                refusals_max: 25,
                watch_blocks: 20,
                ..Policy::default()
            },
            chain: Chain::new(faults),
            disk: BTreeMap::new(),
            transactions: BTreeMap::new(),
            scanned: 0,
            rescanned_at: 0,
            served_at: None,
        }
    }

    fn rpc(&mut self) -> Result<(), Stop> {
        if self.random.percent(self.faults.outage) {
            return Err(outage("down").into());
        }
        Ok(())
    }

    fn may_be_killed(&mut self) -> Result<(), Stop> {
        if self.random.percent(self.faults.crash) {
            return Err(Stop::Killed);
        }
        Ok(())
    }

    /// Writes records in one step, with a transaction that is about to be sent.
    fn write(
        &mut self,
        kept: Vec<Kept>,
        transaction: Option<&PreparedTransaction>,
    ) -> Result<(), Stop> {
        self.may_be_killed()?;
        for kept in kept {
            self.disk.insert(kept.record.id, kept);
        }
        if let Some(transaction) = transaction {
            let hash = transaction.hash;
            self.transactions.insert(hash, transaction.clone());
        }
        self.may_be_killed()
    }

    fn records(&self) -> Vec<Record> {
        self.disk.values().map(|kept| kept.record.clone()).collect()
    }

    /// Takes from a request that was opened again what others hold by now.
    fn without_nonces_of_others(&self, mut record: Record) -> Record {
        let records = self.records();
        for nonce in record.nonces_held().collect::<Vec<_>>() {
            if crate::is_held_by_another(nonce, &record, &records) {
                record.nonce_lost(nonce);
            }
        }
        record
    }

    fn scan(&mut self) -> Result<(), Stop> {
        self.rpc()?;
        let head = self.chain.head();
        let is_deep = head >= self.rescanned_at + RESCAN_EVERY;
        let rescanned = RESCANNED[usize::from(is_deep)];
        for number in self.scanned.min(head).saturating_sub(rescanned)..=head {
            let block = self.chain.block_ref(number);
            for request in self.chain.blocks[number as usize].requests.clone() {
                let mut word = [0; 32];
                word[24..].copy_from_slice(&request.to_be_bytes());
                let event = Event {
                    contract: ContractId([1; 32]),
                    chain: CHAIN.into(),
                    anchor: ANCHOR.to_vec(),
                    request: AnchorRequest {
                        number: word,
                        requester: vec![],
                        input: request.encode(),
                        commitment: blake2_256(&request.encode()),
                        block,
                        expires_at: None,
                        fee: 0,
                    },
                };
                let kept = match self.disk.get(&event.id()) {
                    Some(kept) => {
                        let mut kept = kept.clone();
                        let was_final = kept.record.is_final();
                        let seen = kept.record.seen_again(&event, head, &self.policy);
                        if seen == SeenAgain::Same {
                            continue;
                        }
                        if was_final {
                            kept.record = self.without_nonces_of_others(kept.record);
                        }
                        kept
                    }
                    None => Kept {
                        record: Record::seen(&event, self.disk.len() as u64 + 1, 0),
                        version_read: None,
                    },
                };
                self.write(vec![kept], None)?;
            }
        }
        self.scanned = head;
        if is_deep {
            self.rescanned_at = head;
        }
        Ok(())
    }

    fn status(&self, record: &Record) -> RequestStatus {
        let number = number_of(record);
        let state = self.chain.state();
        if state.settled.contains_key(&number) {
            RequestStatus::Settled
        } else if state.requests.contains_key(&number) {
            RequestStatus::Open
        } else {
            RequestStatus::Unknown
        }
    }

    /// The nonces of transactions that wait for nobody.
    fn left(&self) -> BTreeMap<u64, [u8; 32]> {
        let records = self.disk.values().map(|kept| &kept.record);
        records
            .filter(|record| !record.is_final() || record.watch.is_some())
            .flat_map(Record::leftovers)
            .filter(|left| self.chain.transaction_status(left.hash) == TransactionStatus::Pending)
            .map(|left| (left.nonce, left.hash))
            .collect()
    }

    fn observe(&mut self, record: &Record) -> Result<Observation, Stop> {
        let mut transactions = Vec::new();
        for attempt in &record.attempts {
            self.rpc()?;
            transactions.push(self.chain.transaction_status(attempt.hash));
        }
        self.rpc()?;
        Ok(Observation {
            head: self.chain.head(),
            start_block: record.block,
            submit_block: 0,
            status: self.status(record),
            transactions,
            nonce_gap: record.live().last().and_then(|attempt| {
                let (next, records) = (self.chain.next_nonce(), self.records());
                let left = self.left().into_keys();
                crate::nonce_gap(attempt.nonce, next, &records)
                    .or_else(|| crate::left_nonce(attempt.nonce, left, &records))
            }),
        })
    }

    /// Looks at a request and does what it can do by itself.
    fn look(&mut self, id: RequestId, work: &mut Work) -> Result<(), Stop> {
        let mut kept = self.disk[&id].clone();
        let head = self.chain.head();
        if kept.record.is_watch_due(head) {
            self.rpc()?;
            let status = self.status(&kept.record);
            let is_left = kept
                .record
                .leftovers()
                .any(|left| self.chain.transaction_status(left.hash) == TransactionStatus::Pending);
            if kept.record.watched(status, is_left, head, &self.policy) == Watched::Reopened {
                kept.record = self.without_nonces_of_others(kept.record);
            }
            return self.write(vec![kept], None);
        }
        if !kept.record.is_due(head) {
            return Ok(());
        }
        let observation = self.observe(&kept.record)?;
        work.head = observation.head;
        kept.record.observe(&observation, &self.policy);
        assert!(kept.record.attempts.len() <= self.policy.attempts_kept_max);
        let action = crate::next(&kept.record, &observation, &self.policy);
        match action {
            Action::Wait { .. } | Action::Done => {}
            Action::Run => {
                self.rpc()?;
                kept.version_read = Some(self.chain.state_at(head).version);
                kept.record.executed(ReceiptHash([1; 32]));
            }
            Action::Prepare { nonce, replaces } => {
                let replaced = replaces.and_then(|number| kept.record.attempt(number));
                work.replaced.extend(replaced.map(|attempt| attempt.hash));
                work.ready.push(self.ready(&kept, nonce));
            }
            Action::Send { attempt } => {
                let hash = kept.record.attempt(attempt).map(|attempt| attempt.hash);
                work.sends.extend(hash);
            }
            Action::Finish(settlement) => kept.record.finished(settlement, head, &self.policy),
            Action::GiveUp(reason) => panic!("given up: {reason}: {:?}", kept.record),
        }
        self.write(vec![kept], None)
    }

    fn ready(&self, kept: &Kept, nonce: Nonce) -> Ready {
        let key = || b"key".to_vec();
        let is_keyed = self.faults.shared_key;
        let rollup = Rollup {
            number: kept.record.number,
            commitment: kept.record.commitment,
            success: true,
            output: Vec::new(),
            reads: is_keyed
                .then(|| KeyRead {
                    key: key(),
                    version: kept.version_read.unwrap_or(0),
                })
                .into_iter()
                .collect(),
            writes: is_keyed
                .then(|| KeyWrite {
                    key: key(),
                    value: Vec::new(),
                })
                .into_iter()
                .collect(),
        };
        Ready::new(&kept.record, &rollup, nonce)
    }

    /// Has all that hold a nonce that is about to be used anew share the transaction.
    fn join(&self, work: &mut Work) {
        let replaced: BTreeSet<u64> = work
            .ready
            .iter()
            .filter_map(|ready| match ready.nonce {
                Nonce::Keep(nonce) => Some(nonce),
                Nonce::Fresh => None,
            })
            .collect();
        for kept in self.disk.values() {
            let last = kept.record.live().next_back();
            let is_ready = work.ready.iter().any(|ready| ready.id == kept.record.id);
            if let Some(last) = last
                && !is_ready
                && kept.record.can_join(last.nonce, work.head)
                && replaced.contains(&last.nonce)
            {
                work.replaced.push(last.hash);
                work.ready.push(self.ready(kept, Nonce::Keep(last.nonce)));
            }
        }
    }

    /// Makes and sends the transactions of a batch: of those that can be settled one
    /// together, if it fits.
    fn settle(&mut self, batch: Batch, work: &Work) -> Result<(), Stop> {
        for id in &batch.displaced {
            if let Nonce::Keep(nonce) = batch.nonce {
                let mut kept = self.disk[id].clone();
                kept.record.nonce_lost(nonce);
                self.write(vec![kept], None)?;
            }
        }
        let mut nonce = batch.nonce;
        let mut left = Vec::new();
        for id in batch.requests {
            let mut kept = self.disk[&id].clone();
            self.rpc()?;
            match self.chain.check(
                &self.chain.state(),
                number_of(&kept.record),
                kept.version_read,
            ) {
                Ok(()) => left.push(kept),
                Err(rejection) => {
                    let error = TargetError::Rejected(rejection);
                    kept.record.failed(&error, work.head, &self.policy);
                    self.write(vec![kept], None)?;
                }
            }
        }
        while !left.is_empty() {
            let rest = left.split_off(left.len().min(FITTING_MAX));
            if let Nonce::Keep(kept_nonce) = nonce {
                for kept in &rest {
                    let mut kept = kept.clone();
                    kept.record.nonce_lost(kept_nonce);
                    self.write(vec![kept], None)?;
                }
            }
            self.submit(std::mem::take(&mut left), nonce, work)?;
            left = rest
                .iter()
                .map(|kept| self.disk[&kept.record.id].clone())
                .collect();
            nonce = Nonce::Fresh;
        }
        Ok(())
    }

    fn submit(&mut self, mut carried: Vec<Kept>, nonce: Nonce, work: &Work) -> Result<(), Stop> {
        let nonce = match nonce {
            Nonce::Keep(nonce) => nonce,
            Nonce::Fresh => {
                self.rpc()?;
                self.served_at = Some(work.head);
                crate::fresh_nonce(self.chain.next_nonce(), &self.records())
            }
        };
        let replaced = work
            .replaced
            .iter()
            .filter_map(|hash| self.transactions.get(hash))
            .filter(|transaction| transaction.nonce == nonce)
            .max_by_key(|transaction| transaction.fee_per_gas_max)
            .cloned();
        self.rpc()?;
        match self.prepare(&carried, nonce, replaced.as_ref()) {
            Ok(transaction) => {
                let count = carried.len() as u32;
                for kept in &mut carried {
                    kept.record.prepared(&transaction, count, &self.policy);
                }
                self.write(carried, Some(&transaction))?;
                self.send(transaction.hash, work.head)
            }
            Err(error) => {
                for kept in &mut carried {
                    kept.record.failed(&error, work.head, &self.policy);
                }
                self.write(carried, None)
            }
        }
    }

    fn prepare(
        &self,
        carried: &[Kept],
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let raised = replaces.map_or(0, |replaced| replaced.fee_per_gas_max as u64 + 1);
        let fee = self.chain.price.max(raised);
        if fee > FEE_CAP {
            return Err(TargetError::FeeCap {
                chain: CHAIN.into(),
                needed: fee.into(),
                cap: FEE_CAP.into(),
            });
        }
        let settles = carried
            .iter()
            .map(|kept| (number_of(&kept.record), kept.version_read));
        let transaction = Transaction {
            nonce,
            fee,
            settles: settles.collect(),
        };
        Ok(PreparedTransaction {
            nonce,
            hash: transaction.hash(),
            raw: transaction.encode(),
            fee_per_gas_max: transaction.fee.into(),
            tip_per_gas: 0,
            cost_max: transaction.fee.into(),
        })
    }

    fn send(&mut self, hash: [u8; 32], head: u64) -> Result<(), Stop> {
        self.rpc()?;
        let raw = &self.transactions[&hash].raw;
        let transaction = Transaction::decode(&mut &raw[..]).unwrap();
        let nonce = transaction.nonce;
        let result = if self.random.percent(self.faults.refusal) {
            Err(refusal("busy"))
        } else {
            self.chain.send(transaction)
        };
        // An answer may be lost.
        self.rpc()?;
        let mut carried: Vec<Kept> = self
            .disk
            .values()
            .filter(|kept| !kept.record.is_final() && kept.record.attempt_of(hash).is_some())
            .cloned()
            .collect();
        for kept in &mut carried {
            let Some(attempt) = kept.record.attempt_of(hash) else {
                continue;
            };
            let number = attempt.number;
            match &result {
                Ok(()) => kept.record.sent(number, head),
                Err(TargetError::NonceUsed { .. }) => {
                    let is_ours = kept
                        .record
                        .attempts
                        .iter()
                        .filter(|attempt| attempt.nonce == nonce)
                        .map(|attempt| self.chain.transaction_status(attempt.hash))
                        .any(|status| matches!(status, TransactionStatus::Included { .. }));
                    if !is_ours {
                        kept.record.nonce_lost(nonce);
                    }
                }
                Err(error) => {
                    kept.record.refused(number, error, head, &self.policy);
                }
            }
        }
        // The endpoint may answer after the worker was killed.
        self.write(carried, None)
    }

    /// What the worker does between two blocks.
    fn work(&mut self) -> Result<(), Stop> {
        let may_go_on = |result| match result {
            Ok(()) | Err(Stop::Failed) => Ok(()),
            Err(Stop::Killed) => Err(Stop::Killed),
        };
        may_go_on(self.scan())?;
        let mut work = Work::default();
        for id in self.disk.keys().copied().collect::<Vec<_>>() {
            may_go_on(self.look(id, &mut work))?;
        }
        self.join(&mut work);
        work.replaced.extend(self.left().into_values());
        let mut served = BTreeSet::new();
        if self.served_at == Some(work.head) {
            served.insert(ANCHOR.to_vec());
        }
        let batch_max = self.faults.batch_max;
        let plan = crate::plan(std::mem::take(&mut work.ready), |_| batch_max, &served);
        for hash in work.sends.clone() {
            may_go_on(self.send(hash, work.head))?;
        }
        for batch in plan.batches {
            may_go_on(self.settle(batch, &work))?;
        }
        Ok(())
    }

    fn tick(&mut self) {
        if self.work().is_err() {
            // Killed, and started again.
            self.served_at = None;
            self.rescanned_at = 0;
        }
    }

    /// Makes many requests in one block.
    pub fn burst(&mut self, count: u64) {
        self.chain.mine(&mut self.random, self.faults);
        for _ in 0..count {
            self.chain.requests_made += 1;
            let request = self.chain.requests_made;
            self.chain.blocks.last_mut().unwrap().requests.push(request);
        }
    }

    /// Lives through a history: some blocks with trouble, then calm ones until all
    /// is done.
    pub fn live(&mut self) {
        for _ in 0..60 {
            if self.random.percent(25) && self.chain.requests_made < 8 {
                // Now and then several come at once.
                let count = 1 + self.random.below(3);
                self.burst(count);
            } else if self.random.percent(self.faults.reorg) {
                self.chain.reorganise(&mut self.random, self.faults);
            } else {
                self.chain.mine(&mut self.random, self.faults);
            }
            if self.random.percent(self.faults.drop_from_pool) {
                self.chain.pool.pop_last();
            }
            self.tick();
        }
        self.faults = Faults {
            shared_key: self.faults.shared_key,
            unlucky: self.faults.unlucky,
            batch_max: self.faults.batch_max,
            ..Faults::default()
        };
        for _ in 0..400 {
            self.chain.mine(&mut self.random, self.faults);
            self.tick();
            if self.is_done() {
                return;
            }
        }
    }

    /// Whether all requests came to their end that ever can, and were watched for long
    /// enough. What is left behind by one may wait for ever, as nothing is behind it.
    pub fn is_done(&self) -> bool {
        let waits_for_money = |record: &Record| {
            number_of(record) == UNLUCKY && self.faults.unlucky == Luck::Unpayable
        };
        let head = self.chain.head();
        let is_over =
            |record: &Record| record.is_final() && record.is_watched_enough(head, &self.policy);
        self.disk.len() as u64 == self.chain.requests_made
            && self
                .disk
                .values()
                .all(|kept| is_over(&kept.record) || waits_for_money(&kept.record))
    }
}

fn number_of(record: &Record) -> u64 {
    u64::from_be_bytes(record.number[24..].try_into().unwrap())
}
