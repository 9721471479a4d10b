//! What one contract or one request meets is no matter of the others.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use model::*;
use phat_primitives::ContractId;
use phat_target::TargetError;

/// A contract that comes before [`CONTRACT`] wherever they are taken in order.
const OTHER: ContractId = ContractId([0x01; 32]);
const OTHER_ANCHOR: [u8; 20] = [9; 20];

/// A world with a second contract at an anchor of its own.
fn world() -> World {
    let world = World::new();
    let text = manifest_at("other", OTHER_ANCHOR, 0);
    world.chain.create(contract(OTHER, &text), CODE);
    world
}

/// Waits for some more blocks.
async fn blocks(world: &World, count: u64) {
    let tip = world.target.state().tip + count;
    world.target.until("blocks", |state| state.tip > tip).await;
}

#[tokio::test]
async fn a_contract_with_too_many_requests_stops_itself_only() {
    let mut world = world();
    world.settings.unfinished_max = 3;
    let many: Vec<_> = (0..10)
        .map(|_| world.target.request_at(OTHER_ANCHOR, b"abc"))
        .collect();
    world.target.state().unreadable.extend(&many);
    world.start().await;
    let number = world.target.request(b"abc");
    world.until_settled(number).await;
    blocks(&world, 50).await;
    let unfinished = world.journal().unfinished().unwrap();
    assert_eq!(unfinished.len(), 3);
    assert!(unfinished.iter().all(|record| record.contract == OTHER));
    // Nothing is lost: the rest is taken up when there is room.
    world.target.state().unreadable.clear();
    for number in many {
        world.until_settled(number).await;
    }
}

#[tokio::test]
async fn a_contract_with_more_requests_than_its_share_of_runs_waits_for_its_own() {
    let mut world = world();
    // A quarter of them for each contract.
    world.settings.runs_max = 8;
    world.start().await;
    let held: Vec<_> = (0..6)
        .map(|_| world.target.request_at(OTHER_ANCHOR, b"hold"))
        .collect();
    world.until_held(2).await;
    let number = world.target.request(b"abc");
    world.until_settled(number).await;
    assert_eq!(world.runner.held(), 2);
    let unfinished = world.journal().unfinished().unwrap();
    assert_eq!(unfinished.len(), held.len());
    assert!(
        unfinished.iter().all(|record| record.problem.is_none()),
        "none is put off: each has its turn as soon as another ends"
    );
    held.iter().for_each(|_| world.runner.release());
    for number in held {
        world.until_settled(number).await;
    }
}

#[tokio::test]
async fn a_request_that_finds_no_room_to_wait_in_is_run_later() {
    let mut world = World::new();
    world.settings.runs_max = 1;
    world.settings.runs_waiting_max = 1;
    let client = world.start().await;
    let numbers: Vec<_> = (0..4).map(|_| world.target.request(b"hold")).collect();
    world.until_held(1).await;
    let refused = "phat_worker_runs_refused_total{class=\"anchor\"}";
    while !client.metrics().await.unwrap().contains(refused) {}
    blocks(&world, 20).await;
    let unfinished = world.journal().unfinished().unwrap();
    assert_eq!(unfinished.len(), 4);
    assert!(unfinished.iter().all(|record| record.problem.is_none()));
    numbers.iter().for_each(|_| world.runner.release());
    for number in numbers {
        world.until_settled(number).await;
    }
    assert_eq!(world.runner.runs(), 4, "each ran once");
}

#[tokio::test]
async fn an_anchor_that_cannot_be_searched_is_no_fault_of_the_worker() {
    let mut world = world();
    let refused = TargetError::Refused {
        chain: CHAIN.into(),
        method: "eth_getLogs",
        reason: "no such thing".into(),
    };
    let away = TargetError::Unreachable {
        chain: CHAIN.into(),
        reason: "no answer".into(),
    };
    for error in [refused, away] {
        let anchor = OTHER_ANCHOR.to_vec();
        world
            .target
            .state()
            .bad_anchors
            .insert(anchor.clone(), error);
        let client = world.start().await;
        let number = world.target.request(b"abc");
        world.until_settled(number).await;
        blocks(&world, 50).await;
        let health = client.health().await.unwrap();
        assert!(health.ready, "{health:?}");

        let other = world.target.request_at(OTHER_ANCHOR, b"def");
        world.target.state().bad_anchors.clear();
        world.until_settled(other).await;
        world.kill().await;
    }
}

