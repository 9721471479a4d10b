//! What the commands that ask a worker, or nobody, print.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use phat_engine::Transcript;
use phat_primitives::{CodeHash, ContractId, ReceiptHash, RequestId, blake2_256};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use phat_worker_client::{CallAnswer, HexBytes, LogEntry};
use serde_json::{Value, json};

use super::contract::attestors_once_known;
use crate::testing::{CONTRACT, FakeWorker, identity, local_engine, phat, recorded_run, worker_id};

fn ids() -> (String, String) {
    (CONTRACT.to_string(), format!("0x{}", "05".repeat(32)))
}

/// The answer to a call, with the receipt of a worker that did as it should.
fn answer(input: &[u8], success: bool, output: &[u8]) -> CallAnswer {
    let body = ReceiptBody {
        genesis_hash: [0; 32],
        worker: worker_id(),
        contract: CONTRACT,
        code_hash: CodeHash([4; 32]),
        engine_hash: [5; 32],
        request: RequestId([3; 32]),
        origin: Origin::Http,
        input_hash: blake2_256(input),
        result: if success {
            RunResult::Succeeded
        } else {
            RunResult::Failed
        },
        output_hash: blake2_256(output),
        transcript_root: [6; 32],
        fuel_used: 17,
        ended_at_ms: 1,
    };
    let signed = Receipt::sign(body, &identity());
    let line = LogEntry {
        sequence: 0,
        request: RequestId([3; 32]),
        level: "info".into(),
        message: "seen".into(),
    };
    CallAnswer {
        request: RequestId([3; 32]),
        output: HexBytes(output.into()),
        success,
        receipt: signed.hash(),
        signed,
        fuel_used: 17,
        logs: vec![line],
        transcript: None,
    }
}

async fn answering(answer: &CallAnswer) -> FakeWorker {
    let json = serde_json::to_string(answer).unwrap();
    FakeWorker::start(move |_| (StatusCode::OK, json.clone())).await
}

#[tokio::test]
async fn a_call_shows_its_answer() {
    let answer = answer(b"hi", true, b"hello");
    let worker = answering(&answer).await;
    let (id, _) = ids();
    let call = ["call", &id, "--text", "hi", "--worker", &worker.url];
    let (code, text, _) = phat(&call).await;
    assert_eq!(code, 0);
    assert_eq!(
        text,
        format!(
            "log      info: seen\noutput   0x68656c6c6f\ntext     hello\nfuel     17\n\
             receipt  {}\nsigned   by worker {}\n",
            answer.receipt,
            worker_id()
        )
    );
    assert_eq!(
        worker.asked(),
        [format!(
            r#"POST /v1/contracts/{id}/call {{"input":"0x6869"}}"#
        )]
    );

    let (_, text, _) = phat(&[&call[..], &["--json"]].concat()).await;
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&json["output"], &json["text"]),
        (&json!("0x68656c6c6f"), &json!("hello"))
    );
}

#[tokio::test]
async fn a_call_that_fails_says_why() {
    let worker = answering(&answer(b"", false, b"out_of_fuel: x")).await;
    let (code, text, _) = phat(&["call", &ids().0, "--worker", &worker.url]).await;
    assert_eq!(code, 1);
    assert!(text.contains("failed   out_of_fuel: x\n"), "{text}");

    let worker = FakeWorker::start(|_| {
        let error = json!({ "error": { "code": "not_found", "message": "no such contract" } });
        (StatusCode::NOT_FOUND, error.to_string())
    })
    .await;
    let (code, text, progress) = phat(&["call", &ids().0, "--json", "--worker", &worker.url]).await;
    assert_eq!(code, 1);
    assert!(progress.contains("not_found"), "{progress}");
    let json: Value = serde_json::from_str(&text).unwrap();
    assert!(
        json["error"]["message"]
            .as_str()
            .unwrap()
            .contains("no such contract")
    );

    let url = worker.url.clone();
    drop(worker);
    let (code, _, progress) = phat(&["call", &ids().0, "--worker", &url]).await;
    assert_eq!(code, 1);
    assert!(progress.contains("check that it runs"), "{progress}");
}

/// Makes of an answer one that its worker did not give.
type ChangeAnswer = fn(&mut CallAnswer);

