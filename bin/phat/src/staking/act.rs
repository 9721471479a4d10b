//! Transactions, sent or only priced.

use std::fmt;

use anyhow::{Context, Result, bail};
use phat_chain_client::{EconomyAction, EconomyOutcome};
use phat_primitives::AccountBytes;
use serde::Serialize;

use super::{text::Shares, words::words};
use crate::{
    amount::Amount,
    chain::{Block, EconomyWriter},
    output::Output,
};

/// What was done, or would be.
#[derive(Debug, Serialize)]
pub struct Acted {
    account: AccountBytes,
    /// Whether nothing was sent.
    is_dry_run: bool,
    /// In words.
    action: String,
    /// What it costs besides what it moves, about.
    fee_estimate: Amount,
    /// The pool or vault that was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<u64>,
    /// The shares that were bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    shares: Option<Shares>,
    /// What the account was paid for shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    paid: Option<Amount>,
    /// The withdrawal that waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<u64>,
    /// The payments to those who wait, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<u32>,
    /// What came back of a stake, and what did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slashed: Option<Amount>,
    /// The commission that was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<Amount>,
    /// The shares that a vault's owner was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    fee_shares: Option<Shares>,
    /// How many workers were stopped, or pools withdrawn from.
    #[serde(skip_serializing_if = "Option::is_none")]
    forced: Option<u32>,
    /// The block with it, if it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Block>,
}

/// Does it, or tells only what it would cost. `spends` is what it takes of the account's balance
/// besides the fee.
pub async fn act(
    chain: &impl EconomyWriter,
    action: EconomyAction,
    spends: Amount,
    is_dry_run: bool,
    output: &mut Output<'_>,
) -> Result<Acted> {
    let account = chain.signing_account();
    let fee = chain.economy_fee(&action).await?;
    check_balance(account, chain.spendable(account).await?, spends, fee)?;
    let words = words(&action);
    let (outcome, block) = if is_dry_run {
        (EconomyOutcome::default(), None)
    } else {
        output.progress(format_args!("Sending: {words}…"));
        let sent = chain.act_in_economy(&action).await;
        let (block, outcome) = sent.with_context(|| format!("this was not done: {words}"))?;
        (outcome, Some(block))
    };
    Ok(Acted {
        account,
        is_dry_run,
        action: words,
        fee_estimate: fee,
        created: outcome.created,
        shares: outcome.shares.map(Shares),
        paid: outcome.paid.map(Amount),
        request: outcome.queued,
        payments: (outcome.payments > 0).then_some(outcome.payments),
        returned: outcome.returned.map(Amount),
        slashed: outcome.slashed.map(Amount),
        claimed: outcome.claimed.map(Amount),
        fee_shares: outcome.fee_shares.map(Shares),
        forced: outcome.forced,
        block,
    })
}

fn check_balance(account: AccountBytes, free: Amount, spends: Amount, fee: Amount) -> Result<()> {
    if spends.checked_add(fee).is_some_and(|needed| needed <= free) {
        return Ok(());
    }
    if spends == Amount(0) {
        bail!(
            "{account} has {free} that is free, and the fee is about {fee}: send it some PHA first"
        );
    }
    bail!(
        "{account} has {free} that is free, and this takes {spends} and a fee of about {fee}: give \
         a smaller amount, or another account with --suri"
    );
}

impl Acted {
    /// The lines with what it came to, each with its name.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let count = |count: Option<u32>| count.map(|count| count.to_string());
        let amount = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
        let shares = |shares: Option<Shares>| shares.map(|shares| shares.to_string());
        let lines = [
            ("number", number(self.created)),
            ("bought", shares(self.shares)),
            ("paid", amount(self.paid)),
            ("waits as", number(self.request)),
            ("payments", count(self.payments)),
            ("returned", amount(self.returned)),
            ("slashed", amount(self.slashed)),
            ("claimed", amount(self.claimed)),
            ("owner got", shares(self.fee_shares)),
            ("forced", count(self.forced)),
        ];
        let told = lines.into_iter();
        told.filter_map(|(name, text)| Some((name, text?)))
            .collect()
    }
}

impl fmt::Display for Acted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.is_dry_run { "would" } else { "done" };
        writeln!(f, "{state:<11}{}", self.action)?;
        writeln!(f, "account    {}", self.account)?;
        for (name, text) in self.lines() {
            writeln!(f, "{name:<11}{text}")?;
        }
        writeln!(f, "fee        about {}", self.fee_estimate)?;
        if let Some(block) = self.block {
            writeln!(f, "block      {}", block.number)?;
        }
        Ok(())
    }
}
