//! Fuzz targets for what reads bytes from anyone.
//!
//! A target is a function of bytes that panics if something is wrong. `cargo xtask
//! fuzz` gives it to libFuzzer; a test runs it on its seeds, and on every input that
//! once made it panic, which are kept in `testing/fuzz/regressions`.

mod answers;
mod bytes;
mod chain_proof;
mod component;
mod economy;
mod engine;
mod heartbeat;
mod manifest;
mod receipt;
mod script;
mod transcript;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its folder of regressions.
    pub name: &'static str,
    /// What it finds faults in.
    pub of: &'static str,
    /// Panics if something is wrong.
    pub run: fn(&[u8]),
    /// Small inputs to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "transcript",
        of: "reading transcripts",
        run: transcript::run,
        seeds: transcript::seeds,
    },
    Target {
        name: "manifest",
        of: "reading manifests",
        run: manifest::run,
        seeds: manifest::seeds,
    },
    Target {
        name: "receipt",
        of: "reading receipts, as bytes and as JSON",
        run: receipt::run,
        seeds: receipt::seeds,
    },
    Target {
        name: "chain-proof",
        of: "reading and verifying proofs of the chain, as bytes and as JSON",
        run: chain_proof::run,
        seeds: chain_proof::seeds,
    },
    Target {
        name: "script",
        of: "what scripts pass to the library and the host",
        run: script::run,
        seeds: bytes::seeds,
    },
    Target {
        name: "answers",
        of: "what the host passes to scripts, from altered transcripts",
        run: answers::run,
        seeds: bytes::seeds,
    },
    Target {
        name: "component",
        of: "loading components",
        run: component::run,
        seeds: component::seeds,
    },
    Target {
        name: "heartbeat",
        of: "reading answers of workers, and verifying what they open",
        run: heartbeat::run,
        seeds: heartbeat::seeds,
    },
    Target {
        name: "economy",
        of: "the books of the chain, after calls in any order",
        run: economy::run,
        seeds: economy::seeds,
    },
];

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
