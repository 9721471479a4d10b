//! A chain in memory, for tests.

pub mod economy;
pub mod stakes;

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use anyhow::Result;
use async_trait::async_trait;
use phat_primitives::{
    AccountBytes, ClusterId, ClusterKey, CodeHash, ContractId, EncryptionKey, WorkerId,
};

use super::{
    Batch, Block, ChainReader, ChainWriter, Contract, NewContract, SealedSecret, SecretReader,
    SecretWriter, Worker,
};
use stakes::FakeStakes;

/// The account that signs.
pub const OWNER: AccountBytes = AccountBytes([7; 32]);

/// A chain whose content the test sets.
#[derive(Default)]
pub struct FakeChain {
    pub genesis_hash: [u8; 32],
    pub contracts: Mutex<Vec<(ContractId, Contract)>>,
    pub codes: Mutex<Vec<Vec<u8>>>,
    pub workers: Mutex<Vec<Worker>>,
    pub secrets: Mutex<Vec<(ContractId, SealedSecret)>>,
    pub stakes: Mutex<FakeStakes>,
    /// Workers that nothing vouches for any more.
    pub inactive: Mutex<Vec<WorkerId>>,
    /// The clusters that have a key, each with its generation.
    pub cluster_keys: Mutex<Vec<(ClusterId, u32, ClusterKey)>>,
    /// How many calls changed the chain.
    pub changes: AtomicU64,
    /// How often a contract was asked for.
    pub lookups: AtomicU64,
}

impl FakeChain {
    /// A chain with one contract of cluster 0.
    pub fn with_contract(id: ContractId, code_hash: CodeHash) -> Self {
        let chain = Self::default();
        chain.contracts.lock().unwrap().push((
            id,
            Contract {
                owner: OWNER,
                cluster: ClusterId(0),
                code_hash,
                manifest: "name = \"a\"\nentry = \"a.js\"\n".into(),
            },
        ));
        chain
    }

    fn changed(&self) -> Block {
        let number = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        Block {
            number,
            hash: [3; 32],
        }
    }

    /// Gives cluster 0 this key to encrypt to.
    pub fn set_cluster_key(&self, generation: u32, encryption_key: EncryptionKey) {
        let key = ClusterKey {
            encryption_key,
            signing_key: [0; 32],
        };
        *self.cluster_keys.lock().unwrap() = vec![(ClusterId(0), generation, key)];
    }
}

#[async_trait]
impl ChainReader for FakeChain {
    fn genesis_hash(&self) -> [u8; 32] {
        self.genesis_hash
    }

    async fn finalised(&self) -> Result<Block> {
        Ok(Block {
            number: 42,
            hash: [2; 32],
        })
    }

    async fn contract(&self, id: ContractId) -> Result<Option<Contract>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let contracts = self.contracts.lock().unwrap();
        Ok(contracts
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, contract)| contract.clone()))
    }

    async fn has_code(&self, hash: CodeHash) -> Result<bool> {
        Ok(self.code(hash).await?.is_some())
    }

    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>> {
        let codes = self.codes.lock().unwrap();
        Ok(codes
            .iter()
            .find(|code| CodeHash::of(code) == hash)
            .cloned())
    }

    async fn worker(&self, id: WorkerId) -> Result<Option<Worker>> {
        let workers = self.workers.lock().unwrap();
        Ok(workers.iter().find(|worker| worker.id == id).cloned())
    }

    async fn batch(&self, _worker: WorkerId, _number: u32) -> Result<Option<Batch>> {
        Ok(None)
    }

    async fn workers(&self) -> Result<Vec<Worker>> {
        Ok(self.workers.lock().unwrap().clone())
    }

    async fn active_workers(&self, cluster: ClusterId) -> Result<Vec<WorkerId>> {
        let inactive = self.inactive.lock().unwrap();
        let workers = self.workers.lock().unwrap();
        Ok(workers
            .iter()
            .filter(|worker| worker.cluster == Some(cluster) && !inactive.contains(&worker.id))
            .map(|worker| worker.id)
            .collect())
    }

    async fn cluster_key(&self, cluster: ClusterId) -> Result<Option<(u32, EncryptionKey)>> {
        let keys = self.cluster_keys.lock().unwrap();
        let found = keys.iter().find(|(id, ..)| *id == cluster);
        Ok(found.map(|(_, generation, key)| (*generation, key.encryption_key)))
    }

    async fn cluster_keys(&self) -> Result<Vec<(ClusterId, u32, ClusterKey)>> {
        Ok(self.cluster_keys.lock().unwrap().clone())
    }
}

#[async_trait]
impl ChainWriter for FakeChain {
    fn account(&self) -> AccountBytes {
        OWNER
    }

    async fn create(&self, new: NewContract) -> Result<Block> {
        let code_hash = CodeHash::of(&new.code);
        let id = ContractId::derive(&OWNER, new.cluster, &code_hash, &new.salt);
        if !self.has_code(code_hash).await? {
            self.codes.lock().unwrap().push(new.code);
        }
        self.contracts.lock().unwrap().push((
            id,
            Contract {
                owner: OWNER,
                cluster: new.cluster,
                code_hash,
                manifest: new.manifest,
            },
        ));
        Ok(self.changed())
    }

    async fn set_manifest(&self, id: ContractId, manifest: String) -> Result<Block> {
        for (known, contract) in self.contracts.lock().unwrap().iter_mut() {
            if *known == id {
                contract.manifest = manifest.clone();
            }
        }
        Ok(self.changed())
    }
}

#[async_trait]
impl SecretReader for FakeChain {
    async fn secrets(&self, contract: ContractId) -> Result<Vec<SealedSecret>> {
        let secrets = self.secrets.lock().unwrap();
        let of_contract = secrets.iter().filter(|(id, _)| *id == contract);
        let mut found: Vec<_> = of_contract.map(|(_, secret)| secret.clone()).collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }
}

#[async_trait]
impl SecretWriter for FakeChain {
    async fn set_secret(&self, contract: ContractId, secret: SealedSecret) -> Result<Block> {
        let mut secrets = self.secrets.lock().unwrap();
        secrets.retain(|(id, known)| (*id, &known.name) != (contract, &secret.name));
        secrets.push((contract, secret));
        Ok(self.changed())
    }

    async fn remove_secret(&self, contract: ContractId, name: String) -> Result<Block> {
        let mut secrets = self.secrets.lock().unwrap();
        secrets.retain(|(id, known)| (*id, &known.name) != (contract, &name));
        Ok(self.changed())
    }
}
