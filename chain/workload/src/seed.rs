//! Where the iterations of a commitment start.

use crate::{
    Hash,
    hash::{Of, hash, wide_hash},
};

/// What all iterations of one commitment start from. It is made of a randomness of the chain, so
/// that nothing can be worked out before that randomness is known, and of the worker's name, so
/// that no two workers can share their work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub Hash);

impl Seed {
    /// The seed of a session's iterations after `randomness`, which is that of the start or of the
    /// newest challenge that was answered. `worker` is the worker's public key, `session` the
    /// number of its session.
    pub fn of_session(worker: &Hash, session: u32, randomness: &Hash) -> Self {
        let session = session.to_le_bytes();
        Self(hash(Of::SessionSeed, &[worker, &session, randomness]))
    }

    /// The seed of a benchmark that began with `randomness`.
    pub fn of_benchmark(worker: &Hash, randomness: &Hash) -> Self {
        Self(hash(Of::BenchmarkSeed, &[worker, randomness]))
    }

    /// The state before the first step of an iteration.
    pub(crate) fn first_state(&self, iteration: u32) -> Hash {
        hash(Of::FirstState, &[&self.0, &iteration.to_le_bytes()])
    }

    /// What the memory of a step is filled from.
    pub(crate) fn step_key(&self, iteration: u32, step: u32, before: &Hash) -> [u8; 64] {
        let (iteration, step) = (iteration.to_le_bytes(), step.to_le_bytes());
        wide_hash(Of::StepKey, &[&self.0, &iteration, &step, before])
    }
}
