//! What the evidence of the benchmarks is about.
//!
//! Benchmarks run in Wasm, where no platform can be simulated, so the evidence is in the file
//! `benchmark-evidence.scale`. A test compares it with what the simulator makes, and says how to
//! write it anew.

use phat_primitives::{EncryptionKey, attestation::Measurement};

/// The chain.
pub const GENESIS_HASH: [u8; 32] = [69; 32];
/// The operator's account.
pub const OPERATOR: [u8; 32] = [7; 32];
/// What the worker's identity key follows from.
pub const WORKER_SEED: &str = "//benchmark";
/// The worker's other key.
pub const ENCRYPTION_KEY: EncryptionKey = EncryptionKey([9; 32]);
/// What runs there: a virtual machine, whose quotes take longest to verify.
pub const MEASUREMENT: Measurement = Measurement::Tdx {
    mr_td: [1; 48],
    rtmr: [[2; 48], [3; 48], [4; 48], [5; 48]],
};
/// The time, in seconds since 1970.
pub const NOW_S: u64 = 1_800_000_000;
