//! Numbers with 512 fractional bits, by a library that shares no code with [`Fixed`].

use num_bigint::BigUint;

use crate::{FRACTION_BITS, Fixed};

const BITS: u32 = 512;

/// A non-negative number of any size.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub struct Exact(BigUint);

impl Exact {
    pub fn one() -> Self {
        Self(BigUint::from(1_u8) << BITS)
    }

    pub fn int(value: u128) -> Self {
        Self(BigUint::from(value) << BITS)
    }

    pub fn of(value: Fixed) -> Self {
        Self(BigUint::from(value.to_bits()) << (BITS - FRACTION_BITS))
    }

    pub fn decimal(text: &str) -> Self {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits: BigUint = format!("{whole}{fraction}").parse().unwrap();
        let unit = BigUint::from(10_u8).pow(fraction.len().try_into().unwrap());
        Self((digits << BITS) / unit)
    }

    pub fn add(&self, other: &Self) -> Self {
        Self(&self.0 + &other.0)
    }

    pub fn sub(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }

    pub fn mul(&self, other: &Self) -> Self {
        Self((&self.0 * &other.0) >> BITS)
    }

    pub fn div(&self, other: &Self) -> Self {
        Self((&self.0 << BITS) / &other.0)
    }

    pub fn sqrt(&self) -> Self {
        Self((&self.0 << BITS).sqrt())
    }

    pub fn pow(&self, exponent: u32) -> Self {
        let (mut power, mut square, mut left) = (Self::one(), self.clone(), exponent);
        while left > 0 {
            if left & 1 == 1 {
                power = power.mul(&square);
            }
            square = square.mul(&square);
            left >>= 1;
        }
        power
    }

    /// The number in units of 2⁻⁸⁰, as far as a floating-point number goes.
    pub fn units(&self) -> f64 {
        let behind = self.0.bits().saturating_sub(100);
        let leading: u128 = (&self.0 >> behind).try_into().unwrap();
        let exponent = i32::try_from(behind).unwrap() - (BITS - FRACTION_BITS).cast_signed();
        leading as f64 * 2_f64.powi(exponent)
    }

    /// The nearest floating-point number, as far as it goes.
    pub fn to_f64(&self) -> f64 {
        self.units() * 2_f64.powi(-FRACTION_BITS.cast_signed())
    }

    /// How far a number is from this one, in units of 2⁻⁸⁰.
    pub fn units_off(&self, actual: Fixed) -> f64 {
        self.difference(actual).units()
    }

    /// How far a number is from this one, in parts of this one.
    pub fn relative_error(&self, actual: Fixed) -> f64 {
        self.difference(actual).div(self).to_f64()
    }

    fn difference(&self, actual: Fixed) -> Self {
        let actual = Self::of(actual);
        if actual > *self {
            actual.sub(self)
        } else {
            self.sub(&actual)
        }
    }
}

#[test]
fn the_yardstick_is_right() {
    let quarter = Exact::decimal("0.25");
    assert_eq!(quarter.mul(&Exact::int(4)), Exact::one());
    assert_eq!(quarter.sqrt(), Exact::decimal("0.5"));
    assert_eq!(Exact::decimal("1.5").pow(3), Exact::decimal("3.375"));
    assert_eq!(Exact::int(3).div(&Exact::int(4)), Exact::decimal("0.75"));
    assert_eq!(Exact::of(Fixed::ONE), Exact::one());
    let off = Exact::one().units_off(Fixed::from_bits(Fixed::ONE.to_bits() + 3));
    assert!((off - 3.0).abs() < 1e-9, "{off}");
    let relative = Exact::int(2).relative_error(Fixed::ONE);
    assert!((relative - 0.5).abs() < 1e-15, "{relative}");
}
