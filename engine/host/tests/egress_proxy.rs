//! What goes through the operator's proxy, and what does not get there.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    net::SocketAddr,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use common::{
    ENGINE, egress, fetching, first_error,
    proxy::{Kind, Proxy},
    server::{Answer, Asked, Server, http},
    text,
};
use phat_engine::{EgressConfig, Engine, EngineConfig, HttpErrorCode, NameLookup, RunReport};
use phat_primitives::ContractId;

/// An address that stands for the public internet.
const PUBLIC: &str = "93.184.215.14:0";
const ENVIRONMENT: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

fn engine_with(egress: EgressConfig) -> Engine {
    Engine::new(EngineConfig {
        egress,
        ..EngineConfig::default()
    })
    .unwrap()
}

/// An engine for tests whose connections go through a proxy.
fn behind(proxy: &str) -> Engine {
    engine_with(EgressConfig {
        proxy: Some(proxy.parse().unwrap()),
        ..egress(true)
    })
}

async fn fetched(engine: &Engine, url: &str) -> RunReport {
    let body = "const r = await fetch(url).catch((e) => e.message); return r.text ? r.text() : r";
    engine.run(fetching(url, body)).await
}

fn echo(asked: &Asked) -> Answer {
    http("200 OK", &[], asked.head.to_lowercase().as_bytes())
}

#[tokio::test]
async fn requests_go_through_proxies_of_every_kind() {
    let server = Server::start(echo).await;
    let here = server.address;
    for (kind, scheme) in [
        (Kind::Http, "http"),
        (Kind::Https, "https"),
        (Kind::Socks, "socks5"),
    ] {
        let proxy = Proxy::start(kind, move |_| Some(here)).await;
        let port = proxy.address.port();
        let url = format!("https://127.0.0.1:{}/path", here.port());
        let engine = behind(&format!("{scheme}://user:pass@localhost:{port}"));
        let report = fetched(&engine, &url).await;
        let seen = text(&report);
        assert!(seen.starts_with("get /path http/1.1\r\n"), "{seen}");
        assert!(
            !seen.contains("proxy"),
            "the server is told nothing: {seen}"
        );
        assert_eq!(proxy.asked(), [here.to_string()]);
        assert_eq!(
            (report.transcript.entries.len(), first_error(&report)),
            (2, None)
        );
    }
}

/// What a contract and the log of a run are told of a proxy that does not work.
#[tokio::test]
async fn passwords_are_not_told() {
    let server = Server::start(echo).await;
    let here = server.address;
    let open = |address: &str| address.ends_with(":1").then_some(());
    let connect = Proxy::start(Kind::Http, move |asked| open(asked).map(|()| here)).await;
    let socks = Proxy::start(Kind::Socks, move |asked| open(asked).map(|()| here)).await;
    let untrusted = Server::start_untrusted(|_| http("200 OK", &[], b"")).await;
    let untrusted_port = untrusted.address.port();
    let (http_port, socks_port) = (connect.address.port(), socks.address.port());
    for (proxy, words) in [
        (
            format!("http://user:hunter@localhost:{http_port}"),
            "made none",
        ),
        (format!("http://localhost:{http_port}"), "made none"),
        (
            format!("http://user:pass@localhost:{http_port}"),
            "made none",
        ),
        (
            format!("socks5://user:hush@localhost:{socks_port}"),
            "made none",
        ),
        // A proxy that is not who it says.
        (
            format!("https://user:pass@localhost:{untrusted_port}"),
            "cannot be used",
        ),
        (
            "http://user:pass@no-such-name.invalid".to_owned(),
            "cannot be used",
        ),
    ] {
        let report = fetched(&behind(&proxy), &server.url("/")).await;
        assert_eq!(
            first_error(&report),
            Some(HttpErrorCode::Connect),
            "{proxy}"
        );
        let told = format!("{:?}", report);
        assert!(told.contains(words), "{proxy}: {told}");
        for secret in ["user:", "pass@", "hunter", "hush", "dXNlcj", "why"] {
            assert!(!told.contains(secret), "{proxy}: {told}");
        }
    }
    assert_eq!(server.connections(), 0, "nothing goes round a proxy");
}

