//! Contracts and servers that misbehave: each run ends in its named failure, the
//! engine goes on, and other contracts are served meanwhile.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod components;
mod concurrency;
mod failures;
mod network;
mod resources;
mod tampering;

use std::cell::Cell;

use common::{ENGINE, assert_same, run};
use phat_engine::{Engine, FailureCode, Outcome, Run, RunReport};
use phat_manifest::Limits;
use phat_primitives::ContractId;

fn with_limits(script: &str, limits: Limits) -> Run {
    Run {
        limits,
        ..run(script)
    }
}

/// Enough fuel for a second or two of a loop.
fn short() -> Limits {
    Limits {
        fuel: 500_000_000,
        ..Limits::default()
    }
}

/// Runs what must fail with this code and these words, replays it, and has the engine
/// run another contract until it is over and once more.
async fn attack(run: Run, code: FailureCode, words: &str) -> RunReport {
    attack_on(&ENGINE, run, code, words).await
}

async fn attack_on(engine: &Engine, run: Run, code: FailureCode, words: &str) -> RunReport {
    let report = beside_others(engine, run).await;
    match &report.outcome {
        Outcome::Failed(failure) => {
            assert_eq!(failure.code, code, "{failure}");
            assert!(
                failure.message.contains(words),
                "{failure} does not say {words:?}"
            );
        }
        Outcome::Output(bytes) => panic!("gave {:?}", String::from_utf8_lossy(bytes)),
    }
    report
}

/// Runs and replays, while another contract is served.
async fn beside_others(engine: &Engine, run: Run) -> RunReport {
    let is_over = Cell::new(false);
    let hostile = async {
        let code = run.code.clone();
        let report = engine.run(run).await;
        let replayed = engine.replay(code, &report.transcript).await.unwrap();
        assert_same(&report, &replayed);
        is_over.set(true);
        report
    };
    let others = async {
        while !is_over.get() {
            serve(engine).await;
        }
        serve(engine).await;
    };
    tokio::join!(hostile, others).0
}

/// A run of a contract that behaves.
async fn serve(engine: &Engine) {
    let mut run = run("export default async ({ input }) => {
        await new Promise((done) => setTimeout(done, 1));
        return input.reverse();
    }");
    run.request.contract = ContractId([0x0b; 32]);
    run.request.input = vec![1, 2, 3];
    let report = engine.run(run).await;
    assert_eq!(report.outcome, Outcome::Output(vec![3, 2, 1]));
}
