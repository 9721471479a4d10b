//! Governance through a node.

use anyhow::Result;
use async_trait::async_trait;
use phat_chain_client::{GovernanceAction, Proposal, Referendum, Track};

use super::{Client, SigningClient, block_of};
use crate::chain::{Block, GovernanceReader, GovernanceWriter};

#[async_trait]
impl GovernanceReader for Client {
    async fn head(&self) -> Result<Block> {
        Ok(block_of(&self.latest().await?))
    }

    async fn tracks(&self) -> Result<Vec<Track>> {
        Ok(self.latest().await?.tracks().await?)
    }

    async fn electorate(&self) -> Result<u128> {
        Ok(self.latest().await?.electorate().await?)
    }

    async fn referendum_count(&self) -> Result<u32> {
        Ok(self.latest().await?.referendum_count().await?)
    }

    async fn referendum(&self, index: u32) -> Result<Option<Referendum>> {
        Ok(self.latest().await?.referendum(index).await?)
    }

    async fn authorized_upgrade(&self) -> Result<Option<[u8; 32]>> {
        Ok(self.latest().await?.authorized_upgrade().await?)
    }

    async fn describe_call(&self, call: &[u8]) -> Result<Option<String>> {
        Ok(self.latest().await?.describe_call(call))
    }
}

#[async_trait]
impl GovernanceReader for SigningClient {
    async fn head(&self) -> Result<Block> {
        self.client.head().await
    }

    async fn tracks(&self) -> Result<Vec<Track>> {
        self.client.tracks().await
    }

    async fn electorate(&self) -> Result<u128> {
        self.client.electorate().await
    }

    async fn referendum_count(&self) -> Result<u32> {
        self.client.referendum_count().await
    }

    async fn referendum(&self, index: u32) -> Result<Option<Referendum>> {
        self.client.referendum(index).await
    }

    async fn authorized_upgrade(&self) -> Result<Option<[u8; 32]>> {
        self.client.authorized_upgrade().await
    }

    async fn describe_call(&self, call: &[u8]) -> Result<Option<String>> {
        self.client.describe_call(call).await
    }
}

#[async_trait]
impl GovernanceWriter for SigningClient {
    async fn submission(&self, proposal: &Proposal) -> Result<Vec<GovernanceAction>> {
        Ok(self.client.latest().await?.submission(proposal).await?)
    }

    async fn fee(&self, action: &GovernanceAction) -> Result<u128> {
        let connection = self.client.connection();
        Ok(connection.governance_fee(&self.signer, action).await?)
    }

    async fn act(&self, action: &GovernanceAction) -> Result<(Block, Option<u32>)> {
        let connection = self.client.connection();
        let (included, referendum) = connection.govern(&self.signer, action).await?;
        Ok((self.block(included.block).await?, referendum))
    }
}
