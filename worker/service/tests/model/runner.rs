//! An engine that does what the input says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use phat_engine::{
    Aggregated, Aggregation, EngineHash, FailureCode, HeldMemory, KeyRead, KeyWrite, LogLevel,
    LogLine, Outcome, Processor, Run, RunFailure, RunReport, Transcript, TranscriptHeader,
};
use phat_primitives::CodeHash;
use phat_worker_service::executor::Runner;
use tokio::sync::Semaphore;

/// The engine. Inputs:
///
/// - `throw`: the run fails;
/// - `trap once`: the first run fails for a reason that is the engine's own;
/// - `hold`: the run waits until the test lets it go on;
/// - `compute`: the same, and it has its processor meanwhile;
/// - `count`: the run reads the key `count` and writes it with one more;
/// - `secret NAME`: the output is the secret of this name, or `none`;
/// - what contains `hold this`: as `hold`;
/// - all else: the output is the input, reversed.
///
/// Outputs are merged into their median, as bytes compare.
#[derive(Clone)]
pub struct ModelRunner {
    pub runs: Arc<AtomicU64>,
    pub held: Arc<AtomicU64>,
    release: Arc<Semaphore>,
}

impl ModelRunner {
    pub fn new() -> Self {
        Self {
            runs: Arc::default(),
            held: Arc::default(),
            release: Arc::new(Semaphore::new(0)),
        }
    }

    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::SeqCst)
    }

    pub fn held(&self) -> u64 {
        self.held.load(Ordering::SeqCst)
    }

    /// Lets one run that is held go on.
    pub fn release(&self) {
        self.release.add_permits(1);
    }
}

#[async_trait]
impl Runner for ModelRunner {
    fn hash(&self) -> EngineHash {
        EngineHash([0xe1; 32])
    }

    async fn run(&self, run: Run, processor: Arc<dyn Processor>) -> RunReport {
        processor.take().await;
        let run_number = self.runs.fetch_add(1, Ordering::SeqCst);
        let fail = |code, message: &str| {
            Outcome::Failed(RunFailure {
                code,
                message: message.into(),
            })
        };
        let mut reads = Vec::new();
        let mut writes = Vec::new();
        let outcome = match &run.request.input[..] {
            b"throw" => fail(FailureCode::ScriptThrew, "no"),
            b"trap once" if run_number == 0 => fail(FailureCode::Engine, "out of slots"),
            input if input == b"hold" || contains(input, b"hold this") => {
                processor.give_up();
                self.held.fetch_add(1, Ordering::SeqCst);
                self.release.acquire().await.unwrap().forget();
                Outcome::Output(b"released".to_vec())
            }
            b"compute" => {
                self.held.fetch_add(1, Ordering::SeqCst);
                self.release.acquire().await.unwrap().forget();
                Outcome::Output(b"computed".to_vec())
            }
            b"count" => match run.kv.get(b"count").await {
                Ok(found) => {
                    let count = found.value.first().copied().unwrap_or(0) + 1;
                    reads.push(KeyRead {
                        key: b"count".to_vec(),
                        version: found.version,
                    });
                    writes.push(KeyWrite {
                        key: b"count".to_vec(),
                        value: vec![count],
                    });
                    Outcome::Output(vec![count])
                }
                Err(error) => fail(FailureCode::KeyValueUnavailable, &error.to_string()),
            },
            input if input.starts_with(b"secret ") => {
                let name = std::str::from_utf8(&input[b"secret ".len()..]).unwrap();
                match (run.secrets.why_unreadable(name), run.secrets.get(name)) {
                    (Some(why), _) => fail(FailureCode::SecretUnreadable, why),
                    (None, Some(value)) => Outcome::Output(value.to_vec()),
                    (None, None) => Outcome::Output(b"none".to_vec()),
                }
            }
            input => Outcome::Output(input.iter().rev().copied().collect()),
        };
        RunReport {
            outcome,
            reads,
            writes,
            logs: vec![LogLine {
                level: LogLevel::Info,
                message: "ran".into(),
            }],
            fuel_used: 1_000,
            elapsed: Duration::from_millis(1),
            memory: HeldMemory::default(),
            transcript: Transcript {
                header: TranscriptHeader {
                    engine: self.hash(),
                    code_hash: CodeHash::of(&run.code),
                    request: run.request,
                    limits: run.limits,
                    allowed_hosts: run.allowed_hosts,
                },
                entries: Vec::new(),
            },
        }
    }

    async fn aggregate(
        &self,
        aggregation: Aggregation,
        processor: Arc<dyn Processor>,
    ) -> Aggregated {
        processor.take().await;
        let mut outputs = aggregation.outputs;
        outputs.sort();
        let middle = outputs.len() / 2;
        Aggregated {
            outcome: Outcome::Output(outputs.swap_remove(middle)),
            logs: vec![LogLine {
                level: LogLevel::Info,
                message: "merged".into(),
            }],
            fuel_used: 1_000,
            elapsed: Duration::from_millis(1),
        }
    }
}

fn contains(input: &[u8], part: &[u8]) -> bool {
    input.windows(part.len()).any(|window| window == part)
}
