//! Compressed answers, honest ones and bombs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Write;

use common::{
    fetching, first_error, report,
    server::{Answer, Server, http},
    text,
};
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use phat_engine::{Engine, EngineConfig, FailureCode, HttpErrorCode, Outcome};

const TEXT: &[u8] = b"hello hello hello hello\n";
/// `TEXT` as a Python program, `brotli.compress(text, lgwin=16)`, gives it.
const TEXT_BROTLI: &str = "e20200bf91d2cd9ba8cad05a0184ed4d29224f1cd0d502";
/// 64 MiB of zeros, as `brotli.compress(zeros, quality=5, lgwin=24)` gives them.
const ZEROS_BROTLI: &str = "cfffff7f002400e2b14072effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7ff03";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(hexadecimal: &str) -> Vec<u8> {
    hex::decode(hexadecimal).unwrap()
}

/// An answer with a body in a coding.
fn coded(coding: &str, body: &[u8]) -> Answer {
    http(
        "200 OK",
        &[("content-encoding", coding), ("x-own", "1")],
        body,
    )
}

/// Status, names of headers and text of a fetch.
const SHOW: &str = "const r = await fetch(url);
    const names = [...r.headers.keys()].join();
    const bytes = await r.arrayBuffer();
    return r.status + ' ' + names + ' ' + new TextDecoder().decode(bytes)";

#[tokio::test]
async fn answers_are_decoded() {
    let server = Server::start(|asked| match asked.path() {
        "/gzip" => coded("gzip", &gzip(TEXT)),
        "/x-gzip" => coded("X-GZip", &gzip(TEXT)),
        "/two" => coded("gzip", &[gzip(TEXT), gzip(TEXT)].concat()),
        "/deflate" => coded("deflate", &zlib(TEXT)),
        "/bare" => coded("deflate", &deflate(TEXT)),
        "/br" => coded("br", &brotli(TEXT_BROTLI)),
        "/empty" => coded("gzip", b""),
        "/zstd" => coded("zstd", TEXT),
        "/several" => coded("gzip, br", TEXT),
        "/part" => http(
            "206 Partial Content",
            &[("content-encoding", "gzip"), ("x-own", "1")],
            TEXT,
        ),
        _ => http("404 Not Found", &[], b""),
    })
    .await;
    let check = async |path: &str, expected: &str| {
        let found = text(&report(fetching(&server.url(path), SHOW)).await);
        assert_eq!(found, expected, "{path}");
    };
    let decoded = "200 connection,x-own hello hello hello hello\n";
    for path in ["/gzip", "/x-gzip", "/deflate", "/bare", "/br"] {
        check(path, decoded).await;
    }
    check("/two", &format!("{decoded}{}", "hello hello hello hello\n")).await;
    // What is handed over as it came says so.
    let raw = "200 connection,content-encoding,content-length,x-own ";
    check("/empty", raw).await;
    for path in ["/zstd", "/several"] {
        check(path, &format!("{raw}hello hello hello hello\n")).await;
    }
    check(
        "/part",
        "206 connection,content-encoding,content-length,x-own hello hello hello hello\n",
    )
    .await;
    // The headers of an answer without a body are those of the body it would have.
    let head = "const r = await fetch(url, { method: 'HEAD' });
        return r.headers.get('content-encoding') + r.headers.get('content-length')";
    let found = text(&report(fetching(&server.url("/gzip"), head)).await);
    assert_eq!(found, format!("gzip{}", gzip(TEXT).len()));
}

#[tokio::test]
async fn requests_say_what_they_take() {
    let server = Server::start(|asked| {
        let head = asked.head.to_lowercase();
        let line = head
            .lines()
            .find(|line| line.starts_with("accept-encoding"));
        let line = line.unwrap_or("none").to_owned();
        coded("gzip", &gzip(line.as_bytes()))
    })
    .await;
    let check = async |headers: &str, expected: &str| {
        let body = format!("return (await fetch(url, {{ headers: {headers} }})).text()");
        let found = text(&report(fetching(&server.url("/"), &body)).await);
        assert_eq!(found, expected, "{headers}");
    };
    check("{}", "accept-encoding: gzip, deflate, br").await;
    check("{ range: 'bytes=0-1' }", "none").await;
    // A script that asks itself, as libraries do, is answered as it asked. What
    // `fetch` gives is decoded all the same, as everywhere else.
    check("{ 'Accept-Encoding': 'gzip' }", "accept-encoding: gzip").await;
}

