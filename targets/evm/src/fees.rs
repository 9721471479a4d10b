//! What a transaction offers to pay: a base fee and a tip (EIP-1559), or one price
//! on chains that have no base fee.

/// The least rise at which nodes take a transaction in another's place, as a
/// divisor: an eighth. Geth asks for a tenth.
const REPLACEMENT_DIVISOR: u128 = 8;

/// Prices per unit of gas, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fees {
    /// The most to pay, base fee and tip together.
    pub max: u128,
    /// The most to pay above the base fee.
    pub tip: u128,
}

impl Fees {
    /// Fees that stay sufficient while the base fee doubles, which takes at
    /// least six full blocks.
    pub(crate) fn fresh(base_fee: u128, tip: u128) -> Self {
        Self {
            max: base_fee.saturating_mul(2).saturating_add(tip),
            tip,
        }
    }

    /// One price, with an eighth to spare. It stands for both: nothing is given back.
    pub(crate) fn one_price(price: u128) -> Self {
        let max = price.saturating_add(price.div_ceil(REPLACEMENT_DIVISOR));
        Self { max, tip: max }
    }

    /// These fees, raised where that is needed to replace a transaction that
    /// pays `old`.
    pub(crate) fn replacing(self, old: Self) -> Self {
        Self {
            max: self.max.max(raised(old.max)),
            tip: self.tip.max(raised(old.tip)),
        }
    }

    /// These fees within `max`; `None` when they replace `old` and `max` is too
    /// little for that.
    pub(crate) fn within(self, max: u128, old: Option<Self>) -> Option<Self> {
        let fees = Self {
            max: self.max.min(max),
            tip: self.tip.min(max),
        };
        let suffices =
            old.is_none_or(|old| fees.max >= raised(old.max) && fees.tip >= raised(old.tip));
        suffices.then_some(fees)
    }
}

fn raised(price: u128) -> u128 {
    price.saturating_add(price.div_ceil(REPLACEMENT_DIVISOR).max(1))
}

/// The tip that half of the recent blocks' transactions gave at most, from the
/// blocks that had any.
pub(crate) fn median_tip(mut tips: Vec<u128>) -> Option<u128> {
    tips.retain(|tip| *tip > 0);
    tips.sort_unstable();
    tips.get(tips.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GWEI: u128 = 1_000_000_000;

    #[test]
    fn replacement_raises_both_prices_by_an_eighth_at_least() {
        let old = Fees::fresh(10 * GWEI, GWEI);
        let same = Fees::fresh(10 * GWEI, GWEI).replacing(old);
        assert!(same.max * 1000 >= old.max * 1125, "{same:?}");
        assert!(same.tip * 1000 >= old.tip * 1125, "{same:?}");
        let spike = Fees::fresh(1000 * GWEI, GWEI).replacing(old);
        assert_eq!(spike.max, 2001 * GWEI);
        let tiny = Fees { max: 1, tip: 0 };
        assert_eq!(tiny.replacing(tiny), Fees { max: 2, tip: 1 });
    }

    #[test]
    fn one_price_is_replaced_by_a_higher_one() {
        let old = Fees::one_price(8 * GWEI);
        assert_eq!(
            old,
            Fees {
                max: 9 * GWEI,
                tip: 9 * GWEI
            }
        );
        let new = Fees::one_price(8 * GWEI).replacing(old);
        assert_eq!(new.max, new.tip);
        assert!(new.max * 1000 >= old.max * 1125, "{new:?}");
        assert_eq!(new.within(9 * GWEI, Some(old)), None);
    }

    #[test]
    fn the_cap_holds_and_refuses_what_could_not_replace() {
        let fees = Fees::fresh(100, 10);
        assert_eq!(fees.within(1000, None), Some(fees));
        assert_eq!(fees.within(50, None), Some(Fees { max: 50, tip: 10 }));
        assert_eq!(fees.within(5, None), Some(Fees { max: 5, tip: 5 }));
        let replacing = fees.replacing(fees);
        assert_eq!(replacing.within(1000, Some(fees)), Some(replacing));
        assert_eq!(replacing.within(replacing.max - 1, Some(fees)), None);
    }

    #[test]
    fn absurd_prices_saturate() {
        let fees = Fees::fresh(u128::MAX, u128::MAX);
        assert_eq!(fees.replacing(fees).max, u128::MAX);
        assert_eq!(fees.within(7, None), Some(Fees { max: 7, tip: 7 }));
    }

    #[test]
    fn empty_blocks_do_not_count_in_the_median() {
        assert_eq!(median_tip(vec![]), None);
        assert_eq!(median_tip(vec![0, 0]), None);
        assert_eq!(median_tip(vec![0, 5, 3, 9, 0]), Some(5));
    }
}
