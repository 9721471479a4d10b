//! Receipt bundles that are made on a network.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use crate::{
    cli::{phat, phat_ok},
    network::{Network, text},
    process::until,
    project::Project,
    worker::Worker,
};

const ECHO: &str = "export default (request) => request.input";
const MANIFEST: &str = "name = \"echo\"\nentry = \"index.js\"\n";

/// A bundle that was made.
pub struct MadeBundle {
    /// The hash of its receipt.
    pub receipt: String,
    /// What `phat receipt bundle` said of it.
    pub made: Value,
}

/// Deploys a contract that gives its input back, and calls it with `0x2a` as soon as the worker
/// serves it. Gives what the call printed.
pub async fn call_echo(network: &Network, worker: &Worker) -> anyhow::Result<Value> {
    let (chain, url) = (network.node.url(), worker.url());
    let project = Project::with_manifest(network.folder(), "echo", ECHO, MANIFEST)?;
    let deploy = ["deploy", project.path_text()?, "--chain", chain];
    let deployed = phat_ok([&deploy[..], &["--suri", "//Alice"]].concat()).await?;
    let contract = text(&deployed, "contract")?;
    let call = ["call", &contract, "--input", "0x2a", "--worker", &url];
    until("the worker to serve the contract", async || {
        let call = phat(call).await?;
        Ok((call.code == 0).then_some(call.json))
    })
    .await
}

/// Deploys a contract that gives its input back, calls it over HTTP, and makes a bundle of the
/// receipt in `file`.
pub async fn of_a_call(
    network: &Network,
    worker: &Worker,
    file: &Path,
) -> anyhow::Result<MadeBundle> {
    let (chain, url) = (network.node.url(), worker.url());
    let called = call_echo(network, worker).await?;
    let receipt = text(&called, "receipt")?;
    let out = file.to_str().context("the path is not UTF-8")?;
    let bundle = ["receipt", "bundle", &receipt, "--out", out];
    let from = ["--worker", &url, "--chain", chain];
    let made = phat_ok([&bundle[..], &from].concat()).await?;
    Ok(MadeBundle { receipt, made })
}
