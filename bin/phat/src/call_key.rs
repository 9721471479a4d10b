//! The key that a call is encrypted to, and where it comes from.
//!
//! An encrypted call is as secret as its key is right: whoever can make the caller take
//! another key reads the call. So the key is read from the chain, where it is what the
//! worker's platform vouches for, and not asked of the one who answers.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use phat_primitives::{ClusterId, ContractId, WorkerId};
use phat_worker_client::{CallKey, Front, WorkerClient};

use crate::chain::ChainReader;

/// What to do where the chain does not vouch for a key.
const ADVICE: &str = "--trust-worker-key takes the worker's word for its key instead, and with \
                      it the word of whoever is in between";

/// Whose key a call is encrypted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// That of one worker, which alone can read the call.
    Worker,
    /// That of the contract's cluster, so that any of its workers can read the call.
    Cluster,
}

/// A key, and the chain that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The key.
    pub key: CallKey,
}

/// Reads the key from the chain. `client` only tells which worker is going to answer.
pub async fn from_chain(
    chain: &impl ChainReader,
    client: &WorkerClient,
    contract: ContractId,
    to: To,
) -> Result<Target> {
    let on_chain = chain.contract(contract).await?;
    let cluster = on_chain
        .with_context(|| format!("there is no contract {contract} on this chain"))?
        .cluster;
    let key = match to {
        To::Cluster => {
            let current = chain.cluster_key(cluster).await?;
            let (generation, key) = current.with_context(|| {
                format!("cluster {cluster} has no key yet: encrypt to a worker, with --to worker")
            })?;
            CallKey::Cluster { generation, key }
        }
        To::Worker => worker_key(chain, client, cluster).await?,
    };
    Ok(Target {
        genesis_hash: chain.genesis_hash(),
        key,
    })
}

async fn worker_key(
    chain: &impl ChainReader,
    client: &WorkerClient,
    cluster: ClusterId,
) -> Result<CallKey> {
    let worker = answering(client, cluster).await?;
    let Some(registered) = chain.worker(worker).await? else {
        bail!(
            "worker {worker} is not registered on the chain, so nothing vouches for it: {ADVICE}"
        );
    };
    if registered.cluster != Some(cluster) {
        bail!("worker {worker} does not serve cluster {cluster} of the contract: ask another one");
    }
    if !chain.active_workers(cluster).await?.contains(&worker) {
        bail!("nothing vouches for worker {worker} any more: ask another one, or {ADVICE}");
    }
    Ok(CallKey::Worker {
        worker,
        key: registered.encryption_key,
    })
}

/// The worker that is going to answer: this one, or one behind the gateway.
async fn answering(client: &WorkerClient, cluster: ClusterId) -> Result<WorkerId> {
    let workers = match client.front().await? {
        Front::Worker(info) => return Ok(info.worker),
        Front::Gateway(info) => info.workers,
    };
    let live = || {
        workers
            .iter()
            .filter(|worker| worker.live && worker.cluster == cluster)
    };
    let chosen = live().find(|worker| worker.ready).or(live().next());
    let chosen = chosen.with_context(|| {
        format!("no worker of cluster {cluster} is alive behind the gateway: try again soon")
    })?;
    Ok(chosen.id)
}

