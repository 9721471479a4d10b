//! What vouches for workers: quotes of simulated platforms.

use codec::Encode;
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchResult, GetDispatchInfo},
    traits::BuildGenesisConfig,
};
use phat_attestation_simulator::{
    CollateralOptions, Report, Revoked, SgxReport, TcbStatus, TdxReport, TdxVersion,
};
use phat_primitives::{
    AccountBytes, Attestation, EncryptionKey, WorkerId,
    attestation::{ConfidenceLevel, INTEL_ROOT_CA, Measurement, MeasurementRule, ReportData},
    limits::{MEASUREMENTS_MAX, ROOT_BYTES_MAX, ROOTS_MAX},
};
use sp_core::{Bytes, Pair, sr25519};
use sp_runtime::{AccountId32, DispatchError};

use crate::{
    AllowedMeasurements, AttestationLifeMaxS, Call, ConfidenceLevelMax, Error, Event, Evidence,
    GenesisConfig, RootCertificate, RootCertificates, Roots, WeightInfo, WorkerLookup, Workers,
    benchmark_sample, mock::*,
};

const WEEK_S: u64 = 7 * DAY_S;

/// Registers Alice's worker with this evidence.
fn register(evidence: Evidence) -> DispatchResult {
    let args = valid(ALICE, 7);
    Args {
        evidence: Some(evidence),
        ..args
    }
    .call()
}

fn renew(who: AccountId32, worker: WorkerId, evidence: Evidence) -> DispatchResult {
    Registry::renew(RuntimeOrigin::signed(who), worker, evidence)
}

fn quoted() -> Quoted {
    Quoted::for_worker(&valid(ALICE, 7))
}

fn quoted_with(report: Report) -> Quoted {
    Quoted { report, ..quoted() }
}

fn quoted_under(collateral: CollateralOptions) -> Quoted {
    Quoted {
        collateral,
        ..quoted()
    }
}

fn level(number: u8) -> ConfidenceLevel {
    ConfidenceLevel::new(number).expect("there is this level")
}

fn attestation_of(worker: &WorkerId) -> Attestation {
    Workers::<Test>::get(worker)
        .expect("registered")
        .attestation
}

fn expiry_of(worker: &WorkerId) -> u64 {
    match attestation_of(worker) {
        Attestation::None => panic!("nothing vouches for it"),
        Attestation::Dcap { expires_at_s, .. } => expires_at_s,
    }
}

#[test]
fn an_attested_worker_is_registered_and_active() {
    run_with(true, || {
        let args = attested(ALICE, 7);
        assert_ok!(args.clone().call());
        let attestation = Attestation::Dcap {
            measurement: Measurement::Sgx {
                mr_enclave: [1; 32],
                mr_signer: [0; 32],
                isv_prod_id: 0,
                isv_svn: 0,
            },
            confidence_level: ConfidenceLevel::BEST,
            expires_at_s: NOW_S + WEEK_S,
        };
        assert_eq!(attestation_of(&args.worker), attestation);
        assert!(Registry::is_active(&args.worker));
        System::assert_has_event(
            Event::WorkerRegistered {
                worker: args.worker,
                operator: ALICE,
            }
            .into(),
        );
        System::assert_last_event(
            Event::WorkerAttested {
                worker: args.worker,
                attestation,
            }
            .into(),
        );
    });
}

#[test]
fn an_attestation_ends_with_its_collateral_or_its_life() {
    run(|| {
        let ends = |next_update| {
            let options = CollateralOptions {
                next_update,
                ..CollateralOptions::at(NOW_S - DAY_S)
            };
            let args = valid(ALICE, 7);
            let _ = Registry::deregister(RuntimeOrigin::signed(ALICE), args.worker);
            assert_ok!(register(quoted_under(options).evidence()));
            expiry_of(&args.worker)
        };
        assert_eq!(ends(NOW_S + DAY_S), NOW_S + DAY_S);
        assert_eq!(ends(NOW_S + 30 * DAY_S), NOW_S + WEEK_S);
        AttestationLifeMaxS::<Test>::put(60);
        assert_eq!(ends(NOW_S + 30 * DAY_S), NOW_S + 60);
    });
}

