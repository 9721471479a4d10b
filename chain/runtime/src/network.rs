//! The pallet that holds what a genesis fixes about its network.
//!
//! One runtime serves networks with different block times, so the length of a slot is in the
//! state and not in the code. Nothing can change it once the chain has begun: BABE derives the
//! number of a slot from the clock by it. How fast governance is, which is faster on networks for
//! development, is fixed the same way.
//!
//! The pallet also keeps the supply of PHA below its cap: it refuses a genesis that issues more,
//! and checks the cap wherever the invariants are checked.

pub use pallet::*;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use core::ops::RangeInclusive;

    use frame_support::{
        pallet_prelude::*,
        traits::{fungible::Inspect, ConstU32, ConstU64},
    };
    use frame_system::pallet_prelude::*;

    /// The slot lengths that a network may have, in milliseconds.
    pub const SLOT_MILLIS_RANGE: RangeInclusive<u64> = 1_000..=60_000;

    /// The slot length of a network whose genesis does not say, in milliseconds.
    pub const SLOT_MILLIS_DEFAULT: u64 = 3_000;

    /// How many times as fast as on a public network governance may be: at the most an hour passes
    /// in a second.
    pub const GOVERNANCE_SPEED_RANGE: RangeInclusive<u32> = 1..=3_600;

    /// The speed of governance on a network whose genesis does not say.
    pub const GOVERNANCE_SPEED_DEFAULT: u32 = 1;

    /// What the runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The currency with a cap.
        type Currency: Inspect<Self::AccountId, Balance = u128>;

        /// The cap.
        #[pallet::constant]
        type SupplyMax: Get<u128>;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The length of a slot in milliseconds, which is the time between two blocks.
    #[pallet::storage]
    pub type SlotMillis<T> = StorageValue<_, u64, ValueQuery, ConstU64<SLOT_MILLIS_DEFAULT>>;

    /// How many times as fast as on a public network referenda, votes' locks and spends run.
    #[pallet::storage]
    pub type GovernanceSpeed<T> =
        StorageValue<_, u32, ValueQuery, ConstU32<GOVERNANCE_SPEED_DEFAULT>>;

    /// What a genesis decides about the pallet.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// See [`SlotMillis`].
        pub slot_millis: u64,
        /// See [`GovernanceSpeed`].
        pub governance_speed: u32,
        /// Ties the type to the runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                slot_millis: SLOT_MILLIS_DEFAULT,
                governance_speed: GOVERNANCE_SPEED_DEFAULT,
                _config: PhantomData,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            SlotMillis::<T>::put(self.slot_millis);
            GovernanceSpeed::<T>::put(self.governance_speed);
            if let Err(reason) = Pallet::<T>::check() {
                panic!("the genesis is invalid: {reason}");
            }
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::check().map_err(sp_runtime::TryRuntimeError::Other)
        }
    }

    impl<T: Config> Pallet<T> {
        /// Checks the invariants:
        ///
        /// 1. The length of a slot is within [`SLOT_MILLIS_RANGE`].
        /// 2. The speed of governance is within [`GOVERNANCE_SPEED_RANGE`].
        /// 3. No more PHA has been issued than `SupplyMax`.
        pub fn check() -> Result<(), &'static str> {
            ensure!(
                SLOT_MILLIS_RANGE.contains(&SlotMillis::<T>::get()),
                "the length of a slot is outside 1000 to 60000 ms"
            );
            ensure!(
                GOVERNANCE_SPEED_RANGE.contains(&GovernanceSpeed::<T>::get()),
                "the speed of governance is outside 1 to 3600"
            );
            ensure!(
                T::Currency::total_issuance() <= T::SupplyMax::get(),
                "more PHA is issued than there may ever be"
            );
            Ok(())
        }
    }
}

/// The length of a slot in milliseconds.
pub struct SlotMillisOf<T>(core::marker::PhantomData<T>);

impl<T: Config> frame_support::traits::Get<u64> for SlotMillisOf<T> {
    fn get() -> u64 {
        SlotMillis::<T>::get()
    }
}

/// Half the length of a slot in milliseconds, which is what the timestamp and BABE pallets build
/// on.
pub struct HalfSlotMillisOf<T>(core::marker::PhantomData<T>);

impl<T: Config> frame_support::traits::Get<u64> for HalfSlotMillisOf<T> {
    fn get() -> u64 {
        SlotMillis::<T>::get() / 2
    }
}
