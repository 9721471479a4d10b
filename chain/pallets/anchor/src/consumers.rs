//! Consumers: registering and removing them, and who signs for them.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        Get, UnixTime,
        fungible::{Inspect, Mutate, MutateHold},
        tokens::{Fortitude, Precision, Preservation},
    },
};
use frame_system::pallet_prelude::BlockNumberFor;
use phat_primitives::anchor::{
    AttestorKey, FIRST_REQUEST, OUTPUT_BYTES_MAX, WRITES_MAX, consumer_entropy,
};
use sp_runtime::{
    ArithmeticError, DispatchError, SaturatedConversion,
    traits::{CheckedAdd, CheckedMul, TrailingZeroInput, Zero},
};

use crate::{
    Askers, AttestorKeys, AttestorSet, Attestors, AttestorsOf, BalanceOf, Bounds, Config,
    ConsumerInfo, ConsumerInfoOf, Consumers, Error, Event, HoldReason, Pallet, PreviousSet,
};

/// How far apart the numbers are that writes are counted from, for consumers that are registered in
/// one block and in the next. No block has so many writes.
const WRITES_PER_BLOCK: u64 = 1 << 32;

impl<T: Config> Pallet<T> {
    /// A consumer.
    pub fn consumer(consumer: &T::AccountId) -> Result<ConsumerInfoOf<T>, DispatchError> {
        Consumers::<T>::get(consumer).ok_or_else(|| Error::<T>::UnknownConsumer.into())
    }

    /// The account of the consumer that has no key, and is its owner's. For the store of a contract
    /// that has no foreign target, `salt` is the contract's id.
    pub fn derived_consumer(
        owner: &T::AccountId,
        salt: &[u8; 32],
    ) -> Result<T::AccountId, DispatchError> {
        let entropy = consumer_entropy(&owner.encode(), salt);
        T::AccountId::decode(&mut TrailingZeroInput::new(&entropy))
            .map_err(|_| DispatchError::Other("an account cannot be made of 32 bytes"))
    }

    /// Registers `consumer` as a consumer of `owner`, as the call does. For pallets of the runtime,
    /// whose account may be both.
    pub fn do_register(
        consumer: T::AccountId,
        owner: T::AccountId,
        askers: Askers,
        bounds: Bounds,
        threshold: u32,
        keys: AttestorKeys,
    ) -> DispatchResult {
        ensure!(
            !Consumers::<T>::contains_key(&consumer),
            Error::<T>::ConsumerExists
        );
        Self::ensure_possible(&bounds)?;
        let current = Self::attestor_set(threshold, keys)?;
        let deposit = T::ConsumerDeposit::get();
        T::Currency::hold(&HoldReason::Consumer.into(), &owner, deposit)?;

        let written = Self::writes_before(frame_system::Pallet::<T>::block_number());
        let info = ConsumerInfo {
            owner: owner.clone(),
            deposit,
            askers,
            bounds,
            next_request: FIRST_REQUEST,
            requests: 0,
            writes: written,
            deleted_at: written,
            values: 0,
            stored_bytes: 0,
        };
        Consumers::<T>::insert(&consumer, info);
        let attestors = Attestors {
            current,
            previous: None,
        };
        AttestorsOf::<T>::insert(&consumer, attestors);
        Self::deposit_event(Event::ConsumerRegistered { consumer, owner });
        Ok(())
    }

    /// What the writes of a consumer are counted from that is registered in this block. It is more
    /// than any that the same account has counted up to before it was removed: no version comes
    /// again, and no outcome that was settled then is settled again.
    fn writes_before(block: BlockNumberFor<T>) -> u64 {
        let block: u64 = block.saturated_into();
        block.saturating_mul(WRITES_PER_BLOCK)
    }

    /// Names the attestors of a consumer, as the call does. For pallets of the runtime.
    pub fn do_set_attestors(
        consumer: T::AccountId,
        threshold: u32,
        keys: AttestorKeys,
        overlap_s: u64,
    ) -> DispatchResult {
        ensure!(
            overlap_s <= T::MaxOverlapS::get(),
            Error::<T>::OverlapTooLong
        );
        let before = AttestorsOf::<T>::get(&consumer).ok_or(Error::<T>::UnknownConsumer)?;
        let current = Self::attestor_set(threshold, keys)?;
        let keys = current.keys.clone();
        let ends_at = Self::now_s().saturating_add(overlap_s);
        let previous = (overlap_s > 0).then_some(PreviousSet {
            set: before.current,
            ends_at,
        });
        AttestorsOf::<T>::insert(&consumer, Attestors { current, previous });
        Self::deposit_event(Event::AttestorsSet {
            consumer,
            threshold,
            keys,
            previous_ends_at: ends_at,
        });
        Ok(())
    }

