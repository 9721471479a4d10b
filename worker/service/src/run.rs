//! Runs a worker as its command line says, until it is told to stop.

mod enrolment;
mod error;
mod source;
mod targets;

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use phat_chain_client::Signer;
use phat_collateral::PccsConfig;
use phat_engine::{CacheConfig, EgressConfig, Engine, EngineConfig};
use phat_keys::KeyStore;
use phat_worker_core::Policy;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Mutex,
};
use zeroize::Zeroizing;

pub use error::RunError;

use crate::{
    Parts, Settings, Worker,
    attest::{Attester, CollateralOption, sealing},
    backlog,
    batcher::BatchPolicy,
    chain::KeyPublisher,
    compute,
    config::{AttestationOption, Options},
    duties::Duties,
    enrol::Enroller,
    hardware, http,
    journal::{Journal, Retention},
    keys::WorkerKeys,
    node::Node,
    operator::{Operator, OperatorChain},
    performance::PerformanceParts,
};
use enrolment::{Enrolment, keep_enrolled};
use source::node;
use targets::targets;

/// The first pause before what failed is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// The file in the data folder with the work that the worker has committed to.
const PERFORMANCE_FILE: &str = "performance.scale";
/// The file in the data folder that tells where the HTTP API is.
const ADDRESS_FILE: &str = "http.addr";

/// Runs until SIGTERM or SIGINT.
pub async fn run(options: Options) -> Result<(), RunError> {
    // Signals count from the start, so that stopping early is clean too.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    hardware::check_options(&options)?;
    let operator = options
        .operator_suri
        .as_deref()
        .map(Signer::from_uri)
        .transpose()
        .map_err(RunError::Operator)?
        .map(|signer| Operator::new(Mutex::new(signer)));

    let node = Arc::new(node(&options).await?);
    let attester = attester(&options)?;
    let sealing = sealing(options.attestation, &options.simulated())?;
    let store = KeyStore::open(options.data_dir.join("keys"), &*sealing)?;
    let relay_key = relay_key(&options, &store)?;
    let keys = Arc::new(WorkerKeys::new(store));
    let journal_path = options.data_dir.join("journal.redb");
    let journal = Journal::open(&journal_path, Retention::default())?;
    let targets = targets(&options, &relay_key)?;
    let cache = CacheConfig {
        folder: options.data_dir.join("compiled"),
        key: keys.store().seal_secret()?,
        bytes_max: options.compiled_mib * 1024 * 1024,
    };
    let engine = engine(&options, cache).await?;
    let performance = performance(&options, &node).await?;

    let listener = http::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let endpoint = match &options.endpoint {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    let journal = Arc::new(journal);
    let chain = operator.clone().map(|operator| {
        let node = node.clone();
        Arc::new(OperatorChain { node, operator })
    });
    let publisher = chain.clone().map(|chain| chain as Arc<dyn KeyPublisher>);
    let duties = chain.map(|chain| {
        let policy = batch_policy(&options);
        let (engine, keys) = (engine.clone(), keys.clone());
        Duties::start(chain, engine, keys, journal.clone(), policy, RETRY)
    });
    let parts = Parts {
        chain: node.clone(),
        targets,
        runner: Arc::new(engine),
        journal,
        keys: keys.clone(),
        publisher,
        performance: Some(performance),
        listener,
    };
    let mut worker = Worker::start(parts, settings(&options, &endpoint))?;
    let address_file = write_address(&options.data_dir, address)?;
    tracing::info!(%address, endpoint, worker = %keys.worker_id(), "listening");

    let enrolment = tokio::spawn(keep_enrolled(Enrolment {
        node,
        enroller: Enroller::new(keys, options.cluster, endpoint, attester),
        operator,
        announce_to: options.operator,
        data_dir: options.data_dir.clone(),
    }));
    let signal = tokio::select! {
        _ = terminate.recv() => Some("SIGTERM"),
        _ = interrupt.recv() => Some("SIGINT"),
        () = worker.ended() => None,
    };
    enrolment.abort();
    drop(duties);
    tracing::info!(signal, grace_s = options.grace_s, "stopping");
    if !worker.stop(Duration::from_secs(options.grace_s)).await {
        tracing::warn!("some runs did not end in time; they are made again after the next start");
    }
    // Whoever reads a file that is left behind finds nobody there, which is no harm.
    let _ = fs::remove_file(address_file);
    match signal {
        Some(_) => Ok(()),
        None => Err(RunError::PartEnded),
    }
}

fn batch_policy(options: &Options) -> BatchPolicy {
    BatchPolicy {
        every: Duration::from_secs(options.batch_every_s),
        receipts_max: options.batch_receipts_max,
    }
}

fn settings(options: &Options, endpoint: &str) -> Settings {
    Settings {
        cluster: options.cluster,
        endpoint: endpoint.into(),
        poll: Duration::from_millis(options.poll_ms),
        retry: RETRY,
        policy: Policy {
            takeover_blocks: options.takeover_blocks,
            watch_blocks: options.watch_blocks,
            ..Policy::default()
        },
        relay: options.relay(),
        unfinished_max: backlog::PER_CONTRACT_MAX,
        runs_max: options.runs_max,
        runs_waiting_max: compute::RUNS_WAITING_MAX,
        calls_max: options.calls_max,
        calls_waiting_max: options.calls_waiting_max,
        processors: options
            .processors
            .unwrap_or_else(compute::processors_of_machine),
        chain_stale_max: Duration::from_secs(options.chain_stale_max_s),
        allow_private_networks: options.allow_private_egress,
        pause_after: options.pause_after,
    }
}

async fn engine(options: &Options, cache: CacheConfig) -> Result<Engine, RunError> {
    let mut extra_ca_pem = Vec::new();
    for path in &options.extra_cas {
        extra_ca_pem.push(read(path)?);
    }
    let proxy = options.egress_proxy.as_ref();
    let config = EngineConfig {
        egress: EgressConfig {
            allow_private_networks: options.allow_private_egress,
            extra_ca_pem,
            proxy: proxy.map(|proxy| proxy.0.parse()).transpose()?,
            ..EgressConfig::default()
        },
        runs_concurrent_max: options.runs_max,
        calls_concurrent_max: options.calls_max,
        memory_total_bytes_max: options.memory_mib * 1024 * 1024,
        cache: Some(cache),
        ..EngineConfig::default()
    };
    // Compiling the guest takes a while and no other task should wait for it.
    let engine = tokio::task::spawn_blocking(move || Engine::new(config));
    Ok(engine.await.map_err(io::Error::other)??)
}

/// What it takes to show the worker's performance.
async fn performance(options: &Options, node: &Arc<Node>) -> Result<PerformanceParts, RunError> {
    let machine = tokio::task::spawn_blocking(phat_performance::Machine::new);
    Ok(PerformanceParts {
        chain: node.clone(),
        machine: Arc::new(machine.await.map_err(io::Error::other)??),
        file: options.data_dir.join(PERFORMANCE_FILE),
    })
}

/// The key that pays on target chains: from the file given, or the worker's own.
fn relay_key(options: &Options, store: &KeyStore) -> Result<Zeroizing<[u8; 32]>, RunError> {
    let Some(path) = &options.relay_key_file else {
        return Ok(store.relay_secret()?);
    };
    let bad = || RunError::BadRelayKey(path.clone());
    let text = Zeroizing::new(String::from_utf8(read(path)?).map_err(|_| bad())?);
    let digits = text.trim();
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), key.as_mut())
        .map_err(|_| bad())?;
    Ok(key)
}

