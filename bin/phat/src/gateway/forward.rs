//! One request passed on to a worker, and its answer passed back.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, HeaderName, Method, header},
    response::Response,
};
use futures::{Stream, StreamExt};
use phat_http_server::{MemoryBudget, MemoryShare};
use reqwest::Client;
use thiserror::Error;

/// Headers that concern one connection and are not passed on.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The least memory that is taken for a body at once: one that comes byte by byte
/// is not counted more than once.
const MEMORY_STEP_BYTES: u64 = 64 * 1024;

/// A body with more bytes than the gateway carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the body has more than {0} bytes")]
pub struct BodyTooLarge(pub u64);

/// Why a worker's answer cannot be passed back.
#[derive(Debug, Error)]
pub enum ForwardError {
    /// No connection was made, so the worker has seen nothing of the request.
    #[error("cannot be reached: {0}")]
    NotSent(String),
    /// The worker's answer is too large.
    #[error("gave an answer of more than {0} bytes")]
    AnswerTooLarge(u64),
    /// The worker got the request, or a part of it, and gave no answer.
    #[error("gave no answer: {0}")]
    NoAnswer(String),
}

/// Why a body is not at hand.
#[derive(Debug, Error)]
pub enum CollectError<E> {
    /// It is too large.
    #[error(transparent)]
    TooLarge(#[from] BodyTooLarge),
    /// There is no memory for it.
    #[error("there is no memory for it")]
    NoMemory,
    /// It broke off.
    #[error("it broke off")]
    Broken(E),
}

/// A body with the memory that it takes.
#[derive(Debug)]
pub struct Collected {
    /// The body.
    pub bytes: Bytes,
    /// Its part of the budget.
    pub memory: Option<MemoryShare>,
}

/// Reads a body to its end. Memory is taken as it comes, so that whoever only says
/// that much will come takes none.
pub async fn collect<E>(
    mut chunks: impl Stream<Item = Result<Bytes, E>> + Unpin,
    bytes_max: u64,
    budget: &MemoryBudget,
) -> Result<Collected, CollectError<E>> {
    let mut bytes = Vec::new();
    let mut memory: Option<MemoryShare> = None;
    let mut memory_bytes = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(CollectError::Broken)?;
        let length = bytes.len() as u64 + chunk.len() as u64;
        if length > bytes_max {
            return Err(BodyTooLarge(bytes_max).into());
        }
        if length > memory_bytes {
            let step = MEMORY_STEP_BYTES.max(length - memory_bytes);
            let share = budget.take(step).ok_or(CollectError::NoMemory)?;
            match &mut memory {
                Some(memory) => memory.add(share),
                None => memory = Some(share),
            }
            memory_bytes += step;
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Collected {
        bytes: bytes.into(),
        memory,
    })
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

/// What is passed on.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Time for the whole answer.
    pub time_max: Duration,
}

/// Sends a request to `url` and gives the answer, whatever its status.
pub async fn forward(
    http: &Client,
    url: &str,
    outgoing: &Outgoing,
    response_bytes_max: u64,
) -> Result<Response, ForwardError> {
    let mut headers = outgoing.headers.clone();
    remove_hop_by_hop(&mut headers);
    // That of the body at hand is added when there is one.
    headers.remove(header::CONTENT_LENGTH);
    let mut request = http
        .request(outgoing.method.clone(), url)
        .headers(headers)
        .timeout(outgoing.time_max);
    if !outgoing.body.is_empty() {
        request = request.body(outgoing.body.clone());
    }
    let answer = request.send().await.map_err(|error| {
        let reason = last_cause(&error);
        match error.is_connect() {
            true => ForwardError::NotSent(reason),
            false => ForwardError::NoAnswer(reason),
        }
    })?;

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

/// Why a request failed, without the worker's address, which the first cause names.
pub fn last_cause(error: &reqwest::Error) -> String {
    let error: &(dyn Error + 'static) = error;
    let mut causes = std::iter::successors(Some(error), |cause| (*cause).source());
    let last = causes.by_ref().last();
    last.map(ToString::to_string).unwrap_or_default()
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

    #[tokio::test]
    async fn a_body_that_comes_in_bits_takes_the_memory_that_it_has() {
        let budget = MemoryBudget::new(2 * MEMORY_STEP_BYTES);
        let bits = |count: usize| {
            let bits =
                std::iter::repeat_n("x", count).map(|bit| Ok::<_, std::io::Error>(bit.into()));
            futures::stream::iter(bits)
        };
        let one = MEMORY_STEP_BYTES as usize;
        let first = collect(bits(one), u64::MAX, &budget).await.unwrap();
        assert_eq!(first.bytes.len(), one);
        let second = collect(bits(one + 1), u64::MAX, &budget).await;
        assert!(matches!(second, Err(CollectError::NoMemory)));
        drop(first);
        collect(bits(one + 1), u64::MAX, &budget).await.unwrap();
        let long = collect(bits(5), 4, &budget).await;
        assert!(matches!(long, Err(CollectError::TooLarge(BodyTooLarge(4)))));
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
