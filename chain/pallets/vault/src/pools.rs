//! A vault's money in pools.

use frame_support::{
    dispatch::DispatchResult, ensure, storage::with_storage_layer, traits::Get, weights::Weight,
};
use pallet_stake_pool::{
    Balance, Book, Delegate, Fund, OVERDUE_COUNTED_PER_CALL, Queues, Withdrawal,
};
use sp_runtime::DispatchError;

use crate::{Config, Error, Event, Pallet, SERVED_PER_CALL, VaultPools, WeightInfo};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_delegate_to_pool(
        vid: u64,
        mut book: Book,
        pid: u64,
        amount: Balance,
    ) -> DispatchResult {
        Self::serve(vid, &mut book, SERVED_PER_CALL)?;
        let unowed = book.available.saturating_sub(Self::owed(vid, &book));
        ensure!(amount <= unowed, Error::<T>::TooLittleAvailable);
        let account = Self::account(vid);
        let mut pools = VaultPools::<T>::get(vid);
        if !pools.contains(&pid) {
            // Pools that have paid all that the vault had there make room.
            pools.retain(|pid| !Self::is_left(*pid, &account));
            pools.try_push(pid).map_err(|_| Error::<T>::TooManyPools)?;
            VaultPools::<T>::insert(vid, pools);
        }
        let shares = T::Pools::delegate(pid, &account, amount)?;
        Self::deposit_event(Event::PoolDelegated {
            vid,
            pid,
            amount,
            shares,
        });
        Ok(())
    }

    /// Whether `account` has nothing in pool `pid`, not even in its queue.
    fn is_left(pid: u64, account: &T::AccountId) -> bool {
        T::Pools::position(pid, account).is_none_or(|position| position.is_empty())
    }

    /// Takes the pool off the vault's list if the vault has nothing there any more.
    pub(crate) fn forget_if_left(vid: u64, pid: u64) {
        if Self::is_left(pid, &Self::account(vid)) {
            VaultPools::<T>::mutate(vid, |pools| pools.retain(|other| *other != pid));
        }
    }

    /// Withdraws `shares` of pool `pid`.
    pub(crate) fn withdraw_shares(
        vid: u64,
        pid: u64,
        shares: Balance,
    ) -> Result<Withdrawal, DispatchError> {
        let withdrawal = T::Pools::withdraw(pid, &Self::account(vid), shares)?;
        Self::tell_of_pool(vid, pid, shares, withdrawal);
        Ok(withdrawal)
    }

    /// Whether the first withdrawal has waited for so long that the vault withdraws for it.
    fn is_overdue(vid: u64) -> bool {
        Self::waiting_since_s(vid)
            .is_some_and(|since_s| Self::now_s() >= since_s.saturating_add(T::GracePeriod::get()))
    }

    /// The most that [`Pallet::check_and_force_withdraw`] may weigh.
    ///
    /// Each pool is looked up for what the vault has, before and after, for what comes from it, for
    /// what it can pay and for how many shares that takes.
    pub(crate) fn force_weight() -> Weight {
        let pools = u64::from(T::MaxPoolsPerVault::get());
        let of_pool = T::Pools::withdraw_weight()
            .saturating_add(T::Pools::position_weight().saturating_mul(5));
        T::WeightInfo::check_and_force_withdraw().saturating_add(of_pool.saturating_mul(pools))
    }

    pub(crate) fn do_force(vid: u64) -> DispatchResult {
        let (_, mut book) = Self::open(vid)?;
        ensure!(Self::is_overdue(vid), Error::<T>::NothingOverdue);
        Self::serve(vid, &mut book, SERVED_PER_CALL)?;
        if !Self::is_overdue(vid) {
            return Ok(());
        }
        // Who came later has not waited for so long, and may still take it back.
        let (now_s, wait_s) = (Self::now_s(), T::GracePeriod::get());
        let overdue = Self::count_overdue(vid, now_s, wait_s, OVERDUE_COUNTED_PER_CALL);
        let needed = book.amount_for(overdue).saturating_sub(book.available);
        let pools = Self::withdraw_for_queue(vid, needed);
        if pools > 0 {
            Self::deposit_event(Event::WithdrawalForced { vid, pools });
            let (_, mut book) = Self::open(vid)?;
            Self::serve(vid, &mut book, SERVED_PER_CALL)?;
        }
        Ok(())
    }

    /// Withdraws from pools until all that comes from them is worth `needed`, in units of 10⁻¹²
    /// PHA. Gives from how many.
    pub(crate) fn withdraw_for_queue(vid: u64, needed: Balance) -> u32 {
        let account = Self::account(vid);
        let pools = VaultPools::<T>::get(vid);
        let coming = pools
            .iter()
            .filter_map(|pid| T::Pools::position(*pid, &account))
            .fold(0, |sum: Balance, position| {
                sum.saturating_add(position.queued_value)
            });
        let mut missing = needed.saturating_sub(coming);
        let mut count: u32 = 0;
        for pid in pools {
            if missing == 0 {
                break;
            }
            let Some(position) = T::Pools::position(pid, &account) else {
                continue;
            };
            // Less could not wait in the pool's queue.
            let amount = missing.max(T::MinRequest::get());
            let shares = T::Pools::shares_covering(pid, &account, amount);
            if shares == 0 {
                continue;
            }
            // A pool that refuses must not keep the others from paying.
            let result: Result<Withdrawal, DispatchError> =
                with_storage_layer(|| Self::withdraw_shares(vid, pid, shares));
            if result.is_ok() {
                let worth = amount.min(position.shares_value);
                missing = missing.saturating_sub(worth);
                count = count.saturating_add(1);
            }
        }
        count
    }
}
