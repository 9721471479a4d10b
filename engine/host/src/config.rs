//! What the operator of an engine decides.

/// How many runs go on at once where the operator does not say.
const RUNS_CONCURRENT_DEFAULT: usize = 64;
/// Memory for all runs together where the operator does not say: 4 GiB.
const MEMORY_TOTAL_BYTES_DEFAULT: u64 = 4 * 1024 * 1024 * 1024;

/// The settings of an engine. They hold for all its runs.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Which networks contracts may reach.
    pub egress: EgressConfig,
    /// How many runs go on at once; more wait for their turn. Address space for
    /// this many is reserved when the engine starts.
    pub runs_concurrent_max: usize,
    /// Memory that all runs together may use. A run that would go beyond it
    /// ends as [`FailureCode::Engine`](crate::FailureCode::Engine), to be tried
    /// again when others have ended.
    pub memory_total_bytes_max: u64,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            egress: EgressConfig::default(),
            runs_concurrent_max: RUNS_CONCURRENT_DEFAULT,
            memory_total_bytes_max: MEMORY_TOTAL_BYTES_DEFAULT,
        }
    }
}

/// Which networks contracts may reach, and whom to trust there.
#[derive(Clone, Debug, Default)]
pub struct EgressConfig {
    /// Lets contracts reach loopback, private and link-local addresses, and
    /// those without TLS too. For development and tests.
    pub allow_private_networks: bool,
    /// Certificate authorities to trust besides those of the system, in PEM.
    pub extra_ca_pem: Vec<Vec<u8>>,
}
