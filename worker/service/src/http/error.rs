//! Answers that are errors.

use axum::{
    Json,
    extract::rejection::BytesRejection,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use phat_http_server::is_too_slow;
use phat_primitives::WorkerId;
use phat_worker_client::{CALL_INPUT_BYTES_MAX, ErrorAnswer, ErrorBody};
use phat_worker_core::scheduler::Busy;

use crate::{executor::NotRun, journal::JournalError};

/// The name of the error of a worker that lacks the key of its cluster.
const NO_CLUSTER_KEY: &str = "no_cluster_key";
/// Seconds after which to try again where nothing better is known.
const RETRY_AFTER_S: u64 = 1;

/// The code of a run that something broke off.
const INTERRUPTED: &str = "interrupted";

/// An answer that is an error.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// When to try again, if that is known.
    retry_after_s: Option<u64>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after_s: None,
        }
    }

    pub fn no_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "there is nothing at this path",
        )
    }

    pub fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this path needs another method: calls, webhooks and the cluster's key are POST, all else is GET",
        )
    }

    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", what)
    }

    pub fn forbidden(code: &'static str, what: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, what)
    }

    /// There is nothing of this kind, and the code says of which.
    pub fn absent(code: &'static str, what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, what)
    }

    pub fn no_cluster_key() -> Self {
        let message = "the worker does not have the key of its cluster yet; ask another worker";
        Self::unavailable(NO_CLUSTER_KEY, message)
    }

    /// What the worker knows of the Phat chain is too old to act on.
    pub fn stale() -> Self {
        let message = "the worker has seen no new block of the Phat chain for too long; ask another \
                       worker";
        Self::unavailable("stale", message)
    }

    pub fn bad_request(what: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", what)
    }

    /// A call that is encrypted in a way that this worker cannot read.
    pub fn envelope(what: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "envelope", what)
    }

    /// A call to a key of the cluster that this worker does not have.
    pub fn unknown_generation(generation: u32) -> Self {
        let message = format!(
            "this worker does not have generation {generation} of the cluster's key: get the \
             current one from the chain, or ask another worker"
        );
        Self::new(StatusCode::CONFLICT, "unknown_generation", message)
    }

    /// A call that is for another worker.
    pub fn wrong_worker(own: WorkerId) -> Self {
        let message = format!("the call is for another worker, this is {own}");
        Self::new(StatusCode::MISDIRECTED_REQUEST, "wrong_worker", message)
    }

    /// The same, but for what a run that was interrupted says: it may tell what the run did.
    pub fn without_words_of_the_run(self) -> Self {
        match self.code {
            INTERRUPTED => Self {
                message: "the run was interrupted by something that is not its own doing".into(),
                ..self
            },
            _ => self,
        }
    }

    pub fn too_large(max: usize) -> Self {
        let message = format!("the input is longer than {max} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// There is no room, and nothing tells when there will be.
    pub fn busy() -> Self {
        Self::busy_for(Busy {
            retry_after_s: RETRY_AFTER_S,
        })
    }

    fn busy_for(busy: Busy) -> Self {
        Self {
            retry_after_s: Some(busy.retry_after_s),
            ..Self::unavailable("busy", format!("{busy}, or try another worker"))
        }
    }

    pub fn too_slow() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "timeout",
            "the answer took too long",
        )
    }

    pub fn body_too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            "the body came too slowly",
        )
    }

    pub fn stopping() -> Self {
        Self::unavailable("stopping", "the worker is being stopped")
    }

    pub fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorAnswer {
            error: ErrorBody {
                code: self.code.into(),
                message: self.message,
                retry_after_s: self.retry_after_s,
            },
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = self.retry_after_s.unwrap_or(RETRY_AFTER_S);
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

impl From<JournalError> for ApiError {
    fn from(error: JournalError) -> Self {
        Self::unavailable("journal", error.to_string())
    }
}

impl From<NotRun> for ApiError {
    fn from(error: NotRun) -> Self {
        let code = match &error {
            // A call has no turn: the latter two are of firings.
            NotRun::NotServed(_) | NotRun::NotTurn | NotRun::RanElsewhere => "not_served",
            NotRun::Chain(_) | NotRun::Secrets(_) => "chain",
            NotRun::NoCode(_) => "no_code",
            // No other worker runs it either, and waiting does not help.
            NotRun::NoStake(_) => {
                return Self::new(StatusCode::PAYMENT_REQUIRED, "no_stake", error.to_string());
            }
            NotRun::NoClusterKey => NO_CLUSTER_KEY,
            NotRun::Interrupted(_) | NotRun::NotBegun(_) => INTERRUPTED,
            NotRun::Busy(busy) => return Self::busy_for(*busy),
            NotRun::Stopped => "stopping",
        };
        Self::unavailable(code, error.to_string())
    }
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::too_large(CALL_INPUT_BYTES_MAX);
        }
        if is_too_slow(&rejection) {
            return Self::body_too_slow();
        }
        Self::bad_request(rejection.body_text())
    }
}
