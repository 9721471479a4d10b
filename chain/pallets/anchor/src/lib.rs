//! The pallet that takes outcomes of Phat Contracts exactly once, for any Substrate chain.
//!
//! A **consumer** is an account that has outcomes settled for it. It names **attestors**, keys of
//! Phat Contracts, and how many of them must sign. Whoever may makes **requests** of it: an input
//! that is stored until workers of the Phat network have run a contract on it, or its time is over.
//! An **outcome** names the request, the keys of the consumer's store that it depends on with their
//! versions, and the keys that it changes. The pallet takes all of it or nothing, once.
//!
//! Outcomes of schedules, logs and calls over HTTP name **no request**. Such an outcome changes a key
//! whose version it depends on, and so is taken once.
//!
//! **Accounts.** A consumer may be an account like any other, or one that is derived from its
//! owner's and 32 bytes, and has no key. A contract that has no foreign target keeps its state with
//! a consumer of that kind, derived from the account of the contract's owner and the contract's id.
//! A pallet of the same runtime is a consumer by its account; it makes requests with
//! [`Pallet::do_request`] and is told of outcomes by [`OnOutcome`].
//!
//! **Money.** The requester pays a deposit for what is stored, which returns, and a fee if it wants
//! to, which goes to whoever sends the outcome. That account pays the transaction, like any other:
//! there is no way to settle without a fee, so nobody fills blocks with outcomes for nothing. Values
//! in the store are paid for by deposits of the consumer's account, which [`Bounds`] bound. Requests
//! that nobody has settled in time are paid back in full.
//!
//! **Versions.** Writes of a consumer are numbered, and a value has the number of its write as its
//! version. A key that is not there has that of the newest write that deleted one, or the one that
//! writes are numbered from, which rises with the block in which a consumer is registered. So no
//! version of a key ever comes again, though nothing is stored of keys or consumers that are gone.
//!
//! **Rotation.** New attestors sign from the moment when they are named. Those before them may go on
//! signing for a while, so that outcomes that are on the way are not lost.
//!
//! The pallet knows no other pallet of Phat: a runtime needs it, something to hold balances and a
//! clock.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod consumers;
mod errors;
mod events;
#[cfg(test)]
mod mock;
mod push;
#[cfg(test)]
mod push_tests;
#[cfg(test)]
mod random_tests;
mod requests;
mod settlement;
mod store;
#[cfg(test)]
mod tests;
// With `std` too: tests of the whole runtime check the invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::{
    Askers, AttestorKeys, AttestorSet, Attestors, BalanceOf, Batch, Bounds, ConsumerInfo,
    ConsumerInfoOf, Failure, Input, OnOutcome, Output, PreviousSet, PushedOutcome, Request,
    RequestOf, SettledOutcome, Status, StoredValue,
};
pub use weights::WeightInfo;

