//! What runs take from each other, and what they cannot.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use common::{
    egress, run,
    server::{Answer, Server, message},
    text,
};
use phat_engine::{
    Engine, EngineConfig, FailureCode, KeyValueError, KeyValueSource, Outcome, ReplayError, Run,
    RunClass, RunReport, Versioned,
};
use phat_primitives::ContractId;
use tokio::{sync::Semaphore, task::JoinHandle};

const MIB: u64 = 1024 * 1024;

fn of(contract: u8, class: RunClass, script: &str) -> Run {
    let mut run = run(script);
    run.class = class;
    run.request.contract = ContractId([contract; 32]);
    run
}

/// A run that stays where it is, with what it has by then, until it is let go on.
struct Held {
    reached: Arc<Semaphore>,
    released: Arc<Semaphore>,
    task: JoinHandle<RunReport>,
}

struct Gate {
    reached: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

#[async_trait]
impl KeyValueSource for Gate {
    async fn get(&self, _key: &[u8]) -> Result<Versioned, KeyValueError> {
        self.reached.add_permits(1);
        self.released.acquire().await.unwrap().forget();
        Ok(Versioned::default())
    }
}

/// Starts a run that holds so much memory, and waits until it does.
async fn hold(engine: &Engine, contract: u8, class: RunClass, bytes: u64) -> Held {
    let script = format!(
        "import {{ kv }} from 'phat';
        export default async () => {{
            const held = new Uint8Array({bytes}).fill(1);
            await kv.get('gate');
            return 'held ' + held.length;
        }}"
    );
    let (reached, released) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let run = Run {
        kv: Arc::new(Gate {
            reached: reached.clone(),
            released: released.clone(),
        }),
        ..of(contract, class, &script)
    };
    let engine = engine.clone();
    let task = tokio::spawn(async move { engine.run(run).await });
    let held = Held {
        reached,
        released,
        task,
    };
    held.reached.acquire().await.unwrap().forget();
    held
}

impl Held {
    async fn release(self) -> RunReport {
        self.released.add_permits(1);
        self.task.await.unwrap()
    }
}

fn is_put_off(report: &RunReport, words: &str) {
    match &report.outcome {
        Outcome::Failed(failure) => {
            assert!(failure.code.is_transient(), "{failure}");
            assert!(failure.message.contains(words), "{failure}");
        }
        Outcome::Output(bytes) => panic!("gave {:?}", String::from_utf8_lossy(bytes)),
    }
}

const ALLOCATE: &str = "export default () => String(new Uint8Array(100 << 20).fill(1).length)";

#[tokio::test]
async fn calls_cannot_take_the_memory_from_anchors() {
    let engine = Engine::new(EngineConfig {
        memory_total_bytes_max: 400 * MIB,
        ..EngineConfig::default()
    })
    .unwrap();
    let call = hold(&engine, 1, RunClass::Call, 120 * MIB).await;
    let other = engine.run(of(2, RunClass::Call, ALLOCATE)).await;
    is_put_off(&other, "the memory that this worker has for calls");
    let anchor = engine.run(of(2, RunClass::Anchor, ALLOCATE)).await;
    assert_eq!(text(&anchor), (100 * MIB).to_string());
    assert_eq!(text(&call.release().await), format!("held {}", 120 * MIB));
    let again = engine.run(of(2, RunClass::Call, ALLOCATE)).await;
    assert_eq!(text(&again), (100 * MIB).to_string());
}

#[tokio::test]
async fn a_contract_cannot_take_the_memory_from_others() {
    let engine = Engine::new(EngineConfig {
        memory_total_bytes_max: 400 * MIB,
        ..EngineConfig::default()
    })
    .unwrap();
    // The first may have all that its own limits let it have.
    let first = hold(&engine, 1, RunClass::Anchor, 150 * MIB).await;
    let second = engine.run(of(1, RunClass::Anchor, ALLOCATE)).await;
    is_put_off(&second, "other runs of the contract use its share");
    let other = engine.run(of(2, RunClass::Anchor, ALLOCATE)).await;
    assert_eq!(text(&other), (100 * MIB).to_string());
    first.release().await;
}

#[tokio::test]
async fn a_contract_cannot_take_the_runs_from_others() {
    let engine = Engine::new(EngineConfig {
        runs_concurrent_max: 8,
        ..EngineConfig::default()
    })
    .unwrap();
    let ok = "export default () => 'ok'";
    let first = hold(&engine, 1, RunClass::Anchor, 1).await;
    let second = hold(&engine, 1, RunClass::Anchor, 1).await;
    let third = engine.run(of(1, RunClass::Anchor, ok)).await;
    is_put_off(&third, "the contract has 2 runs under way");
    assert_eq!((third.fuel_used, third.transcript.entries.len()), (0, 0));
    assert_eq!(text(&engine.run(of(1, RunClass::Call, ok)).await), "ok");
    assert_eq!(text(&engine.run(of(2, RunClass::Anchor, ok)).await), "ok");
    first.release().await;
    assert_eq!(text(&engine.run(of(1, RunClass::Anchor, ok)).await), "ok");
    second.release().await;
}

/// The host's memory for a run counts, as long as anyone has it.
#[tokio::test]
async fn what_runs_record_and_receive_counts() {
    let start = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let body = [start, vec![b'x'; 12 << 20]].concat();
    let server = Server::start(move |_| Answer::Stalling(body.clone())).await;
    let engine = |mib: u64| {
        Engine::new(EngineConfig {
            egress: egress(true),
            memory_total_bytes_max: mib * MIB,
            ..EngineConfig::default()
        })
        .unwrap()
    };
    // The guest itself starts with little.
    let random = "export default () => {
        for (let i = 0; i < 320; i++) crypto.getRandomValues(new Uint8Array(65536));
        return 'ok';
    }";
    let small = engine(20);
    is_put_off(
        &small.run(of(1, RunClass::Anchor, random)).await,
        "memory of this worker",
    );
    let enough = engine(40);
    let report = enough.run(of(1, RunClass::Anchor, random)).await;
    assert_eq!(text(&report), "ok");
    assert!((20 * MIB..21 * MIB).contains(&report.memory.bytes()));
    // A report that is kept leaves less for the next run, of whatever contract.
    let next = enough.run(of(2, RunClass::Anchor, random)).await;
    is_put_off(&next, "memory of this worker");
    drop(report);
    drop(next);
    assert_eq!(
        text(&enough.run(of(2, RunClass::Anchor, random)).await),
        "ok"
    );

