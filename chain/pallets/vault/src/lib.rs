//! The pallet that keeps vaults, which delegate to pools for those who delegate to them.
//!
//! A **vault** is an account of the pallet that has shares of pools, see [`pallet_stake_pool`], and
//! a number of shares of its own. Who delegates to it buys these at what they are worth: what is
//! free in the vault's account, without what an account has at least, and what its shares of pools
//! are worth, also those that it withdraws and that wait there.
//!
//! The owner decides which pools the vault's money is in, and takes a **fee**: a part of what a
//! share gains above the most that it was worth when a fee was taken, see [`fee`]. It is taken in
//! shares that are issued to the owner, before each delegation, withdrawal and payment.
//!
//! Who withdraws is paid at once if nobody waits and there is money; otherwise the shares wait in a
//! queue as in a pool, see [`pallet_stake_pool::fund`]. When the first request has waited for
//! [`Config::GracePeriod`], anyone may have the vault withdraw from its pools.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod delegation;
#[cfg(test)]
#[path = "../../stake-pool/src/fake_sessions.rs"]
mod fake_sessions;
pub mod fee;
#[cfg(test)]
mod mock;
mod pools;
#[cfg(test)]
mod tests;
// With `std` too: tests of the whole runtime check the invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

pub use fee::Mark;
pub use pallet::*;
pub use types::VaultInfo;
pub use weights::WeightInfo;

/// How many requests that wait are paid by a call that is for something else.
pub const SERVED_PER_CALL: u32 = 4;

/// The most requests that wait that one call pays.
pub const SERVED_PER_CALL_MAX: u32 = 64;

