//! `phat gateway`: the public HTTP front of a network.

use std::{fmt, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use clap::{Args, builder::RangedU64ValueParser};
use serde::Serialize;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    args::ChainArgs,
    chain::connect,
    gateway::{Endpoints, Gateway, GatewayLimits, PageOrigin},
    output::{Output, Verdict},
};

/// The largest bound that can be set: no system has more connections.
const COUNT_MAX: u64 = 1_000_000;

/// Serve the contracts of a network over HTTP, whichever worker runs them.
///
/// Calls go to a live worker of the contract's cluster, found on the chain. Answers
/// to calls carry the worker's signed receipt: a caller who checks it, as `phat call`
/// does, need not trust the gateway. Logs and lists of requests are not signed.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gateway --chain wss://node.example --listen 0.0.0.0:8080")]
pub struct Options {
    /// The address to serve; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Ask workers with http:// endpoints too. Only for networks whose workers
    /// you know: such an endpoint can lead into your own network.
    #[arg(long)]
    allow_http: bool,
    /// Let web pages of this origin, such as `https://app.example`, read the answers; * for
    /// those of any. Give it once for each.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<PageOrigin>,
    /// The most bytes in a request's body.
    #[arg(long, value_name = "BYTES", default_value_t = GatewayLimits::default().request_bytes_max)]
    request_bytes_max: u64,
    /// The most bytes in a response's body.
    #[arg(long, value_name = "BYTES", default_value_t = GatewayLimits::default().response_bytes_max)]
    response_bytes_max: u64,
    /// The most requests under way at once.
    #[arg(long, value_name = "COUNT", value_parser = count(), default_value_t = GatewayLimits::default().requests_concurrent_max)]
    requests_concurrent_max: usize,
    /// The most connections at once.
    #[arg(long, value_name = "COUNT", value_parser = count(), default_value_t = GatewayLimits::default().connections_max)]
    connections_max: usize,
    /// The most connections at once of one address. Behind a reverse proxy, all
    /// are the proxy's.
    #[arg(long, value_name = "COUNT", value_parser = count(), default_value_t = GatewayLimits::default().connections_per_peer_max)]
    connections_per_peer_max: usize,
    #[command(flatten)]
    chain: ChainArgs,
}

/// A gateway that serves.
#[derive(Debug, Serialize)]
struct Serving {
    gateway: String,
    workers_live: usize,
}

/// Runs the command until SIGINT or SIGTERM.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let limits = GatewayLimits {
        request_bytes_max: options.request_bytes_max,
        response_bytes_max: options.response_bytes_max,
        requests_concurrent_max: options.requests_concurrent_max,
        connections_max: options.connections_max,
        connections_per_peer_max: options.connections_per_peer_max,
    };
    let endpoints = match options.allow_http {
        true => Endpoints::HttpToo,
        false => Endpoints::Https,
    };
    let mut stop = StopSignal::new()?;
    output.progress(format_args!("Connecting to {}…", options.chain.chain));
    let chain = connect(&options.chain.chain).await?;
    let gateway = Gateway::new(Arc::new(chain), endpoints, limits)?;
    let gateway = gateway.with_origins(options.allow_origin);
    let listener = bind(options.listen).await?;
    output.emit(&Serving {
        gateway: format!("http://{}", listener.local_addr()?),
        workers_live: gateway.refresh().await?,
    })?;
    gateway
        .serve(listener, async move { stop.received().await })
        .await?;
    Ok(Verdict::Done)
}

/// Reads a bound on how many of something there are at once.
fn count() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=COUNT_MAX)
}

/// Listens on `address`.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: give another address, or port 0 for a free one")
    })
}

/// The signals that end a command in an orderly way.
pub struct StopSignal {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl StopSignal {
    /// Signals are kept from now on, also while nobody waits for them.
    pub fn new() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for one.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

impl fmt::Display for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "gateway        {}", self.gateway)?;
        writeln!(f, "workers alive  {}", self.workers_live)
    }
}
