//! The tables and how their values are encoded.

use codec::{Decode, Encode};
use phat_receipt::{Origin, Receipt};
use phat_target::{KeyRead, KeyWrite, PreparedTransaction, Rollup, SignedRollup};
use redb::TableDefinition;

/// The version of everything in this file and of what the records encode to.
pub const SCHEMA: u64 = 5;

/// Facts about the journal itself.
pub const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// Request id to record.
pub const REQUESTS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("requests");
/// Sequence number to request id, oldest first.
pub const SEQUENCE: TableDefinition<u64, &[u8; 32]> = TableDefinition::new("sequence");
/// The ids of requests that are not final.
pub const UNFINISHED: TableDefinition<&[u8; 32], ()> = TableDefinition::new("unfinished");
/// The ids of settled requests that are watched.
pub const WATCHED: TableDefinition<&[u8; 32], ()> = TableDefinition::new("watched");
/// Request id to input, while the request is not final, or is watched.
pub const INPUTS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("inputs");
/// Request id to signed outcome as it is settled, while the request is not final, or
/// is watched.
pub const ROLLUPS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("rollups");
/// Request id to the outcome that this worker signed for a quorum, kept as long.
pub const OUTCOMES: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("outcomes");
/// Transaction hash to transaction, while it is an attempt of a request whose outcome
/// is kept.
pub const TRANSACTIONS: TableDefinition<&[u8; 32], &[u8]> =
    TableDefinition::new("transactions_by_hash");
/// Transaction hash and the id of a request that it carries.
pub const CARRIED: TableDefinition<(&[u8; 32], &[u8; 32]), ()> = TableDefinition::new("carried");
/// Chain to what the relay account spends there.
pub const SPENDING: TableDefinition<&str, &[u8]> = TableDefinition::new("spending");
/// Receipt hash to receipt with its data.
pub const RECEIPTS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("receipts");
/// Receipt hash to how many bytes its entry in [`RECEIPTS`] has.
pub const RECEIPT_BYTES: TableDefinition<&[u8; 32], u64> = TableDefinition::new("receipt_bytes");
/// [`ReceiptKind`] and sequence number to receipt hash, oldest first.
pub const RECEIPT_SEQUENCE: TableDefinition<(u8, u64), &[u8; 32]> =
    TableDefinition::new("receipt_sequence");
/// [`ReceiptKind`] to the [`Total`] of its receipts.
pub const RECEIPT_TOTALS: TableDefinition<u8, (u64, u64)> = TableDefinition::new("receipt_totals");
/// Contract and line number to line. The numbers of a contract's lines have no gaps.
pub const LOGS: TableDefinition<(&[u8; 32], u64), &[u8]> = TableDefinition::new("logs");
/// Contract to the [`Total`] of its lines.
pub const LOG_TOTALS: TableDefinition<&[u8; 32], (u64, u64)> = TableDefinition::new("log_totals");
/// A chain, a contract and an anchor.
type CursorKey = (&'static str, &'static [u8; 32], &'static [u8]);
/// To the first and the last block that are scanned.
pub const CURSORS: TableDefinition<CursorKey, (u64, u64)> = TableDefinition::new("cursors");
/// Chain to the relay account whose nonces the transactions have.
pub const RELAY_ACCOUNTS: TableDefinition<&str, &str> = TableDefinition::new("relay_accounts");

/// Written to find out whether writing works.
pub const PROBE: TableDefinition<(), &[u8]> = TableDefinition::new("probe");

/// The layout of the file.
pub const META_SCHEMA: &str = "schema";
/// The last sequence number given out.
pub const META_SEQUENCE: &str = "sequence";

/// Receipts of one kind are kept however many there are of the other: anyone can
/// make a worker run calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptKind {
    /// Of requests at anchors and of triggers.
    Anchor = 0,
    /// Of calls over HTTP.
    Call = 1,
}

impl ReceiptKind {
    /// What a receipt from this origin is.
    pub fn of(origin: &Origin) -> Self {
        match origin {
            Origin::Anchor { .. } | Origin::Trigger { .. } => Self::Anchor,
            Origin::Http => Self::Call,
        }
    }
}

/// How many entries of something there are and how many bytes they have, so that
/// nobody needs to count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// The entries.
    pub count: u64,
    /// The bytes of their values.
    pub bytes: u64,
}

impl Total {
    /// Counts one more.
    pub fn add(&mut self, bytes: usize) {
        self.count += 1;
        self.bytes += bytes as u64;
    }

    /// Counts one less.
    pub fn remove(&mut self, bytes: u64) {
        self.count = self.count.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl From<(u64, u64)> for Total {
    fn from((count, bytes): (u64, u64)) -> Self {
        Self { count, bytes }
    }
}

impl From<Total> for (u64, u64) {
    fn from(total: Total) -> Self {
        (total.count, total.bytes)
    }
}

/// A receipt with its data.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StoredReceipt {
    /// The signed receipt.
    pub receipt: Receipt,
    /// The input of the run.
    pub input: Vec<u8>,
    /// The output, or the failure's text.
    pub output: Vec<u8>,
    /// The transcript, as the engine encodes it.
    pub transcript: Vec<u8>,
}

/// One line of a contract's log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StoredLine {
    /// The request that was run.
    pub request: [u8; 32],
    /// How much the line matters.
    pub level: String,
    /// The text.
    pub message: String,
}

type RollupParts = (
    [u8; 32],
    [u8; 32],
    bool,
    Vec<u8>,
    Vec<(Vec<u8>, u64)>,
    Vec<(Vec<u8>, Vec<u8>)>,
    Vec<Vec<u8>>,
);

/// The bytes of a signed outcome.
pub fn encode_rollup(signed: &SignedRollup) -> Vec<u8> {
    let rollup = &signed.rollup;
    let reads: Vec<_> = rollup.reads.iter().map(|r| (&r.key, r.version)).collect();
    let writes: Vec<_> = rollup.writes.iter().map(|w| (&w.key, &w.value)).collect();
    (
        rollup.number,
        rollup.commitment,
        rollup.success,
        &rollup.output,
        reads,
        writes,
        &signed.signatures,
    )
        .encode()
}

/// Reads what [`encode_rollup`] made.
pub fn decode_rollup(mut bytes: &[u8]) -> Result<SignedRollup, codec::Error> {
    let (number, commitment, success, output, reads, writes, signatures) =
        RollupParts::decode(&mut bytes)?;
    Ok(SignedRollup {
        rollup: Rollup {
            number,
            commitment,
            success,
            output,
            reads: reads
                .into_iter()
                .map(|(key, version)| KeyRead { key, version })
                .collect(),
            writes: writes
                .into_iter()
                .map(|(key, value)| KeyWrite { key, value })
                .collect(),
        },
        signatures,
    })
}

/// The bytes of a prepared transaction.
pub fn encode_transaction(transaction: &PreparedTransaction) -> Vec<u8> {
    (
        transaction.nonce,
        transaction.hash,
        &transaction.raw,
        transaction.fee_per_gas_max,
        transaction.tip_per_gas,
        transaction.cost_max,
    )
        .encode()
}

/// Reads what [`encode_transaction`] made.
pub fn decode_transaction(mut bytes: &[u8]) -> Result<PreparedTransaction, codec::Error> {
    let (nonce, hash, raw, fee_per_gas_max, tip_per_gas, cost_max) = Decode::decode(&mut bytes)?;
    Ok(PreparedTransaction {
        nonce,
        hash,
        raw,
        fee_per_gas_max,
        tip_per_gas,
        cost_max,
    })
}
