//! How one sees that a part of the network is ready.

use std::{cell::Cell, io, net::SocketAddr, path::Path};

use anyhow::{Context, Result};
use phat_worker_client::WorkerClient;
use serde_json::{Value, json};

use crate::chain::ChainReader;

/// What the node writes before the addresses of its RPC server.
const RPC_LINE: &str = "Running JSON-RPC server: addr=";

/// The file in its data folder to which the worker writes its address.
const WORKER_ADDRESS: &str = "http.addr";

/// Where the node's RPC is, once its log says so. Only the log tells which port
/// the operating system picked.
pub fn node_rpc_url(log: &Path) -> Option<String> {
    let log = std::fs::read_to_string(log).ok()?;
    let (_, addresses) = log.split_once(RPC_LINE)?;
    // The line may be half written yet.
    let (addresses, _) = addresses.split_once('\n')?;
    let address: SocketAddr = addresses
        .split([',', ' '])
        .find_map(|address| address.trim().parse().ok())?;
    Some(format!("ws://{address}"))
}

/// Where the worker's API is, once it has written so.
pub fn worker_url(data_dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(data_dir.join(WORKER_ADDRESS)).ok()?;
    let address: SocketAddr = text.trim().parse().ok()?;
    Some(format!("http://{address}"))
}

/// Removes the address of an earlier run, which must not be taken for the next one's.
pub fn forget_worker_url(data_dir: &Path) -> Result<()> {
    let path = data_dir.join(WORKER_ADDRESS);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Whether the node at `rpc_url` answers.
pub async fn node_answers(http: &reqwest::Client, rpc_url: &str) -> bool {
    let url = rpc_url.replacen("ws://", "http://", 1);
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "system_health", "params": [] });
    let Ok(answer) = http.post(url).json(&call).send().await else {
        return false;
    };
    let answer = answer.json::<Value>().await;
    answer.is_ok_and(|answer| answer.get("result").is_some())
}

/// Whether a worker serves its cluster: the chain has it among the members, since
/// the block that is kept in `member_at`, and the worker has read that block and has
/// the cluster's key.
/// What else it lacks, such as a target chain, it goes on without.
pub async fn serves(
    worker: &WorkerClient,
    chain: &impl ChainReader,
    member_at: &Cell<Option<u64>>,
) -> Result<(), String> {
    let info = worker.info().await.map_err(|error| error.to_string())?;
    if member_at.get().is_none() {
        let failed = |error: anyhow::Error| format!("{error:#}");
        let registered = chain.worker(info.worker).await.map_err(failed)?;
        if registered.and_then(|worker| worker.cluster) != Some(info.cluster) {
            return Err(format!("it is no member of cluster {} yet", info.cluster));
        }
        member_at.set(Some(chain.finalised().await.map_err(failed)?.number));
    }
    if info.chain.finalized < member_at.get() {
        return Err("it has not read the chain yet".into());
    }
    if info.cluster_key.is_none() {
        return Err(format!("it has no key of cluster {} yet", info.cluster));
    }
    Ok(())
}

