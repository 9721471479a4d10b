//! Showing what is staked to a contract.

use std::fmt;

use anyhow::{Result, bail};
use phat_primitives::{AccountBytes, ClusterId, ContractId};
use serde::Serialize;

use super::add_command;
use crate::{amount::Amount, chain::StakeReader};

/// A hundredth, in millionths.
const PERCENT_PPM: u32 = 10_000;

/// What is staked to a contract.
#[derive(Debug, Serialize)]
pub struct Shown {
    contract: ContractId,
    cluster: ClusterId,
    state: State,
    /// What all accounts have staked to it.
    staked: Amount,
    /// The part of its cluster's compute that it is entitled to, in millionths.
    share_ppm: u32,
    /// What one account has staked to it, if one was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<Own>,
    /// The least that an account may have staked to a contract, if anything.
    minimum: Amount,
    /// What each contract of the network counts for at the least.
    free_allowance: Amount,
}

/// What an account has staked.
#[derive(Debug, Serialize)]
struct Own {
    account: AccountBytes,
    staked: Amount,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Workers run it for its stake.
    Staked,
    /// Workers run it for the network's allowance.
    FreeAllowance,
    /// Workers do not run it.
    NoStake,
    /// It is not there any more.
    Removed,
}

/// Looks up what is staked to a contract, and what `account` has.
pub async fn show(
    chain: &impl StakeReader,
    id: ContractId,
    account: Option<AccountBytes>,
) -> Result<Shown> {
    let Some(found) = chain.stake_state(id, account).await? else {
        bail!("there is no contract {id} on this chain: check the id and --chain");
    };
    let state = match found.exists {
        false => State::Removed,
        true if !found.is_run() => State::NoStake,
        true if found.total < found.free_allowance => State::FreeAllowance,
        true => State::Staked,
    };
    Ok(Shown {
        contract: id,
        cluster: found.cluster,
        state,
        staked: found.total,
        share_ppm: found.share_ppm,
        own: account.map(|account| Own {
            account,
            staked: found.own,
        }),
        minimum: found.minimum,
        free_allowance: found.free_allowance,
    })
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "contract   {}", self.contract)?;
        writeln!(f, "cluster    {}", self.cluster)?;
        writeln!(f, "staked     {}", self.staked)?;
        if let Some(own) = &self.own {
            writeln!(f, "           {} of it by {}", own.staked, own.account)?;
        }
        match self.state {
            State::Staked => writeln!(f, "share      {}", percent(self.share_ppm))?,
            State::FreeAllowance => writeln!(
                f,
                "share      {}, as if {} were staked: each contract of this network has that",
                percent(self.share_ppm),
                self.free_allowance
            )?,
            State::NoStake => writeln!(
                f,
                "share      none: no worker runs it before somebody stakes to it, with {}",
                add_command(self.contract)
            )?,
            State::Removed => writeln!(
                f,
                "share      none: the contract was removed, and what is staked to it can be \
                 withdrawn"
            )?,
        }
        writeln!(f, "minimum    {}", self.minimum)
    }
}

/// Millionths as per cent.
fn percent(ppm: u32) -> String {
    let (whole, fraction) = (ppm / PERCENT_PPM, ppm % PERCENT_PPM);
    let digits = format!("{fraction:04}");
    match digits.trim_end_matches('0') {
        "" => format!("{whole} %"),
        digits => format!("{whole}.{digits} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_to_the_last_millionth() {
        for (ppm, text) in [
            (0, "0 %"),
            (1, "0.0001 %"),
            (10_000, "1 %"),
            (333_333, "33.3333 %"),
            (750_000, "75 %"),
            (1_000_000, "100 %"),
        ] {
            assert_eq!(percent(ppm), text);
        }
    }
}
