//! What goes wrong in the field, on real nodes: nothing is lost, nothing doubled.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use alloy::primitives::U256;
use anyhow::ensure;
use phat_e2e::{
    evm::StoredAnswer,
    network::{Network, PROFILES},
    process::until,
    worker::{Worker, WorkerOptions},
};

/// The journal's steps at which a worker can die.
const STEPS: [&str; 4] = ["seen", "executed", "prepared", "sent"];

/// Requests after which two workers that share the work have both settled some,
/// but for one chance in 2^39.
const REQUESTS_MAX: usize = 40;

/// How long the EVM node is away: longer than any call to it may take, repeats
/// included.
const OUTAGE: Duration = Duration::from_secs(60);

/// What is stored for the first profile of the Lens API.
fn answer() -> StoredAnswer {
    let (profile, followers) = PROFILES[0];
    StoredAnswer {
        ok: true,
        profile: profile.into(),
        value: U256::from(followers),
    }
}

/// SIGKILL after each step of the journal, then a restart on the same disk.
#[tokio::test]
async fn a_worker_killed_at_any_step_settles_once() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let mut worker = Worker::start(network.worker_options()).await?;
    let oracle = network.deploy_lens(&worker).await?;
    for (index, step) in STEPS.into_iter().enumerate() {
        let options = worker.kill().await?;
        worker = Worker::start_paused(options, step).await?;
        let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
        worker.until_step(step, 1).await?;
        worker = Worker::start(worker.kill().await?).await?;
        assert_eq!(
            oracle.consumer.until_answered(id).await?,
            answer(),
            "after {step}"
        );
        // The answer is found by the worker too, in its own time.
        worker.until_step("settled", index + 1).await?;
        oracle.consumer.settlement(id).await?;
    }
    // One run a request; only the one killed before it ran was not run yet.
    assert_eq!(network.lens.requests(), STEPS.len());
    Ok(())
}

/// Two workers of one cluster serve the same anchor, share its requests, and take
/// over from each other.
#[tokio::test]
async fn two_workers_settle_each_request_once() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let first = Worker::start(network.worker_options()).await?;
    let oracle = network.deploy_lens(&first).await?;

    // The first hands the cluster's key to it.
    let second = Worker::start(WorkerOptions {
        folder: network.folder().join("second"),
        operator: "//Charlie",
        ..network.worker_options()
    })
    .await?;
    let relay = second.relay_account(&network.evm_chain()).await?;
    oracle.consumer.fund(relay).await?;
    until("both workers to serve the contract", async || {
        let served = second.client().contract(oracle.contract.parse()?).await?;
        Ok((!served.attestors.is_empty()).then_some(()))
    })
    .await?;

    // Each ranks first for about every other request: before long, both have settled.
    let mut relayers = BTreeSet::new();
    for _ in 0..REQUESTS_MAX {
        let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
        assert_eq!(oracle.consumer.until_answered(id).await?, answer());
        relayers.insert(oracle.consumer.settlement(id).await?.relayer);
        if relayers.len() == 2 {
            break;
        }
    }
    assert_eq!(relayers.len(), 2, "one worker has settled everything");

    // With one of them gone, the other takes its requests over.
    let options = second.kill().await?;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(oracle.consumer.request(PROFILES[0].0).await?.0);
    }
    for id in ids {
        assert_eq!(oracle.consumer.until_answered(id).await?, answer());
        oracle.consumer.settlement(id).await?;
    }
    // The dead worker comes back to requests that others have settled.
    let second = Worker::start(options).await?;
    let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
    assert_eq!(oracle.consumer.until_answered(id).await?, answer());
    oracle.consumer.settlement(id).await?;
    drop(second);
    Ok(())
}

/// The EVM node answers nothing for a minute while an outcome waits to be settled.
#[tokio::test]
async fn an_evm_node_that_goes_away_for_a_minute_loses_nothing() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let oracle = network.deploy_lens(&worker).await?;
    let options = worker.kill().await?;
    let worker = Worker::start_paused(options, "executed").await?;
    let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
    worker.until_step("executed", 1).await?;

    network.anvil.pause()?;
    let options = worker.kill().await?;
    let worker = Worker::start_without_health(options).await?;
    let chain = network.evm_chain();
    let is_named = async || {
        let health = worker.client().health().await?;
        let is_named = health.reasons.iter().any(|reason| reason.contains(&chain));
        anyhow::Ok((!health.ready && is_named).then_some(()))
    };
    until("the worker to name the chain", is_named).await?;
    let noticed = Instant::now();
    until("the outage to have lasted", async || {
        ensure!(is_named().await?.is_some(), "the fault is forgotten");
        Ok((noticed.elapsed() >= OUTAGE).then_some(()))
    })
    .await?;
    assert_eq!(network.lens.requests(), 1);
    network.anvil.resume()?;

    assert_eq!(oracle.consumer.until_answered(id).await?, answer());
    oracle.consumer.settlement(id).await?;
    assert_eq!(network.lens.requests(), 1, "the outcome was kept");
    Ok(())
}

/// The consumer's owner allows the contract's key too late: the worker says what
/// to do, keeps the outcome, and settles it once it may.
#[tokio::test]
async fn a_wrong_attestor_is_named_and_nothing_is_lost() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let oracle = network.deploy_lens(&worker).await?;
    let served = worker.client().contract(oracle.contract.parse()?).await?;
    let attestor = served.attestors[&network.evm_chain()].parse()?;

    oracle.consumer.set_attestors(1, Vec::new()).await?;
    let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
    until("the reason in the worker's list of requests", async || {
        let requests = worker.requests().await?;
        Ok(requests
            .iter()
            .any(|request| {
                request
                    .error
                    .as_deref()
                    .is_some_and(|error| error.contains("setAttestor"))
            })
            .then_some(()))
    })
    .await?;
    ensure!(oracle.consumer.answer(id).await?.is_none());

    oracle.consumer.set_attestors(1, vec![attestor]).await?;
    assert_eq!(oracle.consumer.until_answered(id).await?, answer());
    assert_eq!(
        network.lens.requests(),
        1,
        "the outcome was kept, not made anew"
    );
    Ok(())
}

/// SIGTERM while requests are open: the worker ends by itself, and the next one
/// goes on where it was.
#[tokio::test]
async fn a_worker_that_is_asked_to_end_leaves_no_request_behind() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let oracle = network.deploy_lens(&worker).await?;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(oracle.consumer.request(PROFILES[0].0).await?.0);
    }
    let (options, status) = worker.terminate().await?;
    assert!(status.success(), "{status}");
    let _worker = Worker::start(options).await?;
    for id in ids {
        assert_eq!(oracle.consumer.until_answered(id).await?, answer());
        oracle.consumer.settlement(id).await?;
    }
    Ok(())
}
