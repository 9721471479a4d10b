//! The number itself.

use num_bigint::BigUint;
use proptest::prelude::*;

use super::{exact::Exact, fixed};
use crate::{Fixed, ParseFixedError, UNITS_PER_PHA};

#[test]
fn decimals_are_read_and_written() {
    let check = |text: &str, bits: u128, shown: &str| {
        let number = fixed(text);
        assert_eq!(number.to_bits(), bits, "{text}");
        assert_eq!(number.to_string(), shown);
    };
    check("0", 0, "0");
    check("007.50", 15 << 79, "7.5");
    check("0.25", 1 << 78, "0.25");
    check("0.8", 967_140_655_691_703_339_764_941, "0.8");
    check("281474976710655", ((1 << 48) - 1) << 80, "281474976710655");
    // Half a unit is rounded up, less than that down.
    check(
        "0.0000000000000000000000005",
        1,
        "0.000000000000000000000001",
    );
    check("0.0000000000000000000000004", 0, "0");
    // What is behind the 40th digit does not count, but has to be digits.
    check(&format!("1.{}9", "0".repeat(60)), 1 << 80, "1");
    assert_eq!(Fixed::MAX.to_string().parse(), Ok(Fixed::MAX));
    // The shortest that tells it from its neighbours.
    let number = fixed("0.0000033333333333333240063");
    assert_eq!(number.to_string(), "0.000003333333333333324006");
}

#[test]
fn a_width_and_a_precision_are_kept() {
    let number = fixed("3014.689933793204");
    assert_eq!(format!("{number:.2}"), "3014.69");
    assert_eq!(format!("{number:.0}"), "3015");
    assert_eq!(format!("{number:10.2}|"), "   3014.69|");
    assert_eq!(format!("{number:<10.2}|"), "3014.69   |");
    assert_eq!(format!("{:.3}", fixed("2")), "2.000");
}

#[test]
fn what_is_no_decimal_is_refused() {
    let check = |text: &str, expected| assert_eq!(Fixed::parse(text), Err(expected), "{text}");
    for text in [
        "", ".", "1.", ".5", "1,5", "1e3", "+1", " 1", "1.2.3", "0x1", "-", "-a", "١",
    ] {
        check(text, ParseFixedError::NotDecimal);
    }
    check("-1", ParseFixedError::Negative);
    check("-0.5", ParseFixedError::Negative);
    check("281474976710656", ParseFixedError::TooLarge);
    check(&"9".repeat(128), ParseFixedError::TooLarge);
    // It would round up to 2⁴⁸.
    check(
        &format!("281474976710655.{}", "9".repeat(30)),
        ParseFixedError::TooLarge,
    );
    check(&"1".repeat(129), ParseFixedError::TooLong);
    assert_eq!(
        fixed(&format!("0.{}", "1".repeat(126))),
        fixed("0.1111111111111111111111111111111")
    );
}

#[test]
fn amounts_of_the_token_are_exact() {
    assert_eq!(Fixed::from_pha(2_500_000_000_000), fixed("2.5"));
    assert_eq!(fixed("2.5").to_pha_floor(), 2_500_000_000_000);
    assert_eq!(fixed("0.0000000000019").to_pha_floor(), 1);
    assert_eq!(Fixed::from_pha(u128::MAX), Fixed::MAX);
    assert_eq!(Fixed::MAX.to_pha_floor(), (1 << 48) * UNITS_PER_PHA - 1);
}

