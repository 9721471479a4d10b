//! The examples of feeds, deployed as a dApp's developer would: a price feed and an oracle of
//! random numbers.

use std::{fs, path::Path};

use alloy::{
    network::EthereumWallet,
    primitives::{Address, B256, Bytes, U256},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::types::{Filter, TransactionRequest},
    signers::local::PrivateKeySigner,
    sol_types::{SolEvent, SolValue},
};
use anyhow::{Context, ensure};
use phat_testing_fixtures::{anvil::Anvil, prices::PriceApi};
use url::Url;

use crate::{
    cli::phat_ok,
    network::{Network, text},
    process::until,
    project::Project,
    worker::Worker,
};

mod price_feed {
    #![allow(
        missing_docs,
        reason = "generated from the contract, which documents itself"
    )]
    alloy::sol!(
        #[sol(rpc)]
        PriceFeed,
        "../../contracts/evm/artifacts/PriceFeed.json"
    );
}

mod vrf_oracle {
    #![allow(
        missing_docs,
        reason = "generated from the contract, which documents itself"
    )]
    alloy::sol!(
        #[sol(rpc)]
        VrfOracle,
        "../../contracts/evm/artifacts/VrfOracle.json"
    );
}

pub use price_feed::PriceFeed;
pub use vrf_oracle::{VrfOracle, VrfVerifier};

/// What a relay account is given to pay with: 10 ether.
const RELAY_FUNDS_WEI: u128 = 10_000_000_000_000_000_000;
/// Digits of a price behind the point.
const DECIMALS: u8 = 8;
/// How old a price may be, in seconds.
const AGE_MAX_S: u64 = 3_600;
/// The sources of the price.
const SOURCES: [&str; 3] = ["first", "second", "third"];

/// The owner of the consumers, who pays for what is done on the EVM chain.
pub struct Owner {
    provider: DynProvider,
    address: Address,
}

impl Owner {
    /// An account of the chain with this endpoint that holds enough.
    pub fn new(rpc: &str) -> anyhow::Result<Self> {
        let signer = PrivateKeySigner::from_bytes(&Anvil::key(0).into())?;
        let address = signer.address();
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::from(signer))
            .connect_http(rpc.parse::<Url>()?)
            .erased();
        Ok(Self { provider, address })
    }

    /// Gives an account something to pay gas with.
    pub async fn fund(&self, account: Address) -> anyhow::Result<()> {
        let transfer = TransactionRequest::default()
            .to(account)
            .value(U256::from(RELAY_FUNDS_WEI));
        let sent = self.provider.send_transaction(transfer).await?;
        ensure!(
            sent.get_receipt().await?.status(),
            "the transfer was reverted"
        );
        Ok(())
    }

    /// How many events with this topic the contract has emitted.
    async fn count(&self, contract: Address, topic: B256) -> anyhow::Result<usize> {
        let filter = Filter::new()
            .address(contract)
            .event_signature(topic)
            .from_block(0);
        Ok(self.provider.get_logs(&filter).await?.len())
    }
}

/// A deployed [`PriceFeed`] and the contract that pushes to it.
pub struct Feed {
    owner: Owner,
    contract: PriceFeed::PriceFeedInstance<DynProvider>,
    /// The contract's id on the Phat chain.
    pub id: String,
}

impl Feed {
    /// Deploys both, funds the relay accounts of the workers, and allows their attestor.
    pub async fn deploy(
        network: &Network,
        workers: &[&Worker],
        prices: &PriceApi,
        settings: &FeedSettings,
    ) -> anyhow::Result<Self> {
        let owner = Owner::new(&network.anvil.url())?;
        let contract = PriceFeed::deploy(
            owner.provider.clone(),
            owner.address,
            Vec::new(),
            DECIMALS,
            "ETH / USD".to_owned(),
            U256::from(AGE_MAX_S),
        )
        .await?;
        let code = fs::read_to_string(example("price-feed/index.js"))?;
        let manifest = settings.manifest(prices, &network.evm_chain(), *contract.address());
        let project = Project::with_manifest(network.folder(), "price-feed", &code, &manifest)?;
        let id = create(network, &project, &[]).await?;
        let attestor = serve(network, workers, &owner, &id).await?;
        let receipt = contract
            .setAttestor(attestor, true)
            .send()
            .await?
            .get_receipt()
            .await?;
        ensure!(receipt.status(), "setAttestor was reverted");
        Ok(Self {
            owner,
            contract,
            id,
        })
    }

