//! What is kept so that a request can be submitted: outcomes, and transactions, each
//! of which may carry several requests.

use std::collections::BTreeSet;

use phat_target::TransactionHash;
use phat_worker_core::Record;
use redb::{ReadableTable, Table, WriteTransaction};

use super::{Failure, Step, tables::*};

/// Whether what it takes to submit a request is kept.
pub fn is_kept(record: &Record) -> bool {
    !record.is_final() || record.watch.is_some()
}

/// The tables of what is kept.
pub struct Kept<'a> {
    rollups: Table<'a, &'static [u8; 32], &'static [u8]>,
    outcomes: Table<'a, &'static [u8; 32], &'static [u8]>,
    transactions: Table<'a, &'static [u8; 32], &'static [u8]>,
    carried: Table<'a, (&'static [u8; 32], &'static [u8; 32]), ()>,
}

impl<'a> Kept<'a> {
    /// The tables in a transaction of the journal.
    pub fn open(transaction: &'a WriteTransaction) -> Result<Self, Failure> {
        Ok(Self {
            rollups: transaction.open_table(ROLLUPS)?,
            outcomes: transaction.open_table(OUTCOMES)?,
            transactions: transaction.open_table(TRANSACTIONS)?,
            carried: transaction.open_table(CARRIED)?,
        })
    }

    /// Writes what a step has of outcomes and transactions.
    pub fn write(&mut self, step: &Step) -> Result<(), Failure> {
        for id in &step.outdated {
            self.rollups.remove(&id.0)?;
        }
        for (id, rollup) in &step.rollups {
            let bytes = encode_rollup(rollup);
            self.rollups.insert(&id.0, bytes.as_slice())?;
        }
        for (id, outcome) in &step.outcomes {
            self.outcomes.insert(&id.0, outcome.as_slice())?;
        }
        for prepared in &step.transactions {
            let bytes = encode_transaction(prepared);
            self.transactions.insert(&prepared.hash, bytes.as_slice())?;
        }
        Ok(())
    }

    /// Notes which transactions carry a request now. Those that carry none any more
    /// are removed.
    pub fn follow(&mut self, before: Option<&Record>, record: &Record) -> Result<(), Failure> {
        let id = &record.id.0;
        let was = before.map(hashes).unwrap_or_default();
        let is = hashes(record);
        for hash in is.difference(&was) {
            self.carried.insert((hash, id), ())?;
        }
        for hash in was.difference(&is) {
            self.release(hash, id)?;
        }
        Ok(())
    }

    /// Notes that a request is forgotten.
    pub fn unfollow(&mut self, record: &Record) -> Result<(), Failure> {
        for hash in hashes(record) {
            self.release(&hash, &record.id.0)?;
        }
        Ok(())
    }

    /// Removes the outcomes of a request.
    pub fn remove(&mut self, id: &[u8; 32]) -> Result<(), Failure> {
        self.rollups.remove(id)?;
        self.outcomes.remove(id)?;
        Ok(())
    }

    /// Removes transactions of a step that are an attempt of no record.
    pub fn drop_unfollowed(&mut self, step: &Step) -> Result<(), Failure> {
        for prepared in &step.transactions {
            if !self.carries_any(&prepared.hash)? {
                self.transactions.remove(&prepared.hash)?;
            }
        }
        Ok(())
    }

    fn release(&mut self, hash: &TransactionHash, id: &[u8; 32]) -> Result<(), Failure> {
        self.carried.remove((hash, id))?;
        if !self.carries_any(hash)? {
            self.transactions.remove(hash)?;
        }
        Ok(())
    }

    fn carries_any(&self, hash: &TransactionHash) -> Result<bool, Failure> {
        let all = (hash, &[0; 32])..=(hash, &[u8::MAX; 32]);
        let is_any = match self.carried.range(all)?.next() {
            Some(entry) => {
                entry?;
                true
            }
            None => false,
        };
        Ok(is_any)
    }
}

/// The transactions that are kept for a request.
fn hashes(record: &Record) -> BTreeSet<TransactionHash> {
    if !is_kept(record) {
        return BTreeSet::new();
    }
    record.attempts.iter().map(|attempt| attempt.hash).collect()
}
