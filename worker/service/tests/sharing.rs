//! Settlements that share transactions, and what they may cost.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use model::*;
use phat_target::RequestNumber;
use phat_worker_service::config::PauseAfter;

/// Requests that are run and not submitted, with a worker that is not running.
async fn executed(world: &mut World, count: usize) -> Vec<RequestNumber> {
    world.pause_after(Some(PauseAfter::Executed));
    world.start().await;
    let inputs = (0..count).map(|index| format!("request {index}"));
    let numbers: Vec<_> = inputs
        .map(|input| world.target.request(input.as_bytes()))
        .collect();
    for number in &numbers {
        world.until_step(*number, "executed").await;
    }
    world.kill().await;
    world.pause_after(None);
    numbers
}

async fn until_all_settled(world: &World, numbers: &[RequestNumber]) {
    for number in numbers {
        world.until_settled(*number).await;
        assert_eq!(world.target.state().settled(*number).len(), 1);
    }
}

#[tokio::test]
async fn what_is_ready_together_shares_a_transaction() {
    let mut world = World::new();
    world.target.state().batch_max = 8;
    let numbers = executed(&mut world, 20).await;
    world.start().await;
    until_all_settled(&world, &numbers).await;
    let state = world.target.state();
    assert_eq!(state.carried, [8, 8, 4]);
    assert_eq!(world.runner.runs(), 20);
}

#[tokio::test]
async fn what_does_not_fit_into_one_transaction_takes_several() {
    let mut world = World::new();
    {
        let mut state = world.target.state();
        (state.batch_max, state.fitting_max) = (8, Some(3));
    }
    let numbers = executed(&mut world, 8).await;
    world.start().await;
    until_all_settled(&world, &numbers).await;
    assert_eq!(world.target.state().carried, [2, 2, 2, 2]);
}

#[tokio::test]
async fn a_request_that_cannot_be_settled_holds_up_none_of_the_others() {
    let mut world = World::new();
    world.target.state().batch_max = 8;
    let numbers = executed(&mut world, 4).await;
    let bad = numbers[1];
    world.target.state().reverting.insert(bad, "no".into());
    let client = world.start().await;
    let good: Vec<_> = numbers.iter().copied().filter(|it| *it != bad).collect();
    until_all_settled(&world, &good).await;
    assert_eq!(world.target.state().carried, [3]);
    let error = entry(&client, 2).await.error.unwrap();
    assert!(error.contains("reverted: no"), "{error}");
    world.target.state().reverting.clear();
    world.until_settled(bad).await;
}

#[tokio::test]
async fn a_consumer_whose_store_cannot_be_read_stops_no_other() {
    let mut world = World::new();
    {
        let mut state = world.target.state();
        (state.paid_bytes_max, state.is_failure_unsignable) = (Some(100), true);
    }
    let client = world.start().await;
    // Its outcome is too large, and what is to be settled in its place cannot be signed.
    let bad = world.target.request(&[b'x'; 101]);
    let is_told = || {
        let records = world.journal().newest(None, 10).unwrap();
        let problem = records.first().and_then(|record| record.problem.clone());
        problem.is_some_and(|problem| problem.contains("junk in its store"))
    };
    world.target.until_or("the reason", is_told).await;
    let good = world.target.request(b"few");
    world.until_settled(good).await;
    assert!(world.target.state().settled(bad).is_empty());
    let error = entry(&client, 1).await.error.unwrap();
    assert!(error.contains("junk in its store"), "{error}");
    world.target.state().is_failure_unsignable = false;
    world.until_settled(bad).await;
}

