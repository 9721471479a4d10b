//! The recorded clock.

use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::state::State;

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap("now", |mut store: StoreContextMut<'_, State>, (): ()| {
        charge(&mut store, fuel::CALL)?;
        Ok((store.data_mut().now()?,))
    })
}
