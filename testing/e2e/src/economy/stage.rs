//! A node, and workers on it whose platforms vouch for them.

use std::{fs, path::PathBuf};

use phat_testing_fixtures::tls::CertificateAuthority;
use phat_tokenomics::Parameters;
use tempfile::TempDir;

use super::{Audit, Chain};
use crate::{
    network::{BATCH_EVERY_S, install_tls_provider},
    node::Node,
    process,
    worker::{Worker, WorkerOptions},
};

/// Processors that a worker takes for the performance test. The threads have the lowest priority
/// there is, so several workers on few processors keep each other from working, but not the node.
const PROCESSORS: &str = "1";

/// A node of a development chain, and what workers on it need. What is not stopped before is
/// killed when this is dropped.
pub struct Stage {
    /// The node.
    pub node: Node,
    folder: TempDir,
    extra_ca: PathBuf,
    is_over: bool,
}

impl Stage {
    /// Starts the node.
    pub async fn start() -> anyhow::Result<Self> {
        install_tls_provider();
        let folder = TempDir::with_prefix("phat-e2e-")?;
        let extra_ca = folder.path().join("authority.pem");
        fs::write(&extra_ca, CertificateAuthority::new()?.pem())?;
        Ok(Self {
            node: Node::start(folder.path()).await?,
            folder,
            extra_ca,
            is_over: false,
        })
    }

    /// Starts a worker in a folder of its own and waits until it is attested and healthy. Several
    /// of one operator are to be started one after the other.
    pub async fn worker(&self, name: &str, operator: &'static str) -> anyhow::Result<Worker> {
        Worker::start(WorkerOptions {
            folder: self.folder.path().join(name),
            chain: self.node.url().to_owned(),
            light_client: None,
            targets: Vec::new(),
            extra_ca: self.extra_ca.clone(),
            attestation: "simulated",
            batch_every_s: BATCH_EVERY_S,
            operator,
            arguments: vec!["--processors".into(), PROCESSORS.into()],
        })
        .await
    }

    /// Sets the parameters that `choose` makes of those that the chain has, has challenges,
    /// benchmarks and cool-downs take seconds, and begins an audit.
    pub async fn audit(
        &self,
        choose: impl FnOnce(Parameters) -> anyhow::Result<Parameters>,
    ) -> anyhow::Result<(Chain, Audit)> {
        let chain = Chain::connect(self.node.url()).await?;
        let block = chain.latest().await?;
        let parameters = block.value("Computation", "EconomyParameters").await?;
        chain.hasten(&choose(parameters)?).await?;
        let audit = Audit::start(chain.clone()).await?;
        Ok((chain, audit))
    }

    /// Ends it without a word about what its programs have logged.
    pub fn end(mut self) {
        self.is_over = true;
    }
}

/// What the programs have logged is gone with the folder, so the end of it is told first. The test
/// runner shows it for tests that fail, and for no others.
impl Drop for Stage {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut logs = vec![self.folder.path().join("node.log")];
        let folders = fs::read_dir(self.folder.path()).into_iter().flatten();
        logs.extend(
            folders
                .flatten()
                .map(|folder| folder.path().join("worker.log")),
        );
        for log in logs.into_iter().filter(|log| log.is_file()) {
            eprintln!("--- {}\n{}", log.display(), process::tail(&log));
        }
    }
}
