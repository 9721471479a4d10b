//! Calls that are refused for want of stake, and encrypted ones against a worker that decrypts
//! them.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::RawQuery,
    http::StatusCode,
    routing::{get, post},
};
use phat_envelope::{DecryptionKey, ResponseSealer};
use phat_primitives::WorkerId;
use phat_receipt::Receipt;
use phat_worker_client::{CALL_INFO, CallRequest, EncryptedAnswer, EncryptedInput, call_aad};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use zeroize::Zeroizing;

use super::*;
use crate::testing::{CONTRACT, FakeWorker, identity, local_engine, phat, recorded_run, worker_id};

const CODE: &str = "export default (request) => request.input";

type ChangeAnswer = fn(&mut CallAnswer);

/// A worker that runs calls as it should, and then changes the answer.
struct DecryptingWorker {
    url: String,
    /// The queries and bodies of calls.
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl DecryptingWorker {
    async fn start(change: ChangeAnswer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let record = asked.clone();
        let call = async move |RawQuery(query): RawQuery, body: String| {
            let query = query.unwrap_or_default();
            record.lock().unwrap().push(format!("{query} {body}"));
            Json(answer(&body, change).await)
        };
        let router = Router::new()
            .route("/v1/info", get(async || Json(info())))
            .route("/v1/contracts/{id}/call", post(call));
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            url,
            asked,
            serving,
        }
    }

    /// The arguments of an encrypted call with the input `hello`.
    async fn call(&self, more: &[&str]) -> (u8, String, String) {
        let id = CONTRACT.to_string();
        let call = ["call", &id, "--text", "hello", "--encrypted", "--json"];
        let worker = ["--worker", &self.url];
        phat(&[&call[..], &worker, more].concat()).await
    }
}

