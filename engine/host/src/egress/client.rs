//! The client: one request of a contract, with its redirects.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use phat_manifest::Limits;
use reqwest::{
    Client, Method, StatusCode,
    header::{self, HeaderMap},
};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::{
    headers::{remove_credentials, remove_of_body, request_headers, response_headers},
    hosts::AllowedHosts,
    resolver::{CheckedResolver, Reachable},
    tls,
};
use crate::{
    EgressConfig, EngineError, HttpError, HttpErrorCode, HttpRequest, HttpResponse, Redirect,
    transcript::limits::TRANSCRIPT_BYTES_MAX,
};

/// How long a connection may take to be made.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(15);
/// How long an unused connection is kept for the next request.
const IDLE_TIME_MAX: Duration = Duration::from_secs(30);
/// How many unused connections to a host are kept.
const IDLE_CONNECTIONS_MAX: usize = 8;
const USER_AGENT: &str = concat!("phat/", env!("CARGO_PKG_VERSION"));

/// The way out of an engine.
pub struct Egress {
    secure: Client,
    /// For requests without TLS, if the operator allows them at all.
    plain: Option<Client>,
    reachable: Reachable,
}

/// What one run may do over HTTP.
pub struct Policy {
    allowed_hosts: AllowedHosts,
    limits: Limits,
    permits: Semaphore,
    requests_left: AtomicU64,
    bytes_left: AtomicU64,
}

impl Policy {
    pub fn new(allowed_hosts: &[String], limits: &Limits) -> Self {
        let concurrent = usize::try_from(limits.http_requests_concurrent)
            .unwrap_or(Semaphore::MAX_PERMITS)
            .min(Semaphore::MAX_PERMITS);
        Self {
            allowed_hosts: AllowedHosts::new(allowed_hosts),
            limits: limits.clone(),
            permits: Semaphore::new(concurrent),
            requests_left: AtomicU64::new(limits.http_requests),
            bytes_left: AtomicU64::new(TRANSCRIPT_BYTES_MAX),
        }
    }

    fn take_request(&self) -> Result<(), HttpError> {
        take(&self.requests_left, 1)
            .ok_or_else(|| HttpError::limit("http_requests", self.limits.http_requests))
    }

    fn take_bytes(&self, count: u64) -> Result<(), HttpError> {
        take(&self.bytes_left, count)
            .ok_or_else(|| HttpError::limit("transcript_bytes", TRANSCRIPT_BYTES_MAX))
    }
}

/// Takes from what is left, if there is enough.
fn take(left: &AtomicU64, count: u64) -> Option<()> {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(count)
    })
    .ok()
    .map(|_| ())
}

impl Egress {
    pub fn new(config: &EgressConfig) -> Result<Self, EngineError> {
        let tls = tls::client_config(config)?;
        let client = |reachable| {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(CheckedResolver(reachable))
                .no_proxy()
                .referer(false)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .connect_timeout(CONNECT_TIME_MAX)
                .pool_idle_timeout(IDLE_TIME_MAX)
                .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
                .user_agent(USER_AGENT)
                .build()
                .map_err(|error| EngineError::Http(error.to_string()))
        };
        let reachable = if config.allow_private_networks {
            Reachable::PublicAndPrivate
        } else {
            Reachable::Public
        };
        let plain = config
            .allow_private_networks
            .then(|| client(Reachable::Private))
            .transpose()?;
        Ok(Self {
            secure: client(reachable)?,
            plain,
            reachable,
        })
    }

    /// Makes a request of a contract.
    pub async fn fetch(
        &self,
        request: HttpRequest,
        policy: &Policy,
    ) -> Result<HttpResponse, HttpError> {
        let limits = &policy.limits;
        if request.byte_count() as u64 > limits.http_request_bytes {
            return Err(HttpError::limit(
                "http_request_bytes",
                limits.http_request_bytes,
            ));
        }
        let time_ms = request
            .timeout_ms
            .unwrap_or(u64::MAX)
            .min(limits.http_time_ms);
        // Those that wait for their turn do not use up their time.
        let permit = policy.permits.acquire().await;
        let answer =
            tokio::time::timeout(Duration::from_millis(time_ms), self.follow(request, policy))
                .await;
        drop(permit);
        answer.unwrap_or_else(|_| {
            Err(HttpError::new(
                HttpErrorCode::Timeout,
                format!("no whole answer within {time_ms} ms (the limit is http_time_ms)"),
            ))
        })
    }

