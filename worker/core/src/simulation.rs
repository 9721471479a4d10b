//! A worker's decisions against a model chain that is as unkind as chains are:
//! endpoints fail, blocks are reorganised away, others settle first or use the
//! relay account, keys change between run and settlement, and the worker is
//! killed after any step. Whatever happens, each request is settled once.

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use phat_primitives::{ContractId, ReceiptHash, RequestId, blake2_256};
use phat_target::{
    AnchorRequest, BlockRef, PreparedTransaction, Rejection, RequestStatus, TargetError,
    TransactionStatus,
};

use crate::{Action, Event, Nonce, Observation, Policy, Record, Settlement, Step};

const CHAIN: &str = "eip155:31337";
const ANCHOR: [u8; 20] = [7; 20];
const CONFIRMATIONS: u64 = 2;

/// A SplitMix64 generator (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// How often each kind of trouble happens, in percent.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    crash: u64,
    outage: u64,
    reorg: u64,
    drop_from_pool: u64,
    other_settles: u64,
    nonce_used_outside: u64,
    /// Requests that all read and write one key.
    shared_key: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Transaction {
    nonce: u64,
    fee: u64,
    /// `None`: a transfer made outside the worker.
    settles: Option<u64>,
    version_read: Option<u64>,
}

impl Transaction {
    fn hash(&self) -> [u8; 32] {
        blake2_256(&self.encode())
    }
}

#[derive(Clone, Debug, Default)]
struct Block {
    salt: u64,
    requests: Vec<u64>,
    settled_by_others: Vec<u64>,
    transactions: Vec<Transaction>,
}

/// What the blocks so far amount to.
#[derive(Default)]
struct State {
    nonce: u64,
    version: u64,
    requests: BTreeMap<u64, usize>,
    /// Which requests are settled, and how often a settlement took effect.
    settled: BTreeMap<u64, u64>,
    included: BTreeMap<[u8; 32], (u64, bool)>,
}

struct Chain {
    blocks: Vec<Block>,
    pool: BTreeMap<u64, Transaction>,
    requests_made: u64,
    shared_key: bool,
}

impl Chain {
    fn tip(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }

    fn head(&self) -> u64 {
        self.tip().saturating_sub(CONFIRMATIONS)
    }

    fn state_at(&self, block: u64) -> State {
        let mut state = State::default();
        for (height, block) in self.blocks.iter().enumerate().take(block as usize + 1) {
            for request in &block.requests {
                state.requests.insert(*request, height);
            }
            for request in &block.settled_by_others {
                if state.requests.contains_key(request) && !state.settled.contains_key(request) {
                    state.settled.insert(*request, 1);
                    state.version += 1;
                }
            }
            for transaction in &block.transactions {
                assert_eq!(transaction.nonce, state.nonce, "a model chain has no gaps");
                state.nonce += 1;
                let success = transaction.settles.is_none_or(|request| {
                    self.check(&state, request, transaction.version_read)
                        .is_ok()
                });
                if let (true, Some(request)) = (success, transaction.settles) {
                    *state.settled.entry(request).or_default() += 1;
                    state.version += 1;
                }
                let included = (height as u64, success);
                state.included.insert(transaction.hash(), included);
            }
        }
        state
    }

    fn state(&self) -> State {
        self.state_at(self.tip())
    }

    fn check(&self, state: &State, request: u64, read: Option<u64>) -> Result<(), Rejection> {
        if !state.requests.contains_key(&request) {
            return Err(Rejection::UnknownRequest);
        }
        if state.settled.contains_key(&request) {
            return Err(Rejection::AlreadySettled);
        }
        match read {
            Some(expected) if self.shared_key && expected != state.version => {
                Err(Rejection::StaleVersion {
                    expected,
                    actual: state.version,
                })
            }
            _ => Ok(()),
        }
    }

    fn mine(&mut self, random: &mut Random, faults: Faults) {
        let mut nonce = self.state().nonce;
        let mut block = Block {
            salt: random.next(),
            ..Block::default()
        };
        if random.percent(faults.nonce_used_outside) {
            self.pool.insert(
                nonce,
                Transaction {
                    nonce,
                    fee: u64::MAX,
                    settles: None,
                    version_read: None,
                },
            );
        }
        if self.requests_made > 0 && random.percent(faults.other_settles) {
            let request = 1 + random.below(self.requests_made);
            block.settled_by_others.push(request);
        }
        // Now and then a block is empty, as when fees are too low.
        if !random.percent(20) {
            while let Some(transaction) = self.pool.remove(&nonce) {
                block.transactions.push(transaction);
                nonce += 1;
            }
        }
        self.pool.retain(|pooled, _| *pooled >= nonce);
        self.blocks.push(block);
    }

