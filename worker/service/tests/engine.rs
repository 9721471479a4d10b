//! A worker with the real engine: JavaScript in, a receipt that replays out.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use model::*;
use phat_engine::{Engine, EngineConfig, Outcome, Transcript};
use phat_primitives::{CodeHash, ContractId};
use phat_worker_client::WorkerClient;
use phat_worker_service::chain::ChainContract;
use tokio::task::JoinSet;

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

const ENDLESS: &[u8] = b"export default () => { for (;;); }";
/// So much that a run takes many slices of compute, and the time between two calls is
/// nothing beside it.
const ENDLESS_FUEL: u64 = 1_500_000_000;
const FLOODING: ContractId = ContractId([0x16; 32]);
const USUAL: ContractId = ContractId([0x17; 32]);

/// Has a contract called so many times at once, again and again.
fn keep_calling(
    calls: &mut JoinSet<()>,
    client: &WorkerClient,
    contract: ContractId,
    concurrent: usize,
) -> Arc<AtomicU64> {
    let ended = Arc::new(AtomicU64::new(0));
    for _ in 0..concurrent {
        let (client, ended) = (client.clone(), ended.clone());
        calls.spawn(async move {
            loop {
                let answer = client.call(contract, vec![]).await.unwrap();
                assert_eq!(answer.fuel_used, ENDLESS_FUEL);
                ended.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    ended
}

/// How many runs of the first end while so many of the second do.
async fn while_others_end(first: &AtomicU64, second: &AtomicU64, count: u64) -> u64 {
    let of = |ended: &AtomicU64| ended.load(Ordering::SeqCst);
    let before = [first, second].map(of);
    while of(second) < before[1] + count {
        tokio::task::yield_now().await;
    }
    of(first) - before[0]
}

#[tokio::test]
async fn a_contract_that_floods_the_worker_with_endless_loops_has_its_share_and_no_more() {
    let mut world = World::new();
    for id in [FLOODING, USUAL] {
        let limits = format!("[limits]\nfuel = {ENDLESS_FUEL}\n");
        let contract = ChainContract {
            id,
            code_hash: CodeHash::of(ENDLESS),
            manifest: format!("{}{limits}", manifest("endless")).into(),
        };
        world.chain.create(contract, ENDLESS);
    }
    world.settings.processors = 1;
    // A quarter of them is one contract's.
    world.settings.calls_max = 32;
    let engine = Engine::new(EngineConfig::default()).unwrap();
    let client = world.start_with(Arc::new(engine)).await;
    while !client.health().await.unwrap().ready {}

    let mut calls = JoinSet::new();
    const FLOOD: u64 = 8;
    let flood = keep_calling(&mut calls, &client, FLOODING, FLOOD as usize);
    let usual = keep_calling(&mut calls, &client, USUAL, 2);
    while_others_end(&flood, &usual, 2).await;
    // One has four times as many runs under way, and yet no more of them end, give
    // or take those under way.
    let ended = while_others_end(&flood, &usual, 20).await;
    assert!((20 - FLOOD..=20 + FLOOD).contains(&ended), "{ended} for 20");

    // Of the three contracts there are, it has ten twelfths of the stake now.
    world.chain.stake(USUAL, 10 * STAKE);
    while client.contract(USUAL).await.unwrap().share_ppm < 800_000 {}
    let ended = while_others_end(&flood, &usual, 20).await;
    assert!(ended <= 2 + FLOOD, "{ended} for 20");
    while calls.try_join_next().is_some_and(|ended| {
        ended.unwrap();
        true
    }) {}
    calls.shutdown().await;
}
