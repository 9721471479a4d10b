//! What the modules of the SDK stand on: the engine, or in tests a stand-in.

use std::time::Duration;

use crate::http;

#[cfg(target_arch = "wasm32")]
mod engine;
#[cfg(not(target_arch = "wasm32"))]
mod stand_in;

#[cfg(target_arch = "wasm32")]
pub use engine::*;
#[cfg(not(target_arch = "wasm32"))]
pub use stand_in::*;

/// What came of a request or timer.
pub enum Completion {
    Http(Result<http::Response, http::Error>),
    Timer,
}

/// A duration as the engine takes it: in milliseconds, begun ones too.
pub fn milliseconds(duration: Duration) -> u64 {
    let milliseconds = duration.as_nanos().div_ceil(1_000_000);
    u64::try_from(milliseconds).unwrap_or(u64::MAX)
}