    // Bodies count while they are on their way, before the script sees any.
    let port = server.address.port();
    let fetch = format!(
        "export default async () => {{
            for (const n of [1, 2, 3]) fetch('https://localhost:{port}/' + n);
            await new Promise((done) => setTimeout(done, 20_000));
        }}"
    );
    let report = engine(30).run(of(1, RunClass::Anchor, &fetch)).await;
    is_put_off(&report, "memory of this worker");
}

/// A replayer that has no room has shown nothing about the transcript.
#[tokio::test]
async fn a_replay_without_room_is_no_divergence() {
    let script = "export default () => String(Date.now())";
    let report = common::ENGINE.run(run(script)).await;
    text(&report);
    let replay = async |config: EngineConfig| {
        let engine = Engine::new(config).unwrap();
        let code = script.as_bytes().into();
        engine.replay(code, &report.transcript).await
    };
    let config = EngineConfig {
        memory_total_bytes_max: 1,
        ..EngineConfig::default()
    };
    match replay(config).await {
        Err(ReplayError::Engine(why)) => assert!(why.contains("memory of this worker"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert!(replay(EngineConfig::default()).await.is_ok());
}

/// Without a bound for all, one contract's requests could use up all sockets.
#[tokio::test]
async fn open_requests_are_bounded_for_all_runs_together() {
    let check = async |class, http_requests_open_max: usize, expected: &str| {
        // The server answers once two requests are open at the same time.
        let server = Server::start(|_| Answer::Together(2, message("200 OK", &[], b""))).await;
        let script = format!(
            "const get = (n) => fetch('https://localhost:{}/' + n).then(() => 'ok', (e) => e.name);
            export default async () => (await Promise.all([get(1), get(2)])).join()",
            server.address.port()
        );
        let engine = Engine::new(EngineConfig {
            egress: egress(true),
            http_requests_open_max,
            ..EngineConfig::default()
        })
        .unwrap();
        let mut run = of(1, class, &script);
        run.limits.http_time_ms = 300;
        assert_eq!(text(&engine.run(run).await), expected);
    };
    // Of seven, a quarter is one: the first was alone, until it gave up.
    check(RunClass::Anchor, 7, "TimeoutError,ok").await;
    check(RunClass::Anchor, 8, "ok,ok").await;
    // Of a contract's part, calls have half.
    check(RunClass::Call, 15, "TimeoutError,ok").await;
    check(RunClass::Call, 16, "ok,ok").await;
}

#[tokio::test]
async fn failures_for_lack_of_room_are_the_engines() {
    let engine = Engine::new(EngineConfig {
        memory_total_bytes_max: 1,
        ..EngineConfig::default()
    })
    .unwrap();
    let run = of(1, RunClass::Anchor, "export default () => ''");
    let report = tokio::time::timeout(Duration::from_secs(60), engine.run(run)).await;
    let Outcome::Failed(failure) = report.unwrap().outcome else {
        panic!("it ran");
    };
    assert_eq!(failure.code, FailureCode::Engine);
}
