//! V over many blocks: against exact arithmetic, and against the naive loop.

use proptest::prelude::*;

use super::{exact::Exact, fixed, naive::Naive, uncapped};
use crate::{
    Fixed, Parameters, Totals, WorkerState,
    curve::{decay, grow},
};

const TEN_MILLION: u32 = 10_000_000;
const RHO_LESS_ONE: &str = "0.000000666600231";
const SLASH_RATE: &str = "0.0000033333333333333240063";
/// `cost_k`·100 + `cost_b`.
const COST_OF_100: &str = "0.0000352929984779253676056";

/// The worker of the published golden vector: V = 3000, P = 100.
fn golden() -> WorkerState {
    WorkerState::start(&mut Totals::default(), 0, fixed("3000"), 100, 1).unwrap()
}

#[test]
fn the_golden_vector_comes_out() {
    let parameters = Parameters::published(12_000);
    let off = |block, expected: &str| {
        let v = golden().at(&parameters, block).v;
        Exact::decimal(expected).units_off(v) * 2_f64.powi(-80)
    };
    // The published figures have been worked out with 64 fractional bits.
    assert!(off(1, "3000.00203509369147797934") < 1e-15);
    assert!(off(7_201, "3014.6899337932040") < 1e-12);
    // The same in exact decimals.
    assert!(off(1, "3000.0020350936914779253676056") < 1e-20);
    assert!(off(7_201, "3014.68993379320365730819902493") < 1e-17);
}

#[test]
fn growth_is_that_of_the_naive_loop_over_ten_million_blocks() {
    let parameters = uncapped();
    let (rate, cost) = (Naive::rate(RHO_LESS_ONE), Naive::amount(COST_OF_100));
    let mut naive = Naive::of(fixed("3000"));
    for block in 1..=TEN_MILLION {
        naive.grow(rate, cost);
        if [1, 2, 3, 1_023, 1_024, 7_200, 999_999, TEN_MILLION].contains(&block) {
            let error = naive
                .exact()
                .relative_error(golden().at(&parameters, block).v);
            assert!(error < 1e-16, "{error} at block {block}");
        }
    }
    assert!(
        naive.is_at_least(fixed("2000000")),
        "it is to grow 786-fold"
    );
}

#[test]
fn decay_is_that_of_the_naive_loop_over_ten_million_blocks() {
    let rate = Naive::rate(SLASH_RATE);
    let slash_rate = Parameters::published(12_000).slash_rate;
    let mut naive = Naive::of(fixed("3000"));
    for block in 1..=TEN_MILLION {
        naive.decay(rate);
        if [1, 2, 300, 65_535, 1_000_000, TEN_MILLION].contains(&block) {
            let v = decay(fixed("3000"), slash_rate, block);
            let error = naive.exact().relative_error(v);
            assert!(error < 1e-12, "{error} at block {block}");
        }
    }
    assert!(!naive.is_at_least(fixed("0.0000001")), "it is to be tiny");
}

#[test]
fn the_cap_is_reached_in_the_same_block_as_by_the_naive_loop() {
    let parameters = Parameters::published(12_000);
    let (rate, cost) = (Naive::rate(RHO_LESS_ONE), Naive::amount(COST_OF_100));
    let mut naive = Naive::of(fixed("3000"));
    let mut reached = 0;
    while !naive.is_at_least(parameters.v_max) {
        naive.grow(rate, cost);
        reached += 1;
    }
    assert!(reached > 3_000_000, "{reached}");
    let at = |block| golden().at(&parameters, block);
    assert!(at(reached - 1).v < parameters.v_max);
    assert_eq!(at(reached).v, parameters.v_max);
    assert_eq!(at(u32::MAX).v, parameters.v_max);
    assert_eq!(at(u32::MAX).v_deductible, fixed("27000"));
}

#[test]
fn growth_that_leaves_the_range_ends_at_the_cap() {
    let check = |v, rate, addend, blocks, expected| {
        assert_eq!(grow(v, rate, addend, fixed("30000"), blocks), expected);
    };
    let least = Fixed::from_bits(1);
    let (zero, one, all, cap) = (Fixed::ZERO, Fixed::ONE, Fixed::MAX, fixed("30000"));
    // Doubling 2⁻⁸⁰ in each block: 30 000 is between 2¹⁴ and 2¹⁵.
    check(least, one, zero, 94, fixed("16384"));
    check(least, one, zero, 95, cap);
    check(least, all, all, 1, cap);
    check(least, all, zero, u32::MAX, cap);
    check(zero, all, zero, u32::MAX, zero);
    check(zero, all, least, 3, cap);
    check(
        zero,
        zero,
        least,
        u32::MAX,
        Fixed::from_bits(u32::MAX.into()),
    );
    check(zero, zero, fixed("0.001"), u32::MAX, cap);
    // A cap that was lowered holds from the next block on.
    check(fixed("40000"), zero, zero, 0, fixed("40000"));
    check(fixed("40000"), zero, zero, 1, cap);
}

