//! What the worker counts.

mod economy;
mod relay;

use std::{fmt, sync::atomic::AtomicU64, time::Duration};

use parking_lot::Mutex;
use phat_primitives::ContractId;
use phat_worker_core::scheduler::Class;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

pub use self::economy::{EconomyMetrics, SHARES_MAX};
use self::relay::RelayMetrics;

/// Where the operating system tells what memory the process uses.
const PROCESS_STATUS: &str = "/proc/self/status";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StepLabel {
    step: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChainLabel {
    chain: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClassLabel {
    class: &'static str,
}

/// Seconds that add up.
type Seconds = Counter<f64, AtomicU64>;

/// All counters of a worker.
pub struct Metrics {
    registry: Mutex<Registry>,
    steps: Family<StepLabel, Counter>,
    unfinished: Family<ChainLabel, Gauge>,
    runs: Counter,
    failures: Family<CodeLabel, Counter>,
    fuel: Counter<u64, AtomicU64>,
    run_seconds: Histogram,
    runs_waiting: Family<ClassLabel, Gauge>,
    runs_refused: Family<ClassLabel, Counter>,
    run_wait_seconds: Family<ClassLabel, Histogram>,
    compute_seconds: Family<ClassLabel, Seconds>,
    compute_wait_seconds: Family<ClassLabel, Seconds>,
    settle_seconds: Histogram,
    target_head: Family<ChainLabel, Gauge>,
    finalized: Gauge,
    chain_peers: Gauge,
    /// Uses of the journal that failed.
    pub journal_errors: Counter,
    relay: RelayMetrics,
    /// The worker's session.
    pub economy: EconomyMetrics,
    memory: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("phat_worker");
        let metrics = Self {
            registry: Mutex::default(),
            steps: Family::default(),
            unfinished: Family::default(),
            runs: Counter::default(),
            failures: Family::default(),
            fuel: Counter::default(),
            // From 1 ms to about an hour.
            run_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 22)),
            runs_waiting: Family::default(),
            runs_refused: Family::default(),
            run_wait_seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.001, 2.0, 22))
            }),
            compute_seconds: Family::default(),
            compute_wait_seconds: Family::default(),
            settle_seconds: Histogram::new(exponential_buckets(0.01, 2.0, 18)),
            target_head: Family::default(),
            finalized: Gauge::default(),
            chain_peers: Gauge::default(),
            journal_errors: Counter::default(),
            relay: RelayMetrics::default(),
            economy: EconomyMetrics::default(),
            memory: Gauge::default(),
        };
        registry.register(
            "requests",
            "Requests by the step they reached",
            metrics.steps.clone(),
        );
        registry.register(
            "requests_unfinished",
            "Requests that are not final",
            metrics.unfinished.clone(),
        );
        registry.register("runs", "Runs of contracts", metrics.runs.clone());
        registry.register("run_failures", "Runs that failed", metrics.failures.clone());
        registry.register("fuel", "Fuel that runs used", metrics.fuel.clone());
        registry.register_with_unit(
            "run",
            "Time of runs",
            Unit::Seconds,
            metrics.run_seconds.clone(),
        );
        metrics.register_shares(&mut registry);
        registry.register_with_unit(
            "submission",
            "Time from seeing a request to sending its transaction",
            Unit::Seconds,
            metrics.settle_seconds.clone(),
        );
        registry.register(
            "target_head",
            "The newest block of a target chain that is acted on",
            metrics.target_head.clone(),
        );
        registry.register(
            "finalized_height",
            "The newest finalised block of the Phat chain",
            metrics.finalized.clone(),
        );
        registry.register(
            "chain_peers",
            "Nodes of the Phat chain that the light client is connected to, 0 without one",
            metrics.chain_peers.clone(),
        );
        registry.register(
            "journal_errors",
            "Uses of the journal that failed",
            metrics.journal_errors.clone(),
        );
        metrics.relay.register(&mut registry);
        metrics.economy.register(&mut registry);
        registry.register_with_unit(
            "memory",
            "Memory that the process keeps in RAM",
            Unit::Bytes,
            metrics.memory.clone(),
        );
        *metrics.registry.lock() = registry;
        metrics
    }
}

impl Metrics {
    /// What tells how the compute is shared, by what runs are for: with a label for
    /// each contract there would be no end of them.
    fn register_shares(&self, registry: &mut Registry) {
        registry.register(
            "runs_waiting",
            "Runs that wait to begin",
            self.runs_waiting.clone(),
        );
        registry.register(
            "runs_refused",
            "Runs that were refused because too many waited",
            self.runs_refused.clone(),
        );
        registry.register_with_unit(
            "run_wait",
            "Time that runs waited before they began",
            Unit::Seconds,
            self.run_wait_seconds.clone(),
        );
        registry.register_with_unit(
            "compute",
            "Time that runs had a processor",
            Unit::Seconds,
            self.compute_seconds.clone(),
        );
        registry.register_with_unit(
            "compute_wait",
            "Time that runs under way waited for a processor",
            Unit::Seconds,
            self.compute_wait_seconds.clone(),
        );
    }

    /// So many runs wait to begin.
    pub fn runs_waiting(&self, class: Class, count: usize) {
        let waiting = self.runs_waiting.get_or_create(&class_label(class));
        waiting.set(gauge(count as u64));
    }

    /// A run was refused because too many waited.
    pub fn run_refused(&self, class: Class) {
        self.runs_refused.get_or_create(&class_label(class)).inc();
    }

