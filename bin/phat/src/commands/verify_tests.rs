use phat_engine::{EngineHash, TranscriptHeader};
use phat_manifest::Limits;
use phat_primitives::{ClusterId, CodeHash, RequestId, blake2_256};
use phat_receipt::{Origin, RunResult};
use phat_worker_client::ReceiptBundle;

use crate::{
    chain::{Worker, fake::FakeChain},
    testing::{CONTRACT, bundle, worker_id},
};

use super::*;

fn transcript() -> Transcript {
    Transcript {
        header: TranscriptHeader {
            engine: EngineHash([4; 32]),
            code_hash: CodeHash([3; 32]),
            request: phat_engine::RunRequest {
                contract: CONTRACT,
                request: RequestId([5; 32]),
                input: b"in".into(),
                chain: String::new(),
                block: 0,
                settings: "{}".into(),
            },
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
        },
        entries: Vec::new(),
    }
}

fn body() -> ReceiptBody {
    ReceiptBody {
        genesis_hash: [0; 32],
        worker: worker_id(),
        contract: CONTRACT,
        code_hash: CodeHash([3; 32]),
        engine_hash: [4; 32],
        request: RequestId([5; 32]),
        origin: Origin::Http,
        input_hash: blake2_256(b"in"),
        result: RunResult::Succeeded,
        output_hash: blake2_256(b"out"),
        transcript_root: transcript().root(),
        fuel_used: 10,
        ended_at_ms: 11,
    }
}

fn good() -> ReceiptBundle {
    bundle(body(), b"in", b"out", transcript().encode())
}

fn chain() -> FakeChain {
    let chain = FakeChain::with_contract(CONTRACT, CodeHash([3; 32]));
    chain.workers.lock().unwrap().push(Worker {
        id: worker_id(),
        endpoint: "http://worker".into(),
        cluster: Some(ClusterId(0)),
        attestation: Attestation::None,
    });
    chain
}

/// Verifies and compares the checks that fail with `expected`: name and a part
/// of the detail.
async fn check(bundle: ReceiptBundle, chain: &FakeChain, expected: &[(&str, &str)]) {
    let verification = verify(&bundle.into(), Some(chain)).await.unwrap();
    let failed: Vec<_> = verification
        .checks
        .iter()
        .filter(|check| check.is_failed())
        .collect();
    let names: Vec<_> = failed.iter().map(|check| check.name).collect();
    let expected_names: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected_names, "{verification}");
    for (check, (_, detail)) in failed.iter().zip(expected) {
        assert!(
            check.detail.contains(detail),
            "{check} does not say {detail:?}"
        );
    }
    assert_eq!(verification.ok, expected.is_empty());
}

#[tokio::test]
async fn a_good_receipt_holds_and_every_check_is_listed() {
    let receipt = good().receipt;
    let verification = verify(&good().into(), Some(&chain())).await.unwrap();
    let expected = format!(
        "ok       signature    by worker {worker}\n\
         ok       input        2 bytes\n\
         ok       output       3 bytes\n\
         ok       transcript   0 host calls\n\
         ok       chain        0x{zeros}, block 42\n\
         ok       worker       registered, at http://worker\n\
         ok       contract     runs the code 0x{threes}\n\
         ok       cluster      the worker serves cluster 0\n\
         attestation: none (nothing vouches for the worker's hardware and software)\n\
         receipt {hash} holds\n",
        worker = worker_id(),
        zeros = "00".repeat(32),
        threes = "03".repeat(32),
        hash = receipt.hash(),
    );
    assert_eq!(verification.to_string(), expected);
    let json = serde_json::to_value(&verification).unwrap();
    assert_eq!(json["ok"], true);
    assert_eq!(json["attestation"], "none");
    assert_eq!(json["checks"][0]["status"], "ok");
}

#[tokio::test]
async fn data_that_is_not_the_receipts_is_named() {
    let change = |change: fn(&mut ReceiptBundle)| {
        let mut bundle = good();
        change(&mut bundle);
        bundle
    };
    let chain = chain();
    check(
        change(|b| b.input.0.push(0)),
        &chain,
        &[("input", "the input at hand")],
    )
    .await;
    check(
        change(|b| b.output.0.clear()),
        &chain,
        &[("output", "the output at hand")],
    )
    .await;
    check(
        change(|b| b.transcript.0.clear()),
        &chain,
        &[("transcript", "cannot be read")],
    )
    .await;
    check(
        change(|b| {
            let mut other = transcript();
            other.header.limits.fuel += 1;
            b.transcript = other.encode().into();
        }),
        &chain,
        &[("transcript", "its root is")],
    )
    .await;
    check(
        change(|b| b.receipt.body.fuel_used += 1),
        &chain,
        &[("signature", "does not match")],
    )
    .await;
}

/// A worker that signs a transcript of another run is caught, too.
#[tokio::test]
async fn a_transcript_of_another_run_fails_though_it_is_signed() {
    let mut other = transcript();
    other.header.request.input = b"other".into();
    let body = ReceiptBody {
        transcript_root: other.root(),
        ..body()
    };
    let bundle = bundle(body, b"in", b"out", other.encode());
    check(bundle, &chain(), &[("transcript", "another input")]).await;
}

#[tokio::test]
async fn what_the_chain_does_not_know_fails() {
    let other = chain();
    other.workers.lock().unwrap().clear();
    check(
        good(),
        &other,
        &[("worker", "is not registered at block 42")],
    )
    .await;

    let other = chain();
    other.workers.lock().unwrap()[0].cluster = Some(ClusterId(1));
    check(
        good(),
        &other,
        &[("cluster", "serves cluster 1, the contract is in cluster 0")],
    )
    .await;
    other.workers.lock().unwrap()[0].cluster = None;
    check(good(), &other, &[("cluster", "serves no cluster")]).await;

    let other = chain();
    other.contracts.lock().unwrap().clear();
    check(good(), &other, &[("contract", "does not exist")]).await;

    let other = chain();
    other.contracts.lock().unwrap()[0].1.code_hash = CodeHash([9; 32]);
    check(good(), &other, &[("contract", "the receipt says 0x0303")]).await;

    let mut other = chain();
    other.genesis_hash = [9; 32];
    check(good(), &other, &[("chain", "this is 0x0909")]).await;
}

#[tokio::test]
async fn offline_and_without_data_checks_are_skipped_not_passed() {
    let file = ReceiptFile {
        receipt: good().receipt,
        data: None,
    };
    let verification = verify(&file, None::<&FakeChain>).await.unwrap();
    let text = verification.to_string();
    assert!(verification.ok, "{text}");
    assert_eq!(text.matches("skipped").count(), 7, "{text}");
    assert!(text.contains("attestation: unknown"), "{text}");
    assert!(text.contains("skipped  worker       offline"), "{text}");
}
