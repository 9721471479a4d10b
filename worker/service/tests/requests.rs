//! What becomes of requests at an anchor, whatever happens to the worker.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::time::Duration;

use model::*;
use phat_receipt::{Origin, RunResult};
use phat_target::Rollup;
use phat_worker_core::Event;
use phat_worker_service::config::PauseAfter;

#[tokio::test]
async fn a_request_is_run_settled_and_accounted_for() {
    let mut world = World::new();
    world.settings.policy.watch_blocks = 16;
    let client = world.start().await;
    let number = world.target.request(b"abc");
    world.until_settled(number).await;

    let entry = entry(&client, 1).await;
    assert_eq!(
        (entry.chain.as_str(), &entry.anchor.0[..]),
        (CHAIN, &ANCHOR[..])
    );
    assert_eq!(
        (entry.step.as_str(), entry.attempts, entry.runs),
        ("settled", 1, 1)
    );
    assert_eq!(entry.gas_used, Some(21_000));
    assert!(entry.block_settled > Some(entry.block_requested));
    {
        let state = world.target.state();
        let settlements = state.settled(number);
        assert_eq!(settlements.len(), 1);
        assert_eq!(
            (settlements[0].success, &settlements[0].output[..]),
            (true, &b"cba"[..])
        );
        assert_eq!(state.sent, 1);
    }
    assert_eq!(
        world.runner.runs(),
        1,
        "blocks are scanned again, runs are not made again"
    );

    let bundle = client.receipt(entry.receipt.unwrap()).await.unwrap();
    let receipt = &bundle.receipt;
    receipt.verify_signature().unwrap();
    receipt.verify_input(b"abc").unwrap();
    receipt.verify_output(b"cba").unwrap();
    let transcript = phat_engine::Transcript::decode(&bundle.transcript.0).unwrap();
    receipt.verify_transcript_root(transcript.root()).unwrap();
    assert_eq!(receipt.body.genesis_hash, GENESIS);
    assert_eq!(receipt.body.worker, world.keys().worker_id());
    assert_eq!(receipt.body.result, RunResult::Succeeded);
    assert!(matches!(&receipt.body.origin, Origin::Anchor { chain, .. } if chain == CHAIN));

    let page = client.logs(CONTRACT, 0).await.unwrap();
    assert_eq!(
        (page.logs.len(), page.logs[0].message.as_str(), page.next),
        (1, "ran", 1)
    );
    assert!(client.health().await.unwrap().ready);
    // It is looked at some times more, which is no step.
    let is_over = || world.journal().watched().unwrap().is_empty();
    world.target.until_or("watched no more", is_over).await;
    let metrics = client.metrics().await.unwrap();
    for line in [
        r#"phat_worker_requests_total{step="settled"} 1"#,
        "phat_worker_submission_seconds_count 1",
        "phat_worker_runs_total 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn a_run_that_fails_is_settled_as_a_failure() {
    let mut world = World::new();
    let client = world.start().await;
    let number = world.target.request(b"throw");
    world.until_settled(number).await;
    let state = world.target.state().settled(number)[0].clone();
    assert_eq!(
        (state.success, &state.output[..]),
        (false, &b"script_threw: no"[..])
    );
    let receipt = entry(&client, 1).await.receipt.unwrap();
    let bundle = client.receipt(receipt).await.unwrap();
    assert_eq!(bundle.receipt.body.result, RunResult::Failed);
    assert_eq!(bundle.output.0, b"script_threw: no");
}

#[tokio::test]
async fn a_failure_of_the_engine_is_no_failure_of_the_contract() {
    let mut world = World::new();
    world.start().await;
    let number = world.target.request(b"trap once");
    world.until_settled(number).await;
    assert_eq!(world.runner.runs(), 2);
    assert!(world.target.state().settled(number)[0].success);
}

#[tokio::test]
async fn a_worker_killed_after_any_step_goes_on_where_it_was() {
    for (step, name) in [
        (PauseAfter::Seen, "seen"),
        (PauseAfter::Executed, "executed"),
        (PauseAfter::Prepared, "prepared"),
        (PauseAfter::Sent, "sent"),
    ] {
        let mut world = World::new();
        world.pause_after(Some(step));
        world.start().await;
        let number = world.target.request(b"abc");
        world.until_step(number, name).await;
        // Many blocks later it still has not moved.
        let block = world.target.state().tip + 20;
        world
            .target
            .until("blocks", |state| state.tip > block)
            .await;
        assert_eq!(world.step(number), Some(name));
        world.kill().await;

        world.pause_after(None);
        world.start().await;
        world.until_settled(number).await;
        assert_eq!(world.runner.runs(), 1, "{name}: it is run once");
        let state = world.target.state();
        assert_eq!(state.settled(number).len(), 1, "{name}");
        assert_eq!(state.sent, 1, "{name}: it is sent once");
    }
}

#[tokio::test]
async fn a_worker_killed_during_a_run_runs_it_again() {
    let mut world = World::new();
    world.start().await;
    let number = world.target.request(b"hold");
    world.until_held(1).await;
    world.kill().await;
    world.start().await;
    world.until_held(2).await;
    world.runner.release();
    world.until_settled(number).await;
    assert_eq!(world.target.state().settled(number).len(), 1);
}

#[tokio::test]
async fn requests_made_while_the_worker_is_away_are_found() {
    let mut world = World::new();
    world.start().await;
    let first = world.target.request(b"a");
    world.until_settled(first).await;
    world.stop(Duration::from_secs(60)).await;
    let numbers = [world.target.request(b"b"), world.target.request(b"c")];
    world.start().await;
    for number in numbers {
        world.until_settled(number).await;
    }
    assert_eq!(world.target.state().settlements.len(), 3);
}

#[tokio::test]
async fn an_endpoint_that_goes_away_loses_nothing() {
    let mut world = World::new();
    let client = world.start().await;
    let number = world.target.request(b"hold");
    world.until_held(1).await;
    world.target.state().is_down = true;
    world.runner.release();
    world.until_step(number, "executed").await;
    loop {
        let health = client.health().await.unwrap();
        if health
            .reasons
            .iter()
            .any(|reason| reason.contains("it is down"))
        {
            assert!(!health.ready);
            break;
        }
    }
    world.target.state().is_down = false;
    world.until_settled(number).await;
    assert_eq!(
        (world.runner.runs(), world.target.state().settlements.len()),
        (1, 1)
    );
    while !client.health().await.unwrap().ready {}
}

#[tokio::test]
async fn a_chain_that_goes_away_stops_no_work() {
    let mut world = World::new();
    let client = world.start().await;
    let first = world.target.request(b"a");
    world.until_settled(first).await;
    world.chain.change(|held| held.is_down = true);
    let second = world.target.request(b"b");
    world.until_settled(second).await;
    while client.health().await.unwrap().ready {}
    world.chain.change(|held| held.is_down = false);
    while !client.health().await.unwrap().ready {}
}

#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let mut world = World::new();
    world.disk = Some(Disk::new());
    let client = world.start().await;
    let number = world.target.request(b"hold");
    world.until_held(1).await;
    let disk = world.disk.clone().unwrap();
    disk.fill(true);
    world.runner.release();
    let full = loop {
        let health = client.health().await.unwrap();
        if let Some(reason) = health.reasons.into_iter().next() {
            break reason;
        }
    };
    assert!(full.contains("Free space"), "{full}");
    let refused = client.call(CONTRACT, b"x".to_vec()).await.unwrap_err();
    assert!(refused.to_string().contains("Free space"), "{refused}");
    let later = world.target.request(b"later");
    let block = world.target.state().tip + 5;
    world
        .target
        .until("blocks", |state| state.tip > block)
        .await;
    assert!(world.target.state().settlements.is_empty());
    disk.fill(false);
    world.until_settled(number).await;
    world.until_settled(later).await;
    assert_eq!(
        world.runner.runs(),
        2,
        "the run was kept until it could be journaled"
    );
    while !client.health().await.unwrap().ready {}
}

