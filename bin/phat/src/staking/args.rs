//! Arguments of these commands, and how their values are read.

use std::str::FromStr;

use clap::Args;
use phat_primitives::AccountBytes;

use crate::{
    amount::Amount,
    args::{ChainArgs, parse_account_argument},
};

/// The decimals of a rate in percent.
const DECIMALS: usize = 4;

/// The whole, in millionths.
const MILLION: u32 = 1_000_000;

/// A hundredth, in millionths.
const PERCENT: u32 = 10_000;

/// What to show, and of which account.
#[derive(Args, Debug)]
pub struct ReadArgs {
    /// Show what this account has, too: an address, a public key or a development account.
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account_argument)]
    pub account: Option<AccountBytes>,
    #[command(flatten)]
    pub chain: ChainArgs,
}

/// How much to list.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// List no more than this many.
    #[arg(long, value_name = "COUNT", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub limit: u32,
    #[command(flatten)]
    pub chain: ChainArgs,
}

/// A part of a whole, in millionths, written in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub u32);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "give a percentage with up to 4 decimals, such as 12.5%";
        let number = text.trim().strip_suffix('%').ok_or(FORM)?.trim_end();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || !are_digits(fraction) || fraction.len() > DECIMALS {
            return Err(FORM.into());
        }
        let fraction: u32 = format!("{fraction:0<DECIMALS$}")
            .parse()
            .map_err(|_| FORM)?;
        let whole = whole.parse::<u32>().ok();
        let rate = whole
            .and_then(|whole| whole.checked_mul(PERCENT)?.checked_add(fraction))
            .filter(|rate| *rate <= MILLION);
        rate.map(Self)
            .ok_or_else(|| "no more than 100% can be taken".into())
    }
}

/// What part of one's shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All that can be moved.
    All,
    /// So many.
    Shares(u128),
    /// As many as are worth this now.
    Worth(Amount),
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "give what they are to be worth, such as 12.5PHA, a number such as 1000000shares, or all";
        let text = text.trim();
        if text == "all" {
            return Ok(Self::All);
        }
        if let Some(count) = text.strip_suffix("shares") {
            let count = count.trim_end().parse::<u128>().ok();
            return match count.filter(|count| *count > 0) {
                Some(count) => Ok(Self::Shares(count)),
                None => Err(FORM.into()),
            };
        }
        match text.parse() {
            Ok(Amount(0)) | Err(_) => Err(FORM.into()),
            Ok(amount) => Ok(Self::Worth(amount)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_to_the_last_decimal() {
        for (text, ppm) in [
            ("0%", 0),
            ("12.5%", 125_000),
            (" 10 % ", 100_000),
            ("0.0001%", 1),
            ("100%", 1_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Rate(ppm)), "{text:?}");
        }
        for bad in ["", "10", "%", ".5%", "1.%", "0.00001%", "-1%", "1e1%"] {
            let error = bad.parse::<Rate>().unwrap_err();
            assert!(error.contains("12.5%"), "{bad:?}: {error}");
        }
        for bad in ["100.0001%", "101%", "99999999999%"] {
            let error = bad.parse::<Rate>().unwrap_err();
            assert!(error.contains("100%"), "{bad:?}: {error}");
        }
    }

    #[test]
    fn parts_are_told_by_their_units() {
        assert_eq!("all".parse(), Ok(Part::All));
        assert_eq!("5shares".parse(), Ok(Part::Shares(5)));
        assert_eq!("5 shares".parse(), Ok(Part::Shares(5)));
        let half = Amount(500_000_000_000);
        assert_eq!("0.5PHA".parse(), Ok(Part::Worth(half)));
        for bad in ["", "5", "0PHA", "0shares", "shares", "-5shares", "ALL"] {
            let error = bad.parse::<Part>().unwrap_err();
            assert!(error.contains("1000000shares"), "{bad:?}: {error}");
        }
    }
}
