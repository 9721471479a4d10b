//! How much of a worker's compute each contract is entitled to.

use std::{collections::BTreeMap, num::NonZeroU32};

use phat_primitives::ContractId;

/// The weight of each contract: of two that both have work all the time, one with
/// twice the weight gets twice the compute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights(BTreeMap<ContractId, NonZeroU32>);

impl Weights {
    /// The weights of these contracts. All others have the least, 1.
    pub fn new(weights: BTreeMap<ContractId, NonZeroU32>) -> Self {
        Self(weights)
    }

    /// The weight of a contract.
    pub fn of(&self, contract: ContractId) -> NonZeroU32 {
        self.0.get(&contract).copied().unwrap_or(NonZeroU32::MIN)
    }
}
