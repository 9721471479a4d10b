//! The work that is measured. Peers do the same, from the same files.

/// A module whose default export does a little and answers [`SMALL_RESULT`].
pub const SMALL: &str = include_str!("../scripts/small.js");
pub const SMALL_RESULT: &[u8] = b"2f62";
/// A module whose default export computes fib(27) and answers [`FIBONACCI_RESULT`].
pub const FIBONACCI: &str = include_str!("../scripts/fibonacci.js");
pub const FIBONACCI_RESULT: &[u8] = b"196418";
/// A component that hashes as many MiB of zeros as its input says, built by `build.rs`.
pub const SHA256: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sha256.wasm"));
