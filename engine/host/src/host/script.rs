//! The script, for a guest that interprets one.

use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::state::State;

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap("code", |mut store: StoreContextMut<'_, State>, (): ()| {
        let script = store.data().script.clone();
        let price = (script.source_bytes as u64).saturating_mul(fuel::SCRIPT_BYTE);
        charge(&mut store, fuel::CALL.saturating_add(price))?;
        Ok((script.code.to_vec(),))
    })?;
    linker.func_wrap(
        "code-hash",
        |mut store: StoreContextMut<'_, State>, (): ()| {
            charge(&mut store, fuel::CALL)?;
            // It follows from the code, so a transcript has no need of it.
            Ok((store.data().script.hash.0.to_vec(),))
        },
    )
}