/// Behind a proxy, names are resolved and checked here, and the proxy is asked for
/// the address: what the name is for the proxy does not matter.
#[tokio::test]
async fn private_networks_are_refused_behind_a_proxy() {
    let server = Server::start(|asked| {
        let to = |location| http("302 Found", &[("location", location)], b"");
        match asked.path() {
            "/name" => to("https://inside.example/"),
            "/address" => to("https://10.0.0.1/"),
            "/metadata" => to("https://169.254.169.254/"),
            "/mapped" => to("https://[::ffff:10.0.0.1]/"),
            "/plain" => to("http://public.example/"),
            "/again" => to("https://turns.example/"),
            _ => http("200 OK", &[], b"public"),
        }
    })
    .await;
    let here = server.address;
    let proxy = Proxy::start(Kind::Http, move |_| Some(here)).await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = lookups.clone();
    let public: SocketAddr = PUBLIC.parse().unwrap();
    let inside: SocketAddr = "10.0.0.1:0".parse().unwrap();
    let lookup = NameLookup::new(move |name| {
        Ok(match name {
            "localhost" | "inside.example" => vec![inside],
            "both.example" => vec![public, inside],
            // The first time it is outside.
            "turns.example" if counted.fetch_add(1, Ordering::SeqCst) > 0 => vec![inside],
            _ => vec![public],
        })
    });
    let port = proxy.address.port();
    let engine = engine_with(EgressConfig {
        proxy: Some(
            format!("http://user:pass@127.0.0.1:{port}")
                .parse()
                .unwrap(),
        ),
        lookup,
        ..egress(false)
    });
    let check = async |url: &str, expected: Result<&str, HttpErrorCode>| {
        let report = fetched(&engine, url).await;
        match expected {
            Ok(body) => assert_eq!(text(&report), body, "{url}"),
            Err(code) => assert_eq!(first_error(&report), Some(code), "{}", text(&report)),
        }
    };
    check("https://public.example/", Ok("public")).await;
    let refused = Err(HttpErrorCode::AddressRefused);
    check("https://inside.example/", refused).await;
    check("https://both.example/", refused).await;
    check("https://10.0.0.1/", refused).await;
    check("https://[::1]/", refused).await;
    check("https://public.example/name", refused).await;
    check("https://public.example/address", refused).await;
    check("https://public.example/metadata", refused).await;
    check("https://public.example/mapped", refused).await;
    let redirect = Err(HttpErrorCode::Redirect);
    check("https://public.example/plain", redirect).await;
    // A name that is outside when it is asked first, and inside afterwards: each
    // connection goes to the address that was checked for it.
    check("https://turns.example/", Ok("public")).await;
    check("https://turns.example/", refused).await;
    check("https://public.example/again", refused).await;
    assert_eq!(lookups.load(Ordering::SeqCst), 3);
    for asked in proxy.asked() {
        assert_eq!(asked, PUBLIC.replace(":0", ":443"));
    }
}

/// A connection that is kept is to an address that was checked, whatever its name
/// says by now; a new one is checked anew.
#[tokio::test]
async fn names_that_change_gain_nothing() {
    let server = Server::start(|_| http("200 OK", &[], b"first")).await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = lookups.clone();
    let lookup = NameLookup::new(move |_| {
        let addresses = ["127.0.0.1:0", "169.254.169.254:0", "127.0.0.1:0"];
        let index = counted.fetch_add(1, Ordering::SeqCst);
        Ok(vec![addresses[index].parse().unwrap()])
    });
    let engine = engine_with(EgressConfig {
        lookup,
        ..egress(true)
    });
    let url = format!("https://turns.example:{}/", server.address.port());
    assert_eq!(text(&fetched(&engine, &url).await), "first");
    let second = fetched(&engine, &url).await;
    assert_eq!(first_error(&second), Some(HttpErrorCode::AddressRefused));
    assert_eq!(text(&fetched(&engine, &url).await), "first");
    assert_eq!(lookups.load(Ordering::SeqCst), 3);
}

/// Contracts share no tunnel either.
#[tokio::test]
async fn tunnels_are_kept_for_their_contract() {
    let server = Server::start(|_| common::server::kept("200 OK", &[], b"ok")).await;
    let here = server.address;
    let proxy = Proxy::start(Kind::Http, move |_| Some(here)).await;
    let engine = behind(&format!("http://user:pass@{}", proxy.address));
    for (contract, connections) in [(1, 1), (1, 1), (2, 2), (1, 2)] {
        let mut run = fetching(&server.url("/"), "return (await fetch(url)).text()");
        run.request.contract = ContractId([contract; 32]);
        assert_eq!(text(&engine.run(run).await), "ok");
        assert_eq!(proxy.asked().len(), connections);
    }
}

/// Runs itself again with proxies in the environment that are not there.
#[tokio::test]
async fn the_environment_is_not_asked() {
    let test = "the_environment_is_not_asked";
    if std::env::var_os(ENVIRONMENT[0]).is_none() {
        let again = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .envs(ENVIRONMENT.map(|name| (name, "http://127.0.0.1:1")))
            .envs(ENVIRONMENT.map(|name| (name.to_lowercase(), "http://127.0.0.1:1")))
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(
            again.status.success() && output.contains("1 passed"),
            "{output}"
        );
        return;
    }
    let server = Server::start(|_| http("200 OK", &[], b"direct")).await;
    assert_eq!(text(&fetched(&ENGINE, &server.url("/")).await), "direct");
}
