//! What is to be done with a vault, checked before anything is paid for it.

use anyhow::{Context, Result, bail};
use phat_chain_client::{FundTerms, Pool, Vault, VaultAction};
use phat_primitives::AccountBytes;

use crate::{
    amount::Amount,
    chain::{EconomyWriter, FundState, Holder},
    staking::{
        Part, Rate, cancelled, check_delegation, check_overdue, check_owner, check_rate,
        check_served, withdrawn,
    },
};

/// What somebody would like done.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    /// This.
    Exactly(VaultAction),
    /// A withdrawal of so much.
    Withdraw {
        /// The vault.
        vid: u64,
        /// How much.
        part: Part,
    },
    /// A withdrawal taken back: the only one, or the one with this number; of the vault's own in
    /// the queue of a pool, if one is given.
    Cancel {
        /// The vault.
        vid: u64,
        /// The pool.
        pool: Option<u64>,
        /// Its number.
        request: Option<u64>,
    },
    /// A withdrawal of so much of what the vault has in a pool.
    WithdrawFromPool {
        /// The vault.
        vid: u64,
        /// The pool.
        pid: u64,
        /// How much.
        part: Part,
    },
}

/// What has to be sent for it, and what that takes of the account's balance besides the fee.
pub async fn plan(chain: &impl EconomyWriter, wish: Wish) -> Result<(VaultAction, Amount)> {
    let nothing = Amount(0);
    match wish {
        Wish::Exactly(action @ VaultAction::Create { fee_ppm }) => {
            let terms = chain.vault_terms().await?;
            check_rate(Rate(fee_ppm), &terms)?;
            Ok((action, seed(&terms)?))
        }
        Wish::Exactly(action @ VaultAction::Delegate { vid, amount }) => {
            let state = known(chain, vid).await?;
            let (book, terms) = (&state.fund.book, &state.terms);
            check_delegation(&name(vid), book, terms, Amount(amount))?;
            Ok((action, Amount(amount)))
        }
        Wish::Exactly(action) => {
            check(chain, &action).await?;
            Ok((action, nothing))
        }
        Wish::Withdraw { vid, part } => {
            let state = known(chain, vid).await?;
            let (book, terms) = (&state.fund.book, &state.terms);
            let shares = withdrawn(&name(vid), holder(&state)?, book, terms, part)?;
            Ok((VaultAction::Withdraw { vid, shares }, nothing))
        }
        Wish::Cancel {
            vid,
            pool: None,
            request,
        } => {
            let state = known(chain, vid).await?;
            let request = cancelled(&name(vid), holder(&state)?, request)?;
            Ok((VaultAction::CancelWithdrawal { vid, request }, nothing))
        }
        Wish::Cancel {
            vid,
            pool: Some(pid),
            request,
        } => {
            let request = cancelled_in_pool(chain, vid, pid, request).await?;
            Ok((
                VaultAction::CancelPoolWithdrawal { vid, pid, request },
                nothing,
            ))
        }
        Wish::WithdrawFromPool { vid, pid, part } => {
            let shares = withdrawn_from_pool(chain, vid, pid, part).await?;
            Ok((VaultAction::WithdrawFromPool { vid, pid, shares }, nothing))
        }
    }
}

fn name(vid: u64) -> String {
    format!("vault {vid}")
}

/// What creating a vault takes.
fn seed(terms: &FundTerms) -> Result<Amount> {
    let spends = Amount(terms.seed).checked_add(Amount(terms.existential_deposit));
    spends.context("a vault would take more PHA than there can be")
}

/// The vault, and what the signing account has of it.
async fn known(chain: &impl EconomyWriter, vid: u64) -> Result<FundState<Vault>> {
    let state = chain.vault(vid, Some(chain.signing_account())).await?;
    state.with_context(|| {
        format!("there is no vault {vid} on this chain: `phat vault list` shows those there are")
    })
}

/// The vault, if the signing account owns it.
async fn owned(chain: &impl EconomyWriter, vid: u64) -> Result<FundState<Vault>> {
    let state = known(chain, vid).await?;
    check_owner(&name(vid), state.fund.owner, chain.signing_account())?;
    Ok(state)
}

