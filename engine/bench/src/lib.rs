//! Measurements of the engine, beside the same work in native code.
//!
//! [`measure`] gives figures of this machine, now: they are for comparing with each
//! other, not with those of another run. What is compared is measured in turns, so
//! that whatever else the machine does meets both.

mod figures;
mod fuel;
mod native;
mod run;

pub use figures::{Effort, Figures, measure};

use thiserror::Error;

/// A measurement that cannot be made.
#[derive(Debug, Error)]
pub enum BenchError {
    /// A run failed.
    #[error("the engine did not do the work: {0}")]
    Run(String),
    /// The native side failed.
    #[error("native QuickJS did not do the work: {0}")]
    Native(#[from] rquickjs::Error),
    /// The engine without fuel failed.
    #[error("WebAssembly without the engine did not do the work: {0}")]
    Wasmtime(#[from] wasmtime::Error),
}
