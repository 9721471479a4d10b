//! Measurements of the engine, beside the same work in native code.
//!
//! [`measure()`] gives figures of this machine, now: they are for comparing with each
//! other, not with those of another run. What is compared is measured in turns, so
//! that whatever else the machine does meets both.

mod figures;
mod fuel;
mod measure;
mod native;
mod run;
mod samples;
mod work;

pub use figures::{Effort, Figures};
pub use measure::measure;
pub use samples::Samples;

use thiserror::Error;

/// A measurement that cannot be made.
#[derive(Debug, Error)]
pub enum BenchError {
    /// A run failed.
    #[error("the engine did not do the work: {0}")]
    Run(String),
    /// Work was done, but not the work that was asked for.
    #[error("the work has another result than it should have")]
    Result,
    /// The native side failed.
    #[error("native QuickJS did not do the work: {0}")]
    Native(#[from] rquickjs::Error),
    /// WebAssembly outside of the engine failed.
    #[error("WebAssembly outside of the engine did not do the work: {0}")]
    Wasmtime(#[from] wasmtime::Error),
}