/// Whoever answers, or passes an answer on, may change it.
#[tokio::test]
async fn an_answer_that_its_worker_did_not_sign_is_refused() {
    let changes: [(&str, ChangeAnswer); 9] = [
        ("the signature does not match", |a| {
            a.signed.body.ended_at_ms += 1;
        }),
        ("is no sr25519 public key", |a| {
            a.signed.body.worker.0[0] ^= 1;
        }),
        ("the input at hand", |a| {
            *a = answer(b"other", true, b"hello");
        }),
        ("the output at hand", |a| a.output.0.push(0)),
        ("another contract", |a| {
            let mut body = a.signed.body.clone();
            body.contract = ContractId([9; 32]);
            a.signed = Receipt::sign(body, &identity());
            a.receipt = a.signed.hash();
        }),
        ("another hash", |a| a.receipt = ReceiptHash([9; 32])),
        ("another request", |a| a.request = RequestId([9; 32])),
        ("another result", |a| a.success = false),
        ("another amount of fuel", |a| a.fuel_used += 1),
    ];
    for (expected, change) in changes {
        let mut changed = answer(b"", true, b"hello");
        change(&mut changed);
        let worker = answering(&changed).await;
        let call = ["call", &ids().0, "--worker", &worker.url];
        let (code, text, progress) = phat(&call).await;
        assert_eq!((code, &*text), (1, ""), "{expected}");
        assert!(progress.contains(expected), "{progress} lacks {expected:?}");
        assert!(progress.contains("ask another worker"), "{progress}");
    }
}

#[tokio::test]
async fn a_contract_that_the_worker_does_not_know_yet_is_waited_for() {
    let asked = Arc::new(AtomicU32::new(0));
    let counter = asked.clone();
    let worker = FakeWorker::start(move |_| {
        if counter.fetch_add(1, Ordering::Relaxed) == 0 {
            let error = json!({ "error": { "code": "not_found", "message": "not yet" } });
            return (StatusCode::NOT_FOUND, error.to_string());
        }
        let info = json!({
            "id": CONTRACT, "name": "a", "cluster": 0, "code_hash": CONTRACT,
            "is_serving": true, "errors": [], "attestors": { "eip155:1": "0xab" },
        });
        (StatusCode::OK, info.to_string())
    })
    .await;
    let url = worker.url.parse().unwrap();
    let known = attestors_once_known(&url, CONTRACT, Duration::from_secs(60)).await;
    assert_eq!(known.unwrap()[0].account, "0xab");
    assert_eq!(asked.load(Ordering::Relaxed), 2);

    asked.store(0, Ordering::Relaxed);
    let known = attestors_once_known(&url, CONTRACT, Duration::ZERO).await;
    assert!(known.unwrap_err().to_string().contains("not yet"));
}

#[tokio::test]
async fn logs_are_shown_page_by_page() {
    let worker = FakeWorker::start(|path| {
        let line = |sequence, message| {
            json!({ "sequence": sequence, "request": RequestId([3; 32]), "level": "warn", "message": message })
        };
        let page = if path.ends_with("after=0") {
            json!({ "logs": [line(1, "a"), line(2, "b")], "next": 2 })
        } else {
            json!({ "logs": [], "next": 2 })
        };
        (StatusCode::OK, page.to_string())
    })
    .await;
    let logs = ["logs", &ids().0, "--worker", &worker.url];
    let (code, text, _) = phat(&logs).await;
    assert_eq!((code, &*text), (0, "     1 warn  a\n     2 warn  b\n"));
    let (_, text, _) = phat(&[&logs[..], &["--json"]].concat()).await;
    let messages: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1]["message"], "b");
}

#[tokio::test]
async fn requests_show_how_far_they_are() {
    let (id, receipt) = ids();
    let page = json!({ "requests": [{
        "id": RequestId([3; 32]), "contract": id, "chain": "eip155:1", "anchor": "0xab",
        "number": "7", "step": "settled", "runs": 1, "attempts": 1, "receipt": receipt,
        "tx": "0xcd", "block_requested": 10, "block_settled": 12, "gas_used": 5,
        "seen_at_ms": 1, "error": null,
    }]})
    .to_string();
    let worker = FakeWorker::start(move |_| (StatusCode::OK, page.clone())).await;
    let (_, text, _) = phat(&["requests", "--contract", &id, "--worker", &worker.url]).await;
    assert_eq!(
        text,
        format!(
            "settled    request 7 at 0xab on eip155:1, block 10, settled in block 12\n\
             \x20          receipt {receipt}\n           transaction 0xcd\n"
        )
    );
    assert_eq!(worker.asked(), [format!("GET /v1/requests?contract={id} ")]);
}

