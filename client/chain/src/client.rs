//! A connection to a node.

use futures::{Stream, StreamExt};
use subxt::{
    OnlineClient,
    client::{Block, OnlineClientAtBlockImpl},
    utils::H256,
};

use crate::{BlockHash, ChainError, State, answer::in_time, config::PhatConfig};

pub(crate) type ClientAtBlock =
    subxt::client::ClientAtBlock<PhatConfig, OnlineClientAtBlockImpl<PhatConfig>>;

/// A connection to a node of the chain.
///
/// It does not heal: after an error for which [`ChainError::is_connection`] holds, make a new one.
/// Clones share the connection.
#[derive(Clone, Debug)]
pub struct ChainClient {
    online: OnlineClient<PhatConfig>,
}

impl ChainClient {
    /// Connects to the node at `url`: `ws://` on this machine, `wss://` anywhere.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        let unreachable = |error: subxt::error::OnlineClientError| ChainError::Unreachable {
            url: url.to_owned(),
            source: Box::new(error.into()),
        };
        let online = in_time(async { OnlineClient::from_url(url).await.map_err(unreachable) });
        Ok(Self {
            online: online.await?,
        })
    }

    /// The hash of the chain's first block, which tells chains apart.
    pub fn genesis_hash(&self) -> BlockHash {
        BlockHash(self.online.genesis_hash().0)
    }

    /// The finalised blocks from now on, beginning with the latest, none left out.
    ///
    /// The stream ends with an error when the connection does. It waits for as long as no block is
    /// finalised, and only the caller can say how long is too long.
    pub async fn finalized(
        &self,
    ) -> Result<impl Stream<Item = Result<FinalizedBlock, ChainError>> + Send + Unpin, ChainError>
    {
        let blocks = in_time(self.online.stream_blocks()).await?;
        Ok(blocks.map(|block| Ok(FinalizedBlock { inner: block? })))
    }

    /// The chain as it was at the latest finalised block.
    pub async fn latest(&self) -> Result<State, ChainError> {
        Ok(State::new(in_time(self.online.at_current_block()).await?))
    }

    /// The chain as it was at `block`. A node forgets the state of old blocks unless it was told
    /// to keep it.
    pub async fn at(&self, block: BlockHash) -> Result<State, ChainError> {
        let at = in_time(self.online.at_block(H256(block.0))).await?;
        Ok(State::new(at))
    }
}

/// A finalised block. While it is kept, the node keeps its state.
#[derive(Clone, Debug)]
pub struct FinalizedBlock {
    inner: Block<PhatConfig>,
}

impl FinalizedBlock {
    /// The number of the block.
    pub fn number(&self) -> u64 {
        self.inner.number()
    }

    /// The hash of the block.
    pub fn hash(&self) -> BlockHash {
        BlockHash(self.inner.hash().0)
    }

    /// The chain as it was at the block.
    pub async fn state(&self) -> Result<State, ChainError> {
        Ok(State::new(in_time(self.inner.at()).await?))
    }
}
