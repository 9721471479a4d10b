//! Reading the chain as it was at one block.

use futures::FutureExt;
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId, ManifestHash, WorkerId};
use subxt::utils::{H256, Static};

use crate::{
    BlockHash, ChainError, Contract, Worker,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            pallet_phat_contracts::types::ContractInfo, pallet_preimage::RequestStatus,
        },
    },
    client::ClientAtBlock,
};

/// The chain as it was at one block.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) at: ClientAtBlock,
}

/// Reads one value of a map of the chain, or `None` when it has no such key.
macro_rules! read {
    ($state:expr, $address:expr, $($key:expr),+) => {
        match in_time($state.at.storage().entry($address)?.try_fetch(($($key,)+))).await? {
            Some(value) => Some(value.decode().map_err(subxt::Error::from)?),
            None => None,
        }
    };
}

pub(crate) use read;

impl State {
    pub(crate) fn new(at: ClientAtBlock) -> Self {
        Self { at }
    }

    /// The number of the block.
    pub fn number(&self) -> u64 {
        self.at.block_number()
    }

    /// The hash of the block.
    pub fn hash(&self) -> BlockHash {
        BlockHash(self.at.block_hash().0)
    }

    /// When the block was made, by the clock of the validator that made it, in milliseconds since
    /// 1970. The first block was made at no time.
    pub async fn made_at_ms(&self) -> Result<Option<u64>, ChainError> {
        let address = api::storage().timestamp().now();
        let time = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        let time: u64 = time.decode().map_err(subxt::Error::from)?;
        Ok((time > 0).then_some(time))
    }

    /// A registered worker.
    pub async fn worker(&self, worker: &WorkerId) -> Result<Option<Worker>, ChainError> {
        let info = read!(self, api::storage().registry().workers(), Static(*worker));
        info.map(|info| {
            Ok(Worker {
                operator: AccountBytes(info.operator.0),
                encryption_key: info.encryption_key.0,
                endpoint: text(info.endpoint.0, "endpoint")?,
                attestation: info.attestation.0,
                registered_at: info.registered_at,
            })
        })
        .transpose()
    }

    /// Whether a cluster exists.
    pub async fn cluster_exists(&self, cluster: ClusterId) -> Result<bool, ChainError> {
        let info = read!(
            self,
            api::storage().phat_contracts().clusters(),
            Static(cluster)
        );
        Ok(info.is_some())
    }

    /// The cluster that a worker serves.
    pub async fn cluster_of(&self, worker: &WorkerId) -> Result<Option<ClusterId>, ChainError> {
        let cluster = read!(
            self,
            api::storage().phat_contracts().cluster_of(),
            Static(*worker)
        );
        Ok(cluster.map(|cluster| cluster.0))
    }

    /// The workers that serve a cluster, in ascending order.
    pub async fn cluster_members(&self, cluster: ClusterId) -> Result<Vec<WorkerId>, ChainError> {
        let members = read!(
            self,
            api::storage().phat_contracts().cluster_members(),
            Static(cluster)
        );
        Ok(members.map_or_else(Vec::new, |list| list.0.into_iter().map(|id| id.0).collect()))
    }

    /// Those of them that are active, in ascending order: the others' attestations have expired or
    /// do not count any more.
    pub async fn active_workers(&self, cluster: ClusterId) -> Result<Vec<WorkerId>, ChainError> {
        let call = api::runtime_apis()
            .workers_api()
            .active_workers(Static(cluster));
        let workers = in_time(self.at.runtime_apis().call(call)).await?;
        Ok(workers.into_iter().map(|worker| worker.0).collect())
    }

    /// How long an attestation vouches for a worker at the most, in seconds, if it is made now.
    pub async fn attestation_life_max_s(&self) -> Result<u64, ChainError> {
        let address = api::storage().registry().attestation_life_max_s();
        let life = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        Ok(life.decode().map_err(subxt::Error::from)?)
    }

    /// A contract.
    pub async fn contract(&self, id: &ContractId) -> Result<Option<Contract>, ChainError> {
        let info = read!(
            self,
            api::storage().phat_contracts().contracts(),
            Static(*id)
        );
        info.map(|info| contract(*id, info)).transpose()
    }

    /// The contracts that a cluster serves, in no order, each with the hash of its manifest. A
    /// contract's id and this hash together fix all that there is to [`State::contract`].
    pub async fn contracts_of_cluster(
        &self,
        cluster: ClusterId,
    ) -> Result<Vec<(ContractId, ManifestHash)>, ChainError> {
        let map = self
            .at
            .storage()
            .entry(api::storage().phat_contracts().cluster_contracts())?;
        let mut entries = in_time(map.iter((Static(cluster),))).await?;
        let mut contracts = Vec::new();
        while let Some(entry) = in_time(entries.next().map(Option::transpose)).await? {
            let (_, contract) = entry
                .key()
                .and_then(|key| key.decode())
                .map_err(subxt::Error::from)?;
            let manifest_hash = entry.value().decode().map_err(subxt::Error::from)?;
            contracts.push((contract.0, manifest_hash.0));
        }
        Ok(contracts)
    }

    /// The bytes of an uploaded code. They are checked against the hash.
    pub async fn code(&self, code_hash: &CodeHash) -> Result<Option<Vec<u8>>, ChainError> {
        let Some(len) = self.code_len(code_hash).await? else {
            return Ok(None);
        };
        let key = (H256(code_hash.0), len);
        let bytes = read!(self, api::storage().preimage().preimage_for(), key);
        let bytes = bytes
            .map(|bounded| bounded.0)
            .ok_or(ChainError::CodeCorrupt)?;
        if CodeHash::of(&bytes) != *code_hash {
            return Err(ChainError::CodeCorrupt);
        }
        Ok(Some(bytes))
    }

    /// The length in bytes of an uploaded code.
    pub async fn code_len(&self, code_hash: &CodeHash) -> Result<Option<u32>, ChainError> {
        let info = read!(
            self,
            api::storage().phat_contracts().codes(),
            Static(*code_hash)
        );
        Ok(info.map(|info| info.len))
    }

    /// Whether the bytes with this hash are noted as a preimage.
    pub(crate) async fn is_noted(&self, code_hash: &CodeHash) -> Result<bool, ChainError> {
        let key = H256(code_hash.0);
        let status = read!(self, api::storage().preimage().request_status_for(), key);
        Ok(match status {
            Some(RequestStatus::Unrequested { .. }) => true,
            Some(RequestStatus::Requested { maybe_len, .. }) => maybe_len.is_some(),
            None => false,
        })
    }
}

fn contract(
    id: ContractId,
    info: ContractInfo<subxt::utils::AccountId32, u128>,
) -> Result<Contract, ChainError> {
    Ok(Contract {
        id,
        owner: AccountBytes(info.owner.0),
        cluster: info.cluster.0,
        code_hash: info.code_hash.0,
        manifest: text(info.manifest.0, "manifest")?,
    })
}

pub(crate) fn text(bytes: Vec<u8>, what: &'static str) -> Result<String, ChainError> {
    String::from_utf8(bytes).map_err(|_| ChainError::NotText(what))
}
