//! The keys that a running worker uses.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use phat_envelope::DecryptionKey;
use phat_keys::{
    ClusterSecret, ContractKeys, ContractSecret, KeyStore, KeyStoreError, QuorumSecret,
};
use phat_primitives::{ClusterKey, ContractId, WorkerId};
use tokio::sync::watch;

/// The generation whose secret the keys of contracts follow from, in all generations: consumers
/// on other chains hold the addresses.
pub const ROOT_GENERATION: u32 = 0;

/// A secret of the cluster that the chain has the public keys of.
pub struct Generation {
    /// The secret.
    pub secret: ClusterSecret,
    /// The public keys.
    pub key: ClusterKey,
}

/// The secrets of the cluster that are in use.
pub type Generations = BTreeMap<u32, Arc<Generation>>;

/// The worker's own keys and its cluster's, as far as it has these.
pub struct WorkerKeys {
    store: KeyStore,
    generations: watch::Sender<Generations>,
    /// What the keys for quorums follow from, once it was read.
    quorum: OnceLock<QuorumSecret>,
}

impl WorkerKeys {
    /// The keys of a worker that uses none of its cluster's yet: whether those that it keeps are
    /// the cluster's, only the chain tells.
    pub fn new(store: KeyStore) -> Self {
        Self {
            store,
            generations: watch::Sender::default(),
            quorum: OnceLock::new(),
        }
    }

    /// The worker's own keys.
    pub fn store(&self) -> &KeyStore {
        &self.store
    }

    /// The worker's id.
    pub fn worker_id(&self) -> WorkerId {
        self.store.worker_id()
    }

    /// Takes a secret of the cluster into use, which is kept, and whose public keys the chain has.
    pub fn take_into_use(&self, generation: u32, secret: ClusterSecret) {
        let key = secret.public();
        let taken = Arc::new(Generation { secret, key });
        self.generations
            .send_modify(|generations| drop(generations.insert(generation, taken)));
    }

    /// Whether the worker can speak for the contracts of its cluster.
    pub fn has_cluster_key(&self) -> bool {
        self.generations.borrow().contains_key(&ROOT_GENERATION)
    }

    /// The secret of a generation.
    pub fn generation(&self, generation: u32) -> Option<Arc<Generation>> {
        self.generations.borrow().get(&generation).cloned()
    }

    /// The newest generation that is in use, and its public keys.
    pub fn cluster_key(&self) -> Option<(u32, ClusterKey)> {
        let generations = self.generations.borrow();
        let (generation, newest) = generations.last_key_value()?;
        Some((*generation, newest.key))
    }

    /// What opens what others encrypt to a generation of the cluster's key.
    pub fn decryption_key(&self, generation: u32) -> Option<DecryptionKey> {
        let generation = self.generation(generation)?;
        Some(generation.secret.decryption_key())
    }

    /// Tells when a secret is taken into use.
    pub fn changes(&self) -> watch::Receiver<Generations> {
        self.generations.subscribe()
    }

    /// The keys that a contract uses itself.
    pub fn contract_keys(&self, id: ContractId) -> Option<ContractKeys> {
        Some(self.generation(ROOT_GENERATION)?.secret.contract_keys(id))
    }

    /// The key that signs a contract's outcomes.
    pub fn contract(&self, id: ContractId) -> Option<ContractSecret> {
        Some(self.generation(ROOT_GENERATION)?.secret.secp256k1(id))
    }

    /// The key with which this worker alone signs a contract's outcomes, where several
    /// workers must agree.
    pub fn quorum(&self, id: ContractId) -> Result<ContractSecret, KeyStoreError> {
        if let Some(secret) = self.quorum.get() {
            return Ok(secret.of(id));
        }
        let secret = self.store.quorum_secret()?;
        Ok(self.quorum.get_or_init(|| secret).of(id))
    }
}
