//! The pallet that keeps pools of stake for workers, with delegations and their withdrawal.
//!
//! A **pool** is an account of the pallet, a list of workers that its owner operates, and a number
//! of **shares**, which are a fungible asset. Who delegates to it buys shares at what they are
//! worth. The owner has the pool's money staked on sessions of its workers, see
//! [`pallet_computation::Sessions`]; what these earn, less the owner's commission, stays in the
//! pool, so shares gain in worth, and what is slashed makes them lose. All shares gain and lose
//! alike, so nothing is ever done for each delegator.
//!
//! What a pool is worth is what is free in its account, without what the owner has still to claim,
//! what an account has at least, and what of its payouts does not count yet, see [`Maturing`]; and
//! what its sessions would return if they ended now. Prices are always rounded in favour of the
//! pool, see [`Book`].
//!
//! Who withdraws is paid at once if nobody waits and there is money. Otherwise the shares wait in
//! the pool's **queue**, see [`fund`]. Money that the queue needs is for nothing else. When the
//! first request has waited for [`Config::GracePeriod`], anyone may have workers stopped until
//! there is enough for all that have waited for so long. These cannot be taken back any more.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod book;
pub mod checks;
mod delegation;
#[cfg(test)]
mod fake_sessions;
pub mod fund;
mod maturing;
#[cfg(test)]
mod mock;
mod queue;
#[cfg(test)]
mod tests;
// With `std` too: the tests of pallets that build on this one check its invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;
mod workers;

pub use book::{Balance, Book, NotIssued, SHARES_ISSUED_MIN, SHARES_PER_UNIT_MAX};
pub use fund::{Fund, Refusal, Release, Withdrawal};
pub use maturing::Maturing;
pub use pallet::*;
pub use queue::{Queue, Queued, Queues, Request};
pub use types::{Delegate, NoticedRate, PoolInfo, Position, Rise};
pub use weights::WeightInfo;

/// How many requests that wait are paid by a call that is for something else.
pub const SERVED_PER_CALL: u32 = 4;

/// The most requests that wait that one call pays.
pub const SERVED_PER_CALL_MAX: u32 = 64;

/// The most requests that one call which forces withdrawals begins to count as overdue. Another call
/// goes on from there.
pub const OVERDUE_COUNTED_PER_CALL: u32 = 64;

/// Pools have numbers below this one, which are the ids of the assets that their shares are. From
/// it on they are those of vaults.
pub const VAULT_ASSETS: u64 = 1 << 63;

