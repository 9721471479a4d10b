//! Waiting for requests and timers.

use wasmtime::component::{LinkerInstance, Resource};

use super::{Cx, resource_with, table::Held};
use crate::{
    FailureCode, RunFailure,
    host::fuel::{self, charge},
    journal::Stop,
    state::State,
};

/// What looking at one pollable costs, in bytes.
const POLLABLE_BYTES: usize = 32;

/// What can be waited for.
#[derive(Clone, Copy)]
pub enum Pollable {
    /// What is in memory.
    Ready,
    /// The timer with this number.
    Timer(u32),
    /// The answer to the request with this number, which is one of
    /// [`Wasi`](super::Wasi).
    Answer(u32),
}

impl Held for Pollable {}

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    resource_with::<Pollable>(linker, "pollable", |state, pollable| {
        if let Pollable::Timer(id) = pollable
            && state.wasi.forget(id)
        {
            state.cancel(id)?;
        }
        Ok(())
    })?;
    linker.func_wrap_async(
        "[method]pollable.ready",
        |mut store: Cx<'_>, (this,): (Resource<Pollable>,)| {
            Box::new(async move {
                charge(&mut store, fuel::CALL)?;
                while !is_ready(&mut store, &this)? {
                    if !wait_if_asked_again(&mut store).await? {
                        return Ok((false,));
                    }
                }
                Ok((true,))
            })
        },
    )?;
    linker.func_wrap_async(
        "[method]pollable.block",
        |mut store: Cx<'_>, (this,): (Resource<Pollable>,)| {
            Box::new(async move {
                charge(&mut store, fuel::CALL)?;
                while !is_ready(&mut store, &this)? {
                    wait(&mut store).await?;
                }
                Ok(())
            })
        },
    )?;
    linker.func_wrap_async(
        "poll",
        |mut store: Cx<'_>, (pollables,): (Vec<Resource<Pollable>>,)| {
            Box::new(async move {
                charge(&mut store, fuel::CALL)?;
                Ok((poll(&mut store, &pollables).await?,))
            })
        },
    )
}

/// The positions of those that are ready, once there is one.
async fn poll(store: &mut Cx<'_>, pollables: &[Resource<Pollable>]) -> wasmtime::Result<Vec<u32>> {
    if pollables.is_empty() {
        return Err(wasmtime::Error::msg("poll was called without a pollable"));
    }
    loop {
        charge(store, fuel::bytes(pollables.len() * POLLABLE_BYTES))?;
        let mut ready = Vec::new();
        for (position, pollable) in (0..).zip(pollables) {
            if is_ready(store, pollable)? {
                ready.push(position);
            }
        }
        if !ready.is_empty() {
            return Ok(ready);
        }
        wait(store).await?;
    }
}

fn is_ready(store: &mut Cx<'_>, pollable: &Resource<Pollable>) -> wasmtime::Result<bool> {
    let wasi = &mut store.data_mut().wasi;
    match *wasi.get(pollable)? {
        Pollable::Ready => Ok(true),
        Pollable::Timer(id) => Ok(wasi.completion(id).is_some()),
        Pollable::Answer(number) => wasi.is_answered(number),
    }
}

/// Waits for the next event, if a guest asks for the second time what it could have
/// waited for. Whether something is ready would else be one more thing to record each
/// time, and a guest that does nothing but ask would get nowhere.
pub async fn wait_if_asked_again(store: &mut Cx<'_>) -> wasmtime::Result<bool> {
    let is_again = std::mem::replace(&mut store.data_mut().wasi.asked_in_vain, true);
    if is_again {
        wait(store).await?;
    }
    Ok(is_again)
}

/// Waits for the next event, whosever it is.
async fn wait(store: &mut Cx<'_>) -> wasmtime::Result<()> {
    let Some(event) = store.data_mut().next_event().await? else {
        let message = "it polls what nothing can make ready any more, such as the answer to a \
                       request whose body is not finished";
        let failure = RunFailure::new(FailureCode::NeverSettles, message);
        return Err(Stop::Failed(failure).into());
    };
    charge(store, fuel::bytes(event.completion.byte_count()))?;
    let wasi = &mut store.data_mut().wasi;
    wasi.asked_in_vain = false;
    Ok(wasi.arrived(event)?)
}
