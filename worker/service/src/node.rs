//! The Phat chain, as a light client verifies it, or as a node shows it that is believed.

use std::{future::Future, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream::FuturesUnordered};
use phat_chain_client::{Bootnode, ChainClient, ChainError as ClientError, FinalityLog};
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId, ManifestHash, WorkerId};
use phat_worker_client::ChainTrust;
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
    time::Instant,
};
use url::Url;

use crate::chain::{
    Attestor, ChainContract, ChainError, ChainView, ClusterKeys, ClusterState, KnownContracts,
    Member, PublishedKey, SealedSecrets,
};

/// How long a light client may see no finalised block before another is started in its place, in
/// case it is the light client that is stuck and not the chain.
const STUCK_MAX: Duration = Duration::from_secs(15 * 60);
/// Contracts that are read at once. A light client answers 32 questions at once, and refuses more.
const READS_CONCURRENT_MAX: usize = 16;
/// A manifest that is no text, for one that the chain holds in such a form.
const NOT_TEXT: &[u8] = &[0xff];

/// How the chain is followed.
pub enum ChainSource {
    /// By a light client, which believes nobody.
    LightClient {
        /// The chain's specification, in raw JSON.
        chain_spec: String,
        /// Where its network is found, besides what the specification says.
        bootnodes: Vec<Bootnode>,
    },
    /// Through the node at this URL, which is believed. For development.
    TrustedRpc(Url),
}

/// The chain. A node is connected to again whenever the connection breaks; a light client stays,
/// since it finds other nodes by itself and a new one would have to catch up first. How long an
/// answer may take is bounded by the client, for each answer.
pub struct Node {
    source: ChainSource,
    /// How long no block may be finalised before that is an error.
    silence_max: Duration,
    /// The chain of the first connection, which each further one must be to.
    genesis_hash: OnceLock<[u8; 32]>,
    /// What was shown as final on any connection, which each further one must go on from.
    finality: FinalityLog,
    connection: Mutex<Option<Connection>>,
    blocks: Mutex<Option<Blocks>>,
}

/// A connection to a node, or a light client.
struct Connection {
    client: ChainClient,
    /// When it saw the last finalised block, or was made.
    progress_at: Instant,
}

/// The finalised blocks of one connection.
struct Blocks {
    heights: watch::Receiver<Result<u64, ChainError>>,
    task: JoinHandle<()>,
}

impl Node {
    /// The chain as `source` shows it. Nothing is sent yet.
    pub fn new(source: ChainSource, silence_max: Duration) -> Self {
        Self {
            source,
            silence_max,
            genesis_hash: OnceLock::new(),
            finality: FinalityLog::default(),
            connection: Mutex::default(),
            blocks: Mutex::default(),
        }
    }

    /// The connection, made if there is none.
    pub async fn client(&self) -> Result<ChainClient, ChainError> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = &*slot {
            return Ok(connection.client.clone());
        }
        let client = match &self.source {
            ChainSource::LightClient {
                chain_spec,
                bootnodes,
            } => ChainClient::light_after(chain_spec, bootnodes, self.finality.clone()).await,
            ChainSource::TrustedRpc(url) => {
                ChainClient::connect_after(url.as_str(), self.finality.clone()).await
            }
        };
        let client = client.map_err(convert)?;
        self.check_chain(client.genesis_hash().0)?;
        client.check_history().await.map_err(convert)?;
        *slot = Some(Connection {
            client: client.clone(),
            progress_at: Instant::now(),
        });
        Ok(client)
    }

    fn check_chain(&self, found: [u8; 32]) -> Result<(), ChainError> {
        let expected = *self.genesis_hash.get_or_init(|| found);
        if found == expected {
            return Ok(());
        }
        Err(ChainError::OtherChain { expected, found })
    }

    /// Asks something; if the connection turns out to be dead, the next one is new.
    pub(crate) async fn ask<T, F>(
        &self,
        question: impl FnOnce(ChainClient) -> F,
    ) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let client = self.client().await?;
        let answer = question(client).await.map_err(convert);
        if let Err(ChainError::Unreachable(_) | ChainError::Contradicted(_)) = &answer {
            self.disconnect().await;
        }
        answer
    }

    /// Has the next question make a new connection, unless there is a light client that may yet
    /// go on. Tells whether there is.
    async fn disconnect(&self) -> bool {
        let mut slot = self.connection.lock().await;
        let may_go_on = |connection: &Connection| {
            connection.client.recovers() && connection.progress_at.elapsed() < STUCK_MAX
        };
        let stays = slot.as_ref().is_some_and(may_go_on);
        if !stays {
            *slot = None;
        }
        stays
    }

    async fn note_progress(&self) {
        if let Some(connection) = &mut *self.connection.lock().await {
            connection.progress_at = Instant::now();
        }
    }

    /// The error when no block was finalised for too long.
    async fn silence(&self) -> ChainError {
        let seconds = self.silence_max.as_secs();
        let peers = match self.peers().await {
            Some(peers) => format!("; the light client has {peers} peers"),
            None => String::new(),
        };
        ChainError::Unreachable(format!("no block was finalised for {seconds} s{peers}"))
    }

    /// The heights of the blocks that `client` sees finalised from now on.
    fn follow(client: ChainClient) -> Blocks {
        let (sender, heights) = watch::channel(Ok(0));
        let task = tokio::spawn(async move {
            let end = match client.finalized().await {
                Ok(mut blocks) => loop {
                    match blocks.next().await {
                        Some(Ok(block)) => sender.send_modify(|seen| *seen = Ok(block.number())),
                        Some(Err(error)) => break error,
                        None => break ClientError::StreamEnded,
                    }
                },
                Err(error) => error,
            };
            sender.send_modify(|seen| *seen = Err(convert(end)));
        });
        Blocks { heights, task }
    }
}

