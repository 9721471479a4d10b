//! What is always true of the pallet's storage.

use alloc::collections::BTreeMap;

use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};
use phat_primitives::anchor::{AttestorKey, FIRST_REQUEST};
use sp_runtime::{
    TryRuntimeError,
    traits::{Saturating, Zero},
};

use crate::{
    AttestorSet, AttestorsOf, BalanceOf, Config, Consumers, HoldReason, Inputs, Pallet, Requests,
    Values,
};

impl<T: Config> Pallet<T> {
    /// Checks that all of this holds:
    ///
    /// 1. Each consumer has attestors, and nothing else has. They are sorted, each is there once,
    ///    and the threshold can be met.
    /// 2. Each request is of a consumer, has a number that was given out, and is counted. There are
    ///    at most `MaxRequests` of each consumer.
    /// 3. The inputs are those of the open requests, whose commitments are to what is stored. What
    ///    was settled holds no fee.
    /// 4. Each value is of a consumer, is not empty, has the version of a write that there was, and
    ///    is counted with its bytes. No two values of a consumer have the same version.
    /// 5. What is held of each account's balance is, for each reason, the sum of what is noted.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_attestors()?;
        Self::check_requests()?;
        Self::check_values()?;
        Self::check_holds()
    }

    fn check_attestors() -> Result<(), TryRuntimeError> {
        for consumer in Consumers::<T>::iter_keys() {
            let attestors =
                AttestorsOf::<T>::get(&consumer).ok_or("a consumer has no attestors")?;
            check_set(&attestors.current)?;
            if let Some(previous) = &attestors.previous {
                check_set(&previous.set)?;
            }
        }
        ensure!(
            AttestorsOf::<T>::iter_keys().count() == Consumers::<T>::iter_keys().count(),
            "there are attestors of no consumer"
        );
        Ok(())
    }

    fn check_requests() -> Result<(), TryRuntimeError> {
        let mut counts = BTreeMap::<T::AccountId, u32>::new();
        let mut open = 0_usize;
        for (consumer, number, request) in Requests::<T>::iter() {
            let info = Consumers::<T>::get(&consumer).ok_or("a request has no consumer")?;
            ensure!(
                (FIRST_REQUEST..info.next_request).contains(&number),
                "a request has a number that was not given out"
            );
            let input = Inputs::<T>::get(&consumer, number);
            ensure!(
                input.is_some() == request.failure.is_none(),
                "an open request has no input, or a settled one has"
            );
            if let Some(input) = input {
                ensure!(
                    request.commitment == Self::commitment_of(&consumer, &request, &input),
                    "the commitment of an open request is to something else"
                );
            }
            ensure!(
                request.failure.is_none() || request.fee.is_zero(),
                "a fee is held for what is settled"
            );
            open += usize::from(request.failure.is_none());
            counts.entry(consumer).or_default().saturating_inc();
        }
        ensure!(
            Inputs::<T>::iter_keys().count() == open,
            "there are inputs of no open request"
        );
        for (consumer, info) in Consumers::<T>::iter() {
            let count = counts.get(&consumer).copied().unwrap_or_default();
            ensure!(
                info.requests == count,
                "the requests of a consumer are counted wrong"
            );
            ensure!(
                count <= T::MaxRequests::get(),
                "there are more requests of a consumer than allowed"
            );
        }
        Ok(())
    }

    fn check_values() -> Result<(), TryRuntimeError> {
        let mut counts = BTreeMap::<T::AccountId, (u32, u64)>::new();
        let mut versions = BTreeMap::<(T::AccountId, u64), ()>::new();
        for (consumer, _, stored) in Values::<T>::iter() {
            let info = Consumers::<T>::get(&consumer).ok_or("a value has no consumer")?;
            ensure!(!stored.value.is_empty(), "a value is empty");
            ensure!(
                stored.version > 0 && stored.version <= info.writes,
                "a version is of no write"
            );
            ensure!(
                stored.version != info.deleted_at,
                "a value is from a write that deleted"
            );
            let key = (consumer.clone(), stored.version);
            ensure!(
                versions.insert(key, ()).is_none(),
                "two values are from the same write"
            );
            let (values, bytes) = counts.entry(consumer).or_default();
            values.saturating_inc();
            *bytes = bytes.saturating_add(stored.value.len() as u64);
        }
        for (consumer, info) in Consumers::<T>::iter() {
            let counted = counts.get(&consumer).copied().unwrap_or_default();
            ensure!(
                (info.values, info.stored_bytes) == counted,
                "the values of a consumer are counted wrong"
            );
            ensure!(info.deleted_at <= info.writes, "a deletion is of no write");
        }
        Ok(())
    }

    fn check_holds() -> Result<(), TryRuntimeError> {
        let mut of_consumers = BTreeMap::new();
        for info in Consumers::<T>::iter_values() {
            add(&mut of_consumers, info.owner, info.deposit);
        }
        Self::check_hold(HoldReason::Consumer, &of_consumers)?;
        let mut of_requests = BTreeMap::new();
        for request in Requests::<T>::iter_values() {
            let held = request.deposit.saturating_add(request.fee);
            add(&mut of_requests, request.requester, held);
        }
        Self::check_hold(HoldReason::Request, &of_requests)?;
        let mut of_values = BTreeMap::new();
        for (consumer, _, stored) in Values::<T>::iter() {
            add(&mut of_values, consumer, stored.deposit);
        }
        Self::check_hold(HoldReason::Values, &of_values)
    }

    fn check_hold(
        reason: HoldReason,
        expected: &BTreeMap<T::AccountId, BalanceOf<T>>,
    ) -> Result<(), TryRuntimeError> {
        let reason = reason.into();
        let held = |account: &T::AccountId| T::Currency::balance_on_hold(&reason, account);
        for (account, sum) in expected {
            ensure!(
                held(account) == *sum,
                "a hold is not the sum of what it is for"
            );
        }
        for account in frame_system::Account::<T>::iter_keys() {
            ensure!(
                expected.contains_key(&account) || held(&account).is_zero(),
                "something is held for nothing"
            );
        }
        Ok(())
    }
}

fn add<Account: Ord, Balance: Saturating + Default + Copy>(
    sums: &mut BTreeMap<Account, Balance>,
    account: Account,
    amount: Balance,
) {
    let sum = sums.entry(account).or_default();
    *sum = sum.saturating_add(amount);
}

fn check_set(set: &AttestorSet) -> Result<(), TryRuntimeError> {
    ensure!(
        set.threshold >= 1 && set.threshold as usize <= set.keys.len(),
        "a threshold cannot be met"
    );
    ensure!(
        set.keys.windows(2).all(|pair| pair[0] < pair[1]),
        "attestors are not sorted, or one is there twice"
    );
    ensure!(
        set.keys.iter().all(AttestorKey::is_well_formed),
        "an attestor is no key"
    );
    Ok(())
}
