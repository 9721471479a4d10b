//! The engine that targets run in, without a way out.

use std::sync::{Arc, LazyLock};

use phat_engine::{
    ContractKeys, EgressConfig, Engine, EngineConfig, FailureCode, NameLookup, NoKeyValue, Outcome,
    Run, RunClass, RunReport, RunRequest, Secrets,
};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};
use tokio::runtime::{Builder, Runtime};

const CONTRACT: ContractId = ContractId([0xf0; 32]);
/// What runs may use: little, so that there are many of them.
const FUEL: u64 = 100_000_000;
const MEMORY_BYTES: u64 = 48 * 1024 * 1024;
const TIME_MS: u64 = 20_000;

pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a process can have one more thread")
});

/// Names are looked up here, and all are of this machine, which may not be reached.
pub static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let here = ([127, 0, 0, 1], 0).into();
    Engine::new(EngineConfig {
        egress: EgressConfig {
            lookup: NameLookup::new(move |_| Ok(vec![here])),
            ..EgressConfig::default()
        },
        // All run the same contract, which has a quarter of these, and tests run at once.
        runs_concurrent_max: 32,
        calls_concurrent_max: 32,
        ..EngineConfig::default()
    })
    .expect("the settings are good")
});

pub fn of(code: &[u8], input: &[u8]) -> Run {
    Run {
        class: RunClass::Call,
        code: Arc::from(code),
        request: RunRequest {
            contract: CONTRACT,
            request: RequestId([1; 32]),
            input: input.to_vec(),
            caller: String::new(),
            chain: "eip155:1".to_owned(),
            block: 1,
            settings: "{}".to_owned(),
        },
        limits: Limits {
            fuel: FUEL,
            memory_bytes: MEMORY_BYTES,
            time_ms: TIME_MS,
            transcript_bytes: 1024 * 1024,
            ..Limits::default()
        },
        allowed_hosts: vec!["localhost".to_owned(), "*.example.org".to_owned()],
        kv: Arc::new(NoKeyValue),
        keys: Arc::new(ContractKeys::local(CONTRACT)),
        secrets: Secrets::default(),
    }
}

/// Runs code and replays it, which must give the same. Neither may be a failure of
/// the engine.
pub fn run_and_replay(run: Run) -> RunReport {
    RUNTIME.block_on(async {
        let code = run.code.clone();
        let keys = run.keys.clone();
        let report = ENGINE.run(run).await;
        if let Outcome::Failed(failure) = &report.outcome {
            assert_ne!(failure.code, FailureCode::Engine, "{failure}");
        }
        let replayed = ENGINE
            .replay_with(code, &report.transcript, Some(keys), Secrets::default())
            .await;
        match replayed {
            Ok(again) => {
                assert_eq!(again.outcome, report.outcome);
                assert_eq!(again.logs, report.logs);
                assert_eq!(again.fuel_used, report.fuel_used);
                assert_eq!(again.transcript.root(), report.transcript.root());
            }
            Err(error) => panic!("the replay differs: {error}"),
        }
        report
    })
}
