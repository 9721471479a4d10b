//! The benchmarks that the weights are measured with.

use alloc::vec;

use frame_benchmarking::v2::*;
use frame_support::traits::{
    EnsureOrigin,
    fungible::{Inspect, Mutate},
};
use frame_system::RawOrigin;
use pallet_phat_contracts::{ClusterLookup, OnContractCreated, OnContractRemoved};
use phat_primitives::{ClusterId, CodeHash, ContractId};
use sp_runtime::traits::Saturating;

use crate::*;

const CLUSTER: ClusterId = ClusterId(1_000);
const CONTRACT: ContractId = ContractId([7; 32]);

/// An account with enough for all of this, and [`CONTRACT`].
fn funded<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    T::Clusters::serve_for_benchmark(CLUSTER, vec![], CONTRACT, CodeHash::default());
    let account = account("staker", 0, 0);
    T::Currency::set_balance(&account, amount::<T>().saturating_mul(100u32.into()));
    account
}

/// As much as can be staked, and taken back in part.
fn amount<T: Config>() -> BalanceOf<T> {
    MinimumStake::<T>::get().saturating_add(T::Currency::minimum_balance())
}

/// An account that has staked three times [`amount`] to [`CONTRACT`].
fn staker<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let account = funded::<T>();
    let stake = amount::<T>().saturating_mul(3u32.into());
    Pallet::<T>::do_stake(&account, CONTRACT, CLUSTER, stake)
        .expect("the account has more than that; qed");
    account
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn stake() {
        let account = staker::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(account.clone()), CONTRACT, amount::<T>());

        let total = amount::<T>().saturating_mul(4u32.into());
        assert_eq!(Stakes::<T>::get(CONTRACT, account), Some(total));
    }

    #[benchmark]
    fn unstake() {
        let account = staker::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(account.clone()), CONTRACT, amount::<T>());

        let total = amount::<T>().saturating_mul(2u32.into());
        assert_eq!(Stakes::<T>::get(CONTRACT, account), Some(total));
    }

    #[benchmark]
    fn set_minimum_stake() -> Result<(), BenchmarkError> {
        let governance =
            T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let minimum = amount::<T>();

        #[extrinsic_call]
        _(governance as T::RuntimeOrigin, minimum);

        assert_eq!(MinimumStake::<T>::get(), minimum);
        Ok(())
    }

    #[benchmark]
    fn set_free_allowance() -> Result<(), BenchmarkError> {
        let governance =
            T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let allowance = amount::<T>();

        #[extrinsic_call]
        _(governance as T::RuntimeOrigin, allowance);

        assert_eq!(FreeAllowance::<T>::get(), allowance);
        Ok(())
    }

    #[benchmark]
    fn on_contract_created() {
        staker::<T>();
        Pallet::<T>::on_contract_removed(&CONTRACT);

        #[block]
        {
            Pallet::<T>::on_contract_created(&CONTRACT);
        }

        assert!(ClusterStakes::<T>::contains_key(CLUSTER, CONTRACT));
    }

    #[benchmark]
    fn on_contract_removed() {
        staker::<T>();

        #[block]
        {
            Pallet::<T>::on_contract_removed(&CONTRACT);
        }

        assert!(!ClusterStakes::<T>::contains_key(CLUSTER, CONTRACT));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
