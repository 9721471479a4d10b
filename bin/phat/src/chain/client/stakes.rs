//! What is staked to contracts, through a node.

use anyhow::Result;
use async_trait::async_trait;
use phat_primitives::{AccountBytes, ContractId};

use super::{Client, SigningClient};
use crate::{
    amount::Amount,
    chain::{Block, StakeChange, StakeReader, StakeRules, StakeState, StakeWriter},
};

#[async_trait]
impl StakeReader for Client {
    async fn stake_state(
        &self,
        contract: ContractId,
        account: Option<AccountBytes>,
    ) -> Result<Option<StakeState>> {
        let state = self.latest().await?;
        let known = state.contract(&contract).await?;
        let total = state.total_stake(&contract).await?;
        let cluster = known.as_ref().map(|known| known.cluster);
        let Some(cluster) = cluster.or(total.map(|(cluster, _)| cluster)) else {
            return Ok(None);
        };
        let own = match account {
            Some(account) => state.stake_of(&contract, &account).await?,
            None => 0,
        };
        let stakes = state.contract_stakes(cluster).await?;
        let share_ppm = if known.is_some() {
            let contracts = state.contracts_of_cluster(cluster).await?;
            stakes.share_ppm(&contract, contracts.into_iter().map(|(id, _)| id))
        } else {
            0
        };
        Ok(Some(StakeState {
            cluster,
            exists: known.is_some(),
            total: Amount(total.map_or(0, |(_, amount)| amount)),
            own: Amount(own),
            share_ppm,
            minimum: Amount(state.minimum_stake().await?),
            free_allowance: Amount(stakes.free_allowance),
        }))
    }

    async fn stake_rules(&self) -> Result<StakeRules> {
        let state = self.latest().await?;
        Ok(StakeRules {
            minimum: Amount(state.minimum_stake().await?),
            free_allowance: Amount(state.free_allowance().await?),
        })
    }

    async fn free_balance(&self, account: AccountBytes) -> Result<Amount> {
        Ok(Amount(self.latest().await?.free_balance(&account).await?))
    }
}

#[async_trait]
impl StakeReader for SigningClient {
    async fn stake_state(
        &self,
        contract: ContractId,
        account: Option<AccountBytes>,
    ) -> Result<Option<StakeState>> {
        self.client.stake_state(contract, account).await
    }

    async fn stake_rules(&self) -> Result<StakeRules> {
        self.client.stake_rules().await
    }

    async fn free_balance(&self, account: AccountBytes) -> Result<Amount> {
        self.client.free_balance(account).await
    }
}

#[async_trait]
impl StakeWriter for SigningClient {
    async fn stake_fee(&self, contract: ContractId, change: StakeChange) -> Result<Amount> {
        let (connection, signer) = (self.client.connection(), &self.signer);
        let fee = match change {
            StakeChange::Add(Amount(units)) => {
                connection.stake_fee(signer, contract, units).await?
            }
            StakeChange::Withdraw(Amount(units)) => {
                connection.unstake_fee(signer, contract, units).await?
            }
        };
        Ok(Amount(fee))
    }

    async fn change_stake(&self, contract: ContractId, change: StakeChange) -> Result<Block> {
        let (connection, signer) = (self.client.connection(), &self.signer);
        let included = match change {
            StakeChange::Add(Amount(units)) => connection.stake(signer, contract, units).await?,
            StakeChange::Withdraw(Amount(units)) => {
                connection.unstake(signer, contract, units).await?
            }
        };
        self.block(included.block).await
    }
}
