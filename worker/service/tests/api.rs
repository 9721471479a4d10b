//! What callers over HTTP meet.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::time::Duration;

use model::*;
use phat_primitives::{ContractId, ReceiptHash, receipts::MerkleTree};
use phat_receipt::Origin;
use phat_worker_client::{CALL_INPUT_BYTES_MAX, ChainTrust, ClientError, WorkerClient};
use phat_worker_service::{
    http::CONNECTIONS_PER_PEER_MAX,
    journal::{BatchStep, Step, StoredLine},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

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
    assert_eq!(bundle.receipt, answer.signed);
    answer.signed.verify_signature().unwrap();
    answer.signed.verify_input(b"abc").unwrap();
    answer.signed.verify_output(b"cba").unwrap();
    assert_eq!(answer.signed.hash(), answer.receipt);
    assert_eq!(answer.signed.body.contract, CONTRACT);
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

/// Nothing vouches for the worker any more: neither calls nor requests of anchors are run.
#[tokio::test]
async fn a_suspended_worker_runs_nothing_until_it_may_again() {
    let mut world = World::new();
    let worker = world.keys().worker_id();
    world.chain.change(|held| {
        held.state.members.clear();
        held.state.suspended.push(worker);
    });
    let client = world.start().await;
    let number = world.target.request(b"abc");
    world.until_step(number, "seen").await;
    let health = client.health().await.unwrap();
    assert!(health.reasons[0].contains("is suspended"), "{health:?}");
    assert_eq!(
        refusal(client.call(CONTRACT, b"abc".to_vec()).await),
        (503, "suspended".to_string())
    );
    assert_eq!(world.runner.runs(), 0);

    world.chain.change(|held| held.state.suspended.clear());
    world.chain.join(worker);
    world.until_settled(number).await;
    client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
}

/// A connection from a host on which something was sent.
async fn sent(address: &str, host: &str, start: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{host}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
    let start = start.replace('\n', "\r\n");
    stream.write_all(start.as_bytes()).await.unwrap();
    stream
}

fn log(world: &World, lengths: &[usize]) {
    let lines = lengths.iter().map(|length| StoredLine {
        request: [1; 32],
        level: "info".into(),
        message: "x".repeat(*length),
    });
    let step = Step {
        lines: Some((CONTRACT, lines.collect())),
        ..Step::default()
    };
    world.journal().write(&step).unwrap();
}

/// What a plain HTTP client gets: the status, its headers and the body.
async fn raw(address: &str, request: &str) -> String {
    let mut stream = sent(address, "127.0.0.1", request).await;
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

/// Waits until the metrics have a line.
async fn counted(client: &WorkerClient, line: &str) {
    while !client.metrics().await.unwrap().contains(line) {}
}

#[tokio::test]
async fn calls_wait_for_their_turn_and_one_too_many_hears_when_to_come_back() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let call = |input: &'static [u8]| {
        let client = client.clone();
        tokio::spawn(async move { client.call(CONTRACT, input.to_vec()).await })
    };
    let first = call(b"hold");
    world.until_held(1).await;
    let second = call(b"abc");
    counted(&client, "phat_worker_runs_waiting{class=\"call\"} 1").await;
    let body = r#"{"input":"0x"}"#;
    let request = format!(
        "POST /v1/contracts/{CONTRACT}/call HTTP/1.1\nHost: w\nConnection: close\n\
         Content-Length: {}\n\n{body}",
        body.len()
    );
    let refused = raw(&world.address(), &request).await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("retry-after: 1\r\n"), "{refused}");
    let error = r#"{"error":{"code":"busy","message":"the worker has as much to do as it can: try again after 1 s, or try another worker","retry_after_s":1}}"#;
    assert!(refused.ends_with(error), "{refused}");
    let error = client.call(CONTRACT, vec![]).await.unwrap_err();
    assert!(
        matches!(error, ClientError::Busy { retry_after_s: 1 }),
        "{error}"
    );
    counted(&client, "phat_worker_runs_refused_total{class=\"call\"} 2").await;
    // Anchors are served all the same.
    let number = world.target.request(b"abc");
    world.until_settled(number).await;
    world.runner.release();
    assert_eq!(first.await.unwrap().unwrap().output.0, b"released");
    assert_eq!(second.await.unwrap().unwrap().output.0, b"cba");
    counted(
        &client,
        "phat_worker_run_wait_seconds_count{class=\"call\"} 2",
    )
    .await;
}

#[tokio::test]
async fn a_call_that_waits_when_the_worker_stops_is_told_so() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let call = |input: &'static [u8]| {
        let client = client.clone();
        tokio::spawn(async move { client.call(CONTRACT, input.to_vec()).await })
    };
    let first = call(b"hold");
    world.until_held(1).await;
    let second = call(b"abc");
    counted(&client, "phat_worker_runs_waiting{class=\"call\"} 1").await;
    world.runner.release();
    let (is_done, first, second) = tokio::join!(world.stop(Duration::from_secs(60)), first, second);
    assert!(is_done);
    assert_eq!(first.unwrap().unwrap().output.0, b"released");
    // It may have had its turn in the last moment.
    if let Err(error) = second.unwrap() {
        assert!(error.to_string().contains("being stopped"), "{error}");
    }
}

