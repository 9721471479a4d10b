//! Whatever is locked, minted, burned and released, in whatever order and however often it is told:
//! what is out on the other side, on the way or due here is what is locked, and no money is made.

use std::collections::BTreeSet;

use phat_primitives::anchor::{OutcomeSignature, OutcomeSignatures};
use proptest::prelude::*;
use sp_core::{Pair, sr25519};
use sp_runtime::AccountId32;

use crate::{CurrentBooks, Due, Error, Event, Pending, mock::*};

/// How many sequences are tried.
const CASES: u32 = 64;
/// Whoever is no attestor.
const STRANGER: u8 = 9;
const RECIPIENTS: [AccountId32; 3] = [ALICE, BOB, NOBODY];

/// Something that somebody does, which either side may refuse.
#[derive(Clone, Debug)]
enum Step {
    Lock(u64),
    /// Word of a lock reaches the other side, perhaps once more.
    Mint(usize),
    /// Word of a mint reaches this side, perhaps once more.
    Confirm(usize),
    Burn(u64, usize),
    /// Word of a burn reaches this side, perhaps once more.
    Tell(usize),
    /// The attestor tells something else of a burn that was told.
    TellOtherwise(usize, u64),
    /// The attestor tells of more than is out.
    TellTooMuch(u64),
    /// Somebody who is no attestor tells of a burn.
    Forge(u64, u64),
    Announce(u64),
    Release(u64),
    Pause(bool),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![4 => 1..1_000_u64, 1 => 0..2 * LIMITS.daily, 1 => Just(u64::MAX)];
    let index = || 0..64_usize;
    let number = || prop_oneof![4 => 0..12_u64, 1 => Just(u64::MAX)];
    prop_oneof![
        4 => amount().prop_map(Step::Lock),
        4 => index().prop_map(Step::Mint),
        2 => index().prop_map(Step::Confirm),
        4 => (amount(), index()).prop_map(|(amount, to)| Step::Burn(amount, to)),
        4 => index().prop_map(Step::Tell),
        2 => (index(), amount()).prop_map(|(burn, amount)| Step::TellOtherwise(burn, amount)),
        1 => number().prop_map(Step::TellTooMuch),
        2 => (number(), amount()).prop_map(|(number, amount)| Step::Forge(number, amount)),
        1 => number().prop_map(Step::Announce),
        2 => number().prop_map(Step::Release),
        1 => any::<bool>().prop_map(Step::Pause),
        1 => (0..2 * DAY).prop_map(Step::Pass),
    ]
}

/// A burn on the other side.
struct Burn {
    amount: u64,
    recipient: AccountId32,
}

/// The other side, and what was seen of it here.
#[derive(Default)]
struct Other {
    /// What each lock was of, the first first.
    locks: Vec<u64>,
    minted: BTreeSet<usize>,
    burns: Vec<Burn>,
    told: BTreeSet<usize>,
    supply: u64,
    /// How many outcomes were told, each of which is another firing.
    firings: u64,
}

impl Other {
    fn tell(&mut self, output: Vec<u8>) -> Result<(), sp_runtime::DispatchError> {
        self.firings += 1;
        tell(self.firings, output)
    }

    /// Does it, if it is allowed: refusals are part of the sequence.
    fn act(&mut self, step: &Step) {
        match *step {
            Step::Lock(amount) => {
                if lock(amount).is_ok() {
                    self.locks.push(amount);
                }
            }
            Step::Mint(index) if !self.locks.is_empty() => {
                let lock = index % self.locks.len();
                // The token mints each number once.
                if self.minted.insert(lock) {
                    self.supply += self.locks[lock];
                }
            }
            Step::Confirm(index) if !self.minted.is_empty() => {
                let lock = self.minted.iter().nth(index % self.minted.len());
                let number = *lock.expect("there is one") as u64 + 1;
                let was_pending = Pending::<Test>::contains_key(number);
                let taken = self.tell(minted(number));
                assert_eq!(taken.is_ok(), was_pending);
            }
            Step::Burn(amount, to) => {
                let amount = amount.min(self.supply);
                if amount > 0 {
                    self.supply -= amount;
                    let recipient = RECIPIENTS[to % RECIPIENTS.len()].clone();
                    self.burns.push(Burn { amount, recipient });
                }
            }
            Step::Tell(index) if !self.burns.is_empty() => self.tell_burn(index),
            Step::TellOtherwise(index, amount) if !self.told.is_empty() => {
                let burn = self.told.iter().nth(index % self.told.len());
                let number = *burn.expect("there is one") as u64 + 1;
                let told = self.tell(burned(number, &BOB, u128::from(amount)));
                assert!(told.is_err(), "burn {number} was taken twice");
            }
            Step::TellTooMuch(number) => {
                let out = CurrentBooks::<Test>::get().outstanding;
                let told = self.tell(burned(number, &BOB, u128::from(out) + 1));
                assert!(told.is_err(), "more than {out} was taken");
            }
            Step::Forge(number, amount) => forge(number, amount),
            Step::Announce(number) => {
                let _ = Bridge::announce(signed(&BOB), number);
            }
            Step::Release(number) => {
                let _ = Bridge::release(signed(&ALICE), number);
            }
            Step::Pause(paused) => {
                Bridge::set_paused(RuntimeOrigin::root(), paused).expect("root may");
            }
            Step::Pass(seconds) => Clock::mutate(|clock| *clock += seconds),
            Step::Mint(_) | Step::Confirm(_) | Step::Tell(_) | Step::TellOtherwise(..) => {}
        }
    }

