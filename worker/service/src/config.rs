//! The command line of the worker.

mod money;

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use clap::{ArgGroup, Parser, ValueEnum};
use phat_chain_client::Bootnode;
use phat_collateral::INTEL_PCS_URL;
use phat_primitives::{
    AccountBytes, ClusterId, attestation::SIMULATED_MR_ENCLAVE, receipts::BATCH_RECEIPTS_MAX,
};
use phat_target::presets::{evm_chain_id, evm_preset};
use phat_target_evm::{FEE_CAP_GWEI_DEFAULT, GAS_MAX_DEFAULT, TRANSACTION_GAS_MAX};
use phat_worker_client::limits::{
    CALLS_DEFAULT, CALLS_WAITING_DEFAULT, CALLS_WAITING_MAX, COMPILED_MIB_DEFAULT,
    COMPILED_MIB_MAX, CONCURRENT_MAX, MEMORY_MIB_DEFAULT, MEMORY_MIB_MAX, RUNS_DEFAULT,
};
use url::Url;

pub use money::AmountOption;

use crate::{
    attest::SimulatedOptions, freshness::STALE_MAX_DEFAULT_S, relay::SETTLEMENTS_DEFAULT,
    substrate::SubstrateOption,
};

/// Seconds between two batches of receipts where nothing else is said.
const BATCH_EVERY_S_DEFAULT: u64 = 600;
/// Receipts after which a batch is made at once where nothing else is said.
const BATCH_RECEIPTS_DEFAULT: u32 = 1_000;
/// The simulated platform where nothing else is said.
pub const SIMULATED_PLATFORM_DEFAULT: &str = "development";
/// Confirmations where nothing else is said.
const CONFIRMATIONS_DEFAULT: u64 = 1;

/// The worker of the Phat network: runs the contracts of its cluster, watches
/// their anchors, settles requests and answers calls over HTTP.
///
/// Example: phat-worker --data-dir ./worker --chain-spec phat.json
/// --target eip155:31337=http://127.0.0.1:8545
#[derive(Clone, Debug, Parser)]
#[command(name = "phat-worker", version)]
#[command(group = ArgGroup::new("chain").args(["chain_spec", "trust_rpc"]).required(true))]
pub struct Options {
    /// Where keys, journal and receipts are kept.
    #[arg(long, env = "PHAT_WORKER_DATA_DIR", value_name = "DIR")]
    pub data_dir: PathBuf,

    /// The specification of the Phat chain: a file as phat-node export-chain-spec --raw
    /// writes it. The worker follows the chain with a light client, which believes no
    /// node. Take the file from whom you trust: it says which chain is the right one.
    #[arg(long, env = "PHAT_WORKER_CHAIN_SPEC", value_name = "FILE")]
    pub chain_spec: Option<PathBuf>,