/// Every reason for which a quote does not hold is an error of its own.
#[test]
fn what_does_not_hold_is_refused_with_its_reason() {
    run_with(true, || {
        let debug = Report::Sgx(SgxReport {
            debug: true,
            ..enclave()
        });
        let cases = [
            (
                Error::<Test>::RootUnknown,
                Quoted {
                    seed: Some(b"another"),
                    ..quoted()
                },
            ),
            (
                Error::CollateralExpired,
                quoted_under(CollateralOptions::at(NOW_S - 30 * DAY_S)),
            ),
            (
                Error::CollateralNotYetValid,
                quoted_under(CollateralOptions::at(NOW_S + 1)),
            ),
            (
                Error::CertificateRevoked,
                quoted_under(CollateralOptions {
                    revoked: Some(Revoked::Platform),
                    ..CollateralOptions::at(NOW_S)
                }),
            ),
            (Error::DebugMode, quoted_with(debug)),
            (
                Error::TcbRefused,
                quoted_under(CollateralOptions {
                    tcb_status: TcbStatus::Revoked,
                    ..CollateralOptions::at(NOW_S)
                }),
            ),
        ];
        for (error, quoted) in cases {
            assert_noop!(register(quoted.evidence()), error);
        }

        let good = quoted().evidence();
        let mut bad = good.clone();
        bad.quote.pop();
        assert_noop!(register(bad), Error::<Test>::QuoteMalformed);
        let mut bad = good.clone();
        bad.collateral.pop();
        assert_noop!(register(bad), Error::<Test>::CollateralMalformed);
        let other = Quoted {
            seed: Some(b"another"),
            ..quoted()
        };
        let mixed = Evidence {
            quote: other.evidence().quote,
            collateral: good.collateral.clone(),
        };
        assert_noop!(register(mixed), Error::<Test>::QuoteInvalid);
        assert_ok!(register(good));
    });
}

/// A quote of another worker, or for another chain or operator, is nobody's evidence here.
#[test]
fn a_quote_is_good_for_nothing_else() {
    run_with(true, || {
        let good = bound(&valid(ALICE, 7));
        for other in [
            ReportData {
                genesis_hash: [0xee; 32],
                ..good
            },
            ReportData {
                worker: valid(ALICE, 8).worker,
                ..good
            },
            ReportData {
                encryption_key: EncryptionKey([8; 32]),
                ..good
            },
            ReportData {
                operator: AccountBytes(BOB.into()),
                ..good
            },
        ] {
            let quoted = Quoted {
                report_data: other.to_bytes(),
                ..quoted()
            };
            assert_noop!(
                register(quoted.evidence()),
                Error::<Test>::ReportDataMismatch
            );
        }
    });
}

#[test]
fn only_allowed_software_is_accepted() {
    run_with(true, || {
        let signed = SgxReport {
            mr_enclave: [9; 32],
            mr_signer: [2; 32],
            isv_prod_id: 3,
            isv_svn: ISV_SVN_MIN,
            debug: false,
        };
        let (sgx, tdx) = (Report::Sgx, Report::Tdx);
        for refused in [
            sgx(SgxReport {
                mr_enclave: [9; 32],
                ..enclave()
            }),
            sgx(SgxReport {
                isv_svn: ISV_SVN_MIN - 1,
                ..signed
            }),
            sgx(SgxReport {
                isv_prod_id: 4,
                ..signed
            }),
            tdx(TdxReport {
                mr_td: [9; 48],
                ..machine()
            }),
            tdx(TdxReport {
                rtmr: [[2; 48], [2; 48], [2; 48], [9; 48]],
                ..machine()
            }),
        ] {
            assert_noop!(
                register(quoted_with(refused).evidence()),
                Error::<Test>::MeasurementNotAllowed
            );
        }
        let newer = SgxReport {
            isv_svn: ISV_SVN_MIN + 1,
            ..signed
        };
        let second = TdxReport {
            version: TdxVersion::V5,
            ..machine()
        };
        let worker = valid(ALICE, 7).worker;
        for accepted in [
            sgx(enclave()),
            sgx(signed),
            sgx(newer),
            tdx(machine()),
            tdx(second),
        ] {
            assert_ok!(register(quoted_with(accepted).evidence()));
            assert!(Registry::is_active(&worker));
            assert_ok!(Registry::deregister(RuntimeOrigin::signed(ALICE), worker));
        }
    });
}

#[test]
fn a_platform_is_as_good_as_the_network_asks() {
    run_with(true, || {
        let evidence = quoted_under(CollateralOptions {
            tcb_status: TcbStatus::ConfigurationNeeded,
            ..CollateralOptions::at(NOW_S)
        })
        .evidence();
        assert_ok!(Registry::set_confidence_level_max(
            RuntimeOrigin::root(),
            level(3)
        ));
        assert_noop!(register(evidence.clone()), Error::<Test>::ConfidenceTooLow);
        ConfidenceLevelMax::<Test>::put(level(4));
        assert_ok!(register(evidence));
    });
}

