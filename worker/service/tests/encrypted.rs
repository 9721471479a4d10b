//! Calls that only the worker can read.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use model::*;
use phat_envelope::{ResponseOpener, seal_request};
use phat_primitives::{ContractId, EncryptionKey, WorkerId};
use phat_worker_client::{
    CALL_INFO, CALL_INPUT_BYTES_MAX, CallKey, ClientError, EncryptedAnswer, EncryptedCall,
    call_aad, open_answer,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A call of the contract to this worker's key.
fn call<'a>(world: &World, input: &'a [u8]) -> EncryptedCall<'a> {
    let keys = world.keys();
    EncryptedCall {
        contract: CONTRACT,
        genesis_hash: GENESIS,
        to: CallKey::Worker {
            worker: keys.worker_id(),
            key: keys.store().encryption_key(),
        },
        input,
        transcript: false,
    }
}

/// What a plain HTTP client gets for a body: the status and the JSON.
async fn post(world: &World, query: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(world.address()).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST /v1/contracts/{CONTRACT}/call{query} HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, json) = answer.split_once("\r\n\r\n").unwrap();
    (status, serde_json::from_str(json).unwrap())
}

/// A body of this text, sealed to this key for this contract.
fn sealed(key: &EncryptionKey, contract: ContractId, text: &str) -> (String, ResponseOpener) {
    let aad = call_aad(&GENESIS, contract);
    let (sealed, opener) = seal_request(key, CALL_INFO, &aad, text.as_bytes()).unwrap();
    let body = json!({ "encrypted": format!("0x{}", hex::encode(sealed)), "to": "worker" });
    (body.to_string(), opener)
}

#[tokio::test]
async fn an_encrypted_call_is_answered_and_nothing_of_it_is_kept() {
    let mut world = World::new();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    let mut call = call(&world, b"abc");
    let answer = client.call_encrypted(&call).await.unwrap();
    assert_eq!((answer.success, &answer.output.0[..]), (true, &b"cba"[..]));
    assert_eq!(answer.logs[0].message, "ran");
    assert_eq!(answer.transcript, None);
    answer.signed.verify_signature().unwrap();
    answer.signed.verify_input(b"abc").unwrap();
    answer.signed.verify_output(b"cba").unwrap();

    assert!(matches!(
        client.receipt(answer.receipt).await,
        Err(ClientError::Refused { status, .. }) if status == 404
    ));
    assert!(client.logs(CONTRACT, 0).await.unwrap().logs.is_empty());

    call.transcript = true;
    let answer = client.call_encrypted(&call).await.unwrap();
    let transcript = answer.transcript.unwrap().0;
    let transcript = phat_engine::Transcript::decode(&transcript).unwrap();
    let signed = answer.signed;
    signed.verify_transcript_root(transcript.root()).unwrap();

    call.input = b"throw";
    let failed = client.call_encrypted(&call).await.unwrap();
    assert_eq!(
        (failed.success, &failed.output.0[..]),
        (false, &b"script_threw: no"[..])
    );
}

#[tokio::test]
async fn a_call_may_be_to_the_key_of_the_cluster() {
    let mut world = World::new();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    let key = cluster_secret().public().encryption_key;
    let to = |generation| EncryptedCall {
        to: CallKey::Cluster { generation, key },
        ..call(&world, b"abc")
    };
    let answer = client.call_encrypted(&to(0)).await.unwrap();
    assert_eq!(answer.output.0, b"cba");
    assert!(matches!(
        client.call_encrypted(&to(1)).await,
        Err(ClientError::Refused { code, .. }) if code == "unknown_generation"
    ));
}

#[tokio::test]
async fn the_longest_input_can_be_encrypted_and_a_longer_one_not() {
    let mut world = World::new();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    let input = vec![0; CALL_INPUT_BYTES_MAX + 1];
    let longest = call(&world, &input[1..]);
    let answer = client.call_encrypted(&longest).await.unwrap();
    assert_eq!(answer.output.0.len(), CALL_INPUT_BYTES_MAX);
    let error = client.call_encrypted(&call(&world, &input)).await;
    assert!(matches!(
        error,
        Err(ClientError::Refused { status, .. }) if status == 413
    ));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_a_code() {
    let mut world = World::new();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    let own = world.keys().store().encryption_key();
    let other = phat_envelope::DecryptionKey::from_bytes(zeroize::Zeroizing::new([7; 32]));
    let input = r#"{"input":"0x616263"}"#;
    let to_other_contract = ContractId([9; 32]);
    for body in [
        sealed(&other.public(), CONTRACT, input).0,
        sealed(&own, to_other_contract, input).0,
        sealed(&own, CONTRACT, r#"{"input":"secret"}"#).0,
        sealed(&own, CONTRACT, r#"{"secret":1}"#).0,
        sealed(&own, CONTRACT, "").0,
        json!({ "encrypted": "0x", "to": "worker" }).to_string(),
    ] {
        let (status, answer) = post(&world, "", &body).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!("envelope"))
        );
        assert!(!answer.to_string().contains("secret"), "{answer}");
    }
    let body = json!({ "encrypted": "0x", "to": "cluster", "generation": 4_000_000_000_u32 });
    let (status, answer) = post(&world, "", &body.to_string()).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (409, &json!("unknown_generation"))
    );
    assert_eq!(world.runner.runs(), 0);
}

#[tokio::test]
async fn padding_is_not_looked_at() {
    let mut world = World::new();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    let own = world.keys().store().encryption_key();
    let text = r#"{"input":"0x616263","padding":"xxxxxxxx"}   "#;
    let (body, opener) = sealed(&own, CONTRACT, text);
    let (status, answer) = post(&world, "", &body).await;
    assert_eq!(status, 200, "{answer}");
    let answer: EncryptedAnswer = serde_json::from_value(answer).unwrap();
    assert_eq!(open_answer(&opener, &answer).unwrap().output.0, b"cba");
}

#[tokio::test]
async fn a_call_for_another_worker_is_not_taken() {
    let mut world = World::new();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    let body = r#"{"input":"0x616263"}"#;
    let own = format!("?worker={}", world.keys().worker_id());
    assert_eq!(post(&world, &own, body).await.0, 200);
    let other = format!("?worker={}", WorkerId([9; 32]));
    for (query, status, code) in [
        (other.as_str(), 421, "wrong_worker"),
        ("?worker=me", 400, "bad_request"),
        ("?colour=red", 400, "bad_request"),
    ] {
        let (actual, answer) = post(&world, query, body).await;
        assert_eq!((actual, &answer["error"]["code"]), (status, &json!(code)));
    }
    assert_eq!(world.runner.runs(), 1);
}

/// Why a run was broken off can tell what it did, and whoever is in between reads errors.
#[tokio::test]
async fn a_run_that_is_interrupted_is_not_described() {
    let mut world = World::new();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    let plain = client.call(CONTRACT, b"trap once".to_vec()).await;
    assert!(plain.unwrap_err().to_string().contains("out of slots"));

    let mut world = World::new();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    let error = client.call_encrypted(&call(&world, b"trap once")).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("(503 Service Unavailable, interrupted)"),
        "{error}"
    );
    assert!(!error.contains("out of slots"), "{error}");
}
