//! The headers of requests and responses.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::decoder::ACCEPT_ENCODING;
use crate::{HttpError, HttpErrorCode};

const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("phat/", env!("CARGO_PKG_VERSION")));
const ACCEPT: HeaderValue = HeaderValue::from_static("*/*");

/// Headers that belong to the connection, to its peer or to the body's framing.
/// A request that could set them could make two parties read it differently.
const REFUSED: [&str; 13] = [
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "http2-settings",
];

/// The headers that must not follow a redirect to another origin.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];
/// The headers that describe a body, and go with it.
const OF_BODY: [&str; 5] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-type",
];

/// Checks a request's headers. `content-length` is left out: the client sets it.
pub fn request_headers(pairs: &[(String, String)]) -> Result<HeaderMap, HttpError> {
    let refuse = |message: String| HttpError::new(HttpErrorCode::InvalidRequest, message);
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| refuse(format!("invalid header name {name:?}")))?;
        if REFUSED.contains(&parsed.as_str()) {
            return Err(refuse(format!("the header {parsed} cannot be set")));
        }
        if parsed == "content-length" {
            continue;
        }
        let value = latin1_encode(value)
            .and_then(|bytes| HeaderValue::from_bytes(&bytes).ok())
            .ok_or_else(|| {
                refuse(format!(
                    "the value of the header {parsed} has a line break or another character that headers cannot have"
                ))
            })?;
        headers.append(parsed, value);
    }
    Ok(headers)
}

/// Adds what requests say unless the contract says something else.
pub fn add_defaults(headers: &mut HeaderMap) {
    headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
    headers.entry(header::ACCEPT).or_insert(ACCEPT);
    // A range counts the bytes of what is sent, so a part of something compressed
    // cannot be decoded.
    if !headers.contains_key(header::RANGE) {
        let accept_encoding = headers.entry(header::ACCEPT_ENCODING);
        accept_encoding.or_insert(ACCEPT_ENCODING);
    }
}

/// A response's headers as the contract gets them. Those that describe the body as
/// it was sent are left out if it was decoded.
pub fn response_headers(headers: &HeaderMap, is_decoded: bool) -> Vec<(String, String)> {
    let as_sent = [header::CONTENT_ENCODING, header::CONTENT_LENGTH];
    headers
        .iter()
        .filter(|(name, _)| !is_decoded || !as_sent.contains(name))
        .map(|(name, value)| {
            let value = value.as_bytes().iter().map(|byte| char::from(*byte));
            (name.as_str().to_owned(), value.collect())
        })
        .collect()
}

/// Removes what must not reach another origin.
pub fn remove_credentials(headers: &mut HeaderMap) {
    for name in CREDENTIALS {
        headers.remove(name);
    }
}

/// Removes what describes a body that is not sent any more.
pub fn remove_of_body(headers: &mut HeaderMap) {
    for name in OF_BODY {
        headers.remove(name);
    }
}

fn latin1_encode(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_cannot_break_the_framing() {
        let check = |name: &str, value: &str, expected: Option<&str>| {
            let result = request_headers(&[(name.to_owned(), value.to_owned())]);
            match (result, expected) {
                (Ok(_), None) => {}
                (Err(error), Some(part)) => assert!(error.message.contains(part), "{error}"),
                (result, _) => panic!("{name}: {value:?} gives {result:?}"),
            }
        };
        check("x-a", "plain", None);
        check("x-a", "tab\tand \u{e9}", None);
        check("content-length", "999", None);
        check("x-a", "a\r\nx-b: c", Some("line break"));
        check("x-a", "a\nb", Some("line break"));
        check("x-a", "a\0b", Some("line break"));
        check("x-a", "\u{20ac}", Some("line break"));
        check("x a", "b", Some("invalid header name"));
        check("x-a\r\nx-b", "c", Some("invalid header name"));
        check("", "c", Some("invalid header name"));
        for name in REFUSED {
            check(name, "x", Some("cannot be set"));
            check(&name.to_uppercase(), "x", Some("cannot be set"));
        }
        let headers = request_headers(&[("content-length".into(), "9".into())]).unwrap();
        assert!(headers.is_empty());
    }
}