/// The most vaults that can be numbered: the ids of their shares begin with a one.
pub const VAULTS_MAX: u64 = 1 << 63;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        PalletId,
        pallet_prelude::*,
        traits::{UnixTime, fungible, fungibles},
    };
    use frame_system::pallet_prelude::*;
    use pallet_stake_pool::{
        Balance, Book, Delegate, Fund, Queue, Queued, Refusal, Request, Withdrawal,
    };
    use sp_runtime::{DispatchError, Permill};

    use crate::{SERVED_PER_CALL_MAX, VaultInfo, WeightInfo};

    /// A vault, with the chain's own types.
    pub type VaultInfoOf<T> = VaultInfo<<T as frame_system::Config>::AccountId>;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// What is delegated.
        type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>;

        /// The shares of vaults, each vault's an asset whose id is [`VAULTS_MAX`] and the vault's
        /// number together. Nobody else may create these assets.
        ///
        /// [`VAULTS_MAX`]: crate::VAULTS_MAX
        type Shares: fungibles::Create<Self::AccountId>
            + fungibles::Mutate<Self::AccountId, AssetId = u64, Balance = Balance>;

        /// The pools.
        type Pools: Delegate<Self::AccountId>;

        /// The chain's clock.
        type Time: UnixTime;

        /// What the accounts of vaults are made from.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// What who creates a vault delegates to it for good, in units of 10⁻¹² PHA. So there
        /// always are shares, and what anybody sends to the vault's account is shared with these.
        #[pallet::constant]
        type Seed: Get<Balance>;

        /// The least that is delegated at once, in units of 10⁻¹² PHA.
        #[pallet::constant]
        type MinDelegation: Get<Balance>;

        /// The least that a withdrawal which waits is worth when it is made, and the least that is
        /// paid out for a part of one, in units of 10⁻¹² PHA: at least the currency's minimum
        /// balance, and no less than for pools.
        #[pallet::constant]
        type MinRequest: Get<Balance>;

        /// The highest fee. Less than all.
        #[pallet::constant]
        type MaxFee: Get<Permill>;

        /// How many seconds a withdrawal waits before the vault withdraws from pools for it, and a
        /// fee before it rises.
        #[pallet::constant]
        type GracePeriod: Get<u64>;

        /// The most vaults.
        #[pallet::constant]
        type MaxVaults: Get<u64>;

        /// The most pools that a vault is in.
        #[pallet::constant]
        type MaxPoolsPerVault: Get<u32>;

        /// The most withdrawals that wait in a vault's queue.
        #[pallet::constant]
        type MaxQueue: Get<u32>;

        /// The most of them of one account.
        #[pallet::constant]
        type MaxRequestsPerAccount: Get<u32>;

        /// The weights of the calls, without what pools add to them.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The number of the next vault.
    #[pallet::storage]
    pub type NextVaultId<T> = StorageValue<_, u64, ValueQuery>;

    /// The vaults.
    #[pallet::storage]
    pub type Vaults<T: Config> = StorageMap<_, Twox64Concat, u64, VaultInfoOf<T>, OptionQuery>;

    /// The pools that each vault is in. Shares of other pools that a vault's account has are not of
    /// its value.
    #[pallet::storage]
    pub type VaultPools<T: Config> =
        StorageMap<_, Twox64Concat, u64, BoundedVec<u64, T::MaxPoolsPerVault>, ValueQuery>;

    /// The ends of each vault's queue of withdrawals.
    #[pallet::storage]
    pub type WithdrawalQueues<T> = StorageMap<_, Twox64Concat, u64, Queue, ValueQuery>;

    /// The withdrawals that wait, by their vaults and numbers.
    #[pallet::storage]
    pub type Withdrawals<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        u64,
        Twox64Concat,
        u64,
        Request<T::AccountId>,
        OptionQuery,
    >;

    /// What waits of each account in each vault.
    #[pallet::storage]
    pub type WaitingOf<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u64, Blake2_128Concat, T::AccountId, Queued, OptionQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A vault was created.
        VaultCreated {
            /// Its number.
            vid: u64,
            /// Who runs it.
            owner: T::AccountId,
            /// Its account.
            account: T::AccountId,
            /// The id of its shares.
            asset: u64,
            /// What the owner has delegated to it for good, in units of 10⁻¹² PHA. As many shares
            /// were issued.
            seed: Balance,
        },
        /// The fee of a vault changes.
        FeeSet {
            /// The vault.
            vid: u64,
            /// The owner's part of gains.
            fee: Permill,
            /// When it begins, in seconds since 1970.
            from_s: u64,
        },
        /// The owner of a vault was given shares for what it gained.
        FeeTaken {
            /// The vault.
            vid: u64,
            /// The owner.
            owner: T::AccountId,
            /// The shares that were issued.
            shares: Balance,
            /// What all shares are worth together, in units of 10⁻¹² PHA, which is the new mark.
            value: Balance,
            /// How many there are now.
            supply: Balance,
        },
        /// Somebody has delegated.
        Delegated {
            /// The vault.
            vid: u64,
            /// Who.
            who: T::AccountId,
            /// What was delegated, in units of 10⁻¹² PHA.
            amount: Balance,
            /// The shares that were issued for it.
            shares: Balance,
        },
        /// A withdrawal waits.
        WithdrawalQueued {
            /// The vault.
            vid: u64,
            /// Its number.
            request: u64,
            /// Who withdraws.
            who: T::AccountId,
            /// The shares.
            shares: Balance,
        },
        /// A withdrawal that waited was taken back.
        WithdrawalCancelled {
            /// The vault.
            vid: u64,
            /// Its number.
            request: u64,
            /// Whose it was.
            who: T::AccountId,
            /// The shares that the account can move again.
            shares: Balance,
        },
        /// A withdrawal was paid, in full or in part.
        Withdrawn {
            /// The vault.
            vid: u64,
            /// Its number, if it has waited.
            request: Option<u64>,
            /// Who withdraws.
            who: T::AccountId,
            /// The shares that were burned.
            shares: Balance,
            /// What was paid, in units of 10⁻¹² PHA. Nothing if the account has nothing else and it
            /// is less than an account must have.
            amount: Balance,
            /// The shares of the same withdrawal that still wait.
            left: Balance,
        },
        /// A vault has delegated to a pool.
        PoolDelegated {
            /// The vault.
            vid: u64,
            /// The pool.
            pid: u64,
            /// What was delegated, in units of 10⁻¹² PHA.
            amount: Balance,
            /// The pool's shares that the vault has for it.
            shares: Balance,
        },
        /// A vault withdraws from a pool.
        PoolWithdrawn {
            /// The vault.
            vid: u64,
            /// The pool.
            pid: u64,
            /// The pool's shares.
            shares: Balance,
            /// The number of the request in the pool's queue, unless it was paid at once.
            request: Option<u64>,
        },
        /// A vault has taken back a withdrawal from a pool.
        PoolWithdrawalCancelled {
            /// The vault.
            vid: u64,
            /// The pool.
            pid: u64,
            /// The number that it had in the pool's queue.
            request: u64,
        },
        /// A vault withdraws from pools because somebody has waited for too long.
        WithdrawalForced {
            /// The vault.
            vid: u64,
            /// How many pools.
            pools: u32,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such vault.
        UnknownVault,
        /// Only the owner of the vault may do this.
        NotOwner,
        /// There are as many vaults as the network allows.
        TooManyVaults,
        /// The fee is higher than the network allows.
        FeeTooHigh,
        /// The amount is below the least delegation, or buys too few shares to count. Delegate
        /// more.
        DelegationTooSmall,
        /// The vault has lost almost all that it had, and takes no more money. Choose another one.
        VaultDepleted,
        /// There must be some shares, and no more than the account can move.
        SharesInvalid,
        /// The shares are worth too little to wait in the queue. Try again when the vault has some
        /// money, or withdraw more at once.
        WithdrawalTooSmall,
        /// The account has as many withdrawals in the queue as one may have. Wait, or cancel one.
        TooManyWithdrawals,
        /// The queue is as long as the network allows. Have it processed, or try again later.
        QueueFull,
        /// The account has no such withdrawal in the queue.
        UnknownWithdrawal,
        /// The withdrawal has waited for so long that the vault withdraws from pools for it, so it
        /// cannot be taken back. Delegate again when it is paid.
        WithdrawalForced,
        /// No withdrawal has waited for so long that the vault withdraws from pools for it.
        NothingOverdue,
        /// The vault is in as many pools as the network allows. Withdraw from one first.
        TooManyPools,
        /// The vault is not in this pool.
        NotInPool,
        /// The vault has less money that nobody waits for. Delegate less, or wait.
        TooLittleAvailable,
        /// Somebody waits for the money that the vault withdraws.
        WithdrawalNeeded,
        /// The vault may have one more withdrawal in the pool's queue, which is kept for delegators
        /// who wait for too long. Wait until the pool has paid one, or cancel one.
        LastPoolWithdrawal,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            Self::check_config();
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Creates a vault of the caller's, which delegates [`Config::Seed`] to it for good, and
        /// gives the vault's account the currency's minimum balance.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::FeeTooHigh`], [`Error::TooManyVaults`], or the currency's when the seed
        /// cannot be paid.
        ///
        /// Event: [`Event::VaultCreated`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create())]
        pub fn create(origin: OriginFor<T>, fee: Permill) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_create(owner, fee)
        }

        /// Sets the owner's part of gains: at once if it falls, after [`Config::GracePeriod`] if it
        /// rises, so that delegators can leave before. What is due by now is taken by the old rate.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::FeeTooHigh`].
        ///
        /// Events: [`Event::FeeTaken`] if something was due, [`Event::FeeSet`].
        #[pallet::call_index(1)]
        #[pallet::weight(Pallet::<T>::with_positions(T::WeightInfo::set_fee()))]
        pub fn set_fee(origin: OriginFor<T>, vid: u64, fee: Permill) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let (mut vault, _) = Self::open_of(vid, &owner)?;
            ensure!(fee <= T::MaxFee::get(), Error::<T>::FeeTooHigh);
            let from_s = vault.fee.set(fee, Self::now_s(), T::GracePeriod::get());
            Vaults::<T>::insert(vid, vault);
            Self::deposit_event(Event::FeeSet { vid, fee, from_s });
            Ok(())
        }

        /// Gives the owner its shares for what the vault has gained. Delegations, withdrawals and
        /// payments do that too.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownVault`].
        ///
        /// Event: [`Event::FeeTaken`] if something was due.
        #[pallet::call_index(2)]
        #[pallet::weight(Pallet::<T>::with_positions(T::WeightInfo::collect_owner_fee()))]
        pub fn collect_owner_fee(origin: OriginFor<T>, vid: u64) -> DispatchResult {
            ensure_signed(origin)?;
            Self::open(vid).map(|_| ())
        }

        /// Delegates `amount` of the caller's balance, in units of 10⁻¹² PHA, for shares, and pays
        /// withdrawals that wait with it.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownVault`], [`Error::DelegationTooSmall`],
        /// [`Error::VaultDepleted`], or the currency's.
        ///
        /// Events: [`Event::Delegated`], and [`Event::Withdrawn`] for each payment.
        #[pallet::call_index(3)]
        #[pallet::weight(Pallet::<T>::with_positions(T::WeightInfo::delegate()))]
        pub fn delegate(origin: OriginFor<T>, vid: u64, amount: Balance) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delegate(vid, &who, amount)
        }

        /// Withdraws what `shares` of the caller are worth: at once if nobody waits and the vault
        /// has the money, otherwise what is not there is paid when it comes in. The shares that
        /// wait gain and lose as all others do.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownVault`], [`Error::SharesInvalid`],
        /// [`Error::WithdrawalTooSmall`], [`Error::TooManyWithdrawals`], [`Error::QueueFull`].
        ///
        /// Events: [`Event::WithdrawalQueued`] if it waits, and [`Event::Withdrawn`] for each
        /// payment.
        #[pallet::call_index(4)]
        #[pallet::weight(Pallet::<T>::with_positions(T::WeightInfo::withdraw()))]
        pub fn withdraw(origin: OriginFor<T>, vid: u64, shares: Balance) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_withdraw(vid, &who, shares)
        }

        /// Takes back what still waits of a withdrawal, unless
        /// [`Pallet::check_and_force_withdraw`] has counted it.
        ///
        /// Dispatch origin: signed by who withdraws.
        ///
        /// Errors: [`Error::UnknownWithdrawal`], [`Error::WithdrawalForced`].
        ///
        /// Event: [`Event::WithdrawalCancelled`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::cancel_withdrawal())]
        pub fn cancel_withdrawal(origin: OriginFor<T>, vid: u64, request: u64) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let shares = Self::unqueue(vid, &who, request)?;
            Self::deposit_event(Event::WithdrawalCancelled {
                vid,
                request,
                who,
                shares,
            });
            Ok(())
        }

        /// Pays up to `limit` withdrawals that wait, at most [`SERVED_PER_CALL_MAX`], with what the
        /// vault has.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownVault`].
        ///
        /// Event: [`Event::Withdrawn`] for each payment.
        #[pallet::call_index(6)]
        #[pallet::weight(Pallet::<T>::with_positions(
            T::WeightInfo::process_queue((*limit).min(SERVED_PER_CALL_MAX))
        ))]
        pub fn process_queue(origin: OriginFor<T>, vid: u64, limit: u32) -> DispatchResult {
            ensure_signed(origin)?;
            let (_, mut book) = Self::open(vid)?;
            Self::serve(vid, &mut book, limit.min(SERVED_PER_CALL_MAX)).map(|_| ())
        }

        /// Delegates `amount` of the vault's money, in units of 10⁻¹² PHA, to a pool.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::TooLittleAvailable`],
        /// [`Error::TooManyPools`], or those of [`Delegate::delegate`].
        ///
        /// Event: [`Event::PoolDelegated`].
        #[pallet::call_index(7)]
        // Each pool is looked up for what the vault has, and once more for whether it has paid all.
        #[pallet::weight(
            Pallet::<T>::with_positions(
                Pallet::<T>::with_positions(T::WeightInfo::delegate_to_pool())
            )
            .saturating_add(T::Pools::delegate_weight())
        )]
        pub fn delegate_to_pool(
            origin: OriginFor<T>,
            vid: u64,
            pid: u64,
            amount: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let (_, book) = Self::open_of(vid, &owner)?;
            Self::do_delegate_to_pool(vid, book, pid, amount)
        }

        /// Withdraws `shares` of a pool that the vault is in. The last withdrawal that may wait there
        /// is left to [`Pallet::check_and_force_withdraw`].
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::NotInPool`],
        /// [`Error::LastPoolWithdrawal`], or those of [`Delegate::withdraw`].
        ///
        /// Event: [`Event::PoolWithdrawn`].
        #[pallet::call_index(8)]
        #[pallet::weight(
            T::WeightInfo::withdraw_from_pool()
                .saturating_add(T::Pools::withdraw_weight())
                .saturating_add(T::Pools::position_weight())
        )]
        pub fn withdraw_from_pool(
            origin: OriginFor<T>,
            vid: u64,
            pid: u64,
            shares: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::vault_of(vid, &owner)?;
            ensure!(
                VaultPools::<T>::get(vid).contains(&pid),
                Error::<T>::NotInPool
            );
            // Else an owner could fill them all with little, and so keep everybody in.
            ensure!(
                T::Pools::requests_left(pid, &Self::account(vid)) > 1,
                Error::<T>::LastPoolWithdrawal
            );
            Self::withdraw_shares(vid, pid, shares)?;
            Self::forget_if_left(vid, pid);
            Ok(())
        }

        /// Takes back a withdrawal from a pool that waits there, as long as nobody waits for the
        /// money.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::WithdrawalNeeded`], or
        /// those of [`Delegate::cancel_withdrawal`].
        ///
        /// Event: [`Event::PoolWithdrawalCancelled`].
        #[pallet::call_index(9)]
        #[pallet::weight(
            T::WeightInfo::cancel_pool_withdrawal()
                .saturating_add(T::Pools::cancel_withdrawal_weight())
        )]
        pub fn cancel_pool_withdrawal(
            origin: OriginFor<T>,
            vid: u64,
            pid: u64,
            request: u64,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::vault_of(vid, &owner)?;
            ensure!(
                WithdrawalQueues::<T>::get(vid).count == 0,
                Error::<T>::WithdrawalNeeded
            );
            T::Pools::cancel_withdrawal(pid, &Self::account(vid), request)?;
            Self::deposit_event(Event::PoolWithdrawalCancelled { vid, pid, request });
            Ok(())
        }

        /// Pays withdrawals with what the vault has; if the first one that is left has waited for
        /// [`Config::GracePeriod`], withdraws from pools what it takes for all that have waited for
        /// so long to be paid. These cannot be taken back from then on. What pools pay at once is
        /// passed on at once.
        ///
        /// One call counts up to [`OVERDUE_COUNTED_PER_CALL`] withdrawals that none has counted
        /// before.
        ///
        /// [`OVERDUE_COUNTED_PER_CALL`]: pallet_stake_pool::OVERDUE_COUNTED_PER_CALL
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownVault`], [`Error::NothingOverdue`].
        ///
        /// Events: [`Event::Withdrawn`] for each payment; [`Event::PoolWithdrawn`] for each pool
        /// and [`Event::WithdrawalForced`] if there was any.
        #[pallet::call_index(10)]
        #[pallet::weight(Pallet::<T>::force_weight())]
        pub fn check_and_force_withdraw(origin: OriginFor<T>, vid: u64) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_force(vid)
        }
    }

    impl<T: Config> Pallet<T> {
        /// The vault, if `owner` owns it.
        fn vault_of(vid: u64, owner: &T::AccountId) -> Result<VaultInfoOf<T>, Error<T>> {
            let vault = Vaults::<T>::get(vid).ok_or(Error::<T>::UnknownVault)?;
            ensure!(vault.owner == *owner, Error::<T>::NotOwner);
            Ok(vault)
        }

        /// The vault, if `owner` owns it, and what it has, after its fee was taken.
        fn open_of(
            vid: u64,
            owner: &T::AccountId,
        ) -> Result<(VaultInfoOf<T>, Book), DispatchError> {
            Self::vault_of(vid, owner)?;
            Self::open(vid)
        }

        /// Tells of a withdrawal from a pool.
        pub(crate) fn tell_of_pool(vid: u64, pid: u64, shares: Balance, withdrawal: Withdrawal) {
            let request = match withdrawal {
                Withdrawal::Paid(_) => None,
                Withdrawal::Queued(request) => Some(request),
            };
            Self::deposit_event(Event::PoolWithdrawn {
                vid,
                pid,
                shares,
                request,
            });
        }
    }

    impl<T> From<Refusal> for Error<T> {
        fn from(refusal: Refusal) -> Self {
            match refusal {
                Refusal::PriceTooLow => Self::VaultDepleted,
                Refusal::AmountTooSmall => Self::DelegationTooSmall,
                Refusal::SharesInvalid => Self::SharesInvalid,
                Refusal::RequestTooSmall => Self::WithdrawalTooSmall,
                Refusal::TooManyRequests => Self::TooManyWithdrawals,
                Refusal::QueueFull => Self::QueueFull,
                Refusal::UnknownRequest => Self::UnknownWithdrawal,
                Refusal::RequestForced => Self::WithdrawalForced,
            }
        }
    }
}
