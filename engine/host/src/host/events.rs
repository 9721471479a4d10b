//! Timers, and waiting for what was started.

use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::{
    Completion, Event, HttpError, HttpErrorCode, HttpResponse,
    bindings::phat::contract::{events, http},
    state::State,
};

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap(
        "start-timer",
        |mut store: StoreContextMut<'_, State>, (duration_ms,): (u64,)| {
            charge(&mut store, fuel::TIMER)?;
            Ok((store.data_mut().start_timer(duration_ms)?,))
        },
    )?;
    linker.func_wrap(
        "cancel",
        |mut store: StoreContextMut<'_, State>, (id,): (u32,)| {
            charge(&mut store, fuel::CALL)?;
            let state = store.data_mut();
            state.wasi.forget_other(id);
            Ok(state.cancel(id)?)
        },
    )?;
    linker.func_wrap_async("next", |mut store: StoreContextMut<'_, State>, (): ()| {
        Box::new(async move {
            charge(&mut store, fuel::CALL)?;
            Ok((next(&mut store).await?.map(events::Event::from),))
        })
    })
}

/// The next event that is not one for WASI.
async fn next(store: &mut StoreContextMut<'_, State>) -> wasmtime::Result<Option<Event>> {
    if let Some(event) = store.data_mut().wasi.next_of_others() {
        return Ok(Some(event));
    }
    loop {
        let Some(event) = store.data_mut().next_event().await? else {
            return Ok(None);
        };
        let bytes = fuel::masked(event.completion.byte_count(), store.data());
        charge(store, bytes)?;
        let wasi = &mut store.data_mut().wasi;
        if !wasi.waits_for(event.id) {
            return Ok(Some(event));
        }
        wasi.arrived(event)?;
    }
}

impl Completion {
    /// The bytes that it has for the guest.
    pub(crate) fn byte_count(&self) -> usize {
        match self {
            Self::Response(response) => response.byte_count(),
            Self::RequestFailed(error) => error.message.len(),
            Self::Timer => 0,
        }
    }
}

impl From<Event> for events::Event {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            completion: match event.completion {
                Completion::Response(response) => events::Completion::Http(Ok(response.into())),
                Completion::RequestFailed(error) => events::Completion::Http(Err(error.into())),
                Completion::Timer => events::Completion::Timer,
            },
        }
    }
}

impl From<HttpResponse> for http::Response {
    fn from(response: HttpResponse) -> Self {
        Self {
            status: response.status,
            url: response.url,
            redirected: response.redirected,
            headers: response.headers,
            body: response.body,
        }
    }
}

impl From<HttpError> for http::Error {
    fn from(error: HttpError) -> Self {
        Self {
            code: match error.code {
                HttpErrorCode::InvalidRequest => http::ErrorCode::InvalidRequest,
                HttpErrorCode::HostNotAllowed => http::ErrorCode::HostNotAllowed,
                HttpErrorCode::AddressRefused => http::ErrorCode::AddressRefused,
                HttpErrorCode::Dns => http::ErrorCode::Dns,
                HttpErrorCode::Connect => http::ErrorCode::Connect,
                HttpErrorCode::Tls => http::ErrorCode::Tls,
                HttpErrorCode::Timeout => http::ErrorCode::Timeout,
                HttpErrorCode::Limit => http::ErrorCode::Limit,
                HttpErrorCode::Redirect => http::ErrorCode::Redirect,
                HttpErrorCode::Protocol => http::ErrorCode::Protocol,
            },
            message: error.message,
        }
    }
}
