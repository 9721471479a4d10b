//! The work of the performance test, commitments to it and openings that show that it was done.
//!
//! A worker's performance is the number of *iterations* that it does in a time. An iteration is
//! [`STEPS_PER_ITERATION`] *steps*, each of which turns a state of 32 bytes into the next: a step
//! needs the state before it and its own place, so the steps of an iteration cannot be done at
//! once, left out, or taken from another iteration. Iterations need nothing of each other, so each core does its own.
//!
//! The worker gives the chain a [`Commitment`]: how many iterations it did, and the root of a tree
//! over the states that each of them went through. Once the commitment is on the chain, a
//! randomness that nobody knew before draws one step of one iteration ([`Commitment::drawn`]). The
//! worker answers with an [`Opening`], and the chain does this one step itself ([`verify`]). Who
//! did not do a part x of the steps that it committed to fails with probability x.
//!
//! The work is integer arithmetic with memory accesses at places that depend on the data, and
//! BLAKE2b. It gives the same bits in native code and in WebAssembly.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod chunk;
mod commitment;
mod hash;
mod iteration;
mod limits;
mod opening;
mod seed;
mod step;
mod tree;

pub use chunk::{CHUNK_ITERATIONS, chunk_iterations, chunk_root, chunk_root_of};
pub use commitment::{Commitment, Drawn};
pub use iteration::{iteration_root, iteration_states};
pub use limits::{ITERATION_PATH_MAX, ITERATIONS_MAX, STEP_PATH, STEPS_PER_ITERATION};
pub use opening::{Before, Opening, OpeningError, verify};
pub use seed::Seed;
pub use step::Workspace;

/// A state, or a node of a tree: 32 bytes.
pub type Hash = [u8; 32];

#[cfg(test)]
mod tests;
