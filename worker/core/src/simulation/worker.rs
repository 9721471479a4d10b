//! The worker: what it keeps, and what it does between two blocks.

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use phat_primitives::{ContractId, ReceiptHash, RequestId, blake2_256};
use phat_target::{
    AnchorRequest, PreparedTransaction, RequestStatus, TargetError, TransactionStatus,
};

use super::{
    ANCHOR, CHAIN, CONFIRMATIONS, Faults, Luck, Random, UNLUCKY,
    chain::{Chain, Transaction, outage, refusal},
};
use crate::{Action, Event, Nonce, Observation, Policy, Record};

/// The most that a transaction may pay.
const FEE_CAP: u64 = 60;

/// What is on the worker's disk; all else is lost when it is killed.
#[derive(Clone)]
pub struct Kept {
    pub record: Record,
    version_read: Option<u64>,
    /// All that were ever made, by number.
    transactions: Vec<PreparedTransaction>,
}

pub struct World {
    random: Random,
    faults: Faults,
    policy: Policy,
    pub chain: Chain,
    pub disk: BTreeMap<RequestId, Kept>,
    scanned: u64,
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

impl World {
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self {
            random: Random(seed),
            faults,
            policy: Policy {
                confirmations: CONFIRMATIONS,
                replace_after_blocks: 3,
                backoff_blocks_max: 8,
                // All is tried again and again while a history lasts.
                refusals_max: 25,
                ..Policy::default()
            },
            chain: Chain::new(faults),
            disk: BTreeMap::new(),
            scanned: 0,
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

    fn write(&mut self, kept: &Kept) -> Result<(), Stop> {
        self.may_be_killed()?;
        self.disk.insert(kept.record.id, kept.clone());
        self.may_be_killed()
    }

    fn scan(&mut self) -> Result<(), Stop> {
        self.rpc()?;
        let head = self.chain.head();
        for number in self.scanned.saturating_sub(3)..=head {
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
                        kept.record.seen_again(&event);
                        kept
                    }
                    None => Kept {
                        record: Record::seen(&event, self.disk.len() as u64 + 1, 0),
                        version_read: None,
                        transactions: vec![],
                    },
                };
                self.write(&kept)?;
            }
        }
        self.scanned = head;
        Ok(())
    }

    fn observe(&mut self, record: &Record) -> Result<Observation, Stop> {
        let mut transactions = Vec::new();
        for attempt in &record.attempts {
            self.rpc()?;
            transactions.push(self.chain.transaction_status(attempt.hash));
        }
        self.rpc()?;
        let number = number_of(record);
        let state = self.chain.state();
        let status = if state.settled.contains_key(&number) {
            RequestStatus::Settled
        } else if state.requests.contains_key(&number) {
            RequestStatus::Open
        } else {
            RequestStatus::Unknown
        };
        let records: Vec<Record> = self.disk.values().map(|kept| kept.record.clone()).collect();
        Ok(Observation {
            head: self.chain.head(),
            start_block: record.block,
            status,
            transactions,
            nonce_gap: record.live().last().and_then(|attempt| {
                crate::nonce_gap(attempt.nonce, self.chain.next_nonce(), &records)
            }),
        })
    }

    fn act(&mut self, id: RequestId) -> Result<(), Stop> {
        let mut kept = self.disk[&id].clone();
        if !kept.record.is_due(self.chain.head()) {
            return Ok(());
        }
        let observation = self.observe(&kept.record)?;
        let head = observation.head;
        kept.record.observe(&observation, &self.policy);
        assert!(kept.record.attempts.len() <= self.policy.attempts_kept_max);
        match crate::next(&kept.record, &observation, &self.policy) {
            Action::Wait { .. } | Action::Done => self.write(&kept),
            Action::Run => {
                self.rpc()?;
                kept.version_read = Some(self.chain.state_at(head).version);
                kept.record.executed(ReceiptHash([1; 32]));
                self.write(&kept)
            }
            Action::Prepare { nonce, replaces } => {
                let nonce = match nonce {
                    Nonce::Keep(nonce) => nonce,
                    Nonce::Fresh => {
                        self.rpc()?;
                        let records = self.disk.values().map(|kept| &kept.record);
                        crate::fresh_nonce(self.chain.next_nonce(), records)
                    }
                };
                let replaced = replaces.map(|number| kept.transactions[number as usize].clone());
                self.rpc()?;
                match self.prepare(&kept, nonce, replaced.as_ref()) {
                    Ok(transaction) => {
                        let attempt = kept.record.prepared(&transaction, &self.policy);
                        kept.transactions.push(transaction);
                        self.write(&kept)?;
                        self.send(&mut kept, attempt, head)
                    }
                    Err(error) => {
                        kept.record.failed(&error, head, &self.policy);
                        self.write(&kept)
                    }
                }
            }
            Action::Send { attempt } => self.send(&mut kept, attempt, head),
            Action::Finish(settlement) => {
                kept.record.finished(settlement);
                self.write(&kept)
            }
            Action::GiveUp(reason) => panic!("given up: {reason}: {:?}", kept.record),
        }
    }

    fn prepare(
        &self,
        kept: &Kept,
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let request = number_of(&kept.record);
        self.chain
            .check(&self.chain.state(), request, kept.version_read)
            .map_err(TargetError::Rejected)?;
        let raised = replaces.map_or(0, |replaced| replaced.fee_per_gas_max as u64 + 1);
        let fee = self.chain.price.max(raised);
        if fee > FEE_CAP {
            return Err(TargetError::FeeCap {
                chain: CHAIN.into(),
                needed: fee.into(),
                cap: FEE_CAP.into(),
            });
        }
        let transaction = Transaction {
            nonce,
            fee,
            settles: Some(request),
            version_read: kept.version_read,
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

    fn send(&mut self, kept: &mut Kept, attempt: u32, head: u64) -> Result<(), Stop> {
        self.rpc()?;
        let raw = &kept.transactions[attempt as usize].raw;
        let transaction = Transaction::decode(&mut &raw[..]).unwrap();
        let nonce = transaction.nonce;
        let result = if self.random.percent(self.faults.refusal) {
            Err(refusal("busy"))
        } else {
            self.chain.send(transaction)
        };
        // An answer may be lost.
        self.rpc()?;
        match result {
            Ok(()) => kept.record.sent(attempt, head),
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
                kept.record.refused(attempt, &error, head, &self.policy);
            }
        }
        // The endpoint may answer after the worker was killed.
        self.write(kept)
    }

    /// What the worker does between two blocks.
    fn tick(&mut self) {
        let mut work = || -> Result<(), Stop> {
            match self.scan() {
                Ok(()) | Err(Stop::Failed) => {}
                Err(Stop::Killed) => return Err(Stop::Killed),
            }
            for id in self.disk.keys().copied().collect::<Vec<_>>() {
                match self.act(id) {
                    Ok(()) | Err(Stop::Failed) => {}
                    Err(Stop::Killed) => return Err(Stop::Killed),
                }
            }
            Ok(())
        };
        let _killed_and_started_again = work();
    }

    /// Lives through a history: some blocks with trouble, then calm ones until all
    /// is done.
    pub fn live(&mut self) {
        for _ in 0..60 {
            if self.random.percent(25) && self.chain.requests_made < 8 {
                self.chain.requests_made += 1;
                let request = self.chain.requests_made;
                self.chain.mine(&mut self.random, self.faults);
                self.chain.blocks.last_mut().unwrap().requests.push(request);
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

    /// Whether all requests came to their end that ever can.
    pub fn is_done(&self) -> bool {
        let waits_for_money = |record: &Record| {
            number_of(record) == UNLUCKY && self.faults.unlucky == Luck::Unpayable
        };
        self.disk.len() as u64 == self.chain.requests_made
            && self
                .disk
                .values()
                .all(|kept| kept.record.is_final() || waits_for_money(&kept.record))
    }
}

fn number_of(record: &Record) -> u64 {
    u64::from_be_bytes(record.number[24..].try_into().unwrap())
}
