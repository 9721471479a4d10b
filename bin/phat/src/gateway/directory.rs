//! Which workers serve a contract, and which of them are alive.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use futures::{StreamExt, stream};
use phat_primitives::{ClusterId, ContractId, WorkerId, blake2_256};
use phat_worker_client::Health;
use reqwest::Client;
use serde::Serialize;
use url::Url;

use super::Endpoints;
use crate::chain::ChainReader;

/// How long a contract's cluster is remembered. It never changes, but the
/// contract may be removed.
const CONTRACT_AGE_MAX: Duration = Duration::from_secs(30);
/// How long it is remembered that there is no such contract.
const UNKNOWN_AGE_MAX: Duration = Duration::from_secs(1);
/// How many contracts are remembered.
const CONTRACTS_MAX: usize = 10_000;
/// How many workers are known; those beyond it are left out.
const WORKERS_MAX: usize = 10_000;
/// Time for a worker to say that it is alive.
const HEALTH_TIME_MAX: Duration = Duration::from_secs(3);
/// The longest answer about a worker's health.
const HEALTH_BYTES_MAX: usize = 64 * 1024;
/// How many workers are asked at once.
const HEALTH_CONCURRENT_MAX: usize = 32;
/// The least time between two searches that callers cause.
const SEARCH_INTERVAL: Duration = Duration::from_secs(1);

/// A worker that may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownWorker {
    /// Its identity.
    pub id: WorkerId,
    /// The URL of its HTTP API.
    pub endpoint: Url,
    /// The cluster it serves.
    pub cluster: ClusterId,
    /// Whether it answered when last asked, and goes on.
    pub live: bool,
    /// Whether it said that it can do all of its work. One that cannot, as when
    /// a target chain is away, can still run calls and show what it has.
    pub ready: bool,
}

/// The workers of the network, as the chain and their own answers tell.
pub struct Directory {
    chain: Arc<dyn ChainReader>,
    endpoints: Endpoints,
    http: Client,
    workers: Mutex<Vec<KnownWorker>>,
    contracts: Mutex<HashMap<ContractId, (Option<ClusterId>, Instant)>>,
    searched: tokio::sync::Mutex<Option<Instant>>,
    turn: AtomicUsize,
}

impl Directory {
    /// A directory that knows nothing yet.
    pub fn new(chain: Arc<dyn ChainReader>, endpoints: Endpoints, http: Client) -> Self {
        Self {
            chain,
            endpoints,
            http,
            workers: Mutex::default(),
            contracts: Mutex::default(),
            searched: tokio::sync::Mutex::default(),
            turn: AtomicUsize::default(),
        }
    }

    /// The chain's first block.
    pub fn genesis_hash(&self) -> [u8; 32] {
        self.chain.genesis_hash()
    }

    /// Reads the workers from the chain and asks each whether it is alive.
    pub async fn refresh(&self) -> Result<()> {
        let registered = self.chain.workers().await?;
        let candidates = registered.into_iter().filter_map(|worker| {
            Some(KnownWorker {
                id: worker.id,
                endpoint: usable(self.endpoints, &worker.endpoint)?,
                cluster: worker.cluster?,
                live: false,
                ready: false,
            })
        });
        self.ask(candidates.take(WORKERS_MAX).collect()).await;
        Ok(())
    }

    /// Asks the known workers whether they are alive.
    pub async fn check_health(&self) {
        self.ask(self.all()).await;
    }

    async fn ask(&self, workers: Vec<KnownWorker>) {
        let mut workers: Vec<_> = stream::iter(workers)
            .map(async |mut worker| {
                let health = self.health(&worker.endpoint).await;
                worker.live = health.as_ref().is_some_and(|health| !health.stopping);
                worker.ready = health.is_some_and(|health| health.ready);
                worker
            })
            .buffer_unordered(HEALTH_CONCURRENT_MAX)
            .collect()
            .await;
        workers.sort_by_key(|worker| worker.id);
        *lock(&self.workers) = workers;
    }

