//! What is always true of the pallet's storage.

use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};
use sp_runtime::{
    TryRuntimeError,
    traits::{Saturating, Zero},
};

use crate::{
    BalanceOf, Config, CurrentBooks, CurrentLimits, Due, FIRST_TRANSFER, HoldReason, Pallet,
    Pending,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. What is on hold on the pallet's account is what is out on the other side and what is due.
    /// 2. That is never above the cap.
    /// 3. What is due is the sum of the burns that are. Each of them is noted as processed, and none
    ///    is zero.
    /// 4. Only locks that were made are pending, no more of them than may be, and none is zero.
    /// 5. No more burns are due than may be.
    /// 6. The limits make sense.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_locked()?;
        Self::check_due()?;
        Self::check_pending()?;
        ensure!(
            Self::are_sensible(&CurrentLimits::<T>::get()),
            "the limits make no sense"
        );
        Ok(())
    }

    fn check_locked() -> Result<(), TryRuntimeError> {
        let books = CurrentBooks::<T>::get();
        let reason = HoldReason::Locked.into();
        let held = T::Currency::balance_on_hold(&reason, &Self::account_id());
        let owed = books.outstanding.saturating_add(books.due);
        ensure!(held == owed, "what is locked is not what the books say");
        ensure!(owed <= T::Cap::get(), "more is locked than the cap");
        Ok(())
    }

    fn check_due() -> Result<(), TryRuntimeError> {
        let mut sum = BalanceOf::<T>::zero();
        for (number, due) in Due::<T>::iter() {
            ensure!(!due.amount.is_zero(), "nothing is due");
            ensure!(
                Self::is_processed(number),
                "a burn is due that nobody told of"
            );
            sum = sum.saturating_add(due.amount);
        }
        ensure!(
            CurrentBooks::<T>::get().due == sum,
            "what is due is not the sum of what is"
        );
        ensure!(
            Due::<T>::count() <= T::MaxDue::get(),
            "more burns are due than may be"
        );
        Ok(())
    }

    fn check_pending() -> Result<(), TryRuntimeError> {
        let latest = CurrentBooks::<T>::get().locks;
        for (number, pending) in Pending::<T>::iter() {
            ensure!(
                (FIRST_TRANSFER..=latest).contains(&number),
                "a lock is pending that was not made"
            );
            ensure!(!pending.amount.is_zero(), "nothing is pending");
        }
        ensure!(
            Pending::<T>::count() <= T::MaxPending::get(),
            "more locks are pending than may be"
        );
        Ok(())
    }
}
