//! Workers that believe no node: they follow the chain with a light client.

use std::path::Path;

use phat_e2e::{
    bundle::call_echo,
    cli::phat_ok,
    network::{BATCH_EVERY_S, Network, install_tls_provider, text},
    node::{Node, export_chain_spec},
    process::until,
    worker::{LightClient, Worker, WorkerOptions},
};
use phat_worker_client::ChainTrust;
use serde_json::json;

/// Seconds without a finalised block until a worker says so. Validators that share a machine with
/// tests may be some blocks late.
const SILENCE_S: u64 = 20;

/// Finalised blocks in which a worker would have found a network that takes it in.
const BLOCKS_ENOUGH: u64 = 10;

/// //Alice.
const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// A light client of the chain that `chain` names to phat-node, which begins at `bootnodes`.
async fn light_client(
    folder: &Path,
    chain: &str,
    bootnodes: Vec<String>,
) -> anyhow::Result<LightClient> {
    let chain_spec = folder.join(format!("{chain}.json"));
    export_chain_spec(chain, &chain_spec, &["--raw"]).await?;
    Ok(LightClient {
        chain_spec,
        bootnodes,
        silence_s: SILENCE_S,
    })
}

/// A worker in `folder` that has nothing but this light client.
fn options(folder: &Path, light_client: LightClient) -> anyhow::Result<WorkerOptions> {
    let extra_ca = folder.join("authority.pem");
    let authority = phat_testing_fixtures::tls::CertificateAuthority::new()?;
    std::fs::write(&extra_ca, authority.pem())?;
    Ok(WorkerOptions {
        folder: folder.to_owned(),
        chain: String::new(),
        light_client: Some(light_client),
        targets: Vec::new(),
        extra_ca,
        attestation: "none",
        batch_every_s: BATCH_EVERY_S,
        operator: "//Alice",
        arguments: Vec::new(),
    })
}

/// Why the worker is not ready, in one text; empty when it is.
async fn reasons(worker: &Worker) -> anyhow::Result<String> {
    Ok(worker.client().health().await?.reasons.join("; "))
}

/// It registers itself through its light client, serves, and finds the chain again after a
/// restart. When the chain stands still it says so.
#[tokio::test]
async fn a_worker_that_believes_nobody_enrols_and_serves() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let bootnodes = vec![network.node.bootnode().await?];
    let options = WorkerOptions {
        light_client: Some(light_client(network.folder(), "dev", bootnodes).await?),
        ..network.worker_options()
    };
    // It is healthy once it is a member.
    let worker = Worker::start(options).await?;
    let info = worker.client().info().await?;
    assert_eq!(info.chain.trust, ChainTrust::LightClient);
    assert!(info.chain.peers >= Some(1));
    assert!(!worker.log().contains("believes this node"));

    let (chain, url) = (network.node.url(), worker.url());
    let called = call_echo(&network, &worker).await?;
    assert_eq!(called["output"], "0x2a");
    let receipt = text(&called, "receipt")?;
    let verified = phat_ok(["verify", &receipt, "--worker", &url, "--chain", chain]).await?;
    assert_eq!(verified["ok"], true);

    let (options, status) = worker.terminate().await?;
    assert!(status.success(), "{status}");
    let worker = Worker::start(options).await?;
    let registrations = worker.log().matches("enrol: registered").count();
    assert_eq!(registrations, 1, "it is registered already");

    network.node.kill()?;
    until(
        "the worker to see that the chain stands still",
        async || {
            let reasons = reasons(&worker).await?;
            let silence =
                format!("no block was finalised for {SILENCE_S} s; the light client has 0");
            // It may have been reading the newest block's state when the node ended.
            let said = [silence.as_str(), "the node gave no answer within"];
            Ok(said.iter().any(|said| reasons.contains(said)).then_some(()))
        },
    )
    .await?;
    network.end();
    Ok(())
}

/// One of three validators makes blocks of its own, whatever it likes, and shows nothing else. Two
/// thirds of the validators have not finalised them, so nothing in them is.
#[tokio::test]
async fn a_fork_that_is_not_final_is_not_believed() -> anyhow::Result<()> {
    install_tls_provider();
    let folder = tempfile::tempdir()?;
    let liar = Node::start_as(
        folder.path(),
        &[
            "--chain",
            "local",
            "--alice",
            "--validator",
            "--force-authoring",
        ],
    )
    .await?;
    let light = light_client(folder.path(), "local", vec![liar.bootnode().await?]).await?;
    let worker = Worker::start_without_health(options(folder.path(), light)?).await?;
    until("the worker to read the first block", async || {
        let info = worker.client().info().await?;
        Ok((info.chain.finalized == Some(0)).then_some(()))
    })
    .await?;

    // The fork takes the worker's registration in.
    until("a block with the registration", async || {
        let pending = liar.rpc("author_pendingExtrinsics", json!([])).await?;
        let nonce = liar.rpc("system_accountNextIndex", json!([ALICE])).await?;
        Ok((pending == json!([]) && nonce.as_u64() > Some(0)).then_some(()))
    })
    .await?;
    let height = liar.best().await?;
    until("two more blocks", async || {
        Ok((liar.best().await? >= height + 2).then_some(()))
    })
    .await?;

    let info = worker.client().info().await?;
    assert!(info.chain.peers >= Some(1), "it sees the fork");
    assert_eq!(info.chain.finalized, Some(0));
    assert_eq!(info.operator, None);
    let reasons = reasons(&worker).await?;
    assert!(reasons.contains("is no member of cluster 0"), "{reasons}");
    Ok(())
}

/// Neither a node of another chain is taken for one of this, nor whoever listens where a node was
/// for that node.
#[tokio::test]
async fn nodes_of_another_chain_or_name_are_no_peers() -> anyhow::Result<()> {
    install_tls_provider();
    let folder = tempfile::tempdir()?;
    let node = Node::start(folder.path()).await?;
    let address = node.bootnode().await?;

    let foreign = folder.path().join("foreign");
    std::fs::create_dir(&foreign)?;
    let light = light_client(&foreign, "local", vec![address.clone()]).await?;
    let foreign = Worker::start_without_health(options(&foreign, light)?).await?;

    let other = folder.path().join("other");
    std::fs::create_dir(&other)?;
    let (place, _) = address
        .rsplit_once('/')
        .expect("the address ends with the peer id");
    let other_id = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
    let light = light_client(&other, "dev", vec![format!("{place}/{other_id}")]).await?;
    let other = Worker::start_without_health(options(&other, light)?).await?;

    node.until_finalized(BLOCKS_ENOUGH).await?;
    for worker in [foreign, other] {
        until("the worker to say that it has no peers", async || {
            let reasons = reasons(&worker).await?;
            Ok(reasons.contains("has 0 peers").then_some(()))
        })
        .await?;
        assert_eq!(worker.client().info().await?.chain.finalized, None);
    }
    Ok(())
}

#[tokio::test]
async fn a_specification_that_is_not_raw_is_refused_at_the_start() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let bootnode = "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
    let mut light = light_client(folder.path(), "dev", vec![bootnode.into()]).await?;
    light.chain_spec = folder.path().join("plain.json");
    export_chain_spec("dev", &light.chain_spec, &[]).await?;
    let started = Worker::start_without_health(options(folder.path(), light)?).await;
    let error = format!("{:#}", started.err().expect("it cannot start"));
    assert!(error.contains("export-chain-spec --raw"), "{error}");
    Ok(())
}