fn holder<F>(state: &FundState<F>) -> Result<&Holder> {
    let holder = state.holder.as_ref();
    holder.context("the chain did not say what the account has")
}

/// A pool, and what `account` has of it.
async fn pool_of(
    chain: &impl EconomyWriter,
    pid: u64,
    account: AccountBytes,
) -> Result<FundState<Pool>> {
    let state = chain.pool(pid, Some(account)).await?;
    state.with_context(|| {
        format!("there is no pool {pid} on this chain: `phat pool list` shows those there are")
    })
}

/// Checks what takes none of the account's balance but the fee.
async fn check(chain: &impl EconomyWriter, action: &VaultAction) -> Result<()> {
    use VaultAction as Action;

    match *action {
        Action::SetFee { vid, fee_ppm } => {
            check_rate(Rate(fee_ppm), &owned(chain, vid).await?.terms)
        }
        Action::CollectOwnerFee(vid) => match known(chain, vid).await?.fund.fee_shares {
            0 => bail!("vault {vid} has gained nothing above its mark, so no fee is due"),
            _ => Ok(()),
        },
        Action::DelegateToPool { vid, pid, amount } => {
            let vault = owned(chain, vid).await?.fund;
            delegable(chain, &vault, pid, Amount(amount)).await
        }
        Action::ProcessQueue { vid, .. } => {
            check_served(&name(vid), &known(chain, vid).await?.fund.queue)
        }
        Action::Force(vid) => {
            let state = known(chain, vid).await?;
            check_overdue(&name(vid), &state.fund.queue, &state.terms, state.now_s)
        }
        // These were made of a wish that was checked.
        Action::Create { .. }
        | Action::Delegate { .. }
        | Action::Withdraw { .. }
        | Action::CancelWithdrawal { .. }
        | Action::WithdrawFromPool { .. }
        | Action::CancelPoolWithdrawal { .. } => Ok(()),
    }
}

/// Refuses what the vault cannot delegate to a pool.
async fn delegable(
    chain: &impl EconomyWriter,
    vault: &Vault,
    pid: u64,
    amount: Amount,
) -> Result<()> {
    let unowed = Amount(vault.unowed());
    if amount > unowed {
        bail!(
            "vault {} has {unowed} that is free and that nobody waits for: delegate less, or wait",
            vault.vid
        );
    }
    let state = pool_of(chain, pid, vault.account).await?;
    if !holder(&state)?.may_delegate {
        bail!(
            "pool {pid} takes delegations only of those on its whitelist: ask its owner {} to put \
             the vault's account {} there",
            state.fund.owner,
            vault.account
        );
    }
    check_delegation(
        &format!("pool {pid}"),
        &state.fund.book,
        &state.terms,
        amount,
    )
}

/// The shares of a pool that a withdrawal of the vault's is of.
async fn withdrawn_from_pool(
    chain: &impl EconomyWriter,
    vid: u64,
    pid: u64,
    part: Part,
) -> Result<u128> {
    let vault = owned(chain, vid).await?.fund;
    if !vault.pools.iter().any(|pool| pool.pid == pid) {
        bail!("vault {vid} is not in pool {pid}: `phat vault show {vid}` lists those it is in");
    }
    let state = pool_of(chain, pid, vault.account).await?;
    let (book, terms) = (&state.fund.book, &state.terms);
    let pool = format!("pool {pid}");
    withdrawn(&pool, holder(&state)?, book, terms, part)
}

/// The number of a withdrawal of the vault's own in a pool's queue.
async fn cancelled_in_pool(
    chain: &impl EconomyWriter,
    vid: u64,
    pid: u64,
    request: Option<u64>,
) -> Result<u64> {
    let vault = owned(chain, vid).await?.fund;
    if vault.queue.count > 0 {
        bail!("somebody waits in the queue of vault {vid} for what it withdraws from pools");
    }
    let state = pool_of(chain, pid, vault.account).await?;
    cancelled(&format!("pool {pid}"), holder(&state)?, request)
}
