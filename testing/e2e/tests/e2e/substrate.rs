//! A contract that serves consumers on a foreign Substrate chain and on an EVM chain at once.

use alloy::primitives::U256;
use anyhow::{Context, ensure};
use phat_chain_client::{AnchorRequestState, ChainClient, Signer, parse_account};
use phat_e2e::{
    cli::{phat, phat_ok},
    evm::StoredAnswer,
    foreign::ForeignChain,
    network::{Network, PROFILES, text},
    process::until,
    project::Project,
    worker::{Worker, WorkerOptions},
};
use phat_primitives::AccountBytes;

/// The consumer on the foreign chain: an account that owns itself.
const CONSUMER: &str = "//Dave";
/// Who asks it.
const REQUESTER: &str = "//Eve";
/// What a worker's relay account is given on the foreign chain, in units of 10⁻¹² PHA.
const RELAY_FUNDS: u128 = 100_000_000_000_000;
/// What a request pays.
const FEE: u128 = 2_000_000_000_000;
/// What the contract answers.
const ANSWER: u64 = 7;

/// Answers what a consumer of the Lens example understands, and remembers what it was asked.
const SCRIPT: &str = "
import { kv } from 'phat'

export default async function (request) {
  const count = await kv.get('count')
  await kv.set('count', new Uint8Array([count ? count[0] + 1 : 1]))
  await kv.set('last', request.input)
  const answer = new Uint8Array(64)
  answer[63] = 7
  return answer
}
";

/// A network with a foreign chain, and a contract that serves both of its targets.
struct Stage {
    network: Network,
    foreign: ForeignChain,
    client: ChainClient,
    consumer: AccountBytes,
}

impl Stage {
    async fn start() -> anyhow::Result<Self> {
        let network = Network::start().await?;
        let foreign = ForeignChain::start(network.folder()).await?;
        let client = ChainClient::connect(foreign.node.url()).await?;
        let consumer = Signer::from_uri(CONSUMER)?.account();
        Ok(Self {
            network,
            foreign,
            client,
            consumer,
        })
    }

    fn worker_options(&self) -> WorkerOptions {
        WorkerOptions {
            arguments: self.foreign.worker_arguments(),
            ..self.network.worker_options()
        }
    }

    /// A project whose contract serves the consumer on the foreign chain.
    fn project(&self) -> anyhow::Result<Project> {
        let manifest = format!(
            "name = \"both\"\nentry = \"index.js\"\n\n[[triggers]]\nkind = \"substrate_anchor\"\n\
             chain = {:?}\nconsumer = \"{}\"\nfrom_block = 0\n",
            self.foreign.name, self.consumer
        );
        Project::with_manifest(self.network.folder(), "both", SCRIPT, &manifest)
    }

    /// Has the worker's relay account pay, and its contract sign, on the foreign chain.
    async fn enable(&self, worker: &Worker, contract: &str) -> anyhow::Result<()> {
        let name = &self.foreign.name;
        let info = worker.client().info().await?;
        let target = info.targets.iter().find(|target| target.chain == *name);
        let relay = &target.context("it serves the foreign chain")?.relay_account;
        let relay = parse_account(relay).context("a relay account is an account")?;
        let alice = Signer::from_uri("//Alice")?;
        self.client.transfer(&alice, &relay, RELAY_FUNDS).await?;
        let attestor = until("the worker to sign for the contract", async || {
            let served = worker.client().contract(contract.parse()?).await?;
            Ok(served.attestors.get(name).cloned())
        })
        .await?;
        let url = self.foreign.node.url();
        let register = ["anchor", "register", "--attestor", &attestor];
        phat_ok([&register[..], &["--suri", CONSUMER, "--chain", url]].concat()).await?;
        Ok(())
    }

    /// Asks the consumer on the foreign chain as a person would, and gives the request's number.
    async fn ask(&self, input: &str) -> anyhow::Result<u64> {
        let consumer = self.consumer.to_string();
        let fee = FEE.to_string();
        let asked = phat_ok([
            "anchor",
            "request",
            &consumer,
            "--input",
            input,
            "--fee",
            &fee,
            "--suri",
            REQUESTER,
            "--chain",
            self.foreign.node.url(),
        ])
        .await?;
        asked["request"].as_u64().context("a request has a number")
    }

    async fn until_closed(&self, number: u64) -> anyhow::Result<()> {
        until(&format!("the outcome of request {number}"), async || {
            let state = self.client.latest().await?;
            let found = state.anchor_request(&self.consumer, number).await?;
            ensure!(found != AnchorRequestState::Unknown, "it is gone");
            Ok((found == AnchorRequestState::Closed).then_some(()))
        })
        .await
    }

    /// A value in the consumer's store.
    async fn value(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let state = self.client.latest().await?;
        Ok(state.anchor_value(&self.consumer, name.as_bytes()).await?.0)
    }
}

#[tokio::test]
async fn one_contract_serves_an_evm_and_a_substrate_consumer_at_once() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let worker = Worker::start(stage.worker_options()).await?;
    let oracle = stage.network.deploy(&worker, &stage.project()?).await?;
    stage.enable(&worker, &oracle.contract).await?;

    // Both at once.
    let (on_evm, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
    let first = stage.ask("0x0102").await?;
    let expected = StoredAnswer {
        ok: true,
        profile: PROFILES[0].0.into(),
        value: U256::from(ANSWER),
    };
    assert_eq!(oracle.consumer.until_answered(on_evm).await?, expected);
    stage.until_closed(first).await?;
    assert_eq!(stage.value("last").await?, [1, 2]);
    assert_eq!(stage.value("count").await?, [1]);

    // A worker that dies when it has sent an outcome goes on, and nothing is settled twice: each
    // settlement counts once more.
    let options = worker.kill().await?;
    let worker = Worker::start_paused(options, "sent").await?;
    let second = stage.ask("0x03").await?;
    worker.until_step("sent", 1).await?;
    let _worker = Worker::start(worker.kill().await?).await?;
    stage.until_closed(second).await?;
    let third = stage.ask("0x04").await?;
    stage.until_closed(third).await?;
    assert_eq!(stage.value("last").await?, [4]);
    assert_eq!(stage.value("count").await?, [3]);
    oracle.consumer.settlement(on_evm).await?;

    // What the command line shows of it.
    let consumer = stage.consumer.to_string();
    let show = [
        "anchor",
        "show",
        &consumer,
        "--chain",
        stage.foreign.node.url(),
    ];
    let shown = phat_ok(show).await?;
    assert_eq!(shown["requests_made"], 3);
    assert_eq!(shown["requests_stored"], 0);
    let shown = phat_ok([&show[..], &["--key", "count"]].concat()).await?;
    assert_eq!(text(&shown, "value")?, "0x03");
    let unknown = phat([&show[..], &["--request", "4"]].concat()).await?;
    assert_eq!(unknown.code, 1);
    assert_eq!(unknown.json["state"], "unknown");
    Ok(())
}
