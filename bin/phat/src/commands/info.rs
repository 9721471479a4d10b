//! `phat info`: a network and its workers.

use std::{fmt, time::Duration};

use anyhow::Result;
use clap::Args;
use futures::{StreamExt, stream};
use phat_primitives::{Attestation, ClusterId, ClusterKey, WorkerId, attestation::Measurement};
use phat_worker_client::{ChainInfo, ChainTrust, Info, WorkerClient};
use serde::Serialize;
use tokio::time::timeout;
use url::Url;

use crate::{
    args::ChainArgs,
    chain::{Block, ChainReader, Worker, connect},
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

async fn network(chain: &impl ChainReader, endpoints: Endpoints) -> Result<Network> {
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
            match &worker.info {
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
        }
        Ok(())
    }
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
mod tests {
    use std::sync::Mutex;

    use axum::http::StatusCode;
    use phat_primitives::{EncryptionKey, attestation::ConfidenceLevel};

    use super::*;
    use crate::{
        chain::fake::FakeChain,
        testing::{FakeWorker, worker_id},
    };

    #[tokio::test]
    async fn the_keys_of_clusters_are_shown() {
        let key = ClusterKey {
            encryption_key: EncryptionKey([0xab; 32]),
            signing_key: [0xcd; 32],
        };
        let chain = FakeChain {
            cluster_keys: Mutex::new(vec![(ClusterId(7), 2, key)]),
            ..FakeChain::default()
        };
        let shown = network(&chain, Endpoints::Https).await.unwrap();
        let expected = format!(
            "cluster 7   encrypt to 0x{}, generation 2\n",
            "ab".repeat(32)
        );
        let text = shown.to_string();
        assert!(text.contains(&expected), "{text}");
        let json = serde_json::to_value(&shown).unwrap();
        let signing_key = &json["cluster_keys"][0]["signing_key"];
        assert_eq!(*signing_key, format!("0x{}", "cd".repeat(32)));
    }

    /// Whoever registers a worker chooses the URL that others would ask.
    #[tokio::test]
    async fn only_https_endpoints_are_asked_unless_told_otherwise() {
        let worker = FakeWorker::start(|_| (StatusCode::OK, "{}".into())).await;
        let chain = FakeChain::default();
        chain.workers.lock().unwrap().push(Worker {
            id: worker_id(),
            encryption_key: EncryptionKey([0x0e; 32]),
            endpoint: worker.url.clone(),
            cluster: Some(ClusterId(0)),
            attestation: Attestation::None,
        });

        let shown = network(&chain, Endpoints::Https).await.unwrap();
        assert!(worker.asked().is_empty());
        let text = shown.to_string();
        assert!(text.contains("answers     not asked"), "{text}");
        assert!(text.contains("--allow-http"), "{text}");
        let json = serde_json::to_value(&shown).unwrap();
        assert_eq!(json["workers"][0]["asked"], false);

        let shown = network(&chain, Endpoints::HttpToo).await.unwrap();
        assert_eq!(worker.asked(), ["GET /v1/info "]);
        let text = shown.to_string();
        assert!(text.contains("answers     no\n"), "{text}");
    }

    #[test]
    fn what_vouches_for_a_worker_is_told_in_short() {
        assert_eq!(attestation_text(&Attestation::None), "none");
        let attestation = Attestation::Dcap {
            measurement: Measurement::Sgx {
                mr_enclave: [0xab; 32],
                mr_signer: [0; 32],
                isv_prod_id: 0,
                isv_svn: 0,
            },
            confidence_level: ConfidenceLevel::BEST,
            expires_at_s: 1_800_000_000,
        };
        let expected = format!(
            "SGX, MRENCLAVE 0x{}, level 1, until 1800000000 s since 1970",
            "ab".repeat(32)
        );
        assert_eq!(attestation_text(&attestation), expected);
    }

    #[test]
    fn how_a_worker_follows_the_chain_is_told() {
        let text = |trust, peers, finalized| {
            chain_text(&ChainInfo {
                trust,
                peers,
                genesis_hash: None,
                finalized,
            })
        };
        assert_eq!(
            text(ChainTrust::LightClient, Some(3), Some(7)),
            "follows it at block 7 with a light client that has 3 peers"
        );
        assert_eq!(
            text(ChainTrust::Rpc, None, None),
            "follows it through a node that it believes, and has not read it yet"
        );
    }

    #[test]
    fn other_schemes_are_never_asked() {
        for (endpoint, https, http_too) in [
            ("https://worker.example", true, true),
            ("http://127.0.0.1:1", false, true),
            ("ftp://worker.example", false, false),
            ("worker.example", false, false),
        ] {
            let asked = [Endpoints::Https, Endpoints::HttpToo].map(|e| may_ask(endpoint, e));
            assert_eq!(asked, [https, http_too], "{endpoint}");
        }
    }
}
