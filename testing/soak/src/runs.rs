//! The runs, and the server that they fetch from.

use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use axum::{Json, Router, extract::Path, routing::get};
use futures::future::try_join_all;
use phat_engine::{
    ContractKeys, EgressConfig, Engine, EngineConfig, NoKeyValue, Outcome, Run, RunClass,
    RunRequest, Secrets,
};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};
use phat_testing_fixtures::tls::{CertificateAuthority, HttpsServer};
use serde_json::json;
use tokio::sync::Barrier;

/// What the contracts do: the things that a price feed does.
const SCRIPT: &str = "
import { kv, hash, hex, log } from 'phat';

export default async function (request) {
  const { url } = request.settings;
  const index = new DataView(request.input.buffer, request.input.byteOffset).getUint32(0);
  const response = await fetch(`${url}/${index}`, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  const { number, padding } = await response.json();
  const digest = hex.encode(hash.keccak256(padding));
  log.info('fetched', number, digest);
  await kv.set('last', digest);
  return String(number);
}
";
/// Bytes in each answer.
const PADDING_BYTES: usize = 2048;
/// Contracts that share the runs; one alone may not have all of them.
const CONTRACTS: u32 = 8;
/// The memory that runs may have together: 16 GiB.
const MEMORY_TOTAL_BYTES: u64 = 16 * 1024 * 1024 * 1024;

pub struct Runs {
    engine: Engine,
    server: HttpsServer,
    code: Arc<[u8]>,
    concurrent: u32,
}

impl Runs {
    /// Starts the engine and the server. `concurrent` is how many run at once.
    pub async fn start(concurrent: u32) -> anyhow::Result<Self> {
        ensure!(concurrent > 0, "no run at once is no work");
        let authority = CertificateAuthority::new()?;
        let together = Arc::new(Barrier::new(usize::try_from(concurrent)?));
        let answer = |Path(index): Path<u32>| async move {
            Json(json!({ "number": index, "padding": "x".repeat(PADDING_BYTES) }))
        };
        let router = Router::new().route("/alone/{index}", get(answer)).route(
            "/together/{index}",
            get(move |path: Path<u32>| {
                let together = together.clone();
                async move {
                    together.wait().await;
                    answer(path).await
                }
            }),
        );
        let server = HttpsServer::start(&authority, router).await?;
        let config = EngineConfig {
            egress: EgressConfig {
                allow_private_networks: true,
                extra_ca_pem: vec![authority.pem().as_bytes().to_vec()],
                ..EgressConfig::default()
            },
            // A contract has at most a quarter of each.
            runs_concurrent_max: usize::try_from(concurrent)?.max(4 * CONTRACTS as usize),
            http_requests_open_max: usize::try_from(concurrent)?.max(4 * CONTRACTS as usize),
            memory_total_bytes_max: MEMORY_TOTAL_BYTES,
            ..EngineConfig::default()
        };
        Ok(Self {
            engine: Engine::new(config)?,
            server,
            code: Arc::from(SCRIPT.as_bytes()),
            concurrent,
        })
    }

    /// Runs one after the other.
    pub async fn sequential(&self, count: u32) -> anyhow::Result<()> {
        for index in 0..count {
            self.run("alone", index)
                .await
                .with_context(|| format!("run {index}"))?;
        }
        Ok(())
    }

    /// As many at once as there can be: the server answers none before all have asked.
    pub async fn concurrent(&self) -> anyhow::Result<()> {
        let runs = (0..self.concurrent).map(|index| async move {
            self.run("together", index)
                .await
                .with_context(|| format!("run {index}"))
        });
        try_join_all(runs).await?;
        Ok(())
    }

    async fn run(&self, path: &str, index: u32) -> anyhow::Result<()> {
        let tag = u8::try_from(index % CONTRACTS).context("there are few contracts")?;
        let contract = ContractId([tag; 32]);
        let run = Run {
            class: RunClass::Anchor,
            code: self.code.clone(),
            request: RunRequest {
                contract,
                request: RequestId([tag; 32]),
                input: index.to_be_bytes().to_vec(),
                caller: String::new(),
                chain: "eip155:31337".to_owned(),
                block: 1,
                settings: json!({ "url": format!("{}{path}", self.server.url()) }).to_string(),
            },
            limits: Limits::default(),
            allowed_hosts: vec![self.server.host()],
            kv: Arc::new(NoKeyValue),
            keys: Arc::new(ContractKeys::local(contract)),
            secrets: Secrets::default(),
        };
        let report = self.engine.run(run).await;
        match report.outcome {
            Outcome::Output(output) if output == index.to_string().as_bytes() => Ok(()),
            Outcome::Output(output) => bail!("it gave {:?}", String::from_utf8_lossy(&output)),
            Outcome::Failed(failure) => bail!("it failed: {failure}"),
        }
    }
}
