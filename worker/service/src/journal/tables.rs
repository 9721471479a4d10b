//! The tables and how their values are encoded.

use codec::{Decode, Encode};
use phat_receipt::Receipt;
use phat_target::{KeyRead, KeyWrite, PreparedTransaction, Rollup, SignedRollup};
use redb::TableDefinition;

/// The version of everything in this file and of what the records encode to.
pub const SCHEMA: u64 = 1;

/// Facts about the journal itself.
pub const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// Request id to record.
pub const REQUESTS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("requests");
/// Sequence number to request id, oldest first.
pub const SEQUENCE: TableDefinition<u64, &[u8; 32]> = TableDefinition::new("sequence");
/// The ids of requests that are not final.
pub const UNFINISHED: TableDefinition<&[u8; 32], ()> = TableDefinition::new("unfinished");
/// Request id to input, while the request is not final.
pub const INPUTS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("inputs");
/// Request id to signed outcome, while the request is not final.
pub const ROLLUPS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("rollups");
/// Request id and place among the attempts to transaction, while it is not final.
pub const TRANSACTIONS: TableDefinition<(&[u8; 32], u32), &[u8]> =
    TableDefinition::new("transactions");
/// Receipt hash to receipt with its data.
pub const RECEIPTS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("receipts");
/// Sequence number to receipt hash, oldest first.
pub const RECEIPT_SEQUENCE: TableDefinition<u64, &[u8; 32]> =
    TableDefinition::new("receipt_sequence");
/// Contract and line number to line.
pub const LOGS: TableDefinition<(&[u8; 32], u64), &[u8]> = TableDefinition::new("logs");
/// Chain, contract and anchor to the last block that is scanned.
pub const CURSORS: TableDefinition<(&str, &[u8; 32], &[u8]), u64> = TableDefinition::new("cursors");

/// Written to find out whether writing works.
pub const PROBE: TableDefinition<(), &[u8]> = TableDefinition::new("probe");

/// The layout of the file.
pub const META_SCHEMA: &str = "schema";
/// The last sequence number given out.
pub const META_SEQUENCE: &str = "sequence";

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
    Vec<u8>,
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
        &signed.signature,
    )
        .encode()
}

/// Reads what [`encode_rollup`] made.
pub fn decode_rollup(mut bytes: &[u8]) -> Result<SignedRollup, codec::Error> {
    let (number, commitment, success, output, reads, writes, signature) =
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
        signature,
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
    )
        .encode()
}

/// Reads what [`encode_transaction`] made.
pub fn decode_transaction(mut bytes: &[u8]) -> Result<PreparedTransaction, codec::Error> {
    let (nonce, hash, raw, fee_per_gas_max, tip_per_gas) = Decode::decode(&mut bytes)?;
    Ok(PreparedTransaction {
        nonce,
        hash,
        raw,
        fee_per_gas_max,
        tip_per_gas,
    })
}
