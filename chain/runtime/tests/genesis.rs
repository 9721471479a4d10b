//! The presets make chains that are what they say.

mod support;

use frame_support::{
    assert_ok,
    traits::{fungible::Inspect, IntegrityTest},
};
use pallet_computation::Settings;
use phat_primitives::attestation::INTEL_ROOT_CA;
use phat_runtime::{
    constants::{EXISTENTIAL_DEPOSIT, PHA, PHA_SUPPLY_MAX},
    genesis::{DEV, LOCAL},
    network::{GovernanceSpeed, SlotMillis},
    AllPalletsWithSystem, Babe, Balances, Computation, Network, Runtime,
};
use phat_tokenomics::Parameters;
use serde_json::json;
use sp_consensus_babe::runtime_decl_for_babe_api::BabeApiV2;
use sp_consensus_grandpa::runtime_decl_for_grandpa_api::GrandpaApiV3;
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilder;
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use support::{chain, genesis, preset};

#[test]
fn the_runtime_is_whole() {
    TestExternalities::new_empty().execute_with(AllPalletsWithSystem::integrity_test);
}

#[test]
fn the_presets_are_the_two_named_ones() {
    assert_eq!(Runtime::preset_names(), [DEV, LOCAL]);
    assert!(Runtime::get_preset(&Some("absent".into())).is_none());
}

#[test]
fn each_preset_has_its_validators_and_block_time() {
    for (name, slot_millis, validators) in [
        (DEV, 1_000, vec![Alice]),
        (LOCAL, 3_000, vec![Alice, Bob, Charlie]),
    ] {
        chain(genesis(name, json!({}))).execute_with(|| {
            let babe = <Runtime as BabeApiV2<phat_runtime::Block>>::configuration();
            assert_eq!(babe.slot_duration, slot_millis, "{name}");
            let authors: Vec<_> = babe
                .authorities
                .iter()
                .map(|(id, _)| id.clone().into_inner())
                .collect();
            let expected: Vec<_> = validators.iter().map(|keyring| keyring.public()).collect();
            assert_eq!(authors, expected, "{name}");
            assert_eq!(Babe::slot_duration(), slot_millis, "{name}");
            let voters = <Runtime as GrandpaApiV3<phat_runtime::Block>>::grandpa_authorities();
            assert_eq!(voters.len(), validators.len(), "{name}");
        });
    }
}

#[test]
fn each_preset_is_for_development() {
    for name in [DEV, LOCAL] {
        chain(genesis(name, json!({}))).execute_with(|| {
            assert!(
                !pallet_registry::RequireAttestation::<Runtime>::get(),
                "{name}"
            );
            assert_eq!(
                pallet_sudo::Key::<Runtime>::get(),
                Some(Alice.to_account_id()),
                "{name}"
            );
            assert_eq!(
                pallet_phat_contracts::NextClusterId::<Runtime>::get(),
                phat_primitives::ClusterId(1),
                "{name}"
            );
            assert!(
                Balances::balance(&Bob.to_account_id()) >= 1_000 * PHA,
                "{name}"
            );
            let allowance = pallet_contract_stake::FreeAllowance::<Runtime>::get();
            assert_eq!(allowance, PHA / 10, "{name}");
        });
    }
}

#[test]
fn a_genesis_that_says_nothing_is_the_safe_one() {
    chain(preset(None)).execute_with(|| {
        assert!(pallet_registry::RequireAttestation::<Runtime>::get());
        let roots = pallet_registry::RootCertificates::<Runtime>::get();
        assert_eq!(roots.len(), 1);
        assert_eq!(roots[0][..], *INTEL_ROOT_CA);
        let allowed = pallet_registry::AllowedMeasurements::<Runtime>::count();
        assert_eq!(allowed, 0);
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
        let allowance = pallet_contract_stake::FreeAllowance::<Runtime>::get();
        assert_eq!(allowance, 0);
        let minimum = pallet_contract_stake::MinimumStake::<Runtime>::get();
        assert_eq!(minimum, PHA);
        assert_eq!(SlotMillis::<Runtime>::get(), 3_000);
        assert_eq!(GovernanceSpeed::<Runtime>::get(), 1);
    });
}

#[test]
fn the_supply_is_within_its_cap() {
    assert_eq!(PHA_SUPPLY_MAX, 1_000_000_000 * 10u128.pow(12));
    for name in [DEV, LOCAL] {
        chain(genesis(name, json!({}))).execute_with(|| {
            assert!(Balances::total_issuance() <= PHA_SUPPLY_MAX, "{name}");
            assert_ok!(Network::check());
        });
    }
}

