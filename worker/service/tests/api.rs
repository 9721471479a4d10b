//! What callers over HTTP meet.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use model::*;
use phat_primitives::{ContractId, ReceiptHash};
use phat_receipt::Origin;
use phat_worker_client::{ClientError, WorkerClient};
use phat_worker_service::http::CALL_INPUT_BYTES_MAX;

/// The status and the stable name of a refusal.
fn refusal<T: std::fmt::Debug>(result: Result<T, ClientError>) -> (u16, String) {
    match result.unwrap_err() {
        ClientError::Refused { status, code, .. } => (status.as_u16(), code),
        error => panic!("{error}"),
    }
}

async fn ready(client: &WorkerClient) {
    while !client.health().await.unwrap().ready {}
}

#[tokio::test]
async fn a_call_answers_and_leaves_a_receipt() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let answer = client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
    assert_eq!((answer.success, &answer.output.0[..]), (true, &b"cba"[..]));
    assert_eq!(
        (answer.fuel_used, answer.logs[0].message.as_str()),
        (1_000, "ran")
    );
    let bundle = client.receipt(answer.receipt).await.unwrap();
    bundle.receipt.verify_signature().unwrap();
    bundle.receipt.verify_output(b"cba").unwrap();
    assert_eq!(bundle.receipt.body.origin, Origin::Http);
    assert_eq!(bundle.receipt.body.request, answer.request);

    let again = client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
    assert_ne!(
        again.request, answer.request,
        "each call is a request of its own"
    );
    let failed = client.call(CONTRACT, b"throw".to_vec()).await.unwrap();
    assert_eq!(
        (failed.success, &failed.output.0[..]),
        (false, &b"script_threw: no"[..])
    );
    assert_eq!(client.logs(CONTRACT, 1).await.unwrap().logs.len(), 2);
    assert!(client.requests(None).await.unwrap().requests.is_empty());
}

#[tokio::test]
async fn bad_input_is_refused_with_a_reason() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let nothing = ContractId([9; 32]);
    let refused = |result| refusal(result);
    let call = |input| client.call(CONTRACT, input);
    let not_found = (404, "not_found".to_string());
    assert_eq!(refused(client.call(nothing, vec![]).await), not_found);
    assert_eq!(refusal(client.contract(nothing).await), not_found);
    assert_eq!(
        refusal(client.receipt(ReceiptHash([9; 32])).await),
        not_found
    );
    let most = call(vec![0; CALL_INPUT_BYTES_MAX]).await.unwrap();
    assert_eq!(most.output.0.len(), CALL_INPUT_BYTES_MAX);
    for length in [CALL_INPUT_BYTES_MAX + 1, 3 * CALL_INPUT_BYTES_MAX] {
        let too_large = (413, "too_large".to_string());
        assert_eq!(refused(call(vec![0; length]).await), too_large);
    }
}

/// What a plain HTTP client gets: the status, its headers and the body.
async fn raw(address: &str, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = request.replace('\n', "\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn every_error_is_json_with_a_name() {
    let mut world = World::new();
    world.start().await;
    let address = world.address();
    let head = "Host: w\nConnection: close\n";
    let post = |path: &str, body: &str| {
        let length = body.len();
        format!("POST {path} HTTP/1.1\n{head}Content-Length: {length}\n\n{body}")
    };
    let get = |path: &str| format!("GET {path} HTTP/1.1\n{head}\n");
    let call = format!("/v1/contracts/{CONTRACT}/call");
    let cases = [
        (get("/nothing"), 404, "not_found"),
        (get(&call), 405, "method_not_allowed"),
        (get("/v1/contracts/0x12"), 400, "64 hexadecimal digits"),
        (get("/v1/requests?contract=zz"), 400, "bad_request"),
        (get("/v1/requests?colour=red"), 400, "there is no parameter"),
        (
            get(&format!("/v1/contracts/{CONTRACT}/logs?after=x")),
            400,
            "not a number",
        ),
        (post(&call, "{}"), 400, "missing field `input`"),
        (
            post(&call, r#"{"input":"zz"}"#),
            400,
            "0x and hexadecimal digits",
        ),
        (post(&call, r#"{"input":"0x","x":1}"#), 400, "unknown field"),
    ];
    for (request, status, text) in cases {
        let answer = raw(&address, &request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{request}: {answer}"
        );
        assert!(
            answer.contains(r#"{"error":{"code":""#),
            "{request}: {answer}"
        );
        assert!(answer.contains(text), "{request}: {answer}");
    }
}

#[tokio::test]
async fn a_worker_with_enough_to_do_says_so() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.call(CONTRACT, b"hold".to_vec()).await }
    });
    world
        .target
        .until_or("held", || world.runner.held() == 1)
        .await;
    let body = r#"{"input":"0x"}"#;
    let request = format!(
        "POST /v1/contracts/{CONTRACT}/call HTTP/1.1\nHost: w\nConnection: close\n\
         Content-Length: {}\n\n{body}",
        body.len()
    );
    let refused = raw(&world.address(), &request).await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("retry-after: 1") && refused.contains(r#""code":"busy""#));
    // Anchors are served all the same.
    let number = world.target.request(b"abc");
    world.until_settled(number).await;
    world.runner.release();
    assert_eq!(first.await.unwrap().unwrap().output.0, b"released");
    client.call(CONTRACT, b"x".to_vec()).await.unwrap();
}

#[tokio::test]
async fn a_call_that_is_under_way_is_answered_before_the_worker_ends() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let call = tokio::spawn(async move { client.call(CONTRACT, b"hold".to_vec()).await });
    world
        .target
        .until_or("held", || world.runner.held() == 1)
        .await;
    world.runner.release();
    assert!(world.stop(std::time::Duration::from_secs(60)).await);
    assert_eq!(call.await.unwrap().unwrap().output.0, b"released");
}

#[tokio::test]
async fn the_worker_tells_who_it_is() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    world.target.until("blocks", |state| state.tip > 3).await;
    let info = client.info().await.unwrap();
    assert_eq!(info.worker, world.keys().worker_id());
    assert_eq!(info.endpoint, "http://worker.example");
    assert_eq!(info.chain.genesis_hash.unwrap().0, GENESIS);
    assert_eq!(
        (info.targets.len(), info.targets[0].chain.as_str()),
        (1, CHAIN)
    );
    assert!(info.targets[0].head > Some(0));
    assert_eq!(info.engine_hash.0, [0xe1; 32]);
}