    /// A node of the chain's network to begin with, besides those of the chain
    /// specification, such as /dns/node.example/tcp/30333/p2p/ID. Give it once for each.
    #[arg(
        long = "bootnode",
        env = "PHAT_WORKER_BOOTNODES",
        value_name = "MULTIADDRESS",
        value_delimiter = ',',
        conflicts_with = "trust_rpc"
    )]
    pub bootnodes: Vec<Bootnode>,

    /// Development only: the WebSocket endpoint of a node of the Phat chain, which is
    /// believed whatever it says. In place of --chain-spec.
    #[arg(long, env = "PHAT_WORKER_TRUST_RPC", value_name = "URL")]
    pub trust_rpc: Option<Url>,

    /// Seconds without a finalised block after which the worker says that it is not
    /// ready.
    #[arg(long, env = "PHAT_WORKER_CHAIN_SILENCE_S", value_name = "S", default_value_t = 120,
          value_parser = clap::value_parser!(u64).range(5..=3_600))]
    pub chain_silence_s: u64,

    /// The age in seconds of the newest finalised block that is known, beyond which the
    /// worker runs nothing and hands no key over: what it knows may not be so any more.
    #[arg(long, env = "PHAT_WORKER_CHAIN_STALE_MAX_S", value_name = "S", default_value_t = STALE_MAX_DEFAULT_S,
          value_parser = clap::value_parser!(u64).range(10..=86_400))]
    pub chain_stale_max_s: u64,

    /// The cluster to serve.
    #[arg(long, env = "PHAT_WORKER_CLUSTER", value_name = "N", default_value = "0", value_parser = cluster)]
    pub cluster: ClusterId,

    /// Development only: the operator's secret, such as //Alice. The worker
    /// registers itself and joins its cluster with it.
    #[arg(
        long,
        env = "PHAT_WORKER_OPERATOR_SURI",
        value_name = "SURI",
        hide_env_values = true
    )]
    pub operator_suri: Option<String>,

    /// The account that is to answer for this worker: the worker prints what it
    /// must submit.
    #[arg(
        long,
        env = "PHAT_WORKER_OPERATOR",
        value_name = "ACCOUNT",
        conflicts_with = "operator_suri"
    )]
    pub operator: Option<AccountBytes>,

    /// What vouches for the worker: Intel SGX under Gramine, Intel TDX, or a simulated
    /// platform, which development networks alone accept. Networks may require it.
    #[arg(
        long,
        env = "PHAT_WORKER_ATTESTATION",
        value_enum,
        default_value_t = AttestationOption::None
    )]
    pub attestation: AttestationOption,

    /// With --attestation sgx or tdx: a file with what Intel publishes of this
    /// machine's platform, in the JSON that PCCS clients write, in place of
    /// --pccs-url. It is read at each renewal: keep it current.
    #[arg(
        long,
        env = "PHAT_WORKER_COLLATERAL",
        value_name = "FILE",
        conflicts_with = "pccs_url"
    )]
    pub collateral: Option<PathBuf>,

    /// With --attestation sgx or tdx: where what Intel publishes of this machine's
    /// platform is fetched at each renewal: Intel itself, or a cache of it (PCCS). Has
    /// to begin with https://.
    #[arg(
        long,
        env = "PHAT_WORKER_PCCS_URL",
        value_name = "URL",
        default_value = INTEL_PCS_URL
    )]
    pub pccs_url: Url,

    /// A certificate authority in PEM form that the cache at --pccs-url may be certified
    /// by, besides the system's.
    #[arg(
        long,
        env = "PHAT_WORKER_PCCS_CA",
        value_name = "FILE",
        conflicts_with = "collateral"
    )]
    pub pccs_ca: Option<PathBuf>,

    /// With --attestation simulated: the name of the platform. Its keys follow from
    /// the name, and the worker's key files are sealed with one of them: they open on
    /// the platform of the same name alone.
    #[arg(
        long,
        env = "PHAT_WORKER_SIMULATED_PLATFORM",
        value_name = "NAME",
        default_value = SIMULATED_PLATFORM_DEFAULT
    )]
    pub simulated_platform: String,

    /// For tests: MRENCLAVE of what the simulated platform runs, in hexadecimal digits.
    #[arg(long, value_name = "HEX", value_parser = measurement, hide = true)]
    pub simulated_measurement: Option<[u8; 32]>,

    /// The URL under which others reach this worker's HTTP API. Default: the
    /// address it listens on.
    #[arg(long, env = "PHAT_WORKER_ENDPOINT", value_name = "URL")]
    pub endpoint: Option<Url>,

    /// The address of the HTTP API. With port 0 the system chooses one, which is
    /// written to DATA_DIR/http.addr.
    #[arg(
        long,
        env = "PHAT_WORKER_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:0"
    )]
    pub listen: SocketAddr,

    /// A target chain and an RPC endpoint of it, such as
    /// eip155:31337=http://127.0.0.1:8545; `phat chains` lists the chains that have a
    /// name, as in base=https://rpc.example. Give it once for each endpoint: with
    /// several, a call goes to the best, and what decisions hang on is asked of all.
    #[arg(
        long = "target",
        env = "PHAT_WORKER_TARGETS",
        value_name = "CHAIN=URL",
        value_delimiter = ','
    )]
    pub targets: Vec<TargetOption>,

    /// How many of a chain's endpoints must give the same answer to what decisions hang
    /// on: a number for all chains, or eip155:1=2 for one. Default: half of them, rounded
    /// up. In any case it takes more than half of those that answer, and never more than
    /// the chain has.
    #[arg(
        long,
        env = "PHAT_WORKER_RPC_QUORUM",
        value_name = "[CHAIN=]N",
        value_delimiter = ','
    )]
    pub rpc_quorum: Vec<RpcQuorumOption>,

    /// A Substrate chain with the anchor pallet and a node of it, such as
    /// polkadot:91b171bb158e2d3848fa23a9f1c25182=wss://rpc.example.org: polkadot: and the
    /// first 32 hexadecimal digits of the hash of its first block. If the chain calls the
    /// pallet otherwise than Anchor, write /NAME after that. Give it once for each chain.
    #[arg(
        long,
        env = "PHAT_WORKER_SUBSTRATE",
        value_name = "CHAIN=URL",
        value_delimiter = ','
    )]
    pub substrate: Vec<SubstrateOption>,

    /// The most that one transaction on a Substrate chain may cost, in the chain's smallest
    /// unit. While it would cost more, settlements wait. Default: no bound but ten times the
    /// fee that the chain asks for, which tips never go beyond.
    #[arg(
        long,
        env = "PHAT_WORKER_SUBSTRATE_COST_MAX",
        value_name = "AMOUNT",
        requires = "substrate"
    )]
    pub substrate_cost_max: Option<u128>,

    /// Blocks that must lie above a block of a target chain before what is in it
    /// is acted on and counts as final: a number for all chains, or
    /// eip155:1=12 for one. Give it once for each. Default: what `phat chains` says, and
    /// 1 on chains that it does not list. A reorganisation that goes deeper can undo a
    /// settlement that counts as final.
    #[arg(
        long,
        env = "PHAT_WORKER_CONFIRMATIONS",
        value_name = "[CHAIN=]BLOCKS",
        value_delimiter = ','
    )]
    pub confirmations: Vec<ConfirmationsOption>,

    /// The most gas that one settlement may take. What takes more is not sent.
    #[arg(long, env = "PHAT_WORKER_GAS_MAX", value_name = "GAS", default_value_t = GAS_MAX_DEFAULT,
          value_parser = clap::value_parser!(u64).range(100_000..=TRANSACTION_GAS_MAX))]
    pub gas_max: u64,

    /// The most to pay per unit of gas, in gwei. While a chain is dearer, settlements
    /// wait.
    #[arg(long, env = "PHAT_WORKER_FEE_CAP_GWEI", value_name = "GWEI", default_value_t = FEE_CAP_GWEI_DEFAULT,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub fee_cap_gwei: u64,

    /// The most that the relay account spends a day (UTC) on each target chain, or on one
    /// as in eip155:1=0.5ether or base=0.5ether. When it is reached, settlements wait. Amounts
    /// are in the chain's smallest unit, or end in gwei or ether. Default: no cap.
    #[arg(
        long,
        env = "PHAT_WORKER_SPENDING_CAP",
        value_name = "[CHAIN=]AMOUNT",
        value_delimiter = ','
    )]
    pub spending_cap: Vec<AmountOption>,

    /// Warns when the relay account has less than this, on each target chain or on one.
    #[arg(
        long,
        env = "PHAT_WORKER_BALANCE_FLOOR",
        value_name = "[CHAIN=]AMOUNT",
        value_delimiter = ','
    )]
    pub balance_floor: Vec<AmountOption>,

    /// Warns when the relay account has less than so many settlements can cost.
    #[arg(long, env = "PHAT_WORKER_BALANCE_SETTLEMENTS", value_name = "N", default_value_t = SETTLEMENTS_DEFAULT,
          value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub balance_settlements: u32,

    /// Blocks of the target chain for which a settled request is watched: a
    /// reorganisation that goes deeper than --confirmations and undoes its settlement
    /// has it made again.
    #[arg(long, env = "PHAT_WORKER_WATCH_BLOCKS", value_name = "BLOCKS", default_value_t = 256,
          value_parser = clap::value_parser!(u64).range(16..=100_000))]
    pub watch_blocks: u64,

    /// A file with the secret key of the account that pays for transactions on
    /// target chains, in hexadecimal digits. Default: a key made at the first start.
    #[arg(long, env = "PHAT_WORKER_RELAY_KEY_FILE", value_name = "FILE")]
    pub relay_key_file: Option<PathBuf>,

    /// Lets contracts reach private, loopback and link-local addresses, and this worker ask other
    /// workers there for its cluster's key.
    #[arg(long, env = "PHAT_WORKER_ALLOW_PRIVATE_EGRESS")]
    pub allow_private_egress: bool,

    /// A certificate authority in PEM form that contracts trust besides the
    /// system's. Give it once for each file.
    #[arg(
        long = "extra-ca",
        env = "PHAT_WORKER_EXTRA_CA",
        value_name = "FILE",
        value_delimiter = ','
    )]
    pub extra_cas: Vec<PathBuf>,

    /// A proxy through which all connections of contracts go: http://HOST:PORT,
    /// https://HOST:PORT or socks5://HOST:PORT, with USER:PASSWORD@ before the host
    /// if it asks for them. Everyone on the machine can read a command line: give
    /// a password in the environment.
    #[arg(
        long,
        env = "PHAT_WORKER_EGRESS_PROXY",
        value_name = "URL",
        hide_env_values = true
    )]
    pub egress_proxy: Option<ProxyOption>,

    /// Runs of anchor requests at once, a quarter of them of one contract; more wait.
    #[arg(long, env = "PHAT_WORKER_RUNS_MAX", value_name = "N", default_value_t = RUNS_DEFAULT, value_parser = concurrency)]
    pub runs_max: usize,

    /// Calls over HTTP at once, a quarter of them to one contract; more wait.
    #[arg(long, env = "PHAT_WORKER_CALLS_MAX", value_name = "N", default_value_t = CALLS_DEFAULT, value_parser = concurrency)]
    pub calls_max: usize,

    /// Calls over HTTP that wait for their turn to run, a quarter of them to one
    /// contract; more are told when to try again.
    #[arg(long, env = "PHAT_WORKER_CALLS_WAITING_MAX", value_name = "N", default_value_t = CALLS_WAITING_DEFAULT, value_parser = waiting)]
    pub calls_waiting_max: usize,

    /// Processors that contracts compute on at once, divided among them by weight.
    /// Default: all that the machine has.
    #[arg(long, env = "PHAT_WORKER_PROCESSORS", value_name = "N", value_parser = concurrency)]
    pub processors: Option<usize>,

    /// Memory that all runs and calls together may use, in MiB. More are put off
    /// until others have ended.
    #[arg(long, env = "PHAT_WORKER_MEMORY_MIB", value_name = "MIB", default_value_t = MEMORY_MIB_DEFAULT,
          value_parser = clap::value_parser!(u64).range(1024..=MEMORY_MIB_MAX))]
    pub memory_mib: u64,

    /// Disk that compiled contracts may use, in MiB, so that they need not be compiled
    /// again after a restart. What was used least lately goes first.
    #[arg(long, env = "PHAT_WORKER_COMPILED_MIB", value_name = "MIB", default_value_t = COMPILED_MIB_DEFAULT,
          value_parser = clap::value_parser!(u64).range(64..=COMPILED_MIB_MAX))]
    pub compiled_mib: u64,

    /// With --operator-suri: the longest that a receipt waits until its hash is put into
    /// a batch, whose root is published on the Phat chain, in seconds.
    #[arg(long, env = "PHAT_WORKER_BATCH_EVERY_S", value_name = "S", default_value_t = BATCH_EVERY_S_DEFAULT,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub batch_every_s: u64,

    /// With --operator-suri: the receipts after which a batch is made at once, and the
    /// most that one has.
    #[arg(long, env = "PHAT_WORKER_BATCH_RECEIPTS_MAX", value_name = "N", default_value_t = BATCH_RECEIPTS_DEFAULT,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(BATCH_RECEIPTS_MAX)))]
    pub batch_receipts_max: u32,

    /// Blocks of the target chain that each worker waits for the one ranked
    /// before it.
    #[arg(
        long,
        env = "PHAT_WORKER_TAKEOVER_BLOCKS",
        value_name = "BLOCKS",
        default_value_t = 10
    )]
    pub takeover_blocks: u64,

    /// Milliseconds between two looks at a target chain.
    #[arg(long, env = "PHAT_WORKER_POLL_MS", value_name = "MS", default_value_t = 500,
          value_parser = clap::value_parser!(u64).range(50..=60_000))]
    pub poll_ms: u64,

    /// Seconds that runs and calls have to end when the worker is stopped.
    #[arg(
        long,
        env = "PHAT_WORKER_GRACE_S",
        value_name = "S",
        default_value_t = 30
    )]
    pub grace_s: u64,

    /// How log lines look. What is logged is set by RUST_LOG.
    #[arg(long, env = "PHAT_WORKER_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    /// For tests of what a crash does: after this step of a request is in the
    /// journal, the worker does nothing more about it.
    #[arg(long, value_enum, hide = true)]
    pub pause_after: Option<PauseAfter>,
}

