//! What holders of PHA decide on a real chain.

use anyhow::{Context, ensure};
use phat_chain_client::{ChainClient, Conviction, GovernanceAction, Signer};
use phat_e2e::{
    cli::{phat, phat_ok},
    network::{Network, install_tls_provider, text},
    next_runtime,
    node::Node,
    process::until,
    project::Project,
    worker::{Worker, WorkerOptions},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const PHA: u128 = 1_000_000_000_000;

/// Who votes: half of the electorate of a development chain.
const VOTERS: [&str; 6] = [
    "//Alice",
    "//Bob",
    "//Charlie",
    "//Dave",
    "//Eve",
    "//Ferdie",
];

/// An account that does not vote.
const OPERATOR: &str = "//Alice//stash";

/// `Registry.set_attestation_life(3600)`.
const SET_LIFE: &str = "0x1408100e000000000000";

/// Has everybody vote for a referendum, all at once.
async fn agree(url: &str, referendum: u32) -> anyhow::Result<()> {
    let mut votes = JoinSet::new();
    for voter in VOTERS {
        let client = ChainClient::connect(url).await?;
        votes.spawn(async move {
            let vote = GovernanceAction::Vote {
                referendum,
                aye: true,
                amount: 980_000 * PHA,
                conviction: Conviction::Locked1x,
            };
            client.govern(&Signer::from_uri(voter)?, &vote).await
        });
    }
    while let Some(voted) = votes.join_next().await {
        voted??;
    }
    Ok(())
}

/// Proposes with these arguments and has everybody agree. Gives the number of the referendum.
async fn propose(url: &str, arguments: &[&str]) -> anyhow::Result<u32> {
    let propose = [&["gov", "propose"][..], arguments, &["--chain", url]].concat();
    let proposed = phat_ok(&propose).await?;
    let referendum = proposed["referendum"].as_u64();
    let referendum = u32::try_from(referendum.unwrap_or(u64::MAX))?;
    agree(url, referendum).await?;
    Ok(referendum)
}

async fn shown(url: &str, referendum: u32) -> anyhow::Result<Value> {
    let id = referendum.to_string();
    phat_ok(["gov", "show", &id, "--chain", url]).await
}

/// Waits until a referendum is over, and approved.
async fn until_approved(url: &str, referendum: u32) -> anyhow::Result<()> {
    let ended = until("the referendum to end", async || {
        let shown = shown(url, referendum).await?;
        Ok(shown["ongoing"].is_null().then_some(shown))
    })
    .await?;
    ensure!(ended["state"] == "approved", "{ended}");
    Ok(())
}

#[tokio::test]
async fn a_referendum_changes_a_parameter() -> anyhow::Result<()> {
    install_tls_provider();
    let folder = tempfile::tempdir()?;
    let node = Node::start(folder.path()).await?;
    let url = node.url();
    let client = ChainClient::connect(url).await?;
    let life = async || client.latest().await?.attestation_life_max_s().await;
    assert_ne!(life().await?, 3_600);

    // What it would cost, without a referendum.
    let call = ["call", SET_LIFE, "--track", "parameters"];
    let dry = [
        &["gov", "propose"][..],
        &call[..],
        &["--chain", url, "--dry-run"],
    ]
    .concat();
    let told = phat_ok(&dry).await?;
    assert_eq!(told["is_dry_run"], true);
    assert!(text(&told, "fee")?.parse::<u128>()? > 0, "{told}");
    assert_eq!(client.latest().await?.referendum_count().await?, 0);

    let referendum = propose(url, &call).await?;
    let ongoing = shown(url, referendum).await?;
    assert_eq!(ongoing["ongoing"]["track"], "parameters");
    let words = text(&ongoing["ongoing"], "call")?;
    assert!(words.contains("set_attestation_life"), "{words}");
    assert_eq!(ongoing["ongoing"]["approval"], 100.0);
    until_approved(url, referendum).await?;
    until("the decision to be carried out", async || {
        Ok((life().await? == 3_600).then_some(()))
    })
    .await?;

    let id = referendum.to_string();
    let refunded = phat_ok(["gov", "refund", &id, "--chain", url]).await?;
    assert!(refunded["block"]["number"].is_u64(), "{refunded}");
    // There is no second one.
    let again = phat(["gov", "refund", &id, "--chain", url]).await?;
    assert_eq!(again.code, 1);
    assert!(again.json["error"].to_string().contains("NoDeposit"));
    Ok(())
}

/// The number of the chain's runtime.
async fn spec_version(node: &Node) -> anyhow::Result<Value> {
    let version = node.rpc("state_getRuntimeVersion", json!([])).await?;
    Ok(version["specVersion"].clone())
}

/// Deploys a contract and calls it.
async fn serve(network: &Network, worker: &Worker, name: &str) -> anyhow::Result<()> {
    let (chain, url) = (network.node.url(), worker.url());
    let manifest = format!("name = {name:?}\nentry = \"index.js\"\n");
    // Another code for each: the same one would be the same contract.
    let code = format!("// {name}\nexport default (request) => request.input");
    let project = Project::with_manifest(network.folder(), name, &code, &manifest)?;
    let deploy = ["deploy", project.path_text()?, "--chain", chain];
    let deployed = phat_ok(deploy).await?;
    let contract = text(&deployed, "contract")?;
    let call = ["call", &contract, "--input", "0x2a", "--worker", &url];
    until("the worker to serve the contract", async || {
        let called = phat(call).await?;
        Ok((called.code == 0).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_referendum_upgrades_the_runtime_and_the_network_goes_on() -> anyhow::Result<()> {
    let code = tokio::task::spawn_blocking(next_runtime::build).await??;
    let network = Network::start().await?;
    let url = network.node.url();
    let worker = Worker::start(WorkerOptions {
        operator: OPERATOR,
        ..network.worker_options()
    })
    .await?;
    serve(&network, &worker, "before").await?;
    assert_eq!(spec_version(&network.node).await?, 1);

    let file = network.folder().join("runtime.wasm");
    std::fs::write(&file, &code)?;
    let file_text = file.to_str().context("the path is not UTF-8")?;
    let upgrade = ["gov", "upgrade", file_text, "--chain", url];
    // Nobody may do it before it is decided on.
    assert_eq!(phat(upgrade).await?.code, 1);

    let referendum = propose(url, &["upgrade", file_text]).await?;
    until_approved(url, referendum).await?;
    let client = ChainClient::connect(url).await?;
    until("the upgrade to be authorised", async || {
        client
            .latest()
            .await?
            .authorized_upgrade()
            .await
            .map_err(Into::into)
    })
    .await?;
    phat_ok(upgrade).await?;
    network.node.until_finalized(3).await?;
    assert_eq!(spec_version(&network.node).await?, 2);

    // A client that was connected before goes on, and so do the worker and new clients.
    assert_eq!(client.latest().await?.authorized_upgrade().await?, None);
    serve(&network, &worker, "after").await?;
    network.end();
    Ok(())
}