    /// The newest price, once there are so many rounds.
    pub async fn until_rounds(&self, rounds: u64) -> anyhow::Result<U256> {
        until(&format!("round {rounds}"), async || {
            let latest = self.contract.latestRoundData().call().await?;
            let is_there = latest.roundId.to::<u64>() >= rounds;
            Ok(is_there.then(|| latest.answer.into_raw()))
        })
        .await
    }

    /// How many prices were pushed, and how many outcomes were settled, refused ones too.
    pub async fn pushes(&self) -> anyhow::Result<(usize, usize)> {
        let address = *self.contract.address();
        let updates = PriceFeed::PriceUpdated::SIGNATURE_HASH;
        let settled = PriceFeed::Pushed::SIGNATURE_HASH;
        Ok((
            self.owner.count(address, updates).await?,
            self.owner.count(address, settled).await?,
        ))
    }
}

/// When a [`Feed`] pushes.
pub struct FeedSettings {
    /// How far a price has to be from the last one, in basis points.
    pub deviation_bps: u32,
    /// The time after which one is pushed in any case, in seconds.
    pub heartbeat_s: u64,
}

impl FeedSettings {
    /// The manifest of the example, for these sources and this feed.
    fn manifest(&self, prices: &PriceApi, chain: &str, feed: Address) -> String {
        let sources: String = SOURCES
            .map(|name| {
                let url = prices.url(name);
                format!(
                    "[[settings.sources]]\nname = {name:?}\nurl = {url:?}\npath = [\"price\"]\n"
                )
            })
            .concat();
        format!(
            "name = \"price-feed\"\nentry = \"index.js\"\nallowed_hosts = [{:?}]\n\
             [settings]\ndecimals = {DECIMALS}\nsources_min = 3\noutlier_bps = 200\n\
             deviation_bps = {}\nheartbeat_s = {}\n{sources}\
             [[triggers]]\nkind = \"schedule\"\nname = \"tick\"\ncron = \"*/2 * * * * *\"\n\
             missed = \"skip\"\n\
             reply = {{ chain = {chain:?}, address = \"{feed}\", when = \"written\" }}\n",
            prices.host(),
            self.deviation_bps,
            self.heartbeat_s,
        )
    }
}

/// A deployed [`VrfOracle`] and the contract that draws for it.
pub struct Draws {
    owner: Owner,
    contract: VrfOracle::VrfOracleInstance<DynProvider>,
    /// The contract's id on the Phat chain.
    pub id: String,
}

impl Draws {
    /// Deploys both. The consumer allows the contract's attestor and has no key yet.
    pub async fn deploy(network: &Network, worker: &Worker) -> anyhow::Result<Self> {
        let owner = Owner::new(&network.anvil.url())?;
        let provider = owner.provider.clone();
        let contract = VrfOracle::deploy(provider, owner.address, Vec::new()).await?;
        let anchor = format!("{}:{}", network.evm_chain(), contract.address());
        let code = example("vrf-oracle/dist/index.js");
        let code = fs::read_to_string(&code)
            .with_context(|| format!("{} is not built: cargo xtask setup", code.display()))?;
        let manifest = "name = \"vrf-oracle\"\nentry = \"index.js\"\n[limits]\ntime_ms = 300_000\n";
        let project = Project::with_manifest(network.folder(), "vrf-oracle", &code, manifest)?;
        let id = create(network, &project, &["--target-anchor", &anchor]).await?;
        let attestor = serve(network, &[worker], &owner, &id).await?;
        let receipt = contract
            .setAttestor(attestor, true)
            .send()
            .await?
            .get_receipt()
            .await?;
        ensure!(receipt.status(), "setAttestor was reverted");
        Ok(Self {
            owner,
            contract,
            id,
        })
    }

