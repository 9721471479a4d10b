//! How the chain is reached.

use std::sync::Arc;

use futures::{Stream, StreamExt};
use subxt::{
    OnlineClient,
    client::{Block, OnlineClientAtBlockImpl},
    rpcs::{RpcClient, rpc_params},
    utils::H256,
};

use crate::{
    BlockHash, Bootnode, ChainError, FinalityLog, State, answer::in_time, config::PhatConfig,
    light::Light,
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
    /// How the node is asked what no light client answers. None with a light client.
    node: Option<RpcClient>,
    /// What was shown as final, here and on connections before.
    finality: FinalityLog,
}

impl ChainClient {
    /// Connects to the node at `url`: `ws://` on this machine, `wss://` anywhere. Whatever it says
    /// is believed.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        Self::connect_after(url, FinalityLog::default()).await
    }

    /// Does the same after other connections, which showed what `finality` has.
    ///
    /// Whatever is shown as final is taken into `finality`, and refused where it contradicts what
    /// is there: [`ChainError::WentBack`] and [`ChainError::Rewritten`]. That the node goes on
    /// from there, [`ChainClient::check_history`] tells.
    pub async fn connect_after(url: &str, finality: FinalityLog) -> Result<Self, ChainError> {
        let unreachable = |error: subxt::error::OnlineClientError| ChainError::Unreachable {
            url: url.to_owned(),
            source: Box::new(error.into()),
        };
        let (online, rpc) = in_time(async {
            let rpc = RpcClient::from_url(url).await;
            let rpc = rpc.map_err(|error| unreachable(error.into()))?;
            let online = OnlineClient::from_rpc_client(rpc.clone()).await;
            Ok::<_, ChainError>((online.map_err(unreachable)?, rpc))
        })
        .await?;
        Ok(Self {
            online,
            light: None,
            node: Some(rpc),
            finality,
        })
    }

    /// Checks that the node has the newest block that was shown as final before. A light client,
    /// which checks that itself, is not asked.
    pub async fn check_history(&self) -> Result<(), ChainError> {
        let (Some(node), Some((number, _))) = (&self.node, self.finality.newest()) else {
            return Ok(());
        };
        let params = rpc_params![number];
        let hash: Option<H256> = in_time(node.request("chain_getBlockHash", params)).await?;
        let hash = hash.map(|hash| BlockHash(hash.0));
        self.finality.compare(number, hash)
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
        Self::light_after(chain_spec, bootnodes, FinalityLog::default()).await
    }

    /// Does the same after other light clients or connections, which showed what `finality` has.
    /// What contradicts it is refused, as by [`ChainClient::connect_after`].
    pub async fn light_after(
        chain_spec: &str,
        bootnodes: &[Bootnode],
        finality: FinalityLog,
    ) -> Result<Self, ChainError> {
        let (online, light) = Light::start(chain_spec, bootnodes).await?;
        Ok(Self {
            online,
            light: Some(Arc::new(light)),
            node: None,
            finality,
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
        let finality = self.finality.clone();
        Ok(blocks.map(move |block| {
            let block = FinalizedBlock { inner: block? };
            finality.note(block.number(), block.hash(), Some(block.parent_hash()))?;
            Ok::<_, ChainError>(block)
        }))
    }

    /// The chain as it was at the latest finalised block.
    pub async fn latest(&self) -> Result<State, ChainError> {
        self.caught_up().await?;
        let state = State::new(in_time(self.online.at_current_block()).await?);
        self.finality.note(state.number(), state.hash(), None)?;
        Ok(state)
    }

    /// The chain as it was at `block`. A node forgets the state of old blocks unless it was told
    /// to keep it, and a light client knows the newest blocks only.
    pub async fn at(&self, block: BlockHash) -> Result<State, ChainError> {
        self.caught_up().await?;
        let at = in_time(self.online.at_block(H256(block.0))).await?;
        Ok(State::new(at))
    }

    /// The chain as it was at the block with this number, which the caller knows to be final.
    pub(crate) async fn at_number(&self, number: u32) -> Result<State, ChainError> {
        self.caught_up().await?;
        Ok(State::new(in_time(self.online.at_block(number)).await?))
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

    /// The hash of the block below.
    fn parent_hash(&self) -> BlockHash {
        BlockHash(self.inner.header().parent_hash.0)
    }

    /// The chain as it was at the block.
    pub async fn state(&self) -> Result<State, ChainError> {
        Ok(State::new(in_time(self.inner.at()).await?))
    }
}
