//! The bound on the memory of a guest.

use wasmtime::ResourceLimiter;

use crate::{FailureCode, RunFailure, journal::Stop, shares::Charge};

/// The most elements of one table. A guest's table holds its functions.
pub const TABLE_ELEMENTS_MAX: usize = 65_536;

/// How much of its memory an instance leaves in place for the next one, which starts
/// with the same contents: written anew, it needs no page faults.
pub const MEMORY_KEPT_BYTES: usize = 4 * 1024 * 1024;

/// What wasmtime says where a guest asks for more than its type of memory can
/// have, before it asks for the limit.
const BEYOND_TYPE: &str = "memory growth exceeds memory type's limits";

/// Grants memory up to a limit, all memories of the guest together.
pub struct MemoryBound {
    /// The limit.
    pub bytes_max: u64,
    bytes: u64,
    charge: Charge,
    /// Whether the guest was ever refused memory.
    pub refused: bool,
}

impl MemoryBound {
    pub fn new(bytes_max: u64, charge: Charge) -> Self {
        Self {
            bytes_max,
            bytes: 0,
            charge,
            refused: false,
        }
    }

    /// How much the guest has.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What it is counted on.
    pub fn charge(&self) -> &Charge {
        &self.charge
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
        // A guest within its own limit is refused for what others have: not its
        // failure, and not for it to see.
        self.charge.add(more).map_err(Stop::Failed)?;
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
    use std::sync::Arc;

    use phat_primitives::ContractId;

    use super::*;
    use crate::{
        RunClass,
        shares::{Bounds, Place, Shares},
    };

    fn place(memory_bytes: u64) -> Place {
        let bounds = Bounds {
            anchor_runs: 4,
            calls: 4,
            memory_bytes,
            requests: 4,
            lookups: 4,
        };
        Arc::new(Shares::new(bounds))
            .enter(RunClass::Anchor, ContractId([1; 32]))
            .unwrap()
    }

    #[test]
    fn guests_share_the_memory_of_the_engine() {
        let place = place(150);
        let mut first = MemoryBound::new(100, place.account().charge());
        let mut second = MemoryBound::new(100, place.account().charge());
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
    }

    #[test]
    fn memory_is_granted_up_to_the_limit() {
        let mut bound = MemoryBound::new(100, place(1_000).account().charge());
        assert!(bound.memory_growing(0, 60, None).unwrap());
        // A second memory shares the limit with the first.
        assert!(bound.memory_growing(0, 40, None).unwrap());
        assert!(!bound.refused);
        assert!(!bound.memory_growing(60, 61, None).unwrap());
        assert!(bound.refused);
    }

    #[test]
    fn a_machine_without_memory_is_no_fault_of_the_guest() {
        let mut bound = MemoryBound::new(100, place(1_000).account().charge());
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
