//! Shows the chain how fast this worker is: its benchmark, its iterations, its heartbeats.
//!
//! [`Iterations`] does the work of the performance test on all processors, at the lowest priority
//! and behind the runs of contracts. The [`Performer`] looks at each finalised block whether the
//! chain waits for a statement of this worker, and sends it, signed with the worker's identity key
//! and free of charge. What is to be done is decided by [`phat_worker_core::performance`].

mod chain;
mod iterations;
mod machine;
mod performer;
mod statements;
mod store;
mod tally;

pub use chain::PerformanceChain;
pub use iterations::{CHUNKS_MAX, Iterations};
pub use machine::{Iterate, Machine, NativeMachine};
pub use performer::{Performer, Status};
pub use store::{KEPT_MAX, Kept, Memory, Store, StoreError};

use std::{path::PathBuf, sync::Arc};

/// What a worker needs to show its performance.
pub struct PerformanceParts {
    /// Where its statements go.
    pub chain: Arc<dyn PerformanceChain>,
    /// What does iterations.
    pub machine: Arc<dyn Machine>,
    /// The file that keeps what is needed after a restart.
    pub file: PathBuf,
}
