//! Which networks believe which platforms.

mod support;

use std::{fs, path::Path};

use codec::Encode;
use frame_support::assert_ok;
use pallet_registry::{Error, Evidence, WorkerLookup};
use phat_attestation_simulator::{CollateralOptions, Report, SgxReport, SimulatedIntel};
use phat_primitives::{
    attestation::{MeasurementRule, SIMULATED_MR_ENCLAVE},
    AccountBytes, ClusterId, EncryptionKey, Registration, WorkerId,
};
use phat_runtime::{
    constants::PHA,
    genesis::{DEV, LOCAL},
    workers_api::runtime_decl_for_workers_api::WorkersApi,
    Registry, Runtime, RuntimeCall,
};
use serde_json::{json, Value};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use sp_runtime::DispatchResult;
use support::{apply, chain_in_block, genesis, merge, preset};

const NOW_S: u64 = 1_800_000_000;
const ENCRYPTION_KEY: EncryptionKey = EncryptionKey([7; 32]);
const CLUSTER: ClusterId = ClusterId(0);

fn worker() -> WorkerId {
    WorkerId(Charlie.public().0)
}

/// What a simulated platform says of Bob's worker, if that runs this enclave.
fn simulated(mr_enclave: [u8; 32]) -> Evidence {
    let intel = SimulatedIntel::development().expect("it can be simulated");
    let platform = intel.platform("platform").expect("it can be simulated");
    let report = Report::Sgx(SgxReport {
        mr_enclave,
        ..SgxReport::default()
    });
    let bound = Registry::report_data(&Bob.to_account_id(), worker(), ENCRYPTION_KEY);
    let quote = platform.quote(&report, bound.to_bytes());
    let options = CollateralOptions::at(NOW_S);
    let collateral = intel.collateral(&platform, report.tee(), &options);
    let collateral = collateral.expect("it can be simulated").encode();
    Evidence {
        quote: quote
            .expect("it can be simulated")
            .try_into()
            .expect("it is short"),
        collateral: collateral.try_into().expect("it is short"),
    }
}

/// Has Bob register his worker with it.
fn register(evidence: Evidence) -> DispatchResult {
    let endpoint = b"https://worker.example".to_vec();
    let payload = Registration {
        genesis_hash: Registry::genesis_hash(),
        operator: AccountBytes(Bob.to_account_id().into()),
        worker: worker(),
        encryption_key: ENCRYPTION_KEY,
        endpoint: &endpoint,
    }
    .signing_payload();
    let call = pallet_registry::Call::<Runtime>::register {
        worker: worker(),
        encryption_key: ENCRYPTION_KEY,
        endpoint: endpoint.clone().try_into().expect("it is short"),
        evidence: Some(evidence),
        signature: Charlie.sign(&payload),
    };
    apply(Bob, call)
}

/// A chain with this genesis, in a block of the time [`NOW_S`].
fn at_now(genesis: Value, test: impl FnOnce()) {
    chain_in_block(genesis).execute_with(|| {
        pallet_timestamp::Now::<Runtime>::put(NOW_S * 1_000);
        test();
    });
}

/// As governance does it on a development network.
fn as_root(call: impl Into<RuntimeCall>) -> DispatchResult {
    let call = Box::new(call.into());
    apply(Alice, pallet_sudo::Call::<Runtime>::sudo { call })
}

fn active() -> Vec<WorkerId> {
    <Runtime as WorkersApi<phat_runtime::Block>>::active_workers(CLUSTER)
}

#[test]
fn the_simulator_s_root_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/simulator-root-ca.der");
    let checked_in = fs::read(&path).unwrap_or_default();
    let intel = SimulatedIntel::development().expect("it can be simulated");
    assert!(
        checked_in == intel.root_certificate().expect("it has one"),
        "{} is not the simulator's root certificate: run `phat attestation simulate --tee sgx \
         --out simulated` and move simulated/root-ca.der there",
        path.display()
    );
}

#[test]
fn development_networks_believe_simulated_platforms() {
    for name in [DEV, LOCAL] {
        at_now(genesis(name, json!({})), || {
            assert_eq!(
                register(simulated([9; 32])),
                Err(Error::<Runtime>::MeasurementNotAllowed.into())
            );
            assert_ok!(register(simulated(SIMULATED_MR_ENCLAVE)));
            assert!(Registry::is_active(&worker()), "{name}");
        });
    }
}

#[test]
fn every_other_network_refuses_simulated_platforms() {
    let mut genesis = preset(None);
    let balances = json!([[Bob.to_account_id(), 1_000_000 * PHA as u64]]);
    // Everything but the root is in order.
    let rule = MeasurementRule::SgxEnclave {
        mr_enclave: SIMULATED_MR_ENCLAVE,
    };
    merge(
        &mut genesis,
        json!({
            "balances": { "balances": balances },
            "registry": { "allowedMeasurements": [[rule, 0]] },
        }),
    );
    at_now(genesis, || {
        assert_eq!(
            register(simulated(SIMULATED_MR_ENCLAVE)),
            Err(Error::<Runtime>::RootUnknown.into())
        );
        assert!(!Registry::is_active(&worker()));

        let intel = SimulatedIntel::development().expect("it can be simulated");
        let root = intel.root_certificate().expect("it has one");
        let root = root.try_into().expect("it is short");
        pallet_registry::RootCertificates::<Runtime>::mutate(|roots| {
            roots.try_push(root).expect("there is room")
        });
        assert_ok!(register(simulated(SIMULATED_MR_ENCLAVE)));
    });
}

#[test]
fn a_revoked_measurement_suspends_the_workers_of_a_cluster() {
    at_now(genesis(DEV, json!({})), || {
        assert_ok!(register(simulated(SIMULATED_MR_ENCLAVE)));
        let join = pallet_phat_contracts::Call::<Runtime>::join_cluster {
            worker: worker(),
            cluster: CLUSTER,
        };
        assert_ok!(apply(Bob, join));
        assert_eq!(active(), [worker()]);

        let rule = MeasurementRule::SgxEnclave {
            mr_enclave: SIMULATED_MR_ENCLAVE,
        };
        let revoke = pallet_registry::Call::<Runtime>::revoke_measurement { rule };
        assert_ok!(as_root(revoke));
        assert!(active().is_empty());
        let allow = pallet_registry::Call::<Runtime>::allow_measurement {
            rule,
            isv_svn_min: 0,
        };
        assert_ok!(as_root(allow));
        assert_eq!(active(), [worker()]);

        // A week later nobody has renewed it.
        pallet_timestamp::Now::<Runtime>::put((NOW_S + 7 * 24 * 60 * 60) * 1_000);
        assert!(active().is_empty());
    });
}
