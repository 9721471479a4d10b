//! Pools as funds: accounts, what they are worth, delegating and withdrawing.

use frame_support::{
    PalletId,
    dispatch::DispatchResult,
    ensure,
    traits::{Get, UnixTime, fungible, fungibles, tokens::Preservation},
    weights::Weight,
};
use sp_runtime::{DispatchError, Permill, traits::AccountIdConversion};

use crate::{
    Balance, Book, Config, Delegate, Error, Event, Fund, MaturingPayouts, NextPoolId, Pallet,
    PoolInfo, Pools, Position, Queue, Queued, Queues, Refusal, Release, Request, SERVED_PER_CALL,
    SHARES_MIN, VAULT_ASSETS, WaitingOf, WeightInfo, Whitelist, Withdrawal, WithdrawalQueues,
    Withdrawals, pallet::new_pool,
};

/// What tells the account of a pool's queue from the pool's own.
const QUEUE: [u8; 5] = *b"queue";

impl<T: Config> Queues for Pallet<T> {
    type AccountId = T::AccountId;

    fn queue(pid: u64) -> Queue {
        WithdrawalQueues::<T>::get(pid)
    }

    fn set_queue(pid: u64, queue: Queue) {
        WithdrawalQueues::<T>::insert(pid, queue);
    }

    fn request(pid: u64, number: u64) -> Option<Request<T::AccountId>> {
        Withdrawals::<T>::get(pid, number)
    }

    fn set_request(pid: u64, number: u64, request: Option<Request<T::AccountId>>) {
        Withdrawals::<T>::set(pid, number, request);
    }

    fn queued(pid: u64, who: &T::AccountId) -> Queued {
        WaitingOf::<T>::get(pid, who).unwrap_or_default()
    }

    fn set_queued(pid: u64, who: &T::AccountId, queued: Queued) {
        WaitingOf::<T>::set(pid, who, (queued.requests > 0).then_some(queued));
    }
}

impl<T: Config> Fund for Pallet<T> {
    type Currency = T::Currency;
    type Shares = T::Shares;

    fn account(pid: u64) -> T::AccountId {
        T::PalletId::get().into_sub_account_truncating(pid)
    }

    fn queue_account(pid: u64) -> T::AccountId {
        T::PalletId::get().into_sub_account_truncating((pid, QUEUE))
    }

    fn share_asset(pid: u64) -> u64 {
        pid
    }

    fn refused(refusal: Refusal) -> DispatchError {
        Error::<T>::from(refusal).into()
    }

    fn amount_min() -> Balance {
        T::MinDelegation::get()
    }

    fn request_min() -> Balance {
        T::MinRequest::get()
    }

    fn requests_max() -> u32 {
        T::MaxRequestsPerAccount::get()
    }

    fn queue_max() -> u32 {
        T::MaxQueue::get()
    }

    fn on_release(pid: u64, release: Release<'_, T::AccountId>) {
        Self::deposit_event(Event::Withdrawn {
            pid,
            request: release.request,
            who: release.who.clone(),
            shares: release.shares,
            amount: release.amount,
            left: release.left,
        });
    }
}

impl<T: Config> Pallet<T> {
    /// What the pallet needs of its configuration.
    pub(crate) fn check_config() {
        assert!(
            T::MinRequest::get() >= Self::existence(),
            "a part of a withdrawal must be enough for an account"
        );
        assert!(
            T::MaxPools::get() <= VAULT_ASSETS,
            "the shares of pools must not be those of vaults"
        );
        let rounded = T::Seed::get().min(T::MinDelegation::get());
        assert!(
            rounded >= crate::SHARES_ISSUED_MIN,
            "the least delegation must buy shares in a new pool"
        );
    }

    /// What an account has at least. A pool's account keeps it, and it is not of the pool's value.
    pub(crate) fn existence() -> Balance {
        <T::Currency as fungible::Inspect<T::AccountId>>::minimum_balance()
    }

    /// The time, in seconds since 1970.
    pub(crate) fn now_s() -> u64 {
        T::Time::now().as_secs()
    }

    /// The pool whose account this is, whether there is such a pool or not.
    pub(crate) fn pid_of(account: &T::AccountId) -> Option<u64> {
        let (id, pid): (PalletId, u64) = PalletId::try_from_sub_account(account)?;
        (id == T::PalletId::get()).then_some(pid)
    }

    /// What the pool has.
    ///
    /// All of it can be paid out, so all shares can be. What anybody sends to the pool's account
    /// belongs to all of them. Of payouts, what does not count yet is not there.
    pub fn book(pid: u64, pool: &PoolInfo<T::AccountId>) -> Book {
        let account = Self::account(pid);
        let free = <T::Currency as fungible::Inspect<T::AccountId>>::balance(&account)
            .saturating_sub(pool.owner_rewards)
            .saturating_sub(Self::existence())
            .saturating_sub(MaturingPayouts::<T>::get(pid).left(Self::now_s()));
        Book {
            value: free.saturating_add(Self::in_sessions(pid, &account)),
            supply: <T::Shares as fungibles::Inspect<T::AccountId>>::total_issuance(pid),
            available: free,
        }
    }

