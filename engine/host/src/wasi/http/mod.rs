//! HTTP requests as WASI has them.
//!
//! A request is sent when it was handed over and its body is finished; the body of its
//! answer is whole when the answer comes. Redirects are not followed. Of the timeouts,
//! only that for the first byte can be set, which stands for the whole request: the
//! setters of the others say that they are not supported, as WASI lets them.

mod body;
mod error;
mod fields;
mod request;
mod response;

use wasmtime::component::{LinkerInstance, Resource};

use self::{
    request::{OutgoingRequest, RequestOptions},
    response::FutureIncomingResponse,
};
use super::{
    Cx,
    bindings::ErrorCode,
    exchange::{self, send},
    function,
};
use crate::{RunFailure, host::http::HEADERS_MAX, journal::Stop, state::State};

/// Offers the types, without those for serving requests.
pub fn link_types(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    fields::link(linker)?;
    request::link(linker)?;
    body::link(linker)?;
    response::link(linker)?;
    error::link(linker)
}

/// Offers what sends a request.
pub fn link_handler(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    function(linker, "handle", handle)
}

fn handle(
    store: &mut Cx<'_>,
    (request, options): (Resource<OutgoingRequest>, Option<Resource<RequestOptions>>),
) -> wasmtime::Result<Result<Resource<FutureIncomingResponse>, ErrorCode>> {
    let state = store.data_mut();
    let options = options
        .map(|options| state.wasi.delete(options))
        .transpose()?;
    let request = state.wasi.delete(request)?;
    let number = request.exchange;
    // Those of an answer, of which there may be more, can be sent on.
    if request.header_count() > HEADERS_MAX {
        let failure = RunFailure::limit("http_request_headers", HEADERS_MAX as u64);
        return Err(Stop::Failed(failure).into());
    }
    let head = match request.head(options.and_then(|options| options.timeout_ms())) {
        Ok(head) => head,
        Err(code) => {
            exchange::unrefer(state, number)?;
            return Ok(Err(code));
        }
    };
    state.wasi.hold(head.byte_count())?;
    state.wasi.exchange(number)?.hand_over(head);
    // What referred to it as a request refers to it as its answer.
    let future = state
        .wasi
        .push(FutureIncomingResponse { exchange: number })?;
    send(store, number)?;
    Ok(Ok(future))
}
