//! The pallet that holds what is staked to contracts, by which workers divide their compute.
//!
//! Anybody **stakes** PHA to a contract, adds to it, and takes back any part of it at once. It stays
//! in the staker's own account, on hold. The workers of a cluster divide their compute among its
//! contracts in proportion to what is staked to each, as the finalised chain has it, and run no
//! contract that has no stake.
//!
//! A network may give each contract a **free allowance**: a contract counts as if that much were
//! staked to it, if less is. Networks have none. On development networks contracts run without
//! stake by it.
//!
//! Stake outlives its contract: when a contract is removed, what is staked to it counts no more, but
//! is kept for its stakers to take back. A contract that is created again has the same id, and its
//! stake counts again.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod hooks;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod random_tests;
mod stakes;
#[cfg(test)]
mod tests;
// With `std` too: tests of the whole runtime check the invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::TotalStake;
pub use weights::WeightInfo;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{Inspect, MutateHold},
    };
    use frame_system::pallet_prelude::*;
    use pallet_phat_contracts::ClusterLookup;
    use phat_primitives::{ClusterId, ContractId};
    use sp_runtime::traits::Zero;

    use crate::{TotalStake, WeightInfo};

    /// The balance that is staked.
    pub type BalanceOf<T> =
        <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

    /// What is staked to a contract in all, with the chain's own types.
    pub type TotalStakeOf<T> = TotalStake<BalanceOf<T>>;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Holds the stakes.
        type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Knows the contracts.
        type Clusters: ClusterLookup;

        /// Who sets the least stake and the free allowance.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The least stake, if the genesis does not say. It is what keeps the list of stakes short.
        #[pallet::constant]
        type MinimumStakeDefault: Get<BalanceOf<Self>>;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why the pallet holds a balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For what is staked to contracts, until it is taken back.
        Stake,
    }

    /// What each account has staked to each contract. No entry is zero.
    #[pallet::storage]
    pub type Stakes<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        ContractId,
        Blake2_128Concat,
        T::AccountId,
        BalanceOf<T>,
        OptionQuery,
    >;

    /// What is staked to each contract by all accounts, whether the contract is still there or not.
    #[pallet::storage]
    pub type TotalOf<T: Config> =
        StorageMap<_, Blake2_128Concat, ContractId, TotalStakeOf<T>, OptionQuery>;

    /// The contracts of each cluster that have stake, and how much. A contract that was removed is
    /// not among them.
    ///
    /// Workers read this list at every block, and divide their compute by it.
    #[pallet::storage]
    pub type ClusterStakes<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        ClusterId,
        Blake2_128Concat,
        ContractId,
        BalanceOf<T>,
        OptionQuery,
    >;

    /// What is staked to all contracts of each cluster.
    #[pallet::storage]
    pub type ClusterTotal<T: Config> =
        StorageMap<_, Twox64Concat, ClusterId, BalanceOf<T>, ValueQuery>;

    /// The least that an account may have staked to a contract, if anything.
    #[pallet::storage]
    pub type MinimumStake<T: Config> = StorageValue<_, BalanceOf<T>, ValueQuery>;

    /// What a contract counts for at the least, whatever is staked to it. Zero means that a contract
    /// without stake is not run.
    #[pallet::storage]
    pub type FreeAllowance<T: Config> = StorageValue<_, BalanceOf<T>, ValueQuery>;

    /// What a genesis decides about the pallet.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// See [`MinimumStake`]. [`Config::MinimumStakeDefault`] unless the genesis says otherwise.
        pub minimum_stake: BalanceOf<T>,
        /// See [`FreeAllowance`]. None unless the genesis says otherwise.
        pub free_allowance: BalanceOf<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                minimum_stake: T::MinimumStakeDefault::get(),
                free_allowance: Zero::zero(),
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                !self.minimum_stake.is_zero(),
                "the genesis lets anybody stake nothing"
            );
            MinimumStake::<T>::put(self.minimum_stake);
            FreeAllowance::<T>::put(self.free_allowance);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Something was staked to a contract.
        Staked {
            /// The contract.
            contract: ContractId,
            /// Who staked.
            account: T::AccountId,
            /// How much was added.
            amount: BalanceOf<T>,
            /// What the account has staked to the contract now.
            stake: BalanceOf<T>,
        },
        /// Stake was taken back from a contract.
        Unstaked {
            /// The contract.
            contract: ContractId,
            /// Whose stake it was.
            account: T::AccountId,
            /// How much was taken back.
            amount: BalanceOf<T>,
            /// What the account has staked to the contract now.
            stake: BalanceOf<T>,
        },
        /// The least stake was set.
        MinimumStakeSet {
            /// What it is now.
            amount: BalanceOf<T>,
        },
        /// What a contract counts for at the least was set.
        FreeAllowanceSet {
            /// What it is now.
            amount: BalanceOf<T>,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such contract. Deploy it first.
        UnknownContract,
        /// Nothing is to be staked or taken back. Give an amount.
        AmountZero,
        /// The account would have less staked to the contract than the least stake. Stake more, or
        /// take all of it back.
        BelowMinimum,
        /// The account has nothing staked to the contract.
        NoStake,
        /// The account has less staked to the contract. Take back that much, or less.
        StakeTooSmall,
        /// The least stake must not be zero: it is what keeps the list of stakes short.
        MinimumZero,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                !T::MinimumStakeDefault::get().is_zero(),
                "the least stake must not be zero"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Stakes `amount` to `contract`, on top of what the account has staked to it.
        ///
        /// Dispatch origin: signed by anybody.
        ///
        /// Errors: [`Error::AmountZero`], [`Error::UnknownContract`], [`Error::BelowMinimum`], or
        /// the currency's when the amount cannot be held.
        ///
        /// Event: [`Event::Staked`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::stake())]
        pub fn stake(
            origin: OriginFor<T>,
            contract: ContractId,
            amount: BalanceOf<T>,
        ) -> DispatchResult {
            let account = ensure_signed(origin)?;
            ensure!(!amount.is_zero(), Error::<T>::AmountZero);
            let (cluster, _) =
                T::Clusters::contract(&contract).ok_or(Error::<T>::UnknownContract)?;
            let stake = Self::do_stake(&account, contract, cluster, amount)?;
            Self::deposit_event(Event::Staked {
                contract,
                account,
                amount,
                stake,
            });
            Ok(())
        }

        /// Takes back `amount` of what the account has staked to `contract`, which need not be there
        /// any more. It is free at once.
        ///
        /// Dispatch origin: signed by the staker.
        ///
        /// Errors: [`Error::AmountZero`], [`Error::NoStake`], [`Error::StakeTooSmall`],
        /// [`Error::BelowMinimum`].
        ///
        /// Event: [`Event::Unstaked`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::unstake())]
        pub fn unstake(
            origin: OriginFor<T>,
            contract: ContractId,
            amount: BalanceOf<T>,
        ) -> DispatchResult {
            let account = ensure_signed(origin)?;
            ensure!(!amount.is_zero(), Error::<T>::AmountZero);
            let stake = Self::do_unstake(&account, contract, amount)?;
            Self::deposit_event(Event::Unstaked {
                contract,
                account,
                amount,
                stake,
            });
            Ok(())
        }

        /// Sets the least that an account may have staked to a contract. Stakes that are smaller
        /// stay as they are, and can be taken back as a whole.
        ///
        /// Dispatch origin: `GovernanceOrigin`.
        ///
        /// Errors: [`Error::MinimumZero`].
        ///
        /// Event: [`Event::MinimumStakeSet`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_minimum_stake())]
        pub fn set_minimum_stake(origin: OriginFor<T>, amount: BalanceOf<T>) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            ensure!(!amount.is_zero(), Error::<T>::MinimumZero);
            MinimumStake::<T>::put(amount);
            Self::deposit_event(Event::MinimumStakeSet { amount });
            Ok(())
        }

        /// Sets what a contract counts for at the least, whatever is staked to it. With zero, a
        /// contract without stake is not run.
        ///
        /// Dispatch origin: `GovernanceOrigin`.
        ///
        /// Event: [`Event::FreeAllowanceSet`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_free_allowance())]
        pub fn set_free_allowance(origin: OriginFor<T>, amount: BalanceOf<T>) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            FreeAllowance::<T>::put(amount);
            Self::deposit_event(Event::FreeAllowanceSet { amount });
            Ok(())
        }
    }
}
