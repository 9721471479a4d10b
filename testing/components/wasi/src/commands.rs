//! What the contract can be asked for.

use crate::{
    bindings::{
        phat::contract::{events, http},
        wasi::{
            clocks::{monotonic_clock, wall_clock},
            http::{
                outgoing_handler,
                types::{Fields, HeaderError, Method, OutgoingBody, RequestOptions},
            },
            io::{poll, streams::StreamError},
            random::{insecure, insecure_seed, random},
        },
    },
    fetch,
};

pub fn run(words: &[&str]) -> String {
    match *words {
        ["get", url] => match fetch::get(url) {
            Ok(future) => fetch::answer(&future),
            Err(code) => format!("{code:?}"),
        },
        ["post", url, length] => {
            let body = vec![b'a'; length.parse().expect("it is a number")];
            let future = fetch::post(url, &body).expect("it can be handed over");
            fetch::answer(&future)
        }
        ["both", one, other] => both(one, other),
        ["mixed", one, other] => mixed(one, other),
        ["clocks"] => clocks(),
        ["random"] => draw(),
        ["headers"] => headers(),
        ["parts"] => parts(),
        ["forgotten", url] => forgotten(url),
        ["unfinished", url] => unfinished(url),
        ["too-long", url] => too_long(url),
        ["resources"] => {
            let kept: Vec<Fields> = (0..1_000_000).map(|_| Fields::new()).collect();
            kept.len().to_string()
        }
        ["child"] => {
            let request = fetch::request(Method::Get, "https://a/", Fields::new());
            let body = request.body().expect("it is the first time");
            let _stream = body.write();
            drop(body);
            String::new()
        }
        _ => panic!("unknown command: {words:?}"),
    }
}

/// Two requests at once, and a timer that is long.
fn both(one: &str, other: &str) -> String {
    let futures = [one, other].map(|url| fetch::get(url).expect("it can be handed over"));
    let timer = monotonic_clock::subscribe_duration(3_600_000_000_000);
    let pollables = futures.each_ref().map(|future| future.subscribe());
    let mut left = vec![0, 1];
    while !left.is_empty() {
        let mut polled: Vec<_> = left.iter().map(|at: &usize| &pollables[*at]).collect();
        polled.push(&timer);
        let ready = poll::poll(&polled);
        assert!(!ready.contains(&(left.len() as u32)), "an hour is over");
        let mut position = 0;
        left.retain(|_| {
            position += 1;
            !ready.contains(&(position - 1))
        });
    }
    drop(pollables);
    futures.each_ref().map(fetch::answer).join(" ")
}

/// A request of each kind, waited for in the wrong order.
fn mixed(one: &str, other: &str) -> String {
    let request = http::Request {
        method: "GET".to_owned(),
        url: other.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        redirect: http::Redirect::Follow,
        timeout_ms: None,
    };
    let id = http::start(&request);
    let future = fetch::get(one).expect("it can be handed over");
    let event = events::next().expect("a request is under way");
    assert_eq!(event.id, id);
    let second = http::start(&request);
    let answer = fetch::answer(&future);
    let event = events::next().expect("a request is under way");
    assert_eq!(event.id, second);
    assert!(events::next().is_none());
    match event.completion {
        events::Completion::Http(Ok(response)) => format!("{answer} {}", response.status),
        completion => panic!("{completion:?}"),
    }
}

fn clocks() -> String {
    let before = monotonic_clock::now();
    let pollable = monotonic_clock::subscribe_duration(1_500_000);
    pollable.block();
    assert!(pollable.ready());
    monotonic_clock::subscribe_instant(0).block();
    monotonic_clock::subscribe_instant(before + 2_000_000).block();
    let wall = wall_clock::now();
    let after = monotonic_clock::now();
    assert!(after > before && wall.nanoseconds < 1_000_000_000);
    assert_eq!(monotonic_clock::resolution(), 1);
    format!("{}", after / 1_000_000_000 - wall.seconds < 60)
}

fn draw() -> String {
    format!(
        "{:?} {} {:?} {} {:?}",
        random::get_random_bytes(3),
        random::get_random_u64(),
        insecure::get_insecure_random_bytes(2),
        insecure::get_insecure_random_u64(),
        insecure_seed::insecure_seed(),
    )
}

