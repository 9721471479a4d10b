//! How a step is written.

use std::sync::atomic::Ordering;

use codec::{Decode, Encode};
use phat_primitives::ContractId;
use phat_worker_core::Record;
use redb::{ReadableTable, ReadableTableMetadata};

use super::{
    Failure, Journal, JournalError, Step,
    carried::{Kept, is_kept},
    tables::*,
};

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
            if let Some((chain, spending)) = &step.spending {
                let mut table = transaction.open_table(SPENDING)?;
                table.insert(chain.as_str(), spending.encode().as_slice())?;
            }
            if let Some(cursor) = &step.cursor {
                let mut cursors = transaction.open_table(CURSORS)?;
                let key = (&*cursor.chain, &cursor.contract.0, &*cursor.anchor);
                cursors.insert(key, (cursor.scanned.first, cursor.scanned.last))?;
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
        let mut watched = transaction.open_table(WATCHED)?;
        let mut kept = Kept::open(transaction)?;
        for (id, input) in &step.inputs {
            inputs.insert(&id.0, input.as_slice())?;
        }
        kept.write(step)?;
        for record in &step.records {
            let id = &record.id.0;
            let before = requests.insert(id, record.encode().as_slice())?;
            let before = before
                .map(|bytes| Record::decode(&mut bytes.value()))
                .transpose()?;
            kept.follow(before.as_ref(), record)?;
            sequence.insert(record.sequence, id)?;
            if record.is_final() {
                unfinished.remove(id)?;
            } else {
                unfinished.insert(id, ())?;
            }
            if record.is_final() && record.watch.is_some() {
                watched.insert(id, ())?;
            } else {
                watched.remove(id)?;
            }
            if !is_kept(record) {
                inputs.remove(id)?;
                kept.remove(id)?;
            }
        }
        kept.drop_unfollowed(step)?;
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
            let record = requests
                .remove(&id)?
                .map(|bytes| Record::decode(&mut bytes.value()))
                .transpose()?;
            // One that is watched is watched no more: there is no room for it.
            if watched.remove(&id)?.is_some()
                && let Some(record) = record
            {
                inputs.remove(&id)?;
                kept.unfollow(&record)?;
                kept.remove(&id)?;
            }
        }
        Ok(())
    }

    /// Keeps a receipt, and removes the oldest of its kind that are too many. Each
    /// is removed once, so over time a write removes as many as it adds.
    fn write_receipt(
        &self,
        transaction: &redb::WriteTransaction,
        stored: &StoredReceipt,
    ) -> Result<(), Failure> {
        let mut receipts = transaction.open_table(RECEIPTS)?;
        let mut sizes = transaction.open_table(RECEIPT_BYTES)?;
        let mut sequence = transaction.open_table(RECEIPT_SEQUENCE)?;
        let mut totals = transaction.open_table(RECEIPT_TOTALS)?;
        let hash = stored.receipt.hash().0;
        if sizes.get(&hash)?.is_some() {
            // The same run with the same data; only the signature can be another.
            return Ok(());
        }
        let kind = ReceiptKind::of(&stored.receipt.body.origin);
        let quota = match kind {
            ReceiptKind::Anchor => self.retention.anchor_receipts,
            ReceiptKind::Call => self.retention.call_receipts,
        };
        let kind = kind as u8;
        let mut total = totals
            .get(kind)?
            .map_or_else(Total::default, |total| total.value().into());
        let bytes = stored.encode();
        receipts.insert(&hash, bytes.as_slice())?;
        sizes.insert(&hash, bytes.len() as u64)?;
        let number = self.next_sequence();
        sequence.insert((kind, number), &hash)?;
        Self::write_unbatched(transaction, number, &hash)?;
        total.add(bytes.len());
        while quota.is_exceeded(total) {
            let (key, oldest) = match sequence.range((kind, 0)..=(kind, u64::MAX))?.next() {
                Some(entry) => {
                    let (key, hash) = entry?;
                    (key.value(), *hash.value())
                }
                None => return Err(Failure::damaged("fewer receipts than were counted")),
            };
            sequence.remove(key)?;
            receipts.remove(&oldest)?;
            let bytes = sizes.remove(&oldest)?.map_or(0, |bytes| bytes.value());
            total.remove(bytes);
        }
        totals.insert(kind, <(u64, u64)>::from(total))?;
        Ok(())
    }

    /// Keeps lines, and removes the oldest of the contract that are too many. Each
    /// is removed once, so over time a write removes as many as it adds.
    fn write_lines(
        &self,
        transaction: &redb::WriteTransaction,
        contract: ContractId,
        lines: &[StoredLine],
    ) -> Result<(), Failure> {
        let mut logs = transaction.open_table(LOGS)?;
        let mut totals = transaction.open_table(LOG_TOTALS)?;
        let key = &contract.0;
        let quota = self.retention.log_lines;
        let mut total = totals
            .get(key)?
            .map_or_else(Total::default, |total| total.value().into());
        let mut last = match logs.range((key, 0)..=(key, u64::MAX))?.next_back() {
            Some(entry) => entry?.0.value().1,
            None => 0,
        };
        let skipped = lines.len().saturating_sub(quota.count_max.max(1) as usize);
        if skipped > 0 {
            // Nothing that is there, and nothing of what is skipped, would be left.
            logs.retain_in((key, 0)..=(key, u64::MAX), |_, _| false)?;
            total = Total::default();
            last += skipped as u64;
        }
        for line in &lines[skipped..] {
            last += 1;
            let bytes = line.encode();
            logs.insert((key, last), bytes.as_slice())?;
            total.add(bytes.len());
            while quota.is_exceeded(total) {
                let oldest = (last + 1).saturating_sub(total.count);
                let removed = logs.remove((key, oldest))?;
                let bytes = removed
                    .map(|line| line.value().len() as u64)
                    .ok_or_else(|| Failure::damaged("fewer lines than were counted"))?;
                total.remove(bytes);
            }
        }
        totals.insert(key, <(u64, u64)>::from(total))?;
        Ok(())
    }
}
