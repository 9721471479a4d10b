//! The benchmarks that the weights are measured with.
//!
//! Pools have [`DELEGATORS`] delegators, which is to show that their number does not matter, and as
//! many workers in sessions as the component `w` says.

use frame_benchmarking::v2::*;
use frame_support::traits::{Get, fungible, fungibles, fungibles::Mutate as _};
use frame_system::RawOrigin;
use pallet_computation::{OnPayout, SessionStatus, Sessions};
use phat_primitives::WorkerId;
use sp_runtime::Permill;

use crate::*;

/// How many delegators pools have.
const DELEGATORS: u32 = 1_000;

/// What is delegated at once: much more than a stake.
const AMOUNT: Balance = 1 << 80;

fn rich<T: Config>(name: &'static str, index: u32) -> T::AccountId {
    let who = account(name, index, 0);
    <T::Currency as fungible::Mutate<T::AccountId>>::set_balance(&who, AMOUNT.saturating_mul(4));
    who
}

fn worker(index: u32) -> WorkerId {
    let mut worker = WorkerId([1; 32]);
    worker.0[..4].copy_from_slice(&index.to_be_bytes());
    worker
}

/// A pool with its delegators and without workers.
fn pool<T: Config>() -> (T::AccountId, u64) {
    let owner = rich::<T>("owner", 0);
    let pid = Pallet::<T>::do_create(owner.clone(), Permill::zero())
        .expect("the owner can pay for it; qed");
    let first = rich::<T>("delegator", DELEGATORS);
    Pallet::<T>::do_delegate(pid, &first, AMOUNT).expect("it is the first; qed");
    for index in 0..DELEGATORS {
        let who = account("delegator", index, 0);
        T::Shares::mint_into(pid, &who, AMOUNT).expect("there are not many; qed");
    }
    // So that shares are worth what they were before.
    let account = Pallet::<T>::account(pid);
    <T::Currency as fungible::Mutate<T::AccountId>>::set_balance(
        &account,
        AMOUNT.saturating_mul(Balance::from(DELEGATORS) + 1),
    );
    (owner, pid)
}

/// Has workers `0..count` run for the pool, all with the least stake.
fn run_workers<T: Config>(owner: &T::AccountId, pid: u64, count: u32) {
    for index in 0..count {
        start::<T>(owner, pid, ready::<T>(owner, pid, index));
    }
}

/// Adds a worker to the pool that is ready to start.
fn ready<T: Config>(owner: &T::AccountId, pid: u64, index: u32) -> WorkerId {
    let worker = worker(index);
    T::Sessions::make_ready_for_benchmark(owner, worker);
    Pallet::<T>::do_add_worker(pid, owner, worker).expect("it is in no pool; qed");
    worker
}

fn start<T: Config>(owner: &T::AccountId, pid: u64, worker: WorkerId) {
    let pool = Pools::<T>::get(pid).expect("it was created; qed");
    assert_eq!(pool.owner, *owner);
    Pallet::<T>::do_start_worker(pid, &pool, worker, stake::<T>(worker))
        .expect("the worker is ready; qed");
}

fn stake<T: Config>(worker: WorkerId) -> Balance {
    T::Sessions::stake_min(worker).expect("it has a benchmark; qed")
}

/// Puts `count` requests of different accounts into the pool's queue.
fn fill_queue<T: Config>(pid: u64, count: u32) {
    for index in 0..count {
        let who: T::AccountId = account("delegator", index, 0);
        let queue = Pallet::<T>::queue(pid);
        Pallet::<T>::wait(pid, &who, AMOUNT, queue, 0).expect("it has the shares; qed");
    }
}

