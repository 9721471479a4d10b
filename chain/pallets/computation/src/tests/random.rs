//! Sequences of calls in any order: the invariants hold after each, and no PHA comes or goes.

use frame_support::traits::{fungible::Mutate, tokens::Preservation};
use phat_tokenomics::Fixed;
use proptest::prelude::*;
use sp_runtime::AccountId32;

use crate::{CurrentSettings, OpenChallenges, Sessions, Settings, WorkerSessions, mock::*};

/// The workers of a sequence.
const WORKERS: u8 = 3;

/// The most steps of a sequence.
const STEPS_MAX: usize = 60;

/// What may happen.
#[derive(Clone, Debug)]
enum Step {
    Start { seed: u8, stake: u128 },
    Stop { seed: u8 },
    Reclaim { seed: u8 },
    Answer { seed: u8, claimed: u32 },
    Blocks { count: u32 },
    Time { seconds: u64 },
    Fault { seed: u8, level: u8 },
    Leave { seed: u8 },
    Join { seed: u8 },
    Suspend { seed: u8 },
    Readmit { seed: u8 },
    Price { cents: u64 },
    Spend { share: u8 },
    Gap { blocks: u32 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let seed = || 1..=WORKERS;
    let step = prop_oneof![
        4 => (seed(), 0..10_000u128).prop_map(|(seed, pha)| Step::Start { seed, stake: pha * PHA }),
        1 => seed().prop_map(|seed| Step::Stop { seed }),
        2 => seed().prop_map(|seed| Step::Reclaim { seed }),
        6 => (seed(), 0..3u32).prop_map(|(seed, claimed)| Step::Answer { seed, claimed }),
        6 => (1..40u32).prop_map(|count| Step::Blocks { count }),
        1 => (0..1_000_000u64).prop_map(|seconds| Step::Time { seconds }),
        1 => (seed(), 1..6u8).prop_map(|(seed, level)| Step::Fault { seed, level }),
        1 => seed().prop_map(|seed| Step::Leave { seed }),
        2 => seed().prop_map(|seed| Step::Join { seed }),
        1 => seed().prop_map(|seed| Step::Suspend { seed }),
        1 => seed().prop_map(|seed| Step::Readmit { seed }),
        1 => (1..200u64).prop_map(|cents| Step::Price { cents }),
        1 => any::<u8>().prop_map(|share| Step::Spend { share }),
        1 => (12..40u32).prop_map(|blocks| Step::Gap { blocks }),
    ];
    prop::collection::vec(step, 1..STEPS_MAX)
}

/// Does a step as a transaction does: what fails changes nothing.
fn apply(step: &Step) {
    let _ = frame_support::storage::with_storage_layer(|| {
        match *step {
            Step::Start { seed, stake } => {
                <Computation as Sessions<AccountId32, u128>>::start(worker(seed), &BOB, stake)?;
            }
            Step::Stop { seed } => Computation::stop_session(signed(&BOB), worker(seed))?,
            Step::Reclaim { seed } => Computation::reclaim_stake(signed(&BOB), worker(seed))?,
            Step::Answer { seed, claimed } => answer_if_challenged(seed, claimed)?,
            Step::Blocks { count } => next_blocks(count),
            Step::Time { seconds } => ClockMs::mutate(|ms| *ms += seconds * 1_000),
            Step::Fault { seed, level } => {
                Computation::report_fault(RuntimeOrigin::root(), worker(seed), level)?;
            }
            Step::Leave { seed } => deregister(seed),
            Step::Join { seed } => register(seed),
            Step::Suspend { seed } => {
                Suspended::mutate(|list| list.insert(worker(seed)));
            }
            Step::Readmit { seed } => {
                Suspended::mutate(|list| list.remove(&worker(seed)));
            }
            Step::Price { cents } => {
                let price = Fixed::from_ratio(cents.into(), 100).unwrap_or(Fixed::ONE);
                Computation::set_price(RuntimeOrigin::root(), price)?;
            }
            Step::Spend { share } => {
                let part = Computation::subsidy_left() / 256 * u128::from(share);
                let pool = Computation::subsidy_account();
                Balances::transfer(&pool, &ALICE, part, Preservation::Preserve)?;
            }
            Step::Gap { blocks } => {
                let settings = Settings {
                    challenge_gap_blocks: blocks,
                    ..CurrentSettings::<Test>::get()
                };
                Computation::set_settings(RuntimeOrigin::root(), settings)?;
            }
        }
        Ok::<_, sp_runtime::DispatchError>(())
    });
}

/// Answers, with iterations that nobody did: it opens nothing of them.
fn answer_if_challenged(seed: u8, claimed: u32) -> frame_support::dispatch::DispatchResult {
    let has_session = WorkerSessions::<Test>::contains_key(worker(seed));
    if !has_session || !OpenChallenges::<Test>::contains_key(worker(seed)) {
        return Ok(());
    }
    let mut heartbeat = idle_answer(seed);
    if claimed > 0 {
        heartbeat.commitment.iterations = claimed;
        heartbeat.commitment.root = [seed; 32];
        heartbeat.iterations += u64::from(claimed);
    }
    send(seed, &heartbeat)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_order_of_calls_breaks_an_invariant_or_makes_or_loses_pha(steps in steps()) {
        new_test_ext().execute_with(|| {
            (1..=WORKERS).for_each(register);
            let issued = pallet_balances::TotalIssuance::<Test>::get();
            for step in &steps {
                apply(step);
                prop_assert_eq!(Computation::do_try_state(), Ok(()), "after {:?}", step);
                let now = pallet_balances::TotalIssuance::<Test>::get();
                prop_assert_eq!(now, issued, "after {:?}", step);
                let pool = total(&Computation::subsidy_account());
                let parts = pool + total(&ALICE) + total(&BOB) + total(&TREASURY);
                prop_assert_eq!(parts, issued, "after {:?}", step);
            }
            Ok(())
        })?;
    }
}