#[tokio::test]
async fn an_anchor_far_behind_delays_no_other() {
    let mut world = world();
    world.target.state().tip = 1_000_000;
    let text = manifest_at("echo", ANCHOR, 1_000_000);
    world.chain.create(contract(CONTRACT, &text), CODE);
    world.start().await;
    let number = world.target.request(b"abc");
    world.until_settled(number).await;
    let behind = world.journal().cursor(CHAIN, OTHER, &OTHER_ANCHOR).unwrap();
    let behind = behind.map_or(0, |scanned| scanned.last);
    assert!(behind < 500_000, "{behind} blocks were searched before");
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_given_up_and_harms_no_other() {
    let mut world = world();
    world.settings.policy.unreadable_blocks_max = 30;
    let client = world.start().await;
    let bad = world.target.request_at(OTHER_ANCHOR, b"abc");
    world.target.state().unreadable.insert(bad);
    let number = world.target.request(b"def");
    world.until_settled(number).await;
    assert!(client.health().await.unwrap().ready);
    world.until_step(bad, "abandoned").await;
    let records = world.journal().newest(Some(OTHER), 1).unwrap();
    let problem = records[0].problem.as_deref().unwrap();
    assert!(problem.contains("it is no anchor"), "{problem}");
    assert!(client.health().await.unwrap().ready);
}

#[tokio::test]
async fn a_settlement_that_no_endpoint_takes_holds_up_no_other() {
    let mut world = world();
    world.settings.policy.refusals_max = 8;
    world.settings.policy.backoff_blocks_max = 4;
    let client = world.start().await;
    let bad = world.target.request_at(OTHER_ANCHOR, b"abc");
    world.target.state().unsendable.insert(bad);
    world.until_step(bad, "prepared").await;
    for _ in 0..3 {
        let number = world.target.request(b"def");
        world.until_settled(number).await;
    }
    world.until_step(bad, "abandoned").await;
    let records = world.journal().newest(Some(OTHER), 1).unwrap();
    let problem = records[0].problem.as_deref().unwrap();
    assert!(problem.contains("oversized data"), "{problem}");
    assert!(client.health().await.unwrap().ready);
}

/// Lines of a log, as an operator reads them.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_text_from_outside_makes_a_line_of_the_log() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    const FORGED: &str = "no\nFORGED\n";
    let mut world = world();
    let anchor = OTHER_ANCHOR.to_vec();
    let malformed = TargetError::Malformed(FORGED.into());
    world.target.state().bad_anchors.insert(anchor, malformed);
    // The first run is put off: the manifest that it meets is bad.
    world.settings.runs_max = 1;
    world.start().await;
    world.target.request(b"hold");
    world.until_held(1).await;
    let number = world.target.request(b"abc");
    world.until_step(number, "seen").await;
    world.target.state().reverting.insert(number, FORGED.into());
    let bad = "name = \"\"\"no\nFORGED\n\"\"\"\n";
    let text = format!("{bad}entry = 1\n");
    world.chain.create(contract(CONTRACT, &text), CODE);
    blocks(&world, 20).await;
    world.runner.release();
    let is_told = |text: &str| {
        let log = lines.0.lock().unwrap();
        String::from_utf8_lossy(&log).contains(text)
    };
    world
        .target
        .until_or("put off", || is_told("run put off"))
        .await;
    world
        .chain
        .create(contract(CONTRACT, &manifest("echo")), CODE);
    world
        .target
        .until_or("rejected", || is_told("not submitted"))
        .await;

    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("FORGED"), "it is told at all");
    let forged: Vec<_> = log
        .lines()
        .filter(|line| line.starts_with("FORGED"))
        .collect();
    assert!(forged.is_empty(), "{forged:?}");
}
