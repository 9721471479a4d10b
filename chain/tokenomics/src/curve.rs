//! How V moves over many blocks at once.

use primitive_types::U256;

use crate::fixed::{FRACTION_BITS, Fixed};

/// `v ↦ factor·v + addend`, with a factor from 1 on: what some blocks of growth do to V.
#[derive(Clone, Copy)]
struct Growth {
    factor: Fixed,
    addend: Fixed,
}

impl Growth {
    fn apply(self, v: Fixed) -> Fixed {
        self.factor.saturating_mul(v).saturating_add(self.addend)
    }

    /// Twice as many blocks, unless the numbers get too large.
    fn doubled(self) -> Option<Self> {
        let twice = self.factor.checked_mul(self.addend)?;
        Some(Self {
            factor: self.factor.checked_mul(self.factor)?,
            addend: twice.checked_add(self.addend)?,
        })
    }
}

/// V after `blocks` blocks in each of which it rises by `rate`·V + `addend`, up to `v_max`.
/// A V above `v_max` is `v_max` after the first of them.
pub(crate) fn grow(v: Fixed, rate: Fixed, addend: Fixed, v_max: Fixed, blocks: u32) -> Fixed {
    let mut v = v;
    let mut left = blocks;
    let mut growth = Growth {
        factor: Fixed::ONE.saturating_add(rate),
        addend,
    };
    while left > 0 {
        if left & 1 == 1 {
            v = growth.apply(v).min(v_max);
        }
        left >>= 1;
        if left == 0 {
            break;
        }
        match growth.doubled() {
            Some(doubled) => growth = doubled,
            // 2⁴⁸ or more is above every v_max: what is left of the blocks gets V there
            // within some steps of this size, each of which multiplies V by 2²⁴ at least
            // or adds 2⁴⁷ to it.
            None => return grow_to_the_end(v, growth, v_max, u64::from(left) * 2),
        }
    }
    v
}

/// Applies a growth up to `times` times, as long as it changes anything.
fn grow_to_the_end(v: Fixed, growth: Growth, v_max: Fixed, times: u64) -> Fixed {
    let mut v = v;
    for _ in 0..times {
        let next = growth.apply(v).min(v_max);
        if next == v {
            break;
        }
        v = next;
    }
    v
}

/// V after `blocks` blocks in each of which it falls by `rate`·V.
pub(crate) fn decay(v: Fixed, rate: Fixed, blocks: u32) -> Fixed {
    if rate.is_zero() || blocks == 0 {
        return v;
    }
    if rate >= Fixed::ONE {
        return Fixed::ZERO;
    }
    // What remains of V, with 128 fractional bits: below 1, as the rate is not zero.
    let mut remaining = (rate.to_bits() << (u128::BITS - FRACTION_BITS)).wrapping_neg();
    let mut v = v.to_bits();
    let mut left = blocks;
    loop {
        if left & 1 == 1 {
            v = mul_fraction(v, remaining);
        }
        left >>= 1;
        if left == 0 || v == 0 {
            return Fixed::from_bits(v);
        }
        remaining = mul_fraction(remaining, remaining);
    }
}

/// `value` · `fraction`·2⁻¹²⁸, to the nearest. It is not above `value`.
fn mul_fraction(value: u128, fraction: u128) -> u128 {
    let product = U256::from(value) * U256::from(fraction);
    let rounded = (product + (U256::one() << (u128::BITS - 1))) >> u128::BITS;
    rounded.low_u128()
}
