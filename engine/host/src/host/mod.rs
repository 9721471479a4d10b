//! The host calls: what guests may import, one module for each interface.
//!
//! A function here takes what the guest passes, pays for it in fuel and then
//! checks it: the replay of a run that was interrupted just before must not come
//! to a check that the run did not. What it does is in [`State`].

mod clock;
mod events;
pub mod fuel;
pub mod http;
pub mod keys;
mod kv;
mod log;
pub mod random;
mod script;

use wasmtime::component::Linker;

use crate::{state::State, wasi};

/// Offers all interfaces of the world `contract` and those of WASI that go with them,
/// and nothing else.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    clock::link(&mut linker.instance("phat:contract/clock@0.1.0")?)?;
    events::link(&mut linker.instance("phat:contract/events@0.1.0")?)?;
    http::link(&mut linker.instance("phat:contract/http@0.1.0")?)?;
    keys::link(&mut linker.instance("phat:contract/keys@0.1.0")?)?;
    kv::link(&mut linker.instance("phat:contract/kv@0.1.0")?)?;
    log::link(&mut linker.instance("phat:contract/log@0.1.0")?)?;
    random::link(&mut linker.instance("phat:contract/random@0.1.0")?)?;
    wasi::link(linker)
}

/// Offers what the world `script-runtime` has besides.
pub fn link_script(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    script::link(&mut linker.instance("phat:contract/script@0.1.0")?)
}
