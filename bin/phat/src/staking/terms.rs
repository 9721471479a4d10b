//! What a pool or a vault would refuse, told before anything is paid for it.

use anyhow::{Result, bail};
use phat_chain_client::{FundTerms, Queue, ShareBook};
use phat_primitives::AccountBytes;

use super::{
    args::Rate,
    text::{RateShown, Span},
};
use crate::amount::Amount;

/// The fewest shares that are issued at once, and the most that a unit may buy, as the chain has
/// it: what rounding costs stays below a millionth.
const SHARES_ISSUED_MIN: u128 = 1_000_000;
/// See [`SHARES_ISSUED_MIN`].
const SHARES_PER_UNIT_MAX: u128 = 1_000;

/// Refuses a rate that is higher than owners may take.
pub fn check_rate(rate: Rate, terms: &FundTerms) -> Result<()> {
    if rate.0 > terms.rate_ppm_max {
        let most = RateShown::fixed(terms.rate_ppm_max);
        bail!("an owner may take {most} at the most: give a lower rate");
    }
    Ok(())
}

/// Refuses an account that does not own `what`.
pub fn check_owner(what: &str, owner: AccountBytes, account: AccountBytes) -> Result<()> {
    if owner != account {
        bail!("{what} is run by {owner}, and {account} signs: give the owner's with --suri");
    }
    Ok(())
}

/// Refuses an amount that `what` takes no shares for.
pub fn check_delegation(
    what: &str,
    book: &ShareBook,
    terms: &FundTerms,
    amount: Amount,
) -> Result<()> {
    let least = Amount(terms.delegation_min);
    if amount < least {
        bail!("{least} is the least that is delegated at once: give more");
    }
    if book.value < book.supply.div_ceil(SHARES_PER_UNIT_MAX) || book.supply == 0 {
        bail!("{what} has lost almost all that it had, and takes no more money: choose another");
    }
    if book
        .shares_for(amount.0)
        .is_none_or(|shares| shares < SHARES_ISSUED_MIN)
    {
        bail!("a share of {what} is so dear that this buys too few of them: give more");
    }
    Ok(())
}

/// Refuses to pay those who wait when nobody does.
pub fn check_served(what: &str, queue: &Queue) -> Result<()> {
    if queue.count == 0 {
        bail!("no withdrawal waits in the queue of {what}: there is nothing to pay");
    }
    Ok(())
}

/// Refuses to force what has not waited for long enough.
pub fn check_overdue(what: &str, queue: &Queue, terms: &FundTerms, now_s: u64) -> Result<()> {
    check_served(what, queue)?;
    let since_s = queue.waiting_since_s.unwrap_or(now_s);
    let left_s = since_s.saturating_add(terms.grace_s).saturating_sub(now_s);
    if left_s > 0 {
        bail!(
            "the first who waits in the queue of {what} has done so for {}: it can be forced in {}",
            Span(now_s.saturating_sub(since_s)),
            Span(left_s)
        );
    }
    Ok(())
}
