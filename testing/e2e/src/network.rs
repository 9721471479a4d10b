//! Everything that the main job needs, on one machine.

use std::path::PathBuf;

use anyhow::Context;
use phat_testing_fixtures::{
    anvil::{Anvil, AnvilOptions, Mining},
    lens::LensApi,
    prices::PriceApi,
    tls::CertificateAuthority,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    cli::phat_ok,
    evm::Consumer,
    node::Node,
    process,
    project::Project,
    worker::{Worker, WorkerOptions},
};

/// The profiles that the Lens API knows, with their followers.
pub const PROFILES: [(&str, u64); 2] = [("0x01", 21_437), ("0x02", 305)];

/// The longest that receipts wait for their batches where a test does not look at them.
pub const BATCH_EVERY_S: u64 = 600;

/// The time between two blocks of the EVM chain.
pub const EVM_BLOCK_SECONDS: u64 = 1;

/// A Phat node, an EVM node and a Lens API. Whatever is not stopped before is
/// killed when this is dropped.
pub struct Network {
    /// The Phat chain.
    pub node: Node,
    /// The EVM chain.
    pub anvil: Anvil,
    /// The API that contracts ask.
    pub lens: LensApi,
    folder: TempDir,
    authority: CertificateAuthority,
    extra_ca: PathBuf,
    is_over: bool,
}

/// The Lens example, deployed on both chains and allowed to answer.
pub struct Oracle {
    /// The consumer on the EVM chain.
    pub consumer: Consumer,
    /// The contract's id on the Phat chain.
    pub contract: String,
}

impl Network {
    /// Starts the three servers.
    pub async fn start() -> anyhow::Result<Self> {
        install_tls_provider();
        let folder = TempDir::with_prefix("phat-e2e-")?;
        let authority = CertificateAuthority::new()?;
        let extra_ca = folder.path().join("authority.pem");
        std::fs::write(&extra_ca, authority.pem())?;
        Ok(Self {
            node: Node::start(folder.path()).await?,
            anvil: Anvil::spawn(&AnvilOptions {
                mining: Mining::Every(EVM_BLOCK_SECONDS),
                ..AnvilOptions::default()
            })
            .await?,
            lens: LensApi::start(&authority, PROFILES).await?,
            folder,
            authority,
            extra_ca,
            is_over: false,
        })
    }

    /// Starts sources of a price, which the workers of this network trust.
    pub async fn start_prices(&self, price: &str) -> anyhow::Result<PriceApi> {
        PriceApi::start(&self.authority, price).await
    }

    /// Ends it without a word about what its programs have logged.
    pub fn end(mut self) {
        self.is_over = true;
    }

    /// A folder that lives as long as the network.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The EVM chain's name.
    pub fn evm_chain(&self) -> String {
        format!("eip155:{}", self.anvil.chain_id())
    }

    /// How the first worker of this network is started.
    pub fn worker_options(&self) -> WorkerOptions {
        WorkerOptions {
            folder: self.folder.path().to_owned(),
            chain: self.node.url().to_owned(),
            light_client: None,
            targets: vec![format!("{}={}", self.evm_chain(), self.anvil.url())],
            extra_ca: self.extra_ca.clone(),
            attestation: "none",
            batch_every_s: BATCH_EVERY_S,
            operator: "//Bob",
            arguments: Vec::new(),
        }
    }

    /// Deploys the Lens example on both chains, funds the worker's relay account
    /// and allows the contract's key as attestor.
    pub async fn deploy_lens(&self, worker: &Worker) -> anyhow::Result<Oracle> {
        let project = Project::lens_stats(self.folder.path(), &self.lens)?;
        self.deploy(worker, &project).await
    }

    /// The same for another contract behind the same consumer.
    pub async fn deploy(&self, worker: &Worker, project: &Project) -> anyhow::Result<Oracle> {
        let consumer = Consumer::deploy(&self.anvil.url()).await?;
        let anchor = format!(
            "{}:{}@{}",
            self.evm_chain(),
            consumer.address(),
            consumer.block
        );
        let worker_url = worker.url();
        let deployed = phat_ok([
            "deploy",
            project.path_text()?,
            "--chain",
            self.node.url(),
            "--suri",
            "//Alice",
            "--worker",
            &worker_url,
            "--target-anchor",
            &anchor,
        ])
        .await?;
        let contract = text(&deployed, "contract")?;
        let chain = self.evm_chain();
        let attestor = process::until("the worker to serve the contract", async || {
            let served = worker.client().contract(contract.parse()?).await?;
            Ok(served.attestors.get(&chain).cloned())
        })
        .await?;
        consumer.fund(worker.relay_account(&chain).await?).await?;
        consumer.set_attestors(1, vec![attestor.parse()?]).await?;
        Ok(Oracle { consumer, contract })
    }
}

/// What the programs have logged is gone with the folder, so the end of it is told
/// first. The test runner shows it for tests that fail, and for no others.
impl Drop for Network {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        for name in ["node.log", "worker.log"] {
            let log = self.folder.path().join(name);
            eprintln!("--- {name}\n{}", process::tail(&log));
        }
    }
}

/// A text field of a JSON object.
pub fn text(value: &Value, field: &str) -> anyhow::Result<String> {
    value[field]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("no text {field:?} in {value}"))
}

/// Installs the TLS provider that HTTP clients of this process use.
pub fn install_tls_provider() {
    // An error means that another test of this process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
