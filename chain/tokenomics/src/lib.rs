//! The arithmetic of the Phat economy: Value Promise, shares and payouts in fixed point.
//!
//! The model is *Gemini*, the published economic model of the network. A worker's
//! **Value Promise** *V* starts from its stake and its hardware, grows while the worker is
//! there, falls by what it is paid, and decays while it does not answer. What a worker is
//! paid out of the budget goes by its share, in which *V* and its performance *P* count.
//!
//! | value | formula | here |
//! |---|---|---|
//! | least stake | *k*·√*P* | [`stake_min`] |
//! | first V | min(*f*·(*S* + 0.3·*P*/φ), *V*<sub>max</sub>), *f* = 1 + *CS*·(*R* − 1) | [`v_initial`] |
//! | idle block | *V* += *k*<sub>p</sub>·((ρ − 1)·*V* + *c*), *c* = `cost_k`·*P* + `cost_b`, *k*<sub>p</sub> = *P*<sub>t</sub>/*P* ≤ 1.2 | [`WorkerState::advance`] |
//! | unresponsive block | *V* −= `slash_rate`·*V* | [`WorkerState::advance`] |
//! | share | √(*V*² + (2·*P*<sub>t</sub>·*CS*)²) | [`share`] |
//! | payout | budget · blocks · share / Σshare | [`WorkerState::heartbeat`] |
//! | stake that comes back | min(*V*/*V*<sub>first</sub>, 1)·*S* | [`final_stake`] |
//!
//! # Closed form
//!
//! Between two events of a worker *V* follows one affine map a block, so *n* blocks are the
//! map's *n*-th power, which squaring gives in at most 32 rounds. What a block costs goes by
//! its events, not by the number of workers. The order of things within a block is told at
//! [`WorkerState`].
//!
//! # Error bounds
//!
//! [`Fixed`] has 80 fractional bits, one unit in the last place being 2⁻⁸⁰ < 8.3e-25.
//!
//! - A sum is exact. A product, quotient or root is off by at most one unit.
//! - Growth over *n* blocks is off by at most *n*·(4 + 8/*V*) units relative to *V*: less
//!   than 1e-16 over ten million blocks for *V* ≥ 1.
//! - Decay over *n* blocks is off by at most 17 + *n*·*V*·2⁻⁴⁹ units, where *V* is the one
//!   it starts from: the factor is kept to 128 fractional bits.
//! - Decimals of parameters are rounded once, to the nearest unit.
//!
//! Tests hold all of it against arithmetic of 512 fractional bits, and against the naive
//! loop over ten million blocks. Nothing panics: a value that leaves the range stops at
//! its end, where [`Fixed::MAX`] is 2⁴⁸ (2.8e14) PHA, and the token has 1e9.

#![cfg_attr(not(feature = "std"), no_std)]

mod curve;
mod decimal;
mod fixed;
mod formulas;
mod parameters;
#[cfg(feature = "serde")]
mod serde_text;
mod worker;

pub use decimal::{DECIMAL_CHARS_MAX, ParseFixedError};
pub use fixed::{FRACTION_BITS, Fixed, UNITS_PER_PHA};
pub use formulas::{
    PERFORMANCE_WINDOW_MS, budget_per_block, confidence_score, fault_fraction, final_stake,
    p_instant, share, stake_min, v_initial,
};
pub use parameters::{InvalidParameter, Parameters};
pub use worker::{Payout, Totals, WorkerPhase, WorkerState};

#[cfg(test)]
mod tests;
