//! Endpoints that limit, fail and talk nonsense, played by a small server.

use std::{
    net::SocketAddr,
    slice,
    sync::{Arc, Mutex},
};

use alloy::{
    primitives::hex,
    sol_types::{Revert, SolError},
};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use phat_target::{Rejection, Target, TargetError};
use phat_target_evm::{EvmConfig, EvmTarget};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How the server behaves.
#[derive(Clone, Copy)]
enum Mood {
    /// Refuses searches for logs over more blocks than this.
    LogBlocksMax(u64),
    /// Asks every second caller to come back later.
    Busy,
    /// Answers every call with text.
    Nonsense,
    /// Wants to be asked less often, whenever it is asked.
    Limited,
    /// Tells of a consumer that reverts with words of the endpoint's own.
    Reverting,
}

#[derive(Clone)]
struct Server {
    mood: Mood,
    /// The calls it got: the method, and for logs the span.
    calls: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(mood: Mood) -> (Self, EvmTarget) {
        let server = Self {
            mood,
            calls: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/", post(answer))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = EvmConfig::new(1, format!("http://{address}/").parse().unwrap(), [1; 32]);
        (server, EvmTarget::new(&config).unwrap())
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

async fn answer(State(server): State<Server>, Json(call): Json<Value>) -> Response {
    let method = call["method"].as_str().unwrap();
    let height = |name: &str| {
        let text = call["params"][0][name].as_str().unwrap_or("0x0");
        u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()
    };
    let span = height("toBlock") - height("fromBlock") + 1;
    let is_even = {
        let mut calls = server.calls.lock().unwrap();
        calls.push(match method {
            "eth_getLogs" => format!("logs {}..={}", height("fromBlock"), height("toBlock")),
            other => other.into(),
        });
        calls.len().is_multiple_of(2)
    };
    match server.mood {
        Mood::Nonsense => return "<html>all fine</html>".into_response(),
        Mood::Busy if !is_even => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        _ => {}
    }
    let outcome = match (method, server.mood) {
        ("eth_chainId", _) => ("result", json!("0x1")),
        ("eth_getLogs", Mood::LogBlocksMax(max)) if span > max => (
            "error",
            json!({"code": -32005, "message": "query exceeds the range allowed"}),
        ),
        ("eth_getLogs", Mood::Limited) => (
            "error",
            json!({"code": -32005, "message": "daily rate limit exceeded"}),
        ),
        ("eth_getLogs", _) => ("result", json!([])),
        ("eth_estimateGas", Mood::Reverting) => (
            "error",
            json!({
                "code": 3,
                "message": "execution reverted: insufficient funds",
                "data": hex::encode_prefixed(Revert::from("insufficient funds").abi_encode()),
            }),
        ),
        _ => (
            "error",
            json!({"code": -32601, "message": "no such method"}),
        ),
    };
    Json(json!({"jsonrpc": "2.0", "id": call["id"], outcome.0: outcome.1})).into_response()
}

#[tokio::test]
async fn spans_of_logs_shrink_to_what_the_endpoint_allows() {
    let (server, target) = Server::start(Mood::LogBlocksMax(300)).await;
    assert!(
        target
            .requests(&[1; 20], 10, 1_009)
            .await
            .unwrap()
            .is_empty()
    );
    let calls = server.calls();
    let done: Vec<&str> = calls.iter().map(String::as_str).collect();
    assert_eq!(
        done,
        [
            "eth_chainId",
            "logs 10..=1009",
            "logs 10..=509",
            "logs 10..=259",
            "logs 260..=509",
            "logs 510..=759",
            "logs 760..=1009",
        ]
    );
}

#[tokio::test]
async fn one_block_that_is_refused_is_an_error() {
    let (_, target) = Server::start(Mood::LogBlocksMax(0)).await;
    let error = target.requests(&[1; 20], 5, 8).await.unwrap_err();
    let TargetError::Refused {
        method: "eth_getLogs",
        reason,
        ..
    } = &error
    else {
        panic!("{error}");
    };
    assert!(reason.contains("exceeds the range"));
}

#[tokio::test]
async fn a_busy_endpoint_is_asked_again() {
    let (server, target) = Server::start(Mood::Busy).await;
    assert!(target.requests(&[1; 20], 5, 8).await.unwrap().is_empty());
    let calls = server.calls();
    assert_eq!(
        calls,
        ["eth_chainId", "eth_chainId", "logs 5..=8", "logs 5..=8"]
    );
}

/// A contract whose endpoint is out of patience has done nothing wrong.
#[tokio::test]
async fn an_endpoint_that_stays_busy_counts_as_no_answer() {
    let (server, target) = Server::start(Mood::Limited).await;
    let error = target.requests(&[1; 20], 5, 8).await.unwrap_err();
    assert!(matches!(error, TargetError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("rate limit"), "{error}");
    assert_eq!(server.calls().len(), 4, "no span is halved for that");
}

#[tokio::test]
async fn a_consumer_that_speaks_of_funds_is_no_empty_account() {
    let (_, target) = Server::start(Mood::Reverting).await;
    let rollup = crate::world::answer([1; 20].into(), [1; 32]);
    let signed = target.sign(&[1; 20], rollup, &[2; 32]).await.unwrap();
    let error = target
        .prepare(&[1; 20], slice::from_ref(&signed), 0, None)
        .await;
    let wanted = Rejection::Reverted("insufficient funds".into());
    assert_eq!(error.unwrap_err(), TargetError::Rejected(wanted));
}

#[tokio::test]
async fn nonsense_counts_as_no_answer() {
    let (_, target) = Server::start(Mood::Nonsense).await;
    let error = target.head().await.unwrap_err();
    assert!(matches!(error, TargetError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn what_the_endpoint_refuses_is_named() {
    let (_, target) = Server::start(Mood::LogBlocksMax(1)).await;
    let error = target.head().await.unwrap_err();
    assert!(
        matches!(
            error,
            TargetError::Refused {
                method: "eth_blockNumber",
                ..
            }
        ),
        "{error}"
    );
}
