//! How much of a worker's compute each contract is entitled to.

use std::{collections::BTreeMap, num::NonZeroU32};

use phat_primitives::ContractId;

/// The weight of the contract with the largest stake. A stake below a 2⁻³² part of that one counts
/// as that part: no contract with stake waits for ever.
const WEIGHT_MAX: NonZeroU32 = NonZeroU32::MAX;

/// The weight of each contract: of two that both have work all the time, one with
/// twice the weight gets twice the compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    own: BTreeMap<ContractId, NonZeroU32>,
    /// The weight of all others.
    others: NonZeroU32,
}

impl Default for Weights {
    fn default() -> Self {
        Self::new(BTreeMap::new())
    }
}

impl Weights {
    /// The weights of these contracts. All others have the least, 1.
    pub fn new(weights: BTreeMap<ContractId, NonZeroU32>) -> Self {
        Self {
            own: weights,
            others: NonZeroU32::MIN,
        }
    }

    /// The weights of contracts with these stakes, in proportion to them.
    ///
    /// All others, and those whose stake is zero, have the weight of the one with the smallest
    /// stake. No run of theirs is to be begun, but one that was begun while they had stake goes on,
    /// and must come to its end.
    pub fn of_stakes(stakes: impl IntoIterator<Item = (ContractId, u128)>) -> Self {
        let stakes: Vec<_> = stakes.into_iter().filter(|(_, stake)| *stake > 0).collect();
        let largest = stakes.iter().map(|(_, stake)| *stake).max().unwrap_or(0);
        let own: BTreeMap<_, _> = stakes
            .into_iter()
            .map(|(contract, stake)| (contract, scaled(stake, largest)))
            .collect();
        Self {
            others: own.values().min().copied().unwrap_or(NonZeroU32::MIN),
            own,
        }
    }

    /// The weight of a contract.
    pub fn of(&self, contract: ContractId) -> NonZeroU32 {
        self.own.get(&contract).copied().unwrap_or(self.others)
    }
}

/// The weight of a stake where the largest has [`WEIGHT_MAX`], rounded to the nearest, and 1 at the
/// least.
fn scaled(stake: u128, largest: u128) -> NonZeroU32 {
    // So that no product overflows, whatever the chain says.
    let shift = u32::BITS.saturating_sub(largest.leading_zeros());
    let (stake, largest) = (stake >> shift, (largest >> shift).max(1));
    let weight = (stake * u128::from(WEIGHT_MAX.get())).saturating_add(largest / 2) / largest;
    let weight = u32::try_from(weight).ok().and_then(NonZeroU32::new);
    weight.unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHA: u128 = 1_000_000_000_000;

    fn id(tag: u8) -> ContractId {
        ContractId([tag; 32])
    }

    /// The weights of contracts 1, 2 and so on with these stakes.
    fn weights(stakes: &[u128]) -> Weights {
        let stakes = stakes.iter().enumerate();
        Weights::of_stakes(stakes.map(|(index, stake)| (id(index as u8 + 1), *stake)))
    }

    #[test]
    fn weights_are_as_the_stakes_from_the_least_to_all_that_there_is() {
        for (one, other) in [
            (3, 1),
            (1, 1),
            (7 * PHA, 3 * PHA),
            (1_000_000 * PHA, PHA),
            (100_000_000 * PHA, PHA + PHA / 3),
            (u128::MAX / 2, u128::MAX / 3),
        ] {
            let weights = weights(&[one, other]);
            let [a, b] = [1, 2].map(|tag| f64::from(weights.of(id(tag)).get()));
            let error = (a / b) / (one as f64 / other as f64) - 1.0;
            assert!(error.abs() < 0.02, "{one}:{other} gives {a}:{b}");
        }
    }

    #[test]
    fn the_largest_has_the_largest_weight_and_the_smallest_one_at_all() {
        let weights = weights(&[u128::MAX, 1, 0]);
        assert_eq!(weights.of(id(1)), WEIGHT_MAX);
        assert_eq!(weights.of(id(2)), NonZeroU32::MIN);
    }

    #[test]
    fn whoever_has_no_stake_has_the_weight_of_whoever_has_least() {
        let weights = weights(&[8, 2, 0, 4]);
        assert_eq!(weights.of(id(3)), weights.of(id(2)));
        assert_eq!(weights.of(id(9)), weights.of(id(2)));
        assert!(weights.of(id(9)) < weights.of(id(4)));
        assert_eq!(Weights::of_stakes([]).of(id(1)), NonZeroU32::MIN);
        assert_eq!(Weights::of_stakes([]), Weights::default());
    }
}
