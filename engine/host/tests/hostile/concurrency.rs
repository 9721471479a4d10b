//! Many runs at once, and runs that are given up.

use std::time::Duration;

use phat_engine::{Engine, EngineConfig, FailureCode, Outcome};
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
