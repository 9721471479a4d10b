//! The keys of clusters and the attestors of contracts.

use phat_primitives::{
    ClusterId, ClusterKey, ContractId, WorkerId,
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
};
use subxt::utils::Static;

use crate::{
    ChainClient, ChainError, Included, Signer, State,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            pallet_cluster_keys::pallet::Call as ClusterKeysCall, phat_runtime::RuntimeCall,
        },
    },
    state::read,
};

/// The pallet of all this, and why it refuses a key that another worker has published.
const PALLET: &str = "ClusterKeys";
const ALREADY_PUBLISHED: &str = "AlreadyPublished";

/// A published key of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// The key.
    pub key: ClusterKey,
    /// The worker that made it.
    pub worker: WorkerId,
}

/// The key that signs a contract's outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attestor {
    /// The key: secp256k1, SEC1 compressed.
    pub public_key: [u8; 33],
    /// The generation of the cluster's key that vouches for it.
    pub generation: u32,
}

impl State {
    /// The newest generation of a cluster's key, and the key. `None` while the cluster has none.
    pub async fn cluster_key(
        &self,
        cluster: ClusterId,
    ) -> Result<Option<(u32, ClusterKey)>, ChainError> {
        let address = api::storage().cluster_keys().current_generation();
        let Some(generation) = read!(self, address, Static(cluster)) else {
            return Ok(None);
        };
        let published = self.cluster_key_of(cluster, generation).await?;
        Ok(published.map(|published| (generation, published.key)))
    }

    /// A cluster's key of this generation.
    pub async fn cluster_key_of(
        &self,
        cluster: ClusterId,
        generation: u32,
    ) -> Result<Option<PublishedKey>, ChainError> {
        let address = api::storage().cluster_keys().keys();
        let info = read!(self, address, Static(cluster), generation);
        Ok(info.map(|info| PublishedKey {
            key: info.key.0,
            worker: info.worker.0,
        }))
    }

    /// Whether a cluster is to have another key than its newest.
    pub async fn is_rotation_requested(&self, cluster: ClusterId) -> Result<bool, ChainError> {
        let address = api::storage().cluster_keys().rotation_requested();
        let requested = read!(self, address, Static(cluster));
        Ok(requested.is_some())
    }

    /// The key that signs a contract's outcomes, if it is published.
    pub async fn attestor(&self, contract: ContractId) -> Result<Option<Attestor>, ChainError> {
        let address = api::storage().cluster_keys().attestors();
        let info = read!(self, address, Static(contract));
        Ok(info.map(|info| Attestor {
            public_key: info.public_key,
            generation: info.generation,
        }))
    }
}

impl ChainClient {
    /// Publishes a cluster's key, with the signature of the worker that made it over the
    /// announcement. `signer` pays. `None` when another one of this generation is published
    /// already.
    pub async fn publish_cluster_key(
        &self,
        signer: &Signer,
        announcement: &ClusterKeyAnnouncement,
        signature: [u8; 64],
    ) -> Result<Option<Included>, ChainError> {
        let call = api::transactions().cluster_keys().publish_key(
            Static(announcement.cluster),
            announcement.generation,
            Static(announcement.key),
            Static(announcement.worker),
            signature,
        );
        match self.submit(signer, &call).await {
            Ok(included) => Ok(Some(included)),
            Err(ChainError::Refused { pallet, error, .. })
                if pallet == PALLET && error == ALREADY_PUBLISHED =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Publishes the key that signs a contract's outcomes, with the signature of its cluster over
    /// the statement. `signer` pays.
    pub async fn publish_attestor(
        &self,
        signer: &Signer,
        statement: &AttestorStatement,
        signature: [u8; 64],
    ) -> Result<Included, ChainError> {
        let call = api::transactions().cluster_keys().publish_attestor(
            Static(statement.contract),
            statement.generation,
            statement.public_key,
            signature,
        );
        self.submit(signer, &call).await
    }

    /// Asks a cluster of a development network for another key.
    pub async fn request_rotation_as_root(
        &self,
        root: &Signer,
        cluster: ClusterId,
    ) -> Result<Included, ChainError> {
        let call = ClusterKeysCall::request_rotation {
            cluster: Static(cluster),
        };
        self.sudo(root, RuntimeCall::ClusterKeys(call)).await
    }
}