#[test]
fn an_attestation_is_renewed_by_the_operator() {
    run_with(true, || {
        let args = attested(ALICE, 7);
        let evidence = args.evidence.clone().expect("it has some");
        assert_noop!(
            renew(ALICE, args.worker, evidence.clone()),
            Error::<Test>::NotRegistered
        );
        assert_ok!(args.clone().call());
        assert_noop!(
            renew(BOB, args.worker, evidence.clone()),
            Error::<Test>::NotOperator
        );
        assert_noop!(
            Registry::renew(RuntimeOrigin::root(), args.worker, evidence.clone()),
            DispatchError::BadOrigin
        );

        // Five days later, on another platform and with another release.
        ClockS::set(NOW_S + 5 * DAY_S);
        let renewed = Quoted {
            report: Report::Tdx(machine()),
            collateral: CollateralOptions::at(NOW_S + 5 * DAY_S),
            ..Quoted::for_worker(&args)
        };
        assert_ok!(renew(ALICE, args.worker, renewed.evidence()));
        assert_eq!(expiry_of(&args.worker), NOW_S + 5 * DAY_S + WEEK_S);
        System::assert_last_event(
            Event::WorkerAttested {
                worker: args.worker,
                attestation: attestation_of(&args.worker),
            }
            .into(),
        );

        // What does not hold changes nothing.
        let before = attestation_of(&args.worker);
        let other = Quoted::for_worker(&valid(ALICE, 8)).evidence();
        assert_noop!(
            renew(ALICE, args.worker, other),
            Error::<Test>::ReportDataMismatch
        );
        assert_eq!(attestation_of(&args.worker), before);
    });
}

#[test]
fn a_worker_without_attestation_can_get_one() {
    run(|| {
        let args = valid(ALICE, 7);
        assert_ok!(args.clone().call());
        assert_eq!(attestation_of(&args.worker), Attestation::None);
        assert!(Registry::is_active(&args.worker));
        assert_ok!(renew(ALICE, args.worker, quoted().evidence()));
        assert_eq!(expiry_of(&args.worker), NOW_S + WEEK_S);
    });
}

#[test]
fn a_worker_is_active_until_its_attestation_expires() {
    for require_attestation in [true, false] {
        run_with(require_attestation, || {
            let args = attested(ALICE, 7);
            assert!(!Registry::is_active(&args.worker));
            assert_ok!(args.clone().call());
            ClockS::set(NOW_S + WEEK_S - 1);
            assert!(Registry::is_active(&args.worker));
            ClockS::set(NOW_S + WEEK_S);
            assert!(!Registry::is_active(&args.worker));
            let renewed = quoted_under(CollateralOptions::at(NOW_S + WEEK_S));
            assert_ok!(renew(ALICE, args.worker, renewed.evidence()));
            assert!(Registry::is_active(&args.worker));
        });
    }
}

#[test]
fn revoking_a_measurement_suspends_its_workers_at_once() {
    run_with(true, || {
        let (enclaved, signed) = (valid(ALICE, 7), valid(ALICE, 8));
        assert_ok!(attested(ALICE, 7).call());
        let report = Report::Sgx(SgxReport {
            mr_enclave: [1; 32],
            mr_signer: [2; 32],
            isv_prod_id: 3,
            isv_svn: 9,
            debug: false,
        });
        let evidence = Quoted {
            report,
            ..Quoted::for_worker(&signed)
        }
        .evidence();
        assert_ok!(
            Args {
                evidence: Some(evidence),
                ..signed.clone()
            }
            .call()
        );
        let active = || [&enclaved, &signed].map(|args| Registry::is_active(&args.worker));
        assert_eq!(active(), [true, true]);

        assert_ok!(Registry::revoke_measurement(RuntimeOrigin::root(), ENCLAVE));
        System::assert_last_event(Event::MeasurementRevoked { rule: ENCLAVE }.into());
        // The other is covered by its signer's rule too.
        assert_eq!(active(), [false, true]);
        assert_ok!(Registry::allow_measurement(
            RuntimeOrigin::root(),
            SIGNER,
            10
        ));
        assert_eq!(active(), [false, false]);
        assert_ok!(Registry::allow_measurement(
            RuntimeOrigin::root(),
            ENCLAVE,
            0
        ));
        assert_eq!(active(), [true, true]);
    });
}

#[test]
fn a_stricter_level_suspends_workers_at_once() {
    run_with(true, || {
        let worse = CollateralOptions {
            tcb_status: TcbStatus::OutOfDate,
            ..CollateralOptions::at(NOW_S)
        };
        assert_ok!(register(quoted_under(worse).evidence()));
        let worker = valid(ALICE, 7).worker;
        assert!(Registry::is_active(&worker));
        assert_ok!(Registry::set_confidence_level_max(
            RuntimeOrigin::root(),
            level(4)
        ));
        assert!(!Registry::is_active(&worker));
    });
}

