//! Decimals: reading and writing them.

use core::{fmt, str::FromStr};

use primitive_types::U256;

use crate::fixed::{FRACTION_BITS, Fixed, narrow};

/// Characters that a decimal may have.
pub const DECIMAL_CHARS_MAX: usize = 128;
/// Digits after the point with which every number reads back as the same: 10⁻²⁵ is less
/// than 2⁻⁸⁰, so the decimal nearest to a number is nearer to it than to its neighbours.
const FRACTION_DIGITS_SHOWN: u32 = 25;
/// Digits after the point that count. Those behind are checked to be digits, and are too
/// small to matter: 10⁻⁴⁰ is less than 2⁻¹³².
const FRACTION_DIGITS_READ: u32 = 40;

/// Why a text is no [`Fixed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseFixedError {
    /// It has more than [`DECIMAL_CHARS_MAX`] characters.
    TooLong,
    /// It is not digits, with a point and more digits behind if need be.
    NotDecimal,
    /// It is negative.
    Negative,
    /// It is 2⁴⁸ or more.
    TooLarge,
}

impl fmt::Display for ParseFixedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(
                f,
                "the number has more than {DECIMAL_CHARS_MAX} characters: leave out digits at its end"
            ),
            Self::NotDecimal => f.write_str(
                "not a decimal: write digits, and a point with more of them if need be, as in 0.25",
            ),
            Self::Negative => f.write_str("the number is negative: write one from 0 on"),
            Self::TooLarge => {
                f.write_str("the number is too large: write one below 281474976710656")
            }
        }
    }
}

impl core::error::Error for ParseFixedError {}

impl Fixed {
    /// Reads a decimal such as `0.25`, to the nearest.
    ///
    /// # Errors
    ///
    /// If the text is anything else, or the number is not in the range.
    pub fn parse(text: &str) -> Result<Self, ParseFixedError> {
        if text.len() > DECIMAL_CHARS_MAX {
            return Err(ParseFixedError::TooLong);
        }
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let is_number =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        if !is_number(whole) || fraction.is_some_and(|digits| !is_number(digits)) {
            let is_negative = text.strip_prefix('-').is_some_and(|rest| {
                rest.bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
                    && rest.bytes().any(|byte| byte.is_ascii_digit())
            });
            return Err(match is_negative {
                true => ParseFixedError::Negative,
                false => ParseFixedError::NotDecimal,
            });
        }
        let fraction = fraction.unwrap_or_default();
        let digits_read = fraction.len().min(FRACTION_DIGITS_READ as usize);
        let whole = whole
            .trim_start_matches('0')
            .bytes()
            .try_fold(0_u64, |value, digit| {
                let value = value
                    .checked_mul(10)?
                    .checked_add(u64::from(digit - b'0'))?;
                (value >> (u128::BITS - FRACTION_BITS) == 0).then_some(value)
            })
            .ok_or(ParseFixedError::TooLarge)?;
        let fraction = fraction.as_bytes()[..digits_read]
            .iter()
            .fold(U256::zero(), |value, digit| {
                value * U256::from(10) + U256::from(digit - b'0')
            });
        let unit = U256::exp10(digits_read);
        let fraction = ((fraction << FRACTION_BITS) + unit / 2) / unit;
        narrow((U256::from(whole) << FRACTION_BITS) + fraction)
            .map(Self::from_bits)
            .ok_or(ParseFixedError::TooLarge)
    }
}

impl FromStr for Fixed {
    type Err = ParseFixedError;

    fn from_str(text: &str) -> Result<Self, ParseFixedError> {
        Self::parse(text)
    }
}

impl fmt::Display for Fixed {
    /// The shortest decimal that reads back as the same number, or, when a precision is
    /// asked for, the nearest with as many digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match f.precision() {
            Some(asked) => u32::try_from(asked)
                .unwrap_or(FRACTION_DIGITS_SHOWN)
                .min(FRACTION_DIGITS_SHOWN),
            None => (0..FRACTION_DIGITS_SHOWN)
                .find(|&digits| reads_back(*self, digits))
                .unwrap_or(FRACTION_DIGITS_SHOWN),
        };
        let unit = U256::exp10(digits as usize);
        let (whole, fraction) = scaled(*self, digits).div_mod(unit);
        // The point, the fraction's zeros in front, and the whole part, below 2⁴⁸.
        let mut text = Text::default();
        fmt::Write::write_fmt(&mut text, format_args!("{whole}"))?;
        if digits > 0 {
            let width = digits as usize;
            let fraction = fraction.low_u128();
            fmt::Write::write_fmt(&mut text, format_args!(".{fraction:0width$}"))?;
        }
        // Padded as a text would be, but to the right unless asked otherwise, as numbers are.
        let text = text.as_str();
        match (f.width(), f.align()) {
            (Some(width), None | Some(fmt::Alignment::Right)) => {
                for _ in text.len()..width {
                    f.write_str(" ")?;
                }
                f.write_str(text)
            }
            (Some(width), _) => {
                f.write_str(text)?;
                (text.len()..width).try_for_each(|_| f.write_str(" "))
            }
            (None, _) => f.write_str(text),
        }
    }
}

/// The number times 10 to the `digits`, to the nearest; `digits` at most
/// [`FRACTION_DIGITS_SHOWN`], so that it stays below 2²¹².
fn scaled(number: Fixed, digits: u32) -> U256 {
    let half = U256::one() << (FRACTION_BITS - 1);
    (U256::from(number.to_bits()) * U256::exp10(digits as usize) + half) >> FRACTION_BITS
}

/// Whether so many digits tell the number from every other.
fn reads_back(number: Fixed, digits: u32) -> bool {
    let unit = U256::exp10(digits as usize);
    let read = ((scaled(number, digits) << FRACTION_BITS) + unit / 2) / unit;
    read == U256::from(number.to_bits())
}

/// Digits of the largest whole part (15), a point, and the fraction.
const TEXT_BYTES: usize = 48;

/// A decimal being written.
struct Text {
    bytes: [u8; TEXT_BYTES],
    len: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            bytes: [0; TEXT_BYTES],
            len: 0,
        }
    }
}

impl Text {
    fn as_str(&self) -> &str {
        // Only whole texts are appended.
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
