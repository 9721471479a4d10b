//! What is always true of the pallet's storage.

use alloc::collections::BTreeMap;

use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};
use sp_runtime::{TryRuntimeError, traits::Saturating};

use crate::{BalanceOf, Config, HoldReason, Pallet, Workers, types::is_endpoint};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. There are at most `MaxWorkers` workers, and the counter counts them all.
    /// 2. Each worker's endpoint has the form of an endpoint.
    /// 3. What is held of each operator's balance for workers is the sum of the deposits of
    ///    its workers.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut count = 0u32;
        let mut deposits = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        for info in Workers::<T>::iter_values() {
            count.saturating_inc();
            ensure!(
                is_endpoint(&info.endpoint),
                "a worker's endpoint is not an endpoint"
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
        for (operator, sum) in deposits {
            let held = T::Currency::balance_on_hold(&HoldReason::Worker.into(), &operator);
            ensure!(
                held == sum,
                "an operator's hold is not the sum of its workers' deposits"
            );
        }
        Ok(())
    }
}
