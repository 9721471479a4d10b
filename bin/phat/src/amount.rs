//! Amounts of PHA, as people write them and as the chain counts them.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// The decimals of PHA.
const DECIMALS: usize = 12;

/// One PHA in the units that the chain counts in.
const PHA: u128 = 10_u128.pow(DECIMALS as u32);

/// What an amount looks like.
const FORM: &str = "give an amount of PHA, such as 12.5PHA or \"12.5 PHA\"";

/// An amount of PHA, in units of 10⁻¹² PHA.
///
/// In JSON it is a text of decimal digits that counts these units: many programs would lose digits
/// of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub u128);

impl Amount {
    /// The sum, unless it is more than the chain can count.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless the other one is more.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

/// Reads an amount as an argument of a command, which must be more than nothing.
pub fn parse_positive(text: &str) -> Result<Amount, String> {
    match text.parse()? {
        Amount(0) => Err("give more than nothing".into()),
        amount => Ok(amount),
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // Without it, nobody knows whether units or PHA are meant.
        let number = text
            .strip_suffix("PHA")
            .or_else(|| text.strip_suffix("pha"))
            .ok_or_else(|| format!("{FORM}: what is it an amount of?"))?
            .trim_end();
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(FORM.into()),
            None => (number, ""),
        };
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
            return Err(FORM.into());
        }
        if fraction.len() > DECIMALS {
            return Err(format!("PHA has {DECIMALS} decimals, and no more"));
        }
        let units = |text: &str| match text {
            "" => Ok(0),
            digits => digits
                .parse::<u128>()
                .map_err(|_| "this is more PHA than there can be".to_owned()),
        };
        let fraction = format!("{fraction:0<DECIMALS$}");
        let amount = units(whole)?
            .checked_mul(PHA)
            .and_then(|whole| whole.checked_add(units(&fraction).ok()?));
        amount
            .map(Self)
            .ok_or_else(|| "this is more PHA than there can be".into())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / PHA, self.0 % PHA);
        let digits = format!("{fraction:0DECIMALS$}");
        match digits.trim_end_matches('0') {
            "" => write!(f, "{whole} PHA"),
            digits => write!(f, "{whole}.{digits} PHA"),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<u128, String> {
        text.parse::<Amount>().map(|amount| amount.0)
    }

    #[test]
    fn amounts_are_read_to_the_last_decimal() {
        for (text, units) in [
            ("1PHA", PHA),
            ("1 PHA", PHA),
            (" 1.5 PHA ", PHA + PHA / 2),
            ("12.5PHA", 25 * PHA / 2),
            ("0.000000000001 pha", 1),
            ("007.250PHA", 29 * PHA / 4),
            ("0PHA", 0),
            ("340282366920938463463374607.431768211455PHA", u128::MAX),
        ] {
            assert_eq!(parse(text), Ok(units), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_what_one_looks_like() {
        for text in [
            "",
            "PHA",
            " PHA",
            ".5PHA",
            "1.PHA",
            "-1PHA",
            "+1PHA",
            "1,5PHA",
            "1e3PHA",
            "1.2.3PHA",
            "0x1PHA",
            "1 0PHA",
            "1PHAPHA",
            "1",
            "1.5",
            "1000000000000",
            "1 DOT",
            "١PHA",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("such as 12.5PHA"), "{text:?}: {error}");
        }
        let error = parse("0.0000000000001PHA").unwrap_err();
        assert!(error.contains("12 decimals"), "{error}");
        for text in [
            "340282366920938463463374607.431768211456PHA",
            "340282366920938463463374608PHA",
            &format!("{}PHA", "9".repeat(60)),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("more PHA than there can be"), "{error}");
        }
    }

    #[test]
    fn an_argument_is_more_than_nothing() {
        assert_eq!(parse_positive("2PHA"), Ok(Amount(2 * PHA)));
        let error = parse_positive("0.0 PHA").unwrap_err();
        assert!(error.contains("more than nothing"), "{error}");
        assert!(parse_positive("x").is_err());
    }

    #[test]
    fn amounts_are_shown_as_they_are_read() {
        for (units, text) in [
            (0, "0 PHA"),
            (1, "0.000000000001 PHA"),
            (PHA, "1 PHA"),
            (25 * PHA / 2, "12.5 PHA"),
            (10 * PHA + 10, "10.00000000001 PHA"),
            (u128::MAX, "340282366920938463463374607.431768211455 PHA"),
        ] {
            assert_eq!(Amount(units).to_string(), text);
            assert_eq!(parse(text), Ok(units));
        }
    }

    #[test]
    fn in_json_it_is_a_text_of_units() {
        let json = serde_json::to_string(&Amount(25 * PHA / 2)).unwrap();
        assert_eq!(json, "\"12500000000000\"");
        let most = serde_json::to_string(&Amount(u128::MAX)).unwrap();
        assert_eq!(most, "\"340282366920938463463374607431768211455\"");
    }
}