#[test]
fn each_network_has_its_mining_pool() {
    for genesis in [
        preset(None),
        genesis(DEV, json!({})),
        genesis(LOCAL, json!({})),
    ] {
        chain(genesis).execute_with(|| {
            let pool = Balances::balance(&Computation::subsidy_account());
            assert_eq!(pool, 700_000_000 * PHA);
        });
    }
}

#[test]
fn the_economy_is_the_published_one_for_the_block_time() {
    // Development chains challenge every minute, so that workers have half a minute to answer.
    for (name, slot_millis, heartbeat_window) in [(DEV, 1_000, 30), (LOCAL, 3_000, 10)] {
        chain(genesis(name, json!({}))).execute_with(|| {
            assert_eq!(
                pallet_computation::EconomyParameters::<Runtime>::get(),
                Parameters {
                    heartbeat_window,
                    ..Parameters::published(slot_millis)
                },
                "{name}"
            );
            // The price counts for ever.
            let settings = pallet_computation::CurrentSettings::<Runtime>::get();
            assert_eq!(settings.price_life_blocks, 0, "{name}");
            assert!(pallet_computation::PhaPrice::<Runtime>::exists(), "{name}");
        });
    }
    chain(preset(None)).execute_with(|| {
        let parameters = pallet_computation::EconomyParameters::<Runtime>::get();
        assert_eq!(parameters, Parameters::published(3_000));
        // Two minutes.
        assert_eq!(parameters.heartbeat_window, 40);
        assert_eq!(
            pallet_computation::CurrentSettings::<Runtime>::get(),
            Settings::published(3_000)
        );
        // No session starts before the oracle has said what PHA costs.
        assert_eq!(pallet_computation::PhaPrice::<Runtime>::get(), None);
    });
}

#[test]
#[should_panic(expected = "with the mining pool, more PHA is issued than there may ever be")]
fn a_mining_pool_that_does_not_fit_is_refused() {
    chain(genesis(
        DEV,
        json!({ "computation": { "subsidyPha": 999_000_000 } }),
    ));
}

/// A development chain without a mining pool where `//Alice` alone has a balance. The number is written by hand, since
/// a JSON value of this crate holds none above `u64::MAX`.
fn alice_alone(balance: u128) -> TestExternalities {
    let placeholder = 1_234_567_890_123u64;
    let balances = json!({
        "balances": { "balances": [[Alice.to_account_id(), placeholder]] },
        "computation": { "subsidyPha": 0 },
    });
    let text = genesis(DEV, balances).to_string();
    let mut ext = TestExternalities::new_empty();
    ext.execute_with(|| {
        let json = text.replace(&placeholder.to_string(), &balance.to_string());
        assert_ok!(Runtime::build_state(json.into_bytes()));
    });
    ext
}

#[test]
fn a_genesis_may_issue_the_whole_supply() {
    // The treasury has the least balance of its own.
    alice_alone(PHA_SUPPLY_MAX - EXISTENTIAL_DEPOSIT).execute_with(|| {
        assert_eq!(Balances::total_issuance(), PHA_SUPPLY_MAX);
    });
}

#[test]
#[should_panic(expected = "more PHA is issued than there may ever be")]
fn a_genesis_that_issues_more_is_refused() {
    alice_alone(PHA_SUPPLY_MAX - EXISTENTIAL_DEPOSIT + 1);
}

#[test]
#[should_panic(expected = "the length of a slot is outside")]
fn a_genesis_with_an_absurd_block_time_is_refused() {
    chain(genesis(DEV, json!({ "network": { "slotMillis": 10 } })));
}

#[test]
#[should_panic(expected = "the speed of governance is outside")]
fn a_genesis_without_time_to_vote_is_refused() {
    chain(genesis(
        DEV,
        json!({ "network": { "governanceSpeed": 3_601 } }),
    ));
}

#[test]
fn more_than_the_supply_is_noticed() {
    chain(genesis(DEV, json!({}))).execute_with(|| {
        pallet_balances::TotalIssuance::<Runtime>::put(PHA_SUPPLY_MAX);
        assert_ok!(Network::check());
        pallet_balances::TotalIssuance::<Runtime>::put(PHA_SUPPLY_MAX + 1);
        assert!(Network::check().is_err());
    });
}