/// The URL of a proxy as it was given. It may hold a password, so neither this nor
/// an error about it shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyOption(pub String);

impl fmt::Debug for ProxyOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyOption(…)")
    }
}

impl From<&str> for ProxyOption {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What vouches for the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AttestationOption {
    /// Nothing but the operator's word.
    None,
    /// An enclave of Intel SGX, under Gramine.
    Sgx,
    /// A virtual machine of Intel TDX.
    Tdx,
    /// A platform that is none, for development.
    Simulated,
}

impl fmt::Display for AttestationOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Sgx => "sgx",
            Self::Tdx => "tdx",
            Self::Simulated => "simulated",
        })
    }
}

/// A step of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PauseAfter {
    /// It is known.
    Seen,
    /// It was run.
    Executed,
    /// Its transaction is made and not sent.
    Prepared,
    /// Its transaction is sent.
    Sent,
}

impl PauseAfter {
    /// The step as [`phat_worker_core::Record::step_name`] calls it.
    pub fn step_name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Executed => "executed",
            Self::Prepared => "prepared",
            Self::Sent => "sent",
        }
    }
}

impl Options {
    /// Which platform is simulated, if one is.
    pub fn simulated(&self) -> SimulatedOptions {
        SimulatedOptions {
            platform: self.simulated_platform.clone(),
            mr_enclave: self.simulated_measurement.unwrap_or(SIMULATED_MR_ENCLAVE),
        }
    }