#[tokio::test]
async fn a_bad_manifest_is_shown_and_harms_no_other_contract() {
    let mut world = World::new();
    let bad = phat_primitives::ContractId([0xbb; 32]);
    let text = format!("colour = \"red\"\n{}", manifest("bad"));
    world.chain.create(contract(bad, &text), CODE);
    let client = world.start().await;
    let number = world.target.request(b"abc");
    world.until_settled(number).await;
    let info = client.contract(bad).await.unwrap();
    assert!(!info.is_serving);
    assert!(info.errors[0].contains("colour"), "{:?}", info.errors);
    let refused = client.call(bad, vec![]).await.unwrap_err().to_string();
    assert!(
        refused.contains("not_served") && refused.contains("colour"),
        "{refused}"
    );

    let good = client.contract(CONTRACT).await.unwrap();
    assert!(good.is_serving && good.errors.is_empty());
    assert_eq!(good.name.as_deref(), Some("echo"));
    assert!(good.attestors[CHAIN].starts_with("0x"));
}

#[tokio::test]
async fn a_contract_that_lists_anothers_anchor_takes_nothing_away() {
    let mut world = World::new();
    let thief = phat_primitives::ContractId([0x01; 32]);
    world
        .chain
        .create(contract(thief, &manifest("thief")), CODE);
    let client = world.start().await;
    let number = world.target.request(b"abc");
    world
        .target
        .until("settled", |state| !state.settled(number).is_empty())
        .await;
    world
        .target
        .until_or("both end", || {
            world.journal().unfinished().unwrap().is_empty()
        })
        .await;
    assert_eq!(world.target.state().settled(number).len(), 1);
    assert_eq!(client.requests(None).await.unwrap().requests.len(), 2);
}

