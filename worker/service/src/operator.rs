//! What the worker has its operator submit, where it holds the operator's key.

use std::sync::Arc;

use async_trait::async_trait;
use phat_chain_client::{BatchHead, OpenChallenge, Signer};
use phat_primitives::{
    CodeHash, WorkerId,
    challenges::{ChallengeId, Verdict},
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
    receipts::ReceiptBatch,
};
use tokio::sync::Mutex;

use crate::{
    batcher::BatchChain,
    chain::{ChainError, ChainView, KeyPublisher},
    node::Node,
    panel::PanelChain,
};

/// The operator's account. Only one transaction of it is under way at a time: two would take the
/// same number.
pub type Operator = Arc<Mutex<Signer>>;

/// A node, and the operator's account on its chain.
pub struct OperatorChain {
    /// The node.
    pub node: Arc<Node>,
    /// Who pays.
    pub operator: Operator,
}

#[async_trait]
impl BatchChain for OperatorChain {
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError> {
        ChainView::genesis_hash(&*self.node).await
    }

    async fn head(&self, worker: WorkerId) -> Result<BatchHead, ChainError> {
        self.node
            .ask(|client| async move { client.latest().await?.batch_head(&worker).await })
            .await
    }

    async fn root(&self, worker: WorkerId, number: u32) -> Result<Option<[u8; 32]>, ChainError> {
        self.node
            .ask(|client| async move {
                let batch = client.latest().await?.batch(&worker, number).await?;
                Ok(batch.map(|batch| batch.root))
            })
            .await
    }

    async fn publish(&self, batch: &ReceiptBatch, signature: [u8; 64]) -> Result<(), ChainError> {
        let operator = self.operator.lock().await;
        let operator = &*operator;
        self.node
            .ask(|client| async move {
                client.publish_batch(operator, batch, signature).await?;
                Ok(())
            })
            .await
    }
}

#[async_trait]
impl PanelChain for OperatorChain {
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError> {
        ChainView::genesis_hash(&*self.node).await
    }

    async fn open_challenges(&self) -> Result<(u64, Vec<OpenChallenge>), ChainError> {
        self.node
            .ask(|client| async move {
                let state = client.latest().await?;
                Ok((state.number(), state.open_challenges().await?))
            })
            .await
    }

    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>, ChainError> {
        ChainView::code(&*self.node, hash).await
    }

    async fn vote(
        &self,
        challenge: ChallengeId,
        worker: WorkerId,
        verdict: Verdict,
        signature: [u8; 64],
    ) -> Result<(), ChainError> {
        let operator = self.operator.lock().await;
        let operator = &*operator;
        self.node
            .ask(|client| async move {
                client
                    .vote(operator, challenge, worker, verdict, signature)
                    .await?;
                Ok(())
            })
            .await
    }
}

#[async_trait]
impl KeyPublisher for OperatorChain {
    async fn publish_key(
        &self,
        announcement: &ClusterKeyAnnouncement,
        signature: [u8; 64],
    ) -> Result<(), ChainError> {
        let operator = self.operator.lock().await;
        let operator = &*operator;
        self.node
            .ask(|client| async move {
                client
                    .publish_cluster_key(operator, announcement, signature)
                    .await?;
                Ok(())
            })
            .await
    }

    async fn publish_attestor(
        &self,
        statement: &AttestorStatement,
        signature: [u8; 64],
    ) -> Result<(), ChainError> {
        let operator = self.operator.lock().await;
        let operator = &*operator;
        self.node
            .ask(|client| async move {
                client
                    .publish_attestor(operator, statement, signature)
                    .await?;
                Ok(())
            })
            .await
    }
}
