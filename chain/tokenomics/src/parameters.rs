//! The parameters of the economy.

use core::fmt;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::Fixed;

/// What governance sets. Rates are for one block.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Parameters {
    /// ρ: what V is multiplied with in an idle block, from 1 on.
    pub rho: Fixed,
    /// The part of V that an unresponsive block costs, at most 1.
    pub slash_rate: Fixed,
    /// What is paid out for a block, in PHA.
    pub budget_per_block: Fixed,
    /// The largest V, in PHA.
    pub v_max: Fixed,
    /// What one unit of performance costs in a block, in PHA.
    pub cost_k: Fixed,
    /// What any worker costs in a block, in PHA.
    pub cost_b: Fixed,
    /// The part of each payout that the treasury gets, at most 1.
    pub treasury_ratio: Fixed,
    /// *R*: what stake counts for in the first V, from 1 on.
    pub stake_multiplier: Fixed,
    /// *k*: the least stake is *k*·√*P* PHA.
    pub stake_min_k: Fixed,
    /// What hardware costs, in US dollars for one unit of performance.
    pub rig_cost_ratio: Fixed,
    /// Blocks after a challenge within which it can be answered.
    pub heartbeat_window: u32,
}

/// A parameter that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidParameter {
    /// `rho` is below 1.
    Rho,
    /// `slash_rate` is above 1.
    SlashRate,
    /// `v_max` is zero.
    VMax,
    /// `treasury_ratio` is above 1.
    TreasuryRatio,
    /// `stake_multiplier` is below 1.
    StakeMultiplier,
    /// `heartbeat_window` is zero.
    HeartbeatWindow,
}

impl fmt::Display for InvalidParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rho => "rho is below 1: give the factor by which V grows in a block",
            Self::SlashRate => "slash_rate is above 1: give the part of V that a block costs",
            Self::VMax => "v_max is zero: give the largest V in PHA",
            Self::TreasuryRatio => "treasury_ratio is above 1: give a part of each payout",
            Self::StakeMultiplier => {
                "stake_multiplier is below 1: give what stake is multiplied with"
            }
            Self::HeartbeatWindow => "heartbeat_window is zero: give the blocks in which to answer",
        })
    }
}

impl core::error::Error for InvalidParameter {}

/// Block time, in milliseconds, of the published values for one block.
const PUBLISHED_BLOCK_MS: u64 = 12_000;
/// The published window for an answer, in blocks of [`PUBLISHED_BLOCK_MS`].
const PUBLISHED_WINDOW_BLOCKS: u64 = 10;
/// The longest block time that the published values are turned into: an hour.
const BLOCK_MS_MAX: u64 = 3_600_000;
/// Terms of the binomial series that can matter: each is below 1/3000 of the one before.
const SERIES_TERMS: u64 = 12;

impl Parameters {
    /// The published values, turned into those of a block time in milliseconds (from 1 to
    /// an hour; what is outside counts as the nearest).
    ///
    /// Those of 12 s are as published. For others, ρ is the power that gives the same
    /// growth in the same time, and the other rates are in proportion to the time: per
    /// hour, V grows by the factor 1.0002 and decays by 0.1 %, and 30 000 PHA are paid. The
    /// answer window is the time of the published one, two minutes, or the first whole number
    /// of blocks that is longer.
    pub fn published(block_ms: u64) -> Self {
        let block_ms = block_ms.clamp(1, BLOCK_MS_MAX);
        let scale = |bits: u128| {
            let (time, published) = (Fixed::from_int(block_ms), PUBLISHED_BLOCK_MS);
            Fixed::from_bits(bits).mul_ratio(time, Fixed::from_int(published))
        };
        Self {
            rho: power_of_time(Fixed::from_bits(RHO_LESS_ONE_BITS), block_ms),
            slash_rate: scale(SLASH_RATE_BITS),
            budget_per_block: scale(Fixed::from_int(100).to_bits()),
            v_max: Fixed::from_int(30_000),
            cost_k: scale(COST_K_BITS),
            cost_b: scale(COST_B_BITS),
            treasury_ratio: tenths(2),
            stake_multiplier: tenths(15),
            stake_min_k: Fixed::from_int(50),
            rig_cost_ratio: tenths(3),
            heartbeat_window: window(block_ms),
        }
    }

    /// Whether the parameters make sense together.
    ///
    /// # Errors
    ///
    /// The first that does not. The arithmetic takes such a value as the nearest that does.
    pub fn check(&self) -> Result<(), InvalidParameter> {
        let checks = [
            (self.rho >= Fixed::ONE, InvalidParameter::Rho),
            (self.slash_rate <= Fixed::ONE, InvalidParameter::SlashRate),
            (!self.v_max.is_zero(), InvalidParameter::VMax),
            (
                self.treasury_ratio <= Fixed::ONE,
                InvalidParameter::TreasuryRatio,
            ),
            (
                self.stake_multiplier >= Fixed::ONE,
                InvalidParameter::StakeMultiplier,
            ),
            (self.heartbeat_window > 0, InvalidParameter::HeartbeatWindow),
        ];
        match checks.into_iter().find(|(holds, _)| !holds) {
            Some((_, invalid)) => Err(invalid),
            None => Ok(()),
        }
    }
}

/// 0.000000666600231 in units of 2⁻⁸⁰.
const RHO_LESS_ONE_BITS: u128 = 805_870_230_616_976_139;
/// 0.0000033333333333333240063 in units of 2⁻⁸⁰.
const SLASH_RATE_BITS: u128 = 4_029_752_732_048_752_640;
/// 0.000000015815258751856933056 in units of 2⁻⁸⁰.
const COST_K_BITS: u128 = 19_119_474_649_006_080;
/// 0.000033711472602739674283 in units of 2⁻⁸⁰.
const COST_B_BITS: u128 = 40_754_669_646_683_176_960;

/// The window of [`PUBLISHED_WINDOW_BLOCKS`] in blocks of `block_ms` milliseconds, which is not 0.
fn window(block_ms: u64) -> u32 {
    let published_ms = PUBLISHED_WINDOW_BLOCKS * PUBLISHED_BLOCK_MS;
    u32::try_from(published_ms.div_ceil(block_ms)).unwrap_or(u32::MAX)
}

fn tenths(count: u128) -> Fixed {
    // The denominator is not zero, and the quotient small.
    Fixed::from_ratio(count, 10).unwrap_or(Fixed::MAX)
}

/// (1 + `rate`) to the power of `block_ms` / 12 000, by the binomial series
/// Σ *rate*ⁱ·*q*·(*q* − 1)…(*q* − *i* + 1)/*i*!, which is exact for *q* = 1.
fn power_of_time(rate: Fixed, block_ms: u64) -> Fixed {
    let (mut sum, mut term, mut is_negative) = (Fixed::ONE, Fixed::ONE, false);
    for index in 0..SERIES_TERMS {
        let reached = index * PUBLISHED_BLOCK_MS;
        let divisor = (index + 1) * PUBLISHED_BLOCK_MS;
        let factor = block_ms.abs_diff(reached);
        term = term
            .saturating_mul(rate)
            .mul_ratio(Fixed::from_int(factor), Fixed::from_int(divisor));
        is_negative ^= block_ms < reached;
        sum = if is_negative {
            sum.saturating_sub(term)
        } else {
            sum.saturating_add(term)
        };
    }
    sum
}
