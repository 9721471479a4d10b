//! How old the newest block is that the worker knows of the Phat chain.
//!
//! Whoever stands between the worker and the chain can keep newer blocks from it. It would go on
//! with contracts that were removed, members whose attestation was revoked, and keys that were
//! replaced. So there is a bound on the age, beyond which it runs nothing and hands nothing over.

use std::time::Duration;

use tokio::time::Instant;

/// What health calls it.
pub const PART: &str = "chain_age";
/// The age beyond which nothing is run where nothing else is said, in seconds.
pub const STALE_MAX_DEFAULT_S: u64 = 900;

/// The age of what is known of the chain.
#[derive(Clone, Debug)]
pub struct Freshness {
    stale_max: Duration,
    newest: Option<Newest>,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    block: u64,
    /// When it was made, by the clock of the validator, in milliseconds since 1970.
    made_at_ms: Option<u64>,
    /// When this worker saw it first.
    seen_at: Instant,
}

impl Freshness {
    /// What is older than `stale_max` is too old.
    pub fn new(stale_max: Duration) -> Self {
        Self {
            stale_max,
            newest: None,
        }
    }

    /// Notes that this is the newest finalised block, unless it was before.
    pub fn saw(&mut self, block: u64, made_at_ms: Option<u64>) {
        if self.newest.is_none_or(|newest| newest.block < block) {
            self.newest = Some(Newest {
                block,
                made_at_ms,
                seen_at: Instant::now(),
            });
        }
    }

    /// How long it is until the newest block is too old, given the time by the worker's clock, in
    /// milliseconds since 1970. Zero if it is, and none if no block is known.
    pub fn left(&self, now_ms: u64) -> Option<Duration> {
        let age = self.newest?.age(now_ms);
        Some(self.stale_max.saturating_sub(age))
    }

    /// Why nothing is to be run, if the newest block is too old.
    pub fn fault(&self, now_ms: u64) -> Option<String> {
        if self.left(now_ms)? > Duration::ZERO {
            return None;
        }
        let block = self.newest?.block;
        let seconds = self.stale_max.as_secs();
        Some(format!(
            "the newest finalised block that is known, {block}, is more than {seconds} s old, and \
             --chain-stale-max-s allows no more: nothing is run until there is a newer one. Check \
             that the chain finalises blocks, that its nodes can be reached, and the clock of this \
             machine"
        ))
    }
}

impl Newest {
    /// The larger of the times since it was seen and, by the clocks of validator and worker,
    /// since it was made.
    fn age(&self, now_ms: u64) -> Duration {
        let since_made = self
            .made_at_ms
            .map_or(0, |made_at_ms| now_ms.saturating_sub(made_at_ms));
        self.seen_at
            .elapsed()
            .max(Duration::from_millis(since_made))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Duration = Duration::from_secs(60);
    const NOW_MS: u64 = 1_800_000_000_000;

    #[tokio::test(start_paused = true)]
    async fn a_block_is_too_old_when_none_came_after_it_for_too_long() {
        let mut freshness = Freshness::new(MAX);
        assert_eq!(freshness.left(NOW_MS), None);
        freshness.saw(7, None);
        tokio::time::advance(MAX - Duration::from_secs(1)).await;
        assert_eq!(freshness.left(NOW_MS), Some(Duration::from_secs(1)));
        assert_eq!(freshness.fault(NOW_MS), None);
        // The same block, or an older one, is no newer one.
        freshness.saw(7, None);
        freshness.saw(6, None);
        tokio::time::advance(Duration::from_secs(1)).await;
        let fault = freshness.fault(NOW_MS).unwrap();
        assert!(fault.contains("7, is more than 60 s old"), "{fault}");
        freshness.saw(8, None);
        assert_eq!(freshness.left(NOW_MS), Some(MAX));
    }

    /// Blocks that come as if they were new, and were made long ago.
    #[tokio::test(start_paused = true)]
    async fn a_block_is_too_old_when_it_was_made_too_long_ago() {
        let mut freshness = Freshness::new(MAX);
        freshness.saw(7, Some(NOW_MS - 59_000));
        assert_eq!(freshness.left(NOW_MS), Some(Duration::from_secs(1)));
        freshness.saw(8, Some(NOW_MS - 60_000));
        assert!(freshness.fault(NOW_MS).is_some());
        // A clock that is ahead of this one makes nothing older, or newer for ever.
        freshness.saw(9, Some(NOW_MS + 600_000));
        assert_eq!(freshness.fault(NOW_MS), None);
        tokio::time::advance(MAX).await;
        assert!(freshness.fault(NOW_MS).is_some());
    }
}