    pub(crate) fn do_set_policy(
        consumer: T::AccountId,
        mut info: ConsumerInfoOf<T>,
        askers: Askers,
        bounds: Bounds,
    ) -> DispatchResult {
        Self::ensure_possible(&bounds)?;
        info.askers = askers;
        info.bounds = bounds;
        Consumers::<T>::insert(&consumer, info);
        Self::deposit_event(Event::PolicySet {
            consumer,
            askers,
            bounds,
        });
        Ok(())
    }

    pub(crate) fn do_remove(consumer: T::AccountId, info: ConsumerInfoOf<T>) -> DispatchResult {
        let is_unused = info.requests == 0 && info.values == 0;
        ensure!(is_unused, Error::<T>::ConsumerInUse);
        let reason = HoldReason::Consumer.into();
        T::Currency::release(&reason, &info.owner, info.deposit, Precision::BestEffort)?;
        if consumer != info.owner {
            Self::send_all(&consumer, &info.owner)?;
        }
        Consumers::<T>::remove(&consumer);
        AttestorsOf::<T>::remove(&consumer);
        Self::deposit_event(Event::ConsumerRemoved { consumer });
        Ok(())
    }

    /// Sends what an account has that has no key, and is used no more, to its owner.
    fn send_all(from: &T::AccountId, to: &T::AccountId) -> DispatchResult {
        let left =
            T::Currency::reducible_balance(from, Preservation::Expendable, Fortitude::Polite);
        if !left.is_zero() {
            T::Currency::transfer(from, to, left, Preservation::Expendable)?;
        }
        Ok(())
    }

    pub(crate) fn ensure_owner(
        consumer: &T::AccountId,
        caller: &T::AccountId,
    ) -> Result<ConsumerInfoOf<T>, DispatchError> {
        let info = Self::consumer(consumer)?;
        ensure!(info.owner == *caller, Error::<T>::NotOwner);
        Ok(info)
    }

    /// Refuses bounds above those of all consumers.
    fn ensure_possible(bounds: &Bounds) -> DispatchResult {
        let is_possible = bounds.output_bytes <= OUTPUT_BYTES_MAX
            && bounds.writes <= WRITES_MAX
            && bounds.stored_bytes <= T::MaxStoredBytes::get();
        ensure!(is_possible, Error::<T>::BoundsTooHigh);
        Ok(())
    }

    fn attestor_set(threshold: u32, keys: AttestorKeys) -> Result<AttestorSet, DispatchError> {
        let count = keys.len();
        let is_possible = threshold >= 1 && threshold as usize <= count;
        ensure!(is_possible, Error::<T>::ThresholdInvalid);
        ensure!(
            keys.iter().all(AttestorKey::is_well_formed),
            Error::<T>::AttestorInvalid
        );
        let mut sorted: Vec<AttestorKey> = keys.into_inner();
        sorted.sort_unstable();
        sorted.dedup();
        ensure!(sorted.len() == count, Error::<T>::AttestorTwice);
        Ok(AttestorSet {
            threshold,
            keys: AttestorKeys::truncate_from(sorted),
        })
    }

    /// The time, in seconds since 1970.
    pub(crate) fn now_s() -> u64 {
        T::Time::now().as_secs()
    }

    /// What is held for `bytes` bytes besides `base`.
    pub(crate) fn deposit_of(
        base: BalanceOf<T>,
        bytes: usize,
    ) -> Result<BalanceOf<T>, DispatchError> {
        let bytes = u32::try_from(bytes).map_err(|_| ArithmeticError::Overflow)?;
        let of_bytes = T::DepositPerByte::get().checked_mul(&bytes.into());
        let sum = of_bytes.and_then(|of_bytes| base.checked_add(&of_bytes));
        sum.ok_or_else(|| ArithmeticError::Overflow.into())
    }
}
