//! Whatever is done in whatever order: nothing is settled twice or without its signatures, versions
//! only rise, and no money is lost or made.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::traits::fungible::Inspect;
use phat_primitives::anchor::{NO_REQUEST, Outcome, OutcomeSignatures, key_hash};
use proptest::prelude::*;
use sp_runtime::{AccountId32, DispatchError};

use crate::{Error, HoldReason, Output, Requests, Status, mock::*};

/// How many sequences are tried.
const CASES: u32 = 64;

const ACCOUNTS: [AccountId32; 4] = [SHOP, ALICE, BOB, POOR];
const KEYS: [&str; 3] = ["a", "b", "c"];

/// Something that somebody does, which the chain may refuse.
#[derive(Clone, Debug)]
enum Step {
    Ask {
        bytes: usize,
        fee: u64,
    },
    Settle {
        number: u64,
        read: usize,
        write: usize,
        bytes: usize,
        seeds: Vec<u8>,
    },
    SettleTwice {
        number: u64,
    },
    Push {
        key: usize,
        bytes: usize,
        seeds: Vec<u8>,
    },
    PushAgain,
    Rotate {
        seeds: Vec<u8>,
        threshold: u32,
        overlap: u64,
    },
    Taking(bool),
    Retry {
        number: u64,
    },
    Forget {
        number: u64,
    },
    Expire {
        number: u64,
    },
    Delete {
        key: usize,
    },
    Pass(u64),
}

fn seeds() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => Just(vec![1, 2]),
        2 => Just(vec![2, 103]),
        1 => Just(vec![1]),
        1 => Just(vec![1, 4]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let number = || 1..8_u64;
    let key = || 0..KEYS.len();
    prop_oneof![
        4 => (0..40_usize, prop_oneof![0..50_u64, Just(BALANCE), Just(u64::MAX)])
            .prop_map(|(bytes, fee)| Step::Ask { bytes, fee }),
        6 => (number(), key(), key(), 0..30_usize, seeds())
            .prop_map(|(number, read, write, bytes, seeds)| Step::Settle { number, read, write, bytes, seeds }),
        2 => number().prop_map(|number| Step::SettleTwice { number }),
        3 => (key(), 0..30_usize, seeds())
            .prop_map(|(key, bytes, seeds)| Step::Push { key, bytes, seeds }),
        2 => Just(Step::PushAgain),
        1 => (seeds(), 0..4_u32, 0..2 * OVERLAP)
            .prop_map(|(seeds, threshold, overlap)| Step::Rotate { seeds, threshold, overlap }),
        1 => any::<bool>().prop_map(Step::Taking),
        2 => number().prop_map(|number| Step::Retry { number }),
        1 => number().prop_map(|number| Step::Forget { number }),
        2 => number().prop_map(|number| Step::Expire { number }),
        1 => key().prop_map(|key| Step::Delete { key }),
        2 => (0..LIFETIME).prop_map(Step::Pass),
    ]
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    /// The requests that were settled.
    settled: BTreeSet<u64>,
    /// The outcomes that nobody asked for and that were taken.
    pushed: Vec<(Outcome, OutcomeSignatures)>,
    /// The newest version of each key.
    versions: BTreeMap<&'static str, u64>,
}

impl Seen {
    /// Does it, if it is allowed: refusals are part of the sequence.
    fn act(&mut self, step: &Step) {
        match step {
            Step::Ask { bytes, fee } => {
                let _ = ask_for(&SHOP, &ALICE, &vec![1; *bytes], *fee);
            }
            Step::Settle {
                number,
                read,
                write,
                bytes,
                seeds,
            } => {
                let version = value(KEYS[*read]).1;
                let written = vec![2; *bytes];
                let outcome = outcome_with(
                    *number,
                    &[(KEYS[*read], version)],
                    &[(KEYS[*write], &written[..])],
                );
                let was_open = Anchor::status(&SHOP, *number) == Status::Open;
                if settle_by(&outcome, seeds).is_ok() {
                    assert!(was_open);
                    assert!(self.settled.insert(*number), "{number} was settled twice");
                }
            }
            Step::SettleTwice { number } => {
                let outcome = outcome(*number);
                let signed_outcome = (SHOP, outcome.clone(), sign(&outcome, &[1, 2]));
                let batch = vec![signed_outcome.clone(), signed_outcome];
                let was_open = Anchor::status(&SHOP, *number) == Status::Open;
                let batch = batch.try_into().expect("no more than the bound");
                Anchor::settle_batch(signed(&BOB), batch).expect("it passes over what is bad");
                if was_open && Anchor::status(&SHOP, *number) != Status::Open {
                    assert!(self.settled.insert(*number), "{number} was settled twice");
                }
            }
            Step::Push { key, bytes, seeds } => self.push(KEYS[*key], *bytes, seeds),
            Step::PushAgain => self.push_again(),
            Step::Rotate {
                seeds,
                threshold,
                overlap,
            } => {
                let keys = keys(seeds);
                let _ = Anchor::set_attestors(signed(&SHOP), SHOP, *threshold, keys, *overlap);
            }
            Step::Taking(taking) => Taking::set(*taking),
            Step::Retry { number } => self.retry(*number),
            Step::Forget { number } => {
                let _ = Anchor::forget(signed(&SHOP), SHOP, *number);
            }
            Step::Expire { number } => {
                if Anchor::expire(signed(&BOB), SHOP, *number).is_ok() {
                    assert!(!self.settled.contains(number), "{number} was settled, too");
                }
            }
            Step::Delete { key } => {
                let keys = vec![key_hash(KEYS[*key].as_bytes())];
                let keys = keys.try_into().expect("no more than the bound");
                Anchor::delete_values(signed(&SHOP), SHOP, keys).expect("the shop owns itself");
            }
            Step::Pass(seconds) => {
                Clock::mutate(|now| *now += seconds);
                System::set_block_number(System::block_number() + 1);
            }
        }
    }

