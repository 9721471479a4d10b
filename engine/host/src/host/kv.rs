//! The key-value store.

use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::state::State;

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        "get",
        |mut store: StoreContextMut<'_, State>, (key,): (Vec<u8>,)| {
            Box::new(async move {
                charge(&mut store, fuel::KEY + fuel::bytes(key.len()))?;
                let value = store.data_mut().get(key).await?;
                charge(&mut store, fuel::bytes(value.len()))?;
                Ok(((!value.is_empty()).then_some(value),))
            })
        },
    )?;
    linker.func_wrap_async(
        "set",
        |mut store: StoreContextMut<'_, State>, (key, value): (Vec<u8>, Vec<u8>)| {
            Box::new(async move {
                charge(&mut store, fuel::KEY + fuel::bytes(key.len() + value.len()))?;
                Ok(store.data_mut().set(key, value).await?)
            })
        },
    )?;
    linker.func_wrap_async(
        "delete",
        |mut store: StoreContextMut<'_, State>, (key,): (Vec<u8>,)| {
            Box::new(async move {
                charge(&mut store, fuel::KEY + fuel::bytes(key.len()))?;
                Ok(store.data_mut().set(key, Vec::new()).await?)
            })
        },
    )
}
