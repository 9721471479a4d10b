//! The keys that a running worker uses.

use phat_keys::{ClusterSecret, ContractKeys, ContractSecret, KeyStore};
use phat_primitives::{ContractId, WorkerId};

/// The worker's own keys and its cluster's.
pub struct WorkerKeys {
    store: KeyStore,
    cluster: ClusterSecret,
}

impl WorkerKeys {
    /// The keys of a worker in the cluster with this secret.
    pub fn new(store: KeyStore, cluster: ClusterSecret) -> Self {
        Self { store, cluster }
    }

    /// The worker's own keys.
    pub fn store(&self) -> &KeyStore {
        &self.store
    }

    /// The worker's id.
    pub fn worker_id(&self) -> WorkerId {
        self.store.worker_id()
    }

    /// The keys that a contract uses itself.
    pub fn contract_keys(&self, id: ContractId) -> ContractKeys {
        self.cluster.contract_keys(id)
    }

    /// The key that signs a contract's outcomes.
    pub fn contract(&self, id: ContractId) -> ContractSecret {
        self.cluster.secp256k1(id)
    }
}
