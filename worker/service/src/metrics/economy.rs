//! What the worker counts of its session, and of what is staked to its contracts.

use std::sync::atomic::AtomicU64;

use phat_primitives::ContractId;
use phat_worker_client::{PerformanceInfo, PerformanceState};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::gauge;

/// The most contracts whose shares are told: with all of a large cluster, the metrics would have
/// no end.
pub const SHARES_MAX: usize = 100;

/// All states that a worker can be in, and what they are called.
const STATES: [(PerformanceState, &str); 5] = [
    (PerformanceState::Idle, "idle"),
    (PerformanceState::Benchmark, "benchmark"),
    (PerformanceState::Running, "running"),
    (PerformanceState::Unresponsive, "unresponsive"),
    (PerformanceState::CoolingDown, "cooling_down"),
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ContractLabel {
    contract: String,
}

/// Counters of the economy.
#[derive(Default)]
pub struct EconomyMetrics {
    state: Family<StateLabel, Gauge>,
    score: Gauge,
    score_now: Gauge,
    iterations: Counter<u64, AtomicU64>,
    heartbeats: Family<OutcomeLabel, Counter>,
    shares: Family<ContractLabel, Gauge<f64, AtomicU64>>,
}

impl EconomyMetrics {
    /// Has all of it be scraped.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "session_state",
            "1 at the state of the worker's session, 0 at the others",
            self.state.clone(),
        );
        registry.register(
            "performance_score",
            "Iterations in six seconds that the worker has shown in a benchmark, 0 without one",
            self.score.clone(),
        );
        registry.register(
            "performance_score_now",
            "Iterations in six seconds as they are done now, 0 when none are",
            self.score_now.clone(),
        );
        registry.register(
            "iterations",
            "Iterations of the performance test",
            self.iterations.clone(),
        );
        // Zeroes are there from the start, so that the first of each is an increase.
        for outcome in ["answered", "missed"] {
            self.heartbeats
                .get_or_create(&OutcomeLabel { outcome })
                .inc_by(0);
        }
        registry.register(
            "heartbeats",
            "Challenges that were answered, and those that were not in time",
            self.heartbeats.clone(),
        );
        registry.register(
            "contract_share",
            "The part of the cluster's compute that a contract is entitled to by its stake, of \
             those with the largest shares",
            self.shares.clone(),
        );
    }

    /// What the worker shows of its performance, and the iterations that it has done since it
    /// was started.
    pub fn performance(&self, shown: &PerformanceInfo, iterations: u64) {
        for (state, name) in STATES {
            let is_it = i64::from(state == shown.state);
            self.state
                .get_or_create(&StateLabel { state: name })
                .set(is_it);
        }
        self.score.set(gauge(shown.score.unwrap_or(0).into()));
        self.score_now.set(gauge(shown.score_now.unwrap_or(0)));
        let new = iterations.saturating_sub(self.iterations.get());
        self.iterations.inc_by(new);
    }

    /// A challenge was answered.
    pub fn answered(&self) {
        self.heartbeat("answered");
    }

    /// The time to answer a challenge went by without an answer.
    pub fn missed(&self) {
        self.heartbeat("missed");
    }

    fn heartbeat(&self, outcome: &'static str) {
        self.heartbeats
            .get_or_create(&OutcomeLabel { outcome })
            .inc();
    }

    /// What each contract counts for. The largest [`SHARES_MAX`] are told; of equal ones, those
    /// with the lowest ids. One that counts for nothing has no share.
    pub fn shares(&self, weights: impl IntoIterator<Item = (ContractId, u128)>) {
        let mut weights: Vec<_> = weights
            .into_iter()
            .filter(|(_, weight)| *weight > 0)
            .collect();
        let total = weights
            .iter()
            .map(|(_, weight)| *weight as f64)
            .sum::<f64>();
        weights.sort_unstable_by(|(one, of_one), (other, of_other)| {
            of_other.cmp(of_one).then_with(|| one.0.cmp(&other.0))
        });
        self.shares.clear();
        for (contract, weight) in weights.into_iter().take(SHARES_MAX) {
            let contract = contract.to_string();
            let share = self.shares.get_or_create(&ContractLabel { contract });
            share.set(weight as f64 / total);
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    fn registered() -> (EconomyMetrics, Registry) {
        let (metrics, mut registry) = (EconomyMetrics::default(), Registry::default());
        metrics.register(&mut registry);
        (metrics, registry)
    }

    fn text(registry: &Registry) -> String {
        let mut text = String::new();
        encode(&mut text, registry).unwrap();
        text
    }

    fn check(registry: &Registry, lines: &[&str]) {
        let text = text(registry);
        for line in lines {
            let is_there = text.lines().any(|found| found == *line);
            assert!(is_there, "{line} is not in\n{text}");
        }
    }

    fn shown(state: PerformanceState, score: Option<u32>) -> PerformanceInfo {
        PerformanceInfo {
            state,
            session: Some(4),
            score,
            iterations: 0,
            score_now: score.map(|score| u64::from(score) - 1),
            giving_way: 0,
        }
    }

    #[test]
    fn one_state_at_a_time_is_told() {
        let (metrics, registry) = registered();
        metrics.performance(&shown(PerformanceState::Running, Some(1900)), 16);
        check(
            &registry,
            &[
                r#"session_state{state="running"} 1"#,
                r#"session_state{state="idle"} 0"#,
                "performance_score 1900",
                "performance_score_now 1899",
                "iterations_total 16",
                r#"heartbeats_total{outcome="answered"} 0"#,
                r#"heartbeats_total{outcome="missed"} 0"#,
            ],
        );
        metrics.performance(&shown(PerformanceState::CoolingDown, None), 48);
        metrics.answered();
        metrics.missed();
        metrics.missed();
        check(
            &registry,
            &[
                r#"session_state{state="running"} 0"#,
                r#"session_state{state="cooling_down"} 1"#,
                "performance_score 0",
                "performance_score_now 0",
                "iterations_total 48",
                r#"heartbeats_total{outcome="answered"} 1"#,
                r#"heartbeats_total{outcome="missed"} 2"#,
            ],
        );
    }

    #[test]
    fn shares_are_told_of_the_contracts_with_the_largest() {
        let (metrics, registry) = registered();
        let id = |number: usize| {
            let mut id = ContractId::default();
            id.0[..8].copy_from_slice(&(number as u64).to_be_bytes());
            id
        };
        let line = |number: usize, share: &str| {
            format!("contract_share{{contract=\"{}\"}} {share}", id(number))
        };
        metrics.shares([(id(0), 1), (id(1), 3), (id(2), 0)]);
        check(&registry, &[&line(0, "0.25"), &line(1, "0.75")]);
        assert!(!text(&registry).contains(&id(2).to_string()));

        // One more than are told, the first with the least.
        let weights =
            (0..=SHARES_MAX).map(|number| (id(number), u128::MAX - 1 + u128::from(number > 0)));
        metrics.shares(weights);
        let scraped = text(&registry);
        assert_eq!(scraped.matches("contract_share{").count(), SHARES_MAX);
        assert!(!scraped.contains(&id(0).to_string()), "{scraped}");
        assert!(scraped.contains(&id(SHARES_MAX).to_string()), "{scraped}");
        metrics.shares([]);
        let scraped = text(&registry);
        assert!(!scraped.contains("contract_share{"), "{scraped}");
    }
}
