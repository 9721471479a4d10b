//! What the commands about governance ask of the chain.

use anyhow::Result;
use async_trait::async_trait;
use phat_chain_client::{GovernanceAction, Proposal, Referendum, Track};

use super::Block;

/// Governance at the newest finalised block.
#[async_trait]
pub trait GovernanceReader: Send + Sync {
    /// The newest finalised block.
    async fn head(&self) -> Result<Block>;

    /// The tracks of referenda, in the order of their ids.
    async fn tracks(&self) -> Result<Vec<Track>>;

    /// The PHA that may vote, in units of 10⁻¹² PHA.
    async fn electorate(&self) -> Result<u128>;

    /// How many referenda there have been. They are numbered from 0 on.
    async fn referendum_count(&self) -> Result<u32>;

    /// A referendum.
    async fn referendum(&self, index: u32) -> Result<Option<Referendum>>;

    /// The hash of the runtime that was decided on and that nobody has given the chain yet.
    async fn authorized_upgrade(&self) -> Result<Option<[u8; 32]>>;

    /// A call in words, if the bytes are one.
    async fn describe_call(&self, call: &[u8]) -> Result<Option<String>>;
}

/// Takes part in governance with the signing account. Each transaction is awaited until the block
/// with it is final.
#[async_trait]
pub trait GovernanceWriter: GovernanceReader {
    /// What has to be done, one after the other, to submit a referendum about this.
    async fn submission(&self, proposal: &Proposal) -> Result<Vec<GovernanceAction>>;

    /// What the transaction for it would cost now, in units of 10⁻¹² PHA.
    async fn fee(&self, action: &GovernanceAction) -> Result<u128>;

    /// Does it. Gives the number of the referendum that it has submitted, if it has.
    async fn act(&self, action: &GovernanceAction) -> Result<(Block, Option<u32>)>;
}
