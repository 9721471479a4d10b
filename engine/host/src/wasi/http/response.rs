//! Answers.

use wasmtime::component::{LinkerInstance, Resource};

use super::{body::IncomingBody, fields::Fields};
use crate::{
    Completion, HttpResponse,
    host::fuel::{self, charge},
    state::State,
    wasi::{
        Cx,
        bindings::ErrorCode,
        exchange::{Progress, cancel},
        function,
        poll::{Pollable, wait_if_asked_again},
        resource, resource_with,
        table::Held,
    },
};

/// The answer to a request that was handed over.
pub struct FutureIncomingResponse {
    pub exchange: u32,
}

/// An answer.
pub struct IncomingResponse {
    status: u16,
    headers: Fields,
    /// The body, until it is taken.
    body: Option<Vec<u8>>,
}

impl Held for FutureIncomingResponse {}

impl Held for IncomingResponse {
    fn held_bytes(&self) -> usize {
        self.headers.held_bytes() + self.body.as_ref().map_or(0, Vec::len)
    }
}

impl From<HttpResponse> for IncomingResponse {
    fn from(response: HttpResponse) -> Self {
        Self {
            status: response.status,
            headers: Fields::from_recorded(response.headers),
            body: Some(response.body),
        }
    }
}

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    resource_with::<FutureIncomingResponse>(
        linker,
        "future-incoming-response",
        |state, future| cancel(state, future.exchange),
    )?;
    function(
        linker,
        "[method]future-incoming-response.subscribe",
        |store, (this,): (Resource<FutureIncomingResponse>,)| {
            let wasi = &mut store.data_mut().wasi;
            let exchange = wasi.get(&this)?.exchange;
            wasi.push_child(Pollable::Answer(exchange), &this)
        },
    )?;
    linker.func_wrap_async(
        "[method]future-incoming-response.get",
        |mut store: Cx<'_>, (this,): (Resource<FutureIncomingResponse>,)| {
            Box::new(async move {
                charge(&mut store, fuel::CALL)?;
                loop {
                    let answer = get(&mut store, &this)?;
                    if answer.is_some() || !wait_if_asked_again(&mut store).await? {
                        return Ok((answer,));
                    }
                }
            })
        },
    )?;
    resource::<IncomingResponse>(linker, "incoming-response")?;
    function(
        linker,
        "[method]incoming-response.status",
        |store, (this,): (Resource<IncomingResponse>,)| Ok(store.data().wasi.get(&this)?.status),
    )?;
    function(
        linker,
        "[method]incoming-response.headers",
        |store, (this,): (Resource<IncomingResponse>,)| {
            let headers = store.data().wasi.get(&this)?.headers.fixed();
            charge(store, fuel::bytes(headers.held_bytes()))?;
            store.data_mut().wasi.push_child(headers, &this)
        },
    )?;
    function(linker, "[method]incoming-response.consume", consume)
}

type Answer = Result<Resource<IncomingResponse>, ErrorCode>;

fn get(
    store: &mut Cx<'_>,
    this: &Resource<FutureIncomingResponse>,
) -> wasmtime::Result<Option<Result<Answer, ()>>> {
    let wasi = &mut store.data_mut().wasi;
    let exchange = wasi.get(this)?.exchange;
    let answer = match wasi.take_progress(exchange)? {
        Progress::Over => return Ok(Some(Err(()))),
        Progress::Failed(code) => Err(code),
        Progress::Sent(id) => match wasi.take_completion(id) {
            Some(Completion::Response(response)) => {
                Ok(wasi.push(IncomingResponse::from(response))?)
            }
            Some(Completion::RequestFailed(error)) => Err(error.into()),
            // A timer has no request's number.
            Some(Completion::Timer) | None => {
                wasi.put_progress(exchange, Progress::Sent(id))?;
                return Ok(None);
            }
        },
        progress @ (Progress::Prepared | Progress::Handed(_)) => {
            wasi.put_progress(exchange, progress)?;
            return Ok(None);
        }
    };
    Ok(Some(Ok(answer)))
}

fn consume(
    store: &mut Cx<'_>,
    (this,): (Resource<IncomingResponse>,),
) -> wasmtime::Result<Result<Resource<IncomingBody>, ()>> {
    let wasi = &mut store.data_mut().wasi;
    let Some(body) = wasi.get_mut(&this)?.body.take() else {
        return Ok(Err(()));
    };
    wasi.release(body.len());
    Ok(Ok(wasi.push(IncomingBody(Some(body)))?))
}
