//! A worker on this machine, with what a test needs to break it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use alloy::primitives::{Address, U256};
use anyhow::Context;
use phat_worker_client::{RequestEntry, WorkerClient};

use crate::{
    compiled::Kept,
    process::{Program, until},
};

/// How a worker follows the chain with a light client.
#[derive(Clone, Debug)]
pub struct LightClient {
    /// The file with the chain's specification.
    pub chain_spec: PathBuf,
    /// The nodes to begin with.
    pub bootnodes: Vec<String>,
    /// Seconds without a finalised block until it says so.
    pub silence_s: u64,
}

/// How a worker is started.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// The folder of its keys, journal and log.
    pub folder: PathBuf,
    /// The WebSocket URL of a Phat node, which is believed unless there is a light client.
    pub chain: String,
    /// The light client, if it is to have one.
    pub light_client: Option<LightClient>,
    /// The EVM endpoints, as `eip155:ID=URL`.
    pub targets: Vec<String>,
    /// A certificate authority to trust besides the system's.
    pub extra_ca: PathBuf,
    /// What vouches for it: `none`, or `simulated`.
    pub attestation: &'static str,
    /// The longest that a receipt waits for its batch, in seconds.
    pub batch_every_s: u64,
    /// The account of its operator. Workers that run at the same time have one each: of two
    /// transactions of an account at the same time, one is refused.
    pub operator: &'static str,
    /// Arguments besides.
    pub arguments: Vec<String>,
}

impl WorkerOptions {
    /// How long it waits for the worker that ranks before it: two blocks, unless its
    /// arguments say something else.
    fn takeover(&self) -> &'static [&'static str] {
        let is_given = self.arguments.iter().any(|it| it == "--takeover-blocks");
        if is_given {
            &[]
        } else {
            &["--takeover-blocks", "2"]
        }
    }

    /// The options that tell how the worker follows the chain.
    fn follow(&self) -> Vec<OsString> {
        let Some(light) = &self.light_client else {
            return vec!["--trust-rpc".into(), (&self.chain).into()];
        };
        let silence = light.silence_s.to_string();
        let mut follow: Vec<OsString> = vec!["--chain-spec".into(), (&light.chain_spec).into()];
        follow.extend(["--chain-silence-s".into(), silence.into()]);
        for bootnode in &light.bootnodes {
            follow.extend(["--bootnode".into(), bootnode.into()]);
        }
        follow
    }
}

/// A `phat-worker` that registers itself and serves cluster 0.
pub struct Worker {
    options: WorkerOptions,
    program: Program,
    url: String,
    client: WorkerClient,
}

impl Worker {
    /// Starts it and waits until it is healthy.
    pub async fn start(options: WorkerOptions) -> anyhow::Result<Self> {
        let mut worker = Self::launch(options, &[]).await?;
        worker.until_ready().await?;
        Ok(worker)
    }

    /// Starts it where it cannot be healthy, and waits for its HTTP API alone.
    pub async fn start_without_health(options: WorkerOptions) -> anyhow::Result<Self> {
        Self::launch(options, &[]).await
    }

    /// Starts it so that it stops acting on each request that reaches `step` of
    /// its journal: the moment to kill it.
    pub async fn start_paused(options: WorkerOptions, step: &str) -> anyhow::Result<Self> {
        let mut worker = Self::launch(options, &["--pause-after", step]).await?;
        worker.until_ready().await?;
        Ok(worker)
    }

