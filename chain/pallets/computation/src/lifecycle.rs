//! The life of a session: its start, its stop, and what becomes of its stake.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        Get,
        fungible::{Balanced, BalancedHold, MutateHold},
        tokens::Precision,
    },
    weights::Weight,
};
use pallet_registry::{ConfidenceLookup, OnWorkerDeregistered, WorkerLookup};
use phat_primitives::WorkerId;
use phat_tokenomics::{Fixed, Parameters, WorkerState, stake_min, v_initial};
use sp_runtime::DispatchError;

use crate::{
    ActiveCount, ActiveSessions, Config, CurrentSettings, EconomyParameters, Error, Event,
    HoldReason, NextSession, NotedRandomness, OpenChallenges, Pallet, Phase, RandomnessTime,
    Reclaimed, Session, SessionOf, SessionStatus, Sessions, ShareTotals, WeightInfo, Work,
    WorkerSessions,
};

impl<T: Config> Pallet<T> {
    /// Refuses unless `account` is whose stake is in the session of `worker`.
    pub(crate) fn ensure_beneficiary(account: &T::AccountId, worker: &WorkerId) -> DispatchResult {
        let session = WorkerSessions::<T>::get(worker).ok_or(Error::<T>::NoSession)?;
        ensure!(session.beneficiary == *account, Error::<T>::NotBeneficiary);
        Ok(())
    }

    /// Refuses a worker that no session can start with.
    fn ensure_ready(worker: &WorkerId) -> Result<(), Error<T>> {
        ensure!(
            T::Workers::operator_of(worker).is_some(),
            Error::<T>::UnknownWorker
        );
        ensure!(T::Workers::is_active(worker), Error::<T>::WorkerInactive);
        match WorkerSessions::<T>::get(worker) {
            Some(session) if session.is_running() => Err(Error::<T>::InSession),
            Some(_) => Err(Error::<T>::CoolingDown),
            None => Ok(()),
        }
    }

    /// What a session of `worker` would start with.
    fn first_state(worker: &WorkerId, stake: u128) -> Result<WorkerState, Error<T>> {
        let p = Self::benchmarked(worker).ok_or(Error::<T>::NoBenchmark)?;
        let price = Self::price()?;
        let level = T::Workers::confidence_level(worker).ok_or(Error::<T>::UnknownWorker)?;
        let parameters = EconomyParameters::<T>::get();
        ensure!(
            stake >= least_stake(&parameters, p),
            Error::<T>::StakeTooLow
        );
        let staked = Fixed::from_pha(stake);
        let v = v_initial(&parameters, staked, p, price, level.get());
        let v = v.ok_or(Error::<T>::NoPrice)?;
        let now = Self::now_block();
        let state =
            ShareTotals::<T>::mutate(|totals| WorkerState::start(totals, now, v, p, level.get()));
        // Levels are valid wherever they are stored.
        state.ok_or(Error::<T>::WorkerInactive)
    }

    /// Adds `worker` to the end of the list of running sessions. Gives its place.
    fn list(worker: WorkerId) -> Result<u32, Error<T>> {
        let place = ActiveCount::<T>::get();
        let count = place.checked_add(1).ok_or(Error::<T>::TooManySessions)?;
        ActiveSessions::<T>::insert(place, worker);
        ActiveCount::<T>::put(count);
        Ok(place)
    }

    /// Takes the worker at `place` off the list, and puts the last one there.
    fn unlist(place: u32) {
        let last = ActiveCount::<T>::get().saturating_sub(1);
        ActiveCount::<T>::put(last);
        let moved = ActiveSessions::<T>::take(last);
        if place == last {
            return;
        }
        if let Some(moved) = moved {
            ActiveSessions::<T>::insert(place, moved);
            WorkerSessions::<T>::mutate(moved, |session| {
                if let Some(session) = session {
                    session.phase = Phase::Running { place };
                }
            });
        }
    }

    /// Stops `worker`'s session, which runs at `place` of the list.
    pub(crate) fn stop_at(worker: WorkerId, mut session: SessionOf<T>, place: u32) {
        let cool_down_s = CurrentSettings::<T>::get().cool_down_s;
        let until = Self::now_s().saturating_add(cool_down_s);
        let parameters = Self::parameters_of(&session.state);
        let now = Self::now_block();
        ShareTotals::<T>::mutate(|totals| session.state.stop(&parameters, totals, now));
        session.phase = Phase::CoolingDown { until };
        WorkerSessions::<T>::insert(worker, session);
        Self::unlist(place);
        OpenChallenges::<T>::remove(worker);
        Self::deposit_event(Event::SessionStopped { worker, until });
    }

    /// Slashes `amount` of what `beneficiary` has staked. What the treasury cannot take, because
    /// it is less than the least balance of an account, is burned. Gives how much was slashed.
    fn slash(beneficiary: &T::AccountId, amount: u128) -> u128 {
        if amount == 0 {
            return 0;
        }
        let reason = HoldReason::Session.into();
        let (credit, missing) = T::Currency::slash(&reason, beneficiary, amount);
        drop(T::Currency::resolve(&T::TreasuryAccount::get(), credit));
        amount.saturating_sub(missing)
    }
}

