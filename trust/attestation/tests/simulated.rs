//! Quotes of simulated platforms: each thing that can be wrong, with its reason.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use phat_attestation::{
    AttestationError, Collateral, INTEL_ROOT_CA, Measurement, Verified, verify,
};
use phat_attestation_simulator::{
    CollateralOptions, Report, Revoked, SgxReport, SimulatedIntel, SimulatedPlatform, TcbStatus,
    TdxReport, TdxVersion,
};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 24 * 60 * 60;

struct World {
    intel: SimulatedIntel,
    platform: SimulatedPlatform,
    root: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let intel = SimulatedIntel::development().unwrap();
        Self {
            platform: intel.platform("one").unwrap(),
            root: intel.root_certificate().unwrap(),
            intel,
        }
    }

    fn collateral(&self, report: &Report, options: &CollateralOptions) -> Collateral {
        self.intel
            .collateral(&self.platform, report.tee(), options)
            .unwrap()
    }

    fn verify_at(
        &self,
        report: &Report,
        options: &CollateralOptions,
        at: u64,
    ) -> Result<Verified, AttestationError> {
        let quote = self.platform.quote(report, [7; 64]).unwrap();
        verify(&quote, &self.collateral(report, options), &[&self.root], at)
    }

    fn verify(
        &self,
        report: &Report,
        options: &CollateralOptions,
    ) -> Result<Verified, AttestationError> {
        self.verify_at(report, options, NOW)
    }
}

fn sgx() -> Report {
    Report::Sgx(SgxReport {
        mr_enclave: [1; 32],
        mr_signer: [2; 32],
        isv_prod_id: 3,
        isv_svn: 4,
        debug: false,
    })
}

fn tdx(version: TdxVersion) -> Report {
    Report::Tdx(TdxReport {
        version,
        mr_td: [1; 48],
        rtmr: [[2; 48], [3; 48], [4; 48], [5; 48]],
        debug: false,
    })
}

fn every_kind() -> [Report; 3] {
    [sgx(), tdx(TdxVersion::V4), tdx(TdxVersion::V5)]
}

#[test]
fn what_is_quoted_is_what_is_verified() {
    let world = World::new();
    let options = CollateralOptions::at(NOW - DAY);
    for report in every_kind() {
        let verified = world.verify(&report, &options).unwrap();
        let expected = match report {
            Report::Sgx(_) => Measurement::Sgx {
                mr_enclave: [1; 32],
                mr_signer: [2; 32],
                isv_prod_id: 3,
                isv_svn: 4,
            },
            Report::Tdx(_) => Measurement::Tdx {
                mr_td: [1; 48],
                rtmr: [[2; 48], [3; 48], [4; 48], [5; 48]],
            },
        };
        assert_eq!(verified.measurement, expected);
        assert_eq!(verified.report_data, [7; 64]);
        assert_eq!(verified.tcb_status, "UpToDate");
        assert_eq!(verified.confidence_level.get(), 1);
        assert_eq!(verified.expires_at, NOW + 29 * DAY);
    }
}

#[test]
fn every_state_of_a_platform_has_its_level() {
    let world = World::new();
    for (tcb_status, advisories, level) in [
        (TcbStatus::UpToDate, vec!["INTEL-SA-00001"], 2),
        (TcbStatus::SWHardeningNeeded, vec![], 3),
        (TcbStatus::ConfigurationNeeded, vec![], 4),
        (TcbStatus::ConfigurationAndSWHardeningNeeded, vec![], 4),
        (
            TcbStatus::OutOfDate,
            vec!["INTEL-SA-00001", "INTEL-SA-00002"],
            5,
        ),
        (TcbStatus::OutOfDateConfigurationNeeded, vec![], 5),
    ] {
        let options = CollateralOptions {
            tcb_status,
            advisories: advisories.iter().map(|&id| id.to_owned()).collect(),
            ..CollateralOptions::at(NOW)
        };
        for report in every_kind() {
            let verified = world.verify(&report, &options).unwrap();
            assert_eq!(verified.tcb_status, tcb_status.to_string());
            assert_eq!(verified.advisories, advisories);
            assert_eq!(verified.confidence_level.get(), level);
        }
    }
}

