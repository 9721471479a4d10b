//! Bodies.

use wasmtime::component::{LinkerInstance, Resource};

use super::fields::Fields;
use crate::{
    state::State,
    wasi::{
        Cx,
        bindings::ErrorCode,
        exchange::{send, unrefer},
        function,
        poll::Pollable,
        resource, resource_with,
        streams::{InputStream, OutputStream},
        table::Held,
    },
};

/// The body of a request that is being made.
pub struct OutgoingBody {
    exchange: u32,
    /// What the header `content-length` says.
    length: Option<u64>,
    is_taken: bool,
}

/// The body of an answer, until its stream is taken.
pub struct IncomingBody(pub Option<Vec<u8>>);

/// What comes behind the body of an answer: nothing, at once.
pub struct FutureTrailers {
    is_taken: bool,
}

impl Held for OutgoingBody {}
impl Held for FutureTrailers {}

impl Held for IncomingBody {
    fn held_bytes(&self) -> usize {
        self.0.as_ref().map_or(0, Vec::len)
    }
}

impl OutgoingBody {
    /// The body of a request, whose headers say how long it is, or not.
    pub fn new(exchange: u32, length: Option<u64>) -> Self {
        Self {
            exchange,
            length,
            is_taken: false,
        }
    }
}

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    resource_with::<OutgoingBody>(linker, "outgoing-body", |state, body| {
        abandon(state, body.exchange)
    })?;
    function(linker, "[method]outgoing-body.write", write)?;
    function(linker, "[static]outgoing-body.finish", finish)?;
    resource::<IncomingBody>(linker, "incoming-body")?;
    function(linker, "[method]incoming-body.stream", stream)?;
    function(
        linker,
        "[static]incoming-body.finish",
        |store, (this,): (Resource<IncomingBody>,)| {
            let wasi = &mut store.data_mut().wasi;
            wasi.delete(this)?;
            wasi.push(FutureTrailers { is_taken: false })
        },
    )?;
    resource::<FutureTrailers>(linker, "future-trailers")?;
    function(
        linker,
        "[method]future-trailers.subscribe",
        |store, (this,): (Resource<FutureTrailers>,)| {
            store.data_mut().wasi.push_child(Pollable::Ready, &this)
        },
    )?;
    function(linker, "[method]future-trailers.get", trailers)
}

fn write(
    store: &mut Cx<'_>,
    (this,): (Resource<OutgoingBody>,),
) -> wasmtime::Result<Result<Resource<OutputStream>, ()>> {
    let wasi = &mut store.data_mut().wasi;
    let body = wasi.get_mut(&this)?;
    if body.is_taken {
        return Ok(Err(()));
    }
    body.is_taken = true;
    let exchange = body.exchange;
    Ok(Ok(wasi.push_child(OutputStream { exchange }, &this)?))
}

fn finish(
    store: &mut Cx<'_>,
    (this, trailers): (Resource<OutgoingBody>, Option<Resource<Fields>>),
) -> wasmtime::Result<Result<(), ErrorCode>> {
    let state = store.data_mut();
    let body = state.wasi.delete(this)?;
    let trailers = trailers
        .map(|trailers| state.wasi.delete(trailers))
        .transpose()?;
    let written = state.wasi.exchange(body.exchange)?.body_bytes() as u64;
    let refused = if trailers.is_some_and(|trailers| !trailers.entries.is_empty()) {
        Some(ErrorCode::HttpRequestTrailerSectionSize(Some(0)))
    } else if body.length.is_some_and(|length| length != written) {
        Some(ErrorCode::HttpRequestBodySize(Some(written)))
    } else {
        None
    };
    if let Some(code) = refused {
        abandon(state, body.exchange)?;
        return Ok(Err(code));
    }
    state.wasi.exchange(body.exchange)?.finish_body();
    send(store, body.exchange)?;
    unrefer(store.data_mut(), body.exchange)?;
    Ok(Ok(()))
}

/// Ends a body that is not finished.
fn abandon(state: &mut State, exchange: u32) -> wasmtime::Result<()> {
    let bytes = state.wasi.exchange(exchange)?.abandon_body();
    state.wasi.release(bytes);
    unrefer(state, exchange)
}

fn stream(
    store: &mut Cx<'_>,
    (this,): (Resource<IncomingBody>,),
) -> wasmtime::Result<Result<Resource<InputStream>, ()>> {
    let wasi = &mut store.data_mut().wasi;
    let Some(body) = wasi.get_mut(&this)?.0.take() else {
        return Ok(Err(()));
    };
    wasi.release(body.len());
    let stream = InputStream { body, position: 0 };
    Ok(Ok(wasi.push_child(stream, &this)?))
}

type Trailers = Result<Option<Resource<Fields>>, ErrorCode>;

fn trailers(
    store: &mut Cx<'_>,
    (this,): (Resource<FutureTrailers>,),
) -> wasmtime::Result<Option<Result<Trailers, ()>>> {
    let trailers = store.data_mut().wasi.get_mut(&this)?;
    let was_taken = std::mem::replace(&mut trailers.is_taken, true);
    Ok(Some(if was_taken { Err(()) } else { Ok(Ok(None)) }))
}
