//! What is staked to contracts, by which workers divide their compute.

use std::collections::BTreeMap;

use futures::FutureExt;
use phat_primitives::{AccountBytes, ClusterId, ContractId};
use subxt::utils::{AccountId32, Static};

use crate::{
    ChainClient, ChainError, Included, Signer, State,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            pallet_contract_stake::pallet::Call as ContractStakeCall, phat_runtime::RuntimeCall,
        },
    },
    state::read,
};

/// The whole, where parts of it are counted in millionths.
const MILLION: u128 = 1_000_000;
/// The bits of [`MILLION`].
const MILLION_BITS: u32 = 20;

/// What is staked to the contracts of a cluster. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractStakes {
    /// What is staked to each contract that has stake.
    pub staked: BTreeMap<ContractId, u128>,
    /// What a contract counts for at the least.
    pub free_allowance: u128,
}

impl ContractStakes {
    /// What is staked to a contract.
    pub fn staked_to(&self, contract: &ContractId) -> u128 {
        self.staked.get(contract).copied().unwrap_or(0)
    }

    /// What a contract counts for: what is staked to it, and the free allowance at the least. With
    /// zero it is not run.
    pub fn weight(&self, contract: &ContractId) -> u128 {
        self.staked_to(contract).max(self.free_allowance)
    }

    /// The part of the cluster's compute that a contract is entitled to among these, which it is one
    /// of, in millionths, rounded down.
    pub fn share_ppm(
        &self,
        contract: &ContractId,
        contracts: impl IntoIterator<Item = ContractId>,
    ) -> u32 {
        let weights = contracts.into_iter().map(|other| self.weight(&other));
        let total = weights.fold(0, u128::saturating_add);
        let weight = self.weight(contract).min(total);
        // Whatever a node says, nothing of this overflows.
        let shift = MILLION_BITS.saturating_sub(total.leading_zeros());
        let millionths = ((weight >> shift) * MILLION).checked_div(total >> shift);
        u32::try_from(millionths.unwrap_or(0)).unwrap_or(u32::MAX)
    }
}

impl State {
    /// What is staked to the contracts of a cluster.
    pub async fn contract_stakes(&self, cluster: ClusterId) -> Result<ContractStakes, ChainError> {
        let map = self
            .at
            .storage()
            .entry(api::storage().contract_stake().cluster_stakes())?;
        let mut entries = in_time(map.iter((Static(cluster),))).await?;
        let mut staked = BTreeMap::new();
        while let Some(entry) = in_time(entries.next().map(Option::transpose)).await? {
            let (_, contract) = entry
                .key()
                .and_then(|key| key.decode())
                .map_err(subxt::Error::from)?;
            let amount = entry.value().decode().map_err(subxt::Error::from)?;
            staked.insert(contract.0, amount);
        }
        Ok(ContractStakes {
            staked,
            free_allowance: self.free_allowance().await?,
        })
    }

    /// What an account has staked to a contract, which need not be there any more, in units of
    /// 10⁻¹² PHA.
    pub async fn stake_of(
        &self,
        contract: &ContractId,
        account: &AccountBytes,
    ) -> Result<u128, ChainError> {
        let address = api::storage().contract_stake().stakes();
        let stake = read!(self, address, Static(*contract), AccountId32(account.0));
        Ok(stake.unwrap_or(0))
    }

    /// The cluster that serves or served a contract, and what all accounts have staked to it, in
    /// units of 10⁻¹² PHA. `None` if nobody has.
    pub async fn total_stake(
        &self,
        contract: &ContractId,
    ) -> Result<Option<(ClusterId, u128)>, ChainError> {
        let address = api::storage().contract_stake().total_of();
        let total = read!(self, address, Static(*contract));
        Ok(total.map(|total| (total.cluster.0, total.amount)))
    }

    /// The least that an account may have staked to a contract, in units of 10⁻¹² PHA.
    pub async fn minimum_stake(&self) -> Result<u128, ChainError> {
        let address = api::storage().contract_stake().minimum_stake();
        let minimum = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        Ok(minimum.decode().map_err(subxt::Error::from)?)
    }

    /// What a contract counts for at the least, in units of 10⁻¹² PHA.
    pub async fn free_allowance(&self) -> Result<u128, ChainError> {
        let address = api::storage().contract_stake().free_allowance();
        let allowance = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        Ok(allowance.decode().map_err(subxt::Error::from)?)
    }

