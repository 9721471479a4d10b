//! Amounts of money on the command line.

use std::{collections::BTreeMap, str::FromStr};

use super::Options;
use crate::relay::{RelayLimits, RelayRules};

/// An amount of money, on one chain or on all that are not named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountOption {
    /// The chain's name.
    pub chain: Option<String>,
    /// The amount in the chain's smallest unit.
    pub amount: u128,
}

impl FromStr for AmountOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (chain, amount) = match text.split_once('=') {
            Some((chain, amount)) => (Some(chain), amount),
            None => (None, text),
        };
        let is_chain = |chain: &str| chain.contains(':');
        let amount = smallest_units(amount).filter(|_| chain.is_none_or(is_chain));
        let amount = amount.ok_or_else(|| {
            format!(
                "{text:?}: give an amount such as 0.5ether, 20gwei or 1000000, or as in \
                 eip155:1=0.5ether"
            )
        })?;
        Ok(Self {
            chain: chain.map(Into::into),
            amount,
        })
    }
}

/// An amount with a unit, in the smallest.
fn smallest_units(text: &str) -> Option<u128> {
    let (number, decimals) = match (text.strip_suffix("ether"), text.strip_suffix("gwei")) {
        (Some(number), _) => (number, 18),
        (_, Some(number)) => (number, 9),
        _ => (text, 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(part) || part.len() > decimals {
        return None;
    }
    let zeros = "0".repeat(decimals - part.len());
    format!("{whole}{part}{zeros}").parse().ok()
}

impl Options {
    /// What relay accounts may spend and should have.
    pub fn relay(&self) -> RelayRules {
        let all = |given: &[AmountOption]| {
            let mut given = given.iter().filter(|given| given.chain.is_none());
            given.next_back().map(|given| given.amount)
        };
        let mut rules = RelayRules {
            all: RelayLimits {
                spending_cap: all(&self.spending_cap),
                balance_floor: all(&self.balance_floor).unwrap_or(0),
                balance_settlements: self.balance_settlements,
            },
            of_chain: BTreeMap::new(),
        };
        let usual = rules.all.clone();
        let mut of = |chain: &String, change: &dyn Fn(&mut RelayLimits)| {
            let of_chain = rules.of_chain.entry(chain.clone());
            change(of_chain.or_insert_with(|| usual.clone()));
        };
        for given in &self.spending_cap {
            let set = |limits: &mut RelayLimits| limits.spending_cap = Some(given.amount);
            given.chain.iter().for_each(|chain| of(chain, &set));
        }
        for given in &self.balance_floor {
            let set = |limits: &mut RelayLimits| limits.balance_floor = given.amount;
            given.chain.iter().for_each(|chain| of(chain, &set));
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::relay::SETTLEMENTS_DEFAULT;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        let always = ["phat-worker", "--data-dir", "d", "--trust-rpc", "ws://n"];
        let all = always.iter().chain(arguments);
        Options::try_parse_from(all).map_err(|error| error.to_string())
    }

    #[test]
    fn amounts_have_units_and_may_be_of_one_chain() {
        let options = parse(&[
            "--spending-cap",
            "0.5ether,eip155:137=20gwei",
            "--balance-floor",
            "eip155:1=7",
        ]);
        let rules = options.unwrap().relay();
        let limits = |chain| {
            let limits = rules.of(chain);
            (limits.spending_cap, limits.balance_floor)
        };
        assert_eq!(limits("eip155:5"), (Some(500_000_000_000_000_000), 0));
        assert_eq!(limits("eip155:137"), (Some(20_000_000_000), 0));
        assert_eq!(limits("eip155:1"), (Some(500_000_000_000_000_000), 7));
        assert_eq!(rules.all.balance_settlements, SETTLEMENTS_DEFAULT);
        assert_eq!(parse(&[]).unwrap().relay().all.spending_cap, None);
        for bad in [
            "",
            "ether",
            "1.5",
            "-1",
            "1e9",
            "1=5",
            "0.0000000001gwei",
            "eip155:1=",
        ] {
            let error = parse(&["--spending-cap", bad]).unwrap_err();
            assert!(error.contains("--spending-cap"), "{bad}: {error}");
        }
    }
}
