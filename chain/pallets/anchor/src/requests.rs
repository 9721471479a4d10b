//! Requests: making them, and what becomes of those that are not settled.

use codec::Encode;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{Get, fungible::MutateHold, tokens::Precision},
};
use phat_primitives::{
    anchor::{FIRST_REQUEST, RequestContent},
    blake2_256,
};
use sp_runtime::{
    ArithmeticError, DispatchError, SaturatedConversion,
    traits::{CheckedAdd, Zero},
};

use crate::{
    Askers, BalanceOf, Config, ConsumerInfoOf, Consumers, Error, Event, Failure, HoldReason, Input,
    Inputs, Pallet, Request, RequestOf, Requests, SettledOutcome, Status,
};

/// One in so many of a consumer's places for requests is for the consumer itself and its owner. Places
/// cost others no more than deposits that come back, so they may take all the rest.
const OWN_SHARE: u32 = 4;

impl<T: Config> Pallet<T> {
    /// Makes a request of `consumer` that `requester` pays, and gives its number. Whether that
    /// account may ask is up to the caller: the call checks it, and a pallet that is the consumer
    /// has its own rules.
    ///
    /// Errors: those of the call, but for [`Error::MayNotAsk`].
    pub fn do_request(
        consumer: &T::AccountId,
        requester: &T::AccountId,
        input: Input,
        fee: BalanceOf<T>,
        expires_at: u64,
    ) -> Result<u64, DispatchError> {
        let mut info = Self::consumer(consumer)?;
        let now = Self::now_s();
        let latest = now.saturating_add(T::MaxLifetimeS::get());
        let is_possible = expires_at > now && expires_at <= latest;
        ensure!(is_possible, Error::<T>::ExpiryInvalid);
        ensure!(
            info.requests < Self::places(consumer, &info, requester),
            Error::<T>::TooManyRequests
        );
        let deposit = Self::deposit_of(T::RequestDeposit::get(), input.len())?;
        let held = deposit.checked_add(&fee).ok_or(ArithmeticError::Overflow)?;
        T::Currency::hold(&HoldReason::Request.into(), requester, held)?;

        let number = info.next_request;
        info.next_request = number.checked_add(1).ok_or(ArithmeticError::Overflow)?;
        info.requests = info.requests.saturating_add(1);
        Consumers::<T>::insert(consumer, info);
        let mut request = Request {
            requester: requester.clone(),
            fee,
            deposit,
            commitment: Default::default(),
            made_at: frame_system::Pallet::<T>::block_number(),
            expires_at,
            failure: None,
        };
        let commitment = Self::commitment_of(consumer, &request, &input);
        request.commitment = commitment;
        Requests::<T>::insert(consumer, number, request);
        Inputs::<T>::insert(consumer, number, input);
        Self::deposit_event(Event::Requested {
            consumer: consumer.clone(),
            number,
            requester: requester.clone(),
            commitment,
            fee,
            expires_at,
        });
        Ok(number)
    }

    /// What outcomes of a request must name that is open, and has this input.
    pub(crate) fn commitment_of(
        consumer: &T::AccountId,
        request: &RequestOf<T>,
        input: &[u8],
    ) -> [u8; 32] {
        let content = RequestContent {
            consumer: &consumer.encode(),
            requester: &request.requester.encode(),
            input,
            fee: request.fee.saturated_into(),
            expires_at: request.expires_at,
            made_at: request.made_at.saturated_into(),
        };
        content.commitment()
    }

    /// Refuses an account that may not make requests of the consumer.
    pub(crate) fn ensure_may_ask(
        consumer: &T::AccountId,
        requester: &T::AccountId,
    ) -> DispatchResult {
        let info = Self::consumer(consumer)?;
        let is_own = Self::is_own(consumer, &info, requester);
        let may_ask = info.askers == Askers::Anyone || is_own;
        ensure!(may_ask, Error::<T>::MayNotAsk);
        Ok(())
    }

    /// Whether an account is the consumer itself, or its owner.
    fn is_own(consumer: &T::AccountId, info: &ConsumerInfoOf<T>, account: &T::AccountId) -> bool {
        account == consumer || *account == info.owner
    }

    /// How many requests a consumer may have for this account to make another.
    fn places(consumer: &T::AccountId, info: &ConsumerInfoOf<T>, requester: &T::AccountId) -> u32 {
        let all = T::MaxRequests::get();
        match Self::is_own(consumer, info, requester) {
            true => all,
            false => all.saturating_sub(all / OWN_SHARE),
        }
    }

