//! Recorded random numbers. Those that may be insecure are as good as the others.

use wasmtime::component::LinkerInstance;

use super::{Cx, function};
use crate::{
    host::{
        fuel::{self, charge},
        random::draw,
    },
    state::State,
};

pub fn link_random(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    function(linker, "get-random-bytes", bytes)?;
    function(linker, "get-random-u64", number)
}

pub fn link_insecure(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    function(linker, "get-insecure-random-bytes", bytes)?;
    function(linker, "get-insecure-random-u64", number)
}

pub fn link_seed(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    function(linker, "insecure-seed", |store: &mut Cx<'_>, (): ()| {
        Ok((number(store, ())?, number(store, ())?))
    })
}

fn bytes(store: &mut Cx<'_>, (length,): (u64,)) -> wasmtime::Result<Vec<u8>> {
    draw(store, length)
}

fn number(store: &mut Cx<'_>, (): ()) -> wasmtime::Result<u64> {
    charge(store, fuel::bytes(size_of::<u64>()))?;
    let drawn = store.data_mut().random(size_of::<u64>())?;
    let bytes = drawn.first_chunk().copied().unwrap_or_default();
    Ok(u64::from_le_bytes(bytes))
}
