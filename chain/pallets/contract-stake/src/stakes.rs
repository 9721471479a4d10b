//! How stakes grow and shrink.

use frame_support::{
    ensure,
    traits::{fungible::MutateHold, tokens::Precision},
};
use phat_primitives::{ClusterId, ContractId};
use sp_runtime::{
    ArithmeticError, DispatchError,
    traits::{CheckedAdd, CheckedSub, Zero},
};

use crate::{
    BalanceOf, ClusterStakes, ClusterTotal, Config, Error, HoldReason, MinimumStake, Pallet,
    Stakes, TotalOf, TotalStake, TotalStakeOf,
};

impl<T: Config> Pallet<T> {
    /// Adds to the stake of `account` and gives what it is then. `cluster` serves the contract.
    pub(crate) fn do_stake(
        account: &T::AccountId,
        contract: ContractId,
        cluster: ClusterId,
        amount: BalanceOf<T>,
    ) -> Result<BalanceOf<T>, DispatchError> {
        let stake = Stakes::<T>::get(contract, account)
            .unwrap_or_else(Zero::zero)
            .checked_add(&amount)
            .ok_or(ArithmeticError::Overflow)?;
        ensure!(stake >= MinimumStake::<T>::get(), Error::<T>::BelowMinimum);
        let total = TotalOf::<T>::get(contract)
            .map_or_else(Zero::zero, |total| total.amount)
            .checked_add(&amount)
            .ok_or(ArithmeticError::Overflow)?;

        T::Currency::hold(&HoldReason::Stake.into(), account, amount)?;
        Stakes::<T>::insert(contract, account, stake);
        let total = TotalStake {
            cluster,
            amount: total,
        };
        Self::count(contract, &total, total.amount)?;
        TotalOf::<T>::insert(contract, total);
        Ok(stake)
    }

    /// Takes from the stake of `account` and gives what it is then.
    pub(crate) fn do_unstake(
        account: &T::AccountId,
        contract: ContractId,
        amount: BalanceOf<T>,
    ) -> Result<BalanceOf<T>, DispatchError> {
        let stake = Stakes::<T>::get(contract, account).ok_or(Error::<T>::NoStake)?;
        let left = stake
            .checked_sub(&amount)
            .ok_or(Error::<T>::StakeTooSmall)?;
        ensure!(
            left.is_zero() || left >= MinimumStake::<T>::get(),
            Error::<T>::BelowMinimum
        );
        let mut total = TotalOf::<T>::get(contract).ok_or(Error::<T>::NoStake)?;
        total.amount = total
            .amount
            .checked_sub(&amount)
            .ok_or(ArithmeticError::Underflow)?;

        // Nothing but this takes from the hold, so all of it is there.
        let reason = HoldReason::Stake.into();
        T::Currency::release(&reason, account, amount, Precision::Exact)?;
        if left.is_zero() {
            Stakes::<T>::remove(contract, account);
        } else {
            Stakes::<T>::insert(contract, account, left);
        }
        // That of a contract that was removed does not count.
        if ClusterStakes::<T>::contains_key(total.cluster, contract) {
            Self::count(contract, &total, total.amount)?;
        }
        if total.amount.is_zero() {
            TotalOf::<T>::remove(contract);
        } else {
            TotalOf::<T>::insert(contract, total);
        }
        Ok(left)
    }

    /// Has `amount` of what is staked to a contract count in its cluster from now on, in place of
    /// what counted before.
    pub(crate) fn count(
        contract: ContractId,
        total: &TotalStakeOf<T>,
        amount: BalanceOf<T>,
    ) -> Result<(), ArithmeticError> {
        let cluster = total.cluster;
        let before = ClusterStakes::<T>::get(cluster, contract).unwrap_or_else(Zero::zero);
        let all = ClusterTotal::<T>::get(cluster)
            .checked_sub(&before)
            .ok_or(ArithmeticError::Underflow)?
            .checked_add(&amount)
            .ok_or(ArithmeticError::Overflow)?;
        if amount.is_zero() {
            ClusterStakes::<T>::remove(cluster, contract);
        } else {
            ClusterStakes::<T>::insert(cluster, contract, amount);
        }
        if all.is_zero() {
            ClusterTotal::<T>::remove(cluster);
        } else {
            ClusterTotal::<T>::insert(cluster, all);
        }
        Ok(())
    }
}
