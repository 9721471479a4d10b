//! The Phat chain as a node of it shows it.

use std::{future::Future, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream::FuturesUnordered};
use phat_chain_client::{ChainClient, ChainError as ClientError};
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId, ManifestHash, WorkerId};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
};
use url::Url;

use crate::chain::{ChainContract, ChainError, ChainView, ClusterState, KnownContracts};

/// How long no block may be finalised before the connection counts as dead.
const SILENCE_MAX: Duration = Duration::from_secs(120);
/// Contracts that are read at once.
const READS_CONCURRENT_MAX: usize = 32;
/// A manifest that is no text, for one that the chain holds in such a form.
const NOT_TEXT: &[u8] = &[0xff];

/// A node, which is connected to again whenever the connection breaks. How long it may take for an
/// answer is bounded by the client, for each answer.
pub struct Node {
    url: Url,
    /// The chain of the first connection, which each further one must be to.
    genesis_hash: OnceLock<[u8; 32]>,
    connection: Mutex<Option<ChainClient>>,
    blocks: Mutex<Option<Blocks>>,
}

/// The finalised blocks of one connection.
struct Blocks {
    heights: watch::Receiver<Result<u64, ChainError>>,
    task: JoinHandle<()>,
}

impl Node {
    /// The node at `url`. Nothing is sent yet.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            genesis_hash: OnceLock::new(),
            connection: Mutex::default(),
            blocks: Mutex::default(),
        }
    }

    /// The connection, made if there is none.
    pub async fn client(&self) -> Result<ChainClient, ChainError> {
        let mut connection = self.connection.lock().await;
        if let Some(client) = &*connection {
            return Ok(client.clone());
        }
        let client = ChainClient::connect(self.url.as_str())
            .await
            .map_err(convert)?;
        self.check_chain(client.genesis_hash().0)?;
        *connection = Some(client.clone());
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
    async fn ask<T, F>(&self, question: impl FnOnce(ChainClient) -> F) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let client = self.client().await?;
        let answer = question(client).await.map_err(convert);
        if let Err(ChainError::Unreachable(_)) = &answer {
            self.disconnect().await;
        }
        answer
    }

    async fn disconnect(&self) {
        *self.connection.lock().await = None;
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
    async fn next(&mut self, after: u64) -> Result<u64, ChainError> {
        let is_news = |height: &Result<u64, ChainError>| {
            height.as_ref().map_or(true, |height| *height > after)
        };
        match tokio::time::timeout(SILENCE_MAX, self.heights.wait_for(is_news)).await {
            Ok(Ok(height)) => height.clone(),
            Ok(Err(_)) => Err(ChainError::Unreachable("it is followed no more".into())),
            Err(_) => {
                let seconds = SILENCE_MAX.as_secs();
                let reason = format!("no block was finalised for {seconds} s");
                Err(ChainError::Unreachable(reason))
            }
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
        let result = blocks.next(after).await;
        match &result {
            Ok(_) => *slot = Some(blocks),
            Err(_) => self.disconnect().await,
        }
        result
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
            Ok(ClusterState {
                block: state.number(),
                members,
                suspended,
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
    if error.is_connection() {
        ChainError::Unreachable(error.to_string())
    } else {
        ChainError::Refused(error.to_string())
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
        let node = Node::new("ws://node.example".parse().unwrap());
        node.check_chain([1; 32]).unwrap();
        node.check_chain([1; 32]).unwrap();
        let error = node.check_chain([2; 32]).unwrap_err().to_string();
        for part in [&hex::encode([1; 32]), &hex::encode([2; 32]), "--chain-rpc"] {
            assert!(error.contains(part), "{error}");
        }
        node.check_chain([1; 32]).unwrap();
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
