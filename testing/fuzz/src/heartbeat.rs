//! Answers of workers from anyone, and the work that they say was done.

use std::sync::LazyLock;

use codec::{DecodeAll, Encode};
use phat_primitives::{
    WorkerId,
    heartbeat::{BenchmarkProof, Heartbeat},
};
use phat_workload::{Commitment, Opening, Seed, Workspace, iteration_root, verify};

const WORKER: WorkerId = WorkerId([1; 32]);
const SESSION: u32 = 2;
/// How many iterations were done.
const ITERATIONS: u32 = 3;
/// How many steps of them are drawn.
const DRAWS: u8 = 8;

/// Work that was done, and what opens of it what is drawn.
struct Done {
    seed: Seed,
    commitment: Commitment,
    /// With the randomness that draws each.
    openings: Vec<([u8; 32], Opening)>,
}

static DONE: LazyLock<Done> = LazyLock::new(|| {
    let seed = Seed::of_session(&WORKER.0, SESSION, &[3; 32]);
    let mut workspace = Workspace::default();
    let roots: Vec<_> = (0..ITERATIONS)
        .map(|iteration| iteration_root(&mut workspace, &seed, iteration))
        .collect();
    let openings = (0..DRAWS).map(|draw| {
        let randomness = [draw; 32];
        let opening = Opening::of_iterations(&seed, &roots, &randomness);
        (randomness, opening.expect("there are iterations"))
    });
    Done {
        seed,
        commitment: Commitment::of_iterations(&roots).expect("they are few"),
        openings: openings.collect(),
    }
});

pub fn run(bytes: &[u8]) {
    if let Ok(opening) = Opening::decode_all(&mut &*bytes) {
        assert_eq!(opening.encode(), bytes);
        check(&opening);
    }
    if let Ok(heartbeat) = Heartbeat::decode_all(&mut &*bytes) {
        assert_eq!(heartbeat.encode(), bytes);
        check_heartbeat(&heartbeat);
    }
    if let Ok(proof) = BenchmarkProof::decode_all(&mut &*bytes) {
        assert_eq!(proof.encode(), bytes);
        proof.openings.iter().for_each(check);
    }
}

/// Only what was done opens what was committed to.
fn check(opening: &Opening) {
    let Done {
        seed,
        commitment,
        openings,
    } = &*DONE;
    for (randomness, right) in openings {
        let holds = verify(seed, commitment, randomness, opening).is_ok();
        assert_eq!(holds, opening == right, "an opening was made up");
    }
}

fn check_heartbeat(heartbeat: &Heartbeat) {
    let payload = heartbeat.signing_payload(&[4; 32]);
    assert!(payload.ends_with(&heartbeat.encode()));
    let Heartbeat {
        commitment,
        openings,
        ..
    } = heartbeat;
    for (randomness, _) in &DONE.openings {
        if let Some(drawn) = commitment.drawn(randomness) {
            assert!(drawn.iteration < commitment.iterations);
        }
        // What it commits to may be anything.
        for opening in openings {
            let _ = verify(&DONE.seed, commitment, randomness, opening);
        }
    }
    openings.iter().for_each(check);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let openings = || DONE.openings.iter().map(|(_, opening)| opening.clone());
    let answers = openings().map(|opening| Heartbeat {
        worker: WORKER,
        session: SESSION,
        challenged_at: 5,
        iterations: ITERATIONS.into(),
        commitment: DONE.commitment,
        openings: vec![opening].try_into().expect("it is one"),
    });
    let proof = BenchmarkProof {
        worker: WORKER,
        begun_at: 6,
        openings: openings()
            .collect::<Vec<_>>()
            .try_into()
            .expect("they are few"),
    };
    let mut seeds: Vec<_> = openings().map(|opening| opening.encode()).collect();
    seeds.extend(answers.map(|answer| answer.encode()));
    seeds.push(proof.encode());
    seeds
}
