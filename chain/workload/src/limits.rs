//! Sizes of the work and bounds of what shows that it was done.

/// How many steps an iteration has.
pub const STEPS_PER_ITERATION: u32 = 64;

/// How many nodes lead from a state to the root of its iteration: the binary logarithm of
/// [`STEPS_PER_ITERATION`].
pub const STEP_PATH: usize = 6;

/// The most iterations that one commitment may have. 128 cores that do 50 a second need three
/// hours for them.
pub const ITERATIONS_MAX: u32 = 1 << 26;

/// The most nodes that lead from an iteration to the root of its commitment: the binary logarithm
/// of [`ITERATIONS_MAX`].
pub const ITERATION_PATH_MAX: u32 = 26;

const _: () = assert!(STEPS_PER_ITERATION == 1 << STEP_PATH);
const _: () = assert!(ITERATIONS_MAX == 1 << ITERATION_PATH_MAX);
