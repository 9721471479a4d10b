//! The benchmarks that the weights are measured with.

use alloc::{format, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get, fungible::Mutate};
use frame_system::RawOrigin;
use pallet_registry::WorkerLookup;
use phat_primitives::{
    WorkerId,
    heartbeat::{
        BENCHMARK_OPENINGS, BenchmarkProof, BenchmarkReport, HEARTBEAT_OPENINGS, Heartbeat,
        benchmark_draw, heartbeat_draw,
    },
};
use phat_tokenomics::Fixed;
use phat_workload::{Commitment, Opening, Seed, Workspace, iteration_root};
use sp_core::{crypto::KeyTypeId, sr25519};

use crate::{
    faults::{LEVEL_MALICE, LEVEL_SECURITY_RISK},
    *,
};

const WORKER_KEY: KeyTypeId = KeyTypeId(*b"phat");

/// The performance that workers have shown.
const P: u32 = 1_000;

/// More than the least stake of such a worker, in units of 10⁻¹² PHA.
const STAKE: u128 = 10_000_000_000_000_000;

/// What each account has.
const BALANCE: u128 = 1_000_000_000_000_000_000;

const RANDOMNESS: [u8; 32] = [1; 32];

/// How many iterations a worker has to show. Each takes tens of milliseconds.
const ITERATIONS: u32 = 2;

fn operator<T: Config>() -> T::AccountId {
    let account = account("operator", 0, 0);
    T::Currency::set_balance(&account, BALANCE);
    account
}

/// The mining pool and the treasury, with enough to pay and to be paid.
fn endow<T: Config>() {
    T::Currency::set_balance(&Pallet::<T>::subsidy_account(), BALANCE);
    T::Currency::set_balance(&T::TreasuryAccount::get(), BALANCE);
}

/// Begins the first block. What is measured is at least in that, and would miss what is noted for
/// the block in which it was prepared.
fn leave_genesis<T: Config>() {
    if Pallet::<T>::now_block() == 0 {
        frame_system::Pallet::<T>::set_block_number(1u32.into());
    }
}

/// Has `worker` have shown its performance, and the rest be known that a session needs.
pub(crate) fn make_ready<T: Config>(worker: WorkerId) {
    leave_genesis::<T>();
    let benchmark = crate::Benchmark {
        p: P,
        proven_at: Pallet::<T>::now_block(),
        proven_at_s: Pallet::<T>::now_s(),
    };
    Benchmarks::<T>::insert(worker, benchmark);
    Pallet::<T>::put_price(Fixed::ONE);
    NotedRandomness::<T>::insert(Pallet::<T>::now_block(), RANDOMNESS);
}

/// A registered and active worker whose key is at hand.
fn worker<T: Config>(number: u32) -> WorkerId {
    let seed = format!("//benchmark{number}").into_bytes();
    let public = sp_io::crypto::sr25519_generate(WORKER_KEY, Some(seed));
    let worker = WorkerId(public.0);
    T::Workers::register_for_benchmark(&operator::<T>(), worker);
    make_ready::<T>(worker);
    worker
}

fn sign(worker: WorkerId, payload: &[u8]) -> sr25519::Signature {
    let public = sr25519::Public::from_raw(worker.0);
    sp_io::crypto::sr25519_sign(WORKER_KEY, &public, payload).expect("the key is at hand; qed")
}

/// A registered and active worker that never signs.
fn silent<T: Config>(number: u32) -> WorkerId {
    let mut worker = WorkerId([1; 32]);
    worker.0[..4].copy_from_slice(&number.to_be_bytes());
    T::Workers::register_for_benchmark(&operator::<T>(), worker);
    make_ready::<T>(worker);
    worker
}

fn start<T: Config>(worker: WorkerId) {
    let operator = operator::<T>();
    <Pallet<T> as Sessions<T::AccountId, u128>>::start(worker, &operator, STAKE)
        .expect("the worker is ready; qed");
}

/// Iterations with this seed, and the commitment to them.
fn work(seed: &Seed) -> (Vec<[u8; 32]>, Commitment) {
    let mut workspace = Workspace::default();
    let roots = (0..ITERATIONS).map(|iteration| iteration_root(&mut workspace, seed, iteration));
    let roots: Vec<_> = roots.collect();
    let commitment = Commitment::of_iterations(&roots).expect("they are few; qed");
    (roots, commitment)
}

/// A randomness of a challenge that draws steps whose openings are the most work: those with a
/// state before them.
fn challenging(commitment: &Commitment) -> [u8; 32] {
    let is_inner = |draw: [u8; 32]| commitment.drawn(&draw).is_some_and(|drawn| drawn.step > 0);
    (0..=u8::MAX)
        .map(|byte| [byte; 32])
        .find(|randomness| {
            (0..HEARTBEAT_OPENINGS).all(|number| is_inner(heartbeat_draw(randomness, number)))
        })
        .expect("most steps have a state before them; qed")
}

