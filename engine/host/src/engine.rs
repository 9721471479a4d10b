//! The engine: compiled once, then a fresh instance for every run.

use std::{
    ops::RangeInclusive,
    sync::Arc,
    time::{Duration, Instant},
};

use codec::Encode;
use phat_manifest::Limits;
use phat_primitives::{CodeHash, blake2_256};
use thiserror::Error;
use wasmtime::{
    Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Store, Trap,
    component::{Component, Linker},
};

use crate::{
    EngineConfig, EngineHash, FailureCode, HeldMemory, Outcome, ReplayError, Run, RunClass,
    RunFailure, RunReport, RunRequest, Transcript, TranscriptHeader,
    bindings::{Request, ScriptRuntimePre},
    egress::{Egress, RunEgress},
    ending::{CALL_BYTES_MAX, Ending, Returned},
    host,
    journal::{Journal, Stop},
    memory::TABLE_ELEMENTS_MAX,
    replay, script,
    shares::{Bounds, Place, Shares},
    slices::{Processor, Slices},
    state::{Live, State},
    ticker::Ticker,
};

/// The guest, built by `build.rs`.
const GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guest-js.wasm"));
/// Raised whenever something changes that decides results or fuel and is not
/// in the guest or in wasmtime: prices, limits, the settings below.
const ABI_VERSION: u32 = 1;
/// Of the crate that is linked; a test compares it with the lock file.
const WASMTIME_VERSION: &str = "48.0.8";
/// The stack of native code: so much that the guest's own bound on recursion is
/// reached first. It takes address space, and memory only as far as it is used.
const NATIVE_STACK_BYTES: usize = 24 * 1024 * 1024;
/// What host calls may use of the native stack besides.
const HOST_STACK_BYTES: usize = 1024 * 1024;
/// What may be set for the runs of a class. Each reserves address space.
const RUNS_RANGE: RangeInclusive<usize> = 1..=5_000;
/// What may be set for requests and lookups.
const EGRESS_RANGE: RangeInclusive<usize> = 1..=100_000;
/// Core instances, memories and tables of the guest, each with room to spare.
const CORE_INSTANCES_PER_RUN: u32 = 8;
const TABLES_PER_RUN: u32 = 8;

/// The engine that runs contracts. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    wasmtime: wasmtime::Engine,
    guest: ScriptRuntimePre<State>,
    egress: Arc<Egress>,
    shares: Arc<Shares>,
    ticker: Ticker,
    hash: EngineHash,
}

/// An engine that cannot start.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A setting makes no sense.
    #[error("{0}")]
    Config(String),
    /// The operating system gives no thread.
    #[error("the engine's ticker cannot start: {0}")]
    Thread(#[from] std::io::Error),
    /// The guest cannot be compiled, or its address space cannot be had.
    #[error("the WebAssembly engine cannot start: {0}")]
    Wasmtime(String),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot start: {0}")]
    Http(String),
}