#[tokio::test]
async fn a_wrong_attestor_is_named_and_forgiven() {
    let mut world = World::new();
    world.target.state().takes_no_attestor = true;
    let client = world.start().await;
    let number = world.target.request(b"abc");
    let is_named = || {
        let records = world.journal().newest(None, 1).unwrap();
        let problem = records.first().and_then(|record| record.problem.clone());
        problem.is_some_and(|problem| problem.contains("setAttestor"))
    };
    world.target.until_or("named", is_named).await;
    let shown = entry(&client, 1).await;
    assert!(shown.error.unwrap().contains("0xabcd is not an attestor"));
    assert_eq!(world.target.state().sent, 0, "no gas is spent on it");
    world.target.state().takes_no_attestor = false;
    world.until_settled(number).await;
    assert_eq!(world.runner.runs(), 1);
}

#[tokio::test]
async fn requests_that_change_one_key_all_count() {
    let mut world = World::new();
    world.start().await;
    let numbers: Vec<_> = (0..5).map(|_| world.target.request(b"count")).collect();
    for number in &numbers {
        world.until_settled(*number).await;
    }
    let state = world.target.state();
    let mut counts: Vec<_> = state
        .settlements
        .iter()
        .map(|s: &Rollup| s.output[0])
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4, 5]);
    assert_eq!(state.values[&b"count"[..]], (vec![5], 5));
}

#[tokio::test]
async fn a_transaction_that_waits_too_long_is_replaced_with_the_same_nonce() {
    let mut world = World::new();
    world.settings.policy.replace_after_blocks = 3;
    world.target.state().is_jammed = true;
    let client = world.start().await;
    let number = world.target.request(b"abc");
    world
        .target
        .until("replaced", |state| state.sent >= 3)
        .await;
    world.target.state().is_jammed = false;
    world.until_settled(number).await;
    assert_eq!(world.target.state().settled(number).len(), 1);
    assert!(entry(&client, 1).await.attempts >= 3);
    assert_eq!(world.runner.runs(), 1);
}

#[tokio::test]
async fn a_worker_of_lower_rank_takes_over_after_its_delay_only() {
    let mut world = World::new();
    world.settings.policy.takeover_blocks = 30;
    let number = world.target.request(b"abc");
    let request = world.target.state().requests[0].clone();
    let block = request.block.number;
    let event = Event {
        contract: CONTRACT,
        chain: CHAIN.into(),
        anchor: ANCHOR.to_vec(),
        request,
    };
    world
        .chain
        .join(rival(event.id(), world.keys().worker_id()));
    let client = world.start().await;
    world.until_settled(number).await;
    let settled = entry(&client, 1).await.block_settled.unwrap();
    assert!(
        settled >= block + 30,
        "{settled} is too early for a request in {block}"
    );
}

