//! What is kept of contracts that were removed, so that receipts about them can still be judged.
//!
//! It is their clusters and codes, and the codes themselves, for [`Config::RemovedKept`] blocks. A
//! part of the deposit stays held meanwhile. They are let go in the order in which they were
//! removed, in what blocks have left.

use frame_support::{dispatch::DispatchResult, ensure, traits::Get, weights::Weight};
use phat_primitives::{CodeHash, ContractId};
use sp_runtime::{DispatchError, traits::Saturating};

use crate::{
    CLEARED_PER_BLOCK_MAX, Codes, Config, Error, HoldReason, Pallet, RemovedContract,
    RemovedContracts, RemovedEnds, RemovedOrder, WeightInfo, pallet::ContractInfoOf,
};

impl<T: Config> Pallet<T> {
    /// Keeps what is needed of a contract that is removed now, and returns the rest of its deposit.
    pub(crate) fn keep_removed(contract: ContractId, info: &ContractInfoOf<T>) -> DispatchResult {
        ensure!(
            RemovedContracts::<T>::count() < T::MaxRemoved::get(),
            Error::<T>::TooManyRemoved
        );
        let deposit = info.deposit.min(T::ContractDepositBase::get());
        let returned = info.deposit.saturating_sub(deposit);
        Self::release(HoldReason::Contract, &info.owner, returned)?;
        let mut ends = RemovedEnds::<T>::get();
        let number = ends.next;
        ends.next = number.saturating_add(1);
        RemovedEnds::<T>::put(ends);
        RemovedOrder::<T>::insert(number, contract);
        let now = frame_system::Pallet::<T>::block_number();
        RemovedContracts::<T>::insert(
            contract,
            RemovedContract {
                owner: info.owner.clone(),
                cluster: info.cluster,
                code_hash: info.code_hash,
                deposit,
                kept_until: now.saturating_add(T::RemovedKept::get()),
                number,
            },
        );
        Ok(())
    }

    /// Lets go of a removed contract that is created again, and returns what is held for it. Gives
    /// whether there was one. That its code is not kept for it any more is left to the caller.
    pub(crate) fn take_back_removed(contract: &ContractId) -> Result<bool, DispatchError> {
        let Some(removed) = RemovedContracts::<T>::take(contract) else {
            return Ok(false);
        };
        RemovedOrder::<T>::remove(removed.number);
        Self::release(HoldReason::Contract, &removed.owner, removed.deposit)?;
        Ok(true)
    }

    /// Lets go of as many removed contracts as fit into `weight_max` and whose time is over. Gives
    /// what it took.
    pub(crate) fn clear_removed_within(weight_max: Weight) -> Weight {
        let base = T::WeightInfo::clear_removed(0);
        let each = T::WeightInfo::clear_removed(1).saturating_sub(base);
        let Some(left) = weight_max.checked_sub(&base) else {
            return Weight::zero();
        };
        let fitting = left.checked_div_per_component(&each).unwrap_or(0);
        let fitting = u32::try_from(fitting).unwrap_or(u32::MAX);
        let cleared = Self::clear_removed(fitting.min(CLEARED_PER_BLOCK_MAX));
        T::WeightInfo::clear_removed(cleared)
    }

    /// Looks at the oldest up to `count_max` removed contracts, and lets go of those whose time is
    /// over. Gives at how many it looked that need not be looked at again.
    pub(crate) fn clear_removed(count_max: u32) -> u32 {
        let mut ends = RemovedEnds::<T>::get();
        let now = frame_system::Pallet::<T>::block_number();
        let mut count: u32 = 0;
        while count < count_max && ends.first < ends.next {
            // There is none at the number of one that was created again.
            if let Some(contract) = RemovedOrder::<T>::get(ends.first) {
                let removed = RemovedContracts::<T>::get(contract);
                if removed
                    .as_ref()
                    .is_some_and(|removed| removed.kept_until > now)
                {
                    break;
                }
                RemovedOrder::<T>::remove(ends.first);
                RemovedContracts::<T>::remove(contract);
                if let Some(removed) = removed {
                    Self::forget_code(removed.code_hash);
                    // Whatever an account is like, it keeps no other contract from being let go.
                    let _ = Self::release(HoldReason::Contract, &removed.owner, removed.deposit);
                }
            }
            ends.first = ends.first.saturating_add(1);
            count = count.saturating_add(1);
        }
        if count > 0 {
            RemovedEnds::<T>::put(ends);
        }
        count
    }

    /// The code has one contract less that it is kept for.
    fn forget_code(code_hash: CodeHash) {
        Codes::<T>::mutate(code_hash, |code| {
            if let Some(code) = code {
                code.contracts = code.contracts.saturating_sub(1);
            }
        });
    }
}
