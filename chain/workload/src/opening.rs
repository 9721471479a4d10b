//! What shows that a drawn step was done.

use alloc::{collections::BTreeMap, vec::Vec};
use core::fmt;

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
    CHUNK_ITERATIONS, Commitment, Drawn, Hash, ITERATION_PATH_MAX, STEP_PATH, STEPS_PER_ITERATION,
    Seed, Workspace,
    chunk::chunk_leaves,
    iteration::{iteration_leaf, iteration_states, state_leaf, state_leaves},
    tree,
};

/// One step of one iteration, and the way from it to the root of a commitment.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Opening {
    /// The iteration, from 0 on.
    pub iteration: u32,
    /// The step of it, from 0 on.
    pub step: u32,
    /// The state before the step. None before the first, where it follows from the seed.
    pub before: Option<Before>,
    /// The nodes beside the way from the state after the step to the iteration's root, from below.
    pub after_path: [Hash; STEP_PATH],
    /// The nodes beside the way from the iteration to the commitment's root, from below.
    pub iteration_path: BoundedVec<Hash, ConstU32<ITERATION_PATH_MAX>>,
}

/// The state before a step, and where it stands in its iteration's tree.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Before {
    /// The state.
    pub state: Hash,
    /// The nodes beside the way from it to the iteration's root, from below.
    pub path: [Hash; STEP_PATH],
}

/// Why an opening shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningError {
    /// The commitment has no iterations, or more than a commitment may have.
    Commitment,
    /// It opens another step than the one that was drawn.
    NotDrawn,
    /// The state before the step is missing, or there is one where it follows from the seed.
    Before,
    /// The state before the step is not in the iteration that is opened.
    OtherIteration,
    /// The step, done on the state before it, does not lead to the commitment's root.
    NotCommitted,
}

impl fmt::Display for OpeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commitment => "the commitment has no iterations, or more than it may have",
            Self::NotDrawn => "another step is opened than the one that was drawn",
            Self::Before => "only the first step of an iteration has no state before it",
            Self::OtherIteration => "the state before the step is not of the iteration",
            Self::NotCommitted => "the step does not lead to the root of the commitment",
        })
    }
}

impl core::error::Error for OpeningError {}

/// Checks that `opening` is of the step that `randomness` draws of `commitment`, and does the step.
/// The cost is that of one step and at most 42 hashes of two nodes, about a third of a millisecond.
pub fn verify(
    seed: &Seed,
    commitment: &Commitment,
    randomness: &Hash,
    opening: &Opening,
) -> Result<(), OpeningError> {
    if !commitment.is_well_formed() {
        return Err(OpeningError::Commitment);
    }
    let drawn = commitment
        .drawn(randomness)
        .ok_or(OpeningError::Commitment)?;
    let Opening {
        iteration, step, ..
    } = *opening;
    if drawn != (Drawn { iteration, step }) {
        return Err(OpeningError::NotDrawn);
    }
    // The root that the state before it leads to, when there is one.
    let (before, expected) = match (&opening.before, step.checked_sub(1)) {
        (None, None) => (seed.first_state(iteration), None),
        (Some(before), Some(place)) => {
            let root = root_over(&before.state, place, &before.path);
            (before.state, Some(root.ok_or(OpeningError::Before)?))
        }
        _ => return Err(OpeningError::Before),
    };
    // What is cheap comes first: the whole path, as far as it does not need the step.
    if let Some(root) = expected
        && !leads_to(commitment, opening, &root)
    {
        return Err(OpeningError::OtherIteration);
    }
    let after = Workspace::default().step(seed, iteration, step, &before);
    let root = root_over(&after, step, &opening.after_path).ok_or(OpeningError::NotDrawn)?;
    let is_committed = match expected {
        Some(expected) => root == expected,
        None => leads_to(commitment, opening, &root),
    };
    if is_committed {
        Ok(())
    } else {
        Err(OpeningError::NotCommitted)
    }
}

fn root_over(state: &Hash, place: u32, path: &[Hash; STEP_PATH]) -> Option<Hash> {
    tree::root_from(state_leaf(state), place, STEPS_PER_ITERATION, path)
}

/// Whether an iteration with this root is at the opened place of the commitment.
fn leads_to(commitment: &Commitment, opening: &Opening, iteration_root: &Hash) -> bool {
    let leaf = iteration_leaf(iteration_root);
    let path = &opening.iteration_path;
    let root = tree::root_from(leaf, opening.iteration, commitment.iterations, path);
    root == Some(commitment.root)
}

impl Opening {
    /// Opens the steps that each of `draws` draws of the commitment to these chunks, in their
    /// order. Does each chunk that is drawn of again, once however often that is, and besides the
    /// iteration of each draw. None when there are no chunks, or more than a commitment may have.
    pub fn of_chunks(seed: &Seed, chunks: &[Hash], draws: &[Hash]) -> Option<Vec<Self>> {
        let commitment = Commitment::of_chunks(chunks)?;
        let drawn: Vec<_> = draws
            .iter()
            .map(|draw| commitment.drawn(draw))
            .collect::<Option<_>>()?;
        let chunk_of = |drawn: &Drawn| drawn.iteration / CHUNK_ITERATIONS;
        let places: Vec<_> = drawn.iter().map(|drawn| chunk_of(drawn) as usize).collect();
        let (_, paths) = tree::root_and_paths(chunks, &places)?;
        let mut workspace = Workspace::default();
        let mut redone = BTreeMap::new();
        drawn
            .into_iter()
            .zip(paths)
            .map(|(drawn, above)| {
                let chunk = chunk_of(&drawn);
                let leaves = redone
                    .entry(chunk)
                    .or_insert_with(|| chunk_leaves(&mut workspace, seed, chunk));
                let within = (drawn.iteration % CHUNK_ITERATIONS) as usize;
                let (_, mut path) = tree::root_and_path(leaves, within)?;
                path.extend(above);
                Self::of_iteration(&mut workspace, seed, drawn, path)
            })
            .collect()
    }

    /// Opens the step that `randomness` draws of the commitment to iterations with these roots.
    pub fn of_iterations(seed: &Seed, roots: &[Hash], randomness: &Hash) -> Option<Self> {
        let drawn = Commitment::of_iterations(roots)?.drawn(randomness)?;
        let leaves: Vec<_> = roots.iter().map(iteration_leaf).collect();
        let (_, path) = tree::root_and_path(&leaves, drawn.iteration as usize)?;
        Self::of_iteration(&mut Workspace::default(), seed, drawn, path)
    }

    fn of_iteration(
        workspace: &mut Workspace,
        seed: &Seed,
        drawn: Drawn,
        path: Vec<Hash>,
    ) -> Option<Self> {
        let Drawn { iteration, step } = drawn;
        let states = iteration_states(workspace, seed, iteration);
        let leaves = state_leaves(&states);
        let path_of = |place: usize| -> Option<[Hash; STEP_PATH]> {
            let (_, path) = tree::root_and_path(&leaves, place)?;
            path.try_into().ok()
        };
        let before = match step.checked_sub(1) {
            None => None,
            Some(place) => Some(Before {
                state: *states.get(place as usize)?,
                path: path_of(place as usize)?,
            }),
        };
        Some(Self {
            iteration,
            step,
            before,
            after_path: path_of(step as usize)?,
            iteration_path: path.try_into().ok()?,
        })
    }
}
