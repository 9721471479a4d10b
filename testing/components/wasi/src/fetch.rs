//! Requests as WASI has them.

use crate::bindings::wasi::{
    http::{
        outgoing_handler,
        types::{
            ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method, OutgoingBody,
            OutgoingRequest, Scheme,
        },
    },
    io::streams::StreamError,
};

/// The bytes that one write may have, as streams have it.
const PIECE_BYTES: usize = 4096;

/// A request for a URL that begins with `https://`.
pub fn request(method: Method, url: &str, headers: Fields) -> OutgoingRequest {
    let rest = url.strip_prefix("https://").expect("it is a URL");
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let request = OutgoingRequest::new(headers);
    request.set_method(&method).expect("it is a method");
    request
        .set_scheme(Some(&Scheme::Https))
        .expect("it is known");
    request
        .set_authority(Some(authority))
        .expect("it is an authority");
    request
        .set_path_with_query(Some(path))
        .expect("it is a path");
    request
}

/// Starts a request with a body.
pub fn post(url: &str, body: &[u8]) -> Result<FutureIncomingResponse, ErrorCode> {
    let headers = Fields::new();
    headers.append("x-asked", b"yes").expect("it may be set");
    let request = request(Method::Post, url, headers);
    let outgoing = request.body().expect("it is the first time");
    assert!(request.body().is_err());
    let future = outgoing_handler::handle(request, None)?;
    // The request is not sent before its body is there.
    assert!(!future.subscribe().ready());
    let stream = outgoing.write().expect("it is the first time");
    for piece in body.chunks(PIECE_BYTES) {
        stream
            .blocking_write_and_flush(piece)
            .expect("there is room");
    }
    drop(stream);
    OutgoingBody::finish(outgoing, None)?;
    Ok(future)
}

/// Starts a request without a body.
pub fn get(url: &str) -> Result<FutureIncomingResponse, ErrorCode> {
    outgoing_handler::handle(request(Method::Get, url, Fields::new()), None)
}

/// The answer, as its status and body, or why there is none.
pub fn answer(future: &FutureIncomingResponse) -> String {
    future.subscribe().block();
    let answer = future
        .get()
        .expect("it is ready")
        .expect("it is the first time");
    assert!(matches!(future.get(), Some(Err(()))));
    let response = match answer {
        Ok(response) => response,
        Err(code) => return format!("{code:?}"),
    };
    let kind = response.headers().get("Content-Type");
    let kind = kind.into_iter().next().unwrap_or_default();
    let body = response.consume().expect("it is the first time");
    assert!(response.consume().is_err());
    let stream = body.stream().expect("it is the first time");
    let mut bytes = Vec::new();
    let mut pieces = 0;
    loop {
        stream.subscribe().block();
        match stream.read(1_000_000) {
            Ok(piece) => bytes.extend(piece),
            Err(StreamError::Closed) => break,
            Err(error) => panic!("{error}"),
        }
        pieces += 1;
    }
    drop(stream);
    let trailers = IncomingBody::finish(body);
    assert!(matches!(trailers.get(), Some(Ok(Ok(None)))));
    format!(
        "{} {} {} {pieces}",
        response.status(),
        String::from_utf8_lossy(&kind),
        match bytes.len() {
            0..100 => String::from_utf8_lossy(&bytes).into_owned(),
            length => length.to_string(),
        }
    )
}