    /// What has become of a request.
    pub fn status(consumer: &T::AccountId, number: u64) -> Status {
        match Requests::<T>::get(consumer, number) {
            Some(request) if request.failure.is_some() => Status::CallbackFailed,
            Some(_) => Status::Open,
            None => match Consumers::<T>::get(consumer) {
                Some(info) if was_made::<T>(&info, number) => Status::Closed,
                _ => Status::Unknown,
            },
        }
    }

    /// A request that is stored.
    pub(crate) fn stored_request(
        consumer: &T::AccountId,
        info: &ConsumerInfoOf<T>,
        number: u64,
    ) -> Result<RequestOf<T>, DispatchError> {
        let missing = match was_made::<T>(info, number) {
            true => Error::<T>::RequestClosed,
            false => Error::<T>::UnknownRequest,
        };
        Requests::<T>::get(consumer, number).ok_or_else(|| missing.into())
    }

    pub(crate) fn do_expire(consumer: T::AccountId, number: u64) -> DispatchResult {
        let info = Self::consumer(&consumer)?;
        let request = Self::stored_request(&consumer, &info, number)?;
        ensure!(request.failure.is_none(), Error::<T>::RequestClosed);
        ensure!(Self::now_s() >= request.expires_at, Error::<T>::NotExpired);
        let requester = request.requester.clone();
        Inputs::<T>::remove(&consumer, number);
        Self::close(&consumer, number)?;
        Self::deposit_event(Event::Expired {
            consumer,
            number,
            requester,
        });
        Ok(())
    }

    pub(crate) fn do_retry(
        consumer: T::AccountId,
        number: u64,
        success: bool,
        output: &[u8],
    ) -> DispatchResult {
        let (request, failure) = Self::failed_request(&consumer, number)?;
        let is_it = failure.success == success && failure.output_hash == blake2_256(output);
        ensure!(is_it, Error::<T>::OutputMismatch);
        let settled = SettledOutcome {
            consumer: &consumer,
            number,
            requester: &request.requester,
            success,
            output,
        };
        Self::close_and_tell(&settled)?;
        Self::deposit_event(Event::CallbackRetried { consumer, number });
        Ok(())
    }

    pub(crate) fn do_forget(
        caller: &T::AccountId,
        consumer: T::AccountId,
        number: u64,
    ) -> DispatchResult {
        let owner = Self::consumer(&consumer)?.owner;
        let (request, _) = Self::failed_request(&consumer, number)?;
        if owner != *caller {
            ensure!(request.requester == *caller, Error::<T>::NotOwner);
            ensure!(Self::now_s() >= request.expires_at, Error::<T>::NotExpired);
        }
        Self::close(&consumer, number)?;
        Self::deposit_event(Event::Forgotten { consumer, number });
        Ok(())
    }

    /// A request whose callback has failed.
    fn failed_request(
        consumer: &T::AccountId,
        number: u64,
    ) -> Result<(RequestOf<T>, Failure), DispatchError> {
        let info = Self::consumer(consumer)?;
        let request = Self::stored_request(consumer, &info, number)?;
        let failure = request.failure.clone().ok_or(Error::<T>::NotFailed)?;
        Ok((request, failure))
    }

    /// Removes a request, and returns to the requester all that is still held for it. One that is
    /// gone already is passed over.
    pub(crate) fn close(consumer: &T::AccountId, number: u64) -> DispatchResult {
        let Some(request) = Requests::<T>::take(consumer, number) else {
            return Ok(());
        };
        Consumers::<T>::mutate(consumer, |info| {
            if let Some(info) = info {
                info.requests = info.requests.saturating_sub(1);
            }
        });
        let held = request
            .deposit
            .checked_add(&request.fee)
            .ok_or(ArithmeticError::Overflow)?;
        if held.is_zero() {
            return Ok(());
        }
        let reason = HoldReason::Request.into();
        T::Currency::release(&reason, &request.requester, held, Precision::BestEffort)?;
        Ok(())
    }
}

/// Whether a consumer has had a request of this number.
fn was_made<T: Config>(info: &ConsumerInfoOf<T>, number: u64) -> bool {
    (FIRST_REQUEST..info.next_request).contains(&number)
}