#[test]
fn a_revoked_state_is_refused() {
    let world = World::new();
    let refused = AttestationError::TcbRefused {
        status: "Revoked".to_owned(),
    };
    for options in [
        CollateralOptions {
            tcb_status: TcbStatus::Revoked,
            ..CollateralOptions::at(NOW)
        },
        CollateralOptions {
            qe_status: TcbStatus::Revoked,
            ..CollateralOptions::at(NOW)
        },
    ] {
        for report in every_kind() {
            assert_eq!(world.verify(&report, &options), Err(refused.clone()));
        }
    }
}

#[test]
fn a_state_of_the_quoting_enclave_counts() {
    let world = World::new();
    let options = CollateralOptions {
        qe_status: TcbStatus::OutOfDate,
        ..CollateralOptions::at(NOW)
    };
    for report in every_kind() {
        let verified = world.verify(&report, &options).unwrap();
        assert_eq!(verified.confidence_level.get(), 5);
    }
}

#[test]
fn collateral_holds_between_its_dates() {
    let world = World::new();
    let options = CollateralOptions::at(NOW);
    for report in every_kind() {
        let at = |time| world.verify_at(&report, &options, time);
        assert!(matches!(at(NOW - 1), Err(AttestationError::NotYetValid(_))));
        assert!(at(NOW).is_ok());
        assert!(at(NOW + 30 * DAY - 1).is_ok());
        assert!(matches!(
            at(NOW + 30 * DAY),
            Err(AttestationError::Expired(_))
        ));
    }
}

#[test]
fn certificates_end() {
    let world = World::new();
    let until = 2_524_521_600;
    let options = CollateralOptions {
        next_update: until + DAY,
        ..CollateralOptions::at(until - DAY)
    };
    let expired = world.verify_at(&sgx(), &options, until + 1);
    assert!(
        matches!(expired, Err(AttestationError::Expired(_))),
        "{expired:?}"
    );
}

#[test]
fn revoked_certificates_are_refused() {
    let world = World::new();
    for revoked in [
        Revoked::Platform,
        Revoked::PlatformAuthority,
        Revoked::TcbSigner,
    ] {
        let options = CollateralOptions {
            revoked: Some(revoked),
            ..CollateralOptions::at(NOW)
        };
        for report in every_kind() {
            let refused = world.verify(&report, &options);
            let is_revoked = matches!(refused, Err(AttestationError::CertificateRevoked(_)));
            assert!(is_revoked, "{revoked:?}: {refused:?}");
        }
    }
    let other = world.intel.platform("two").unwrap();
    let options = CollateralOptions {
        revoked: Some(Revoked::Platform),
        ..CollateralOptions::at(NOW)
    };
    let collateral = world.collateral(&sgx(), &options);
    let quote = other.quote(&sgx(), [7; 64]).unwrap();
    verify(&quote, &collateral, &[&world.root], NOW).unwrap();
}

#[test]
fn debug_mode_is_refused() {
    let world = World::new();
    let options = CollateralOptions::at(NOW);
    for report in every_kind() {
        let report = match report {
            Report::Sgx(report) => Report::Sgx(SgxReport {
                debug: true,
                ..report
            }),
            Report::Tdx(report) => Report::Tdx(TdxReport {
                debug: true,
                ..report
            }),
        };
        assert_eq!(
            world.verify(&report, &options),
            Err(AttestationError::Debug)
        );
    }
}

#[test]
fn only_accepted_roots_count() {
    let world = World::new();
    let report = sgx();
    let quote = world.platform.quote(&report, [7; 64]).unwrap();
    let collateral = world.collateral(&report, &CollateralOptions::at(NOW));
    let against = |roots: &[&[u8]]| verify(&quote, &collateral, roots, NOW);
    assert_eq!(
        against(&[INTEL_ROOT_CA]),
        Err(AttestationError::RootUnknown)
    );
    assert_eq!(against(&[]), Err(AttestationError::RootUnknown));
    assert!(against(&[INTEL_ROOT_CA, &world.root]).is_ok());
}