    /// A run waited so long and began.
    pub fn run_waited(&self, class: Class, waited: Duration) {
        let seconds = self.run_wait_seconds.get_or_create(&class_label(class));
        seconds.observe(waited.as_secs_f64());
    }

    /// A run computed for so long.
    pub fn computed(&self, class: Class, time: Duration) {
        let seconds = self.compute_seconds.get_or_create(&class_label(class));
        seconds.inc_by(time.as_secs_f64());
    }

    /// A run under way waited so long for a processor.
    pub fn waited_to_compute(&self, class: Class, waited: Duration) {
        let seconds = self.compute_wait_seconds.get_or_create(&class_label(class));
        seconds.inc_by(waited.as_secs_f64());
    }

    /// A request reached a step.
    pub fn step(&self, step: &'static str) {
        self.steps.get_or_create(&StepLabel { step }).inc();
    }

    /// So many requests of a chain are not final.
    pub fn unfinished(&self, chain: &str, count: usize) {
        self.unfinished
            .get_or_create(&label(chain))
            .set(gauge(count as u64));
    }

    /// A run ended; `failure` is its code if it failed.
    pub fn run(&self, failure: Option<&'static str>, fuel: u64, seconds: f64) {
        self.runs.inc();
        self.fuel.inc_by(fuel);
        self.run_seconds.observe(seconds);
        if let Some(code) = failure {
            self.failures.get_or_create(&CodeLabel { code }).inc();
        }
    }

    /// The first transaction of a request was sent, so long after it was seen.
    pub fn submission(&self, milliseconds: u64) {
        self.settle_seconds.observe(milliseconds as f64 / 1000.0);
    }

    /// The head of a target chain.
    pub fn target_head(&self, chain: &str, number: u64) {
        self.target_head
            .get_or_create(&label(chain))
            .set(gauge(number));
    }

    /// The newest finalised block of the Phat chain.
    pub fn finalized(&self, number: u64) {
        self.finalized.set(gauge(number));
    }

    /// The light client of the Phat chain is connected to so many nodes.
    pub fn chain_peers(&self, count: u64) {
        self.chain_peers.set(gauge(count));
    }

    /// What each contract of the cluster counts for by its stake.
    pub fn shares(&self, weights: impl IntoIterator<Item = (ContractId, u128)>) {
        // Nobody scrapes a part of them.
        let _registry = self.registry.lock();
        self.economy.shares(weights);
    }

    /// All of it in Prometheus' text form.
    pub fn text(&self) -> Result<String, fmt::Error> {
        if let Some(bytes) = memory_bytes() {
            self.memory.set(gauge(bytes));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry.lock())?;
        Ok(text)
    }
}

fn class_label(class: Class) -> ClassLabel {
    ClassLabel {
        class: class.name(),
    }
}

fn label(chain: &str) -> ChainLabel {
    ChainLabel {
        chain: chain.into(),
    }
}

fn gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The process's resident memory, where the operating system tells.
fn memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string(PROCESS_STATUS).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_can_be_scraped() {
        let metrics = Metrics::default();
        metrics.step("seen");
        metrics.unfinished("eip155:1", 2);
        metrics.run(Some("out_of_fuel"), 7, 0.5);
        metrics.runs_waiting(Class::Call, 3);
        metrics.run_refused(Class::Call);
        metrics.run_waited(Class::Anchor, Duration::from_millis(1500));
        metrics.computed(Class::Anchor, Duration::from_millis(2500));
        metrics.waited_to_compute(Class::Call, Duration::from_millis(500));
        metrics.submission(1500);
        metrics.target_head("eip155:1", 9);
        metrics.finalized(8);
        metrics.chain_peers(5);
        metrics.batch(16);
        metrics.relay_spent("eip155:1", 7);
        metrics.relay_balance("eip155:1", 9, true);
        metrics.nonce_used_outside("eip155:1");
        metrics.reopened("eip155:1");
        let text = metrics.text().unwrap();
        for line in [
            r#"phat_worker_requests_total{step="seen"} 1"#,
            r#"phat_worker_requests_unfinished{chain="eip155:1"} 2"#,
            "phat_worker_runs_total 1",
            r#"phat_worker_run_failures_total{code="out_of_fuel"} 1"#,
            "phat_worker_fuel_total 7",
            "phat_worker_run_seconds_count 1",
            "phat_worker_submission_seconds_sum 1.5",
            r#"phat_worker_runs_waiting{class="call"} 3"#,
            r#"phat_worker_runs_refused_total{class="call"} 1"#,
            r#"phat_worker_run_wait_seconds_sum{class="anchor"} 1.5"#,
            r#"phat_worker_compute_seconds_total{class="anchor"} 2.5"#,
            r#"phat_worker_compute_wait_seconds_total{class="call"} 0.5"#,
            r#"phat_worker_target_head{chain="eip155:1"} 9"#,
            "phat_worker_finalized_height 8",
            "phat_worker_chain_peers 5",
            "phat_worker_settlements_per_transaction_sum 16",
            r#"phat_worker_relay_spent_today{chain="eip155:1"} 7"#,
            r#"phat_worker_relay_balance{chain="eip155:1"} 9"#,
            r#"phat_worker_relay_balance_low{chain="eip155:1"} 1"#,
            r#"phat_worker_relay_nonces_used_outside_total{chain="eip155:1"} 1"#,
            r#"phat_worker_requests_reopened_total{chain="eip155:1"} 1"#,
            "phat_worker_journal_errors_total 0",
            "phat_worker_memory_bytes ",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
