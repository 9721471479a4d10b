//! What is kept of removed contracts, and for how long.

use frame_support::{
    assert_noop, assert_ok,
    traits::{Hooks, QueryPreimage},
    weights::Weight,
};
use phat_primitives::ContractId;
use sp_core::H256;

use crate::{
    ClusterLookup, Codes, Ends, Error, HoldReason, RemovedContracts, RemovedEnds, RemovedOrder,
    WeightInfo, mock::*,
};

fn remove(contract: ContractId) {
    PhatContracts::remove(signed(&BOB), contract).expect("it is BOB's");
}

fn is_kept(contract: ContractId) -> bool {
    RemovedContracts::<Test>::contains_key(contract)
}

/// So many different contracts of BOB, which were removed one after the other.
fn removed(count: u8) -> Vec<ContractId> {
    let code_hash = upload(&ALICE, CODE);
    let one = |salt| {
        let contract = instantiate(&BOB, code_hash, [salt; 32]);
        remove(contract);
        contract
    };
    (0..count).map(one).collect()
}

#[test]
fn a_removed_contract_is_judged_by_what_it_was() {
    run(|| {
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&BOB, code_hash, SALT);
        let lookup = Some((CLUSTER, code_hash));
        assert_eq!(PhatContracts::contract_judged(&contract), lookup);
        remove(contract);
        assert_eq!(PhatContracts::contract(&contract), None);
        assert_eq!(PhatContracts::contract_judged(&contract), lookup);
        // Its code is there for those who judge.
        let preimage = H256(code_hash.0);
        assert!(<Preimage as QueryPreimage>::is_requested(&preimage));

        System::set_block_number(KEPT);
        PhatContracts::on_idle(KEPT, Weight::MAX);
        assert!(is_kept(contract));
        System::set_block_number(1 + KEPT);
        PhatContracts::on_idle(1 + KEPT, Weight::MAX);
        assert_eq!(PhatContracts::contract_judged(&contract), None);
        assert_eq!(held(HoldReason::Contract, &BOB), 0);
        assert_ok!(PhatContracts::remove_code(signed(&ALICE), code_hash));
        assert!(!<Preimage as QueryPreimage>::is_requested(&preimage));
    });
}

#[test]
fn one_that_is_created_again_is_kept_from_its_next_removal_on() {
    run(|| {
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&BOB, code_hash, SALT);
        let deposit = held(HoldReason::Contract, &BOB);
        remove(contract);
        assert_eq!(instantiate(&BOB, code_hash, SALT), contract);
        assert_eq!(held(HoldReason::Contract, &BOB), deposit);
        assert!(!is_kept(contract));
        let contracts = || Codes::<Test>::get(code_hash).map(|code| code.contracts);
        assert_eq!(contracts(), Some(1));

        System::set_block_number(5);
        remove(contract);
        System::set_block_number(1 + KEPT);
        PhatContracts::on_idle(1 + KEPT, Weight::MAX);
        assert!(is_kept(contract), "its time begins with the newer removal");
        System::set_block_number(5 + KEPT);
        PhatContracts::on_idle(5 + KEPT, Weight::MAX);
        assert!(!is_kept(contract));
        assert_eq!(contracts(), Some(0));
        assert_eq!(RemovedEnds::<Test>::get(), Ends { first: 2, next: 2 });
        assert_eq!(RemovedOrder::<Test>::iter().count(), 0);
    });
}

#[test]
fn removed_contracts_are_let_go_in_what_blocks_have_left() {
    run(|| {
        let all = removed(3);
        System::set_block_number(1 + KEPT);
        let now = System::block_number();
        assert_eq!(PhatContracts::on_idle(now, Weight::zero()), Weight::zero());
        assert_eq!(RemovedContracts::<Test>::count(), 3);
        let for_two = <() as WeightInfo>::clear_removed(2);
        assert_eq!(PhatContracts::on_idle(now, for_two), for_two);
        assert_eq!(
            all.iter().map(|id| is_kept(*id)).collect::<Vec<_>>(),
            [false, false, true]
        );
        PhatContracts::on_idle(now, Weight::MAX);
        assert_eq!(RemovedContracts::<Test>::count(), 0);
        assert_eq!(held(HoldReason::Contract, &BOB), 0);
        // There is nothing left to do, however much room there is.
        assert_eq!(PhatContracts::clear_removed(9), 0);
    });
}

#[test]
fn as_many_are_kept_as_allowed() {
    run(|| {
        removed(MaxRemoved::get() as u8);
        let code_hash = Codes::<Test>::iter_keys().next().expect("it is uploaded");
        let next = instantiate(&BOB, code_hash, [255; 32]);
        assert_noop!(
            PhatContracts::remove(signed(&BOB), next),
            Error::<Test>::TooManyRemoved
        );
        let_removed_go();
        assert_ok!(PhatContracts::remove(signed(&BOB), next));
    });
}

/// What damages the state of a contract.
type Damage = fn(ContractId);

#[test]
fn the_invariants_notice_what_is_out_of_step_with_removed_contracts() {
    let damages: [(&str, Damage); 4] = [
        ("a code counts its contracts wrong", |contract| {
            RemovedContracts::<Test>::remove(contract)
        }),
        ("the removed contracts are counted wrong", |_| {
            RemovedOrder::<Test>::remove(0)
        }),
        ("a removed contract is out of order", |_| {
            RemovedOrder::<Test>::swap(0, 1)
        }),
        (
            "an owner's hold is not the sum of its deposits",
            |contract| {
                RemovedContracts::<Test>::mutate(contract, |removed| {
                    removed.as_mut().expect("it is kept").deposit += 1;
                })
            },
        ),
    ];
    for (what, damage) in damages {
        new_test_ext().execute_with(|| {
            let contract = removed(1)[0];
            assert_ok!(PhatContracts::do_try_state());
            damage(contract);
            assert_eq!(PhatContracts::do_try_state(), Err(what.into()));
        });
    }
}