impl Engine {
    /// Compiles the guest and reserves what runs need.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        let broken = |error: wasmtime::Error| EngineError::Wasmtime(format!("{error:#}"));
        let bounds = bounds(&config)?;
        let runs_max = u32::try_from(bounds.anchor_runs + bounds.calls).unwrap_or(u32::MAX);
        let wasmtime = wasmtime::Engine::new(&settings(runs_max)).map_err(broken)?;
        let component = Component::new(&wasmtime, GUEST).map_err(broken)?;
        let mut linker = Linker::new(&wasmtime);
        host::link(&mut linker).map_err(broken)?;
        let guest = linker
            .instantiate_pre(&component)
            .and_then(ScriptRuntimePre::new)
            .map_err(broken)?;
        let inner = Inner {
            ticker: Ticker::start(wasmtime.clone())?,
            wasmtime,
            guest,
            egress: Arc::new(Egress::new(&config.egress)?),
            shares: Arc::new(Shares::new(bounds)),
            hash: engine_hash(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The engine's identity: results and fuel are the same for the same hash.
    pub fn hash(&self) -> EngineHash {
        self.inner.hash
    }

    /// Runs a contract. Whatever the contract does ends in a report. Waits first
    /// while as many runs of its class go on as the engine has room for. If that
    /// many go on of the same contract as it may have, this one is not begun and
    /// fails as [`FailureCode::Engine`].
    pub async fn run(&self, run: Run) -> RunReport {
        self.run_in(run, Slices::default()).await
    }

    /// Does the same with a run that computes only while it has its turn on this
    /// processor. Waiting for its turn does not count towards its `time_ms`; what it
    /// gives and the fuel that it uses are the same.
    pub async fn run_on(&self, run: Run, processor: Arc<dyn Processor>) -> RunReport {
        self.run_in(run, Slices::on(processor)).await
    }

    async fn run_in(&self, run: Run, slices: Slices) -> RunReport {
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
        let live = Live::new(egress, run.kv, place.account().clone(), slices);
        let charge = place.account().charge();
        let journal = Journal::recording(header.limits.transcript_bytes, charge);
        let executed = self
            .execute(run.code, header, journal, Some(live), place)
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
        let executed = self.execute(code, header, journal, None, place).await;
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
        code: Arc<[u8]>,
        header: TranscriptHeader,
        journal: Journal,
        live: Option<Live>,
        place: Place,
    ) -> Executed {
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
                code.clone(),
                limits.clone(),
                &header.allowed_hosts,
                journal,
                place.account().charge(),
                live,
            ),
        );
        let returned = match script::check(&code) {
            // What is refused before it runs uses nothing of its fuel.
            Err(failure) => store
                .set_fuel(fuel_max)
                .and_then(|()| Err(Stop::Failed(failure).into())),
            Ok(()) => {
                let deadline = is_live.then(|| Duration::from_millis(limits.time_ms));
                self.call(&mut store, fuel_max, deadline, &header.request, &slices)
                    .await
            }
        };
        slices.give_up();
        let fuel_left = store.get_fuel().unwrap_or(fuel_max);
        let fuel_used = fuel_max.saturating_sub(fuel_left);
        let mut state = store.into_data();
        // The pool has room for the next instance only once the store is gone.
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

    /// Instantiates the guest and calls it, until the deadline.
    async fn call(
        &self,
        store: &mut Store<State>,
        fuel: u64,
        deadline: Option<Duration>,
        request: &RunRequest,
        slices: &Slices,
    ) -> Returned {
        let _ticking = self.inner.ticker.running();
        store.limiter(|state| &mut state.memory);
        store.set_fuel(fuel)?;
        store.set_epoch_deadline(1);
        slices.divide(store);
        store.set_hostcall_fuel(CALL_BYTES_MAX);
        let request = Request {
            input: request.input.clone(),
            id: request.request.0.to_vec(),
            contract: request.contract.0.to_vec(),
            chain: request.chain.clone(),
            block: request.block,
            settings: request.settings.clone(),
        };
        let call = async {
            slices.take().await;
            let instantiated = self.inner.guest.instantiate_async(&mut *store).await;
            let guest = match instantiated {
                Ok(guest) => guest,
                // The guest ran into a limit as it started.
                Err(error) if error.is::<Trap>() => return Err(error),
                Err(error) => {
                    let memory = &store.data().memory;
                    let failure = if memory.refused {
                        RunFailure::out_of_memory(
                            memory.bytes_max,
                            "the runtime needs more to start",
                        )
                    } else {
                        let message = format!("no instance of the guest: {error:#}");
                        RunFailure::new(FailureCode::Engine, message)
                    };
                    return Err(Stop::Failed(failure).into());
                }
            };
            guest.call_run(&mut *store, &request).await
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

fn settings(runs_max: u32) -> Config {
    let memory_bytes_max = Limits::TABLE
        .iter()
        .find(|row| row.name == "memory_bytes")
        .map_or(u64::MAX, |row| row.max);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(runs_max)
        .total_core_instances(runs_max.saturating_mul(CORE_INSTANCES_PER_RUN))
        .total_memories(runs_max)
        .total_tables(runs_max.saturating_mul(TABLES_PER_RUN))
        .total_stacks(runs_max)
        .max_memories_per_component(1)
        .max_memory_size(usize::try_from(memory_bytes_max).unwrap_or(usize::MAX))
        .table_elements(TABLE_ELEMENTS_MAX);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(true)
        .epoch_interruption(true)
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
