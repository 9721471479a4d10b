//! Outcomes that several workers must sign.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::sync::Arc;

use async_trait::async_trait;
use model::*;
use phat_engine::{EngineHash, Outcome, Processor, Run, RunReport};
use phat_target::RequestNumber;
use phat_worker_client::{HexBytes, SignaturesBody, WorkerClient};
use phat_worker_service::executor::Runner;

/// An engine whose operator has it say something else than the contract does.
struct Liar(ModelRunner);

#[async_trait]
impl Runner for Liar {
    fn hash(&self) -> EngineHash {
        self.0.hash()
    }

    async fn run(&self, run: Run, processor: Arc<dyn Processor>) -> RunReport {
        let mut report = self.0.run(run, processor).await;
        report.outcome = Outcome::Output(b"a lie".to_vec());
        report
    }
}

/// Three workers of one cluster, on one target chain, with a contract of which two must
/// agree. Those whose place is in `lying` lie.
struct Cluster {
    workers: Vec<World>,
    clients: Vec<WorkerClient>,
}

impl Cluster {
    async fn start(lying: &[usize]) -> Self {
        let first = World::new();
        let manifest = format!("{}[verification]\nquorum = 2\nof = 3\n", manifest("echo"));
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
            let client = if lying.contains(&index) {
                let liar = Arc::new(Liar(worker.runner.clone()));
                worker.start_with(liar).await
            } else {
                worker.start().await
            };
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
    fn ranked(&self, number: RequestNumber) -> Vec<usize> {
        let records = self.workers[0].journal().newest(None, 10).unwrap();
        let record = records.iter().find(|record| record.number == number);
        let id = record.unwrap().id;
        let members: Vec<_> = self.workers.iter().map(|world| world.worker).collect();
        let mut ranked: Vec<_> = (0..self.workers.len()).collect();
        ranked.sort_by_key(|index| phat_worker_core::rank(id, members[*index], &members));
        ranked
    }

    async fn until_answered(&self, number: RequestNumber) -> Vec<u8> {
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
async fn attestor(client: &WorkerClient) -> String {
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

#[tokio::test]
async fn an_outcome_is_settled_that_enough_workers_have_signed() {
    let cluster = Cluster::start(&[]).await;
    let number = cluster.workers[0].target.request(b"abc");
    assert_eq!(cluster.until_answered(number).await, b"cba");
}

#[tokio::test]
async fn a_worker_that_lies_is_outvoted_wherever_it_ranks() {
    let cluster = Cluster::start(&[2]).await;
    let mut ranks = Vec::new();
    // Its rank is another for each request: before long it was first of all too.
    for index in 0..40 {
        let number = cluster.workers[0]
            .target
            .request(format!("request {index}").as_bytes());
        let answer = cluster.until_answered(number).await;
        assert_ne!(answer, b"a lie");
        let rank = cluster.ranked(number).iter().position(|place| *place == 2);
        ranks.push(rank.unwrap());
        if ranks.contains(&0) && ranks.contains(&1) {
            break;
        }
    }
    assert!(ranks.contains(&0), "{ranks:?}");
}

#[tokio::test]
async fn a_worker_that_is_away_stops_nobody() {
    let mut cluster = Cluster::start(&[]).await;
    let number = cluster.workers[0].target.request(b"first");
    cluster.until_answered(number).await;
    cluster.workers[1].kill().await;
    for index in 0..3 {
        let number = cluster.workers[0]
            .target
            .request(format!("request {index}").as_bytes());
        cluster.until_answered(number).await;
    }
}

#[tokio::test]
async fn too_few_that_agree_settle_nothing() {
    let cluster = Cluster::start(&[1, 2]).await;
    // Both say the same, and would be believed: one is no attestor any more.
    let lying = attestor(&cluster.clients[2]).await;
    let target = &cluster.workers[0].target;
    {
        let mut state = target.state();
        let (_, attestors) = state.quorum.as_mut().unwrap();
        attestors.retain(|attestor| *attestor != lying);
    }
    let number = target.request(b"abc");
    let is_told = || {
        let told = |world: &World| {
            let records = world.journal().newest(None, 10).unwrap();
            let problem = records.first().and_then(|record| record.problem.clone());
            problem.is_some_and(|problem| problem.contains("have signed the same outcome"))
        };
        cluster.workers.iter().any(told)
    };
    target.until_or("the reason", is_told).await;
    let later = target.state().tip + 100;
    target.until("some blocks", |state| state.tip > later).await;
    assert!(target.state().settled(number).is_empty());
}

#[tokio::test]
async fn outcomes_are_for_workers_of_the_cluster_that_sign_their_questions() {
    let cluster = Cluster::start(&[]).await;
    let number = cluster.workers[0].target.request(b"abc");
    cluster.until_answered(number).await;
    let records = cluster.workers[0].journal().newest(None, 10).unwrap();
    let request = records[0].id;
    for worker in [cluster.workers[1].worker, Default::default()] {
        let body = SignaturesBody {
            worker,
            block: 0,
            state_block: 0,
            signature: HexBytes(vec![1; 64]),
        };
        let refused = cluster.clients[0]
            .signatures(CONTRACT, request, &body)
            .await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("not_member"), "{error}");
    }
}