#[test]
fn only_governance_sets_the_rules() {
    run(|| {
        let alice = || RuntimeOrigin::signed(ALICE);
        let results = [
            Registry::set_roots(alice(), Roots::default()),
            Registry::allow_measurement(alice(), MACHINE, 0),
            Registry::revoke_measurement(alice(), MACHINE),
            Registry::set_confidence_level_max(alice(), level(1)),
            Registry::set_attestation_life(alice(), 1),
        ];
        assert_eq!(results, [Err(DispatchError::BadOrigin); 5]);
    });
}

#[test]
fn root_certificates_are_replaced() {
    run(|| {
        let root = |fill: u8| -> RootCertificate { bounded(vec![0x30, fill]) };
        let set = |roots: Vec<RootCertificate>| {
            let roots = Roots::try_from(roots).expect("not too many");
            Registry::set_roots(RuntimeOrigin::root(), roots)
        };
        assert_ok!(set(vec![root(1), root(2)]));
        System::assert_last_event(Event::RootsSet { count: 2 }.into());
        assert_noop!(register(quoted().evidence()), Error::<Test>::RootUnknown);
        let invalid = [
            vec![root(1), root(1)],
            vec![bounded(vec![0x31])],
            vec![RootCertificate::default()],
        ];
        for roots in invalid {
            assert_noop!(set(roots), Error::<Test>::RootInvalid);
        }
        assert_ok!(set(vec![]));
        assert!(RootCertificates::<Test>::get().is_empty());

        let most: Vec<_> = (0..ROOTS_MAX as u8).map(root).collect();
        assert_ok!(set(most.clone()));
        assert!(Roots::try_from([most, vec![root(100)]].concat()).is_err());
        assert!(RootCertificate::try_from(vec![0x30; ROOT_BYTES_MAX as usize + 1]).is_err());
    });
}

#[test]
fn there_are_at_most_so_many_rules() {
    run(|| {
        let allow = |rule, least| Registry::allow_measurement(RuntimeOrigin::root(), rule, least);
        let rule = |number: u32| {
            let mut mr_enclave = [0xaa; 32];
            mr_enclave[..4].copy_from_slice(&number.to_be_bytes());
            MeasurementRule::SgxEnclave { mr_enclave }
        };
        assert_ok!(allow(rule(0), 1));
        System::assert_last_event(
            Event::MeasurementAllowed {
                rule: rule(0),
                isv_svn_min: 1,
            }
            .into(),
        );
        for number in 1..MEASUREMENTS_MAX - AllowedMeasurements::<Test>::count() + 1 {
            assert_ok!(allow(rule(number), 0));
        }
        assert_eq!(AllowedMeasurements::<Test>::count(), MEASUREMENTS_MAX);
        assert_noop!(
            allow(rule(MEASUREMENTS_MAX), 0),
            Error::<Test>::TooManyMeasurements
        );
        assert_ok!(allow(rule(0), 2));
        assert_eq!(AllowedMeasurements::<Test>::get(rule(0)), Some(2));

        assert_noop!(allow(MACHINE, 1), Error::<Test>::VersionOfMachine);
        let unknown = rule(MEASUREMENTS_MAX);
        assert_noop!(
            Registry::revoke_measurement(RuntimeOrigin::root(), unknown),
            Error::<Test>::UnknownMeasurement
        );
    });
}

#[test]
fn levels_and_lives_that_make_no_sense_are_refused() {
    use codec::Decode;
    run(|| {
        let root = RuntimeOrigin::root;
        for number in [0u8, 6] {
            let level = ConfidenceLevel::decode(&mut &[number][..]).expect("it is a byte");
            assert_noop!(
                Registry::set_confidence_level_max(root(), level),
                Error::<Test>::ConfidenceLevelInvalid
            );
        }
        assert_ok!(Registry::set_confidence_level_max(root(), level(2)));
        System::assert_last_event(Event::ConfidenceLevelMaxSet { level: level(2) }.into());
        assert_noop!(
            Registry::set_attestation_life(root(), 0),
            Error::<Test>::AttestationLifeInvalid
        );
        assert_ok!(Registry::set_attestation_life(root(), 60));
        System::assert_last_event(Event::AttestationLifeSet { life_max_s: 60 }.into());
    });
}

