//! `phat dev`: a whole network on one machine.

use std::{
    cell::Cell,
    ffi::OsString,
    fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use phat_worker_client::WorkerClient;
use serde::Serialize;
use tokio::{
    sync::{OnceCell, oneshot},
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::gateway::{StopSignal, bind};
use crate::{
    args::EvmRpc,
    chain::{Client, connect},
    compiled,
    gateway::{Endpoints, Gateway, GatewayLimits},
    http,
    network::{
        DataDir, Hangup, Process, Program, Stopped, export_chain_spec, find, forget_worker_url,
        lacks, listen_address, node_answers, node_rpc_url, serves, worker_url,
    },
    output::{Output, Verdict},
};

/// The chain that the node runs.
const CHAIN: &str = "dev";
/// The file in the data folder with its specification.
const CHAIN_SPEC_FILE: &str = "chain-spec.json";
/// The account of the worker's operator. It is none that other commands sign with unless they are
/// told to: of two programs that use an account at the same time, one is refused.
const OPERATOR: &str = "//Dave";
/// Time for each part to be ready.
const READY_TIME_MAX: Duration = Duration::from_secs(120);
/// Time for one answer to that.
const PROBE_TIME_MAX: Duration = Duration::from_secs(5);
/// Parts that take longer to be ready are announced, with the reason.
const QUIET_MAX: Duration = Duration::from_secs(2);
/// How often a part is asked whether it is ready.
const READY_POLL: Duration = Duration::from_millis(100);
/// Time for the worker to end. It gives what runs 30 s to finish.
const WORKER_GRACE: Duration = Duration::from_secs(35);
/// Time for the node to end.
const NODE_GRACE: Duration = Duration::from_secs(10);

/// Start a local network: a node, a worker and a gateway.
///
/// It runs until Ctrl-C, which stops all parts in order. If one part ends, the
/// others are stopped and the exit code is 1: nothing is restarted unseen.
///
/// An EVM node may come later and go away: the worker goes on when it is there. The
/// worker counts blocks to know when to try again, so let the node make some by
/// itself, for example with `anvil --block-time 1`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat dev --tmp --evm-rpc eip155:31337=http://127.0.0.1:8545")]
pub struct Options {
    /// Where the network's state, keys and logs are kept [default: phat-dev in
    /// the user's data folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Start from nothing, and keep nothing.
    #[arg(long, conflicts_with = "data_dir")]
    tmp: bool,
    /// An EVM chain whose anchors the worker serves.
    #[arg(long, value_name = "eip155:ID=URL")]
    evm_rpc: Vec<EvmRpc>,
    /// Blocks of an EVM chain that must lie above a request before it is run, and
    /// above a settlement before it counts as final. With more than 0, a chain that
    /// makes blocks for transactions only stands still.
    #[arg(long, value_name = "N", default_value_t = 0)]
    confirmations: u64,
    /// The address of the gateway; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    gateway: SocketAddr,
    /// The port of the node's RPC; 0 picks a free one.
    #[arg(long, value_name = "PORT", default_value_t = 9944)]
    chain_port: u16,
    /// The address of the worker's HTTP API; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    worker_listen: SocketAddr,
    /// Let contracts call private, loopback and link-local addresses.
    #[arg(long)]
    allow_private_egress: bool,
    /// Have the worker follow the chain with a light client, as on a real network. It takes
    /// longer to start. Without it, the worker believes the node.
    #[arg(long)]
    light_client: bool,
    /// A PEM file with a certificate authority that contracts trust besides the system's.
    #[arg(long, value_name = "FILE")]
    extra_ca: Vec<PathBuf>,
    /// The node's program, if it is not beside this one or in PATH.
    #[arg(long, value_name = "FILE", env = "PHAT_NODE_BIN")]
    node_bin: Option<PathBuf>,
    /// The worker's program, if it is not beside this one or in PATH.
    #[arg(long, value_name = "FILE", env = "PHAT_WORKER_BIN")]
    worker_bin: Option<PathBuf>,
}

/// A network that is ready.
#[derive(Debug, Serialize)]
struct Ready {
    chain: String,
    worker: String,
    gateway: String,
    data_dir: PathBuf,
    node_pid: Option<u32>,
    worker_pid: Option<u32>,
    logs: [PathBuf; 2],
    /// What the worker cannot reach yet.
    not_ready: Vec<String>,
}

/// What runs, to be stopped in the order of the fields.
#[derive(Default)]
struct Parts {
    gateway: Option<(oneshot::Sender<()>, JoinHandle<Result<()>>)>,
    worker: Option<Process>,
    node: Option<Process>,
}

/// Runs the command until SIGINT, SIGTERM or SIGHUP, or until a part ends.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let mut stop = StopSignal::new()?;
    let mut hangup = Hangup::new()?;
    let network = Network {
        node_bin: locate(options.node_bin.as_deref(), "phat-node")?,
        worker_bin: locate(options.worker_bin.as_deref(), "phat-worker")?,
        data: match options.tmp {
            true => DataDir::temporary()?,
            false => DataDir::open(options.data_dir.as_deref())?,
        },
        http: http::client()?.timeout(PROBE_TIME_MAX).build()?,
        options,
    };
    let mut parts = Parts::default();
    let ended = tokio::select! {
        ended = network.run(&mut parts, output) => ended,
        () = stop.received() => Ok(()),
        () = hangup.received() => Ok(()),
    };
    output.progress("Stopping…");
    tokio::select! {
        () = parts.stop(output) => {}
        // What has not ended is killed as `parts` is dropped. A terminal that is
        // closed may say so twice, so that does not hurry anything.
        () = stop.received() => {}
    }
    ended.map(|()| Verdict::Done)
}

struct Network {
    options: Options,
    node_bin: PathBuf,
    worker_bin: PathBuf,
    data: DataDir,
    http: reqwest::Client,
}

impl Network {
    /// Starts one part after the other and watches them. Ends with an error only.
    async fn run(&self, parts: &mut Parts, output: &mut Output<'_>) -> Result<()> {
        let logs = self.data.path();
        // First, so that a port that is taken is told before anything runs.
        let listener = bind(self.options.gateway).await?;
        check_free(self.options.chain_port)?;
        output.progress("Starting the node…");
        let node = parts.node.insert(Process::start(&self.node(), logs)?);
        let (node_pid, node_log) = (node.id(), node.log().to_owned());
        let chain_url = self.node_ready(node, output).await?;

        output.progress("Starting the worker…");
        let worker_dir = self.data.path().join("worker");
        forget_worker_url(&worker_dir)?;
        let follow = self.follow(&chain_url).await?;
        let program = self.worker(&worker_dir, follow);
        let worker = parts.worker.insert(Process::start(&program, logs)?);
        let (worker_pid, worker_log) = (worker.id(), worker.log().to_owned());
        let (worker_url, chain) = self
            .worker_ready(worker, &worker_dir, &chain_url, output)
            .await?;

        output.progress("Starting the gateway…");
        let limits = GatewayLimits::default();
        let gateway = Gateway::new(Arc::new(chain), Endpoints::HttpToo, limits)?;
        let gateway_url = format!("http://{}", listener.local_addr()?);
        ready("the gateway", worker, output, async || {
            let live = gateway.refresh().await;
            match live {
                Ok(0) => Err("it finds no worker on the chain".to_owned()),
                Ok(_) => Ok(()),
                Err(error) => Err(format!("{error:#}")),
            }
        })
        .await?;
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(gateway.serve(listener, async {
            // Ends too when the sender is gone.
            let _ = stopped.await;
        }));
        let (_, serving) = parts.gateway.insert((stop, serving));

        let ready = Ready {
            not_ready: lacks(&worker_url).await,
            chain: chain_url,
            worker: worker_url,
            gateway: gateway_url,
            data_dir: self.data.path().to_owned(),
            node_pid,
            worker_pid,
            logs: [node_log, worker_log],
        };
        output.finish(&ready, Verdict::Done)?;
        let node = parts.node.as_mut().context("the node was started")?;
        tokio::select! {
            exit = node.ended() => bail!("{}", exit?),
            exit = worker.ended() => bail!("{}", exit?),
            ended = serving => {
                ended??;
                bail!("the gateway ended");
            }
        }
    }

    fn node(&self) -> Program {
        let mut arguments = arguments(["--chain", CHAIN, "--alice", "--force-authoring"]);
        arguments.push("--base-path".into());
        arguments.push(self.data.path().join("node").into());
        arguments.extend([
            "--rpc-port".into(),
            self.options.chain_port.to_string().into(),
        ]);
        arguments.extend(
            [
                "--listen-addr",
                "/ip4/127.0.0.1/tcp/0",
                "--no-mdns",
                "--no-prometheus",
                // What the chain knew is proven from the state of its first block.
                "--state-pruning",
                "archive",
            ]
            .map(OsString::from),
        );
        if let Some(cache) = compiled::runtimes() {
            arguments.extend(["--runtime-cache".into(), cache.into()]);
        }
        Program {
            name: "phat-node",
            path: self.node_bin.clone(),
            arguments,
        }
    }

    /// The options of the worker that tell how it follows the chain.
    async fn follow(&self, chain_url: &str) -> Result<Vec<OsString>> {
        if !self.options.light_client {
            return Ok(arguments(["--trust-rpc", chain_url]));
        }
        let file = self.data.path().join(CHAIN_SPEC_FILE);
        export_chain_spec(&self.node_bin, CHAIN, &file).await?;
        let bootnode = listen_address(&self.http, chain_url).await?;
        let mut follow = arguments(["--bootnode", &bootnode, "--chain-spec"]);
        follow.push(file.into());
        Ok(follow)
    }

    /// The worker; `follow` tells how it follows the chain.
    fn worker(&self, data_dir: &Path, follow: Vec<OsString>) -> Program {
        let options = &self.options;
        let mut arguments = arguments(["--cluster", "0"]);
        arguments.extend(follow);
        arguments.extend(["--data-dir".into(), data_dir.into()]);
        arguments.extend(["--operator-suri".into(), OPERATOR.into()]);
        arguments.extend(["--listen".into(), options.worker_listen.to_string().into()]);
        arguments.extend([
            "--confirmations".into(),
            options.confirmations.to_string().into(),
        ]);
        for target in &options.evm_rpc {
            arguments.extend(["--target".into(), target.to_string().into()]);
        }
        if options.allow_private_egress {
            arguments.push("--allow-private-egress".into());
        }
        for file in &options.extra_ca {
            arguments.extend(["--extra-ca".into(), file.into()]);
        }
        Program {
            name: "phat-worker",
            path: self.worker_bin.clone(),
            arguments,
        }
    }

    async fn node_ready(&self, node: &mut Process, output: &mut Output<'_>) -> Result<String> {
        let log = node.log().to_owned();
        ready("the node", node, output, async || {
            let url = node_rpc_url(&log).ok_or("its log does not name its RPC address yet")?;
            if node_answers(&self.http, &url).await {
                Ok(url)
            } else {
                Err(format!("it does not answer at {url}"))
            }
        })
        .await
    }

    async fn worker_ready(
        &self,
        worker: &mut Process,
        data_dir: &Path,
        chain_url: &str,
        output: &mut Output<'_>,
    ) -> Result<(String, Client)> {
        let (chain, member_at) = (OnceCell::new(), Cell::new(None));
        let url = ready("the worker", worker, output, async || {
            let url = worker_url(data_dir).ok_or("it has not written its address yet")?;
            let chain = chain.get_or_try_init(|| connect(chain_url)).await;
            let chain = chain.map_err(|error| format!("{error:#}"))?;
            let worker = WorkerClient::new(&url).map_err(|error| error.to_string())?;
            serves(&worker, chain, &member_at).await.map(|()| url)
        })
        .await?;
        let chain = chain.into_inner();
        Ok((url, chain.context("the worker was looked up on the chain")?))
    }
}

/// Asks `probe` until it succeeds, while `process` must go on.
pub(super) async fn ready<T>(
    what: &str,
    process: &mut Process,
    output: &mut Output<'_>,
    probe: impl AsyncFn() -> Result<T, String>,
) -> Result<T> {
    let started = Instant::now();
    let mut told = String::new();
    loop {
        let reason = match probe().await {
            Ok(found) => return Ok(found),
            Err(reason) => reason,
        };
        if started.elapsed() >= READY_TIME_MAX {
            bail!(
                "{what} is not ready after {} s: {reason}; see {}",
                READY_TIME_MAX.as_secs(),
                process.log().display()
            );
        }
        if started.elapsed() >= QUIET_MAX && told != reason {
            output.progress(format_args!("Waiting for {what}: {reason}"));
            told = reason;
        }
        tokio::select! {
            exit = process.ended() => bail!("{}", exit?),
            () = sleep(READY_POLL) => {}
        }
    }
}

impl Parts {
    /// Stops the gateway, so that no new calls come; then the worker, which
    /// needs the node; then the node.
    async fn stop(&mut self, output: &mut Output<'_>) {
        if let Some((stop, serving)) = self.gateway.take() {
            let _ = stop.send(());
            let _ = serving.await;
        }
        for (part, grace) in [
            (&mut self.worker, WORKER_GRACE),
            (&mut self.node, NODE_GRACE),
        ] {
            let Some(process) = part else { continue };
            let name = process.name();
            match process.stop(grace).await {
                Ok(Stopped::ByItself) => {}
                Ok(Stopped::Killed) => output.progress(format_args!(
                    "{name} did not end within {} s and was killed.",
                    grace.as_secs()
                )),
                Err(error) => output.progress(format_args!("{name} cannot be stopped: {error}")),
            }
            *part = None;
        }
    }
}

/// The program `name`: the one that is given, or else what [`find`] finds.
pub(super) fn locate(given: Option<&Path>, name: &str) -> Result<PathBuf> {
    match given {
        Some(path) if path.is_file() => Ok(path.to_owned()),
        Some(path) => bail!("there is no program {}", path.display()),
        None => find(name),
    }
}

/// The node would listen on another port than the one asked for, and other
/// commands would ask whoever has this one.
fn check_free(chain_port: u16) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, chain_port))
        .map(drop)
        .with_context(|| {
            format!(
                "the node cannot listen on port {chain_port}: give another --chain-port, or 0 \
                 for a free one"
            )
        })
}

/// Texts as the first arguments of a program.
pub(super) fn arguments<const N: usize>(texts: [&str; N]) -> Vec<OsString> {
    texts.map(OsString::from).into()
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The network is ready. Ctrl-C stops it.\n")?;
        writeln!(f, "gateway    {}", self.gateway)?;
        writeln!(f, "worker     {}", self.worker)?;
        writeln!(f, "chain      {}", self.chain)?;
        writeln!(f, "data       {}", self.data_dir.display())?;
        for log in &self.logs {
            writeln!(f, "log        {}", log.display())?;
        }
        for reason in &self.not_ready {
            writeln!(f, "not yet    {reason}")?;
        }
        if !self.not_ready.is_empty() {
            writeln!(
                f,
                "           The worker tries again by itself: nothing needs a restart."
            )?;
        }
        writeln!(f, "\nFor the other commands:")?;
        writeln!(
            f,
            "  export PHAT_CHAIN={} PHAT_WORKER={}",
            self.chain, self.gateway
        )
    }
}

#[cfg(test)]
#[path = "dev_tests.rs"]
mod tests;
