//! A network of its own: a node, an EVM node, and workers that join one after the other.

use std::{
    cell::Cell,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use alloy::primitives::Address;
use anyhow::{Context, Error, Result, bail, ensure};
use futures::future::select_all;
use phat_manifest::{Manifest, Trigger};
use phat_primitives::{ClusterId, CodeHash, ContractId};
use phat_target_evm::deploy::{Deployed, Deployer};
use phat_worker_client::WorkerClient;

use super::{
    evm::{Anvil, Blocks, CHAIN_ID, Evm},
    gas::OWNER_KEY,
};
use crate::{
    args::TargetAnchor,
    chain::{ChainWriter, Client, NewContract, connect, connect_as},
    commands::dev::{arguments, ready},
    compiled, http,
    network::{Process, Program, lacks, node_answers, node_rpc_url, serves, worker_url},
    output::Output,
};

/// The accounts of the workers' operators: of two transactions of one account at the same time,
/// one is refused.
const OPERATORS: [&str; WORKERS_MAX] = ["//Bob", "//Charlie", "//Dave"];
/// The most workers.
pub const WORKERS_MAX: usize = 3;
/// The account that deploys the contract.
const DEPLOYER: &str = "//Alice";
/// The cluster that serves it.
const CLUSTER: ClusterId = ClusterId(0);
/// Time for one answer of a part that is not ready yet.
const PROBE_TIME_MAX: Duration = Duration::from_secs(5);

/// Answers every request with 7 followers, and asks nobody.
const CODE: &str =
    "export default () => { const out = new Uint8Array(64); out[63] = 7; return out }\n";
const MANIFEST: &str = "name = \"bench-anchor\"\nentry = \"index.js\"\n";

/// The programs that a network is made of.
pub struct Programs {
    /// `anvil`.
    pub anvil: PathBuf,
    /// `phat-node`.
    pub node: PathBuf,
    /// `phat-worker`.
    pub worker: PathBuf,
}

/// A network. Whatever runs is killed when this is dropped.
pub struct Network<'a> {
    programs: &'a Programs,
    folder: &'a Path,
    anvil: Anvil,
    node: Process,
    chain_url: String,
    chain: Client,
    workers: Vec<Member>,
}

/// A worker.
struct Member {
    process: Process,
    client: WorkerClient,
}

/// A contract with its consumer on the EVM chain.
#[derive(Clone, Copy, Debug)]
pub struct Oracle {
    /// The contract.
    pub contract: ContractId,
    /// The consumer, which inherits the lean anchor.
    pub consumer: Address,
}

impl<'a> Network<'a> {
    /// Starts both nodes, with their logs in `folder`.
    pub async fn start(
        programs: &'a Programs,
        folder: &'a Path,
        output: &mut Output<'_>,
    ) -> Result<Self> {
        let anvil = Anvil::start(&programs.anvil, folder, Blocks::ByTime, output).await?;
        let mut node = Process::start(&node_program(&programs.node, folder), folder)?;
        let log = node.log().to_owned();
        let http = http::client()?.timeout(PROBE_TIME_MAX).build()?;
        let chain_url = ready("the node", &mut node, output, async || {
            let url = node_rpc_url(&log).ok_or("its log does not name its RPC address yet")?;
            if node_answers(&http, &url).await {
                Ok(url)
            } else {
                Err(format!("it does not answer at {url}"))
            }
        })
        .await?;
        let chain = ready("the node", &mut node, output, async || {
            let chain = connect(&chain_url).await;
            chain.map_err(|error| format!("{error:#}"))
        })
        .await?;
        Ok(Self {
            programs,
            folder,
            anvil,
            node,
            chain_url,
            chain,
            workers: Vec::new(),
        })
    }

    /// The EVM chain.
    pub fn evm(&self) -> &Evm {
        &self.anvil.evm
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.workers.len()
    }

    /// Starts one worker more, waits until it serves its cluster and can do all of its work, and
    /// gives it something to pay with.
    pub async fn add_worker(&mut self, output: &mut Output<'_>) -> Result<()> {
        let index = self.workers.len();
        let operator = OPERATORS.get(index).context("there are enough workers")?;
        let folder = self.folder.join(format!("worker-{index}"));
        fs::create_dir_all(&folder)?;
        let mut process = Process::start(&self.worker_program(&folder, operator), &folder)?;
        let data = folder.join("data");
        let member_at = Cell::new(None);
        let client = ready("the worker", &mut process, output, async || {
            let url = worker_url(&data).ok_or("it has not written its address yet")?;
            let client = WorkerClient::new(&url).map_err(|error| error.to_string())?;
            serves(&client, &self.chain, &member_at).await?;
            match lacks(&url).await {
                reasons if reasons.is_empty() => Ok(client),
                reasons => Err(reasons.join("; ")),
            }
        })
        .await?;
        let info = client.info().await?;
        let target = info.targets.first().context("the worker has no target")?;
        let account: Address = target.relay_account.parse()?;
        self.anvil.evm.fund(account).await?;
        self.workers.push(Member { process, client });
        Ok(())
    }

