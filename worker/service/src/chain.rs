//! What the worker needs of the Phat chain, and nothing more.

use async_trait::async_trait;
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId, WorkerId};
use thiserror::Error;

/// The chain did not do as asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// No answer. Trying again may help.
    #[error("the chain cannot be reached: {0}")]
    Unreachable(String),
    /// The chain refused.
    #[error("the chain refused: {0}")]
    Refused(String),
}

/// A contract as the chain holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainContract {
    /// Its id.
    pub id: ContractId,
    /// Its code.
    pub code_hash: CodeHash,
    /// Its manifest, as stored.
    pub manifest: Vec<u8>,
}

/// A cluster at one finalised block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterState {
    /// The block.
    pub block: u64,
    /// The workers that serve it.
    pub members: Vec<WorkerId>,
    /// The contracts that they serve.
    pub contracts: Vec<ChainContract>,
}

/// The Phat chain as a worker sees it: finalised blocks only.
#[async_trait]
pub trait ChainView: Send + Sync {
    /// The hash of the chain's first block.
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError>;

    /// Waits until a block above `after` is finalised, and gives the newest one's
    /// height. Without `after`, gives the newest at once.
    async fn finalized(&self, after: Option<u64>) -> Result<u64, ChainError>;

    /// A cluster at the newest finalised block.
    async fn cluster(&self, cluster: ClusterId) -> Result<ClusterState, ChainError>;

    /// The account that answers for a worker, if it is registered.
    async fn operator(&self, worker: WorkerId) -> Result<Option<AccountBytes>, ChainError>;

    /// A contract's code, if the chain has it.
    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>, ChainError>;
}
