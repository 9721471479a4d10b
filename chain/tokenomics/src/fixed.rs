//! The fixed-point number.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::U256;
use scale_info::TypeInfo;

/// Bits after the binary point.
///
/// Fewer would not do: `cost_k` is about 1.6e-8, and with 64 bits its rounding alone is
/// 1.7e-12 of it. More would leave too little room above, where the shares of all workers
/// are summed.
pub const FRACTION_BITS: u32 = 80;
/// The smallest units of the token in one PHA.
pub const UNITS_PER_PHA: u128 = 1_000_000_000_000;

/// A non-negative number with [`FRACTION_BITS`] bits after the binary point.
///
/// It is below 2⁴⁸ and a multiple of 2⁻⁸⁰. In SCALE it is the `u128` of those multiples; in
/// text and JSON the shortest decimal that reads back as the same number.
#[derive(
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Fixed(u128);

impl Fixed {
    /// 0.
    pub const ZERO: Self = Self(0);
    /// 1.
    pub const ONE: Self = Self(1 << FRACTION_BITS);
    /// The largest number, just below 2⁴⁸.
    pub const MAX: Self = Self(u128::MAX);

    /// The number that is `bits` times 2⁻⁸⁰.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// How many times 2⁻⁸⁰ the number is.
    pub const fn to_bits(self) -> u128 {
        self.0
    }

    /// A whole number; [`Self::MAX`] from 2⁴⁸ on.
    pub const fn from_int(value: u64) -> Self {
        if value >> (u128::BITS - FRACTION_BITS) == 0 {
            Self((value as u128) << FRACTION_BITS)
        } else {
            Self::MAX
        }
    }

    /// `numerator / denominator`, to the nearest. `None` when the denominator is zero or
    /// the quotient is too large.
    pub fn from_ratio(numerator: u128, denominator: u128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        // Whole part and remainder apart: shifted as one, a large numerator would not fit.
        let whole = numerator / denominator;
        let rest = U256::from(numerator % denominator) << FRACTION_BITS;
        let fraction = (rest + U256::from(denominator / 2)) / U256::from(denominator);
        let bits = (U256::from(whole) << FRACTION_BITS).checked_add(fraction)?;
        narrow(bits).map(Self)
    }

    /// An amount of the token's smallest units as PHA, to the nearest; [`Self::MAX`] from
    /// 2⁴⁸ PHA on, of which there are not so many.
    pub fn from_pha(balance_units: u128) -> Self {
        Self::from_ratio(balance_units, UNITS_PER_PHA).unwrap_or(Self::MAX)
    }

    /// PHA as an amount of the token's smallest units, rounded down.
    pub fn to_pha_floor(self) -> u128 {
        let units = (U256::from(self.0) * U256::from(UNITS_PER_PHA)) >> FRACTION_BITS;
        // 2⁴⁸ PHA are below 2⁸⁸ units.
        units.low_u128()
    }

    /// Whether the number is 0.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, unless it is too large.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it is negative.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The product, to the nearest, unless it is too large.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let product = U256::from(self.0) * U256::from(other.0);
        narrow((product + (U256::one() << (FRACTION_BITS - 1))) >> FRACTION_BITS).map(Self)
    }

    /// The quotient, to the nearest. `None` when the divisor is zero or the quotient is too
    /// large.
    pub fn checked_div(self, divisor: Self) -> Option<Self> {
        Self::from_ratio(self.0, divisor.0)
    }

    /// The sum, or [`Self::MAX`].
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or 0.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The product, to the nearest, or [`Self::MAX`].
    pub fn saturating_mul(self, other: Self) -> Self {
        self.checked_mul(other).unwrap_or(Self::MAX)
    }

    /// `self · numerator / denominator`, rounded once, to the nearest; [`Self::MAX`] when
    /// it is too large, and 0 when the denominator is.
    pub fn mul_ratio(self, numerator: Self, denominator: Self) -> Self {
        let half = U256::from(denominator.0 / 2);
        self.ratio(numerator, denominator, half)
    }

    /// `self · numerator / denominator`, rounded down once; [`Self::MAX`] when it is too
    /// large, and 0 when the denominator is.
    pub fn mul_ratio_floor(self, numerator: Self, denominator: Self) -> Self {
        self.ratio(numerator, denominator, U256::zero())
    }

    fn ratio(self, numerator: Self, denominator: Self, rounding: U256) -> Self {
        if denominator.is_zero() {
            return Self::ZERO;
        }
        // Two factors below 2¹²⁸, and less than 2¹²⁷ for rounding, stay below 2²⁵⁶.
        let product = U256::from(self.0) * U256::from(numerator.0) + rounding;
        narrow(product / U256::from(denominator.0)).map_or(Self::MAX, Self)
    }

    /// The square root, rounded down.
    pub fn sqrt(self) -> Self {
        let root = (U256::from(self.0) << FRACTION_BITS).integer_sqrt();
        narrow(root).map_or(Self::MAX, Self)
    }

    /// √(`self`² + `other`²), rounded down; [`Self::MAX`] when it is too large.
    pub fn hypot(self, other: Self) -> Self {
        let square = |value: Self| U256::from(value.0) * U256::from(value.0);
        let Some(sum) = square(self).checked_add(square(other)) else {
            return Self::MAX;
        };
        narrow(sum.integer_sqrt()).map_or(Self::MAX, Self)
    }

    /// The nearest floating-point number, for charts; not for arithmetic.
    #[cfg(feature = "std")]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::ONE.0 as f64
    }
}

impl core::fmt::Debug for Fixed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// The number as 128 bits, if it fits.
pub(crate) fn narrow(value: U256) -> Option<u128> {
    (value.bits() <= u128::BITS as usize).then(|| value.low_u128())
}
