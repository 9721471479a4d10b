//! What relay accounts may spend, and whether they have enough.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use phat_target::Target;

use crate::{metrics::Metrics, pace::Shutdown};

/// Time between two looks at a balance.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// The settlements that an account should be able to pay, where nobody says otherwise.
pub const SETTLEMENTS_DEFAULT: u32 = 20;

/// What the relay account of a chain may spend and should have, in the chain's smallest
/// unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayLimits {
    /// The most that it spends a day (UTC); no bound if none.
    pub spending_cap: Option<u128>,
    /// Below this, the operator is told.
    pub balance_floor: u128,
    /// Below what so many settlements can cost, the operator is told.
    pub balance_settlements: u32,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            spending_cap: None,
            balance_floor: 0,
            balance_settlements: SETTLEMENTS_DEFAULT,
        }
    }
}

/// The limits of each chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayRules {
    /// Of all chains that are not named.
    pub all: RelayLimits,
    /// Of those that are.
    pub of_chain: BTreeMap<String, RelayLimits>,
}

impl RelayRules {
    /// The limits of a chain.
    pub fn of(&self, chain: &str) -> RelayLimits {
        self.of_chain.get(chain).unwrap_or(&self.all).clone()
    }
}

/// What a settlement could cost at last, in the chain's smallest unit.
#[derive(Debug, Default)]
pub struct SettlementCost(Mutex<Option<u128>>);

impl SettlementCost {
    /// Notes a transaction that settles `requests` and costs at most `cost_max`.
    pub fn note(&self, cost_max: u128, requests: u32) {
        let each = cost_max / u128::from(requests.max(1));
        *self.0.lock() = Some(each);
    }

    /// What one could cost at last; none before there was one.
    pub fn last(&self) -> Option<u128> {
        *self.0.lock()
    }
}

/// Looks after the balance of one relay account.
pub struct Purse {
    /// The chain.
    pub target: Arc<dyn Target>,
    /// What it should have.
    pub limits: RelayLimits,
    /// What a settlement costs.
    pub cost: Arc<SettlementCost>,
    /// What to count in.
    pub metrics: Arc<Metrics>,
    /// When to end.
    pub shutdown: Shutdown,
}

impl Purse {
    /// Looks until the worker ends.
    pub async fn run(self) {
        let mut shutdown = self.shutdown.clone();
        let mut was_low = false;
        loop {
            let looked = tokio::select! {
                () = shutdown.requested() => return,
                balance = self.target.balance() => balance,
            };
            match looked {
                Ok(balance) => was_low = self.note(balance, was_low),
                // Whether the chain is there is the watcher's to tell.
                Err(error) => tracing::debug!(%error, "the balance is not known"),
            }
            if !shutdown.sleep(LOOK_EVERY).await {
                return;
            }
        }
    }

    /// Takes in a balance. Gives whether it is too low. That stops nothing yet, so the
    /// worker stays ready.
    fn note(&self, balance: u128, was_low: bool) -> bool {
        let chain = self.target.chain();
        let account = self.target.relay_account();
        let wanted = self.limits.wanted(self.cost.last());
        let is_low = balance < wanted;
        self.metrics.relay_balance(chain, balance, is_low);
        if is_low && !was_low {
            tracing::warn!(
                chain,
                account,
                balance,
                wanted,
                "the relay account is running low: fund it before settlements have to wait"
            );
        } else if was_low && !is_low {
            tracing::info!(
                chain,
                account,
                balance,
                "the relay account has enough again"
            );
        }
        is_low
    }
}

impl RelayLimits {
    /// What an account should have, when a settlement costs this.
    fn wanted(&self, settlement: Option<u128>) -> u128 {
        let settlements = u128::from(self.balance_settlements);
        let for_settlements = settlement.unwrap_or(0).saturating_mul(settlements);
        self.balance_floor.max(for_settlements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_should_have_its_floor_and_the_cost_of_some_settlements() {
        let limits = RelayLimits {
            balance_floor: 100,
            balance_settlements: 5,
            ..RelayLimits::default()
        };
        assert_eq!(limits.wanted(None), 100);
        assert_eq!(limits.wanted(Some(10)), 100);
        assert_eq!(limits.wanted(Some(30)), 150);
        assert_eq!(limits.wanted(Some(u128::MAX)), u128::MAX);
        let cost = SettlementCost::default();
        assert_eq!(cost.last(), None);
        cost.note(160, 16);
        assert_eq!(cost.last(), Some(10));
        cost.note(7, 0);
        assert_eq!(cost.last(), Some(7));
    }

    #[test]
    fn a_chain_that_is_named_has_limits_of_its_own() {
        let capped = |cap| RelayLimits {
            spending_cap: Some(cap),
            ..RelayLimits::default()
        };
        let rules = RelayRules {
            all: capped(1),
            of_chain: [("eip155:5".to_owned(), capped(2))].into(),
        };
        assert_eq!(rules.of("eip155:5").spending_cap, Some(2));
        assert_eq!(rules.of("eip155:1").spending_cap, Some(1));
    }
}
