//! What the contract tells of the other side, and what follows.

use codec::DecodeAll;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
    },
    weights::Weight,
};
use pallet_phat_anchor::{OnOutcome, PushedOutcome, SettledOutcome};
use sp_runtime::{
    ArithmeticError, DispatchError,
    traits::{CheckedAdd, CheckedSub, Zero},
};

use crate::{
    BalanceOf, Config, CurrentBooks, Due, DueRelease, Error, Event, FIRST_TRANSFER, HoldReason,
    Message, Pallet, Paused, Pending, Processed, Today, WeightInfo,
};

/// Burns that one entry of [`Processed`] has a bit for.
const BURNS_PER_WORD: u64 = u128::BITS as u64;

impl<T: Config> OnOutcome<T::AccountId> for Pallet<T> {
    /// The pallet asks nothing, and nobody else may ask its account.
    fn on_outcome(settled: &SettledOutcome<'_, T::AccountId>) -> DispatchResult {
        let is_own = *settled.consumer == Self::account_id();
        ensure!(!is_own, Error::<T>::MessageInvalid);
        Ok(())
    }

    fn on_push(pushed: &PushedOutcome<'_, T::AccountId>) -> DispatchResult {
        if *pushed.consumer != Self::account_id() {
            return Ok(());
        }
        ensure!(pushed.success, Error::<T>::RunFailed);
        let message =
            Message::decode_all(&mut &pushed.output[..]).map_err(|_| Error::<T>::MessageInvalid)?;
        match message {
            Message::Minted { number } => Self::note_minted(number),
            Message::Burned {
                number,
                recipient,
                amount,
            } => Self::note_burned(number, &recipient, amount),
        }
    }

    fn weight_max() -> Weight {
        T::WeightInfo::on_minted().max(T::WeightInfo::on_burned())
    }
}

impl<T: Config> Pallet<T> {
    /// Whether the pallet was told of a burn.
    pub fn is_processed(number: u64) -> bool {
        let (word, mask) = bit(number);
        Processed::<T>::get(word) & mask != 0
    }

    /// A lock is minted, and waits no more. Told again, it is refused and nothing is done.
    pub(crate) fn note_minted(number: u64) -> DispatchResult {
        ensure!(Pending::<T>::contains_key(number), Error::<T>::NotPending);
        Pending::<T>::remove(number);
        Self::deposit_event(Event::Minted { number });
        Ok(())
    }

    /// A burn is due, and paid at once if it can be. What changes is to be undone when it fails, as
    /// the anchor does.
    pub(crate) fn note_burned(number: u64, recipient: &[u8; 32], amount: u128) -> DispatchResult {
        ensure!(number >= FIRST_TRANSFER, Error::<T>::MessageInvalid);
        let amount = BalanceOf::<T>::try_from(amount).map_err(|_| Error::<T>::NotOutstanding)?;
        ensure!(!amount.is_zero(), Error::<T>::MessageInvalid);
        let recipient = account::<T>(recipient)?;
        let (word, mask) = bit(number);
        let processed = Processed::<T>::get(word);
        ensure!(processed & mask == 0, Error::<T>::ProcessedBefore);
        let is_full = Due::<T>::count() >= T::MaxDue::get();

        let mut books = CurrentBooks::<T>::get();
        let outstanding = books.outstanding.checked_sub(&amount);
        books.outstanding = outstanding.ok_or(Error::<T>::NotOutstanding)?;
        let due = books.due.checked_add(&amount);
        books.due = due.ok_or(ArithmeticError::Overflow)?;
        CurrentBooks::<T>::put(books);
        Processed::<T>::insert(word, processed | mask);
        let release = DueRelease {
            amount,
            recipient: recipient.clone(),
        };
        Due::<T>::insert(number, release);
        Self::deposit_event(Event::Burned {
            number,
            recipient,
            amount,
        });
        // What cannot be paid now is paid later: the event tells of it, and `release` does it.
        let _ = with_storage_layer(|| Self::do_release(number));
        let is_paid = !Due::<T>::contains_key(number);
        ensure!(is_paid || !is_full, Error::<T>::TooManyDue);
        Ok(())
    }

    pub(crate) fn do_release(number: u64) -> DispatchResult {
        ensure!(!Paused::<T>::get(), Error::<T>::Paused);
        let mut due = Due::<T>::get(number).ok_or(Error::<T>::NotDue)?;
        let mut today = Self::today();
        let amount = due.amount.min(Self::left_today(&today));
        ensure!(!amount.is_zero(), Error::<T>::DailyCapReached);

        let released = today.released.checked_add(&amount);
        today.released = released.ok_or(ArithmeticError::Overflow)?;
        Today::<T>::put(today);
        let mut books = CurrentBooks::<T>::get();
        let left = books.due.checked_sub(&amount);
        books.due = left.ok_or(ArithmeticError::Underflow)?;
        CurrentBooks::<T>::put(books);
        T::Currency::transfer_on_hold(
            &HoldReason::Locked.into(),
            &Self::account_id(),
            &due.recipient,
            amount,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Polite,
        )?;
        let left = due.amount.checked_sub(&amount);
        due.amount = left.ok_or(ArithmeticError::Underflow)?;
        Self::deposit_event(Event::Released {
            number,
            recipient: due.recipient.clone(),
            amount,
            left: due.amount,
        });
        match due.amount.is_zero() {
            true => Due::<T>::remove(number),
            false => Due::<T>::insert(number, due),
        }
        Ok(())
    }
}

/// The account that these bytes are.
fn account<T: Config>(bytes: &[u8; 32]) -> Result<T::AccountId, DispatchError> {
    T::AccountId::decode_all(&mut &bytes[..]).map_err(|_| Error::<T>::MessageInvalid.into())
}

/// Where the bit of a burn is: the entry, and the bit in it.
fn bit(number: u64) -> (u64, u128) {
    (number / BURNS_PER_WORD, 1 << (number % BURNS_PER_WORD))
}
