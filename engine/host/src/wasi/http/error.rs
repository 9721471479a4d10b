//! Why a request has no answer, in WASI's terms.

use wasmtime::component::{LinkerInstance, Resource};

use crate::{
    HttpError, HttpErrorCode,
    state::State,
    wasi::{
        bindings::{DnsErrorPayload, ErrorCode},
        function,
        io::IoError,
    },
};

impl From<HttpError> for ErrorCode {
    fn from(error: HttpError) -> Self {
        match error.code {
            HttpErrorCode::HostNotAllowed => Self::HttpRequestDenied,
            HttpErrorCode::AddressRefused => Self::DestinationIpProhibited,
            HttpErrorCode::Dns => Self::DnsError(DnsErrorPayload {
                rcode: None,
                info_code: None,
            }),
            HttpErrorCode::Connect => Self::DestinationUnavailable,
            HttpErrorCode::Tls => Self::TlsProtocolError,
            HttpErrorCode::Timeout => Self::HttpResponseTimeout,
            HttpErrorCode::Protocol => Self::HttpProtocolError,
            // WASI has no word for these, and the message names the limit.
            HttpErrorCode::InvalidRequest | HttpErrorCode::Limit | HttpErrorCode::Redirect => {
                Self::InternalError(Some(error.message))
            }
        }
    }
}

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    function(
        linker,
        "http-error-code",
        |store, (error,): (Resource<IoError>,)| {
            let message = store.data().wasi.get(&error)?.0.clone();
            Ok(Some(ErrorCode::InternalError(Some(message))))
        },
    )
}
