//! What workers do and answer.

use frame_support::{BoundedVec, traits::ConstU32};
use pallet_computation::{ChallengeInfo, SessionOf};
use phat_primitives::{
    WorkerId,
    heartbeat::{HEARTBEAT_OPENINGS, Heartbeat, heartbeat_draw},
};
use phat_runtime::{Computation, Runtime, RuntimeCall, UncheckedExtrinsic};
use phat_workload::{Commitment, Opening, Seed, Workspace, iteration_root};
use sp_core::{Pair, sr25519};

/// How many iterations a worker does from one heartbeat to the next: each takes a part of a second.
pub const ITERATIONS: u32 = 1;

/// Does the iterations after this seed and gives their roots.
pub(crate) fn roots(seed: &Seed) -> Vec<[u8; 32]> {
    let mut workspace = Workspace::default();
    (0..ITERATIONS)
        .map(|iteration| iteration_root(&mut workspace, seed, iteration))
        .collect()
}

/// Does them and gives the commitment to them.
pub(crate) fn commitment(seed: &Seed) -> Commitment {
    Commitment::of_iterations(&roots(seed)).expect("they are few")
}

/// Opens what the challenge draws of the commitment to these iterations.
pub(crate) fn openings(
    seed: &Seed,
    roots: &[[u8; 32]],
    challenge: &ChallengeInfo,
) -> BoundedVec<Opening, ConstU32<HEARTBEAT_OPENINGS>> {
    let openings = (0..HEARTBEAT_OPENINGS).map(|number| {
        let draw = heartbeat_draw(&challenge.randomness, number);
        Opening::of_iterations(seed, roots, &draw).expect("there are iterations")
    });
    BoundedVec::truncate_from(openings.collect())
}

/// What `worker` answers that has done what it says: [`ITERATIONS`] since its last answer.
pub fn answer(
    worker: WorkerId,
    session: &SessionOf<Runtime>,
    challenge: &ChallengeInfo,
) -> Heartbeat {
    let seed_of = |randomness| Seed::of_session(&worker.0, session.number, randomness);
    let committed = session.work.committed.as_ref();
    let shown = committed.filter(|committed| committed.commitment.iterations == ITERATIONS);
    let openings = shown.map_or_else(BoundedVec::new, |committed| {
        let seed = seed_of(&committed.randomness);
        openings(&seed, &roots(&seed), challenge)
    });
    Heartbeat {
        worker,
        session: session.number,
        challenged_at: challenge.challenged_at,
        iterations: session.iterations.saturating_add(ITERATIONS.into()),
        commitment: commitment(&seed_of(&session.work.randomness)),
        openings,
    }
}

/// The transaction of a heartbeat that is signed with `key`. To be called within the chain.
pub fn sign(heartbeat: Heartbeat, key: &sr25519::Pair) -> UncheckedExtrinsic {
    let signature = key.sign(&heartbeat.signing_payload(&Computation::genesis_hash()));
    let call = pallet_computation::Call::<Runtime>::heartbeat {
        heartbeat,
        signature,
    };
    UncheckedExtrinsic::new_bare(RuntimeCall::from(call))
}
