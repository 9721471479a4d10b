//! Publishes which keys sign for the cluster's contracts.

use std::{collections::BTreeMap, sync::Arc};

use phat_primitives::{ContractId, RequestId, cluster_key::AttestorStatement};

use super::{Actor, KeyError, SETTLE_BLOCKS};
use crate::{
    chain::KeyPublisher,
    contracts::{Contract, Snapshot},
    keys::Generation,
};

/// Contracts that are looked up on the chain at one block.
const LOOKUPS_MAX: usize = 32;
/// Attestors that are published at one block. Each waits to be final.
const PUBLISHED_MAX: usize = 1;

/// What is known of the contracts' attestors on the chain.
#[derive(Default)]
pub(super) struct Attested {
    /// The generation that vouches for the attestor that the chain has, if it is the right one.
    done: BTreeMap<ContractId, u32>,
    /// The block at which it was first seen that the chain lacks one.
    lacking: BTreeMap<ContractId, u64>,
    /// The block at which it was published last.
    published: BTreeMap<ContractId, u64>,
}

impl Attested {
    fn forget_others_than(&mut self, contracts: &BTreeMap<ContractId, Arc<Contract>>) {
        self.done.retain(|id, _| contracts.contains_key(id));
        self.lacking.retain(|id, _| contracts.contains_key(id));
        self.published.retain(|id, _| contracts.contains_key(id));
    }

    /// Whether nothing was published for a contract that may yet show on the chain.
    fn is_settled(&self, contract: ContractId, block: u64) -> bool {
        let published = self.published.get(&contract);
        published.is_none_or(|at| block >= at.saturating_add(SETTLE_BLOCKS))
    }
}

impl Actor {
    /// Publishes the attestors that the chain lacks, or that only an older key vouches for, when
    /// it is this worker's turn.
    pub(super) async fn attest(&mut self, snapshot: &Snapshot) -> Result<(), KeyError> {
        self.attested.forget_others_than(&snapshot.contracts);
        let Some(publisher) = self.parts.publisher.clone() else {
            return Ok(());
        };
        let Some(current) = snapshot.keys.current else {
            return Ok(());
        };
        let Some(signer) = self.parts.keys.generation(current) else {
            return Ok(());
        };
        if !self.is_active(snapshot) {
            return Ok(());
        }
        let served = snapshot.contracts.iter();
        let served = served.filter(|(_, contract)| contract.serving.is_ok());
        let due: Vec<ContractId> = served
            .map(|(id, _)| *id)
            .filter(|id| self.attested.done.get(id) != Some(&current))
            .take(LOOKUPS_MAX)
            .collect();
        let mut published = 0;
        for contract in due {
            let Some(secret) = self.parts.keys.contract(contract) else {
                return Ok(());
            };
            let statement = AttestorStatement {
                genesis_hash: snapshot.genesis_hash,
                contract,
                generation: current,
                public_key: secret.public_key(),
            };
            let on_chain = self.parts.chain.attestor(contract).await?;
            let is_right = |found: &crate::chain::Attestor| {
                found.public_key == statement.public_key && found.generation == current
            };
            if on_chain.as_ref().is_some_and(is_right) {
                self.attested.done.insert(contract, current);
                self.attested.lacking.remove(&contract);
                self.attested.published.remove(&contract);
                continue;
            }
            let since = *self
                .attested
                .lacking
                .entry(contract)
                .or_insert(snapshot.block);
            if published < PUBLISHED_MAX
                && self.is_turn(snapshot, RequestId(contract.0), since)
                && self.attested.is_settled(contract, snapshot.block)
            {
                published += 1;
                self.attested.published.insert(contract, snapshot.block);
                publish(&*publisher, &signer, &statement).await?;
            }
        }
        Ok(())
    }
}

async fn publish(
    publisher: &dyn KeyPublisher,
    signer: &Generation,
    statement: &AttestorStatement,
) -> Result<(), KeyError> {
    let signature = signer.secret.sign_for_chain(&statement.signing_payload());
    publisher.publish_attestor(statement, signature).await?;
    tracing::info!(
        contract = %statement.contract,
        generation = statement.generation,
        "published the attestor of a contract"
    );
    Ok(())
}
