//! The Phat chain in memory.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId, ManifestHash, WorkerId};
use phat_worker_client::ChainTrust;
use phat_worker_service::chain::{
    ChainContract, ChainError, ChainView, ClusterState, KnownContracts,
};
use tokio::sync::watch;

pub const GENESIS: [u8; 32] = [0xee; 32];

/// The nodes that the model is connected to.
pub const PEERS: u64 = 3;

/// What the chain holds at its newest finalised block.
#[derive(Clone, Default)]
pub struct Held {
    pub state: ClusterState,
    pub contracts: BTreeMap<ContractId, ChainContract>,
    pub codes: BTreeMap<CodeHash, Vec<u8>>,
    pub is_down: bool,
    /// Contracts that were read so far, by whomever.
    pub reads: usize,
    /// After how many of them the next one fails, once.
    pub break_at: Option<usize>,
}

/// The chain.
#[derive(Clone)]
pub struct ModelChain(Arc<watch::Sender<Held>>);

impl ModelChain {
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Held::default())))
    }

    /// Finalises a block in which this changes.
    pub fn change(&self, change: impl FnOnce(&mut Held)) {
        self.0.send_modify(|held| {
            change(held);
            held.state.block += 1;
        });
    }

    pub fn join(&self, worker: WorkerId) {
        self.change(|held| held.state.members.push(worker));
    }

    pub fn create(&self, contract: ChainContract, code: &[u8]) {
        self.change(|held| {
            held.codes.insert(CodeHash::of(code), code.to_vec());
            held.contracts.insert(contract.id, contract);
        });
    }

    /// Contracts that were read so far.
    pub fn reads(&self) -> usize {
        self.0.borrow().reads
    }

    /// Counts one more contract that is read.
    fn read(&self) -> Result<(), ChainError> {
        let mut is_broken = false;
        self.0.send_if_modified(|held| {
            is_broken = held.break_at.take_if(|at| *at == held.reads).is_some();
            held.reads += usize::from(!is_broken);
            false
        });
        if is_broken {
            return Err(ChainError::Unreachable("it broke off".into()));
        }
        Ok(())
    }

    fn up(&self) -> Result<Held, ChainError> {
        let held = self.0.borrow().clone();
        if held.is_down {
            return Err(ChainError::Unreachable("it is down".into()));
        }
        Ok(held)
    }
}

#[async_trait]
impl ChainView for ModelChain {
    fn trust(&self) -> ChainTrust {
        ChainTrust::LightClient
    }

    async fn peers(&self) -> Option<u64> {
        Some(PEERS)
    }

    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError> {
        self.up().map(|_| GENESIS)
    }

    async fn finalized(&self, after: Option<u64>) -> Result<u64, ChainError> {
        let mut held = self.0.subscribe();
        let newer = held
            .wait_for(|held| held.is_down || after.is_none_or(|after| held.state.block > after))
            .await;
        drop(newer);
        self.up().map(|held| held.state.block)
    }

    async fn cluster(
        &self,
        _cluster: ClusterId,
        contracts: &mut KnownContracts,
    ) -> Result<ClusterState, ChainError> {
        let held = self.up()?;
        let entry = |contract: &ChainContract| (contract.id, ManifestHash::of(&contract.manifest));
        let listed: Vec<_> = held.contracts.values().map(entry).collect();
        for (id, hash) in contracts.missing(&listed) {
            self.read()?;
            contracts.insert(hash, held.contracts[&id].clone());
        }
        Ok(held.state)
    }

    async fn operator(&self, _worker: WorkerId) -> Result<Option<AccountBytes>, ChainError> {
        self.up().map(|_| Some(AccountBytes([3; 32])))
    }

    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>, ChainError> {
        self.up().map(|held| held.codes.get(&hash).cloned())
    }
}
