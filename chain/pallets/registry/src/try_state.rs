//! What is always true of the pallet's storage.

use alloc::collections::BTreeMap;

use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};
use phat_primitives::{Attestation, attestation::Platform, limits::MEASUREMENTS_MAX};
use sp_runtime::{
    TryRuntimeError,
    traits::{Saturating, Zero},
};

use crate::{
    AllowedMeasurements, AttestationLifeMaxS, BalanceOf, ConfidenceLevelMax, Config, HoldReason,
    Pallet, RequireAttestation, RootCertificates, Workers,
    types::{are_roots, is_endpoint},
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. There are at most `MaxWorkers` workers, and the counter counts them all.
    /// 2. Each worker's endpoint has the form of an endpoint, and the level of its attestation is
    ///    one.
    /// 3. Where attestation is required, each worker has one. The genesis alone decides whether
    ///    it is; what lets it be required later has to say what becomes of the workers without.
    /// 4. What is held of each account's balance for workers is the sum of the deposits of its
    ///    workers, and nothing where it has none.
    /// 5. The rules about attestations are ones that the calls accept, at most
    ///    `MEASUREMENTS_MAX`, and the counter counts them all.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_workers()?;
        Self::check_deposits()?;
        Self::check_rules()
    }

    fn check_workers() -> Result<(), TryRuntimeError> {
        let is_required = RequireAttestation::<T>::get();
        let mut count = 0u32;
        for info in Workers::<T>::iter_values() {
            count.saturating_inc();
            ensure!(
                is_endpoint(&info.endpoint),
                "a worker's endpoint is not an endpoint"
            );
            match info.attestation {
                Attestation::None => ensure!(
                    !is_required,
                    "a worker has no attestation where one is required"
                ),
                Attestation::Dcap {
                    confidence_level, ..
                } => ensure!(
                    confidence_level.is_valid(),
                    "a worker's attestation has no level that there is"
                ),
            }
        }
        ensure!(
            count == Workers::<T>::count(),
            "the counter of workers is wrong"
        );
        ensure!(
            count <= T::MaxWorkers::get(),
            "there are more workers than allowed"
        );
        Ok(())
    }

    fn check_deposits() -> Result<(), TryRuntimeError> {
        let mut deposits = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        for info in Workers::<T>::iter_values() {
            let sum = deposits.entry(info.operator).or_default();
            *sum = sum.saturating_add(info.deposit);
        }
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

    fn check_rules() -> Result<(), TryRuntimeError> {
        let mut count = 0u32;
        for (rule, isv_svn_min) in AllowedMeasurements::<T>::iter() {
            count.saturating_inc();
            ensure!(
                rule.platform() == Platform::Sgx || isv_svn_min == 0,
                "a machine is to have a version"
            );
        }
        ensure!(
            count == AllowedMeasurements::<T>::count(),
            "the counter of measurements is wrong"
        );
        ensure!(
            count <= MEASUREMENTS_MAX,
            "there are more measurements than allowed"
        );
        ensure!(
            are_roots(&RootCertificates::<T>::get()),
            "a root certificate is not DER, or is there twice"
        );
        ensure!(
            ConfidenceLevelMax::<T>::get().is_valid(),
            "the worst level is not one"
        );
        ensure!(
            AttestationLifeMaxS::<T>::get() > 0,
            "no attestation would live"
        );
        Ok(())
    }
}