    async fn launch(options: WorkerOptions, extra: &[&str]) -> anyhow::Result<Self> {
        let data = options.folder.join("worker");
        std::fs::create_dir_all(&data)?;
        let kept = Kept::of(options.attestation, &options.arguments)?;
        if let Some(kept) = &kept {
            kept.give(&data)?;
        }
        let address = data.join("http.addr");
        // What an earlier process wrote there is not the address of this one.
        let _ = std::fs::remove_file(&address);
        let mut program = Program::start(
            "phat-worker",
            &options.folder.join("worker.log"),
            |command| {
                command
                    .arg("--data-dir")
                    .arg(&data)
                    .args(options.follow())
                    .args(["--cluster", "0", "--operator-suri", options.operator])
                    .args(["--attestation", options.attestation])
                    .args(["--batch-every-s", &options.batch_every_s.to_string()])
                    .args(&options.arguments)
                    .args(["--listen", "127.0.0.1:0", "--log-format", "text"])
                    .args(["--confirmations", "0"])
                    .args(options.takeover())
                    .arg("--allow-private-egress")
                    .arg("--extra-ca")
                    .arg(&options.extra_ca)
                    .args(extra);
                for target in &options.targets {
                    command.args(["--target", target]);
                }
            },
        )?;
        let url = program
            .until("its HTTP address", async |_| read_address(&address))
            .await?;
        if let Some(kept) = &kept {
            kept.take(&data)?;
        }
        let client = WorkerClient::new(&url)?;
        Ok(Self {
            options,
            program,
            url,
            client,
        })
    }

    /// Waits until it is healthy.
    pub async fn until_ready(&mut self) -> anyhow::Result<()> {
        let client = &self.client;
        self.program
            .until("health", async |_| {
                client.health().await.ok().filter(|health| health.ready)
            })
            .await?;
        Ok(())
    }

    /// The account with which it pays on `chain`.
    pub async fn relay_account(&self, chain: &str) -> anyhow::Result<Address> {
        let info = self.client.info().await?;
        let target = info.targets.iter().find(|target| target.chain == chain);
        let account = &target
            .with_context(|| format!("it serves no {chain}"))?
            .relay_account;
        Ok(account.parse()?)
    }

    /// The requests of anchors that it knows of.
    pub async fn requests(&self) -> anyhow::Result<Vec<RequestEntry>> {
        Ok(self.client.requests(None).await?.requests)
    }

    /// What it knows of the request with this id at an anchor, of the only anchor it serves.
    pub async fn request_at_anchor(&self, id: U256) -> anyhow::Result<Option<RequestEntry>> {
        let (requests, number) = (self.requests().await?, id.to_string());
        Ok(requests.into_iter().find(|entry| entry.number == number))
    }

    /// One of its metrics about a target chain, without the name that they all begin with;
    /// none if it has not counted there yet.
    pub async fn metric(&self, name: &str, chain: &str) -> anyhow::Result<Option<f64>> {
        let line = format!("phat_worker_{name}{{chain={chain:?}}} ");
        let text = self.client.metrics().await?;
        let value = text.lines().find_map(|found| found.strip_prefix(&line));
        Ok(value.map(str::parse::<f64>).transpose()?)
    }

    /// Its HTTP API.
    pub fn client(&self) -> &WorkerClient {
        &self.client
    }

    /// The URL of its HTTP API.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The process id.
    pub fn id(&self) -> anyhow::Result<u32> {
        self.program.id().context("the worker has ended")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.program.output()
    }

    /// Kills it (SIGKILL) and returns what is needed to start it again.
    pub async fn kill(self) -> anyhow::Result<WorkerOptions> {
        self.program.kill().await?;
        Ok(self.options)
    }

    /// Asks it to end (SIGTERM).
    pub async fn terminate(self) -> anyhow::Result<(WorkerOptions, ExitStatus)> {
        let status = self.program.terminate().await?;
        Ok((self.options, status))
    }

    /// Waits until the journal has `count` requests in `step`.
    pub async fn until_step(&self, step: &str, count: usize) -> anyhow::Result<()> {
        until(&format!("{count} requests in step {step}"), async || {
            let requests = self.requests().await?;
            let found = requests
                .iter()
                .filter(|request| request.step == step)
                .count();
            Ok((found >= count).then_some(()))
        })
        .await
    }
}

/// The file is there in full once it ends with a line feed.
fn read_address(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let address = text.strip_suffix('\n')?;
    Some(format!("http://{address}"))
}
