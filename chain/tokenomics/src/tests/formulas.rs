//! The formulas, with figures worked out by hand or in exact numbers.

use proptest::prelude::*;

use super::{exact::Exact, fixed};
use crate::{
    Fixed, InvalidParameter, Parameters, budget_per_block, confidence_score, fault_fraction,
    final_stake, p_instant, share, stake_min, v_initial,
};

#[test]
fn the_published_parameters_are_those_of_twelve_seconds() {
    let published = Parameters::published(12_000);
    assert_eq!(published.rho, fixed("1.000000666600231"));
    assert_eq!(published.slash_rate, fixed("0.0000033333333333333240063"));
    assert_eq!(published.budget_per_block, fixed("100"));
    assert_eq!(published.v_max, fixed("30000"));
    assert_eq!(published.cost_k, fixed("0.000000015815258751856933056"));
    assert_eq!(published.cost_b, fixed("0.000033711472602739674283"));
    assert_eq!(published.treasury_ratio, fixed("0.2"));
    assert_eq!(published.stake_multiplier, fixed("1.5"));
    assert_eq!(published.stake_min_k, fixed("50"));
    assert_eq!(published.rig_cost_ratio, fixed("0.3"));
    assert_eq!(published.heartbeat_window, 10);
}

#[test]
fn other_block_times_give_the_same_in_an_hour() {
    for block_ms in [1, 1_000, 3_000, 6_000, 12_000, 60_000, 3_600_000] {
        let parameters = Parameters::published(block_ms);
        let blocks = 3_600_000 / u32::try_from(block_ms).unwrap();
        let close = |actual: &Exact, expected: &str, bound: f64| {
            let off = actual.div(&Exact::decimal(expected)).units_off(Fixed::ONE);
            assert!(off * 2_f64.powi(-80) < bound, "{block_ms} ms: {expected}");
        };
        // ρ is published to 1e-15 for 12 s, which is 3e-13 an hour.
        close(&Exact::of(parameters.rho).pow(blocks), "1.0002", 1e-12);
        let of_an_hour = |value: Fixed| Exact::of(value).mul(&Exact::int(blocks.into()));
        close(&of_an_hour(parameters.slash_rate), "0.001", 1e-14);
        close(&of_an_hour(parameters.budget_per_block), "30000", 1e-14);
        assert_eq!(parameters.check(), Ok(()));
    }
    assert_eq!(Parameters::published(0), Parameters::published(1));
    assert_eq!(
        Parameters::published(u64::MAX),
        Parameters::published(3_600_000)
    );
}

#[test]
fn the_window_for_an_answer_is_two_minutes_at_every_block_time() {
    for (block_ms, blocks) in [
        (1, 120_000),
        (1_000, 120),
        (3_000, 40),
        (6_000, 20),
        (7_000, 18),
        (12_000, 10),
        (60_000, 2),
        (3_600_000, 1),
    ] {
        let window = Parameters::published(block_ms).heartbeat_window;
        assert_eq!(window, blocks, "{block_ms} ms");
    }
}

#[test]
fn parameters_that_make_no_sense_are_told() {
    let published = Parameters::published(12_000);
    let check = |change: fn(&mut Parameters), expected| {
        let mut changed = published;
        change(&mut changed);
        assert_eq!(changed.check(), Err(expected));
    };
    check(|p| p.rho = fixed("0.999"), InvalidParameter::Rho);
    check(|p| p.slash_rate = fixed("1.1"), InvalidParameter::SlashRate);
    check(|p| p.v_max = Fixed::ZERO, InvalidParameter::VMax);
    check(
        |p| p.treasury_ratio = fixed("1.1"),
        InvalidParameter::TreasuryRatio,
    );
    check(
        |p| p.stake_multiplier = fixed("0.9"),
        InvalidParameter::StakeMultiplier,
    );
    check(
        |p| p.heartbeat_window = 0,
        InvalidParameter::HeartbeatWindow,
    );
}

#[test]
fn scores_and_fractions_by_level() {
    let scores = [0, 1, 2, 3, 4, 5, 6].map(confidence_score);
    let [one, four, five] = ["1", "0.8", "0.7"].map(|text| Some(fixed(text)));
    assert_eq!(scores, [None, one, one, one, four, five, None]);
    let fractions = [0, 1, 2, 3, 4, 5].map(fault_fraction);
    let [two, three] = ["0.01", "0.1"].map(|text| Some(fixed(text)));
    assert_eq!(fractions, [None, None, two, three, one, None]);
}

#[test]
fn stake_and_first_value_promise() {
    let parameters = Parameters::published(12_000);
    assert_eq!(stake_min(&parameters, 400), fixed("1000"));
    assert_eq!(stake_min(&parameters, 0), Fixed::ZERO);
    let of_1900 = Exact::int(1900).sqrt().mul(&Exact::int(50));
    assert!(of_1900.units_off(stake_min(&parameters, 1900)) <= 51.0);

    let promise = |stake: &str, level, phi: &str| {
        v_initial(&parameters, fixed(stake), 1_000, fixed(phi), level)
    };
    // C = 0.3·1000/0.5 = 600.
    let close = |actual: Option<Fixed>, expected: &str| {
        let off = Exact::decimal(expected).relative_error(actual.unwrap());
        assert!(off < 1e-22, "{actual:?}");
    };
    close(promise("2000", 1, "0.5"), "3900");
    close(promise("2000", 4, "0.5"), "3640");
    close(promise("2000", 5, "0.5"), "3510");
    assert_eq!(promise("20000", 1, "0.5"), Some(fixed("30000")));
    assert_eq!(
        promise("20000", 1, "0.00000000000000000001"),
        Some(fixed("30000"))
    );
    assert_eq!(promise("2000", 6, "0.5"), None);
    assert_eq!(promise("2000", 1, "0"), None);
    let far = v_initial(&parameters, Fixed::MAX, u32::MAX, Fixed::from_bits(1), 1);
    assert_eq!(far, Some(fixed("30000")));
}

