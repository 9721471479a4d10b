//! The numbers that decisions depend on.

/// How many times as long as a transaction may wait before its fees are raised one may
/// stay unseen that was sent.
const UNSEEN_PATIENCE: u64 = 4;

/// How patient a worker is. Blocks are those of the target chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Blocks until something seen at the newest block counts as final.
    pub confirmations: u64,
    /// Blocks that each worker of lower rank waits for the one before it.
    pub takeover_blocks: u64,
    /// Blocks that a transaction may wait before its fees are raised.
    pub replace_after_blocks: u64,
    /// The longest pause between two tries, in blocks.
    pub backoff_blocks_max: u64,
    /// The most runs of one request, the first counted.
    pub runs_max: u32,
    /// The most transactions of one request that are followed. When there is one
    /// more, the one that is least likely to be included is forgotten.
    pub attempts_kept_max: usize,
    /// How many transactions of one run may be included and fail, each at the cost
    /// of its gas, before the request is given up.
    pub failures_max: u32,
    /// How often the anchor may reject a settlement before it is given up.
    pub rejections_max: u32,
    /// How often in a row the endpoint may refuse one transaction before its nonce
    /// is free for others.
    pub attempt_refusals_max: u32,
    /// How often in a row the endpoint may refuse the transactions of a request
    /// before it is given up.
    pub refusals_max: u32,
    /// Blocks after which a request that the anchor does not know is given up.
    pub unknown_blocks_max: u64,
    /// Blocks after which a request is given up whose state cannot be read.
    pub unreadable_blocks_max: u64,
    /// Blocks for which a settled request is watched, in case a reorganisation that
    /// goes deeper than the confirmations undoes its settlement; 0 for none.
    pub watch_blocks: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            confirmations: 1,
            takeover_blocks: 10,
            replace_after_blocks: 6,
            backoff_blocks_max: 256,
            // Many requests that write one key at once settle one a block: the last
            // of them is stale that often.
            runs_max: 256,
            attempts_kept_max: 8,
            failures_max: 16,
            rejections_max: 64,
            attempt_refusals_max: 3,
            refusals_max: 64,
            unknown_blocks_max: 256,
            // Days: an endpoint may have a fault of its own for long.
            unreadable_blocks_max: 50_000,
            watch_blocks: 256,
        }
    }
}

impl Policy {
    /// Blocks after which a transaction that was sent, and that no endpoint shows to
    /// wait, is replaced instead of sent once more.
    pub(crate) fn unseen_blocks(&self) -> u64 {
        self.replace_after_blocks.saturating_mul(UNSEEN_PATIENCE)
    }

    /// The pause before try number `tries` + 1: 1, 2, 4, … blocks.
    pub(crate) fn backoff_blocks(&self, tries: u32) -> u64 {
        1_u64
            .checked_shl(tries)
            .unwrap_or(u64::MAX)
            .clamp(1, self.backoff_blocks_max.max(1))
    }
}
