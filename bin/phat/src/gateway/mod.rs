//! The network's public HTTP front.
//!
//! The gateway finds the workers of a contract's cluster in the chain's registry
//! and forwards calls to one that is alive. It holds no keys and decides nothing.
//! The answer of a call carries the worker's signed receipt, and so does the answer
//! to a question for a receipt: a caller who checks them need not trust the gateway.
//! Logs, requests and what is said of a contract are signed by nobody; whoever must
//! rely on those asks the workers and the chains.
//!
//! Anyone may register a worker, and with it a URL. So that no such URL leads the
//! gateway to a service in its operator's own network, it asks HTTPS endpoints
//! only, unless it is told otherwise: what answers must prove the URL's name.
//!
//! A call is given to another worker only while it is certain that the first has
//! not got any of it. A call that may have run is never repeated.

mod directory;
mod forward;
mod origins;
mod receipts;
mod routes;

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Result;
use phat_http_server::{Limits, MemoryBudget};
use phat_worker_client::CALL_BODY_BYTES_MAX;
use reqwest::Client;
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};

use self::directory::Directory;
pub use self::origins::PageOrigin;
use crate::{chain::ChainReader, http};

/// Time to connect to a worker.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Time for the whole answer to a call: the longest run there is and a minute.
const CALL_TIME_MAX: Duration = Duration::from_secs(61 * 60);
/// Time for the whole answer to anything else, but a receipt.
const READ_TIME_MAX: Duration = Duration::from_secs(20);
/// How long a connection to a worker is kept for the next request: less than a
/// worker keeps it, so that no call is sent on one that is about to be closed.
const CONNECTION_IDLE_MAX: Duration = Duration::from_secs(10);
/// How often workers are asked whether they are alive.
const HEALTH_INTERVAL: Duration = Duration::from_secs(5);
/// Every how many of these checks the workers are read anew from the chain.
const CHECKS_PER_READ: u32 = 6;
/// Memory for the bodies of requests, until they are passed on.
const BODIES_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Memory for receipts, until they are passed back.
const RECEIPTS_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Time for calls under way at the gateway's end.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);

/// Which workers the gateway asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoints {
    /// Those with HTTPS endpoints.
    Https,
    /// All, for networks whose workers the operator knows.
    HttpToo,
}

/// Bounds of what the gateway carries.
#[derive(Clone, Copy, Debug)]
pub struct GatewayLimits {
    /// The most bytes in a request's body.
    pub request_bytes_max: u64,
    /// The most bytes in a response's body.
    pub response_bytes_max: u64,
    /// The most requests under way at once.
    pub requests_concurrent_max: usize,
    /// The most connections at once.
    pub connections_max: usize,
    /// The most connections at once of one address. A reverse proxy is one.
    pub connections_per_peer_max: usize,
}

impl Default for GatewayLimits {
    fn default() -> Self {
        Self {
            request_bytes_max: CALL_BODY_BYTES_MAX as u64,
            response_bytes_max: 256 * 1024 * 1024,
            requests_concurrent_max: 1024,
            connections_max: 2048,
            connections_per_peer_max: 1024,
        }
    }
}

/// A gateway over one chain.
#[derive(Clone)]
pub struct Gateway {
    directory: Arc<Directory>,
    http: Client,
    limits: GatewayLimits,
    origins: Vec<PageOrigin>,
    bodies: MemoryBudget,
    receipts: MemoryBudget,
}

impl Gateway {
    /// A gateway that finds contracts and workers on `chain`.
    pub fn new(
        chain: Arc<dyn ChainReader>,
        endpoints: Endpoints,
        limits: GatewayLimits,
    ) -> Result<Self> {
        let http = http::client()?
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(CALL_TIME_MAX)
            .pool_idle_timeout(CONNECTION_IDLE_MAX)
            .build()?;
        Ok(Self {
            directory: Arc::new(Directory::new(chain, endpoints, http.clone())),
            http,
            limits,
            origins: Vec::new(),
            bodies: MemoryBudget::new(BODIES_BYTES_MAX),
            receipts: MemoryBudget::new(RECEIPTS_BYTES_MAX),
        })
    }

    /// Lets web pages of these origins read the answers, too.
    pub fn with_origins(self, origins: Vec<PageOrigin>) -> Self {
        Self { origins, ..self }
    }

    /// Looks for workers now, rather than when the first call comes. How many
    /// are alive.
    pub async fn refresh(&self) -> Result<usize> {
        self.directory.refresh().await?;
        Ok(self.directory.live().len())
    }

    /// Serves `listener` until `stop` resolves, then gives calls under way a
    /// moment to end.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let watch = Watch(tokio::spawn(watch_workers(self.directory.clone())));
        let (stopping, stopped) = tokio::sync::oneshot::channel();
        let limits = Limits {
            connections_max: self.limits.connections_max,
            connections_per_peer_max: self.limits.connections_per_peer_max,
            ..Limits::default()
        };
        let server = phat_http_server::serve(listener, routes::router(self), limits, async {
            stop.await;
            let _ = stopping.send(());
        });
        let mut serving = std::pin::pin!(server);
        tokio::select! {
            () = &mut serving => {}
            _ = stopped => {
                // Callers that are still waiting then are cut off.
                let _ = timeout(DRAIN_TIME_MAX, serving).await;
            }
        }
        drop(watch);
        Ok(())
    }
}

async fn watch_workers(directory: Arc<Directory>) {
    let mut ticks = tokio::time::interval(HEALTH_INTERVAL);
    for tick in (0..CHECKS_PER_READ).cycle() {
        ticks.tick().await;
        if tick > 0 {
            directory.check_health().await;
        } else if let Err(error) = directory.refresh().await {
            tracing::warn!("cannot read the workers from the chain: {error:#}");
        }
    }
}

/// Ends the task when the gateway ends, in whatever way.
struct Watch(JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests;
