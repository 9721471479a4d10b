//! Outputs that differ from worker to worker, and are merged.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::*;
use phat_engine::{
    Aggregated, Aggregation, EngineHash, FailureCode, Outcome, Processor, Run, RunFailure,
    RunReport,
};
use phat_worker_client::{AggregateBody, HexBytes};
use phat_worker_service::executor::Runner;

const VERIFICATION: &str = "quorum = 2\nof = 3\naggregate = true\n";

/// An engine whose runs give something of their own, and which merges as it likes.
struct Own {
    engine: ModelRunner,
    gives: Option<&'static str>,
    merges_into: Option<&'static str>,
}

#[async_trait]
impl Runner for Own {
    fn hash(&self) -> EngineHash {
        self.engine.hash()
    }

    async fn run(&self, run: Run, processor: Arc<dyn Processor>) -> RunReport {
        let is_told = run.request.input.starts_with(b"request");
        let mut report = self.engine.run(run, processor).await;
        if is_told {
            report.outcome = match self.gives {
                Some(text) => Outcome::Output(text.into()),
                None => Outcome::Failed(RunFailure {
                    code: FailureCode::ScriptThrew,
                    message: "no price".into(),
                }),
            };
        }
        report
    }

    async fn aggregate(
        &self,
        aggregation: Aggregation,
        processor: Arc<dyn Processor>,
    ) -> Aggregated {
        let mut aggregated = self.engine.aggregate(aggregation, processor).await;
        if let Some(text) = self.merges_into {
            aggregated.outcome = Outcome::Output(text.into());
        }
        aggregated
    }
}

/// What became of the mergings of a cluster in which only the first one ends.
#[derive(Default)]
struct Mergings {
    /// The worker that has merged first, and so asks the others to.
    first: Mutex<Option<usize>>,
    /// The workers that have begun to merge since.
    begun: Mutex<Vec<usize>>,
    /// Those that have left off.
    left: Mutex<Vec<usize>>,
}

/// An engine that merges for ever, unless it is the first to.
struct Endless {
    engine: ModelRunner,
    index: usize,
    mergings: Arc<Mergings>,
}

/// A merging that is under way.
struct UnderWay<'a>(&'a Endless);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.mergings.left.lock().unwrap().push(self.0.index);
    }
}

impl Endless {
    /// Notes that a merging begins. `true` if it is the first.
    fn begin(&self) -> bool {
        let mut first = self.mergings.first.lock().unwrap();
        let is_first = first.is_none();
        if is_first {
            *first = Some(self.index);
        } else {
            self.mergings.begun.lock().unwrap().push(self.index);
        }
        is_first
    }
}

#[async_trait]
impl Runner for Endless {
    fn hash(&self) -> EngineHash {
        self.engine.hash()
    }

    async fn run(&self, run: Run, processor: Arc<dyn Processor>) -> RunReport {
        self.engine.run(run, processor).await
    }

    async fn aggregate(
        &self,
        aggregation: Aggregation,
        processor: Arc<dyn Processor>,
    ) -> Aggregated {
        if !self.begin() {
            let _under_way = UnderWay(self);
            std::future::pending::<()>().await;
        }
        self.engine.aggregate(aggregation, processor).await
    }
}

