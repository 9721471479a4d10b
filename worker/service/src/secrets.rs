//! The secrets of contracts: read from the chain as they are sealed, and opened for each run.
//!
//! In the open they are in memory only, for as long as the run that gets them, and then wiped.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use phat_engine::Secrets;
use phat_primitives::{
    ClusterId, ContractId,
    secret::{SEAL_INFO, seal_data},
};
use zeroize::Zeroizing;

use crate::{
    chain::{ChainError, ChainView, SealedSecret, SealedSecrets},
    contracts::Contract,
    health::Health,
    keys::WorkerKeys,
};

/// What of a contract is at fault when one of its secrets cannot be read.
pub const FAULT: &str = "secrets";

/// Contracts whose sealed secrets are kept in memory.
const KEPT_CONTRACTS_MAX: usize = 1_024;
/// The most bytes of sealed secrets that are kept in memory: those of 32 contracts that have as
/// many and as long ones as the chain lets them.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Gives runs the secrets of their contracts.
pub struct SecretsReader {
    chain: Arc<dyn ChainView>,
    cluster: ClusterId,
    keys: Arc<WorkerKeys>,
    health: Health,
    kept: Mutex<Kept>,
}

/// Sealed secrets, by contract, what was read last at the end.
#[derive(Default)]
struct Kept {
    contracts: VecDeque<(ContractId, Arc<SealedSecrets>)>,
    bytes: usize,
}

impl SecretsReader {
    /// A reader of the secrets of this cluster's contracts, which notes in `health` what cannot be
    /// read.
    pub fn new(
        chain: Arc<dyn ChainView>,
        cluster: ClusterId,
        keys: Arc<WorkerKeys>,
        health: Health,
    ) -> Self {
        Self {
            chain,
            cluster,
            keys,
            health,
            kept: Mutex::default(),
        }
    }

    /// The secrets of a contract that have these names, on the chain with this first block.
    ///
    /// One that cannot be opened is among them as such: a run that does not read it goes well. The
    /// error is that the chain could not be read.
    pub async fn of(
        &self,
        contract: &Contract,
        names: &[String],
        genesis_hash: [u8; 32],
    ) -> Result<Secrets, ChainError> {
        let id = contract.on_chain.id;
        let sealed = match contract.secrets_changed_at {
            Some(changed_at) if !names.is_empty() => Some(self.sealed(id, changed_at).await?),
            _ => None,
        };
        let mut secrets = Secrets::default();
        let mut problems = Vec::new();
        for secret in sealed.iter().flat_map(|sealed| &sealed.secrets) {
            if !names.contains(&secret.name) {
                continue;
            }
            let name = secret.name.clone();
            match self.open(id, secret, genesis_hash) {
                Ok(value) => secrets.insert(name, value),
                Err(why) => {
                    problems.push(format!("{name:?} cannot be read: {why}"));
                    secrets.insert_unreadable(name, why);
                }
            }
        }
        if problems.is_empty() {
            self.health.contract_well(id, FAULT);
        } else {
            self.health.contract_fault(id, FAULT, problems.join("; "));
        }
        Ok(secrets)
    }

    /// One secret of a contract, which stays in the worker: it checks what is sent there.
    /// None if it is not set, or cannot be opened.
    pub async fn one(
        &self,
        contract: &Contract,
        name: &str,
        genesis_hash: [u8; 32],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ChainError> {
        let id = contract.on_chain.id;
        let Some(changed_at) = contract.secrets_changed_at else {
            return Ok(None);
        };
        let sealed = self.sealed(id, changed_at).await?;
        let found = sealed.secrets.iter().find(|secret| secret.name == name);
        Ok(found.and_then(|secret| self.open(id, secret, genesis_hash).ok()))
    }

    fn open(
        &self,
        contract: ContractId,
        secret: &SealedSecret,
        genesis_hash: [u8; 32],
    ) -> Result<Zeroizing<Vec<u8>>, String> {
        let SealedSecret {
            name,
            generation,
            sealed,
        } = secret;
        let set_again = format!("`phat secret set {contract} {name}`");
        let Some(key) = self.keys.decryption_key(*generation) else {
            return Err(format!(
                "it is sealed to the cluster's key of generation {generation}, which this worker \
                 does not have; another worker may have it, and if the cluster has a newer key \
                 the owner can seal it to that with {set_again}"
            ));
        };
        let data = seal_data(&genesis_hash, &contract, name, *generation);
        key.open(SEAL_INFO, &data, sealed)
            .map_err(|error| format!("{error}; the owner can set it again with {set_again}"))
    }

    /// The secrets of a contract as of this block or a later one, from memory or from the chain.
    async fn sealed(
        &self,
        contract: ContractId,
        changed_at: u64,
    ) -> Result<Arc<SealedSecrets>, ChainError> {
        if let Some(known) = self.kept.lock().get(contract, changed_at) {
            return Ok(known);
        }
        let read = Arc::new(self.chain.secrets(self.cluster, contract).await?);
        self.kept.lock().insert(contract, read.clone());
        Ok(read)
    }
}

impl Kept {
    fn get(&self, contract: ContractId, changed_at: u64) -> Option<Arc<SealedSecrets>> {
        let mut known = self.contracts.iter();
        let (_, sealed) = known.find(|(id, _)| *id == contract)?;
        (sealed.changed_at >= Some(changed_at)).then(|| sealed.clone())
    }