/// Takes the key that the worker itself tells.
pub async fn from_worker(client: &WorkerClient) -> Result<Target> {
    let Front::Worker(info) = client.front().await? else {
        bail!("a gateway tells no keys: give the URL of a worker itself with --worker");
    };
    let key = CallKey::Worker {
        worker: info.worker,
        key: info.encryption_key,
    };
    let genesis_hash = info.chain.genesis_hash.as_ref();
    let genesis_hash = genesis_hash.context("the worker has not read its chain yet")?;
    let Ok(genesis_hash) = <[u8; 32]>::try_from(genesis_hash.0.as_slice()) else {
        bail!("the worker tells a genesis hash that has not 32 bytes");
    };
    Ok(Target { genesis_hash, key })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use phat_primitives::{Attestation, CodeHash, EncryptionKey};
    use serde_json::json;

    use super::*;
    use crate::{
        chain::{Worker, fake::FakeChain},
        testing::{CONTRACT, FakeWorker},
    };

    const KEY: EncryptionKey = EncryptionKey([0x0e; 32]);

    /// A chain with workers 1 and 2 in the contract's cluster, and worker 3 in another.
    fn chain() -> FakeChain {
        let chain = FakeChain {
            genesis_hash: [9; 32],
            ..FakeChain::with_contract(CONTRACT, CodeHash([3; 32]))
        };
        for (id, cluster) in [(1, 0), (2, 0), (3, 1)] {
            chain.workers.lock().unwrap().push(Worker {
                id: WorkerId([id; 32]),
                encryption_key: KEY,
                endpoint: "http://worker".into(),
                cluster: Some(ClusterId(cluster)),
                attestation: Attestation::None,
            });
        }
        chain
    }

    async fn answers(info: serde_json::Value) -> (FakeWorker, WorkerClient) {
        let info = info.to_string();
        let front = FakeWorker::start(move |_| (StatusCode::OK, info.clone())).await;
        let client = WorkerClient::new(&front.url).unwrap();
        (front, client)
    }

    /// A worker that says that it has another key than the chain has for it.
    async fn worker(id: u8) -> (FakeWorker, WorkerClient) {
        answers(json!({
            "version": "1", "worker": WorkerId([id; 32]), "operator": null, "cluster": 0,
            "encryption_key": EncryptionKey([0xbb; 32]), "endpoint": "http://worker",
            "engine_hash": "0x01", "targets": [],
            "chain": { "trust": "light_client", "peers": 1, "genesis_hash": format!("0x{}", "08".repeat(32)), "finalized": 1 },
        }))
        .await
    }

    async fn gateway(workers: &[(u8, u32, bool, bool)]) -> (FakeWorker, WorkerClient) {
        let workers: Vec<_> = workers
            .iter()
            .map(|(id, cluster, live, ready)| {
                json!({
                    "id": WorkerId([*id; 32]), "endpoint": "http://worker", "cluster": cluster,
                    "live": live, "ready": ready,
                })
            })
            .collect();
        answers(json!({
            "kind": "gateway", "version": "1", "workers": workers,
            "genesis_hash": format!("0x{}", "08".repeat(32)),
        }))
        .await
    }

    #[tokio::test]
    async fn the_key_is_that_of_the_chain_for_the_worker_that_answers() {
        let chain = chain();
        let (_worker, client) = worker(2).await;
        let target = from_chain(&chain, &client, CONTRACT, To::Worker).await;
        let key = |id| CallKey::Worker {
            worker: WorkerId([id; 32]),
            key: KEY,
        };
        let expected = |key| Target {
            genesis_hash: [9; 32],
            key,
        };
        assert_eq!(target.unwrap(), expected(key(2)));

        let workers = [
            (3, 1, true, true),
            (1, 0, true, false),
            (2, 0, true, true),
            (4, 0, false, true),
        ];
        for (workers, chosen) in [(&workers[..], 2), (&workers[..2], 1)] {
            let (_gateway, client) = gateway(workers).await;
            let target = from_chain(&chain, &client, CONTRACT, To::Worker).await;
            assert_eq!(target.unwrap(), expected(key(chosen)));
        }
    }

    #[tokio::test]
    async fn the_key_of_a_cluster_needs_nobodys_word() {
        let chain = chain();
        let (front, client) = gateway(&[]).await;
        let error = from_chain(&chain, &client, CONTRACT, To::Cluster).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("has no key yet"), "{error}");
        chain.set_cluster_key(4, KEY);
        let target = from_chain(&chain, &client, CONTRACT, To::Cluster).await;
        let key = CallKey::Cluster {
            generation: 4,
            key: KEY,
        };
        assert_eq!(target.unwrap().key, key);
        assert_eq!(front.asked(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_key_that_nothing_vouches_for_is_refused() {
        type Fronted = (FakeWorker, WorkerClient);
        let refused = async |chain: &FakeChain, contract: ContractId, fronted: Fronted| {
            let (_front, client) = fronted;
            let error = from_chain(chain, &client, contract, To::Worker).await;
            error.unwrap_err().to_string()
        };
        let inactive = chain();
        inactive.inactive.lock().unwrap().push(WorkerId([1; 32]));
        let unknown = ContractId([7; 32]);
        for (error, part) in [
            (
                refused(&chain(), unknown, worker(1).await).await,
                "there is no contract",
            ),
            (
                refused(&chain(), CONTRACT, worker(5).await).await,
                "is not registered on the chain",
            ),
            (
                refused(&chain(), CONTRACT, worker(3).await).await,
                "does not serve cluster 0",
            ),
            (
                refused(&inactive, CONTRACT, worker(1).await).await,
                "nothing vouches for worker",
            ),
            (
                refused(&chain(), CONTRACT, gateway(&[(1, 0, false, true)]).await).await,
                "no worker of cluster 0 is alive",
            ),
        ] {
            assert!(error.contains(part), "{error} lacks {part:?}");
        }
    }

    #[tokio::test]
    async fn the_workers_own_word_is_taken_only_from_itself() {
        let (_worker, client) = worker(2).await;
        let target = from_worker(&client).await.unwrap();
        assert_eq!(target.genesis_hash, [8; 32]);
        let key = CallKey::Worker {
            worker: WorkerId([2; 32]),
            key: EncryptionKey([0xbb; 32]),
        };
        assert_eq!(target.key, key);
        let (_gateway, client) = gateway(&[(1, 0, true, true)]).await;
        let error = from_worker(&client).await.unwrap_err().to_string();
        assert!(error.contains("a gateway tells no keys"), "{error}");
    }
}
