//! The connection to a node: made when it is needed, and again after it broke.

use std::{fmt, future::Future, sync::OnceLock, time::Duration};

use phat_target::{BlockRef, TargetError};
use serde_json::Value;
use subxt::{
    OnlineClient,
    client::{ClientAtBlock, OnlineClientAtBlockImpl},
    config::SubstrateConfig,
    rpcs::{Error as RpcError, RpcClient, UserError, client::RpcParams, rpc_params},
    utils::H256,
};
use tokio::sync::Mutex;
use url::Url;

use crate::config::chain_name;

/// The longest reason of a node that is shown.
const REASON_CHARS_MAX: usize = 300;

/// The chain as it was at one block.
pub(crate) type AtBlock = ClientAtBlock<SubstrateConfig, OnlineClientAtBlockImpl<SubstrateConfig>>;

/// A connection that works, as far as is known.
#[derive(Clone)]
pub(crate) struct Link {
    pub online: OnlineClient<SubstrateConfig>,
    pub rpc: RpcClient,
}

/// The way to a chain.
pub(crate) struct Connection {
    chain: String,
    url: Url,
    timeout: Duration,
    link: Mutex<Option<Link>>,
    /// The hash of the chain's first block, once the node has told it.
    genesis_hash: OnceLock<[u8; 32]>,
}

/// Why a node did not give what it was asked for.
pub(crate) enum Failed {
    /// The node's own refusal.
    Refusal(UserError),
    /// Something else.
    Other(TargetError),
}

impl Connection {
    pub(crate) fn new(chain: String, url: Url, timeout: Duration) -> Self {
        Self {
            chain,
            url,
            timeout,
            link: Mutex::new(None),
            genesis_hash: OnceLock::new(),
        }
    }

    pub(crate) fn chain(&self) -> &str {
        &self.chain
    }

    /// The hash of the chain's first block. Its beginning is the chain's name, so no other hash is
    /// taken for it.
    pub(crate) async fn genesis_hash(&self) -> Result<[u8; 32], TargetError> {
        match self.genesis_hash.get() {
            Some(hash) => Ok(*hash),
            None => Ok(self.link().await?.online.genesis_hash().0),
        }
    }

    /// The same, where the node has been reached before: nothing is asked.
    pub(crate) fn known_genesis_hash(&self) -> Result<[u8; 32], TargetError> {
        let known = self.genesis_hash.get().copied();
        known.ok_or_else(|| self.unreachable("it has not been reached since the start"))
    }

    pub(crate) fn malformed(&self, what: impl fmt::Display) -> TargetError {
        TargetError::Malformed(format!("{}: {what}", self.chain))
    }

    pub(crate) fn refused(&self, method: &'static str, reason: impl fmt::Display) -> TargetError {
        TargetError::Refused {
            chain: self.chain.clone(),
            method,
            reason: shorten(&reason.to_string()),
        }
    }

    fn unreachable(&self, reason: impl fmt::Display) -> TargetError {
        TargetError::Unreachable {
            chain: self.chain.clone(),
            reason: shorten(&reason.to_string()),
        }
    }

    /// The connection, made if there is none.
    pub(crate) async fn link(&self) -> Result<Link, TargetError> {
        let mut held = self.link.lock().await;
        if let Some(link) = &*held {
            return Ok(link.clone());
        }
        let connecting = async {
            let rpc = RpcClient::from_url(self.url.as_str())
                .await
                .map_err(|error| self.unreachable(error))?;
            let online = OnlineClient::from_rpc_client(rpc.clone())
                .await
                .map_err(|error| self.unreachable(error))?;
            Ok::<_, TargetError>(Link { online, rpc })
        };
        let link = tokio::time::timeout(self.timeout, connecting)
            .await
            .map_err(|_| self.unreachable("it took too long to connect"))??;
        let actual = chain_name(&link.online.genesis_hash().0);
        if actual != self.chain {
            return Err(TargetError::WrongChain {
                expected: self.chain.clone(),
                actual,
            });
        }
        self.genesis_hash
            .get_or_init(|| link.online.genesis_hash().0);
        *held = Some(link.clone());
        Ok(link)
    }