    fn insert(&mut self, contract: ContractId, sealed: Arc<SealedSecrets>) {
        if let Some(index) = self.contracts.iter().position(|(id, _)| *id == contract) {
            self.remove(index);
        }
        let bytes = size(&sealed);
        while !self.contracts.is_empty()
            && (self.contracts.len() >= KEPT_CONTRACTS_MAX || self.bytes + bytes > KEPT_BYTES_MAX)
        {
            self.remove(0);
        }
        self.bytes += bytes;
        self.contracts.push_back((contract, sealed));
    }

    fn remove(&mut self, index: usize) {
        if let Some((_, sealed)) = self.contracts.remove(index) {
            self.bytes -= size(&sealed);
        }
    }
}

/// What a contract's secrets take in memory, about.
fn size(sealed: &SealedSecrets) -> usize {
    let secrets = sealed.secrets.iter();
    secrets
        .map(|secret| size_of::<SealedSecret>() + secret.name.len() + secret.sealed.len())
        .sum()
}

#[cfg(test)]
mod tests {
    use phat_primitives::limits::{SECRET_SEALED_BYTES_MAX, SECRETS_MAX};

    use super::*;

    fn id(number: u32) -> ContractId {
        let mut id = ContractId::default();
        id.0[..4].copy_from_slice(&number.to_be_bytes());
        id
    }

    fn sealed(changed_at: u64, count: u32, bytes: u32) -> Arc<SealedSecrets> {
        let secret = |index| SealedSecret {
            name: format!("secret-{index}"),
            generation: 0,
            sealed: vec![0; bytes as usize],
        };
        Arc::new(SealedSecrets {
            changed_at: Some(changed_at),
            secrets: (0..count).map(secret).collect(),
        })
    }

    #[test]
    fn what_has_changed_is_not_taken_from_memory() {
        let mut kept = Kept::default();
        kept.insert(id(1), sealed(5, 1, 48));
        assert!(kept.get(id(1), 6).is_none());
        assert!(kept.get(id(2), 5).is_none());
        // A run may know of an older state than what was read for another.
        assert_eq!(kept.get(id(1), 4).unwrap().changed_at, Some(5));
        kept.insert(id(1), sealed(6, 2, 48));
        assert_eq!(kept.get(id(1), 6).unwrap().secrets.len(), 2);
        assert_eq!(kept.contracts.len(), 1);
        assert_eq!(kept.bytes, size(&sealed(6, 2, 48)));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut kept = Kept::default();
        for number in 0..=KEPT_CONTRACTS_MAX as u32 {
            kept.insert(id(number), sealed(1, 1, 48));
        }
        assert_eq!(kept.contracts.len(), KEPT_CONTRACTS_MAX);
        assert!(kept.get(id(0), 1).is_none());
        assert!(kept.get(id(1), 1).is_some());

        let largest = sealed(1, SECRETS_MAX, SECRET_SEALED_BYTES_MAX);
        assert!(size(&largest) < KEPT_BYTES_MAX);
        for number in 0..40 {
            kept.insert(id(number), largest.clone());
            assert!(kept.bytes <= KEPT_BYTES_MAX);
        }
        assert!(kept.get(id(39), 1).is_some());
        let sizes = kept.contracts.iter().map(|(_, sealed)| size(sealed));
        assert_eq!(kept.bytes, sizes.sum::<usize>());
    }
}
