use frame_support::{
    assert_noop, assert_ok,
    dispatch::GetDispatchInfo,
    storage::{storage_prefix, unhashed},
    traits::{
        fungible::{InspectHold, Mutate},
        tokens::Preservation,
    },
};
use phat_primitives::{
    Attestation, EncryptionKey, WorkerId, attestation::ConfidenceLevel, limits::ENDPOINT_BYTES_MAX,
};
use sp_runtime::DispatchError;

use crate::{
    AllowedMeasurements, AttestationLifeMaxS, Call, ConfidenceLevelMax, Endpoint, Error, Event,
    HoldReason, RequireAttestation, RootCertificates, WorkerLookup, Workers, mock::*,
};

mod attestation;

fn held(account: &sp_runtime::AccountId32) -> u64 {
    Balances::balance_on_hold(&HoldReason::Worker.into(), account)
}

#[test]
fn a_worker_is_registered_with_its_deposit() {
    run(|| {
        let args = valid(ALICE, 7);
        assert_ok!(args.clone().call());

        let info = Workers::<Test>::get(args.worker).expect("registered");
        assert_eq!(info.operator, ALICE);
        assert_eq!(info.encryption_key, args.encryption_key);
        assert_eq!(info.endpoint, args.endpoint);
        assert_eq!(info.registered_at, 1);
        assert_eq!(held(&ALICE), DEPOSIT);
        assert_eq!(Registry::operator_of(&args.worker), Some(ALICE));
        System::assert_last_event(
            Event::WorkerRegistered {
                worker: args.worker,
                operator: ALICE,
            }
            .into(),
        );
    });
}

#[test]
fn attestation_is_required_unless_the_genesis_says_otherwise() {
    assert!(crate::GenesisConfig::<Test>::default().require_attestation);
    sp_io::TestExternalities::new_empty()
        .execute_with(|| assert!(RequireAttestation::<Test>::get()));
    run_with(true, || {
        assert_noop!(valid(ALICE, 7).call(), Error::<Test>::AttestationRequired);
    });
}

/// Whatever the worker did not sign is refused.
#[test]
fn a_signature_is_good_for_nothing_else() {
    run(|| {
        let good = valid(ALICE, 7);
        let changed: [(&str, Args); 5] = [
            (
                "operator",
                Args {
                    operator: BOB,
                    ..good.clone()
                },
            ),
            (
                "worker",
                Args {
                    worker: valid(ALICE, 8).worker,
                    ..good.clone()
                },
            ),
            (
                "encryption key",
                Args {
                    encryption_key: EncryptionKey([9; 32]),
                    ..good.clone()
                },
            ),
            (
                "endpoint",
                Args {
                    endpoint: endpoint("http://127.0.0.1:8001"),
                    ..good.clone()
                },
            ),
            ("chain", valid_on([0xee; 32], ALICE, 7)),
        ];
        for (what, args) in changed {
            assert_eq!(
                args.call(),
                Err(Error::<Test>::SignatureInvalid.into()),
                "a changed {what} was accepted"
            );
        }
        assert_eq!(Workers::<Test>::count(), 0);
        assert_ok!(good.call());
    });
}

#[test]
fn an_endpoint_has_the_form_of_an_http_url() {
    run(|| {
        let args = valid(ALICE, 7);
        assert_ok!(args.clone().call());
        let update = |url: &[u8]| {
            let endpoint = Endpoint::try_from(url.to_vec()).expect("a short URL");
            Registry::update_endpoint(RuntimeOrigin::signed(ALICE), args.worker, endpoint)
        };
        for bad in [
            &b""[..],
            b"http://",
            b"https://",
            b"ftp://host",
            b"host:80",
            b"http://a b",
            b"http://a\n",
            b"http://\xc3\xa9",
        ] {
            assert_noop!(update(bad), Error::<Test>::EndpointInvalid);
        }
        assert_ok!(update(b"https://worker.example:8443/base?x=1"));

        let mut longest = b"https://".to_vec();
        longest.resize(ENDPOINT_BYTES_MAX as usize, b'a');
        assert_ok!(update(&longest));
        longest.push(b'a');
        assert!(Endpoint::try_from(longest).is_err());

        let mut bad = valid(ALICE, 8);
        bad.endpoint = Endpoint::default();
        assert_noop!(bad.call(), Error::<Test>::EndpointInvalid);
    });
}

