//! The secrets of contracts through a node.

use anyhow::Result;
use async_trait::async_trait;
use phat_primitives::ContractId;

use super::{Client, SigningClient};
use crate::chain::{Block, SealedSecret, SecretReader, SecretWriter};

#[async_trait]
impl SecretReader for Client {
    async fn secrets(&self, contract: ContractId) -> Result<Vec<SealedSecret>> {
        Ok(self.latest().await?.secrets(&contract).await?)
    }
}

#[async_trait]
impl SecretReader for SigningClient {
    async fn secrets(&self, contract: ContractId) -> Result<Vec<SealedSecret>> {
        self.client.secrets(contract).await
    }
}

#[async_trait]
impl SecretWriter for SigningClient {
    async fn set_secret(&self, contract: ContractId, secret: SealedSecret) -> Result<Block> {
        let connection = self.client.connection();
        let included = connection
            .set_secret(&self.signer, contract, secret)
            .await?;
        self.block(included.block).await
    }

    async fn remove_secret(&self, contract: ContractId, name: String) -> Result<Block> {
        let connection = self.client.connection();
        let included = connection
            .remove_secret(&self.signer, contract, name)
            .await?;
        self.block(included.block).await
    }
}