    /// The confirmations on a chain.
    pub fn confirmations(&self, chain_id: u64) -> u64 {
        let of = |chain_id| {
            let mut given = self.confirmations.iter();
            given.find(|given| given.chain_id == chain_id)
        };
        let preset = || evm_preset(chain_id).map(|preset| preset.confirmations);
        of(Some(chain_id))
            .or_else(|| of(None))
            .map(|given| given.blocks)
            .or_else(preset)
            .unwrap_or(CONFIRMATIONS_DEFAULT)
    }

    /// How many endpoints of a chain must agree, if anything is said about it.
    pub fn rpc_quorum(&self, chain_id: u64) -> Option<usize> {
        let of = |chain_id| {
            let mut given = self.rpc_quorum.iter();
            given.find(|given| given.chain_id == chain_id)
        };
        let given = of(Some(chain_id)).or_else(|| of(None))?;
        Some(given.endpoints)
    }
}

/// How many endpoints must agree, on one chain or on all that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RpcQuorumOption {
    /// The EIP-155 id of the chain.
    pub chain_id: Option<u64>,
    /// How many; at least 1.
    pub endpoints: usize,
}

impl FromStr for RpcQuorumOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?}: give a number of endpoints, or as in eip155:1=2");
        let (chain_id, endpoints) = match text.split_once('=') {
            Some((chain, endpoints)) => (Some(evm_chain_id(chain).ok_or_else(wrong)?), endpoints),
            None => (None, text),
        };
        match endpoints.parse() {
            Ok(endpoints) if endpoints > 0 => Ok(Self {
                chain_id,
                endpoints,
            }),
            _ => Err(wrong()),
        }
    }
}

