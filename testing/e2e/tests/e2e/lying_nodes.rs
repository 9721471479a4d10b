//! Nodes that lie to a worker: about what they have stored, about what is final, and by silence.
//!
//! Forks that are not final and nodes of other chains are in `light_client.rs`.

use std::path::Path;

use phat_chain_client::ChainClient;
use phat_e2e::{
    cli::{phat, phat_ok},
    database::forge_state,
    network::{BATCH_EVERY_S, install_tls_provider, text},
    node::{Node, base_of, export_chain_spec},
    process::until,
    project::Project,
    switch::Switch,
    worker::{LightClient, Worker, WorkerOptions},
};
use phat_primitives::ContractId;

const ECHO: &str = "export default (request) => request.input";
const HONEST: &str = "honest-name";
/// As long as the honest name.
const FORGED: &str = "forged-name";

/// Seconds without a finalised block until a worker says so.
const SILENCE_S: u64 = 20;
/// Seconds without a finalised block until a worker runs nothing any more.
const STALE_S: &str = "40";

/// A worker in `folder` that believes the node at `chain`, unless it has a light client.
fn options(
    folder: &Path,
    chain: String,
    light_client: Option<LightClient>,
) -> anyhow::Result<WorkerOptions> {
    let extra_ca = folder.join("authority.pem");
    let authority = phat_testing_fixtures::tls::CertificateAuthority::new()?;
    std::fs::write(&extra_ca, authority.pem())?;
    Ok(WorkerOptions {
        folder: folder.to_owned(),
        chain,
        light_client,
        targets: Vec::new(),
        extra_ca,
        attestation: "none",
        batch_every_s: BATCH_EVERY_S,
        operator: "//Bob",
        arguments: vec!["--chain-stale-max-s".into(), STALE_S.into()],
    })
}

/// A light client of the development chain that knows this node alone.
async fn light_client(folder: &Path, node: &Node) -> anyhow::Result<LightClient> {
    let chain_spec = folder.join("dev.json");
    export_chain_spec("dev", &chain_spec, &["--raw"]).await?;
    Ok(LightClient {
        chain_spec,
        bootnodes: vec![node.bootnode().await?],
        silence_s: SILENCE_S,
    })
}

/// Deploys a contract that gives its input back, and returns its id.
async fn deploy(folder: &Path, chain: &str) -> anyhow::Result<String> {
    let manifest = format!("name = \"{HONEST}\"\nentry = \"index.js\"\n");
    let project = Project::with_manifest(folder, "echo", ECHO, &manifest)?;
    let deploy = ["deploy", project.path_text()?, "--chain", chain];
    let deployed = phat_ok([&deploy[..], &["--suri", "//Alice"]].concat()).await?;
    text(&deployed, "contract")
}

/// Waits until the worker serves the contract.
async fn until_served(worker: &Worker, contract: &str) -> anyhow::Result<()> {
    until("the worker to serve the contract", async || {
        let url = worker.url();
        let called = phat(["call", contract, "--input", "0x2a", "--worker", &url]).await?;
        Ok((called.code == 0).then_some(()))
    })
    .await
}

/// Waits until one of these is among the reasons why the worker is not ready.
async fn until_reason(worker: &Worker, reasons: &[&str]) -> anyhow::Result<()> {
    until(&format!("the reason {reasons:?}"), async || {
        let said = worker.client().health().await?.reasons.join("; ");
        let is_said = reasons.iter().any(|reason| said.contains(reason));
        Ok(is_said.then_some(()))
    })
    .await
}

