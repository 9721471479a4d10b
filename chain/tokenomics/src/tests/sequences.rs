//! The state machine: random sequences of events, against a loop over every block and worker
//! in floating-point numbers.

use proptest::prelude::*;

use crate::{Fixed, Parameters, Payout, Totals, WorkerPhase, WorkerState, confidence_score};

fn published() -> Parameters {
    Parameters::published(12_000)
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

const RHO_LESS_ONE: f64 = 6.666_002_31e-7;
const COST_K: f64 = 1.581_525_875_185_693_3e-8;
const COST_B: f64 = 3.371_147_260_273_967e-5;
const SLASH: f64 = 3.333_333_333_333_324e-6;

impl Plain {
    fn block(&mut self, v_max: f64) {
        match self.phase {
            WorkerPhase::Idle => {
                let cost = COST_K * self.p + COST_B;
                let grown = self.v + self.p_instant / self.p * (RHO_LESS_ONE * self.v + cost);
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