    async fn follow(
        &self,
        request: HttpRequest,
        policy: &Policy,
    ) -> Result<HttpResponse, HttpError> {
        let invalid = |message| HttpError::new(HttpErrorCode::InvalidRequest, message);
        let mut url = Url::parse(&request.url)
            .map_err(|error| invalid(format!("{}: {error}", request.url)))?;
        let mut method = Method::from_bytes(request.method.as_bytes())
            .ok()
            .filter(|method| !matches!(*method, Method::CONNECT | Method::TRACE))
            .ok_or_else(|| invalid(format!("the method {:?} is not allowed", request.method)))?;
        let mut headers = request_headers(&request.headers)?;
        let mut body = request.body;
        let mut redirects = 0;
        loop {
            let client = self.check(&url, policy)?;
            policy.take_request()?;
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
                return read(response, url, redirects > 0, &host, policy).await;
            };
            redirects += 1;
            if redirects > policy.limits.http_redirects {
                return Err(HttpError::limit(
                    "http_redirects",
                    policy.limits.http_redirects,
                ));
            }
            if url.scheme() == "https" && next.scheme() != "https" {
                return Err(HttpError::new(
                    HttpErrorCode::Redirect,
                    format!("{host} redirects from https to {}", next.scheme()),
                ));
            }
            if becomes_get(response.status(), &method) {
                method = Method::GET;
                body.clear();
                remove_of_body(&mut headers);
            }
            if next.origin() != url.origin() {
                remove_credentials(&mut headers);
            }
            url = next;
        }
    }

    /// The client for a URL, if the contract and the operator allow it.
    fn check(&self, url: &Url, policy: &Policy) -> Result<&Client, HttpError> {
        let invalid = |message| HttpError::new(HttpErrorCode::InvalidRequest, message);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid(
                "a URL cannot have a user name or password: set the authorization header"
                    .to_owned(),
            ));
        }
        let (client, reachable) = match url.scheme() {
            "https" => (&self.secure, self.reachable),
            "http" => match &self.plain {
                Some(plain) => (plain, Reachable::Private),
                None => return Err(invalid(format!("{url}: only https is allowed"))),
            },
            scheme => {
                return Err(invalid(format!(
                    "the scheme {scheme} is not supported; use https"
                )));
            }
        };
        let name = url.host_str().unwrap_or_default();
        if !policy.allowed_hosts.allows(url) {
            return Err(HttpError::new(
                HttpErrorCode::HostNotAllowed,
                format!("{name}: not in the manifest's allowed_hosts"),
            ));
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
        Ok(client)
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

/// Reads a response as it comes, within its bounds.
async fn read(
    mut response: reqwest::Response,
    url: Url,
    redirected: bool,
    host: &str,
    policy: &Policy,
) -> Result<HttpResponse, HttpError> {
    let bytes_max = policy.limits.http_response_bytes;
    let too_large = || HttpError::limit("http_response_bytes", bytes_max);
    let headers = response_headers(response.headers());
    let headers_bytes = headers_size(response.headers());
    let mut left = bytes_max.checked_sub(headers_bytes).ok_or_else(too_large)?;
    policy.take_bytes(headers_bytes)?;
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| HttpError::of_client(host, &error))?
    {
        let chunk_bytes = chunk.len() as u64;
        left = left.checked_sub(chunk_bytes).ok_or_else(too_large)?;
        policy.take_bytes(chunk_bytes)?;
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

fn headers_size(headers: &HeaderMap) -> u64 {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().len() + value.len()) as u64)
        .sum()
}
