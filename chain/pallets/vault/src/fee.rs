//! The owner's part of what a vault gains.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use pallet_stake_pool::{Balance, Book};
use scale_info::TypeInfo;
use sp_runtime::{Permill, Rounding, helpers_128bit::multiply_by_rational_with_rounding};

/// What a share was worth at most when a fee was taken: the high-water mark. It is a fraction, so
/// that nothing is lost by rounding it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Mark {
    /// What all shares were worth together, in units of 10⁻¹² PHA.
    pub value: Balance,
    /// How many there were.
    pub supply: Balance,
}

/// A fee that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// The shares that the owner gets. All shares together are worth what they were before.
    pub shares: Balance,
    /// The new mark.
    pub mark: Mark,
}

/// The fee for what shares have gained above `mark`, rounded down. None while they have not, or
/// while it is less than a share: then it stays due.
///
/// The owner's new shares are worth `rate` of the gain, and so the others are still worth what they
/// were at the mark, and the rest of the gain.
pub fn due(book: &Book, mark: &Mark, rate: Permill) -> Option<Fee> {
    let at_mark =
        multiply_by_rational_with_rounding(book.supply, mark.value, mark.supply, Rounding::Up)?;
    let gain = book.value.checked_sub(at_mark).filter(|gain| *gain > 0)?;
    let amount = rate.mul_floor(gain);
    let kept = book.value.checked_sub(amount)?;
    let shares = multiply_by_rational_with_rounding(amount, book.supply, kept, Rounding::Down)?;
    if shares == 0 && !rate.is_zero() {
        return None;
    }
    let supply = book.supply.checked_add(shares)?;
    Some(Fee {
        shares,
        mark: Mark {
            value: book.value,
            supply,
        },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn book(value: Balance, supply: Balance) -> Book {
        Book {
            value,
            supply,
            available: 0,
        }
    }

    const PAR: Mark = Mark {
        value: 1_000,
        supply: 1_000,
    };

    #[test]
    fn a_fee_is_taken_of_gains_above_the_mark() {
        let tenth = Permill::from_percent(10);
        assert_eq!(due(&book(1_000_000, 1_000_000), &PAR, tenth), None);
        assert_eq!(due(&book(900_000, 1_000_000), &PAR, tenth), None);
        // A tenth of 200 000 is what 16 949 of 1 016 949 shares are worth of 1 200 000.
        let fee = due(&book(1_200_000, 1_000_000), &PAR, tenth).expect("there is a gain");
        assert_eq!(fee.shares, 16_949);
        let after = book(1_200_000, 1_016_949);
        assert_eq!(after.amount_for(fee.shares), 19_999);
        // Nothing is due twice.
        assert_eq!(due(&after, &fee.mark, tenth), None);
        // What was lost is gained back without a fee.
        assert_eq!(due(&book(1_100_000, 1_016_949), &fee.mark, tenth), None);
        assert!(due(&book(1_200_100, 1_016_949), &fee.mark, tenth).is_some());
    }

    #[test]
    fn without_a_rate_only_the_mark_rises() {
        let fee = due(&book(1_200_000, 1_000_000), &PAR, Permill::zero()).expect("a gain");
        assert_eq!(fee.shares, 0);
        // A rate that is set later is not for gains before it.
        let after = book(1_200_000, 1_000_000);
        assert_eq!(due(&after, &fee.mark, Permill::from_percent(50)), None);
    }

    #[test]
    fn a_fee_of_less_than_a_share_stays_due() {
        let tenth = Permill::from_percent(10);
        assert_eq!(due(&book(1_005, 1_000), &PAR, tenth), None);
        assert!(due(&book(1_020, 1_000), &PAR, tenth).is_some());
    }

    proptest! {
        #[test]
        fn others_keep_what_they_had_at_the_mark(
            value in 1..1u128 << 50,
            supply in 1..1u128 << 50,
            mark in (1..1u128 << 50, 1..1u128 << 50),
            rate in 0..=500_000u32,
        ) {
            let mark = Mark { value: mark.0, supply: mark.1 };
            let book = book(value, supply);
            let rate = Permill::from_parts(rate);
            let Some(fee) = due(&book, &mark, rate) else {
                return Ok(());
            };
            let after = Book { supply: supply + fee.shares, ..book };
            let at_mark = supply * mark.value / mark.supply;
            let others = after.amount_for(supply);
            prop_assert!(others >= at_mark);
            // The owner has its part, less what rounding takes, and never more.
            let gain = value - at_mark;
            prop_assert!(after.amount_for(fee.shares) <= rate.mul_ceil(gain));
            // The mark never falls.
            prop_assert!(fee.mark.value * mark.supply >= mark.value * fee.mark.supply);
            prop_assert_eq!(due(&after, &fee.mark, rate), None);
        }
    }
}
