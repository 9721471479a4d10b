//! The consumer's side of an EVM chain: what a dApp developer does there.

use alloy::{
    network::EthereumWallet,
    primitives::{Address, U256},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::types::{Filter, TransactionRequest},
    signers::local::PrivateKeySigner,
    sol_types::SolEvent,
};
use anyhow::{Context, ensure};
use phat_testing_fixtures::anvil::Anvil;
use url::Url;

use crate::process::until;

mod contracts {
    #![allow(
        missing_docs,
        reason = "generated from the contract, which documents itself"
    )]
    alloy::sol!(
        #[sol(rpc)]
        LensStats,
        "../../contracts/evm/artifacts/LensStats.json"
    );
}

mod quorum;

pub use contracts::LensStats;

/// What a relay account is given to pay with: 10 ether.
const RELAY_FUNDS_WEI: u128 = 10_000_000_000_000_000_000;

/// A deployed [`LensStats`] and its owner.
pub struct Consumer {
    provider: DynProvider,
    contract: LensStats::LensStatsInstance<DynProvider>,
    /// The block it was deployed in.
    pub block: u64,
}

/// What the consumer's storage holds for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Whether the answer is a number of followers rather than an error code.
    pub ok: bool,
    /// The profile that was asked for.
    pub profile: String,
    /// The followers, or the error code.
    pub value: U256,
}

/// The transaction that settled a request.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// Its hash, `0x…`.
    pub transaction: String,
    /// The account that sent it.
    pub relayer: Address,
    /// Its block.
    pub block: u64,
    /// The gas it used.
    pub gas_used: u64,
}

impl Consumer {
    /// Deploys the consumer with no attestor yet.
    pub async fn deploy(rpc: &str) -> anyhow::Result<Self> {
        let signer = PrivateKeySigner::from_bytes(&Anvil::key(0).into())?;
        let owner = signer.address();
        // Several consumers are of one account: each asks the chain for its next number.
        let provider = ProviderBuilder::new()
            .disable_recommended_fillers()
            .with_gas_estimation()
            .with_simple_nonce_management()
            .fetch_chain_id()
            .wallet(EthereumWallet::from(signer))
            .connect_http(rpc.parse::<Url>()?)
            .erased();
        let contract = LensStats::deploy(provider.clone(), owner, Vec::new()).await?;
        let block = provider.get_block_number().await?;
        Ok(Self {
            provider,
            contract,
            block,
        })
    }

    /// Its address.
    pub fn address(&self) -> Address {
        *self.contract.address()
    }

    /// Has the consumer take outcomes that so many of these attestors have signed, as its
    /// owner does. Without attestors it takes none.
    pub async fn set_attestors(
        &self,
        threshold: u32,
        attestors: Vec<Address>,
    ) -> anyhow::Result<()> {
        let receipt = self
            .contract
            .setAttestors(self.address(), U256::from(threshold), attestors)
            .send()
            .await?
            .get_receipt()
            .await?;
        ensure!(receipt.status(), "setAttestors reverted");
        Ok(())
    }

    /// Gives an account something to pay gas with.
    pub async fn fund(&self, account: Address) -> anyhow::Result<()> {
        let transfer = TransactionRequest::default()
            .to(account)
            .value(U256::from(RELAY_FUNDS_WEI));
        let receipt = self
            .provider
            .send_transaction(transfer)
            .await?
            .get_receipt()
            .await?;
        ensure!(receipt.status(), "the transfer reverted");
        Ok(())
    }

    /// Asks for a profile's followers: the request's id, its block and the gas it cost.
    pub async fn request(&self, profile: &str) -> anyhow::Result<(U256, u64, u64)> {
        let receipt = self
            .contract
            .request(profile.to_owned())
            .send()
            .await?
            .get_receipt()
            .await?;
        ensure!(receipt.status(), "the request reverted");
        let id = receipt
            .decoded_log::<LensStats::Requested>()
            .context("the request emitted no event")?
            .id;
        let block = receipt.block_number.context("the request is in no block")?;
        Ok((id, block, receipt.gas_used))
    }

    /// Asks so many times without waiting in between, so that the requests are in as few
    /// blocks as they fit into: their ids and the last of their blocks.
    pub async fn request_many(
        &self,
        profile: &str,
        count: usize,
    ) -> anyhow::Result<(Vec<U256>, u64)> {
        let mut waiting = Vec::new();
        for _ in 0..count {
            waiting.push(self.contract.request(profile.to_owned()).send().await?);
        }
        let (mut ids, mut last) = (Vec::new(), 0);
        for transaction in waiting {
            let receipt = transaction.get_receipt().await?;
            ensure!(receipt.status(), "the request reverted");
            let event = receipt.decoded_log::<LensStats::Requested>();
            ids.push(event.context("the request emitted no event")?.id);
            last = last.max(receipt.block_number.context("the request is in no block")?);
        }
        Ok((ids, last))
    }

    /// The answer in the consumer's storage, if it is there.
    pub async fn answer(&self, id: U256) -> anyhow::Result<Option<StoredAnswer>> {
        let stored = self.contract.answers(id).call().await?;
        Ok(stored.settled.then_some(StoredAnswer {
            ok: stored.ok,
            profile: stored.profileId,
            value: stored.value,
        }))
    }

    /// Waits for the answer to be in the consumer's storage.
    pub async fn until_answered(&self, id: U256) -> anyhow::Result<StoredAnswer> {
        until(&format!("the answer to request {id}"), async || {
            self.answer(id).await
        })
        .await
    }

    /// Every transaction that settled the request: one, or something is wrong.
    pub async fn settlements(&self, id: U256) -> anyhow::Result<Vec<Settlement>> {
        let filter = Filter::new()
            .address(self.address())
            .event_signature(LensStats::Settled::SIGNATURE_HASH)
            .topic1(id)
            .from_block(self.block);
        let mut settlements = Vec::new();
        for log in self.provider.get_logs(&filter).await? {
            let hash = log
                .transaction_hash
                .context("a log without a transaction")?;
            let receipt = self
                .provider
                .get_transaction_receipt(hash)
                .await?
                .context("a transaction without a receipt")?;
            settlements.push(Settlement {
                transaction: hash.to_string(),
                relayer: receipt.from,
                block: log.block_number.context("a log without a block")?,
                gas_used: receipt.gas_used,
            });
        }
        Ok(settlements)
    }

    /// The request that each settlement at this consumer was for, on the chain as it is.
    pub async fn settled_ids(&self) -> anyhow::Result<Vec<U256>> {
        let filter = Filter::new()
            .address(self.address())
            .event_signature(LensStats::Settled::SIGNATURE_HASH)
            .from_block(self.block);
        let logs = self.provider.get_logs(&filter).await?;
        let id =
            |log: &alloy::rpc::types::Log| log.topics().get(1).map(|id| U256::from_be_bytes(id.0));
        let ids = logs.iter().map(id).collect::<Option<Vec<U256>>>();
        ids.context("a settlement without an id")
    }

    /// The one transaction that settled the request.
    pub async fn settlement(&self, id: U256) -> anyhow::Result<Settlement> {
        let mut settlements = self.settlements(id).await?;
        ensure!(
            settlements.len() == 1,
            "request {id} has {} settlements",
            settlements.len()
        );
        Ok(settlements.remove(0))
    }
}
