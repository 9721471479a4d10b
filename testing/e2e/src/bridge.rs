//! The bridge of PHA on a network of one machine: what its operators do, and what its users do.

use std::{fs, path::Path};

use alloy::{
    hex,
    network::EthereumWallet,
    primitives::{Address, B256, U256},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::types::{Filter, TransactionRequest},
    signers::local::PrivateKeySigner,
    sol_types::SolEvent,
};
use anyhow::{Context, ensure};
use phat_chain_client::{BRIDGE_ACCOUNT, BridgeBooks, ChainClient, Signer, parse_account};
use phat_primitives::{AccountBytes, ContractId, anchor::AttestorKey};
use phat_testing_fixtures::anvil::Anvil;
use phat_tokenomics::UNITS_PER_PHA as PHA;
use serde_json::json;
use url::Url;

use crate::{
    cli::phat_ok,
    network::{Network, text},
    process::until,
    project::Project,
    worker::{Worker, WorkerOptions},
};

mod contracts {
    #![allow(
        missing_docs,
        reason = "generated from the contract, which documents itself"
    )]
    alloy::sol!(
        #[sol(rpc)]
        PhaToken,
        "../../contracts/evm/artifacts/PhaToken.json"
    );
}

use contracts::PhaToken;

/// Owns the token, and the contract on the Phat chain, and governs both chains.
const OWNER: &str = "//Alice";
/// What a relay account is given to pay with on the EVM chain: 10 ether.
const RELAY_FUNDS_WEI: u128 = 10_000_000_000_000_000_000;
/// What a relay account is given on the Phat chain, and the bridge for the anchor's deposits.
const FUNDS: u128 = 100 * PHA;
/// The least that is burned at once.
const BURN_MIN: u128 = PHA;
/// The most that is minted in a day.
const DAILY_MAX: u128 = 1_000_000 * PHA;
/// How many hexadecimal digits of the hash of its first block a chain is named by.
const NAMED_DIGITS: usize = 32;
/// What stands in the example's manifest for the Phat chain, the EVM chain and the token.
const CHAIN_PLACE: &str = "polkadot:00000000000000000000000000000000";
const CHAIN_ID_PLACE: &str = "31337";
const TOKEN_PLACE: &str = "0x0000000000000000000000000000000000000000";

/// The token on the EVM chain. Its owner is also who gets tokens and burns them.
pub struct Token {
    provider: DynProvider,
    contract: PhaToken::PhaTokenInstance<DynProvider>,
    holder: Address,
}

impl Token {
    async fn deploy(rpc: &str) -> anyhow::Result<Self> {
        let signer = PrivateKeySigner::from_bytes(&Anvil::key(0).into())?;
        let holder = signer.address();
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::from(signer))
            .connect_http(rpc.parse::<Url>()?)
            .erased();
        let contract = PhaToken::deploy(
            provider.clone(),
            holder,
            Vec::new(),
            U256::from(1),
            U256::from(BURN_MIN),
            U256::from(DAILY_MAX),
        )
        .await?;
        Ok(Self {
            provider,
            contract,
            holder,
        })
    }

    /// Who gets tokens and burns them.
    pub fn holder(&self) -> [u8; 20] {
        self.holder.into_array()
    }

    async fn allow(&self, attestor: Address) -> anyhow::Result<()> {
        let (token, one) = (*self.contract.address(), U256::from(1));
        let set = self.contract.setAttestors(token, one, vec![attestor]);
        let receipt = set.send().await?.get_receipt().await?;
        ensure!(receipt.status(), "setAttestors reverted");
        Ok(())
    }

    async fn fund(&self, account: Address) -> anyhow::Result<()> {
        let transfer = TransactionRequest::default()
            .to(account)
            .value(U256::from(RELAY_FUNDS_WEI));
        let sent = self.provider.send_transaction(transfer).await?;
        ensure!(sent.get_receipt().await?.status(), "the transfer reverted");
        Ok(())
    }

    /// Burns tokens, for as much PHA for `recipient`.
    pub async fn burn(&self, amount: u128, recipient: &AccountBytes) -> anyhow::Result<()> {
        let burn = self
            .contract
            .burn(U256::from(amount), B256::from(recipient.0));
        let receipt = burn.send().await?.get_receipt().await?;
        ensure!(receipt.status(), "burn reverted");
        Ok(())
    }

    /// How many tokens there are, in units of 10⁻¹² PHA.
    pub async fn supply(&self) -> anyhow::Result<u128> {
        Ok(self.contract.totalSupply().call().await?.try_into()?)
    }

    /// How often tokens were made.
    pub async fn mints(&self) -> anyhow::Result<usize> {
        let filter = Filter::new()
            .address(*self.contract.address())
            .event_signature(PhaToken::Transfer::SIGNATURE_HASH)
            .topic1(B256::ZERO)
            .from_block(0);
        Ok(self.provider.get_logs(&filter).await?.len())
    }
}

