//! What befalls an EVM chain and the accounts on it: anvil makes it so on demand.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use alloy::{
    network::EthereumWallet,
    primitives::{Address, U256},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::{json_rpc::RpcSend, types::TransactionRequest},
    signers::local::PrivateKeySigner,
};
use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::task::JoinHandle;
use url::Url;

use crate::network::{EVM_BLOCK_SECONDS, install_tls_provider};

/// How often a base fee that is held is set again: several times in a block.
const HOLD_EVERY: Duration = Duration::from_millis(100);
/// The gas of a transfer.
const TRANSFER_GAS: u64 = 21_000;

/// An EVM chain whose blocks, fees and balances are set as a test needs them.
pub struct EvmControl {
    provider: DynProvider,
}

impl EvmControl {
    /// Of the anvil at this URL.
    pub fn new(rpc: &str) -> anyhow::Result<Self> {
        install_tls_provider();
        let provider = ProviderBuilder::new().connect_http(rpc.parse::<Url>()?);
        Ok(Self {
            provider: provider.erased(),
        })
    }

    async fn call<P: RpcSend>(&self, method: &'static str, params: P) -> anyhow::Result<Value> {
        let answer: Result<Value, _> = self.provider.raw_request(method.into(), params).await;
        answer.with_context(|| method.to_owned())
    }

    /// Makes no more blocks. What is sent waits.
    pub async fn stop_blocks(&self) -> anyhow::Result<()> {
        self.call("evm_setIntervalMining", (0,)).await.map(drop)
    }

    /// Makes blocks as before.
    pub async fn resume_blocks(&self) -> anyhow::Result<()> {
        let every = (EVM_BLOCK_SECONDS,);
        self.call("evm_setIntervalMining", every).await.map(drop)
    }

    /// The newest block.
    pub async fn height(&self) -> anyhow::Result<u64> {
        Ok(self.provider.get_block_number().await?)
    }

    /// Replaces this block and all above it by as many others, without the transactions
    /// that were in them: these are gone. No blocks may be made meanwhile.
    pub async fn reorganise_from(&self, block: u64) -> anyhow::Result<()> {
        let height = self.height().await?;
        ensure!((1..=height).contains(&block), "there is no block {block}");
        let depth = height - block + 1;
        let others: [Value; 0] = [];
        self.call("anvil_reorg", (depth, others)).await.map(drop)
    }

    /// The bytes of a transaction, as they were sent.
    pub async fn raw_transaction(&self, hash: &str) -> anyhow::Result<String> {
        let raw = self.call("eth_getRawTransactionByHash", (hash,)).await?;
        let raw = raw.as_str().map(str::to_owned);
        raw.with_context(|| format!("the node does not know {hash}"))
    }

    /// Sends a transaction that somebody has signed.
    pub async fn send_raw(&self, raw: &str) -> anyhow::Result<()> {
        self.call("eth_sendRawTransaction", (raw,)).await.map(drop)
    }

    /// Whether the node knows a transaction, in a block or waiting.
    pub async fn has_transaction(&self, hash: &str) -> anyhow::Result<bool> {
        let found = self.call("eth_getTransactionByHash", (hash,)).await?;
        Ok(!found.is_null())
    }

    /// Gives an account this much, whatever it had.
    pub async fn set_balance(&self, account: Address, wei: U256) -> anyhow::Result<()> {
        self.call("anvil_setBalance", (account, wei))
            .await
            .map(drop)
    }

    /// Keeps the base fee of each new block at so many wei, until that is dropped.
    pub async fn hold_base_fee(&self, wei: u128) -> anyhow::Result<HeldFee> {
        let fee = Arc::new(Mutex::new(wei));
        let provider = self.provider.clone();
        set_base_fee(&provider, wei).await?;
        let held = Arc::clone(&fee);
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(HOLD_EVERY).await;
                let wei = *held.lock().unwrap_or_else(PoisonError::into_inner);
                // It is set again before long.
                let _ = set_base_fee(&provider, wei).await;
            }
        });
        Ok(HeldFee { fee, task })
    }
}

/// A base fee that is held.
pub struct HeldFee {
    fee: Arc<Mutex<u128>>,
    task: JoinHandle<()>,
}

impl HeldFee {
    /// Holds it at another height.
    pub fn set(&self, wei: u128) {
        *self.fee.lock().unwrap_or_else(PoisonError::into_inner) = wei;
    }
}

impl Drop for HeldFee {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn set_base_fee(provider: &DynProvider, wei: u128) -> anyhow::Result<()> {
    const METHOD: &str = "anvil_setNextBlockBaseFeePerGas";
    let _: Value = provider
        .raw_request(METHOD.into(), (U256::from(wei),))
        .await?;
    Ok(())
}

/// Somebody else who has a worker's relay key and pays with it.
#[derive(Clone)]
pub struct Outsider {
    provider: DynProvider,
    account: Address,
}

impl Outsider {
    /// Has this key.
    pub fn new(rpc: &str, key: [u8; 32]) -> anyhow::Result<Self> {
        install_tls_provider();
        let signer = PrivateKeySigner::from_bytes(&key.into())?;
        let account = signer.address();
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::from(signer))
            .connect_http(rpc.parse::<Url>()?)
            .erased();
        Ok(Self { provider, account })
    }

    /// The key's account.
    pub fn account(&self) -> Address {
        self.account
    }

    /// The first nonce that no block has used.
    pub async fn next_nonce(&self) -> anyhow::Result<u64> {
        Ok(self.provider.get_transaction_count(self.account).await?)
    }

    /// The first nonce that nothing has used, waiting transactions counted.
    pub async fn next_free_nonce(&self) -> anyhow::Result<u64> {
        let count = self.provider.get_transaction_count(self.account);
        Ok(count.pending().await?)
    }

    /// Sends nothing to itself with this nonce, at this price per unit of gas. Whatever
    /// pays less and has the nonce is replaced.
    pub async fn use_nonce(&self, nonce: u64, wei: u128) -> anyhow::Result<()> {
        let transfer = TransactionRequest::default()
            .from(self.account)
            .to(self.account)
            .value(U256::ZERO)
            .nonce(nonce)
            .gas_limit(TRANSFER_GAS)
            .max_fee_per_gas(wei)
            .max_priority_fee_per_gas(wei);
        // It may never be included, so nobody waits for it.
        let _waiting = self.provider.send_transaction(transfer).await?;
        Ok(())
    }
}
