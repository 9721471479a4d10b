//! HTTP requests to the hosts that the manifest allows.
//!
//! Requests are made over HTTPS, follow redirects unless told otherwise, and have whole
//! bodies. What is wrong with one of them is its [`struct@Error`]; more requests than the limit
//! `http_requests` end the run.

use std::{
    str::{self, Utf8Error},
    time::Duration,
};

use thiserror::Error;

use crate::platform::{self, Completion};

/// What to do with an answer that redirects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirect {
    /// Ask there, as often as the limit `http_redirects` allows.
    #[default]
    Follow,
    /// Return it.
    Manual,
    /// Fail.
    Error,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a request is made by `send` or `send_all`"]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The URL.
    pub url: String,
    /// Names, in lower case, and values, which hold the code points 0 to 255, one for
    /// each byte.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What to do with an answer that redirects.
    pub redirect: Redirect,
    /// A time limit below `http_time_ms`, in whole milliseconds.
    pub timeout: Option<Duration>,
}

impl Request {
    /// A request with a method and a URL.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            redirect: Redirect::default(),
            timeout: None,
        }
    }

    /// A GET request.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// A POST request.
    pub fn post(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", url).body(body)
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name: String = name.into();
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Shortens the time limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Says what to do with redirects.
    pub fn redirect(mut self, redirect: Redirect) -> Self {
        self.redirect = redirect;
        self
    }

    /// Makes the request and waits for its answer.
    pub fn send(self) -> Result<Response, Error> {
        send(self)
    }
}

/// An answer, of any status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The URL that answered, after redirects.
    pub url: String,
    /// Whether there were redirects.
    pub redirected: bool,
    /// Names, in lower case, and values, which hold the code points 0 to 255, one for
    /// each byte.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether the status is one of success: 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name)?;
        Some(&found.1)
    }

    /// The body as UTF-8 text.
    pub fn text(&self) -> Result<&str, Utf8Error> {
        str::from_utf8(&self.body)
    }
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Error {
    /// The kind of error.
    pub code: ErrorCode,
    /// What happened.
    pub message: String,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The request is not well formed.
    InvalidRequest,
    /// The manifest does not allow this host.
    HostNotAllowed,
    /// The address is in a network that contracts may not reach.
    AddressRefused,
    /// The name has no address.
    Dns,
    /// No connection could be made.
    Connect,
    /// The connection is not trusted.
    Tls,
    /// The time for the request is over.
    Timeout,
    /// A limit for one request was reached; the message names it.
    Limit,
    /// A redirect that was not to be followed, or cannot be.
    Redirect,
    /// The peer broke off or did not speak HTTP.
    Protocol,
}

/// Asks for a URL.
pub fn get(url: impl Into<String>) -> Result<Response, Error> {
    send(Request::get(url))
}

/// Posts to a URL.
pub fn post(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Result<Response, Error> {
    send(Request::post(url, body))
}

/// Makes a request and waits for its answer.
pub fn send(request: Request) -> Result<Response, Error> {
    let mut answers = send_all([request]);
    answers.pop().expect("there is an answer for each request")
}

/// Makes several requests at once and waits for all answers, which are in the order of
/// the requests. So many of them are under way together as the limit
/// `http_requests_concurrent` allows.
pub fn send_all(requests: impl IntoIterator<Item = Request>) -> Vec<Result<Response, Error>> {
    let ids: Vec<u32> = requests.into_iter().map(platform::start).collect();
    let mut answers: Vec<Option<Result<Response, Error>>> = vec![None; ids.len()];
    let mut left = ids.len();
    while left > 0 {
        let event = platform::next_event();
        let (id, completion) = event.expect("a request that is under way comes to its end");
        let position = ids.iter().position(|started| *started == id);
        if let (Some(position), Completion::Http(answer)) = (position, completion) {
            answers[position] = Some(answer);
            left -= 1;
        }
    }
    answers.into_iter().flatten().collect()
}