#[test]
fn shares_weigh_value_promise_and_performance() {
    assert_eq!(share(fixed("300"), fixed("200"), Fixed::ONE), fixed("500"));
    assert_eq!(share(fixed("300"), Fixed::ZERO, Fixed::ONE), fixed("300"));
    assert_eq!(
        share(fixed("300"), fixed("400"), fixed("0.5")),
        fixed("500")
    );
    assert_eq!(share(Fixed::MAX, Fixed::MAX, Fixed::ONE), Fixed::MAX);
}

#[test]
fn performance_is_scaled_to_six_seconds_and_capped() {
    assert_eq!(p_instant(100, 300, 18_000), fixed("100"));
    assert_eq!(p_instant(100, 150, 12_000), fixed("75"));
    assert_eq!(p_instant(100, 120, 6_000), fixed("120"));
    assert_eq!(p_instant(100, 121, 6_000), fixed("120"));
    assert_eq!(p_instant(100, 0, 6_000), Fixed::ZERO);
    assert_eq!(p_instant(0, 100, 6_000), Fixed::ZERO);
    assert_eq!(p_instant(u32::MAX, u64::MAX, 0), fixed("5153960754"));
    assert_eq!(
        p_instant(100, 1, u64::MAX),
        Fixed::ZERO.max(p_instant(100, 1, u64::MAX))
    );
}

#[test]
fn what_comes_back_of_a_stake() {
    let back = |v: &str, first: &str| final_stake(1_000_003, fixed(v), fixed(first));
    assert_eq!(back("3000", "3000"), 1_000_003);
    assert_eq!(back("4000", "3000"), 1_000_003);
    assert_eq!(back("1500", "3000"), 500_001);
    assert_eq!(back("0", "3000"), 0);
    assert_eq!(back("0", "0"), 1_000_003);
    let almost = Fixed::from_bits(u128::MAX - 1);
    assert_eq!(final_stake(u128::MAX, almost, Fixed::MAX), u128::MAX - 1);
}

#[test]
fn the_budget_falls_by_a_quarter_each_period() {
    let budget = |blocks, period| budget_per_block(fixed("100"), blocks, period);
    assert_eq!(budget(0, 1_000), fixed("100"));
    assert_eq!(budget(999, 1_000), fixed("100"));
    assert_eq!(budget(1_000, 1_000), fixed("75"));
    assert_eq!(budget(2_000, 1_000), fixed("56.25"));
    assert_eq!(budget(u64::MAX, 1), Fixed::ZERO);
    assert_eq!(budget(u64::MAX, 0), fixed("100"));
    assert_eq!(
        budget_per_block(Fixed::MAX, 1, 1),
        fixed("211106232532992").saturating_sub(Fixed::from_bits(1))
    );
}

/// 720 000 PHA a day falling by a quarter every 180 days come to 518.4 million PHA, so that
/// the pool of 700 million is never exhausted.
#[test]
fn the_pool_suffices_for_ever() {
    let blocks_per_period = 180 * 7_200;
    let mut paid = Fixed::ZERO;
    for period in 0..400 {
        let budget = budget_per_block(fixed("100"), period * blocks_per_period, blocks_per_period);
        paid = paid.saturating_add(budget.saturating_mul(Fixed::from_int(blocks_per_period)));
    }
    assert!(
        paid > fixed("518399999") && paid <= fixed("518400000"),
        "{paid}"
    );
}

proptest! {
    #[test]
    fn a_stake_comes_back_in_proportion(
        stake in any::<u128>(),
        v in any::<u128>(),
        first in 1_u128..,
    ) {
        let back = final_stake(stake, Fixed::from_bits(v), Fixed::from_bits(first));
        prop_assert!(back <= stake);
        if v < first {
            let [back, stake, v, first] = [back, stake, v, first].map(num_bigint::BigUint::from);
            let exact = &stake * v / first;
            prop_assert_eq!(back, exact);
        }
    }

    #[test]
    fn nothing_panics(
        bits in any::<[u128; 8]>(),
        p in any::<u32>(),
        iterations in any::<u64>(),
        elapsed_ms in any::<u64>(),
        level in any::<u8>(),
    ) {
        let [a, b, c, d, e, f, g, h] = bits.map(Fixed::from_bits);
        let parameters = Parameters {
            rho: a,
            slash_rate: b,
            budget_per_block: c,
            v_max: d,
            stake_multiplier: e,
            stake_min_k: f,
            rig_cost_ratio: g,
            ..Parameters::published(elapsed_ms)
        };
        prop_assert!(p_instant(p, iterations, elapsed_ms) <= Fixed::from_ratio(u128::from(p) * 6, 5).unwrap());
        prop_assert!(v_initial(&parameters, h, p, a, level).is_none_or(|v| v <= d));
        prop_assert!(share(a, b, c) >= a);
        prop_assert!(budget_per_block(c, iterations, elapsed_ms) <= c);
        let _ = stake_min(&parameters, p);
    }
}
