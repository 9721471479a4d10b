//! The network's public HTTP front.
//!
//! The gateway finds the workers of a contract's cluster in the chain's registry
//! and forwards calls to one that is alive. It holds no keys and decides nothing:
//! what it passes on is signed by the worker, so a caller need not trust it.
//!
//! Anyone may register a worker, and with it a URL. So that no such URL leads the
//! gateway to a service in its operator's own network, it asks HTTPS endpoints
//! only, unless it is told otherwise: what answers must prove the URL's name.
//!
//! A call is given to another worker only while it is certain that the first has
//! not got any of it. A call that may have run is never repeated.

mod directory;
mod forward;
mod routes;

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Result;
use reqwest::Client;
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};

use self::directory::Directory;
use crate::{chain::ChainReader, http};

/// Time to connect to a worker.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Time for a worker's whole answer: the longest run there is and a minute.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(61 * 60);
/// How often workers are asked whether they are alive.
const HEALTH_INTERVAL: Duration = Duration::from_secs(5);
/// Every how many of these checks the workers are read anew from the chain.
const CHECKS_PER_READ: u32 = 6;
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
}

impl Default for GatewayLimits {
    fn default() -> Self {
        Self {
            request_bytes_max: 64 * 1024 * 1024,
            response_bytes_max: 256 * 1024 * 1024,
            requests_concurrent_max: 1024,
        }
    }
}

/// A gateway over one chain.
#[derive(Clone)]
pub struct Gateway {
    directory: Arc<Directory>,
    http: Client,
    limits: GatewayLimits,
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
            .timeout(ANSWER_TIME_MAX)
            .build()?;
        Ok(Self {
            directory: Arc::new(Directory::new(chain, endpoints, http.clone())),
            http,
            limits,
        })
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
        let server = axum::serve(listener, routes::router(self)).with_graceful_shutdown(async {
            stop.await;
            let _ = stopping.send(());
        });
        let mut serving = std::pin::pin!(server.into_future());
        tokio::select! {
            ended = &mut serving => ended?,
            _ = stopped => {
                // Callers that are still waiting are cut off.
                if let Ok(ended) = timeout(DRAIN_TIME_MAX, serving).await {
                    ended?;
                }
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