fn headers() -> String {
    let fields = Fields::new();
    fields.append("X-A", b"1").expect("it may be set");
    fields.append("x-a", b"2").expect("it may be set");
    assert_eq!(fields.get("x-A"), [b"1", b"2"]);
    assert!(fields.has("X-a") && !fields.has("x-b"));
    let copy = fields.clone();
    fields.set("x-a", &[b"3".to_vec()]).expect("it may be set");
    assert_eq!(fields.entries(), [("x-a".to_owned(), b"3".to_vec())]);
    fields.delete("x-A").expect("it may go");
    assert!(fields.entries().is_empty());
    assert_eq!(copy.entries().len(), 2);
    let request = fetch::request(Method::Get, "https://a/", copy);
    let fixed = request.headers();
    let pairs = [("te".to_owned(), b"x".to_vec())];
    let name = |result: Result<(), HeaderError>| format!("{:?}", result.expect_err("refused"));
    [
        name(fields.append("Host", b"a")),
        name(fields.append("a b", b"a")),
        name(fields.append("a", b"a\r\nb: c")),
        name(fixed.append("x-b", b"1")),
        name(fixed.delete("x-a")),
        name(Fields::from_list(&pairs).map(drop)),
    ]
    .join(" ")
}

/// What of a request and its options can be set.
fn parts() -> String {
    let request = fetch::request(Method::Patch, "https://example.org:1/a?b", Fields::new());
    assert!(
        request
            .set_method(&Method::Other("A B".to_owned()))
            .is_err()
    );
    assert!(request.set_authority(Some("user@example.org")).is_err());
    assert!(request.set_path_with_query(Some("/a b")).is_err());
    let options = RequestOptions::new();
    assert!(options.set_connect_timeout(Some(1)).is_err());
    assert!(options.set_between_bytes_timeout(Some(1)).is_err());
    assert!(options.set_first_byte_timeout(Some(7)).is_ok());
    assert_eq!(options.first_byte_timeout(), Some(7));
    request.set_authority(None).expect("it may be left out");
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        request.method(),
        request.scheme(),
        request.authority(),
        request.path_with_query()
    );
    let error = outgoing_handler::handle(request, Some(options)).expect_err("no authority");
    format!("{shown} {error:?}")
}

/// Requests that nobody waits for: before and after they are sent.
fn forgotten(url: &str) -> String {
    drop(fetch::request(Method::Get, url, Fields::new()));
    let future = fetch::get(url).expect("it can be handed over");
    drop(future.subscribe());
    drop(future);
    let request = fetch::request(Method::Put, url, Fields::new());
    let body = request.body().expect("it is the first time");
    drop(outgoing_handler::handle(request, None).expect("it can be handed over"));
    OutgoingBody::finish(body, None).expect("it is whole");
    assert!(events::next().is_none());
    "forgotten".to_owned()
}

fn unfinished(url: &str) -> String {
    let headers = Fields::new();
    headers
        .append("content-length", b"2")
        .expect("it may be set");
    let request = fetch::request(Method::Put, url, headers);
    let body = request.body().expect("it is the first time");
    let future = outgoing_handler::handle(request, None).expect("it can be handed over");
    let stream = body.write().expect("it is the first time");
    stream.write(b"one").expect("there is room");
    drop(stream);
    let code = OutgoingBody::finish(body, None).expect_err("it is longer");
    note(&format!("{code:?}"));
    let first = fetch::answer(&future);

    let request = fetch::request(Method::Put, url, Fields::new());
    let _body = request.body().expect("it is the first time");
    let future = outgoing_handler::handle(request, None).expect("it can be handed over");
    note(&first);
    // This never comes to an end.
    fetch::answer(&future)
}

fn note(line: &str) {
    use crate::bindings::phat::contract::log;
    log::write(log::Level::Info, line);
}

/// Writes to a body until it is refused.
fn too_long(url: &str) -> String {
    let request = fetch::request(Method::Put, url, Fields::new());
    let body = request.body().expect("it is the first time");
    let stream = body.write().expect("it is the first time");
    let mut written = 0_u64;
    loop {
        let permitted = stream.check_write().expect("it is open");
        match stream.write(&vec![0; permitted as usize]) {
            Ok(()) => written += permitted,
            Err(StreamError::LastOperationFailed(error)) => {
                return format!("{written} {}", error.to_debug_string());
            }
            Err(StreamError::Closed) => panic!("the stream is closed"),
        }
    }
}
