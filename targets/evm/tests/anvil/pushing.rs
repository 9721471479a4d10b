//! Outcomes that nobody asked for: those of schedules, logs and calls over HTTP.

use std::slice;

use alloy::primitives::keccak256;
use phat_target::{
    KeyRead, KeyWrite, LogFilter, Rejection, RequestStatus, Rollup, Target, TargetError,
    TransactionStatus, Versioned,
};

use crate::world::{World, send};

const GUARD: &[u8] = b"phat/firing/prices";
const FIRING: [u8; 32] = [7; 32];

/// What a firing comes to that saw this version of its guard, and sets it to this.
fn push(version: u64, value: &[u8]) -> Rollup {
    Rollup {
        number: [0; 32],
        commitment: FIRING,
        success: true,
        output: b"output".to_vec(),
        reads: vec![KeyRead {
            key: GUARD.to_vec(),
            version,
        }],
        writes: vec![KeyWrite {
            key: GUARD.to_vec(),
            value: value.to_vec(),
        }],
    }
}

async fn refused(world: &World, rollup: Rollup) -> Rejection {
    match world.prepare(&world.sign(rollup).await).await {
        Err(TargetError::Rejected(rejection)) => rejection,
        other => panic!("not rejected: {other:?}"),
    }
}

async fn guard(world: &World) -> Versioned {
    let head = world.target.head().await.unwrap();
    let read = world.target.read(world.anchor(), GUARD, head);
    read.await.unwrap()
}

#[tokio::test]
async fn it_settles_once_and_is_told() {
    let world = World::new().await;
    world.settle(push(0, b"one")).await;
    world.mine(1).await;
    let found = guard(&world).await;
    assert_eq!((&found.value[..], found.version), (&b"one"[..], 1));
    assert_eq!(
        world.request_status([0; 32]).await,
        RequestStatus::Unknown,
        "no request has the number"
    );
    let filter = LogFilter::Contract {
        address: world.anchor().to_vec(),
        topics: vec![
            Some(keccak256("Pushed(bytes32,address,address,bool,bool)").0),
            Some(FIRING),
        ],
    };
    let head = world.target.head().await.unwrap().number;
    let told = world.target.logs(&filter, 0, head).await.unwrap();
    assert_eq!(told.len(), 1);

    // The same again, and another outcome of the same firing.
    let again = refused(&world, push(0, b"one")).await;
    assert_eq!(again, Rejection::AlreadySettled);
    let mut other = push(0, b"one");
    other.success = false;
    assert_eq!(refused(&world, other).await, Rejection::AlreadySettled);
}

#[tokio::test]
async fn after_another_firing_of_the_schedule_it_is_run_again() {
    let world = World::new().await;
    world.settle(push(0, b"one")).await;
    let stale = Rejection::StaleVersion {
        expected: 0,
        actual: 1,
    };
    assert_eq!(refused(&world, push(0, b"two")).await, stale);
    world.settle(push(1, b"two")).await;
}

#[tokio::test]
async fn nothing_goes_out_without_a_guard() {
    let world = World::new().await;
    let mut unread = push(0, b"one");
    unread.reads.clear();
    let mut unwritten = push(0, b"one");
    unwritten.writes.clear();
    let mut of_another = push(0, b"one");
    of_another.writes[0].key.push(0);
    for rollup in [unread, unwritten, of_another] {
        let Rejection::Reverted(reason) = refused(&world, rollup).await else {
            panic!("it was refused for another reason");
        };
        assert!(reason.contains("nobody asked"), "{reason}");
    }
}

#[tokio::test]
async fn another_key_that_has_changed_is_told_as_that() {
    let world = World::new().await;
    let mut rollup = push(0, b"one");
    rollup.reads.push(KeyRead {
        key: b"count".to_vec(),
        version: 4,
    });
    let stale = Rejection::StaleVersion {
        expected: 4,
        actual: 0,
    };
    assert_eq!(refused(&world, rollup).await, stale);
}

#[tokio::test]
async fn a_batch_takes_both_kinds_and_is_not_sent_when_all_are_settled() {
    let world = World::new().await;
    let number = world.ask().await;
    let batch = [
        world.sign(push(0, b"one")).await,
        world.sign(world.answer(number)).await,
    ];
    let nonce = world.target.next_nonce().await.unwrap();
    let prepared = world.target.prepare(world.anchor(), &batch, nonce, None);
    let status = send(&world.target, &prepared.await.unwrap()).await;
    assert!(
        matches!(status, TransactionStatus::Included { success: true, .. }),
        "{status:?}"
    );
    assert_eq!(world.request_status(number).await, RequestStatus::Settled);
    assert_eq!(
        refused(&world, push(0, b"one")).await,
        Rejection::AlreadySettled
    );

    let nonce = world.target.next_nonce().await.unwrap();
    let again = world.target.prepare(world.anchor(), &batch, nonce, None);
    let error = again.await.unwrap_err();
    assert_eq!(error, TargetError::Rejected(Rejection::AlreadySettled));
    let alone = world
        .target
        .prepare(world.anchor(), slice::from_ref(&batch[1]), nonce, None);
    let error = alone.await.unwrap_err();
    assert_eq!(error, TargetError::Rejected(Rejection::AlreadySettled));
}
