//! BLAKE2b-256 with a first byte that says what is hashed.

use blake2::{
    Blake2b, Digest,
    digest::consts::{U32, U64},
};

use crate::Hash;

/// What a hash is of. No two pass for each other.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Of {
    /// A leaf of an iteration's tree: the state after a step.
    State = 0,
    /// The node above two nodes.
    Node = 1,
    /// A leaf of a commitment's tree: the root of an iteration.
    Iteration = 2,
    /// A seed of a session.
    SessionSeed = 3,
    /// A seed of a benchmark.
    BenchmarkSeed = 4,
    /// The first state of an iteration.
    FirstState = 5,
    /// What a step's memory is filled from.
    StepKey = 6,
    /// The state after a step, from all that the step left in its memory.
    StepEnd = 7,
    /// The place that a randomness draws.
    Draw = 8,
}

/// Separates the hashes of this work from every other hash.
const DOMAIN: &[u8; 15] = b"phat/workload/1";

/// BLAKE2b-256 of the domain, the kind and the parts, one after the other. Each kind has parts of
/// fixed lengths.
pub(crate) fn hash(of: Of, parts: &[&[u8]]) -> Hash {
    let mut hasher = Hasher::new(of);
    for part in parts {
        hasher.add(part);
    }
    hasher.end()
}

/// BLAKE2b-512 of the same.
pub(crate) fn wide_hash(of: Of, parts: &[&[u8]]) -> [u8; 64] {
    let mut hasher = Blake2b::<U64>::new();
    hasher.update(DOMAIN);
    hasher.update([of as u8]);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A hash of more than can be named at once.
pub(crate) struct Hasher(Blake2b<U32>);

impl Hasher {
    pub(crate) fn new(of: Of) -> Self {
        let mut hasher = Blake2b::<U32>::new();
        hasher.update(DOMAIN);
        hasher.update([of as u8]);
        Self(hasher)
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn end(self) -> Hash {
        self.0.finalize().into()
    }
}
