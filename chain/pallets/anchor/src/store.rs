//! The key-value store of a consumer: versions, and deposits for what is in it.

use alloc::vec::Vec;

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{Get, fungible::MutateHold, tokens::Precision},
};
use phat_primitives::anchor::{KeyHash, KeyRead, KeyWrite};
use sp_runtime::{
    ArithmeticError, DispatchError,
    traits::{CheckedAdd, Saturating, Zero},
};

use crate::{
    BalanceOf, Config, ConsumerInfoOf, Consumers, Error, HoldReason, Pallet, StoredValue, Values,
};

/// What the writes of an outcome do to the deposits of the consumer.
struct Deposits<Balance> {
    returned: Balance,
    taken: Balance,
}

impl<T: Config> Pallet<T> {
    /// The value of a key and its version. A key that is not there has no bytes, and the version of
    /// the newest write that deleted any of the consumer's keys.
    pub fn value(consumer: &T::AccountId, key: &KeyHash) -> (Vec<u8>, u64) {
        match Values::<T>::get(consumer, key) {
            Some(stored) => (stored.value.into_inner(), stored.version),
            None => {
                let info = Consumers::<T>::get(consumer);
                (Vec::new(), info.map_or(0, |info| info.deleted_at))
            }
        }
    }

    /// Refuses an outcome whose run saw other versions than there are now.
    pub(crate) fn ensure_current(
        consumer: &T::AccountId,
        info: &ConsumerInfoOf<T>,
        reads: &[KeyRead],
    ) -> DispatchResult {
        for read in reads {
            let stored = Values::<T>::get(consumer, read.key);
            let version = stored.map_or(info.deleted_at, |stored| stored.version);
            ensure!(version == read.version, Error::<T>::StaleVersion);
        }
        Ok(())
    }

    /// Does the writes of an outcome, and holds or returns deposits of the consumer. `info` is
    /// changed and not stored.
    pub(crate) fn write(
        consumer: &T::AccountId,
        info: &mut ConsumerInfoOf<T>,
        writes: &[KeyWrite],
    ) -> DispatchResult {
        let counted_before = info.counted_bytes();
        let mut deposits = Deposits {
            returned: Zero::zero(),
            taken: Zero::zero(),
        };
        for write in writes {
            Self::write_one(consumer, info, write, &mut deposits)?;
        }
        // What is above bounds that were lowered may get less.
        let is_within = info.counted_bytes() <= info.bounds.stored_bytes.max(counted_before);
        ensure!(is_within, Error::<T>::OutOfBounds);
        Self::balance_deposits(consumer, deposits)
    }

    fn write_one(
        consumer: &T::AccountId,
        info: &mut ConsumerInfoOf<T>,
        write: &KeyWrite,
        deposits: &mut Deposits<BalanceOf<T>>,
    ) -> DispatchResult {
        info.writes = info
            .writes
            .checked_add(1)
            .ok_or(ArithmeticError::Overflow)?;
        let was_there = Self::remove_one(consumer, info, &write.key, deposits)?;
        if write.value.is_empty() {
            if was_there {
                info.deleted_at = info.writes;
            }
            return Ok(());
        }
        let deposit = Self::deposit_of(T::ValueDeposit::get(), write.value.len())?;
        deposits.taken = sum::<T>(deposits.taken, deposit)?;
        info.values = info.values.saturating_add(1);
        info.stored_bytes = info.stored_bytes.saturating_add(write.value.len() as u64);
        let stored = StoredValue {
            version: info.writes,
            deposit,
            value: write.value.clone(),
        };
        Values::<T>::insert(consumer, write.key, stored);
        Ok(())
    }

    /// Removes what is stored of a key, if anything is.
    fn remove_one(
        consumer: &T::AccountId,
        info: &mut ConsumerInfoOf<T>,
        key: &KeyHash,
        deposits: &mut Deposits<BalanceOf<T>>,
    ) -> Result<bool, DispatchError> {
        let Some(stored) = Values::<T>::take(consumer, key) else {
            return Ok(false);
        };
        deposits.returned = sum::<T>(deposits.returned, stored.deposit)?;
        info.values = info.values.saturating_sub(1);
        info.stored_bytes = info.stored_bytes.saturating_sub(stored.value.len() as u64);
        Ok(true)
    }

    /// Deletes keys as the owner may, and stores `info`. Gives how many were there.
    pub(crate) fn do_delete(
        consumer: &T::AccountId,
        mut info: ConsumerInfoOf<T>,
        keys: &[KeyHash],
    ) -> Result<u32, DispatchError> {
        let mut deposits = Deposits {
            returned: Zero::zero(),
            taken: Zero::zero(),
        };
        let mut count = 0_u32;
        for key in keys {
            if Self::remove_one(consumer, &mut info, key, &mut deposits)? {
                info.writes = info
                    .writes
                    .checked_add(1)
                    .ok_or(ArithmeticError::Overflow)?;
                info.deleted_at = info.writes;
                count = count.saturating_add(1);
            }
        }
        Consumers::<T>::insert(consumer, info);
        Self::balance_deposits(consumer, deposits)?;
        Ok(count)
    }

    /// Holds what is taken more than is returned of the consumer's balance, or the other way round.
    fn balance_deposits(
        consumer: &T::AccountId,
        deposits: Deposits<BalanceOf<T>>,
    ) -> DispatchResult {
        let Deposits { returned, taken } = deposits;
        let reason = HoldReason::Values.into();
        let more = taken.saturating_sub(returned);
        if !more.is_zero() {
            T::Currency::hold(&reason, consumer, more)
                .map_err(|_| Error::<T>::ConsumerCannotPay)?;
        }
        let less = returned.saturating_sub(taken);
        if !less.is_zero() {
            T::Currency::release(&reason, consumer, less, Precision::BestEffort)?;
        }
        Ok(())
    }
}

fn sum<T: Config>(one: BalanceOf<T>, other: BalanceOf<T>) -> Result<BalanceOf<T>, DispatchError> {
    one.checked_add(&other)
        .ok_or_else(|| ArithmeticError::Overflow.into())
}
