use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use phat_primitives::{Attestation, ClusterId, CodeHash, ContractId, WorkerId};
use reqwest::Response;
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::oneshot};

use crate::{
    chain::{Worker, fake::FakeChain},
    testing::FakeWorker,
};

use super::*;

const CONTRACT: ContractId = ContractId([2; 32]);

/// A gateway in front of workers, and a client for it.
struct Setup {
    url: String,
    chain: Arc<FakeChain>,
    gateway: Gateway,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<()>>,
    http: Client,
}

impl Setup {
    /// All workers serve cluster 0, which has one contract.
    async fn new(endpoints: &[&str], limits: GatewayLimits) -> Self {
        let chain = FakeChain::with_contract(CONTRACT, CodeHash([3; 32]));
        for (index, endpoint) in endpoints.iter().enumerate() {
            chain.workers.lock().unwrap().push(Worker {
                id: WorkerId([index as u8; 32]),
                endpoint: endpoint.to_string(),
                cluster: Some(ClusterId(0)),
                attestation: Attestation::None,
            });
        }
        let chain = Arc::new(chain);
        let gateway = Gateway::new(chain.clone(), Endpoints::HttpToo, limits).unwrap();
        gateway.refresh().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(gateway.clone().serve(listener, async {
            let _ = stopped.await;
        }));
        Self {
            url,
            chain,
            gateway,
            stop: Some(stop),
            serving,
            http: http::client().unwrap().build().unwrap(),
        }
    }

    async fn call(&self, body: &str) -> Response {
        self.http
            .post(format!("{}/v1/contracts/{CONTRACT}/call", self.url))
            .header("content-type", "application/json")
            .body(body.to_owned())
            .send()
            .await
            .unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.http
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap()
    }
}

/// Compares the status and the code of an error.
async fn check_error(response: Response, status: StatusCode, code: &str) {
    let actual = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        (actual, body["error"]["code"].as_str()),
        (status, Some(code)),
        "{body}"
    );
}

fn answers(name: &'static str) -> impl Fn(&str) -> (StatusCode, String) + Clone {
    move |_| (StatusCode::OK, name.to_owned())
}

