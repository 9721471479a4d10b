//! Vaults: what they have, who has shares of them, and what is done with them.

use futures::FutureExt;
use phat_primitives::AccountBytes;
use subxt::utils::AccountId32;

use crate::{
    ChainError, FundTerms, NoticedRate, Position, Queue, ShareBook, State, WaitingWithdrawal,
    answer::in_time,
    api::{
        self,
        runtime_types::{pallet_vault::fee::Mark, sp_arithmetic::per_things::Permill},
    },
    fund::{Rounding, fund_account, mul_div, position_of, queue_of, withdrawals},
    state::read,
};

/// The bit that tells the asset ids of vaults' shares from those of pools'.
const VAULT_ASSETS: u64 = 1 << 63;

/// The whole, where parts of it are counted in millionths.
const MILLION: u128 = 1_000_000;

/// A vault. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    /// Its number.
    pub vid: u64,
    /// The id of its shares.
    pub asset: u64,
    /// Who runs it.
    pub owner: AccountBytes,
    /// The account that has its money and its shares of pools.
    pub account: AccountBytes,
    /// The owner's part of gains above the mark.
    pub fee: NoticedRate,
    /// What it has, once the fee that is due is taken.
    pub book: ShareBook,
    /// The shares of it that the owner gets as the fee that is due.
    pub fee_shares: u128,
    /// The high-water mark, as the price of a share.
    pub mark_price: Option<u128>,
    /// The withdrawals that wait.
    pub queue: Queue,
    /// The pools that it is in.
    pub pools: Vec<VaultInPool>,
}

impl Vault {
    /// The money that nobody waits for, which can be delegated to pools, in units of 10⁻¹² PHA.
    pub fn unowed(&self) -> u128 {
        let owed = self.book.amount_for(self.queue.shares);
        self.book.available.saturating_sub(owed)
    }
}

/// What a vault has in a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultInPool {
    /// The pool.
    pub pid: u64,
    /// The pool's shares.
    pub position: Position,
    /// What they are worth, in units of 10⁻¹² PHA, those that wait there too.
    pub value: u128,
}

/// What is done with a vault. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultAction {
    /// Create a vault that takes this part of gains, in millionths.
    Create {
        /// The fee.
        fee_ppm: u32,
    },
    /// Set the owner's part of gains, in millionths.
    SetFee {
        /// The vault.
        vid: u64,
        /// The fee.
        fee_ppm: u32,
    },
    /// Give the owner its shares for what the vault has gained. Anybody may.
    CollectOwnerFee(u64),
    /// Buy shares.
    Delegate {
        /// The vault.
        vid: u64,
        /// For how much.
        amount: u128,
    },
    /// Withdraw what shares are worth.
    Withdraw {
        /// The vault.
        vid: u64,
        /// The shares.
        shares: u128,
    },
    /// Take back what still waits of a withdrawal.
    CancelWithdrawal {
        /// The vault.
        vid: u64,
        /// Its number in the queue.
        request: u64,
    },
    /// Pay withdrawals that wait. Anybody may.
    ProcessQueue {
        /// The vault.
        vid: u64,
        /// The most of them.
        limit: u32,
    },
    /// Delegate money of the vault's to a pool.
    DelegateToPool {
        /// The vault.
        vid: u64,
        /// The pool.
        pid: u64,
        /// How much.
        amount: u128,
    },
    /// Withdraw from a pool.
    WithdrawFromPool {
        /// The vault.
        vid: u64,
        /// The pool.
        pid: u64,
        /// The pool's shares.
        shares: u128,
    },
    /// Take back a withdrawal from a pool that waits there.
    CancelPoolWithdrawal {
        /// The vault.
        vid: u64,
        /// The pool.
        pid: u64,
        /// Its number in the pool's queue.
        request: u64,
    },
    /// Withdraw from pools for a withdrawal that has waited for too long. Anybody may.
    Force(u64),
}

impl State {
    /// How many vaults there are. They are numbered from 0 on.
    pub async fn vault_count(&self) -> Result<u64, ChainError> {
        let address = api::storage().vault().next_vault_id();
        let count = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        Ok(count.decode().map_err(subxt::Error::from)?)
    }

    /// A vault.
    pub async fn vault(&self, vid: u64) -> Result<Option<Vault>, ChainError> {
        let Some(info) = read!(self, api::storage().vault().vaults(), vid) else {
            return Ok(None);
        };
        let account = self.vault_account(vid)?;
        let pools = self.vault_pools(vid, &account).await?;
        let free = self.free_balance(&account).await?;
        let free = free.saturating_sub(self.existential_deposit()?);
        let asset = VAULT_ASSETS | vid;
        let before_fee = ShareBook {
            value: pools
                .iter()
                .fold(free, |sum, pool| sum.saturating_add(pool.value)),
            supply: self.share_supply(asset).await?,
            available: free,
        };
        let fee = NoticedRate::from(info.fee);
        let fee_shares = fee_due(&before_fee, &info.mark, fee.at(self.now_s().await?));
        Ok(Some(Vault {
            vid,
            asset,
            owner: AccountBytes(info.owner.0),
            account,
            fee,
            book: ShareBook {
                supply: before_fee.supply.saturating_add(fee_shares),
                ..before_fee
            },
            fee_shares,
            mark_price: ShareBook {
                value: info.mark.value,
                supply: info.mark.supply,
                available: 0,
            }
            .price(),
            queue: self.vault_queue(vid).await?,
            pools,
        }))
    }

    /// The account that has the money of a vault.
    pub fn vault_account(&self, vid: u64) -> Result<AccountBytes, ChainError> {
        let address = api::constants().vault().pallet_id();
        let pallet = self.at.constants().entry(address)?;
        Ok(fund_account(&pallet, vid))
    }

