//! The client: one request of a contract, with its redirects.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use phat_manifest::Limits;
use tokio::sync::Semaphore;
use url::Url;

use super::{
    body::{Allowance, Body},
    connections::{Connections, Egress},
    decoder::{Coding, Decoder},
    error::FetchError,
    headers::{
        add_defaults, remove_credentials, remove_of_body, request_headers, response_headers,
    },
    hosts::AllowedHosts,
};
use crate::{
    CertificateChainHash, FailureCode, HttpError, HttpErrorCode, HttpRequest, HttpResponse,
    Redirect, RunFailure,
    shares::{Charge, Place, Turns},
};

/// How many bytes of a body are decoded before other tasks have a turn.
const DECODED_AT_ONCE_BYTES: usize = 4096;

/// The way out of one run.
pub struct RunEgress {
    egress: Arc<Egress>,
    connections: Arc<Connections>,
    allowed_hosts: AllowedHosts,
    limits: Limits,
    permits: Semaphore,
    turns: Turns,
    requests: Allowance,
    bytes: Allowance,
}

/// A request that a run may make.
pub struct Prepared {
    pub url: Url,
    method: Method,
    headers: HeaderMap,
}

impl RunEgress {
    pub fn new(
        egress: Arc<Egress>,
        allowed_hosts: &[String],
        limits: &Limits,
        place: &Place,
    ) -> Self {
        let concurrent = usize::try_from(limits.http_requests_concurrent)
            .unwrap_or(Semaphore::MAX_PERMITS)
            .min(Semaphore::MAX_PERMITS);
        Self {
            connections: egress.connections(place),
            egress,
            allowed_hosts: AllowedHosts::new(allowed_hosts),
            limits: limits.clone(),
            permits: Semaphore::new(concurrent),
            turns: place.requests.clone(),
            requests: Allowance::new("http_requests", limits.http_requests),
            bytes: Allowance::new("transcript_bytes", limits.transcript_bytes),
        }
    }

    /// A request as it is sent, if the run may make it.
    pub fn prepare(&self, request: &HttpRequest) -> Result<Prepared, HttpError> {
        let limits = &self.limits;
        if request.byte_count() as u64 > limits.http_request_bytes {
            return Err(HttpError::limit(
                "http_request_bytes",
                limits.http_request_bytes,
            ));
        }
        let invalid = |message| HttpError::new(HttpErrorCode::InvalidRequest, message);
        let mut url = Url::parse(&request.url)
            .map_err(|error| invalid(format!("{}: {error}", request.url)))?;
        let method = Method::from_bytes(request.method.as_bytes())
            .ok()
            .filter(|method| !matches!(*method, Method::CONNECT | Method::TRACE))
            .ok_or_else(|| invalid(format!("the method {:?} is not allowed", request.method)))?;
        let mut headers = request_headers(&request.headers)?;
        add_defaults(&mut headers);
        self.check(&url)?;
        url.set_fragment(None);
        Ok(Prepared {
            url,
            method,
            headers,
        })
    }

    /// Makes a request of the contract. What is received counts as `charge`.
    pub async fn fetch(
        &self,
        request: HttpRequest,
        charge: &mut Charge,
    ) -> Result<HttpResponse, FetchError> {
        let limits = &self.limits;
        let prepared = self.prepare(&request)?;
        let time_ms = request
            .timeout_ms
            .unwrap_or(u64::MAX)
            .min(limits.http_time_ms);
        // Those that wait for their turn do not use up their time.
        let permit = self.permits.acquire().await;
        let turn = self.turns.next().await;
        let answer = tokio::time::timeout(
            Duration::from_millis(time_ms),
            self.follow(prepared, request, charge),
        )
        .await;
        drop((permit, turn));
        answer.unwrap_or_else(|_| {
            let message =
                format!("no whole answer within {time_ms} ms (the limit is http_time_ms)");
            Err(HttpError::new(HttpErrorCode::Timeout, message).into())
        })
    }

