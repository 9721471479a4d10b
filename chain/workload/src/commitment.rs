//! What a worker commits to, and what is drawn of it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
    CHUNK_ITERATIONS, Hash, ITERATIONS_MAX, STEPS_PER_ITERATION,
    hash::{Of, wide_hash},
    iteration::iteration_leaf,
    tree,
};

/// How many iterations a worker says that it did, and the root over all of their states.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Commitment {
    /// The root over the roots of the iterations, zeros when there are none.
    pub root: Hash,
    /// How many iterations, at most [`ITERATIONS_MAX`].
    pub iterations: u32,
}

/// The step that a randomness draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The iteration, from 0 on.
    pub iteration: u32,
    /// The step of it, from 0 on.
    pub step: u32,
}

impl Commitment {
    /// The commitment of a worker that did nothing. Nothing is drawn of it.
    pub const NOTHING: Self = Self {
        root: [0; 32],
        iterations: 0,
    };

    /// The commitment to iterations with these roots, from the first on. None for more than
    /// [`ITERATIONS_MAX`].
    pub fn of_iterations(roots: &[Hash]) -> Option<Self> {
        let leaves: alloc::vec::Vec<_> = roots.iter().map(iteration_leaf).collect();
        Self::of_nodes(&leaves, 1)
    }

    /// The commitment to chunks with these roots, see [`chunk_root`](crate::chunk_root), from the
    /// first on. None for more than [`ITERATIONS_MAX`] iterations.
    pub fn of_chunks(roots: &[Hash]) -> Option<Self> {
        Self::of_nodes(roots, CHUNK_ITERATIONS)
    }

    fn of_nodes(nodes: &[Hash], iterations_each: u32) -> Option<Self> {
        let count = u32::try_from(nodes.len()).ok()?;
        let iterations = count.checked_mul(iterations_each)?;
        (iterations <= ITERATIONS_MAX).then(|| Self {
            root: tree::root(nodes).unwrap_or_default(),
            iterations,
        })
    }

    /// Whether it is one that a worker can have made: not more than [`ITERATIONS_MAX`], and a root
    /// exactly when there is something below it.
    pub fn is_well_formed(&self) -> bool {
        self.iterations <= ITERATIONS_MAX && (self.iterations == 0) == (self.root == [0; 32])
    }

    /// The step that a randomness draws, each with the same probability. It has to be a randomness
    /// that nobody could know when the commitment was made. None when there are no iterations.
    pub fn drawn(&self, randomness: &Hash) -> Option<Drawn> {
        let iterations = self.iterations.to_le_bytes();
        let bytes = wide_hash(Of::Draw, &[randomness, &self.root, &iterations]);
        let number = bytes[..16]
            .iter()
            .fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
        let steps = u128::from(self.iterations) * u128::from(STEPS_PER_ITERATION);
        // The remainder is below 2^32, and no step more likely than another by a part in 2^90.
        let place = number.checked_rem(steps)? as u64;
        let each = u64::from(STEPS_PER_ITERATION);
        Some(Drawn {
            iteration: (place / each) as u32,
            step: (place % each) as u32,
        })
    }
}