#[test]
fn a_genesis_that_says_nothing_accepts_intel_alone_and_no_software() {
    sp_io::TestExternalities::new_empty().execute_with(|| {
        GenesisConfig::<Test>::default().build();
        let roots = RootCertificates::<Test>::get();
        assert_eq!(roots.len(), 1);
        assert_eq!(&roots[0][..], INTEL_ROOT_CA);
        assert_eq!(AllowedMeasurements::<Test>::count(), 0);
        assert_eq!(ConfidenceLevelMax::<Test>::get(), level(5));
        assert_eq!(AttestationLifeMaxS::<Test>::get(), WEEK_S);
        assert_noop!(register(quoted().evidence()), Error::<Test>::RootUnknown);
    });
}

fn build(genesis: GenesisConfig<Test>) {
    sp_io::TestExternalities::new_empty().execute_with(|| genesis.build());
}

#[test]
#[should_panic(expected = "too many, or have too many bytes")]
fn a_genesis_with_too_many_roots_is_refused() {
    build(GenesisConfig {
        root_certificates: (0..=ROOTS_MAX as u8)
            .map(|fill| Bytes(vec![0x30, fill]))
            .collect(),
        ..Default::default()
    });
}

#[test]
#[should_panic(expected = "not DER, or one twice")]
fn a_genesis_with_a_root_that_is_none_is_refused() {
    build(GenesisConfig {
        root_certificates: vec![Bytes(b"-----BEGIN CERTIFICATE-----".to_vec())],
        ..Default::default()
    });
}

#[test]
#[should_panic(expected = "a machine with a version")]
fn a_genesis_with_a_rule_that_is_none_is_refused() {
    build(GenesisConfig {
        allowed_measurements: vec![(MACHINE, 1)],
        ..Default::default()
    });
}

#[test]
#[should_panic(expected = "lets no attestation live")]
fn a_genesis_without_life_is_refused() {
    build(GenesisConfig {
        attestation_life_max_s: 0,
        ..Default::default()
    });
}

#[test]
fn evidence_weighs_by_its_length() {
    let evidence = |quote: usize, collateral: usize| Evidence {
        quote: bounded(vec![0; quote]),
        collateral: bounded(vec![0; collateral]),
    };
    let renew = |evidence| {
        let worker = WorkerId([0; 32]);
        let call = Call::<Test>::renew { worker, evidence };
        call.get_dispatch_info().call_weight.ref_time()
    };
    let own = <() as WeightInfo>::renew().ref_time();
    assert_eq!(renew(evidence(0, 0)), own);
    assert_eq!(renew(evidence(1_000, 2_000)), own + 300_000_000);

    let register = |evidence| {
        let call = Call::<Test>::register {
            worker: WorkerId([0; 32]),
            encryption_key: EncryptionKey([0; 32]),
            endpoint: endpoint("http://a"),
            evidence,
            signature: sr25519::Signature::from_raw([0; 64]),
        };
        call.get_dispatch_info().call_weight.ref_time()
    };
    assert_eq!(register(None), <() as WeightInfo>::register().ref_time());
    assert_eq!(
        register(Some(evidence(10, 0))),
        <() as WeightInfo>::register_attested().ref_time() + 1_000_000
    );
}

/// With `PHAT_UPDATE=1` in its environment, the test writes the file instead.
#[test]
fn the_evidence_of_the_benchmarks_is_current() {
    use benchmark_sample::{
        ENCRYPTION_KEY, GENESIS_HASH, MEASUREMENT, NOW_S, OPERATOR, WORKER_SEED,
    };
    let Measurement::Tdx { mr_td, rtmr } = MEASUREMENT else {
        panic!("it is a machine");
    };
    let worker = sr25519::Pair::from_string(WORKER_SEED, None).expect("a seed");
    let bound = ReportData {
        genesis_hash: GENESIS_HASH,
        worker: WorkerId(worker.public().0),
        encryption_key: ENCRYPTION_KEY,
        operator: AccountBytes(OPERATOR),
    };
    let quoted = Quoted {
        seed: None,
        report: Report::Tdx(TdxReport {
            version: TdxVersion::V5,
            mr_td,
            rtmr,
            debug: false,
        }),
        report_data: bound.to_bytes(),
        collateral: CollateralOptions::at(NOW_S - DAY_S),
    };
    let root = intel().root_certificate().expect("it has one");
    let current = (root, quoted.evidence()).encode();

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/benchmark-evidence.scale");
    if std::env::var_os("PHAT_UPDATE").is_some() {
        std::fs::write(path, &current).expect("the file can be written");
    }
    let checked_in = std::fs::read(path).unwrap_or_default();
    assert!(
        checked_in == current,
        "{path} is not what the simulator makes: run `PHAT_UPDATE=1 cargo test -p pallet-registry`"
    );
}
