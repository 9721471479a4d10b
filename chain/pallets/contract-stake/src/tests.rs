use frame_support::{assert_noop, assert_ok};
use phat_primitives::{ClusterId, ContractId};
use sp_runtime::{DispatchError, TokenError};

use crate::{
    ClusterStakes, ClusterTotal, Error, Event, FreeAllowance, MinimumStake, Stakes, TotalOf,
    TotalStake, mock::*,
};

/// What counts in [`CLUSTER`], by contract and in all.
fn counted() -> (Option<u64>, Option<u64>, u64) {
    let of = |contract| ClusterStakes::<Test>::get(CLUSTER, contract);
    (of(ONE), of(TWO), ClusterTotal::<Test>::get(CLUSTER))
}

fn total(contract: ContractId) -> Option<u64> {
    TotalOf::<Test>::get(contract).map(|total| total.amount)
}

// Staking and taking back.

#[test]
fn stakes_add_up_by_account_contract_and_cluster() {
    run(|| {
        assert_ok!(stake(&ALICE, ONE, 100));
        System::assert_last_event(
            Event::Staked {
                contract: ONE,
                account: ALICE,
                amount: 100,
                stake: 100,
            }
            .into(),
        );
        assert_ok!(stake(&ALICE, ONE, 20));
        System::assert_last_event(
            Event::Staked {
                contract: ONE,
                account: ALICE,
                amount: 20,
                stake: 120,
            }
            .into(),
        );
        assert_ok!(stake(&BOB, ONE, 30));
        assert_ok!(stake(&BOB, TWO, 50));
        assert_ok!(stake(&BOB, ELSEWHERE, 60));

        assert_eq!(Stakes::<Test>::get(ONE, ALICE), Some(120));
        assert_eq!((total(ONE), total(TWO)), (Some(150), Some(50)));
        assert_eq!(counted(), (Some(150), Some(50), 200));
        assert_eq!(ClusterTotal::<Test>::get(OTHER_CLUSTER), 60);
        assert_eq!((held(&ALICE), held(&BOB)), (120, 140));
        assert_eq!(free(&ALICE), BALANCE - 120);
    });
}

#[test]
fn stake_is_free_as_soon_as_it_is_taken_back() {
    run(|| {
        assert_ok!(stake(&ALICE, ONE, 100));
        assert_ok!(unstake(&ALICE, ONE, 40));
        System::assert_last_event(
            Event::Unstaked {
                contract: ONE,
                account: ALICE,
                amount: 40,
                stake: 60,
            }
            .into(),
        );
        assert_eq!((held(&ALICE), free(&ALICE)), (60, BALANCE - 60));
        assert_eq!(counted(), (Some(60), None, 60));

        // With the last of it, nothing is left in the storage.
        assert_ok!(unstake(&ALICE, ONE, 60));
        assert_eq!((held(&ALICE), free(&ALICE)), (0, BALANCE));
        assert_eq!(Stakes::<Test>::iter().count(), 0);
        assert_eq!(TotalOf::<Test>::iter().count(), 0);
        assert_eq!(ClusterStakes::<Test>::iter().count(), 0);
        assert_eq!(ClusterTotal::<Test>::iter().count(), 0);
    });
}

