//! Fakes that the tests of several commands share.

use std::{
    process::ExitCode,
    sync::{Arc, LazyLock, Mutex},
};

use axum::{Router, extract::Request, http::StatusCode, response::IntoResponse};
use clap::Parser;
use phat_engine::{
    ContractKeys, Engine, EngineConfig, NoKeyValue, Run, RunClass, RunRequest, Secrets,
};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId, WorkerId, blake2_256};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use phat_worker_client::ReceiptBundle;
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{cli::Cli, output::Output};

/// An HTTP server that answers as the test says, and records what it was asked.
pub struct FakeWorker {
    pub url: String,
    /// Method, path with query, and body of each request but those for health.
    pub asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl FakeWorker {
    /// Answers every path with what `answer` gives for it.
    pub async fn start(
        answer: impl Fn(&str) -> (StatusCode, String) + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let record = asked.clone();
        let router = Router::new().fallback(async move |request: Request| {
            let (parts, body) = request.into_parts();
            let path = parts.uri.to_string();
            if path == "/health" {
                return answer(&path).into_response();
            }
            let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
                return StatusCode::BAD_REQUEST.into_response();
            };
            let body = String::from_utf8_lossy(&body);
            record
                .lock()
                .unwrap()
                .push(format!("{} {path} {body}", parts.method));
            answer(&path).into_response()
        });
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            url,
            asked,
            serving,
        }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for FakeWorker {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The contract of [`recorded_run`].
pub const CONTRACT: ContractId = ContractId([2; 32]);

pub fn identity() -> Keypair {
    MiniSecretKey::from_bytes(&[1; 32])
        .unwrap()
        .expand_to_keypair(ExpansionMode::Ed25519)
}

pub fn worker_id() -> WorkerId {
    WorkerId(identity().public.to_bytes())
}

/// One engine for all tests: it takes a while to compile.
pub fn local_engine() -> Engine {
    // All tests run the same contract, and a quarter of these is one contract's.
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
        let config = EngineConfig {
            calls_concurrent_max: 256,
            ..EngineConfig::default()
        };
        Engine::new(config).unwrap()
    });
    ENGINE.clone()
}

/// Runs `code` as a worker would and gives the receipt with its data.
pub async fn recorded_run(engine: &Engine, code: &str, input: &[u8]) -> ReceiptBundle {
    recorded_run_with(engine, code, input, Secrets::default()).await
}

/// The same with secrets.
pub async fn recorded_run_with(
    engine: &Engine,
    code: &str,
    input: &[u8],
    secrets: Secrets,
) -> ReceiptBundle {
    let request = RunRequest {
        contract: CONTRACT,
        request: RequestId([3; 32]),
        input: input.to_vec(),
        caller: String::new(),
        chain: String::new(),
        block: 0,
        settings: "{}".into(),
    };
    let report = engine
        .run(Run {
            code: code.as_bytes().into(),
            request,
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
            kv: Arc::new(NoKeyValue),
            keys: Arc::new(ContractKeys::local(CONTRACT)),
            secrets,
            class: RunClass::Call,
        })
        .await;
    let (success, output) = report.outcome.settlement();
    let body = ReceiptBody {
        genesis_hash: [0; 32],
        worker: worker_id(),
        contract: CONTRACT,
        code_hash: report.transcript.header.code_hash,
        engine_hash: engine.hash().0,
        request: RequestId([3; 32]),
        origin: Origin::Http,
        input_hash: blake2_256(input),
        result: if success {
            RunResult::Succeeded
        } else {
            RunResult::Failed
        },
        output_hash: blake2_256(&output),
        transcript_root: report.transcript.root(),
        fuel_used: report.fuel_used,
        ended_at_ms: 1,
    };
    bundle(body, input, &output, report.transcript.encode())
}

/// A receipt signed by the test's worker, with its data.
pub fn bundle(
    body: ReceiptBody,
    input: &[u8],
    output: &[u8],
    transcript: Vec<u8>,
) -> ReceiptBundle {
    let receipt = Receipt::sign(body, &identity());
    ReceiptBundle {
        receipt,
        input: input.to_vec().into(),
        output: output.to_vec().into(),
        transcript: transcript.into(),
    }
}

/// Runs `phat` with these arguments in this process: exit code, result, progress.
pub async fn phat(arguments: &[&str]) -> (u8, String, String) {
    let cli = Cli::try_parse_from(["phat"].iter().chain(arguments)).unwrap();
    let (mut result, mut progress) = (Vec::new(), Vec::new());
    let mut output = Output::new(cli.format(), &mut result, &mut progress);
    let ended = cli.command.run(&mut output).await;
    // An exit code shows nothing but itself.
    let code = if output.end(ended) == ExitCode::SUCCESS {
        0
    } else {
        1
    };
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (code, text(result), text(progress))
}
