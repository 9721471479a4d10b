use zeroize::Zeroizing;

use crate::testing::{bundle, local_engine, recorded_run, recorded_run_with};

use super::*;

const CODE: &str = "export default (request) => { console.log('seen'); return request.input; }";

/// Longer than any replay here takes.
const PATIENCE: Duration = Duration::from_secs(600);

async fn text(file: impl Into<ReceiptFile>, code: &str, engine: &Engine) -> (bool, String) {
    let replay = replay(
        &file.into(),
        code.into(),
        Secrets::default(),
        engine,
        PATIENCE,
    )
    .await
    .unwrap();
    (replay.ok, replay.to_string())
}

#[tokio::test]
async fn a_recorded_run_gives_the_same_again() {
    let engine = local_engine();
    let recorded = recorded_run(&engine, CODE, b"hello").await;
    let body = recorded.receipt.body.clone();
    let (ok, text) = text(recorded.clone(), CODE, &engine).await;
    assert!(ok, "{text}");
    assert_eq!(
        text,
        format!(
            "ok       transcript   1 host calls\n\
             ok       code         {code}\n\
             ok       engine       {engine}\n\
             ok       result       succeeded\n\
             ok       output       0x{output}\n\
             ok       host calls   0x{root}\n\
             ok       fuel         {fuel}\n\
             receipt {hash} is what the code gives\n",
            code = body.code_hash,
            engine = engine.hash(),
            output = hex::encode(body.output_hash),
            root = hex::encode(body.transcript_root),
            fuel = body.fuel_used,
            hash = recorded.receipt.hash(),
        )
    );
}

#[tokio::test]
async fn a_run_that_read_secrets_replays_with_them_alone() {
    let engine = local_engine();
    let code = "import { hash, secret } from 'phat'; \
                export default async () => hash.sha256(await secret('api-key') + await secret('no'))";
    let secrets = |value: &str| -> Secrets {
        let value = Zeroizing::new(value.as_bytes().to_vec());
        [("api-key".to_owned(), value)].into_iter().collect()
    };
    let recorded = recorded_run_with(&engine, code, b"", secrets("hunter2")).await;
    let file: ReceiptFile = recorded.into();
    let with = async |secrets| replay(&file, code.into(), secrets, &engine, PATIENCE).await;

    let replayed = with(secrets("hunter2")).await.unwrap();
    assert!(replayed.ok, "{replayed}");
    let replayed = with(secrets("hunter3")).await.unwrap();
    let shown = replayed.to_string();
    assert!(!replayed.ok && shown.contains("another secret"), "{shown}");
    // The one that was not there is not asked for.
    let error = with(Secrets::default()).await.unwrap_err().to_string();
    assert!(error.contains("give \"api-key\" with --secrets"), "{error}");
}

#[tokio::test]
async fn a_failed_run_replays_too() {
    let engine = local_engine();
    let code = "export default () => { throw new Error('no') }";
    let recorded = recorded_run(&engine, code, b"").await;
    let (ok, text) = text(recorded, code, &engine).await;
    assert!(ok && text.contains("result       failed"), "{text}");
}

#[tokio::test]
async fn what_differs_is_named() {
    let engine = local_engine();
    let recorded = recorded_run(&engine, CODE, b"hello").await;

    let (ok, shown) = text(recorded.clone(), "export default () => ''", &engine).await;
    assert!(!ok && shown.contains("FAILED   code"), "{shown}");

    let resigned = |change: fn(&mut ReceiptBody)| {
        let mut body = recorded.receipt.body.clone();
        change(&mut body);
        bundle(body, b"hello", b"hello", recorded.transcript.0.clone())
    };
    let (ok, shown) = text(resigned(|body| body.output_hash = [9; 32]), CODE, &engine).await;
    assert!(!ok && shown.contains("the receipt says 0x0909"), "{shown}");
    assert!(shown.contains("is NOT what the code gives"), "{shown}");
    let (ok, shown) = text(resigned(|body| body.fuel_used += 1), CODE, &engine).await;
    assert!(!ok && shown.contains("FAILED   fuel"), "{shown}");
    let (ok, shown) = text(
        resigned(|body| body.result = RunResult::Failed),
        CODE,
        &engine,
    )
    .await;
    assert!(!ok && shown.contains("FAILED   result"), "{shown}");
}

#[tokio::test]
async fn the_first_host_call_that_differs_is_named() {
    let engine = local_engine();
    let recorded = recorded_run(&engine, CODE, b"hello").await;
    let mut transcript = Transcript::decode(&recorded.transcript.0).unwrap();
    transcript.entries.clear();
    let mut body = recorded.receipt.body.clone();
    body.transcript_root = transcript.root();
    let changed = bundle(body, b"hello", b"hello", transcript.encode());
    let (ok, shown) = text(changed, CODE, &engine).await;
    assert!(
        !ok && shown.contains("FAILED   host calls   the replay differs"),
        "{shown}"
    );
    assert!(shown.contains("entry 0"), "{shown}");
}

#[tokio::test]
async fn another_engine_says_so() {
    let engine = local_engine();
    let recorded = recorded_run(&engine, CODE, b"hello").await;
    let mut transcript = Transcript::decode(&recorded.transcript.0).unwrap();
    transcript.header.engine = EngineHash([9; 32]);
    let mut body = recorded.receipt.body.clone();
    body.engine_hash = [9; 32];
    body.transcript_root = transcript.root();
    let other = bundle(body, b"hello", b"hello", transcript.encode());
    let (ok, shown) = text(other, CODE, &engine).await;
    assert!(
        !ok && shown.contains("replay it with the release that ran it"),
        "{shown}"
    );
    assert!(
        shown.contains("cannot be replayed with this engine"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_receipt_without_its_transcript_cannot_be_replayed() {
    let engine = local_engine();
    let file = ReceiptFile {
        receipt: recorded_run(&engine, CODE, b"").await.receipt,
        data: None,
    };
    let error = replay(&file, CODE.into(), Secrets::default(), &engine, PATIENCE)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("phat receipt get --out"),
        "{error}"
    );
}

/// Whoever makes a receipt decides what its transcript claims.
#[tokio::test]
async fn a_run_that_claims_hours_is_given_up() {
    let engine = local_engine();
    let endless = "export default () => { for (;;); }";
    let recorded = recorded_run(&engine, CODE, b"hello").await;
    let mut transcript = Transcript::decode(&recorded.transcript.0).unwrap();
    transcript.header.code_hash = CodeHash::of(endless.as_bytes());
    transcript.header.limits.fuel = 10_000_000_000_000;
    let mut body = recorded.receipt.body.clone();
    body.code_hash = transcript.header.code_hash;
    body.transcript_root = transcript.root();
    let file = bundle(body, b"hello", b"hello", transcript.encode()).into();
    let error = replay(
        &file,
        endless.into(),
        Secrets::default(),
        &engine,
        Duration::ZERO,
    )
    .await
    .unwrap_err();
    assert!(error.to_string().contains("--time-max"), "{error}");
}
