//! Recorded clocks. The monotonic one tells the time since 1970 too, which in a run
//! never goes backwards.

use wasmtime::component::{LinkerInstance, Resource};

use super::{Cx, bindings::Datetime, function, poll::Pollable};
use crate::{
    host::fuel::{self, charge},
    state::State,
};

const NANOSECONDS: u64 = 1_000_000_000;
/// Timers count milliseconds.
const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

pub fn link_monotonic(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    function(linker, "now", |store: &mut Cx<'_>, (): ()| {
        Ok(store.data_mut().now()?)
    })?;
    function(linker, "resolution", |_: &mut Cx<'_>, (): ()| Ok(1_u64))?;
    function(
        linker,
        "subscribe-instant",
        |store: &mut Cx<'_>, (instant,): (u64,)| {
            let now = store.data_mut().now()?;
            subscribe(store, instant.saturating_sub(now))
        },
    )?;
    function(
        linker,
        "subscribe-duration",
        |store: &mut Cx<'_>, (duration,): (u64,)| subscribe(store, duration),
    )
}

pub fn link_wall(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    let datetime = |nanoseconds: u64| Datetime {
        seconds: nanoseconds / NANOSECONDS,
        // Less than a second's, so it fits.
        nanoseconds: (nanoseconds % NANOSECONDS) as u32,
    };
    function(linker, "now", move |store: &mut Cx<'_>, (): ()| {
        Ok(datetime(store.data_mut().now()?))
    })?;
    function(linker, "resolution", move |_: &mut Cx<'_>, (): ()| {
        Ok(datetime(1))
    })
}

/// A pollable that is ready after so many nanoseconds.
fn subscribe(store: &mut Cx<'_>, nanoseconds: u64) -> wasmtime::Result<Resource<Pollable>> {
    if nanoseconds == 0 {
        return store.data_mut().wasi.push(Pollable::Ready);
    }
    charge(store, fuel::TIMER)?;
    let state = store.data_mut();
    let id = state.start_timer(nanoseconds.div_ceil(NANOSECONDS_PER_MILLISECOND))?;
    state.wasi.wait_for(id);
    state.wasi.push(Pollable::Timer(id))
}
