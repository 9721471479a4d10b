//! HTTP requests.

use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::{
    HttpRequest, Redirect, RunFailure, bindings::phat::contract::http, journal::Stop, state::State,
};

/// The most headers of one request: few bytes of the guest become many of the
/// host's, and the client's own map of headers has a bound that it panics at.
pub const HEADERS_MAX: usize = 256;

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap(
        "start",
        |mut store: StoreContextMut<'_, State>, (request,): (http::Request,)| {
            let request = HttpRequest::from(request);
            let bytes = fuel::masked(request.byte_count(), store.data());
            charge(&mut store, fuel::HTTP_REQUEST.saturating_add(bytes))?;
            if request.headers.len() > HEADERS_MAX {
                let failure = RunFailure::limit("http_request_headers", HEADERS_MAX as u64);
                return Err(Stop::Failed(failure).into());
            }
            Ok((store.data_mut().start_request(request)?,))
        },
    )
}

impl From<http::Request> for HttpRequest {
    fn from(request: http::Request) -> Self {
        Self {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: request.body,
            redirect: match request.redirect {
                http::Redirect::Follow => Redirect::Follow,
                http::Redirect::Manual => Redirect::Manual,
                http::Redirect::Error => Redirect::Error,
            },
            timeout_ms: request.timeout_ms,
        }
    }
}
