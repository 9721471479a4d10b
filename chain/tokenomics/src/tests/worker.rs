//! The state machine: each event by itself, and random sequences against a loop over every
//! block and worker in floating-point numbers.

use proptest::prelude::*;

use super::fixed;
use crate::{Fixed, Parameters, Payout, Totals, WorkerPhase, WorkerState, confidence_score, share};

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
        (0.000000666600231 * worker.v.to_f64() + 3.52929984779253676056e-5) / 2.0,
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
    near(
        worker.v,
        idle.v.to_f64() * (1.0 - 0.0000033333333333333240063),
    );
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

/// An event of one of the workers.
#[derive(Clone, Copy, Debug)]
enum Event {
    Nothing,
    Heartbeat(Option<(u64, u64)>),
    Timeout,
    Fault(u8),
    Stop,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::Nothing),
        4 => Just(Event::Heartbeat(None)),
        4 => (0_u64..5_000, 0_u64..200_000).prop_map(|measured| Event::Heartbeat(Some(measured))),
        2 => Just(Event::Timeout),
        1 => (2_u8..=4).prop_map(Event::Fault),
        1 => Just(Event::Stop),
    ]
}

/// A worker as the model tells it, block by block.
#[derive(Clone, Copy, Debug)]
struct Plain {
    v: f64,
    deductible: f64,
    p: f64,
    p_instant: f64,
    score: f64,
    phase: WorkerPhase,
    paid_at: u32,
    counted: f64,
}

const RHO: f64 = 0.000000666600231;
const SLASH: f64 = 0.0000033333333333333240063;

impl Plain {
    fn block(&mut self, v_max: f64) {
        match self.phase {
            WorkerPhase::Idle => {
                let cost = 0.000000015815258751856933056 * self.p + 0.000033711472602739674283;
                let grown = self.v + self.p_instant / self.p * (RHO * self.v + cost);
                let grown = grown.min(v_max);
                self.deductible += grown - self.v;
                self.v = grown;
            }
            WorkerPhase::Unresponsive => {
                self.v -= SLASH * self.v;
                self.deductible = 0.0;
            }
            WorkerPhase::Stopped => {}
        }
    }

    fn count(&mut self) {
        self.counted = match self.phase {
            WorkerPhase::Idle => self.v.hypot(2.0 * self.p_instant * self.score),
            _ => 0.0,
        };
    }
}

