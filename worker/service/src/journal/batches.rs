//! Which receipts are in which batch, and how far each batch is published.
//!
//! A receipt waits in a queue from the moment it is kept until it is put into a batch. At most one
//! batch is under way: the next is made when the last is published. What is sent to the chain is
//! written here first, so that after a crash the same batch is sent again, or found there.

use codec::{Decode, Encode};
use phat_primitives::{
    ReceiptHash,
    receipts::{MerkleProof, MerkleTree},
};
use redb::{ReadableTable, ReadableTableMetadata, TableDefinition};

use super::{Failure, Journal, JournalError};

/// Receipts that wait for a batch, by when they were kept.
pub(super) const UNBATCHED: TableDefinition<u64, &[u8; 32]> = TableDefinition::new("unbatched");
/// Batches by the order in which they were made.
pub(super) const BATCHES: TableDefinition<u64, &[u8]> = TableDefinition::new("batches");
/// Receipt hash to batch and place in it.
pub(super) const INCLUSIONS: TableDefinition<&[u8; 32], (u64, u32)> =
    TableDefinition::new("inclusions");

/// Receipts that wait for a batch. If there are more, the oldest get into none.
const UNBATCHED_MAX: u64 = 100_000;
/// Batches whose receipts are remembered: as many as the chain stores of a worker.
const BATCHES_MAX: u64 = 1_024;

/// How far a batch is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum BatchStep {
    /// Its receipts are chosen.
    Made,
    /// It may have been sent with this number, after the batch with this hash.
    Prepared {
        /// Its number at the chain.
        number: u32,
        /// The hash of the batch before it.
        previous: [u8; 32],
    },
    /// It is in a finalised block.
    Published {
        /// Its number at the chain.
        number: u32,
    },
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BatchRecord {
    /// Its receipts, in the order of the leaves of their tree.
    pub receipts: Vec<ReceiptHash>,
    /// How far it is published.
    pub step: BatchStep,
}

/// Where a receipt is in what was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The number of the batch at the chain.
    pub batch: u32,
    /// The way from the receipt to the batch's root.
    pub proof: MerkleProof,
}

impl Journal {
    /// How many receipts wait for a batch.
    pub fn unbatched(&self) -> Result<u64, JournalError> {
        self.view(|transaction| Ok(transaction.open_table(UNBATCHED)?.len()?))
    }

    /// The batch that is under way, with its place among the batches.
    pub fn pending_batch(&self) -> Result<Option<(u64, BatchRecord)>, JournalError> {
        self.view(|transaction| {
            let batches = transaction.open_table(BATCHES)?;
            let Some((id, bytes)) = batches.last()? else {
                return Ok(None);
            };
            let record = BatchRecord::decode(&mut bytes.value())?;
            let is_pending = !matches!(record.step, BatchStep::Published { .. });
            Ok(is_pending.then(|| (id.value(), record)))
        })
    }

    /// Puts up to `count_max` receipts that wait, the oldest first, into a batch. None if none
    /// waits, or a batch is under way.
    pub fn make_batch(&self, count_max: usize) -> Result<Option<(u64, BatchRecord)>, JournalError> {
        self.transact(|transaction| {
            let mut unbatched = transaction.open_table(UNBATCHED)?;
            let mut batches = transaction.open_table(BATCHES)?;
            let mut inclusions = transaction.open_table(INCLUSIONS)?;
            let mut id = 0;
            if let Some((last, bytes)) = batches.last()? {
                let record = BatchRecord::decode(&mut bytes.value())?;
                if !matches!(record.step, BatchStep::Published { .. }) {
                    return Ok(None);
                }
                id = last.value() + 1;
            }
            let mut chosen = Vec::new();
            for entry in unbatched.iter()?.take(count_max) {
                let (sequence, hash) = entry?;
                chosen.push((sequence.value(), *hash.value()));
            }
            if chosen.is_empty() {
                return Ok(None);
            }
            for (index, (sequence, hash)) in chosen.iter().enumerate() {
                unbatched.remove(*sequence)?;
                inclusions.insert(hash, (id, index as u32))?;
            }
            let record = BatchRecord {
                receipts: chosen
                    .into_iter()
                    .map(|(_, hash)| ReceiptHash(hash))
                    .collect(),
                step: BatchStep::Made,
            };
            batches.insert(id, record.encode().as_slice())?;
            Ok(Some((id, record)))
        })
    }

    /// Takes down how far a batch is published. Of published batches the newest are remembered.
    pub fn note_batch(&self, id: u64, record: &BatchRecord) -> Result<(), JournalError> {
        self.transact(|transaction| {
            let mut batches = transaction.open_table(BATCHES)?;
            let mut inclusions = transaction.open_table(INCLUSIONS)?;
            batches.insert(id, record.encode().as_slice())?;
            if batches.len()? <= BATCHES_MAX {
                return Ok(());
            }
            let oldest = match batches.pop_first()? {
                Some((id, bytes)) => (id.value(), BatchRecord::decode(&mut bytes.value())?),
                None => return Ok(()),
            };
            for receipt in &oldest.1.receipts {
                // The same receipt may be in a later batch, if it was kept twice.
                let of_oldest = inclusions
                    .get(&receipt.0)?
                    .is_some_and(|place| place.value().0 == oldest.0);
                if of_oldest {
                    inclusions.remove(&receipt.0)?;
                }
            }
            Ok(())
        })
    }

    /// Where a receipt is in what was published. None while it is in no published batch, and when
    /// its batch is too old to be remembered.
    pub fn inclusion(&self, receipt: ReceiptHash) -> Result<Option<Inclusion>, JournalError> {
        let found = self.view(|transaction| {
            let inclusions = transaction.open_table(INCLUSIONS)?;
            let Some((id, index)) = inclusions.get(&receipt.0)?.map(|place| place.value()) else {
                return Ok(None);
            };
            let batches = transaction.open_table(BATCHES)?;
            let bytes = batches
                .get(id)?
                .ok_or_else(|| Failure::damaged("a receipt is in a batch that is not there"))?;
            Ok(Some((index, BatchRecord::decode(&mut bytes.value())?)))
        })?;
        let Some((index, record)) = found else {
            return Ok(None);
        };
        let BatchStep::Published { number } = record.step else {
            return Ok(None);
        };
        let tree = MerkleTree::new(&record.receipts);
        let proof = tree.and_then(|tree| tree.prove(index));
        Ok(proof.map(|proof| Inclusion {
            batch: number,
            proof,
        }))
    }

    /// Has a receipt that is new wait for a batch.
    pub(super) fn write_unbatched(
        transaction: &redb::WriteTransaction,
        sequence: u64,
        receipt: &[u8; 32],
    ) -> Result<(), Failure> {
        let mut unbatched = transaction.open_table(UNBATCHED)?;
        unbatched.insert(sequence, receipt)?;
        if unbatched.len()? > UNBATCHED_MAX {
            unbatched.pop_first()?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "batches_tests.rs"]
mod tests;