#[test]
fn a_worker_is_registered_once() {
    run(|| {
        let args = valid(ALICE, 7);
        assert_ok!(args.clone().call());
        assert_noop!(args.call(), Error::<Test>::AlreadyRegistered);
        assert_noop!(valid(BOB, 7).call(), Error::<Test>::AlreadyRegistered);
    });
}

#[test]
fn there_are_at_most_max_workers() {
    run(|| {
        for seed in 0..MAX_WORKERS as u8 {
            assert_ok!(valid(ALICE, seed).call());
        }
        assert_eq!(held(&ALICE), DEPOSIT * u64::from(MAX_WORKERS));
        let one_more = valid(BOB, 200);
        assert_noop!(one_more.clone().call(), Error::<Test>::TooManyWorkers);
        assert_ok!(Registry::deregister(
            RuntimeOrigin::signed(ALICE),
            valid(ALICE, 0).worker
        ));
        assert_ok!(one_more.call());
    });
}

#[test]
fn an_operator_that_cannot_pay_the_deposit_is_refused() {
    run(|| {
        assert_noop!(
            valid(POOR, 7).call(),
            sp_runtime::TokenError::FundsUnavailable
        );
    });
}

#[test]
fn only_the_operator_changes_a_worker() {
    run(|| {
        let args = valid(ALICE, 7);
        assert_ok!(args.clone().call());
        let url = endpoint("https://elsewhere.example");
        let bob = RuntimeOrigin::signed(BOB);
        assert_noop!(
            Registry::update_endpoint(bob.clone(), args.worker, url.clone()),
            Error::<Test>::NotOperator
        );
        assert_noop!(
            Registry::deregister(bob, args.worker),
            Error::<Test>::NotOperator
        );
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            assert_noop!(
                Registry::deregister(origin.clone(), args.worker),
                DispatchError::BadOrigin
            );
            assert_noop!(
                Registry::update_endpoint(origin, args.worker, url.clone()),
                DispatchError::BadOrigin
            );
        }
        assert_ok!(Registry::update_endpoint(
            RuntimeOrigin::signed(ALICE),
            args.worker,
            url.clone()
        ));
        System::assert_last_event(
            Event::EndpointUpdated {
                worker: args.worker,
                endpoint: url,
            }
            .into(),
        );
    });
}

#[test]
fn a_deregistered_worker_is_gone_and_its_deposit_is_back() {
    run(|| {
        let (args, other) = (valid(ALICE, 7), valid(ALICE, 8));
        assert_ok!(args.clone().call());
        assert_ok!(other.call());
        assert_ok!(Registry::deregister(
            RuntimeOrigin::signed(ALICE),
            args.worker
        ));

        assert_eq!(Registry::operator_of(&args.worker), None);
        assert_eq!(held(&ALICE), DEPOSIT);
        assert_eq!(Deregistered::get(), vec![args.worker]);
        System::assert_last_event(
            Event::WorkerDeregistered {
                worker: args.worker,
                operator: ALICE,
            }
            .into(),
        );
        assert_noop!(
            Registry::deregister(RuntimeOrigin::signed(ALICE), args.worker),
            Error::<Test>::NotRegistered
        );
        // It may come back.
        assert_ok!(args.call());
    });
}

#[test]
fn an_unknown_worker_has_no_operator() {
    run(|| assert_eq!(Registry::operator_of(&WorkerId([5; 32])), None));
}

#[test]
fn deregistering_weighs_what_the_hook_weighs_too() {
    let call = Call::<Test>::deregister {
        worker: WorkerId([0; 32]),
    };
    let own = <() as crate::WeightInfo>::deregister();
    assert_eq!(
        call.get_dispatch_info().call_weight.ref_time(),
        own.ref_time() + 1
    );
}

