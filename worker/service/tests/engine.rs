//! A worker with the real engine: JavaScript in, a receipt that replays out.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::sync::Arc;

use model::*;
use phat_engine::{Engine, EngineConfig, Outcome, Transcript};
use phat_primitives::{CodeHash, ContractId};
use phat_worker_service::chain::ChainContract;

const SCRIPT: &[u8] = br#"
export default async function (request) {
    console.log("asked on " + (request.chain || "http"));
    if (request.input.length === 0) throw new Error("nothing asked");
    return Uint8Array.from(request.input).reverse();
}
"#;
const SCRIPTED: ContractId = ContractId([0x15; 32]);

#[tokio::test]
async fn javascript_answers_a_call_and_its_receipt_replays() {
    let mut world = World::new();
    let contract = ChainContract {
        id: SCRIPTED,
        code_hash: CodeHash::of(SCRIPT),
        manifest: manifest("scripted").into(),
    };
    world.chain.create(contract, SCRIPT);
    let engine = Engine::new(EngineConfig::default()).unwrap();
    let client = world.start_with(Arc::new(engine.clone())).await;
    while !client.health().await.unwrap().ready {}

    let answer = client.call(SCRIPTED, b"abc".to_vec()).await.unwrap();
    assert_eq!((answer.success, &answer.output.0[..]), (true, &b"cba"[..]));
    assert_eq!(answer.logs[0].message, "asked on http");
    assert!(answer.fuel_used > 0);

    let bundle = client.receipt(answer.receipt).await.unwrap();
    let transcript = Transcript::decode(&bundle.transcript.0).unwrap();
    let body = &bundle.receipt.body;
    assert_eq!(body.engine_hash, engine.hash().0);
    bundle
        .receipt
        .verify_transcript_root(transcript.root())
        .unwrap();
    let replayed = engine.replay(SCRIPT.into(), &transcript).await.unwrap();
    assert_eq!(replayed.outcome, Outcome::Output(b"cba".to_vec()));
    assert_eq!(replayed.fuel_used, body.fuel_used);

    let failed = client.call(SCRIPTED, vec![]).await.unwrap();
    assert!(!failed.success);
    let text = String::from_utf8(failed.output.0).unwrap();
    assert!(
        text.starts_with("script_threw: ") && text.contains("nothing asked"),
        "{text}"
    );

    let number = world.target.request(b"xyz");
    world
        .target
        .until("settled", |state| !state.settled(number).is_empty())
        .await;
    let logs = client.logs(SCRIPTED, 0).await.unwrap().logs;
    assert!(
        logs.iter()
            .any(|line| line.message == format!("asked on {CHAIN}"))
    );
}
