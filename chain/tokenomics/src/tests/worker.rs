//! The state machine, each event by itself.

use super::fixed;
use crate::{Fixed, Parameters, Payout, Totals, WorkerPhase, WorkerState, share};

fn published() -> Parameters {
    Parameters::published(12_000)
}

/// A worker of level 1 with V = 3000 and P = 100, started in block 0.
fn started() -> (WorkerState, Totals) {
    let mut totals = Totals::default();
    let worker = WorkerState::start(&mut totals, 0, fixed("3000"), 100, 1).unwrap();
    (worker, totals)
}

fn near(actual: Fixed, expected: f64) {
    let off = (actual.to_f64() - expected).abs();
    assert!(
        off <= expected.abs() * 1e-12,
        "{actual} instead of {expected}"
    );
}

#[test]
fn a_session_starts_as_told() {
    let (worker, totals) = started();
    let expected = WorkerState {
        v_initial: fixed("3000"),
        v: fixed("3000"),
        v_deductible: Fixed::ZERO,
        p_initial: 100,
        p_instant: fixed("100"),
        confidence_level: 1,
        state: WorkerPhase::Idle,
        updated_at: 0,
        paid_at: 0,
        share: share(fixed("3000"), fixed("100"), Fixed::ONE),
    };
    assert_eq!(worker, expected);
    assert_eq!(totals.share, worker.share);
    for level in [0, 6] {
        let refused = WorkerState::start(&mut Totals::default(), 0, Fixed::ONE, 1, level);
        assert_eq!(refused, None);
    }
}

#[test]
fn a_heartbeat_is_paid_for_the_blocks_since_the_last() {
    let (mut worker, mut totals) = started();
    let parameters = published();
    // Another one of the same size: half of the budget each.
    let other = worker.at(&parameters, 10).share;
    totals.share = totals.share.saturating_add(other);
    let payout = worker.heartbeat_unmeasured(&parameters, &mut totals, 10);
    near(payout.worker, 400.0);
    near(payout.treasury, 100.0);
    // V had grown by 0.02 since the start, and falls by no more.
    assert_eq!(worker.v, fixed("3000"));
    assert_eq!(worker.v_deductible, Fixed::ZERO);
    assert_eq!((worker.updated_at, worker.paid_at), (10, 10));
    assert_eq!(
        worker.heartbeat_unmeasured(&parameters, &mut totals, 10),
        Payout::default()
    );
}

#[test]
fn a_payout_below_the_growth_lowers_v_by_the_workers_part() {
    let (mut worker, mut totals) = started();
    let mut parameters = published();
    parameters.budget_per_block = fixed("0.001");
    let before = worker.at(&parameters, 7_200);
    let payout = worker.heartbeat_unmeasured(&parameters, &mut totals, 7_200);
    near(payout.worker, 5.76);
    near(payout.treasury, 1.44);
    assert_eq!(worker.v, before.v.saturating_sub(payout.worker));
    assert!(worker.v > fixed("3000"));
    assert_eq!(totals.share, worker.share);
    assert_eq!(worker.share, share(worker.v, worker.p_instant, Fixed::ONE));
}

#[test]
fn a_measured_performance_counts_from_that_heartbeat_on() {
    let (mut worker, mut totals) = started();
    let parameters = published();
    let _ = worker.heartbeat(&parameters, &mut totals, 5, 500, 60_000);
    assert_eq!(worker.p_instant, fixed("50"));
    assert_eq!(worker.share, share(worker.v, fixed("50"), Fixed::ONE));
    // k_p is a half.
    let growth = worker.at(&parameters, 6).v.saturating_sub(worker.v);
    near(
        growth,
        (0.000000666600231 * worker.v.to_f64() + 3.529_299_847_792_537e-5) / 2.0,
    );
    // A restart: no growth until the next answer.
    let _ = worker.heartbeat(&parameters, &mut totals, 10, 0, 60_000);
    assert_eq!(worker.p_instant, Fixed::ZERO);
    assert_eq!(worker.at(&parameters, 1_000).v, worker.v);
}

