use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER},
    routing::get,
};
use phat_primitives::{
    Attestation, ClusterId, CodeHash, ContractId, EncryptionKey, ReceiptHash, RequestId, WorkerId,
    blake2_256,
};
use phat_receipt::{Origin, ReceiptBody, RunResult};
use phat_worker_client::{Health, ReceiptBundle};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::oneshot,
};

use crate::{
    chain::{Worker, fake::FakeChain},
    testing::{FakeWorker, bundle, worker_id},
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
        Self::with_origins(endpoints, limits, Vec::new()).await
    }

    /// The same, whose answers web pages may read, too.
    async fn with_origins(
        endpoints: &[&str],
        limits: GatewayLimits,
        origins: Vec<PageOrigin>,
    ) -> Self {
        let chain = FakeChain::with_contract(CONTRACT, CodeHash([3; 32]));
        for (index, endpoint) in endpoints.iter().enumerate() {
            chain.workers.lock().unwrap().push(Worker {
                id: WorkerId([index as u8; 32]),
                encryption_key: EncryptionKey([0x0e; 32]),
                endpoint: endpoint.to_string(),
                cluster: Some(ClusterId(0)),
                attestation: Attestation::None,
            });
        }
        let chain = Arc::new(chain);
        let gateway = Gateway::new(chain.clone(), Endpoints::HttpToo, limits).unwrap();
        let gateway = gateway.with_origins(origins);
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

    /// Another contract of the same cluster.
    fn add_contract(&self, id: ContractId) {
        let mut contracts = self.chain.contracts.lock().unwrap();
        let contract = contracts[0].1.clone();
        contracts.push((id, contract));
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

/// What a worker says of its health, in the status that goes with it.
fn health(ready: bool, stopping: bool) -> (StatusCode, String) {
    let health = Health {
        ready,
        reasons: Vec::new(),
        stopping,
    };
    let status = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, serde_json::to_string(&health).unwrap())
}

/// A worker that is ready and gives this answer to everything.
fn answers(name: &'static str) -> impl Fn(&str) -> (StatusCode, String) + Clone {
    replies(StatusCode::OK, name)
}

fn replies(
    status: StatusCode,
    body: impl Into<String>,
) -> impl Fn(&str) -> (StatusCode, String) + Clone {
    let body = body.into();
    move |path| match path {
        "/health" => health(true, false),
        _ => (status, body.clone()),
    }
}

/// A receipt with its data, as a worker answers with it.
fn receipt(tag: u8) -> (ReceiptHash, ReceiptBundle) {
    let body = ReceiptBody {
        genesis_hash: [0; 32],
        worker: worker_id(),
        contract: CONTRACT,
        code_hash: CodeHash([3; 32]),
        engine_hash: [4; 32],
        request: RequestId([tag; 32]),
        origin: Origin::Http,
        input_hash: blake2_256(b"in"),
        result: RunResult::Succeeded,
        output_hash: blake2_256(b"out"),
        transcript_root: [5; 32],
        fuel_used: 6,
        ended_at_ms: 7,
    };
    (body.hash(), bundle(body, b"in", b"out", vec![8]))
}

/// A worker that says that it is well and then holds every request.
async fn silent() -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut start = [0; 11];
            stream.read_exact(&mut start).await.unwrap();
            if &start == b"GET /health" {
                stream.write_all(raw_health().as_bytes()).await.unwrap();
            }
            held.push(stream);
        }
    });
    (url, serving)
}

