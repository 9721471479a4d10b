//! The benchmarks that the weights are measured with.
//!
//! Vaults have [`DELEGATORS`] delegators, which is to show that their number does not matter. What
//! looking up pools costs is no part of these weights.

use frame_benchmarking::v2::*;
use frame_support::traits::{Get, fungible, fungibles, fungibles::Mutate as _};
use frame_system::RawOrigin;
use pallet_stake_pool::{Balance, Delegate, Fund, OVERDUE_COUNTED_PER_CALL, Queues, VAULT_ASSETS};
use sp_runtime::Permill;

use crate::*;

/// How many delegators vaults have.
const DELEGATORS: u32 = 1_000;

/// What is delegated at once.
const AMOUNT: Balance = 1 << 80;

fn rich<T: Config>(name: &'static str, index: u32) -> T::AccountId {
    let who = account(name, index, 0);
    <T::Currency as fungible::Mutate<T::AccountId>>::set_balance(&who, AMOUNT.saturating_mul(4));
    who
}

/// A vault that is worth twice what was delegated to it, so that a fee is due.
fn vault<T: Config>() -> (T::AccountId, u64) {
    let owner = rich::<T>("owner", 0);
    let vid = NextVaultId::<T>::get();
    Pallet::<T>::do_create(owner.clone(), T::MaxFee::get()).expect("the owner can pay; qed");
    for index in 0..DELEGATORS {
        let who = account("delegator", index, 0);
        T::Shares::mint_into(VAULT_ASSETS | vid, &who, AMOUNT).expect("there are not many; qed");
    }
    let account = Pallet::<T>::account(vid);
    <T::Currency as fungible::Mutate<T::AccountId>>::set_balance(
        &account,
        AMOUNT.saturating_mul(Balance::from(DELEGATORS) * 2),
    );
    (owner, vid)
}

/// Puts `count` requests of different accounts into the vault's queue.
fn fill_queue<T: Config>(vid: u64, count: u32) {
    for index in 0..count {
        let who: T::AccountId = account("delegator", index, 0);
        let queue = Pallet::<T>::queue(vid);
        Pallet::<T>::wait(vid, &who, AMOUNT, queue, 0).expect("it has the shares; qed");
    }
}

/// A pool that the vault has delegated to.
fn pool<T: Config>(vid: u64) -> u64 {
    let pid = T::Pools::create_for_benchmark(&rich::<T>("pool", 0)).expect("it can pay; qed");
    let book = Pallet::<T>::book(vid);
    Pallet::<T>::do_delegate_to_pool(vid, book, pid, AMOUNT).expect("it has more; qed");
    pid
}

fn shares_of<T: Config>(vid: u64, who: &T::AccountId) -> Balance {
    <T::Shares as fungibles::Inspect<T::AccountId>>::balance(VAULT_ASSETS | vid, who)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn create() {
        let owner = rich::<T>("owner", 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), Permill::zero());

        assert_eq!(NextVaultId::<T>::get(), 1);
    }

    #[benchmark]
    fn set_fee() {
        let (owner, vid) = vault::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), vid, Permill::zero());

        assert!(shares_of::<T>(vid, &owner) > 0);
    }

    #[benchmark]
    fn collect_owner_fee() {
        let (owner, vid) = vault::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), vid);

        assert!(shares_of::<T>(vid, &owner) > 0);
    }

    #[benchmark]
    fn delegate() {
        let (_, vid) = vault::<T>();
        fill_queue::<T>(vid, SERVED_PER_CALL);
        let who = rich::<T>("newcomer", 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), vid, AMOUNT);

        assert!(shares_of::<T>(vid, &who) > 0);
        assert_eq!(Pallet::<T>::queue(vid).count, 0);
    }

    #[benchmark]
    fn withdraw() {
        let (_, vid) = vault::<T>();
        // One more than are paid, so that the withdrawal waits, and then one is paid.
        fill_queue::<T>(vid, SERVED_PER_CALL + 1);
        let who: T::AccountId = account("delegator", DELEGATORS - 1, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), vid, AMOUNT);

        assert_eq!(shares_of::<T>(vid, &who), 0);
        assert_eq!(Pallet::<T>::queue(vid).count, 1);
    }

    #[benchmark]
    fn cancel_withdrawal() {
        let (_, vid) = vault::<T>();
        fill_queue::<T>(vid, 3);
        let who: T::AccountId = account("delegator", 1, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), vid, 1);

        assert_eq!(shares_of::<T>(vid, &who), AMOUNT);
    }

    #[benchmark]
    fn process_queue(n: Linear<0, SERVED_PER_CALL_MAX>) {
        let (owner, vid) = vault::<T>();
        fill_queue::<T>(vid, n);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), vid, n);

        assert_eq!(Pallet::<T>::queue(vid).count, 0);
    }

    #[benchmark]
    fn delegate_to_pool() {
        let (owner, vid) = vault::<T>();
        fill_queue::<T>(vid, SERVED_PER_CALL);
        let pid = T::Pools::create_for_benchmark(&rich::<T>("pool", 0)).expect("it can pay; qed");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), vid, pid, AMOUNT);

        assert_eq!(VaultPools::<T>::get(vid).into_inner(), [pid]);
    }

    #[benchmark]
    fn withdraw_from_pool() {
        let (owner, vid) = vault::<T>();
        let pid = pool::<T>(vid);
        let account = Pallet::<T>::account(vid);
        let shares = T::Pools::shares_covering(pid, &account, Balance::MAX);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), vid, pid, shares);

        assert!(VaultPools::<T>::get(vid).is_empty());
    }

    /// All but the pool's own part, which fails: nothing waits there.
    #[benchmark]
    fn cancel_pool_withdrawal() {
        let (owner, vid) = vault::<T>();
        let pid = pool::<T>(vid);
        let result;

        #[block]
        {
            result =
                Pallet::<T>::cancel_pool_withdrawal(RawOrigin::Signed(owner).into(), vid, pid, 0);
        }

        assert!(result.is_err());
    }

    /// All but what looks at the clock, with one pool.
    #[benchmark]
    fn check_and_force_withdraw() {
        let (_, vid) = vault::<T>();
        pool::<T>(vid);
        fill_queue::<T>(vid, SERVED_PER_CALL * 2 + OVERDUE_COUNTED_PER_CALL);
        let pools;

        #[block]
        {
            let (_, mut book) = Pallet::<T>::open(vid).expect("it was created; qed");
            Pallet::<T>::serve(vid, &mut book, SERVED_PER_CALL).expect("it has enough; qed");
            Pallet::<T>::count_overdue(vid, u64::MAX, 0, OVERDUE_COUNTED_PER_CALL);
            pools = Pallet::<T>::withdraw_for_queue(vid, AMOUNT);
            let (_, mut book) = Pallet::<T>::open(vid).expect("it was created; qed");
            Pallet::<T>::serve(vid, &mut book, SERVED_PER_CALL).expect("it has enough; qed");
        }

        assert_eq!(pools, 1);
        assert_eq!(Pallet::<T>::queue(vid).count, OVERDUE_COUNTED_PER_CALL);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
