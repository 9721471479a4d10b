//! Outcomes that several workers must sign.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::sync::Arc;

use async_trait::async_trait;
use model::*;
use phat_engine::{Aggregated, Aggregation, EngineHash, Outcome, Processor, Run, RunReport};
use phat_worker_client::{HexBytes, SignaturesBody};
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

    async fn aggregate(
        &self,
        aggregation: Aggregation,
        processor: Arc<dyn Processor>,
    ) -> Aggregated {
        self.0.aggregate(aggregation, processor).await
    }
}

/// A cluster of which two must agree. Those whose place is in `lying` lie.
async fn cluster(lying: &[usize]) -> Cluster {
    Cluster::start("quorum = 2\nof = 3\n", |index, runner| {
        if lying.contains(&index) {
            Arc::new(Liar(runner))
        } else {
            Arc::new(runner)
        }
    })
    .await
}

#[tokio::test]
async fn an_outcome_is_settled_that_enough_workers_have_signed() {
    let cluster = cluster(&[]).await;
    let number = cluster.workers[0].target.request(b"abc");
    assert_eq!(cluster.until_answered(number).await, b"cba");
}

#[tokio::test]
async fn a_worker_that_lies_is_outvoted_wherever_it_ranks() {
    let cluster = cluster(&[2]).await;
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
    let mut cluster = cluster(&[]).await;
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
    let cluster = cluster(&[1, 2]).await;
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
async fn what_was_signed_before_the_attestors_changed_is_gathered_anew() {
    let cluster = cluster(&[]).await;
    let target = &cluster.workers[0].target;
    target.state().takes_no_attestor = true;
    let number = target.request(b"abc");
    let is_told = || {
        let told = |world: &World| {
            let records = world.journal().newest(None, 10).unwrap();
            let problem = records.first().and_then(|record| record.problem.clone());
            problem.is_some_and(|problem| problem.contains("is not an attestor"))
        };
        cluster.workers.iter().any(told)
    };
    target.until_or("the refusal", is_told).await;
    {
        let mut state = target.state();
        state.takes_no_attestor = false;
        // What was gathered for a threshold of two never has enough signatures.
        let (threshold, _) = state.quorum.as_mut().unwrap();
        *threshold = 3;
    }
    assert_eq!(cluster.until_answered(number).await, b"cba");
}

#[tokio::test]
async fn outcomes_are_for_workers_of_the_cluster_that_sign_their_questions() {
    let cluster = cluster(&[]).await;
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
