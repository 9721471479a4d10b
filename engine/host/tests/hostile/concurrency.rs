//! Many runs at once, and runs that are given up.

use std::time::Duration;

use phat_engine::{Engine, EngineConfig, FailureCode, Outcome, RunClass};
use phat_manifest::Limits;
use tokio::time::timeout;

use crate::{
    common::{ENGINE, run, text},
    with_limits,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_runs_at_once_each_get_their_own() {
    let hostile = "export default () => { for (;;) {} }";
    let runs = (0..100u8).map(|index| async move {
        if index % 10 == 0 {
            let limits = Limits {
                fuel: 50_000_000,
                ..Limits::default()
            };
            let mut run = with_limits(hostile, limits);
            run.request.contract.0[0] = index;
            let report = ENGINE.run(run).await;
            assert!(
                matches!(&report.outcome, Outcome::Failed(f) if f.code == FailureCode::OutOfFuel)
            );
            return;
        }
        let mut run = run("globalThis.count = (globalThis.count ?? 0) + 1;
            export default async ({ input }) => {
                await new Promise((done) => setTimeout(done, 5));
                return new Uint8Array([input[0], count]);
            }");
        run.request.input = vec![index];
        run.request.contract.0[0] = index;
        let report = ENGINE.run(run).await;
        assert_eq!(report.outcome, Outcome::Output(vec![index, 1]));
    });
    let tasks: Vec<_> = runs.map(tokio::spawn).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Whoever stops waiting for a run ends it, whatever it does just then.
#[tokio::test]
async fn a_run_that_nobody_waits_for_makes_room() {
    let engine = Engine::new(EngineConfig {
        runs_concurrent_max: 1,
        ..EngineConfig::default()
    })
    .unwrap();
    for body in [
        "for (;;) {}",
        "return new Promise((done) => setTimeout(done, 50_000))",
    ] {
        let script = format!("export default () => {{ {body} }}");
        let abandoned = timeout(Duration::from_millis(50), engine.run(run(&script))).await;
        assert!(abandoned.is_err(), "{body} came to an end");
        let next = engine.run(run("export default () => 'next'")).await;
        assert_eq!(text(&next), "next");
    }
}

/// The next run has its room and its memory at once, whether the instance of the last one was
/// small, and is taken down while that goes on, or so large that two of them do not fit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_has_ended_makes_room() {
    const MEBIBYTE: u64 = 1024 * 1024;
    let engine = Engine::new(EngineConfig {
        runs_concurrent_max: 1,
        calls_concurrent_max: 1,
        // Calls get half of it: room for one that takes 32 MiB, beside a small anchor's run.
        memory_total_bytes_max: 96 * MEBIBYTE,
        ..EngineConfig::default()
    })
    .unwrap();
    let runs = |class, bytes: u64| {
        let engine = engine.clone();
        async move {
            for index in 0..200u8 {
                let mut run = run(&format!(
                    "globalThis.bytes = new Uint8Array({bytes}).fill(1);
                    export default ({{ input }}) => input"
                ));
                run.class = class;
                run.request.contract.0[0] = u8::from(class == RunClass::Call);
                run.request.input = vec![index];
                let report = engine.run(run).await;
                assert_eq!(report.outcome, Outcome::Output(vec![index]));
            }
        }
    };
    let small = tokio::spawn(runs(RunClass::Anchor, 1));
    let large = tokio::spawn(runs(RunClass::Call, 32 * MEBIBYTE));
    small.await.unwrap();
    large.await.unwrap();
}