    async fn follow(
        &self,
        prepared: Prepared,
        request: HttpRequest,
        charge: &mut Charge,
    ) -> Result<HttpResponse, FetchError> {
        let invalid = |message| HttpError::new(HttpErrorCode::InvalidRequest, message);
        let Prepared {
            mut url,
            mut method,
            mut headers,
        } = prepared;
        // Sent again after a redirect, without a copy.
        let mut body = Bytes::from(request.body);
        let mut redirects = 0;
        loop {
            if self.egress.reachable(url.scheme() == "https").is_none() {
                return Err(invalid(format!("{url}: only https is allowed")).into());
            }
            self.requests.take(1)?;
            let uri =
                Uri::try_from(url.as_str()).map_err(|error| invalid(format!("{url}: {error}")))?;
            let host = url.host_str().unwrap_or_default().to_owned();
            let mut asked = Request::new(Full::new(body.clone()));
            *asked.method_mut() = method.clone();
            *asked.uri_mut() = uri;
            *asked.headers_mut() = headers.clone();
            let client = self.connections.client(&url);
            let response = client
                .request(asked)
                .await
                .map_err(|error| HttpError::of_client(&host, &error, error.is_connect()))?;
            let Some(next) = redirect_target(&url, &response, request.redirect)? else {
                return self.read(response, url, redirects > 0, &host, charge).await;
            };
            redirects += 1;
            let redirects_max = self.limits.http_redirects;
            if redirects > redirects_max {
                return Err(HttpError::limit("http_redirects", redirects_max).into());
            }
            if url.scheme() == "https" && next.scheme() != "https" {
                let message = format!("{host} redirects from https to {}", next.scheme());
                return Err(HttpError::new(HttpErrorCode::Redirect, message).into());
            }
            if becomes_get(response.status(), &method) {
                method = Method::GET;
                body = Bytes::new();
                remove_of_body(&mut headers);
            }
            if next.origin() != url.origin() {
                remove_credentials(&mut headers);
            }
            self.check(&next)?;
            url = next;
            url.set_fragment(None);
        }
    }

    /// Refuses a URL that no contract may ask, or that this one does not allow. What
    /// the operator allows, and where its host is, is checked on the way there.
    pub fn check(&self, url: &Url) -> Result<(), HttpError> {
        let invalid = |message| HttpError::new(HttpErrorCode::InvalidRequest, message);
        if !url.username().is_empty() || url.password().is_some() {
            let message = "a URL cannot have a user name or password: set the authorization header";
            return Err(invalid(message.to_owned()));
        }
        if !matches!(url.scheme(), "https" | "http") {
            let message = format!("the scheme {} is not supported; use https", url.scheme());
            return Err(invalid(message));
        }
        if !self.allowed_hosts.allows(url) {
            let name = url.host_str().unwrap_or_default();
            let message = format!("{name}: not in the manifest's allowed_hosts");
            return Err(HttpError::new(HttpErrorCode::HostNotAllowed, message));
        }
        Ok(())
    }

