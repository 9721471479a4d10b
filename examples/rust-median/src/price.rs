//! Prices in units of 10^-8, without floating point.

use thiserror::Error;

/// Digits behind the point.
const DECIMALS: usize = 8;
/// The most digits before the point: far more than a price has, and few enough that
/// nothing overflows.
const WHOLE_DIGITS_MAX: usize = 18;

/// Text that is no price.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no price")]
pub struct PriceError(String);

/// Reads a price that is more than zero. Digits beyond the eighth behind the point are
/// dropped.
pub fn parse_price(text: &str) -> Result<u128, PriceError> {
    let refuse = || PriceError(text.chars().take(40).collect());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > WHOLE_DIGITS_MAX
        || !is_digits(whole)
        || !is_digits(fraction)
    {
        return Err(refuse());
    }
    let kept = &fraction[..fraction.len().min(DECIMALS)];
    let digits = format!("{whole}{kept:0<DECIMALS$}");
    match digits.parse() {
        Ok(0) | Err(_) => Err(refuse()),
        Ok(price) => Ok(price),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_exactly() {
        let check = |text: &str, expected: Option<u128>| {
            assert_eq!(parse_price(text).ok(), expected, "{text}");
        };
        check("1", Some(100_000_000));
        check("0.00000001", Some(1));
        check("3456.789", Some(345_678_900_000));
        check("1.999999999", Some(199_999_999));
        check(
            "999999999999999999",
            Some(99_999_999_999_999_999_900_000_000),
        );
        for text in [
            "",
            "0",
            "0.000000001",
            ".5",
            "-1",
            "1e3",
            "1.2.3",
            "NaN",
            "1 ",
        ] {
            check(text, None);
        }
        check("1000000000000000000", None);
    }
}
