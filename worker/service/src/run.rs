//! Runs a worker as its command line says, until it is told to stop.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use phat_chain_client::{CHAIN_SPEC_BYTES_MAX, Signer};
use phat_collateral::PccsConfig;
use phat_engine::{CacheConfig, EgressConfig, Engine, EngineConfig, EngineError, ParseProxyError};
use phat_keys::{KeyStore, KeyStoreError};
use phat_primitives::AccountBytes;
use phat_target::{Target, TargetError, presets::evm_preset};
use phat_target_evm::{EvmConfig, EvmTarget, WEI_PER_GWEI};
use phat_worker_client::ChainTrust;
use phat_worker_core::Policy;
use thiserror::Error;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Mutex,
};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    Parts, Settings, Worker,
    attest::{AttestError, Attester, CollateralOption, sealing},
    backlog,
    batcher::BatchPolicy,
    chain::{ChainError, ChainView, KeyPublisher},
    compute,
    config::{AttestationOption, Options},
    duties::Duties,
    enrol::{Enroller, Retry},
    hardware::{self, NotOnHardware},
    http,
    journal::{Journal, JournalError, Retention},
    keys::WorkerKeys,
    node::{ChainSource, Node},
    operator::{Operator, OperatorChain},
    pace::Backoff,
    performance::PerformanceParts,
    substrate::{self, SubstrateError},
};

/// The first pause before what failed is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// The longest pause between tries to enrol.
const ENROL_RETRY_MAX: Duration = Duration::from_secs(60);
/// The pause after the platform, or the chain, has refused. Asking the chain costs a fee.
const ATTEST_RETRY: Duration = Duration::from_secs(60 * 60);
/// The file in the data folder with the work that the worker has committed to.
const PERFORMANCE_FILE: &str = "performance.scale";
/// The file in the data folder that tells where the HTTP API is.
const ADDRESS_FILE: &str = "http.addr";