#[tokio::test]
async fn a_call_that_is_under_way_is_answered_before_the_worker_ends() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let call = tokio::spawn(async move { client.call(CONTRACT, b"hold".to_vec()).await });
    world.until_held(1).await;
    world.runner.release();
    assert!(world.stop(Duration::from_secs(60)).await);
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
        (info.chain.trust, info.chain.peers),
        (ChainTrust::LightClient, Some(PEERS))
    );
    assert_eq!(
        (info.targets.len(), info.targets[0].chain.as_str()),
        (1, CHAIN)
    );
    assert!(info.targets[0].head > Some(0));
    assert_eq!(info.engine_hash.0, [0xe1; 32]);
}

/// A page that is as long as its lines could fill the memory of both sides.
#[tokio::test]
async fn a_page_of_the_log_has_so_many_bytes_and_the_next_goes_on() {
    const KIB: usize = 1024;
    let mut world = World::new();
    let client = world.start().await;
    log(&world, &[600 * KIB, 600 * KIB, 3_000 * KIB, 1, 2]);
    let mut pages = Vec::new();
    let mut after = 0;
    loop {
        let page = client.logs(CONTRACT, after).await.unwrap();
        if page.logs.is_empty() {
            break;
        }
        after = page.next;
        pages.push(page.logs.len());
    }
    assert_eq!(pages, [1, 1, 1, 2]);
}

/// Answers that nobody reads take memory until they are sent, so they are counted
/// until then, too.
#[tokio::test]
async fn answers_that_are_not_read_are_bounded_together() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    log(&world, &[16 * 1024 * 1024]);
    let address = world.address();
    let request = format!("GET /v1/contracts/{CONTRACT}/logs HTTP/1.1\nHost: w\n\n");
    let mut unread = Vec::new();
    let refused = loop {
        assert!(unread.len() < 64, "as much is sent at once as is asked for");
        let mut stream = sent(&address, "127.0.0.1", &request).await;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        if &status != b"HTTP/1.1 200" {
            break String::from_utf8(status.into()).unwrap();
        }
        unread.push(stream);
    };
    assert_eq!(refused, "HTTP/1.1 503");
    assert!(client.health().await.unwrap().ready);
    drop(unread);
    while client.logs(CONTRACT, 0).await.is_err() {}
}

/// Sockets that say nothing cost their owner nothing, so one host has many.
#[tokio::test]
async fn connections_of_one_host_leave_room_for_others() {
    let mut world = World::new();
    world.start().await;
    let address = world.address();
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS_PER_PEER_MAX {
        idle.push(sent(&address, "127.0.0.1", "GET /health").await);
    }
    let mut refused = sent(&address, "127.0.0.1", "").await;
    let mut nothing = Vec::new();
    let closed = refused.read_to_end(&mut nothing);
    let closed = tokio::time::timeout(Duration::from_secs(20), closed).await;
    assert_eq!(closed.unwrap().unwrap(), 0);
    let mut other = sent(
        &address,
        "127.0.0.2",
        "GET /health HTTP/1.1\nHost: w\nConnection: close\n\n",
    )
    .await;
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("\"ready\":"), "{answer}");
}

#[tokio::test]
async fn a_request_that_was_sent_in_half_does_not_hold_up_the_end() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let address = world.address();
    let call = format!("POST /v1/contracts/{CONTRACT}/call HTTP/1.1\nHost: w\n");
    let _half_a_head = sent(&address, "127.0.0.1", &call).await;
    let half_a_body = format!("{call}Content-Length: 99\n\n{{");
    let _half_a_body = sent(&address, "127.0.0.1", &half_a_body).await;
    // Whoever came later is served, so both are.
    client.info().await.unwrap();
    assert!(world.stop(Duration::from_secs(20)).await);
}

#[tokio::test]
async fn where_a_receipt_is_published_is_shown() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let answer = client.call(CONTRACT, b"hello".to_vec()).await.unwrap();
    let not_found = (404, "not_found".to_string());
    assert_eq!(refusal(client.inclusion(answer.receipt).await), not_found);

    let (id, mut record) = world.journal().make_batch(10).unwrap().unwrap();
    assert_eq!(
        refusal(client.inclusion(answer.receipt).await),
        not_found,
        "it is chosen, and not published"
    );
    record.step = BatchStep::Published { number: 4 };
    world.journal().note_batch(id, &record).unwrap();
    let inclusion = client.inclusion(answer.receipt).await.unwrap();
    assert_eq!((inclusion.batch, inclusion.count), (4, 1));
    let root = MerkleTree::new(&record.receipts).unwrap().root();
    let proof = inclusion.proof().unwrap();
    assert!(proof.verify(&answer.receipt, &root));
}
