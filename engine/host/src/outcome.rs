//! How a run ends.

use std::fmt;

use serde::{Serialize, Serializer};

/// The most bytes of a failure's message.
pub const MESSAGE_BYTES_MAX: usize = 4096;
/// The most bytes of a failure's message that a settlement carries.
pub const SETTLED_MESSAGE_BYTES_MAX: usize = 256;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The contract's result.
    Output(Vec<u8>),
    /// There is no result.
    Failed(RunFailure),
}

impl Outcome {
    /// Whether there is a result, and the bytes that settle the request: the
    /// result, or the failure as `code: message`, cut to a size that is cheap
    /// to store.
    pub fn settlement(&self) -> (bool, Vec<u8>) {
        match self {
            Self::Output(bytes) => (true, bytes.clone()),
            Self::Failed(failure) => {
                let message = cut(&failure.message, SETTLED_MESSAGE_BYTES_MAX);
                (false, format!("{}: {message}", failure.code).into_bytes())
            }
        }
    }
}

/// Why a run has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunFailure {
    /// The kind of failure.
    pub code: FailureCode,
    /// What happened, for the contract's author. At most 4096 bytes.
    pub message: String,
}

impl RunFailure {
    pub(crate) fn new(code: FailureCode, message: impl AsRef<str>) -> Self {
        Self {
            code,
            message: cut(message.as_ref(), MESSAGE_BYTES_MAX).to_owned(),
        }
    }

    /// The guest was refused memory, and could not go on without.
    pub(crate) fn out_of_memory(bytes_max: u64, detail: &str) -> Self {
        Self::new(
            FailureCode::OutOfMemory,
            format!("the limit memory_bytes of {bytes_max} was reached: {detail}"),
        )
    }

    /// A limit of the whole run that was reached.
    pub(crate) fn limit(name: &'static str, max: u64) -> Self {
        let code = match name {
            "output_bytes" => FailureCode::OutputTooLarge,
            "log_bytes" => FailureCode::LogTooLarge,
            name => FailureCode::HostLimit { name },
        };
        Self::new(code, format!("the limit {name} of {max} was reached"))
    }
}

impl fmt::Display for RunFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// The kinds of failure. Their names are stable: they are stored on chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureCode {
    /// The code cannot be loaded: a syntax error, an unknown import, no default export.
    InvalidScript,
    /// The component cannot be loaded: it is malformed, exports no `run`, or imports
    /// what the engine does not offer.
    InvalidComponent,
    /// The code threw, or rejected, and nothing caught it.
    ScriptThrew,
    /// The code returned something that is neither bytes nor text.
    WrongType,
    /// The code waits for something that will never happen.
    NeverSettles,
    /// The limit `fuel` was reached.
    OutOfFuel,
    /// The limit `time_ms` was reached.
    DeadlineExceeded,
    /// The limit `memory_bytes` was reached.
    OutOfMemory,
    /// The code recurses deeper than the stack, where it cannot be caught.
    StackOverflow,
    /// The limit `output_bytes` was reached.
    OutputTooLarge,
    /// The limit `log_bytes` was reached.
    LogTooLarge,
    /// Another limit of the run was reached.
    HostLimit {
        /// The limit's name.
        name: &'static str,
    },
    /// The state of the target chain could not be read. Nothing is wrong with
    /// the contract: the same run may work later.
    KeyValueUnavailable,
    /// A secret is there and this worker cannot read it. Another worker may, or the
    /// owner may set it again: the same run may work later.
    SecretUnreadable,
    /// The guest broke its own rules: a fault of its runtime.
    Trapped,
    /// The engine failed, not the contract.
    Engine,
}

impl FailureCode {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidScript => "invalid_script",
            Self::InvalidComponent => "invalid_component",
            Self::ScriptThrew => "script_threw",
            Self::WrongType => "wrong_type",
            Self::NeverSettles => "never_settles",
            Self::OutOfFuel => "out_of_fuel",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::OutOfMemory => "out_of_memory",
            Self::StackOverflow => "stack_overflow",
            Self::OutputTooLarge => "output_too_large",
            Self::LogTooLarge => "log_too_large",
            Self::HostLimit { .. } => "host_limit",
            Self::KeyValueUnavailable => "key_value_unavailable",
            Self::SecretUnreadable => "secret_unreadable",
            Self::Trapped => "trapped",
            Self::Engine => "engine",
        }
    }

    /// Whether the failure says something about this worker or moment rather
    /// than about the contract, so that the run is worth another try and should
    /// not be settled.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::KeyValueUnavailable | Self::SecretUnreadable | Self::Engine
        )
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for FailureCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The longest start of a text that fits and ends between two characters.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settlements_are_short() {
        let failed = |message: &str| {
            Outcome::Failed(RunFailure::new(FailureCode::ScriptThrew, message)).settlement()
        };
        assert_eq!(failed("no"), (false, b"script_threw: no".to_vec()));
        assert_eq!(
            failed(&"é".repeat(9_999)).1.len(),
            "script_threw: ".len() + 256
        );
        assert_eq!(
            failed(&"a".repeat(257)).1.len(),
            "script_threw: ".len() + 256
        );
        let long = RunFailure::new(FailureCode::ScriptThrew, "a".repeat(MESSAGE_BYTES_MAX + 1));
        assert_eq!(long.message.len(), MESSAGE_BYTES_MAX);
    }
}
