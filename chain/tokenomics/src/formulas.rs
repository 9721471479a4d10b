//! The formulas of the model that need no state.

use primitive_types::U256;

use crate::{
    Parameters,
    fixed::{Fixed, narrow},
};

/// The time, in milliseconds, whose iterations are a performance score.
pub const PERFORMANCE_WINDOW_MS: u64 = 6_000;

/// *CS*, the part of its performance that counts for a worker whose platform has this
/// confidence level: 1 for levels 1 to 3, 0.8 for 4, 0.7 for 5. `None` for any other level.
pub fn confidence_score(level: u8) -> Option<Fixed> {
    match level {
        1..=3 => Some(Fixed::ONE),
        4 => Fixed::from_ratio(8, 10),
        5 => Fixed::from_ratio(7, 10),
        _ => None,
    }
}

/// *S*<sub>min</sub> = *k*·√*P*, the least stake in PHA behind a worker with the
/// performance score `p`.
pub fn stake_min(parameters: &Parameters, p: u32) -> Fixed {
    let root = Fixed::from_int(p.into()).sqrt();
    parameters.stake_min_k.saturating_mul(root)
}

/// *V*<sup>e</sup> = min(*f*·(*S* + *C*), *V*<sub>max</sub>), the Value Promise in PHA at
/// the start: *S* is `stake` in PHA, *C* = 0.3·*P*/φ what the hardware costs in PHA, and
/// *f* = 1 + *CS*·(*R* − 1). `phi` is the price of one PHA in US dollars.
///
/// `None` when the confidence level is unknown or `phi` is zero.
pub fn v_initial(
    parameters: &Parameters,
    stake: Fixed,
    p: u32,
    phi: Fixed,
    level: u8,
) -> Option<Fixed> {
    let score = confidence_score(level)?;
    if phi.is_zero() {
        return None;
    }
    let rig_cost = parameters
        .rig_cost_ratio
        .mul_ratio(Fixed::from_int(p.into()), phi);
    let bonus = parameters.stake_multiplier.saturating_sub(Fixed::ONE);
    let multiplier = Fixed::ONE.saturating_add(score.saturating_mul(bonus));
    let promise = multiplier.saturating_mul(stake.saturating_add(rig_cost));
    Some(promise.min(parameters.v_max))
}

/// √(*V*² + (2·*P*<sub>t</sub>·*CS*)²): what of the payouts is a worker's, among the shares
/// of all.
pub fn share(v: Fixed, p_instant: Fixed, confidence_score: Fixed) -> Fixed {
    let performance = p_instant.saturating_mul(confidence_score);
    v.hypot(performance.saturating_add(performance))
}

/// *P*<sub>t</sub>: `iterations` done in `elapsed_ms` milliseconds, scaled to 6 s, and at
/// most 1.2·*P*. No time counts as a millisecond.
pub fn p_instant(p_initial: u32, iterations: u64, elapsed_ms: u64) -> Fixed {
    let cap = Fixed::from_ratio(u128::from(p_initial) * 6, 5).unwrap_or(Fixed::MAX);
    let scaled = u128::from(iterations) * u128::from(PERFORMANCE_WINDOW_MS);
    Fixed::from_ratio(scaled, elapsed_ms.max(1).into()).map_or(cap, |measured| measured.min(cap))
}

/// The part of V that a proven fault of this level costs at once: 1 % for a wrong result in
/// good faith (2), 10 % for malice or mass error (3), all for a risk to the system (4).
/// `None` for any other level; level 1, being offline, is what unresponsive blocks cost.
pub fn fault_fraction(level: u8) -> Option<Fixed> {
    match level {
        2 => Fixed::from_ratio(1, 100),
        3 => Fixed::from_ratio(1, 10),
        4 => Some(Fixed::ONE),
        _ => None,
    }
}

/// min(*V*/*V*<sup>e</sup>, 1)·*S*: what of a stake comes back after the cool-down, rounded
/// down, in the unit of `stake_units`. The rest is slashed.
pub fn final_stake(stake_units: u128, v: Fixed, v_initial: Fixed) -> u128 {
    if v >= v_initial {
        return stake_units;
    }
    let product = U256::from(stake_units) * U256::from(v.to_bits());
    // Below the stake, since v is below v_initial, which therefore is not zero.
    narrow(product / U256::from(v_initial.to_bits())).unwrap_or(stake_units)
}

/// The budget of one block in PHA, which falls by a quarter after each `blocks_per_period`
/// blocks; it stays `first` when that is zero.
pub fn budget_per_block(first: Fixed, blocks_since_start: u64, blocks_per_period: u64) -> Fixed {
    let periods = blocks_since_start
        .checked_div(blocks_per_period)
        .unwrap_or_default();
    let mut budget = first.to_bits();
    for _ in 0..periods {
        // Zero within 310 periods, which is the end of it.
        if budget == 0 {
            break;
        }
        budget = budget / 4 * 3 + budget % 4 * 3 / 4;
    }
    Fixed::from_bits(budget)
}
