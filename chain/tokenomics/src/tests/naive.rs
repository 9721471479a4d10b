//! V by a loop over every block, with 160 fractional bits.

use primitive_types::U512;

use super::exact::Exact;
use crate::{FRACTION_BITS, Fixed};

const BITS: u32 = 160;
/// Fractional bits of a rate, of which there are more since rates are small.
const RATE_BITS: u32 = 200;

/// V in a block.
#[derive(Clone, Copy)]
pub struct Naive(U512);

impl Naive {
    pub fn of(v: Fixed) -> Self {
        Self(U512::from(v.to_bits()) << (BITS - FRACTION_BITS))
    }

    /// A decimal as a rate.
    pub fn rate(text: &str) -> U512 {
        scaled(text, RATE_BITS)
    }

    /// A decimal as an amount.
    pub fn amount(text: &str) -> U512 {
        scaled(text, BITS)
    }

    pub fn grow(&mut self, rate: U512, addend: U512) {
        self.0 += ((self.0 * rate) >> RATE_BITS) + addend;
    }

    pub fn decay(&mut self, rate: U512) {
        self.0 -= (self.0 * rate) >> RATE_BITS;
    }

    pub fn is_at_least(&self, v: Fixed) -> bool {
        self.0 >= Self::of(v).0
    }

    pub fn exact(&self) -> Exact {
        // In two parts: an exact number is made of at most 128 bits.
        let low = (self.0 & U512::from(u128::MAX)).low_u128();
        let high = (self.0 >> 128).low_u128();
        let unit = Exact::one().div(&Exact::int(1 << 80));
        let unit = unit.mul(&unit);
        let shift = Exact::int(1 << 64);
        let high = Exact::int(high).mul(&shift).mul(&shift);
        high.add(&Exact::int(low)).mul(&unit)
    }
}

/// A decimal below 1 in units of 2 to the minus `bits`.
fn scaled(text: &str, bits: u32) -> U512 {
    let fraction = text.strip_prefix("0.").unwrap();
    let digits = U512::from_dec_str(fraction).unwrap();
    (digits << bits) / U512::exp10(fraction.len())
}
