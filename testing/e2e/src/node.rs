//! A Phat chain on this machine.

use std::path::Path;

use anyhow::Context;

use crate::process::Program;

/// A `phat-node` of the development preset, with one validator and 1 s blocks.
pub struct Node {
    program: Program,
    url: String,
}

impl Node {
    /// Starts it with its state and log in `folder`, and waits for its RPC server.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let base = folder.join("node");
        std::fs::create_dir_all(&base)?;
        let mut program = Program::start("phat-node", &folder.join("node.log"), |command| {
            command
                .args(["--chain", "dev", "--alice", "--validator"])
                .arg("--base-path")
                .arg(&base)
                .args([
                    "--rpc-port",
                    "0",
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

    /// The WebSocket URL of its RPC server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id.
    pub fn id(&self) -> anyhow::Result<u32> {
        self.program.id().context("the node has ended")
    }
}

/// The address in `Running JSON-RPC server: addr=127.0.0.1:41234,[::1]:41234`.
fn rpc_address(output: &str) -> Option<String> {
    let rest = output.split_once("Running JSON-RPC server: addr=")?.1;
    let line = rest.split_once('\n')?.0;
    line.split([',', ' '])
        .find(|address| address.starts_with("127.0.0.1:"))
        .map(str::to_owned)
}