    async fn vault_pools(
        &self,
        vid: u64,
        account: &AccountBytes,
    ) -> Result<Vec<VaultInPool>, ChainError> {
        let list = read!(self, api::storage().vault().vault_pools(), vid);
        let mut pools = Vec::new();
        for pid in list.map_or_else(Vec::new, |list| list.0) {
            let position = self.pool_position(pid, account).await?;
            let Some(pool) = self.pool(pid).await? else {
                continue;
            };
            let shares = pool.book.amount_for(position.shares);
            let queued = pool.book.amount_for(position.queued);
            pools.push(VaultInPool {
                pid,
                position,
                value: shares.saturating_add(queued),
            });
        }
        Ok(pools)
    }

    async fn vault_queue(&self, vid: u64) -> Result<Queue, ChainError> {
        let ends = read!(self, api::storage().vault().withdrawal_queues(), vid);
        let first = match ends.as_ref().and_then(|ends| ends.first) {
            Some(first) => read!(self, api::storage().vault().withdrawals(), vid, first),
            None => None,
        };
        Ok(queue_of(ends.as_ref(), first.as_ref()))
    }

    /// The withdrawals that wait in a vault's queue, in the order in which they are paid.
    pub async fn vault_withdrawals(&self, vid: u64) -> Result<Vec<WaitingWithdrawal>, ChainError> {
        let address = api::storage().vault().withdrawals();
        Ok(withdrawals!(self, address, vid))
    }

    /// What an account has in a vault.
    pub async fn vault_position(
        &self,
        vid: u64,
        who: &AccountBytes,
    ) -> Result<Position, ChainError> {
        let address = api::storage().vault().waiting_of();
        let queued = read!(self, address, vid, AccountId32(who.0));
        let shares = self.shares_of(VAULT_ASSETS | vid, who).await?;
        Ok(position_of(shares, queued))
    }

    /// What the runtime decides about all vaults.
    pub fn vault_terms(&self) -> Result<FundTerms, ChainError> {
        let constants = self.at.constants();
        let vaults = || api::constants().vault();
        Ok(FundTerms {
            seed: constants.entry(vaults().seed())?,
            existential_deposit: self.existential_deposit()?,
            delegation_min: constants.entry(vaults().min_delegation())?,
            request_min: constants.entry(vaults().min_request())?,
            rate_ppm_max: constants.entry(vaults().max_fee())?.0,
            grace_s: constants.entry(vaults().grace_period())?,
            requests_max: constants.entry(vaults().max_requests_per_account())?,
        })
    }

    /// The bytes of the call that does it.
    pub(crate) fn vault_call(&self, action: &VaultAction) -> Result<Vec<u8>, ChainError> {
        use VaultAction as Action;

        let calls = api::transactions().vault();
        match *action {
            Action::Create { fee_ppm } => self.encode(&calls.create(Permill(fee_ppm))),
            Action::SetFee { vid, fee_ppm } => self.encode(&calls.set_fee(vid, Permill(fee_ppm))),
            Action::CollectOwnerFee(vid) => self.encode(&calls.collect_owner_fee(vid)),
            Action::Delegate { vid, amount } => self.encode(&calls.delegate(vid, amount)),
            Action::Withdraw { vid, shares } => self.encode(&calls.withdraw(vid, shares)),
            Action::CancelWithdrawal { vid, request } => {
                self.encode(&calls.cancel_withdrawal(vid, request))
            }
            Action::ProcessQueue { vid, limit } => self.encode(&calls.process_queue(vid, limit)),
            Action::DelegateToPool { vid, pid, amount } => {
                self.encode(&calls.delegate_to_pool(vid, pid, amount))
            }
            Action::WithdrawFromPool { vid, pid, shares } => {
                self.encode(&calls.withdraw_from_pool(vid, pid, shares))
            }
            Action::CancelPoolWithdrawal { vid, pid, request } => {
                self.encode(&calls.cancel_pool_withdrawal(vid, pid, request))
            }
            Action::Force(vid) => self.encode(&calls.check_and_force_withdraw(vid)),
        }
    }
}

/// The shares that the owner gets for what a vault has gained above its mark, as the chain counts
/// them. It takes them before anything is bought or paid.
fn fee_due(book: &ShareBook, mark: &Mark, rate_ppm: u32) -> u128 {
    let due = || {
        let at_mark = mul_div(book.supply, mark.value, mark.supply, Rounding::Up)?;
        let gain = book.value.checked_sub(at_mark)?;
        let amount = mul_div(gain, rate_ppm.into(), MILLION, Rounding::Down)?;
        let kept = book.value.checked_sub(amount)?;
        mul_div(amount, book.supply, kept, Rounding::Down)
    };
    due().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fee_is_what_the_chain_takes() {
        // The same numbers as in the tests of the pallet.
        let mark = || Mark {
            value: 1_000,
            supply: 1_000,
        };
        let due = |value, supply, rate_ppm| {
            let book = ShareBook {
                value,
                supply,
                available: 0,
            };
            fee_due(&book, &mark(), rate_ppm)
        };
        assert_eq!(due(1_200_000, 1_000_000, 100_000), 16_949);
        assert_eq!(due(1_000_000, 1_000_000, 100_000), 0);
        assert_eq!(due(900_000, 1_000_000, 100_000), 0);
        assert_eq!(due(1_200_000, 1_000_000, 0), 0);
        assert_eq!(due(0, 0, 500_000), 0);
        assert_eq!(due(u128::MAX, u128::MAX, 500_000), 0);
    }
}