    /// Deploys the contract and its consumer, and has the consumer take the outcomes that the
    /// first worker signs.
    pub async fn deploy(&mut self, output: &mut Output<'_>) -> Result<Oracle> {
        let evm = self.evm().clone();
        let deployer = Deployer::new(&evm.config(OWNER_KEY))?;
        evm.fund(deployer.address()).await?;
        let consumer = deployer
            .deploy_lens_stats(deployer.address(), Vec::new())
            .await?;
        let oracle = Oracle {
            contract: self.create(&consumer).await?,
            consumer: consumer.address,
        };
        let attestor = self.attestor(0, &oracle, output).await?;
        deployer
            .set_attestors(oracle.consumer, oracle.consumer, 1, vec![attestor])
            .await?;
        Ok(oracle)
    }

    /// Waits until all workers serve the contract, with the same account for its outcomes.
    pub async fn until_served(&mut self, oracle: &Oracle, output: &mut Output<'_>) -> Result<()> {
        let first = self.attestor(0, oracle, output).await?;
        for index in 1..self.workers.len() {
            let attestor = self.attestor(index, oracle, output).await?;
            ensure!(
                attestor == first,
                "one worker signs as {first} and another as {attestor}, and the consumer takes \
                 the outcomes of the first alone"
            );
        }
        Ok(())
    }

    /// Does some work that needs the network. Fails if a part of it ends meanwhile.
    pub async fn during<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let workers = self.workers.iter_mut().map(|member| &mut member.process);
        let nodes = [&mut self.node, &mut self.anvil.process];
        let ends = nodes.into_iter().chain(workers);
        let ends = ends.map(|process| Box::pin(process.ended()));
        tokio::select! {
            done = work => done,
            (exit, _, _) = select_all(ends) => bail!("{}", exit?),
        }
    }

    /// Creates the contract on the Phat chain.
    async fn create(&self, consumer: &Deployed) -> Result<ContractId> {
        let (address, block) = (consumer.address, consumer.sent.block.number);
        let anchor = format!("{}:{address}@{block}", evm_chain());
        let TargetAnchor(anchor) = anchor.parse::<TargetAnchor>().map_err(Error::msg)?;
        let mut manifest = Manifest::parse(MANIFEST)?;
        manifest.triggers.push(Trigger::Anchor(anchor));
        let new = NewContract {
            cluster: CLUSTER,
            code: CODE.into(),
            manifest: manifest.to_toml()?,
            salt: [0; 32],
        };
        let chain = connect_as(&self.chain_url, DEPLOYER).await?;
        let code_hash = CodeHash::of(&new.code);
        let id = ContractId::derive(&chain.account(), new.cluster, &code_hash, &new.salt);
        let created = chain.create(new).await;
        created.context("the contract was not created")?;
        Ok(id)
    }

    /// The account that a worker signs with for the contract, once it serves it.
    async fn attestor(
        &mut self,
        index: usize,
        oracle: &Oracle,
        output: &mut Output<'_>,
    ) -> Result<Address> {
        let member = self.workers.get_mut(index).context("no such worker")?;
        let Member { process, client } = member;
        let account = ready("the worker", process, output, async || {
            let served = client.contract(oracle.contract).await;
            let mut served = served.map_err(|error| error.to_string())?;
            let account = served.attestors.remove(&evm_chain());
            account.filter(|_| served.is_serving).ok_or_else(|| {
                let reasons = served.errors.join("; ");
                format!("it does not serve the contract yet {reasons}")
            })
        })
        .await?;
        Ok(account.parse()?)
    }

    fn worker_program(&self, folder: &Path, operator: &str) -> Program {
        let cluster = CLUSTER.to_string();
        let target = format!("{}={}", evm_chain(), self.anvil.evm.url());
        let mut arguments = arguments([
            "--cluster",
            &cluster,
            "--trust-rpc",
            &self.chain_url,
            "--operator-suri",
            operator,
            "--listen",
            "127.0.0.1:0",
            // The others are on this machine, too.
            "--allow-private-egress",
            "--confirmations",
            "0",
            "--target",
            &target,
            "--data-dir",
        ]);
        arguments.push(folder.join("data").into());
        Program {
            name: "phat-worker",
            path: self.programs.worker.clone(),
            arguments,
        }
    }
}

/// The node of a development network, which makes blocks by itself.
fn node_program(path: &Path, folder: &Path) -> Program {
    let mut arguments = arguments([
        "--chain",
        "dev",
        "--alice",
        "--force-authoring",
        "--rpc-port",
        "0",
        "--listen-addr",
        "/ip4/127.0.0.1/tcp/0",
        "--no-mdns",
        "--no-prometheus",
        "--base-path",
    ]);
    arguments.push(folder.join("node").into());
    if let Some(cache) = compiled::runtimes() {
        arguments.extend(["--runtime-cache".into(), cache.into()]);
    }
    Program {
        name: "phat-node",
        path: path.to_owned(),
        arguments,
    }
}

/// The EVM chain's name.
fn evm_chain() -> String {
    format!("eip155:{CHAIN_ID}")
}