#[test]
fn what_does_not_fit_is_told_or_stops_at_the_end() {
    let (one, all) = (Fixed::ONE, Fixed::MAX);
    assert_eq!(Fixed::from_int(u64::MAX), all);
    assert_eq!(Fixed::from_int((1 << 48) - 1), fixed("281474976710655"));
    assert_eq!(Fixed::from_int(1 << 48), all);
    assert_eq!(Fixed::from_ratio(1, 0), None);
    assert_eq!(Fixed::from_ratio(u128::MAX, 1), None);
    assert_eq!(Fixed::from_ratio(u128::MAX, u128::MAX), Some(one));
    assert_eq!(all.checked_add(one), None);
    assert_eq!(one.checked_sub(all), None);
    assert_eq!(all.checked_mul(all), None);
    assert_eq!(all.checked_mul(one), Some(all));
    assert_eq!(all.checked_div(Fixed::ZERO), None);
    assert_eq!(one.checked_div(Fixed::from_bits(1)), None);
    assert_eq!(all.saturating_mul(all), all);
    assert_eq!(all.mul_ratio(all, all), all);
    assert_eq!(all.mul_ratio(all, one), all);
    assert_eq!(all.mul_ratio(one, Fixed::ZERO), Fixed::ZERO);
    assert_eq!(all.hypot(all), all);
    assert_eq!(all.hypot(Fixed::ZERO), all);
    assert_eq!(fixed("3").hypot(fixed("4")), fixed("5"));
    assert_eq!(
        all.sqrt()
            .checked_mul(all.sqrt())
            .map(|square| square < all),
        Some(true)
    );
}

#[test]
fn json_has_it_as_a_text() {
    let json = serde_json::to_string(&fixed("0.25")).unwrap();
    assert_eq!(json, "\"0.25\"");
    assert_eq!(serde_json::from_str::<Fixed>(&json).unwrap(), fixed("0.25"));
    let error = serde_json::from_str::<Fixed>("0.25")
        .unwrap_err()
        .to_string();
    assert!(error.contains("a decimal in quotation marks"), "{error}");
    let error = serde_json::from_str::<Fixed>("\"a\"")
        .unwrap_err()
        .to_string();
    assert!(error.contains("write digits"), "{error}");
}

proptest! {
    #[test]
    fn text_reads_back(bits in prop_oneof![any::<u128>(), 0_u128..(1 << 80), 0_u128..(1 << 20)]) {
        let number = Fixed::from_bits(bits);
        prop_assert_eq!(fixed(&number.to_string()), number);
        prop_assert_eq!(fixed(&format!("{number:.25}")), number);
    }

    #[test]
    fn operations_are_off_by_a_unit_at_most(a in any::<u128>(), b in 1_u128..) {
        let [a, b] = [a, b].map(Fixed::from_bits);
        let [exact_a, exact_b] = [a, b].map(Exact::of);
        let check = |actual: Option<Fixed>, exact: Exact, bound: f64| match actual {
            Some(actual) => exact.units_off(actual) <= bound,
            // Within rounding of 2⁴⁸, or above.
            None => exact >= Exact::int((1 << 48) - 1),
        };
        prop_assert!(check(a.checked_mul(b), exact_a.mul(&exact_b), 0.5001));
        prop_assert!(check(a.checked_div(b), exact_a.div(&exact_b), 0.5001));
        let third = fixed("3");
        let ratio = exact_a.mul(&Exact::int(3)).div(&exact_b);
        let fits = ratio < Exact::int(1 << 47);
        prop_assert!(!fits || ratio.units_off(a.mul_ratio(third, b)) <= 0.5001);
        prop_assert!(!fits || Exact::of(a.mul_ratio_floor(third, b)) <= ratio);
        let squares = exact_a.mul(&exact_a).add(&exact_b.mul(&exact_b));
        let hypot = Some(a.hypot(b)).filter(|hypot| *hypot < Fixed::MAX);
        prop_assert!(check(hypot, squares.sqrt(), 1.0));
        prop_assert!(check(Some(a.sqrt()), exact_a.sqrt(), 1.0));
    }

    #[test]
    fn amounts_round_down(bits in any::<u128>()) {
        let exact = (BigUint::from(bits) * UNITS_PER_PHA) >> 80_u32;
        prop_assert_eq!(BigUint::from(Fixed::from_bits(bits).to_pha_floor()), exact);
    }

    #[test]
    fn anything_at_all_is_read_or_refused(text in ".{0,140}") {
        if let Ok(number) = Fixed::parse(&text) {
            prop_assert_eq!(fixed(&number.to_string()), number);
        }
    }

    #[test]
    fn amounts_of_the_token_come_back(units in 0_u128..=1_000_000_000 * UNITS_PER_PHA) {
        let there = Fixed::from_pha(units);
        let back = there.saturating_add(Fixed::from_bits(1)).to_pha_floor();
        prop_assert_eq!(back, units);
    }
}