    fn push(&mut self, key: &str, bytes: usize, seeds: &[u8]) {
        let written = vec![2; bytes];
        let (version, writes) = (value(key).1, [(key, &written[..])]);
        let outcome = outcome_with(NO_REQUEST, &[(key, version)], &writes);
        let signatures = sign(&outcome, seeds);
        let taken = Anchor::settle(signed(&BOB), SHOP, outcome.clone(), signatures.clone());
        if taken.is_ok() {
            assert!(value(key).1 > version, "the guard has not moved");
            self.pushed.push((outcome, signatures));
        }
    }

    fn push_again(&self) {
        for (outcome, signatures) in &self.pushed {
            let again = Anchor::settle(signed(&BOB), SHOP, outcome.clone(), signatures.clone());
            assert_eq!(again, Err(Error::<Test>::StaleVersion.into()));
        }
    }

    fn retry(&self, number: u64) {
        let output = Output::truncate_from(b"output".to_vec());
        if Anchor::retry(signed(&BOB), SHOP, number, true, output).is_ok() {
            assert!(self.settled.contains(&number), "{number} was never settled");
        }
    }

    /// Checks what a sequence of states has to show, beyond what each of them has.
    fn check(&mut self) {
        assert_eq!(Anchor::do_try_state(), Ok(()));
        for key in KEYS {
            let now = value(key).1;
            let before = self.versions.insert(key, now).unwrap_or_default();
            assert!(
                now >= before,
                "a version of {key} fell from {before} to {now}"
            );
        }
        let taken = taken();
        for (index, (_, number, ..)) in taken.iter().enumerate() {
            let again = taken[..index].iter().any(|(_, other, ..)| other == number);
            assert!(!again, "{number} was taken twice in one step");
        }
    }
}

fn total() -> u64 {
    let of = |who: &AccountId32| Balances::total_balance(who);
    ACCOUNTS.iter().map(of).sum()
}

/// After whatever was done, every open request can be paid back in full.
fn pay_back_all() {
    Clock::mutate(|now| *now += LIFETIME);
    Taking::set(true);
    let numbers: Vec<u64> = Requests::<Test>::iter_keys()
        .map(|(_, number)| number)
        .collect();
    for number in numbers {
        match Anchor::status(&SHOP, number) {
            Status::Open => Anchor::expire(signed(&BOB), SHOP, number),
            _ => Anchor::forget(signed(&ALICE), SHOP, number),
        }
        .expect("its time is over");
    }
    for account in &ACCOUNTS {
        assert_eq!(held(HoldReason::Request, account), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn whatever_is_done_holds_together(steps in prop::collection::vec(step(), 1..50)) {
        new_test_ext().execute_with(|| {
            register(2).expect("the shop can pay");
            let money = total();
            let mut seen = Seen::default();
            for step in &steps {
                seen.act(step);
                seen.check();
                assert_eq!(total(), money, "{step:?}");
            }
            pay_back_all();
            assert_eq!(total(), money);
            seen.check();
        });
    }

    /// Whoever signs, fewer than the threshold of the attestors settle nothing.
    #[test]
    fn nothing_is_settled_without_a_quorum(chosen in prop::collection::btree_set(
        prop::sample::select(vec![1_u8, 2, 103, 4, 5, 104]), 0..6,
    )) {
        run(|| {
            let number = ask(b"", 0);
            let chosen: Vec<u8> = chosen.into_iter().collect();
            let attestors = chosen.iter().filter(|seed| ATTESTORS.contains(seed)).count();
            let settled = settle_by(&outcome(number), &chosen);
            if attestors == chosen.len() && attestors >= 2 {
                assert_eq!(settled, Ok(()));
            } else {
                let refused: [DispatchError; 2] = [Error::<Test>::NotAttestor.into(), Error::<Test>::QuorumMissing.into()];
                assert!(settled.is_err_and(|error| refused.contains(&error)));
                assert_eq!(Anchor::status(&SHOP, number), Status::Open);
            }
        });
    }
}
