//! Recorded random bytes.

use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::{RunFailure, journal::Stop, state::State};

/// The most bytes of one call.
pub const BYTES_MAX: u32 = 65_536;

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap(
        "bytes",
        |mut store: StoreContextMut<'_, State>, (length,): (u32,)| {
            charge(&mut store, fuel::CALL + fuel::bytes(length as usize))?;
            if length > BYTES_MAX {
                let failure = RunFailure::limit("random_bytes", u64::from(BYTES_MAX));
                return Err(Stop::Failed(failure).into());
            }
            let length = length as usize;
            Ok((store.data_mut().random(length)?,))
        },
    )
}