#[test]
fn what_cannot_be_staked_is_refused() {
    run(|| {
        assert_noop!(stake(&ALICE, ONE, 0), Error::<Test>::AmountZero);
        let unknown = ContractId([1; 32]);
        assert_noop!(stake(&ALICE, unknown, 100), Error::<Test>::UnknownContract);
        assert_noop!(stake(&ALICE, ONE, MINIMUM - 1), Error::<Test>::BelowMinimum);
        assert_noop!(
            stake(&ALICE, ONE, BALANCE + 1),
            TokenError::FundsUnavailable
        );
        assert_ok!(stake(&ALICE, ONE, MINIMUM));
        // What is staked already counts.
        assert_ok!(stake(&ALICE, ONE, 1));
        assert_noop!(
            stake(&ALICE, ONE, u64::MAX),
            sp_runtime::ArithmeticError::Overflow
        );
        assert_noop!(
            ContractStake::stake(RuntimeOrigin::root(), ONE, 100),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn nobody_takes_back_what_is_not_his() {
    run(|| {
        assert_ok!(stake(&ALICE, ONE, 100));
        assert_noop!(unstake(&BOB, ONE, 10), Error::<Test>::NoStake);
        assert_noop!(unstake(&ALICE, TWO, 10), Error::<Test>::NoStake);
        assert_noop!(unstake(&ALICE, ONE, 0), Error::<Test>::AmountZero);
        assert_noop!(unstake(&ALICE, ONE, 101), Error::<Test>::StakeTooSmall);
        assert_noop!(
            unstake(&ALICE, ONE, 100 - MINIMUM + 1),
            Error::<Test>::BelowMinimum
        );
        assert_ok!(unstake(&ALICE, ONE, 100 - MINIMUM));
        assert_ok!(unstake(&ALICE, ONE, MINIMUM));
        assert_noop!(unstake(&ALICE, ONE, 1), Error::<Test>::NoStake);
        assert_noop!(
            ContractStake::unstake(RuntimeOrigin::root(), ONE, 100),
            DispatchError::BadOrigin
        );
    });
}

// Contracts that go, and come again.

#[test]
fn stake_outlives_its_contract_and_counts_no_more() {
    run(|| {
        assert_ok!(stake(&ALICE, ONE, 100));
        assert_ok!(stake(&BOB, ONE, 50));
        assert_ok!(stake(&BOB, TWO, 30));
        remove(ONE);
        assert_eq!(counted(), (None, Some(30), 30));
        assert_eq!((held(&ALICE), held(&BOB)), (100, 80));
        assert_noop!(stake(&ALICE, ONE, 10), Error::<Test>::UnknownContract);
        ContractStake::do_try_state().expect("the invariants hold without the contract");

        // It can be taken back in parts, and does not count for that.
        assert_ok!(unstake(&ALICE, ONE, 40));
        assert_eq!(counted(), (None, Some(30), 30));
        assert_ok!(unstake(&ALICE, ONE, 60));
        assert_ok!(unstake(&BOB, ONE, 50));
        assert_eq!((held(&ALICE), held(&BOB)), (0, 30));
        assert_eq!(total(ONE), None);
    });
}

#[test]
fn a_contract_that_is_created_again_has_the_stake_that_is_left() {
    run(|| {
        assert_ok!(stake(&ALICE, ONE, 100));
        remove(ONE);
        assert_ok!(unstake(&ALICE, ONE, 30));
        create(ONE, CLUSTER);
        assert_eq!(counted(), (Some(70), None, 70));
        assert_ok!(stake(&BOB, ONE, 10));
        assert_eq!(counted(), (Some(80), None, 80));
        let expected = TotalStake {
            cluster: CLUSTER,
            amount: 80,
        };
        assert_eq!(TotalOf::<Test>::get(ONE), Some(expected));

        // One that nobody has staked to comes and goes as well.
        remove(TWO);
        create(TWO, CLUSTER);
        assert_eq!(counted(), (Some(80), None, 80));
    });
}

// What governance sets.

#[test]
fn a_higher_minimum_locks_nobody_in() {
    run(|| {
        let root = RuntimeOrigin::root;
        assert_eq!(MinimumStake::<Test>::get(), MINIMUM);
        assert_ok!(stake(&ALICE, ONE, 50));
        assert_ok!(ContractStake::set_minimum_stake(root(), 100));
        System::assert_last_event(Event::MinimumStakeSet { amount: 100 }.into());
        assert_noop!(stake(&ALICE, ONE, 49), Error::<Test>::BelowMinimum);
        assert_noop!(unstake(&ALICE, ONE, 1), Error::<Test>::BelowMinimum);
        assert_ok!(stake(&ALICE, ONE, 50));
        assert_ok!(stake(&BOB, TWO, 100));
        assert_ok!(ContractStake::set_minimum_stake(root(), 200));
        assert_ok!(unstake(&ALICE, ONE, 100));
        assert_ok!(unstake(&BOB, TWO, 100));

        assert_noop!(
            ContractStake::set_minimum_stake(root(), 0),
            Error::<Test>::MinimumZero
        );
        assert_noop!(
            ContractStake::set_minimum_stake(RuntimeOrigin::signed(ALICE), 1),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn governance_sets_the_free_allowance() {
    run(|| {
        assert_eq!(FreeAllowance::<Test>::get(), 0);
        assert_ok!(ContractStake::set_free_allowance(RuntimeOrigin::root(), 5));
        System::assert_last_event(Event::FreeAllowanceSet { amount: 5 }.into());
        assert_eq!(FreeAllowance::<Test>::get(), 5);
        assert_ok!(ContractStake::set_free_allowance(RuntimeOrigin::root(), 0));
        assert_noop!(
            ContractStake::set_free_allowance(RuntimeOrigin::signed(ALICE), 5),
            DispatchError::BadOrigin
        );
    });
}

// The invariants.

/// Puts the storage out of step.
type Damage = fn();

const DAMAGES: [(&str, Damage); 11] = [
    ("a stake is zero", || Stakes::<Test>::insert(TWO, BOB, 0)),
    (
        "the total of a contract is not the sum of its stakes",
        || Stakes::<Test>::insert(ONE, BOB, 10),
    ),
    ("stakes are in no total", || {
        Stakes::<Test>::insert(TWO, ALICE, 10);
    }),
    ("a cluster lists another stake than there is", || {
        ClusterStakes::<Test>::insert(CLUSTER, ONE, 99);
    }),
    ("a cluster lists another stake than there is", || {
        ClusterStakes::<Test>::insert(OTHER_CLUSTER, ONE, 100);
    }),
    (
        "a cluster lists the stake of what is no contract of its own",
        || {
            Served::mutate(|list| list.remove(&ONE));
        },
    ),
    (
        "a contract has stake that its cluster does not list",
        || ClusterStakes::<Test>::remove(CLUSTER, ONE),
    ),
    ("the total of a cluster is not the sum of its list", || {
        ClusterTotal::<Test>::insert(CLUSTER, 101)
    }),
    ("a cluster with stake has no total", || {
        ClusterTotal::<Test>::remove(CLUSTER);
    }),
    ("an account's hold is not the sum of its stakes", || {
        move_stake(ALICE, BOB);
    }),
    ("anybody may stake nothing", || MinimumStake::<Test>::put(0)),
];

/// Writes down for one account what another has staked.
fn move_stake(from: sp_runtime::AccountId32, to: sp_runtime::AccountId32) {
    let stake = Stakes::<Test>::take(ONE, from).expect("it has staked");
    Stakes::<Test>::insert(ONE, to, stake);
}

#[test]
fn the_invariants_notice_what_is_out_of_step() {
    for (index, (what, damage)) in DAMAGES.into_iter().enumerate() {
        new_test_ext().execute_with(|| {
            populate();
            assert_ok!(stake(&ALICE, ONE, 100));
            assert_ok!(ContractStake::do_try_state());
            damage();
            assert_eq!(
                ContractStake::do_try_state(),
                Err(what.into()),
                "damage number {index}"
            );
        });
    }
}

#[test]
fn a_stake_that_was_not_returned_is_noticed() {
    new_test_ext().execute_with(|| {
        populate();
        assert_ok!(stake(&ALICE, ONE, 100));
        Stakes::<Test>::remove(ONE, ALICE);
        TotalOf::<Test>::remove(ONE);
        ClusterStakes::<Test>::remove(CLUSTER, ONE);
        ClusterTotal::<Test>::remove(CLUSTER);
        let noticed = Err("a stake was not returned".into());
        assert_eq!(ContractStake::do_try_state(), noticed);
    });
}

#[test]
#[should_panic(expected = "the genesis lets anybody stake nothing")]
fn a_genesis_without_a_least_stake_is_refused() {
    use frame_support::traits::BuildGenesisConfig;
    new_test_ext().execute_with(|| {
        crate::GenesisConfig::<Test> {
            minimum_stake: 0,
            free_allowance: 0,
        }
        .build();
    });
}

/// A cluster's id is as wide as its type.
#[test]
fn clusters_do_not_mix() {
    run(|| {
        let far = ContractId([3; 32]);
        create(far, ClusterId(u32::MAX));
        assert_ok!(stake(&ALICE, far, 40));
        assert_eq!(ClusterTotal::<Test>::get(ClusterId(u32::MAX)), 40);
        assert_eq!(counted(), (None, None, 0));
        remove(far);
        assert_ok!(unstake(&ALICE, far, 40));
    });
}