/// The least stake of a worker with the performance `p`, in units of 10⁻¹² PHA.
fn least_stake(parameters: &Parameters, p: u32) -> u128 {
    stake_min(parameters, p).to_pha_floor()
}

impl<T: Config> Sessions<T::AccountId, u128> for Pallet<T> {
    fn start(worker: WorkerId, beneficiary: &T::AccountId, stake: u128) -> DispatchResult {
        Self::ensure_ready(&worker)?;
        let now = Self::now_block();
        let randomness = NotedRandomness::<T>::get(now).ok_or(Error::<T>::NoRandomness)?;
        let number = NextSession::<T>::get();
        let next = number.checked_add(1).ok_or(Error::<T>::TooManySessions)?;
        let state = Self::first_state(&worker, stake)?;
        T::Currency::hold(&HoldReason::Session.into(), beneficiary, stake)?;
        NextSession::<T>::put(next);
        let place = Self::list(worker)?;
        let session = Session {
            number,
            beneficiary: beneficiary.clone(),
            stake,
            state,
            phase: Phase::Running { place },
            iterations: 0,
            work: Work {
                randomness,
                since_ms: RandomnessTime::<T>::get(),
                committed: None,
            },
            challenged_at: now,
        };
        WorkerSessions::<T>::insert(worker, session);
        Self::deposit_event(Event::SessionStarted {
            worker,
            session: number,
            beneficiary: beneficiary.clone(),
            stake,
            v: state.v,
        });
        Ok(())
    }

    fn stop(worker: WorkerId) -> DispatchResult {
        let session = WorkerSessions::<T>::get(worker).ok_or(Error::<T>::NotRunning)?;
        let Phase::Running { place } = session.phase else {
            return Err(Error::<T>::NotRunning.into());
        };
        Self::stop_at(worker, session, place);
        Ok(())
    }

    fn reclaim(worker: WorkerId) -> Result<Reclaimed<u128>, DispatchError> {
        let session = WorkerSessions::<T>::get(worker).ok_or(Error::<T>::NoSession)?;
        let Phase::CoolingDown { until } = session.phase else {
            return Err(Error::<T>::StillRunning.into());
        };
        ensure!(Self::now_s() >= until, Error::<T>::CoolingDown);
        let owed = session.returned_at(session.state.v);
        let Session {
            beneficiary, stake, ..
        } = session;
        let slashed = Self::slash(&beneficiary, stake.saturating_sub(owed));
        let returned = T::Currency::release(
            &HoldReason::Session.into(),
            &beneficiary,
            stake.saturating_sub(slashed),
            Precision::BestEffort,
        )?;
        WorkerSessions::<T>::remove(worker);
        Self::deposit_event(Event::StakeReclaimed {
            worker,
            beneficiary,
            returned,
            slashed,
        });
        Ok(Reclaimed { returned, slashed })
    }

    fn stake_min(worker: WorkerId) -> Option<u128> {
        let p = Self::benchmarked(&worker)?;
        Some(least_stake(&EconomyParameters::<T>::get(), p))
    }

    fn status(worker: WorkerId) -> SessionStatus<u128> {
        let Some(session) = WorkerSessions::<T>::get(worker) else {
            return SessionStatus::Ready;
        };
        let stake = session.stake;
        match session.phase {
            Phase::Running { .. } => {
                let parameters = Self::parameters_of(&session.state);
                let v = session.state.at(&parameters, Self::now_block()).v;
                let returned = session.returned_at(v);
                SessionStatus::Running { stake, returned }
            }
            Phase::CoolingDown { until } => {
                let returned = session.returned_at(session.state.v);
                SessionStatus::CoolingDown {
                    until,
                    stake,
                    returned,
                }
            }
        }
    }

    fn beneficiary(worker: WorkerId) -> Option<T::AccountId> {
        WorkerSessions::<T>::get(worker).map(|session| session.beneficiary)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn make_ready_for_benchmark(operator: &T::AccountId, worker: WorkerId) {
        T::Workers::register_for_benchmark(operator, worker);
        crate::benchmarking::make_ready::<T>(worker);
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn end_cool_down_for_benchmark(worker: WorkerId) {
        WorkerSessions::<T>::mutate(worker, |session| {
            if let Some(session) = session {
                session.phase = Phase::CoolingDown { until: 0 };
            }
        });
    }
}

/// A worker that leaves stops. Whose stake is in its session reclaims it as ever.
impl<T: Config> OnWorkerDeregistered for Pallet<T> {
    fn on_worker_deregistered(worker: &WorkerId) {
        Self::leave_benchmarks(*worker);
        if let Some(session) = WorkerSessions::<T>::get(worker)
            && let Phase::Running { place } = session.phase
        {
            Self::stop_at(*worker, session, place);
        }
    }

    fn weight() -> Weight {
        // What `leave_benchmarks` reads and writes.
        T::WeightInfo::stop_session().saturating_add(T::DbWeight::get().reads_writes(4, 5))
    }
}