#[tokio::test]
async fn a_worker_killed_at_a_step_of_a_shared_transaction_settles_each_request_once() {
    for (step, name) in [
        (PauseAfter::Prepared, "prepared"),
        (PauseAfter::Sent, "sent"),
    ] {
        let mut world = World::new();
        world.target.state().batch_max = 8;
        let numbers = executed(&mut world, 5).await;
        world.target.state().is_jammed = true;
        world.pause_after(Some(step));
        world.start().await;
        for number in &numbers {
            world.until_step(*number, name).await;
        }
        world.kill().await;
        world.target.state().is_jammed = false;
        world.pause_after(None);
        world.start().await;
        until_all_settled(&world, &numbers).await;
        let state = world.target.state();
        assert_eq!(
            state.carried,
            [5],
            "{name}: the same transaction is sent again"
        );
        drop(state);
        assert_eq!(world.runner.runs(), 5, "{name}");
    }
}

#[tokio::test]
async fn a_transaction_above_the_day_s_cap_is_divided() {
    let mut world = World::new();
    world.target.state().batch_max = 8;
    let numbers = executed(&mut world, 4).await;
    // Each request adds 100 to what a transaction costs.
    world.settings.relay.all.spending_cap = Some(250);
    world.start().await;
    world
        .target
        .until("two settlements", |state| state.settlements.len() == 2)
        .await;
    let settled = |number: &&RequestNumber| !world.target.state().settled(**number).is_empty();
    assert_eq!(numbers.iter().filter(settled).count(), 2);
}

#[tokio::test]
async fn a_day_s_cap_has_settlements_wait_and_says_what_to_do() {
    let mut world = World::new();
    // A settlement costs 100.
    world.settings.relay.all.spending_cap = Some(250);
    let client = world.start().await;
    let numbers: Vec<_> = [b"a", b"b"].map(|input| world.target.request(input)).into();
    until_all_settled(&world, &numbers).await;
    let third = world.target.request(b"c");
    let is_told = || {
        let records = world.journal().newest(None, 10).unwrap();
        let problem = records.into_iter().find(|record| record.number == third);
        let problem = problem.and_then(|record| record.problem);
        problem.is_some_and(|problem| problem.contains("raise --spending-cap"))
    };
    world
        .target
        .until_or("the cap in its problem", is_told)
        .await;
    let metrics = client.metrics().await.unwrap();
    let line = format!("phat_worker_relay_spent_today{{chain=\"{CHAIN}\"}} 200");
    assert!(metrics.contains(&line), "{metrics}");
    // A restart gives no second allowance.
    world.kill().await;
    world.start().await;
    let later = world.target.state().tip + 50;
    world
        .target
        .until("some blocks", |state| state.tip > later)
        .await;
    assert!(world.target.state().settled(third).is_empty());
    world.kill().await;
    world.settings.relay.all.spending_cap = Some(300);
    world.start().await;
    world.until_settled(third).await;
}

#[tokio::test]
async fn a_balance_that_is_too_low_is_told_and_stops_nothing() {
    let mut world = World::new();
    world.settings.relay.all.balance_floor = 10;
    world.target.state().balance = 9;
    let client = world.start().await;
    let number = world.target.request(b"a");
    world.until_settled(number).await;
    let metrics = client.metrics().await.unwrap();
    let line = format!("phat_worker_relay_balance_low{{chain=\"{CHAIN}\"}} 1");
    assert!(metrics.contains(&line), "{metrics}");
    assert!(client.health().await.unwrap().ready);
}

#[tokio::test]
async fn a_settlement_that_a_deep_reorganisation_undoes_is_made_again() {
    let mut world = World::new();
    world.settings.policy.watch_blocks = 1_000_000;
    let client = world.start().await;
    let number = world.target.request(b"abc");
    world.until_settled(number).await;
    let first = entry(&client, 1).await.tx;
    world.target.state().undo(number);
    world
        .target
        .until("a second settlement", |state| {
            !state.settled(number).is_empty()
        })
        .await;
    world.until_settled(number).await;
    assert_ne!(entry(&client, 1).await.tx, first);
    assert_eq!(world.target.state().settled(number).len(), 1);
    assert_eq!(world.runner.runs(), 1, "its outcome was kept");
}
