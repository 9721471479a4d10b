//! How a worker ends, and how it starts again.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::{sync::Arc, time::Duration};

use model::*;

#[tokio::test]
async fn a_worker_told_to_stop_lets_a_run_end_and_journals_it() {
    let mut world = World::new();
    world.start().await;
    let number = world.target.request(b"hold");
    world.until_held(1).await;
    world.runner.release();
    assert!(world.stop(Duration::from_secs(60)).await);
    assert_eq!(world.runner.runs(), 1);
    world.start().await;
    world.until_settled(number).await;
    assert_eq!(world.runner.runs(), 1, "the run was journaled");
}

#[tokio::test]
async fn a_run_that_outlasts_the_grace_period_is_made_again() {
    let mut world = World::new();
    world.start().await;
    let number = world.target.request(b"hold");
    world.until_held(1).await;
    assert!(!world.stop(Duration::ZERO).await);
    world.start().await;
    world.until_held(2).await;
    world.runner.release();
    world.until_settled(number).await;
    assert_eq!(world.target.state().settlements.len(), 1);
}

#[tokio::test]
async fn runs_that_wait_for_their_turn_do_not_start_any_more() {
    let mut world = World::new();
    world.settings.runs_max = 1;
    world.start().await;
    let numbers: Vec<_> = (0..4).map(|_| world.target.request(b"hold")).collect();
    world.until_held(1).await;
    for number in &numbers {
        world.until_step(*number, "seen").await;
    }
    // Enough for all of them, should they start.
    numbers.iter().for_each(|_| world.runner.release());
    assert!(world.stop(Duration::from_secs(60)).await);
    assert_eq!(world.runner.runs(), 1);

    world.start().await;
    let records = world.journal().newest(None, 10).unwrap();
    let untouched = records
        .iter()
        .filter(|record| record.step_name() == "seen" && record.problem.is_none());
    assert_eq!(untouched.count(), 3);
    for number in numbers {
        world.until_settled(number).await;
    }
    assert_eq!(world.runner.runs(), 4);
}

#[tokio::test]
async fn another_relay_key_is_refused_while_transactions_are_under_way() {
    let mut world = World::new();
    world.target.state().is_jammed = true;
    world.start().await;
    let number = world.target.request(b"abc");
    world.until_step(number, "sent").await;
    world.kill().await;

    let runner = Arc::new(world.runner.clone());
    world.target.state().relay_account = Some("0xother".into());
    let error = world.try_start(runner.clone()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("1 requests on eip155:31337"), "{text}");
    assert!(text.contains("start it with the key of 0xrelay"), "{text}");

    // With the old key it goes on, and then the new one may be used.
    world.target.state().relay_account = None;
    world.target.state().is_jammed = false;
    world.start().await;
    world.until_settled(number).await;
    world.kill().await;
    world.target.state().relay_account = Some("0xother".into());
    world.start().await;
    let number = world.target.request(b"def");
    world.until_settled(number).await;
}
