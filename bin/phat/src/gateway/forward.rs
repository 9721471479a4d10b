//! One request passed on to a worker, and its answer passed back.

use std::{
    error::Error,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    response::Response,
};
use futures::{Stream, StreamExt};
use reqwest::Client;
use thiserror::Error;

/// Headers that concern one connection and are not passed on.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A body with more bytes than the gateway carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the body has more than {0} bytes")]
pub struct BodyTooLarge(u64);

/// Why a worker's answer cannot be passed back.
#[derive(Debug, Error)]
pub enum ForwardError {
    /// No connection was made, so the worker has seen nothing of the request.
    #[error("cannot be reached: {0}")]
    NotSent(String),
    /// The request's body is too large; the worker got a part of it at most.
    #[error(transparent)]
    TooLarge(#[from] BodyTooLarge),
    /// The worker's answer is too large.
    #[error("gave an answer of more than {0} bytes")]
    AnswerTooLarge(u64),
    /// The worker got the request, or a part of it, and gave no answer.
    #[error("gave no answer: {0}")]
    NoAnswer(String),
}

/// A request's body that is given to a worker once, when the worker's connection
/// asks for its first bytes. Until then it can be given to another.
#[derive(Clone)]
pub struct PendingBody(Arc<Mutex<Option<Bounded>>>);

impl PendingBody {
    /// A body of at most `bytes_max` bytes.
    pub fn new(body: Body, bytes_max: u64) -> Self {
        Self(Arc::new(Mutex::new(Some(Bounded::new(body, bytes_max)))))
    }

    fn take(&self) -> Option<Bounded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn is_taken(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none()
    }

    /// The body as a stream that takes it at the first poll.
    fn stream(&self) -> impl Stream<Item = Result<Bytes, axum::BoxError>> + Send + use<> {
        let pending = self.clone();
        futures::stream::once(async move { pending.take() })
            .filter_map(std::future::ready)
            .flatten()
    }
}

/// A body that ends with an error when it is too long.
struct Bounded {
    body: BodyDataStream,
    bytes_left: u64,
    bytes_max: u64,
}

impl Bounded {
    fn new(body: Body, bytes_max: u64) -> Self {
        Self {
            body: body.into_data_stream(),
            bytes_left: bytes_max,
            bytes_max,
        }
    }
}

impl Stream for Bounded {
    type Item = Result<Bytes, axum::BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.body.poll_next_unpin(context);
        polled.map(|item| match item? {
            Ok(bytes) => match self.bytes_left.checked_sub(bytes.len() as u64) {
                Some(left) => {
                    self.bytes_left = left;
                    Some(Ok(bytes))
                }
                None => Some(Err(BodyTooLarge(self.bytes_max).into())),
            },
            Err(error) => Some(Err(error.into())),
        })
    }
}

/// What is passed on besides the body.
#[derive(Clone, Debug)]
pub struct Head {
    /// The method.
    pub method: Method,
    /// The headers as they came.
    pub headers: HeaderMap,
}

/// Sends a request to `url` and gives the answer, whatever its status.
pub async fn forward(
    http: &Client,
    url: &str,
    head: &Head,
    body: &PendingBody,
    response_bytes_max: u64,
) -> Result<Response, ForwardError> {
    let mut headers = head.headers.clone();
    remove_hop_by_hop(&mut headers);
    let mut request = http.request(head.method.clone(), url).headers(headers);
    if has_body(&head.headers) {
        request = request.body(reqwest::Body::wrap_stream(body.stream()));
    }
    let answer = request
        .send()
        .await
        .map_err(|error| classify(&error, body))?;

    if declared_too_large(answer.headers(), response_bytes_max).is_some() {
        return Err(ForwardError::AnswerTooLarge(response_bytes_max));
    }

    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    remove_hop_by_hop(response.headers_mut());
    let body = Body::from_stream(answer.bytes_stream());
    // An answer that is longer than it said is cut off.
    *response.body_mut() = Body::from_stream(Bounded::new(body, response_bytes_max));
    Ok(response)
}

fn classify(error: &reqwest::Error, body: &PendingBody) -> ForwardError {
    let is_connect = error.is_connect();
    let error: &(dyn Error + 'static) = error;
    let causes = || std::iter::successors(Some(error), |cause| (*cause).source());
    if let Some(too_large) = causes().find_map(|cause| cause.downcast_ref::<BodyTooLarge>()) {
        return (*too_large).into();
    }
    // The last cause alone: the first names the worker's address.
    let reason = causes().last().map(ToString::to_string).unwrap_or_default();
    if is_connect && !body.is_taken() {
        ForwardError::NotSent(reason)
    } else {
        ForwardError::NoAnswer(reason)
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length != "0")
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    // A header that `Connection` names is for this connection only, too.
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
    headers.remove("keep-alive");
}

/// Whether a message says itself that its body is too large.
pub fn declared_too_large(headers: &HeaderMap, bytes_max: u64) -> Option<BodyTooLarge> {
    let declared: u64 = headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    (declared > bytes_max).then_some(BodyTooLarge(bytes_max))
}

/// Whether an answer means that another worker may have what was asked for.
pub fn is_missing(response: &Response) -> bool {
    response.status() == StatusCode::NOT_FOUND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_of_unknown_length_ends_with_an_error_past_the_bound() {
        let read = async |bytes_max| {
            let chunks = ["123", "45"].map(Ok::<_, std::io::Error>);
            let body = Body::from_stream(futures::stream::iter(chunks));
            let items: Vec<_> = Bounded::new(body, bytes_max).collect().await;
            items
                .into_iter()
                .map(|item| item.map_err(|error| error.to_string()))
                .collect::<Vec<_>>()
        };
        assert_eq!(read(5).await, [Ok("123".into()), Ok("45".into())]);
        let too_large = Err("the body has more than 4 bytes".to_owned());
        assert_eq!(read(4).await, [Ok("123".into()), too_large]);
    }

    #[test]
    fn headers_of_the_connection_stay_behind() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Only-Here"),
            ("x-only-here", "1"),
            ("transfer-encoding", "chunked"),
            ("keep-alive", "1"),
            ("content-type", "application/json"),
        ] {
            headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["content-type"]);
    }
}
