//! The workers of pools, and the money that is staked on their sessions.

use alloc::vec::Vec;

use frame_support::{
    dispatch::DispatchResult, ensure, storage::with_storage_layer, traits::Get, weights::Weight,
};
use pallet_computation::{OnPayout, Reclaimed, SessionStatus, Sessions};
use pallet_registry::WorkerLookup;
use phat_primitives::WorkerId;
use sp_runtime::DispatchError;

use crate::{
    Balance, Config, Error, Event, Fund, MaturingPayouts, OVERDUE_COUNTED_PER_CALL, Pallet,
    PoolInfo, PoolOf, PoolWorkers, Pools, Queues, SERVED_PER_CALL, WeightInfo,
};

/// What a session would return if it ended now.
fn returned(status: SessionStatus<Balance>) -> Balance {
    match status {
        SessionStatus::Ready => 0,
        SessionStatus::Running { returned, .. } | SessionStatus::CoolingDown { returned, .. } => {
            returned
        }
    }
}

/// The place of the session to stop for what is `missing`: of those that return as much the one
/// that returns least, or else the one that returns most. So that who waits for little costs the
/// pool little.
fn next_to_stop(running: &[(WorkerId, Balance)], missing: Balance) -> Option<usize> {
    let places = running.iter().map(|(_, returned)| *returned).enumerate();
    let enough = places
        .clone()
        .filter(|(_, returned)| *returned >= missing)
        .min_by_key(|(_, returned)| *returned);
    // The first of those that return the same.
    let most = places.rev().max_by_key(|(_, returned)| *returned);
    enough.or(most).map(|(place, _)| place)
}

impl<T: Config> Pallet<T> {
    /// What the sessions that pool `pid`, whose account is `account`, has stake in would return if
    /// they ended now.
    pub(crate) fn in_sessions(pid: u64, account: &T::AccountId) -> Balance {
        let workers = PoolWorkers::<T>::get(pid);
        let own = workers
            .into_iter()
            .filter(|worker| Self::has_stake(*worker, account));
        own.map(|worker| returned(T::Sessions::status(worker)))
            .fold(0, Balance::saturating_add)
    }

    /// Whether `account` has stake in a session of `worker`. Its operator may have started one with
    /// other money after the last.
    fn has_stake(worker: WorkerId, account: &T::AccountId) -> bool {
        T::Sessions::beneficiary(worker).as_ref() == Some(account)
    }

    pub(crate) fn ensure_in_pool(pid: u64, worker: WorkerId) -> Result<(), Error<T>> {
        ensure!(
            PoolOf::<T>::get(worker) == Some(pid),
            Error::<T>::WorkerNotInPool
        );
        Ok(())
    }

    /// Refuses a worker that `owner` does not operate now.
    fn ensure_operator(worker: &WorkerId, owner: &T::AccountId) -> Result<(), Error<T>> {
        ensure!(
            T::Workers::operator_of(worker).as_ref() == Some(owner),
            Error::<T>::NotOperator
        );
        Ok(())
    }

    pub(crate) fn do_add_worker(
        pid: u64,
        owner: &T::AccountId,
        worker: WorkerId,
    ) -> DispatchResult {
        Self::ensure_operator(&worker, owner)?;
        ensure!(T::Workers::is_active(&worker), Error::<T>::WorkerInactive);
        ensure!(!PoolOf::<T>::contains_key(worker), Error::<T>::WorkerInPool);
        ensure!(
            T::Sessions::beneficiary(worker).is_none(),
            Error::<T>::SessionOfOther
        );
        PoolWorkers::<T>::try_mutate(pid, |workers| workers.try_push(worker))
            .map_err(|_| Error::<T>::TooManyWorkers)?;
        PoolOf::<T>::insert(worker, pid);
        Self::deposit_event(Event::WorkerAdded { pid, worker });
        Ok(())
    }

    pub(crate) fn do_remove_worker(pid: u64, worker: WorkerId) -> DispatchResult {
        Self::ensure_in_pool(pid, worker)?;
        ensure!(
            !Self::has_stake(worker, &Self::account(pid)),
            Error::<T>::WorkerInSession
        );
        PoolOf::<T>::remove(worker);
        PoolWorkers::<T>::mutate(pid, |workers| workers.retain(|other| *other != worker));
        Self::deposit_event(Event::WorkerRemoved { pid, worker });
        Ok(())
    }

    pub(crate) fn do_start_worker(
        pid: u64,
        pool: &PoolInfo<T::AccountId>,
        worker: WorkerId,
        stake: Balance,
    ) -> DispatchResult {
        Self::ensure_in_pool(pid, worker)?;
        Self::ensure_operator(&worker, &pool.owner)?;
        let mut book = Self::book(pid, pool);
        Self::serve(pid, &mut book, SERVED_PER_CALL)?;
        let unowed = book.available.saturating_sub(Self::owed(pid, &book));
        ensure!(stake <= unowed, Error::<T>::TooLittleAvailable);
        T::Sessions::start(worker, &Self::account(pid), stake)?;
        Self::deposit_event(Event::WorkerStarted { pid, worker, stake });
        Ok(())
    }

