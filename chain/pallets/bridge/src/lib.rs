//! The pallet that locks PHA while as much of it is out as an ERC-20 on another chain.
//!
//! Whoever **locks** PHA here gets as much there, and whoever **burns** it there gets as much here. A
//! Phat Contract carries word of both: it runs on each event [`Event::Locked`] and has the token mint,
//! and it runs on each burn and has this pallet release. The pallet is a consumer of the anchor by its
//! account, and is told of the contract's outcomes by [`pallet_phat_anchor::OnOutcome`].
//!
//! **Once.** Locks are numbered here and burns there. The token mints each lock once, and the pallet
//! releases each burn once: it keeps a bit for each that it was told of. That the anchor takes each
//! outcome once is another guard, and neither relies on the other.
//!
//! **Nothing is lost.** A lock stays [`Pending`] until the other side has told that it was minted;
//! until then anybody may have it announced again. A burn that cannot be paid now, because the bridge
//! is paused or has released enough for a day, stays [`Due`] until anybody has it paid.
//!
//! **Nothing is made.** What is locked is on hold on the pallet's account, and is always what the
//! books say: what is out, and what is due. No burn of more than is out is taken, whoever signs it.
//! Amounts are in the same unit on both sides, so none is ever rounded.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod connection;
mod locking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod random_tests;
mod releasing;
#[cfg(test)]
mod tests;
// With `std` too: tests of the whole runtime check the invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

pub use connection::Connection;
pub use pallet::*;
pub use types::{Books, DueRelease, Limits, Message, Moved, PendingLock};
pub use weights::WeightInfo;

