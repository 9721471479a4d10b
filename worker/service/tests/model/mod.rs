//! A worker with models of all that surrounds it.

#![allow(
    dead_code,
    missing_docs,
    unused_imports,
    reason = "each test file uses a part of it"
)]

mod chain;
mod cluster;
mod disk;
mod performance;
mod runner;
mod target;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use phat_keys::{ClusterOnChain, ClusterSecret, KeyStore, Unsealed};
use phat_primitives::{ClusterId, CodeHash, ContractId, EncryptionKey, WorkerId};
use phat_target::RequestNumber;
use phat_worker_client::{RequestEntry, WorkerClient};
use phat_worker_core::Policy;
use phat_worker_service::{
    Parts, RunError, Settings, Worker,
    chain::{ChainContract, KeyPublisher, Member},
    config::PauseAfter,
    executor::Runner,
    http,
    journal::{Journal, Retention},
    keys::WorkerKeys,
    performance::PerformanceParts,
    relay::RelayRules,
};
use zeroize::Zeroizing;

pub use chain::{GENESIS, Held, ModelChain, PEERS, STAKE};
pub use cluster::{Cluster, attestor};
pub use disk::Disk;
pub use performance::{Economy, Loss, ModelMachine, Shown};
pub use runner::ModelRunner;
pub use target::{ANCHOR, CHAIN, ModelTarget};

pub const CONTRACT: ContractId = ContractId([0xc0; 32]);
pub const CLUSTER: ClusterId = ClusterId(0);
pub const CODE: &[u8] = b"export default request => request.input";

/// A worker and what surrounds it.
pub struct World {
    pub chain: ModelChain,
    pub target: ModelTarget,
    pub runner: ModelRunner,
    pub folder: tempfile::TempDir,
    pub worker: WorkerId,
    pub encryption_key: EncryptionKey,
    pub disk: Option<Disk>,
    pub settings: Settings,
    pub publisher: Option<Arc<dyn KeyPublisher>>,
    /// What shows the chain the worker's performance, in tests of that.
    pub machine: Option<ModelMachine>,
    running: Option<(Worker, Arc<Journal>)>,
}

pub fn manifest(name: &str) -> String {
    manifest_at(name, ANCHOR, 0)
}

/// The manifest of a contract with another anchor and first block.
pub fn manifest_at(name: &str, anchor: [u8; 20], from_block: u64) -> String {
    let anchor = hex::encode(anchor);
    format!(
        "name = \"{name}\"\nentry = \"index.js\"\n\
         [[triggers]]\nkind = \"anchor\"\nchain_id = 31337\naddress = \"0x{anchor}\"\n\
         from_block = {from_block}\n"
    )
}

pub fn contract(id: ContractId, manifest: &str) -> ChainContract {
    ChainContract {
        id,
        code_hash: CodeHash::of(CODE),
        manifest: manifest.into(),
    }
}

/// The secret of the cluster, unless a test has workers make it.
pub fn cluster_secret() -> ClusterSecret {
    ClusterSecret::from_bytes(Zeroizing::new([0xc5; 32]))
}

impl World {
    /// A chain with one contract, and a worker that has the cluster's key and is not started yet.
    pub fn new() -> Self {
        let world = Self::without_key();
        world.keep_key(&cluster_secret());
        world.chain.publish(cluster_secret().public(), world.worker);
        world
    }

    /// The same, where the cluster has no key yet.
    pub fn without_key() -> Self {
        let world = Self::beside(&ModelChain::new());
        world.chain.join(world.worker);
        world
            .chain
            .create(contract(CONTRACT, &manifest("echo")), CODE);
        world
    }

