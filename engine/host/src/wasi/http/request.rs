//! Requests before they are handed over.

use http::Method as HttpMethod;
use wasmtime::component::{LinkerInstance, Resource};

use super::{body::OutgoingBody, fields::Fields};
use crate::{
    HttpRequest, Redirect,
    host::fuel::{self, charge},
    state::State,
    wasi::{
        Cx,
        bindings::{ErrorCode, Method, Scheme},
        exchange::{Exchange, unrefer},
        function, resource, resource_with,
        table::Held,
    },
};

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;
/// The most bytes of a method, a path or an authority.
const PART_BYTES_MAX: usize = 8 * 1024;

/// A request before it is handed over.
pub struct OutgoingRequest {
    /// The number that its body and its answer have too.
    pub exchange: u32,
    headers: Fields,
    method: Method,
    scheme: Option<Scheme>,
    authority: Option<String>,
    path: Option<String>,
}

impl Held for OutgoingRequest {
    fn held_bytes(&self) -> usize {
        let length = |part: &Option<String>| part.as_ref().map_or(0, String::len);
        self.headers.held_bytes()
            + method_name(&self.method).len()
            + length(&self.authority)
            + length(&self.path)
    }
}

/// How long a request may take.
#[derive(Default)]
pub struct RequestOptions {
    /// Nanoseconds.
    first_byte_timeout: Option<u64>,
}

impl Held for RequestOptions {}

impl RequestOptions {
    /// In milliseconds, of which a request has at least one.
    pub fn timeout_ms(&self) -> Option<u64> {
        let nanoseconds = self.first_byte_timeout?;
        Some(nanoseconds.div_ceil(NANOSECONDS_PER_MILLISECOND).max(1))
    }
}

impl OutgoingRequest {
    /// How many headers it has.
    pub fn header_count(&self) -> usize {
        self.headers.entries.len()
    }

    /// The request without its body.
    pub fn head(self, timeout_ms: Option<u64>) -> Result<HttpRequest, ErrorCode> {
        let scheme = match &self.scheme {
            None | Some(Scheme::Https) => "https",
            Some(Scheme::Http) => "http",
            Some(Scheme::Other(_)) => return Err(ErrorCode::HttpRequestUriInvalid),
        };
        let authority = self.authority.ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let path = self.path.unwrap_or_else(|| "/".to_owned());
        Ok(HttpRequest {
            method: method_name(&self.method).to_owned(),
            url: format!("{scheme}://{authority}{path}"),
            headers: self.headers.to_recorded(),
            body: Vec::new(),
            redirect: Redirect::Manual,
            timeout_ms,
        })
    }
}

fn method_name(method: &Method) -> &str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => name,
    }
}

/// Whether a part of a URL could be taken for another one, or is too long.
fn is_ambiguous(part: &str, delimiters: &[char]) -> bool {
    part.len() > PART_BYTES_MAX
        || part.contains(|char: char| char <= ' ' || char == '\x7f' || delimiters.contains(&char))
}

fn is_path(path: &str) -> bool {
    path.is_empty() || (path.starts_with(['/', '?']) && !is_ambiguous(path, &['#', '\\']))
}

fn is_authority(authority: &str) -> bool {
    !authority.is_empty() && !is_ambiguous(authority, &['/', '?', '#', '\\', '@'])
}

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    resource_with::<OutgoingRequest>(linker, "outgoing-request", |state, request| {
        unrefer(state, request.exchange)
    })?;
    function(
        linker,
        "[constructor]outgoing-request",
        |store, (headers,): (Resource<Fields>,)| {
            let wasi = &mut store.data_mut().wasi;
            let headers = wasi.delete(headers)?;
            let exchange = wasi.push_exchange(Exchange::new());
            wasi.push(OutgoingRequest {
                exchange,
                headers,
                method: Method::Get,
                scheme: None,
                authority: None,
                path: None,
            })
        },
    )?;
    function(linker, "[method]outgoing-request.body", take_body)?;
    function(
        linker,
        "[method]outgoing-request.headers",
        |store, (this,): (Resource<OutgoingRequest>,)| {
            let headers = store.data().wasi.get(&this)?.headers.fixed();
            charge(store, fuel::bytes(headers.held_bytes()))?;
            store.data_mut().wasi.push_child(headers, &this)
        },
    )?;
    link_parts(linker)?;
    link_options(linker)
}

fn take_body(
    store: &mut Cx<'_>,
    (this,): (Resource<OutgoingRequest>,),
) -> wasmtime::Result<Result<Resource<OutgoingBody>, ()>> {
    let wasi = &mut store.data_mut().wasi;
    let request = wasi.get(&this)?;
    let exchange = request.exchange;
    let length = request.headers.entries.iter().find_map(|(name, value)| {
        let is_length = name == "content-length";
        let text = is_length.then(|| str::from_utf8(value).ok()).flatten()?;
        text.trim().parse().ok()
    });
    if !wasi.exchange(exchange)?.open_body() {
        return Ok(Err(()));
    }
    Ok(Ok(wasi.push(OutgoingBody::new(exchange, length))?))
}

