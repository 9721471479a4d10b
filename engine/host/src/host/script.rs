//! The text of the script, for a guest that interprets one.

use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::state::State;

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap("source", |mut store: StoreContextMut<'_, State>, (): ()| {
        let script = store.data().script.clone();
        charge(&mut store, fuel::CALL + fuel::bytes(script.len()))?;
        Ok((script.to_vec(),))
    })
}