impl Drop for DecryptingWorker {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn key() -> DecryptionKey {
    DecryptionKey::from_bytes(Zeroizing::new([7; 32]))
}

fn info() -> Value {
    json!({
        "version": "1", "worker": worker_id(), "operator": null, "cluster": 0,
        "encryption_key": key().public(), "endpoint": "http://worker", "engine_hash": "0x01",
        "chain": { "trust": "light_client", "peers": 1, "genesis_hash": format!("0x{}", "00".repeat(32)), "finalized": 1 },
        "targets": [],
    })
}

fn decrypted(body: &str) -> (EncryptedInput, ResponseSealer) {
    let CallRequest::Encrypted(body) = serde_json::from_str(body).unwrap() else {
        panic!("{body} is not encrypted");
    };
    let aad = call_aad(&[0; 32], CONTRACT);
    let (plaintext, sealer) = key()
        .open_request(CALL_INFO, &aad, &body.encrypted.0)
        .unwrap();
    (serde_json::from_slice(&plaintext).unwrap(), sealer)
}

async fn answer(body: &str, change: ChangeAnswer) -> EncryptedAnswer {
    let (asked, sealer) = decrypted(body);
    let ran = recorded_run(&local_engine(), CODE, &asked.input.0).await;
    let signed = ran.receipt;
    let mut answer = CallAnswer {
        request: signed.body.request,
        output: ran.output,
        success: true,
        receipt: signed.hash(),
        fuel_used: signed.body.fuel_used,
        signed,
        logs: Vec::new(),
        transcript: asked.transcript.then_some(ran.transcript),
    };
    change(&mut answer);
    let plaintext = serde_json::to_vec(&answer).unwrap();
    EncryptedAnswer {
        encrypted: HexBytes(sealer.seal(&plaintext).unwrap()),
    }
}

/// Signs the receipt of an answer anew after something in it was changed.
fn sign_again(answer: &mut CallAnswer) {
    answer.signed = Receipt::sign(answer.signed.body.clone(), &identity());
    answer.receipt = answer.signed.hash();
}

/// The advice is the command's own, whatever the worker's words are.
#[tokio::test]
async fn a_call_that_is_refused_for_want_of_stake_tells_how_to_stake() {
    let worker = FakeWorker::start(|path| match path {
        "/v1/info" => (StatusCode::OK, info().to_string()),
        _ => {
            let error = json!({ "error": { "code": "no_stake", "message": "send PHA to me" } });
            (StatusCode::PAYMENT_REQUIRED, error.to_string())
        }
    })
    .await;
    let id = CONTRACT.to_string();
    let advice = format!("stake to it with `phat stake add {id} AMOUNT`");
    for more in [&[][..], &["--encrypted", "--trust-worker-key"]] {
        let call = ["call", &id, "--worker", &worker.url, "--json"];
        let (code, text, progress) = phat(&[&call[..], more].concat()).await;
        assert_eq!(code, 1, "{more:?}");
        let json: Value = serde_json::from_str(&text).unwrap();
        let message = json["error"]["message"].as_str().unwrap();
        for said in [message, &progress] {
            assert!(said.contains("no_stake"), "{said}");
            assert!(said.contains(&advice), "{said}");
            assert!(!said.contains("send PHA to me"), "{said}");
        }
    }
}

#[tokio::test]
async fn an_encrypted_call_is_answered_and_its_receipt_saved() {
    let worker = DecryptingWorker::start(|_| ()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipt.json");
    let file = file.to_str().unwrap();
    let script = folder.path().join("a.js");
    std::fs::write(&script, CODE).unwrap();
    let more = ["--trust-worker-key", "--receipt", file];
    let (code, text, progress) = worker.call(&more).await;
    assert_eq!(code, 0, "{text} {progress}");
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shown["text"], "hello");
    assert_eq!(
        shown["transcript"],
        Value::Null,
        "it is in the file and nowhere else"
    );

    let asked = worker.asked.lock().unwrap().clone();
    let (query, body) = asked[0].split_once(' ').unwrap();
    assert_eq!(query, format!("worker={}", worker_id()));
    assert!(!body.contains(&hex::encode("hello")), "{body}");

    let (code, text, _) = phat(&["verify", file, "--offline"]).await;
    assert_eq!(code, 0, "{text}");
    let replay = ["replay", file, "--code", script.to_str().unwrap()];
    let (code, text, _) = phat(&replay).await;
    assert_eq!(code, 0, "{text}");
}

#[tokio::test]
async fn an_answer_without_the_transcript_is_shown_and_not_saved() {
    let worker = DecryptingWorker::start(|answer| answer.transcript = None).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipt.json");
    let more = ["--trust-worker-key", "--receipt", file.to_str().unwrap()];
    let (code, text, progress) = worker.call(&more).await;
    assert_eq!(code, 1);
    assert!(text.contains(r#""text":"hello""#), "{text}");
    assert!(progress.contains("the receipt was not saved"), "{progress}");
    assert!(!file.exists());
}

#[tokio::test]
async fn an_answer_of_another_worker_or_chain_is_refused() {
    let changes: [(&str, ChangeAnswer); 4] = [
        ("another worker", |answer| {
            let other = schnorrkel::MiniSecretKey::from_bytes(&[2; 32]).unwrap();
            let other = other.expand_to_keypair(schnorrkel::ExpansionMode::Ed25519);
            let mut body = answer.signed.body.clone();
            body.worker = WorkerId(other.public.to_bytes());
            answer.signed = Receipt::sign(body, &other);
            answer.receipt = answer.signed.hash();
        }),
        ("another chain", |answer| {
            answer.signed.body.genesis_hash = [1; 32];
            sign_again(answer);
        }),
        ("another contract", |answer| {
            answer.signed.body.contract.0[0] ^= 1;
            sign_again(answer);
        }),
        ("the output at hand", |answer| answer.output.0.push(0)),
    ];
    for (part, change) in changes {
        let worker = DecryptingWorker::start(change).await;
        let (code, _, progress) = worker.call(&["--trust-worker-key"]).await;
        assert_eq!(code, 1, "{part}");
        assert!(progress.contains(part), "{progress} lacks {part:?}");
        assert!(progress.contains("ask another worker"), "{progress}");
    }
}

/// Without the chain's word for the key nothing is sent, and above all not in the clear.
#[tokio::test]
async fn nothing_is_sent_without_a_key_from_the_chain() {
    let worker = DecryptingWorker::start(|_| ()).await;
    // Nothing listens there.
    let chain = ["--chain", "ws://127.0.0.1:1"];
    for (more, part) in [
        (&chain[..], "--trust-worker-key"),
        (
            &["--trust-worker-key", "--to", "cluster"][..],
            "goes with --to worker",
        ),
    ] {
        let (code, _, progress) = worker.call(more).await;
        assert_eq!(code, 1);
        assert!(progress.contains(part), "{progress}");
    }
    assert_eq!(worker.asked.lock().unwrap().len(), 0);
}