    /// Reads a response as it comes, within its bounds. A body that is compressed
    /// has to fit both as it comes and as it is decoded.
    async fn read(
        &self,
        response: Response<Incoming>,
        url: Url,
        redirected: bool,
        host: &str,
        charge: &mut Charge,
    ) -> Result<HttpResponse, FetchError> {
        let (head, mut incoming) = response.into_parts();
        let certificate_chain = head.extensions.get::<CertificateChainHash>().copied();
        if certificate_chain.is_some() != (url.scheme() == "https") {
            let message = "a connection does not tell whose certificates it has";
            return Err(RunFailure::new(FailureCode::Engine, message).into());
        }
        let bytes_max = self.limits.http_response_bytes;
        let mut of_decoder = charge.another();
        let mut body = Body::new(bytes_max, &self.bytes, charge);
        body.count(headers_size(&head.headers))?;
        let mut next = next_bytes(&mut incoming, host).await?;
        // Without a byte there is nothing to decode: so answers to HEAD look. Nor is
        // there with a part of a body.
        let first = next.as_ref().and_then(|bytes| bytes.first()).copied();
        let coding = first
            .filter(|_| head.status != StatusCode::PARTIAL_CONTENT)
            .and_then(|_| Coding::of(&head.headers));
        if let (Some(coding), Some(first)) = (coding, first) {
            of_decoder.add(coding.memory_bytes(first))?;
        }
        let mut decoder = Decoder::new(coding, first.unwrap_or_default(), body);
        let mut encoded_left = bytes_max;
        while let Some(bytes) = next {
            encoded_left = encoded_left
                .checked_sub(bytes.len() as u64)
                .ok_or_else(|| HttpError::limit("http_response_bytes", bytes_max))?;
            // A few bytes may become many, which takes time.
            let at_once = match coding {
                Some(_) => DECODED_AT_ONCE_BYTES,
                None => bytes.len(),
            };
            for piece in bytes.chunks(at_once) {
                let pushed = decoder.push(piece);
                pushed.map_err(|error| undecoded(host, coding, &error, &mut decoder))?;
                if coding.is_some() {
                    tokio::task::yield_now().await;
                }
            }
            next = next_bytes(&mut incoming, host).await?;
        }
        let finished = decoder.finish();
        finished.map_err(|error| undecoded(host, coding, &error, &mut decoder))?;
        Ok(HttpResponse {
            status: head.status.as_u16(),
            url: url.into(),
            redirected,
            headers: response_headers(&head.headers, coding.is_some()),
            body: decoder.writer_mut().take_bytes(),
            certificate_chain,
        })
    }
}

/// The next bytes of a body, at least one; none at its end.
async fn next_bytes(incoming: &mut Incoming, host: &str) -> Result<Option<Bytes>, HttpError> {
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| HttpError::of_client(host, &error, false))?;
        // What is no data is trailers, which nobody asked for.
        match frame.into_data() {
            Ok(bytes) if !bytes.is_empty() => return Ok(Some(bytes)),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(None)
}

/// Why a decoder stopped: a bound was reached, or the body is not what it says.
fn undecoded(
    host: &str,
    coding: Option<Coding>,
    error: &std::io::Error,
    decoder: &mut Decoder<Body<'_>>,
) -> FetchError {
    let refused = decoder.writer_mut().take_refused();
    refused.unwrap_or_else(|| {
        let coding = coding.map_or_else(|| "identity".to_owned(), |coding| coding.to_string());
        let message = format!("{host}: the body cannot be decoded as {coding}: {error}");
        HttpError::new(HttpErrorCode::Protocol, message).into()
    })
}

/// Where to ask next; none if the response is the answer.
fn redirect_target(
    url: &Url,
    response: &Response<Incoming>,
    redirect: Redirect,
) -> Result<Option<Url>, HttpError> {
    let failed = |message: String| HttpError::new(HttpErrorCode::Redirect, message);
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(header::LOCATION) else {
        return Ok(None);
    };
    match redirect {
        Redirect::Manual => Ok(None),
        Redirect::Error => Err(failed(format!(
            "{url} redirects, and redirect is \"error\""
        ))),
        Redirect::Follow => std::str::from_utf8(location.as_bytes())
            .ok()
            .and_then(|location| url.join(location).ok())
            .map(Some)
            .ok_or_else(|| failed(format!("{url} redirects to something that is no URL"))),
    }
}

/// Whether a redirect turns the method to GET, as the Fetch standard has it.
fn becomes_get(status: StatusCode, method: &Method) -> bool {
    match status.as_u16() {
        301 | 302 => *method == Method::POST,
        303 => !matches!(*method, Method::GET | Method::HEAD),
        _ => false,
    }
}

fn headers_size(headers: &HeaderMap) -> u64 {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().len() + value.len()) as u64)
        .sum()
}
