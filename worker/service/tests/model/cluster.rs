//! A cluster of workers of which several must agree.

use std::sync::Arc;

use phat_target::RequestNumber;
use phat_worker_client::WorkerClient;
use phat_worker_service::executor::Runner;

use super::{CHAIN, CODE, CONTRACT, ModelRunner, World, cluster_secret, contract, manifest};

/// Three workers of one cluster, on one target chain, with a contract of which several must
/// agree.
pub struct Cluster {
    pub workers: Vec<World>,
    pub clients: Vec<WorkerClient>,
}

impl Cluster {
    /// Starts them with what the manifest says of the verification, and with the engine
    /// that `engine_of` makes of each one's own.
    pub async fn start(
        verification: &str,
        engine_of: impl Fn(usize, ModelRunner) -> Arc<dyn Runner>,
    ) -> Self {
        let first = World::new();
        let manifest = format!("{}[verification]\n{verification}", manifest("echo"));
        first.chain.create(contract(CONTRACT, &manifest), CODE);
        let mut workers = vec![first];
        for _ in 1..3 {
            let mut worker = World::beside(&workers[0].chain);
            worker.target = workers[0].target.clone();
            worker.keep_key(&cluster_secret());
            worker.chain.join(worker.worker);
            workers.push(worker);
        }
        let mut clients = Vec::new();
        for (index, worker) in workers.iter_mut().enumerate() {
            // The model makes a block at every look.
            worker.settings.policy.takeover_blocks = 400;
            let engine = engine_of(index, worker.runner.clone());
            let client = worker.start_with(engine).await;
            worker.announce();
            clients.push(client);
        }
        let cluster = Self { workers, clients };
        cluster.allow().await;
        cluster
    }

    /// Allows each worker's account at the anchor, once it is known.
    async fn allow(&self) {
        let mut attestors = Vec::new();
        for client in &self.clients {
            attestors.push(attestor(client).await);
        }
        let of = attestors.len();
        attestors.sort();
        attestors.dedup();
        assert_eq!(attestors.len(), of, "each signs with an account of its own");
        self.workers[0].target.state().quorum = Some((2, attestors));
    }

    /// The workers in the order of their ranks for a request.
    pub fn ranked(&self, number: RequestNumber) -> Vec<usize> {
        let records = self.workers[0].journal().newest(None, 10).unwrap();
        let record = records.iter().find(|record| record.number == number);
        let id = record.unwrap().id;
        let members: Vec<_> = self.workers.iter().map(|world| world.worker).collect();
        let mut ranked: Vec<_> = (0..self.workers.len()).collect();
        ranked.sort_by_key(|index| phat_worker_core::rank(id, members[*index], &members));
        ranked
    }

    pub async fn until_answered(&self, number: RequestNumber) -> Vec<u8> {
        let target = &self.workers[0].target;
        target
            .until("an answer", |state| !state.settled(number).is_empty())
            .await;
        let state = target.state();
        let settled = state.settled(number);
        assert_eq!(settled.len(), 1);
        settled[0].output.clone()
    }
}

/// The account with which a worker signs for the contract, once it serves it.
pub async fn attestor(client: &WorkerClient) -> String {
    loop {
        let served = client.contract(CONTRACT).await;
        if let Ok(served) = served
            && let Some(attestor) = served.attestors.get(CHAIN)
        {
            assert_eq!(served.quorum.unwrap().threshold, 2);
            return attestor.clone();
        }
        tokio::task::yield_now().await;
    }
}
