//! The engine: compiled once, then a fresh instance for every run.

use std::{
    ops::RangeInclusive,
    sync::Arc,
    time::{Duration, Instant},
};

use codec::Encode;
use phat_keys::ContractKeys;
use phat_manifest::Limits;
use phat_primitives::{CodeHash, ContractId, blake2_256};
use thiserror::Error;
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Store,
    component::Linker,
};

use crate::{
    EngineConfig, EngineHash, FailureCode, HeldMemory, Outcome, ReplayError, Run, RunClass,
    RunFailure, RunReport, RunRequest, Secrets, Transcript, TranscriptHeader, artifact,
    bindings::Request,
    cache::Cache,
    egress::{Egress, RunEgress},
    ending::{Ending, Returned},
    host,
    journal::{Journal, Stop},
    loader::{self, COMPILATIONS_MAX, Guests, Loader},
    memory::{MEMORY_KEPT_BYTES, TABLE_ELEMENTS_MAX},
    program::{Program, Script},
    replay,
    shares::{Bounds, Place, Shares},
    slices::{Processor, Slices},
    sources::{RunSources, Sources},
    state::{Live, State},
    teardown::{TEARDOWNS_MAX, Teardown},
    vault::Vault,
};

mod aggregate;
mod fetch;

pub use aggregate::{Aggregated, Aggregation};
pub use fetch::FetchFailed;

/// The runtime of scripts, built by `build.rs`: a component of the world
/// `script-runtime` in `engine/wit`.
pub fn guest() -> &'static [u8] {
    GUEST
}

const GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guest-js.wasm"));
/// Raised whenever something changes that decides results or fuel and is not
/// in the guest or in wasmtime: prices, limits, the settings below.
const ABI_VERSION: u32 = 4;
/// The version of the wasmtime that is linked; a test compares it with the lock file.
pub const WASMTIME_VERSION: &str = "48.0.8";
/// The stack of native code: so much that the guest's own bound on recursion is
/// reached first. It takes address space, and memory only as far as it is used.
const NATIVE_STACK_BYTES: usize = 24 * 1024 * 1024;
/// What host calls may use of the native stack besides.
const HOST_STACK_BYTES: usize = 1024 * 1024;
/// What may be set for the runs of a class. Each reserves address space.
const RUNS_RANGE: RangeInclusive<usize> = 1..=5_000;
/// What may be set for requests and lookups.
const EGRESS_RANGE: RangeInclusive<usize> = 1..=100_000;
const TABLE_KEPT_BYTES: usize = 64 * 1024;
/// The most core instances of a run, and its most tables: a component has a few of each.
pub const CORE_INSTANCES_MAX: u32 = 16;
pub const TABLES_MAX: u32 = 8;

/// The engine that runs contracts. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    wasmtime: wasmtime::Engine,
    loader: Loader,
    egress: Arc<Egress>,
    shares: Arc<Shares>,
    teardown: Teardown,
    hash: EngineHash,
}

/// An engine that cannot start.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A setting makes no sense.
    #[error("{0}")]
    Config(String),
    /// The guest cannot be compiled, or its address space cannot be had.
    #[error("the WebAssembly engine cannot start: {0}")]
    Wasmtime(String),
    /// The folder for compiled code cannot be used.
    #[error("the cache of compiled code cannot be opened: {0}")]
    Cache(std::io::Error),
    /// The system gives no thread.
    #[error("no thread can be had for the instances of ended runs: {0}")]
    Thread(std::io::Error),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot start: {0}")]
    Http(String),
}

