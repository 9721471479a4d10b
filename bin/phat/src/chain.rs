//! What the commands ask of the chain.
//!
//! The traits keep the commands apart from the client, so that their tests need
//! no node.

mod client;
mod economy;
mod governance;
mod secrets;
mod stakes;

use anyhow::Result;
use async_trait::async_trait;
pub use phat_chain_client::{Batch, NewContract, SealedSecret};
use phat_primitives::{
    AccountBytes, Attestation, ClusterId, ClusterKey, CodeHash, ContractId, EncryptionKey, WorkerId,
};
use serde::Serialize;

pub use self::{
    client::{Client, account_of, connect, connect_as},
    economy::{EconomyReader, EconomyWriter, FundState, Holder, Waiting, WorkerStanding},
    governance::{GovernanceReader, GovernanceWriter},
    secrets::{SecretReader, SecretWriter},
    stakes::{StakeChange, StakeReader, StakeRules, StakeState, StakeWriter},
};

/// A contract as the chain knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Who may change it.
    pub owner: AccountBytes,
    /// The workers that serve it.
    pub cluster: ClusterId,
    /// Its code.
    pub code_hash: CodeHash,
    /// The text of its manifest.
    pub manifest: String,
}

/// A registered worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Its identity.
    pub id: WorkerId,
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The URL of its HTTP API.
    pub endpoint: String,
    /// The cluster it serves, if it has joined one.
    pub cluster: Option<ClusterId>,
    /// What vouches for it.
    pub attestation: Attestation,
}

/// A finalised block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Its height.
    pub number: u64,
    /// Its hash.
    #[serde(serialize_with = "serialize_hash")]
    pub hash: [u8; 32],
}

/// The chain's state at the newest finalised block.
#[async_trait]
pub trait ChainReader: Send + Sync {
    /// The hash of the first block: which chain this is.
    fn genesis_hash(&self) -> [u8; 32];

    /// The newest finalised block.
    async fn finalised(&self) -> Result<Block>;

    /// A contract.
    async fn contract(&self, id: ContractId) -> Result<Option<Contract>>;

    /// Whether the chain has the code with this hash.
    async fn has_code(&self, hash: CodeHash) -> Result<bool>;

    /// The code with this hash.
    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>>;

    /// A worker.
    async fn worker(&self, id: WorkerId) -> Result<Option<Worker>>;

    /// A batch of receipts that a worker has published, if the chain stores it.
    async fn batch(&self, worker: WorkerId, number: u32) -> Result<Option<Batch>>;

    /// All workers that serve a cluster.
    async fn workers(&self) -> Result<Vec<Worker>>;

    /// The workers of a cluster that something vouches for, as far as the network asks for
    /// that.
    async fn active_workers(&self, cluster: ClusterId) -> Result<Vec<WorkerId>>;

    /// The key of a cluster that others encrypt to, and its generation, or `None` as long as
    /// the cluster has no key.
    async fn cluster_key(&self, cluster: ClusterId) -> Result<Option<(u32, EncryptionKey)>>;

    /// The clusters that have a key, each with the newest and its generation.
    async fn cluster_keys(&self) -> Result<Vec<(ClusterId, u32, ClusterKey)>>;
}

/// The chain, with an account that can change it. Each change is awaited until
/// the block with it is final.
#[async_trait]
pub trait ChainWriter: ChainReader {
    /// The account that signs.
    fn account(&self) -> AccountBytes;

    /// Uploads the code if the chain does not have it, and creates a contract
    /// that is not there yet, in one transaction.
    async fn create(&self, new: NewContract) -> Result<Block>;

    /// Gives a contract another manifest.
    async fn set_manifest(&self, id: ContractId, manifest: String) -> Result<Block>;
}

fn serialize_hash<S: serde::Serializer>(hash: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("0x{}", hex::encode(hash)))
}

#[cfg(test)]
pub mod fake;
