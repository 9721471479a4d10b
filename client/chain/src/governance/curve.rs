//! How much a referendum needs to pass, which falls while it is decided.

use crate::api::runtime_types::pallet_referenda::types::Curve as StoredCurve;

/// One: shares are in billionths.
pub const BILLION: u32 = 1_000_000_000;

/// A share that falls over a referendum's decision period. All numbers are billionths, of the
/// period or of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// From `ceil` in a line to `floor` at `length`, and on at `floor`.
    Linear {
        /// Where the line ends.
        length: u32,
        /// The share at its end.
        floor: u32,
        /// The share at its start.
        ceil: u32,
    },
    /// From `begin` by `step` after each `period` down to `end`.
    Stepped {
        /// The share at the start.
        begin: u32,
        /// The least share.
        end: u32,
        /// By how much it falls each time.
        step: u32,
        /// After how much time it falls.
        period: u32,
    },
    /// `factor / (x + x_offset) + y_offset`.
    Reciprocal {
        /// The factor.
        factor: i64,
        /// Added to the time.
        x_offset: i64,
        /// Added to the share.
        y_offset: i64,
    },
}

impl Curve {
    /// The share after `elapsed` blocks of a decision period of `period`, in billionths, rounded
    /// down.
    pub fn threshold(&self, elapsed: u32, period: u32) -> u32 {
        let one = i128::from(BILLION);
        let x = i128::from(elapsed.min(period)) * one / i128::from(period.max(1));
        let y = match *self {
            Self::Linear {
                length,
                floor,
                ceil,
            } => {
                let (length, floor, ceil) = (length.into(), i128::from(floor), i128::from(ceil));
                ceil - x.min(length) * (ceil - floor) / length.max(1)
            }
            Self::Stepped {
                begin,
                end,
                step,
                period,
            } => {
                let steps = x / i128::from(period.max(1));
                (i128::from(begin) - steps * i128::from(step)).max(end.into())
            }
            Self::Reciprocal {
                factor,
                x_offset,
                y_offset,
            } => match x + i128::from(x_offset) {
                0 => one,
                divisor => (i128::from(factor) * one).div_euclid(divisor) + i128::from(y_offset),
            },
        };
        u32::try_from(y.clamp(0, one)).unwrap_or(BILLION)
    }
}

impl From<StoredCurve> for Curve {
    fn from(stored: StoredCurve) -> Self {
        match stored {
            StoredCurve::LinearDecreasing {
                length,
                floor,
                ceil,
            } => Self::Linear {
                length: length.0,
                floor: floor.0,
                ceil: ceil.0,
            },
            StoredCurve::SteppedDecreasing {
                begin,
                end,
                step,
                period,
            } => Self::Stepped {
                begin: begin.0,
                end: end.0,
                step: step.0,
                period: period.0,
            },
            StoredCurve::Reciprocal {
                factor,
                x_offset,
                y_offset,
            } => Self::Reciprocal {
                factor: factor.0,
                x_offset: x_offset.0,
                y_offset: y_offset.0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERCENT: u32 = BILLION / 100;

    #[test]
    fn lines_and_steps_fall_to_their_floor() {
        let line = Curve::Linear {
            length: BILLION / 2,
            floor: 10 * PERCENT,
            ceil: 50 * PERCENT,
        };
        for (elapsed, percent) in [(0, 50), (25, 30), (50, 10), (75, 10), (100, 10), (200, 10)] {
            assert_eq!(line.threshold(elapsed, 100), percent * PERCENT);
        }
        let steps = Curve::Stepped {
            begin: 80 * PERCENT,
            end: 30 * PERCENT,
            step: 10 * PERCENT,
            period: 15 * PERCENT,
        };
        for (elapsed, percent) in [(0, 80), (14, 80), (15, 70), (60, 40), (75, 30), (100, 30)] {
            assert_eq!(steps.threshold(elapsed, 100), percent * PERCENT);
        }
    }

    /// The numbers are those of the chain's own test of such a curve.
    #[test]
    fn a_reciprocal_goes_through_its_points() {
        let curve = Curve::Reciprocal {
            factor: 31_250_000,
            x_offset: 36_330_682,
            y_offset: 139_845_532,
        };
        let near = |share: u32, percent: u32| share.abs_diff(percent * PERCENT) < PERCENT / 10;
        assert!(near(curve.threshold(0, 100), 100));
        assert!(near(curve.threshold(100, 100), 17));
        let shares: Vec<_> = (0..=100).map(|x| curve.threshold(x, 100)).collect();
        assert!(shares.is_sorted_by(|one, next| one >= next));
    }

    #[test]
    fn a_curve_without_sense_gives_a_share_all_the_same() {
        let curves = [
            Curve::Linear {
                length: 0,
                floor: 0,
                ceil: BILLION,
            },
            Curve::Stepped {
                begin: 0,
                end: BILLION,
                step: BILLION,
                period: 0,
            },
            Curve::Reciprocal {
                factor: i64::MAX,
                x_offset: 0,
                y_offset: i64::MIN,
            },
        ];
        for curve in curves {
            for (elapsed, period) in [(0, 0), (1, 0), (u32::MAX, 1), (0, u32::MAX)] {
                assert!(curve.threshold(elapsed, period) <= BILLION);
            }
        }
    }
}
