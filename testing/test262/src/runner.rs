//! Running tests, as many at once as there are processors.

use std::sync::Arc;

use anyhow::Context;
use futures::{StreamExt, stream};
use phat_engine::{
    ContractKeys, Engine, EngineConfig, FailureCode, NoKeyValue, Outcome, Run, RunClass, RunReport,
    RunRequest, Secrets,
};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};

use crate::{
    program::{DONE, Expects, Mode, Plan, Program, plan},
    suite::Suite,
};

/// What a test may use: more than any of them needs.
const FUEL: u64 = 50_000_000_000;
/// As the fuel bounds it, time is only for what waits.
const TIME_MS: u64 = 600_000;
/// The most of a failure's message that is kept.
const MESSAGE_CHARS_MAX: usize = 200;

/// What came of a test in one mode.
pub struct TestResult {
    pub path: String,
    pub verdict: Verdict,
}

pub enum Verdict {
    Passed(Mode),
    /// With what happened instead.
    Failed(Mode, String),
    Skipped(&'static str),
}

/// Runs tests, and tells what came of each in the order of the paths.
pub async fn run(suite: &Suite, paths: Vec<String>) -> anyhow::Result<Vec<TestResult>> {
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    // Each run holds a thread while it computes.
    let engine = Engine::new(EngineConfig {
        calls_concurrent_max: 8 * at_once,
        ..EngineConfig::default()
    })?;
    let tests = stream::iter(paths).map(|path| {
        let planned = suite.read(&path).and_then(|source| plan(suite, &source));
        let engine = engine.clone();
        async move {
            let planned = planned.with_context(|| path.clone())?;
            tokio::spawn(async move { test(&engine, path, planned).await })
                .await
                .context("a test made the engine panic")
        }
    });
    let mut results = Vec::new();
    let mut tests = tests.buffered(2 * at_once);
    while let Some(result) = tests.next().await {
        results.extend(result?);
    }
    Ok(results)
}

async fn test(engine: &Engine, path: String, plan: Plan) -> Vec<TestResult> {
    let programs = match plan {
        Plan::Run(programs) => programs,
        Plan::Skip(reason) => {
            let verdict = Verdict::Skipped(reason);
            return vec![TestResult { path, verdict }];
        }
    };
    let mut results = Vec::new();
    for program in programs {
        let report = engine.run(contract(&program.text)).await;
        let verdict = match differs(&report, &program) {
            None => Verdict::Passed(program.mode),
            Some(how) => {
                let how = how.lines().next().unwrap_or_default();
                Verdict::Failed(program.mode, how.chars().take(MESSAGE_CHARS_MAX).collect())
            }
        };
        results.push(TestResult {
            path: path.clone(),
            verdict,
        });
    }
    results
}

fn contract(text: &str) -> Run {
    let id = ContractId([0; 32]);
    Run {
        class: RunClass::Call,
        code: Arc::from(text.as_bytes()),
        request: RunRequest {
            contract: id,
            request: RequestId([0; 32]),
            input: Vec::new(),
            caller: String::new(),
            chain: String::new(),
            block: 0,
            settings: "{}".to_owned(),
        },
        limits: Limits {
            fuel: FUEL,
            time_ms: TIME_MS,
            ..Limits::default()
        },
        allowed_hosts: Vec::new(),
        kv: Arc::new(NoKeyValue),
        keys: Arc::new(ContractKeys::local(id)),
        secrets: Secrets::default(),
    }
}

/// How a run ended, if not as it should.
fn differs(report: &RunReport, program: &Program) -> Option<String> {
    let failed = match &report.outcome {
        Outcome::Output(_) => None,
        Outcome::Failed(failure) => Some(failure),
    };
    let ending = || match &report.outcome {
        Outcome::Output(bytes) => format!("gave {:?}", String::from_utf8_lossy(bytes)),
        Outcome::Failed(failure) => failure.to_string(),
    };
    let is_right = match &program.expects {
        Expects::Done => report.outcome == Outcome::Output(DONE.as_bytes().to_vec()),
        Expects::DoneInLog => report.logs.iter().any(|line| line.message == DONE),
        // The value of its last expression may be of any kind.
        Expects::NoError => failed.is_none_or(|failure| failure.code == FailureCode::WrongType),
        Expects::Error(negative) => failed.is_some_and(|failure| {
            let code = if negative.is_early {
                FailureCode::InvalidScript
            } else {
                FailureCode::ScriptThrew
            };
            failure.code == code && failure.message.starts_with(&negative.error)
        }),
    };
    (!is_right).then(ending)
}
