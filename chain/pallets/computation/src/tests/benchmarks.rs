//! Benchmarks.

use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use phat_primitives::heartbeat::{
    BENCHMARK_OPENINGS, BenchmarkProof, BenchmarkReport, DRAW_DELAY, benchmark_draw,
};
use phat_workload::{Commitment, ITERATIONS_MAX, Opening, Seed, Workspace, iteration_root};
use sp_core::Pair;
use sp_runtime::AccountId32;

use crate::{
    Benchmark, BenchmarkRuns, Benchmarks, CurrentSettings, Error, Event, LEFT_BENCHMARKS_MAX,
    LeftBenchmarks, NotedRandomness, RANDOMNESS_BLOCKS, Sessions, Stage, mock::*,
};

/// How many iterations the tests' benchmarks have: P is this over twelve.
const COUNT: u32 = 12;

/// A worker without a benchmark, number 4, that begins one.
fn begin() {
    admit(4, 1);
    assert_ok!(Computation::begin_benchmark(signed(&ALICE), worker(4)));
}

fn begun_at() -> u32 {
    BenchmarkRuns::<Test>::get(worker(4))
        .expect("it is under way")
        .begun_at
}

fn work() -> (Seed, Vec<[u8; 32]>) {
    let run = BenchmarkRuns::<Test>::get(worker(4)).expect("it is under way");
    let seed = Seed::of_benchmark(&worker(4).0, &run.randomness);
    let mut workspace = Workspace::default();
    let roots = (0..COUNT).map(|iteration| iteration_root(&mut workspace, &seed, iteration));
    (seed, roots.collect())
}

fn report(signer: u8, commitment: Commitment) -> DispatchResult {
    let report = BenchmarkReport {
        worker: worker(4),
        begun_at: begun_at(),
        commitment,
    };
    let signature = key(signer).sign(&report.signing_payload(&Computation::genesis_hash()));
    Computation::report_benchmark(RuntimeOrigin::none(), report, signature)
}

fn openings(seed: &Seed, roots: &[[u8; 32]]) -> Vec<Opening> {
    let run = BenchmarkRuns::<Test>::get(worker(4)).expect("it is under way");
    let Stage::Reported { drawn_at, .. } = run.stage else {
        panic!("it is not reported: {run:?}");
    };
    let randomness = NotedRandomness::<Test>::get(drawn_at).expect("it is noted");
    let open = |number| Opening::of_iterations(seed, roots, &benchmark_draw(&randomness, number));
    (0..BENCHMARK_OPENINGS)
        .map(|number| open(number).expect("there are iterations"))
        .collect()
}

fn prove(signer: u8, openings: Vec<Opening>) -> DispatchResult {
    let proof = BenchmarkProof {
        worker: worker(4),
        begun_at: begun_at(),
        openings: openings.try_into().expect("no more than drawn"),
    };
    let signature = key(signer).sign(&proof.signing_payload(&Computation::genesis_hash()));
    Computation::prove_benchmark(RuntimeOrigin::none(), proof, signature)
}

fn commitment() -> Commitment {
    Commitment {
        root: [7; 32],
        iterations: COUNT,
    }
}

#[test]
fn a_worker_that_did_what_it_says_has_its_performance_noted() {
    run(|| {
        begin();
        next_blocks(5);
        let (seed, roots) = work();
        let commitment = Commitment::of_iterations(&roots).expect("they are few");
        assert_ok!(report(4, commitment));
        next_blocks(DRAW_DELAY);
        let openings = openings(&seed, &roots);

        // Nobody proves it for the worker, and not with less.
        assert_noop!(prove(1, openings.clone()), Error::<Test>::SignatureInvalid);
        assert_ok!(prove(4, openings));
        // Twelve iterations in 72 seconds are one in six: five blocks, and the one before them,
        // which made the seed known.
        let benchmark = Benchmark {
            p: 1,
            proven_at: System::block_number(),
            proven_at_s: ClockMs::get() / 1_000,
        };
        assert_eq!(Benchmarks::<Test>::get(worker(4)), Some(benchmark));
        assert!(!BenchmarkRuns::<Test>::contains_key(worker(4)));
        System::assert_last_event(
            Event::BenchmarkProven {
                worker: worker(4),
                p: 1,
            }
            .into(),
        );
        assert_ok!(<Computation as Sessions<AccountId32, u128>>::start(
            worker(4),
            &BOB,
            50 * PHA
        ));
    });
}

#[test]
fn a_worker_that_shows_too_little_fails_and_waits() {
    run(|| {
        begin();
        next_blocks(5);
        let (seed, roots) = work();
        assert_ok!(report(
            4,
            Commitment::of_iterations(&roots).expect("they are few")
        ));
        next_blocks(DRAW_DELAY);
        let mut openings = openings(&seed, &roots);
        openings.pop();
        assert_ok!(prove(4, openings.clone()));
        System::assert_last_event(Event::BenchmarkFailed { worker: worker(4) }.into());
        assert_eq!(Benchmarks::<Test>::get(worker(4)), None);
        // It has no second try.
        assert_noop!(prove(4, openings), Error::<Test>::UnknownBenchmark);
        assert_noop!(
            Computation::begin_benchmark(signed(&ALICE), worker(4)),
            Error::<Test>::BenchmarkTooSoon
        );
        let gap_ms = CurrentSettings::<Test>::get().benchmark_gap_s * 1_000;
        ClockMs::mutate(|ms| *ms += gap_ms);
        assert_ok!(Computation::begin_benchmark(signed(&ALICE), worker(4)));
    });
}

