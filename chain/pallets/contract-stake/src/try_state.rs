//! What is always true of the pallet's storage.

use alloc::collections::BTreeMap;

use frame_support::{ensure, traits::fungible::InspectHold};
use pallet_phat_contracts::ClusterLookup;
use phat_primitives::{ClusterId, ContractId};
use sp_runtime::{
    TryRuntimeError,
    traits::{Saturating, Zero},
};

use crate::{
    BalanceOf, ClusterStakes, ClusterTotal, Config, HoldReason, MinimumStake, Pallet, Stakes,
    TotalOf,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. No stake is zero, and the total of each contract is the sum of its stakes.
    /// 2. A cluster lists exactly those of its contracts that have stake, each with its total, and
    ///    none that is not there any more.
    /// 3. The total of each cluster is the sum of its list.
    /// 4. What is held of each account's balance is the sum of its stakes, and nothing where it has
    ///    none.
    /// 5. The least stake is not zero.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_totals()?;
        Self::check_list()?;
        Self::check_cluster_totals()?;
        Self::check_holds()?;
        ensure!(
            !MinimumStake::<T>::get().is_zero(),
            "anybody may stake nothing"
        );
        Ok(())
    }

    fn check_totals() -> Result<(), TryRuntimeError> {
        let mut sums = BTreeMap::<ContractId, BalanceOf<T>>::new();
        for (contract, _, stake) in Stakes::<T>::iter() {
            ensure!(!stake.is_zero(), "a stake is zero");
            let sum = sums.entry(contract).or_default();
            *sum = sum.saturating_add(stake);
        }
        for (contract, total) in TotalOf::<T>::iter() {
            ensure!(
                sums.remove(&contract) == Some(total.amount),
                "the total of a contract is not the sum of its stakes"
            );
        }
        ensure!(sums.is_empty(), "stakes are in no total");
        Ok(())
    }

    fn check_list() -> Result<(), TryRuntimeError> {
        let mut listed = 0usize;
        for (cluster, contract, amount) in ClusterStakes::<T>::iter() {
            let total = TotalOf::<T>::get(contract);
            ensure!(
                total.is_some_and(|total| (total.cluster, total.amount) == (cluster, amount)),
                "a cluster lists another stake than there is"
            );
            let served = T::Clusters::contract(&contract);
            ensure!(
                served.is_some_and(|(of, _)| of == cluster),
                "a cluster lists the stake of what is no contract of its own"
            );
            listed.saturating_inc();
        }
        let served = TotalOf::<T>::iter_keys()
            .filter(|contract| T::Clusters::contract(contract).is_some())
            .count();
        ensure!(
            listed == served,
            "a contract has stake that its cluster does not list"
        );
        Ok(())
    }

    fn check_cluster_totals() -> Result<(), TryRuntimeError> {
        let mut sums = BTreeMap::<ClusterId, BalanceOf<T>>::new();
        for (cluster, _, amount) in ClusterStakes::<T>::iter() {
            let sum = sums.entry(cluster).or_default();
            *sum = sum.saturating_add(amount);
        }
        for (cluster, total) in ClusterTotal::<T>::iter() {
            ensure!(
                sums.remove(&cluster) == Some(total),
                "the total of a cluster is not the sum of its list"
            );
        }
        ensure!(sums.is_empty(), "a cluster with stake has no total");
        Ok(())
    }

    fn check_holds() -> Result<(), TryRuntimeError> {
        let mut sums = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        for (_, account, stake) in Stakes::<T>::iter() {
            let sum = sums.entry(account).or_default();
            *sum = sum.saturating_add(stake);
        }
        let reason = HoldReason::Stake.into();
        let held = |account: &T::AccountId| T::Currency::balance_on_hold(&reason, account);
        for (account, sum) in &sums {
            ensure!(
                held(account) == *sum,
                "an account's hold is not the sum of its stakes"
            );
        }
        for account in frame_system::Account::<T>::iter_keys() {
            ensure!(
                sums.contains_key(&account) || held(&account).is_zero(),
                "a stake was not returned"
            );
        }
        Ok(())
    }
}
