//! Servers that misbehave, and scripts that misuse the network.

use std::sync::{Arc, Mutex};

use phat_engine::{
    EgressConfig, Engine, EngineConfig, FailureCode, HttpErrorCode, NameLookup, Run,
};

use crate::{
    attack, attack_on,
    common::{
        egress, fetching, first_error,
        proxy::{Kind, Proxy},
        report,
        server::{Answer, Server, http},
        text,
    },
};

/// An address that stands for the public internet.
const PUBLIC: &str = "93.184.215.14:0";

/// A run that fetches and does not catch what comes of it.
fn fetch(server: &Server, path: &str) -> Run {
    fetching(&server.url(path), "return (await fetch(url)).text()")
}

#[tokio::test]
async fn servers_that_never_finish_are_left() {
    let server = Server::start(|asked| {
        let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        match asked.path() {
            "/drip" => Answer::Dripping(head),
            "/drip-head" => Answer::Dripping(b"HTTP/1.1 200 OK\r\nx: ".to_vec()),
            "/silent" => Answer::Silence,
            "/stalls" => Answer::Stalling(head),
            _ => Answer::Repeated(head, vec![b'x'; 64 * 1024]),
        }
    })
    .await;
    for path in ["/drip", "/drip-head", "/silent", "/stalls"] {
        let mut run = fetch(&server, path);
        run.limits.http_time_ms = 200;
        attack(
            run,
            FailureCode::ScriptThrew,
            "TimeoutError: no whole answer within 200 ms",
        )
        .await;
    }
    // Without a limit of its own, a request ends with the run.
    let mut run = fetch(&server, "/drip");
    run.limits.time_ms = 200;
    attack(
        run,
        FailureCode::DeadlineExceeded,
        "the limit time_ms of 200",
    )
    .await;

    let words = "the limit http_response_bytes of 1048576";
    let mut run = fetch(&server, "/endless");
    run.limits.http_response_bytes = 1024 * 1024;
    attack(run, FailureCode::ScriptThrew, words).await;
}

#[tokio::test]
async fn redirects_come_to_an_end() {
    let server = Server::start(|asked| {
        let next = match asked.path().strip_prefix("/count/") {
            Some(count) => format!("/count/{}", count.parse::<u32>().unwrap() + 1),
            None => "/loop".to_owned(),
        };
        http("302 Found", &[("location", next.as_str())], b"")
    })
    .await;
    for path in ["/loop", "/count/0"] {
        let words = "the limit http_redirects of 10";
        attack(fetch(&server, path), FailureCode::ScriptThrew, words).await;
    }
}

/// The public internet is played by a proxy, which connects to the server here
/// whatever address it is asked for.
#[tokio::test]
async fn redirects_do_not_lead_inside() {
    let server = Server::start(|asked| {
        let location = match asked.path() {
            "/address" => "https://127.0.0.1/",
            "/port" => "https://127.0.0.1:22/",
            "/name" => "https://inside.example/",
            "/localhost" => "https://localhost/",
            "/short" => "https://127.1/",
            "/decimal" => "https://2130706433/",
            "/hexadecimal" => "https://0x7f.0.0.1/",
            "/v6" => "https://[::1]/",
            "/mapped" => "https://[::ffff:127.0.0.1]/",
            _ => return http("200 OK", &[], b"public"),
        };
        http("307 Temporary Redirect", &[("location", location)], b"")
    })
    .await;
    let here = server.address;
    let proxy = Proxy::start(Kind::Http, move |_| Some(here)).await;
    let proxy_url = format!("http://user:pass@127.0.0.1:{}", proxy.address.port());
    let engine = Engine::new(EngineConfig {
        egress: EgressConfig {
            proxy: Some(proxy_url.parse().unwrap()),
            lookup: NameLookup::new(|name| {
                let address = match name {
                    "inside.example" | "localhost" => "127.0.0.1:0",
                    _ => PUBLIC,
                };
                Ok(vec![address.parse().unwrap()])
            }),
            ..egress(false)
        },
        ..EngineConfig::default()
    })
    .unwrap();
    let fetch = |path: &str| {
        let url = format!("https://public.example{path}");
        fetching(&url, "return (await fetch(url)).text()")
    };
    assert_eq!(text(&engine.run(fetch("/")).await), "public");
    for path in [
        "/address",
        "/port",
        "/name",
        "/localhost",
        "/short",
        "/decimal",
        "/hexadecimal",
        "/v6",
        "/mapped",
    ] {
        let words = "which contracts may not reach";
        let report = attack_on(&engine, fetch(path), FailureCode::ScriptThrew, words).await;
        let code = first_error(&report);
        assert_eq!(code, Some(HttpErrorCode::AddressRefused), "{path}");
    }
    for asked in proxy.asked() {
        assert_eq!(asked, PUBLIC.replace(":0", ":443"), "it went elsewhere");
    }
}

