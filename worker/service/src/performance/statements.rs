//! Makes what a worker says of its work. All of it takes processor time.

use std::sync::Arc;

use phat_primitives::{
    WorkerId,
    heartbeat::{
        BENCHMARK_OPENINGS, BenchmarkProof, BenchmarkReport, HEARTBEAT_OPENINGS, Heartbeat,
        benchmark_draw, heartbeat_draw,
    },
};
use phat_worker_core::performance::{
    Benchmark, Challenge, Purpose, Session, iterations_in_session,
};
use phat_workload::{Commitment, Hash, Opening, Seed, verify};

use super::store::Kept;

/// An answer to a challenge, from what was done since the last one and what was committed to then.
pub struct Answer {
    /// Who answers.
    pub worker: WorkerId,
    /// Its session.
    pub session: Session,
    /// The challenge.
    pub challenge: Challenge,
    /// The chunks that were done since the last answer.
    pub chunks: Vec<Hash>,
    /// What was committed to then, if it is kept.
    pub committed: Option<Arc<Kept>>,
    /// What the worker said before that it did in a session, if it was not started anew since.
    pub counted: Option<(u32, u64)>,
}

impl Answer {
    /// The heartbeat, and what is to be kept for the next one. None when there are more chunks than
    /// a commitment can have.
    pub fn make(self) -> Option<(Heartbeat, Kept)> {
        let openings = self.openings().unwrap_or_default().try_into().ok()?;
        let number = self.session.number;
        let purpose = Purpose::Session {
            number,
            randomness: self.session.randomness,
        };
        let kept = Kept::new(&purpose.seed(&self.worker), self.chunks)?;
        let commitment = kept.commitment;
        let heartbeat = Heartbeat {
            worker: self.worker,
            session: number,
            challenged_at: self.challenge.at,
            iterations: iterations_in_session(self.counted, number, commitment.iterations),
            commitment,
            openings,
        };
        Some((heartbeat, kept))
    }

    /// What the challenge draws of the last commitment. None where one of them does not hold: the
    /// chain takes it for a lie, and the others are of no use without it.
    fn openings(&self) -> Option<Vec<Opening>> {
        let kept = self.committed.as_ref()?;
        let randomness = &self.challenge.randomness;
        let draws = (0..HEARTBEAT_OPENINGS).map(|number| heartbeat_draw(randomness, number));
        open(kept, &draws.collect::<Vec<_>>())
    }
}

/// What is said of a benchmark.
pub fn report(worker: WorkerId, benchmark: &Benchmark, commitment: Commitment) -> BenchmarkReport {
    BenchmarkReport {
        worker,
        begun_at: benchmark.begun_at,
        commitment,
    }
}

/// What shows a benchmark, whose steps are drawn by `draw`. None when one of them cannot be opened.
pub fn proof(
    worker: WorkerId,
    benchmark: &Benchmark,
    kept: &Kept,
    draw: &Hash,
) -> Option<BenchmarkProof> {
    let draws = (0..BENCHMARK_OPENINGS).map(|number| benchmark_draw(draw, number));
    let openings = open(kept, &draws.collect::<Vec<_>>())?;
    Some(BenchmarkProof {
        worker,
        begun_at: benchmark.begun_at,
        openings: openings.try_into().ok()?,
    })
}

/// Opens all that is drawn, and checks it as the chain will. Each chunk is done again once at the
/// most.
fn open(kept: &Kept, draws: &[Hash]) -> Option<Vec<Opening>> {
    let seed = Seed(kept.seed);
    let openings = Opening::of_chunks(&seed, &kept.chunks, draws)?;
    let check = |(opening, draw)| verify(&seed, &kept.commitment, draw, opening);
    match openings.iter().zip(draws).try_for_each(check) {
        Ok(()) => Some(openings),
        Err(error) => {
            let error = error.to_string();
            tracing::error!(error, "the work that was committed to cannot be shown");
            None
        }
    }
}