    /// What of an account's balance is not on hold, in units of 10⁻¹² PHA.
    pub async fn free_balance(&self, account: &AccountBytes) -> Result<u128, ChainError> {
        let address = api::storage().system().account();
        let info = read!(self, address, AccountId32(account.0));
        Ok(info.map_or(0, |info| info.data.free))
    }
}

impl ChainClient {
    /// Stakes so much to a contract, on top of what the account has staked to it. Amounts are in
    /// units of 10⁻¹² PHA.
    pub async fn stake(
        &self,
        staker: &Signer,
        contract: ContractId,
        amount: u128,
    ) -> Result<Included, ChainError> {
        let calls = api::transactions().contract_stake();
        self.submit(staker, &calls.stake(Static(contract), amount))
            .await
    }

    /// Takes back so much of what the account has staked to a contract.
    pub async fn unstake(
        &self,
        staker: &Signer,
        contract: ContractId,
        amount: u128,
    ) -> Result<Included, ChainError> {
        let calls = api::transactions().contract_stake();
        self.submit(staker, &calls.unstake(Static(contract), amount))
            .await
    }

    /// What [`Self::stake`] would cost besides the stake itself, in units of 10⁻¹² PHA.
    pub async fn stake_fee(
        &self,
        staker: &Signer,
        contract: ContractId,
        amount: u128,
    ) -> Result<u128, ChainError> {
        let calls = api::transactions().contract_stake();
        self.fee(staker, &calls.stake(Static(contract), amount))
            .await
    }

    /// What [`Self::unstake`] would cost, in units of 10⁻¹² PHA.
    pub async fn unstake_fee(
        &self,
        staker: &Signer,
        contract: ContractId,
        amount: u128,
    ) -> Result<u128, ChainError> {
        let calls = api::transactions().contract_stake();
        self.fee(staker, &calls.unstake(Static(contract), amount))
            .await
    }

    /// Has each contract of a development network count for so much at the least. With zero,
    /// contracts without stake are not run.
    pub async fn set_free_allowance_as_root(
        &self,
        root: &Signer,
        amount: u128,
    ) -> Result<Included, ChainError> {
        let call = ContractStakeCall::set_free_allowance { amount };
        self.sudo(root, RuntimeCall::ContractStake(call)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ContractId = ContractId([1; 32]);
    const B: ContractId = ContractId([2; 32]);
    const C: ContractId = ContractId([3; 32]);

    fn stakes(a: u128, b: u128, free_allowance: u128) -> ContractStakes {
        ContractStakes {
            staked: BTreeMap::from([(A, a), (B, b)]),
            free_allowance,
        }
    }

    fn shares(stakes: &ContractStakes) -> [u32; 3] {
        [A, B, C].map(|contract| stakes.share_ppm(&contract, [A, B, C]))
    }

    #[test]
    fn shares_are_as_the_stakes() {
        assert_eq!(shares(&stakes(3, 1, 0)), [750_000, 250_000, 0]);
        let pha = 1_000_000_000_000;
        let stakes = stakes(6 * pha, 3 * pha, pha);
        assert_eq!(shares(&stakes), [600_000, 300_000, 100_000]);
        assert_eq!((stakes.staked_to(&C), stakes.weight(&C)), (0, pha));
    }

    #[test]
    fn whoever_has_staked_little_counts_as_if_nobody_had() {
        let stakes = stakes(1, 30, 10);
        assert_eq!((stakes.staked_to(&A), stakes.weight(&A)), (1, 10));
        assert_eq!(shares(&stakes), [200_000, 600_000, 200_000]);
    }

    #[test]
    fn no_amount_is_too_much_and_none_is_no_share() {
        assert_eq!(shares(&stakes(0, 0, 0)), [0, 0, 0]);
        let most = u128::MAX;
        assert_eq!(shares(&stakes(most, 0, 0)), [1_000_000, 0, 0]);
        assert_eq!(
            shares(&stakes(most / 2, most / 2, 0)),
            [499_999, 499_999, 0]
        );
        // More than there can be is cut off.
        assert_eq!(shares(&stakes(most, most, 0))[0], 1_000_000);
        assert_eq!(shares(&stakes(1, 0, 0)), [1_000_000, 0, 0]);
    }
}