#[tokio::test]
async fn nothing_can_be_written_between_the_lines_of_a_request() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = heads.clone();
    let server = Server::start(move |asked| {
        seen.lock().unwrap().push(asked.head.to_lowercase());
        http("200 OK", &[], b"")
    })
    .await;
    let injected = [
        "fetch(url, { headers: { x: 'a\\r\\nevil: 1' } })",
        "fetch(url, { headers: { x: 'a\\nevil: 1' } })",
        "fetch(url, { headers: { x: 'a\\revil: 1' } })",
        "fetch(url, { headers: { x: 'a\\0evil: 1' } })",
        "fetch(url, { headers: { 'x: a\\r\\nevil': '1' } })",
        "fetch(url, { headers: [['x\\n', '1']] })",
        "fetch(url, { method: 'GET / HTTP/1.1\\r\\nevil: 1\\r\\n' })",
        "(() => { const h = new Headers(); h.append('x', '\\u010d\\u010aevil: 1'); return fetch(url, { headers: h }) })()",
    ];
    for call in injected {
        let run = fetching(&server.url("/"), &format!("return (await {call}).text()"));
        attack(run, FailureCode::ScriptThrew, "TypeError").await;
    }
    assert_eq!(heads.lock().unwrap().len(), 0, "they were refused before");
    // In a URL, line breaks are dropped or escaped, as the standard says.
    for path in ["/a\\r\\nevil: 1", "/?a=\\r\\nevil: 1", "/%0d%0aevil:%201"] {
        let body = format!("await fetch(url + '{path}'); return ''");
        let run = fetching(&server.url(""), &body);
        report(run).await;
    }
    let heads = heads.lock().unwrap();
    assert_eq!(heads.len(), 3);
    for head in heads.iter() {
        assert!(!head.lines().any(|line| line.starts_with("evil")), "{head}");
    }
}

/// What a server writes into its answer does not come out as more than it is.
#[tokio::test]
async fn answers_that_are_no_http_are_refused() {
    let server = Server::start(|asked| {
        Answer::Bytes(match asked.path() {
            "/garbage" => vec![0xff; 1000],
            "/empty" => Vec::new(),
            "/split" => b"HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n".to_vec(),
            "/two-lengths" => {
                b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_vec()
            }
            "/length" => {
                b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n".to_vec()
            }
            "/negative" => b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n".to_vec(),
            "/chunk" => {
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n"
                    .to_vec()
            }
            "/cut" => b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort".to_vec(),
            _ => b"HTTP/1.1 99999 OK\r\n\r\n".to_vec(),
        })
    })
    .await;
    for path in [
        "/garbage",
        "/empty",
        "/split",
        "/two-lengths",
        "/length",
        "/negative",
        "/chunk",
        "/cut",
        "/status",
    ] {
        let report = attack(
            fetch(&server, path),
            FailureCode::ScriptThrew,
            "fetch failed",
        )
        .await;
        let code = first_error(&report);
        assert_eq!(code, Some(HttpErrorCode::Protocol), "{path}");
    }
}
