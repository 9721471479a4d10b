//! `phat info`: a network and its workers.

use std::{fmt, time::Duration};

use anyhow::Result;
use clap::Args;
use futures::{StreamExt, stream};
use phat_primitives::{Attestation, ClusterId, ClusterKey, WorkerId, attestation::Measurement};
use phat_worker_client::{
    ChainInfo, ChainTrust, Info, PerformanceInfo, PerformanceState, WorkerClient,
};
use serde::Serialize;
use tokio::time::timeout;
use url::Url;

use crate::{
    amount::Amount,
    args::ChainArgs,
    chain::{Block, StakeReader, StakeRules, Worker, connect},
    gateway::Endpoints,
    output::{Output, Verdict},
};

/// How many workers are shown.
const WORKERS_MAX: usize = 100;
/// How many are asked at once.
const ASKED_AT_ONCE_MAX: usize = 16;
/// Time for a worker to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);

/// Show the network: the chain, and the workers that serve its clusters.
///
/// Each worker is asked at the endpoint that it registered, which anyone may do. So
/// that no such URL leads into your own network, only https:// endpoints are asked,
/// whose certificates prove their names.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat info --chain ws://127.0.0.1:9944")]
pub struct Options {
    #[command(flatten)]
    chain: ChainArgs,
    /// Ask workers with http:// endpoints too, as that of `phat dev` is one. Only
    /// for networks whose workers you know.
    #[arg(long, conflicts_with = "worker")]
    allow_http: bool,
    /// Show this worker alone, in full, without a chain.
    #[arg(long, value_name = "URL")]
    worker: Option<Url>,
}

/// A network.
#[derive(Debug, Serialize)]
struct Network {
    genesis_hash: String,
    finalised: Block,
    /// What holds for what is staked to contracts.
    contract_stake: StakeRules,
    cluster_keys: Vec<KeyOfCluster>,
    workers_total: usize,
    workers: Vec<Member>,
}

/// The newest key of a cluster, as the chain has it.
#[derive(Debug, Serialize)]
struct KeyOfCluster {
    cluster: ClusterId,
    generation: u32,
    #[serde(flatten)]
    key: ClusterKey,
}

/// A registered worker and what it says of itself.
#[derive(Debug, Serialize)]
struct Member {
    id: WorkerId,
    endpoint: String,
    cluster: Option<ClusterId>,
    attestation: Attestation,
    /// Whether its endpoint is one to be asked.
    asked: bool,
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
        return Ok(output.finish(&Single(info), Verdict::Done)?);
    }
    output.progress(format_args!("Connecting to {}…", options.chain.chain));
    let chain = connect(&options.chain.chain).await?;
    let endpoints = match options.allow_http {
        true => Endpoints::HttpToo,
        false => Endpoints::Https,
    };
    let network = network(&chain, endpoints).await?;
    Ok(output.finish(&network, Verdict::Done)?)
}

async fn network(chain: &impl StakeReader, endpoints: Endpoints) -> Result<Network> {
    let registered = chain.workers().await?;
    let workers_total = registered.len();
    let workers = stream::iter(registered.into_iter().take(WORKERS_MAX))
        .map(|worker| ask(worker, endpoints))
        .buffered(ASKED_AT_ONCE_MAX)
        .collect()
        .await;
    let keys = chain.cluster_keys().await?.into_iter();
    let cluster_keys = keys.map(|(cluster, generation, key)| KeyOfCluster {
        cluster,
        generation,
        key,
    });
    Ok(Network {
        cluster_keys: cluster_keys.collect(),
        genesis_hash: format!("0x{}", hex::encode(chain.genesis_hash())),
        finalised: chain.finalised().await?,
        contract_stake: chain.stake_rules().await?,
        workers_total,
        workers,
    })
}

/// What a worker says of itself, if it may be asked and answers.
async fn ask(worker: Worker, endpoints: Endpoints) -> Member {
    let asked = may_ask(&worker.endpoint, endpoints);
    let info = match asked {
        true => {
            let info = async { WorkerClient::new(&worker.endpoint)?.info().await };
            timeout(ANSWER_TIME_MAX, info)
                .await
                .ok()
                .and_then(Result::ok)
        }
        false => None,
    };
    Member {
        asked,
        info,
        id: worker.id,
        endpoint: worker.endpoint,
        cluster: worker.cluster,
        attestation: worker.attestation,
    }
}

fn may_ask(endpoint: &str, endpoints: Endpoints) -> bool {
    let url = endpoint.parse::<Url>();
    url.is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => endpoints == Endpoints::HttpToo,
        _ => false,
    })
}

