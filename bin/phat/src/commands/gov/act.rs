//! Transactions of those who govern, done or only priced.

use std::fmt;

use anyhow::{Context, Result};
use phat_chain_client::GovernanceAction as Action;
use serde::Serialize;

use crate::{
    amount::Amount,
    chain::{Block, GovernanceWriter},
    output::Output,
};

/// What was done, or would be.
#[derive(Debug, Serialize)]
pub struct Acted {
    /// Whether nothing was sent.
    is_dry_run: bool,
    /// In words, one a transaction.
    transactions: Vec<String>,
    /// The fees of all transactions, as they were before each.
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<Amount>,
    /// The referendum that was submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referendum: Option<u32>,
    /// The block with the last of the transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Block>,
}

impl Acted {
    /// This, and then that.
    pub fn and(mut self, then: Self) -> Result<Self> {
        self.transactions.extend(then.transactions);
        self.fee = match (self.fee, then.fee) {
            (Some(one), Some(other)) => Some(sum(one, other)?),
            _ => None,
        };
        self.referendum = then.referendum.or(self.referendum);
        self.block = then.block.or(self.block);
        Ok(self)
    }
}

fn sum(one: Amount, other: Amount) -> Result<Amount> {
    one.checked_add(other)
        .context("the fees are more PHA than there can be")
}

/// Does these one after the other, or tells only what they would cost.
pub async fn act(
    chain: &impl GovernanceWriter,
    actions: &[Action],
    is_dry_run: bool,
    output: &mut Output<'_>,
) -> Result<Acted> {
    let mut acted = Acted {
        is_dry_run,
        transactions: actions.iter().map(words).collect(),
        fee: None,
        referendum: None,
        block: None,
    };
    let mut fees = Amount(0);
    for (action, words) in actions.iter().zip(&acted.transactions) {
        fees = sum(fees, Amount(chain.fee(action).await?))?;
        if !is_dry_run {
            output.progress(format_args!("{words}…"));
            let (block, referendum) = chain
                .act(action)
                .await
                .with_context(|| format!("failed: {words}"))?;
            acted.block = Some(block);
            acted.referendum = referendum.or(acted.referendum);
        }
    }
    acted.fee = Some(fees);
    Ok(acted)
}

/// An action in words.
pub fn words(action: &Action) -> String {
    match action {
        Action::Note(bytes) => format!("note a call of {} bytes", bytes.len()),
        Action::Submit { track, .. } => format!("submit a referendum on track {track}"),
        Action::PlaceDeposit(id) => format!("place the deposit of referendum {id}"),
        Action::RefundDecision(id) => format!("give back the deposit of referendum {id}"),
        Action::RefundSubmission(id) => {
            format!("give back the deposit of the submission of referendum {id}")
        }
        Action::Vote {
            referendum,
            aye,
            amount,
            conviction,
        } => format!(
            "vote {} on referendum {referendum} with {} and conviction {conviction:?}",
            if *aye { "aye" } else { "nay" },
            Amount(*amount)
        ),
        Action::RemoveVote { referendum, .. } => {
            format!("take the vote on referendum {referendum} back")
        }
        Action::Delegate {
            track, to, amount, ..
        } => format!(
            "delegate {} on track {track} to account {to}",
            Amount(*amount)
        ),
        Action::Undelegate(track) => format!("end the delegation on track {track}"),
        Action::Unlock { track, account } => {
            format!("unlock PHA of account {account} on track {track}")
        }
        Action::Payout(spend) => format!("have spend {spend} paid"),
        Action::ApplyUpgrade(code) => format!("apply a runtime of {} bytes", code.len()),
    }
}

impl fmt::Display for Acted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.is_dry_run { "would" } else { "done" };
        for words in &self.transactions {
            writeln!(f, "{state:<12}{words}")?;
        }
        if let Some(fee) = self.fee {
            writeln!(f, "fee         {fee}")?;
        }
        if let Some(referendum) = self.referendum {
            writeln!(f, "referendum  {referendum}")?;
        }
        if let Some(block) = &self.block {
            writeln!(f, "block       {}", block.number)?;
        }
        Ok(())
    }
}
