//! The engine that runs Phat Contracts: limits, egress, transcript and replay.
//!
//! A contract is a WebAssembly component, or JavaScript text that runs on QuickJS,
//! which is itself one; in a fresh instance for every run. Whatever it does
//! that reaches outside is a host call; each is checked against the run's
//! limits, paid for in fuel and recorded, with its answer, in the [`Transcript`].
//! [`Engine::replay`] runs the same code on the transcript alone.
//!
//! ```no_run
//! # async fn example(run: phat_engine::Run) -> Result<(), Box<dyn std::error::Error>> {
//! use phat_engine::{Engine, EngineConfig, Outcome};
//!
//! let engine = Engine::new(EngineConfig::default())?;
//! let code = run.code.clone();
//! let report = engine.run(run).await;
//! match &report.outcome {
//!     Outcome::Output(bytes) => println!("{} bytes for {} fuel", bytes.len(), report.fuel_used),
//!     Outcome::Failed(failure) => println!("{failure}"),
//! }
//! let again = engine.replay(code, &report.transcript).await?;
//! assert_eq!(again.outcome, report.outcome);
//! # Ok(())
//! # }
//! ```
//!
//! # Limits
//!
//! Reaching a limit of a single HTTP request rejects that `fetch`, and the
//! script may go on. Reaching a limit of the whole run ends the run. Both name
//! the limit, as [`phat_manifest::Limits`] spells it. Bounds that no manifest
//! sets, such as that on `timers`, end the run with [`FailureCode::HostLimit`].
//!
//! What runs have together is in [`EngineConfig`], and what one contract may have
//! of it in [`RunClass`].

mod artifact;
mod bindings;
mod cache;
mod certificate_chain;
mod config;
mod egress;
mod ending;
mod engine;
mod engine_hash;
mod fixed_limits;
mod giving_way;
mod host;
mod imports;
mod journal;
mod key_value;
mod keys;
mod loader;
mod masks;
mod memory;
mod of_receipt;
mod outcome;
mod plausible;
mod program;
mod replay;
mod run;
mod serde_hex;
mod shares;
mod slices;
mod sources;
mod state;
mod teardown;
mod transcript;
mod vault;
mod wasi;

pub use cache::CacheConfig;
pub use certificate_chain::CertificateChainHash;
pub use config::{EgressConfig, EngineConfig};
pub use egress::{EgressProxy, NameLookup, ParseProxyError, Reachable, ResolveError};
pub use engine::{
    Aggregated, Aggregation, Engine, EngineError, FetchFailed, WASMTIME_VERSION, guest,
};
pub use engine_hash::{EngineHash, ParseEngineHashError};
pub use fixed_limits::FIXED_LIMITS;
pub use imports::is_offered;
pub use key_value::{KeyRead, KeyValueError, KeyValueSource, KeyWrite, NoKeyValue, Versioned};
pub use keys::{Commitment, Secrets};
pub use outcome::{FailureCode, Outcome, RunFailure};
pub use phat_keys::ContractKeys;
pub use replay::ReplayError;
pub use run::{LogLevel, LogLine, Run, RunClass, RunReport, RunRequest};
pub use shares::{HeldMemory, part as contract_part};
pub use slices::{Processor, SLICE};
pub use sources::{HttpSource, Sources};
pub use transcript::{
    Completion, Entry, Event, HttpError, HttpErrorCode, HttpRequest, HttpResponse, Redirect,
    Signature, Transcript, TranscriptError, TranscriptHeader, limits,
};
pub use wasi::WASI_RESOURCES_MAX;
