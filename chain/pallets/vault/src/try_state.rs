//! What is always true of the pallet's storage.

use frame_support::{
    ensure,
    traits::{Get, fungible, fungibles},
};
use pallet_stake_pool::{Delegate, Fund, checks};
use sp_runtime::TryRuntimeError;

use crate::{
    Config, NextVaultId, Pallet, VaultPools, Vaults, WaitingOf, WithdrawalQueues, Withdrawals,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. The vaults are those whose numbers were given out, at most `MaxVaults`.
    /// 2. The account of each vault has the currency's minimum balance.
    /// 3. No fee is above `MaxFee`, now or later, and each mark is of some shares.
    /// 4. The account of each vault has the seed's shares, so that there always are some.
    /// 5. Each vault is in at most `MaxPoolsPerVault` pools, in each once, and they exist.
    /// 6. Each queue is in order, see [`checks::queue`].
    /// 7. There are no pools, queues or requests of vaults that do not exist.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        ensure!(
            NextVaultId::<T>::get() <= T::MaxVaults::get(),
            "there are more vaults than allowed"
        );
        ensure!(
            (0..NextVaultId::<T>::get()).all(Vaults::<T>::contains_key)
                && Vaults::<T>::iter_keys().all(|vid| vid < NextVaultId::<T>::get()),
            "the vaults are not those whose numbers were given out"
        );
        for vid in Vaults::<T>::iter_keys() {
            Self::check_money(vid)?;
            Self::check_pools(vid)?;
            let stored = Withdrawals::<T>::iter_prefix(vid).count();
            checks::queue::<Self>(vid, stored, WaitingOf::<T>::iter_prefix(vid).collect())?;
        }
        let is_vault = |vid: u64| Vaults::<T>::contains_key(vid);
        ensure!(
            VaultPools::<T>::iter_keys().all(is_vault)
                && WithdrawalQueues::<T>::iter_keys().all(is_vault)
                && Withdrawals::<T>::iter_keys().all(|(vid, _)| is_vault(vid))
                && WaitingOf::<T>::iter_keys().all(|(vid, _)| is_vault(vid)),
            "there is something of a vault that does not exist"
        );
        Ok(())
    }

    fn check_money(vid: u64) -> Result<(), TryRuntimeError> {
        let vault = Vaults::<T>::get(vid).ok_or("a vault is missing")?;
        let account = Self::account(vid);
        let free = <T::Currency as fungible::Inspect<T::AccountId>>::balance(&account);
        ensure!(
            free >= Self::existence(),
            "a vault's account has less than an account must have"
        );
        ensure!(
            vault.fee.at(u64::MAX).max(vault.fee.rate) <= T::MaxFee::get(),
            "a fee is too high"
        );
        ensure!(vault.mark.supply > 0, "a mark is of no shares");
        let asset = Self::share_asset(vid);
        let seed = <T::Shares as fungibles::Inspect<T::AccountId>>::balance(asset, &account);
        ensure!(seed >= T::Seed::get(), "the shares of a seed are missing");
        Ok(())
    }

    fn check_pools(vid: u64) -> Result<(), TryRuntimeError> {
        let account = Self::account(vid);
        let pools = VaultPools::<T>::get(vid);
        for (place, pid) in pools.iter().enumerate() {
            ensure!(
                !pools.iter().take(place).any(|other| other == pid),
                "a vault lists a pool twice"
            );
            ensure!(
                T::Pools::position(*pid, &account).is_some(),
                "a vault is in a pool that does not exist"
            );
        }
        Ok(())
    }
}
