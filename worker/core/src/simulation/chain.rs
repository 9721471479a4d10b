//! The model chain with its anchor, its pool and its endpoint.

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use phat_primitives::blake2_256;
use phat_target::{BlockRef, Rejection, TargetError, TransactionStatus};

use super::{CHAIN, CONFIRMATIONS, Faults, Luck, Random, UNLUCKY};

/// The highest price that the chain ever asks.
const PRICE_MAX: u64 = 50;
/// How deep a reorganisation goes that goes deeper than the confirmations.
const DEEP_BLOCKS_MAX: u64 = 4 * CONFIRMATIONS;

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Transaction {
    pub nonce: u64,
    pub fee: u64,
    /// The requests with the versions that were read; none in a transfer made
    /// outside the worker.
    pub settles: Vec<(u64, Option<u64>)>,
}

impl Transaction {
    pub fn hash(&self) -> [u8; 32] {
        blake2_256(&self.encode())
    }
}

#[derive(Clone, Debug, Default)]
pub struct Block {
    salt: u64,
    pub requests: Vec<u64>,
    settled_by_others: Vec<u64>,
    pub transactions: Vec<Transaction>,
}

/// What the blocks so far amount to.
#[derive(Default)]
pub struct State {
    nonce: u64,
    pub version: u64,
    pub requests: BTreeMap<u64, usize>,
    /// Which requests are settled, and how often a settlement took effect.
    pub settled: BTreeMap<u64, u64>,
    pub included: BTreeMap<[u8; 32], (u64, bool)>,
}

pub struct Chain {
    pub blocks: Vec<Block>,
    pub pool: BTreeMap<u64, Transaction>,
    pub requests_made: u64,
    /// What a transaction must pay at least.
    pub price: u64,
    shared_key: bool,
    unlucky: Luck,
}

impl Chain {
    pub fn new(faults: Faults) -> Self {
        Self {
            blocks: vec![Block::default()],
            pool: BTreeMap::new(),
            requests_made: 0,
            price: 0,
            shared_key: faults.shared_key,
            unlucky: faults.unlucky,
        }
    }

    fn tip(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }

    pub fn head(&self) -> u64 {
        self.tip().saturating_sub(CONFIRMATIONS)
    }

    pub fn state_at(&self, block: u64) -> State {
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
                let mut passed_over = 0;
                for (request, read) in &transaction.settles {
                    if self.check(&state, *request, *read).is_ok() {
                        *state.settled.entry(*request).or_default() += 1;
                        state.version += 1;
                    } else {
                        passed_over += 1;
                    }
                }
                // What is alone reverts, what is not is passed over.
                let success = transaction.settles.len() != 1 || passed_over == 0;
                let included = (height as u64, success);
                state.included.insert(transaction.hash(), included);
            }
        }
        state
    }

    pub fn state(&self) -> State {
        self.state_at(self.tip())
    }

    pub fn check(&self, state: &State, request: u64, read: Option<u64>) -> Result<(), Rejection> {
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

    pub fn mine(&mut self, random: &mut Random, faults: Faults) {
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
                    settles: Vec::new(),
                },
            );
        }
        if self.requests_made > 0 && random.percent(faults.other_settles) {
            let request = 1 + random.below(self.requests_made);
            block.settled_by_others.push(request);
        }
        if random.percent(faults.price_change) {
            self.price = random.below(PRICE_MAX);
        }
        // Now and then a block is empty.
        if !random.percent(20) {
            while let Some(pooled) = self.pool.get(&nonce)
                && pooled.fee >= self.price
            {
                block.transactions.extend(self.pool.remove(&nonce));
                nonce += 1;
            }
        }
        self.pool.retain(|pooled, _| *pooled >= nonce);
        self.blocks.push(block);
    }

    pub fn reorganise(&mut self, random: &mut Random, faults: Faults) {
        let is_deep = random.percent(faults.deep_reorg);
        let depth_max = if is_deep {
            DEEP_BLOCKS_MAX
        } else {
            CONFIRMATIONS
        };
        let depth = (1 + random.below(depth_max)).min(self.tip()) as usize;
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

    pub fn block_ref(&self, number: u64) -> BlockRef {
        BlockRef {
            number,
            hash: blake2_256(&(number, self.blocks[number as usize].salt).encode()),
        }
    }

    pub fn next_nonce(&self) -> u64 {
        let mut nonce = self.state().nonce;
        while self.pool.contains_key(&nonce) {
            nonce += 1;
        }
        nonce
    }

    pub fn send(&mut self, transaction: Transaction) -> Result<(), TargetError> {
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
        if transaction
            .settles
            .iter()
            .any(|(request, _)| *request == UNLUCKY)
        {
            match self.unlucky {
                Luck::Usual => {}
                Luck::Unsendable => return Err(refusal("oversized data")),
                Luck::Unpayable => {
                    return Err(TargetError::OutOfFunds {
                        chain: CHAIN.into(),
                        account: "0x1".into(),
                        reason: "too little".into(),
                    });
                }
            }
        }
        let pooled = self.pool.get(&transaction.nonce);
        if pooled == Some(&transaction) {
            return Ok(());
        }
        if transaction.fee < self.price || pooled.is_some_and(|old| old.fee >= transaction.fee) {
            return Err(TargetError::Underpriced {
                chain: CHAIN.into(),
                reason: "underpriced".into(),
            });
        }
        self.pool.insert(transaction.nonce, transaction);
        Ok(())
    }

    pub fn transaction_status(&self, hash: [u8; 32]) -> TransactionStatus {
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

pub fn outage(reason: &str) -> TargetError {
    TargetError::Unreachable {
        chain: CHAIN.into(),
        reason: reason.into(),
    }
}

pub fn refusal(reason: &str) -> TargetError {
    TargetError::Refused {
        chain: CHAIN.into(),
        method: "eth_sendRawTransaction",
        reason: reason.into(),
    }
}
