//! What goes wrong with a request, in the terms of the contract.

use std::{error::Error, io};

use crate::{
    HttpError, HttpErrorCode, HttpRequest, HttpResponse, RunFailure,
    egress::resolver::ResolveError, outcome::cut,
};

/// The most bytes of an error's message, which may quote what the contract or
/// the server sent.
const MESSAGE_BYTES_MAX: usize = 1024;

/// A request without an answer.
#[derive(Debug)]
pub enum FetchError {
    /// The contract gets the error.
    Request(HttpError),
    /// The engine cannot go on with the run, which is no fault of the contract.
    Run(RunFailure),
}

impl From<HttpError> for FetchError {
    fn from(error: HttpError) -> Self {
        Self::Request(error)
    }
}

impl From<RunFailure> for FetchError {
    fn from(failure: RunFailure) -> Self {
        Self::Run(failure)
    }
}

impl HttpError {
    pub(crate) fn new(code: HttpErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: cut(&message.into(), MESSAGE_BYTES_MAX).to_owned(),
        }
    }

    pub(crate) fn limit(name: &str, max: u64) -> Self {
        Self::new(
            HttpErrorCode::Limit,
            format!("the limit {name} of {max} was reached"),
        )
    }

    /// The kind of error behind what the client says. `is_connect` tells whether
    /// there was no connection yet.
    pub(super) fn of_client(host: &str, error: &(dyn Error + 'static), is_connect: bool) -> Self {
        let mut innermost = error.to_string();
        let mut next = Some(error);
        while let Some(cause) = next {
            innermost = cause.to_string();
            if let Some(error) = cause.downcast_ref::<ResolveError>() {
                return error.to_http(host);
            }
            if let Some(error) = cause.downcast_ref::<rustls::Error>() {
                return Self::new(
                    HttpErrorCode::Tls,
                    format!("{host}: the connection is not trusted: {error}"),
                );
            }
            // An I/O error does not give the error that it wraps as its source.
            next = match cause
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref)
            {
                Some(wrapped) => Some(wrapped),
                None => cause.source(),
            };
        }
        let (code, what) = if is_connect {
            (HttpErrorCode::Connect, "no connection")
        } else {
            (HttpErrorCode::Protocol, "the connection failed")
        };
        Self::new(code, format!("{host}: {what}: {innermost}"))
    }
}

impl HttpRequest {
    /// What counts towards the limit on requests.
    pub(crate) fn byte_count(&self) -> usize {
        self.url.len() + self.method.len() + headers_bytes(&self.headers) + self.body.len()
    }
}

impl HttpResponse {
    /// What the response costs the contract.
    pub(crate) fn byte_count(&self) -> usize {
        headers_bytes(&self.headers) + self.body.len()
    }

    /// What counts towards the limit on responses: the bytes that were received,
    /// of which each character of a header's value stands for one.
    pub(crate) fn received_bytes(&self) -> u64 {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| name.len() + value.chars().count());
        (headers.sum::<usize>() + self.body.len()) as u64
    }
}

fn headers_bytes(headers: &[(String, String)]) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum()
}
