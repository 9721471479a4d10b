//! What is held of an owner's balance, and how it is held and returned.

use frame_support::{
    dispatch::DispatchResult,
    traits::{Get, fungible::MutateHold, tokens::Precision},
};
use sp_runtime::traits::Saturating;

use crate::{BalanceOf, Config, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
    /// The deposit for code of `len` bytes.
    pub fn code_deposit(len: u32) -> BalanceOf<T> {
        let bytes = T::CodeDepositPerByte::get().saturating_mul(len.into());
        T::CodeDepositBase::get().saturating_add(bytes)
    }

    /// The deposit for a contract with this manifest.
    pub fn contract_deposit(manifest: &[u8]) -> BalanceOf<T> {
        let len = u32::try_from(manifest.len()).unwrap_or(u32::MAX);
        let bytes = T::ContractDepositPerByte::get().saturating_mul(len.into());
        T::ContractDepositBase::get().saturating_add(bytes)
    }

    pub(crate) fn hold(
        reason: HoldReason,
        owner: &T::AccountId,
        amount: BalanceOf<T>,
    ) -> DispatchResult {
        T::Currency::hold(&reason.into(), owner, amount)
    }

    pub(crate) fn release(
        reason: HoldReason,
        owner: &T::AccountId,
        amount: BalanceOf<T>,
    ) -> DispatchResult {
        // Best effort: what a slash has taken must not keep its owner from cleaning up.
        T::Currency::release(&reason.into(), owner, amount, Precision::BestEffort).map(drop)
    }

    /// Holds or returns the difference, so that `new` is held instead of `old`.
    pub(crate) fn adjust(
        reason: HoldReason,
        owner: &T::AccountId,
        old: BalanceOf<T>,
        new: BalanceOf<T>,
    ) -> DispatchResult {
        if new > old {
            Self::hold(reason, owner, new.saturating_sub(old))
        } else {
            Self::release(reason, owner, old.saturating_sub(new))
        }
    }
}
