//! What the worker needs of the Phat chain, and nothing more.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use async_trait::async_trait;
pub use phat_chain_client::{Attestor, ContractStakes, PublishedKey, SealedSecret};
use phat_primitives::{
    AccountBytes, ClusterId, CodeHash, ContractId, EncryptionKey, ManifestHash, WorkerId,
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
};
use phat_worker_client::ChainTrust;
use thiserror::Error;

/// The chain did not do as asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// No answer. Trying again may help.
    #[error("the chain cannot be reached: {0}")]
    Unreachable(String),
    /// It cannot be followed at all as the worker was started.
    #[error("the chain cannot be followed: {0}")]
    Unusable(String),
    /// The node, or the light client, contradicts what was shown before.
    #[error("the chain cannot be believed: {0}")]
    Contradicted(String),
    /// The chain refused.
    #[error("the chain refused: {0}")]
    Refused(String),
    /// The node is of another chain than before.
    #[error(
        "the node is of the chain with the genesis hash 0x{}, and the worker serves the one with \
         0x{}: give a node of that chain with --trust-rpc, or restart the worker to have \
         it serve the other chain",
        hex::encode(.found), hex::encode(.expected)
    )]
    OtherChain {
        /// The genesis hash of the chain that the worker serves.
        expected: [u8; 32],
        /// The genesis hash of the node's chain.
        found: [u8; 32],
    },
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

/// A cluster at one finalised block, but for its contracts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterState {
    /// The block.
    pub block: u64,
    /// When the block was made, by the clock of its validator, in milliseconds since 1970; none
    /// if it does not say.
    pub made_at_ms: Option<u64>,
    /// The workers that serve it.
    pub members: Vec<WorkerId>,
    /// Those that are its members too, and serve nothing: what is to vouch for them does not.
    pub suspended: Vec<WorkerId>,
    /// Its keys.
    pub keys: ClusterKeys,
    /// The contracts that have secrets, with the block that changed these last.
    pub secrets: BTreeMap<ContractId, u64>,
    /// What is staked to its contracts.
    pub stakes: ContractStakes,
}

/// The secrets of a contract at one finalised block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedSecrets {
    /// The block that changed them last; none if there are none.
    pub changed_at: Option<u64>,
    /// All of them, each as it is sealed.
    pub secrets: Vec<SealedSecret>,
}

/// Which keys a cluster has at one finalised block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterKeys {
    /// The newest generation that has a key. So have all before it.
    pub current: Option<u32>,
    /// Whether the cluster is to have another one.
    pub is_rotation_requested: bool,
}

impl ClusterKeys {
    /// The generation whose key is to be made.
    pub fn open(&self) -> Option<u32> {
        match self.current {
            None => Some(0),
            Some(current) if self.is_rotation_requested => current.checked_add(1),
            Some(_) => None,
        }
    }
}

/// A worker that serves a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The URL of its HTTP API.
    pub endpoint: String,
}

/// The contracts of a cluster as far as they have been read.
#[derive(Clone, Debug, Default)]
pub struct KnownContracts(BTreeMap<ContractId, (ManifestHash, Arc<ChainContract>)>);

impl KnownContracts {
    /// What of the cluster's list has to be read: what is new, and what has another manifest now.
    /// Whatever is not on the list is forgotten.
    pub fn missing(
        &mut self,
        listed: &[(ContractId, ManifestHash)],
    ) -> Vec<(ContractId, ManifestHash)> {
        let current: HashMap<_, _> = listed.iter().copied().collect();
        self.0
            .retain(|id, (manifest_hash, _)| current.get(id) == Some(manifest_hash));
        let is_missing = |(id, _): &(ContractId, ManifestHash)| !self.0.contains_key(id);
        listed.iter().copied().filter(is_missing).collect()
    }

    /// Takes in a contract that was read, with the hash of its manifest as the list has it.
    pub fn insert(&mut self, manifest_hash: ManifestHash, contract: ChainContract) {
        let entry = (manifest_hash, Arc::new(contract));
        self.0.insert(entry.1.id, entry);
    }

    /// The contracts.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ChainContract>> {
        self.0.values().map(|(_, contract)| contract)
    }
}

/// The Phat chain as a worker sees it: finalised blocks only.
#[async_trait]
pub trait ChainView: Send + Sync {
    /// Why the worker believes what it reads here.
    fn trust(&self) -> ChainTrust;

    /// The nodes that the light client is connected to, if there is one and it answers.
    async fn peers(&self) -> Option<u64>;

    /// The hash of the chain's first block.
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError>;

    /// Waits until a block above `after` is finalised, and gives the newest one's
    /// height. Without `after`, gives the newest at once.
    async fn finalized(&self, after: Option<u64>) -> Result<u64, ChainError>;

    /// A cluster at the newest finalised block. `contracts` is brought to that block, and only
    /// what is [missing](KnownContracts::missing) from it is read. What was read before an error
    /// stays in it, so that the next try goes on from there.
    async fn cluster(
        &self,
        cluster: ClusterId,
        contracts: &mut KnownContracts,
    ) -> Result<ClusterState, ChainError>;

    /// The secrets of a contract of this cluster at the newest finalised block.
    async fn secrets(
        &self,
        cluster: ClusterId,
        contract: ContractId,
    ) -> Result<SealedSecrets, ChainError>;

    /// The account that answers for a worker, if it is registered.
    async fn operator(&self, worker: WorkerId) -> Result<Option<AccountBytes>, ChainError>;

    /// A contract's code, if the chain has it.
    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>, ChainError>;

    /// A worker, if it serves the cluster at the newest finalised block: it is a member, and what
    /// is to vouch for it does.
    async fn member(
        &self,
        cluster: ClusterId,
        worker: WorkerId,
    ) -> Result<Option<Member>, ChainError>;

    /// The key of a generation of a cluster, if it is published.
    async fn cluster_key(
        &self,
        cluster: ClusterId,
        generation: u32,
    ) -> Result<Option<PublishedKey>, ChainError>;

    /// The key that the chain has as the one that signs a contract's outcomes.
    async fn attestor(&self, contract: ContractId) -> Result<Option<Attestor>, ChainError>;
}

/// Puts on the chain what the workers of a cluster have to say. Whoever is behind it pays.
#[async_trait]
pub trait KeyPublisher: Send + Sync {
    /// Publishes a key of the cluster, and waits until that is final. That another worker's is
    /// published already is no error: the chain tells which one it is.
    async fn publish_key(
        &self,
        announcement: &ClusterKeyAnnouncement,
        signature: [u8; 64],
    ) -> Result<(), ChainError>;

    /// Publishes the key that signs a contract's outcomes, and waits until that is final.
    async fn publish_attestor(
        &self,
        statement: &AttestorStatement,
        signature: [u8; 64],
    ) -> Result<(), ChainError>;
}