impl Engine {
    /// Compiles the guest, unless it was before and kept, and reserves what runs need.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        let broken = |error: wasmtime::Error| EngineError::Wasmtime(format!("{error:#}"));
        let bounds = bounds(&config)?;
        let runs_max = bounds.anchor_runs + bounds.calls + COMPILATIONS_MAX;
        let instances_max = u32::try_from(runs_max + TEARDOWNS_MAX).unwrap_or(u32::MAX);
        let wasmtime = wasmtime::Engine::new(&settings(instances_max)).map_err(broken)?;
        let hash = engine_hash();
        let cache = config
            .cache
            .map(|cache| Cache::open(cache, hash).map(Arc::new))
            .transpose()
            .map_err(EngineError::Cache)?;
        let mut linker = Linker::new(&wasmtime);
        host::link(&mut linker).map_err(broken)?;
        let mut script_linker = linker.clone();
        host::link_script(&mut script_linker).map_err(broken)?;
        let guest = artifact::component(&wasmtime, cache.as_deref(), GUEST).map_err(broken)?;
        let compiler = artifact::again(&wasmtime, &guest.component).map_err(broken)?;
        let program = |component| {
            Program::new(component, &script_linker, Script::default())
                .map_err(|failure| EngineError::Wasmtime(failure.message))
        };
        let guests = Guests {
            runtime: program(&guest.component)?,
            compiler: program(&compiler)?,
        };
        let inner = Inner {
            loader: Loader::new(wasmtime.clone(), guests, linker, cache),
            wasmtime,
            egress: Arc::new(Egress::new(&config.egress)?),
            shares: Arc::new(Shares::new(bounds)),
            teardown: Teardown::start().map_err(EngineError::Thread)?,
            hash,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The engine's identity: results and fuel are the same for the same hash.
    pub fn hash(&self) -> EngineHash {
        self.inner.hash
    }

    /// Loads code, makes an instance of it and drops it. The first run of the code then
    /// need not wait for its compilation. Counts as a call.
    pub async fn instantiate(
        &self,
        contract: ContractId,
        code: &Arc<[u8]>,
    ) -> Result<(), RunFailure> {
        let inner = &self.inner;
        let place = inner.shares.enter(RunClass::Call, contract)?;
        let hash = CodeHash(blake2_256(code));
        let program = inner.loader.load(hash, code, &place).await?;
        let _permit = place.turn().await;
        let limits = Limits::default();
        let fuel = limits.fuel;
        let state = State::idle(limits, place.account().charge());
        let mut store = Store::new(&inner.wasmtime, state);
        loader::prepare(&mut store, fuel)
            .and(program.instantiate(&mut store).await.map(drop))
            .map_err(|error| match error.downcast() {
                Ok(Stop::Failed(failure)) => failure,
                Ok(stop) => RunFailure::new(FailureCode::Engine, stop.to_string()),
                Err(error) => RunFailure::new(FailureCode::Trapped, format!("{error:#}")),
            })
    }

    /// Runs a contract. Whatever the contract does ends in a report. Waits first
    /// while as many runs of its class go on as the engine has room for. If that
    /// many go on of the same contract as it may have, this one is not begun and
    /// fails as [`FailureCode::Engine`].
    pub async fn run(&self, run: Run) -> RunReport {
        self.run_in(run, Sources::default(), Slices::default())
            .await
    }

    /// Does the same with a run that computes only while it has its turn on this
    /// processor. Waiting for its turn does not count towards its `time_ms`; what it
    /// gives and the fuel that it uses are the same.
    pub async fn run_on(&self, run: Run, processor: Arc<dyn Processor>) -> RunReport {
        self.run_in(run, Sources::default(), Slices::on(processor))
            .await
    }

    /// Like [`Self::run`], with answers from other sources than the network, the clock
    /// and the system. They are in the transcript like others.
    pub async fn run_with(&self, run: Run, sources: Sources) -> RunReport {
        self.run_in(run, sources, Slices::default()).await
    }

    async fn run_in(&self, run: Run, sources: Sources, slices: Slices) -> RunReport {
        let header = TranscriptHeader {
            engine: self.hash(),
            code_hash: CodeHash(blake2_256(&run.code)),
            request: run.request,
            limits: run.limits,
            allowed_hosts: run.allowed_hosts,
        };
        let place = match self.inner.shares.enter(run.class, header.request.contract) {
            Ok(place) => place,
            Err(failure) => return RunReport::not_begun(header, failure),
        };
        let egress = self.inner.egress.clone();
        let egress = RunEgress::new(egress, &header.allowed_hosts, &header.limits, &place);
        let sources = RunSources::new(sources);
        let live = Live::new(egress, run.kv, place.account().clone(), sources, slices);
        let charge = place.account().charge();
        let journal = Journal::recording(header.limits.transcript_bytes, charge);
        let vault = Vault {
            keys: Some(run.keys),
            secrets: run.secrets,
            code: header.code_hash,
        };
        let executed = self
            .execute(&run.code, header, journal, Some(live), vault, place)
            .await;
        let (fuel_used, host_fuel) = (executed.report.fuel_used, executed.host_fuel);
        tracing::debug!(fuel_used, host_fuel, "a run ended");
        executed.report
    }

    /// Runs code on a transcript, without network, keys or clock. The report is
    /// that of the recorded run but for `elapsed`. It counts as a call.
    pub async fn replay(
        &self,
        code: Arc<[u8]>,
        transcript: &Transcript,
    ) -> Result<RunReport, ReplayError> {
        self.replay_with(code, transcript, None, Secrets::default())
            .await
    }

    /// Like [`Self::replay`], for runs that read secrets: the transcript has only
    /// commitments to them. Keys are needed for what was derived from them.
    pub async fn replay_with(
        &self,
        code: Arc<[u8]>,
        transcript: &Transcript,
        keys: Option<Arc<ContractKeys>>,
        secrets: Secrets,
    ) -> Result<RunReport, ReplayError> {
        let header = transcript.header.clone();
        header.limits.check()?;
        if header.engine != self.hash() {
            return Err(ReplayError::EngineDiffers {
                recorded: header.engine,
                this: self.hash(),
            });
        }
        let given = CodeHash(blake2_256(&code));
        if header.code_hash != given {
            return Err(ReplayError::CodeDiffers {
                recorded: header.code_hash,
                given,
            });
        }
        replay::check_end(&transcript.entries, &header.limits)?;
        let place = self
            .inner
            .shares
            .enter(RunClass::Call, header.request.contract)
            .map_err(|failure| ReplayError::Engine(failure.message))?;
        let entries = transcript.entries.clone();
        let journal = Journal::replaying(header.limits.transcript_bytes, entries);
        let vault = Vault {
            keys,
            secrets,
            code: given,
        };
        let executed = self
            .execute(&code, header, journal, None, vault, place)
            .await;
        match (executed.divergence, executed.report) {
            (Some(error), _) => Err(error),
            (None, report) => match &report.outcome {
                Outcome::Failed(failure) if failure.code == FailureCode::Engine => {
                    Err(ReplayError::Engine(failure.message.clone()))
                }
                _ => Ok(report),
            },
        }
    }

    async fn execute(
        &self,
        code: &Arc<[u8]>,
        header: TranscriptHeader,
        journal: Journal,
        live: Option<Live>,
        vault: Vault,
        place: Place,
    ) -> Executed {
        let inner = &self.inner;
        let loaded = inner.loader.load(header.code_hash, code, &place).await;
        let permit = place.turn().await;
        let started = Instant::now();
        let limits = header.limits.clone();
        let is_live = live.is_some();
        let slices = live.as_ref().map(Live::slices).unwrap_or_default();
        let interrupted_at = journal.interrupted_at();
        let fuel_max = interrupted_at.unwrap_or(limits.fuel).min(limits.fuel);
        let mut store = Store::new(
            &self.inner.wasmtime,
            State::new(
                loaded
                    .as_ref()
                    .map_or_else(|_| Script::default(), |program| program.script.clone()),
                vault,
                limits.clone(),
                &header.allowed_hosts,
                journal,
                place.account().charge(),
                live,
            ),
        );
        let returned = match loaded {
            // What is refused before it runs uses nothing of its fuel.
            Err(failure) => store
                .set_fuel(fuel_max)
                .and_then(|()| Err(Stop::Failed(failure).into())),
            Ok(program) => {
                let deadline = is_live.then(|| Duration::from_millis(limits.time_ms));
                self.call(
                    &program,
                    &mut store,
                    fuel_max,
                    deadline,
                    &header.request,
                    &slices,
                )
                .await
            }
        };
        slices.give_up();
        let fuel_left = store.get_fuel().unwrap_or(fuel_max);
        let fuel_used = fuel_max.saturating_sub(fuel_left);
        let mut state = inner.teardown.end(store, inner.shares.under_way());
        // The pool has room for the next instance only once the store is given away.
        drop(permit);
        let host_fuel = state.host_fuel;
        let mut ending = Ending::of(returned, &limits, state.memory.refused);
        if let Some(recorded) = interrupted_at {
            ending = interrupted(ending, &state.journal, recorded, fuel_left, &limits);
        }
        if is_live && matches!(ending, Ending::Interrupted) {
            state.journal.interrupt(fuel_used);
        }
        let divergence = ending.divergence(state.journal.left_over());
        let outcome = ending.outcome(&limits);
        let (reads, writes, logs, journal) = state.finish();
        let (entries, charge) = journal.into_entries();
        let report = RunReport {
            writes: match outcome {
                Outcome::Output(_) => writes,
                Outcome::Failed(_) => Vec::new(),
            },
            outcome,
            reads,
            logs,
            fuel_used: interrupted_at.map_or(fuel_used, |_| fuel_max),
            elapsed: started.elapsed(),
            transcript: Transcript { header, entries },
            memory: charge.map(HeldMemory::new).unwrap_or_default(),
        };
        Executed {
            report,
            divergence,
            host_fuel,
        }
    }

    /// Instantiates a program and calls it, until the deadline.
    async fn call(
        &self,
        program: &Program,
        store: &mut Store<State>,
        fuel: u64,
        deadline: Option<Duration>,
        request: &RunRequest,
        slices: &Slices,
    ) -> Returned {
        loader::prepare(store, fuel)?;
        let request = asked(request);
        let call = async {
            slices.take().await;
            slices.divide(program.call(store, request)).await
        };
        match deadline {
            None => call.await,
            Some(deadline) => match slices.within(deadline, call).await {
                Some(returned) => returned,
                None => Err(Stop::Interrupted.into()),
            },
        }
    }
}

/// A request as the guest sees it.
fn asked(request: &RunRequest) -> Request {
    Request {
        input: request.input.clone(),
        id: request.request.0.to_vec(),
        contract: request.contract.0.to_vec(),
        caller: request.caller.clone(),
        chain: request.chain.clone(),
        block: request.block,
        settings: request.settings.clone(),
    }
}

/// What came of code that was run or replayed.
struct Executed {
    report: RunReport,
    /// Why this is no replay of its transcript.
    divergence: Option<ReplayError>,
    /// What host calls cost.
    host_fuel: u64,
}

/// How the replay of a run ended that was interrupted when it had used so much
/// fuel, which is all that the replay was given.
fn interrupted(
    ending: Ending,
    journal: &Journal,
    recorded: u64,
    fuel_left: u64,
    limits: &Limits,
) -> Ending {
    match ending {
        // It waited when its time was over. Up to there, fuel is the same.
        Ending::Interrupted if fuel_left > 0 => {
            let used = recorded.saturating_sub(fuel_left);
            let actual = format!("waits when {used} of the {recorded} fuel are used");
            journal.refuse(actual).into()
        }
        // It computed, and had fuel left, but not time.
        ending if ending.is_out_of_fuel() && recorded < limits.fuel => Ending::Interrupted,
        ending => ending,
    }
}

/// What runs share, if the settings make sense.
fn bounds(config: &EngineConfig) -> Result<Bounds, EngineError> {
    let check = |name: &str, value: usize, range: RangeInclusive<usize>| {
        if range.contains(&value) {
            return Ok(value);
        }
        let (min, max) = range.into_inner();
        Err(EngineError::Config(format!(
            "{name} must be from {min} to {max}"
        )))
    };
    Ok(Bounds {
        anchor_runs: check(
            "runs_concurrent_max",
            config.runs_concurrent_max,
            RUNS_RANGE,
        )?,
        calls: check(
            "calls_concurrent_max",
            config.calls_concurrent_max,
            RUNS_RANGE,
        )?,
        memory_bytes: config.memory_total_bytes_max,
        requests: check(
            "http_requests_open_max",
            config.http_requests_open_max,
            EGRESS_RANGE,
        )?,
        lookups: check("dns_lookups_max", config.dns_lookups_max, EGRESS_RANGE)?,
    })
}

fn settings(instances_max: u32) -> Config {
    let memory_bytes_max = Limits::TABLE
        .iter()
        .find(|row| row.name == "memory_bytes")
        .map_or(u64::MAX, |row| row.max);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances_max)
        .total_core_instances(instances_max.saturating_mul(CORE_INSTANCES_MAX))
        .total_memories(instances_max)
        .total_tables(instances_max.saturating_mul(TABLES_MAX))
        .total_stacks(instances_max)
        // One that needs more than its part would take that of others.
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(1)
        .max_tables_per_component(TABLES_MAX)
        .max_memory_size(usize::try_from(memory_bytes_max).unwrap_or(usize::MAX))
        .table_elements(TABLE_ELEMENTS_MAX)
        .linear_memory_keep_resident(MEMORY_KEPT_BYTES)
        .table_keep_resident(TABLE_KEPT_BYTES)
        // Where the system can tell which pages a run wrote, only those are reset.
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(true)
        // The guest has no names in it that a backtrace could show.
        .wasm_backtrace_max_frames(None)
        .max_wasm_stack(NATIVE_STACK_BYTES)
        .async_stack_size(NATIVE_STACK_BYTES + HOST_STACK_BYTES)
        .cranelift_opt_level(OptLevel::Speed)
        // The rest keeps results the same on every machine of an architecture.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_component_model(true);
    config
}

fn engine_hash() -> EngineHash {
    EngineHash(
        (
            b"phat/engine",
            ABI_VERSION,
            WASMTIME_VERSION,
            blake2_256(GUEST),
        )
            .using_encoded(blake2_256),
    )
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