#[test]
fn a_missed_challenge_costs_from_the_block_after_the_window() {
    let (mut worker, mut totals) = started();
    let parameters = published();
    let idle = worker.at(&parameters, 12);
    // Challenged in block 2, with a window of 10.
    worker.timeout(&parameters, &mut totals, 13);
    assert_eq!(worker.state, WorkerPhase::Unresponsive);
    near(worker.v, idle.v.to_f64() * (1.0 - 3.333_333_333_333_324e-6));
    assert_eq!(worker.v_deductible, Fixed::ZERO);
    assert_eq!((worker.share, totals.share), (Fixed::ZERO, Fixed::ZERO));
    // Another one that is missed changes nothing.
    let before = worker.at(&parameters, 20);
    worker.timeout(&parameters, &mut totals, 20);
    assert_eq!(worker, before);

    // The block of the answer decays, too; nothing is paid, and payment starts there.
    let decayed = worker.at(&parameters, 30).v;
    let payout = worker.heartbeat(&parameters, &mut totals, 30, 2_000, 120_000);
    assert_eq!(payout, Payout::default());
    assert_eq!((worker.state, worker.v), (WorkerPhase::Idle, decayed));
    assert_eq!(worker.paid_at, 30);
    assert_eq!(totals.share, worker.share);
    assert!(worker.at(&parameters, 31).v > decayed);
    let payout = worker.heartbeat_unmeasured(&parameters, &mut totals, 32);
    near(payout.worker, 160.0);
}

#[test]
fn a_proven_fault_costs_its_part() {
    let parameters = published();
    for (level, left) in [(2, "2970"), (3, "2700"), (4, "0")] {
        let (mut worker, mut totals) = started();
        let lost = worker.fault(&parameters, &mut totals, 0, level).unwrap();
        near(worker.v, fixed(left).to_f64());
        assert_eq!(worker.v.saturating_add(lost), fixed("3000"));
        assert_eq!(totals.share, worker.share);
    }
    let (mut worker, mut totals) = started();
    for level in [0, 1, 5] {
        assert_eq!(worker.fault(&parameters, &mut totals, 9, level), None);
    }
    assert_eq!((worker, totals), started());
}

#[test]
fn what_payouts_may_deduct_is_never_above_v() {
    let (mut worker, mut totals) = started();
    let parameters = published();
    worker.fault(&parameters, &mut totals, 1_000, 4).unwrap();
    assert_eq!((worker.v, worker.v_deductible), (Fixed::ZERO, Fixed::ZERO));
}

#[test]
fn a_stopped_worker_keeps_its_v_but_for_faults() {
    let (mut worker, mut totals) = started();
    let parameters = published();
    worker.stop(&parameters, &mut totals, 100);
    assert_eq!(worker.state, WorkerPhase::Stopped);
    assert_eq!(totals.share, Fixed::ZERO);
    let v = worker.v;
    assert!(v > fixed("3000"));
    let payout = worker.heartbeat(&parameters, &mut totals, 110, 1, 1);
    worker.timeout(&parameters, &mut totals, 120);
    worker.advance(&parameters, &mut totals, 1_000_000);
    assert_eq!(
        (payout, worker.v, totals.share),
        (Payout::default(), v, Fixed::ZERO)
    );
    worker
        .fault(&parameters, &mut totals, 1_000_001, 3)
        .unwrap();
    near(worker.v, v.to_f64() * 0.9);
}

#[test]
fn time_does_not_go_back() {
    let (mut worker, mut totals) = started();
    let parameters = published();
    worker.advance(&parameters, &mut totals, 100);
    let before = worker;
    worker.advance(&parameters, &mut totals, 99);
    assert_eq!(worker, before);
    let payout = worker.heartbeat_unmeasured(&parameters, &mut totals, 50);
    near(payout.worker, 8_000.0);
    assert_eq!(worker.paid_at, 100);
}

#[test]
fn the_encoding_stays() {
    use codec::{Encode, MaxEncodedLen};
    let (worker, _) = started();
    let encoded = worker.encode();
    // V in 2⁻⁸⁰: the u128 of 3000·2⁸⁰, the lowest byte first.
    let v = (3_000_u128 << 80).to_le_bytes();
    let expected = [
        &v[..],
        &v[..],
        &[0; 16],
        &100_u32.to_le_bytes(),
        &(100_u128 << 80).to_le_bytes(),
        &[1, 0],
        &[0; 8],
        &worker.share.to_bits().to_le_bytes(),
    ]
    .concat();
    assert_eq!(encoded, expected);
    assert_eq!(WorkerState::max_encoded_len(), expected.len());
}
