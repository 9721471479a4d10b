//! Measures the engine: `cargo run --release -p phat-engine --example measure`.
#![allow(clippy::print_stdout, reason = "the figures are the output")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use phat_engine::{
    ContractKeys, Engine, EngineConfig, NoKeyValue, Outcome, Run, RunClass, RunRequest, Secrets,
};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};

const RUNS: usize = 5000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let before = resident_kib();
    let started = Instant::now();
    let engine = Engine::new(EngineConfig::default()).expect("the engine starts");
    println!("engine start         {:?}", started.elapsed());
    println!(
        "engine memory        {} KiB",
        resident_kib().saturating_sub(before)
    );

    measure(&engine, "trivial script", RUNS, "export default () => ''").await;
    measure(
        &engine,
        "fib(27)",
        5,
        "const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); export default () => String(fib(27))",
    )
    .await;
    measure(
        &engine,
        "keccak256 of 1 MiB",
        20,
        "import { hash } from 'phat'; export default () => hash.keccak256(new Uint8Array(1 << 20))",
    )
    .await;
    println!(
        "memory after         {} KiB",
        resident_kib().saturating_sub(before)
    );
}

async fn measure(engine: &Engine, name: &str, runs: usize, script: &str) {
    let mut times = Vec::with_capacity(runs);
    let mut fuel = 0;
    for _ in 0..runs {
        let report = engine.run(run(script)).await;
        assert!(
            matches!(report.outcome, Outcome::Output(_)),
            "{:?}",
            report.outcome
        );
        times.push(report.elapsed);
        fuel = report.fuel_used;
    }
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or(Duration::MAX)
    };
    println!("{name:20} p50 {:?}  p99 {:?}  fuel {fuel}", at(50), at(99));
}

fn run(script: &str) -> Run {
    Run {
        class: RunClass::Call,
        code: Arc::from(script.as_bytes()),
        request: RunRequest {
            contract: ContractId([0; 32]),
            request: RequestId([0; 32]),
            input: Vec::new(),
            caller: String::new(),
            chain: String::new(),
            block: 0,
            settings: "{}".to_owned(),
        },
        limits: Limits::default(),
        allowed_hosts: Vec::new(),
        kv: Arc::new(NoKeyValue),
        keys: Arc::new(ContractKeys::local(ContractId([0; 32]))),
        secrets: Secrets::default(),
    }
}

/// The resident memory of this process; 0 where the system does not tell.
fn resident_kib() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        })
        .unwrap_or(0)
}
