//! The interfaces of WASI 0.2 that contracts may use: HTTP requests, streams, clocks
//! and random numbers.
//!
//! All of them stand on the same recorded calls of [`State`] as `phat:contract`, so a
//! run that uses them is replayed like any other. What is in memory anyway, such as
//! the body of an answer, is no host call of the transcript: reading it gives the same
//! in every replay.
//!
//! Functions that no contract needs are not linked: those for serving requests. A
//! component that imports one of them is refused with its name.

mod bindings;
mod clocks;
mod exchange;
mod http;
mod io;
mod poll;
mod random;
mod streams;
mod table;

use wasmtime::{
    StoreContextMut,
    component::{
        ComponentNamedList, ComponentType, Lift, Linker, LinkerInstance, Lower, Resource,
        ResourceType,
    },
};

use self::table::Held;
pub use self::table::{WASI_BYTES_MAX, WASI_RESOURCES_MAX, Wasi};
use crate::{
    host::fuel::{self, charge},
    state::State,
};

/// The interfaces that are offered, in any version 0.2.
pub const OFFERED: [&str; 10] = [
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// The store of a run in a host call.
type Cx<'a> = StoreContextMut<'a, State>;

/// Offers all of them. The linker takes any version 0.2 for the one that is named.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    io::link(&mut linker.instance("wasi:io/error@0.2.12")?)?;
    poll::link(&mut linker.instance("wasi:io/poll@0.2.12")?)?;
    streams::link(&mut linker.instance("wasi:io/streams@0.2.12")?)?;
    clocks::link_monotonic(&mut linker.instance("wasi:clocks/monotonic-clock@0.2.12")?)?;
    clocks::link_wall(&mut linker.instance("wasi:clocks/wall-clock@0.2.12")?)?;
    random::link_random(&mut linker.instance("wasi:random/random@0.2.12")?)?;
    random::link_insecure(&mut linker.instance("wasi:random/insecure@0.2.12")?)?;
    random::link_seed(&mut linker.instance("wasi:random/insecure-seed@0.2.12")?)?;
    http::link_types(&mut linker.instance("wasi:http/types@0.2.12")?)?;
    http::link_handler(&mut linker.instance("wasi:http/outgoing-handler@0.2.12")?)
}

/// Offers a function. It pays for the call; what it costs besides, `call` charges.
fn function<P, R>(
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    call: impl Fn(&mut Cx<'_>, P) -> wasmtime::Result<R> + Send + Sync + 'static,
) -> wasmtime::Result<()>
where
    P: ComponentNamedList + Lift + 'static,
    R: ComponentType + Lower + 'static,
{
    linker.func_wrap(name, move |mut store: Cx<'_>, parameters: P| {
        charge(&mut store, fuel::CALL)?;
        Ok((call(&mut store, parameters)?,))
    })
}

/// Offers a type of resource whose end needs nothing but forgetting it.
fn resource<T: Held>(linker: &mut LinkerInstance<'_, State>, name: &str) -> wasmtime::Result<()> {
    resource_with::<T>(linker, name, |_, _| Ok(()))
}

/// Offers a type of resource, with what its end means.
fn resource_with<T: Held>(
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    end: impl Fn(&mut State, T) -> wasmtime::Result<()> + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    linker.resource(name, ResourceType::host::<T>(), move |mut store, handle| {
        charge(&mut store, fuel::CALL)?;
        let state = store.data_mut();
        let resource = state.wasi.delete(Resource::<T>::new_own(handle))?;
        end(state, resource)
    })
}