/// A benchmark that `worker` has begun, in this block.
fn run<T: Config>(worker: WorkerId, stage: Stage) -> u32 {
    let begun_at = Pallet::<T>::now_block();
    let run = BenchmarkRun {
        begun_at,
        begun_at_ms: 0,
        randomness: RANDOMNESS,
        stage,
    };
    BenchmarkRuns::<T>::insert(worker, run);
    begun_at
}

/// The challenge of this block, to be answered until `deadline`.
fn challenge<T: Config>(randomness: [u8; 32], deadline: u32) -> ChallengeInfo {
    ChallengeInfo {
        challenged_at: Pallet::<T>::now_block(),
        randomness,
        challenged_at_ms: Pallet::<T>::now_ms(),
        deadline,
        missed: false,
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn begin_benchmark() {
        let worker = worker::<T>(0);

        #[extrinsic_call]
        _(RawOrigin::Signed(operator::<T>()), worker);

        assert!(BenchmarkRuns::<T>::contains_key(worker));
    }

    #[benchmark]
    fn report_benchmark() {
        let worker = worker::<T>(0);
        let begun_at = run::<T>(worker, Stage::Running);
        let settings = CurrentSettings::<T>::get();
        let later = begun_at.saturating_add(settings.benchmark_blocks);
        frame_system::Pallet::<T>::set_block_number(later.into());
        let report = BenchmarkReport {
            worker,
            begun_at,
            commitment: Commitment {
                root: [2; 32],
                iterations: 1,
            },
        };
        let signature = sign(
            worker,
            &report.signing_payload(&Pallet::<T>::genesis_hash()),
        );

        #[extrinsic_call]
        _(RawOrigin::None, report, signature);

        let run = BenchmarkRuns::<T>::get(worker).expect("it is under way; qed");
        assert_ne!(run.stage, Stage::Running);
    }

    #[benchmark]
    fn prove_benchmark() {
        let worker = worker::<T>(0);
        let seed = Seed::of_benchmark(&worker.0, &RANDOMNESS);
        let (roots, commitment) = work(&seed);
        let stage = Stage::Reported {
            commitment,
            elapsed_ms: 1,
            drawn_at: Pallet::<T>::now_block(),
        };
        let begun_at = run::<T>(worker, stage);
        let open = |number| {
            let draw = benchmark_draw(&RANDOMNESS, number);
            Opening::of_iterations(&seed, &roots, &draw).expect("there are iterations; qed")
        };
        let openings: Vec<_> = (0..BENCHMARK_OPENINGS).map(open).collect();
        let proof = BenchmarkProof {
            worker,
            begun_at,
            openings: openings.try_into().expect("as many as drawn; qed"),
        };
        let signature = sign(worker, &proof.signing_payload(&Pallet::<T>::genesis_hash()));

        #[extrinsic_call]
        _(RawOrigin::None, proof, signature);

        assert!(!BenchmarkRuns::<T>::contains_key(worker));
    }

    #[benchmark]
    fn start_session() {
        let worker = worker::<T>(0);

        #[extrinsic_call]
        _(RawOrigin::Signed(operator::<T>()), worker, STAKE);

        assert_eq!(ActiveCount::<T>::get(), 1);
    }

    #[benchmark]
    fn stop_session() {
        let worker = worker::<T>(0);
        start::<T>(worker);
        // The last of the list takes the place.
        start::<T>(silent::<T>(1));

        #[extrinsic_call]
        _(RawOrigin::Signed(operator::<T>()), worker);

        assert_eq!(ActiveCount::<T>::get(), 1);
    }

    #[benchmark]
    fn reclaim_stake() {
        endow::<T>();
        let worker = worker::<T>(0);
        start::<T>(worker);
        Pallet::<T>::do_fault(worker, LEVEL_MALICE, FaultCause::Reported)
            .expect("it is in a session; qed");
        <Pallet<T> as Sessions<T::AccountId, u128>>::stop(worker).expect("it runs; qed");
        <Pallet<T> as Sessions<T::AccountId, u128>>::end_cool_down_for_benchmark(worker);

        #[extrinsic_call]
        _(RawOrigin::Signed(operator::<T>()), worker);

        assert!(!WorkerSessions::<T>::contains_key(worker));
    }

    #[benchmark]
    fn heartbeat() {
        endow::<T>();
        let worker = worker::<T>(0);
        start::<T>(worker);
        let mut session = WorkerSessions::<T>::get(worker).expect("it has started; qed");
        let seed = Seed::of_session(&worker.0, session.number, &RANDOMNESS);
        let (roots, commitment) = work(&seed);
        let randomness = challenging(&commitment);
        session.work.committed = Some(Committed {
            randomness: RANDOMNESS,
            commitment,
            elapsed_ms: 1,
        });
        let number = session.number;
        WorkerSessions::<T>::insert(worker, session);
        let later = Pallet::<T>::now_block().saturating_add(600);
        frame_system::Pallet::<T>::set_block_number(later.into());
        let challenge = challenge::<T>(randomness, later);
        OpenChallenges::<T>::insert(worker, &challenge);
        let open = |number| {
            let draw = heartbeat_draw(&randomness, number);
            Opening::of_iterations(&seed, &roots, &draw).expect("there are iterations; qed")
        };
        let openings: Vec<_> = (0..HEARTBEAT_OPENINGS).map(open).collect();
        let shown = Heartbeat {
            worker,
            session: number,
            challenged_at: challenge.challenged_at,
            iterations: u64::from(ITERATIONS),
            commitment,
            openings: openings.try_into().expect("as many as drawn; qed"),
        };
        let signature = sign(worker, &shown.signing_payload(&Pallet::<T>::genesis_hash()));

        #[extrinsic_call]
        _(RawOrigin::None, shown, signature);

        let session = WorkerSessions::<T>::get(worker).expect("it goes on; qed");
        assert!(!session.state.p_instant.is_zero());
        assert!(!OpenChallenges::<T>::contains_key(worker));
    }

    #[benchmark]
    fn set_parameters() -> Result<(), BenchmarkError> {
        let origin = T::ParametersOrigin::try_successful_origin()
            .map_err(|()| BenchmarkError::Weightless)?;
        let parameters = EconomyParameters::<T>::get();

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, parameters);

        assert_eq!(EconomyParameters::<T>::get(), parameters);
        Ok(())
    }

    #[benchmark]
    fn set_settings() -> Result<(), BenchmarkError> {
        let origin = T::ParametersOrigin::try_successful_origin()
            .map_err(|()| BenchmarkError::Weightless)?;
        let settings = CurrentSettings::<T>::get();

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, settings);

        assert_eq!(CurrentSettings::<T>::get(), settings);
        Ok(())
    }

    #[benchmark]
    fn set_price() -> Result<(), BenchmarkError> {
        let origin =
            T::OracleOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Fixed::ONE);

        let price = PhaPrice::<T>::get().map(|price| price.usd);
        assert_eq!(price, Some(Fixed::ONE));
        Ok(())
    }

    #[benchmark]
    fn report_fault() -> Result<(), BenchmarkError> {
        let origin =
            T::FaultOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let worker = worker::<T>(0);
        start::<T>(worker);
        start::<T>(silent::<T>(1));

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, worker, LEVEL_SECURITY_RISK);

        assert_eq!(ActiveCount::<T>::get(), 1);
        Ok(())
    }

    /// A block that draws `c` workers and ends the challenges of `e` others.
    #[benchmark]
    fn begin_block(c: Linear<0, CHALLENGES_PER_BLOCK_MAX>, e: Linear<0, CHALLENGES_PER_BLOCK_MAX>) {
        let workers: Vec<_> = (0..c.saturating_add(e)).map(silent::<T>).collect();
        workers.iter().for_each(|worker| start::<T>(*worker));
        let settings = CurrentSettings::<T>::get();
        let later = settings.challenge_gap_blocks.saturating_mul(2);
        // Those that are drawn are at the first places of the list.
        let expiring = &workers[c as usize..];
        let missed = ChallengeInfo {
            challenged_at: 0,
            ..challenge::<T>(RANDOMNESS, later.saturating_sub(1))
        };
        for worker in expiring {
            OpenChallenges::<T>::insert(worker, &missed);
        }
        let expiring: Expiring = expiring.to_vec().try_into().expect("no more than fit; qed");
        ExpiringChallenges::<T>::insert(later, expiring);
        frame_system::Pallet::<T>::set_block_number(later.into());

        let count;
        #[block]
        {
            // It may be that there is no randomness here, so one is noted besides.
            Pallet::<T>::note_randomness(later);
            Pallet::<T>::note(later, &RANDOMNESS);
            Pallet::<T>::expire(later);
            count = ActiveCount::<T>::get();
            let settings = CurrentSettings::<T>::get();
            Pallet::<T>::challenge_places(later, &RANDOMNESS, &settings, 0..c);
        }

        assert_eq!(count, c.saturating_add(e));
        let open = OpenChallenges::<T>::iter_values();
        let open = open.filter(|challenge| !challenge.missed).count();
        assert_eq!(open, c as usize);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