/// The least shares of an account: one, so none is too little to be moved.
pub const SHARES_MIN: Balance = 1;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        PalletId,
        pallet_prelude::*,
        traits::{UnixTime, fungible, fungibles},
    };
    use frame_system::pallet_prelude::*;
    use pallet_computation::Sessions;
    use pallet_registry::WorkerLookup;
    use phat_primitives::WorkerId;
    use sp_runtime::Permill;

    use crate::{
        Balance, Fund, Maturing, NoticedRate, PoolInfo, Queue, Queued, Refusal, Request,
        SERVED_PER_CALL, SERVED_PER_CALL_MAX, WeightInfo,
    };

    /// A pool, with the chain's own types.
    pub type PoolInfoOf<T> = PoolInfo<<T as frame_system::Config>::AccountId>;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// What is delegated, and staked.
        type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>;

        /// The shares of pools, each pool's an asset whose id is the pool's number. Nobody else may
        /// create these assets.
        type Shares: fungibles::Create<Self::AccountId>
            + fungibles::Mutate<Self::AccountId, AssetId = u64, Balance = Balance>;

        /// Runs the workers' sessions.
        type Sessions: Sessions<Self::AccountId, Balance>;

        /// Knows the workers.
        type Workers: WorkerLookup<Self::AccountId>;

        /// The chain's clock.
        type Time: UnixTime;

        /// What the accounts of pools are made from.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// What who creates a pool delegates to it for good, in units of 10⁻¹² PHA. So there always
        /// are shares, and what anybody sends to the pool's account is shared with these.
        #[pallet::constant]
        type Seed: Get<Balance>;

        /// The least that is delegated at once, in units of 10⁻¹² PHA.
        #[pallet::constant]
        type MinDelegation: Get<Balance>;

        /// The least that a withdrawal which waits is worth when it is made, and the least that is
        /// paid out for a part of one, in units of 10⁻¹² PHA: at least the currency's minimum
        /// balance.
        #[pallet::constant]
        type MinRequest: Get<Balance>;

        /// The highest commission.
        #[pallet::constant]
        type MaxCommission: Get<Permill>;

        /// How many seconds a withdrawal waits before workers are stopped for it, and a commission
        /// before it rises.
        #[pallet::constant]
        type GracePeriod: Get<u64>;

        /// How many seconds it takes until all of a payout counts, see [`Maturing`].
        #[pallet::constant]
        type PayoutPeriod: Get<u64>;

        /// The most pools.
        #[pallet::constant]
        type MaxPools: Get<u64>;

        /// The most workers of a pool.
        #[pallet::constant]
        type MaxWorkers: Get<u32>;

        /// The most on the whitelist of a pool.
        #[pallet::constant]
        type MaxWhitelist: Get<u32>;

        /// The most withdrawals that wait in a pool's queue.
        #[pallet::constant]
        type MaxQueue: Get<u32>;

        /// The most of them of one account.
        #[pallet::constant]
        type MaxRequestsPerAccount: Get<u32>;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The number of the next pool.
    #[pallet::storage]
    pub type NextPoolId<T> = StorageValue<_, u64, ValueQuery>;

    /// The pools.
    #[pallet::storage]
    pub type Pools<T: Config> = StorageMap<_, Twox64Concat, u64, PoolInfoOf<T>, OptionQuery>;

    /// What each pool was paid lately and does not count yet, but for the owners' parts.
    #[pallet::storage]
    pub type MaturingPayouts<T> = StorageMap<_, Twox64Concat, u64, Maturing, ValueQuery>;

    /// The workers of each pool.
    #[pallet::storage]
    pub type PoolWorkers<T: Config> =
        StorageMap<_, Twox64Concat, u64, BoundedVec<WorkerId, T::MaxWorkers>, ValueQuery>;

    /// The pool of each worker that has one.
    #[pallet::storage]
    pub type PoolOf<T> = StorageMap<_, Blake2_128Concat, WorkerId, u64, OptionQuery>;

    /// Who may delegate to restricted pools besides their owners.
    #[pallet::storage]
    pub type Whitelist<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u64, Blake2_128Concat, T::AccountId, (), OptionQuery>;

    /// The ends of each pool's queue of withdrawals.
    #[pallet::storage]
    pub type WithdrawalQueues<T> = StorageMap<_, Twox64Concat, u64, Queue, ValueQuery>;

    /// The withdrawals that wait, by their pools and numbers.
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

    /// What waits of each account in each pool.
    #[pallet::storage]
    pub type WaitingOf<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u64, Blake2_128Concat, T::AccountId, Queued, OptionQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A pool was created.
        PoolCreated {
            /// Its number, which is the id of its shares too.
            pid: u64,
            /// Who runs it.
            owner: T::AccountId,
            /// Its account.
            account: T::AccountId,
            /// What the owner has delegated to it for good, in units of 10⁻¹² PHA. As many shares
            /// were issued.
            seed: Balance,
        },
        /// The commission of a pool changes.
        CommissionSet {
            /// The pool.
            pid: u64,
            /// The owner's part of payouts.
            commission: Permill,
            /// When it begins, in seconds since 1970.
            from_s: u64,
        },
        /// The cap of a pool has changed.
        CapSet {
            /// The pool.
            pid: u64,
            /// The value up to which delegations may fill it, in units of 10⁻¹² PHA.
            cap: Option<Balance>,
        },
        /// Who may delegate to a pool has changed.
        RestrictionSet {
            /// The pool.
            pid: u64,
            /// Whether only the owner and those on the whitelist may.
            is_restricted: bool,
        },
        /// An account was put on the whitelist of a pool.
        Whitelisted {
            /// The pool.
            pid: u64,
            /// The account.
            who: T::AccountId,
        },
        /// An account was taken off the whitelist of a pool.
        Unlisted {
            /// The pool.
            pid: u64,
            /// The account.
            who: T::AccountId,
        },
        /// A worker has joined a pool.
        WorkerAdded {
            /// The pool.
            pid: u64,
            /// The worker.
            worker: WorkerId,
        },
        /// A worker has left a pool.
        WorkerRemoved {
            /// The pool.
            pid: u64,
            /// The worker.
            worker: WorkerId,
        },
        /// A pool's money was staked on a worker's session, which runs now.
        WorkerStarted {
            /// The pool.
            pid: u64,
            /// The worker.
            worker: WorkerId,
            /// The stake, in units of 10⁻¹² PHA.
            stake: Balance,
        },
        /// A worker's session was stopped.
        WorkerStopped {
            /// The pool.
            pid: u64,
            /// The worker.
            worker: WorkerId,
            /// What will be returned of its stake if there are no faults any more, in units of
            /// 10⁻¹² PHA.
            returned: Balance,
        },
        /// A stake came back.
        StakeReclaimed {
            /// The pool.
            pid: u64,
            /// The worker.
            worker: WorkerId,
            /// What the pool has again, in units of 10⁻¹² PHA.
            returned: Balance,
            /// What was slashed, in units of 10⁻¹² PHA.
            slashed: Balance,
        },
        /// A worker of a pool has earned.
        PayoutReceived {
            /// The pool.
            pid: u64,
            /// The worker.
            worker: WorkerId,
            /// What the pool was paid, in units of 10⁻¹² PHA.
            amount: Balance,
            /// The owner's part of it.
            commission: Balance,
        },
        /// The owner of a pool has claimed what was taken for it.
        OwnerRewardsClaimed {
            /// The pool.
            pid: u64,
            /// The owner.
            owner: T::AccountId,
            /// What was paid, in units of 10⁻¹² PHA.
            amount: Balance,
        },
        /// Somebody has delegated.
        Delegated {
            /// The pool.
            pid: u64,
            /// Who.
            who: T::AccountId,
            /// What was delegated, in units of 10⁻¹² PHA.
            amount: Balance,
            /// The shares that were issued for it.
            shares: Balance,
        },
        /// A withdrawal waits.
        WithdrawalQueued {
            /// The pool.
            pid: u64,
            /// Its number.
            request: u64,
            /// Who withdraws.
            who: T::AccountId,
            /// The shares.
            shares: Balance,
        },
        /// A withdrawal that waited was taken back.
        WithdrawalCancelled {
            /// The pool.
            pid: u64,
            /// Its number.
            request: u64,
            /// Whose it was.
            who: T::AccountId,
            /// The shares that the account can move again.
            shares: Balance,
        },
        /// A withdrawal was paid, in full or in part.
        Withdrawn {
            /// The pool.
            pid: u64,
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
        /// Workers were stopped so that withdrawals can be paid.
        WithdrawalForced {
            /// The pool.
            pid: u64,
            /// How many workers.
            stopped: u32,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such pool.
        UnknownPool,
        /// Only the owner of the pool may do this.
        NotOwner,
        /// There are as many pools as the network allows.
        TooManyPools,
        /// The commission is higher than the network allows.
        CommissionTooHigh,
        /// The pool takes delegations only of its owner and of accounts on its whitelist. Ask its
        /// owner, or choose another pool.
        NotWhitelisted,
        /// The whitelist is as long as the network allows. Take somebody off it first.
        WhitelistFull,
        /// The account is on the whitelist already.
        AlreadyWhitelisted,
        /// The account is not on the whitelist.
        NotOnWhitelist,
        /// With this the pool would be worth more than its cap. Delegate less.
        CapExceeded,
        /// The amount is below the least delegation, or buys too few shares to count. Delegate
        /// more.
        DelegationTooSmall,
        /// The pool has lost almost all that it had, and takes no more money. Choose another pool.
        PoolDepleted,
        /// There must be some shares, and no more than the account can move.
        SharesInvalid,
        /// The shares are worth too little to wait in the queue. Try again when the pool has some
        /// money, or withdraw more at once.
        WithdrawalTooSmall,
        /// The account has as many withdrawals in the queue as one may have. Wait, or cancel one.
        TooManyWithdrawals,
        /// The queue is as long as the network allows. Have it processed, or try again later.
        QueueFull,
        /// The account has no such withdrawal in the queue.
        UnknownWithdrawal,
        /// The withdrawal has waited for so long that workers are stopped for it, so it cannot be
        /// taken back. Delegate again when it is paid.
        WithdrawalForced,
        /// No withdrawal has waited for so long that workers are stopped for it.
        NothingOverdue,
        /// The pool has as many workers as the network allows. Remove one first.
        TooManyWorkers,
        /// The worker is in a pool already. Remove it there first.
        WorkerInPool,
        /// The worker is not in this pool. Add it first.
        WorkerNotInPool,
        /// The pool's owner does not operate the worker. Register it with the owner's account.
        NotOperator,
        /// What is to vouch for the worker does not. Renew its attestation first.
        WorkerInactive,
        /// The worker is in a session that this pool has no stake in. Stop it and reclaim its stake
        /// first.
        SessionOfOther,
        /// The pool has stake in the worker's session. Stop it and reclaim the stake first.
        WorkerInSession,
        /// The pool has no stake in a session of the worker.
        NoSession,
        /// The pool has less money that nobody waits for. Stake less, or wait.
        TooLittleAvailable,
        /// There is nothing to claim.
        NothingToClaim,
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
        /// Creates a pool of the caller's, which delegates [`Config::Seed`] to it for good, and
        /// gives the pool's account the currency's minimum balance.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::CommissionTooHigh`], [`Error::TooManyPools`], or the currency's when
        /// the seed cannot be paid.
        ///
        /// Event: [`Event::PoolCreated`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create())]
        pub fn create(origin: OriginFor<T>, commission: Permill) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_create(owner, commission).map(|_| ())
        }

        /// Sets the owner's part of payouts: at once if it falls, after [`Config::GracePeriod`] if
        /// it rises, so that delegators can leave before.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`], [`Error::CommissionTooHigh`].
        ///
        /// Event: [`Event::CommissionSet`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_commission())]
        pub fn set_commission(
            origin: OriginFor<T>,
            pid: u64,
            commission: Permill,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let mut pool = Self::pool_of(pid, &owner)?;
            ensure!(
                commission <= T::MaxCommission::get(),
                Error::<T>::CommissionTooHigh
            );
            let from_s = pool
                .commission
                .set(commission, Self::now_s(), T::GracePeriod::get());
            Pools::<T>::insert(pid, pool);
            Self::deposit_event(Event::CommissionSet {
                pid,
                commission,
                from_s,
            });
            Ok(())
        }

        /// Sets the value up to which delegations may fill the pool, or none. Gains may take it
        /// beyond.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`].
        ///
        /// Event: [`Event::CapSet`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_cap())]
        pub fn set_cap(origin: OriginFor<T>, pid: u64, cap: Option<Balance>) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let pool = Self::pool_of(pid, &owner)?;
            Pools::<T>::insert(pid, PoolInfo { cap, ..pool });
            Self::deposit_event(Event::CapSet { pid, cap });
            Ok(())
        }

        /// Says whether only the owner and those on the whitelist may delegate. Shares that are
        /// there stay as they are, and can be transferred to anyone.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`].
        ///
        /// Event: [`Event::RestrictionSet`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_restriction())]
        pub fn set_restriction(
            origin: OriginFor<T>,
            pid: u64,
            is_restricted: bool,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let pool = Self::pool_of(pid, &owner)?;
            let pool = PoolInfo {
                is_restricted,
                ..pool
            };
            Pools::<T>::insert(pid, pool);
            Self::deposit_event(Event::RestrictionSet { pid, is_restricted });
            Ok(())
        }

        /// Puts an account on the whitelist, which counts while the pool is restricted.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`], [`Error::AlreadyWhitelisted`],
        /// [`Error::WhitelistFull`].
        ///
        /// Event: [`Event::Whitelisted`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::add_to_whitelist())]
        pub fn add_to_whitelist(
            origin: OriginFor<T>,
            pid: u64,
            who: T::AccountId,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let mut pool = Self::pool_of(pid, &owner)?;
            ensure!(
                !Whitelist::<T>::contains_key(pid, &who),
                Error::<T>::AlreadyWhitelisted
            );
            ensure!(
                pool.whitelisted < T::MaxWhitelist::get(),
                Error::<T>::WhitelistFull
            );
            pool.whitelisted = pool.whitelisted.saturating_add(1);
            Pools::<T>::insert(pid, pool);
            Whitelist::<T>::insert(pid, &who, ());
            Self::deposit_event(Event::Whitelisted { pid, who });
            Ok(())
        }

        /// Takes an account off the whitelist.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`], [`Error::NotOnWhitelist`].
        ///
        /// Event: [`Event::Unlisted`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::remove_from_whitelist())]
        pub fn remove_from_whitelist(
            origin: OriginFor<T>,
            pid: u64,
            who: T::AccountId,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let mut pool = Self::pool_of(pid, &owner)?;
            ensure!(
                Whitelist::<T>::take(pid, &who).is_some(),
                Error::<T>::NotOnWhitelist
            );
            pool.whitelisted = pool.whitelisted.saturating_sub(1);
            Pools::<T>::insert(pid, pool);
            Self::deposit_event(Event::Unlisted { pid, who });
            Ok(())
        }

        /// Adds a worker that the owner operates, that is active and in no session.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`], [`Error::NotOperator`],
        /// [`Error::WorkerInactive`], [`Error::WorkerInPool`], [`Error::SessionOfOther`],
        /// [`Error::TooManyWorkers`].
        ///
        /// Event: [`Event::WorkerAdded`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::add_worker())]
        pub fn add_worker(origin: OriginFor<T>, pid: u64, worker: WorkerId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::pool_of(pid, &owner)?;
            Self::do_add_worker(pid, &owner, worker)
        }

        /// Removes a worker that the pool has no stake in any more.
        ///
        /// Dispatch origin: signed by the pool's owner, or by the worker's operator if that is
        /// somebody else by now.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`], [`Error::WorkerNotInPool`],
        /// [`Error::WorkerInSession`].
        ///
        /// Event: [`Event::WorkerRemoved`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::remove_worker())]
        pub fn remove_worker(origin: OriginFor<T>, pid: u64, worker: WorkerId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let pool = Pools::<T>::get(pid).ok_or(Error::<T>::UnknownPool)?;
            ensure!(
                pool.owner == who || T::Workers::operator_of(&worker) == Some(who),
                Error::<T>::NotOwner
            );
            Self::do_remove_worker(pid, worker)
        }

        /// Stakes `stake` of the pool's money on a session of the worker, and starts it.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`], [`Error::WorkerNotInPool`],
        /// [`Error::NotOperator`], [`Error::TooLittleAvailable`], or those of
        /// [`Sessions::start`].
        ///
        /// Event: [`Event::WorkerStarted`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::start_worker(T::MaxWorkers::get()))]
        pub fn start_worker(
            origin: OriginFor<T>,
            pid: u64,
            worker: WorkerId,
            stake: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let pool = Self::pool_of(pid, &owner)?;
            Self::do_start_worker(pid, &pool, worker, stake)
        }

        /// Stops the session that the pool has stake in. The stake can be reclaimed after the
        /// cool-down.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`], [`Error::WorkerNotInPool`],
        /// [`Error::NoSession`], or those of [`Sessions::stop`].
        ///
        /// Event: [`Event::WorkerStopped`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::stop_worker())]
        pub fn stop_worker(origin: OriginFor<T>, pid: u64, worker: WorkerId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::pool_of(pid, &owner)?;
            Self::ensure_in_pool(pid, worker)?;
            Self::do_stop_worker(pid, worker)
        }

        /// Takes back the stake of a session that was stopped, after the cool-down, and pays
        /// withdrawals that wait with it.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::WorkerNotInPool`], [`Error::NoSession`], or
        /// those of [`Sessions::reclaim`].
        ///
        /// Events: [`Event::StakeReclaimed`], and [`Event::Withdrawn`] for each payment.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::reclaim_worker(T::MaxWorkers::get()))]
        pub fn reclaim_worker(origin: OriginFor<T>, pid: u64, worker: WorkerId) -> DispatchResult {
            ensure_signed(origin)?;
            let pool = Pools::<T>::get(pid).ok_or(Error::<T>::UnknownPool)?;
            Self::ensure_in_pool(pid, worker)?;
            Self::do_reclaim_worker(pid, worker)?;
            let mut book = Self::book(pid, &pool);
            Self::serve(pid, &mut book, SERVED_PER_CALL).map(|_| ())
        }

        /// Pays the owner what was taken for it.
        ///
        /// Dispatch origin: signed by the owner.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotOwner`], [`Error::NothingToClaim`], or the
        /// currency's.
        ///
        /// Event: [`Event::OwnerRewardsClaimed`].
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::claim_owner_rewards())]
        pub fn claim_owner_rewards(origin: OriginFor<T>, pid: u64) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let pool = Self::pool_of(pid, &owner)?;
            Self::do_claim(pid, pool)
        }

        /// Delegates `amount` of the caller's balance, in units of 10⁻¹² PHA, for shares, and pays
        /// withdrawals that wait with it.
        ///
        /// Dispatch origin: signed by anyone; of a restricted pool by its owner and those on its
        /// whitelist.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NotWhitelisted`], [`Error::CapExceeded`],
        /// [`Error::DelegationTooSmall`], [`Error::PoolDepleted`], or the currency's.
        ///
        /// Events: [`Event::Delegated`], and [`Event::Withdrawn`] for each payment.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::delegate(T::MaxWorkers::get()))]
        pub fn delegate(origin: OriginFor<T>, pid: u64, amount: Balance) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delegate(pid, &who, amount).map(|_| ())
        }

        /// Withdraws what `shares` of the caller are worth: at once if nobody waits and the pool
        /// has the money, otherwise what is not there is paid when it comes free. The shares that
        /// wait gain and lose as all others do.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::SharesInvalid`],
        /// [`Error::WithdrawalTooSmall`], [`Error::TooManyWithdrawals`], [`Error::QueueFull`].
        ///
        /// Events: [`Event::WithdrawalQueued`] if it waits, and [`Event::Withdrawn`] for each
        /// payment.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::withdraw(T::MaxWorkers::get()))]
        pub fn withdraw(origin: OriginFor<T>, pid: u64, shares: Balance) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_withdraw(pid, &who, shares).map(|_| ())
        }

        /// Takes back what still waits of a withdrawal, unless
        /// [`Pallet::check_and_force_withdraw`] has counted it.
        ///
        /// Dispatch origin: signed by who withdraws.
        ///
        /// Errors: [`Error::UnknownWithdrawal`], [`Error::WithdrawalForced`].
        ///
        /// Event: [`Event::WithdrawalCancelled`].
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::cancel_withdrawal())]
        pub fn cancel_withdrawal(origin: OriginFor<T>, pid: u64, request: u64) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_cancel_withdrawal(pid, &who, request)
        }

        /// Pays up to `limit` withdrawals that wait, at most [`SERVED_PER_CALL_MAX`], with what the
        /// pool has.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownPool`].
        ///
        /// Event: [`Event::Withdrawn`] for each payment.
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::process_queue((*limit).min(SERVED_PER_CALL_MAX)))]
        pub fn process_queue(origin: OriginFor<T>, pid: u64, limit: u32) -> DispatchResult {
            ensure_signed(origin)?;
            let pool = Pools::<T>::get(pid).ok_or(Error::<T>::UnknownPool)?;
            let mut book = Self::book(pid, &pool);
            let limit = limit.min(SERVED_PER_CALL_MAX);
            Self::serve(pid, &mut book, limit).map(|_| ())
        }

        /// Pays withdrawals with what the pool has; if the first one that is left has waited for
        /// [`Config::GracePeriod`], stops as many workers as it takes for all that have waited for
        /// so long to be paid when they have cooled down. These cannot be taken back from then on.
        ///
        /// One call counts up to [`OVERDUE_COUNTED_PER_CALL`](crate::OVERDUE_COUNTED_PER_CALL)
        /// withdrawals that none has counted before.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownPool`], [`Error::NothingOverdue`].
        ///
        /// Events: [`Event::Withdrawn`] for each payment; [`Event::WorkerStopped`] for each worker
        /// and [`Event::WithdrawalForced`] if any was stopped.
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::check_and_force_withdraw(T::MaxWorkers::get()))]
        pub fn check_and_force_withdraw(origin: OriginFor<T>, pid: u64) -> DispatchResult {
            ensure_signed(origin)?;
            let pool = Pools::<T>::get(pid).ok_or(Error::<T>::UnknownPool)?;
            Self::do_force(pid, &pool)
        }
    }

    impl<T: Config> Pallet<T> {
        /// The pool, if `owner` owns it.
        fn pool_of(pid: u64, owner: &T::AccountId) -> Result<PoolInfoOf<T>, Error<T>> {
            let pool = Pools::<T>::get(pid).ok_or(Error::<T>::UnknownPool)?;
            ensure!(pool.owner == *owner, Error::<T>::NotOwner);
            Ok(pool)
        }
    }

    impl<T> From<Refusal> for Error<T> {
        fn from(refusal: Refusal) -> Self {
            match refusal {
                Refusal::PriceTooLow => Self::PoolDepleted,
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

    /// What a new pool begins with.
    pub(crate) fn new_pool<T: Config>(owner: T::AccountId, commission: Permill) -> PoolInfoOf<T> {
        PoolInfo {
            owner,
            commission: NoticedRate::new(commission),
            owner_rewards: 0,
            cap: None,
            is_restricted: false,
            whitelisted: 0,
        }
    }
}
