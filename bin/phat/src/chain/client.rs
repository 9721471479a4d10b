//! The chain through a node.

mod economy;
mod governance;
mod secrets;
mod stakes;

use std::sync::{PoisonError, RwLock};

use anyhow::{Result, bail};
use async_trait::async_trait;
use phat_chain_client::{BlockHash, ChainClient, ChainError, Included, NewContract, Signer, State};
use phat_primitives::{
    AccountBytes, ClusterId, ClusterKey, CodeHash, ContractId, EncryptionKey, WorkerId,
};

use super::{Batch, Block, ChainReader, ChainWriter, Contract, Worker};

/// How many clusters are looked through: as many as the runtime's `MaxClusters`
/// lets there be. They are numbered from 0 on.
const CLUSTERS_MAX: u32 = 1_024;

/// A connection to a node that is made again when it is lost.
pub struct Client {
    url: String,
    connection: RwLock<ChainClient>,
}

/// A connection with an account that signs.
pub struct SigningClient {
    client: Client,
    signer: Signer,
}

/// Connects to the node at `url`.
pub async fn connect(url: &str) -> Result<Client> {
    Ok(Client {
        url: url.to_owned(),
        connection: RwLock::new(ChainClient::connect(url).await?),
    })
}

/// Connects to the node at `url`, to sign with the key that `suri` names.
pub async fn connect_as(url: &str, suri: &str) -> Result<SigningClient> {
    // A mistyped key is told before the node is needed.
    let signer = Signer::from_uri(suri)?;
    Ok(SigningClient {
        client: connect(url).await?,
        signer,
    })
}

/// The account of the key that `suri` names.
pub fn account_of(suri: &str) -> Result<AccountBytes> {
    Ok(Signer::from_uri(suri)?.account())
}

impl Client {
    fn connection(&self) -> ChainClient {
        let connection = self.connection.read();
        connection.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest finalised block, over a new connection if the old one is lost.
    async fn latest(&self) -> Result<State> {
        let connection = self.connection();
        match connection.latest().await {
            Err(error) if error.is_connection() => {}
            result => return Ok(result?),
        }
        let fresh = ChainClient::connect(&self.url).await?;
        if fresh.genesis_hash() != connection.genesis_hash() {
            bail!("the node at {} serves another chain than before", self.url);
        }
        let state = fresh.latest().await?;
        *self
            .connection
            .write()
            .unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(state)
    }
}

#[async_trait]
impl ChainReader for Client {
    fn genesis_hash(&self) -> [u8; 32] {
        self.connection().genesis_hash().0
    }

    async fn finalised(&self) -> Result<Block> {
        Ok(block_of(&self.latest().await?))
    }

    async fn contract(&self, id: ContractId) -> Result<Option<Contract>> {
        let contract = self.latest().await?.contract(&id).await?;
        Ok(contract.map(|contract| Contract {
            owner: contract.owner,
            cluster: contract.cluster,
            code_hash: contract.code_hash,
            manifest: contract.manifest,
        }))
    }

    async fn has_code(&self, hash: CodeHash) -> Result<bool> {
        Ok(self.latest().await?.code_len(&hash).await?.is_some())
    }

    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>> {
        Ok(self.latest().await?.code(&hash).await?)
    }

    async fn worker(&self, id: WorkerId) -> Result<Option<Worker>> {
        Ok(worker_at(&self.latest().await?, id).await?)
    }

    async fn batch(&self, worker: WorkerId, number: u32) -> Result<Option<Batch>> {
        Ok(self.latest().await?.batch(&worker, number).await?)
    }

    async fn workers(&self) -> Result<Vec<Worker>> {
        let state = self.latest().await?;
        let mut workers = Vec::new();
        for cluster in (0..CLUSTERS_MAX).map(ClusterId) {
            if !state.cluster_exists(cluster).await? {
                break;
            }
            for id in state.cluster_members(cluster).await? {
                workers.extend(worker_at(&state, id).await?);
            }
        }
        Ok(workers)
    }

    async fn active_workers(&self, cluster: ClusterId) -> Result<Vec<WorkerId>> {
        Ok(self.latest().await?.active_workers(cluster).await?)
    }

    async fn cluster_key(&self, cluster: ClusterId) -> Result<Option<(u32, EncryptionKey)>> {
        let current = self.latest().await?.cluster_key(cluster).await?;
        Ok(current.map(|(generation, key)| (generation, key.encryption_key)))
    }

    async fn cluster_keys(&self) -> Result<Vec<(ClusterId, u32, ClusterKey)>> {
        let state = self.latest().await?;
        let mut keys = Vec::new();
        for cluster in (0..CLUSTERS_MAX).map(ClusterId) {
            if !state.cluster_exists(cluster).await? {
                break;
            }
            let current = state.cluster_key(cluster).await?;
            keys.extend(current.map(|(generation, key)| (cluster, generation, key)));
        }
        Ok(keys)
    }
}

async fn worker_at(state: &State, id: WorkerId) -> Result<Option<Worker>, ChainError> {
    let Some(worker) = state.worker(&id).await? else {
        return Ok(None);
    };
    Ok(Some(Worker {
        id,
        encryption_key: worker.encryption_key,
        endpoint: worker.endpoint,
        cluster: state.cluster_of(&id).await?,
        attestation: worker.attestation,
    }))
}

fn block_of(state: &State) -> Block {
    Block {
        number: state.number(),
        hash: state.hash().0,
    }
}

#[async_trait]
impl ChainReader for SigningClient {
    fn genesis_hash(&self) -> [u8; 32] {
        self.client.genesis_hash()
    }

    async fn finalised(&self) -> Result<Block> {
        self.client.finalised().await
    }

    async fn contract(&self, id: ContractId) -> Result<Option<Contract>> {
        self.client.contract(id).await
    }

    async fn has_code(&self, hash: CodeHash) -> Result<bool> {
        self.client.has_code(hash).await
    }

    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>> {
        self.client.code(hash).await
    }

    async fn worker(&self, id: WorkerId) -> Result<Option<Worker>> {
        self.client.worker(id).await
    }

    async fn batch(&self, worker: WorkerId, number: u32) -> Result<Option<Batch>> {
        self.client.batch(worker, number).await
    }

    async fn workers(&self) -> Result<Vec<Worker>> {
        self.client.workers().await
    }

    async fn active_workers(&self, cluster: ClusterId) -> Result<Vec<WorkerId>> {
        self.client.active_workers(cluster).await
    }

    async fn cluster_key(&self, cluster: ClusterId) -> Result<Option<(u32, EncryptionKey)>> {
        self.client.cluster_key(cluster).await
    }

    async fn cluster_keys(&self) -> Result<Vec<(ClusterId, u32, ClusterKey)>> {
        self.client.cluster_keys().await
    }
}

impl SigningClient {
    async fn block(&self, hash: BlockHash) -> Result<Block> {
        Ok(block_of(&self.client.connection().at(hash).await?))
    }
}

#[async_trait]
impl ChainWriter for SigningClient {
    fn account(&self) -> AccountBytes {
        self.signer.account()
    }

    async fn create(&self, new: NewContract) -> Result<Block> {
        let deployment = self.client.connection().deploy(&self.signer, new).await?;
        match deployment.included {
            Some(Included { block, .. }) => self.block(block).await,
            // Someone else was faster with the very same.
            None => self.finalised().await,
        }
    }

    async fn set_manifest(&self, id: ContractId, manifest: String) -> Result<Block> {
        let connection = self.client.connection();
        let included = connection.set_manifest(&self.signer, id, manifest).await?;
        self.block(included.block).await
    }
}
