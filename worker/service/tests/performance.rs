//! How a worker shows the chain its performance.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::fs;

use model::*;
use phat_primitives::heartbeat::HEARTBEAT_OPENINGS;
use phat_worker_client::{PerformanceInfo, PerformanceState, WorkerClient};
use phat_worker_core::performance::{Stage, Statement};

/// A chunk and the beginning of the next: what one thread has begun when a chunk is noted, with
/// one more for what was under way before.
const CHUNK: u64 = 18;

/// A worker with one thread that does iterations.
fn world() -> (World, ModelMachine) {
    let mut world = World::new();
    let machine = ModelMachine::default();
    world.machine = Some(machine.clone());
    world.settings.processors = 1;
    (world, machine)
}

/// What the worker shows, once this holds of it. Blocks go by meanwhile.
async fn until(
    world: &World,
    client: &WorkerClient,
    holds: impl Fn(&PerformanceInfo) -> bool,
) -> PerformanceInfo {
    loop {
        world.chain.change(|_| {});
        let info = client.info().await.unwrap().performance.unwrap();
        if holds(&info) {
            return info;
        }
    }
}

#[tokio::test]
async fn challenges_are_answered_and_each_answer_shows_the_work_before() {
    let (mut world, machine) = world();
    let client = world.start().await;
    world.chain.start_session(4, [1; 32]);
    machine.until_more(CHUNK).await;
    world.chain.challenge([2; 32]);
    let (first, shown) = world.chain.until_heartbeats(1).await;
    assert_eq!(shown, Shown::First);
    assert_eq!(first.session, 4);
    assert!(first.openings.is_empty());
    assert!(first.commitment.iterations >= 16);
    assert_eq!(first.iterations, u64::from(first.commitment.iterations));

    machine.until_more(CHUNK).await;
    world.chain.challenge([3; 32]);
    let (second, shown) = world.chain.until_heartbeats(2).await;
    assert_eq!(shown, Shown::Iterations(first.commitment.iterations));
    let since = u64::from(second.commitment.iterations);
    assert_eq!(second.iterations, first.iterations + since);

    let info = until(&world, &client, |info| info.session == Some(4)).await;
    assert_eq!(info.state, PerformanceState::Running);
    world.chain.stop_session();
    let is_over = |info: &PerformanceInfo| info.state == PerformanceState::CoolingDown;
    let info = until(&world, &client, is_over).await;
    assert_eq!((info.iterations, info.score_now), (0, None));
}

/// Waits until the metrics have all of these lines. Blocks go by meanwhile.
async fn until_counted(world: &World, client: &WorkerClient, lines: &[&str]) {
    loop {
        world.chain.change(|_| {});
        let text = client.metrics().await.unwrap();
        if lines.iter().all(|line| text.contains(line)) {
            return;
        }
    }
}

#[tokio::test]
async fn what_becomes_of_challenges_is_counted() {
    let (mut world, machine) = world();
    let client = world.start().await;
    let idle = "phat_worker_session_state{state=\"idle\"} 1";
    let none = "phat_worker_heartbeats_total{outcome=\"missed\"} 0";
    until_counted(&world, &client, &[idle, none]).await;
    world.chain.start_session(4, [1; 32]);
    machine.until_more(CHUNK).await;
    world.chain.challenge([2; 32]);
    world.chain.until_heartbeats(1).await;
    let running = "phat_worker_session_state{state=\"running\"} 1";
    let answered = "phat_worker_heartbeats_total{outcome=\"answered\"} 1";
    let share = format!("phat_worker_contract_share{{contract=\"{CONTRACT}\"}} 1.0");
    until_counted(&world, &client, &[running, answered, none, &share]).await;
    let text = client.metrics().await.unwrap();
    assert!(!text.contains("phat_worker_iterations_total 0\n"), "{text}");
    world.kill().await;

    // What has been missed before the start is told as well.
    world.chain.challenge([3; 32]);
    world.chain.miss_challenge();
    let client = world.start().await;
    let missed = "phat_worker_heartbeats_total{outcome=\"missed\"} 1";
    until_counted(&world, &client, &[missed, answered]).await;
    world.chain.stop_session();
    let cooling_down = "phat_worker_session_state{state=\"cooling_down\"} 1";
    until_counted(&world, &client, &[cooling_down, missed, answered]).await;
}

#[tokio::test]
async fn a_worker_without_time_answers_with_nothing() {
    let (mut world, _) = world();
    world.chain.start_session(4, [1; 32]);
    world.chain.challenge([2; 32]);
    world.chain.miss_challenge();
    world.start().await;
    let (heartbeat, shown) = world.chain.until_heartbeats(1).await;
    assert_eq!(shown, Shown::First);
    assert_eq!(heartbeat.iterations, 0);
    assert_eq!(heartbeat.commitment, Default::default());
}

