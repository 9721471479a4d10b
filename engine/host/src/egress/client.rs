//! The client: one request of a contract, with its redirects.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use phat_manifest::Limits;
use reqwest::{
    Client, Method, StatusCode,
    header::{self, HeaderMap},
};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::{
    connections::{Connections, Egress},
    error::FetchError,
    headers::{remove_credentials, remove_of_body, request_headers, response_headers},
    hosts::AllowedHosts,
};
use crate::{
    HttpError, HttpErrorCode, HttpRequest, HttpResponse, Redirect,
    shares::{Charge, Place, Turns},
};

/// The way out of one run.
pub struct RunEgress {
    connections: Connections,
    allowed_hosts: AllowedHosts,
    limits: Limits,
    permits: Semaphore,
    turns: Turns,
    requests_left: AtomicU64,
    bytes_left: AtomicU64,
}

/// Takes from what is left, if there is enough.
fn take(left: &AtomicU64, count: u64) -> Option<()> {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(count)
    })
    .ok()
    .map(|_| ())
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
            connections: Connections::new(egress, place.lookups.clone()),
            allowed_hosts: AllowedHosts::new(allowed_hosts),
            limits: limits.clone(),
            permits: Semaphore::new(concurrent),
            turns: place.requests.clone(),
            requests_left: AtomicU64::new(limits.http_requests),
            bytes_left: AtomicU64::new(limits.transcript_bytes),
        }
    }

    fn take_request(&self) -> Result<(), HttpError> {
        take(&self.requests_left, 1)
            .ok_or_else(|| HttpError::limit("http_requests", self.limits.http_requests))
    }

    fn take_bytes(&self, count: u64) -> Result<(), HttpError> {
        take(&self.bytes_left, count)
            .ok_or_else(|| HttpError::limit("transcript_bytes", self.limits.transcript_bytes))
    }

    /// Makes a request of the contract. What is received counts as `charge`.
    pub async fn fetch(
        &self,
        request: HttpRequest,
        charge: &mut Charge,
    ) -> Result<HttpResponse, FetchError> {
        let limits = &self.limits;
        if request.byte_count() as u64 > limits.http_request_bytes {
            return Err(HttpError::limit("http_request_bytes", limits.http_request_bytes).into());
        }
        let time_ms = request
            .timeout_ms
            .unwrap_or(u64::MAX)
            .min(limits.http_time_ms);
        // Those that wait for their turn do not use up their time.
        let permit = self.permits.acquire().await;
        let turn = self.turns.next().await;
        let answer =
            tokio::time::timeout(Duration::from_millis(time_ms), self.follow(request, charge))
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
        request: HttpRequest,
        charge: &mut Charge,
    ) -> Result<HttpResponse, FetchError> {
        let invalid = |message| HttpError::new(HttpErrorCode::InvalidRequest, message);
        let mut url = Url::parse(&request.url)
            .map_err(|error| invalid(format!("{}: {error}", request.url)))?;
        let mut method = Method::from_bytes(request.method.as_bytes())
            .ok()
            .filter(|method| !matches!(*method, Method::CONNECT | Method::TRACE))
            .ok_or_else(|| invalid(format!("the method {:?} is not allowed", request.method)))?;
        let mut headers = request_headers(&request.headers)?;
        // Sent again after a redirect, without a copy.
        let mut body = Bytes::from(request.body);
        let mut redirects = 0;
        loop {
            let client = self.client(&url)?;
            self.take_request()?;
            let host = url.host_str().unwrap_or_default().to_owned();
            url.set_fragment(None);
            let response = client
                .request(method.clone(), url.clone())
                .headers(headers.clone())
                .body(body.clone())
                .send()
                .await
                .map_err(|error| HttpError::of_client(&host, &error))?;
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
            url = next;
        }
    }

    /// The client for a URL, if the contract and the operator allow it.
    fn client(&self, url: &Url) -> Result<Client, FetchError> {
        let invalid = |message| HttpError::new(HttpErrorCode::InvalidRequest, message);
        if !url.username().is_empty() || url.password().is_some() {
            let message = "a URL cannot have a user name or password: set the authorization header";
            return Err(invalid(message.to_owned()).into());
        }
        if !matches!(url.scheme(), "https" | "http") {
            let message = format!("the scheme {} is not supported; use https", url.scheme());
            return Err(invalid(message).into());
        }
        let is_secure = url.scheme() == "https";
        let reachable = self
            .connections
            .egress()
            .reachable(is_secure)
            .ok_or_else(|| invalid(format!("{url}: only https is allowed")))?;
        let name = url.host_str().unwrap_or_default();
        if !self.allowed_hosts.allows(url) {
            let message = format!("{name}: not in the manifest's allowed_hosts");
            return Err(HttpError::new(HttpErrorCode::HostNotAllowed, message).into());
        }
        // The client asks the resolver for names only.
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        if let Some(address) = address {
            reachable
                .check(address)
                .map_err(|error| error.to_http(name))?;
        }
        Ok(self.connections.client(url, reachable)?)
    }

    /// Reads a response as it comes, within its bounds.
    async fn read(
        &self,
        mut response: reqwest::Response,
        url: Url,
        redirected: bool,
        host: &str,
        charge: &mut Charge,
    ) -> Result<HttpResponse, FetchError> {
        let bytes_max = self.limits.http_response_bytes;
        let too_large = || HttpError::limit("http_response_bytes", bytes_max);
        let headers_bytes = headers_size(response.headers());
        let mut left = bytes_max.checked_sub(headers_bytes).ok_or_else(too_large)?;
        self.take_bytes(headers_bytes)?;
        charge.add(headers_bytes)?;
        let headers = response_headers(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| HttpError::of_client(host, &error))?
        {
            let chunk_bytes = chunk.len() as u64;
            left = left.checked_sub(chunk_bytes).ok_or_else(too_large)?;
            self.take_bytes(chunk_bytes)?;
            charge.add(chunk_bytes)?;
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse {
            status: response.status().as_u16(),
            url: url.into(),
            redirected,
            headers,
            body,
        })
    }
}

/// Where to ask next; none if the response is the answer.
fn redirect_target(
    url: &Url,
    response: &reqwest::Response,
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