/// Why a worker cannot do all of its work.
pub async fn lacks(url: &str) -> Vec<String> {
    let health = async { WorkerClient::new(url)?.health().await };
    match health.await {
        Ok(health) => health.reasons,
        Err(error) => vec![error.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use phat_primitives::{Attestation, ClusterId, EncryptionKey};
    use phat_worker_client::{ChainInfo, ChainTrust, ClusterKeyInfo, Health, Info};

    use super::*;
    use crate::{
        chain::{Worker, fake::FakeChain},
        testing::{FakeWorker, worker_id},
    };

    #[test]
    fn addresses_are_read_once_they_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("node.log");
        let read = |text: &str| {
            std::fs::write(&log, text).unwrap();
            node_rpc_url(&log)
        };
        assert_eq!(node_rpc_url(&log), None);
        assert_eq!(read("Starting\n"), None);
        assert_eq!(read("x Running JSON-RPC server: addr=127.0.0.1:394"), None);
        let url = Some("ws://127.0.0.1:39841".to_owned());
        assert_eq!(
            read("x Running JSON-RPC server: addr=127.0.0.1:39841,[::1]:3984\nmore"),
            url
        );
        assert_eq!(
            read("x Running JSON-RPC server: addr=127.0.0.1:39841, allowed origins=[]\n"),
            url
        );

        let address = folder.path().join("http.addr");
        assert_eq!(worker_url(folder.path()), None);
        std::fs::write(&address, "127.0").unwrap();
        assert_eq!(worker_url(folder.path()), None);
        std::fs::write(&address, "127.0.0.1:81\n").unwrap();
        assert_eq!(
            worker_url(folder.path()),
            Some("http://127.0.0.1:81".into())
        );
        forget_worker_url(folder.path()).unwrap();
        forget_worker_url(folder.path()).unwrap();
        assert_eq!(worker_url(folder.path()), None);
    }

    fn info(finalized: Option<u64>, has_key: bool) -> String {
        let cluster_key = has_key.then(|| ClusterKeyInfo {
            generation: 0,
            encryption_key: EncryptionKey::default(),
            signing_key: vec![0; 32].into(),
        });
        let info = Info {
            version: "0.1.0".into(),
            worker: worker_id(),
            encryption_key: EncryptionKey::default(),
            operator: None,
            cluster: ClusterId(0),
            cluster_key,
            endpoint: "http://127.0.0.1:1".into(),
            engine_hash: vec![1].into(),
            chain: ChainInfo {
                trust: ChainTrust::Rpc,
                peers: None,
                genesis_hash: None,
                finalized,
            },
            targets: Vec::new(),
            performance: None,
        };
        serde_json::to_string(&info).unwrap()
    }

    /// What [`serves`] says of a worker that has read the chain up to `finalized` and
    /// is a member of `cluster`.
    async fn check(finalized: Option<u64>, cluster: Option<ClusterId>, expected: Result<(), &str>) {
        check_with(true, finalized, cluster, expected).await;
    }

    async fn check_with(
        has_key: bool,
        finalized: Option<u64>,
        cluster: Option<ClusterId>,
        expected: Result<(), &str>,
    ) {
        let chain = FakeChain::default();
        chain.workers.lock().unwrap().push(Worker {
            id: worker_id(),
            encryption_key: EncryptionKey([0x0e; 32]),
            endpoint: "http://127.0.0.1:1".into(),
            cluster,
            attestation: Attestation::None,
        });
        let worker = FakeWorker::start(move |_| (StatusCode::OK, info(finalized, has_key))).await;
        let client = WorkerClient::new(&worker.url).unwrap();
        let said = serves(&client, &chain, &Cell::new(None)).await;
        match expected {
            Ok(()) => assert_eq!(said, Ok(())),
            Err(part) => {
                let reason = said.unwrap_err();
                assert!(reason.contains(part), "{reason} does not say {part:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_worker_serves_once_it_is_a_member_and_knows_it() {
        // The newest block of the fake chain is 42.
        let (own, other) = (Some(ClusterId(0)), Some(ClusterId(1)));
        check(Some(42), own, Ok(())).await;
        check(Some(43), own, Ok(())).await;
        check(Some(41), own, Err("not read the chain")).await;
        check(None, own, Err("not read the chain")).await;
        check(Some(42), None, Err("no member of cluster 0")).await;
        check(Some(42), other, Err("no member of cluster 0")).await;
        check_with(false, Some(42), own, Err("no key of cluster 0")).await;
    }

    /// A target chain that is away is told, and not waited for.
    #[tokio::test]
    async fn what_a_worker_lacks_is_told() {
        let health = Health {
            ready: false,
            reasons: vec!["target eip155:1: it does not answer".into()],
            stopping: false,
        };
        let reasons = health.reasons.clone();
        let json = serde_json::to_string(&health).unwrap();
        let answer = move |path: &str| match path {
            "/health" => (StatusCode::SERVICE_UNAVAILABLE, json.clone()),
            _ => (StatusCode::OK, info(Some(42), true)),
        };
        let worker = FakeWorker::start(answer).await;
        assert_eq!(lacks(&worker.url).await, reasons);
    }
}
