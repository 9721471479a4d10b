//! The command line of the worker.

mod chains;
mod choices;
mod money;
#[cfg(test)]
mod tests;
mod values;

use std::{net::SocketAddr, path::PathBuf};

use clap::{ArgGroup, Parser};
use phat_chain_client::Bootnode;
use phat_collateral::INTEL_PCS_URL;
use phat_primitives::{
    AccountBytes, ClusterId, attestation::SIMULATED_MR_ENCLAVE, receipts::BATCH_RECEIPTS_MAX,
};
use phat_target_evm::{FEE_CAP_GWEI_DEFAULT, GAS_MAX_DEFAULT, TRANSACTION_GAS_MAX};
use phat_worker_client::limits::{
    CALLS_DEFAULT, CALLS_WAITING_DEFAULT, COMPILED_MIB_DEFAULT, COMPILED_MIB_MAX,
    MEMORY_MIB_DEFAULT, MEMORY_MIB_MAX, RUNS_DEFAULT,
};
use url::Url;

pub use chains::{ConfirmationsOption, RpcQuorumOption, TargetOption};
pub use choices::{AttestationOption, LogFormat, PauseAfter};
pub use money::AmountOption;
pub use values::ProxyOption;

use crate::{
    attest::SimulatedOptions, freshness::STALE_MAX_DEFAULT_S, relay::SETTLEMENTS_DEFAULT,
    substrate::SubstrateOption,
};
use values::{cluster, concurrency, measurement, waiting};

/// Seconds between two batches of receipts where nothing else is said.
const BATCH_EVERY_S_DEFAULT: u64 = 600;
/// Receipts after which a batch is made at once where nothing else is said.
const BATCH_RECEIPTS_DEFAULT: u32 = 1_000;
/// The simulated platform where nothing else is said.
pub const SIMULATED_PLATFORM_DEFAULT: &str = "development";

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
    /// `eip155:31337=http://127.0.0.1:8545`; `phat chains` lists the chains that have a
    /// name, as in `base=https://rpc.example`. Give it once for each endpoint: with
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

impl Options {
    /// Which platform is simulated, if one is.
    pub fn simulated(&self) -> SimulatedOptions {
        SimulatedOptions {
            platform: self.simulated_platform.clone(),
            mr_enclave: self.simulated_measurement.unwrap_or(SIMULATED_MR_ENCLAVE),
        }
    }
}