/// How many confirmations to wait for, on one chain or on all that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmationsOption {
    /// The EIP-155 id of the chain.
    pub chain_id: Option<u64>,
    /// The confirmations.
    pub blocks: u64,
}

impl FromStr for ConfirmationsOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?}: give a number of blocks, or as in eip155:1=12");
        let (chain_id, blocks) = match text.split_once('=') {
            Some((chain, blocks)) => (Some(evm_chain_id(chain).ok_or_else(wrong)?), blocks),
            None => (None, text),
        };
        let blocks = blocks.parse().map_err(|_| wrong())?;
        Ok(Self { chain_id, blocks })
    }
}

/// A target chain and where to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetOption {
    /// The EIP-155 id of the chain.
    pub chain_id: u64,
    /// The RPC endpoint.
    pub rpc: Url,
}

impl FromStr for TargetOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?}: give a chain and a URL, as in eip155:1=https://rpc.example.org");
        let (chain, url) = text.split_once('=').ok_or_else(wrong)?;
        let chain_id = evm_chain_id(chain).ok_or_else(wrong)?;
        let rpc: Url = url.parse().map_err(|_| wrong())?;
        if !matches!(rpc.scheme(), "http" | "https") {
            return Err(wrong());
        }
        Ok(Self { chain_id, rpc })
    }
}

