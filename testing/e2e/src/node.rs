//! A Phat chain on this machine.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use alloy::providers::{Provider, ProviderBuilder};
use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::{process::Command, sync::Mutex};
use url::Url;

use crate::process::{Program, binary, cache, until};

/// A `phat-node`, by default of the development preset, with one validator and 1 s blocks.
pub struct Node {
    program: Program,
    url: String,
}

impl Node {
    /// Starts it with its state and log in `folder`, and waits for its RPC server.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::start_as(folder, &["--chain", "dev", "--alice", "--validator"]).await
    }

    /// Starts a node that is what `arguments` say.
    pub async fn start_as(folder: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let arguments = with_preset(arguments).await?;
        let base = base_of(folder);
        std::fs::create_dir_all(&base)?;
        let log = folder.join("node.log");
        // The address that an earlier process logged is not the one of this.
        let _ = std::fs::rename(&log, folder.join("node.log.before"));
        let runtimes = cache()?.join("runtimes");
        let mut program = Program::start("phat-node", &log, |command| {
            command
                .args(arguments)
                .arg("--base-path")
                .arg(&base)
                .arg("--runtime-cache")
                .arg(&runtimes)
                .args([
                    "--rpc-port",
                    "0",
                    // Some tests stand between the node and who asks it, under another name.
                    "--rpc-cors",
                    "all",
                    "--no-prometheus",
                    "--no-telemetry",
                    "--no-mdns",
                ])
                // Bundles prove the state of the first block.
                .args(["--state-pruning", "archive"])
                .args(["--listen-addr", "/ip4/127.0.0.1/tcp/0"]);
        })?;
        let address = program
            .until("its RPC address", async |output| rpc_address(output))
            .await?;
        Ok(Self {
            program,
            url: format!("ws://{address}"),
        })
    }

    /// What it answers to a JSON-RPC call.
    pub async fn rpc(&self, method: &'static str, params: Value) -> anyhow::Result<Value> {
        let url: Url = self.url.replacen("ws://", "http://", 1).parse()?;
        let provider = ProviderBuilder::new().connect_http(url);
        let answer = provider.raw_request::<_, Value>(method.into(), params);
        answer.await.with_context(|| format!("{method} failed"))
    }

    /// Where it listens for other nodes: a multiaddress with its peer id.
    pub async fn bootnode(&self) -> anyhow::Result<String> {
        let addresses = self.rpc("system_localListenAddresses", json!([])).await?;
        let addresses = addresses.as_array().into_iter().flatten();
        addresses
            .filter_map(Value::as_str)
            .find(|address| address.starts_with("/ip4/127.0.0.1/tcp/"))
            .map(str::to_owned)
            .context("it listens nowhere")
    }

    /// The number of its best block.
    pub async fn best(&self) -> anyhow::Result<u64> {
        self.height(json!([])).await
    }

    /// Waits until it has finalised `count` blocks more.
    pub async fn until_finalized(&self, count: u64) -> anyhow::Result<()> {
        let before = self.finalized().await?;
        until("finalised blocks", async || {
            let now = self.finalized().await?;
            Ok((now >= before + count).then_some(()))
        })
        .await
    }

    async fn finalized(&self) -> anyhow::Result<u64> {
        let hash = self.rpc("chain_getFinalizedHead", json!([])).await?;
        self.height(json!([hash])).await
    }

    async fn height(&self, params: Value) -> anyhow::Result<u64> {
        let header = self.rpc("chain_getHeader", params).await?;
        let number = header["number"].as_str().context("a header has a number")?;
        Ok(u64::from_str_radix(number.trim_start_matches("0x"), 16)?)
    }

    /// Asks it to end (SIGTERM) and waits for it. Started again in the same folder, it goes on.
    pub async fn terminate(self) -> anyhow::Result<()> {
        let status = self.program.terminate().await?;
        ensure!(status.success(), "the node ended with {status}");
        Ok(())
    }

    /// Kills it (SIGKILL).
    pub fn kill(&self) -> anyhow::Result<()> {
        let id = Pid::from_raw(self.id()?.try_into()?).context("a process has an id")?;
        Ok(kill_process(id, Signal::KILL)?)
    }

    /// The WebSocket URL of its RPC server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id.
    pub fn id(&self) -> anyhow::Result<u32> {
        self.program.id().context("the node has ended")
    }
}

/// Where a node that is started in `folder` keeps its state.
pub fn base_of(folder: &Path) -> PathBuf {
    folder.join("node")
}

/// The address in `Running JSON-RPC server: addr=127.0.0.1:41234,[::1]:41234`.
fn rpc_address(output: &str) -> Option<String> {
    let rest = output.split_once("Running JSON-RPC server: addr=")?.1;
    let line = rest.split_once('\n')?.0;
    line.split([',', ' '])
        .find(|address| address.starts_with("127.0.0.1:"))
        .map(str::to_owned)
}

/// Presets whose specification is made once, for all nodes that are started.
const PRESETS: [&str; 2] = ["dev", "local"];

/// The arguments, with the file of its specification in place of a preset's name. To make one from
/// a preset, the node compiles the runtime once more.
async fn with_preset(arguments: &[&str]) -> anyhow::Result<Vec<OsString>> {
    /// Tests of one program start at once.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
    let _guard = ONE_AT_A_TIME.lock().await;
    let mut resolved = Vec::new();
    for argument in arguments {
        let is_preset =
            PRESETS.contains(argument) && resolved.last().is_some_and(|it| it == "--chain");
        resolved.push(match is_preset {
            true => preset(argument).await?.into(),
            false => argument.into(),
        });
    }
    Ok(resolved)
}

/// The raw specification of a preset of the node as it is built now.
async fn preset(chain: &str) -> anyhow::Result<PathBuf> {
    let built = std::fs::metadata(binary("phat-node")?)?.modified()?;
    let file = cache()?.join(format!("{chain}.json"));
    let is_current = std::fs::metadata(&file)
        .and_then(|made| made.modified())
        .is_ok_and(|made| made > built);
    if !is_current {
        let part = file.with_extension(std::process::id().to_string());
        export_chain_spec(chain, &part, &["--raw"]).await?;
        std::fs::rename(part, &file)?;
    }
    Ok(file)
}

/// Has `phat-node` write the specification of `chain` to `file`; `--raw` is for light clients.
pub async fn export_chain_spec(chain: &str, file: &Path, more: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(binary("phat-node")?)
        .args(["export-chain-spec", "--chain", chain, "--output"])
        .arg(file)
        .args(more)
        .kill_on_drop(true)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "no specification: {said}");
    Ok(())
}
