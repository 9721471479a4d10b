//! The bounds on the memory of a guest, and of all guests together.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use wasmtime::ResourceLimiter;

use crate::{FailureCode, RunFailure, journal::Stop};

/// The most elements of one table. A guest's table holds its functions.
pub const TABLE_ELEMENTS_MAX: usize = 65_536;

/// What wasmtime says where a guest asks for more than its type of memory can
/// have, before it asks for the limit.
const BEYOND_TYPE: &str = "memory growth exceeds memory type's limits";

/// The memory that all guests of an engine share.
pub struct MemoryPool {
    bytes_max: u64,
    bytes: AtomicU64,
}

impl MemoryPool {
    pub fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max,
            bytes: AtomicU64::new(0),
        }
    }

    /// Takes so much out of the pool, if it is there.
    fn take(&self, more: u64) -> bool {
        self.bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bytes| {
                bytes
                    .checked_add(more)
                    .filter(|total| *total <= self.bytes_max)
            })
            .is_ok()
    }
}

/// Grants memory up to a limit, all memories of the guest together.
pub struct MemoryBound {
    /// The limit.
    pub bytes_max: u64,
    bytes: u64,
    pool: Arc<MemoryPool>,
    /// Whether the guest was ever refused memory.
    pub refused: bool,
}

impl MemoryBound {
    pub fn new(bytes_max: u64, pool: Arc<MemoryPool>) -> Self {
        Self {
            bytes_max,
            bytes: 0,
            pool,
            refused: false,
        }
    }
}

impl Drop for MemoryBound {
    fn drop(&mut self) {
        self.pool.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl ResourceLimiter for MemoryBound {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        let total = self.bytes.saturating_add(more);
        if total > self.bytes_max || maximum.is_some_and(|maximum| desired > maximum) {
            self.refused = true;
            return Ok(false);
        }
        if !self.pool.take(more) {
            // The guest is within its own limit: not its failure, and not for it to see.
            let message = "other contracts use the memory of this worker; try again later";
            return Err(Stop::Failed(RunFailure::new(FailureCode::Engine, message)).into());
        }
        self.bytes = total;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        if error.to_string() == BEYOND_TYPE {
            self.refused = true;
            return Ok(());
        }
        // The machine has less than the limit grants. A guest that noticed could
        // go on and give a result that no replay gives.
        let message = format!("the machine is out of memory: {error:#}");
        Err(Stop::Failed(RunFailure::new(FailureCode::Engine, message)).into())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX && maximum.is_none_or(|maximum| desired <= maximum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(bytes_max: u64) -> MemoryBound {
        MemoryBound::new(bytes_max, Arc::new(MemoryPool::new(u64::MAX)))
    }

    #[test]
    fn guests_share_the_memory_of_the_engine() {
        let pool = Arc::new(MemoryPool::new(150));
        let mut first = MemoryBound::new(100, pool.clone());
        let mut second = MemoryBound::new(100, pool.clone());
        assert!(first.memory_growing(0, 100, None).unwrap());
        assert!(second.memory_growing(0, 50, None).unwrap());
        let error = second.memory_growing(50, 51, None).unwrap_err();
        assert!(matches!(
            error.downcast_ref::<Stop>(),
            Some(Stop::Failed(failure)) if failure.code.is_transient()
        ));
        assert!(!second.refused);
        drop(first);
        assert!(second.memory_growing(50, 100, None).unwrap());
        drop(second);
        assert_eq!(pool.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn memory_is_granted_up_to_the_limit() {
        let mut bound = bound(100);
        assert!(bound.memory_growing(0, 60, None).unwrap());
        // A second memory shares the limit with the first.
        assert!(bound.memory_growing(0, 40, None).unwrap());
        assert!(!bound.refused);
        assert!(!bound.memory_growing(60, 61, None).unwrap());
        assert!(bound.refused);
    }

    #[test]
    fn a_machine_without_memory_is_no_fault_of_the_guest() {
        let mut bound = bound(100);
        let error = bound
            .memory_grow_failed(wasmtime::Error::msg("Cannot allocate memory"))
            .unwrap_err();
        assert!(matches!(
            error.downcast_ref::<Stop>(),
            Some(Stop::Failed(failure)) if failure.code.is_transient()
        ));
        assert!(!bound.refused);
        bound
            .memory_grow_failed(wasmtime::Error::msg(BEYOND_TYPE))
            .unwrap();
        assert!(bound.refused);
    }
}
