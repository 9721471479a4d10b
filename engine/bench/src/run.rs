//! Runs in the engine.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use phat_engine::{ContractKeys, Engine, NoKeyValue, Outcome, Run, RunClass, RunRequest, Secrets};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};

use crate::BenchError;

/// The component that hashes, built by `build.rs`.
pub const SHA256: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sha256.wasm"));

/// Code to run.
pub struct Code {
    code: Arc<[u8]>,
    keys: Arc<ContractKeys>,
}

pub fn script(text: &str) -> Code {
    component(text.as_bytes())
}

pub fn component(code: &[u8]) -> Code {
    Code {
        code: code.into(),
        keys: Arc::new(ContractKeys::local(ContractId([0; 32]))),
    }
}

/// The time of a run from its start to its result, and the result.
pub async fn timed(
    engine: &Engine,
    code: &Code,
    input: &[u8],
) -> Result<(Duration, Vec<u8>), BenchError> {
    let report = engine
        .run(Run {
            class: RunClass::Call,
            code: code.code.clone(),
            request: RunRequest {
                contract: ContractId([0; 32]),
                request: RequestId([0; 32]),
                input: input.to_vec(),
                caller: String::new(),
                chain: String::new(),
                block: 0,
                settings: "{}".to_owned(),
            },
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
            kv: Arc::new(NoKeyValue),
            keys: code.keys.clone(),
            secrets: Secrets::default(),
        })
        .await;
    match report.outcome {
        Outcome::Output(output) => Ok((report.elapsed, output)),
        Outcome::Failed(failure) => Err(BenchError::Run(failure.to_string())),
    }
}

/// The time that an instance takes, made and dropped.
pub async fn instance(engine: &Engine, code: &Code) -> Result<Duration, BenchError> {
    let started = Instant::now();
    let made = engine.instantiate(ContractId([0; 32]), &code.code).await;
    let elapsed = started.elapsed();
    made.map(|()| elapsed)
        .map_err(|failure| BenchError::Run(failure.to_string()))
}
