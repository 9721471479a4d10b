//! What the operator of an engine decides.

use std::time::Duration;

use crate::{CacheConfig, EgressProxy, NameLookup};

/// How many runs of each class go on at once where the operator does not say.
const RUNS_CONCURRENT_DEFAULT: usize = 32;
/// Memory for all runs together where the operator does not say: 4 GiB.
const MEMORY_TOTAL_BYTES_DEFAULT: u64 = 4 * 1024 * 1024 * 1024;
/// HTTP requests under way at once where the operator does not say.
const HTTP_REQUESTS_OPEN_DEFAULT: usize = 512;
/// How long unused connections are kept where the operator does not say. Common
/// servers close them after 5 s or more.
const IDLE_TIME_DEFAULT: Duration = Duration::from_secs(4);
/// Names that are looked up at once where the operator does not say. Each takes a
/// thread of the 512 that tokio has for what blocks, the worker's disk included.
const DNS_LOOKUPS_DEFAULT: usize = 64;

/// The settings of an engine. They hold for all its runs.
///
/// No contract gets all of what is bounded here: see [`RunClass`](crate::RunClass).
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Which networks contracts may reach.
    pub egress: EgressConfig,
    /// How many runs for anchors go on at once; more wait for their turn.
    /// Address space for them is reserved when the engine starts.
    pub runs_concurrent_max: usize,
    /// How many calls go on at once, replays among them; more wait for their
    /// turn. Address space is reserved for these too.
    pub calls_concurrent_max: usize,
    /// Memory that all runs together may use: that of the guests, and what the
    /// host holds for them. A run that would go beyond it ends as
    /// [`FailureCode::Engine`](crate::FailureCode::Engine), to be tried again
    /// when others have ended. Calls have half of it, which should have room for
    /// the `memory_bytes` and `transcript_bytes` of any contract.
    pub memory_total_bytes_max: u64,
    /// HTTP requests of all runs under way at once; more wait for their turn.
    pub http_requests_open_max: usize,
    /// Names that are looked up at once for all runs; more wait for their turn.
    pub dns_lookups_max: usize,
    /// Where compiled code is kept from one start to the next; nowhere by default.
    pub cache: Option<CacheConfig>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            egress: EgressConfig::default(),
            runs_concurrent_max: RUNS_CONCURRENT_DEFAULT,
            calls_concurrent_max: RUNS_CONCURRENT_DEFAULT,
            memory_total_bytes_max: MEMORY_TOTAL_BYTES_DEFAULT,
            http_requests_open_max: HTTP_REQUESTS_OPEN_DEFAULT,
            dns_lookups_max: DNS_LOOKUPS_DEFAULT,
            cache: None,
        }
    }
}

/// Which networks contracts may reach, by which way, and whom to trust there.
#[derive(Clone, Debug)]
pub struct EgressConfig {
    /// Lets contracts reach loopback, private and link-local addresses, and
    /// those without TLS too. For development and tests.
    pub allow_private_networks: bool,
    /// Certificate authorities to trust besides those of the system, in PEM.
    pub extra_ca_pem: Vec<Vec<u8>>,
    /// Through which all connections go; none for direct ones. What the environment
    /// says of proxies is not looked at.
    pub proxy: Option<EgressProxy>,
    /// How names are resolved.
    pub lookup: NameLookup,
    /// How long an unused connection is kept for the next run of its contract. A
    /// request on one that the server closes in that moment fails, so this should
    /// be less than servers wait.
    pub idle_time_max: Duration,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            allow_private_networks: false,
            extra_ca_pem: Vec::new(),
            proxy: None,
            lookup: NameLookup::default(),
            idle_time_max: IDLE_TIME_DEFAULT,
        }
    }
}
