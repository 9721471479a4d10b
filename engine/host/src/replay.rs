//! What can keep a replay from giving the recorded result.

use phat_manifest::{LimitError, Limits};
use phat_primitives::CodeHash;
use thiserror::Error;

use crate::{EngineHash, Entry};

/// A replay that shows nothing, or shows that the transcript is not true.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// The run was recorded by another engine; only the same one can tell.
    #[error(
        "the run is of engine {recorded}, this is engine {this}: replay it with the release that ran it"
    )]
    EngineDiffers {
        /// The engine in the transcript.
        recorded: EngineHash,
        /// This engine.
        this: EngineHash,
    },
    /// The code is not that of the recorded run.
    #[error("the run is of code {recorded}, the code given is {given}")]
    CodeDiffers {
        /// The hash in the transcript.
        recorded: CodeHash,
        /// The hash of the code that was given.
        given: CodeHash,
    },
    /// The code, on the recorded answers, does something else than recorded.
    #[error(
        "the replay differs from the transcript at entry {index}: recorded is \"{expected}\", the replay has \"{actual}\""
    )]
    Divergence {
        /// The index of the first entry that differs.
        index: usize,
        /// What the transcript says.
        expected: String,
        /// What the replay did.
        actual: String,
    },
    /// The transcript claims limits that no contract can have.
    #[error("the transcript is not of a run: {0}")]
    Limits(#[from] LimitError),
    /// The engine failed.
    #[error("the engine cannot replay: {0}")]
    Engine(String),
}

/// Refuses a transcript that goes on after an entry that ends a run, or that says
/// more fuel was used than there was.
pub fn check_end(entries: &[Entry], limits: &Limits) -> Result<(), ReplayError> {
    let refuse = |index: usize, entry: &Entry, actual: String| {
        Err(ReplayError::Divergence {
            index,
            expected: entry.describe(),
            actual,
        })
    };
    let end = entries.iter().enumerate().find(|(_, entry)| entry.is_end());
    match end {
        Some((index, entry)) if index + 1 < entries.len() => {
            refuse(index, entry, "goes on after that".to_owned())
        }
        Some((index, entry @ Entry::Interrupted { fuel_used })) if *fuel_used > limits.fuel => {
            let actual = format!("has {} fuel, which is not {fuel_used}", limits.fuel);
            refuse(index, entry, actual)
        }
        _ => Ok(()),
    }
}