    fn reorganise(&mut self, random: &mut Random, faults: Faults) {
        let depth = (1 + random.below(CONFIRMATIONS)).min(self.tip()) as usize;
        let orphaned = self.blocks.split_off(self.blocks.len() - depth);
        for transaction in orphaned.iter().flat_map(|block| &block.transactions) {
            if !random.percent(30) {
                self.pool
                    .entry(transaction.nonce)
                    .or_insert_with(|| transaction.clone());
            }
        }
        // The requests are made again in the first new block, and the others, who
        // follow their settlements as the worker does its own, settle in the last.
        for index in 0..=depth {
            let calm = Faults {
                nonce_used_outside: 0,
                ..faults
            };
            self.mine(random, calm);
            let Some(block) = self.blocks.last_mut() else {
                continue;
            };
            for orphan in &orphaned {
                if index == 0 {
                    block.requests.extend(&orphan.requests);
                }
                if index == depth {
                    block.settled_by_others.extend(&orphan.settled_by_others);
                }
            }
        }
    }

    fn block_ref(&self, number: u64) -> BlockRef {
        BlockRef {
            number,
            hash: blake2_256(&(number, self.blocks[number as usize].salt).encode()),
        }
    }

    fn next_nonce(&self) -> u64 {
        let mut nonce = self.state().nonce;
        while self.pool.contains_key(&nonce) {
            nonce += 1;
        }
        nonce
    }

    fn send(&mut self, transaction: Transaction) -> Result<(), TargetError> {
        let state = self.state();
        if state.included.contains_key(&transaction.hash()) {
            return Ok(());
        }
        if transaction.nonce < state.nonce {
            return Err(TargetError::NonceUsed {
                chain: CHAIN.into(),
                nonce: transaction.nonce,
            });
        }
        match self.pool.get(&transaction.nonce) {
            Some(pooled) if *pooled == transaction => Ok(()),
            Some(pooled) if pooled.fee >= transaction.fee => Err(outage("underpriced")),
            _ => {
                self.pool.insert(transaction.nonce, transaction);
                Ok(())
            }
        }
    }

    fn transaction_status(&self, hash: [u8; 32]) -> TransactionStatus {
        if let Some((block, success)) = self.state().included.get(&hash) {
            return TransactionStatus::Included {
                block: self.block_ref(*block),
                gas_used: 1,
                success: *success,
                is_final: *block <= self.head(),
            };
        }
        if self.pool.values().any(|pooled| pooled.hash() == hash) {
            return TransactionStatus::Pending;
        }
        TransactionStatus::Unknown
    }
}

fn outage(reason: &str) -> TargetError {
    TargetError::Unreachable {
        chain: CHAIN.into(),
        reason: reason.into(),
    }
}

/// What is on the worker's disk; all else is lost when it is killed.
#[derive(Clone)]
struct Kept {
    record: Record,
    version_read: Option<u64>,
    transactions: Vec<PreparedTransaction>,
}

