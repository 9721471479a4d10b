//! The interfaces of WASI, on a component that uses them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{
    fails,
    guests::{WASI, run_component},
    report,
    server::{Server, http},
    text,
};
use phat_engine::{Entry, FailureCode, WASI_RESOURCES_MAX};

async fn answer(input: &str) -> String {
    text(&report(run_component(&WASI, input)).await)
}

/// A server that answers with what it was asked.
async fn server() -> Server {
    Server::start(|asked| match asked.path() {
        "/long" => http(
            "200 OK",
            &[("content-type", "text/plain")],
            &[b'x'; 200_000],
        ),
        "/moved" => http("302 Found", &[("location", "/")], b"there"),
        path => {
            let sent = if asked.head.to_ascii_lowercase().contains("x-asked: yes") {
                "marked"
            } else {
                "plain"
            };
            let said = format!("{}{path}:{sent}:{}", asked.method(), asked.body.len());
            http("200 OK", &[("content-type", "text/x")], said.as_bytes())
        }
    })
    .await
}

fn url(server: &Server, path: &str) -> String {
    format!("https://localhost:{}{path}", server.address.port())
}

#[tokio::test]
async fn requests_are_made_and_answers_read_in_pieces() {
    let server = server().await;
    let get = async |path: &str| answer(&format!("get {}", url(&server, path))).await;
    assert_eq!(get("/a?b").await, "200 text/x GET/a?b:plain:0 1");
    // In pieces of 65 536 bytes.
    assert_eq!(get("/long").await, "200 text/plain 200000 4");
    // Redirects are the contract's to follow.
    assert_eq!(get("/moved").await, "302  there 1");
    let posted = answer(&format!("post {} 10000", url(&server, "/p"))).await;
    assert_eq!(posted, "200 text/x POST/p:marked:10000 1");
}

#[tokio::test]
async fn several_requests_are_under_way_at_once() {
    let server = server().await;
    let both = format!("both {} {}", url(&server, "/a"), url(&server, "/b"));
    assert_eq!(
        answer(&both).await,
        "200 text/x GET/a:plain:0 1 200 text/x GET/b:plain:0 1"
    );
    // With those of phat:contract among them.
    let mixed = format!("mixed {} {}", url(&server, "/a"), url(&server, "/b"));
    assert_eq!(answer(&mixed).await, "200 text/x GET/a:plain:0 1 200");
}

#[tokio::test]
async fn what_goes_wrong_has_a_code() {
    let mut run = run_component(&WASI, "get https://elsewhere.example/");
    run.allowed_hosts = vec!["localhost".to_owned()];
    assert_eq!(text(&report(run).await), "ErrorCode::HttpRequestDenied");
    let shown = answer("get https://localhost:1/").await;
    assert_eq!(shown, "ErrorCode::DestinationUnavailable");
    let server = server().await;
    let mut run = run_component(&WASI, &format!("get {}", url(&server, "/long")));
    run.limits.http_response_bytes = 1000;
    let shown = text(&report(run).await);
    assert!(shown.contains("http_response_bytes"), "{shown}");
}

#[tokio::test]
async fn clocks_and_random_numbers_are_recorded() {
    assert_eq!(answer("clocks").await, "true");
    let report = report(run_component(&WASI, "random")).await;
    let drawn = report.transcript.entries.iter();
    let drawn = drawn.filter(|entry| matches!(entry, Entry::RandomDrawn { .. }));
    assert_eq!(drawn.count(), 6);
}

#[tokio::test]
async fn headers_and_parts_are_checked() {
    assert_eq!(
        answer("headers").await,
        "HeaderError::Forbidden HeaderError::InvalidSyntax HeaderError::InvalidSyntax \
         HeaderError::Immutable HeaderError::Immutable HeaderError::Forbidden"
    );
    let shown = answer("parts").await;
    assert!(shown.contains("Patch") && shown.contains("/a?b"), "{shown}");
    assert!(shown.ends_with("HttpRequestUriInvalid"), "{shown}");
}

#[tokio::test]
async fn requests_that_nobody_waits_for_are_forgotten() {
    let server = server().await;
    let report = report(run_component(
        &WASI,
        &format!("forgotten {}", url(&server, "/a")),
    ))
    .await;
    assert_eq!(text(&report), "forgotten");
    let calls = |what: fn(&Entry) -> bool| {
        let entries = report.transcript.entries.iter();
        entries.filter(|entry| what(entry)).count()
    };
    assert_eq!(calls(|entry| matches!(entry, Entry::HttpStarted { .. })), 1);
    assert_eq!(calls(|entry| matches!(entry, Entry::Cancelled { .. })), 1);
}

#[tokio::test]
async fn bodies_must_be_finished_and_as_long_as_they_say() {
    let input = "unfinished https://a.example/";
    let report = fails(
        run_component(&WASI, input),
        FailureCode::NeverSettles,
        "whose body is not finished",
    )
    .await;
    assert!(
        report.logs[0]
            .message
            .contains("HttpRequestBodySize(Some(3))")
    );
    assert!(report.logs[1].message.contains("was not finished"));
    let mut run = run_component(&WASI, "too-long https://a.example/");
    run.limits.http_request_bytes = 200_000;
    assert_eq!(
        text(&self::report(run).await),
        "196608 the limit http_request_bytes of 200000 was reached"
    );
}

#[tokio::test]
async fn resources_are_bounded_and_end_in_their_order() {
    let limit = FailureCode::HostLimit {
        name: "wasi_resources",
    };
    let words = format!("wasi_resources of {WASI_RESOURCES_MAX}");
    fails(run_component(&WASI, "resources"), limit, &words).await;
    fails(
        run_component(&WASI, "child"),
        FailureCode::Trapped,
        "resource has children",
    )
    .await;
}
