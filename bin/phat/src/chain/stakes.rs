//! What the commands about stake ask of the chain.

use anyhow::Result;
use async_trait::async_trait;
use phat_primitives::{AccountBytes, ClusterId, ContractId};
use serde::Serialize;

use super::{Block, ChainReader, ChainWriter};
use crate::amount::Amount;

/// What is staked to a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeState {
    /// The cluster that serves the contract, or served it.
    pub cluster: ClusterId,
    /// Whether the contract is there. Stake outlives it.
    pub exists: bool,
    /// What all accounts have staked to it.
    pub total: Amount,
    /// What the account has that was asked about.
    pub own: Amount,
    /// The part of its cluster's compute that it is entitled to, in millionths.
    pub share_ppm: u32,
    /// The least that an account may have staked to a contract, if anything.
    pub minimum: Amount,
    /// What each contract of the network counts for at the least.
    pub free_allowance: Amount,
}

impl StakeState {
    /// Whether workers run the contract: it is there, and something is staked to it or the network
    /// gives it an allowance.
    pub fn is_run(&self) -> bool {
        self.exists && self.total.max(self.free_allowance) > Amount(0)
    }
}

/// What holds for what is staked to any contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StakeRules {
    /// The least that an account may have staked to a contract, if anything.
    pub minimum: Amount,
    /// What each contract counts for at the least.
    pub free_allowance: Amount,
}

/// A change of what the signing account has staked to a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakeChange {
    /// So much more.
    Add(Amount),
    /// So much less.
    Withdraw(Amount),
}

/// What is staked to contracts at the newest finalised block.
#[async_trait]
pub trait StakeReader: ChainReader {
    /// What is staked to a contract, by `account` and by all. `None` if there is neither the
    /// contract nor any stake of it.
    async fn stake_state(
        &self,
        contract: ContractId,
        account: Option<AccountBytes>,
    ) -> Result<Option<StakeState>>;

    /// What holds for all contracts.
    async fn stake_rules(&self) -> Result<StakeRules>;

    /// What of an account's balance is not on hold.
    async fn free_balance(&self, account: AccountBytes) -> Result<Amount>;
}

/// Changes what the signing account has staked. Each change is awaited until the block with it is
/// final.
#[async_trait]
pub trait StakeWriter: ChainWriter + StakeReader {
    /// What a change would cost in fees, about.
    async fn stake_fee(&self, contract: ContractId, change: StakeChange) -> Result<Amount>;

    /// Makes a change.
    async fn change_stake(&self, contract: ContractId, change: StakeChange) -> Result<Block>;
}