fn shares_of<T: Config>(pid: u64, who: &T::AccountId) -> Balance {
    <T::Shares as fungibles::Inspect<T::AccountId>>::balance(pid, who)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn create() {
        let owner = rich::<T>("owner", 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), Permill::zero());

        assert_eq!(NextPoolId::<T>::get(), 1);
    }

    #[benchmark]
    fn set_commission() {
        let (owner, pid) = pool::<T>();
        let commission = T::MaxCommission::get();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, commission);

        let pool = Pools::<T>::get(pid).expect("it was created; qed");
        assert_eq!(pool.commission.at(u64::MAX), commission);
    }

    #[benchmark]
    fn set_cap() {
        let (owner, pid) = pool::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, Some(AMOUNT));

        assert!(Pools::<T>::get(pid).is_some_and(|pool| pool.cap == Some(AMOUNT)));
    }

    #[benchmark]
    fn set_restriction() {
        let (owner, pid) = pool::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, true);

        assert!(Pools::<T>::get(pid).is_some_and(|pool| pool.is_restricted));
    }

    #[benchmark]
    fn add_to_whitelist() {
        let (owner, pid) = pool::<T>();
        let who: T::AccountId = account("listed", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, who.clone());

        assert!(Whitelist::<T>::contains_key(pid, &who));
    }

    #[benchmark]
    fn remove_from_whitelist() {
        let (owner, pid) = pool::<T>();
        let who: T::AccountId = account("listed", 0, 0);
        let origin = RawOrigin::Signed(owner.clone()).into();
        Pallet::<T>::add_to_whitelist(origin, pid, who.clone()).expect("it is empty; qed");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, who.clone());

        assert!(!Whitelist::<T>::contains_key(pid, &who));
    }

    #[benchmark]
    fn add_worker() {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, T::MaxWorkers::get() - 1);
        let worker = worker(T::MaxWorkers::get());
        T::Sessions::make_ready_for_benchmark(&owner, worker);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, worker);

        assert_eq!(PoolOf::<T>::get(worker), Some(pid));
    }

    #[benchmark]
    fn remove_worker() {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, T::MaxWorkers::get() - 1);
        let worker = ready::<T>(&owner, pid, T::MaxWorkers::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, worker);

        assert_eq!(PoolOf::<T>::get(worker), None);
    }

    #[benchmark]
    fn start_worker(w: Linear<1, 32>) {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, w - 1);
        let worker = ready::<T>(&owner, pid, w);
        let stake = stake::<T>(worker);
        fill_queue::<T>(pid, SERVED_PER_CALL);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, worker, stake);

        assert!(matches!(
            T::Sessions::status(worker),
            SessionStatus::Running { .. }
        ));
    }

    #[benchmark]
    fn stop_worker() {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, worker(0));

        assert!(matches!(
            T::Sessions::status(worker(0)),
            SessionStatus::CoolingDown { .. }
        ));
    }

    #[benchmark]
    fn reclaim_worker(w: Linear<1, 32>) {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, w);
        Pallet::<T>::do_stop_worker(pid, worker(0)).expect("it runs; qed");
        T::Sessions::end_cool_down_for_benchmark(worker(0));
        fill_queue::<T>(pid, SERVED_PER_CALL);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, worker(0));

        assert!(T::Sessions::beneficiary(worker(0)).is_none());
        assert_eq!(Pallet::<T>::queue(pid).count, 0);
    }

    #[benchmark]
    fn claim_owner_rewards() {
        let (owner, pid) = pool::<T>();
        Pools::<T>::mutate_extant(pid, |pool| pool.owner_rewards = AMOUNT);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid);

        assert!(Pools::<T>::get(pid).is_some_and(|pool| pool.owner_rewards == 0));
    }

    #[benchmark]
    fn delegate(w: Linear<0, 32>) {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, w);
        fill_queue::<T>(pid, SERVED_PER_CALL);
        let who = rich::<T>("newcomer", 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), pid, AMOUNT);

        assert!(shares_of::<T>(pid, &who) > 0);
        assert_eq!(Pallet::<T>::queue(pid).count, 0);
    }

    #[benchmark]
    fn withdraw(w: Linear<0, 32>) {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, w);
        // One more than are paid, so that the withdrawal waits, and then one is paid.
        fill_queue::<T>(pid, SERVED_PER_CALL + 1);
        let who: T::AccountId = account("delegator", DELEGATORS - 1, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), pid, AMOUNT);

        assert_eq!(shares_of::<T>(pid, &who), 0);
        assert_eq!(Pallet::<T>::queue(pid).count, 1);
    }

    #[benchmark]
    fn cancel_withdrawal() {
        let (_, pid) = pool::<T>();
        fill_queue::<T>(pid, 3);
        let who: T::AccountId = account("delegator", 1, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), pid, 1);

        assert_eq!(shares_of::<T>(pid, &who), AMOUNT);
    }

    #[benchmark]
    fn process_queue(n: Linear<0, SERVED_PER_CALL_MAX>) {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, T::MaxWorkers::get());
        fill_queue::<T>(pid, n);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pid, n);

        assert_eq!(Pallet::<T>::queue(pid).count, 0);
    }

    /// All but what looks at the clock.
    #[benchmark]
    fn check_and_force_withdraw(w: Linear<0, 32>) {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, w);
        fill_queue::<T>(pid, SERVED_PER_CALL + OVERDUE_COUNTED_PER_CALL);
        let stopped;

        #[block]
        {
            let pool = Pools::<T>::get(pid).expect("it was created; qed");
            let mut book = Pallet::<T>::book(pid, &pool);
            Pallet::<T>::serve(pid, &mut book, SERVED_PER_CALL).expect("there is enough; qed");
            Pallet::<T>::count_overdue(pid, u64::MAX, 0, OVERDUE_COUNTED_PER_CALL);
            stopped = Pallet::<T>::stop_for_queue(pid, Balance::MAX, 0);
        }

        assert_eq!(stopped, w);
        assert_eq!(Pallet::<T>::queue(pid).uncounted, None);
    }

    #[benchmark]
    fn position(w: Linear<0, 32>) {
        let (owner, pid) = pool::<T>();
        run_workers::<T>(&owner, pid, w);
        let who: T::AccountId = account("delegator", 0, 0);
        let found;

        #[block]
        {
            found = <Pallet<T> as Delegate<T::AccountId>>::position(pid, &who);
        }

        assert!(found.is_some_and(|found| found.shares_value > 0));
    }

    #[benchmark]
    fn on_payout() {
        let (_, pid) = pool::<T>();
        Pools::<T>::mutate_extant(pid, |pool| {
            pool.commission = NoticedRate::new(Permill::from_percent(10));
        });
        let account = Pallet::<T>::account(pid);

        #[block]
        {
            Pallet::<T>::on_payout(worker(0), &account, AMOUNT);
        }

        assert!(Pools::<T>::get(pid).is_some_and(|pool| pool.owner_rewards > 0));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
