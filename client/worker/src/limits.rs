//! What the operator of a worker decides, where the operator says nothing.

/// Runs of anchor requests at once.
pub const RUNS_DEFAULT: usize = 16;
/// Calls over HTTP at once.
pub const CALLS_DEFAULT: usize = 16;
/// The most runs or calls at once that may be asked for.
pub const CONCURRENT_MAX: usize = 256;
/// Memory that all runs and calls together may use, in MiB.
pub const MEMORY_MIB_DEFAULT: u64 = 4096;
/// The most memory that may be asked for, in MiB.
pub const MEMORY_MIB_MAX: u64 = 1_048_576;
/// Calls over HTTP that wait for their turn to run.
pub const CALLS_WAITING_DEFAULT: usize = 64;
/// The most calls that may be let wait: each holds a connection and its input.
pub const CALLS_WAITING_MAX: usize = 256;
/// Disk that compiled contracts may use, in MiB.
pub const COMPILED_MIB_DEFAULT: u64 = 1024;
/// The most disk that may be given to them, in MiB.
pub const COMPILED_MIB_MAX: u64 = 1_048_576;
