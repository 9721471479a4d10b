//! The Phat chain in memory.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use phat_primitives::{
    AccountBytes, ClusterId, ClusterKey, CodeHash, ContractId, ManifestHash, WorkerId,
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
};
use phat_worker_client::ChainTrust;
use phat_worker_service::chain::{
    Attestor, ChainContract, ChainError, ChainView, ClusterState, KeyPublisher, KnownContracts,
    Member, PublishedKey, SealedSecret, SealedSecrets,
};
use tokio::sync::watch;

use super::performance::Economy;

pub const GENESIS: [u8; 32] = [0xee; 32];

/// The nodes that the model is connected to.
pub const PEERS: u64 = 3;

/// What is staked to each contract that a test creates, until it says otherwise.
pub const STAKE: u128 = 1_000_000_000_000;

/// What the chain holds at its newest finalised block.
#[derive(Clone, Default)]
pub struct Held {
    pub state: ClusterState,
    pub contracts: BTreeMap<ContractId, ChainContract>,
    pub codes: BTreeMap<CodeHash, Vec<u8>>,
    /// Where workers are, whether they serve or not.
    pub workers: BTreeMap<WorkerId, Member>,
    pub keys: BTreeMap<u32, PublishedKey>,
    pub attestors: BTreeMap<ContractId, Attestor>,
    /// Transactions about keys that somebody paid for.
    pub paid: usize,
    pub secrets: BTreeMap<ContractId, Vec<SealedSecret>>,
    /// The worker's session and benchmark.
    pub economy: Economy,
    pub is_down: bool,
    /// Contracts that were read so far, by whomever.
    pub reads: usize,
    /// How often the secrets of a contract were read.
    pub secrets_reads: usize,
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
            let staked = &mut held.state.stakes.staked;
            staked.entry(contract.id).or_insert(STAKE);
            held.contracts.insert(contract.id, contract);
        });
    }

    /// Has so much be staked to a contract, in place of what is.
    pub fn stake(&self, contract: ContractId, amount: u128) {
        self.change(|held| {
            let staked = &mut held.state.stakes.staked;
            staked.retain(|id, _| *id != contract);
            if amount > 0 {
                staked.insert(contract, amount);
            }
        });
    }

    /// Gives a contract these secrets in place of those that it has.
    pub fn set_secrets(&self, contract: ContractId, secrets: Vec<SealedSecret>) {
        self.change(|held| {
            let changed_at = held.state.block + 1;
            if secrets.is_empty() {
                held.state.secrets.remove(&contract);
            } else {
                held.state.secrets.insert(contract, changed_at);
            }
            held.secrets.insert(contract, secrets);
        });
    }

    /// The newest finalised block.
    pub fn block(&self) -> u64 {
        self.0.borrow().state.block
    }

    /// How often the secrets of a contract were read so far.
    pub fn secrets_reads(&self) -> usize {
        self.0.borrow().secrets_reads
    }

    /// What the chain holds now.
    pub fn held(&self) -> Held {
        self.0.borrow().clone()
    }

    /// Has the cluster's next key be this one of `worker`.
    pub fn publish(&self, key: ClusterKey, worker: WorkerId) {
        self.change(|held| {
            let generation = held.state.keys.open().unwrap();
            held.keys.insert(generation, PublishedKey { key, worker });
            held.state.keys.current = Some(generation);
            held.state.keys.is_rotation_requested = false;
        });
    }

    /// Asks the cluster for another key.
    pub fn request_rotation(&self) {
        self.change(|held| held.state.keys.is_rotation_requested = true);
    }

    /// Waits until this holds of what the chain holds.
    pub async fn until(&self, holds: impl Fn(&Held) -> bool) {
        let mut held = self.0.subscribe();
        held.wait_for(|held| holds(held)).await.unwrap();
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

    pub(super) fn up(&self) -> Result<Held, ChainError> {
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

    async fn secrets(
        &self,
        _cluster: ClusterId,
        contract: ContractId,
    ) -> Result<SealedSecrets, ChainError> {
        let held = self.up()?;
        self.0.send_if_modified(|held| {
            held.secrets_reads += 1;
            false
        });
        Ok(SealedSecrets {
            changed_at: held.state.secrets.get(&contract).copied(),
            secrets: held.secrets.get(&contract).cloned().unwrap_or_default(),
        })
    }

    async fn operator(&self, _worker: WorkerId) -> Result<Option<AccountBytes>, ChainError> {
        self.up().map(|_| Some(AccountBytes([3; 32])))
    }

    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>, ChainError> {
        self.up().map(|held| held.codes.get(&hash).cloned())
    }

    async fn member(
        &self,
        _cluster: ClusterId,
        worker: WorkerId,
    ) -> Result<Option<Member>, ChainError> {
        let held = self.up()?;
        let is_active = held.state.members.contains(&worker);
        let known = held.workers.get(&worker).filter(|_| is_active);
        Ok(known.cloned())
    }

    async fn cluster_key(
        &self,
        _cluster: ClusterId,
        generation: u32,
    ) -> Result<Option<PublishedKey>, ChainError> {
        self.up().map(|held| held.keys.get(&generation).copied())
    }

    async fn attestor(&self, contract: ContractId) -> Result<Option<Attestor>, ChainError> {
        self.up().map(|held| held.attestors.get(&contract).copied())
    }
}

/// An account with money.
#[async_trait]
impl KeyPublisher for ModelChain {
    async fn publish_key(
        &self,
        announcement: &ClusterKeyAnnouncement,
        _signature: [u8; 64],
    ) -> Result<(), ChainError> {
        let held = self.up()?;
        assert!(held.state.members.contains(&announcement.worker));
        if held.state.keys.open() == Some(announcement.generation) {
            self.publish(announcement.key, announcement.worker);
        }
        self.change(|held| held.paid += 1);
        Ok(())
    }

    async fn publish_attestor(
        &self,
        statement: &AttestorStatement,
        _signature: [u8; 64],
    ) -> Result<(), ChainError> {
        let held = self.up()?;
        assert_eq!(held.state.keys.current, Some(statement.generation));
        self.change(|held| {
            let attestor = Attestor {
                public_key: statement.public_key,
                generation: statement.generation,
            };
            held.attestors.insert(statement.contract, attestor);
            held.paid += 1;
        });
        Ok(())
    }
}
