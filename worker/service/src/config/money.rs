//! Amounts of money on the command line.

use std::{collections::BTreeMap, str::FromStr};

use phat_target::presets::{evm_chain_id, preset};

use super::Options;
use crate::relay::{RelayLimits, RelayRules};

/// An amount of money, on one chain or on all that are not named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountOption {
    /// The chain's name as CAIP-2 has it.
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
        let wrong = || {
            format!(
                "{text:?}: give an amount such as 0.5ether, 20gwei or 1000000, or as in \
                 eip155:1=0.5ether or base=0.5ether, with a name that `phat chains` lists"
            )
        };
        let chain = match chain {
            Some(name) => Some(chain_of(name).ok_or_else(wrong)?),
            None => None,
        };
        let amount = smallest_units(amount).ok_or_else(wrong)?;
        Ok(Self { chain, amount })
    }
}

/// The CAIP-2 name of a chain that is named so, or as `phat chains` names it.
fn chain_of(name: &str) -> Option<String> {
    if let Some(preset) = preset(name) {
        return Some(preset.chain());
    }
    if name.starts_with("eip155:") {
        return evm_chain_id(name).map(|id| format!("eip155:{id}"));
    }
    name.contains(':').then(|| name.to_owned())
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

    /// The first amount that is for a chain which is not among `served`: its option, and the
    /// chain.
    pub fn amount_of_none(&self, served: &[&str]) -> Option<(&'static str, &str)> {
        let options = [
            ("--spending-cap", &self.spending_cap),
            ("--balance-floor", &self.balance_floor),
        ];
        options.into_iter().find_map(|(option, given)| {
            let chains = given.iter().filter_map(|given| given.chain.as_deref());
            let mut unserved = chains.filter(|chain| !served.contains(chain));
            unserved.next().map(|chain| (option, chain))
        })
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
            "eip155:01=5",
            "eip155:x=5",
            "nowhere=5",
            "=5",
        ] {
            let error = parse(&[&format!("--spending-cap={bad}")]).unwrap_err();
            assert!(error.contains("--spending-cap"), "{bad}: {error}");
        }
    }

    #[test]
    fn a_chain_may_have_the_name_that_is_listed() {
        let options = parse(&[
            "--spending-cap",
            "base=3,polkadot:91b171bb158e2d3848fa23a9f1c25182=4",
            "--balance-floor",
            "polkadot=7",
        ])
        .unwrap();
        let rules = options.relay();
        assert_eq!(rules.of("eip155:8453").spending_cap, Some(3));
        let polkadot = rules.of("polkadot:91b171bb158e2d3848fa23a9f1c25182");
        assert_eq!(
            (polkadot.spending_cap, polkadot.balance_floor),
            (Some(4), 7)
        );
    }

    #[test]
    fn an_amount_for_a_chain_that_is_not_served_is_found() {
        let options = parse(&[
            "--spending-cap",
            "9,base=3",
            "--balance-floor",
            "eip155:1=7",
        ])
        .unwrap();
        let of = |served: &[&str]| options.amount_of_none(served);
        assert_eq!(of(&["eip155:8453", "eip155:1"]), None);
        assert_eq!(of(&["eip155:1"]), Some(("--spending-cap", "eip155:8453")));
        assert_eq!(of(&["eip155:8453"]), Some(("--balance-floor", "eip155:1")));
        assert_eq!(
            parse(&["--spending-cap", "9"]).unwrap().amount_of_none(&[]),
            None
        );
    }
}
