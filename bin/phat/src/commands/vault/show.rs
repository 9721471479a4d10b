//! Vaults as they are.

use std::fmt;

use anyhow::{Context, Result};
use phat_chain_client::VaultInPool;
use phat_primitives::AccountBytes;
use serde::Serialize;

use crate::{
    amount::Amount,
    chain::EconomyReader,
    staking::{Held, QueueShown, RateShown, Shares, price, price_words},
};

/// Many vaults.
#[derive(Debug, Serialize)]
pub struct Listed {
    vaults: Vec<Row>,
}

/// A vault in a list.
#[derive(Debug, Serialize)]
struct Row {
    vault: u64,
    owner: AccountBytes,
    value: Amount,
    /// What 10¹² shares are worth, which were worth 1 PHA at first.
    price: Option<Amount>,
    fee: RateShown,
    pools: usize,
    /// How many withdrawals wait.
    waiting: u32,
}

/// A vault.
#[derive(Debug, Serialize)]
pub struct Shown {
    vault: u64,
    owner: AccountBytes,
    /// The account that has its money and its shares of pools.
    money_account: AccountBytes,
    /// What all shares are worth together.
    value: Amount,
    /// What of it is free, and what of that nobody waits for.
    free: Amount,
    unowed: Amount,
    /// The shares, with those that the owner gets for the fee that is due.
    shares: Shares,
    /// What 10¹² shares are worth, which were worth 1 PHA at first.
    price: Option<Amount>,
    fee: RateShown,
    /// The shares that the owner gets for what is due now.
    fee_shares: Shares,
    /// The price above which a fee is taken.
    mark: Option<Amount>,
    queue: QueueShown,
    pools: Vec<InPool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
}

/// What a vault has in a pool.
#[derive(Debug, Serialize)]
struct InPool {
    pool: u64,
    /// The pool's shares, and those of them that wait in its queue.
    shares: Shares,
    queued: Shares,
    /// What both are worth.
    value: Amount,
}

/// Lists up to `limit` vaults, the newest first.
pub async fn list(chain: &impl EconomyReader, limit: u32) -> Result<Listed> {
    let count = chain.vault_count().await?;
    let mut vaults = Vec::new();
    for vid in (0..count).rev().take(limit as usize) {
        let Some(state) = chain.vault(vid, None).await? else {
            continue;
        };
        let vault = state.fund;
        vaults.push(Row {
            vault: vid,
            owner: vault.owner,
            value: Amount(vault.book.value),
            price: price(&vault.book),
            fee: RateShown::of(vault.fee, state.now_s),
            pools: vault.pools.len(),
            waiting: vault.queue.count,
        });
    }
    Ok(Listed { vaults })
}

/// Shows a vault, and what `account` has of it.
pub async fn show(
    chain: &impl EconomyReader,
    vid: u64,
    account: Option<AccountBytes>,
) -> Result<Shown> {
    let state = chain.vault(vid, account).await?;
    let state = state.with_context(|| {
        format!("there is no vault {vid} on this chain: `phat vault list` shows those there are")
    })?;
    let (vault, now_s) = (&state.fund, state.now_s);
    Ok(Shown {
        vault: vid,
        owner: vault.owner,
        money_account: vault.account,
        value: Amount(vault.book.value),
        free: Amount(vault.book.available),
        unowed: Amount(vault.unowed()),
        shares: Shares(vault.book.supply),
        price: price(&vault.book),
        fee: RateShown::of(vault.fee, now_s),
        fee_shares: Shares(vault.fee_shares),
        mark: vault.mark_price.map(Amount),
        queue: QueueShown::of(&vault.queue, &vault.book, &state.terms, now_s),
        pools: vault.pools.iter().map(InPool::of).collect(),
        held: state
            .holder
            .as_ref()
            .map(|holder| Held::of(holder, &vault.book, now_s)),
    })
}

impl InPool {
    fn of(pool: &VaultInPool) -> Self {
        Self {
            pool: pool.pid,
            shares: Shares(pool.position.shares),
            queued: Shares(pool.position.queued),
            value: Amount(pool.value),
        }
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.vaults.is_empty() {
            return writeln!(f, "no vaults");
        }
        for row in &self.vaults {
            write!(
                f,
                "{:<6} {}, {}, fee {}, pools {}",
                row.vault,
                row.value,
                price_words(row.price),
                row.fee,
                row.pools
            )?;
            if row.waiting > 0 {
                write!(f, ", {} waiting", row.waiting)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "vault      {}", self.vault)?;
        writeln!(f, "owner      {}", self.owner)?;
        writeln!(
            f,
            "value      {}, {} of it free, {} of that for nobody who waits",
            self.value, self.free, self.unowed
        )?;
        writeln!(f, "shares     {}", self.shares.0)?;
        writeln!(f, "price      {}", price_words(self.price))?;
        writeln!(
            f,
            "fee        {} of what is above {}",
            self.fee,
            price_words(self.mark)
        )?;
        if self.fee_shares.0 > 0 {
            writeln!(f, "           {} of it are due", self.fee_shares)?;
        }
        writeln!(f, "queue      {}", self.queue)?;
        for pool in &self.pools {
            write!(f, "pool       {}, {}", pool.pool, pool.value)?;
            if pool.queued.0 > 0 {
                write!(f, ", {} of it wait there", pool.queued)?;
            }
            writeln!(f)?;
        }
        match &self.held {
            Some(held) => write!(f, "{held}"),
            None => Ok(()),
        }
    }
}
