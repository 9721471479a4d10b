//! How the chain is reached.

use std::sync::Arc;

use futures::{Stream, StreamExt};
use subxt::{
    OnlineClient,
    client::{Block, OnlineClientAtBlockImpl},
    utils::H256,
};

use crate::{
    BlockHash, Bootnode, ChainError, State, answer::in_time, config::PhatConfig, light::Light,
};

/// What a client at one block is made of.
pub(crate) type AtBlock = OnlineClientAtBlockImpl<PhatConfig>;
pub(crate) type ClientAtBlock = subxt::client::ClientAtBlock<PhatConfig, AtBlock>;

/// The chain, as a node of it shows it or as a light client of it verifies it.
///
/// A connection to a node does not heal: after an error for which [`ChainError::is_connection`]
/// holds, make a new one. A light client finds other nodes by itself, see
/// [`ChainClient::recovers`]. Clones share the connection or light client, which ends with the last
/// of them: keep one for as long as something that came from it is in use.
#[derive(Clone, Debug)]
pub struct ChainClient {
    online: OnlineClient<PhatConfig>,
    light: Option<Arc<Light>>,
}

impl ChainClient {
    /// Connects to the node at `url`: `ws://` on this machine, `wss://` anywhere. Whatever it says
    /// is believed.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        let unreachable = |error: subxt::error::OnlineClientError| ChainError::Unreachable {
            url: url.to_owned(),
            source: Box::new(error.into()),
        };
        let online = in_time(async { OnlineClient::from_url(url).await.map_err(unreachable) });
        Ok(Self {
            online: online.await?,
            light: None,
        })
    }

    /// Starts a light client of the chain that `chain_spec` specifies, in raw JSON. It finds the
    /// chain's network through `bootnodes` and those of the specification, and believes nobody
    /// there: the first block is that of the specification, finality is checked from its
    /// validators on, and whatever is read, code of the runtime and metadata included, comes with
    /// a proof.
    ///
    /// It returns before any node is found. Until the light client has caught up with the chain,
    /// its answers are [`ChainError::Behind`].
    pub async fn light(chain_spec: &str, bootnodes: &[Bootnode]) -> Result<Self, ChainError> {
        let (online, light) = Light::start(chain_spec, bootnodes).await?;
        Ok(Self {
            online,
            light: Some(Arc::new(light)),
        })
    }

    /// The number of nodes that the light client is connected to, or `None` without one.
    pub async fn peers(&self) -> Result<Option<usize>, ChainError> {
        match &self.light {
            Some(light) => light.peers().await.map(Some),
            None => Ok(None),
        }
    }

    /// Whether it may work again by itself after an error for which
    /// [`ChainError::is_connection`] holds.
    pub fn recovers(&self) -> bool {
        self.light.as_ref().is_some_and(|light| !light.has_ended())
    }

    async fn caught_up(&self) -> Result<(), ChainError> {
        match &self.light {
            Some(light) => light.caught_up().await,
            None => Ok(()),
        }
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
        self.caught_up().await?;
        let blocks = in_time(self.online.stream_blocks()).await?;
        Ok(blocks.map(|block| Ok(FinalizedBlock { inner: block? })))
    }

    /// The chain as it was at the latest finalised block.
    pub async fn latest(&self) -> Result<State, ChainError> {
        self.caught_up().await?;
        Ok(State::new(in_time(self.online.at_current_block()).await?))
    }

    /// The chain as it was at `block`. A node forgets the state of old blocks unless it was told
    /// to keep it, and a light client knows the newest blocks only.
    pub async fn at(&self, block: BlockHash) -> Result<State, ChainError> {
        self.caught_up().await?;
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
