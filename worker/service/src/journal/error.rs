//! Why the journal did not do as asked.

use std::path::PathBuf;

use thiserror::Error;

/// A journal that cannot be opened, read or written.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Another process holds it.
    #[error(
        "the journal {0} is in use: another worker runs with the same data folder; stop it first"
    )]
    InUse(PathBuf),
    /// It was written by another version of the software.
    #[error(
        "the journal {path} has layout {found}, this version reads {expected}: run the version that \
         wrote it until no request is open, then move the file away"
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// The layout found.
        found: u64,
        /// The layout this version reads and writes.
        expected: u64,
    },
    /// The file is not a journal, or was damaged.
    #[error(
        "the journal {path} is damaged: {reason}. Restore it from a backup, or move it away to \
         start anew from the chains; requests that are open then run once more"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Transactions are under way that another relay account sent.
    #[error(
        "{open} requests on {chain} have transactions of the relay account {kept}, and the worker \
         is started with the key of {given}: start it with the key of {kept} (--relay-key-file, \
         or the one in its keys folder) until /v1/requests shows none as prepared or sent; if that \
         key is lost, move the journal {path} away, and open requests are found again on the chain"
    )]
    OtherRelayAccount {
        /// The file.
        path: PathBuf,
        /// The chain.
        chain: String,
        /// How many requests there are.
        open: usize,
        /// The account in the journal.
        kept: String,
        /// The account of the key that is given.
        given: String,
    },
    /// The disk is full or fails. The journal tries again with each new write.
    #[error(
        "the journal {path} cannot be used: {reason}. Free space on its disk or mend it; \
         the worker goes on by itself"
    )]
    Unavailable {
        /// The file.
        path: PathBuf,
        /// What the storage reported.
        reason: String,
    },
}
