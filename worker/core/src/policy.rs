//! The numbers that decisions depend on.

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
    /// The most transactions prepared for one request.
    pub attempts_max: u32,
    /// How often the anchor may reject a settlement before it is given up.
    pub rejections_max: u32,
    /// Blocks after which a request that the anchor does not know is given up.
    pub unknown_blocks_max: u64,
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
            attempts_max: 16,
            rejections_max: 64,
            unknown_blocks_max: 256,
        }
    }
}

impl Policy {
    /// The pause before try number `tries` + 1: 1, 2, 4, … blocks.
    pub(crate) fn backoff_blocks(&self, tries: u32) -> u64 {
        1_u64
            .checked_shl(tries)
            .unwrap_or(u64::MAX)
            .clamp(1, self.backoff_blocks_max.max(1))
    }
}
