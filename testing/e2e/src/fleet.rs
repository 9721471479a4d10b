//! Several workers of one cluster, which a test kills and starts again.

use anyhow::{Context, ensure};

use crate::{
    network::Network,
    process::until,
    worker::{Worker, WorkerOptions},
};

/// The accounts of the workers' operators.
const OPERATORS: [&str; 3] = ["//Bob", "//Charlie", "//Dave"];

/// Workers of one cluster, each with its own folder, operator and relay account.
pub struct Fleet {
    workers: Vec<Member>,
}

/// A worker that runs, or how it is started again.
enum Member {
    Running(Box<Worker>),
    Killed(Box<WorkerOptions>),
}

impl Fleet {
    /// Starts three workers, one after the other: the first makes the cluster's key.
    pub async fn start(network: &Network) -> anyhow::Result<Self> {
        let mut workers = Vec::new();
        for (index, operator) in OPERATORS.into_iter().enumerate() {
            let options = WorkerOptions {
                folder: network.folder().join(format!("worker-{index}")),
                operator,
                ..network.worker_options()
            };
            workers.push(Member::Running(Box::new(Worker::start(options).await?)));
        }
        Ok(Self { workers })
    }

    /// How many workers there are, killed ones too.
    pub fn count(&self) -> usize {
        self.workers.len()
    }

    /// A worker that must be running.
    pub fn worker(&self, index: usize) -> anyhow::Result<&Worker> {
        match self.workers.get(index) {
            Some(Member::Running(worker)) => Ok(worker),
            Some(Member::Killed(_)) | None => anyhow::bail!("worker {index} does not run"),
        }
    }

    /// Waits until all serve a contract, and gives the account with which each signs
    /// for it on a chain.
    pub async fn attestors(&self, contract: &str, chain: &str) -> anyhow::Result<Vec<String>> {
        let mut attestors = Vec::new();
        for index in 0..self.count() {
            let client = self.worker(index)?.client();
            let attestor = until("a worker to serve the contract", async || {
                let served = client.contract(contract.parse()?).await?;
                Ok(served.attestors.get(chain).cloned())
            });
            attestors.push(attestor.await?);
        }
        Ok(attestors)
    }

    /// Kills a worker (SIGKILL). One that does not run stays as it is.
    pub async fn kill(&mut self, index: usize) -> anyhow::Result<()> {
        let member = self.take(index)?;
        let killed = match member {
            Member::Running(worker) => Member::Killed(Box::new(worker.kill().await?)),
            killed @ Member::Killed(_) => killed,
        };
        self.workers.insert(index, killed);
        Ok(())
    }

    /// Starts a worker that was killed, on what it had on disk.
    pub async fn revive(&mut self, index: usize) -> anyhow::Result<()> {
        let member = self.take(index)?;
        let running = match member {
            Member::Killed(options) => {
                Member::Running(Box::new(Worker::start_without_health(*options).await?))
            }
            running @ Member::Running(_) => running,
        };
        self.workers.insert(index, running);
        Ok(())
    }

    fn take(&mut self, index: usize) -> anyhow::Result<Member> {
        ensure!(index < self.workers.len(), "there is no worker {index}");
        Ok(self.workers.remove(index))
    }

    /// The accounts with which the workers pay on a chain.
    pub async fn relay_accounts(
        &self,
        chain: &str,
    ) -> anyhow::Result<Vec<alloy::primitives::Address>> {
        let mut accounts = Vec::new();
        for index in 0..self.count() {
            let account = self.worker(index)?.relay_account(chain).await;
            accounts.push(account.context("a relay account")?);
        }
        Ok(accounts)
    }
}