fn cluster(text: &str) -> Result<ClusterId, String> {
    text.parse()
        .map(ClusterId)
        .map_err(|_| format!("{text:?} is not the number of a cluster"))
}

fn measurement(text: &str) -> Result<[u8; 32], String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes)
        .map_err(|_| format!("{text:?}: give 64 hexadecimal digits"))?;
    Ok(bytes)
}

fn concurrency(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (1..=CONCURRENT_MAX).contains(&count) => Ok(count),
        _ => Err(format!("choose a number from 1 to {CONCURRENT_MAX}")),
    }
}

fn waiting(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count <= CALLS_WAITING_MAX => Ok(count),
        _ => Err(format!("choose a number from 0 to {CALLS_WAITING_MAX}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = "ws://127.0.0.1:9944";

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        parse_all(&[&["--trust-rpc", NODE][..], arguments].concat())
    }

    fn parse_all(arguments: &[&str]) -> Result<Options, String> {
        let all = ["phat-worker", "--data-dir", "d"].iter().chain(arguments);
        Options::try_parse_from(all).map_err(|error| error.to_string())
    }

    #[test]
    fn the_chain_is_followed_in_one_way_and_it_has_to_be_said() {
        let address = "/ip4/192.0.2.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6";
        let spec = ["--chain-spec", "phat.json"];
        let light = parse_all(&[&spec[..], &["--bootnode", address]].concat()).unwrap();
        assert_eq!(light.chain_spec, Some("phat.json".into()));
        assert_eq!(light.bootnodes, [address.parse::<Bootnode>().unwrap()]);
        assert_eq!((light.trust_rpc, light.chain_silence_s), (None, 120));
        let trusting = parse(&[]).unwrap();
        assert_eq!(trusting.trust_rpc.unwrap().as_str(), "ws://127.0.0.1:9944/");

        for (arguments, reason) in [
            (&[][..], "--chain-spec"),
            (
                &["--trust-rpc", NODE, "--chain-spec", "f"][..],
                "cannot be used with",
            ),
            (
                &["--trust-rpc", NODE, "--bootnode", address][..],
                "cannot be used with",
            ),
            (
                &["--chain-spec", "f", "--bootnode", NODE][..],
                "/tcp/30333/p2p/ID",
            ),
            (
                &["--chain-spec", "f", "--chain-silence-s", "4"][..],
                "5..=3600",
            ),
        ] {
            let error = parse_all(arguments).unwrap_err();
            assert!(error.contains(reason), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn a_target_is_a_chain_and_a_url() {
        let options = parse(&[
            "--target",
            "eip155:1=https://a.example/key=1",
            "--target",
            "eip155:56=http://b.example",
            "--target",
            "ethereum=https://b.example",
        ])
        .unwrap();
        assert_eq!(options.targets.len(), 3);
        assert_eq!(options.targets[2].chain_id, 1);
        assert_eq!(options.targets[0].chain_id, 1);
        assert_eq!(options.targets[0].rpc.as_str(), "https://a.example/key=1");
        for bad in [
            "1=http://a",
            "eip155:0=http://a",
            "eip155:1",
            "eip155:1=ws://a",
        ] {
            let error = parse(&["--target", bad]).unwrap_err();
            assert!(error.contains("give a chain and a URL"), "{error}");
        }
    }

    #[test]
    fn confirmations_are_for_one_chain_or_for_all() {
        let of = |arguments: &[&str]| {
            let options = parse(arguments).unwrap();
            [1, 56].map(|chain_id| options.confirmations(chain_id))
        };
        assert_eq!(of(&[]), [12, 15]);
        let unknown = parse(&[]).unwrap().confirmations(424_242);
        assert_eq!(unknown, CONFIRMATIONS_DEFAULT);
        assert_eq!(of(&["--confirmations", "0"]), [0, 0]);
        assert_eq!(of(&["--confirmations", "eip155:1=20"]), [20, 15]);
        assert_eq!(of(&["--confirmations", "bsc=3"]), [12, 3]);
        assert_eq!(of(&["--confirmations", "3,eip155:56=15"]), [3, 15]);
        let twice = ["--confirmations", "eip155:1=12", "--confirmations", "2"];
        assert_eq!(of(&twice), [12, 2]);
        for bad in ["", "x", "eip155:1", "1=2", "eip155:0=2", "eip155:1=-1"] {
            let error = parse(&["--confirmations", bad]).unwrap_err();
            assert!(error.contains("a number of blocks"), "{bad}: {error}");
        }
    }

    #[test]
    fn endpoints_agree_on_one_chain_or_on_all() {
        let of = |arguments: &[&str]| {
            let options = parse(arguments).unwrap();
            [1, 8453].map(|chain_id| options.rpc_quorum(chain_id))
        };
        assert_eq!(of(&[]), [None, None]);
        assert_eq!(of(&["--rpc-quorum", "2"]), [Some(2), Some(2)]);
        assert_eq!(
            of(&["--rpc-quorum", "base=3,eip155:1=1"]),
            [Some(1), Some(3)]
        );
        for bad in ["0", "x", "eip155:1", "base=0", "nowhere=1"] {
            let error = parse(&["--rpc-quorum", bad]).unwrap_err();
            assert!(error.contains("a number of endpoints"), "{bad}: {error}");
        }
    }

    #[test]
    fn what_a_settlement_may_cost_is_bounded() {
        let options = parse(&[]).unwrap();
        assert_eq!((options.gas_max, options.fee_cap_gwei), (15_000_000, 500));
        let options = parse(&["--gas-max", "16777216", "--fee-cap-gwei", "1"]).unwrap();
        assert_eq!((options.gas_max, options.fee_cap_gwei), (16_777_216, 1));
        assert!(parse(&["--gas-max", "16777217"]).is_err());
        assert!(parse(&["--gas-max", "99999"]).is_err());
        assert!(parse(&["--fee-cap-gwei", "0"]).is_err());
    }

    #[test]
    fn nothing_vouches_for_the_worker_unless_asked() {
        assert_eq!(parse(&[]).unwrap().attestation, AttestationOption::None);
        for option in AttestationOption::value_variants() {
            let parsed = parse(&["--attestation", &option.to_string()]).unwrap();
            assert_eq!(parsed.attestation, *option);
        }
        assert!(parse(&["--attestation", "sev"]).is_err());
    }

    #[test]
    fn collateral_is_fetched_from_intel_unless_said_otherwise() {
        let options = parse(&[]).unwrap();
        assert_eq!(
            options.pccs_url.as_str(),
            "https://api.trustedservices.intel.com/"
        );
        assert_eq!((options.collateral, options.pccs_ca), (None, None));
        let file = parse(&["--collateral", "f"]).unwrap();
        assert_eq!(file.collateral, Some("f".into()));
        for other in [["--pccs-url", "https://a.example"], ["--pccs-ca", "ca.pem"]] {
            let error = parse(&[&["--collateral", "f"][..], &other].concat()).unwrap_err();
            assert!(error.contains("cannot be used with"), "{error}");
            assert!(parse(&other).is_ok());
        }
    }

    #[test]
    fn a_simulated_platform_has_a_name() {
        let simulated = |arguments: &[&str]| parse(arguments).unwrap().simulated();
        assert_eq!(simulated(&[]), SimulatedOptions::default());
        let named = simulated(&["--simulated-platform", "other"]);
        assert_eq!(named.platform, "other");
        assert_eq!(named.mr_enclave, SIMULATED_MR_ENCLAVE);
        let digits = format!("0x{}", "ab".repeat(32));
        let measured = simulated(&["--simulated-measurement", &digits]);
        assert_eq!(measured.mr_enclave, [0xab; 32]);
        let error = parse(&["--simulated-measurement", "0xab"]).unwrap_err();
        assert!(error.contains("64 hexadecimal digits"), "{error}");
    }

    #[test]
    fn limits_hold() {
        assert_eq!(parse(&["--runs-max", "256"]).unwrap().runs_max, 256);
        assert!(parse(&["--runs-max", "257"]).is_err());
        assert!(parse(&["--calls-max", "0"]).is_err());
        let waiting = |count| parse(&["--calls-waiting-max", count]);
        assert_eq!(waiting("0").unwrap().calls_waiting_max, 0);
        assert!(waiting("257").is_err());
        assert!(parse(&["--processors", "0"]).is_err());
        assert!(parse(&["--poll-ms", "1"]).is_err());
        assert!(parse(&["--batch-every-s", "0"]).is_err());
        let batch = |count| parse(&["--batch-receipts-max", count]);
        assert_eq!(batch("65536").unwrap().batch_receipts_max, 65_536);
        assert!(batch("65537").is_err());
        assert_eq!(parse(&["--cluster", "7"]).unwrap().cluster, ClusterId(7));
    }
}
