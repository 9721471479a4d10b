//! What the worker reads of its cluster.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::{sync::Arc, time::Duration};

use model::{CODE, World, contract, manifest};
use phat_primitives::{ClusterId, ContractId};
use phat_worker_service::{
    contracts::{Follower, Snapshot},
    freshness::Freshness,
    health::Health,
    metrics::Metrics,
    pace::{ShutdownSender, shutdown},
};
use tokio::sync::watch;

/// As many as the chain lets a cluster have.
const CONTRACTS_MAX: u32 = 4_096;

fn id(number: u32) -> ContractId {
    let mut id = ContractId::default();
    id.0[..4].copy_from_slice(&number.to_be_bytes());
    id
}

/// A chain with a cluster that is full.
fn full() -> World {
    let world = World::new();
    world.chain.change(|held| {
        held.contracts = (0..CONTRACTS_MAX)
            .map(|number| {
                let manifest = manifest(&format!("contract-{number}"));
                (id(number), contract(id(number), &manifest))
            })
            .collect();
    });
    world
}

/// Follows the chain until both of these are dropped.
fn follow(world: &World) -> (watch::Receiver<Option<Arc<Snapshot>>>, ShutdownSender) {
    let (sender, snapshot) = watch::channel(None);
    let (ender, shutdown) = shutdown();
    let follower = Follower {
        chain: Arc::new(world.chain.clone()),
        cluster: ClusterId(0),
        targets: Default::default(),
        keys: Arc::new(world.keys()),
        snapshot: sender,
        weights: watch::Sender::default(),
        health: Health::default(),
        metrics: Arc::new(Metrics::default()),
        freshness: Freshness::new(Duration::from_secs(600)),
        retry: Duration::from_millis(1),
        shutdown,
    };
    tokio::spawn(follower.run());
    (snapshot, ender)
}

/// The first snapshot of which this holds.
async fn when(
    snapshots: &mut watch::Receiver<Option<Arc<Snapshot>>>,
    holds: impl Fn(&Snapshot) -> bool,
) -> Arc<Snapshot> {
    let found = snapshots
        .wait_for(|snapshot| snapshot.as_deref().is_some_and(&holds))
        .await
        .unwrap();
    found.clone().unwrap()
}

#[tokio::test]
async fn only_what_changes_in_a_full_cluster_is_read_again() {
    let world = full();
    let (mut snapshots, _ender) = follow(&world);
    let before = when(&mut snapshots, |_| true).await;
    assert_eq!(before.contracts.len(), CONTRACTS_MAX as usize);
    assert!(before.contracts.values().all(|known| known.serving.is_ok()));
    assert_eq!(world.chain.reads(), CONTRACTS_MAX as usize);

    world.chain.change(|_| {});
    let after = when(&mut snapshots, |now| now.block > before.block).await;
    assert_eq!(world.chain.reads(), CONTRACTS_MAX as usize);
    for (id, known) in &before.contracts {
        assert!(
            Arc::ptr_eq(known, &after.contracts[id]),
            "{id} was replaced"
        );
    }

    // One is removed, one has another manifest, and one is new.
    world.chain.change(|held| {
        held.contracts.remove(&id(0));
        let changed = contract(id(1), &manifest("changed"));
        held.contracts.insert(id(1), changed);
    });
    world
        .chain
        .create(contract(id(CONTRACTS_MAX), &manifest("new")), CODE);
    let last = when(&mut snapshots, |now| {
        now.contracts.contains_key(&id(CONTRACTS_MAX))
    })
    .await;
    assert_eq!(world.chain.reads(), CONTRACTS_MAX as usize + 2);
    assert_eq!(last.contracts.len(), CONTRACTS_MAX as usize);
    assert!(!last.contracts.contains_key(&id(0)));
    let name = |number| {
        last.contracts[&id(number)]
            .serving
            .as_ref()
            .unwrap()
            .manifest
            .name
            .clone()
    };
    assert_eq!(name(1), "changed");
    assert_eq!(name(2), "contract-2");
}

#[tokio::test]
async fn a_first_reading_that_breaks_off_is_not_begun_anew() {
    let world = full();
    world.chain.change(|held| held.break_at = Some(3_000));
    let (mut snapshots, _ender) = follow(&world);
    let snapshot = when(&mut snapshots, |_| true).await;
    assert_eq!(snapshot.contracts.len(), CONTRACTS_MAX as usize);
    assert_eq!(world.chain.reads(), CONTRACTS_MAX as usize);
}
