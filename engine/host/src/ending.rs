//! How the call of a guest ended, in the terms of the contract.

use phat_manifest::Limits;
use wasmtime::Trap;

use crate::{
    Entry, FailureCode, Outcome, ReplayError, RunFailure,
    bindings::{Failure, phat::contract::types::FailureCode as GuestCode},
    journal::Stop,
};

/// What one host call, or the result, may copy from the guest's memory. Limits
/// that a manifest sets are all below, and give a better message.
pub const CALL_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How the guest's call came back.
pub type Returned = wasmtime::Result<Result<Vec<u8>, Failure>>;

/// How a run ended, as far as the call tells.
pub enum Ending {
    Outcome(Outcome),
    Interrupted,
    Diverged {
        index: usize,
        expected: String,
        actual: String,
    },
}

impl Ending {
    fn failed(code: FailureCode, message: impl AsRef<str>) -> Self {
        Self::Outcome(Outcome::Failed(RunFailure::new(code, message)))
    }

    pub fn is_out_of_fuel(&self) -> bool {
        matches!(
            self,
            Self::Outcome(Outcome::Failed(RunFailure {
                code: FailureCode::OutOfFuel,
                ..
            }))
        )
    }

    /// Why a replay is none, if it is none: it did something else, or it ended
    /// before the recorded run did. A replay that failed of itself shows neither.
    pub fn divergence(&self, left_over: Option<(usize, &Entry)>) -> Option<ReplayError> {
        if let Self::Diverged {
            index,
            expected,
            actual,
        } = self
        {
            return Some(ReplayError::Divergence {
                index: *index,
                expected: expected.clone(),
                actual: actual.clone(),
            });
        }
        // The engine failed, so this replay shows nothing about the transcript.
        if let Self::Outcome(Outcome::Failed(failure)) = self
            && failure.code == FailureCode::Engine
        {
            return None;
        }
        let (index, entry) = left_over?;
        // An interruption while the guest computes is no host call to come to.
        if matches!(
            (self, entry),
            (Self::Interrupted, Entry::Interrupted { .. })
        ) {
            return None;
        }
        Some(ReplayError::Divergence {
            index,
            expected: entry.describe(),
            actual: "ends".to_owned(),
        })
    }

    pub fn outcome(self, limits: &Limits) -> Outcome {
        match self {
            Self::Outcome(outcome) => outcome,
            Self::Interrupted => {
                let message = format!("the limit time_ms of {} was reached", limits.time_ms);
                Outcome::Failed(RunFailure::new(FailureCode::DeadlineExceeded, message))
            }
            Self::Diverged { .. } => {
                Outcome::Failed(RunFailure::new(FailureCode::Engine, "the replay diverged"))
            }
        }
    }

    /// Reads what the call returned. `memory_refused` tells whether the guest
    /// was refused memory at any time.
    pub fn of(returned: Returned, limits: &Limits, memory_refused: bool) -> Self {
        let out_of_memory = |detail: &str| {
            let failure = RunFailure::out_of_memory(limits.memory_bytes, detail);
            Ending::Outcome(Outcome::Failed(failure))
        };
        let error = match returned {
            Ok(Ok(output)) if output.len() as u64 > limits.output_bytes => {
                let failure = RunFailure::limit("output_bytes", limits.output_bytes);
                return Ending::Outcome(Outcome::Failed(failure));
            }
            Ok(Ok(output)) => return Ending::Outcome(Outcome::Output(output)),
            Ok(Err(failure)) if memory_refused && tells_of_memory(&failure.message) => {
                return out_of_memory(&failure.message);
            }
            Ok(Err(failure)) => {
                let code = match failure.code {
                    GuestCode::InvalidScript => FailureCode::InvalidScript,
                    GuestCode::ScriptThrew => FailureCode::ScriptThrew,
                    GuestCode::WrongType => FailureCode::WrongType,
                    GuestCode::NeverSettles => FailureCode::NeverSettles,
                };
                return Ending::failed(code, failure.message);
            }
            Err(error) => error,
        };
        let error = match error.downcast::<Stop>() {
            Ok(stop) => return stop.into(),
            Err(error) => error,
        };
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => {
                let message = format!("the limit fuel of {} was reached", limits.fuel);
                Ending::failed(FailureCode::OutOfFuel, message)
            }
            Some(_) if memory_refused => out_of_memory("an allocation failed"),
            Some(Trap::StackOverflow) => Ending::failed(
                FailureCode::StackOverflow,
                "the script recurses deeper than the stack",
            ),
            Some(trap) => Ending::failed(FailureCode::Trapped, trap.to_string()),
            // wasmtime keeps the type of this error to itself; a test pins its words.
            None if error
                .to_string()
                .starts_with("too much data is being copied") =>
            {
                let failure = RunFailure::limit("call_bytes", CALL_BYTES_MAX as u64);
                Ending::Outcome(Outcome::Failed(failure))
            }
            // What else is no trap breaks the rules of the component model.
            None => Ending::failed(FailureCode::Trapped, error.root_cause().to_string()),
        }
    }
}

/// Whether a guest that was refused memory says that it failed for that. QuickJS
/// throws `null` where it has no memory left for an error.
fn tells_of_memory(message: &str) -> bool {
    message.contains("out of memory") || message == "threw null"
}

impl From<Stop> for Ending {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Failed(failure) => Self::Outcome(Outcome::Failed(failure)),
            Stop::Interrupted => Self::Interrupted,
            Stop::Diverged {
                index,
                expected,
                actual,
            } => Self::Diverged {
                index,
                expected,
                actual,
            },
        }
    }
}
