//! `phat info`: a network and its workers.

use std::{fmt, time::Duration};

use anyhow::Result;
use clap::Args;
use futures::{StreamExt, stream};
use phat_primitives::{Attestation, ClusterId, WorkerId};
use phat_worker_client::{Info, WorkerClient};
use serde::Serialize;
use tokio::time::timeout;
use url::Url;

use crate::{
    args::ChainArgs,
    chain::{Block, ChainReader, Worker, connect},
    output::{Output, Verdict},
};

/// How many workers are shown.
const WORKERS_MAX: usize = 100;
/// How many are asked at once.
const ASKED_AT_ONCE_MAX: usize = 16;
/// Time for a worker to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);

/// Show the network: the chain, and the workers that serve its clusters.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat info --chain ws://127.0.0.1:9944")]
pub struct Options {
    #[command(flatten)]
    chain: ChainArgs,
    /// Show this worker alone, in full, without a chain.
    #[arg(long, value_name = "URL")]
    worker: Option<Url>,
}

/// A network.
#[derive(Debug, Serialize)]
struct Network {
    genesis_hash: String,
    finalised: Block,
    workers_total: usize,
    workers: Vec<Member>,
}

/// A registered worker and what it says of itself.
#[derive(Debug, Serialize)]
struct Member {
    id: WorkerId,
    endpoint: String,
    cluster: Option<ClusterId>,
    attestation: Attestation,
    info: Option<Info>,
}

/// A worker alone.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Single(Info);

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    if let Some(url) = options.worker {
        let info = WorkerClient::new(url.as_str())?.info().await?;
        output.emit(&Single(info))?;
        return Ok(Verdict::Done);
    }
    output.progress(format_args!("Connecting to {}…", options.chain.chain));
    let chain = connect(&options.chain.chain).await?;
    output.emit(&network(&chain).await?)?;
    Ok(Verdict::Done)
}

async fn network(chain: &impl ChainReader) -> Result<Network> {
    let registered = chain.workers().await?;
    let workers_total = registered.len();
    let workers = stream::iter(registered.into_iter().take(WORKERS_MAX))
        .map(ask)
        .buffered(ASKED_AT_ONCE_MAX)
        .collect()
        .await;
    Ok(Network {
        genesis_hash: format!("0x{}", hex::encode(chain.genesis_hash())),
        finalised: chain.finalised().await?,
        workers_total,
        workers,
    })
}

/// What a worker says of itself, if it answers.
async fn ask(worker: Worker) -> Member {
    let info = async { WorkerClient::new(&worker.endpoint)?.info().await };
    let info = timeout(ANSWER_TIME_MAX, info).await;
    Member {
        info: info.ok().and_then(Result::ok),
        id: worker.id,
        endpoint: worker.endpoint,
        cluster: worker.cluster,
        attestation: worker.attestation,
    }
}

/// The word for what vouches for a worker.
pub fn attestation_word(attestation: Attestation) -> &'static str {
    match attestation {
        Attestation::None => "none",
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "genesis     {}", self.genesis_hash)?;
        writeln!(f, "finalised   block {}", self.finalised.number)?;
        writeln!(f, "workers     {}", self.workers_total)?;
        for worker in &self.workers {
            writeln!(f, "\nworker      {}", worker.id)?;
            writeln!(f, "endpoint    {}", worker.endpoint)?;
            match worker.cluster {
                Some(cluster) => writeln!(f, "cluster     {cluster}")?,
                None => writeln!(f, "cluster     none")?,
            }
            writeln!(f, "attestation {}", attestation_word(worker.attestation))?;
            match &worker.info {
                Some(info) => writeln!(f, "answers     yes, version {}", info.version)?,
                None => writeln!(f, "answers     no")?,
            }
        }
        let left_out = self.workers_total - self.workers.len();
        if left_out > 0 {
            writeln!(f, "\nand {left_out} more")?;
        }
        Ok(())
    }
}

impl fmt::Display for Single {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = &self.0;
        writeln!(f, "worker      {}", info.worker)?;
        writeln!(f, "version     {}", info.version)?;
        writeln!(f, "engine      {}", info.engine_hash)?;
        writeln!(f, "endpoint    {}", info.endpoint)?;
        writeln!(f, "cluster     {}", info.cluster)?;
        match info.chain.finalized {
            Some(block) => writeln!(f, "chain       follows it at block {block}")?,
            None => writeln!(f, "chain       not connected")?,
        }
        for target in &info.targets {
            let head = target
                .head
                .map_or("unreachable".into(), |head| format!("block {head}"));
            writeln!(
                f,
                "target      {}, {head}, pays from {}",
                target.chain, target.relay_account
            )?;
        }
        Ok(())
    }
}
