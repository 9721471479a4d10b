//! Components as machine code.
#![allow(
    unsafe_code,
    reason = "wasmtime cannot tell what machine code does, so who loads it must know where it is from"
)]

use phat_primitives::blake2_256;
use wasmtime::{Engine, component::Component};

use crate::cache::{Cache, Kind};

/// A component that is compiled.
pub struct Compiled {
    pub component: Component,
    /// About how much memory its machine code takes.
    pub bytes: usize,
}

/// Compiles a component, or takes what was compiled of it before.
pub fn component(
    engine: &Engine,
    cache: Option<&Cache>,
    code: &[u8],
) -> Result<Compiled, wasmtime::Error> {
    let hash = blake2_256(code);
    if let Some(machine) = cache.and_then(|cache| cache.get(Kind::Machine, &hash)) {
        match load(engine, &machine) {
            Ok(compiled) => return Ok(compiled),
            // Made on another processor, or by another build.
            Err(error) => tracing::debug!(%error, "kept machine code does not fit: made anew"),
        }
    }
    let machine = engine.precompile_component(code)?;
    if let Some(cache) = cache {
        cache.put(Kind::Machine, &hash, &machine);
    }
    load(engine, &machine)
}

/// A component once more. Its instances get memory that none of the other's had, as long as
/// there is some.
pub fn again(engine: &Engine, component: &Component) -> Result<Component, wasmtime::Error> {
    Ok(load(engine, &component.serialize()?)?.component)
}

/// Loads machine code that this file has made itself, now or before: what it kept is sealed
/// with a key that nobody else has.
fn load(engine: &Engine, machine: &[u8]) -> Result<Compiled, wasmtime::Error> {
    // SAFETY: see above; nothing writes to the bytes between the check of their seal
    // and here.
    let component = unsafe { Component::deserialize(engine, machine)? };
    Ok(Compiled {
        component,
        bytes: machine.len(),
    })
}