#[tokio::test]
async fn a_worker_outside_the_cluster_does_nothing() {
    let mut world = World::new();
    world.chain.change(|held| held.state.members.clear());
    let client = world.start().await;
    let number = world.target.request(b"abc");
    world.until_step(number, "seen").await;
    let block = world.target.state().tip + 50;
    world
        .target
        .until("blocks", |state| state.tip > block)
        .await;
    assert_eq!(world.runner.runs(), 0);
    let health = client.health().await.unwrap();
    assert!(health.reasons[0].contains("no member"), "{health:?}");
    world.chain.join(world.keys().worker_id());
    world.until_settled(number).await;
}

#[tokio::test]
async fn an_outcome_too_large_to_settle_is_settled_as_a_failure() {
    // What cannot be signed is found before anything is journaled, what cannot be
    // paid for only when a transaction is made of it.
    for is_signed in [false, true] {
        let mut world = World::new();
        {
            let mut state = world.target.state();
            let max = if is_signed {
                &mut state.paid_bytes_max
            } else {
                &mut state.signed_bytes_max
            };
            *max = Some(100);
        }
        let client = world.start().await;
        let number = world.target.request(&[b'x'; 101]);
        world.until_settled(number).await;
        {
            let state = world.target.state();
            let [settlement] = &state.settled(number)[..] else {
                panic!("not settled once");
            };
            let output = String::from_utf8(settlement.output.clone()).unwrap();
            assert!(!settlement.success);
            assert!(output.starts_with("output_too_large: its "), "{output}");
            assert!(output.contains("101 bytes"), "{output}");
        }
        assert_eq!(world.runner.runs(), 1);
        // The receipt is that of the run, so that it can be replayed.
        let receipt = entry(&client, 1).await.receipt.unwrap();
        let bundle = client.receipt(receipt).await.unwrap();
        assert_eq!(bundle.output.0, [b'x'; 101]);
        let page = client.logs(CONTRACT, 0).await.unwrap();
        let told = &page.logs.last().unwrap().message;
        assert!(told.contains("output_too_large"), "{told}");
        // One that fits is settled as it is.
        let number = world.target.request(&[b'x'; 100]);
        world.until_settled(number).await;
        assert!(world.target.state().settled(number)[0].success);
    }
}

#[tokio::test]
async fn a_run_sees_the_chain_as_it_is_when_it_begins() {
    let mut world = World::new();
    world.settings.runs_max = 1;
    let client = world.start().await;
    let first = world.target.request(b"hold");
    world.until_held(1).await;
    // This one waits for its turn, and so much happens meanwhile.
    let second = world.target.request(b"abc");
    world.until_step(second, "seen").await;
    let code = b"export default () => 'new'";
    let mut new = contract(CONTRACT, &manifest("newer"));
    new.code_hash = phat_primitives::CodeHash::of(code);
    world.chain.create(new.clone(), code);
    while client.contract(CONTRACT).await.unwrap().code_hash != new.code_hash {}
    let block = world.target.state().tip + 20;
    world
        .target
        .until("blocks", |state| state.tip > block)
        .await;
    world.runner.release();
    world.until_settled(first).await;
    world.until_settled(second).await;

    let receipt = entry(&client, 2).await.receipt.unwrap();
    let body = client.receipt(receipt).await.unwrap().receipt.body;
    assert_eq!(body.code_hash, new.code_hash);
    let Origin::Anchor { block: read_at, .. } = body.origin else {
        panic!("{body:?}");
    };
    assert!(read_at >= block, "{read_at} was {block} long ago");
}

#[tokio::test]
async fn a_first_block_that_is_lowered_brings_earlier_requests() {
    let mut world = World::new();
    let early = world.target.request(b"early");
    // More than is searched at once.
    world.target.state().tip += 5_000;
    let from_block = world.target.state().tip;
    let text = manifest_at("echo", ANCHOR, from_block);
    world.chain.create(contract(CONTRACT, &text), CODE);
    world.start().await;
    let late = world.target.request(b"late");
    world.until_settled(late).await;
    assert_eq!(world.step(early), None);
    world
        .chain
        .create(contract(CONTRACT, &manifest("echo")), CODE);
    world.until_settled(early).await;
    // And so it stays over a restart.
    world.stop(Duration::from_secs(60)).await;
    let block = world.target.state().tip + 20;
    world.start().await;
    world
        .target
        .until("blocks", |state| state.tip > block)
        .await;
    assert_eq!((world.runner.runs(), world.target.state().sent), (2, 2));
}
