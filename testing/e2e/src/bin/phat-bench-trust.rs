//! Makes a receipt bundle on a network of its own and measures it, for `cargo xtask bench trust`.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Parser;
use phat_e2e::{bundle, network::Network, process::binary, worker::Worker, worker::WorkerOptions};
use tokio::process::Command;

/// Measure what it takes to verify, with a bundle that is made on a network on this machine.
///
/// The network is a node of the development preset and a worker that a simulated platform vouches
/// for. The worker has ended before anything is measured; the node makes its blocks.
#[derive(Parser)]
struct Options {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// The command line that measures; that beside this program by default.
    #[arg(long, value_name = "FILE")]
    phat: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let network = Network::start().await?;
    let worker = Worker::start(WorkerOptions {
        attestation: "simulated",
        ..network.worker_options()
    })
    .await?;
    let file = network.folder().join("bundle.json");
    bundle::of_a_call(&network, &worker, &file).await?;
    let (_, status) = worker.terminate().await?;
    ensure!(
        status.success(),
        "the worker ended with {status} on SIGTERM"
    );
    let phat = options.phat.map_or_else(|| binary("phat"), Ok)?;
    let mut bench = Command::new(phat);
    bench
        .args(["bench", "trust", "--chain", network.node.url(), "--bundle"])
        .arg(&file)
        .kill_on_drop(true);
    if options.json {
        bench.arg("--json");
    }
    let status = bench.status().await?;
    ensure!(status.success(), "phat bench trust failed: {status}");
    network.end();
    Ok(())
}
