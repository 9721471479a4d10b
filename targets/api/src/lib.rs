//! The trait that every target chain adapter implements.
//!
//! An adapter watches an anchor for requests, reads the anchor's key-value
//! store at a block, signs an outcome with a contract's key, sends it from the
//! worker's relay account and follows it until it is final. It decides nothing:
//! what to run, when to send and when to replace is up to the worker.
//!
//! Nothing here is EVM: addresses and request numbers are plain bytes. The bytes
//! of an anchor also say of which kind it is, where a chain has several; only its
//! adapter reads them.

mod error;
pub mod presets;
mod types;

use async_trait::async_trait;

pub use error::{Rejection, TargetError};
pub use types::{
    AnchorRequest, BlockRef, ChainLog, KeyRead, KeyWrite, LogFilter, PreparedTransaction, Quorum,
    RequestNumber, RequestStatus, Rollup, SignedRollup, TransactionHash, TransactionStatus,
    Versioned,
};

/// A chain on which anchors live, seen with one relay account.
#[async_trait]
pub trait Target: Send + Sync {
    /// The chain's name as CAIP-2 has it, such as `eip155:1`.
    fn chain(&self) -> &str;

    /// The account that pays for transactions, as the chain writes it.
    fn relay_account(&self) -> String;

    /// The account that signs with `contract_key` (32 bytes, secret), as the
    /// chain writes it: the attestor that an anchor's owner allows.
    fn attestor(&self, contract_key: &[u8; 32]) -> Result<String, TargetError>;

    /// How many blocks must lie above a block before what is in it is acted on
    /// and counts as final.
    fn confirmations(&self) -> u64;

    /// Whether the chain takes a fee for the bytes of a transaction that the gas it used
    /// does not tell. What one has cost is not known then, only the most that it can.
    fn takes_data_fee(&self) -> bool {
        false
    }

    /// What is wrong with single endpoints at the moment, one line each, while the
    /// others do without them: empty where all is well.
    fn endpoint_faults(&self) -> Vec<String> {
        Vec::new()
    }

    /// The newest block whose requests may be acted on: the chain's head less
    /// the [confirmations](Self::confirmations).
    async fn head(&self) -> Result<BlockRef, TargetError>;

    /// The block at this height of the branch that counts now. One that the endpoint lacks is
    /// [`TargetError::Refused`].
    async fn block(&self, number: u64) -> Result<BlockRef, TargetError>;

    /// The requests made at `anchor` in the blocks `from..=to`, oldest first.
    async fn requests(
        &self,
        anchor: &[u8],
        from: u64,
        to: u64,
    ) -> Result<Vec<AnchorRequest>, TargetError>;

    /// What has become of a request, at the newest block.
    async fn request_status(
        &self,
        anchor: &[u8],
        number: RequestNumber,
    ) -> Result<RequestStatus, TargetError>;

    /// The value and version of `key` at `block`. A key never written is empty
    /// at version 0.
    async fn read(
        &self,
        anchor: &[u8],
        key: &[u8],
        block: BlockRef,
    ) -> Result<Versioned, TargetError>;

    /// The logs that `filter` finds in the blocks `from..=to`, oldest first. A
    /// filter of another kind of chain is [`TargetError::Malformed`].
    async fn logs(
        &self,
        filter: &LogFilter,
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainLog>, TargetError>;

    /// Who must sign an outcome at `anchor`, at the newest block.
    async fn quorum(&self, anchor: &[u8]) -> Result<Quorum, TargetError>;

    /// Signs `rollup` for `anchor` with the contract's key (32 bytes, secret):
    /// one signature. What no transaction can carry is
    /// [`TargetError::OutcomeTooLarge`]. Some anchors have parts of their state
    /// signed, so this may ask the chain.
    async fn sign(
        &self,
        anchor: &[u8],
        rollup: Rollup,
        contract_key: &[u8; 32],
    ) -> Result<SignedRollup, TargetError>;

    /// The accounts whose signatures for `anchor` `signed` carries, in their order and
    /// written as [`attestor`](Self::attestor) writes them. Whether the anchor allows
    /// them is not asked. What is no signature is [`TargetError::Malformed`].
    fn signers(&self, anchor: &[u8], signed: &SignedRollup) -> Result<Vec<String>, TargetError>;

    /// Joins signatures of one rollup, put in the order that `anchor` wants; a
    /// second one of the same attestor is left out. Give as many as the anchor asks
    /// for: some take no more. Rollups that differ, or none at all, are
    /// [`TargetError::Malformed`].
    fn join(&self, anchor: &[u8], signed: Vec<SignedRollup>) -> Result<SignedRollup, TargetError>;

    /// How many requests of `anchor` one transaction can settle; 1 where there
    /// are no batches.
    fn batch_max(&self, anchor: &[u8]) -> usize;

    /// The next unused nonce of the relay account, transactions that wait to be
    /// included counted.
    async fn next_nonce(&self) -> Result<u64, TargetError>;

    /// What the relay account has, in the chain's smallest unit, at the newest
    /// block.
    async fn balance(&self) -> Result<u128, TargetError>;

    /// Simulates the settlement of `rollups`, at least one and at most
    /// [`batch_max`](Self::batch_max), and makes a transaction of it, signed by
    /// the relay account with `nonce`. With `replaces`, the fees are raised enough
    /// for the chain to accept it in the other's place. Nothing is sent, so the
    /// caller can first record what it is about to send.
    ///
    /// One rollup that the anchor refuses is [`TargetError::Rejected`]. Among
    /// several, the anchor passes over those that it refuses, which may be all:
    /// find those first by preparing each alone.
    ///
    /// What it may cost is bounded: [`TargetError::OutcomeTooLarge`],
    /// [`TargetError::GasCap`] and [`TargetError::FeeCap`] tell what went past.
    async fn prepare(
        &self,
        anchor: &[u8],
        rollups: &[SignedRollup],
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError>;

    /// Sends a prepared transaction. Sending the same one again is no error.
    async fn send(&self, transaction: &PreparedTransaction) -> Result<(), TargetError>;

    /// What has become of a transaction.
    async fn transaction_status(
        &self,
        hash: TransactionHash,
    ) -> Result<TransactionStatus, TargetError>;
}
