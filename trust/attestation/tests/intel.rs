//! Quotes of Intel's own platforms.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{JUNE_2025, MARCH_2026, OCTOBER_2026, Sample, sample};
use phat_attestation::{AttestationError, INTEL_ROOT_CA, Measurement, Platform, Verified, verify};
use rand::{Rng, SeedableRng, rngs::StdRng};

fn check(sample: &Sample) -> Result<Verified, AttestationError> {
    verify(
        &sample.quote,
        &sample.collateral,
        &[INTEL_ROOT_CA],
        sample.at,
    )
}

#[test]
fn samples_hold_at_their_time() {
    for (name, at, platform, status, level) in [
        (
            "sgx_quote",
            JUNE_2025,
            Platform::Sgx,
            "ConfigurationAndSWHardeningNeeded",
            4,
        ),
        ("tdx_quote", JUNE_2025, Platform::Tdx, "UpToDate", 1),
        (
            "tdx_quote_td15ex",
            OCTOBER_2026,
            Platform::Tdx,
            "UpToDate",
            1,
        ),
    ] {
        let verified = check(&sample(name, at)).unwrap();
        assert_eq!(verified.platform, platform, "{name}");
        assert_eq!(verified.tcb_status, status, "{name}");
        assert_eq!(verified.confidence_level.get(), level, "{name}");
        assert!(verified.expires_at > at, "{name}");
    }
}

#[test]
fn a_platform_that_is_older_than_all_that_is_listed_is_refused() {
    let refused = check(&sample("tdx_quote_outdated", MARCH_2026));
    assert!(
        matches!(refused, Err(AttestationError::TcbRefused { .. })),
        "{refused:?}"
    );
}

#[test]
fn samples_do_not_hold_at_another_time() {
    let mut sample = sample("sgx_quote", JUNE_2025);
    sample.at = 1_740_000_000;
    let refused = check(&sample);
    assert!(
        matches!(refused, Err(AttestationError::NotYetValid(_))),
        "{refused:?}"
    );
    sample.at = 1_760_000_000;
    let refused = check(&sample);
    assert!(
        matches!(refused, Err(AttestationError::Expired(_))),
        "{refused:?}"
    );
}

#[test]
fn what_is_read_is_what_the_report_says() {
    let sample = sample("tdx_quote", JUNE_2025);
    let verified = check(&sample).unwrap();
    // The report begins behind a header of 48 bytes, and ends with its data.
    let report = &sample.quote[48..][..584];
    let Measurement::Tdx { mr_td, rtmr } = verified.measurement else {
        panic!("{verified:?}");
    };
    assert_eq!(mr_td, report[136..184]);
    assert_eq!(rtmr.concat(), report[328..520]);
    assert_eq!(verified.report_data, report[520..]);
}

/// No change of one byte gives other claims.
#[test]
fn changed_samples_claim_nothing_else() {
    /// In each of them.
    const PLACES: usize = 1_000;
    let mut random = StdRng::seed_from_u64(4);
    let samples = [
        sample("sgx_quote", JUNE_2025),
        sample("tdx_quote", JUNE_2025),
        sample("tdx_quote_td15ex", OCTOBER_2026),
    ];
    let (mut refused, mut same) = (0, 0);
    for sample in &samples {
        let expected = check(sample).unwrap();
        let collateral = serde_json::to_vec(&sample.collateral).unwrap();
        for _ in 0..PLACES {
            let mut quote = sample.quote.clone();
            let mut json = collateral.clone();
            let place = random.random_range(0..quote.len() + json.len());
            let change = random.random_range(1..=255);
            match place.checked_sub(quote.len()) {
                None => quote[place] ^= change,
                Some(place) => json[place] ^= change,
            }
            let Ok(collateral) = serde_json::from_slice(&json) else {
                refused += 1;
                continue;
            };
            match verify(&quote, &collateral, &[INTEL_ROOT_CA], sample.at) {
                Ok(found) => {
                    assert_eq!(found, expected, "{place} {change}");
                    same += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert_eq!(refused + same, samples.len() * PLACES);
    // What is behind a quote's end, or between certificates, is nobody's claim.
    assert!(refused > same, "{refused} refused, {same} the same");
}
