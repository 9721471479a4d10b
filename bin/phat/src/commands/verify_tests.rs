use phat_engine::{EngineHash, TranscriptHeader};
use phat_manifest::Limits;
use phat_primitives::{ClusterId, CodeHash, EncryptionKey, RequestId, blake2_256};
use phat_receipt::RunResult;
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
                caller: String::new(),
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
        encryption_key: EncryptionKey([0x0e; 32]),
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
         ok       manifest     settings, allowed_hosts, limits and trigger are those of now\n\
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
    assert_eq!(json["complete"], true);
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

/// A request at an anchor that the manifest of [`chain_with_anchor`] names.
fn anchor() -> Origin {
    Origin::Anchor {
        chain: "eip155:1".into(),
        anchor: vec![0xab; 20],
        number: [0; 32],
        block: 7,
    }
}

fn chain_with_anchor() -> FakeChain {
    let chain = chain();
    let trigger = "[[triggers]]\nkind = \"anchor\"\nchain_id = 1\n";
    let address = format!("address = \"0x{}\"\n", "ab".repeat(20));
    chain.contracts.lock().unwrap()[0].1.manifest += &format!("{trigger}{address}");
    chain
}

/// A receipt that its worker signed over another transcript or origin.
fn signed(origin: Origin, change: impl FnOnce(&mut Transcript)) -> ReceiptBundle {
    let mut transcript = transcript();
    change(&mut transcript);
    let body = ReceiptBody {
        transcript_root: transcript.root(),
        origin,
        ..body()
    };
    bundle(body, b"in", b"out", transcript.encode())
}

fn at(chain: &str, block: u64) -> impl FnOnce(&mut Transcript) {
    move |transcript| {
        if !chain.is_empty() {
            transcript.header.request.caller = anchor().caller();
        }
        transcript.header.request.chain = chain.into();
        transcript.header.request.block = block;
    }
}

/// A worker that signs a transcript of another run is caught, too.
#[tokio::test]
async fn a_transcript_of_another_run_fails_though_it_is_signed() {
    let other_input = |t: &mut Transcript| t.header.request.input = b"other".into();
    let chain = chain_with_anchor();
    for (bundle, what) in [
        (signed(Origin::Http, other_input), "another input"),
        (signed(Origin::Http, at("eip155:1", 0)), "another caller"),
        (signed(Origin::Http, at("", 7)), "another block"),
        (signed(anchor(), at("", 7)), "another caller"),
        (signed(anchor(), at("eip155:2", 7)), "another chain"),
        (signed(anchor(), at("eip155:1", 8)), "another block"),
    ] {
        check(bundle, &chain, &[("transcript", what)]).await;
    }
    check(signed(anchor(), at("eip155:1", 7)), &chain, &[]).await;
}

#[tokio::test]
async fn a_run_under_another_manifest_is_shown_and_is_no_failure() {
    let settings = |t: &mut Transcript| t.header.request.settings = "{\"a\":1}".into();
    let hosts = |t: &mut Transcript| t.header.allowed_hosts.push("a.example".into());
    let limits = |t: &mut Transcript| t.header.limits.fuel += 1;
    let all = |t: &mut Transcript| {
        settings(t);
        hosts(t);
        limits(t);
    };
    for (bundle, what) in [
        (signed(Origin::Http, settings), "settings: differs"),
        (signed(Origin::Http, hosts), "allowed_hosts: differs"),
        (signed(Origin::Http, limits), "limits: differs"),
        (
            signed(Origin::Http, all),
            "settings and allowed_hosts and limits: differs",
        ),
        (signed(anchor(), at("eip155:1", 7)), "triggers: differs"),
    ] {
        let verification = verify(&bundle.into(), Some(&chain())).await.unwrap();
        let text = verification.to_string();
        assert!(verification.ok && verification.complete, "{text}");
        let line = format!(
            "changed  manifest     {what} from the manifest now (it may have been changed since)\n"
        );
        assert!(text.contains(&line), "{text}");
        assert!(
            text.ends_with("holds, under another manifest than that of now\n"),
            "{text}"
        );
        let json = serde_json::to_value(&verification).unwrap();
        assert_eq!(json["checks"][8]["status"], "changed");
    }

    let unreadable = chain();
    unreadable.contracts.lock().unwrap()[0].1.manifest = "name = 1".into();
    let verification = verify(&good().into(), Some(&unreadable)).await.unwrap();
    let text = verification.to_string();
    assert!(verification.ok, "{text}");
    assert!(
        text.contains("changed  manifest     no run is possible now"),
        "{text}"
    );
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
    let hash = file.receipt.hash();
    let verification = verify(&file, None::<&FakeChain>).await.unwrap();
    let text = verification.to_string();
    assert!(verification.ok && !verification.complete, "{text}");
    assert!(text.contains("attestation: unknown"), "{text}");
    assert!(text.contains("skipped  worker       offline"), "{text}");
    assert!(
        text.ends_with(&format!(
            "receipt {hash} holds as far as checked (8 checks skipped)\n"
        )),
        "{text}"
    );
    let json = serde_json::to_value(&verification).unwrap();
    assert_eq!(
        (&json["ok"], &json["complete"]),
        (&true.into(), &false.into())
    );
}

/// Whoever asks for all checks is not told that a receipt holds by some of them.
#[tokio::test]
async fn a_receipt_without_its_data_does_not_hold_unless_offline() {
    let file = ReceiptFile {
        receipt: good().receipt,
        data: None,
    };
    let hash = file.receipt.hash();
    let verification = verify(&file, Some(&chain())).await.unwrap();
    let text = verification.to_string();
    assert!(!verification.ok && !verification.complete, "{text}");
    assert!(
        text.ends_with(&format!(
            "receipt {hash} was NOT checked in full (4 checks skipped): get it with its data by \
             `phat receipt get {hash} --out FILE`, or check what is here with --offline\n"
        )),
        "{text}"
    );
}
