//! Shares, rates and spans of time, as people read them.

use std::fmt;

use phat_chain_client::{NoticedRate, ShareBook};
use serde::{Serialize, Serializer};

use crate::amount::Amount;

/// What a unit of time has, in seconds, from the longest on.
const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// A hundredth, in millionths.
const PERCENT: u32 = 10_000;

/// A number of shares. In JSON it is a text of decimal digits: many programs would lose digits of a
/// number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares(pub u128);

impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} shares", self.0)
    }
}

impl Serialize for Shares {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// What 10¹² shares are worth, which were worth 1 PHA at first.
pub fn price(book: &ShareBook) -> Option<Amount> {
    book.price().map(Amount)
}

/// The price of a share, in words.
pub fn price_words(price: Option<Amount>) -> String {
    match price {
        Some(price) => format!("{price} for 10¹² shares"),
        None => "none".into(),
    }
}

/// A span of time in seconds, in its two longest units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub u64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = UNITS.iter().position(|(unit, _)| self.0 >= *unit) else {
            return f.write_str("0 s");
        };
        let (unit, name) = UNITS[place];
        write!(f, "{} {name}", self.0 / unit)?;
        match UNITS.get(place + 1) {
            Some((next, name)) if self.0 % unit >= *next => {
                write!(f, " {} {name}", self.0 % unit / next)
            }
            _ => Ok(()),
        }
    }
}

/// A part of a whole, in millionths, shown in percent.
fn percent(ppm: u32) -> String {
    let digits = format!("{}.{:04}", ppm / PERCENT, ppm % PERCENT);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits} %")
}

/// What an owner takes, and what it will.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RateShown {
    /// What is taken now, in millionths.
    pub ppm: u32,
    /// What will be taken, in millionths, and when, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    rises_to_ppm: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rises_at_s: Option<u64>,
    #[serde(skip)]
    now_s: u64,
}

impl RateShown {
    /// A rate as it is at `now_s`, in seconds since 1970.
    pub fn of(rate: NoticedRate, now_s: u64) -> Self {
        let rise = rate.rise.filter(|rise| rise.from_s > now_s);
        Self {
            ppm: rate.at(now_s),
            rises_to_ppm: rise.map(|rise| rise.rate_ppm),
            rises_at_s: rise.map(|rise| rise.from_s),
            now_s,
        }
    }

    /// A rate that does not change.
    pub fn fixed(ppm: u32) -> Self {
        Self::of(
            NoticedRate {
                rate_ppm: ppm,
                rise: None,
            },
            0,
        )
    }
}

impl fmt::Display for RateShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&percent(self.ppm))?;
        if let (Some(ppm), Some(from_s)) = (self.rises_to_ppm, self.rises_at_s) {
            let left = Span(from_s.saturating_sub(self.now_s));
            write!(f, ", {} in {left}", percent(ppm))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use phat_chain_client::RateRise;

    use super::*;

    #[test]
    fn spans_are_told_in_two_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_661, "1 h 1 min"),
            (86_400 * 7, "7 d"),
            (86_400 * 6 + 3_600 * 23 + 59, "6 d 23 h"),
        ] {
            assert_eq!(Span(seconds).to_string(), text);
        }
    }

    #[test]
    fn a_rate_says_what_it_will_be() {
        assert_eq!(RateShown::fixed(125_000).to_string(), "12.5 %");
        assert_eq!(RateShown::fixed(0).to_string(), "0 %");
        assert_eq!(RateShown::fixed(1).to_string(), "0.0001 %");
        assert_eq!(RateShown::fixed(1_000_000).to_string(), "100 %");
        let rate = NoticedRate {
            rate_ppm: 100_000,
            rise: Some(RateRise {
                rate_ppm: 200_000,
                from_s: 3_700,
            }),
        };
        let text = |now_s| RateShown::of(rate, now_s).to_string();
        assert_eq!(text(100), "10 %, 20 % in 1 h");
        assert_eq!(text(3_700), "20 %");
    }
}
