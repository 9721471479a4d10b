//! What can be looked up.

use codec::Decode;
use phat_primitives::{ContractId, ReceiptHash, RequestId};
use phat_target::{PreparedTransaction, SignedRollup, TransactionHash};
use phat_worker_core::{Record, Spending};
use redb::ReadableTable;

use super::{Failure, Journal, JournalError, Scanned, tables::*};

impl Journal {
    /// A request's record.
    pub fn record(&self, id: RequestId) -> Result<Option<Record>, JournalError> {
        self.get(REQUESTS, &id.0, |bytes| Record::decode(bytes))
    }

    /// The records of all requests that are not final.
    pub fn unfinished(&self) -> Result<Vec<Record>, JournalError> {
        self.view(|transaction| {
            let unfinished = transaction.open_table(UNFINISHED)?;
            let requests = transaction.open_table(REQUESTS)?;
            let mut records = Vec::new();
            for entry in unfinished.iter()? {
                let (id, _) = entry?;
                let bytes = requests
                    .get(id.value())?
                    .ok_or_else(|| Failure::damaged("an unfinished request has no record"))?;
                records.push(Record::decode(&mut bytes.value())?);
            }
            Ok(records)
        })
    }

    /// The newest records, newest first, of one contract or of all.
    pub fn newest(
        &self,
        contract: Option<ContractId>,
        count_max: usize,
    ) -> Result<Vec<Record>, JournalError> {
        self.view(|transaction| {
            let sequence = transaction.open_table(SEQUENCE)?;
            let requests = transaction.open_table(REQUESTS)?;
            let mut records = Vec::new();
            for entry in sequence.iter()?.rev() {
                if records.len() >= count_max {
                    break;
                }
                let (_, id) = entry?;
                let Some(bytes) = requests.get(id.value())? else {
                    continue;
                };
                let record = Record::decode(&mut bytes.value())?;
                if contract.is_none_or(|contract| record.contract == contract) {
                    records.push(record);
                }
            }
            Ok(records)
        })
    }

    /// The input of a request that is not final, or is watched.
    pub fn input(&self, id: RequestId) -> Result<Option<Vec<u8>>, JournalError> {
        self.get(INPUTS, &id.0, |bytes| Ok(bytes.to_vec()))
    }

    /// The signed outcome, as it is settled, of a request that is not final, or is
    /// watched.
    pub fn rollup(&self, id: RequestId) -> Result<Option<SignedRollup>, JournalError> {
        self.get(ROLLUPS, &id.0, |bytes| decode_rollup(bytes))
    }

    /// The outcome that this worker signed for a quorum, encoded, of a request that is
    /// not final, or is watched.
    pub fn outcome(&self, id: RequestId) -> Result<Option<Vec<u8>>, JournalError> {
        self.get(OUTCOMES, &id.0, |bytes| Ok(bytes.to_vec()))
    }

    /// A transaction that is followed.
    pub fn transaction(
        &self,
        hash: TransactionHash,
    ) -> Result<Option<PreparedTransaction>, JournalError> {
        self.get(TRANSACTIONS, &hash, |bytes| decode_transaction(bytes))
    }

    /// The settled requests that are watched.
    pub fn watched(&self) -> Result<Vec<Record>, JournalError> {
        self.view(|transaction| {
            let watched = transaction.open_table(WATCHED)?;
            let requests = transaction.open_table(REQUESTS)?;
            let mut records = Vec::new();
            for entry in watched.iter()? {
                let (id, _) = entry?;
                let bytes = requests
                    .get(id.value())?
                    .ok_or_else(|| Failure::damaged("a watched request has no record"))?;
                records.push(Record::decode(&mut bytes.value())?);
            }
            Ok(records)
        })
    }

    /// What the relay account spends on a chain.
    pub fn spending(&self, chain: &str) -> Result<Spending, JournalError> {
        self.view(|transaction| {
            let spending = transaction.open_table(SPENDING)?;
            let bytes = spending.get(chain)?;
            let found = bytes
                .map(|bytes| Spending::decode(&mut bytes.value()))
                .transpose()?;
            Ok(found.unwrap_or_default())
        })
    }

    /// A receipt with its data.
    pub fn receipt(&self, hash: ReceiptHash) -> Result<Option<StoredReceipt>, JournalError> {
        self.get(RECEIPTS, &hash.0, |bytes| StoredReceipt::decode(bytes))
    }

    /// How many bytes a receipt with its data has in the journal.
    pub fn receipt_bytes(&self, hash: ReceiptHash) -> Result<Option<u64>, JournalError> {
        self.view(|transaction| {
            let bytes = transaction.open_table(RECEIPT_BYTES)?.get(&hash.0)?;
            Ok(bytes.map(|bytes| bytes.value()))
        })
    }

    /// Up to `count_max` lines of a contract's log after line number `after`,
    /// with their numbers: as many as have up to `bytes_max` bytes together, but
    /// one at least if there is one.
    pub fn lines(
        &self,
        contract: ContractId,
        after: u64,
        count_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<(u64, StoredLine)>, JournalError> {
        self.view(|transaction| {
            let logs = transaction.open_table(LOGS)?;
            let first = after.saturating_add(1);
            let mut lines = Vec::new();
            let mut bytes = 0;
            for entry in logs
                .range((&contract.0, first)..=(&contract.0, u64::MAX))?
                .take(count_max)
            {
                let (key, line) = entry?;
                bytes += line.value().len();
                if bytes > bytes_max && !lines.is_empty() {
                    break;
                }
                lines.push((key.value().1, StoredLine::decode(&mut line.value())?));
            }
            Ok(lines)
        })
    }

    /// The blocks of an anchor that are scanned for a contract.
    pub fn cursor(
        &self,
        chain: &str,
        contract: ContractId,
        anchor: &[u8],
    ) -> Result<Option<Scanned>, JournalError> {
        self.view(|transaction| {
            let cursors = transaction.open_table(CURSORS)?;
            let blocks = cursors.get((chain, &contract.0, anchor))?;
            Ok(blocks.map(|blocks| {
                let (first, last) = blocks.value();
                Scanned { first, last }
            }))
        })
    }

    fn get<T>(
        &self,
        table: redb::TableDefinition<&[u8; 32], &[u8]>,
        key: &[u8; 32],
        decode: impl FnOnce(&mut &[u8]) -> Result<T, codec::Error>,
    ) -> Result<Option<T>, JournalError> {
        self.view(|transaction| {
            let table = transaction.open_table(table)?;
            let bytes = table.get(key)?;
            Ok(bytes.map(|bytes| decode(&mut bytes.value())).transpose()?)
        })
    }
}
