//! Workers: their registration, their sessions, and what they answer.

use arbitrary::{Result, Unstructured};
use frame_support::BoundedVec;
use pallet_computation::{BenchmarkRuns, OpenChallenges, Stage, WorkerSessions};
use phat_primitives::heartbeat::{
    BENCHMARK_OPENINGS, BenchmarkProof, BenchmarkReport, Heartbeat, benchmark_draw,
};
use phat_runtime::{Computation, Runtime, RuntimeCall, UncheckedExtrinsic, constants::PHA};
use phat_tokenomics::Fixed;
use phat_workload::{Commitment, Opening, Seed};
use sp_core::Pair;

use super::{
    Action, some_worker, someone,
    start::{CLUSTER, register},
};
use crate::{
    Chain, Person, Worker, answer, sign,
    work::{commitment, roots},
};

/// The most that is staked at once, in PHA. The least that a session takes is 100.
const STAKE_PHA_MAX: u128 = 5_000;

/// What happens next, if there is anything to do of the kind that is chosen.
pub(super) fn next(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Option<Action>> {
    use pallet_computation::Call;

    let worker = some_worker(choices)?;
    let id = worker.id();
    // Mostly by whom it may be, now and then by others.
    let operator = if choices.ratio(1, 8)? {
        someone(choices)?
    } else {
        worker.operator()
    };
    let by_operator = |call: Call<Runtime>| Some(Action::call(operator, call));
    Ok(match choices.int_in_range(0..=15u8)? {
        0..=5 => heartbeat(chain, worker, choices)?,
        6 | 7 => by_operator(Call::start_session {
            worker: id,
            stake: choices.int_in_range(50..=STAKE_PHA_MAX)? * PHA,
        }),
        8 => by_operator(Call::stop_session { worker: id }),
        9 => by_operator(Call::reclaim_stake { worker: id }),
        10 => by_operator(Call::begin_benchmark { worker: id }),
        11 => benchmark(chain, worker),
        12 | 13 => Some(registration(chain, worker, operator, choices)?),
        14 => Some(Action::Show(worker)),
        _ => Some(governance(worker, choices)?),
    })
}

/// An answer to the open challenge of the worker, if it has one: an honest one, one that shows
/// nothing, one that lies, one that is not signed by the worker, and one to no challenge.
fn heartbeat(
    chain: &mut Chain,
    worker: Worker,
    choices: &mut Unstructured<'_>,
) -> Result<Option<Action>> {
    let id = worker.id();
    let open = chain.with(|| {
        let session = WorkerSessions::<Runtime>::get(id)?;
        Some((session, OpenChallenges::<Runtime>::get(id)?))
    });
    let Some((session, challenge)) = open else {
        return Ok(None);
    };
    let nothing = || Heartbeat {
        worker: id,
        session: session.number,
        challenged_at: challenge.challenged_at,
        iterations: session.iterations,
        commitment: Commitment::NOTHING,
        openings: BoundedVec::new(),
    };
    let (heartbeat, key) = match choices.int_in_range(0..=7u8)? {
        0..=3 => (answer(id, &session, &challenge), worker.key()),
        4 => (nothing(), worker.key()),
        5 => {
            let claimed = choices.int_in_range(1..=3u32)?;
            let lie = Heartbeat {
                iterations: session.iterations.saturating_add(claimed.into()),
                commitment: Commitment {
                    root: [9; 32],
                    iterations: claimed,
                },
                ..answer(id, &session, &challenge)
            };
            (lie, worker.key())
        }
        6 => (nothing(), some_worker(choices)?.key()),
        _ => {
            let late = Heartbeat {
                challenged_at: challenge.challenged_at.wrapping_sub(1),
                ..nothing()
            };
            (late, worker.key())
        }
    };
    let transaction = chain.with(|| sign(heartbeat, &key));
    Ok(Some(Action::Free(Box::new(transaction))))
}

/// What a worker sends next whose benchmark runs.
fn benchmark(chain: &mut Chain, worker: Worker) -> Option<Action> {
    let id = worker.id();
    let run = chain.with(|| BenchmarkRuns::<Runtime>::get(id))?;
    let begun_at = run.begun_at;
    let seed = Seed::of_benchmark(&id.0, &run.randomness);
    let genesis_hash = chain.with(Computation::genesis_hash);
    let call = match run.stage {
        Stage::Running => {
            let report = BenchmarkReport {
                worker: id,
                begun_at,
                commitment: commitment(&seed),
            };
            let signature = worker.key().sign(&report.signing_payload(&genesis_hash));
            pallet_computation::Call::<Runtime>::report_benchmark { report, signature }
        }
        Stage::Reported { drawn_at, .. } => {
            let noted =
                chain.with(|| pallet_computation::NotedRandomness::<Runtime>::get(drawn_at))?;
            let roots = roots(&seed);
            let openings = (0..BENCHMARK_OPENINGS).filter_map(|number| {
                Opening::of_iterations(&seed, &roots, &benchmark_draw(&noted, number))
            });
            let proof = BenchmarkProof {
                worker: id,
                begun_at,
                openings: openings.collect::<Vec<_>>().try_into().ok()?,
            };
            let signature = worker.key().sign(&proof.signing_payload(&genesis_hash));
            pallet_computation::Call::<Runtime>::prove_benchmark { proof, signature }
        }
        Stage::Failed => return None,
    };
    let transaction = UncheckedExtrinsic::new_bare(RuntimeCall::from(call));
    Some(Action::Free(Box::new(transaction)))
}

/// The worker comes, goes, or does so in its cluster.
fn registration(
    chain: &mut Chain,
    worker: Worker,
    operator: Person,
    choices: &mut Unstructured<'_>,
) -> Result<Action> {
    let id = worker.id();
    let is_registered = chain.with(|| pallet_registry::Workers::<Runtime>::contains_key(id));
    if !is_registered {
        let call = chain.with(|| register(worker));
        return Ok(Action::call(operator, call));
    }
    Ok(match choices.int_in_range(0..=7u8)? {
        0 => Action::call(
            operator,
            pallet_registry::Call::<Runtime>::deregister { worker: id },
        ),
        1 => Action::call(
            operator,
            pallet_registry::Call::<Runtime>::update_endpoint {
                worker: id,
                endpoint: b"http://other.example"
                    .to_vec()
                    .try_into()
                    .expect("it is short"),
            },
        ),
        2 => Action::call(
            operator,
            pallet_phat_contracts::Call::<Runtime>::leave_cluster { worker: id },
        ),
        _ => Action::call(
            operator,
            pallet_phat_contracts::Call::<Runtime>::join_cluster {
                worker: id,
                cluster: CLUSTER,
            },
        ),
    })
}

/// What governance decides about sessions.
fn governance(worker: Worker, choices: &mut Unstructured<'_>) -> Result<Action> {
    use pallet_computation::Call;

    Ok(if choices.ratio(1, 3)? {
        let cents = choices.int_in_range(1..=200u128)?;
        Action::root(Call::<Runtime>::set_price {
            price: Fixed::from_ratio(cents, 100).unwrap_or(Fixed::ONE),
        })
    } else {
        Action::root(Call::<Runtime>::report_fault {
            worker: worker.id(),
            level: choices.int_in_range(1..=5u8)?,
        })
    })
}