#[test]
fn another_root_s_certificates_do_not_help() {
    // Same names and numbers of components, other keys.
    let world = World::new();
    let other = SimulatedIntel::new(b"another").unwrap();
    let report = sgx();
    let options = CollateralOptions::at(NOW);
    let platform = other.platform("one").unwrap();
    let quote = platform.quote(&report, [7; 64]).unwrap();
    let ours = world.collateral(&report, &options);
    let theirs = other.collateral(&platform, report.tee(), &options).unwrap();

    let refused = verify(&quote, &ours, &[&world.root], NOW);
    assert!(
        matches!(refused, Err(AttestationError::Invalid(_))),
        "{refused:?}"
    );
    assert_eq!(
        verify(&quote, &theirs, &[&world.root], NOW),
        Err(AttestationError::RootUnknown)
    );

    // Their collateral behind our root's name.
    let mut mixed = theirs.clone();
    mixed.tcb_info_issuer_chain = ours.tcb_info_issuer_chain.clone();
    assert!(verify(&quote, &mixed, &[&world.root], NOW).is_err());
    let ours_quote = world.platform.quote(&report, [7; 64]).unwrap();
    for swap in [
        |from: &Collateral, to: &mut Collateral| to.root_ca_crl = from.root_ca_crl.clone(),
        |from: &Collateral, to: &mut Collateral| to.pck_crl = from.pck_crl.clone(),
        |from: &Collateral, to: &mut Collateral| {
            to.qe_identity_signature = from.qe_identity_signature.clone();
        },
        |from: &Collateral, to: &mut Collateral| {
            to.tcb_info_signature = from.tcb_info_signature.clone();
        },
    ] {
        let mut collateral = ours.clone();
        swap(&theirs, &mut collateral);
        let refused = verify(&ours_quote, &collateral, &[&world.root], NOW);
        assert!(
            matches!(refused, Err(AttestationError::Invalid(_))),
            "{refused:?}"
        );
    }
}

#[test]
fn a_quote_needs_the_collateral_of_its_kind() {
    let world = World::new();
    let options = CollateralOptions::at(NOW);
    let quote = world.platform.quote(&sgx(), [7; 64]).unwrap();
    let collateral = world.collateral(&tdx(TdxVersion::V4), &options);
    let refused = verify(&quote, &collateral, &[&world.root], NOW);
    assert!(
        matches!(refused, Err(AttestationError::Invalid(_))),
        "{refused:?}"
    );
}

#[test]
fn what_is_no_quote_is_refused() {
    let world = World::new();
    let collateral = world.collateral(&sgx(), &CollateralOptions::at(NOW));
    let quote = world.platform.quote(&sgx(), [7; 64]).unwrap();
    let check = |quote: &[u8]| verify(quote, &collateral, &[&world.root], NOW);
    for length in [0, 1, 47, 48, 431, 436, quote.len() / 2, quote.len() - 1] {
        let refused = check(&quote[..length]);
        assert!(
            matches!(refused, Err(AttestationError::QuoteMalformed(_))),
            "{length}: {refused:?}"
        );
    }
    let long = vec![3; 1 << 20];
    assert!(matches!(
        check(&long),
        Err(AttestationError::QuoteMalformed(_))
    ));

    let mut collateral = collateral.clone();
    collateral.tcb_info_issuer_chain = "no certificate".to_owned();
    let refused = verify(&quote, &collateral, &[&world.root], NOW);
    assert!(
        matches!(refused, Err(AttestationError::CollateralMalformed(_))),
        "{refused:?}"
    );
    collateral.tcb_info = "x".repeat(1 << 20);
    let refused = verify(&quote, &collateral, &[&world.root], NOW);
    assert!(
        matches!(refused, Err(AttestationError::CollateralMalformed(_))),
        "{refused:?}"
    );
}
