//! Locking, and what the limits say about it.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        Get, UnixTime,
        fungible::{Inspect, Mutate, MutateHold},
        tokens::{Fortitude, Precision, Preservation},
    },
};
use sp_core::H160;
use sp_runtime::{
    ArithmeticError, DispatchError,
    traits::{AccountIdConversion, CheckedAdd, Saturating, Zero},
};

use crate::{
    BalanceOf, Config, Connection, CurrentBooks, CurrentLimits, Error, Event, HoldReason, LimitsOf,
    Moved, Pallet, Paused, Pending, PendingLock, Today,
};

/// Seconds of a day. Days begin at midnight, UTC.
const DAY_S: u64 = 24 * 60 * 60;

impl<T: Config> Pallet<T> {
    /// The pallet's account, on which the PHA is that is locked.
    pub fn account_id() -> T::AccountId {
        T::PalletId::get().into_account_truncating()
    }

    pub(crate) fn do_lock(
        sender: &T::AccountId,
        amount: BalanceOf<T>,
        recipient: H160,
    ) -> DispatchResult {
        ensure!(!Paused::<T>::get(), Error::<T>::Paused);
        let account = Self::account_id();
        ensure!(T::Anchor::is_connected(&account), Error::<T>::NotConnected);
        ensure!(!recipient.is_zero(), Error::<T>::RecipientInvalid);
        let limits = CurrentLimits::<T>::get();
        ensure!(amount >= limits.minimum, Error::<T>::BelowMinimum);
        ensure!(
            Pending::<T>::count() < T::MaxPending::get(),
            Error::<T>::TooManyPending
        );
        let number = Self::note_locked(amount, limits.daily)?;
        Self::pay_fee(sender, limits.fee)?;
        T::Currency::transfer_and_hold(
            &HoldReason::Locked.into(),
            sender,
            &account,
            amount,
            Precision::Exact,
            Preservation::Preserve,
            Fortitude::Polite,
        )?;
        Self::announce_lock(number, amount, recipient);
        Ok(())
    }

    /// Enters a lock into the books, and gives its number.
    fn note_locked(amount: BalanceOf<T>, daily: BalanceOf<T>) -> Result<u64, DispatchError> {
        let mut today = Self::today();
        let locked = today.locked.checked_add(&amount);
        today.locked = locked.ok_or(ArithmeticError::Overflow)?;
        ensure!(today.locked <= daily, Error::<T>::DailyCapReached);

        let mut books = CurrentBooks::<T>::get();
        let outstanding = books.outstanding.checked_add(&amount);
        books.outstanding = outstanding.ok_or(ArithmeticError::Overflow)?;
        let total = books.outstanding.checked_add(&books.due);
        let total = total.ok_or(ArithmeticError::Overflow)?;
        ensure!(total <= T::Cap::get(), Error::<T>::AboveCap);
        books.locks = books
            .locks
            .checked_add(1)
            .ok_or(ArithmeticError::Overflow)?;

        Today::<T>::put(today);
        CurrentBooks::<T>::put(books);
        Ok(books.locks)
    }

    pub(crate) fn do_announce(caller: &T::AccountId, number: u64) -> DispatchResult {
        ensure!(!Paused::<T>::get(), Error::<T>::Paused);
        let pending = Pending::<T>::get(number).ok_or(Error::<T>::NotPending)?;
        ensure!(
            Self::now_s() >= pending.again_from,
            Error::<T>::AnnouncedRecently
        );
        Self::pay_fee(caller, CurrentLimits::<T>::get().fee)?;
        Self::announce_lock(number, pending.amount, pending.recipient);
        Ok(())
    }

    /// Has the contract run.
    fn announce_lock(number: u64, amount: BalanceOf<T>, recipient: H160) {
        let pending = PendingLock {
            amount,
            recipient,
            again_from: Self::now_s().saturating_add(T::AnnounceInterval::get()),
        };
        Pending::<T>::insert(number, pending);
        Self::deposit_event(Event::Locked {
            number,
            recipient,
            amount,
        });
    }

    /// Pays what a transfer costs to the pallet's account, which the anchor holds deposits of.
    fn pay_fee(payer: &T::AccountId, fee: BalanceOf<T>) -> DispatchResult {
        if !fee.is_zero() {
            T::Currency::transfer(payer, &Self::account_id(), fee, Preservation::Preserve)?;
        }
        Ok(())
    }

    /// What was moved today.
    pub(crate) fn today() -> Moved<BalanceOf<T>> {
        let day = Self::now_s() / DAY_S;
        let latest = Today::<T>::get();
        match latest.day == day {
            true => latest,
            false => Moved {
                day,
                locked: Zero::zero(),
                released: Zero::zero(),
            },
        }
    }

    /// What may be released today.
    pub(crate) fn left_today(today: &Moved<BalanceOf<T>>) -> BalanceOf<T> {
        let daily = CurrentLimits::<T>::get().daily;
        daily.saturating_sub(today.released)
    }

    /// Whether the limits make sense.
    pub(crate) fn are_sensible(limits: &LimitsOf<T>) -> bool {
        limits.minimum >= T::Currency::minimum_balance() && limits.minimum <= limits.daily
    }

    /// The time, in seconds since 1970.
    pub(crate) fn now_s() -> u64 {
        T::Time::now().as_secs()
    }
}
