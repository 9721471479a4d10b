//! Makes what a worker says of its work. All of it takes processor time.

use std::sync::Arc;

use phat_primitives::{
    WorkerId,
    heartbeat::{BENCHMARK_OPENINGS, BenchmarkProof, BenchmarkReport, Heartbeat, benchmark_draw},
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
        let opening = self.opening();
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
            opening,
        };
        Some((heartbeat, kept))
    }

    /// What the challenge draws of the last commitment. An opening that does not hold is none: the
    /// chain takes it for a lie.
    fn opening(&self) -> Option<Opening> {
        let kept = self.committed.as_ref()?;
        open(
            &Seed(kept.seed),
            &kept.commitment,
            &kept.chunks,
            &self.challenge.randomness,
        )
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
    let openings = (0..BENCHMARK_OPENINGS).map(|number| {
        let draw = benchmark_draw(draw, number);
        open(&Seed(kept.seed), &kept.commitment, &kept.chunks, &draw)
    });
    let openings: Vec<_> = openings.collect::<Option<_>>()?;
    Some(BenchmarkProof {
        worker,
        begun_at: benchmark.begun_at,
        openings: openings.try_into().ok()?,
    })
}

fn open(seed: &Seed, commitment: &Commitment, chunks: &[Hash], draw: &Hash) -> Option<Opening> {
    let opening = Opening::of_chunks(seed, chunks, draw)?;
    match verify(seed, commitment, draw, &opening) {
        Ok(()) => Some(opening),
        Err(error) => {
            let error = error.to_string();
            tracing::error!(error, "the work that was committed to cannot be shown");
            None
        }
    }
}
