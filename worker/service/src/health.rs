//! Whether the worker can do its work, and why not.

use std::{collections::BTreeMap, fmt::Display, sync::Arc};

use parking_lot::Mutex;
use phat_primitives::ContractId;

/// The faults of all parts of the worker, and apart from them those of single
/// contracts: what one of them has set up wrongly is no fault of the worker. A
/// change is logged, a state is not, so an outage of an hour is two lines.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<String, String>>>,
    contracts: Arc<Mutex<BTreeMap<ContractId, BTreeMap<String, String>>>>,
}

impl Health {
    /// Notes that `part` does not work.
    pub fn fault(&self, part: &str, reason: impl Display) {
        let reason = reason.to_string();
        let before = self.parts.lock().insert(part.into(), reason.clone());
        match before {
            None => tracing::warn!(part, reason, "fault"),
            Some(before) if before != reason => tracing::debug!(part, reason, "fault goes on"),
            Some(_) => {}
        }
    }

    /// Notes that `part` works.
    pub fn well(&self, part: &str) {
        if self.parts.lock().remove(part).is_some() {
            tracing::info!(part, "recovered");
        }
    }

    /// What does not work, as `part: reason`.
    pub fn reasons(&self) -> Vec<String> {
        listed(&self.parts.lock())
    }

    /// Notes that `part` of a contract, such as one of its anchors, does not work.
    pub fn contract_fault(&self, contract: ContractId, part: &str, reason: impl Display) {
        let reason = reason.to_string();
        let mut contracts = self.contracts.lock();
        let faults = contracts.entry(contract).or_default();
        match faults.insert(part.into(), reason.clone()) {
            None => tracing::warn!(%contract, part, reason, "fault of a contract"),
            Some(before) if before != reason => {
                tracing::debug!(%contract, part, reason, "fault of a contract goes on");
            }
            Some(_) => {}
        }
    }

    /// Notes that `part` of a contract works, or is not there any more.
    pub fn contract_well(&self, contract: ContractId, part: &str) {
        let mut contracts = self.contracts.lock();
        let Some(faults) = contracts.get_mut(&contract) else {
            return;
        };
        if faults.remove(part).is_some() {
            tracing::info!(%contract, part, "a contract recovered");
        }
        if faults.is_empty() {
            contracts.remove(&contract);
        }
    }

    /// What of a contract does not work, as `part: reason`.
    pub fn contract_reasons(&self, contract: ContractId) -> Vec<String> {
        self.contracts
            .lock()
            .get(&contract)
            .map(listed)
            .unwrap_or_default()
    }
}

fn listed(faults: &BTreeMap<String, String>) -> Vec<String> {
    faults
        .iter()
        .map(|(part, reason)| format!("{part}: {reason}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_listed_until_they_are_mended() {
        let health = Health::default();
        health.fault("chain", "down");
        health.fault("journal", "full");
        health.fault("journal", "still full");
        assert_eq!(health.reasons(), ["chain: down", "journal: still full"]);
        health.well("journal");
        health.well("journal");
        health.well("chain");
        assert!(health.reasons().is_empty());
    }

    #[test]
    fn faults_of_a_contract_are_its_own() {
        let health = Health::default();
        let [bad, good] = [1, 2].map(|tag| ContractId([tag; 32]));
        health.contract_fault(bad, "anchor", "no contract there");
        assert_eq!(health.contract_reasons(bad), ["anchor: no contract there"]);
        assert!(health.contract_reasons(good).is_empty());
        assert!(health.reasons().is_empty());
        health.contract_well(bad, "anchor");
        health.contract_well(bad, "anchor");
        assert!(health.contract_reasons(bad).is_empty());
    }
}