/// The number of the first lock, and of the first burn.
pub const FIRST_TRANSFER: u64 = 1;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        PalletId,
        pallet_prelude::*,
        traits::{
            UnixTime,
            fungible::{Inspect, Mutate, MutateHold},
        },
    };
    use frame_system::pallet_prelude::*;
    use pallet_phat_anchor::AttestorKeys;
    use sp_core::H160;

    use crate::{Books, Connection, DueRelease, Limits, Moved, PendingLock, WeightInfo};

    /// The balance that is locked.
    pub type BalanceOf<T> =
        <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

    /// The limits, with the chain's own types.
    pub type LimitsOf<T> = Limits<BalanceOf<T>>;

    /// A release, with the chain's own types.
    pub type DueReleaseOf<T> = DueRelease<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Holds what is locked.
        type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + Mutate<Self::AccountId>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// The anchor that tells the pallet of outcomes.
        type Anchor: Connection<Self::AccountId>;

        /// Tells the time.
        type Time: UnixTime;

        /// Who connects the bridge, sets its limits and pauses it.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// What the pallet's account is derived from.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// The most that may be out on the other side.
        #[pallet::constant]
        type Cap: Get<BalanceOf<Self>>;

        /// The limits until governance sets others.
        #[pallet::constant]
        type DefaultLimits: Get<LimitsOf<Self>>;

        /// The most locks that wait for being minted.
        #[pallet::constant]
        type MaxPending: Get<u32>;

        /// The most burns that wait for being paid.
        #[pallet::constant]
        type MaxDue: Get<u32>;

        /// How long it is until a lock may be announced again, in seconds.
        #[pallet::constant]
        type AnnounceInterval: Get<u64>;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why the pallet holds a balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For what is out on the other side, or due here, of the pallet's own balance.
        Locked,
    }

    /// What [`CurrentLimits`] is until governance sets it.
    #[pallet::type_value]
    pub fn LimitsAtFirst<T: Config>() -> LimitsOf<T> {
        T::DefaultLimits::get()
    }

    /// What governance has set.
    #[pallet::storage]
    pub type CurrentLimits<T: Config> = StorageValue<_, LimitsOf<T>, ValueQuery, LimitsAtFirst<T>>;

    /// Whether nothing is locked and nothing released.
    #[pallet::storage]
    pub type Paused<T: Config> = StorageValue<_, bool, ValueQuery>;

    /// What is where.
    #[pallet::storage]
    pub type CurrentBooks<T: Config> = StorageValue<_, Books<BalanceOf<T>>, ValueQuery>;

    /// What was moved on the latest day that something was.
    #[pallet::storage]
    pub type Today<T: Config> = StorageValue<_, Moved<BalanceOf<T>>, ValueQuery>;

    /// The locks of which the other side has not told yet that they were minted, by their numbers.
    #[pallet::storage]
    pub type Pending<T: Config> =
        CountedStorageMap<_, Twox64Concat, u64, PendingLock<BalanceOf<T>>, OptionQuery>;

    /// The burns that are not paid in full, by their numbers.
    #[pallet::storage]
    pub type Due<T: Config> = CountedStorageMap<_, Twox64Concat, u64, DueReleaseOf<T>, OptionQuery>;

    /// Which burns the pallet was told of: a bit for each, 128 to an entry, the lowest for the first.
    #[pallet::storage]
    pub type Processed<T: Config> = StorageMap<_, Twox64Concat, u64, u128, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// PHA is locked, and as much is to be minted. Contracts run on this event. It comes again for
        /// the same lock when somebody has that announced again.
        Locked {
            /// The number of the lock.
            number: u64,
            /// Who gets as much on the other side.
            recipient: H160,
            /// How much.
            amount: BalanceOf<T>,
        },
        /// The other side has minted a lock.
        Minted {
            /// The number of the lock.
            number: u64,
        },
        /// Something was burned on the other side, and is due.
        Burned {
            /// The number of the burn.
            number: u64,
            /// Who is paid.
            recipient: T::AccountId,
            /// How much.
            amount: BalanceOf<T>,
        },
        /// A burn was paid, or a part of it.
        Released {
            /// The number of the burn.
            number: u64,
            /// Who was paid.
            recipient: T::AccountId,
            /// How much.
            amount: BalanceOf<T>,
            /// What is left to pay.
            left: BalanceOf<T>,
        },
        /// The bridge has other attestors.
        Connected,
        /// The bridge has other limits.
        LimitsSet {
            /// The limits.
            limits: LimitsOf<T>,
        },
        /// The bridge was paused, or goes on.
        PausedSet {
            /// Whether it is paused.
            paused: bool,
        },
    }

    /// Why a call or an outcome was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// Governance has paused the bridge. Wait until it goes on.
        Paused,
        /// The bridge has no attestors yet. Governance has to name them with `connect`.
        NotConnected,
        /// The recipient is the zero address, from which nothing ever returns. Name another.
        RecipientInvalid,
        /// The amount is below the least that is locked at once. Lock more.
        BelowMinimum,
        /// More than the cap would be out on the other side. Lock less.
        AboveCap,
        /// As much was moved today as may be. Wait for the next day, or move less.
        DailyCapReached,
        /// As many locks wait for being minted as may. Wait until some are.
        TooManyPending,
        /// The lock does not wait for being minted: there is none of that number, or it is minted.
        NotPending,
        /// The lock was announced a short while ago. Wait for the outcome first.
        AnnouncedRecently,
        /// The burn does not wait for being paid: nobody told of it, or it is paid.
        NotDue,
        /// The limits make no sense. The minimum must be no less than the least balance of an
        /// account and no more than the daily cap.
        LimitsInvalid,
        /// The contract's run has failed. Have the transfer announced again.
        RunFailed,
        /// The outcome is no message that the pallet knows.
        MessageInvalid,
        /// The burn was told before.
        ProcessedBefore,
        /// More was burned than is out. Somebody lies: pause the bridge.
        NotOutstanding,
        /// As many burns wait for being paid as may, and this one cannot be paid at once. Have some
        /// paid, and this announced again.
        TooManyDue,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MaxPending::get() > 0, "nothing can be locked");
            assert!(T::MaxDue::get() > 0, "nothing can be released");
            assert!(
                Self::are_sensible(&T::DefaultLimits::get()),
                "the limits make no sense"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Locks PHA, for as much of the ERC-20 for `recipient` on the other chain.
        ///
        /// `amount` is in the chain's smallest unit, which is that of the ERC-20 too.
        ///
        /// Dispatch origin: signed by anybody, who pays the fee of the limits besides and keeps the
        /// least balance of an account.
        ///
        /// Errors: [`Error::Paused`], [`Error::NotConnected`], [`Error::RecipientInvalid`],
        /// [`Error::BelowMinimum`], [`Error::AboveCap`], [`Error::DailyCapReached`],
        /// [`Error::TooManyPending`], or the currency's when there is not as much to lock.
        ///
        /// Event: [`Event::Locked`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::lock())]
        pub fn lock(
            origin: OriginFor<T>,
            #[pallet::compact] amount: BalanceOf<T>,
            recipient: H160,
        ) -> DispatchResult {
            let sender = ensure_signed(origin)?;
            Self::do_lock(&sender, amount, recipient)
        }

        /// Has the contract run again for a lock that was not minted, as when its run has failed or
        /// the token has minted enough for a day.
        ///
        /// Dispatch origin: signed by anybody, who pays the fee of the limits: the contract's workers
        /// pay for the run.
        ///
        /// Errors: [`Error::Paused`], [`Error::NotPending`], [`Error::AnnouncedRecently`], or the
        /// currency's when the fee cannot be paid.
        ///
        /// Event: [`Event::Locked`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::announce())]
        pub fn announce(origin: OriginFor<T>, number: u64) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::do_announce(&caller, number)
        }

        /// Pays a burn that is due, or what of it may be paid today.
        ///
        /// Dispatch origin: signed by anybody.
        ///
        /// Errors: [`Error::Paused`], [`Error::NotDue`], [`Error::DailyCapReached`], or the
        /// currency's when the recipient has no account and the amount makes none.
        ///
        /// Event: [`Event::Released`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::release())]
        pub fn release(origin: OriginFor<T>, number: u64) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_release(number)
        }

        /// Names whose outcomes the pallet takes: `threshold` of these keys have to sign. Those
        /// before them may go on signing for `overlap_s` seconds.
        ///
        /// The pallet's account has to have the deposit of a consumer of the anchor, at the first
        /// time, and something for the deposits of what the anchor keeps of each transfer.
        ///
        /// Dispatch origin: governance.
        ///
        /// Errors: those of the anchor's `register_consumer` and `set_attestors`.
        ///
        /// Event: [`Event::Connected`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::connect())]
        pub fn connect(
            origin: OriginFor<T>,
            threshold: u32,
            keys: AttestorKeys,
            overlap_s: u64,
        ) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            T::Anchor::connect(&Self::account_id(), threshold, keys, overlap_s)?;
            Self::deposit_event(Event::Connected);
            Ok(())
        }

        /// Sets the limits. What is pending or due is no concern.
        ///
        /// Dispatch origin: governance.
        ///
        /// Errors: [`Error::LimitsInvalid`].
        ///
        /// Event: [`Event::LimitsSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_limits())]
        pub fn set_limits(origin: OriginFor<T>, limits: LimitsOf<T>) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            ensure!(Self::are_sensible(&limits), Error::<T>::LimitsInvalid);
            CurrentLimits::<T>::put(limits);
            Self::deposit_event(Event::LimitsSet { limits });
            Ok(())
        }

        /// Pauses the bridge, or has it go on. While it is paused nothing is locked or released, and
        /// what it is told of is still noted.
        ///
        /// Dispatch origin: governance.
        ///
        /// Event: [`Event::PausedSet`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::set_paused())]
        pub fn set_paused(origin: OriginFor<T>, paused: bool) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Paused::<T>::put(paused);
            Self::deposit_event(Event::PausedSet { paused });
            Ok(())
        }
    }
}
