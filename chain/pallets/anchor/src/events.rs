//! What the pallet tells of what it did.
//!
//! FRAME takes the section in as if it stood in the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A consumer was registered.
        ConsumerRegistered {
            /// The consumer.
            consumer: T::AccountId,
            /// Who decides about it.
            owner: T::AccountId,
        },
        /// A consumer was removed.
        ConsumerRemoved {
            /// The consumer.
            consumer: T::AccountId,
        },
        /// A consumer has other attestors.
        AttestorsSet {
            /// The consumer.
            consumer: T::AccountId,
            /// How many of them must sign.
            threshold: u32,
            /// Who they are.
            keys: AttestorKeys,
            /// Until when those before them may sign, in seconds since 1970.
            previous_ends_at: u64,
        },
        /// It was set who may ask a consumer, and what its attestors may do.
        PolicySet {
            /// The consumer.
            consumer: T::AccountId,
            /// Who may ask.
            askers: Askers,
            /// What attestors may do.
            bounds: Bounds,
        },
        /// The owner has deleted keys of a consumer's store.
        ValuesDeleted {
            /// The consumer.
            consumer: T::AccountId,
            /// How many there were of those that the owner named.
            count: u32,
        },
        /// A request was made. Its input is in the state for as long as it is open.
        Requested {
            /// The consumer.
            consumer: T::AccountId,
            /// The request.
            number: u64,
            /// Who asks.
            requester: T::AccountId,
            /// What outcomes must name.
            commitment: [u8; 32],
            /// What whoever settles it is paid.
            fee: BalanceOf<T>,
            /// From when on it takes no outcome, in seconds since 1970.
            expires_at: u64,
        },
        /// A request was settled.
        Settled {
            /// The consumer.
            consumer: T::AccountId,
            /// The request.
            number: u64,
            /// Who sent the outcome, and was paid.
            relayer: T::AccountId,
            /// How much.
            fee: BalanceOf<T>,
            /// Whether the run succeeded.
            success: bool,
            /// Its output, or why it failed as UTF-8 text.
            output: Output,
        },
        /// An outcome that nobody asked for was settled.
        Pushed {
            /// The consumer.
            consumer: T::AccountId,
            /// The id of what made the contract run.
            firing: [u8; 32],
            /// Who sent the outcome.
            relayer: T::AccountId,
            /// Whether the run succeeded.
            success: bool,
            /// Its output, or why it failed as UTF-8 text.
            output: Output,
            /// Whether the consumer took it, or why not. It is not told again.
            delivered: DispatchResult,
        },
        /// The consumer did not take the outcome of a request. Anybody may have it tried again.
        CallbackFailed {
            /// The consumer.
            consumer: T::AccountId,
            /// The request.
            number: u64,
            /// Why.
            error: DispatchError,
        },
        /// The consumer has taken an outcome that it did not take before.
        CallbackRetried {
            /// The consumer.
            consumer: T::AccountId,
            /// The request.
            number: u64,
        },
        /// An outcome that the consumer did not take was given up.
        Forgotten {
            /// The consumer.
            consumer: T::AccountId,
            /// The request.
            number: u64,
        },
        /// An outcome of a batch could not be settled. The others were not touched by that.
        PassedOver {
            /// The consumer.
            consumer: T::AccountId,
            /// The request, or 0 where nobody asked.
            number: u64,
            /// Why.
            error: DispatchError,
        },
        /// A request was not settled in time, and paid back.
        Expired {
            /// The consumer.
            consumer: T::AccountId,
            /// The request.
            number: u64,
            /// Who gets fee and deposit back.
            requester: T::AccountId,
        },
    }
}