/// What vouches for a worker, in a few words.
pub fn attestation_text(attestation: &Attestation) -> String {
    match attestation {
        Attestation::None => "none".into(),
        Attestation::Dcap {
            measurement,
            confidence_level,
            expires_at_s,
        } => {
            let measured = match measurement {
                Measurement::Sgx { mr_enclave, .. } => {
                    format!("SGX, MRENCLAVE 0x{}", hex::encode(mr_enclave))
                }
                Measurement::Tdx { mr_td, .. } => format!("TDX, MRTD 0x{}", hex::encode(mr_td)),
            };
            format!("{measured}, level {confidence_level}, until {expires_at_s} s since 1970")
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "genesis     {}", self.genesis_hash)?;
        writeln!(f, "finalised   block {}", self.finalised.number)?;
        writeln!(f, "stake       {}", stake_text(&self.contract_stake))?;
        for known in &self.cluster_keys {
            writeln!(
                f,
                "cluster {:<3} encrypt to {}, generation {}",
                known.cluster, known.key.encryption_key, known.generation
            )?;
        }
        writeln!(f, "workers     {}", self.workers_total)?;
        for worker in &self.workers {
            writeln!(f, "\nworker      {}", worker.id)?;
            writeln!(f, "endpoint    {}", worker.endpoint)?;
            match worker.cluster {
                Some(cluster) => writeln!(f, "cluster     {cluster}")?,
                None => writeln!(f, "cluster     none")?,
            }
            writeln!(f, "attestation {}", attestation_text(&worker.attestation))?;
            let info = worker.info.as_ref();
            if let Some(performance) = info.and_then(|info| info.performance.as_ref()) {
                writeln!(f, "performance {}", performance_text(performance))?;
            }
            match info {
                Some(info) => writeln!(f, "answers     yes, version {}", info.version)?,
                None if worker.asked => writeln!(f, "answers     no")?,
                None => writeln!(
                    f,
                    "answers     not asked: not an https:// endpoint (--allow-http asks http:// too)"
                )?,
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
        match &info.cluster_key {
            Some(key) => writeln!(
                f,
                "cluster key encrypt to {}, generation {}",
                key.encryption_key, key.generation
            )?,
            None => writeln!(f, "cluster key it has none yet")?,
        }
        if let Some(performance) = &info.performance {
            writeln!(f, "performance {}", performance_text(performance))?;
        }
        writeln!(f, "chain       {}", chain_text(&info.chain))?;
        for target in &info.targets {
            let head = target
                .head
                .map_or("unreachable".into(), |head| format!("block {head}"));
            writeln!(
                f,
                "target      {}, {head}, pays from {}",
                target.chain, target.relay_account
            )?;
            for fault in &target.endpoint_faults {
                writeln!(f, "endpoint    {fault}")?;
            }
        }
        Ok(())
    }
}

/// What it takes for a contract to be run, in short.
fn stake_text(rules: &StakeRules) -> String {
    let minimum = rules.minimum;
    match rules.free_allowance {
        Amount(0) => format!("at least {minimum} to a contract; none is run without"),
        allowance => {
            format!("at least {minimum} to a contract; one without is run as if it had {allowance}")
        }
    }
}

/// What a worker says of its session and its performance, in short.
fn performance_text(performance: &PerformanceInfo) -> String {
    let mut text = match performance.state {
        PerformanceState::Idle => "idle",
        PerformanceState::Benchmark => "benchmark",
        PerformanceState::Running => "running",
        PerformanceState::Unresponsive => "unresponsive",
        PerformanceState::CoolingDown => "cooling down",
    }
    .to_owned();
    if let Some(session) = performance.session {
        text += &format!(", session {session}");
    }
    match performance.score {
        Some(score) => text += &format!(", score {score}"),
        None => text += ", no score yet",
    }
    if let Some(now) = performance.score_now {
        text += &format!(", {now} now");
    }
    text
}

/// How a worker follows the chain, in short.
fn chain_text(chain: &ChainInfo) -> String {
    let how = match chain.trust {
        ChainTrust::LightClient => format!(
            "with a light client that has {} peers",
            chain.peers.unwrap_or_default()
        ),
        ChainTrust::Rpc => "through a node that it believes".into(),
    };
    match chain.finalized {
        Some(block) => format!("follows it at block {block} {how}"),
        None => format!("follows it {how}, and has not read it yet"),
    }
}

#[cfg(test)]
#[path = "info_tests.rs"]
mod tests;
