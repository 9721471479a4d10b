//! What a proxy of each kind may do.

mod support;

use frame_support::{
    assert_ok,
    traits::{fungible::Inspect, InstanceFilter, PalletsInfoAccess},
};
use phat_runtime::{
    accounts::{ProxyType, STAKING_PALLETS},
    constants::PHA,
    genesis::DEV,
    AllPalletsWithSystem, Balances, Runtime, RuntimeCall,
};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use support::{apply, chain_in_block, genesis};

const ALL: [ProxyType; 7] = [
    ProxyType::Any,
    ProxyType::NonTransfer,
    ProxyType::Governance,
    ProxyType::Staking,
    ProxyType::Workers,
    ProxyType::Contracts,
    ProxyType::CancelProxy,
];

fn transfer() -> RuntimeCall {
    pallet_balances::Call::<Runtime>::transfer_keep_alive {
        dest: Charlie.to_account_id().into(),
        value: PHA,
    }
    .into()
}

fn undelegate() -> RuntimeCall {
    pallet_conviction_voting::Call::<Runtime>::undelegate { class: 0 }.into()
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
    pallet_utility::Call::<Runtime>::batch_all { calls }.into()
}

#[test]
fn each_kind_has_its_calls() {
    let worker = phat_primitives::WorkerId([1; 32]);
    let calls: [(RuntimeCall, &[ProxyType]); 6] = [
        (transfer(), &[]),
        (
            undelegate(),
            &[ProxyType::NonTransfer, ProxyType::Governance],
        ),
        (
            pallet_registry::Call::<Runtime>::deregister { worker }.into(),
            &[ProxyType::NonTransfer, ProxyType::Workers],
        ),
        (
            pallet_phat_contracts::Call::<Runtime>::remove {
                contract: phat_primitives::ContractId([1; 32]),
            }
            .into(),
            &[ProxyType::NonTransfer, ProxyType::Contracts],
        ),
        // Of the same pallet, and none of the contracts' business.
        (
            pallet_phat_contracts::Call::<Runtime>::leave_cluster { worker }.into(),
            &[ProxyType::NonTransfer, ProxyType::Workers],
        ),
        (
            pallet_proxy::Call::<Runtime>::reject_announcement {
                delegate: Bob.to_account_id().into(),
                call_hash: Default::default(),
            }
            .into(),
            &[ProxyType::NonTransfer, ProxyType::CancelProxy],
        ),
    ];
    for (call, allowed) in calls {
        for kind in ALL {
            assert_eq!(
                kind.filter(&call),
                kind == ProxyType::Any || allowed.contains(&kind),
                "{kind:?} and {call:?}"
            );
        }
    }
}

/// Else a proxy could give out rights that it does not have.
#[test]
fn a_superset_allows_all_that_the_other_does() {
    let worker = phat_primitives::WorkerId([1; 32]);
    let calls = [
        transfer(),
        undelegate(),
        pallet_registry::Call::<Runtime>::deregister { worker }.into(),
        batch(vec![]),
    ];
    for one in ALL {
        assert!(ProxyType::Any.is_superset(&one) && one.is_superset(&one));
        for other in ALL.into_iter().filter(|other| one.is_superset(other)) {
            for call in &calls {
                assert!(
                    one.filter(call) || !other.filter(call),
                    "{one:?}, {other:?} and {call:?}"
                );
            }
        }
    }
}

#[test]
fn the_pallets_of_staking_exist() {
    let infos = AllPalletsWithSystem::infos();
    for name in STAKING_PALLETS {
        assert!(infos.iter().any(|info| info.name == name), "{name}");
    }
}

#[test]
fn a_batch_gets_nothing_past_the_filter() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let add = pallet_proxy::Call::<Runtime>::add_proxy {
            delegate: Bob.to_account_id().into(),
            proxy_type: ProxyType::Governance,
            delay: 0,
        };
        assert_ok!(apply(Alice, add));
        let before = Balances::balance(&Charlie.to_account_id());
        let for_alice = |call| pallet_proxy::Call::<Runtime>::proxy {
            real: Alice.to_account_id().into(),
            force_proxy_type: None,
            call: Box::new(call),
        };
        for call in [transfer(), batch(vec![transfer()])] {
            // The transaction is Bob's, and succeeds; what it did for Alice is in an event.
            assert_ok!(apply(Bob, for_alice(call)));
            assert_eq!(Balances::balance(&Charlie.to_account_id()), before);
        }
    });
}
