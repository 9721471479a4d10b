//! What is staked to contracts, through the pallets that it concerns.

mod support;

use frame_support::{assert_ok, traits::fungible::InspectHold};
use pallet_contract_stake::{ClusterStakes, ClusterTotal, HoldReason, TotalOf};
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId};
use phat_runtime::{
    constants::PHA, genesis::DEV, Balance, Balances, Runtime, RuntimeCall, RuntimeHoldReason,
};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob};
use sp_runtime::DispatchError;
use support::{apply, chain_in_block, genesis};

const CODE: &[u8] = b"export default () => new Uint8Array(1)";
const SALT: [u8; 32] = [7; 32];
const CLUSTER: ClusterId = ClusterId(0);

fn upload() -> RuntimeCall {
    let note = pallet_preimage::Call::<Runtime>::note_preimage {
        bytes: CODE.to_vec(),
    };
    let upload = pallet_phat_contracts::Call::<Runtime>::upload_code {
        code_hash: CodeHash::of(CODE),
        len: CODE.len() as u32,
    };
    let calls = vec![note.into(), upload.into()];
    pallet_utility::Call::<Runtime>::batch_all { calls }.into()
}

fn instantiate() -> pallet_phat_contracts::Call<Runtime> {
    pallet_phat_contracts::Call::instantiate {
        cluster: CLUSTER,
        code_hash: CodeHash::of(CODE),
        manifest: b"name = \"test\"".to_vec().try_into().expect("it is short"),
        salt: SALT,
    }
}

fn contract() -> ContractId {
    let owner = AccountBytes(Alice.to_account_id().into());
    ContractId::derive(&owner, CLUSTER, &CodeHash::of(CODE), &SALT)
}

fn stake(amount: Balance) -> pallet_contract_stake::Call<Runtime> {
    let contract = contract();
    pallet_contract_stake::Call::stake { contract, amount }
}

fn unstake(amount: Balance) -> pallet_contract_stake::Call<Runtime> {
    let contract = contract();
    pallet_contract_stake::Call::unstake { contract, amount }
}

fn held(who: Sr25519Keyring) -> Balance {
    let reason = RuntimeHoldReason::ContractStake(HoldReason::Stake);
    Balances::balance_on_hold(&reason, &who.to_account_id())
}

fn counted() -> Option<Balance> {
    ClusterStakes::<Runtime>::get(CLUSTER, contract())
}

#[test]
fn stake_goes_along_with_its_contract_and_stays_its_stakers() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let unknown = pallet_contract_stake::Error::<Runtime>::UnknownContract;
        assert_eq!(apply(Bob, stake(PHA)), Err(unknown.into()));
        assert_ok!(apply(Alice, upload()));
        assert_ok!(apply(Alice, instantiate()));
        let little = pallet_contract_stake::Error::<Runtime>::BelowMinimum;
        assert_eq!(apply(Bob, stake(PHA - 1)), Err(little.into()));
        assert_ok!(apply(Bob, stake(5 * PHA)));
        assert_eq!((held(Bob), counted()), (5 * PHA, Some(5 * PHA)));

        // It is the contract that goes, and not the stake.
        let contract = contract();
        assert_ok!(apply(
            Alice,
            pallet_phat_contracts::Call::<Runtime>::remove { contract }
        ));
        assert_eq!((held(Bob), counted()), (5 * PHA, None));
        assert_eq!(ClusterTotal::<Runtime>::get(CLUSTER), 0);
        assert_ok!(apply(Bob, unstake(2 * PHA)));
        assert_eq!((held(Bob), counted()), (3 * PHA, None));

        assert_ok!(apply(Alice, instantiate()));
        assert_eq!(counted(), Some(3 * PHA));
        assert_eq!(ClusterTotal::<Runtime>::get(CLUSTER), 3 * PHA);
        assert_ok!(apply(Bob, unstake(3 * PHA)));
        assert_eq!((held(Bob), counted()), (0, None));
        assert_eq!(TotalOf::<Runtime>::iter().count(), 0);
    });
}

#[test]
fn whoever_is_not_governance_sets_nothing() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let amount = 2 * PHA;
        let set = pallet_contract_stake::Call::<Runtime>::set_free_allowance { amount };
        assert_eq!(apply(Bob, set.clone()), Err(DispatchError::BadOrigin));
        let call = Box::new(set.into());
        assert_ok!(apply(Alice, pallet_sudo::Call::<Runtime>::sudo { call }));
        assert_eq!(
            pallet_contract_stake::FreeAllowance::<Runtime>::get(),
            amount
        );
    });
}