/// The pallet's items, in the form that FRAME asks for.
#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::{
            UnixTime,
            fungible::{Mutate, MutateHold},
        },
    };
    use frame_system::pallet_prelude::*;
    use phat_primitives::anchor::{DELETED_MAX, KeyHash, Outcome, OutcomeSignatures};

    use crate::{
        Askers, AttestorKeys, Attestors, BalanceOf, Batch, Bounds, ConsumerInfoOf, Input,
        OnOutcome, Output, RequestOf, StoredValue, WeightInfo,
    };

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Holds fees and deposits.
        type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + Mutate<Self::AccountId>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Tells the time.
        type Time: UnixTime;

        /// Takes outcomes for pallets of the runtime.
        type OnOutcome: OnOutcome<Self::AccountId>;

        /// Held of the owner's balance for a consumer.
        #[pallet::constant]
        type ConsumerDeposit: Get<BalanceOf<Self>>;

        /// Held of the requester's balance for a request, besides what its bytes take.
        #[pallet::constant]
        type RequestDeposit: Get<BalanceOf<Self>>;

        /// Held of the consumer's balance for a key in its store, besides what its bytes take.
        #[pallet::constant]
        type ValueDeposit: Get<BalanceOf<Self>>;

        /// Held for each byte of an input or a value.
        #[pallet::constant]
        type DepositPerByte: Get<BalanceOf<Self>>;

        /// The most requests of a consumer that are stored at a time. A quarter of the places is for
        /// requests of the consumer itself and its owner.
        #[pallet::constant]
        type MaxRequests: Get<u32>;

        /// The most bytes that the values of a consumer may have together, with
        /// [`KEY_BYTES`](phat_primitives::anchor::KEY_BYTES) more for each key.
        #[pallet::constant]
        type MaxStoredBytes: Get<u64>;

        /// How long a request may wait for its outcome at the most, in seconds.
        #[pallet::constant]
        type MaxLifetimeS: Get<u64>;

        /// How long attestors that were replaced may go on signing at the most, in seconds.
        #[pallet::constant]
        type MaxOverlapS: Get<u64>;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why the pallet holds a balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For a consumer that is registered, of its owner's balance.
        Consumer,
        /// For a request and its fee, of the requester's balance.
        Request,
        /// For values in a store, of the consumer's balance.
        Values,
    }

    /// The consumers.
    #[pallet::storage]
    pub type Consumers<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, ConsumerInfoOf<T>, OptionQuery>;

    /// Who signs the outcomes of each consumer.
    #[pallet::storage]
    pub type AttestorsOf<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Attestors, OptionQuery>;

    /// The requests of each consumer that are open, or whose outcome it did not take. Those that are
    /// done are not there any more.
    ///
    /// Workers read this list at every finalised block.
    #[pallet::storage]
    pub type Requests<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Twox64Concat,
        u64,
        RequestOf<T>,
        OptionQuery,
    >;

    /// The inputs of open requests.
    #[pallet::storage]
    pub type Inputs<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, u64, Input, OptionQuery>;

    /// The key-value store of each consumer, by the hashes of the keys.
    #[pallet::storage]
    pub type Values<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Blake2_128Concat,
        KeyHash,
        StoredValue<BalanceOf<T>>,
        OptionQuery,
    >;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MaxRequests::get() > 0, "no request can be made");
            assert!(T::MaxLifetimeS::get() > 0, "every request has expired");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers a consumer: the caller's own account, or with a `salt` one that is derived from
        /// it, has no key, and belongs to the caller.
        ///
        /// Dispatch origin: signed by anybody, who pays the deposit.
        ///
        /// Errors: [`Error::ConsumerExists`], [`Error::ThresholdInvalid`],
        /// [`Error::AttestorTwice`], [`Error::AttestorInvalid`], [`Error::BoundsTooHigh`], or the
        /// currency's when the deposit cannot be held.
        ///
        /// Event: [`Event::ConsumerRegistered`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register_consumer())]
        pub fn register_consumer(
            origin: OriginFor<T>,
            salt: Option<[u8; 32]>,
            askers: Askers,
            bounds: Bounds,
            threshold: u32,
            keys: AttestorKeys,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let consumer = match salt {
                Some(salt) => Self::derived_consumer(&owner, &salt)?,
                None => owner.clone(),
            };
            Self::do_register(consumer, owner, askers, bounds, threshold, keys)
        }

        /// Names the attestors of a consumer. Those before them may go on signing for `overlap_s`
        /// seconds; those before these may not any more.
        ///
        /// With an overlap of zero, which is right when a key was stolen, outcomes that are on the
        /// way are signed anew.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::NotOwner`], [`Error::ThresholdInvalid`],
        /// [`Error::AttestorTwice`], [`Error::AttestorInvalid`], [`Error::OverlapTooLong`].
        ///
        /// Event: [`Event::AttestorsSet`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_attestors())]
        pub fn set_attestors(
            origin: OriginFor<T>,
            consumer: T::AccountId,
            threshold: u32,
            keys: AttestorKeys,
            overlap_s: u64,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::ensure_owner(&consumer, &owner)?;
            Self::do_set_attestors(consumer, threshold, keys, overlap_s)
        }

        /// Sets who may ask a consumer, and what its attestors may do. Values that are above the new
        /// bounds stay, and may get shorter.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::NotOwner`], [`Error::BoundsTooHigh`].
        ///
        /// Event: [`Event::PolicySet`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_policy())]
        pub fn set_policy(
            origin: OriginFor<T>,
            consumer: T::AccountId,
            askers: Askers,
            bounds: Bounds,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let info = Self::ensure_owner(&consumer, &owner)?;
            Self::do_set_policy(consumer, info, askers, bounds)
        }

        /// Removes a consumer that has neither requests nor values. What a derived one has is sent
        /// to its owner.
        ///
        /// Dispatch origin: signed by the owner, who gets the deposit back.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::NotOwner`], [`Error::ConsumerInUse`].
        ///
        /// Event: [`Event::ConsumerRemoved`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::remove_consumer())]
        pub fn remove_consumer(origin: OriginFor<T>, consumer: T::AccountId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let info = Self::ensure_owner(&consumer, &owner)?;
            Self::do_remove(consumer, info)
        }

        /// Deletes keys of a consumer's store; those that are not there are passed over. The
        /// deposits return to the consumer.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::NotOwner`].
        ///
        /// Event: [`Event::ValuesDeleted`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::delete_values(keys.len() as u32))]
        pub fn delete_values(
            origin: OriginFor<T>,
            consumer: T::AccountId,
            keys: BoundedVec<KeyHash, ConstU32<DELETED_MAX>>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let info = Self::ensure_owner(&consumer, &owner)?;
            let count = Self::do_delete(&consumer, info, &keys)?;
            Self::deposit_event(Event::ValuesDeleted { consumer, count });
            Ok(())
        }

        /// Makes a request of a consumer. `expires_at` is in seconds since 1970.
        ///
        /// Dispatch origin: signed by whoever may ask, who pays deposit and fee.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::MayNotAsk`], [`Error::ExpiryInvalid`],
        /// [`Error::TooManyRequests`], or the currency's when fee and deposit cannot be held.
        ///
        /// Event: [`Event::Requested`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::request(input.len() as u32))]
        pub fn request(
            origin: OriginFor<T>,
            consumer: T::AccountId,
            input: Input,
            fee: BalanceOf<T>,
            expires_at: u64,
        ) -> DispatchResult {
            let requester = ensure_signed(origin)?;
            Self::ensure_may_ask(&consumer, &requester)?;
            Self::do_request(&consumer, &requester, input, fee, expires_at).map(drop)
        }

        /// Settles a request: writes what the outcome writes, pays the fee to the caller, returns
        /// the deposit and tells the consumer. Or settles an outcome that nobody asked for, whose
        /// number is 0: writes what it writes and tells the consumer.
        ///
        /// When the consumer does not take the outcome, it is settled all the same, and anybody may
        /// have that tried again with `retry` if it was asked for.
        ///
        /// Dispatch origin: signed by anybody, who is paid the fee.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::UnknownRequest`],
        /// [`Error::RequestClosed`], [`Error::CommitmentMismatch`], [`Error::RequestExpired`],
        /// [`Error::OutcomeTooLarge`], [`Error::OutOfBounds`], [`Error::SignaturesUnordered`],
        /// [`Error::NotAttestor`], [`Error::QuorumMissing`], [`Error::SignatureInvalid`],
        /// [`Error::StaleVersion`], [`Error::ConsumerCannotPay`], [`Error::Unguarded`].
        ///
        /// Events: [`Event::Settled`], and [`Event::CallbackFailed`] when that is so; or
        /// [`Event::Pushed`].
        #[pallet::call_index(6)]
        #[pallet::weight(Pallet::<T>::settle_weight(outcome, signatures))]
        pub fn settle(
            origin: OriginFor<T>,
            consumer: T::AccountId,
            outcome: Outcome,
            signatures: OutcomeSignatures,
        ) -> DispatchResult {
            let relayer = ensure_signed(origin)?;
            Self::do_settle(&relayer, &consumer, &outcome, &signatures)
        }

        /// Settles outcomes for any consumers, in their order. One that cannot be settled is passed
        /// over.
        ///
        /// Dispatch origin: signed by anybody, who is paid the fees.
        ///
        /// Events: those of `settle` for each, or [`Event::PassedOver`].
        #[pallet::call_index(7)]
        #[pallet::weight(Pallet::<T>::batch_weight(batch))]
        pub fn settle_batch(origin: OriginFor<T>, batch: Batch<T>) -> DispatchResult {
            let relayer = ensure_signed(origin)?;
            for (consumer, outcome, signatures) in batch {
                Self::settle_or_pass_over(&relayer, consumer, outcome, signatures);
            }
            Ok(())
        }

        /// Has the consumer told again of an outcome that it did not take: the one that the event
        /// `Settled` had, whose success and output the caller gives.
        ///
        /// Dispatch origin: signed by anybody.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::UnknownRequest`],
        /// [`Error::RequestClosed`], [`Error::NotFailed`], [`Error::OutputMismatch`], or the
        /// consumer's, when it does not take it again.
        ///
        /// Event: [`Event::CallbackRetried`].
        #[pallet::call_index(8)]
        #[pallet::weight(
            T::WeightInfo::retry(output.len() as u32)
                .saturating_add(T::OnOutcome::weight_max())
        )]
        pub fn retry(
            origin: OriginFor<T>,
            consumer: T::AccountId,
            number: u64,
            success: bool,
            output: Output,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_retry(consumer, number, success, &output)
        }

        /// Gives up an outcome that the consumer did not take. The requester's deposit returns.
        ///
        /// Dispatch origin: signed by the consumer's owner, or, once the time of the request is
        /// over, by the requester.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::UnknownRequest`],
        /// [`Error::RequestClosed`], [`Error::NotFailed`], [`Error::NotOwner`],
        /// [`Error::NotExpired`].
        ///
        /// Event: [`Event::Forgotten`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::forget())]
        pub fn forget(origin: OriginFor<T>, consumer: T::AccountId, number: u64) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::do_forget(&caller, consumer, number)
        }

        /// Closes a request that was not settled in time. The requester gets fee and deposit back.
        ///
        /// Dispatch origin: signed by anybody.
        ///
        /// Errors: [`Error::UnknownConsumer`], [`Error::UnknownRequest`],
        /// [`Error::RequestClosed`], [`Error::NotExpired`].
        ///
        /// Event: [`Event::Expired`].
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::expire())]
        pub fn expire(origin: OriginFor<T>, consumer: T::AccountId, number: u64) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_expire(consumer, number)
        }
    }
}
