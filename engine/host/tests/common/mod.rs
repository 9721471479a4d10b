//! What the tests of the engine share: one engine, and runs in few words.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod guests;
pub mod http2;
pub mod proxy;
pub mod server;

use std::{
    path::Path,
    sync::{Arc, LazyLock},
    time::Duration,
};

use phat_engine::{
    CacheConfig, Completion, ContractKeys, EgressConfig, Engine, EngineConfig, Entry, FailureCode,
    HttpErrorCode, NoKeyValue, Outcome, Run, RunClass, RunReport, RunRequest, Secrets,
};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};
use zeroize::Zeroizing;

/// The contract that all tests run.
pub const CONTRACT: ContractId = ContractId([0xc0; 32]);

/// An engine that may reach the test server, whose authority it trusts.
pub static ENGINE: LazyLock<Engine> = LazyLock::new(|| engine(true));

pub fn engine(allow_private_networks: bool) -> Engine {
    Engine::new(EngineConfig {
        egress: egress(allow_private_networks),
        // All tests run the same contract, and a quarter of these is one contract's.
        runs_concurrent_max: 128,
        calls_concurrent_max: 128,
        cache: Some(cache("compiled")),
        ..EngineConfig::default()
    })
    .unwrap()
}

/// A folder for compiled code, the same for all tests that give this name.
pub fn cache(name: &str) -> CacheConfig {
    CacheConfig {
        folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name),
        key: Zeroizing::new([7; 32]),
        bytes_max: 1 << 30,
    }
}

pub fn egress(allow_private_networks: bool) -> EgressConfig {
    EgressConfig {
        allow_private_networks,
        extra_ca_pem: vec![server::AUTHORITY.pem.clone().into_bytes()],
        // However slow the machine is: what is kept is there for the next run.
        idle_time_max: Duration::from_secs(3_600),
        ..EgressConfig::default()
    }
}

/// A script whose function sees the address of a server as `url`.
pub fn fetching(url: &str, body: &str) -> Run {
    run(&format!(
        "const url = '{url}';
        const failure = (promise) => promise.then((r) => 'status ' + r.status, (e) => e.name + ': ' + e.message);
        export default async function () {{ {body} }}"
    ))
}

/// The error code of the first request that failed.
pub fn first_error(report: &RunReport) -> Option<HttpErrorCode> {
    let entries = report.transcript.entries.iter();
    entries
        .filter_map(|entry| match entry {
            Entry::Waited { event: Some(event) } => Some(&event.completion),
            _ => None,
        })
        .find_map(|completion| match completion {
            Completion::RequestFailed(error) => Some(error.code),
            _ => None,
        })
}

/// A run of a script without input, which may call every host.
pub fn run(script: &str) -> Run {
    Run {
        class: RunClass::Anchor,
        code: Arc::from(script.as_bytes()),
        request: RunRequest {
            contract: CONTRACT,
            request: RequestId([0x1d; 32]),
            input: Vec::new(),
            caller: "0xca11".to_owned(),
            chain: "eip155:31337".to_owned(),
            block: 7,
            settings: "{}".to_owned(),
        },
        limits: Limits {
            // Tests that hang should not hang for long.
            time_ms: 60_000,
            ..Limits::default()
        },
        allowed_hosts: vec!["*".to_owned()],
        kv: Arc::new(NoKeyValue),
        keys: Arc::new(ContractKeys::local(CONTRACT)),
        secrets: Secrets::default(),
    }
}

/// Runs a script, and replays it: the replay must give the same report.
pub async fn report(run: Run) -> RunReport {
    let code = run.code.clone();
    let report = ENGINE.run(run).await;
    let replayed = ENGINE.replay(code, &report.transcript).await.unwrap();
    assert_same(&report, &replayed);
    report
}

/// Compares all that a replay must reproduce.
pub fn assert_same(one: &RunReport, other: &RunReport) {
    assert_eq!(one.outcome, other.outcome);
    assert_eq!(one.logs, other.logs);
    assert_eq!(one.reads, other.reads);
    assert_eq!(one.writes, other.writes);
    assert_eq!(one.fuel_used, other.fuel_used);
    assert_eq!(one.transcript.root(), other.transcript.root());
}

/// The text that a script returns. `body` is the body of its function.
pub async fn returned(body: &str) -> String {
    let script = format!(
        "import * as phat from 'phat';\nexport default async function (request) {{ {body} }}"
    );
    text(&report(run(&script)).await)
}

pub fn text(report: &RunReport) -> String {
    match &report.outcome {
        Outcome::Output(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        Outcome::Failed(failure) => panic!("{failure}\n{:?}", report.logs),
    }
}

/// Checks that a run fails with a code, and says certain words.
pub async fn fails(run: Run, code: FailureCode, words: &str) -> RunReport {
    let report = report(run).await;
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

/// Checks what expressions give as text. Each may wait, and has `phat`.
pub async fn check_expressions(prelude: &str, table: &[(&str, &str)]) {
    for (expression, expected) in table {
        let found = returned(&format!(
            "{prelude}
            const failure = async (f) => {{ try {{ return await f() }} catch (e) {{ return e.name + ': ' + e.message }} }};
            const nameOf = async (f) => {{ try {{ return String(await f()) }} catch (e) {{ return e.name }} }};
            const {{ hex, hash }} = phat;
            return new TextEncoder().encode(String(await ({expression})))"
        ))
        .await;
        assert_eq!(found, *expected, "{expression}");
    }
}
