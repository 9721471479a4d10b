//! What is always true of the pallet's storage.

use alloc::collections::{BTreeMap, BTreeSet};

use frame_support::{ensure, traits::fungible::InspectHold};
use pallet_registry::WorkerLookup;
use phat_primitives::WorkerId;
use phat_tokenomics::{Fixed, WorkerPhase};
use sp_runtime::TryRuntimeError;

use crate::{
    ActiveCount, ActiveSessions, BenchmarkRun, BenchmarkRuns, Benchmarks, Config, CurrentSettings,
    EconomyParameters, ExpiringChallenges, HoldReason, LEFT_BENCHMARKS_MAX, LeftBenchmarks,
    NextSession, NotedRandomness, OpenChallenges, Pallet, PhaPrice, Phase, RANDOMNESS_BLOCKS,
    ShareTotals, Stage, WorkerSessions,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. The list of running sessions has no gaps, and each of them is there once, at its place.
    /// 2. A session that cools down is stopped, and one that runs is not. Numbers of sessions are
    ///    given out.
    /// 3. The sum of the shares is that of all sessions. Only idle workers have one.
    /// 4. What is held of each account's balance is the sum of the stakes of its sessions.
    /// 5. A challenge is open in running sessions only, and always while a worker is unresponsive.
    ///    One that was missed has made its worker so; another one is to expire after its deadline.
    /// 6. Nothing was to expire before the next block. The randomness of no more than
    ///    [`RANDOMNESS_BLOCKS`] blocks is kept.
    /// 7. A benchmark that was not shown is of a worker that is registered, or has failed and is of
    ///    one of the last [`LEFT_BENCHMARKS_MAX`] that left.
    /// 8. Parameters and settings are within their bounds. Every performance is above zero, and so
    ///    is the price, which was said in a block that there was.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_list()?;
        Self::check_sessions()?;
        Self::check_shares()?;
        Self::check_holds()?;
        Self::check_challenges()?;
        Self::check_queues()?;
        Self::check_benchmarks()?;
        Self::check_settings()
    }

    fn check_list() -> Result<(), TryRuntimeError> {
        let count = ActiveCount::<T>::get();
        for (place, worker) in ActiveSessions::<T>::iter() {
            ensure!(place < count, "a place is beyond the end of the list");
            let phase = WorkerSessions::<T>::get(worker).map(|session| session.phase);
            ensure!(
                phase == Some(Phase::Running { place }),
                "a worker is listed at a place that is not its session's"
            );
        }
        let listed = ActiveSessions::<T>::iter_keys().count();
        let running = WorkerSessions::<T>::iter_values().filter(|session| session.is_running());
        ensure!(
            listed == count as usize && running.count() == listed,
            "the list of running sessions has gaps, or lacks some"
        );
        Ok(())
    }

    fn check_sessions() -> Result<(), TryRuntimeError> {
        for session in WorkerSessions::<T>::iter_values() {
            let is_stopped = session.state.state == WorkerPhase::Stopped;
            ensure!(
                is_stopped != session.is_running(),
                "a session runs and is stopped, or neither"
            );
            ensure!(
                session.number < NextSession::<T>::get(),
                "a session has a number that was not given out"
            );
        }
        Ok(())
    }

    fn check_shares() -> Result<(), TryRuntimeError> {
        let mut sum = Fixed::ZERO;
        for session in WorkerSessions::<T>::iter_values() {
            let share = session.state.share;
            ensure!(
                session.is_idle() || share.is_zero(),
                "a worker that is not idle has a share"
            );
            sum = sum
                .checked_add(share)
                .ok_or("the shares are more than can be summed")?;
        }
        ensure!(
            sum == ShareTotals::<T>::get().share,
            "the sum of the shares is wrong"
        );
        Ok(())
    }

    fn check_holds() -> Result<(), TryRuntimeError> {
        let mut staked = BTreeMap::<T::AccountId, u128>::new();
        for session in WorkerSessions::<T>::iter_values() {
            let sum = staked.entry(session.beneficiary).or_default();
            *sum = sum.saturating_add(session.stake);
        }
        for (account, stake) in staked {
            let held = T::Currency::balance_on_hold(&HoldReason::Session.into(), &account);
            ensure!(held == stake, "what is held is not what is staked");
        }
        Ok(())
    }

    fn check_challenges() -> Result<(), TryRuntimeError> {
        for (worker, challenge) in OpenChallenges::<T>::iter() {
            let session = WorkerSessions::<T>::get(worker);
            let session = session.filter(|session| session.is_running());
            let session = session.ok_or("a worker is challenged that is in no session")?;
            ensure!(
                !challenge.missed || session.state.state == WorkerPhase::Unresponsive,
                "a worker has missed a challenge and is not unresponsive"
            );
            let expires_at = challenge.deadline.saturating_add(1);
            ensure!(
                challenge.missed || ExpiringChallenges::<T>::get(expires_at).contains(&worker),
                "a challenge never expires"
            );
        }
        for (worker, session) in WorkerSessions::<T>::iter() {
            ensure!(
                session.state.state != WorkerPhase::Unresponsive
                    || OpenChallenges::<T>::contains_key(worker),
                "a worker is unresponsive and has nothing to answer"
            );
        }
        Ok(())
    }

    fn check_queues() -> Result<(), TryRuntimeError> {
        let now = Self::now_block();
        ensure!(
            ExpiringChallenges::<T>::iter_keys().all(|expires_at| expires_at > now),
            "challenges should have expired"
        );
        ensure!(
            NotedRandomness::<T>::iter_keys().count() <= RANDOMNESS_BLOCKS as usize,
            "too much randomness is kept"
        );
        Ok(())
    }

    fn check_benchmarks() -> Result<(), TryRuntimeError> {
        ensure!(
            Benchmarks::<T>::iter_values().all(|benchmark| benchmark.p > 0),
            "a worker has shown a performance of zero"
        );
        ensure!(
            BenchmarkRuns::<T>::iter_values().all(|run| run.begun_at <= Self::now_block()),
            "a benchmark begins in a block that is still to come"
        );
        let left: BTreeSet<_> = LeftBenchmarks::<T>::iter().collect();
        ensure!(
            left.iter().all(|(place, _)| *place < LEFT_BENCHMARKS_MAX),
            "too many benchmarks are kept of workers that left"
        );
        let left: BTreeSet<_> = left.into_iter().map(|(_, worker)| worker).collect();
        let is_kept = |(worker, run): (WorkerId, BenchmarkRun)| {
            T::Workers::operator_of(&worker).is_some()
                || (run.stage == Stage::Failed && left.contains(&worker))
        };
        ensure!(
            BenchmarkRuns::<T>::iter().all(is_kept),
            "a benchmark is kept of a worker that left long ago"
        );
        Ok(())
    }

    fn check_settings() -> Result<(), TryRuntimeError> {
        let parameters = EconomyParameters::<T>::get();
        ensure!(
            Self::are_valid(&parameters, &CurrentSettings::<T>::get()),
            "parameters or settings are out of their bounds"
        );
        ensure!(
            PhaPrice::<T>::get()
                .is_none_or(|price| !price.usd.is_zero() && price.set_at <= Self::now_block()),
            "the price is zero, or of a block that is still to come"
        );
        Ok(())
    }
}
