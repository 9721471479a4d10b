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
    /// What binds an outcome to the content of the request, as the anchor
    /// computes it: after a reorganisation the number may be another request's.
    pub commitment: [u8; 32],
    /// The block it is in.
    pub block: BlockRef,
    /// When the anchor stops taking an outcome for it, in seconds since 1970;
    /// `None` where it waits for ever.
    pub expires_at: Option<u64>,
    /// What whoever settles it is paid, in the chain's smallest unit.
    pub fee: u128,
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
    /// It has its outcome, and the consumer's callback reverted. Anyone may have
    /// the callback tried again; there is nothing more for a worker to do.
    Failed,
    /// It had no outcome in time and takes none any more.
    Expired,
}

impl RequestStatus {
    /// Whether it takes no outcome any more.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Settled | Self::Failed | Self::Expired)
    }
}

/// Who must sign an outcome at an anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// How many of them must sign, at least 1.
    pub threshold: u32,
    /// The accounts that may sign, as [`Target::attestor`](crate::Target::attestor)
    /// writes them; empty at an anchor that keeps no list.
    pub attestors: Vec<String>,
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
    /// The request it answers. All zero where nobody asked; then the first key that it
    /// reads is the first that it writes, so that the anchor takes it once.
    pub number: RequestNumber,
    /// What binds the outcome to the request's content; the adapter gives it
    /// with the request. Where nobody asked, the id of what made the contract run.
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

/// A rollup with signatures for one anchor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRollup {
    /// What is signed.
    pub rollup: Rollup,
    /// The signatures in the target's own form, in the order in which
    /// [`Target::join`](crate::Target::join) puts them.
    pub signatures: Vec<Vec<u8>>,
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
    /// The most that it can cost in all, in the chain's smallest unit; what a
    /// chain takes for the bytes of a transaction is part of it.
    pub cost_max: u128,
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
        /// Whether it did what it was for. One that settles several requests is a
        /// success even where the anchor passed over some of them:
        /// [`Target::request_status`](crate::Target::request_status) tells about
        /// each.
        success: bool,
        /// Whether the block has the confirmations that the adapter waits for.
        is_final: bool,
    },
}

/// Which logs to look for, on any contract or pallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogFilter {
    /// Logs of a contract on an EVM chain.
    Contract {
        /// The contract's address, 20 bytes.
        address: Vec<u8>,
        /// What each topic must be, at most four; `None` is anything.
        topics: Vec<Option<[u8; 32]>>,
    },
    /// Events of a pallet on a Substrate chain.
    Event {
        /// The pallet's name, as in `Balances`.
        pallet: String,
        /// The event's name, as in `Transfer`.
        variant: String,
    },
}

/// A log that a [`LogFilter`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLog {
    /// The block it is in.
    pub block: BlockRef,
    /// Its place among all logs of the block, counted from 0.
    pub index: u32,
    /// What a contract gets as its input; byte strings are hexadecimal with 0x.
    /// On EVM chains `address`, `topics`, `data`, `transactionHash` and
    /// `logIndex`; on Substrate chains `pallet`, `variant`, `fields` and
    /// `extrinsicIndex`.
    pub json: serde_json::Value,
}
