//! What the arithmetic is held against: exact numbers, the naive loop, published figures.

mod curve;
mod exact;
mod formulas;
mod naive;
mod number;
mod sequences;
mod worker;

use crate::{Fixed, Parameters};

/// A decimal.
fn fixed(text: &str) -> Fixed {
    Fixed::parse(text).unwrap()
}

/// The published parameters for 12 s, without a cap that long times would reach.
fn uncapped() -> Parameters {
    Parameters {
        v_max: fixed("1000000000"),
        ..Parameters::published(12_000)
    }
}
