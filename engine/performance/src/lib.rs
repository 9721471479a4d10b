//! Runs the work of the performance test in WebAssembly, and measures a machine with it.
//!
//! The work is that of [`phat_workload`], compiled to a WebAssembly module with nothing around it,
//! so that what is measured is how fast a machine does what contracts do on it: machine code that
//! the engine's compiler makes of WebAssembly. A [`Machine`] holds the machine code, and each
//! thread has an [`Instance`] of its own.

mod machine;
mod score;

pub use machine::{Instance, Machine, MachineError};
pub use score::{SCORE_TIME, Score, score};