impl Blocks {
    /// The newest height, as soon as it is above `after`; `None` after `silence_max`.
    async fn next(&mut self, after: u64, silence_max: Duration) -> Result<Option<u64>, ChainError> {
        let is_news = |height: &Result<u64, ChainError>| {
            height.as_ref().map_or(true, |height| *height > after)
        };
        match tokio::time::timeout(silence_max, self.heights.wait_for(is_news)).await {
            Ok(Ok(height)) => height.clone().map(Some),
            Ok(Err(_)) => Err(ChainError::Unreachable("it is followed no more".into())),
            Err(_) => Ok(None),
        }
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[async_trait]
impl ChainView for Node {
    fn trust(&self) -> ChainTrust {
        match self.source {
            ChainSource::LightClient { .. } => ChainTrust::LightClient,
            ChainSource::TrustedRpc(_) => ChainTrust::Rpc,
        }
    }

    async fn peers(&self) -> Option<u64> {
        if self.trust() == ChainTrust::Rpc {
            return None;
        }
        let client = self.connection.lock().await.as_ref()?.client.clone();
        let peers = client.peers().await.ok().flatten()?;
        u64::try_from(peers).ok()
    }

    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError> {
        Ok(self.client().await?.genesis_hash().0)
    }

    async fn finalized(&self, after: Option<u64>) -> Result<u64, ChainError> {
        let Some(after) = after else {
            let latest = |client: ChainClient| async move { client.latest().await };
            return Ok(self.ask(latest).await?.number());
        };
        let mut slot = self.blocks.lock().await;
        let mut blocks = match slot.take() {
            Some(blocks) => blocks,
            None => Self::follow(self.client().await?),
        };
        match blocks.next(after, self.silence_max).await {
            Ok(Some(height)) => {
                *slot = Some(blocks);
                self.note_progress().await;
                Ok(height)
            }
            Ok(None) => {
                let silence = self.silence().await;
                if self.disconnect().await {
                    *slot = Some(blocks);
                }
                Err(silence)
            }
            Err(error) => {
                self.disconnect().await;
                Err(error)
            }
        }
    }

    async fn cluster(
        &self,
        cluster: ClusterId,
        contracts: &mut KnownContracts,
    ) -> Result<ClusterState, ChainError> {
        self.ask(|client| async move {
            let state = client.latest().await?;
            let listed = state.contracts_of_cluster(cluster).await?;
            read_missing(contracts, &listed, |id| read_contract(&state, id)).await?;
            let members = state.active_workers(cluster).await?;
            let mut suspended = state.cluster_members(cluster).await?;
            suspended.retain(|worker| !members.contains(worker));
            let current = state.cluster_key(cluster).await?;
            let keys = ClusterKeys {
                current: current.map(|(generation, _)| generation),
                is_rotation_requested: state.is_rotation_requested(cluster).await?,
            };
            let secrets = state.secrets_of_cluster(cluster).await?;
            let stakes = state.contract_stakes(cluster).await?;
            Ok(ClusterState {
                block: state.number(),
                made_at_ms: state.made_at_ms().await?,
                members,
                suspended,
                keys,
                secrets: secrets.into_iter().collect(),
                stakes,
            })
        })
        .await
    }

    async fn secrets(
        &self,
        cluster: ClusterId,
        contract: ContractId,
    ) -> Result<SealedSecrets, ChainError> {
        self.ask(|client| async move {
            let state = client.latest().await?;
            Ok(SealedSecrets {
                changed_at: state.secrets_changed_at(cluster, &contract).await?,
                secrets: state.secrets(&contract).await?,
            })
        })
        .await
    }

    async fn operator(&self, worker: WorkerId) -> Result<Option<AccountBytes>, ChainError> {
        self.ask(|client| async move {
            let worker = client.latest().await?.worker(&worker).await?;
            Ok(worker.map(|worker| worker.operator))
        })
        .await
    }

    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>, ChainError> {
        self.ask(|client| async move { client.latest().await?.code(&hash).await })
            .await
    }

    async fn member(
        &self,
        cluster: ClusterId,
        worker: WorkerId,
    ) -> Result<Option<Member>, ChainError> {
        self.ask(|client| async move {
            let state = client.latest().await?;
            if !state.active_workers(cluster).await?.contains(&worker) {
                return Ok(None);
            }
            let worker = state.worker(&worker).await?;
            Ok(worker.map(|worker| Member {
                encryption_key: worker.encryption_key,
                endpoint: worker.endpoint,
            }))
        })
        .await
    }

    async fn cluster_key(
        &self,
        cluster: ClusterId,
        generation: u32,
    ) -> Result<Option<PublishedKey>, ChainError> {
        self.ask(|client| async move {
            let state = client.latest().await?;
            state.cluster_key_of(cluster, generation).await
        })
        .await
    }

    async fn attestor(&self, contract: ContractId) -> Result<Option<Attestor>, ChainError> {
        self.ask(|client| async move { client.latest().await?.attestor(contract).await })
            .await
    }
}

/// Reads what of the list `listed` is missing from `contracts`, some at a time.
async fn read_missing<F>(
    contracts: &mut KnownContracts,
    listed: &[(ContractId, ManifestHash)],
    read: impl Fn(ContractId) -> F,
) -> Result<(), ClientError>
where
    F: Future<Output = Result<Option<ChainContract>, ClientError>>,
{
    let mut missing = contracts.missing(listed).into_iter();
    let mut reads = FuturesUnordered::new();
    loop {
        while reads.len() < READS_CONCURRENT_MAX
            && let Some((id, hash)) = missing.next()
        {
            let contract = read(id);
            reads.push(async move { (hash, contract.await) });
        }
        let Some((hash, contract)) = reads.next().await else {
            return Ok(());
        };
        if let Some(contract) = contract? {
            contracts.insert(hash, contract);
        }
    }
}

async fn read_contract(
    state: &phat_chain_client::State,
    id: ContractId,
) -> Result<Option<ChainContract>, ClientError> {
    match state.contract(&id).await {
        Ok(found) => Ok(found.map(|contract| ChainContract {
            id: contract.id,
            code_hash: contract.code_hash,
            manifest: contract.manifest.into_bytes(),
        })),
        // Whoever stores such a manifest must not keep the others from being served.
        Err(ClientError::NotText(_)) => Ok(Some(ChainContract {
            id,
            code_hash: CodeHash::default(),
            manifest: NOT_TEXT.into(),
        })),
        Err(error) => Err(error),
    }
}

fn convert(error: ClientError) -> ChainError {
    match error {
        ClientError::BadChainSpec(_) | ClientError::NoBootnode => {
            ChainError::Unusable(error.to_string())
        }
        _ if error.is_contradiction() => ChainError::Contradicted(error.to_string()),
        _ if error.is_connection() => ChainError::Unreachable(error.to_string()),
        _ => ChainError::Refused(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    fn id(number: u32) -> ContractId {
        let mut id = ContractId::default();
        id.0[..4].copy_from_slice(&number.to_be_bytes());
        id
    }

    fn contract(id: ContractId) -> ChainContract {
        ChainContract {
            id,
            code_hash: CodeHash::default(),
            manifest: Vec::new(),
        }
    }

    #[test]
    fn a_node_of_another_chain_is_refused() {
        let url = "ws://node.example".parse().unwrap();
        let node = Node::new(ChainSource::TrustedRpc(url), Duration::from_secs(1));
        node.check_chain([1; 32]).unwrap();
        node.check_chain([1; 32]).unwrap();
        let error = node.check_chain([2; 32]).unwrap_err().to_string();
        for part in [&hex::encode([1; 32]), &hex::encode([2; 32]), "--trust-rpc"] {
            assert!(error.contains(part), "{error}");
        }
        node.check_chain([1; 32]).unwrap();
    }

    fn light(chain_spec: &str) -> Node {
        let source = ChainSource::LightClient {
            chain_spec: chain_spec.into(),
            bootnodes: Vec::new(),
        };
        Node::new(source, Duration::from_secs(1))
    }

    #[tokio::test]
    async fn a_light_client_says_what_it_cannot_begin_with() {
        let node = light("{}");
        assert_eq!(node.trust(), ChainTrust::LightClient);
        assert_eq!(node.peers().await, None);
        let alone = r#"{"genesis":{"raw":{"top":{},"childrenDefault":{}}}}"#;
        for (chain_spec, part) in [
            ("{}", "the chain specification cannot be used"),
            (alone, "there is no bootnode"),
        ] {
            let error = light(chain_spec).client().await.err().unwrap();
            assert!(matches!(error, ChainError::Unusable(_)), "{error}");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    /// Whoever shows old blocks only, or none, is found out by it.
    #[tokio::test]
    async fn a_chain_that_finalises_nothing_is_told_from_one_that_does() {
        let (sender, heights) = watch::channel(Ok(7));
        let mut blocks = Blocks {
            heights,
            task: tokio::spawn(std::future::pending()),
        };
        let soon = Duration::from_millis(1);
        assert_eq!(blocks.next(6, soon).await, Ok(Some(7)));
        assert_eq!(blocks.next(7, soon).await, Ok(None));
        // An older block is no news.
        sender.send_modify(|height| *height = Ok(5));
        assert_eq!(blocks.next(7, soon).await, Ok(None));
        sender.send_modify(|height| *height = Ok(8));
        assert_eq!(blocks.next(7, soon).await, Ok(Some(8)));
        drop(sender);
        assert!(blocks.next(8, soon).await.is_err());
        let url = "ws://node.example".parse().unwrap();
        let node = Node::new(ChainSource::TrustedRpc(url), Duration::from_secs(9));
        let error = node.silence().await.to_string();
        assert!(error.ends_with("no block was finalised for 9 s"), "{error}");
    }

    #[tokio::test]
    async fn reads_go_on_after_an_error_where_they_were() {
        let listed: Vec<_> = (0..1_000)
            .map(|number| (id(number), ManifestHash::default()))
            .collect();
        let (count, at_once, most_at_once) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let breaks = RefCell::new(vec![700, 300]);
        let read = |id| {
            let (count, at_once, most_at_once) = (&count, &at_once, &most_at_once);
            let breaks = &breaks;
            async move {
                at_once.set(at_once.get() + 1);
                most_at_once.set(at_once.get().max(most_at_once.get()));
                tokio::task::yield_now().await;
                at_once.set(at_once.get() - 1);
                if breaks.borrow().last() == Some(&count.get()) {
                    breaks.borrow_mut().pop();
                    return Err(ClientError::StreamEnded);
                }
                count.set(count.get() + 1);
                Ok(Some(contract(id)))
            }
        };

        let mut contracts = KnownContracts::default();
        for known in [300, 700] {
            let result = read_missing(&mut contracts, &listed, read).await;
            assert!(matches!(result, Err(ClientError::StreamEnded)));
            assert_eq!(contracts.iter().count(), known);
            at_once.set(0);
        }
        read_missing(&mut contracts, &listed, read).await.unwrap();
        let ids: Vec<_> = contracts.iter().map(|contract| contract.id).collect();
        assert_eq!(ids, (0..1_000).map(id).collect::<Vec<_>>());
        assert_eq!(count.get(), 1_000);
        assert_eq!(most_at_once.get(), READS_CONCURRENT_MAX);
    }
}
