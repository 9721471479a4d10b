//! The transcript while it is written, or while it is read back.

use codec::Encode;
use thiserror::Error;

use crate::{
    FailureCode, RunFailure,
    shares::Charge,
    transcript::{Entry, limits::TRANSCRIPT_ENTRIES_MAX},
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

/// A host call that a replay comes to, before its answer is known.
pub struct Call<D> {
    /// Says what the guest does, for error messages.
    pub describe: D,
    /// The most bytes that its entry can have.
    pub bytes_max: u64,
    /// Whether it waits for something, so that the time of the run may end in it.
    pub waits: bool,
}

/// Entries to add to, or to follow.
pub struct Journal {
    entries: Vec<Entry>,
    /// The size of the encoding of those that happened.
    bytes: u64,
    /// The limit on that.
    bytes_max: u64,
    mode: Mode,
}

enum Mode {
    /// The run is live: what happens is added, and its memory counted.
    Recording(Charge),
    /// The run is a replay: what happens must be the next entry, which has this index.
    Replaying(usize),
    /// The guest has only its arguments to go by: whatever it asks for ends it.
    Sealed,
}

impl Journal {
    pub fn recording(bytes_max: u64, charge: Charge) -> Self {
        Self {
            entries: Vec::new(),
            bytes: 0,
            bytes_max,
            mode: Mode::Recording(charge),
        }
    }

    pub fn replaying(bytes_max: u64, entries: Vec<Entry>) -> Self {
        Self {
            entries,
            bytes: 0,
            bytes_max,
            mode: Mode::Replaying(0),
        }
    }

    /// Nothing may happen but that lines are logged, which are not kept here.
    pub fn sealed() -> Self {
        Self {
            entries: Vec::new(),
            bytes: 0,
            bytes_max: 0,
            mode: Mode::Sealed,
        }
    }

    /// Adds a call whose arguments are all there is to it, or compares it.
    pub fn note(&mut self, entry: Entry) -> Result<(), Stop> {
        match self.mode {
            Mode::Recording(_) => return self.record(entry),
            Mode::Sealed if matches!(entry, Entry::Logged { .. }) => return Ok(()),
            Mode::Sealed | Mode::Replaying(_) => {}
        }
        let call = Call {
            describe: || entry.describe(),
            bytes_max: size(&entry),
            waits: false,
        };
        self.next_answer(call, |expected| (*expected == entry).then_some(()))
    }

    /// Adds a call with its answer to a recording.
    pub fn record(&mut self, entry: Entry) -> Result<(), Stop> {
        let size = size(&entry);
        let is_full = !self.has_room(self.entries.len(), size);
        let Mode::Recording(charge) = &mut self.mode else {
            return Ok(());
        };
        if is_full {
            let full = self.full(self.entries.len());
            self.entries.push(Entry::TranscriptFull);
            return Err(full);
        }
        charge.add(entry.memory_bytes(size)).map_err(Stop::Failed)?;
        self.bytes += size;
        self.entries.push(entry);
        Ok(())
    }

    /// Adds to a recording that the time of the run was over. There is always
    /// room for this last entry: without it, a replay would go on.
    pub fn interrupt(&mut self, fuel_used: u64) {
        if matches!(self.mode, Mode::Recording(_)) {
            self.entries.push(Entry::Interrupted { fuel_used });
        }
    }

    /// In a replay, the recorded answer: what `answer` finds in the next entry,
    /// unless that is of another call. An entry that ends the run is followed
    /// only where the recorded run can have ended so.
    pub fn next_answer<T>(
        &mut self,
        call: Call<impl FnOnce() -> String>,
        answer: impl FnOnce(&Entry) -> Option<T>,
    ) -> Result<T, Stop> {
        if matches!(self.mode, Mode::Sealed) {
            return Err(sealed(&(call.describe)()));
        }
        let index = self.position();
        let Some(entry) = self.entries.get(index) else {
            return Err(Stop::Diverged {
                index,
                expected: "the end of the run".to_owned(),
                actual: (call.describe)(),
            });
        };
        let size = size(entry);
        let result = match entry {
            Entry::TranscriptFull if !self.has_room(index, call.bytes_max) => Err(self.full(index)),
            Entry::Interrupted { .. } if call.waits => Err(Stop::Interrupted),
            entry => match answer(entry) {
                Some(answer) if self.has_room(index, size) => Ok(answer),
                Some(_) => Err(Stop::Diverged {
                    index,
                    expected: entry.describe(),
                    actual: Entry::TranscriptFull.describe(),
                }),
                None => Err(Stop::Diverged {
                    index,
                    expected: entry.describe(),
                    actual: (call.describe)(),
                }),
            },
        };
        if !matches!(result, Err(Stop::Diverged { .. })) {
            self.bytes += size;
            self.mode = Mode::Replaying(index + 1);
        }
        result
    }

    /// Why the entry that a replay just followed cannot be what happened.
    pub fn refuse(&self, actual: impl Into<String>) -> Stop {
        let index = self.position().saturating_sub(1);
        Stop::Diverged {
            index,
            expected: self
                .entries
                .get(index)
                .map(Entry::describe)
                .unwrap_or_default(),
            actual: actual.into(),
        }
    }

    /// The fuel at which the recorded run was interrupted, if it was.
    pub fn interrupted_at(&self) -> Option<u64> {
        match (&self.mode, self.entries.last()) {
            (Mode::Replaying(_), Some(Entry::Interrupted { fuel_used })) => Some(*fuel_used),
            _ => None,
        }
    }

    /// The first entry that a replay did not come to, if there is one.
    pub fn left_over(&self) -> Option<(usize, &Entry)> {
        let index = self.position();
        self.entries.get(index).map(|entry| (index, entry))
    }

    /// The entries, and what they take of the engine's memory.
    pub fn into_entries(self) -> (Vec<Entry>, Option<Charge>) {
        match self.mode {
            Mode::Recording(charge) => (self.entries, Some(charge)),
            Mode::Replaying(_) | Mode::Sealed => (self.entries, None),
        }
    }

    /// The index of the next entry.
    fn position(&self) -> usize {
        match self.mode {
            Mode::Recording(_) | Mode::Sealed => self.entries.len(),
            Mode::Replaying(position) => position,
        }
    }

    /// Whether another entry of this size fits behind so many.
    fn has_room(&self, count: usize, size: u64) -> bool {
        (count as u64) < TRANSCRIPT_ENTRIES_MAX && self.bytes.saturating_add(size) <= self.bytes_max
    }

    /// The failure of a run whose transcript has no room, with so many entries.
    fn full(&self, count: usize) -> Stop {
        let (name, max) = if count as u64 >= TRANSCRIPT_ENTRIES_MAX {
            ("transcript_entries", TRANSCRIPT_ENTRIES_MAX)
        } else {
            ("transcript_bytes", self.bytes_max)
        };
        Stop::Failed(RunFailure::limit(name, max))
    }
}

/// The failure of a guest that asks for more than its arguments.
fn sealed(what: &str) -> Stop {
    let message = format!("aggregate may only compute on its arguments: {what}");
    let code = FailureCode::HostLimit { name: "aggregate" };
    Stop::Failed(RunFailure::new(code, message))
}

fn size(entry: &Entry) -> u64 {
    entry.encoded_size() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use phat_primitives::ContractId;

    use super::*;
    use crate::{
        RunClass,
        shares::{Bounds, Place, Shares},
    };

    /// A journal of an engine with so much memory, and the run's place there.
    fn recording(bytes_max: u64, memory_bytes: u64) -> (Journal, Place) {
        let shares = Shares::new(Bounds {
            anchor_runs: 1,
            calls: 1,
            memory_bytes,
            requests: 1,
            lookups: 1,
        });
        let place = Arc::new(shares)
            .enter(RunClass::Anchor, ContractId([1; 32]))
            .unwrap();
        let charge = place.account().charge();
        (Journal::recording(bytes_max, charge), place)
    }

    const CLOCK: Entry = Entry::ClockRead { nanoseconds: 1 };

    #[test]
    fn a_full_recording_still_takes_its_end() {
        let (mut journal, _place) = recording(9, 10_000);
        journal.record(CLOCK).unwrap();
        journal.interrupt(7);
        let interrupted = Entry::Interrupted { fuel_used: 7 };
        assert_eq!(journal.into_entries().0, [CLOCK, interrupted]);

        let (mut journal, _place) = recording(9, 10_000);
        journal.record(CLOCK).unwrap();
        let error = journal.record(CLOCK).unwrap_err();
        assert!(
            error.to_string().contains("transcript_bytes of 9 "),
            "{error}"
        );
        assert_eq!(journal.into_entries().0, [CLOCK, Entry::TranscriptFull]);
    }

    #[test]
    fn a_sealed_guest_may_log_and_nothing_else() {
        let mut journal = Journal::sealed();
        let line = Entry::Logged {
            level: crate::LogLevel::Info,
            message: "merging".into(),
        };
        journal.note(line).unwrap();
        let started = Entry::TimerStarted {
            id: 1,
            duration_ms: 1,
        };
        for entry in [CLOCK, started] {
            let stop = journal.note(entry).unwrap_err();
            let expected = FailureCode::HostLimit { name: "aggregate" };
            assert!(matches!(stop, Stop::Failed(failure) if failure.code == expected));
        }
        assert!(journal.left_over().is_none());
        assert!(journal.into_entries().0.is_empty());
    }

    #[test]
    fn entries_count_towards_the_memory_of_the_engine() {
        let (mut journal, _place) = recording(1_000_000, 10_000);
        let entry = |bytes: usize| Entry::RandomDrawn {
            bytes: vec![0; bytes],
        };
        journal.record(entry(9_000)).unwrap();
        let stop = journal.record(entry(1_000)).unwrap_err();
        assert!(matches!(stop, Stop::Failed(failure) if failure.code.is_transient()));
        // Small entries take more than their encoding.
        let (mut journal, _place) = recording(1_000_000, 10_000);
        let count = (0..1_000).take_while(|_| journal.record(CLOCK).is_ok());
        assert!(count.count() < 500);
    }

    #[test]
    fn a_replay_is_full_where_the_recording_was() {
        let check = |bytes_max: u64, entries: Vec<Entry>, expected: &str| {
            let mut journal = Journal::replaying(bytes_max, entries);
            let error = loop {
                if let Err(error) = journal.note(CLOCK) {
                    break error;
                }
            };
            assert!(error.to_string().contains(expected), "{error}");
        };
        check(
            18,
            vec![CLOCK, CLOCK, Entry::TranscriptFull],
            "transcript_bytes of 18",
        );
        check(
            27,
            vec![CLOCK, CLOCK, Entry::TranscriptFull],
            "got reads the clock",
        );
        check(17, vec![CLOCK, CLOCK], "got goes over the bounds");
        check(
            17,
            vec![CLOCK, Entry::TranscriptFull],
            "transcript_bytes of 17",
        );
        // The clock does not wait, so no time ends in it.
        let interrupted = Entry::Interrupted { fuel_used: 1 };
        check(
            18,
            vec![CLOCK, interrupted],
            "expected its time is over, got reads the clock",
        );
    }
}
