//! What is staked to contracts, in memory.

use anyhow::Result;
use async_trait::async_trait;
use phat_primitives::{AccountBytes, ClusterId, ContractId};

use super::{FakeChain, OWNER};
use crate::{
    amount::Amount,
    chain::{Block, ChainReader, StakeChange, StakeReader, StakeRules, StakeState, StakeWriter},
};

/// One PHA.
pub const PHA: u128 = 1_000_000_000_000;

/// The least stake.
pub const MINIMUM: Amount = Amount(PHA);

/// What each change costs.
pub const FEE: Amount = Amount(PHA / 1_000);

/// What is staked on a chain, and what can be.
#[derive(Debug, Default)]
pub struct FakeStakes {
    /// Who has staked what to which contract.
    pub staked: Vec<(ContractId, AccountBytes, u128)>,
    /// What [`OWNER`] has besides.
    pub free: u128,
    pub free_allowance: u128,
}

impl FakeStakes {
    fn sum(&self, is_counted: impl Fn(ContractId, AccountBytes) -> bool) -> u128 {
        let counted = self.staked.iter();
        let counted = counted.filter(|(contract, account, _)| is_counted(*contract, *account));
        counted.map(|(.., amount)| amount).sum()
    }
}

#[async_trait]
impl StakeReader for FakeChain {
    async fn stake_state(
        &self,
        contract: ContractId,
        account: Option<AccountBytes>,
    ) -> Result<Option<StakeState>> {
        let exists = self.contract(contract).await?.is_some();
        let stakes = self.stakes.lock().unwrap();
        let total = stakes.sum(|of, _| of == contract);
        if !exists && total == 0 {
            return Ok(None);
        }
        let own = stakes.sum(|of, by| of == contract && Some(by) == account);
        let contracts = self.contracts.lock().unwrap();
        let weight = |id| stakes.sum(|of, _| of == id).max(stakes.free_allowance);
        let all: u128 = contracts.iter().map(|(id, _)| weight(*id)).sum();
        let share = (weight(contract) * 1_000_000).checked_div(all);
        Ok(Some(StakeState {
            cluster: ClusterId(0),
            exists,
            total: Amount(total),
            own: Amount(own),
            share_ppm: if exists { share.unwrap_or(0) as u32 } else { 0 },
            minimum: MINIMUM,
            free_allowance: Amount(stakes.free_allowance),
        }))
    }

    async fn stake_rules(&self) -> Result<StakeRules> {
        Ok(StakeRules {
            minimum: MINIMUM,
            free_allowance: Amount(self.stakes.lock().unwrap().free_allowance),
        })
    }

    async fn free_balance(&self, account: AccountBytes) -> Result<Amount> {
        assert_eq!(account, OWNER);
        Ok(Amount(self.stakes.lock().unwrap().free))
    }
}

#[async_trait]
impl StakeWriter for FakeChain {
    async fn stake_fee(&self, _contract: ContractId, _change: StakeChange) -> Result<Amount> {
        Ok(FEE)
    }

    async fn change_stake(&self, contract: ContractId, change: StakeChange) -> Result<Block> {
        {
            let mut stakes = self.stakes.lock().unwrap();
            let own = stakes.sum(|of, by| (of, by) == (contract, OWNER));
            let (own, free) = match change {
                StakeChange::Add(Amount(units)) => (own + units, stakes.free - units),
                StakeChange::Withdraw(Amount(units)) => (own - units, stakes.free + units),
            };
            stakes
                .staked
                .retain(|(of, by, _)| (*of, *by) != (contract, OWNER));
            if own > 0 {
                stakes.staked.push((contract, OWNER, own));
            }
            stakes.free = free - FEE.0;
        }
        Ok(self.changed())
    }
}