    /// What a worker says of its health, in whatever status, or `None` if nothing
    /// that is a worker answers.
    async fn health(&self, endpoint: &Url) -> Option<Health> {
        let request = self.http.get(resolve(endpoint, "/health"));
        let mut answer = request.timeout(HEALTH_TIME_MAX).send().await.ok()?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.ok()? {
            if body.len() + chunk.len() > HEALTH_BYTES_MAX {
                return None;
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).ok()
    }

    /// The cluster of a contract, or `None` if there is no such contract.
    pub async fn cluster_of(&self, id: ContractId) -> Result<Option<ClusterId>> {
        let known = lock(&self.contracts).get(&id).copied();
        if let Some((cluster, since)) = known {
            let age_max = cluster.map_or(UNKNOWN_AGE_MAX, |_| CONTRACT_AGE_MAX);
            if since.elapsed() < age_max {
                return Ok(cluster);
            }
        }
        let cluster = self
            .chain
            .contract(id)
            .await?
            .map(|contract| contract.cluster);
        let mut contracts = lock(&self.contracts);
        if contracts.len() >= CONTRACTS_MAX {
            contracts.clear();
        }
        contracts.insert(id, (cluster, Instant::now()));
        Ok(cluster)
    }

    /// The live workers of `cluster` in the order in which to try them with a call:
    /// the ready ones first, another one of them each time.
    pub async fn for_call(&self, cluster: ClusterId) -> Result<Vec<KnownWorker>> {
        let (mut ready, mut others): (Vec<_>, Vec<_>) = self
            .live_in(cluster)
            .await?
            .into_iter()
            .partition(|worker| worker.ready);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        for workers in [&mut ready, &mut others] {
            if !workers.is_empty() {
                let turn = turn % workers.len();
                workers.rotate_left(turn);
            }
        }
        ready.append(&mut others);
        Ok(ready)
    }

    /// The live workers of `cluster` in the order in which to ask them what they
    /// know of `contract`: as long as the first is alive, it is the same one. Each
    /// worker counts the lines of a log for itself, so a caller who reads on must
    /// come to the same one again.
    pub async fn for_contract(
        &self,
        cluster: ClusterId,
        contract: ContractId,
    ) -> Result<Vec<KnownWorker>> {
        let mut live = self.live_in(cluster).await?;
        live.sort_by_cached_key(|worker| {
            Reverse(blake2_256([contract.0, worker.id.0].as_flattened()))
        });
        Ok(live)
    }

    /// The live workers of `cluster`. If there are none, looks for new ones first.
    async fn live_in(&self, cluster: ClusterId) -> Result<Vec<KnownWorker>> {
        let select = || {
            let mut live = self.live();
            live.retain(|worker| worker.cluster == cluster);
            live
        };
        let live = select();
        if !live.is_empty() {
            return Ok(live);
        }
        self.search().await?;
        Ok(select())
    }

    /// All live workers.
    pub fn live(&self) -> Vec<KnownWorker> {
        let workers = lock(&self.workers);
        workers
            .iter()
            .filter(|worker| worker.live)
            .cloned()
            .collect()
    }

    /// All workers that serve a cluster.
    pub fn all(&self) -> Vec<KnownWorker> {
        lock(&self.workers).clone()
    }

    /// Remembers that a worker could not be reached.
    pub fn mark_down(&self, id: WorkerId) {
        for worker in lock(&self.workers).iter_mut() {
            if worker.id == id {
                worker.live = false;
            }
        }
    }

    /// A refresh that callers cause, however many they are.
    async fn search(&self) -> Result<()> {
        let mut searched = self.searched.lock().await;
        if searched.is_none_or(|at| at.elapsed() >= SEARCH_INTERVAL) {
            self.refresh().await?;
            *searched = Some(Instant::now());
        }
        Ok(())
    }
}

/// An endpoint that requests can be sent to, or `None`.
fn usable(endpoints: Endpoints, text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    let is_allowed = match url.scheme() {
        "https" => true,
        "http" => endpoints == Endpoints::HttpToo,
        _ => false,
    };
    let usable = is_allowed
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    usable.then_some(url)
}

/// `path_and_query` below `endpoint`, which may have a path of its own.
pub fn resolve(endpoint: &Url, path_and_query: &str) -> String {
    format!(
        "{}{path_and_query}",
        endpoint.as_str().trim_end_matches('/')
    )
}

/// Nothing that holds one of these locks can leave its content half written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_that_must_not_be_asked_are_left_out() {
        for good in ["https://worker.example", "https://worker.example:8443/path"] {
            assert!(usable(Endpoints::Https, good).is_some(), "{good}");
        }
        assert!(usable(Endpoints::Https, "http://127.0.0.1:80").is_none());
        assert!(usable(Endpoints::HttpToo, "http://127.0.0.1:80").is_some());
        for bad in [
            "",
            "worker.example",
            "ftp://a",
            "https://a/?q",
            "https://a/#f",
            "https://u:p@a",
        ] {
            assert!(usable(Endpoints::HttpToo, bad).is_none(), "{bad}");
        }
    }
}
