//! RPC endpoints that drop, delay, repeat, lag and lie, each before a real node: whatever
//! they do, each request is settled once.

use std::time::{Duration, Instant};

use alloy::primitives::U256;
use anyhow::ensure;
use phat_e2e::{
    count::check_settled_once,
    evm::StoredAnswer,
    network::{Network, PROFILES},
    process::until,
    rpc_proxy::{Fault, Lie, Plan, RpcProxy},
    worker::{Worker, WorkerOptions},
};

/// The call that sends a transaction.
const SEND: &str = "eth_sendRawTransaction";
/// Requests that are made while the only endpoint has a fault.
const REQUESTS_EACH: usize = 2;
/// Endpoints of which one lies.
const ENDPOINTS: usize = 3;
/// Requests that are made until a lie is noticed. The liar may be later than the others
/// with its answer, and nobody waits for it.
const TRIES_MAX: usize = 6;
/// How long a lie that has happened may take to show.
const NOTICE: Duration = Duration::from_secs(3);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What the only endpoint of a worker does.
fn plans() -> [Plan; 9] {
    [
        Plan::of(Fault::Drops).every(3),
        Plan::of(Fault::LosesAnswers).every(3),
        // The worker asks three times before it takes an endpoint for away.
        Plan::of(Fault::Drops).only(SEND).times(4),
        Plan::of(Fault::LosesAnswers).only(SEND).times(2),
        Plan::of(Fault::NeverAnswers).only(SEND).times(1),
        Plan::of(Fault::Delays(Duration::from_millis(300))),
        Plan::of(Fault::Repeats),
        Plan::of(Fault::Repeats).only(SEND),
        Plan::of(Fault::Stale(2)),
    ]
}

/// What one of three endpoints does, and what is said of it then. Where nothing is, it is
/// outvoted on what honest endpoints may differ in too.
const LIES: [(Fault, Option<&str>); 10] = [
    (
        Fault::Lies(Lie::Receipts),
        Some("eth_getTransactionReceipt differently"),
    ),
    (Fault::Lies(Lie::Logs), Some("eth_getLogs differently")),
    (Fault::Stale(3), Some("differently")),
    (Fault::Lies(Lie::State), Some("eth_call differently")),
    (
        Fault::Lies(Lie::Balances),
        Some("eth_getBalance differently"),
    ),
    (Fault::Lies(Lie::Nonces), None),
    (Fault::Lies(Lie::Fees), None),
    (Fault::Lies(Lie::Gas), None),
    (Fault::Lies(Lie::Sends), None),
    (Fault::NeverAnswers, Some("it does not answer")),
];

/// What is stored for the first profile of the Lens API.
fn answer() -> StoredAnswer {
    let (profile, followers) = PROFILES[0];
    StoredAnswer {
        ok: true,
        profile: profile.into(),
        value: U256::from(followers),
    }
}

/// A worker that reaches the chain through these endpoints only.
async fn worker_behind(network: &Network, endpoints: &[RpcProxy]) -> anyhow::Result<Worker> {
    let chain = network.evm_chain();
    let target = |endpoint: &RpcProxy| format!("{chain}={}", endpoint.url());
    Worker::start(WorkerOptions {
        targets: endpoints.iter().map(target).collect(),
        ..network.worker_options()
    })
    .await
}

/// Whether this is said of an endpoint before long.
async fn is_noticed(worker: &Worker, endpoint: &RpcProxy, what: &str) -> anyhow::Result<bool> {
    let (started, name) = (Instant::now(), endpoint.name());
    loop {
        let info = worker.client().info().await?;
        let mut faults = info.targets.iter().flat_map(|it| &it.endpoint_faults);
        if faults.any(|fault| fault.contains(&name) && fault.contains(what)) {
            return Ok(true);
        }
        if started.elapsed() > NOTICE {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The only endpoint of a worker drops calls before and after the node has done what was
/// asked, never answers, delays, repeats, and lags behind.
#[tokio::test]
async fn the_only_endpoint_does_what_it_should_not_and_each_request_is_settled_once()
-> anyhow::Result<()> {
    let network = Network::start().await?;
    let endpoints = [RpcProxy::start(&network.anvil.url()).await?];
    let worker = worker_behind(&network, &endpoints).await?;
    let oracle = network.deploy_lens(&worker).await?;
    let [endpoint] = &endpoints;
    let mut ids = Vec::new();
    for plan in plans() {
        let before = endpoint.hits();
        endpoint.set(plan);
        let (new, _) = oracle
            .consumer
            .request_many(PROFILES[0].0, REQUESTS_EACH)
            .await?;
        for id in &new {
            let stored = oracle.consumer.until_answered(*id).await?;
            assert_eq!(stored, answer(), "{plan:?}");
        }
        assert!(endpoint.hits() > before, "it has not happened: {plan:?}");
        endpoint.mend();
        ids.extend(new);
        // The worker finds it out too, in its own time.
        worker.until_step("settled", ids.len()).await?;
    }
    assert!(endpoint.hits_of(SEND) > 0);
    check_settled_once(&oracle.consumer, &ids).await?;
    drop(worker);
    network.end();
    Ok(())
}

/// One of three endpoints lies about whatever there is to lie about, lags, or never answers.
/// It is outvoted, noticed where honest endpoints cannot differ, and nothing is run or
/// settled that was not asked for.
#[tokio::test]
async fn one_of_three_endpoints_lies_and_each_request_is_settled_once() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let mut endpoints = Vec::new();
    for _ in 0..ENDPOINTS {
        endpoints.push(RpcProxy::start(&network.anvil.url()).await?);
    }
    let worker = worker_behind(&network, &endpoints).await?;
    let oracle = network.deploy_lens(&worker).await?;
    let mut ids = Vec::new();
    for (index, (fault, shown)) in LIES.into_iter().enumerate() {
        // Whoever was outvoted lately is asked last: another one each time.
        let liar = &endpoints[index % ENDPOINTS];
        let begun = liar.hits();
        liar.set(Plan::of(fault));
        let mut is_over = false;
        for _ in 0..TRIES_MAX {
            let before = liar.hits();
            let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
            ids.push(id);
            let stored = oracle.consumer.until_answered(id).await?;
            assert_eq!(stored, answer(), "{fault:?}");
            // An endpoint that does not answer is left alone for a while.
            if fault != Fault::NeverAnswers {
                until(&format!("{fault:?} to have happened"), async || {
                    Ok((liar.hits() > before).then_some(()))
                })
                .await?;
            }
            is_over = match shown {
                Some(what) => is_noticed(&worker, liar, what).await?,
                None => true,
            };
            if is_over {
                break;
            }
        }
        ensure!(is_over, "{fault:?} is never noticed");
        assert!(liar.hits() > begun, "it has not happened: {fault:?}");
        liar.mend();
    }
    worker.until_step("settled", ids.len()).await?;
    check_settled_once(&oracle.consumer, &ids).await?;
    assert_eq!(
        network.lens.requests(),
        ids.len(),
        "a run that nobody has asked for, or one too many"
    );
    drop(worker);
    network.end();
    Ok(())
}
