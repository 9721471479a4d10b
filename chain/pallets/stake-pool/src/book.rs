//! What shares are worth, in whole units, always rounded in favour of those who stay.

use sp_runtime::{Rounding, helpers_128bit::multiply_by_rational_with_rounding};

/// An amount of PHA in units of 10⁻¹² PHA, or a number of shares.
pub type Balance = u128;

/// The most shares that a unit of value may stand for when shares are issued. A fund whose share
/// has fallen below a thousandth of a unit takes no more money: the number of its shares would grow
/// without bound.
pub const SHARES_PER_UNIT_MAX: Balance = 1_000;

/// The fewest shares that are issued at once. What rounding costs who buys them is less than one
/// share, so less than a millionth of what was paid, however much a share is worth.
pub const SHARES_ISSUED_MIN: Balance = 1_000_000;

/// What a fund has at one moment, and how many shares of it there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Book {
    /// What all shares together are worth.
    pub value: Balance,
    /// How many there are.
    pub supply: Balance,
    /// The part of the value that can be paid out at once.
    pub available: Balance,
}

/// Why no shares are issued for an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIssued {
    /// A share is worth too little, see [`SHARES_PER_UNIT_MAX`].
    PriceTooLow,
    /// They would be too few, see [`SHARES_ISSUED_MIN`].
    TooFew,
}

impl Book {
    /// How many shares `amount` buys, rounded down.
    pub fn shares_for(&self, amount: Balance) -> Result<Balance, NotIssued> {
        let least = self.supply.div_ceil(SHARES_PER_UNIT_MAX);
        if self.supply == 0 || self.value < least {
            return Err(NotIssued::PriceTooLow);
        }
        let shares =
            multiply_by_rational_with_rounding(amount, self.supply, self.value, Rounding::Down)
                .ok_or(NotIssued::PriceTooLow)?;
        if shares < SHARES_ISSUED_MIN {
            return Err(NotIssued::TooFew);
        }
        Ok(shares)
    }

    /// What `shares` are worth, rounded down. More shares than there are are worth all.
    pub fn amount_for(&self, shares: Balance) -> Balance {
        if shares >= self.supply {
            return self.value;
        }
        // Less than the value, since the shares are fewer than the supply.
        multiply_by_rational_with_rounding(self.value, shares, self.supply, Rounding::Down)
            .unwrap_or(self.value)
    }

    /// The most shares that are worth no more than `amount`, but for rounding.
    pub fn shares_within(&self, amount: Balance) -> Balance {
        if amount >= self.value {
            return self.supply;
        }
        multiply_by_rational_with_rounding(amount, self.supply, self.value, Rounding::Down)
            .unwrap_or(self.supply)
    }

    /// The fewest shares that are worth `amount`, or all if all are worth less.
    pub fn shares_covering(&self, amount: Balance) -> Balance {
        if amount >= self.value {
            return self.supply;
        }
        multiply_by_rational_with_rounding(amount, self.supply, self.value, Rounding::Up)
            .unwrap_or(self.supply)
            .min(self.supply)
    }

    /// `amount` came in, and `shares` were issued for it. None if the sums are too large.
    #[must_use]
    pub fn with_deposit(self, amount: Balance, shares: Balance) -> Option<Self> {
        Some(Self {
            value: self.value.checked_add(amount)?,
            supply: self.supply.checked_add(shares)?,
            available: self.available.checked_add(amount)?,
        })
    }

    /// `amount` was paid out, and `shares` were burned for it. None if there was less.
    #[must_use]
    pub fn with_payment(self, amount: Balance, shares: Balance) -> Option<Self> {
        Some(Self {
            value: self.value.checked_sub(amount)?,
            supply: self.supply.checked_sub(shares)?,
            available: self.available.checked_sub(amount)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PHA: Balance = 1_000_000_000_000;

    fn book(value: Balance, supply: Balance) -> Book {
        Book {
            value,
            supply,
            available: value,
        }
    }

    #[test]
    fn shares_are_bought_at_what_they_are_worth() {
        let book = book(3 * PHA, 2 * PHA);
        assert_eq!(book.shares_for(3 * PHA), Ok(2 * PHA));
        // Two thirds of a share more, which nobody gets.
        assert_eq!(book.shares_for(3 * PHA + 1), Ok(2 * PHA));
        assert_eq!(book.amount_for(2), 3);
        assert_eq!(book.amount_for(1), 1);
        assert_eq!(book.amount_for(2 * PHA), 3 * PHA);
        assert_eq!(book.amount_for(Balance::MAX), 3 * PHA);
        assert_eq!(book.shares_within(4), 2);
        assert_eq!(book.shares_covering(4), 3);
        assert_eq!(book.shares_covering(4 * PHA), 2 * PHA);
    }

    #[test]
    fn nobody_buys_shares_that_rounding_could_take() {
        // As after a gift a million times larger than all that was there.
        let inflated = book(1_000_000 * PHA, PHA);
        assert_eq!(inflated.shares_for(PHA), Ok(SHARES_ISSUED_MIN));
        assert_eq!(inflated.shares_for(PHA - 1), Err(NotIssued::TooFew));
    }

    #[test]
    fn a_fund_that_lost_all_takes_no_money() {
        assert_eq!(book(0, PHA).shares_for(PHA), Err(NotIssued::PriceTooLow));
        assert_eq!(book(PHA, 0).shares_for(PHA), Err(NotIssued::PriceTooLow));
        let least = PHA / SHARES_PER_UNIT_MAX;
        assert_eq!(book(least, PHA).shares_for(PHA), Ok(1_000 * PHA));
        assert_eq!(
            book(least - 1, PHA).shares_for(PHA),
            Err(NotIssued::PriceTooLow)
        );
        // Its shares can be given back.
        assert_eq!(book(0, PHA).amount_for(PHA / 2), 0);
    }

    /// Whether a share of `after` is worth no less than one of `before`. The numbers are small
    /// enough to multiply.
    fn is_no_cheaper(after: Book, before: Book) -> bool {
        after.value * before.supply >= before.value * after.supply
    }

    proptest! {
        #[test]
        fn who_stays_loses_nothing(
            value in 1..1u128 << 50,
            supply in 1..1u128 << 50,
            amount in 0..1u128 << 50,
            part in 0..=100u128,
        ) {
            let before = book(value, supply);
            if let Ok(shares) = before.shares_for(amount) {
                let after = before.with_deposit(amount, shares).expect("small");
                prop_assert!(is_no_cheaper(after, before));
                // Nobody gains by buying and selling, or loses more than a millionth.
                let back = after.amount_for(shares);
                prop_assert!(back <= amount);
                prop_assert!(amount - back <= amount / 500_000 + 1);
            }
            let shares = supply * part / 100;
            let paid = before.amount_for(shares);
            let after = before.with_payment(paid, shares).expect("it is there");
            prop_assert!(is_no_cheaper(after, before));
            // In two pieces nobody gets more.
            let first = before.amount_for(shares / 2);
            let between = before.with_payment(first, shares / 2).expect("it is there");
            let second = between.amount_for(shares - shares / 2);
            prop_assert!(first + second <= paid);
        }

        #[test]
        fn shares_within_and_covering_enclose_an_amount(
            value in 1..1u128 << 100,
            supply in 1..1u128 << 100,
            amount in 0..1u128 << 100,
        ) {
            let book = book(value, supply);
            prop_assert!(book.amount_for(book.shares_within(amount)) <= amount.min(value));
            prop_assert!(
                book.shares_covering(amount) == supply
                    || book.amount_for(book.shares_covering(amount)) >= amount
            );
        }
    }
}
