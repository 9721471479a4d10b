//! What is always true of the pallet's storage.

use alloc::collections::BTreeMap;

use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};
use phat_primitives::Attestation;
use sp_runtime::{
    TryRuntimeError,
    traits::{Saturating, Zero},
};

use crate::{
    BalanceOf, Config, HoldReason, Pallet, RequireAttestation, Workers, types::is_endpoint,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. There are at most `MaxWorkers` workers, and the counter counts them all.
    /// 2. Each worker's endpoint has the form of an endpoint.
    /// 3. Where attestation is required, each worker has one. The genesis alone decides whether
    ///    it is; what lets it be required later has to say what becomes of the workers without.
    /// 4. What is held of each account's balance for workers is the sum of the deposits of its
    ///    workers, and nothing where it has none.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let is_required = RequireAttestation::<T>::get();
        let mut count = 0u32;
        let mut deposits = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        for info in Workers::<T>::iter_values() {
            count.saturating_inc();
            ensure!(
                is_endpoint(&info.endpoint),
                "a worker's endpoint is not an endpoint"
            );
            ensure!(
                !is_required || info.attestation != Attestation::None,
                "a worker has no attestation where one is required"
            );
            let sum = deposits.entry(info.operator).or_default();
            *sum = sum.saturating_add(info.deposit);
        }
        ensure!(
            count == Workers::<T>::count(),
            "the counter of workers is wrong"
        );
        ensure!(
            count <= T::MaxWorkers::get(),
            "there are more workers than allowed"
        );
        let reason = HoldReason::Worker.into();
        let held = |account: &T::AccountId| T::Currency::balance_on_hold(&reason, account);
        for (operator, sum) in &deposits {
            ensure!(
                held(operator) == *sum,
                "an operator's hold is not the sum of its workers' deposits"
            );
        }
        for account in frame_system::Account::<T>::iter_keys() {
            ensure!(
                deposits.contains_key(&account) || held(&account).is_zero(),
                "a deposit was not returned"
            );
        }
        Ok(())
    }
}
