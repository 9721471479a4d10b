//! What an account has of a pool or a vault, and what it can have back.

use std::fmt;

use anyhow::{Context, Result, bail};
use phat_chain_client::{FundTerms, Queue, ShareBook};
use phat_primitives::AccountBytes;
use serde::Serialize;

use super::{
    args::Part,
    text::{Shares, Span},
};
use crate::{amount::Amount, chain::Holder};

/// The withdrawals that wait.
#[derive(Debug, Serialize)]
pub struct QueueShown {
    count: u32,
    shares: Shares,
    /// What these are worth.
    value: Amount,
    /// For how long the first has waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_s: Option<u64>,
    /// In how many seconds workers are stopped, or pools withdrawn from, if somebody asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    forceable_in_s: Option<u64>,
}

impl QueueShown {
    /// A queue as it is at `now_s`, in seconds since 1970.
    pub fn of(queue: &Queue, book: &ShareBook, terms: &FundTerms, now_s: u64) -> Self {
        let since_s = queue.waiting_since_s;
        Self {
            count: queue.count,
            shares: Shares(queue.shares),
            value: Amount(book.amount_for(queue.shares)),
            waited_s: since_s.map(|since_s| now_s.saturating_sub(since_s)),
            forceable_in_s: since_s.map(|since_s| {
                let due_s = since_s.saturating_add(terms.grace_s);
                due_s.saturating_sub(now_s)
            }),
        }
    }
}

impl fmt::Display for QueueShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("nobody waits");
        }
        write!(f, "{} waiting, worth {}", self.count, self.value)?;
        if let (Some(waited_s), Some(in_s)) = (self.waited_s, self.forceable_in_s) {
            write!(f, "; the first for {}, ", Span(waited_s))?;
            match in_s {
                0 => f.write_str("and can be forced")?,
                in_s => write!(f, "can be forced in {}", Span(in_s))?,
            }
        }
        Ok(())
    }
}

/// What an account has.
#[derive(Debug, Serialize)]
pub struct Held {
    account: AccountBytes,
    /// The shares that it can move, and what these are worth.
    shares: Shares,
    value: Amount,
    may_delegate: bool,
    /// Its withdrawals that wait.
    waiting: Vec<WaitingShown>,
}

/// A withdrawal that waits.
#[derive(Debug, Serialize)]
struct WaitingShown {
    request: u64,
    shares: Shares,
    value: Amount,
    waited_s: u64,
    /// The withdrawals that are paid before it, and what they are worth.
    ahead: u64,
    ahead_value: Amount,
}

impl Held {
    /// What an account has at `now_s`, in seconds since 1970.
    pub fn of(holder: &Holder, book: &ShareBook, now_s: u64) -> Self {
        let waiting = holder.waiting.iter().map(|waiting| WaitingShown {
            request: waiting.request,
            shares: Shares(waiting.shares),
            value: Amount(book.amount_for(waiting.shares)),
            waited_s: now_s.saturating_sub(waiting.requested_at_s),
            ahead: waiting.ahead,
            ahead_value: Amount(book.amount_for(waiting.ahead_shares)),
        });
        Self {
            account: holder.account,
            shares: Shares(holder.position.shares),
            value: Amount(book.amount_for(holder.position.shares)),
            may_delegate: holder.may_delegate,
            waiting: waiting.collect(),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "account    {}", self.account)?;
        writeln!(f, "           {}, worth {}", self.shares, self.value)?;
        for waiting in &self.waiting {
            write!(
                f,
                "           withdrawal {} waits, worth {}, for {}: ",
                waiting.request,
                waiting.value,
                Span(waiting.waited_s)
            )?;
            match waiting.ahead {
                0 => writeln!(f, "it is the next")?,
                ahead => writeln!(f, "{ahead} before it, worth {}", waiting.ahead_value)?,
            }
        }
        if !self.may_delegate {
            writeln!(f, "           may not delegate: it is not on the whitelist")?;
        }
        Ok(())
    }
}

/// The shares of `holder` that a withdrawal from `what` is of.
pub fn withdrawn(
    what: &str,
    holder: &Holder,
    book: &ShareBook,
    terms: &FundTerms,
    part: Part,
) -> Result<u128> {
    let (account, owned) = (holder.account, holder.position.shares);
    if owned == 0 {
        bail!(
            "{account} has no shares of {what} that it can move: give the account that has with \
             --suri, or look at `show` for what waits already"
        );
    }
    let shares = match part {
        Part::All => owned,
        Part::Shares(shares) => shares,
        Part::Worth(amount) => {
            if amount.0 > book.value {
                bail!(
                    "all of {what} is worth {}: withdraw less",
                    Amount(book.value)
                );
            }
            book.shares_covering(amount.0)
        }
    };
    if shares > owned {
        let value = Amount(book.amount_for(owned));
        bail!(
            "{account} has {} of {what}, worth {value}: withdraw no more, or say all",
            Shares(owned)
        );
    }
    let worth = book.amount_for(shares);
    if worth < terms.request_min && worth > book.available {
        bail!(
            "this is worth {}, and less than {} does not wait in the queue: withdraw more, or try \
             again when {what} has some money",
            Amount(worth),
            Amount(terms.request_min)
        );
    }
    Ok(shares)
}

/// The withdrawal of `holder`'s from `what` that is to be taken back: the one with this number, or
/// the only one.
pub fn cancelled(what: &str, holder: &Holder, request: Option<u64>) -> Result<u64> {
    let account = holder.account;
    let numbers: Vec<_> = holder
        .waiting
        .iter()
        .map(|waiting| waiting.request)
        .collect();
    let listed = || {
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        numbers.join(", ")
    };
    match request {
        _ if numbers.is_empty() => {
            bail!(
                "no withdrawal of {account} waits in the queue of {what}: there is none to cancel"
            )
        }
        Some(request) if numbers.contains(&request) => Ok(request),
        Some(request) => {
            bail!(
                "{account} has no withdrawal {request} in the queue of {what}: give one of {}",
                listed()
            )
        }
        None if numbers.len() > 1 => {
            bail!("{account} has more than one: give one of {}", listed())
        }
        None => numbers.first().copied().context("there is one"),
    }
}