/// An address at which nothing listens.
async fn dead_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn calls_are_spread_over_the_live_workers_and_passed_on_as_they_are() {
    let (first, second) = (
        FakeWorker::start(answers("a")).await,
        FakeWorker::start(answers("b")).await,
    );
    let setup = Setup::new(&[&first.url, &second.url], GatewayLimits::default()).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let response = setup.call(r#"{"input":"0x01"}"#).await;
        assert_eq!(response.status(), StatusCode::OK);
        seen.push(response.text().await.unwrap());
    }
    seen.sort();
    assert_eq!(seen, ["a", "a", "b", "b"]);
    let expected = format!(r#"POST /v1/contracts/{CONTRACT}/call {{"input":"0x01"}}"#);
    assert_eq!(first.asked(), [expected.clone(), expected]);

    let path = format!("/v1/contracts/{CONTRACT}/logs?after=3");
    setup.get(&path).await;
    assert!(
        [first.asked(), second.asked()]
            .concat()
            .contains(&format!("GET {path} "))
    );
    // One look-up serves them all.
    assert_eq!(setup.chain.lookups.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_workers_own_errors_pass_through() {
    let worker = FakeWorker::start(|path| match path {
        "/health" => (StatusCode::OK, String::new()),
        _ => (StatusCode::TOO_MANY_REQUESTS, "slow down".into()),
    })
    .await;
    let setup = Setup::new(&[&worker.url], GatewayLimits::default()).await;
    let response = setup.call("{}").await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.text().await.unwrap(), "slow down");
    assert_eq!(worker.asked().len(), 1);
}

#[tokio::test]
async fn a_worker_that_cannot_be_reached_is_passed_over_with_the_body_intact() {
    let dying = FakeWorker::start(answers("dying")).await;
    let alive = FakeWorker::start(answers("alive")).await;
    let setup = Setup::new(&[&dying.url, &alive.url], GatewayLimits::default()).await;
    // It was alive when it was asked last, so the gateway still tries it.
    let endpoint = dying.url.clone();
    drop(dying);
    let address = endpoint.strip_prefix("http://").unwrap();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        let response = setup.call(r#"{"input":"0x01"}"#).await;
        assert_eq!(response.text().await.unwrap(), "alive");
    }
    let expected = format!(r#"POST /v1/contracts/{CONTRACT}/call {{"input":"0x01"}}"#);
    assert_eq!(alive.asked(), vec![expected; 3]);
    let live = setup.gateway.directory.live();
    assert_eq!(live.len(), 1, "the dead one is not tried again");
}

/// A worker that takes the call and then breaks off may have run it.
#[tokio::test]
async fn a_call_that_may_have_run_is_not_repeated() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let breaks_off = format!("http://{}", listener.local_addr().unwrap());
    let breaking = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut start = [0; 4];
            stream.read_exact(&mut start).await.unwrap();
            if &start == b"GET " {
                let ok = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(ok).await.unwrap();
            }
        }
    });
    let other = FakeWorker::start(|path| match path {
        // Not alive at first, so that the breaking one is tried first.
        "/health" => (StatusCode::SERVICE_UNAVAILABLE, String::new()),
        _ => (StatusCode::OK, "ran".into()),
    })
    .await;
    let setup = Setup::new(&[&breaks_off, &other.url], GatewayLimits::default()).await;
    let response = setup.call(r#"{"input":"0x01"}"#).await;
    check_error(response, StatusCode::BAD_GATEWAY, "worker_failed").await;
    assert_eq!(other.asked(), Vec::<String>::new());
    breaking.abort();
}

#[tokio::test]
async fn what_cannot_be_routed_is_refused_with_the_reason() {
    let worker = FakeWorker::start(answers("a")).await;
    let setup = Setup::new(&[&worker.url], GatewayLimits::default()).await;
    let unknown = ContractId([9; 32]);
    let response = setup.get(&format!("/v1/contracts/{unknown}")).await;
    check_error(response, StatusCode::NOT_FOUND, "not_found").await;
    let response = setup.get("/v1/contracts/0x12/logs").await;
    check_error(response, StatusCode::BAD_REQUEST, "bad_request").await;
    let response = setup.get("/v1/requests").await;
    check_error(response, StatusCode::BAD_REQUEST, "bad_request").await;
    let response = setup.get("/metrics").await;
    check_error(response, StatusCode::NOT_FOUND, "not_found").await;
    let response = setup.http.post(format!("{}/health", setup.url));
    let response = response.send().await.unwrap();
    check_error(
        response,
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
    )
    .await;
    assert_eq!(worker.asked(), Vec::<String>::new());

    let response = setup
        .get(&format!("/v1/requests?contract={CONTRACT}"))
        .await;
    assert_eq!(response.text().await.unwrap(), "a");
}