#[tokio::test]
async fn damaged_answers_are_refused() {
    let server = Server::start(|asked| {
        let (whole, coding) = match asked.path().split('-').next().unwrap() {
            "/gzip" => (gzip(TEXT), "gzip"),
            "/deflate" => (zlib(TEXT), "deflate"),
            _ => (brotli(TEXT_BROTLI), "br"),
        };
        match asked.path().split('-').nth(1) {
            Some("cut") => coded(coding, &whole[..whole.len() - 3]),
            Some("longer") => coded(coding, &[&*whole, b"more"].concat()),
            _ => coded(coding, b"nothing of the kind"),
        }
    })
    .await;
    for coding in ["gzip", "deflate", "br"] {
        for damage in ["cut", "longer", "other"] {
            let url = server.url(&format!("/{coding}-{damage}"));
            let report = report(fetching(&url, "return failure(fetch(url))")).await;
            let found = text(&report);
            let words = format!("localhost: the body cannot be decoded as {coding}");
            assert!(found.contains(&words), "{url}: {found}");
            assert_eq!(first_error(&report), Some(HttpErrorCode::Protocol));
        }
    }
}

fn head(coding: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\n\r\n").into_bytes()
}

/// Answers that become much more than they are, or never end.
async fn bombs() -> Server {
    Server::start(|asked| {
        let zeros = || vec![0; 8 << 20];
        match asked.path() {
            "/gzip" => coded("gzip", &gzip(&zeros())),
            "/deflate" => coded("deflate", &zlib(&zeros())),
            "/bare" => coded("deflate", &deflate(&zeros())),
            "/br" => coded("br", &brotli(ZEROS_BROTLI)),
            "/endless" => Answer::Repeated(head("gzip"), gzip(&zeros())),
            // Empty blocks: they become nothing, and there is no end of them.
            "/nothing" => {
                let start = [head("gzip"), gzip(b"")[..10].to_vec()].concat();
                Answer::Repeated(start, [0, 0, 0, 0xff, 0xff].repeat(1_000))
            }
            // A file name without an end.
            "/name" => {
                let start = [head("gzip"), vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]].concat();
                Answer::Repeated(start, vec![b'n'; 1_000])
            }
            _ => http("404 Not Found", &[], b""),
        }
    })
    .await
}

#[tokio::test]
async fn bombs_end_at_the_limit() {
    let server = bombs().await;
    for path in ["/gzip", "/deflate", "/bare", "/br", "/endless", "/nothing"] {
        let mut run = fetching(&server.url(path), "return failure(fetch(url))");
        run.limits.http_response_bytes = 1 << 20;
        let report = report(run).await;
        let found = text(&report);
        let words = "the limit http_response_bytes of 1048576 was reached";
        assert!(found.contains(words), "{path}: {found}");
        assert_eq!(first_error(&report), Some(HttpErrorCode::Limit));
    }
    let run = fetching(&server.url("/name"), "return failure(fetch(url))");
    let found = text(&report(run).await);
    assert!(found.contains("cannot be decoded as gzip"), "{found}");
}

/// What is decoded counts for the run and for the engine while it is decoded, so
/// neither holds more than it has.
#[tokio::test]
async fn bombs_count_as_what_they_become() {
    let server = bombs().await;
    for path in ["/gzip", "/deflate", "/br"] {
        let mut run = fetching(&server.url(path), "return failure(fetch(url))");
        run.limits.transcript_bytes = 1 << 20;
        let found = text(&report(run).await);
        assert!(
            found.contains("the limit transcript_bytes of 1048576"),
            "{path}: {found}"
        );
    }
    // An engine in which a run has room for itself, and not for 64 MiB besides.
    let engine = Engine::new(EngineConfig {
        egress: common::egress(true),
        memory_total_bytes_max: 64 << 20,
        ..EngineConfig::default()
    })
    .unwrap();
    let mut run = fetching(&server.url("/br"), "return failure(fetch(url))");
    run.limits.http_response_bytes = 64 << 20;
    run.limits.transcript_bytes = 64 << 20;
    let bomb = engine.run(run).await;
    let Outcome::Failed(failure) = bomb.outcome else {
        panic!("{:?}", bomb.outcome);
    };
    assert_eq!(failure.code, FailureCode::Engine, "{failure}");
    assert!(failure.message.contains("memory"), "{failure}");
    drop(bomb.transcript);
    drop(bomb.memory);
    let next = engine.run(fetching("", "return 'served'")).await;
    assert_eq!(text(&next), "served");
}