fn read(path: &Path) -> Result<Vec<u8>, RunError> {
    fs::read(path).map_err(|source| RunError::File {
        path: path.into(),
        source,
    })
}

/// Writes where the API is. Whoever waits for the file finds it whole or not at all.
fn write_address(folder: &Path, address: SocketAddr) -> Result<PathBuf, RunError> {
    let path = folder.join(ADDRESS_FILE);
    let temporary = folder.join(format!("{ADDRESS_FILE}.new"));
    let written =
        fs::write(&temporary, format!("{address}\n")).and_then(|()| fs::rename(&temporary, &path));
    match written {
        Ok(()) => Ok(path),
        Err(source) => Err(RunError::File { path, source }),
    }
}

/// What vouches for the worker, if anything is to.
fn attester(options: &Options) -> Result<Option<Attester>, RunError> {
    if options.attestation == AttestationOption::Simulated {
        tracing::warn!("the platform is simulated: only development networks accept it");
    }
    let collateral = collateral(options)?;
    Ok(Attester::of(
        options.attestation,
        &collateral,
        &options.simulated(),
    )?)
}

fn collateral(options: &Options) -> Result<CollateralOption, RunError> {
    if let Some(path) = &options.collateral {
        return Ok(CollateralOption::File(path.clone()));
    }
    let mut config = PccsConfig::new(options.pccs_url.clone());
    if let Some(path) = &options.pccs_ca {
        config.extra_ca_pem.push(read(path)?);
    }
    Ok(CollateralOption::Service(config))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// The options that these arguments give, besides those that each worker needs.
    pub(super) fn options(arguments: &[&str]) -> Result<Options, clap::Error> {
        let always = ["phat-worker", "--data-dir", "d", "--trust-rpc", "ws://n"];
        Options::try_parse_from(always.iter().chain(arguments))
    }

    #[tokio::test]
    async fn a_proxy_that_is_none_is_not_quoted() {
        let proxy = "ftp://user:secret@proxy.example";
        let options = options(&["--egress-proxy", proxy]).unwrap();
        assert!(!format!("{options:?}").contains("secret"));
        let cache = CacheConfig {
            folder: "not opened".into(),
            key: Zeroizing::new([0; 32]),
            bytes_max: 0,
        };
        let error = engine(&options, cache).await.err().unwrap().to_string();
        assert!(error.starts_with("--egress-proxy: give a proxy as http://"));
        assert!(!error.contains("secret"), "{error}");
    }
}