#[test]
fn decay_at_its_extremes() {
    assert_eq!(decay(Fixed::MAX, Fixed::ZERO, u32::MAX), Fixed::MAX);
    assert_eq!(decay(Fixed::MAX, Fixed::ONE, 0), Fixed::MAX);
    assert_eq!(decay(Fixed::MAX, Fixed::ONE, 1), Fixed::ZERO);
    assert_eq!(decay(Fixed::MAX, Fixed::MAX, u32::MAX), Fixed::ZERO);
    assert_eq!(decay(fixed("3"), fixed("0.5"), 2), fixed("0.75"));
    assert_eq!(decay(fixed("3"), fixed("0.5"), u32::MAX), Fixed::ZERO);
}

/// V by the textbook: *v*·*r*ⁿ + *c*·(*r*ⁿ − 1)/(*r* − 1).
fn grown_exactly(v: Fixed, rate: Fixed, addend: Fixed, blocks: u32) -> Exact {
    let power = Exact::one().add(&Exact::of(rate)).pow(blocks);
    let terms = if rate.is_zero() {
        Exact::int(blocks.into())
    } else {
        power.sub(&Exact::one()).div(&Exact::of(rate))
    };
    let grown = Exact::of(v).mul(&power);
    grown.add(&Exact::of(addend).mul(&terms))
}

proptest! {
    #[test]
    fn growth_stays_within_its_bound(
        v in 1_u128..(1 << 95),
        // Up to 0.000008 for one block.
        rate in 0_u128..(1 << 63),
        addend in 0_u128..(1 << 76),
        blocks in 1_u32..20_000_000,
    ) {
        let [v, rate, addend] = [v, rate, addend].map(Fixed::from_bits);
        let exact = grown_exactly(v, rate, addend, blocks);
        prop_assume!(exact < Exact::int(1 << 47));
        let grown = grow(v, rate, addend, Fixed::MAX, blocks);
        // The bound is n·(4 + 8/V) units in parts of V.
        let units = exact.units_off(grown);
        let ratio = exact.to_f64() / v.to_f64();
        let bound = f64::from(blocks) * (4.0 * exact.to_f64() + 8.0 * ratio);
        prop_assert!(units <= bound, "{units} units, {bound} allowed");
    }

    #[test]
    fn decay_stays_within_its_bound(
        v in any::<u128>(),
        rate in prop_oneof![1_u128..(1 << 64), 1_u128..(1 << 80)],
        blocks in prop_oneof![1_u32..1_000, any::<u32>()],
    ) {
        let [v, rate] = [v, rate].map(Fixed::from_bits);
        let exact = Exact::of(v).mul(&Exact::one().sub(&Exact::of(rate)).pow(blocks));
        let units = exact.units_off(decay(v, rate, blocks));
        let bound = 16.5 + f64::from(blocks) * v.to_f64() * 2_f64.powi(-49);
        prop_assert!(units <= bound, "{units} units, {bound} allowed");
    }

    #[test]
    fn nothing_leaves_its_range(
        bits in any::<[u128; 5]>(),
        blocks in any::<u32>(),
    ) {
        let [v, rate, addend, v_max, slash] = bits.map(Fixed::from_bits);
        let grown = grow(v, rate, addend, v_max, blocks);
        prop_assert!(grown <= v_max.max(v));
        prop_assert!(grown >= v.min(v_max));
        prop_assert!(decay(v, slash, blocks) <= v);
    }

    #[test]
    fn more_blocks_never_mean_less_growth(
        v in 0_u128..(1 << 95),
        rate in 0_u128..(1 << 63),
        addend in 0_u128..(1 << 76),
        blocks in 0_u32..20_000_000,
        more in 1_u32..20_000_000,
    ) {
        let [v, rate, addend] = [v, rate, addend].map(Fixed::from_bits);
        let at = |blocks| grow(v, rate, addend, fixed("30000"), blocks);
        // Rounding may cost a little, which is to stay within the bound.
        let slack = Fixed::from_bits(u128::from(blocks + more) << 18);
        prop_assert!(at(blocks + more).saturating_add(slack) >= at(blocks));
    }
}
