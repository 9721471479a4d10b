//! Benchmarks: how a worker shows its performance before it starts.

use frame_support::{dispatch::DispatchResult, ensure};
use pallet_registry::WorkerLookup;
use phat_primitives::{
    WorkerId,
    heartbeat::{BENCHMARK_OPENINGS, BenchmarkProof, BenchmarkReport, DRAW_DELAY, benchmark_draw},
};
use phat_tokenomics::PERFORMANCE_WINDOW_MS;
use phat_workload::{Commitment, Opening, Seed, verify};
use sp_core::sr25519;

use crate::{
    Benchmark, BenchmarkRun, BenchmarkRuns, Benchmarks, Config, CurrentSettings, Error,
    LEFT_BENCHMARKS_MAX, LeftBenchmarks, LeftCount, NotedRandomness, Pallet, RandomnessTime, Stage,
    WorkerSessions,
};

const MILLIS: u64 = 1_000;

impl<T: Config> Pallet<T> {
    /// Gives the randomness that the benchmark's iterations are seeded with.
    pub(crate) fn do_begin_benchmark(worker: WorkerId) -> Result<[u8; 32], Error<T>> {
        ensure!(T::Workers::is_active(&worker), Error::<T>::WorkerInactive);
        ensure!(
            !WorkerSessions::<T>::get(worker).is_some_and(|session| session.is_running()),
            Error::<T>::InSession
        );
        let now_ms = Self::now_ms();
        let gap_ms = CurrentSettings::<T>::get()
            .benchmark_gap_s
            .saturating_mul(MILLIS);
        let too_soon = |run: BenchmarkRun| now_ms < run.begun_at_ms.saturating_add(gap_ms);
        ensure!(
            !BenchmarkRuns::<T>::get(worker).is_some_and(too_soon),
            Error::<T>::BenchmarkTooSoon
        );
        let begun_at = Self::now_block();
        let randomness = NotedRandomness::<T>::get(begun_at).ok_or(Error::<T>::NoRandomness)?;
        BenchmarkRuns::<T>::insert(
            worker,
            BenchmarkRun {
                begun_at,
                begun_at_ms: RandomnessTime::<T>::get(),
                randomness,
                stage: Stage::Running,
            },
        );
        Ok(randomness)
    }

    /// The benchmark that `worker` began in the block `begun_at`.
    fn benchmark_run(worker: &WorkerId, begun_at: u32) -> Result<BenchmarkRun, Error<T>> {
        BenchmarkRuns::<T>::get(worker)
            .filter(|run| run.begun_at == begun_at)
            .ok_or(Error::<T>::UnknownBenchmark)
    }

    /// The benchmark that `report` is of, if it may be reported now. What is cheap to see is looked
    /// at first.
    pub(crate) fn check_report(
        report: &BenchmarkReport,
        signature: &sr25519::Signature,
    ) -> Result<BenchmarkRun, Error<T>> {
        let run = Self::benchmark_run(&report.worker, report.begun_at)?;
        ensure!(run.stage == Stage::Running, Error::<T>::UnknownBenchmark);
        let blocks = CurrentSettings::<T>::get().benchmark_blocks;
        ensure!(
            Self::now_block() >= run.begun_at.saturating_add(blocks),
            Error::<T>::BenchmarkTooShort
        );
        ensure!(
            report.commitment.is_well_formed() && report.commitment.iterations > 0,
            Error::<T>::CommitmentInvalid
        );
        let payload = report.signing_payload(&Self::genesis_hash());
        Self::ensure_signed_by(&report.worker, &payload, signature)?;
        Ok(run)
    }

    /// Gives the block whose noted randomness draws what is to be opened.
    pub(crate) fn do_report_benchmark(
        report: &BenchmarkReport,
        signature: &sr25519::Signature,
    ) -> Result<u32, Error<T>> {
        let mut run = Self::check_report(report, signature)?;
        let drawn_at = Self::now_block().saturating_add(DRAW_DELAY);
        run.stage = Stage::Reported {
            commitment: report.commitment,
            elapsed_ms: Self::now_ms().saturating_sub(run.begun_at_ms),
            drawn_at,
        };
        BenchmarkRuns::<T>::insert(report.worker, run);
        Ok(drawn_at)
    }

