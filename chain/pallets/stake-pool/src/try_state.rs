//! What is always true of the pallet's storage.

use alloc::collections::BTreeSet;

use frame_support::{
    ensure,
    traits::{Get, fungible, fungibles},
};
use phat_primitives::WorkerId;
use sp_runtime::TryRuntimeError;

use crate::{
    Config, Fund, MaturingPayouts, NextPoolId, Pallet, PoolOf, PoolWorkers, Pools, WaitingOf,
    Whitelist, WithdrawalQueues, Withdrawals, checks,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. The pools are those whose numbers were given out, at most `MaxPools`.
    /// 2. The account of each pool has what its owner may claim, the currency's minimum balance, and
    ///    what of its payouts does not count yet.
    /// 3. No commission is above `MaxCommission`, now or later.
    /// 4. The account of each pool has the seed's shares, so that there always are some; and no more
    ///    is available than the pool is worth.
    /// 5. Each worker of a pool is in it once and in no other, and there are at most `MaxWorkers`.
    /// 6. Whitelists are counted right, and no longer than `MaxWhitelist`.
    /// 7. Each queue is in order, see [`checks::queue`].
    /// 8. There are no workers, payouts, whitelists, queues or requests of pools that do not exist.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        ensure!(
            NextPoolId::<T>::get() <= T::MaxPools::get(),
            "there are more pools than allowed"
        );
        ensure!(
            (0..NextPoolId::<T>::get()).all(Pools::<T>::contains_key)
                && Pools::<T>::iter_keys().all(|pid| pid < NextPoolId::<T>::get()),
            "the pools are not those whose numbers were given out"
        );
        for pid in Pools::<T>::iter_keys() {
            Self::check_money(pid)?;
            let stored = Withdrawals::<T>::iter_prefix(pid).count();
            checks::queue::<Self>(pid, stored, WaitingOf::<T>::iter_prefix(pid).collect())?;
        }
        Self::check_workers()?;
        Self::check_whitelists()?;
        Self::check_strays()
    }

    fn check_money(pid: u64) -> Result<(), TryRuntimeError> {
        let pool = Pools::<T>::get(pid).ok_or("a pool is missing")?;
        let account = Self::account(pid);
        let free = <T::Currency as fungible::Inspect<T::AccountId>>::balance(&account);
        let set_aside = pool
            .owner_rewards
            .saturating_add(Self::existence())
            .saturating_add(MaturingPayouts::<T>::get(pid).left(Self::now_s()));
        ensure!(
            free >= set_aside,
            "a pool's account has less than its owner may claim and what does not count yet"
        );
        let highest = pool.commission.at(u64::MAX).max(pool.commission.rate);
        ensure!(
            highest <= T::MaxCommission::get(),
            "a commission is too high"
        );
        let seed = <T::Shares as fungibles::Inspect<T::AccountId>>::balance(pid, &account);
        ensure!(seed >= T::Seed::get(), "the shares of a seed are missing");
        let book = Self::book(pid, &pool);
        ensure!(
            book.available <= book.value,
            "more is available than a pool is worth"
        );
        Ok(())
    }

    fn check_workers() -> Result<(), TryRuntimeError> {
        let mut seen = BTreeSet::<WorkerId>::new();
        for (pid, workers) in PoolWorkers::<T>::iter() {
            for worker in workers {
                ensure!(seen.insert(worker), "a worker is listed twice");
                ensure!(
                    PoolOf::<T>::get(worker) == Some(pid),
                    "a worker does not know its pool"
                );
            }
        }
        ensure!(
            PoolOf::<T>::iter_keys().count() == seen.len(),
            "a worker is in no pool's list"
        );
        Ok(())
    }

    fn check_whitelists() -> Result<(), TryRuntimeError> {
        for (pid, pool) in Pools::<T>::iter() {
            ensure!(
                Whitelist::<T>::iter_key_prefix(pid).count() == pool.whitelisted as usize
                    && pool.whitelisted <= T::MaxWhitelist::get(),
                "a whitelist is counted wrong or too long"
            );
        }
        Ok(())
    }

    fn check_strays() -> Result<(), TryRuntimeError> {
        let is_pool = |pid: u64| Pools::<T>::contains_key(pid);
        ensure!(
            PoolWorkers::<T>::iter_keys().all(is_pool)
                && MaturingPayouts::<T>::iter_keys().all(is_pool)
                && WithdrawalQueues::<T>::iter_keys().all(is_pool)
                && Withdrawals::<T>::iter_keys().all(|(pid, _)| is_pool(pid))
                && WaitingOf::<T>::iter_keys().all(|(pid, _)| is_pool(pid))
                && Whitelist::<T>::iter_keys().all(|(pid, _)| is_pool(pid)),
            "there is something of a pool that does not exist"
        );
        Ok(())
    }
}
