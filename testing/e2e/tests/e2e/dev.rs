//! `phat dev`: one command, one Ctrl-C.

use std::path::Path;

use alloy::primitives::U256;
use phat_e2e::{
    cli::{phat, phat_ok},
    evm::Consumer,
    network::{install_tls_provider, text},
    process::{Program, until},
    project::Project,
};
use phat_testing_fixtures::anvil::{Anvil, AnvilOptions};
use phat_worker_client::WorkerClient;
use serde_json::Value;

const ECHO: &str = "export default (request) => { console.log('called'); return request.input }";
const MANIFEST: &str = "name = \"echo\"\nentry = \"index.js\"\n";

/// What [`Consumer`] takes as 7 followers.
const SEVEN: &str =
    "export default () => { const out = new Uint8Array(64); out[63] = 7; return out }";
const SEVEN_MANIFEST: &str = "name = \"seven\"\nentry = \"index.js\"\n";

/// A contract is deployed, called through the gateway, and its receipt verified;
/// then Ctrl-C leaves no process behind.
#[tokio::test]
async fn a_network_of_ones_own_starts_serves_and_ends() -> anyhow::Result<()> {
    install_tls_provider();
    let folder = tempfile::tempdir()?;
    // As a developer starts it: with a block for each transaction and no others.
    let anvil = Anvil::spawn(&AnvilOptions::default()).await?;
    let evm_chain = format!("eip155:{}", anvil.chain_id());
    let mut dev = Program::start("phat", &folder.path().join("dev.log"), |command| {
        command
            .args([
                "dev",
                "--json",
                "--chain-port",
                "0",
                "--gateway",
                "127.0.0.1:0",
                "--evm-rpc",
                &format!("{evm_chain}={}", anvil.url()),
                "--data-dir",
            ])
            .arg(folder.path().join("data"));
    })?;
    let ready = dev
        .until("being ready", async |output| {
            let line = output.lines().find(|line| line.starts_with("{\"chain\""))?;
            serde_json::from_str::<Value>(line).ok()
        })
        .await?;
    let (chain, gateway) = (text(&ready, "chain")?, text(&ready, "gateway")?);

    let project = Project::with_manifest(folder.path(), "echo", ECHO, MANIFEST)?;
    let deployed = phat_ok(["deploy", project.path_text()?, "--chain", &chain]).await?;
    let contract = text(&deployed, "contract")?;
    let call = until("the worker to serve the contract", async || {
        let call = phat(["call", &contract, "--input", "0x2a", "--worker", &gateway]).await?;
        Ok((call.code == 0).then_some(call.json))
    })
    .await?;
    assert_eq!(call["output"], "0x2a");
    assert_eq!(call["logs"][0]["message"], "called");
    let receipt = text(&call, "receipt")?;
    let verified = phat_ok(["verify", &receipt, "--worker", &gateway, "--chain", &chain]).await?;
    assert_eq!(verified["attestation"], "none");

    asked_from_the_evm_chain(folder.path(), &ready, &anvil).await?;

    let children = ["node_pid", "worker_pid"].map(|field| ready[field].as_u64());
    let status = dev.interrupt().await?;
    assert!(status.success(), "{status}");
    for child in children {
        let id = child.expect("the ready line names the processes");
        assert!(
            !Path::new(&format!("/proc/{id}")).exists(),
            "{id} still runs"
        );
    }
    Ok(())
}

/// A consumer on the EVM chain asks a contract of the same network.
async fn asked_from_the_evm_chain(
    folder: &Path,
    ready: &Value,
    anvil: &Anvil,
) -> anyhow::Result<()> {
    let (chain, worker) = (text(ready, "chain")?, text(ready, "worker")?);
    let evm_chain = format!("eip155:{}", anvil.chain_id());
    let consumer = Consumer::deploy(&anvil.url()).await?;
    let project = Project::with_manifest(folder, "seven", SEVEN, SEVEN_MANIFEST)?;
    let deployed = phat_ok([
        "deploy",
        project.path_text()?,
        "--chain",
        &chain,
        "--worker",
        &worker,
        "--target-anchor",
        &format!("{evm_chain}:{}@{}", consumer.address(), consumer.block),
    ])
    .await?;
    let attestor = text(&deployed["attestors"][0], "account")?;
    consumer.set_attestors(1, vec![attestor.parse()?]).await?;
    let info = WorkerClient::new(&worker)?.info().await?;
    let target = info.targets.iter().find(|target| target.chain == evm_chain);
    let relay = &target.expect("the worker serves the chain").relay_account;
    consumer.fund(relay.parse()?).await?;

    let (id, _, _) = consumer.request("0x01").await?;
    let answer = consumer.until_answered(id).await?;
    assert_eq!((answer.ok, answer.value), (true, U256::from(7)));
    consumer.settlement(id).await?;
    Ok(())
}
