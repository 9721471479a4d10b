//! What contracts reach over HTTP, and what they do not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{
    engine, fails, fetching, first_error, http2, report, run,
    server::{Answer, Server, http, message},
    text,
};
use phat_engine::{Engine, FailureCode, HttpErrorCode, Run};
use phat_manifest::Limits;

/// A script whose function sees the server's port as `port`.
fn script(server: &Server, body: &str) -> Run {
    let port = server.address.port();
    run(&format!(
        "const port = {port}; const url = 'https://localhost:' + port;
        const failure = (promise) => promise.then((r) => 'status ' + r.status, (e) => e.name + ': ' + e.message);
        export default async function () {{ {body} }}"
    ))
}

async fn returned(server: &Server, body: &str) -> String {
    text(&report(script(server, body)).await)
}

#[tokio::test]
async fn requests_and_responses_arrive_whole() {
    let server = Server::start(|asked| match asked.path() {
        "/echo" => {
            let body = [asked.head.as_bytes(), b"\r\n\n", &asked.body].concat();
            http("200 OK", &[("x-one", "1"), ("X-Two", "a"), ("x-two", "b"), ("x-latin", "\u{e9}")], &body)
        }
        "/json" => http("201 Created", &[("content-type", "application/json")], br#"{"a":[1]}"#),
        "/bytes" => http("200 OK", &[], &[0, 255, 128]),
        "/chunked" => Answer::Bytes(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".to_vec()),
        _ => http("404 Not Found", &[], b"no"),
    })
    .await;
    let echo = returned(&server, "
        const r = await fetch(url + '/echo#part', { method: 'post', headers: { 'X-Own': 'v' }, body: JSON.stringify({ q: 'é' }) });
        if (r.bodyUsed) throw new Error('used');
        return (await r.text()).toLowerCase();").await;
    assert!(echo.starts_with("post /echo http/1.1\r\n"), "{echo}");
    for part in [
        "x-own: v\r\n",
        "content-type: text/plain;charset=utf-8\r\n",
        "user-agent: phat/",
        "content-length: 10\r\n",
    ] {
        assert!(echo.contains(part), "{part} in {echo}");
    }
    assert!(echo.ends_with("\r\n\n{\"q\":\"é\"}"), "{echo}");
    let check = async |body: &str, expected: &str| {
        assert_eq!(returned(&server, body).await, expected, "{body}")
    };
    check("const r = await fetch(url + '/json'); const j = await r.json();
        return [r.ok, r.status, r.statusText, r.headers.get('Content-Type'), r.url === url + '/json', j.a[0], r.redirected].join()",
        "true,201,Created,application/json,true,1,false").await;
    check("const r = await fetch(url + '/echo'); return [...r.headers].filter(([n]) => n.startsWith('x-')).join(';') + r.headers.has('x-one')",
        "x-latin,Ã©;x-one,1;x-two,a, btrue").await;
    check(
        "return [...new Uint8Array(await (await fetch(url + '/bytes')).arrayBuffer())].join()",
        "0,255,128",
    )
    .await;
    check(
        "return (await (await fetch(url + '/chunked')).bytes()).length + ''",
        "5",
    )
    .await;
    check("const r = await fetch(url + '/x'); return r.ok + ' ' + r.status + await r.clone().text() + await r.text()", "false 404nono").await;
    check("const r = await fetch(new Request(url + '/echo', { method: 'PUT', body: new URLSearchParams({ a: 'b c' }) }));
        const t = await r.text(); return t.includes('application/x-www-form-urlencoded') + t.slice(-5)", "truea=b+c").await;
    check("const r = await fetch(url + '/echo', { method: 'POST', body: new Uint8Array([65, 66]) }); return (await r.text()).slice(-2)", "AB").await;
    check("const r = await fetch(url + '/bytes'); await r.text(); return failure(r.text().then(() => ({ status: 'again' })))", "TypeError: the body was read before").await;
}

#[tokio::test]
async fn requests_under_promise_all_overlap() {
    // Each of the three is answered only when all three are waiting.
    let server = Server::start(|_| Answer::Together(3, message("200 OK", &[], b"x"))).await;
    let body = "const r = await Promise.all([1, 2, 3].map((n) => fetch(url + '/' + n))); return String(r.length)";
    assert_eq!(returned(&server, body).await, "3");
}

#[tokio::test]
async fn requests_can_be_aborted() {
    let server = Server::start(|_| Answer::Silence).await;
    let check = async |body: &str, expected: &str| {
        assert_eq!(returned(&server, body).await, expected, "{body}")
    };
    check(
        "return failure(fetch(url, { signal: AbortSignal.timeout(20) }))",
        "TimeoutError: The operation timed out.",
    )
    .await;
    check("const c = new AbortController(); setTimeout(() => c.abort(), 10); return failure(fetch(url, { signal: c.signal }))",
        "AbortError: This operation was aborted.").await;
    check(
        "return failure(fetch(url, { signal: AbortSignal.abort(new Error('mine')) }))",
        "Error: mine",
    )
    .await;
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let server = Server::start(|_| http("200 OK", &[], b"")).await;
    let check = async |body: &str, expected: &str| {
        let found = returned(&server, &format!("return failure({body})")).await;
        assert!(found.contains(expected), "{body}: {found}");
    };
    check("fetch('nonsense')", "Invalid URL").await;
    check("fetch('ftp://a.org')", "the scheme ftp is not supported").await;
    check("fetch('data:,x')", "the scheme data is not supported").await;
    check(
        "fetch('https://u:p@localhost:1')",
        "cannot have a user name",
    )
    .await;
    check(
        "fetch(url, { method: 'CONNECT' })",
        "CONNECT is not allowed",
    )
    .await;
    check("fetch(url, { method: 'A B' })", "invalid method").await;
    check("fetch(url, { body: 'x' })", "cannot have a body").await;
    check(
        "fetch(url, { headers: { 'x-a': 'a\\r\\nx-b: c' } })",
        "contains a line break",
    )
    .await;
    check(
        "fetch(url, { headers: { 'x\\r\\n': 'a' } })",
        "invalid header name",
    )
    .await;
    check("fetch(url, { headers: { 'x-a': '€' } })", "outside Latin-1").await;
    for name in [
        "Host",
        "Connection",
        "Transfer-Encoding",
        "TE",
        "Upgrade",
        "Proxy-Authorization",
    ] {
        check(
            &format!("fetch(url, {{ headers: {{ '{name}': 'x' }} }})"),
            "cannot be set",
        )
        .await;
    }
    check(
        "fetch(url, { method: 'POST', body: {} })",
        "use JSON.stringify",
    )
    .await;
    let quotes = "return failure(fetch('a'.repeat(9999) + ':b'))";
    assert_eq!(
        returned(&server, quotes).await.len(),
        "TypeError: fetch failed: ".len() + 1024
    );
    check(
        "fetch(url, { headers: { 'content-length': '5' } })",
        "status 200",
    )
    .await;
}

#[tokio::test]
async fn only_allowed_hosts_are_called() {
    let server = Server::start(|_| http("200 OK", &[], b"")).await;
    let port = server.address.port();
    let check = async |allowed: &str, expected: Option<HttpErrorCode>| {
        let run = Run {
            allowed_hosts: allowed.split_whitespace().map(str::to_owned).collect(),
            ..script(&server, "return failure(fetch(url))")
        };
        let report = report(run).await;
        assert_eq!(
            first_error(&report),
            expected,
            "{allowed}: {}",
            text(&report)
        );
    };
    check("localhost", None).await;
    check(&format!("a.org localhost:{port}"), None).await;
    check("", Some(HttpErrorCode::HostNotAllowed)).await;
    check("localhost:1", Some(HttpErrorCode::HostNotAllowed)).await;
    check("*.localhost", Some(HttpErrorCode::HostNotAllowed)).await;
    check("127.0.0.1", Some(HttpErrorCode::HostNotAllowed)).await;
}

#[tokio::test]
async fn private_networks_are_refused() {
    let strict = engine(false);
    let server = Server::start(|_| http("200 OK", &[], b"reached")).await;
    let port = server.address.port();
    let check = async |engine: &Engine, url: &str, expected: Option<HttpErrorCode>| {
        let run = script(&server, &format!("return failure(fetch('{url}'))"));
        let report = engine.run(run).await;
        assert_eq!(first_error(&report), expected, "{url}: {}", text(&report));
        assert!(
            !text(&report).contains("127.0.0.1 "),
            "addresses are not told"
        );
    };
    let refused = Some(HttpErrorCode::AddressRefused);
    for host in [
        "localhost",
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[::]",
        "224.0.0.1",
        "255.255.255.255",
        "[fc00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "192.0.2.1",
        "[2001:db8::1]",
        "LOCALHOST",
    ] {
        check(&strict, &format!("https://{host}:{port}/"), refused).await;
    }
    check(
        &strict,
        &format!("http://localhost:{port}/"),
        Some(HttpErrorCode::InvalidRequest),
    )
    .await;
    check(&common::ENGINE, &format!("https://127.0.0.1:{port}/"), None).await;
    check(
        &common::ENGINE,
        &format!("https://169.254.169.254:{port}/"),
        refused,
    )
    .await;
    check(
        &common::ENGINE,
        &format!("https://0.0.0.0:{port}/"),
        refused,
    )
    .await;
    check(&common::ENGINE, "http://1.1.1.1/", refused).await;
    check(
        &strict,
        "https://no-such-name.invalid/",
        Some(HttpErrorCode::Dns),
    )
    .await;
}

#[tokio::test]
async fn plain_http_is_for_private_networks_that_are_allowed() {
    let server = Server::start_plain(|_| http("200 OK", &[], b"plain")).await;
    let body = "return await (await fetch('http://127.0.0.1:' + port)).text()";
    assert_eq!(returned(&server, body).await, "plain");
}

#[tokio::test]
async fn connections_must_be_trusted() {
    let check = async |server: &Server, expected: HttpErrorCode| {
        let report = report(script(server, "return failure(fetch(url))")).await;
        assert_eq!(first_error(&report), Some(expected), "{}", text(&report));
    };
    check(
        &Server::start_untrusted(|_| http("200 OK", &[], b"")).await,
        HttpErrorCode::Tls,
    )
    .await;
    check(
        &Server::start(|_| Answer::Bytes(b"not http\r\n\r\n".to_vec())).await,
        HttpErrorCode::Protocol,
    )
    .await;
    check(
        &Server::start(|_| Answer::Bytes(Vec::new())).await,
        HttpErrorCode::Protocol,
    )
    .await;
    check(
        &Server::start(|_| {
            Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut".to_vec())
        })
        .await,
        HttpErrorCode::Protocol,
    )
    .await;
    let gone = Server::start(|_| Answer::Silence).await;
    let run = script(&gone, "return failure(fetch(url))");
    drop(gone);
    tokio::task::yield_now().await;
    let report = report(run).await;
    assert_eq!(
        first_error(&report),
        Some(HttpErrorCode::Connect),
        "{}",
        text(&report)
    );
}

#[tokio::test]
async fn redirects_are_checked_like_requests() {
    let other =
        Server::start(|asked| http("200 OK", &[], asked.head.to_lowercase().as_bytes())).await;
    let elsewhere = other.url("/there");
    let server = Server::start(move |asked| {
        let redirect = |status: &str, to: &str| http(status, &[("location", to)], b"moved");
        match asked.path() {
            "/relative" => redirect("302 Found", "/end?x"),
            "/loop" => redirect("307 Temporary Redirect", "/loop"),
            "/303" => redirect("303 See Other", "/end"),
            "/307" => redirect("307 Temporary Redirect", "/end"),
            "/other" => redirect("302 Found", &elsewhere),
            "/metadata" => redirect("302 Found", "https://169.254.169.254/latest"),
            "/plain" => redirect("302 Found", "http://127.0.0.1/"),
            "/file" => redirect("302 Found", "file:///etc/passwd"),
            "/nowhere" => redirect("302 Found", "https://"),
            "/end" | "/end?x" => http(
                "200 OK",
                &[],
                format!("{} {}", asked.method(), asked.body.len()).as_bytes(),
            ),
            _ => http("404 Not Found", &[], b""),
        }
    })
    .await;
    let check = async |body: &str, expected: &str| {
        let found = returned(&server, body).await;
        assert!(found.contains(expected), "{body}: {found}");
    };
    check("const r = await fetch(url + '/relative'); return r.url.slice(url.length) + r.redirected + await r.text()", "/end?xtrueGET 0").await;
    check(
        "return (await fetch(url + '/303', { method: 'POST', body: 'abc' })).text()",
        "GET 0",
    )
    .await;
    check(
        "return (await fetch(url + '/307', { method: 'POST', body: 'abc' })).text()",
        "POST 3",
    )
    .await;
    check("const r = await fetch(url + '/relative', { redirect: 'manual' }); return r.status + r.headers.get('location')", "302/end?x").await;
    check(
        "return failure(fetch(url + '/relative', { redirect: 'error' }))",
        "redirects, and redirect is",
    )
    .await;
    check(
        "return failure(fetch(url + '/loop'))",
        "the limit http_redirects of 10",
    )
    .await;
    check(
        "return failure(fetch(url + '/metadata'))",
        "a cloud metadata service, which contracts may not reach",
    )
    .await;
    check(
        "return failure(fetch(url + '/plain'))",
        "redirects from https to http",
    )
    .await;
    check(
        "return failure(fetch(url + '/file'))",
        "redirects from https to file",
    )
    .await;
    check("return failure(fetch(url + '/nowhere'))", "no URL").await;
    // Credentials stay with the origin they are for.
    let headers = "{ headers: { authorization: 'secret', cookie: 'a=b', 'x-own': 'kept' } }";
    let seen = returned(
        &server,
        &format!("return (await fetch(url + '/other', {headers})).text()"),
    )
    .await;
    assert!(
        seen.contains("x-own: kept") && !seen.contains("secret") && !seen.contains("a=b"),
        "{seen}"
    );
    // The host of a redirect must be allowed too.
    let run = Run {
        allowed_hosts: vec![format!("localhost:{}", server.address.port())],
        ..script(&server, "return failure(fetch(url + '/other'))")
    };
    assert_eq!(
        first_error(&report(run).await),
        Some(HttpErrorCode::HostNotAllowed)
    );
}

#[tokio::test]
async fn every_bound_holds_one_past_it() {
    let server = Server::start(|asked| match asked.path() {
        "/fits" => Answer::Bytes(
            b"HTTP/1.1 200 OK\r\nx: 123456789\r\n\r\n"
                .iter()
                .copied()
                .chain([b'x'; 90])
                .collect(),
        ),
        "/over" => Answer::Bytes(
            b"HTTP/1.1 200 OK\r\nx: 123456789\r\n\r\n"
                .iter()
                .copied()
                .chain([b'x'; 91])
                .collect(),
        ),
        "/headers" => {
            Answer::Bytes(format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(100)).into_bytes())
        }
        "/endless" => Answer::Endless(
            b"HTTP/1.1 200 OK\r\n\r\n"
                .iter()
                .copied()
                .chain([b'x'; 50])
                .collect(),
        ),
        "/silent" => Answer::Silence,
        "/kilobyte" => http("200 OK", &[], &[b'x'; 1000]),
        _ => http("200 OK", &[], b"ok"),
    })
    .await;
    let check = async |change: &dyn Fn(&mut Limits), body: &str, expected: &str| {
        let mut run = script(&server, body);
        change(&mut run.limits);
        let found = text(&report(run).await);
        assert!(found.contains(expected), "{body}: {found}");
    };
    let response = |limits: &mut Limits| limits.http_response_bytes = 100;
    check(
        &response,
        "return failure(fetch(url + '/fits'))",
        "status 200",
    )
    .await;
    check(
        &response,
        "return failure(fetch(url + '/over'))",
        "the limit http_response_bytes of 100",
    )
    .await;
    check(
        &response,
        "return failure(fetch(url + '/headers'))",
        "the limit http_response_bytes of 100",
    )
    .await;
    check(
        &response,
        "return failure(fetch(url + '/endless'))",
        "the limit http_response_bytes of 100",
    )
    .await;

    // What a run receives in all is bounded too; the fetch that goes over it fails.
    let transcript = |limits: &mut Limits| limits.transcript_bytes = 2_000;
    check(
        &transcript,
        "return await failure(fetch(url + '/kilobyte')) + await failure(fetch(url + '/kilobyte'))",
        "status 200TypeError: fetch failed: the limit transcript_bytes of 2000",
    )
    .await;

    // The method, the URL, the content type and the body count.
    let size = "POST".len()
        + server.url("/").len()
        + "content-type".len()
        + "text/plain;charset=UTF-8".len();
    let request = |limits: &mut Limits| limits.http_request_bytes = size as u64 + 10;
    check(
        &request,
        "return failure(fetch(url, { method: 'POST', body: 'x'.repeat(10) }))",
        "status 200",
    )
    .await;
    check(
        &request,
        "return failure(fetch(url, { method: 'POST', body: 'x'.repeat(11) }))",
        "the limit http_request_bytes",
    )
    .await;

    let time = |limits: &mut Limits| limits.http_time_ms = 100;
    check(
        &time,
        "return failure(fetch(url + '/silent'))",
        "TimeoutError: no whole answer within 100 ms",
    )
    .await;

    let count = |limits: &mut Limits| limits.http_requests = 2;
    check(
        &count,
        "await fetch(url); return failure(fetch(url))",
        "status 200",
    )
    .await;
    let mut run = script(
        &server,
        "await fetch(url); await fetch(url); return failure(fetch(url))",
    );
    count(&mut run.limits);
    fails(
        run,
        FailureCode::HostLimit {
            name: "http_requests",
        },
        "the limit http_requests of 2",
    )
    .await;
}

#[tokio::test]
async fn headers_are_counted() {
    let server = Server::start(|_| http("200 OK", &[], b"")).await;
    let with = |count: usize| {
        let headers = format!("Array.from({{ length: {count} }}, (_, i) => ['x' + i, ''])");
        script(
            &server,
            &format!("return failure(fetch(url, {{ headers: {headers} }}))"),
        )
    };
    assert_eq!(text(&report(with(256)).await), "status 200");
    let name = "http_request_headers";
    fails(with(257), FailureCode::HostLimit { name }, "of 256").await;
    // A script that goes round the library gains nothing by it.
    let tampered = script(
        &server,
        "Array.prototype.flat = () => new Array(200_000).fill('x'); return failure(fetch(url))",
    );
    fails(tampered, FailureCode::HostLimit { name }, "of 256").await;
}

#[tokio::test]
async fn requests_wait_for_their_turn() {
    // The server answers once two wait: with one at a time, none is ever answered.
    let server = Server::start(|_| Answer::Together(2, message("200 OK", &[], b""))).await;
    let with = |concurrent: u64| {
        let mut run = script(
            &server,
            "return (await Promise.all([1, 2].map((n) => failure(fetch(url + '/' + n))))).join()",
        );
        run.limits.http_requests_concurrent = concurrent;
        run.limits.http_time_ms = 300;
        run
    };
    assert!(text(&report(with(1)).await).contains("TimeoutError"));
    assert_eq!(text(&report(with(2)).await), "status 200,status 200");
}

/// A script that fetches from a server that speaks HTTP/2.
fn script2(server: &http2::Server, body: &str) -> Run {
    fetching(&format!("https://localhost:{}", server.port()), body)
}

#[tokio::test]
async fn bounds_hold_over_http2() {
    let server = http2::Server::start(|path| match path {
        "/fits" => http2::Answer::Body(vec![b'x'; 100]),
        "/over" => http2::Answer::Body(vec![b'x'; 101]),
        "/endless" => http2::Answer::Endless,
        "/reset" => http2::Answer::Reset,
        "/away" => http2::Answer::GoAway,
        _ => http2::Answer::Body(b"ok".to_vec()),
    })
    .await;
    let check = async |path: &str, expected: &str, error: Option<HttpErrorCode>| {
        let mut run = script2(&server, &format!("return failure(fetch(url + '{path}'))"));
        run.limits.http_response_bytes = 100;
        let report = report(run).await;
        let found = text(&report);
        assert!(found.contains(expected), "{path}: {found}");
        assert_eq!(first_error(&report), error, "{path}: {found}");
    };
    check("/fits", "status 200", None).await;
    let limit = "the limit http_response_bytes of 100";
    check("/over", limit, Some(HttpErrorCode::Limit)).await;
    check("/endless", limit, Some(HttpErrorCode::Limit)).await;
    let protocol = Some(HttpErrorCode::Protocol);
    check("/reset", "localhost: the connection failed", protocol).await;
    check("/away", "localhost: the connection failed", protocol).await;
    // What was broken off is broken off for one request only.
    let body = "const bad = await failure(fetch(url + '/reset'));
        const good = await (await fetch(url + '/good')).text();
        return bad.includes('failed') + good;";
    assert_eq!(text(&report(script2(&server, body)).await), "trueok");
}

#[tokio::test]
async fn an_engine_refuses_an_authority_that_is_none() {
    let with = |pem: &str| {
        let mut config = phat_engine::EngineConfig::default();
        config.egress.extra_ca_pem = vec![pem.as_bytes().to_vec()];
        Engine::new(config).err().map(|error| error.to_string())
    };
    assert!(with("").unwrap().contains("no certificate"));
    assert!(with("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").is_some());
}
