//! Errors of streams.

use wasmtime::component::{LinkerInstance, Resource};

use super::{Cx, function, resource, table::Held};
use crate::state::State;

/// Why an operation on a stream failed.
pub struct IoError(pub String);

impl Held for IoError {
    fn held_bytes(&self) -> usize {
        self.0.len()
    }
}

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    resource::<IoError>(linker, "error")?;
    function(
        linker,
        "[method]error.to-debug-string",
        |store: &mut Cx<'_>, (this,): (Resource<IoError>,)| {
            Ok(store.data().wasi.get(&this)?.0.clone())
        },
    )
}