    /// The benchmark that `proof` is of, if it may be shown now: with its commitment, its time and
    /// the randomness that draws its steps.
    pub(crate) fn check_proof(
        proof: &BenchmarkProof,
        signature: &sr25519::Signature,
    ) -> Result<(BenchmarkRun, Commitment, u64, [u8; 32]), Error<T>> {
        let run = Self::benchmark_run(&proof.worker, proof.begun_at)?;
        let Stage::Reported {
            commitment,
            elapsed_ms,
            drawn_at,
        } = run.stage
        else {
            return Err(Error::<T>::UnknownBenchmark);
        };
        let randomness = NotedRandomness::<T>::get(drawn_at).ok_or(Error::<T>::NotDrawn)?;
        let payload = proof.signing_payload(&Self::genesis_hash());
        Self::ensure_signed_by(&proof.worker, &payload, signature)?;
        Ok((run, commitment, elapsed_ms, randomness))
    }

    /// Gives the performance that was shown, or nothing if none was.
    pub(crate) fn do_prove_benchmark(
        proof: &BenchmarkProof,
        signature: &sr25519::Signature,
    ) -> Result<Option<u32>, Error<T>> {
        let (mut run, commitment, elapsed_ms, randomness) = Self::check_proof(proof, signature)?;
        let seed = Seed::of_benchmark(&proof.worker.0, &run.randomness);
        let opens = |(number, opening): (u32, &Opening)| {
            let draw = benchmark_draw(&randomness, number);
            verify(&seed, &commitment, &draw, opening).is_ok()
        };
        let is_shown = proof.openings.len() == BENCHMARK_OPENINGS as usize
            && (0..).zip(proof.openings.iter()).all(opens);
        let p = performance(commitment.iterations, elapsed_ms);
        if !is_shown || p == 0 {
            run.stage = Stage::Failed;
            BenchmarkRuns::<T>::insert(proof.worker, run);
            return Ok(None);
        }
        BenchmarkRuns::<T>::remove(proof.worker);
        Benchmarks::<T>::insert(
            proof.worker,
            Benchmark {
                p,
                proven_at: Self::now_block(),
                proven_at_s: Self::now_s(),
            },
        );
        Ok(Some(p))
    }

    /// Forgets what `worker`, which leaves, has shown. A benchmark that it has not shown has failed,
    /// and is kept, so that registering anew does not make the next one come sooner.
    pub(crate) fn leave_benchmarks(worker: WorkerId) {
        Benchmarks::<T>::remove(worker);
        let Some(mut run) = BenchmarkRuns::<T>::get(worker) else {
            return;
        };
        run.stage = Stage::Failed;
        BenchmarkRuns::<T>::insert(worker, run);
        let count = LeftCount::<T>::get();
        LeftCount::<T>::put(count.wrapping_add(1));
        let place = count % LEFT_BENCHMARKS_MAX;
        let oldest = LeftBenchmarks::<T>::get(place);
        LeftBenchmarks::<T>::insert(place, worker);
        // One that has come back has its own.
        if let Some(oldest) = oldest
            && oldest != worker
            && T::Workers::operator_of(&oldest).is_none()
        {
            BenchmarkRuns::<T>::remove(oldest);
        }
    }

    /// The performance that `worker` has shown, unless it was too long ago.
    pub(crate) fn benchmarked(worker: &WorkerId) -> Option<u32> {
        let benchmark = Benchmarks::<T>::get(worker)?;
        let life_s = CurrentSettings::<T>::get().benchmark_life_s;
        let ends_at_s = benchmark.proven_at_s.saturating_add(life_s);
        (Self::now_s() < ends_at_s).then_some(benchmark.p)
    }

    /// Refuses unless `account` is the operator of `worker`.
    pub(crate) fn ensure_operator(account: &T::AccountId, worker: &WorkerId) -> DispatchResult {
        let operator = T::Workers::operator_of(worker).ok_or(Error::<T>::UnknownWorker)?;
        ensure!(operator == *account, Error::<T>::NotOperator);
        Ok(())
    }
}

/// So many iterations in so long, in iterations in six seconds, rounded down.
fn performance(iterations: u32, elapsed_ms: u64) -> u32 {
    let scaled = u64::from(iterations).saturating_mul(PERFORMANCE_WINDOW_MS);
    let p = scaled.checked_div(elapsed_ms).unwrap_or(0);
    u32::try_from(p).unwrap_or(u32::MAX)
}
