//! The Phat chain as a node of it shows it.

use std::{future::Future, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use phat_chain_client::{ChainClient, ChainError as ClientError};
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId, WorkerId};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
};
use url::Url;

use crate::chain::{ChainContract, ChainError, ChainView, ClusterState};

/// How long a node may take to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// How long no block may be finalised before the connection counts as dead.
const SILENCE_MAX: Duration = Duration::from_secs(120);
/// Contracts that are read at once.
const READS_CONCURRENT_MAX: usize = 32;
/// A manifest that is no text, for one that the chain holds in such a form.
const NOT_TEXT: &[u8] = &[0xff];

/// A node, which is connected to again whenever the connection breaks.
pub struct Node {
    url: Url,
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
        let client = in_time(ChainClient::connect(self.url.as_str())).await?;
        *connection = Some(client.clone());
        Ok(client)
    }

    /// Asks something; if the connection turns out to be dead, the next one is new.
    async fn ask<T, F>(&self, question: impl FnOnce(ChainClient) -> F) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let client = self.client().await?;
        let answer = in_time(question(client)).await;
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

    async fn cluster(&self, cluster: ClusterId) -> Result<ClusterState, ChainError> {
        self.ask(|client| async move {
            let state = client.latest().await?;
            let ids = state.contracts_of_cluster(cluster).await?;
            let reads = ids.into_iter().map(|id| read_contract(&state, id));
            let contracts: Vec<_> = stream::iter(reads)
                .buffer_unordered(READS_CONCURRENT_MAX)
                .collect()
                .await;
            Ok(ClusterState {
                block: state.number(),
                members: state.cluster_members(cluster).await?,
                contracts: contracts
                    .into_iter()
                    .filter_map(Result::transpose)
                    .collect::<Result<_, _>>()?,
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

async fn in_time<T>(answer: impl Future<Output = Result<T, ClientError>>) -> Result<T, ChainError> {
    match tokio::time::timeout(ANSWER_TIME_MAX, answer).await {
        Ok(answer) => answer.map_err(convert),
        Err(_) => {
            let seconds = ANSWER_TIME_MAX.as_secs();
            Err(ChainError::Unreachable(format!(
                "no answer for {seconds} s"
            )))
        }
    }
}

fn convert(error: ClientError) -> ChainError {
    if error.is_connection() {
        ChainError::Unreachable(error.to_string())
    } else {
        ChainError::Refused(error.to_string())
    }
}