    fn tell_burn(&mut self, index: usize) {
        let burn = index % self.burns.len();
        let Burn { amount, recipient } = &self.burns[burn];
        let message = burned(burn as u64 + 1, recipient, u128::from(*amount));
        let is_new = !self.told.contains(&burn);
        // Where no more may wait, it is taken if it can be paid at once.
        let must = is_new && Due::<Test>::count() < DUE;
        let told = self.tell(message);
        assert!(told.is_ok() || !must, "burn {burn}: {told:?}");
        if told.is_ok() {
            assert!(is_new, "burn {burn} was taken twice");
            self.told.insert(burn);
        }
    }

    /// What is out there or on the way to one of the sides is what the books have as outstanding.
    fn check(&self) {
        let locks = self.locks.iter().enumerate();
        let to_mint: u64 = locks
            .filter(|(index, _)| !self.minted.contains(index))
            .map(|(_, amount)| amount)
            .sum();
        let burns = self.burns.iter().enumerate();
        let to_tell: u64 = burns
            .filter(|(index, _)| !self.told.contains(index))
            .map(|(_, burn)| burn.amount)
            .sum();
        let books = CurrentBooks::<Test>::get();
        assert_eq!(self.supply + to_mint + to_tell, books.outstanding);
        assert_eq!(held(), books.outstanding + books.due);
        assert!(self.supply <= CAP);
        assert_eq!(books.locks, self.locks.len() as u64);
        check();
    }

    /// What each burn was told to be is what was paid for it and is due.
    fn check_releases(&self) {
        for (index, burn) in self.burns.iter().enumerate() {
            let number = index as u64 + 1;
            let paid: u64 = events()
                .into_iter()
                .map(|event| match event {
                    Event::Released {
                        number: of, amount, ..
                    } if of == number => amount,
                    _ => 0,
                })
                .sum();
            let due = Due::<Test>::get(number).map_or(0, |due| due.amount);
            let expected = match self.told.contains(&index) {
                true => burn.amount,
                false => 0,
            };
            assert_eq!(paid + due, expected, "burn {number}");
        }
    }
}

/// Somebody who is no attestor tells of a burn, which the anchor refuses.
fn forge(number: u64, amount: u64) {
    let stranger = sr25519::Pair::from_seed(&[STRANGER; 32]);
    let outcome = outcome(u64::MAX, burned(number, &BOB, u128::from(amount)));
    let OutcomeSignature::Sr25519 { signature, .. } = sign(&outcome)[0].clone() else {
        unreachable!("the attestor signs with sr25519");
    };
    let forged = OutcomeSignature::Sr25519 {
        key: stranger.public().0,
        signature,
    };
    let signatures = OutcomeSignatures::truncate_from(vec![forged]);
    let settled = Anchor::settle(signed(&BOB), Bridge::account_id(), outcome, signatures);
    let expected = pallet_phat_anchor::Error::<Test>::NotAttestor;
    assert_eq!(settled, Err(expected.into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn nothing_is_lost_and_nothing_made(steps in prop::collection::vec(step(), 1..60)) {
        run(|| {
            let issued = Balances::total_issuance();
            let mut other = Other::default();
            for step in &steps {
                other.act(step);
                other.check();
                assert_eq!(Balances::total_issuance(), issued, "after {step:?}");
            }
            other.check_releases();
        });
    }
}

#[test]
fn a_forged_outcome_with_the_attestor_s_name_is_refused() {
    run(|| {
        lock(500).expect("she may");
        let outcome = outcome(1, burned(1, &BOB, 100));
        let stranger = sr25519::Pair::from_seed(&[STRANGER; 32]);
        let OutcomeSignature::Sr25519 { key, .. } = sign(&outcome)[0].clone() else {
            unreachable!("the attestor signs with sr25519");
        };
        let forged = OutcomeSignature::Sr25519 {
            key,
            signature: stranger.sign(b"something else").0,
        };
        let signatures = OutcomeSignatures::truncate_from(vec![forged]);
        let settled = Anchor::settle(signed(&BOB), Bridge::account_id(), outcome, signatures);
        let expected = pallet_phat_anchor::Error::<Test>::SignatureInvalid;
        assert_eq!(settled, Err(expected.into()));
        assert!(!Bridge::is_processed(1));
        let again = Error::<Test>::NotDue;
        assert_eq!(Bridge::release(signed(&BOB), 1), Err(again.into()));
    });
}
