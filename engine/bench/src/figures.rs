//! What is measured, and how long.

use serde::Serialize;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Runs of a small script, and instances, in all rounds together.
    pub starts: usize,
    /// Rounds. Each measures everything once, so that a slow moment meets all alike.
    pub rounds: usize,
    /// MiB to hash in a round.
    pub mebibytes: u32,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            starts: 10_000,
            rounds: 9,
            mebibytes: 64,
        }
    }
}

/// What was measured. Times and rates are medians, if nothing else is said.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// An instance of the runtime of scripts with a store of its own, made and dropped:
    /// microseconds. No code of the contract runs in it.
    pub instantiate_us_p50: f64,
    /// A run of a small script in a fresh instance with the whole standard library, its
    /// code compiled before: microseconds from asking the engine to having the report.
    pub cold_js_us_p50: f64,
    /// The same: 99 of 100 runs took no longer.
    pub cold_js_us_p99: f64,
    /// Runs of that script a second, one after the other on one thread, each in a fresh
    /// instance: the mean over all of them.
    pub warm_calls_per_s: f64,
    /// A run that computes fib(27) recursively: milliseconds.
    pub js_fib27_ms: f64,
    /// The same script in the same QuickJS, compiled for this machine.
    pub native_quickjs_fib27_ms: f64,
    /// How many times as long as native QuickJS the engine takes for it.
    pub js_fib27_ratio: f64,
    /// SHA-256 in a run of a component from Rust: MB (a million bytes) a second.
    pub wasm_sha256_mb_s: f64,
    /// The same source, compiled for this machine; it has no SIMD intrinsics.
    pub native_sha256_mb_s: f64,
    /// How many times as long as native code the component takes for it.
    pub sha256_ratio: f64,
    /// How many times as long the script takes because its fuel is counted, compared
    /// with code that does no more than stop when its time is over.
    pub fuel_overhead_ratio: f64,
    /// The same for the component.
    pub fuel_overhead_sha256_ratio: f64,
    /// How many times as long the script takes because its fuel is counted, compared
    /// with code that nothing can stop.
    pub metering_ratio: f64,
    /// The same for the component.
    pub metering_sha256_ratio: f64,
    /// The hash of the engine.
    pub engine: String,
    /// The version of wasmtime.
    pub wasmtime: String,
    /// The processors that this process may use.
    pub processors: usize,
    /// How many runs there were of the small script, and how many instances.
    pub starts: usize,
    /// How many rounds there were.
    pub rounds: usize,
    /// How many MiB were hashed in each.
    pub mebibytes: u32,
}
