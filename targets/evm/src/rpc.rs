//! JSON-RPC over HTTP: bounded in time, tried again where that may help.

use std::{
    error::Error,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use alloy::{
    primitives::{Address, B256, U64},
    rpc::{
        client::RpcClient,
        json_rpc::{ErrorPayload, RpcError, RpcRecv, RpcSend},
    },
    transports::{TransportErrorKind, http::Http},
};
use phat_target::{BlockRef, TargetError};
use serde::Deserialize;
use url::Url;

use crate::revert::shorten;

/// How often a call is tried.
const ATTEMPTS: u32 = 3;
/// The pause after the first failed attempt; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(150);

/// One JSON-RPC endpoint.
pub(crate) struct Rpc {
    client: RpcClient,
    /// The chain's name.
    chain: String,
    chain_id: u64,
    /// Whether the endpoint has shown that it serves this chain. Forgotten when
    /// it goes away: another may come back.
    is_checked: AtomicBool,
}

/// The parts of a block that the adapter uses.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Block {
    number: U64,
    hash: B256,
}

/// The parts of a receipt that the adapter uses.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    block_number: U64,
    block_hash: B256,
    gas_used: U64,
    status: U64,
    contract_address: Option<Address>,
}

impl Receipt {
    /// The block that the transaction is in.
    pub(crate) fn block(&self) -> BlockRef {
        BlockRef {
            number: self.block_number.to(),
            hash: self.block_hash.0,
        }
    }

    /// The gas it used.
    pub(crate) fn gas_used(&self) -> u64 {
        self.gas_used.to()
    }

    /// Whether it did not revert.
    pub(crate) fn success(&self) -> bool {
        self.status == U64::ONE
    }

    /// The contract it created.
    pub(crate) fn contract_address(&self) -> Option<Address> {
        self.contract_address
    }
}

impl Rpc {
    /// An endpoint that has not been asked anything yet.
    pub(crate) fn new(chain_id: u64, url: Url, timeout: Duration) -> Result<Self, TargetError> {
        let http = reqwest::Client::builder()
            .timeout(timeout)
            // An RPC endpoint has no reason to send its clients elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| {
                TargetError::Malformed(format!("no HTTP client can be made: {error}"))
            })?;
        Ok(Self {
            client: RpcClient::new(Http::with_client(http, url), false),
            chain: format!("eip155:{chain_id}"),
            chain_id,
            is_checked: AtomicBool::new(false),
        })
    }

    /// The chain's name.
    pub(crate) fn chain(&self) -> &str {
        &self.chain
    }

    /// The chain's EIP-155 id.
    pub(crate) fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Calls `method`. An error of the endpoint's own is [`TargetError::Refused`].
    pub(crate) async fn request<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<R, TargetError> {
        self.attempt(method, params)
            .await?
            .map_err(|payload| self.refused(method, &payload.message))
    }

    /// Calls `method`, giving back an error of the endpoint's own for the caller
    /// to understand.
    /// One that only asks to be asked less often counts as no answer.
    pub(crate) async fn attempt<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<Result<R, ErrorPayload>, TargetError> {
        self.check_chain().await?;
        self.repeat(method, params).await
    }

    /// An error of the endpoint's own.
    pub(crate) fn refused(&self, method: &'static str, reason: &str) -> TargetError {
        TargetError::Refused {
            chain: self.chain.clone(),
            method,
            reason: shorten(reason),
        }
    }

    /// The height of the newest block.
    pub(crate) async fn height(&self) -> Result<u64, TargetError> {
        let number: U64 = self.request("eth_blockNumber", ()).await?;
        Ok(number.to())
    }

    /// The block at a height; `None` above the newest.
    pub(crate) async fn block(&self, number: u64) -> Result<Option<BlockRef>, TargetError> {
        let block: Option<Block> = self
            .request("eth_getBlockByNumber", (U64::from(number), false))
            .await?;
        Ok(block.map(|block| BlockRef {
            number: block.number.to(),
            hash: block.hash.0,
        }))
    }

    /// The receipt of a transaction; `None` while it is in no block.
    pub(crate) async fn receipt(&self, hash: B256) -> Result<Option<Receipt>, TargetError> {
        self.request("eth_getTransactionReceipt", (hash,)).await
    }

    /// The next nonce of an account, waiting transactions counted.
    pub(crate) async fn nonce(&self, account: Address) -> Result<u64, TargetError> {
        let nonce: U64 = self
            .request("eth_getTransactionCount", (account, "pending"))
            .await?;
        Ok(nonce.to())
    }

    /// Refuses an endpoint of another chain.
    async fn check_chain(&self) -> Result<(), TargetError> {
        if self.is_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        let actual: U64 = self
            .repeat("eth_chainId", ())
            .await?
            .map_err(|payload| self.refused("eth_chainId", &payload.message))?;
        if actual.to::<u64>() != self.chain_id {
            return Err(TargetError::WrongChain {
                expected: self.chain.clone(),
                actual: format!("eip155:{actual}"),
            });
        }
        self.is_checked.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn repeat<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<Result<R, ErrorPayload>, TargetError> {
        let mut attempt = 1;
        loop {
            let error = match self.client.request(method, params.clone()).await {
                Ok(answer) => return Ok(Ok(answer)),
                Err(RpcError::ErrorResp(payload)) if !is_rate_limit(&payload) => {
                    return Ok(Err(payload));
                }
                Err(error) => error,
            };
            if !matches!(error, RpcError::ErrorResp(_)) {
                self.is_checked.store(false, Ordering::Relaxed);
            }
            if attempt == ATTEMPTS {
                // An endpoint that asks for patience says nothing about the call.
                return Err(TargetError::Unreachable {
                    chain: self.chain.clone(),
                    reason: reason(error),
                });
            }
            tracing::debug!(chain = %self.chain, method, attempt, "RPC call failed; trying again");
            tokio::time::sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }
}

/// Whether the endpoint asks to be asked less often. Its code -32005 alone does
/// not say so: it also stands for a search with too many results.
fn is_rate_limit(payload: &ErrorPayload) -> bool {
    let message = payload.message.to_ascii_lowercase();
    payload.code == 429
        || [
            "rate limit",
            "too many requests",
            "compute units",
            "over capacity",
        ]
        .iter()
        .any(|sign| message.contains(sign))
}

/// What went wrong, without the URL: it often holds an access token.
fn reason(error: RpcError<TransportErrorKind>) -> String {
    match error {
        RpcError::Transport(TransportErrorKind::Custom(error)) => {
            match error.downcast::<reqwest::Error>() {
                Ok(error) => shorten(&chain_of(&error.without_url())),
                Err(error) => shorten(&error.to_string()),
            }
        }
        RpcError::Transport(TransportErrorKind::HttpError(error)) => {
            format!("HTTP status {}", error.status)
        }
        RpcError::DeserError { err, .. } => {
            shorten(&format!("an answer of an unknown form: {err}"))
        }
        other => shorten(&other.to_string()),
    }
}

/// An error and its causes; the outermost alone rarely says more than "failed".
fn chain_of(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