/// The parts that can be read and set.
fn link_parts(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    type This = Resource<OutgoingRequest>;
    function(
        linker,
        "[method]outgoing-request.method",
        |store, (this,): (This,)| Ok(store.data().wasi.get(&this)?.method.clone()),
    )?;
    function(
        linker,
        "[method]outgoing-request.set-method",
        |store, (this, method): (This, Method)| {
            let name = method_name(&method);
            charge(store, fuel::bytes(name.len()))?;
            let is_valid =
                name.len() <= PART_BYTES_MAX && HttpMethod::from_bytes(name.as_bytes()).is_ok();
            set(store, &this, is_valid, |request| request.method = method)
        },
    )?;
    function(
        linker,
        "[method]outgoing-request.path-with-query",
        |store, (this,): (This,)| Ok(store.data().wasi.get(&this)?.path.clone()),
    )?;
    function(
        linker,
        "[method]outgoing-request.set-path-with-query",
        |store, (this, path): (This, Option<String>)| {
            charge(store, fuel::bytes(path.as_ref().map_or(0, String::len)))?;
            let is_valid = path.as_deref().is_none_or(is_path);
            set(store, &this, is_valid, |request| request.path = path)
        },
    )?;
    function(
        linker,
        "[method]outgoing-request.scheme",
        |store, (this,): (This,)| Ok(store.data().wasi.get(&this)?.scheme.clone()),
    )?;
    function(
        linker,
        "[method]outgoing-request.set-scheme",
        |store, (this, scheme): (This, Option<Scheme>)| {
            let other = match &scheme {
                Some(Scheme::Other(name)) => Some(name.len()),
                _ => None,
            };
            charge(store, fuel::bytes(other.unwrap_or(0)))?;
            let is_known = other.is_none();
            set(store, &this, is_known, |request| request.scheme = scheme)
        },
    )?;
    function(
        linker,
        "[method]outgoing-request.authority",
        |store, (this,): (This,)| Ok(store.data().wasi.get(&this)?.authority.clone()),
    )?;
    function(
        linker,
        "[method]outgoing-request.set-authority",
        |store, (this, authority): (This, Option<String>)| {
            charge(
                store,
                fuel::bytes(authority.as_ref().map_or(0, String::len)),
            )?;
            let is_valid = authority.as_deref().is_none_or(is_authority);
            set(store, &this, is_valid, |request| {
                request.authority = authority
            })
        },
    )
}

fn set(
    store: &mut Cx<'_>,
    this: &Resource<OutgoingRequest>,
    is_valid: bool,
    set: impl FnOnce(&mut OutgoingRequest),
) -> wasmtime::Result<Result<(), ()>> {
    if !is_valid {
        return Ok(Err(()));
    }
    let wasi = &mut store.data_mut().wasi;
    let request = wasi.get_mut(this)?;
    let before = request.held_bytes();
    set(request);
    let after = request.held_bytes();
    wasi.release(before);
    wasi.hold(after)?;
    Ok(Ok(()))
}

fn link_options(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    type This = Resource<RequestOptions>;
    resource::<RequestOptions>(linker, "request-options")?;
    function(linker, "[constructor]request-options", |store, (): ()| {
        store.data_mut().wasi.push(RequestOptions::default())
    })?;
    for name in ["connect-timeout", "between-bytes-timeout"] {
        let getter = format!("[method]request-options.{name}");
        function(linker, &getter, |_, (_,): (This,)| Ok(None::<u64>))?;
        let setter = format!("[method]request-options.set-{name}");
        function(linker, &setter, |_, (_, value): (This, Option<u64>)| {
            // Not to set it is what there is.
            Ok(if value.is_none() { Ok(()) } else { Err(()) })
        })?;
    }
    function(
        linker,
        "[method]request-options.first-byte-timeout",
        |store, (this,): (This,)| Ok(store.data().wasi.get(&this)?.first_byte_timeout),
    )?;
    function(
        linker,
        "[method]request-options.set-first-byte-timeout",
        |store, (this, value): (This, Option<u64>)| {
            store.data_mut().wasi.get_mut(&this)?.first_byte_timeout = value;
            Ok(Ok::<(), ()>(()))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_url_can_be_taken_for_another() {
        for authority in ["example.org", "example.org:8443", "[::1]:80"] {
            assert!(is_authority(authority), "{authority}");
        }
        for authority in ["", "a/b", "a?b", "user@a", "a b", "a\\b", "a#b", "a\n"] {
            assert!(!is_authority(authority), "{authority}");
        }
        for path in ["", "/", "/a?b=c/d", "?a"] {
            assert!(is_path(path), "{path}");
        }
        for path in ["a", "@b", "/a b", "/a#b", "/a\r\n", "/\\b"] {
            assert!(!is_path(path), "{path}");
        }
    }

    #[test]
    fn timeouts_are_in_begun_milliseconds() {
        let check = |nanoseconds, expected| {
            let options = RequestOptions {
                first_byte_timeout: nanoseconds,
            };
            assert_eq!(options.timeout_ms(), expected);
        };
        check(None, None);
        check(Some(0), Some(1));
        check(Some(1_000_000), Some(1));
        check(Some(1_000_001), Some(2));
    }
}
