//! Runs in the engine.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use phat_engine::{ContractKeys, Engine, NoKeyValue, Outcome, Run, RunClass, RunRequest, Secrets};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};

use crate::BenchError;

const CONTRACT: ContractId = ContractId([0; 32]);

/// Code to run: a script, or a component.
pub struct Code {
    code: Arc<[u8]>,
    keys: Arc<ContractKeys>,
}

impl Code {
    pub fn new(code: impl AsRef<[u8]>) -> Self {
        Self {
            code: code.as_ref().into(),
            keys: Arc::new(ContractKeys::local(CONTRACT)),
        }
    }
}

/// The time from asking the engine for a run to having its report, whose output must
/// be the one that is expected.
pub async fn timed(
    engine: &Engine,
    code: &Code,
    input: &[u8],
    expected: &[u8],
) -> Result<Duration, BenchError> {
    let run = Run {
        class: RunClass::Call,
        code: code.code.clone(),
        request: RunRequest {
            contract: CONTRACT,
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
    };
    let started = Instant::now();
    let report = engine.run(run).await;
    let elapsed = started.elapsed();
    match report.outcome {
        Outcome::Output(output) if output == expected => Ok(elapsed),
        Outcome::Output(_) => Err(BenchError::Result),
        Outcome::Failed(failure) => Err(BenchError::Run(failure.to_string())),
    }
}

/// The time that an instance takes, made and dropped.
pub async fn instance(engine: &Engine, code: &Code) -> Result<Duration, BenchError> {
    let started = Instant::now();
    let made = engine.instantiate(CONTRACT, &code.code).await;
    let elapsed = started.elapsed();
    made.map(|()| elapsed)
        .map_err(|failure| BenchError::Run(failure.to_string()))
}
