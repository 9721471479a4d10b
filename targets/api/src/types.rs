//! What passes between a worker and a target.

use serde::{Deserialize, Serialize};

/// The number of a request at its anchor: 256 bits, big-endian.
pub type RequestNumber = [u8; 32];

/// The hash of a transaction.
pub type TransactionHash = [u8; 32];

/// A block of a target chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockRef {
    /// The block's height.
    pub number: u64,
    /// The block's hash.
    pub hash: [u8; 32],
}

/// A request as found at an anchor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorRequest {
    /// Its number at the anchor.
    pub number: RequestNumber,
    /// The account that asked.
    pub requester: Vec<u8>,
    /// What it asks: the input of the run.
    pub input: Vec<u8>,
    /// What binds an outcome to the requester and the input, as the anchor
    /// computes it: after a reorganisation the number may be another request's.
    pub commitment: [u8; 32],
    /// The block it is in.
    pub block: BlockRef,
}

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStatus {
    /// The anchor knows no such request.
    Unknown,
    /// It waits for its outcome.
    Open,
    /// It has its outcome.
    Settled,
}

/// A value of a key-value store and how often it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versioned {
    /// The value; empty where there is none.
    pub value: Vec<u8>,
    /// How often the key was written; 0 is never.
    pub version: u64,
}

/// A key that a run read, and the version it saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRead {
    /// The key as the script named it.
    pub key: Vec<u8>,
    /// The version the run saw.
    pub version: u64,
}

/// A key that a run wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyWrite {
    /// The key as the script named it.
    pub key: Vec<u8>,
    /// The new value; empty deletes.
    pub value: Vec<u8>,
}

/// The outcome of a run, as an anchor takes it: all of it or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollup {
    /// The request it answers.
    pub number: RequestNumber,
    /// What binds the outcome to the request's content; the adapter gives it
    /// with the request.
    pub commitment: [u8; 32],
    /// Whether the run succeeded.
    pub success: bool,
    /// The run's output, or why it failed as UTF-8 text.
    pub output: Vec<u8>,
    /// The keys it depends on.
    pub reads: Vec<KeyRead>,
    /// The keys it changes.
    pub writes: Vec<KeyWrite>,
}

/// A rollup with the contract's signature for one anchor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRollup {
    /// What is signed.
    pub rollup: Rollup,
    /// The signature in the target's own form.
    pub signature: Vec<u8>,
}

/// A signed transaction that is ready to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedTransaction {
    /// The relay account's nonce.
    pub nonce: u64,
    /// The transaction's hash.
    pub hash: TransactionHash,
    /// The transaction's bytes.
    pub raw: Vec<u8>,
    /// The most it pays per unit of gas, in the chain's smallest unit.
    pub fee_per_gas_max: u128,
    /// The tip per unit of gas, in the chain's smallest unit.
    pub tip_per_gas: u128,
}

/// What has become of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// The endpoint does not know it: never sent, dropped, or replaced.
    Unknown,
    /// It waits to be included.
    Pending,
    /// It is in a block.
    Included {
        /// The block.
        block: BlockRef,
        /// The gas it used.
        gas_used: u64,
        /// Whether it did what it was for.
        success: bool,
        /// Whether the block has the confirmations that the adapter waits for.
        is_final: bool,
    },
}
