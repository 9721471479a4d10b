//! What is counted about relay accounts and their transactions.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use super::{ChainLabel, Metrics, label};

/// An amount in a chain's smallest unit. It need not be exact to be watched.
type Amount = Gauge<f64, AtomicU64>;

/// The relay accounts.
pub(super) struct RelayMetrics {
    balance: Family<ChainLabel, Amount>,
    balance_low: Family<ChainLabel, Gauge>,
    spent: Family<ChainLabel, Amount>,
    nonces_used_outside: Family<ChainLabel, Counter>,
    reopened: Family<ChainLabel, Counter>,
    batches: Histogram,
}

impl Default for RelayMetrics {
    fn default() -> Self {
        Self {
            balance: Family::default(),
            balance_low: Family::default(),
            spent: Family::default(),
            nonces_used_outside: Family::default(),
            reopened: Family::default(),
            // From 1 to 64.
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 7)),
        }
    }
}

impl RelayMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "relay_balance",
            "What the relay account has, in the chain's smallest unit",
            self.balance.clone(),
        );
        registry.register(
            "relay_balance_low",
            "1 while the relay account has less than its operator wants it to",
            self.balance_low.clone(),
        );
        registry.register(
            "relay_spent_today",
            "What the relay account has spent, or may have, since 00:00 UTC, in the chain's \
             smallest unit",
            self.spent.clone(),
        );
        registry.register(
            "relay_nonces_used_outside",
            "Nonces of the relay account that were used outside the worker",
            self.nonces_used_outside.clone(),
        );
        registry.register(
            "requests_reopened",
            "Requests whose settlement a deep reorganisation undid",
            self.reopened.clone(),
        );
        registry.register(
            "settlements_per_transaction",
            "Requests that one transaction settles",
            self.batches.clone(),
        );
    }
}

impl Metrics {
    /// The relay account of a chain has this, in its smallest unit.
    pub fn relay_balance(&self, chain: &str, balance: u128, is_low: bool) {
        let relay = &self.relay;
        relay
            .balance
            .get_or_create(&label(chain))
            .set(balance as f64);
        let low = relay.balance_low.get_or_create(&label(chain));
        low.set(is_low.into());
    }

    /// The relay account of a chain has spent this today, in its smallest unit.
    pub fn relay_spent(&self, chain: &str, spent: u128) {
        let gauge = self.relay.spent.get_or_create(&label(chain));
        gauge.set(spent as f64);
    }

    /// A nonce of the relay account was used outside the worker.
    pub fn nonce_used_outside(&self, chain: &str) {
        let counter = self.relay.nonces_used_outside.get_or_create(&label(chain));
        counter.inc();
    }

    /// A settled request was opened again.
    pub fn reopened(&self, chain: &str) {
        self.relay.reopened.get_or_create(&label(chain)).inc();
    }

    /// A transaction settles so many requests.
    pub fn batch(&self, requests: u32) {
        self.relay.batches.observe(requests.into());
    }
}
