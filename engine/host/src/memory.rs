//! The bound on the memory of a guest.

use wasmtime::ResourceLimiter;

/// The most elements of one table. A guest's table holds its functions.
pub const TABLE_ELEMENTS_MAX: usize = 65_536;

/// Grants memory up to a limit, all memories of the guest together.
pub struct MemoryBound {
    bytes_max: u64,
    bytes: u64,
    /// Whether the guest was ever refused memory.
    pub refused: bool,
}

impl MemoryBound {
    pub fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max,
            bytes: 0,
            refused: false,
        }
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
        self.bytes = total;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        // The machine has less than the limit grants: for the guest, that is the same.
        self.refused = true;
        Ok(())
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
