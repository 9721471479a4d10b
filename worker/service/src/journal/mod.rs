//! The worker's memory: every step of every request, on disk before it is taken.
//!
//! Each [`Journal::write`] is one durable transaction. A write that fails changes
//! nothing, and closes the file; the next use opens it again, so that a disk that
//! was full and has space again is used without a restart.

mod error;
mod tables;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use codec::{Decode, Encode};
use parking_lot::RwLock;
use phat_primitives::{ContractId, ReceiptHash, RequestId};
use phat_target::{PreparedTransaction, SignedRollup};
use phat_worker_core::Record;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata};

pub use error::JournalError;
pub use tables::{StoredLine, StoredReceipt};
use tables::*;

/// Memory that the journal uses to keep parts of the file at hand.
const CACHE_BYTES: usize = 32 * 1024 * 1024;
/// The most old entries that one write removes, so that none takes long.
const PRUNED_PER_WRITE_MAX: usize = 64;

/// How much history is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Requests, the unfinished ones apart.
    pub requests_max: u64,
    /// Receipts with their data.
    pub receipts_max: u64,
    /// Lines of each contract's log.
    pub log_lines_max: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            requests_max: 10_000,
            receipts_max: 10_000,
            log_lines_max: 10_000,
        }
    }
}

/// What one step changes.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Records that are new or changed. What a record that is final kept to be
    /// submitted is removed.
    pub records: Vec<Record>,
    /// Inputs of requests.
    pub inputs: Vec<(RequestId, Vec<u8>)>,
    /// The signed outcomes of requests.
    pub rollups: Vec<(RequestId, SignedRollup)>,
    /// Transactions with their place among the attempts.
    pub transactions: Vec<(RequestId, usize, PreparedTransaction)>,
    /// A new receipt.
    pub receipt: Option<StoredReceipt>,
    /// What a contract logged.
    pub lines: Option<(ContractId, Vec<StoredLine>)>,
    /// How far an anchor is scanned.
    pub cursor: Option<Cursor>,
}

/// How far an anchor is scanned for the requests of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The chain.
    pub chain: String,
    /// The contract.
    pub contract: ContractId,
    /// The anchor's address.
    pub anchor: Vec<u8>,
    /// The last block that is scanned.
    pub block: u64,
}

type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;

/// The journal of one worker.
pub struct Journal {
    path: PathBuf,
    open: Opener,
    database: RwLock<Option<Database>>,
    sequence: AtomicU64,
    retention: Retention,
}

impl Journal {
    /// Opens the journal in `path`, or makes it.
    pub fn open(path: &Path, retention: Retention) -> Result<Self, JournalError> {
        let file = path.to_path_buf();
        let open = move || Database::builder().set_cache_size(CACHE_BYTES).create(&file);
        Self::open_with(path, retention, Box::new(open))
    }

    /// Opens a journal on storage of another kind. `path` is what errors call it.
    pub fn open_with(
        path: &Path,
        retention: Retention,
        open: Opener,
    ) -> Result<Self, JournalError> {
        let journal = Self {
            path: path.to_path_buf(),
            open,
            database: RwLock::new(None),
            sequence: AtomicU64::new(0),
            retention,
        };
        let sequence = journal.transact(|transaction| {
            transaction.open_table(REQUESTS)?;
            transaction.open_table(SEQUENCE)?;
            transaction.open_table(UNFINISHED)?;
            transaction.open_table(INPUTS)?;
            transaction.open_table(ROLLUPS)?;
            transaction.open_table(TRANSACTIONS)?;
            transaction.open_table(RECEIPTS)?;
            transaction.open_table(RECEIPT_SEQUENCE)?;
            transaction.open_table(LOGS)?;
            transaction.open_table(CURSORS)?;
            let mut meta = transaction.open_table(META)?;
            let found = meta.get(META_SCHEMA)?.map(|schema| schema.value());
            match found {
                None => {
                    meta.insert(META_SCHEMA, SCHEMA)?;
                }
                Some(SCHEMA) => {}
                Some(found) => {
                    return Err(Failure::Journal(JournalError::Schema {
                        path: journal.path.clone(),
                        found,
                        expected: SCHEMA,
                    }));
                }
            }
            let sequence = meta.get(META_SEQUENCE)?.map_or(0, |last| last.value());
            Ok(sequence)
        })?;
        journal.sequence.store(sequence, Ordering::Relaxed);
        Ok(journal)
    }

