//! Whatever is done in whatever order, no stake is lost, and none is made.

use phat_primitives::{ClusterId, ContractId};
use proptest::prelude::*;
use sp_runtime::AccountId32;

use crate::{Stakes, mock::*};

/// How many sequences are tried.
const CASES: u32 = 64;

const ACCOUNTS: [AccountId32; 2] = [ALICE, BOB];
const CONTRACTS: [(ContractId, ClusterId); 3] =
    [(ONE, CLUSTER), (TWO, CLUSTER), (ELSEWHERE, OTHER_CLUSTER)];

/// Something that somebody does, which the chain may refuse.
#[derive(Clone, Debug)]
enum Step {
    Stake(usize, usize, u64),
    Unstake(usize, usize, u64),
    Remove(usize),
    Create(usize),
    SetMinimum(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let place = || (0..ACCOUNTS.len(), 0..CONTRACTS.len());
    let amount = || prop_oneof![0..30u64, 0..2 * BALANCE, Just(u64::MAX)];
    prop_oneof![
        4 => (place(), amount()).prop_map(|((who, what), amount)| Step::Stake(who, what, amount)),
        4 => (place(), amount()).prop_map(|((who, what), amount)| Step::Unstake(who, what, amount)),
        1 => (0..CONTRACTS.len()).prop_map(Step::Remove),
        1 => (0..CONTRACTS.len()).prop_map(Step::Create),
        1 => (1..50u64).prop_map(Step::SetMinimum),
    ]
}

/// Does it, if it is allowed: refusals are part of the sequence.
fn act(step: &Step) {
    match *step {
        Step::Stake(who, what, amount) => {
            let _ = stake(&ACCOUNTS[who], CONTRACTS[what].0, amount);
        }
        Step::Unstake(who, what, amount) => {
            let _ = unstake(&ACCOUNTS[who], CONTRACTS[what].0, amount);
        }
        Step::Remove(what) => {
            let (contract, _) = CONTRACTS[what];
            if Served::get().contains_key(&contract) {
                remove(contract);
            }
        }
        Step::Create(what) => {
            let (contract, cluster) = CONTRACTS[what];
            if !Served::get().contains_key(&contract) {
                create(contract, cluster);
            }
        }
        Step::SetMinimum(amount) => {
            ContractStake::set_minimum_stake(RuntimeOrigin::root(), amount)
                .expect("it is not zero");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn all_adds_up_after_each_step_and_everybody_can_leave(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        new_test_ext().execute_with(|| {
            populate();
            let issued = Balances::total_issuance();
            for (number, step) in steps.iter().enumerate() {
                act(step);
                let state = ContractStake::do_try_state();
                assert_eq!(state, Ok(()), "step {number}: {step:?}");
                assert_eq!(Balances::total_issuance(), issued, "step {number}: {step:?}");
                for account in &ACCOUNTS {
                    assert_eq!(held(account) + free(account), BALANCE, "step {number}: {step:?}");
                }
            }
            // Whatever has become of the contracts and the least stake.
            for (contract, account, staked) in Stakes::<Test>::iter().collect::<Vec<_>>() {
                unstake(&account, contract, staked).expect("it is the staker's own");
            }
            for account in &ACCOUNTS {
                assert_eq!((held(account), free(account)), (0, BALANCE));
            }
            assert_eq!(ContractStake::do_try_state(), Ok(()));
        });
    }
}
