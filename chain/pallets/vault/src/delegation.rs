//! Vaults as funds: accounts, what they are worth, the fee, delegating and withdrawing.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{Get, UnixTime, fungible, fungibles, tokens::Preservation},
    weights::Weight,
};
use pallet_stake_pool::{
    Balance, Book, Delegate, Fund, NoticedRate, Queue, Queued, Queues, Refusal, Release, Request,
    SHARES_ISSUED_MIN, SHARES_MIN, VAULT_ASSETS, Withdrawal,
};
use sp_runtime::{DispatchError, Permill, traits::AccountIdConversion};

use crate::{
    Config, Error, Event, Mark, NextVaultId, Pallet, SERVED_PER_CALL, VAULTS_MAX, VaultInfo,
    VaultPools, Vaults, WaitingOf, WithdrawalQueues, Withdrawals, fee, pallet::VaultInfoOf,
};

/// What tells the account of a vault's queue from the vault's own.
const QUEUE: [u8; 5] = *b"queue";

impl<T: Config> Queues for Pallet<T> {
    type AccountId = T::AccountId;

    fn queue(vid: u64) -> Queue {
        WithdrawalQueues::<T>::get(vid)
    }

    fn set_queue(vid: u64, queue: Queue) {
        WithdrawalQueues::<T>::insert(vid, queue);
    }

    fn request(vid: u64, number: u64) -> Option<Request<T::AccountId>> {
        Withdrawals::<T>::get(vid, number)
    }

    fn set_request(vid: u64, number: u64, request: Option<Request<T::AccountId>>) {
        Withdrawals::<T>::set(vid, number, request);
    }

    fn queued(vid: u64, who: &T::AccountId) -> Queued {
        WaitingOf::<T>::get(vid, who).unwrap_or_default()
    }

    fn set_queued(vid: u64, who: &T::AccountId, queued: Queued) {
        WaitingOf::<T>::set(vid, who, (queued.requests > 0).then_some(queued));
    }
}

impl<T: Config> Fund for Pallet<T> {
    type Currency = T::Currency;
    type Shares = T::Shares;

    fn account(vid: u64) -> T::AccountId {
        T::PalletId::get().into_sub_account_truncating(vid)
    }

    fn queue_account(vid: u64) -> T::AccountId {
        T::PalletId::get().into_sub_account_truncating((vid, QUEUE))
    }

    fn share_asset(vid: u64) -> u64 {
        VAULT_ASSETS | vid
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

    fn on_release(vid: u64, release: Release<'_, T::AccountId>) {
        Self::deposit_event(Event::Withdrawn {
            vid,
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
            T::MaxFee::get() < Permill::one(),
            "a fee must leave something of a gain"
        );
        assert!(
            T::MaxVaults::get() <= VAULTS_MAX,
            "vaults must have ids for their shares"
        );
        assert!(
            T::Seed::get().min(T::MinDelegation::get()) >= SHARES_ISSUED_MIN,
            "the least delegation must buy shares in a new vault"
        );
    }

    /// What an account has at least. A vault's account keeps it, and it is not of the vault's
    /// value.
    pub(crate) fn existence() -> Balance {
        <T::Currency as fungible::Inspect<T::AccountId>>::minimum_balance()
    }

    /// The time, in seconds since 1970.
    pub(crate) fn now_s() -> u64 {
        T::Time::now().as_secs()
    }

    /// The weight of `call`, and of looking up what a vault has in pools.
    pub(crate) fn with_positions(call: Weight) -> Weight {
        let pools = u64::from(T::MaxPoolsPerVault::get());
        call.saturating_add(T::Pools::position_weight().saturating_mul(pools))
    }

    /// What the vault has.
    pub fn book(vid: u64) -> Book {
        let account = Self::account(vid);
        let free = <T::Currency as fungible::Inspect<T::AccountId>>::balance(&account)
            .saturating_sub(Self::existence());
        let in_pools = VaultPools::<T>::get(vid)
            .into_iter()
            .filter_map(|pid| T::Pools::position(pid, &account))
            .fold(0, |sum: Balance, position| {
                sum.saturating_add(position.value())
            });
        Book {
            value: free.saturating_add(in_pools),
            supply: <T::Shares as fungibles::Inspect<T::AccountId>>::total_issuance(
                Self::share_asset(vid),
            ),
            available: free,
        }
    }

    /// The vault and what it has, after its fee was taken.
    pub(crate) fn open(vid: u64) -> Result<(VaultInfoOf<T>, Book), DispatchError> {
        let mut vault = Vaults::<T>::get(vid).ok_or(Error::<T>::UnknownVault)?;
        let mut book = Self::book(vid);
        let Some(fee) = fee::due(&book, &vault.mark, vault.fee.at(Self::now_s())) else {
            return Ok((vault, book));
        };
        vault.mark = fee.mark;
        book.supply = fee.mark.supply;
        Vaults::<T>::insert(vid, vault.clone());
        if fee.shares > 0 {
            let owner = vault.owner.clone();
            <T::Shares as fungibles::Mutate<T::AccountId>>::mint_into(
                Self::share_asset(vid),
                &owner,
                fee.shares,
            )?;
            Self::deposit_event(Event::FeeTaken {
                vid,
                owner,
                shares: fee.shares,
                value: book.value,
                supply: book.supply,
            });
        }
        Ok((vault, book))
    }

    pub(crate) fn do_create(owner: T::AccountId, fee: Permill) -> DispatchResult {
        ensure!(fee <= T::MaxFee::get(), Error::<T>::FeeTooHigh);
        let vid = NextVaultId::<T>::get();
        ensure!(vid < T::MaxVaults::get(), Error::<T>::TooManyVaults);
        NextVaultId::<T>::put(vid.saturating_add(1));
        let (account, asset, seed) = (Self::account(vid), Self::share_asset(vid), T::Seed::get());
        // Who has nothing but shares can have them all the same.
        <T::Shares as fungibles::Create<T::AccountId>>::create(
            asset,
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
        <T::Shares as fungibles::Mutate<T::AccountId>>::mint_into(asset, &account, seed)?;
        let vault = VaultInfo {
            owner: owner.clone(),
            fee: NoticedRate::new(fee),
            mark: Mark {
                value: seed,
                supply: seed,
            },
        };
        Vaults::<T>::insert(vid, vault);
        Self::deposit_event(Event::VaultCreated {
            vid,
            owner,
            account,
            asset,
            seed,
        });
        Ok(())
    }

    pub(crate) fn do_delegate(vid: u64, who: &T::AccountId, amount: Balance) -> DispatchResult {
        let (_, mut book) = Self::open(vid)?;
        let shares = Self::buy(vid, &mut book, who, amount)?;
        Self::deposit_event(Event::Delegated {
            vid,
            who: who.clone(),
            amount,
            shares,
        });
        Self::serve(vid, &mut book, SERVED_PER_CALL).map(|_| ())
    }

    pub(crate) fn do_withdraw(vid: u64, who: &T::AccountId, shares: Balance) -> DispatchResult {
        let (_, mut book) = Self::open(vid)?;
        Self::serve(vid, &mut book, SERVED_PER_CALL)?;
        let withdrawal = Self::sell(vid, &mut book, who, shares, Self::now_s())?;
        if let Withdrawal::Queued(request) = withdrawal {
            Self::deposit_event(Event::WithdrawalQueued {
                vid,
                request,
                who: who.clone(),
                shares,
            });
            Self::serve(vid, &mut book, 1)?;
        }
        Ok(())
    }
}