fn raw_health() -> String {
    let (_, body) = health(true, false);
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
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

/// Only one worker can read a call that is encrypted to that worker's key.
#[tokio::test]
async fn a_call_for_one_worker_goes_there_or_nowhere() {
    let (first, second) = (
        FakeWorker::start(answers("a")).await,
        FakeWorker::start(answers("b")).await,
    );
    let setup = Setup::new(&[&first.url, &second.url], GatewayLimits::default()).await;
    let body = r#"{"encrypted":"0xab","to":"worker"}"#;
    let call = async |worker: WorkerId| {
        let url = format!("{}/v1/contracts/{CONTRACT}/call?worker={worker}", setup.url);
        let request = setup.http.post(url).body(body);
        request.send().await.unwrap()
    };
    for _ in 0..3 {
        let response = call(WorkerId([1; 32])).await;
        assert_eq!(response.text().await.unwrap(), "b");
    }
    assert_eq!(first.asked(), Vec::<String>::new());
    let id = WorkerId([1; 32]);
    let expected = format!("POST /v1/contracts/{CONTRACT}/call?worker={id} {body}");
    assert_eq!(second.asked(), vec![expected; 3]);

    let nowhere = call(WorkerId([9; 32])).await;
    check_error(nowhere, StatusCode::SERVICE_UNAVAILABLE, "no_live_worker").await;
    let url = format!("{}/v1/contracts/{CONTRACT}/call?worker=me", setup.url);
    let malformed = setup.http.post(url).body(body).send().await.unwrap();
    check_error(malformed, StatusCode::BAD_REQUEST, "bad_request").await;
}

/// A browser asks first whether a page may call, and then whether it may read the answer.
#[tokio::test]
async fn web_pages_of_allowed_origins_read_the_answers() {
    let worker = FakeWorker::start(answers("a")).await;
    let one = "https://app.example";
    let allowed = async |origins: &[&str], origin: &str| {
        let origins = origins
            .iter()
            .map(|text| text.parse::<PageOrigin>().unwrap());
        let limits = GatewayLimits::default();
        let setup = Setup::with_origins(&[&worker.url], limits, origins.collect()).await;
        let url = format!("{}/v1/contracts/{CONTRACT}/call", setup.url);
        let preflight = setup
            .http
            .request(Method::OPTIONS, &url)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let preflight = preflight.send().await.unwrap();
        let call = setup.http.post(&url).header("origin", origin).body("{}");
        let call = call.send().await.unwrap();
        [preflight, call].map(|response| {
            let allowed = response.headers().get("access-control-allow-origin");
            allowed.map(|origin| origin.to_str().unwrap().to_owned())
        })
    };
    let both = |origin: &str| [Some(origin.to_owned()), Some(origin.to_owned())];
    assert_eq!(allowed(&[one], one).await, both(one));
    assert_eq!(allowed(&["http://a", one], one).await, both(one));
    assert_eq!(allowed(&[one, "*"], "http://b").await, both("*"));
    for origins in [&[][..], &[one]] {
        assert_eq!(allowed(origins, "http://b").await, [None, None]);
    }
}

#[tokio::test]
async fn a_workers_own_errors_pass_through() {
    let worker = FakeWorker::start(replies(StatusCode::TOO_MANY_REQUESTS, "slow down")).await;
    let setup = Setup::new(&[&worker.url], GatewayLimits::default()).await;
    let response = setup.call("{}").await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.text().await.unwrap(), "slow down");
    assert_eq!(worker.asked().len(), 1);
}