/// What the event pays to the worker, in the loop over every block.
fn happen(workers: &mut [Plain], index: usize, event: Event, block: u32) -> f64 {
    let mut paid = 0.0;
    match event {
        Event::Nothing => return 0.0,
        // The decay of this block is applied by the caller, which asks for the phase first.
        Event::Timeout => {}
        Event::Stop => workers[index].phase = WorkerPhase::Stopped,
        Event::Fault(level) => {
            let worker = &mut workers[index];
            worker.v *= 1.0 - [0.01, 0.1, 1.0][usize::from(level) - 2];
            worker.deductible = worker.deductible.min(worker.v);
        }
        Event::Heartbeat(measured) => {
            let worker = &mut workers[index];
            if worker.phase == WorkerPhase::Stopped {
                return 0.0;
            }
            if let Some((iterations, elapsed_ms)) = measured {
                let scaled = iterations as f64 * 6_000.0 / elapsed_ms.max(1) as f64;
                worker.p_instant = scaled.min(1.2 * worker.p);
            }
            if worker.phase == WorkerPhase::Idle {
                worker.count();
                let total: f64 = workers.iter().map(|worker| worker.counted).sum();
                let worker = &mut workers[index];
                if total > 0.0 {
                    let blocks = f64::from(block - worker.paid_at);
                    paid = 0.8 * 100.0 * blocks * worker.counted / total;
                }
                worker.v -= paid.min(worker.deductible);
            }
            let worker = &mut workers[index];
            worker.phase = WorkerPhase::Idle;
            worker.deductible = 0.0;
            worker.paid_at = block;
        }
    }
    workers[index].count();
    paid
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn events_give_what_a_loop_over_every_block_gives(
        starts in prop::collection::vec((500_u32..29_999, 1_u32..3_000, 1_u8..=5), 1..4),
        blocks in prop::collection::vec((0_usize..4, event()), 1..400),
    ) {
        let parameters = published();
        let mut totals = Totals::default();
        let mut workers: Vec<_> = starts
            .iter()
            .map(|&(v, p, level)| {
                WorkerState::start(&mut totals, 0, Fixed::from_int(v.into()), p, level).unwrap()
            })
            .collect();
        let mut plain: Vec<_> = starts
            .iter()
            .map(|&(v, p, level)| {
                let p = f64::from(p);
                let score = confidence_score(level).unwrap().to_f64();
                let mut worker = Plain {
                    v: v.into(),
                    deductible: 0.0,
                    p,
                    p_instant: p,
                    score,
                    phase: WorkerPhase::Idle,
                    paid_at: 0,
                    counted: 0.0,
                };
                worker.count();
                worker
            })
            .collect();
        let mut budget_spent = Fixed::ZERO;
        for (block, (chosen, event)) in (1_u32..).zip(&blocks) {
            let index = chosen % workers.len();
            if matches!(event, Event::Timeout) && plain[index].phase == WorkerPhase::Idle {
                plain[index].phase = WorkerPhase::Unresponsive;
            }
            for worker in &mut plain {
                worker.block(30_000.0);
            }
            let expected = happen(&mut plain, index, *event, block);

            let worker = &mut workers[index];
            let payout = match *event {
                Event::Nothing => Payout::default(),
                Event::Heartbeat(None) => {
                    worker.heartbeat_unmeasured(&parameters, &mut totals, block)
                }
                Event::Heartbeat(Some((iterations, elapsed_ms))) => {
                    worker.heartbeat(&parameters, &mut totals, block, iterations, elapsed_ms)
                }
                Event::Timeout => {
                    worker.timeout(&parameters, &mut totals, block);
                    Payout::default()
                }
                Event::Fault(level) => {
                    worker.fault(&parameters, &mut totals, block, level).unwrap();
                    Payout::default()
                }
                Event::Stop => {
                    worker.stop(&parameters, &mut totals, block);
                    Payout::default()
                }
            };
            prop_assert!((payout.worker.to_f64() - expected).abs() <= 1e-9 * expected.max(1.0));
            let share_of_treasury = payout.worker.to_f64() / 4.0;
            prop_assert!((payout.treasury.to_f64() - share_of_treasury).abs() <= 1e-12 * expected.max(1.0));
            budget_spent = budget_spent
                .saturating_add(payout.worker)
                .saturating_add(payout.treasury);

            let sum = workers.iter().fold(0, |sum, worker| sum + worker.share.to_bits());
            prop_assert_eq!(totals.share.to_bits(), sum, "Σshare is exact");
            for (worker, plain) in workers.iter().zip(&plain) {
                let now = worker.at(&parameters, block);
                prop_assert_eq!(now.state, plain.phase);
                let off = (now.v.to_f64() - plain.v).abs();
                prop_assert!(off <= 1e-11 * plain.v.max(1.0), "{} and {}", now.v, plain.v);
                let off = (now.v_deductible.to_f64() - plain.deductible).abs();
                prop_assert!(off <= 1e-8, "{} and {}", now.v_deductible, plain.deductible);
                prop_assert!(now.v_deductible <= now.v);
            }
        }
    }

    #[test]
    fn nothing_panics_or_leaves_its_range(
        bits in any::<[u128; 8]>(),
        p in any::<u32>(),
        level in 1_u8..=5,
        start in any::<u32>(),
        events in prop::collection::vec((any::<u32>(), event(), any::<[u64; 2]>()), 0..20),
    ) {
        let [rho, slash_rate, budget, v_max, cost_k, cost_b, treasury_ratio, v] =
            bits.map(Fixed::from_bits);
        let parameters = Parameters {
            rho,
            slash_rate,
            budget_per_block: budget,
            v_max,
            cost_k,
            cost_b,
            treasury_ratio,
            ..published()
        };
        let mut totals = Totals::default();
        let mut worker = WorkerState::start(&mut totals, start, v, p, level).unwrap();
        for (now, event, [iterations, elapsed_ms]) in events {
            match event {
                Event::Nothing => worker.advance(&parameters, &mut totals, now),
                Event::Heartbeat(_) => {
                    let blocks = u64::from(now.max(worker.updated_at) - worker.paid_at);
                    let payout =
                        worker.heartbeat(&parameters, &mut totals, now, iterations, elapsed_ms);
                    let paid = payout.worker.checked_add(payout.treasury).unwrap();
                    prop_assert!(paid <= budget.saturating_mul(Fixed::from_int(blocks)));
                }
                Event::Timeout => worker.timeout(&parameters, &mut totals, now),
                Event::Fault(level) => {
                    worker.fault(&parameters, &mut totals, now, level).unwrap();
                }
                Event::Stop => worker.stop(&parameters, &mut totals, now),
            }
            prop_assert!(worker.v <= v_max.max(v));
            prop_assert_eq!(worker.share, totals.share);
        }
    }
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