#[tokio::test]
async fn attestors_are_shown() {
    let (id, code_hash) = ids();
    let contract = json!({
        "id": id, "name": "a", "cluster": 0, "code_hash": code_hash, "is_serving": true,
        "errors": [], "attestors": { "eip155:1": "0xAb" },
    })
    .to_string();
    let worker = FakeWorker::start(move |_| (StatusCode::OK, contract.clone())).await;
    let (_, text, _) = phat(&["contract", "attestors", &id, "--worker", &worker.url]).await;
    assert_eq!(
        text,
        "attestor   0xAb on eip155:1\n\
         \x20          This is the word of the worker that answered: allow it to sign only if \
         you trust that worker.\n"
    );
}

/// From the worker to a file, and from there through `verify` and `replay`.
#[tokio::test]
async fn a_receipt_is_got_saved_verified_and_replayed() {
    let code = "export default (request) => request.input";
    let recorded = recorded_run(&local_engine(), code, b"hello").await;
    let hash = recorded.receipt.hash().to_string();
    let json = serde_json::to_string(&recorded).unwrap();
    let worker = FakeWorker::start(move |_| (StatusCode::OK, json.clone())).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, script) = (path("receipt.json"), path("a.js"));
    fs::write(&script, code).unwrap();

    let get = ["receipt", "get", &hash, "--worker", &worker.url];
    let (code, text, _) = phat(&[&get[..], &["--out", &file]].concat()).await;
    assert_eq!(code, 0);
    assert!(
        text.contains(&format!("worker      {}\n", worker_id())),
        "{text}"
    );
    assert!(text.ends_with(&format!("saved       {file}\n")), "{text}");

    let (code, text, _) = phat(&["verify", &file, "--offline"]).await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("holds as far as checked (5 checks skipped)"),
        "{text}"
    );
    let (code, text, _) = phat(&[
        "verify",
        &hash,
        "--offline",
        "--worker",
        &worker.url,
        "--json",
    ])
    .await;
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, &json["ok"], &json["receipt"]),
        (0, &json!(true), &json!(hash))
    );
    assert_eq!(json["complete"], false);
    let (code, text, _) = phat(&["replay", &file, "--code", &script, "--json"]).await;
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["ok"]), (0, &json!(true)), "{text}");

    // The worker gives something else than what it was asked for.
    let other = format!("0x{}", "09".repeat(32));
    let (code, _, progress) = phat(&["receipt", "get", &other, "--worker", &worker.url]).await;
    assert_eq!(code, 1);
    assert!(progress.contains("was asked for"), "{progress}");

    // A file that was changed.
    let changed = fs::read_to_string(&file)
        .unwrap()
        .replace("0x68656c6c6f", "0x68656c6c70");
    fs::write(&file, changed).unwrap();
    let (code, text, _) = phat(&["verify", &file, "--offline"]).await;
    assert_eq!(code, 1);
    assert!(
        text.contains("FAILED   input") && text.contains("does NOT hold"),
        "{text}"
    );
}

#[tokio::test]
async fn a_run_saves_its_transcript_and_a_broken_manifest_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (script, transcript) = (path("a.js"), path("transcript.json"));
    fs::write(&script, "export default () => 'a'").unwrap();
    let (code, text, _) = phat(&["run", &script, "--json", "--transcript", &transcript]).await;
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["output"]), (0, &json!("0x61")));
    let saved: Transcript = serde_json::from_slice(&fs::read(&transcript).unwrap()).unwrap();
    assert_eq!(
        json["receipt"]["body"]["transcript_root"],
        format!("0x{}", hex::encode(saved.root()))
    );

    // A path that cannot be written costs the file, not the result.
    let missing = path("missing/transcript.json");
    let (code, text, progress) = phat(&["run", &script, "--transcript", &missing]).await;
    assert_eq!(code, 1);
    assert!(text.contains("text     a\n"), "{text}");
    assert!(
        progress.contains("the transcript was not saved: ") && progress.contains(&missing),
        "{progress}"
    );

    fs::write(
        path("phat.toml"),
        "name = \"a\"\nentry = \"a.js\"\nlimts = 1\n",
    )
    .unwrap();
    let (code, text, _) = phat(&["run", folder.path().to_str().unwrap(), "--json"]).await;
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, 1);
    let message = json["error"]["message"].as_str().unwrap();
    assert!(message.contains("unknown field `limts`"), "{message}");
}
