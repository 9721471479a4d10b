//! Payouts that do not count yet.
//!
//! When a worker's next payout comes can be seen some blocks ahead. If it counted at once, whoever
//! delegates much just before and leaves just after would take most of it from those who bear the
//! risk. So payouts become the pool's little by little, and who is there for an hour has an hour's
//! part of them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{Rounding, helpers_128bit::multiply_by_rational_with_rounding};

use crate::Balance;

/// What a pool was paid lately. It is in the pool's account, and counts from one moment to another,
/// evenly.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Maturing {
    /// How much did not count at the first moment, in units of 10⁻¹² PHA.
    pub amount: Balance,
    /// The first moment, in seconds since 1970.
    pub from_s: u64,
    /// When all of it counts, in seconds since 1970.
    pub until_s: u64,
}

impl Maturing {
    /// What does not count at `now_s`, in seconds since 1970, rounded up.
    pub fn left(&self, now_s: u64) -> Balance {
        let all_s = self.until_s.saturating_sub(self.from_s);
        let left_s = self.until_s.saturating_sub(now_s).min(all_s);
        if left_s == 0 {
            return 0;
        }
        // No more than the amount, since what is left of the time is no more than all of it.
        multiply_by_rational_with_rounding(self.amount, left_s.into(), all_s.into(), Rounding::Up)
            .unwrap_or(self.amount)
    }

    /// The same with `amount` more: from `now_s` on, all that does not count yet takes `period_s`
    /// seconds.
    #[must_use]
    pub fn with(&self, amount: Balance, now_s: u64, period_s: u64) -> Self {
        Self {
            amount: self.left(now_s).saturating_add(amount),
            from_s: now_s,
            until_s: now_s.saturating_add(period_s),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_payout_counts_little_by_little() {
        assert_eq!(Maturing::default().left(0), 0);
        let first = Maturing::default().with(1_000, 500, 100);
        assert_eq!(first.left(500), 1_000);
        // Before the beginning, which a clock that stands still may show.
        assert_eq!(first.left(499), 1_000);
        assert_eq!(first.left(501), 990);
        assert_eq!(first.left(599), 10);
        assert_eq!(first.left(600), 0);
        assert_eq!(first.left(u64::MAX), 0);
        // Another one has what is left begin anew.
        let second = first.with(1_000, 550, 100);
        assert_eq!(second.left(550), 1_500);
        assert_eq!(second.left(600), 750);
        assert_eq!(second.left(650), 0);
        // Without a period it counts at once.
        assert_eq!(first.with(7, 550, 0).left(550), 0);
    }

    proptest! {
        #[test]
        fn what_is_left_only_falls(
            amount in any::<u128>(),
            period_s in 0..1u64 << 40,
            first in any::<u32>(),
            second in any::<u32>(),
        ) {
            let (first, second) = (u64::from(first.min(second)), u64::from(first.max(second)));
            let maturing = Maturing::default().with(amount, 1_000, period_s);
            prop_assert!(maturing.left(first) <= amount);
            prop_assert!(maturing.left(second) <= maturing.left(first));
        }
    }
}
