//! The worker's memory: every step of every request, on disk before it is taken.
//!
//! Each [`Journal::write`] is one durable transaction. A write that fails changes
//! nothing, and closes the file; the next use opens it again, so that a disk that
//! was full and has space again is used without a restart.

mod batches;
mod carried;
mod error;
mod read;
mod relay;
mod tables;
#[cfg(test)]
mod tests;
mod verdicts;
mod write;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use phat_primitives::{ContractId, RequestId};
use phat_target::{PreparedTransaction, SignedRollup};
use phat_worker_core::{Record, Spending};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable};

pub use batches::{BatchRecord, BatchStep, Inclusion};
pub use error::JournalError;
use tables::*;
pub use tables::{StoredLine, StoredReceipt};
pub(crate) use tables::{decode_rollup, encode_rollup};

/// Memory that the journal uses to keep parts of the file at hand.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// What a probe writes.
const PROBE_BYTES: usize = 1024 * 1024;

/// How much history is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Requests, the unfinished ones apart.
    pub requests_max: u64,
    /// Receipts of anchor requests with their data.
    pub anchor_receipts: Quota,
    /// Receipts of calls over HTTP with their data.
    pub call_receipts: Quota,
    /// Lines of each contract's log.
    pub log_lines: Quota,
}

/// How much of something is kept. The newest entry is, whatever its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The most entries.
    pub count_max: u64,
    /// The most bytes of all entries together.
    pub bytes_max: u64,
}

impl Quota {
    fn is_exceeded(self, total: Total) -> bool {
        total.count > 1 && (total.count > self.count_max || total.bytes > self.bytes_max)
    }
}

impl Default for Retention {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        const GIB: u64 = 1024 * MIB;
        Self {
            requests_max: 10_000,
            anchor_receipts: Quota {
                count_max: 10_000,
                bytes_max: 3 * GIB,
            },
            call_receipts: Quota {
                count_max: 10_000,
                bytes_max: GIB,
            },
            log_lines: Quota {
                count_max: 10_000,
                bytes_max: 16 * MIB,
            },
        }
    }
}

/// What one step changes.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Records that are new or changed. What a record kept to be submitted is removed
    /// when it is final and not, or no more, watched.
    pub records: Vec<Record>,
    /// Inputs of requests.
    pub inputs: Vec<(RequestId, Vec<u8>)>,
    /// The signed outcomes of requests, as they are settled.
    pub rollups: Vec<(RequestId, SignedRollup)>,
    /// Requests whose kept outcome is not the one to settle any more.
    pub outdated: Vec<RequestId>,
    /// Outcomes that this worker signed for a quorum, encoded.
    pub outcomes: Vec<(RequestId, Vec<u8>)>,
    /// Transactions. Those that are an attempt of no record are not kept.
    pub transactions: Vec<PreparedTransaction>,
    /// What the relay account of a chain spends.
    pub spending: Option<(String, Spending)>,
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
    /// The blocks.
    pub scanned: Scanned,
}

/// Blocks that are scanned, without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;

/// The journal of one worker.
pub struct Journal {
    path: PathBuf,
    open: Opener,
    database: RwLock<Option<Database>>,
    /// Why it failed.
    failure: Mutex<Option<String>>,
    sequence: AtomicU64,
    retention: Retention,
}

impl Journal {
    /// Opens the journal in `path`, or makes it.
    pub fn open(path: &Path, retention: Retention) -> Result<Self, JournalError> {
        let file = path.to_path_buf();
        let open = move || {
            Database::builder()
                .set_cache_size(CACHE_BYTES)
                .create(&file)
        };
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
            failure: Mutex::new(None),
            sequence: AtomicU64::new(0),
            retention,
        };
        let sequence = journal.transact(|transaction| {
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
            transaction.open_table(REQUESTS)?;
            transaction.open_table(SEQUENCE)?;
            transaction.open_table(UNFINISHED)?;
            transaction.open_table(INPUTS)?;
            transaction.open_table(ROLLUPS)?;
            transaction.open_table(TRANSACTIONS)?;
            transaction.open_table(WATCHED)?;
            transaction.open_table(OUTCOMES)?;
            transaction.open_table(CARRIED)?;
            transaction.open_table(SPENDING)?;
            transaction.open_table(RECEIPTS)?;
            transaction.open_table(RECEIPT_BYTES)?;
            transaction.open_table(RECEIPT_SEQUENCE)?;
            transaction.open_table(RECEIPT_TOTALS)?;
            transaction.open_table(LOGS)?;
            transaction.open_table(LOG_TOTALS)?;
            transaction.open_table(CURSORS)?;
            transaction.open_table(RELAY_ACCOUNTS)?;
            transaction.open_table(batches::UNBATCHED)?;
            transaction.open_table(batches::BATCHES)?;
            transaction.open_table(batches::INCLUSIONS)?;
            transaction.open_table(verdicts::VERDICTS)?;
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

    /// Finds out whether the journal can be written again after a failure, with
    /// more data than most steps have: a disk on which only little fits is full.
    pub fn probe(&self) -> Result<(), JournalError> {
        let data = vec![0; PROBE_BYTES];
        self.transact(|transaction| {
            transaction.open_table(PROBE)?.insert((), data.as_slice())?;
            Ok(())
        })?;
        self.transact(|transaction| {
            transaction.open_table(PROBE)?.remove(())?;
            Ok(())
        })?;
        *self.failure.lock() = None;
        Ok(())
    }

    /// Why the journal failed, if it did and no [`Self::probe`] worked since.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().clone()
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
        let result = self
            .ensure_open()
            .and_then(|()| match &*self.database.read() {
                Some(database) => task(database),
                // Closed in between by a failure elsewhere.
                None => Err(Failure::Storage("it was closed after a failure".into())),
            });
        result.map_err(|failure| {
            let path = self.path.clone();
            match failure {
                Failure::Journal(error) => error,
                Failure::Damaged(reason) => JournalError::Damaged { path, reason },
                Failure::Storage(reason) => {
                    // After an I/O error the file must be opened anew.
                    *self.database.write() = None;
                    let error = JournalError::Unavailable { path, reason };
                    *self.failure.lock() = Some(error.to_string());
                    error
                }
            }
        })
    }

    fn ensure_open(&self) -> Result<(), Failure> {
        if self.database.read().is_some() {
            return Ok(());
        }
        let mut slot = self.database.write();
        if slot.is_none() {
            *slot = Some((self.open)().map_err(|error| self.describe(error))?);
        }
        Ok(())
    }

    /// What it means that the file cannot be opened.
    fn describe(&self, error: DatabaseError) -> Failure {
        match error {
            DatabaseError::DatabaseAlreadyOpen => {
                Failure::Journal(JournalError::InUse(self.path.clone()))
            }
            DatabaseError::Storage(redb::StorageError::Io(error))
                if error.kind() != std::io::ErrorKind::InvalidData =>
            {
                Failure::Storage(error.to_string())
            }
            DatabaseError::UpgradeRequired(found) => {
                Failure::Damaged(format!("its file format {found} is too old"))
            }
            error => Failure::Damaged(error.to_string()),
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