/// Dots in a path could lead to other parts of the worker's host.
#[tokio::test]
async fn a_path_cannot_leave_the_part_that_is_routed() {
    let worker = FakeWorker::start(answers("a")).await;
    let setup = Setup::new(&[&worker.url], GatewayLimits::default()).await;
    let address = setup.url.strip_prefix("http://").unwrap();
    for dots in ["..", "%2e%2e", ".%2E"] {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        // By hand: a client would tidy the path up.
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /v1/contracts/{CONTRACT}/{dots}/{dots}/{dots}/metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 400"), "{response}");
    }
    assert_eq!(worker.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn bodies_are_bounded_in_both_directions() {
    let limits = GatewayLimits {
        request_bytes_max: 4,
        response_bytes_max: 8,
        ..GatewayLimits::default()
    };
    let worker = FakeWorker::start(|path| {
        let body = if path.contains("long") {
            "123456789"
        } else {
            "12345678"
        };
        (StatusCode::OK, body.into())
    })
    .await;
    let setup = Setup::new(&[&worker.url], limits).await;
    assert_eq!(setup.call("1234").await.text().await.unwrap(), "12345678");
    check_error(
        setup.call("12345").await,
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
    )
    .await;

    // A body that does not say how long it is.
    let chunks = futures::stream::iter(["123", "45"].map(Ok::<_, std::io::Error>));
    let response = setup
        .http
        .post(format!("{}/v1/contracts/{CONTRACT}/call", setup.url))
        .body(reqwest::Body::wrap_stream(chunks))
        .send()
        .await
        .unwrap();
    check_error(response, StatusCode::PAYLOAD_TOO_LARGE, "too_large").await;
    assert_eq!(worker.asked().len(), 1, "the worker got no whole body");

    let response = setup.get(&format!("/v1/contracts/{CONTRACT}/long")).await;
    check_error(response, StatusCode::BAD_GATEWAY, "worker_failed").await;
}

#[tokio::test]
async fn requests_beyond_the_bound_are_turned_away() {
    let limits = GatewayLimits {
        requests_concurrent_max: 0,
        ..GatewayLimits::default()
    };
    let worker = FakeWorker::start(answers("a")).await;
    let setup = Setup::new(&[&worker.url], limits).await;
    let response = setup.call("{}").await;
    assert_eq!(response.headers()["retry-after"], "1");
    check_error(response, StatusCode::SERVICE_UNAVAILABLE, "busy").await;
}

#[tokio::test]
async fn a_receipt_is_found_at_whichever_worker_has_it() {
    let without = FakeWorker::start(|path| match path {
        "/health" => (StatusCode::OK, String::new()),
        _ => (StatusCode::NOT_FOUND, "no".into()),
    })
    .await;
    let with = FakeWorker::start(answers("receipt")).await;
    let setup = Setup::new(&[&without.url, &with.url], GatewayLimits::default()).await;
    let path = format!("/v1/receipts/{CONTRACT}");
    assert_eq!(setup.get(&path).await.text().await.unwrap(), "receipt");
    assert_eq!(without.asked().len(), 1);

    let setup = Setup::new(&[&without.url], GatewayLimits::default()).await;
    check_error(setup.get(&path).await, StatusCode::NOT_FOUND, "not_found").await;
}

#[tokio::test]
async fn workers_that_come_and_go_are_noticed() {
    let dead = dead_endpoint().await;
    let setup = Setup::new(&[&dead, "not a url"], GatewayLimits::default()).await;
    check_error(
        setup.call("{}").await,
        StatusCode::SERVICE_UNAVAILABLE,
        "no_live_worker",
    )
    .await;
    assert_eq!(
        setup.get("/health").await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );

    let worker = FakeWorker::start(answers("a")).await;
    setup.chain.workers.lock().unwrap().push(Worker {
        id: WorkerId([7; 32]),
        endpoint: worker.url.clone(),
        cluster: Some(ClusterId(0)),
        attestation: Attestation::None,
    });
    setup.gateway.refresh().await.unwrap();
    assert_eq!(setup.call("{}").await.text().await.unwrap(), "a");
    let health: Value = setup.get("/health").await.json().await.unwrap();
    assert_eq!(health, json!({ "status": "ok", "workers_live": 1 }));
    let info: Value = setup.get("/v1/info").await.json().await.unwrap();
    assert_eq!(info["workers"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
    let worker = FakeWorker::start(answers("a")).await;
    let mut setup = Setup::new(&[&worker.url], GatewayLimits::default()).await;
    setup.call("{}").await;
    setup.stop.take().unwrap().send(()).unwrap();
    setup.serving.await.unwrap().unwrap();
    let address = setup.url.strip_prefix("http://").unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