    /// The answer to something that was asked, unless it takes too long or fails. Then the next
    /// question is asked on another connection if this one is broken.
    pub(crate) async fn answer<T, E: fmt::Display>(
        &self,
        method: &'static str,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, TargetError> {
        let reason = match tokio::time::timeout(self.timeout, answer).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer to {method} in {} s", self.timeout.as_secs()),
        };
        if self.is_alive().await {
            return Err(self.refused(method, reason));
        }
        *self.link.lock().await = None;
        Err(self.unreachable(reason))
    }

    /// Whether the node answers anything at all.
    async fn is_alive(&self) -> bool {
        let Some(link) = self.link.lock().await.clone() else {
            return false;
        };
        let asked = link.rpc.request::<String>("system_chain", rpc_params![]);
        matches!(tokio::time::timeout(self.timeout, asked).await, Ok(Ok(_)))
    }

    /// What the node answers to a JSON-RPC call.
    pub(crate) async fn rpc(
        &self,
        method: &'static str,
        params: RpcParams,
    ) -> Result<Value, TargetError> {
        let link = self.link().await?;
        self.answer(method, link.rpc.request(method, params)).await
    }

    /// The same, with the node's own refusal as it gave it.
    pub(crate) async fn try_rpc(
        &self,
        method: &'static str,
        params: RpcParams,
    ) -> Result<Value, Failed> {
        let link = self.link().await.map_err(Failed::Other)?;
        let asked = async {
            match link.rpc.request(method, params).await {
                Ok(answer) => Ok(Ok(answer)),
                Err(RpcError::User(refusal)) => Ok(Err(refusal)),
                Err(error) => Err(error),
            }
        };
        match self.answer(method, asked).await {
            Ok(answer) => answer.map_err(Failed::Refusal),
            Err(error) => Err(Failed::Other(error)),
        }
    }

    /// The chain at its newest finalised block.
    pub(crate) async fn finalized(&self) -> Result<AtBlock, TargetError> {
        let online = self.link().await?.online;
        self.answer("chain_getFinalizedHead", online.at_current_block())
            .await
    }

    /// The chain at the block with this hash.
    pub(crate) async fn at_hash(&self, hash: [u8; 32]) -> Result<AtBlock, TargetError> {
        let online = self.link().await?.online;
        self.answer("chain_getHeader", online.at_block(H256(hash)))
            .await
    }

    /// The hash of the block with this number, if the node has one.
    pub(crate) async fn block_hash(&self, number: u64) -> Result<Option<[u8; 32]>, TargetError> {
        let answer = self.rpc("chain_getBlockHash", rpc_params![number]).await?;
        match answer.as_str() {
            Some(text) => self.hash(text).map(Some),
            None => Ok(None),
        }
    }

    /// The block with this number, which the node must have.
    pub(crate) async fn block(&self, number: u64) -> Result<BlockRef, TargetError> {
        let hash = self.block_hash(number).await?;
        let missing = || self.refused("chain_getBlockHash", format!("block {number} is missing"));
        Ok(BlockRef {
            number,
            hash: hash.ok_or_else(missing)?,
        })
    }

    /// The hash in a text.
    pub(crate) fn hash(&self, text: &str) -> Result<[u8; 32], TargetError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes)
            .map_err(|_| self.malformed("the node gives a hash that is none"))?;
        Ok(bytes)
    }
}

/// The beginning of a reason: nodes may send anything.
fn shorten(reason: &str) -> String {
    match reason.char_indices().nth(REASON_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_reasons_are_cut_between_characters() {
        assert_eq!(shorten("short"), "short");
        let long = "é".repeat(REASON_CHARS_MAX + 1);
        assert_eq!(shorten(&long).chars().count(), REASON_CHARS_MAX + 1);
        assert!(shorten(&long).ends_with('…'));
    }

    #[tokio::test]
    async fn a_node_that_is_away_is_an_outage() {
        let url = "ws://127.0.0.1:1".parse().expect("a URL");
        let connection = Connection::new(chain_name(&[1; 32]), url, Duration::from_secs(5));
        let error = connection.finalized().await.expect_err("nobody is there");
        assert!(error.is_outage(), "{error}");
    }
}
