//! One iteration: steps, and the tree of the states after them.

use alloc::vec::Vec;

use crate::{
    Hash, Seed, Workspace,
    hash::{Of, hash},
    limits::STEPS_PER_ITERATION,
    tree,
};

/// The states after each step of an iteration, [`STEPS_PER_ITERATION`] of them.
pub fn iteration_states(workspace: &mut Workspace, seed: &Seed, iteration: u32) -> Vec<Hash> {
    let mut state = seed.first_state(iteration);
    let steps = (0..STEPS_PER_ITERATION).map(|step| {
        state = workspace.step(seed, iteration, step, &state);
        state
    });
    steps.collect()
}

/// The root over the states after each step of an iteration.
pub fn iteration_root(workspace: &mut Workspace, seed: &Seed, iteration: u32) -> Hash {
    let leaves = state_leaves(&iteration_states(workspace, seed, iteration));
    tree::root(&leaves).unwrap_or_default()
}

pub(crate) fn state_leaves(states: &[Hash]) -> Vec<Hash> {
    states.iter().map(state_leaf).collect()
}

pub(crate) fn state_leaf(state: &Hash) -> Hash {
    hash(Of::State, &[state])
}

/// The leaf of a commitment's tree that stands for an iteration.
pub(crate) fn iteration_leaf(root: &Hash) -> Hash {
    hash(Of::Iteration, &[root])
}