    /// Stops the session that the pool has stake in.
    pub(crate) fn do_stop_worker(pid: u64, worker: WorkerId) -> DispatchResult {
        ensure!(
            Self::has_stake(worker, &Self::account(pid)),
            Error::<T>::NoSession
        );
        T::Sessions::stop(worker)?;
        let returned = returned(T::Sessions::status(worker));
        Self::deposit_event(Event::WorkerStopped {
            pid,
            worker,
            returned,
        });
        Ok(())
    }

    pub(crate) fn do_reclaim_worker(pid: u64, worker: WorkerId) -> DispatchResult {
        ensure!(
            Self::has_stake(worker, &Self::account(pid)),
            Error::<T>::NoSession
        );
        let Reclaimed { returned, slashed } = T::Sessions::reclaim(worker)?;
        Self::deposit_event(Event::StakeReclaimed {
            pid,
            worker,
            returned,
            slashed,
        });
        Ok(())
    }

    /// Whether the first withdrawal has waited for so long that workers are stopped for it.
    fn is_overdue(pid: u64) -> bool {
        Self::waiting_since_s(pid)
            .is_some_and(|since_s| Self::now_s() >= since_s.saturating_add(T::GracePeriod::get()))
    }

    pub(crate) fn do_force(pid: u64, pool: &PoolInfo<T::AccountId>) -> DispatchResult {
        ensure!(Self::is_overdue(pid), Error::<T>::NothingOverdue);
        let mut book = Self::book(pid, pool);
        Self::serve(pid, &mut book, SERVED_PER_CALL)?;
        if !Self::is_overdue(pid) {
            return Ok(());
        }
        // Who came later has not waited for so long, and may still take it back.
        let (now_s, wait_s) = (Self::now_s(), T::GracePeriod::get());
        let overdue = Self::count_overdue(pid, now_s, wait_s, OVERDUE_COUNTED_PER_CALL);
        let stopped = Self::stop_for_queue(pid, book.amount_for(overdue), book.available);
        if stopped > 0 {
            Self::deposit_event(Event::WithdrawalForced { pid, stopped });
        }
        Ok(())
    }

    /// Stops workers of the pool until `available` and what cools down make `needed`, and none that
    /// is worth much more than what is missing while another will do. Gives how many it stopped.
    pub(crate) fn stop_for_queue(pid: u64, needed: Balance, available: Balance) -> u32 {
        let account = Self::account(pid);
        let mut coming = available;
        let mut running = Vec::new();
        for worker in PoolWorkers::<T>::get(pid) {
            if !Self::has_stake(worker, &account) {
                continue;
            }
            let status = T::Sessions::status(worker);
            if matches!(status, SessionStatus::Running { .. }) {
                running.push((worker, returned(status)));
            } else {
                coming = coming.saturating_add(returned(status));
            }
        }
        let mut stopped: u32 = 0;
        while coming < needed {
            let missing = needed.saturating_sub(coming);
            let Some(next) = next_to_stop(&running, missing) else {
                break;
            };
            let (worker, _) = running.remove(next);
            // One that cannot be stopped must not keep the others from it.
            let result: Result<(), DispatchError> =
                with_storage_layer(|| Self::do_stop_worker(pid, worker));
            if result.is_ok() {
                coming = coming.saturating_add(returned(T::Sessions::status(worker)));
                stopped = stopped.saturating_add(1);
            }
        }
        stopped
    }
}

/// Payouts to pools: the owner's part is set aside, the rest becomes the pool's little by little.
impl<T: Config> OnPayout<T::AccountId, Balance> for Pallet<T> {
    fn on_payout(worker: WorkerId, beneficiary: &T::AccountId, amount: Balance) {
        let Some(pid) = Self::pid_of(beneficiary) else {
            return;
        };
        let Some(mut pool) = Pools::<T>::get(pid) else {
            return;
        };
        let now_s = Self::now_s();
        let commission = pool.commission.at(now_s).mul_floor(amount);
        pool.owner_rewards = pool.owner_rewards.saturating_add(commission);
        Pools::<T>::insert(pid, pool);
        let rest = amount.saturating_sub(commission);
        MaturingPayouts::<T>::mutate(pid, |maturing| {
            *maturing = maturing.with(rest, now_s, T::PayoutPeriod::get());
        });
        Self::deposit_event(Event::PayoutReceived {
            pid,
            worker,
            amount,
            commission,
        });
    }

    fn weight() -> Weight {
        T::WeightInfo::on_payout()
    }
}
