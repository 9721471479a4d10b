//! Contracts are run for their stake, and not without.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use model::*;
use phat_primitives::ContractId;
use phat_worker_client::{ClientError, WorkerClient};
use tokio::task::JoinHandle;

const OTHER: ContractId = ContractId([0x02; 32]);

/// The status, the stable name and the text of a refusal.
fn refusal<T: std::fmt::Debug>(result: Result<T, ClientError>) -> (u16, String, String) {
    match result.unwrap_err() {
        ClientError::Refused {
            status,
            code,
            message,
            ..
        } => (status.as_u16(), code, message),
        error => panic!("{error}"),
    }
}

/// Checks that a call is refused for want of stake.
fn assert_no_stake<T: std::fmt::Debug>(result: Result<T, ClientError>) {
    let (status, code, message) = refusal(result);
    assert_eq!((status, code.as_str()), (402, "no_stake"));
    let advice = format!("phat stake add {CONTRACT} AMOUNT");
    assert!(message.contains(&advice), "{message}");
}

async fn ready(client: &WorkerClient) {
    while !client.health().await.unwrap().ready {}
}

/// Waits until the worker says that a contract has this share.
async fn share(client: &WorkerClient, id: ContractId, share_ppm: u32) {
    while client.contract(id).await.unwrap().share_ppm != share_ppm {}
}

/// Waits for some more blocks of the target chain.
async fn blocks(world: &World, count: u64) {
    let tip = world.target.state().tip + count;
    world.target.until("blocks", |state| state.tip > tip).await;
}

/// Calls [`CONTRACT`] meanwhile.
fn calling(client: &WorkerClient) -> JoinHandle<Result<Vec<u8>, ClientError>> {
    let client = client.clone();
    tokio::spawn(async move {
        let answer = client.call(CONTRACT, b"hold".to_vec()).await?;
        Ok(answer.output.0)
    })
}

#[tokio::test]
async fn a_contract_without_stake_is_run_as_soon_as_it_has_some() {
    let mut world = World::new();
    world.chain.stake(CONTRACT, 0);
    let client = world.start().await;
    ready(&client).await;
    assert_no_stake(client.call(CONTRACT, b"abc".to_vec()).await);
    let info = client.contract(CONTRACT).await.unwrap();
    assert!(!info.is_serving);
    assert_eq!((info.stake.as_str(), info.share_ppm), ("0", 0));
    assert!(info.errors[0].contains("phat stake add"), "{info:?}");

    // Requests of anchors are taken up, and wait without anything said against them.
    let number = world.target.request(b"abc");
    world.until_step(number, "seen").await;
    blocks(&world, 20).await;
    assert_eq!(world.step(number), Some("seen"));
    assert_eq!(entry(&client, 1).await.error, None);
    assert_eq!(world.runner.runs(), 0);
    assert!(client.health().await.unwrap().ready);

    world.chain.stake(CONTRACT, STAKE);
    world.until_settled(number).await;
    client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
    assert_eq!(world.runner.runs(), 2);
    let info = client.contract(CONTRACT).await.unwrap();
    assert!(info.is_serving && info.errors.is_empty(), "{info:?}");
    assert_eq!(info.stake, STAKE.to_string());
    assert_eq!(info.share_ppm, 1_000_000);
}

#[tokio::test]
async fn shares_follow_the_stakes_and_an_allowance_runs_contracts_without() {
    let mut world = World::new();
    world
        .chain
        .create(contract(OTHER, &manifest_at("other", [9; 20], 0)), CODE);
    world.chain.stake(CONTRACT, 3 * STAKE);
    let client = world.start().await;
    ready(&client).await;
    share(&client, CONTRACT, 750_000).await;
    share(&client, OTHER, 250_000).await;

    world.chain.stake(OTHER, 0);
    share(&client, OTHER, 0).await;
    share(&client, CONTRACT, 1_000_000).await;
    world
        .chain
        .change(|held| held.state.stakes.free_allowance = STAKE);
    share(&client, OTHER, 250_000).await;
    share(&client, CONTRACT, 750_000).await;
    client.call(OTHER, b"abc".to_vec()).await.unwrap();
    // What is less than the allowance counts as the allowance.
    world.chain.stake(OTHER, 1);
    while client.contract(OTHER).await.unwrap().stake != "1" {}
    share(&client, OTHER, 250_000).await;
}

#[tokio::test]
async fn requests_that_wait_for_their_turn_when_the_stake_goes_are_not_lost() {
    let mut world = World::new();
    world.settings.runs_max = 1;
    let client = world.start().await;
    let first = world.target.request(b"hold");
    world.until_held(1).await;
    let second = world.target.request(b"abc");
    world.until_step(second, "seen").await;
    let waits = "phat_worker_runs_waiting{class=\"anchor\"} 1";
    while !client.metrics().await.unwrap().contains(waits) {}

    world.chain.stake(CONTRACT, 0);
    share(&client, CONTRACT, 0).await;
    // What was begun goes on, and is settled.
    world.runner.release();
    world.until_settled(first).await;
    blocks(&world, 20).await;
    assert_eq!(world.step(second), Some("seen"));
    assert_eq!(world.runner.runs(), 1);

    world.chain.stake(CONTRACT, STAKE);
    world.until_settled(second).await;
    assert_eq!(world.runner.runs(), 2, "each ran once");
}

#[tokio::test]
async fn a_call_that_waits_for_its_turn_when_the_stake_goes_is_told() {
    let mut world = World::new();
    let client = world.start().await;
    ready(&client).await;
    let first = calling(&client);
    world.until_held(1).await;
    let second = calling(&client);
    let waits = "phat_worker_runs_waiting{class=\"call\"} 1";
    while !client.metrics().await.unwrap().contains(waits) {}

    world.chain.stake(CONTRACT, 0);
    share(&client, CONTRACT, 0).await;
    world.runner.release();
    assert_eq!(first.await.unwrap().unwrap(), b"released");
    assert_no_stake(second.await.unwrap());
    assert_eq!(world.runner.runs(), 1);
}
