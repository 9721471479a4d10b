//! How far the anchors of a chain are searched.

use phat_primitives::ContractId;
use phat_target::BlockRef;
use tokio::time::Instant;

use super::Source;
use crate::{journal::Scanned, pace::Backoff};

/// A contract's anchor on the chain, or the place of a trigger that logs of the chain fire.
pub type Place = (ContractId, Vec<u8>);

/// What of an anchor is wanted and what is searched.
#[derive(Clone, Copy)]
pub struct Range {
    /// The first block that is wanted.
    pub from_block: u64,
    /// Whether `scanned` was read from the journal.
    pub is_loaded: bool,
    /// The blocks that are searched.
    pub scanned: Option<Scanned>,
}

/// How far an anchor, or the logs of a trigger, are searched.
pub struct Progress {
    /// What is looked for there.
    pub source: Source,
    /// The blocks.
    pub range: Range,
    /// The head up to which it was searched last.
    pub head: Option<BlockRef>,
    /// How long to wait after it could not be searched.
    pub backoff: Backoff,
    /// When to try again, after it could not be searched.
    pub try_from: Option<Instant>,
}

impl Progress {
    /// Whether blocks before the ones that were searched are wanted.
    pub fn wants_earlier(&self) -> bool {
        let Range {
            from_block,
            scanned,
            ..
        } = self.range;
        scanned.is_some_and(|scanned| from_block < scanned.first)
    }

    pub fn is_due(&self, head: BlockRef, now: Instant) -> bool {
        self.try_from.is_none_or(|from| now >= from)
            && (self.head != Some(head) || self.wants_earlier())
    }
}

/// Leaves of the requests, or logs, up to block `to` as many as there is room for, in whole
/// blocks; one block of new ones at least. Those up to block `known_to` are known
/// and take no room. Gives the last block that is left.
pub fn fit<T>(
    found: &mut Vec<T>,
    block_of: impl Fn(&T) -> u64,
    known_to: Option<u64>,
    to: u64,
    room: usize,
) -> u64 {
    let blocks: Vec<u64> = found
        .iter()
        .map(&block_of)
        .filter(|block| known_to.is_none_or(|known| *block > known))
        .collect();
    let (Some(first), Some(beyond)) = (blocks.first(), blocks.get(room)) else {
        return to;
    };
    let last = beyond.saturating_sub(1).max(*first);
    found.retain(|item| block_of(item) <= last);
    last
}

#[cfg(test)]
mod tests {
    use phat_target::AnchorRequest;

    use super::*;

    fn request(block: u64) -> AnchorRequest {
        AnchorRequest {
            number: [0; 32],
            requester: vec![],
            input: vec![],
            commitment: [0; 32],
            block: BlockRef {
                number: block,
                hash: [0; 32],
            },
            expires_at: None,
            fee: 0,
        }
    }

    #[test]
    fn what_is_found_is_cut_between_blocks() {
        // The blocks of requests, up to where they are known, the room, and the
        // last block that is left.
        let cases: &[(&[u64], Option<u64>, usize, u64)] = &[
            (&[], None, 1, 20),
            (&[1, 2, 3], None, 3, 20),
            (&[1, 2, 3], None, 2, 2),
            (&[1, 2, 2, 2], None, 2, 1),
            (&[2, 2, 2, 3], None, 1, 2),
            (&[0, 0], None, 1, 0),
            (&[1, 2, 3, 4], Some(2), 2, 20),
            (&[1, 2, 3, 4], Some(2), 1, 3),
            (&[1, 2, 3, 3], Some(2), 1, 3),
        ];
        for (blocks, known_to, room, last) in cases {
            let mut found: Vec<_> = blocks.iter().copied().map(request).collect();
            assert_eq!(
                fit(
                    &mut found,
                    |request| request.block.number,
                    *known_to,
                    20,
                    *room
                ),
                *last,
                "{blocks:?}"
            );
            let left: Vec<_> = found.iter().map(|request| request.block.number).collect();
            let wanted: Vec<_> = blocks.iter().copied().filter(|b| b <= last).collect();
            assert_eq!(left, wanted);
        }
    }
}
