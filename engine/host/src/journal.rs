//! The transcript while it is written, or while it is read back.

use codec::Encode;
use thiserror::Error;

use crate::{
    RunFailure,
    transcript::{
        Entry,
        limits::{TRANSCRIPT_BYTES_MAX, TRANSCRIPT_ENTRIES_MAX},
    },
};

/// Why a host call ends the run instead of returning to the guest.
#[derive(Debug, Error)]
pub enum Stop {
    /// The run has failed.
    #[error("{0}")]
    Failed(RunFailure),
    /// The guest does not do what the transcript says.
    #[error("entry {index}: expected {expected}, got {actual}")]
    Diverged {
        /// The entry's index.
        index: usize,
        /// What the transcript says.
        expected: String,
        /// What the guest does.
        actual: String,
    },
    /// The transcript says that the time of the run was over here.
    #[error("the time of the run was over here")]
    Interrupted,
}

/// Entries to add to, or to follow.
pub enum Journal {
    /// The run is live: what happens is added.
    Recording {
        /// What happened.
        entries: Vec<Entry>,
        /// The size of its encoding.
        bytes: u64,
    },
    /// The run is a replay: what happens must be the next entry.
    Replaying {
        /// What happened in the recorded run.
        entries: Vec<Entry>,
        /// The index of the next entry.
        position: usize,
    },
}

impl Journal {
    pub fn recording() -> Self {
        Self::Recording {
            entries: Vec::new(),
            bytes: 0,
        }
    }

    pub fn replaying(entries: Vec<Entry>) -> Self {
        Self::Replaying {
            entries,
            position: 0,
        }
    }

    /// Adds a call whose arguments are all there is to it, or compares it.
    pub fn note(&mut self, entry: Entry) -> Result<(), Stop> {
        match self {
            Self::Recording { .. } => self.record(entry),
            Self::Replaying { .. } => {
                let describe = || entry.describe();
                self.next_answer(describe, |expected| (*expected == entry).then_some(()))
            }
        }
    }

    /// Adds a call with its answer to a recording.
    pub fn record(&mut self, entry: Entry) -> Result<(), Stop> {
        let Self::Recording { entries, bytes } = self else {
            return Ok(());
        };
        let total = bytes.saturating_add(entry.encoded_size() as u64);
        if total > TRANSCRIPT_BYTES_MAX || entries.len() as u64 >= TRANSCRIPT_ENTRIES_MAX {
            let full = transcript_full(entries.len());
            entries.push(Entry::TranscriptFull);
            return Err(full);
        }
        *bytes = total;
        entries.push(entry);
        Ok(())
    }

    /// Adds to a recording that the time of the run was over. There is always
    /// room for this last entry: without it, a replay would go on.
    pub fn interrupt(&mut self, fuel_used: u64) {
        if let Self::Recording { entries, .. } = self {
            entries.push(Entry::Interrupted { fuel_used });
        }
    }

    /// In a replay, the recorded answer: what `answer` finds in the next entry,
    /// unless that is of another call.
    pub fn next_answer<T>(
        &mut self,
        describe: impl FnOnce() -> String,
        answer: impl FnOnce(&Entry) -> Option<T>,
    ) -> Result<T, Stop> {
        let (entries, position): (&[Entry], &mut usize) = match self {
            Self::Replaying { entries, position } => (entries, position),
            Self::Recording { .. } => (&[], &mut 0),
        };
        let index = *position;
        let diverged = |expected| Stop::Diverged {
            index,
            expected,
            actual: describe(),
        };
        match entries.get(index) {
            None => Err(diverged("the end of the run".to_owned())),
            Some(Entry::TranscriptFull) => {
                *position += 1;
                Err(transcript_full(index))
            }
            Some(Entry::Interrupted { .. }) => {
                *position += 1;
                Err(Stop::Interrupted)
            }
            Some(entry) => match answer(entry) {
                Some(answer) => {
                    *position += 1;
                    Ok(answer)
                }
                None => Err(diverged(entry.describe())),
            },
        }
    }

    /// Why the entry that a replay just followed cannot be what happened.
    pub fn refuse(&self, actual: &str) -> Stop {
        let (entries, position): (&[Entry], usize) = match self {
            Self::Replaying { entries, position } => (entries, *position),
            Self::Recording { entries, .. } => (entries, entries.len()),
        };
        let index = position.saturating_sub(1);
        Stop::Diverged {
            index,
            expected: entries.get(index).map(Entry::describe).unwrap_or_default(),
            actual: actual.to_owned(),
        }
    }

    /// The fuel at which the recorded run was interrupted, if it was.
    pub fn interrupted_at(&self) -> Option<u64> {
        match self {
            Self::Replaying { entries, .. } => match entries.last() {
                Some(Entry::Interrupted { fuel_used }) => Some(*fuel_used),
                _ => None,
            },
            Self::Recording { .. } => None,
        }
    }

    /// The first entry that a replay did not come to, if there is one.
    pub fn left_over(&self) -> Option<(usize, &Entry)> {
        match self {
            Self::Replaying { entries, position } => {
                entries.get(*position).map(|entry| (*position, entry))
            }
            Self::Recording { .. } => None,
        }
    }

    pub fn into_entries(self) -> Vec<Entry> {
        match self {
            Self::Recording { entries, .. } | Self::Replaying { entries, .. } => entries,
        }
    }
}

/// The failure of a run whose transcript has no room, with so many entries.
fn transcript_full(entries: usize) -> Stop {
    let (name, max) = if entries as u64 >= TRANSCRIPT_ENTRIES_MAX {
        ("transcript_entries", TRANSCRIPT_ENTRIES_MAX)
    } else {
        ("transcript_bytes", TRANSCRIPT_BYTES_MAX)
    };
    Stop::Failed(RunFailure::limit(name, max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_recording_still_takes_its_end() {
        let mut journal = Journal::Recording {
            entries: Vec::new(),
            bytes: TRANSCRIPT_BYTES_MAX - 1,
        };
        journal.interrupt(7);
        let interrupted = Entry::Interrupted { fuel_used: 7 };
        assert_eq!(journal.into_entries(), [interrupted]);

        let mut journal = Journal::Recording {
            entries: Vec::new(),
            bytes: TRANSCRIPT_BYTES_MAX - 1,
        };
        assert!(journal.record(Entry::ClockRead { nanoseconds: 1 }).is_err());
        assert_eq!(journal.into_entries(), [Entry::TranscriptFull]);
    }
}