/// Two development chains have the same first block and the same validator, and are two
/// histories. A node that is believed and goes over to the other one is found out, and nothing of
/// the other is taken.
#[tokio::test]
async fn a_trusted_node_that_shows_another_history_is_found_out() -> anyhow::Result<()> {
    install_tls_provider();
    let folder = tempfile::tempdir()?;
    let other = folder.path().join("other");
    std::fs::create_dir(&other)?;
    let honest = Node::start(folder.path()).await?;
    let lying = Node::start(&other).await?;
    let switch = Switch::start(honest.url()).await?;
    let mut worker = Worker::start(options(folder.path(), switch.url(), None)?).await?;
    let contract = deploy(folder.path(), honest.url()).await?;
    until_served(&worker, &contract).await?;

    switch.turn_to(lying.url())?;
    until_reason(&worker, &["chain: the chain cannot be believed"]).await?;
    // Once the other history is as long as the first one was.
    until_reason(&worker, &["one of the two is a lie"]).await?;
    let before = worker.client().info().await?.chain;
    lying.until_finalized(3).await?;
    let after = worker.client().info().await?.chain;
    assert_eq!(after.finalized, before.finalized);
    assert_eq!(after.genesis_hash, before.genesis_hash, "it is the same");
    let served = worker.client().contract(contract.parse()?).await?;
    assert_eq!(served.name, Some(HONEST.into()), "it is not forgotten");

    switch.turn_to(honest.url())?;
    worker.until_ready().await?;
    until_served(&worker, &contract).await?;
    Ok(())
}

/// A node that was cut off shows what was final when it was. The worker cannot know more, so it
/// runs nothing once that is too old.
#[tokio::test]
async fn nothing_is_run_on_state_that_is_too_old() -> anyhow::Result<()> {
    install_tls_provider();
    let folder = tempfile::tempdir()?;
    let behind = folder.path().join("behind");
    std::fs::create_dir(&behind)?;
    let validator = Node::start(folder.path()).await?;
    let bootnode = validator.bootnode().await?;
    let stale = Node::start_as(&behind, &["--chain", "dev", "--bootnodes", &bootnode]).await?;
    let light = light_client(folder.path(), &stale).await?;
    let worker = Worker::start(options(folder.path(), String::new(), Some(light))?).await?;
    let contract = deploy(folder.path(), validator.url()).await?;
    until_served(&worker, &contract).await?;

    validator.kill()?;
    let silence = format!("no block was finalised for {SILENCE_S} s");
    until_reason(&worker, &[&silence]).await?;
    until_reason(&worker, &[&format!("is more than {STALE_S} s old")]).await?;
    let url = worker.url();
    let called = phat(["call", &contract, "--input", "0x2a", "--worker", &url]).await?;
    assert_eq!(called.code, 1);
    let said = called.json.to_string();
    assert!(said.contains("no new block of the Phat chain"), "{said}");
    // It is the node that has nothing newer, and not that there is none.
    assert!(stale.best().await? > 0);
    Ok(())
}

/// A node whose disk was changed proves nothing with what is there: the value does not hash to
/// what the state's root says. Who believes the node takes it; who follows with a light client
/// does not.
#[tokio::test]
async fn a_node_with_forged_storage_is_not_believed() -> anyhow::Result<()> {
    install_tls_provider();
    let folder = tempfile::tempdir()?;
    let node = Node::start(folder.path()).await?;
    let light = light_client(folder.path(), &node).await?;
    let worker = Worker::start(options(folder.path(), String::new(), Some(light))?).await?;
    let contract = deploy(folder.path(), node.url()).await?;
    until_served(&worker, &contract).await?;
    let (mut options, status) = worker.terminate().await?;
    assert!(status.success(), "{status}");

    // What was written before is in the tables once the database was opened again.
    node.terminate().await?;
    let node = Node::start(folder.path()).await?;
    node.until_finalized(1).await?;
    node.terminate().await?;
    forge_state(
        &base_of(folder.path()),
        HONEST.as_bytes(),
        FORGED.as_bytes(),
    )?;
    let node = Node::start(folder.path()).await?;
    node.until_finalized(1).await?;

    let believing = ChainClient::connect(node.url()).await?;
    let id: ContractId = contract.parse()?;
    let shown = believing.latest().await?.contract(&id).await?;
    let shown = shown.expect("the node has the contract").manifest;
    assert!(shown.contains(FORGED), "{shown}");

    options.light_client = Some(light_client(folder.path(), &node).await?);
    let worker = Worker::start_without_health(options).await?;
    let refused = ["did not answer as it should", "gave no answer within"];
    until_reason(&worker, &refused).await?;
    node.until_finalized(3).await?;
    assert_eq!(worker.client().info().await?.chain.finalized, None);
    assert!(!worker.log().contains(FORGED));
    let url = worker.url();
    let called = phat(["call", &contract, "--input", "0x2a", "--worker", &url]).await?;
    assert_eq!(called.code, 1);
    Ok(())
}