/// Whoever is told when to try again, or that it takes stake, is told the same by a gateway, and no
/// other worker is asked.
#[tokio::test]
async fn a_workers_refusal_passes_through_with_the_time_to_try_again() {
    for (status, code, retry_after) in [
        (StatusCode::PAYMENT_REQUIRED, "no_stake", None),
        (StatusCode::SERVICE_UNAVAILABLE, "busy", Some("37")),
    ] {
        let mut error = json!({ "error": { "code": code, "message": "no" } });
        if let Some(seconds) = retry_after {
            error["error"]["retry_after_s"] = seconds.parse().unwrap();
        }
        let (text, mut headers) = (error.to_string(), HeaderMap::new());
        headers.extend(retry_after.map(|after| (RETRY_AFTER, HeaderValue::from_static(after))));
        let refusal = (status, headers, text.clone());
        let router = Router::new()
            .route("/health", get(async || health(true, false)))
            .fallback(async move || refusal.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        let other = FakeWorker::start(|path| match path {
            // Not ready, so that the refusing one is tried first.
            "/health" => health(false, false),
            _ => (StatusCode::OK, "ran".into()),
        })
        .await;
        let setup = Setup::new(&[&url, &other.url], GatewayLimits::default()).await;
        let response = setup.call("{}").await;
        assert_eq!(response.status(), status);
        let after = response.headers().get(RETRY_AFTER).cloned();
        assert_eq!(
            after.as_ref().map(|after| after.to_str().unwrap()),
            retry_after
        );
        assert_eq!(response.text().await.unwrap(), text);
        assert_eq!(other.asked(), Vec::<String>::new());
        serving.abort();
    }
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
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut start = [0; 4];
            stream.read_exact(&mut start).await.unwrap();
            if &start == b"GET " {
                stream.write_all(raw_health().as_bytes()).await.unwrap();
            }
        }
    });
    let other = FakeWorker::start(|path| match path {
        // Not ready, so that the breaking one is tried first.
        "/health" => health(false, false),
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
    let worker = FakeWorker::start(|path| match path {
        "/health" => health(true, false),
        path if path.contains("long") => (StatusCode::OK, "123456789".into()),
        _ => (StatusCode::OK, "12345678".into()),
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
    let (hash, bundle) = receipt(1);
    let json = serde_json::to_string(&bundle).unwrap();
    let without = FakeWorker::start(replies(StatusCode::NOT_FOUND, "no")).await;
    let with = FakeWorker::start(replies(StatusCode::OK, json.clone())).await;
    let setup = Setup::new(&[&without.url, &with.url], GatewayLimits::default()).await;
    let path = format!("/v1/receipts/{hash}");
    let response = setup.get(&path).await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.unwrap(), json);

    let setup = Setup::new(&[&without.url], GatewayLimits::default()).await;
    check_error(setup.get(&path).await, StatusCode::NOT_FOUND, "not_found").await;
}

#[tokio::test]
async fn where_a_receipt_is_published_is_found_too() {
    let path = format!("/v1/receipts/{}/inclusion", receipt(1).0);
    let inclusion = |node: &str| {
        let answer = json!({ "batch": 3, "index": 1, "count": 2, "path": [node] });
        (StatusCode::OK, answer.to_string())
    };
    let good = inclusion(&format!("0x{}", "ab".repeat(32)));
    let bad = inclusion("0xab");
    let with = FakeWorker::start(replies(good.0, good.1)).await;
    let wrong = FakeWorker::start(replies(bad.0, bad.1)).await;
    let without = FakeWorker::start(replies(StatusCode::NOT_FOUND, "no")).await;
    let urls = [&*wrong.url, &*without.url, &*with.url];
    let setup = Setup::new(&urls, GatewayLimits::default()).await;
    let found: Value = setup.get(&path).await.json().await.unwrap();
    assert_eq!((&found["batch"], &found["index"]), (&json!(3), &json!(1)));

    let setup = Setup::new(&urls[..2], GatewayLimits::default()).await;
    check_error(setup.get(&path).await, StatusCode::NOT_FOUND, "not_found").await;
}

/// No worker can hide the receipt that another has, whatever it answers.
#[tokio::test]
async fn what_is_not_the_receipt_does_not_end_the_search() {
    let (hash, good) = receipt(1);
    let changed = |change: &dyn Fn(&mut ReceiptBundle)| {
        let mut bundle = good.clone();
        change(&mut bundle);
        (StatusCode::OK, serde_json::to_string(&bundle).unwrap())
    };
    let (silent, serving) = silent().await;
    let with = FakeWorker::start(replies(
        StatusCode::OK,
        serde_json::to_string(&good).unwrap(),
    ))
    .await;
    let path = format!("/v1/receipts/{hash}");
    for (status, body) in [
        (StatusCode::INTERNAL_SERVER_ERROR, "broken".into()),
        (StatusCode::FORBIDDEN, "no".into()),
        (StatusCode::OK, "not JSON".into()),
        (StatusCode::OK, String::new()),
        (
            StatusCode::OK,
            serde_json::to_string(&receipt(2).1).unwrap(),
        ),
        changed(&|bundle| bundle.receipt.signature[0] ^= 1),
        changed(&|bundle| bundle.input = b"other".to_vec().into()),
        changed(&|bundle| bundle.output = b"other".to_vec().into()),
    ] {
        let bad = FakeWorker::start(replies(status, body)).await;
        // With one that does not answer at all.
        let urls = [&*silent, &bad.url, &bad.url, &bad.url, &bad.url, &with.url];
        let setup = Setup::new(&urls, GatewayLimits::default()).await;
        let response = setup.get(&path).await;
        assert_eq!(response.status(), StatusCode::OK, "{:?}", bad.asked());
        assert!(!bad.asked().is_empty());
    }
    serving.abort();
}

#[tokio::test]
async fn calls_go_to_workers_that_are_ready_if_there_are_any() {
    let lame = FakeWorker::start(|path| match path {
        "/health" => health(false, false),
        _ => (StatusCode::OK, "lame".into()),
    })
    .await;
    let stopping = FakeWorker::start(|path| match path {
        "/health" => health(false, true),
        _ => (StatusCode::OK, "stopping".into()),
    })
    .await;
    let other = FakeWorker::start(|path| match path {
        "/health" => (StatusCode::OK, "something else".into()),
        _ => (StatusCode::OK, "other".into()),
    })
    .await;
    let well = FakeWorker::start(answers("well")).await;
    let called = async |urls: &[&str]| {
        let setup = Setup::new(urls, GatewayLimits::default()).await;
        let mut seen = BTreeSet::new();
        for _ in 0..4 {
            seen.insert(setup.call("{}").await.text().await.unwrap());
        }
        seen.into_iter().collect::<Vec<_>>()
    };
    let all = [&*lame.url, &stopping.url, &other.url, &well.url];
    assert_eq!(called(&all).await, ["well"]);
    // One that cannot reach a target chain still runs calls.
    assert_eq!(called(&all[..3]).await, ["lame"]);
    let no_worker = called(&all[1..3]).await;
    assert!(no_worker[0].contains("no_live_worker"), "{no_worker:?}");
}

/// Each worker counts lines for itself, so pages of different ones do not fit.
#[tokio::test]
async fn what_one_worker_counts_is_read_on_at_the_same_one() {
    let workers = [
        FakeWorker::start(answers("a")).await,
        FakeWorker::start(answers("b")).await,
        FakeWorker::start(answers("c")).await,
    ];
    let urls = [0, 1, 2].map(|index: usize| &*workers[index].url);
    let setup = Setup::new(&urls, GatewayLimits::default()).await;
    let mut first = BTreeSet::new();
    for contract in 0..20 {
        let id = ContractId([contract; 32]);
        setup.add_contract(id);
        let mut seen = BTreeSet::new();
        for page in 0..4 {
            let logs = format!("/v1/contracts/{id}/logs?after={page}");
            let requests = format!("/v1/requests?contract={id}");
            seen.insert(setup.get(&logs).await.text().await.unwrap());
            seen.insert(setup.get(&requests).await.text().await.unwrap());
        }
        assert_eq!(seen.len(), 1, "{seen:?}");
        first.append(&mut seen);
    }
    assert_eq!(first.len(), 3, "the contracts are spread over the workers");
}

/// A read can be repeated, a call cannot.
#[tokio::test]
async fn a_question_that_one_worker_does_not_answer_goes_to_another() {
    let breaks_off = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = breaks_off.clone();
    let breaking = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut start = [0; 11];
            stream.read_exact(&mut start).await.unwrap();
            if &start == b"GET /health" {
                stream.write_all(raw_health().as_bytes()).await.unwrap();
            } else {
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let well = FakeWorker::start(answers("well")).await;
    let setup = Setup::new(&[&url, &well.url], GatewayLimits::default()).await;
    for contract in 0..20 {
        let id = ContractId([contract; 32]);
        setup.add_contract(id);
        let response = setup.get(&format!("/v1/contracts/{id}")).await;
        assert_eq!(response.text().await.unwrap(), "well");
    }
    assert!(breaks_off.load(Ordering::SeqCst) > 0);
    breaking.abort();
}

/// Whoever sends slowly takes nobody's place but its own connection.
#[tokio::test]
async fn a_body_that_does_not_come_takes_no_place() {
    let limits = GatewayLimits {
        requests_concurrent_max: 1,
        ..GatewayLimits::default()
    };
    let worker = FakeWorker::start(answers("a")).await;
    let setup = Setup::new(&[&worker.url], limits).await;
    let address = setup.url.strip_prefix("http://").unwrap();
    let start = format!(
        "POST /v1/contracts/{CONTRACT}/call HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n"
    );
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    assert_eq!(setup.call("{}").await.text().await.unwrap(), "a");
}

#[tokio::test]
async fn one_address_cannot_take_all_connections() {
    let limits = GatewayLimits {
        connections_max: 2,
        connections_per_peer_max: 1,
        ..GatewayLimits::default()
    };
    let worker = FakeWorker::start(answers("a")).await;
    let setup = Setup::new(&[&worker.url], limits).await;
    let address = setup.url.strip_prefix("http://").unwrap();
    let _idle = TcpStream::connect(address).await.unwrap();
    let mut refused = TcpStream::connect(address).await.unwrap();
    let mut nothing = Vec::new();
    let _ = refused.read_to_end(&mut nothing).await;
    assert!(nothing.is_empty());

    let other = TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(address.parse().unwrap()).await.unwrap();
    let request = "GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    other.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
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
        encryption_key: EncryptionKey([0x0e; 32]),
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
