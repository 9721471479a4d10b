//! `phat dev`: one command, one Ctrl-C.

use std::path::Path;

use phat_e2e::{
    cli::{phat, phat_ok},
    network::text,
    process::{Program, until},
    project::Project,
};
use serde_json::Value;

const ECHO: &str = "export default (request) => { console.log('called'); return request.input }";
const MANIFEST: &str = "name = \"echo\"\nentry = \"index.js\"\n";

/// A contract is deployed, called through the gateway, and its receipt verified;
/// then Ctrl-C leaves no process behind.
#[tokio::test]
async fn a_network_of_ones_own_starts_serves_and_ends() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut dev = Program::start("phat", &folder.path().join("dev.log"), |command| {
        command
            .args([
                "dev",
                "--json",
                "--chain-port",
                "0",
                "--gateway",
                "127.0.0.1:0",
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
