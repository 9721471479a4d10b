//! What was shown as final before, so that whoever takes it back is found out.
//!
//! Finality is for ever: of two different blocks that are shown as final at one height, one is a
//! lie, and a head that goes far back is either a lie or stale. A light client cannot be shown
//! such a thing unless two thirds of the validators sign it. A node that is believed can say
//! anything, and this is what can be noticed of it without believing another one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{BlockHash, ChainError};

/// How many blocks the newest final block may seem to go back, since questions that are asked at
/// the same time are answered in any order.
pub const FINALITY_LAG_BLOCKS_MAX: u64 = 32;

/// The newest blocks that were shown as final, by whichever connection. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct FinalityLog(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// By height, no more of them than the lag that is allowed and the newest.
    hashes: BTreeMap<u64, BlockHash>,
}

impl FinalityLog {
    /// The newest block that was shown as final.
    pub fn newest(&self) -> Option<(u64, BlockHash)> {
        self.with(|seen| seen.newest())
    }

    /// Takes in that this block is shown as final, on top of `parent` if that is known; an error
    /// if it cannot be, after what was shown before.
    pub(crate) fn note(
        &self,
        number: u64,
        hash: BlockHash,
        parent: Option<BlockHash>,
    ) -> Result<(), ChainError> {
        self.with(|seen| seen.note(number, hash, parent))
    }

    /// Compares what a node has at the height of the newest block that was shown as final.
    pub(crate) fn compare(&self, number: u64, hash: Option<BlockHash>) -> Result<(), ChainError> {
        match hash {
            Some(hash) => self.with(|seen| seen.check(number, hash)),
            None => Err(ChainError::WentBack { known: number }),
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        // Nothing panics in the middle of a change.
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Seen {
    fn newest(&self) -> Option<(u64, BlockHash)> {
        let (number, hash) = self.hashes.last_key_value()?;
        Some((*number, *hash))
    }

    fn note(
        &mut self,
        number: u64,
        hash: BlockHash,
        parent: Option<BlockHash>,
    ) -> Result<(), ChainError> {
        let newest = self.newest().map_or(0, |(newest, _)| newest);
        if number.saturating_add(FINALITY_LAG_BLOCKS_MAX) < newest {
            return Err(ChainError::WentBack { known: newest });
        }
        self.check(number, hash)?;
        if let (Some(parent), Some(below)) = (parent, number.checked_sub(1)) {
            self.check(below, parent)?;
        }
        self.hashes.insert(number, hash);
        let oldest = newest.max(number).saturating_sub(FINALITY_LAG_BLOCKS_MAX);
        self.hashes = self.hashes.split_off(&oldest);
        Ok(())
    }

    fn check(&self, number: u64, shown: BlockHash) -> Result<(), ChainError> {
        match self.hashes.get(&number) {
            Some(&known) if known != shown => Err(ChainError::Rewritten {
                number,
                known,
                shown,
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(of: u64, history: u8) -> BlockHash {
        let mut hash = [history; 32];
        hash[..8].copy_from_slice(&of.to_be_bytes());
        BlockHash(hash)
    }

    /// A log that was shown these blocks of the first history.
    fn shown(numbers: impl IntoIterator<Item = u64>) -> FinalityLog {
        let log = FinalityLog::default();
        for number in numbers {
            let parent = number.checked_sub(1).map(|below| hash(below, 0));
            log.note(number, hash(number, 0), parent)
                .expect("it is one history");
        }
        log
    }

    #[test]
    fn one_history_is_believed_in_any_order_and_with_gaps() {
        let log = shown([0, 5, 6, 9, 7, 8, 8, 40, 8, 41]);
        assert_eq!(log.newest(), Some((41, hash(41, 0))));
        log.compare(41, Some(hash(41, 0))).expect("it is the same");
    }

    #[test]
    fn a_head_that_goes_far_back_is_noticed() {
        let log = shown([100]);
        let at = |number| log.note(number, hash(number, 0), None);
        at(100 - FINALITY_LAG_BLOCKS_MAX).expect("answers may overtake each other");
        let error = at(99 - FINALITY_LAG_BLOCKS_MAX).expect_err("it is too old");
        assert!(matches!(error, ChainError::WentBack { known: 100 }));
        assert!(error.is_connection(), "another node may be better");
        let error = log.compare(100, None).expect_err("the node has it not");
        assert!(matches!(error, ChainError::WentBack { known: 100 }));
    }

    #[test]
    fn a_block_that_is_another_than_before_is_noticed() {
        let log = shown(90..=100);
        let rewritten = |result: Result<(), ChainError>, at| {
            let error = result.expect_err("it is another history");
            assert!(
                matches!(error, ChainError::Rewritten { number, .. } if number == at),
                "{error}"
            );
        };
        rewritten(log.note(100, hash(100, 1), None), 100);
        rewritten(log.note(93, hash(93, 1), None), 93);
        rewritten(log.compare(100, Some(hash(100, 1))), 100);
        // A block above all that is known, on top of another one.
        rewritten(log.note(101, hash(101, 1), Some(hash(100, 1))), 100);
        assert_eq!(log.newest(), Some((100, hash(100, 0))), "it is not taken");
        log.note(101, hash(101, 0), Some(hash(100, 0)))
            .expect("the first history goes on");
    }

    #[test]
    fn only_the_newest_blocks_are_kept() {
        let log = shown(0..1_000);
        let kept = log.with(|seen| seen.hashes.len() as u64);
        assert_eq!(kept, FINALITY_LAG_BLOCKS_MAX + 1);
    }
}