    /// The public key, as the contract answers a call over HTTP.
    pub async fn key(&self, worker: &Worker) -> anyhow::Result<(U256, U256)> {
        let answer = worker.client().call(self.id.parse()?, Vec::new()).await?;
        ensure!(answer.success, "the call failed: {:?}", answer.output);
        Ok(<(U256, U256)>::abi_decode(&answer.output.0)?)
    }

    /// Sets the key that the consumer checks proofs with.
    pub async fn set_key(&self, key: (U256, U256)) -> anyhow::Result<()> {
        let set = self.contract.setVrfKey(key.0, key.1).send().await?;
        ensure!(set.get_receipt().await?.status(), "setVrfKey was reverted");
        Ok(())
    }

    /// Asks for random bytes, and gives the request's id.
    pub async fn request(&self, seed: B256) -> anyhow::Result<U256> {
        let sent = self.contract.request(seed).send().await?;
        let receipt = sent.get_receipt().await?;
        ensure!(receipt.status(), "the request was reverted");
        let requested = receipt.decoded_log::<VrfOracle::Requested>();
        Ok(requested.context("the request emitted no event")?.id)
    }

    /// Waits until a request is settled, and gives its random bytes with their proof; none if the
    /// proof was refused.
    pub async fn until_settled(&self, id: U256) -> anyhow::Result<Option<(B256, Bytes)>> {
        let settled = VrfOracle::Settled::SIGNATURE_HASH;
        until(&format!("request {id} to be settled"), async || {
            Ok(self.log(id, settled).await?.map(|_| ()))
        })
        .await?;
        let refused = self.log(id, VrfOracle::ProofRefused::SIGNATURE_HASH);
        if refused.await?.is_some() {
            return Ok(None);
        }
        let drawn = VrfOracle::RandomnessDrawn::SIGNATURE_HASH;
        let log = self.log(id, drawn).await?;
        let log = log.context("it was neither drawn nor refused")?;
        let drawn = log.log_decode::<VrfOracle::RandomnessDrawn>()?.inner.data;
        Ok(Some((drawn.randomness, drawn.proof)))
    }

    /// The random bytes that the consumer has, if it has them.
    pub async fn randomness(&self, id: U256) -> anyhow::Result<Option<B256>> {
        if !self.contract.isDrawn(id).call().await? {
            return Ok(None);
        }
        Ok(Some(self.contract.randomnessOf(id).call().await?))
    }

    /// Whether the consumer says that a proof holds for a request.
    pub async fn verify(&self, id: U256, proof: &Bytes) -> anyhow::Result<bool> {
        let proof = VrfVerifier::Proof::abi_decode(proof)?;
        Ok(self.contract.verify(id, proof).call().await?)
    }

    async fn log(&self, id: U256, topic: B256) -> anyhow::Result<Option<alloy::rpc::types::Log>> {
        let filter = Filter::new()
            .address(*self.contract.address())
            .event_signature(topic)
            .topic1(id)
            .from_block(0);
        let mut logs = self.owner.provider.get_logs(&filter).await?;
        ensure!(
            logs.len() < 2,
            "request {id} has {} of one event",
            logs.len()
        );
        Ok(logs.pop())
    }
}

/// A file of the examples.
fn example(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(path)
}

/// Creates a contract, and gives its id.
async fn create(network: &Network, project: &Project, more: &[&str]) -> anyhow::Result<String> {
    let deploy = ["deploy", project.path_text()?, "--suri", "//Alice"];
    let chain = ["--chain", network.node.url()];
    let deployed = phat_ok([&deploy[..], &chain, more].concat()).await?;
    text(&deployed, "contract")
}

/// Waits until all workers serve a contract, funds their relay accounts, and gives the account
/// that signs for it.
async fn serve(
    network: &Network,
    workers: &[&Worker],
    owner: &Owner,
    id: &str,
) -> anyhow::Result<Address> {
    let chain = network.evm_chain();
    let mut attestor = None;
    for worker in workers {
        let found = until("the worker to serve the contract", async || {
            let served = worker.client().contract(id.parse()?).await?;
            Ok(served.attestors.get(&chain).cloned())
        });
        attestor = Some(found.await?.parse()?);
        owner.fund(worker.relay_account(&chain).await?).await?;
    }
    attestor.context("no worker")
}
