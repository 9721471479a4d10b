//! What the commands about secrets ask of the chain.

use anyhow::Result;
use async_trait::async_trait;
use phat_primitives::ContractId;

use super::{Block, ChainReader, ChainWriter, SealedSecret};

/// The secrets of contracts at the newest finalised block.
#[async_trait]
pub trait SecretReader: ChainReader {
    /// The secrets of a contract, in the order of their names.
    async fn secrets(&self, contract: ContractId) -> Result<Vec<SealedSecret>>;
}

/// Changes the secrets of the signing account's contracts. Each change is awaited until the block
/// with it is final.
#[async_trait]
pub trait SecretWriter: ChainWriter + SecretReader {
    /// Gives a contract a secret, in place of the one with this name if it has one.
    async fn set_secret(&self, contract: ContractId, secret: SealedSecret) -> Result<Block>;

    /// Removes a secret of a contract.
    async fn remove_secret(&self, contract: ContractId, name: String) -> Result<Block>;
}
