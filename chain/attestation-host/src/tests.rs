use codec::Encode;
use phat_attestation_simulator::{
    CollateralOptions, Report, SgxReport, SimulatedIntel, SimulatedPlatform,
};
use phat_primitives::attestation::Measurement;

use super::*;

const NOW_S: u64 = 1_800_000_000;
const DAY_S: u64 = 24 * 60 * 60;

struct World {
    quote: Vec<u8>,
    collateral: Vec<u8>,
    root: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let intel = SimulatedIntel::development().unwrap();
        let platform: SimulatedPlatform = intel.platform("one").unwrap();
        let report = Report::Sgx(SgxReport {
            mr_enclave: [1; 32],
            ..SgxReport::default()
        });
        let options = CollateralOptions::at(NOW_S);
        let collateral = intel.collateral(&platform, report.tee(), &options);
        Self {
            quote: platform.quote(&report, [7; 64]).unwrap(),
            collateral: collateral.unwrap().encode(),
            root: intel.root_certificate().unwrap(),
        }
    }

    fn verify_at(&self, at_s: u64) -> Answer {
        verify(
            &self.quote,
            &self.collateral,
            std::slice::from_ref(&self.root),
            at_s,
        )
    }
}

#[test]
fn what_holds_is_answered_in_full() {
    let attested = World::new().verify_at(NOW_S).unwrap();
    assert_eq!(
        attested.measurement,
        Measurement::Sgx {
            mr_enclave: [1; 32],
            mr_signer: [0; 32],
            isv_prod_id: 0,
            isv_svn: 0,
        }
    );
    assert_eq!(attested.report_data, [7; 64]);
    assert_eq!(attested.confidence_level.get(), 1);
    assert_eq!(attested.expires_at_s, NOW_S + 30 * DAY_S);
}

#[test]
fn what_does_not_hold_is_refused_with_its_reason() {
    let world = World::new();
    assert_eq!(world.verify_at(NOW_S - 1), Err(Refusal::NotYetValid));
    assert_eq!(world.verify_at(NOW_S + 30 * DAY_S), Err(Refusal::Expired));
    let check = |quote: &[u8], collateral: &[u8], roots: &[Vec<u8>]| {
        verify(quote, collateral, roots, NOW_S)
    };
    let roots = std::slice::from_ref(&world.root);
    assert_eq!(
        check(&world.quote, &world.collateral, &[]),
        Err(Refusal::RootUnknown)
    );
    assert_eq!(
        check(
            &world.quote[..world.quote.len() - 1],
            &world.collateral,
            roots
        ),
        Err(Refusal::QuoteMalformed)
    );
    assert_eq!(
        check(&[], &world.collateral, roots),
        Err(Refusal::QuoteMalformed)
    );
    for collateral in [
        &[][..],
        &world.collateral[..world.collateral.len() - 1],
        &[&world.collateral[..], &[0]].concat()[..],
    ] {
        assert_eq!(
            check(&world.quote, collateral, roots),
            Err(Refusal::CollateralMalformed)
        );
    }
}

#[test]
fn an_answer_is_written_to_its_place_alone() {
    let mut place = [9; 4];
    native::write(&Err(Refusal::RootUnknown), &mut place);
    assert_eq!(place, [1, 2, 9, 9]);
    let mut short = [9; 1];
    native::write(&Err(Refusal::RootUnknown), &mut short);
    assert_eq!(short, [1]);
}