#[test]
fn a_hold_leaves_the_rest_of_the_balance_free() {
    run(|| {
        assert_ok!(valid(ALICE, 7).call());
        assert_ok!(Balances::transfer(
            &ALICE,
            &BOB,
            500,
            Preservation::Preserve
        ));
    });
}

/// Puts the storage out of step.
type Damage = fn(WorkerId);

fn change_worker(worker: WorkerId, change: impl FnOnce(&mut crate::WorkerInfoOf<Test>)) {
    Workers::<Test>::mutate(worker, |info| change(info.as_mut().expect("registered")));
}

fn put_counter(name: &[u8], count: u32) {
    unhashed::put(&storage_prefix(b"Registry", name), &count);
}

/// A level that there is not.
fn no_level() -> ConfidenceLevel {
    codec::Decode::decode(&mut &[9u8][..]).expect("it is a byte")
}

/// By what the invariants say of it.
const DAMAGES: [(&str, Damage); 13] = [
    ("the counter of workers is wrong", |_| {
        put_counter(b"CounterForWorkers", 2)
    }),
    ("there are more workers than allowed", |worker| {
        let info = Workers::<Test>::get(worker).expect("registered");
        for seed in 0..MAX_WORKERS {
            let mut more = WorkerId::default();
            more.0[..4].copy_from_slice(&seed.to_be_bytes());
            Workers::<Test>::insert(more, info.clone());
        }
    }),
    ("a worker's endpoint is not an endpoint", |worker| {
        change_worker(worker, |info| info.endpoint = endpoint("worker.example"))
    }),
    ("a worker has no attestation where one is required", |_| {
        RequireAttestation::<Test>::put(true)
    }),
    (
        "an operator's hold is not the sum of its workers' deposits",
        |worker| change_worker(worker, |info| info.deposit += 1),
    ),
    ("a deposit was not returned", |worker| {
        Workers::<Test>::remove(worker)
    }),
    (
        "a worker's attestation has no level that there is",
        |worker| {
            change_worker(worker, |info| {
                info.attestation = Attestation::Dcap {
                    measurement: phat_primitives::attestation::Measurement::Tdx {
                        mr_td: [1; 48],
                        rtmr: [[2; 48]; 4],
                    },
                    confidence_level: no_level(),
                    expires_at_s: 0,
                }
            })
        },
    ),
    ("a machine is to have a version", |_| {
        AllowedMeasurements::<Test>::insert(MACHINE, 1)
    }),
    ("the counter of measurements is wrong", |_| {
        put_counter(b"CounterForAllowedMeasurements", 0)
    }),
    ("there are more measurements than allowed", |_| {
        for number in 0..phat_primitives::limits::MEASUREMENTS_MAX {
            let mut mr_enclave = [0xaa; 32];
            mr_enclave[..4].copy_from_slice(&number.to_be_bytes());
            let rule = phat_primitives::attestation::MeasurementRule::SgxEnclave { mr_enclave };
            AllowedMeasurements::<Test>::insert(rule, 0);
        }
    }),
    ("a root certificate is not DER, or is there twice", |_| {
        RootCertificates::<Test>::mutate(|roots| {
            let root = roots[0].clone();
            roots.try_push(root).expect("there is room");
        })
    }),
    ("the worst level is not one", |_| {
        ConfidenceLevelMax::<Test>::put(no_level())
    }),
    ("no attestation would live", |_| {
        AttestationLifeMaxS::<Test>::put(0)
    }),
];

#[test]
fn the_invariants_notice_what_is_out_of_step() {
    for (index, (what, damage)) in DAMAGES.into_iter().enumerate() {
        ext_with(false).execute_with(|| {
            let args = valid(ALICE, 7);
            assert_ok!(args.clone().call());
            assert_ok!(Registry::do_try_state());
            damage(args.worker);
            assert_eq!(
                Registry::do_try_state(),
                Err(what.into()),
                "damage number {index}"
            );
        });
    }
}