/// Three workers, each with what its runs give.
async fn cluster(gives: [Option<&'static str>; 3]) -> Cluster {
    Cluster::start(VERIFICATION, |index, engine| {
        Arc::new(Own {
            engine,
            gives: gives[index],
            merges_into: None,
        })
    })
    .await
}

#[tokio::test]
async fn outputs_that_differ_settle_as_what_they_are_merged_into() {
    let cluster = cluster([Some("price 1"), Some("price 2"), Some("price 3")]).await;
    let target = &cluster.workers[0].target;
    let number = target.request(b"request");
    let answer = cluster.until_answered(number).await;
    // Whoever gathers merges as many as there are by then, and at least two.
    let medians: [&[u8]; 2] = [b"price 2", b"price 3"];
    assert!(medians.contains(&&answer[..]), "{answer:?}");
}

#[tokio::test]
async fn a_worker_that_merges_otherwise_is_outvoted_wherever_it_ranks() {
    let cluster = Cluster::start(VERIFICATION, |index, engine| {
        Arc::new(Own {
            engine,
            gives: Some("price"),
            merges_into: (index == 2).then_some("a lie"),
        })
    })
    .await;
    let mut ranks = Vec::new();
    for index in 0..40 {
        let target = &cluster.workers[0].target;
        let number = target.request(format!("request {index}").as_bytes());
        assert_eq!(cluster.until_answered(number).await, b"price");
        let rank = cluster.ranked(number).iter().position(|place| *place == 2);
        ranks.push(rank.unwrap());
        if ranks.contains(&0) && ranks.contains(&1) {
            break;
        }
    }
    assert!(ranks.contains(&0), "{ranks:?}");
}

#[tokio::test]
async fn a_run_that_failed_is_left_out_and_enough_failures_settle() {
    let one = cluster([Some("price 1"), None, Some("price 1")]).await;
    let number = one.workers[0].target.request(b"request");
    assert_eq!(one.until_answered(number).await, b"price 1");

    let two = cluster([None, None, Some("price 1")]).await;
    let number = two.workers[0].target.request(b"request");
    assert_eq!(two.until_answered(number).await, b"script_threw: no price");
}

#[tokio::test]
async fn runs_that_write_keys_are_not_merged() {
    let cluster = cluster([Some("price"); 3]).await;
    let number = cluster.workers[0].target.request(b"count");
    let answer = cluster.until_answered(number).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("host_limit: "), "{answer}");
    assert!(answer.contains("reads keys and writes none"), "{answer}");
}

#[tokio::test]
async fn a_worker_that_is_away_stops_nobody() {
    let mut cluster = cluster([Some("price"); 3]).await;
    let number = cluster.workers[0].target.request(b"request first");
    cluster.until_answered(number).await;
    cluster.workers[1].kill().await;
    for index in 0..3 {
        let target = &cluster.workers[0].target;
        let number = target.request(format!("request {index}").as_bytes());
        assert_eq!(cluster.until_answered(number).await, b"price");
    }
}

#[tokio::test]
async fn nobody_merges_on_for_a_worker_that_has_gone_away() {
    let mergings = Arc::new(Mergings::default());
    let mut cluster = Cluster::start(VERIFICATION, |index, engine| {
        Arc::new(Endless {
            engine,
            index,
            mergings: mergings.clone(),
        })
    })
    .await;
    let target = cluster.workers[0].target.clone();
    target.request(b"request");
    let is_asked = || !mergings.begun.lock().unwrap().is_empty();
    target.until_or("another merging", is_asked).await;
    let asker = mergings.first.lock().unwrap().unwrap();
    cluster.workers[asker].kill().await;
    let has_left = || {
        let left = mergings.left.lock().unwrap();
        left.iter().any(|index| *index != asker)
    };
    target.until_or("the end of it", has_left).await;
}

#[tokio::test]
async fn proposals_are_for_workers_of_the_cluster_that_sign_them() {
    let cluster = cluster([Some("price"); 3]).await;
    let number = cluster.workers[0].target.request(b"request");
    cluster.until_answered(number).await;
    let records = cluster.workers[0].journal().newest(None, 10).unwrap();
    let request = records[0].id;
    for worker in [cluster.workers[1].worker, Default::default()] {
        let body = AggregateBody {
            worker,
            block: 0,
            state_block: 0,
            outputs: vec![HexBytes(vec![1])],
            signature: HexBytes(vec![1; 64]),
        };
        let refused = cluster.clients[0].aggregate(CONTRACT, request, &body).await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("not_member"), "{error}");
    }
}