/// A worker that cannot start, or ended by itself.
#[derive(Debug, Error)]
pub enum RunError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyStoreError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The engine.
    #[error("the engine cannot start: {0}")]
    Engine(#[from] EngineError),
    /// A target chain.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The Phat chain cannot be followed as was asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Not one way to follow the chain is given, but none or two.
    #[error(
        "give --chain-spec FILE, to follow the chain with a light client, or for development \
         --trust-rpc URL, to believe a node"
    )]
    ChainSource,
    /// The chain specification is no text, or too long.
    #[error(
        "{0} is no chain specification: give a file as phat-node export-chain-spec --raw writes it"
    )]
    BadChainSpec(PathBuf),
    /// Something does not go with what is to vouch for the worker.
    #[error(transparent)]
    NotOnHardware(#[from] NotOnHardware),
    /// The Substrate chains.
    #[error(transparent)]
    Substrate(#[from] SubstrateError),
    /// An endpoint of a target chain is given twice.
    #[error(
        "--target eip155:{0} is given twice with the same endpoint: give each endpoint once, so \
         that none counts for two"
    )]
    TargetTwice(u64),
    /// More endpoints of a chain must agree than it has.
    #[error(
        "--rpc-quorum says that {needed} endpoints of eip155:{chain_id} must agree, and {count} \
         are given with --target"
    )]
    RpcQuorum {
        /// The chain.
        chain_id: u64,
        /// How many endpoints it has.
        count: usize,
        /// How many must agree.
        needed: usize,
    },
    /// Confirmations are given twice for a chain, or for all.
    #[error("--confirmations is given twice for {0}: give it once")]
    ConfirmationsTwice(String),
    /// Confirmations are given for a chain that is no target.
    #[error("--confirmations names eip155:{0}, and there is no --target of it")]
    ConfirmationsOfNone(u64),
    /// An amount is given for a chain that is no target.
    #[error(
        "{option} names {chain}, and there is no --target or --substrate of it: correct the name, \
         or leave it out"
    )]
    AmountOfNone {
        /// The option.
        option: &'static str,
        /// The chain.
        chain: String,
    },
    /// The proxy of contracts.
    #[error("--egress-proxy: {0}")]
    EgressProxy(#[from] ParseProxyError),
    /// The operator's secret.
    #[error("--operator-suri: {0}")]
    Operator(phat_chain_client::ChainError),
    /// What is to vouch for the worker.
    #[error(transparent)]
    Attest(#[from] AttestError),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The relay key file holds no key.
    #[error("{0} holds no secret key: it must have 64 hexadecimal digits")]
    BadRelayKey(PathBuf),
    /// The socket or the signals.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The performance test.
    #[error(transparent)]
    Performance(#[from] phat_performance::MachineError),
    /// A part ended that should not.
    #[error("a part of the worker ended by itself; see the log")]
    PartEnded,
}

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

/// The Phat chain. A light client is started at once: what is wrong with its chain specification
/// is told at the start.
async fn node(options: &Options) -> Result<Node, RunError> {
    let silence_max = Duration::from_secs(options.chain_silence_s);
    let node = Node::new(chain_source(options)?, silence_max);
    if node.trust() == ChainTrust::LightClient {
        node.client().await?;
    }
    Ok(node)
}

fn chain_source(options: &Options) -> Result<ChainSource, RunError> {
    match (&options.chain_spec, &options.trust_rpc) {
        (Some(path), None) => {
            let chain_spec = chain_spec(path)?;
            hardware::check_chain_spec(options.attestation, &chain_spec)?;
            Ok(ChainSource::LightClient {
                chain_spec,
                bootnodes: options.bootnodes.clone(),
            })
        }
        (None, Some(url)) => {
            tracing::warn!(
                node = %shown(url),
                "development only: the worker believes this node, whatever it says of the chain; \
                 give --chain-spec FILE in place of --trust-rpc"
            );
            Ok(ChainSource::TrustedRpc(url.clone()))
        }
        _ => Err(RunError::ChainSource),
    }
}

/// A URL without what may be a password in it.
fn shown(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

fn chain_spec(path: &Path) -> Result<String, RunError> {
    let mut bytes = Vec::new();
    // One more byte than may be, which tells that it is too long.
    let bytes_max = CHAIN_SPEC_BYTES_MAX as u64 + 1;
    fs::File::open(path)
        .and_then(|file| file.take(bytes_max).read_to_end(&mut bytes))
        .map_err(|source| RunError::File {
            path: path.into(),
            source,
        })?;
    if bytes.len() > CHAIN_SPEC_BYTES_MAX {
        return Err(RunError::BadChainSpec(path.into()));
    }
    String::from_utf8(bytes).map_err(|_| RunError::BadChainSpec(path.into()))
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

fn targets(options: &Options, relay_key: &[u8; 32]) -> Result<Vec<Arc<dyn Target>>, RunError> {
    check_confirmations(options)?;
    let mut targets: Vec<Arc<dyn Target>> = Vec::new();
    for (chain_id, rpcs) in endpoints(options)? {
        let Some(first) = rpcs.first() else {
            continue;
        };
        let mut config = EvmConfig::new(chain_id, first.clone(), *relay_key);
        config.rpcs = rpcs;
        if let Some(preset) = evm_preset(chain_id) {
            config.apply(preset);
        }
        config.rpc_quorum = options.rpc_quorum(chain_id);
        config.confirmations = options.confirmations(chain_id);
        config.gas_max = options.gas_max;
        config.fee_per_gas_max = u128::from(options.fee_cap_gwei) * WEI_PER_GWEI;
        targets.push(Arc::new(EvmTarget::new(&config)?));
    }
    let cost_max = options.substrate_cost_max.unwrap_or(u128::MAX);
    targets.extend(substrate::targets(&options.substrate, relay_key, cost_max)?);
    check_amounts(options, &targets)?;
    Ok(targets)
}

/// Refuses amounts for chains that are not served: a cap with a wrong name in it would bound
/// nothing.
fn check_amounts(options: &Options, targets: &[Arc<dyn Target>]) -> Result<(), RunError> {
    let served: Vec<&str> = targets.iter().map(|target| target.chain()).collect();
    match options.amount_of_none(&served) {
        Some((option, chain)) => Err(RunError::AmountOfNone {
            option,
            chain: chain.into(),
        }),
        None => Ok(()),
    }
}

/// The endpoints of each chain, as they were given.
fn endpoints(options: &Options) -> Result<BTreeMap<u64, Vec<Url>>, RunError> {
    let mut chains: BTreeMap<u64, Vec<Url>> = BTreeMap::new();
    for target in &options.targets {
        let rpcs = chains.entry(target.chain_id).or_default();
        if rpcs.contains(&target.rpc) {
            return Err(RunError::TargetTwice(target.chain_id));
        }
        rpcs.push(target.rpc.clone());
    }
    for given in &options.rpc_quorum {
        let count = match given.chain_id {
            Some(chain_id) => chains.get(&chain_id).map_or(0, Vec::len),
            None => continue,
        };
        if count < given.endpoints {
            return Err(RunError::RpcQuorum {
                chain_id: given.chain_id.unwrap_or_default(),
                count,
                needed: given.endpoints,
            });
        }
    }
    Ok(chains)
}

/// Refuses confirmations that would not do what they look like.
fn check_confirmations(options: &Options) -> Result<(), RunError> {
    for (index, given) in options.confirmations.iter().enumerate() {
        let mut before = options.confirmations.iter().take(index);
        if before.any(|other| other.chain_id == given.chain_id) {
            let chain = given.chain_id.map(|id| format!("eip155:{id}"));
            let chain = chain.unwrap_or_else(|| "all chains".into());
            return Err(RunError::ConfirmationsTwice(chain));
        }
        if let Some(chain_id) = given.chain_id
            && !options
                .targets
                .iter()
                .any(|target| target.chain_id == chain_id)
        {
            return Err(RunError::ConfirmationsOfNone(chain_id));
        }
    }
    Ok(())
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

struct Enrolment {
    node: Arc<Node>,
    enroller: Enroller,
    operator: Option<Operator>,
    announce_to: Option<AccountBytes>,
    data_dir: PathBuf,
}

/// Enrols the worker, or tells what its operator must submit, for as long as there will be
/// something to do.
async fn keep_enrolled(mut enrolment: Enrolment) {
    let mut backoff = Backoff::new(RETRY, ENROL_RETRY_MAX);
    let mut is_told = false;
    loop {
        let pause = match try_enrol(&mut enrolment).await {
            Ok(None) => return,
            Ok(Some(pause)) => {
                backoff.reset();
                is_told = false;
                pause
            }
            Err((reason, Retry::Never)) => {
                tracing::error!(reason, "the worker cannot be enrolled");
                return;
            }
            Err((reason, Retry::Later)) => {
                let minutes = ATTEST_RETRY.as_secs() / 60;
                tracing::error!(reason, minutes, "not attested, trying again later");
                ATTEST_RETRY
            }
            Err((reason, Retry::Soon)) => {
                if !is_told {
                    tracing::warn!(reason, "not enrolled yet, trying on");
                    is_told = true;
                }
                backoff.pause()
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Enrols once, and gives when to do so again. An error is told with when trying again may help.
async fn try_enrol(enrolment: &mut Enrolment) -> Result<Option<Duration>, (String, Retry)> {
    let unreachable = |error: ChainError| (error.to_string(), Retry::Soon);
    let client = enrolment.node.client().await.map_err(unreachable)?;
    let enroller = &mut enrolment.enroller;
    let enrolled = match &enrolment.operator {
        Some(operator) => {
            let signer = operator.lock().await;
            enroller.enrol(&client, &signer).await
        }
        None => {
            let operator = enrolment.announce_to;
            enroller
                .announce(&client, operator, &enrolment.data_dir)
                .await
        }
    };
    enrolled.map_err(|error| (error.to_string(), error.retry()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn options(arguments: &[&str]) -> Result<Options, clap::Error> {
        let always = ["phat-worker", "--data-dir", "d", "--trust-rpc", "ws://n"];
        Options::try_parse_from(always.iter().chain(arguments))
    }

    #[test]
    fn a_chain_specification_is_a_text_of_bounded_length() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chain.json");
        let error = chain_spec(&file).unwrap_err().to_string();
        assert!(error.contains("chain.json"), "{error}");
        fs::write(&file, "{}").unwrap();
        assert_eq!(chain_spec(&file).unwrap(), "{}");
        fs::write(&file, [0xff]).unwrap();
        let error = chain_spec(&file).unwrap_err().to_string();
        assert!(error.contains("export-chain-spec --raw"), "{error}");
        let sparse = fs::File::create(&file).unwrap();
        sparse.set_len(CHAIN_SPEC_BYTES_MAX as u64 + 1).unwrap();
        assert!(matches!(chain_spec(&file), Err(RunError::BadChainSpec(_))));
    }

    #[test]
    fn a_password_in_the_url_of_a_node_is_not_logged() {
        let url = "wss://user:secret@node.example:444/key=secret"
            .parse()
            .unwrap();
        assert_eq!(shown(&url), "wss://node.example:444");
        assert_eq!(shown(&"ws://127.0.0.1".parse().unwrap()), "ws://127.0.0.1");
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

    #[test]
    fn amounts_for_chains_that_are_not_served_are_refused() {
        let check = |option: &str, amount: &str| {
            let given = options(&[option, amount]).unwrap();
            check_amounts(&given, &[]).map_err(|error| error.to_string())
        };
        for option in ["--spending-cap", "--balance-floor"] {
            assert!(check(option, "1ether").is_ok());
            let error = check(option, "base=1ether").unwrap_err();
            assert!(
                error.contains(&format!("{option} names eip155:8453")),
                "{error}"
            );
        }
    }

    #[test]
    fn confirmations_that_mean_nothing_are_refused() {
        let check = |confirmations: &str| {
            let target = "eip155:1=http://127.0.0.1:1";
            let options = options(&["--target", target, "--confirmations", confirmations]);
            check_confirmations(&options.unwrap()).map_err(|error| error.to_string())
        };
        assert!(check("2,eip155:1=12").is_ok());
        for (bad, part) in [
            ("1,2", "twice for all chains"),
            ("eip155:1=1,eip155:1=2", "twice for eip155:1"),
            ("eip155:5=1", "no --target of it"),
        ] {
            let error = check(bad).unwrap_err();
            assert!(error.contains(part), "{bad}: {error}");
        }
    }
}