#[tokio::test]
async fn a_restart_costs_one_measurement() {
    let (mut world, machine) = world();
    world.start().await;
    world.chain.start_session(4, [1; 32]);
    machine.until_more(CHUNK).await;
    world.chain.challenge([2; 32]);
    let (first, _) = world.chain.until_heartbeats(1).await;
    world.kill().await;

    world.start().await;
    machine.until_more(CHUNK).await;
    world.chain.challenge([3; 32]);
    let (second, shown) = world.chain.until_heartbeats(2).await;
    // What was done before can still be opened, but the worker counts anew.
    assert_eq!(second.openings.len(), HEARTBEAT_OPENINGS as usize);
    assert_eq!(second.iterations, u64::from(second.commitment.iterations));
    assert_eq!(shown, Shown::Nothing);
    assert!(first.iterations >= 16);

    machine.until_more(CHUNK).await;
    world.chain.challenge([4; 32]);
    let (_, shown) = world.chain.until_heartbeats(3).await;
    assert_eq!(shown, Shown::Iterations(second.commitment.iterations));
}

#[tokio::test]
async fn a_worker_that_has_lost_its_file_opens_nothing_and_goes_on() {
    let (mut world, machine) = world();
    world.start().await;
    world.chain.start_session(4, [1; 32]);
    machine.until_more(CHUNK).await;
    world.chain.challenge([2; 32]);
    world.chain.until_heartbeats(1).await;
    world.kill().await;
    fs::write(world.performance_file(), b"damaged").unwrap();

    world.start().await;
    world.chain.challenge([3; 32]);
    let (heartbeat, shown) = world.chain.until_heartbeats(2).await;
    assert!(heartbeat.openings.is_empty());
    assert_eq!(shown, Shown::Nothing);
}

#[tokio::test]
async fn what_was_signed_is_sent_again_and_nothing_else() {
    for loss in [Loss::Statement, Loss::Answer] {
        let (mut world, machine) = world();
        world.start().await;
        world.chain.start_session(4, [1; 32]);
        machine.until_more(CHUNK).await;
        world.chain.change(|held| held.economy.loss = Some(loss));
        world.chain.challenge([2; 32]);
        world
            .chain
            .until(|held| !held.economy.sent.is_empty())
            .await;
        world.kill().await;
        world.start().await;
        let (heartbeat, _) = world.chain.until_heartbeats(1).await;
        for sent in world.chain.held().economy.sent {
            assert!(matches!(sent, Statement::Heartbeat(sent, _) if *sent == heartbeat));
        }
        // What is done from then on is for the next challenge.
        machine.until_more(CHUNK).await;
        world.chain.challenge([3; 32]);
        world.chain.until_heartbeats(2).await;
    }
}

#[tokio::test]
async fn a_benchmark_is_reported_when_it_is_due_and_then_shown() {
    let (mut world, machine) = world();
    let client = world.start().await;
    world.chain.begin_benchmark([1; 32], 3);
    machine.until_more(CHUNK).await;
    let is_measured = |info: &PerformanceInfo| info.state == PerformanceState::Benchmark;
    until(&world, &client, is_measured).await;
    // Blocks go by.
    for _ in 0..3 {
        world.chain.change(|_| {});
    }
    let is_reported = |stage: &Stage| matches!(stage, Stage::Reported { .. });
    world
        .chain
        .until(|held| {
            let benchmark = held.economy.seen.benchmark;
            benchmark.is_some_and(|benchmark| is_reported(&benchmark.stage))
        })
        .await;
    // The worker may be started anew before the chain has drawn.
    world.kill().await;
    world.start().await;
    world.chain.draw([7; 32]);
    world
        .chain
        .until(|held| held.economy.seen.benchmark.is_none())
        .await;
    assert!(world.chain.held().economy.seen.score.unwrap() >= 16);
}

#[tokio::test]
async fn runs_of_contracts_come_first() {
    let (mut world, machine) = world();
    let client = world.start().await;
    while !client.health().await.unwrap().ready {}
    world.chain.start_session(4, [1; 32]);
    machine.until_more(1).await;
    let caller = client.clone();
    let call =
        tokio::spawn(async move { caller.call(CONTRACT, b"compute".to_vec()).await.unwrap() });
    world.until_held(1).await;
    until(&world, &client, |info| info.giving_way == 1).await;
    let begun = machine.begun();
    // However much goes by, nothing is begun while the run computes.
    for _ in 0..20 {
        until(&world, &client, |info| info.giving_way == 1).await;
    }
    assert_eq!(machine.begun(), begun);
    world.runner.release();
    assert!(call.await.unwrap().success);
    machine.until_more(1).await;
    until(&world, &client, |info| info.giving_way == 0).await;
}

#[tokio::test]
async fn a_chain_that_is_away_is_asked_again() {
    let (mut world, machine) = world();
    world.start().await;
    world.chain.start_session(4, [1; 32]);
    machine.until_more(CHUNK).await;
    world.chain.change(|held| held.is_down = true);
    world.chain.challenge([2; 32]);
    world.chain.change(|held| held.is_down = false);
    world.chain.until_heartbeats(1).await;
}
