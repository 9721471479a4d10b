//! What is kept between the runs of a contract, and what is not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use common::{
    assert_same, engine, fetching, http2, report,
    server::{Answer, Server, http, kept, with_length},
    text,
};
use phat_engine::{CertificateChainHash, Completion, Engine, EngineConfig, Entry, RunReport};
use phat_primitives::ContractId;

/// A contract of its own for each test, which a file's tests share an engine with.
async fn run_of(engine: &Engine, contract: u8, url: &str, body: &str) -> RunReport {
    let mut run = fetching(url, body);
    run.request.contract = ContractId([contract; 32]);
    let code = run.code.clone();
    let report = engine.run(run).await;
    let replayed = engine.replay(code, &report.transcript).await.unwrap();
    assert_same(&report, &replayed);
    report
}

/// The certificates of each response.
fn chains(report: &RunReport) -> Vec<Option<CertificateChainHash>> {
    let entries = report.transcript.entries.iter();
    entries
        .filter_map(|entry| match entry {
            Entry::Waited { event: Some(event) } => match &event.completion {
                Completion::Response(response) => Some(response.certificate_chain),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

const THREE: &str = "for (const n of [1, 2, 3]) await (await fetch(url + '/' + n)).text();
    return 'ok'";

#[tokio::test]
async fn a_contract_keeps_its_connections() {
    let engine = engine(true);
    let second = http2::Server::start(|_| http2::Answer::Body(b"ok".to_vec())).await;
    let second_url = format!("https://localhost:{}", second.port());
    let first = Server::start(|_| kept("200 OK", &[], b"ok")).await;
    let plain = Server::start_plain(|_| kept("200 OK", &[], b"ok")).await;
    let plain_url = format!("http://localhost:{}", plain.address.port());
    // Two runs of one contract use one connection, those of another another.
    for (contract, connections) in [(1, 1), (1, 1), (2, 2), (1, 2), (3, 3), (2, 3)] {
        for url in [&second_url, &first.url(""), &plain_url] {
            assert_eq!(text(&run_of(&engine, contract, url, THREE).await), "ok");
        }
        assert_eq!(second.connections(), connections, "{contract}");
        assert_eq!(first.connections(), connections, "{contract}");
        assert_eq!(plain.connections(), connections, "{contract}");
    }
}

/// What is not deployed has no contract id that is its own.
#[tokio::test]
async fn runs_without_a_contract_share_no_connection() {
    let engine = engine(true);
    let server = Server::start(|_| kept("200 OK", &[], b"ok")).await;
    for connections in [1, 2, 3] {
        let report = run_of(&engine, 0, &server.url(""), THREE).await;
        assert_eq!(text(&report), "ok");
        assert_eq!(server.connections(), connections);
        assert_eq!(server.resumed(), 0);
    }
}

#[tokio::test]
async fn nothing_of_a_request_is_in_the_next() {
    let engine = engine(true);
    let server = Server::start(|asked| {
        let cookies = [
            ("set-cookie", "id=crumb; Path=/"),
            ("www-authenticate", "Basic"),
        ];
        let status = match asked.path() {
            "/refused" => "401 Unauthorized",
            _ => "200 OK",
        };
        kept(status, &cookies, asked.head.to_lowercase().as_bytes())
    })
    .await;
    let url = server.url("");
    let secrets =
        "const headers = { authorization: 'Bearer token', cookie: 'own=1', 'x-key': 'k' };
        const body = 'posted';
        await (await fetch(url + '/refused', { method: 'POST', headers, body })).text();
        return (await fetch(url + '/a', { headers })).text()";
    let asked = text(&run_of(&engine, 1, &url, secrets).await);
    assert!(asked.contains("authorization: bearer token"), "{asked}");
    assert!(!asked.contains("crumb"), "{asked}");
    // In the same run, and in the next on the same connection.
    let bare =
        "await (await fetch(url + '/refused')).text(); return (await fetch(url + '/b')).text()";
    let asked = text(&run_of(&engine, 1, &url, bare).await);
    assert_eq!(server.connections(), 1);
    for secret in [
        "token",
        "authorization",
        "cookie",
        "crumb",
        "x-key",
        "posted",
        "referer",
    ] {
        assert!(!asked.contains(secret), "{secret} in {asked}");
    }
}

/// A run that leaves an answer half read leaves no connection in the middle of it.
#[tokio::test]
async fn what_is_broken_off_is_not_kept() {
    let engine = engine(true);
    let server = Server::start(|asked| match asked.path() {
        "/stalls" => {
            let start = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
            Answer::Stalling(start)
        }
        "/large" => kept("200 OK", &[], &[b'x'; 10_000]),
        _ => kept("200 OK", &[], b"whole"),
    })
    .await;
    let url = server.url("");
    let whole = "return (await fetch(url + '/')).text()";
    let aborted = "const signal = AbortSignal.timeout(20);
        return failure(fetch(url + '/stalls', { signal }))";
    for (body, words) in [(aborted, "TimeoutError"), (whole, "whole")] {
        let found = text(&run_of(&engine, 1, &url, body).await);
        assert!(found.contains(words), "{found}");
    }
    let mut run = fetching(&url, "return failure(fetch(url + '/large'))");
    run.request.contract = ContractId([1; 32]);
    run.limits.http_response_bytes = 1_000;
    let found = text(&engine.run(run).await);
    assert!(found.contains("http_response_bytes of 1000"), "{found}");
    assert_eq!(text(&run_of(&engine, 1, &url, whole).await), "whole");
}

/// A server that closes what is kept costs the next run a new connection, with the
/// TLS session of the first if it is the same contract's.
#[tokio::test]
async fn sessions_are_resumed_by_their_contract_only() {
    let engine = engine(true);
    let server = Server::start(|_| http("200 OK", &[], b"ok")).await;
    let url = server.url("");
    let body = "return (await fetch(url + '/')).text()";
    let expected = Some(CertificateChainHash::of(&server.certificates));
    for (contract, connections, resumed) in [(1, 1, 0), (1, 2, 1), (2, 3, 1), (2, 4, 2)] {
        let report = run_of(&engine, contract, &url, body).await;
        assert_eq!(text(&report), "ok");
        assert_eq!(server.connections(), connections);
        assert_eq!(server.resumed(), resumed, "{contract}");
        // A session that is resumed shows no certificates again, and has them.
        assert_eq!(chains(&report), [expected]);
    }
}

#[tokio::test]
async fn responses_tell_whose_certificates_they_came_with() {
    let server = Server::start(|asked| match asked.path() {
        "/moved" => kept("302 Found", &[("location", "/")], b""),
        _ => kept("200 OK", &[], b"ok"),
    })
    .await;
    let other = http2::Server::start(|_| http2::Answer::Body(b"ok".to_vec())).await;
    let plain = Server::start_plain(|_| kept("200 OK", &[], b"ok")).await;
    let body = format!(
        "for (const at of [url + '/', url + '/moved', 'https://localhost:{}/', 'http://127.0.0.1:{}/'])
            await (await fetch(at)).text();
        return 'ok'",
        other.port(),
        plain.address.port()
    );
    let report = report(fetching(&server.url(""), &body)).await;
    assert_eq!(text(&report), "ok");
    let expected = Some(CertificateChainHash::of(&server.certificates));
    let chains = chains(&report);
    assert_eq!(chains[..2], [expected, expected]);
    assert_eq!(server.certificates.len(), 2);
    assert!(chains[2].is_some() && chains[2] != expected);
    assert_eq!(chains[3], None);
}

/// Of the connections that a run had to an origin, two are kept.
#[tokio::test]
async fn few_connections_to_an_origin_are_kept() {
    let engine = engine(true);
    // Three are answered once three wait, and the next three once six have.
    let server = Server::start(|asked| {
        let count = asked.path()[1..].parse().unwrap();
        Answer::KeptTogether(count, with_length("200 OK", &[], b"ok"))
    })
    .await;
    for (count, connections) in [(3, 3), (6, 4)] {
        let body = format!(
            "const ask = async () => (await fetch(url + '/{count}')).text();
            return (await Promise.all([ask(), ask(), ask()])).join()"
        );
        let report = run_of(&engine, 1, &server.url(""), &body).await;
        assert_eq!(text(&report), "ok,ok,ok");
        assert_eq!(server.connections(), connections);
    }
}

#[tokio::test]
async fn connections_are_not_kept_for_longer_than_they_may() {
    let mut egress = common::egress(true);
    egress.idle_time_max = Duration::ZERO;
    let engine = Engine::new(EngineConfig {
        egress,
        ..EngineConfig::default()
    })
    .unwrap();
    let server = Server::start(|_| kept("200 OK", &[], b"ok")).await;
    let body = "return (await fetch(url + '/')).text()";
    for connections in [1, 2, 3] {
        let report = run_of(&engine, 1, &server.url(""), body).await;
        assert_eq!(text(&report), "ok");
        assert_eq!(server.connections(), connections);
    }
}

/// A run that asks many origins keeps no connection to each, and loses no request.
#[tokio::test]
async fn connections_to_many_origins_are_not_all_kept() {
    const ORIGINS: usize = 12;
    let engine = engine(true);
    let asked = Arc::new(AtomicUsize::new(0));
    let mut servers = Vec::new();
    for _ in 0..ORIGINS {
        let asked = asked.clone();
        let answer = move |_: &_| {
            asked.fetch_add(1, Ordering::SeqCst);
            kept("200 OK", &[], b"ok")
        };
        servers.push(Server::start(answer).await);
    }
    let urls: Vec<String> = servers.iter().map(|server| server.url("/")).collect();
    let body = format!(
        "const urls = {urls:?};
        await Promise.all(urls.map(async (u) => (await fetch(u)).text()));
        for (const u of urls) await (await fetch(u)).text();
        return 'ok'"
    );
    assert_eq!(text(&run_of(&engine, 1, "", &body).await), "ok");
    assert_eq!(asked.load(Ordering::SeqCst), 2 * ORIGINS);
    let made = servers.iter().map(Server::connections).sum::<usize>();
    assert!((ORIGINS..=2 * ORIGINS).contains(&made), "{made}");
}