struct World {
    random: Random,
    faults: Faults,
    policy: Policy,
    chain: Chain,
    disk: BTreeMap<RequestId, Kept>,
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
    fn new(seed: u64, faults: Faults) -> Self {
        Self {
            random: Random(seed),
            faults,
            policy: Policy {
                confirmations: CONFIRMATIONS,
                replace_after_blocks: 3,
                backoff_blocks_max: 8,
                runs_max: u32::MAX,
                attempts_max: 10_000,
                ..Policy::default()
            },
            chain: Chain {
                blocks: vec![Block::default()],
                pool: BTreeMap::new(),
                requests_made: 0,
                shared_key: faults.shared_key,
            },
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
            nonce_gap: record.attempts.last().and_then(|attempt| {
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
        kept.record.observe(&observation);
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
                let replaced = replaces.and_then(|index| kept.transactions.get(index).cloned());
                self.rpc()?;
                match self.prepare(&kept, nonce, replaced.as_ref()) {
                    Ok(transaction) => {
                        let attempt = kept.record.prepared(&transaction);
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
        let transaction = Transaction {
            nonce,
            fee: replaces.map_or(1, |replaced| replaced.fee_per_gas_max as u64 + 1),
            settles: Some(request),
            version_read: kept.version_read,
        };
        Ok(PreparedTransaction {
            nonce,
            hash: transaction.hash(),
            raw: transaction.encode(),
            fee_per_gas_max: transaction.fee.into(),
            tip_per_gas: 0,
        })
    }

    fn send(&mut self, kept: &mut Kept, attempt: usize, head: u64) -> Result<(), Stop> {
        self.rpc()?;
        let raw = &kept.transactions[attempt].raw;
        let transaction = Transaction::decode(&mut &raw[..]).unwrap();
        let nonce = transaction.nonce;
        match self.chain.send(transaction) {
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
            Err(error) => return Err(error.into()),
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

    fn live(&mut self) {
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
        let shared_key = self.faults.shared_key;
        self.faults = Faults {
            shared_key,
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

    fn is_done(&self) -> bool {
        self.disk.len() as u64 == self.chain.requests_made
            && self.disk.values().all(|kept| kept.record.is_final())
    }
}

fn number_of(record: &Record) -> u64 {
    u64::from_be_bytes(record.number[24..].try_into().unwrap())
}

/// Lives through `seeds` histories and checks what must hold at the end of each.
fn check(seeds: u64, faults: Faults, transactions_per_request_max: Option<u64>) {
    for seed in 0..seeds {
        let mut world = World::new(seed, faults);
        world.live();
        let open: Vec<_> = world
            .disk
            .values()
            .map(|kept| &kept.record)
            .filter(|record| !record.is_final())
            .collect();
        assert!(world.is_done(), "seed {seed}: not settled: {open:#?}");
        let state = world.chain.state();
        assert!(
            state.settled.values().all(|times| *times == 1),
            "seed {seed}"
        );
        assert_eq!(
            state.settled.len() as u64,
            world.chain.requests_made,
            "seed {seed}"
        );
        assert_eq!(
            state.version, world.chain.requests_made,
            "seed {seed}: lost update"
        );
        for kept in world.disk.values() {
            if let Step::Settled(Settlement::Own {
                transaction, block, ..
            }) = kept.record.step
            {
                assert_eq!(
                    state.included.get(&transaction),
                    Some(&(block, true)),
                    "seed {seed}"
                );
            }
        }
        let Some(max) = transactions_per_request_max else {
            continue;
        };
        let mut included = BTreeMap::<u64, u64>::new();
        let settlements = world
            .chain
            .blocks
            .iter()
            .flat_map(|block| &block.transactions);
        for request in settlements.filter_map(|transaction| transaction.settles) {
            *included.entry(request).or_default() += 1;
        }
        assert!(
            included.values().all(|count| *count <= max),
            "seed {seed}: {included:?}"
        );
    }
}

const CRASHES: Faults = Faults {
    crash: 8,
    outage: 8,
    reorg: 0,
    drop_from_pool: 0,
    other_settles: 0,
    nonce_used_outside: 0,
    shared_key: false,
};

#[test]
fn a_worker_killed_after_any_step_settles_each_request_with_one_transaction() {
    check(150, CRASHES, Some(1));
}

#[test]
fn reorganisations_and_lost_transactions_change_nothing() {
    let faults = Faults {
        reorg: 25,
        drop_from_pool: 10,
        ..CRASHES
    };
    check(150, faults, Some(1));
}

#[test]
fn a_nonce_used_outside_is_given_up_for_a_new_one() {
    let faults = Faults {
        nonce_used_outside: 20,
        drop_from_pool: 5,
        ..CRASHES
    };
    check(150, faults, Some(1));
}

#[test]
fn keys_that_change_between_run_and_settlement_lose_no_update() {
    let faults = Faults {
        shared_key: true,
        ..CRASHES
    };
    check(150, faults, None);
}

#[test]
fn all_troubles_at_once_still_settle_each_request_once() {
    let faults = Faults {
        reorg: 20,
        drop_from_pool: 10,
        other_settles: 15,
        nonce_used_outside: 10,
        shared_key: true,
        ..CRASHES
    };
    check(200, faults, None);
}