    /// The next sequence number. One that is not written leaves a harmless gap.
    pub fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed) + 1
    }

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

    /// Finds out whether the journal can be written now.
    pub fn probe(&self) -> Result<(), JournalError> {
        self.transact(|transaction| {
            let mut meta = transaction.open_table(META)?;
            let count = meta.get(META_PROBE)?.map_or(0, |count| count.value());
            meta.insert(META_PROBE, count.wrapping_add(1))?;
            Ok(())
        })
    }

    /// Whether the last use of the journal worked.
    pub fn is_available(&self) -> bool {
        self.database.read().is_some()
    }

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

    /// The input of a request that is not final.
    pub fn input(&self, id: RequestId) -> Result<Option<Vec<u8>>, JournalError> {
        self.get(INPUTS, &id.0, |bytes| Ok(bytes.to_vec()))
    }

    /// The signed outcome of a request that is not final.
    pub fn rollup(&self, id: RequestId) -> Result<Option<SignedRollup>, JournalError> {
        self.get(ROLLUPS, &id.0, |bytes| decode_rollup(bytes))
    }

    /// A transaction of a request that is not final.
    pub fn transaction(
        &self,
        id: RequestId,
        attempt: usize,
    ) -> Result<Option<PreparedTransaction>, JournalError> {
        self.view(|transaction| {
            let table = transaction.open_table(TRANSACTIONS)?;
            let bytes = table.get((&id.0, attempt as u32))?;
            Ok(bytes
                .map(|bytes| decode_transaction(bytes.value()))
                .transpose()?)
        })
    }

    /// A receipt with its data.
    pub fn receipt(&self, hash: ReceiptHash) -> Result<Option<StoredReceipt>, JournalError> {
        self.get(RECEIPTS, &hash.0, |bytes| StoredReceipt::decode(bytes))
    }

    /// Up to `count_max` lines of a contract's log after line number `after`,
    /// with their numbers.
    pub fn lines(
        &self,
        contract: ContractId,
        after: u64,
        count_max: usize,
    ) -> Result<Vec<(u64, StoredLine)>, JournalError> {
        self.view(|transaction| {
            let logs = transaction.open_table(LOGS)?;
            let first = after.saturating_add(1);
            let mut lines = Vec::new();
            for entry in logs
                .range((&contract.0, first)..=(&contract.0, u64::MAX))?
                .take(count_max)
            {
                let (key, line) = entry?;
                lines.push((key.value().1, StoredLine::decode(&mut line.value())?));
            }
            Ok(lines)
        })
    }

    /// The last block of an anchor that is scanned for a contract.
    pub fn cursor(
        &self,
        chain: &str,
        contract: ContractId,
        anchor: &[u8],
    ) -> Result<Option<u64>, JournalError> {
        self.view(|transaction| {
            let cursors = transaction.open_table(CURSORS)?;
            let block = cursors.get((chain, &contract.0, anchor))?;
            Ok(block.map(|block| block.value()))
        })
    }

    /// Uses the journal on a thread that may wait for the disk.
    pub async fn on_thread<T: Send + 'static>(
        self: &Arc<Self>,
        task: impl FnOnce(&Self) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let journal = self.clone();
        match tokio::task::spawn_blocking(move || task(&journal)).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(JournalError::Unavailable {
                    path: self.path.clone(),
                    reason: "the worker is being stopped".into(),
                }),
            },
        }
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

    fn get<T>(
        &self,
        table: redb::TableDefinition<&[u8; 32], &[u8]>,
        key: &[u8; 32],
        decode: impl FnOnce(&mut &[u8]) -> Result<T, codec::Error>,
    ) -> Result<Option<T>, JournalError> {
        self.view(|transaction| {
            let table = transaction.open_table(table)?;
            let bytes = table.get(key)?;
            Ok(bytes
                .map(|bytes| decode(&mut bytes.value()))
                .transpose()?)
        })
    }

    fn transact<T>(
        &self,
        task: impl FnOnce(&redb::WriteTransaction) -> Result<T, Failure>,
    ) -> Result<T, JournalError> {
        self.with_database(|database| {
            let transaction = database.begin_write()?;
            let done = task(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
    }

    fn view<T>(
        &self,
        task: impl FnOnce(&redb::ReadTransaction) -> Result<T, Failure>,
    ) -> Result<T, JournalError> {
        self.with_database(|database| task(&database.begin_read()?))
    }

    fn with_database<T>(
        &self,
        task: impl FnOnce(&Database) -> Result<T, Failure>,
    ) -> Result<T, JournalError> {
        self.ensure_open()?;
        let result = match &*self.database.read() {
            Some(database) => task(database),
            // Closed in between by a failure elsewhere.
            None => Err(Failure::Storage("it was closed after a failure".into())),
        };
        result.map_err(|failure| match failure {
            Failure::Journal(error) => error,
            Failure::Damaged(reason) => JournalError::Damaged {
                path: self.path.clone(),
                reason,
            },
            Failure::Storage(reason) => {
                // After an I/O error the file must be opened anew.
                *self.database.write() = None;
                JournalError::Unavailable {
                    path: self.path.clone(),
                    reason,
                }
            }
        })
    }

    fn ensure_open(&self) -> Result<(), JournalError> {
        if self.database.read().is_some() {
            return Ok(());
        }
        let mut slot = self.database.write();
        if slot.is_none() {
            *slot = Some((self.open)().map_err(|error| self.describe(error))?);
        }
        Ok(())
    }

    fn describe(&self, error: DatabaseError) -> JournalError {
        let path = self.path.clone();
        match error {
            DatabaseError::DatabaseAlreadyOpen => JournalError::InUse(path),
            DatabaseError::Storage(redb::StorageError::Io(error))
                if error.kind() != std::io::ErrorKind::InvalidData =>
            {
                JournalError::Unavailable {
                    path,
                    reason: error.to_string(),
                }
            }
            DatabaseError::UpgradeRequired(found) => JournalError::Damaged {
                path,
                reason: format!("its file format {found} is too old"),
            },
            error => JournalError::Damaged {
                path,
                reason: error.to_string(),
            },
        }
    }
}

/// What a transaction fails with.
enum Failure {
    /// Something the journal itself noticed.
    Journal(JournalError),
    /// Bytes that do not decode.
    Damaged(String),
    /// The storage.
    Storage(String),
}

impl Failure {
    fn damaged(reason: &str) -> Self {
        Self::Damaged(reason.into())
    }
}

impl From<codec::Error> for Failure {
    fn from(error: codec::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

macro_rules! storage_failures {
    ($($error:ty),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Storage(error.to_string())
            }
        }
    )+};
}

storage_failures!(
    redb::CommitError,
    redb::StorageError,
    redb::TableError,
    redb::TransactionError
);