#[test]
fn a_worker_that_did_something_else_fails() {
    run(|| {
        begin();
        next_blocks(5);
        let (seed, roots) = work();
        // More than it did: the roots of the first half again.
        let mut claimed = roots.clone();
        claimed.extend(&roots);
        assert_ok!(report(
            4,
            Commitment::of_iterations(&claimed).expect("they are few")
        ));
        next_blocks(DRAW_DELAY);
        assert_ok!(prove(4, openings(&seed, &claimed)));
        // Sixteen draws out of 24 iterations, twelve of which are not there, cannot all be right
        // unless each of them is of the first half. This chain's are not.
        assert_eq!(Benchmarks::<Test>::get(worker(4)), None);
    });
}

#[test]
fn a_report_comes_from_the_worker_and_not_too_early() {
    run(|| {
        begin();
        next_blocks(4);
        assert_noop!(report(4, commitment()), Error::<Test>::BenchmarkTooShort);
        next_block();
        assert_noop!(report(1, commitment()), Error::<Test>::SignatureInvalid);
        for iterations in [0, ITERATIONS_MAX + 1] {
            let invalid = Commitment {
                iterations,
                ..commitment()
            };
            assert_noop!(report(4, invalid), Error::<Test>::CommitmentInvalid);
        }
        assert_ok!(report(4, commitment()));
        assert_noop!(report(4, commitment()), Error::<Test>::UnknownBenchmark);
    });
}

#[test]
fn what_is_drawn_is_known_only_later_and_not_for_ever() {
    run(|| {
        begin();
        next_blocks(5);
        assert_ok!(report(4, commitment()));
        assert_noop!(prove(4, vec![]), Error::<Test>::NotDrawn);
        next_blocks(DRAW_DELAY - 1);
        assert_noop!(prove(4, vec![]), Error::<Test>::NotDrawn);
        next_blocks(1 + RANDOMNESS_BLOCKS);
        assert_noop!(prove(4, vec![]), Error::<Test>::NotDrawn);
    });
}

#[test]
fn only_the_operator_begins_a_benchmark_and_not_during_a_session() {
    run(|| {
        assert_noop!(
            Computation::begin_benchmark(signed(&BOB), worker(1)),
            Error::<Test>::NotOperator
        );
        assert_noop!(
            Computation::begin_benchmark(signed(&ALICE), worker(9)),
            Error::<Test>::UnknownWorker
        );
        Suspended::mutate(|list| list.insert(worker(2)));
        assert_noop!(
            Computation::begin_benchmark(signed(&ALICE), worker(2)),
            Error::<Test>::WorkerInactive
        );
        start(1);
        assert_noop!(
            Computation::begin_benchmark(signed(&ALICE), worker(1)),
            Error::<Test>::InSession
        );
        IsRandom::set(false);
        next_block();
        assert_noop!(
            Computation::begin_benchmark(signed(&ALICE), worker(3)),
            Error::<Test>::NoRandomness
        );
    });
}

#[test]
fn a_new_registration_does_not_shorten_the_wait_for_another_try() {
    run(|| {
        begin();
        next_blocks(5);
        deregister(4);
        // What it had begun has failed: nobody reports it any more.
        assert_noop!(report(4, commitment()), Error::<Test>::UnknownBenchmark);
        admit(4, 1);
        assert_noop!(
            Computation::begin_benchmark(signed(&ALICE), worker(4)),
            Error::<Test>::BenchmarkTooSoon
        );
        let gap_ms = CurrentSettings::<Test>::get().benchmark_gap_s * 1_000;
        ClockMs::mutate(|ms| *ms += gap_ms);
        assert_ok!(Computation::begin_benchmark(signed(&ALICE), worker(4)));
    });
}

#[test]
fn the_benchmarks_of_workers_that_left_are_bounded() {
    run(|| {
        // Worker 4 leaves, and worker 1 comes and goes until its place is taken. Worker 2 has
        // come back meanwhile.
        begin();
        deregister(4);
        assert_ok!(Computation::begin_benchmark(signed(&ALICE), worker(2)));
        deregister(2);
        admit(2, 1);
        let leave = || {
            let run = BenchmarkRuns::<Test>::get(worker(2)).expect("it is kept");
            BenchmarkRuns::<Test>::insert(worker(1), run);
            deregister(1);
        };
        (2..LEFT_BENCHMARKS_MAX).for_each(|_| leave());
        assert!(BenchmarkRuns::<Test>::contains_key(worker(4)));
        leave();
        assert!(!BenchmarkRuns::<Test>::contains_key(worker(4)));
        leave();
        assert!(BenchmarkRuns::<Test>::contains_key(worker(2)));
        assert_eq!(
            LeftBenchmarks::<Test>::iter().count(),
            LEFT_BENCHMARKS_MAX as usize
        );
    });
}