    pub(crate) fn do_create(
        owner: T::AccountId,
        commission: Permill,
    ) -> Result<u64, DispatchError> {
        ensure!(
            commission <= T::MaxCommission::get(),
            Error::<T>::CommissionTooHigh
        );
        let pid = NextPoolId::<T>::get();
        ensure!(pid < T::MaxPools::get(), Error::<T>::TooManyPools);
        NextPoolId::<T>::put(pid.saturating_add(1));
        let (account, seed) = (Self::account(pid), T::Seed::get());
        // Who has nothing but shares can have them all the same.
        <T::Shares as fungibles::Create<T::AccountId>>::create(
            pid,
            account.clone(),
            true,
            SHARES_MIN,
        )?;
        <T::Currency as fungible::Mutate<T::AccountId>>::transfer(
            &owner,
            &account,
            seed.saturating_add(Self::existence()),
            Preservation::Preserve,
        )?;
        <T::Shares as fungibles::Mutate<T::AccountId>>::mint_into(pid, &account, seed)?;
        Pools::<T>::insert(pid, new_pool::<T>(owner.clone(), commission));
        Self::deposit_event(Event::PoolCreated {
            pid,
            owner,
            account,
            seed,
        });
        Ok(pid)
    }

    pub(crate) fn do_delegate(
        pid: u64,
        who: &T::AccountId,
        amount: Balance,
    ) -> Result<Balance, DispatchError> {
        let pool = Pools::<T>::get(pid).ok_or(Error::<T>::UnknownPool)?;
        ensure!(
            !pool.is_restricted || pool.owner == *who || Whitelist::<T>::contains_key(pid, who),
            Error::<T>::NotWhitelisted
        );
        let mut book = Self::book(pid, &pool);
        ensure!(
            pool.cap
                .is_none_or(|cap| book.value.saturating_add(amount) <= cap),
            Error::<T>::CapExceeded
        );
        let shares = Self::buy(pid, &mut book, who, amount)?;
        Self::deposit_event(Event::Delegated {
            pid,
            who: who.clone(),
            amount,
            shares,
        });
        Self::serve(pid, &mut book, SERVED_PER_CALL)?;
        Ok(shares)
    }

    pub(crate) fn do_withdraw(
        pid: u64,
        who: &T::AccountId,
        shares: Balance,
    ) -> Result<Withdrawal, DispatchError> {
        let pool = Pools::<T>::get(pid).ok_or(Error::<T>::UnknownPool)?;
        let mut book = Self::book(pid, &pool);
        Self::serve(pid, &mut book, SERVED_PER_CALL)?;
        let withdrawal = Self::sell(pid, &mut book, who, shares, Self::now_s())?;
        if let Withdrawal::Queued(request) = withdrawal {
            Self::deposit_event(Event::WithdrawalQueued {
                pid,
                request,
                who: who.clone(),
                shares,
            });
            Self::serve(pid, &mut book, 1)?;
        }
        Ok(withdrawal)
    }

    pub(crate) fn do_cancel_withdrawal(
        pid: u64,
        who: &T::AccountId,
        request: u64,
    ) -> DispatchResult {
        let shares = Self::unqueue(pid, who, request)?;
        Self::deposit_event(Event::WithdrawalCancelled {
            pid,
            request,
            who: who.clone(),
            shares,
        });
        Ok(())
    }

    pub(crate) fn do_claim(pid: u64, mut pool: PoolInfo<T::AccountId>) -> DispatchResult {
        let amount = core::mem::take(&mut pool.owner_rewards);
        ensure!(amount > 0, Error::<T>::NothingToClaim);
        let owner = pool.owner.clone();
        <T::Currency as fungible::Mutate<T::AccountId>>::transfer(
            &Self::account(pid),
            &owner,
            amount,
            Preservation::Preserve,
        )?;
        Pools::<T>::insert(pid, pool);
        Self::deposit_event(Event::OwnerRewardsClaimed { pid, owner, amount });
        Ok(())
    }
}

impl<T: Config> Delegate<T::AccountId> for Pallet<T> {
    fn delegate(pid: u64, who: &T::AccountId, amount: Balance) -> Result<Balance, DispatchError> {
        Self::do_delegate(pid, who, amount)
    }

    fn withdraw(
        pid: u64,
        who: &T::AccountId,
        shares: Balance,
    ) -> Result<Withdrawal, DispatchError> {
        Self::do_withdraw(pid, who, shares)
    }

    fn cancel_withdrawal(pid: u64, who: &T::AccountId, request: u64) -> DispatchResult {
        Self::do_cancel_withdrawal(pid, who, request)
    }

    fn position(pid: u64, who: &T::AccountId) -> Option<Position> {
        let pool = Pools::<T>::get(pid)?;
        let book = Self::book(pid, &pool);
        let shares = <T::Shares as fungibles::Inspect<T::AccountId>>::balance(pid, who);
        let queued = Self::queued(pid, who).shares;
        Some(Position {
            shares,
            shares_value: book.amount_for(shares),
            queued,
            queued_value: book.amount_for(queued),
        })
    }

    fn requests_left(pid: u64, who: &T::AccountId) -> u32 {
        T::MaxRequestsPerAccount::get().saturating_sub(Self::queued(pid, who).requests)
    }

    fn shares_covering(pid: u64, who: &T::AccountId, amount: Balance) -> Balance {
        let Some(pool) = Pools::<T>::get(pid) else {
            return 0;
        };
        let owned = <T::Shares as fungibles::Inspect<T::AccountId>>::balance(pid, who);
        Self::book(pid, &pool).shares_covering(amount).min(owned)
    }

    fn delegate_weight() -> Weight {
        T::WeightInfo::delegate(T::MaxWorkers::get())
    }

    fn withdraw_weight() -> Weight {
        T::WeightInfo::withdraw(T::MaxWorkers::get())
    }

    fn cancel_withdrawal_weight() -> Weight {
        T::WeightInfo::cancel_withdrawal()
    }

    fn position_weight() -> Weight {
        T::WeightInfo::position(T::MaxWorkers::get())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(owner: &T::AccountId) -> Result<u64, DispatchError> {
        Self::do_create(owner.clone(), Permill::zero())
    }
}
