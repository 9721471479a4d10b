//! Sessions, pools and vaults, through a node.

use anyhow::Result;
use async_trait::async_trait;
use phat_chain_client::{
    ChainError, EconomyAction, EconomyOutcome, FundTerms, Pool, RegisteredWorker, State, Vault,
};
use phat_primitives::{AccountBytes, WorkerId};

use super::{Client, SigningClient};
use crate::{
    amount::Amount,
    chain::{Block, EconomyReader, EconomyWriter, FundState, Holder, Waiting, WorkerStanding},
};

#[async_trait]
impl EconomyReader for Client {
    async fn registered_workers(
        &self,
        operator: Option<AccountBytes>,
        limit: usize,
    ) -> Result<Vec<RegisteredWorker>> {
        let state = self.latest().await?;
        Ok(state.registered_workers(operator.as_ref(), limit).await?)
    }

    async fn standing(&self, worker: WorkerId) -> Result<WorkerStanding> {
        let state = self.latest().await?;
        let registered = state.worker(&worker).await?;
        Ok(WorkerStanding {
            operator: registered.map(|registered| registered.operator),
            pool: state.pool_of(&worker).await?,
            session: state.staked_session(&worker).await?,
            performance: state.performance(&worker).await?,
            proven_at_s: state.benchmark_proven_at_s(&worker).await?,
            settings: state.economy_settings().await?,
            block: state.number(),
            now_s: now_s(&state).await?,
        })
    }

    async fn pool_count(&self) -> Result<u64> {
        Ok(self.latest().await?.pool_count().await?)
    }

    async fn pool(
        &self,
        pid: u64,
        holder: Option<AccountBytes>,
    ) -> Result<Option<FundState<Pool>>> {
        let state = self.latest().await?;
        let Some(fund) = state.pool(pid).await? else {
            return Ok(None);
        };
        let holder = match holder {
            Some(account) => Some(pool_holder(&state, &fund, account).await?),
            None => None,
        };
        Ok(Some(FundState {
            terms: state.pool_terms()?,
            now_s: now_s(&state).await?,
            holder,
            fund,
        }))
    }

    async fn pool_terms(&self) -> Result<FundTerms> {
        Ok(self.latest().await?.pool_terms()?)
    }

    async fn vault_count(&self) -> Result<u64> {
        Ok(self.latest().await?.vault_count().await?)
    }

    async fn vault(
        &self,
        vid: u64,
        holder: Option<AccountBytes>,
    ) -> Result<Option<FundState<Vault>>> {
        let state = self.latest().await?;
        let Some(fund) = state.vault(vid).await? else {
            return Ok(None);
        };
        let holder = match holder {
            Some(account) => Some(vault_holder(&state, vid, account).await?),
            None => None,
        };
        Ok(Some(FundState {
            terms: state.vault_terms()?,
            now_s: now_s(&state).await?,
            holder,
            fund,
        }))
    }

    async fn vault_terms(&self) -> Result<FundTerms> {
        Ok(self.latest().await?.vault_terms()?)
    }

    async fn spendable(&self, account: AccountBytes) -> Result<Amount> {
        Ok(Amount(self.latest().await?.free_balance(&account).await?))
    }
}

/// The time of a block, in seconds since 1970.
async fn now_s(state: &State) -> Result<u64, ChainError> {
    Ok(state.made_at_ms().await?.unwrap_or(0) / 1_000)
}

async fn pool_holder(
    state: &State,
    pool: &Pool,
    account: AccountBytes,
) -> Result<Holder, ChainError> {
    let position = state.pool_position(pool.pid, &account).await?;
    let waiting = match position.requests {
        0 => Vec::new(),
        _ => Waiting::of(account, &state.pool_withdrawals(pool.pid).await?),
    };
    let may_delegate = !pool.is_restricted
        || pool.owner == account
        || state.is_whitelisted(pool.pid, &account).await?;
    Ok(Holder {
        account,
        position,
        waiting,
        may_delegate,
    })
}

async fn vault_holder(
    state: &State,
    vid: u64,
    account: AccountBytes,
) -> Result<Holder, ChainError> {
    let position = state.vault_position(vid, &account).await?;
    let waiting = match position.requests {
        0 => Vec::new(),
        _ => Waiting::of(account, &state.vault_withdrawals(vid).await?),
    };
    Ok(Holder {
        account,
        position,
        waiting,
        may_delegate: true,
    })
}

#[async_trait]
impl EconomyReader for SigningClient {
    async fn registered_workers(
        &self,
        operator: Option<AccountBytes>,
        limit: usize,
    ) -> Result<Vec<RegisteredWorker>> {
        self.client.registered_workers(operator, limit).await
    }

    async fn standing(&self, worker: WorkerId) -> Result<WorkerStanding> {
        self.client.standing(worker).await
    }

    async fn pool_count(&self) -> Result<u64> {
        self.client.pool_count().await
    }

    async fn pool(
        &self,
        pid: u64,
        holder: Option<AccountBytes>,
    ) -> Result<Option<FundState<Pool>>> {
        self.client.pool(pid, holder).await
    }

    async fn pool_terms(&self) -> Result<FundTerms> {
        self.client.pool_terms().await
    }

    async fn vault_count(&self) -> Result<u64> {
        self.client.vault_count().await
    }

    async fn vault(
        &self,
        vid: u64,
        holder: Option<AccountBytes>,
    ) -> Result<Option<FundState<Vault>>> {
        self.client.vault(vid, holder).await
    }

    async fn vault_terms(&self) -> Result<FundTerms> {
        self.client.vault_terms().await
    }

    async fn spendable(&self, account: AccountBytes) -> Result<Amount> {
        self.client.spendable(account).await
    }
}

#[async_trait]
impl EconomyWriter for SigningClient {
    fn signing_account(&self) -> AccountBytes {
        self.signer.account()
    }

    async fn economy_fee(&self, action: &EconomyAction) -> Result<Amount> {
        let connection = self.client.connection();
        Ok(Amount(connection.economy_fee(&self.signer, action).await?))
    }

    async fn act_in_economy(&self, action: &EconomyAction) -> Result<(Block, EconomyOutcome)> {
        let connection = self.client.connection();
        let (included, outcome) = connection.act_in_economy(&self.signer, action).await?;
        Ok((self.block(included.block).await?, outcome))
    }
}
