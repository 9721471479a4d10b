//! What a worker does when what it knows of the chain is too old.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use model::*;
use phat_worker_client::{ClientError, ClusterKeyBody, WorkerClient};
use phat_worker_service::pace::now_ms;

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Waits until the worker's reasons for not being ready have this text, or until there are none.
async fn until_reason(client: &WorkerClient, text: Option<&str>) {
    loop {
        let reasons = client.health().await.unwrap().reasons.join("; ");
        match text {
            Some(text) if reasons.contains(text) => return,
            None if reasons.is_empty() => return,
            _ => tokio::task::yield_now().await,
        }
    }
}

/// Finalises a block that was made so long ago.
fn finalise(world: &World, age_ms: u64) {
    world
        .chain
        .change(|held| held.state.made_at_ms = Some(now_ms() - age_ms));
}

#[tokio::test]
async fn nothing_is_run_while_the_newest_block_is_too_old() {
    let mut world = World::new();
    finalise(&world, 0);
    let client = world.start().await;
    until_reason(&client, None).await;
    client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
    assert_eq!(world.runner.runs(), 1);

    // Blocks go on coming, but they are those of an hour ago.
    finalise(&world, HOUR_MS);
    until_reason(&client, Some("chain_age: the newest finalised block")).await;
    let error = client.call(CONTRACT, b"abc".to_vec()).await.unwrap_err();
    assert!(
        matches!(&error, ClientError::Refused { code, .. } if code == "stale"),
        "{error}"
    );
    let number = world.target.request(b"abc");
    world.until_step(number, "seen").await;
    finalise(&world, HOUR_MS - 1_000);
    assert_eq!(world.runner.runs(), 1);

    finalise(&world, 0);
    until_reason(&client, None).await;
    client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
    world.until_settled(number).await;
}

/// Whoever asks for the cluster's key may be no member any more: an old block does not tell.
#[tokio::test]
async fn no_key_is_handed_over_while_the_newest_block_is_too_old() {
    let mut world = World::new();
    finalise(&world, HOUR_MS);
    let client = world.start().await;
    until_reason(&client, Some("chain_age")).await;
    let asked = ClusterKeyBody {
        worker: world.worker,
        generation: 0,
        signed: None,
    };
    let error = client.cluster_key(&asked).await.unwrap_err();
    assert!(
        matches!(&error, ClientError::Refused { code, .. } if code == "stale"),
        "{error}"
    );
}