/// A network with a bridge between its two chains.
pub struct Bridge {
    /// The network.
    pub network: Network,
    /// The Phat chain.
    pub client: ChainClient,
    /// The token on the EVM chain.
    pub token: Token,
    /// What the Phat chain is called.
    chain: String,
}

impl Bridge {
    /// Starts the network and deploys the token, whose attestors are not named yet.
    pub async fn start() -> anyhow::Result<Self> {
        let network = Network::start().await?;
        let hash = network.node.rpc("chain_getBlockHash", json!([0])).await?;
        let hash = hash.as_str().context("a chain has a first block")?;
        let digits = hash.trim_start_matches("0x").get(..NAMED_DIGITS);
        let digits = digits.context("a hash has 64 digits")?;
        Ok(Self {
            client: ChainClient::connect(network.node.url()).await?,
            token: Token::deploy(&network.anvil.url()).await?,
            chain: format!("polkadot:{digits}"),
            network,
        })
    }

    /// How a worker is started that serves both chains.
    pub fn worker_options(&self, name: &str, operator: &'static str) -> WorkerOptions {
        let named = format!("{}={}", self.chain, self.network.node.url());
        WorkerOptions {
            folder: self.network.folder().join(name),
            operator,
            arguments: vec!["--substrate".into(), named],
            ..self.network.worker_options()
        }
    }

    /// Deploys the example, and has both sides take what it says.
    pub async fn connect(&self, worker: &Worker) -> anyhow::Result<()> {
        let project = self.project()?;
        let url = self.network.node.url();
        let deploy = ["deploy", project.path_text()?, "--chain", url];
        let deployed = phat_ok([&deploy[..], &["--suri", OWNER]].concat()).await?;
        let contract: ContractId = text(&deployed, "contract")?.parse()?;
        let attestor = async |chain: &str| {
            until("the worker to sign for the contract", async || {
                let served = worker.client().contract(contract).await?;
                Ok(served.attestors.get(chain).cloned())
            })
            .await
        };
        let on_evm = attestor(&self.network.evm_chain()).await?;
        self.token.allow(on_evm.parse()?).await?;
        let here = hex::decode(attestor(&self.chain).await?)?;
        let here = here.try_into().ok().context("a key of sr25519")?;

        let owner = Signer::from_uri(OWNER)?;
        self.client.transfer(&owner, &BRIDGE_ACCOUNT, FUNDS).await?;
        let attestors = [AttestorKey::Sr25519(here)];
        self.client
            .connect_bridge_as_root(&owner, 1, &attestors)
            .await?;
        Ok(())
    }

    /// Gives a worker's relay accounts what they pay with.
    pub async fn fund(&self, worker: &Worker) -> anyhow::Result<()> {
        let on_evm = worker.relay_account(&self.network.evm_chain()).await?;
        self.token.fund(on_evm).await?;
        let info = worker.client().info().await?;
        let mut targets = info.targets.iter();
        let target = targets.find(|target| target.chain == self.chain);
        let relay = &target.context("it serves the Phat chain")?.relay_account;
        let relay = parse_account(relay).context("a relay account is an account")?;
        let owner = Signer::from_uri(OWNER)?;
        self.client.transfer(&owner, &relay, FUNDS).await?;
        Ok(())
    }

    /// The example, with the chains and the token of this network in its manifest.
    fn project(&self) -> anyhow::Result<Project> {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/pha-bridge");
        let code = fs::read_to_string(example.join("index.js"))?;
        let token = self.token.contract.address().to_string();
        let chain_id = self.network.anvil.chain_id().to_string();
        let manifest = fs::read_to_string(example.join("phat.toml"))?
            .replace(CHAIN_PLACE, &self.chain)
            .replace(CHAIN_ID_PLACE, &chain_id)
            .replace(TOKEN_PLACE, &token);
        Project::with_manifest(self.network.folder(), "pha-bridge", &code, &manifest)
    }

    /// Locks PHA for as many tokens. Gives the number of the lock.
    pub async fn lock(&self, sender: &Signer, amount: u128) -> anyhow::Result<u64> {
        let recipient = self.token.holder();
        let (_, number) = self.client.lock_pha(sender, amount, recipient).await?;
        number.context("the lock emitted no event")
    }

    /// What the pallet's books say.
    pub async fn books(&self) -> anyhow::Result<BridgeBooks> {
        Ok(self.client.latest().await?.bridge_books().await?)
    }

    /// Waits until so many tokens are there, and the pallet knows of every mint and every burn.
    pub async fn until_even(&self, supply: u128) -> anyhow::Result<BridgeBooks> {
        until(&format!("both sides to have {supply}"), async || {
            let (there, books) = (self.token.supply().await?, self.books().await?);
            ensure!(
                there <= books.outstanding,
                "{there} are out and {books:?} are locked"
            );
            let is_even = there == supply
                && books.outstanding == supply
                && books.pending == 0
                && books.due == 0;
            Ok(is_even.then_some(books))
        })
        .await
    }
}
