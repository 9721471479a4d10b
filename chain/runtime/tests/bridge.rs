//! The bridge of the Phat chain: who governs it, and what it locks.

mod support;

use codec::Encode;
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{Inspect, InspectHold},
        Get,
    },
};
use pallet_pha_bridge::{CurrentBooks, Error, HoldReason, Message, Paused};
use pallet_phat_anchor::{AttestorKeys, Consumers, OnOutcome, PushedOutcome};
use phat_primitives::anchor::AttestorKey;
use phat_runtime::{
    constants::{PHA, PHA_SUPPLY_MAX},
    genesis::DEV,
    AccountId, Balances, Bridge, Runtime, RuntimeCall, RuntimeOrigin,
};
use serde_json::json;
use sp_core::H160;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use support::{apply, chain_in_block, genesis};

const RECIPIENT: H160 = H160::repeat_byte(7);
/// Who is paid, and has nothing else.
const PAID: AccountId = AccountId::new([9; 32]);

fn connect() -> RuntimeCall {
    let keys = AttestorKeys::truncate_from(vec![AttestorKey::Sr25519([1; 32])]);
    RuntimeCall::Bridge(pallet_pha_bridge::Call::connect {
        threshold: 1,
        keys,
        overlap_s: 0,
    })
}

/// What is locked.
fn held() -> u128 {
    Balances::balance_on_hold(&HoldReason::Locked.into(), &Bridge::account_id())
}

#[test]
fn the_account_is_the_one_that_documents_name() {
    let mut expected = [0; 32];
    expected[..12].copy_from_slice(b"modlphat/brg");
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        assert_eq!(Bridge::account_id(), AccountId::new(expected));
    });
    let cap: u128 = <Runtime as pallet_pha_bridge::Config>::Cap::get();
    assert_eq!(cap, PHA_SUPPLY_MAX);
}

#[test]
fn root_connects_it_and_what_is_locked_is_released() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let account = Bridge::account_id();
        assert_noop!(
            Bridge::lock(
                RuntimeOrigin::signed(Bob.to_account_id()),
                10 * PHA,
                RECIPIENT
            ),
            Error::<Runtime>::NotConnected
        );
        let fund = pallet_balances::Call::<Runtime>::transfer_keep_alive {
            dest: account.clone().into(),
            value: 2 * PHA,
        };
        assert_ok!(apply(Alice, fund));
        assert!(apply(Alice, connect()).is_err(), "anybody may connect it");
        let call = Box::new(connect());
        assert_ok!(apply(Alice, pallet_sudo::Call::<Runtime>::sudo { call }));
        assert!(Consumers::<Runtime>::contains_key(&account));

        let lock = pallet_pha_bridge::Call::<Runtime>::lock {
            amount: 25 * PHA,
            recipient: RECIPIENT,
        };
        assert_ok!(apply(Bob, lock));
        assert_eq!(held(), 25 * PHA);
        assert!(!Paused::<Runtime>::get());

        let message = Message::Burned {
            number: 1,
            recipient: PAID.into(),
            amount: 15 * PHA,
        };
        let pushed = PushedOutcome {
            consumer: &account,
            firing: &[1; 32],
            success: true,
            output: &message.encode(),
        };
        assert_ok!(<Runtime as pallet_phat_anchor::Config>::OnOutcome::on_push(
            &pushed
        ));
        assert_eq!(Balances::balance(&PAID), 15 * PHA);
        assert_eq!(held(), 10 * PHA);
        let books = CurrentBooks::<Runtime>::get();
        assert_eq!((books.outstanding, books.due), (10 * PHA, 0));
        assert_ok!(Bridge::do_try_state());
    });
}