    /// A worker of its own on this chain, which it has not joined.
    pub fn beside(chain: &ModelChain) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::open(folder.path().join("keys"), &Unsealed).unwrap();
        Self {
            chain: chain.clone(),
            worker: store.worker_id(),
            encryption_key: store.encryption_key(),
            target: ModelTarget::default(),
            runner: ModelRunner::new(),
            folder,
            disk: None,
            settings: Settings {
                cluster: ClusterId(0),
                endpoint: "http://worker.example".into(),
                poll: Duration::from_millis(2),
                retry: Duration::from_millis(2),
                policy: Policy {
                    replace_after_blocks: 200,
                    ..Policy::default()
                },
                relay: RelayRules::default(),
                unfinished_max: 1_000,
                runs_max: 4,
                runs_waiting_max: 1_000,
                calls_max: 1,
                calls_waiting_max: 2,
                processors: 2,
                chain_stale_max: Duration::from_secs(600),
                allow_private_networks: true,
                pause_after: None,
            },
            publisher: None,
            machine: None,
            running: None,
        }
    }

    pub fn store(&self) -> KeyStore {
        KeyStore::open(self.folder.path().join("keys"), &Unsealed).unwrap()
    }

    pub fn keys(&self) -> WorkerKeys {
        WorkerKeys::new(self.store())
    }

    /// Where the worker keeps the work that it has committed to.
    pub fn performance_file(&self) -> PathBuf {
        self.folder.path().join("performance.scale")
    }

    /// Has the worker keep this as the cluster's first secret.
    pub fn keep_key(&self, secret: &ClusterSecret) {
        let cluster = ClusterOnChain {
            genesis_hash: GENESIS,
            cluster: CLUSTER,
        };
        self.store()
            .keep_cluster_secret(cluster, 0, secret)
            .unwrap();
    }

    /// Tells the chain where the worker is that was started.
    pub fn announce(&self) {
        self.announce_at(format!("http://{}", self.address()));
    }

    /// Tells the chain that the worker is at this endpoint.
    pub fn announce_at(&self, endpoint: String) {
        let member = Member {
            encryption_key: self.encryption_key,
            endpoint,
        };
        self.chain.change(|held| {
            held.workers.insert(self.worker, member);
        });
    }

    /// Starts the worker.
    pub async fn start(&mut self) -> WorkerClient {
        let runner = Arc::new(self.runner.clone());
        self.start_with(runner).await
    }

    /// Starts the worker with another engine.
    pub async fn start_with(&mut self, runner: Arc<dyn Runner>) -> WorkerClient {
        self.try_start(runner).await.unwrap()
    }

    /// Starts the worker, or says why it does not start.
    pub async fn try_start(&mut self, runner: Arc<dyn Runner>) -> Result<WorkerClient, RunError> {
        let retention = Retention::default();
        let journal = match &self.disk {
            Some(disk) => Journal::open_with(Path::new("disk"), retention, disk.opener()),
            None => Journal::open(&self.folder.path().join("journal"), retention),
        };
        let journal = Arc::new(journal.unwrap());
        let listener = http::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let parts = Parts {
            chain: Arc::new(self.chain.clone()),
            targets: vec![Arc::new(self.target.clone())],
            runner,
            journal: journal.clone(),
            keys: Arc::new(self.keys()),
            publisher: self.publisher.clone(),
            performance: self.machine.clone().map(|machine| PerformanceParts {
                chain: Arc::new(self.chain.clone()),
                machine: Arc::new(machine),
                file: self.performance_file(),
            }),
            listener,
        };
        let worker = Worker::start(parts, self.settings.clone())?;
        let client = WorkerClient::new(&format!("http://{}", worker.address())).unwrap();
        self.running = Some((worker, journal));
        Ok(client)
    }

    /// Ends the worker as a crash would.
    pub async fn kill(&mut self) {
        let (worker, journal) = self.running.take().unwrap();
        worker.abort().await;
        freed(journal).await;
    }

    /// Ends the worker as SIGTERM would.
    pub async fn stop(&mut self, grace: Duration) -> bool {
        let (worker, journal) = self.running.take().unwrap();
        let is_done = worker.stop(grace).await;
        freed(journal).await;
        is_done
    }

    pub fn address(&self) -> String {
        self.running.as_ref().unwrap().0.address().to_string()
    }

    pub fn journal(&self) -> &Journal {
        &self.running.as_ref().unwrap().1
    }

    /// How far a request has come, as the journal says.
    pub fn step(&self, number: RequestNumber) -> Option<&'static str> {
        let records = self.journal().newest(None, 100).ok()?;
        let mut found = records.iter().filter(|record| record.number == number);
        found.next().map(|record| record.step_name())
    }

    pub async fn until_step(&self, number: RequestNumber, step: &str) {
        self.target
            .until_or(step, || self.step(number) == Some(step))
            .await;
    }

    /// Waits until so many runs have been held.
    pub async fn until_held(&self, count: u64) {
        let is_so = || self.runner.held() == count;
        self.target.until_or("held", is_so).await;
    }

    pub async fn until_settled(&self, number: RequestNumber) {
        self.until_step(number, "settled").await;
    }

    pub fn pause_after(&mut self, step: Option<PauseAfter>) {
        self.settings.pause_after = step;
    }
}

/// The request with this number, as the API shows it.
pub async fn entry(client: &WorkerClient, number: u8) -> RequestEntry {
    let page = client.requests(Some(CONTRACT)).await.unwrap();
    let mut found = page.requests.into_iter();
    found
        .find(|request| request.number == number.to_string())
        .unwrap()
}

/// Waits until nothing holds the journal any more.
async fn freed(journal: Arc<Journal>) {
    while Arc::strong_count(&journal) > 1 {
        tokio::task::yield_now().await;
    }
}

/// A worker that is none of ours, such that it ranks first for a request.
pub fn rival(request: phat_primitives::RequestId, worker: WorkerId) -> WorkerId {
    let candidate = |seed: u32| {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&seed.to_be_bytes());
        WorkerId(key)
    };
    (0..=u32::MAX)
        .map(candidate)
        .find(|rival| {
            let members = [worker, *rival];
            phat_worker_core::rank(request, worker, &members) == Some(1)
        })
        .unwrap()
}
