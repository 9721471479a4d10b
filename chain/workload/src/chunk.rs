//! Iterations that follow each other, kept as one root.
//!
//! A worker that does a hundred iterations a second for hours cannot keep a root of each. It keeps
//! one of each chunk, and does one chunk again when a step of it is drawn. A chunk is a whole
//! subtree of its commitment's tree.

use alloc::vec::Vec;
use core::ops::Range;

use crate::{
    Hash, Seed, Workspace,
    iteration::{iteration_leaf, iteration_root},
    tree,
};

/// How many iterations a chunk has. A core does one in about a third of a second.
pub const CHUNK_ITERATIONS: u32 = 16;

const _: () = assert!(CHUNK_ITERATIONS.is_power_of_two());

/// Does the iterations of a chunk and gives their root. `chunk` is below
/// [`ITERATIONS_MAX`](crate::ITERATIONS_MAX) / [`CHUNK_ITERATIONS`].
pub fn chunk_root(workspace: &mut Workspace, seed: &Seed, chunk: u32) -> Hash {
    tree::root(&chunk_leaves(workspace, seed, chunk)).unwrap_or_default()
}

/// The root of a chunk whose iterations have these roots.
pub fn chunk_root_of(iterations: &[Hash; CHUNK_ITERATIONS as usize]) -> Hash {
    tree::root(&iterations.map(|root| iteration_leaf(&root))).unwrap_or_default()
}

/// The numbers of the iterations of a chunk.
pub fn chunk_iterations(chunk: u32) -> Range<u32> {
    let first = chunk.saturating_mul(CHUNK_ITERATIONS);
    first..first.saturating_add(CHUNK_ITERATIONS)
}

pub(crate) fn chunk_leaves(workspace: &mut Workspace, seed: &Seed, chunk: u32) -> Vec<Hash> {
    chunk_iterations(chunk)
        .map(|iteration| iteration_leaf(&iteration_root(workspace, seed, iteration)))
        .collect()
}
