//! How a step is written.

use std::sync::atomic::Ordering;

use codec::Encode;
use phat_primitives::ContractId;
use redb::{ReadableTable, ReadableTableMetadata};

use super::{Failure, Journal, JournalError, Step, tables::*};

/// The most old entries that one write removes, so that none takes long.
const PRUNED_PER_WRITE_MAX: usize = 64;

impl Journal {
    /// Takes one step: all of it, on disk when this returns, or nothing.
    pub fn write(&self, step: &Step) -> Result<(), JournalError> {
        self.transact(|transaction| {
            self.write_requests(transaction, step)?;
            if let Some(stored) = &step.receipt {
                self.write_receipt(transaction, stored)?;
            }
            if let Some((contract, lines)) = &step.lines {
                self.write_lines(transaction, *contract, lines)?;
            }
            if let Some(cursor) = &step.cursor {
                let mut cursors = transaction.open_table(CURSORS)?;
                let key = (&*cursor.chain, &cursor.contract.0, &*cursor.anchor);
                cursors.insert(key, cursor.block)?;
            }
            let mut meta = transaction.open_table(META)?;
            meta.insert(META_SEQUENCE, self.sequence.load(Ordering::Relaxed))?;
            Ok(())
        })
    }

    fn write_requests(
        &self,
        transaction: &redb::WriteTransaction,
        step: &Step,
    ) -> Result<(), Failure> {
        let mut requests = transaction.open_table(REQUESTS)?;
        let mut sequence = transaction.open_table(SEQUENCE)?;
        let mut unfinished = transaction.open_table(UNFINISHED)?;
        let mut inputs = transaction.open_table(INPUTS)?;
        let mut rollups = transaction.open_table(ROLLUPS)?;
        let mut transactions = transaction.open_table(TRANSACTIONS)?;
        for (id, input) in &step.inputs {
            inputs.insert(&id.0, input.as_slice())?;
        }
        for (id, rollup) in &step.rollups {
            rollups.insert(&id.0, encode_rollup(rollup).as_slice())?;
        }
        for (id, attempt, prepared) in &step.transactions {
            let bytes = encode_transaction(prepared);
            transactions.insert((&id.0, *attempt as u32), bytes.as_slice())?;
        }
        for record in &step.records {
            let id = &record.id.0;
            requests.insert(id, record.encode().as_slice())?;
            sequence.insert(record.sequence, id)?;
            if !record.is_final() {
                unfinished.insert(id, ())?;
                continue;
            }
            unfinished.remove(id)?;
            inputs.remove(id)?;
            rollups.remove(id)?;
            transactions.retain_in((id, 0)..=(id, u32::MAX), |_, _| false)?;
        }
        let kept_max = self.retention.requests_max + unfinished.len()?;
        let excess = sequence.len()?.saturating_sub(kept_max);
        if excess == 0 {
            return Ok(());
        }
        let mut pruned = Vec::new();
        for entry in sequence.iter()? {
            let (number, id) = entry?;
            if unfinished.get(id.value())?.is_none() {
                pruned.push((number.value(), *id.value()));
            }
            if pruned.len() as u64 == excess.min(PRUNED_PER_WRITE_MAX as u64) {
                break;
            }
        }
        for (number, id) in pruned {
            sequence.remove(number)?;
            requests.remove(&id)?;
        }
        Ok(())
    }

    fn write_receipt(
        &self,
        transaction: &redb::WriteTransaction,
        stored: &StoredReceipt,
    ) -> Result<(), Failure> {
        let mut receipts = transaction.open_table(RECEIPTS)?;
        let mut sequence = transaction.open_table(RECEIPT_SEQUENCE)?;
        let hash = stored.receipt.hash().0;
        let is_new = receipts
            .insert(&hash, stored.encode().as_slice())?
            .is_none();
        if is_new {
            sequence.insert(self.next_sequence(), &hash)?;
        }
        let excess = sequence.len()?.saturating_sub(self.retention.receipts_max);
        for _ in 0..excess.min(PRUNED_PER_WRITE_MAX as u64) {
            let Some((_, oldest)) = sequence.pop_first()? else {
                break;
            };
            receipts.remove(oldest.value())?;
        }
        Ok(())
    }

    fn write_lines(
        &self,
        transaction: &redb::WriteTransaction,
        contract: ContractId,
        lines: &[StoredLine],
    ) -> Result<(), Failure> {
        let mut logs = transaction.open_table(LOGS)?;
        let all = (&contract.0, 0)..=(&contract.0, u64::MAX);
        let mut last = match logs.range(all)?.next_back() {
            Some(entry) => entry?.0.value().1,
            None => 0,
        };
        for line in lines {
            last += 1;
            logs.insert((&contract.0, last), line.encode().as_slice())?;
        }
        let oldest = last.saturating_sub(self.retention.log_lines_max);
        logs.retain_in((&contract.0, 0)..=(&contract.0, oldest), |_, _| false)?;
        Ok(())
    }
}
