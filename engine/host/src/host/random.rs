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
            charge(&mut store, fuel::CALL)?;
            Ok((draw(&mut store, u64::from(length))?,))
        },
    )
}

/// Draws bytes, and charges for them.
pub fn draw(store: &mut StoreContextMut<'_, State>, length: u64) -> wasmtime::Result<Vec<u8>> {
    let bytes = usize::try_from(length).unwrap_or(usize::MAX);
    charge(store, fuel::bytes(bytes))?;
    if length > u64::from(BYTES_MAX) {
        let failure = RunFailure::limit("random_bytes", u64::from(BYTES_MAX));
        return Err(Stop::Failed(failure).into());
    }
    Ok(store.data_mut().random(bytes)?)
}
