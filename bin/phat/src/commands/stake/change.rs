//! Adding to a stake, and taking from it.

use std::fmt;

use anyhow::{Context, Result, bail};
use phat_primitives::{AccountBytes, ContractId};
use serde::Serialize;

use crate::{
    amount::Amount,
    chain::{Block, StakeChange, StakeState, StakeWriter},
    output::Output,
};

/// A change that was checked.
#[derive(Debug)]
pub struct Plan {
    contract: ContractId,
    account: AccountBytes,
    change: StakeChange,
    /// What the account has staked after it.
    stake: Amount,
    fee: Amount,
}

/// What became of a change.
#[derive(Debug, Serialize)]
pub struct Changed {
    contract: ContractId,
    account: AccountBytes,
    state: State,
    amount: Amount,
    /// What the account has staked to the contract then.
    stake: Amount,
    /// What it would cost, about, if nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    fee_estimate: Option<Amount>,
    /// The block with it, if it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Added,
    Withdrawn,
    DryRun,
}

impl Plan {
    /// Checks that the chain would take the change.
    pub async fn check(
        chain: &impl StakeWriter,
        contract: ContractId,
        change: StakeChange,
    ) -> Result<Self> {
        let account = chain.account();
        let state = chain.stake_state(contract, Some(account)).await?;
        let stake = match change {
            StakeChange::Add(amount) => added(state.as_ref(), contract, amount)?,
            StakeChange::Withdraw(amount) => withdrawn(state.as_ref(), contract, account, amount)?,
        };
        let fee = chain.stake_fee(contract, change).await?;
        let plan = Self {
            contract,
            account,
            change,
            stake,
            fee,
        };
        plan.check_balance(chain.free_balance(account).await?)?;
        Ok(plan)
    }

    fn check_balance(&self, free: Amount) -> Result<()> {
        let (account, fee) = (self.account, self.fee);
        let needed = match self.change {
            StakeChange::Add(amount) => amount.checked_add(fee),
            StakeChange::Withdraw(_) => Some(fee),
        };
        if needed.is_some_and(|needed| needed <= free) {
            return Ok(());
        }
        match self.change {
            StakeChange::Add(amount) => bail!(
                "{account} has {free} that is free, and this takes {amount} and a fee of about \
                 {fee}: stake less, or give another account with --suri"
            ),
            StakeChange::Withdraw(_) => bail!(
                "{account} has {free} that is free, and the fee is about {fee}: send it some PHA \
                 first"
            ),
        }
    }

    /// What it would come to.
    pub fn only_checked(self) -> Changed {
        let fee = self.fee;
        Changed {
            fee_estimate: Some(fee),
            ..self.done(State::DryRun, None)
        }
    }

    /// Makes the change.
    pub async fn make(self, chain: &impl StakeWriter, output: &mut Output<'_>) -> Result<Changed> {
        let (state, what, failed) = match self.change {
            StakeChange::Add(_) => (State::Added, "Staking…", "nothing was staked"),
            StakeChange::Withdraw(_) => (State::Withdrawn, "Withdrawing…", "nothing was withdrawn"),
        };
        output.progress(what);
        let block = chain
            .change_stake(self.contract, self.change)
            .await
            .context(failed)?;
        Ok(self.done(state, Some(block)))
    }

    fn done(self, state: State, block: Option<Block>) -> Changed {
        let (StakeChange::Add(amount) | StakeChange::Withdraw(amount)) = self.change;
        Changed {
            contract: self.contract,
            account: self.account,
            state,
            amount,
            stake: self.stake,
            fee_estimate: None,
            block,
        }
    }
}

/// What the account has staked once it has added this.
fn added(state: Option<&StakeState>, contract: ContractId, amount: Amount) -> Result<Amount> {
    let Some(state) = state else {
        bail!("there is no contract {contract} on this chain: check the id and --chain");
    };
    if !state.exists {
        bail!(
            "the contract {contract} was removed, and nobody can stake to it: what is staked to \
             it can be withdrawn"
        );
    }
    let stake = state.own.checked_add(amount);
    let stake = stake.context("this is more PHA than there can be: give a smaller amount")?;
    if let Some(missing) = state.minimum.checked_sub(stake)
        && missing > Amount(0)
    {
        let minimum = state.minimum;
        bail!(
            "{minimum} is the least that an account may have staked to a contract, and this makes \
             it {stake}: give {missing} more"
        );
    }
    Ok(stake)
}

/// What the account has staked once it has withdrawn this.
fn withdrawn(
    state: Option<&StakeState>,
    contract: ContractId,
    account: AccountBytes,
    amount: Amount,
) -> Result<Amount> {
    let Some(state) = state.filter(|state| state.own > Amount(0)) else {
        bail!(
            "{account} has nothing staked to {contract}: give the account that has with --suri, \
             or check the id and --chain"
        );
    };
    let own = state.own;
    let Some(left) = own.checked_sub(amount) else {
        bail!("{account} has {own} staked to {contract}: withdraw that, or less");
    };
    let minimum = state.minimum;
    if left > Amount(0) && left < minimum {
        bail!(
            "this leaves {left}, and {minimum} is the least that an account may have staked to a \
             contract: withdraw all of the {own}, or leave {minimum}"
        );
    }
    Ok(left)
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Added => "added",
            State::Withdrawn => "withdrawn",
            State::DryRun => "checked, and nothing was sent",
        };
        writeln!(f, "contract   {}", self.contract)?;
        writeln!(f, "account    {}", self.account)?;
        writeln!(f, "state      {state}")?;
        writeln!(f, "amount     {}", self.amount)?;
        writeln!(f, "stake      {}", self.stake)?;
        if let Some(fee) = self.fee_estimate {
            writeln!(f, "fee        about {fee}")?;
        }
        if let Some(block) = self.block {
            writeln!(f, "block      {}", block.number)?;
        }
        Ok(())
    }
}
