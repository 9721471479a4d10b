//! The accounts of a development chain, and what they do in the economy.

use anyhow::Context;
use phat_chain_client::{
    ChainClient, EconomyAction, EconomyOutcome, Pool, PoolAction, SessionAction, Signer, State,
    VaultAction,
};
use phat_primitives::{AccountBytes, WorkerId};

use super::Audit;
use crate::process::until;

/// The accounts of a development chain, which are named by `//Alice` and so on. An account does one
/// thing at a time: of two transactions at the same time, one is refused.
pub struct Actors {
    client: ChainClient,
}

impl Actors {
    /// Those of the chain that the node at `url` shows.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            client: ChainClient::connect(url).await?,
        })
    }

    /// An account.
    pub fn account(&self, who: &str) -> anyhow::Result<AccountBytes> {
        Ok(Signer::from_uri(who)?.account())
    }

    /// Has an account do something with a session.
    pub async fn session(
        &self,
        who: &str,
        action: SessionAction,
    ) -> anyhow::Result<EconomyOutcome> {
        self.act(who, EconomyAction::Session(action)).await
    }

    /// Has an account do something with a pool.
    pub async fn pool(&self, who: &str, action: PoolAction) -> anyhow::Result<EconomyOutcome> {
        self.act(who, EconomyAction::Pool(action)).await
    }

    /// Has an account do something with a vault.
    pub async fn vault(&self, who: &str, action: VaultAction) -> anyhow::Result<EconomyOutcome> {
        self.act(who, EconomyAction::Vault(action)).await
    }

    /// Waits until it is final. What is read then is of its block, or a later one.
    async fn act(&self, who: &str, action: EconomyAction) -> anyhow::Result<EconomyOutcome> {
        let signer = Signer::from_uri(who)?;
        let done = self.client.act_in_economy(&signer, &action).await;
        let (included, outcome) = done.with_context(|| format!("{who}: {action:?}"))?;
        let number = self.client.at(included.block).await?.number();
        self.state_from(number).await?;
        Ok(outcome)
    }

    /// The chain as it is now.
    pub async fn state(&self) -> anyhow::Result<State> {
        Ok(self.client.latest().await?)
    }

    /// The chain as it is now, once this block is final. Another connection may have told of it
    /// first.
    async fn state_from(&self, number: u64) -> anyhow::Result<State> {
        until(&format!("block {number} to be final"), async || {
            let state = self.state().await?;
            Ok((state.number() >= number).then_some(state))
        })
        .await
    }

    /// The chain as it is now, which the audit has come to, and not further.
    pub async fn audited(&self, audit: &mut Audit) -> anyhow::Result<State> {
        let state = self.state_from(audit.number().into()).await?;
        audit.reach(state.number()).await?;
        Ok(state)
    }

    /// A pool as it is now.
    pub async fn pool_now(&self, pid: u64) -> anyhow::Result<Pool> {
        let pool = self.state().await?.pool(pid).await?;
        pool.with_context(|| format!("there is no pool {pid}"))
    }

    /// Waits until the session of a worker is stopped, and its stake has cooled down.
    pub async fn until_cooled(&self, audit: &mut Audit, worker: &WorkerId) -> anyhow::Result<()> {
        let until_s = audit
            .until("the stop", |audit| audit.stopped_until_s(worker))
            .await?;
        until("the end of the cool-down", async || {
            let made_at_ms = self.state().await?.made_at_ms().await?;
            Ok((made_at_ms >= Some(until_s * 1_000)).then_some(()))
        })
        .await
    }
}
