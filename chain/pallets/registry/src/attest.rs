//! What vouches for a worker, and whether it still does.

use alloc::vec::Vec;

use frame_support::{ensure, traits::UnixTime, weights::Weight};
use phat_primitives::{
    AccountBytes, Attestation, EncryptionKey, WorkerId,
    attestation::{Measurement, MeasurementRule, Platform, Refusal, ReportData},
    limits::MEASUREMENTS_MAX,
};

use crate::{
    AllowedMeasurements, AttestationLifeMaxS, ConfidenceLevelMax, Config, Error, Evidence, Pallet,
    RequireAttestation, RootCertificates, WeightInfo,
};

/// What a byte of evidence may take to be looked at, in picoseconds.
///
/// The benchmarks verify evidence as Intel's is. Hostile evidence can have more certificates, all
/// of which are parsed, and some of whose signatures are verified, before it is refused: that may
/// take 10 ms for the longest evidence there is, which this covers.
const EVIDENCE_BYTE_REF_TIME: u64 = 100_000;

impl<T: Config> Pallet<T> {
    /// What a quote for this worker must have in it.
    pub fn report_data(
        operator: &T::AccountId,
        worker: WorkerId,
        encryption_key: EncryptionKey,
    ) -> ReportData {
        ReportData {
            genesis_hash: Self::genesis_hash(),
            worker,
            encryption_key,
            operator: AccountBytes(operator.clone().into()),
        }
    }

    /// What `evidence` says, if it holds and is about `bound`.
    pub(crate) fn attest(evidence: &Evidence, bound: &ReportData) -> Result<Attestation, Error<T>> {
        let now_s = Self::now_s();
        let roots: Vec<Vec<u8>> = RootCertificates::<T>::get()
            .into_iter()
            .map(|root| root.into_inner())
            .collect();
        let attested =
            phat_attestation_host::verify(&evidence.quote, &evidence.collateral, &roots, now_s)
                .map_err(Error::<T>::from)?;
        ensure!(
            attested.report_data == bound.to_bytes(),
            Error::<T>::ReportDataMismatch
        );
        ensure!(
            Self::is_allowed(&attested.measurement),
            Error::<T>::MeasurementNotAllowed
        );
        ensure!(
            attested.confidence_level <= ConfidenceLevelMax::<T>::get(),
            Error::<T>::ConfidenceTooLow
        );
        let life_ends_at_s = now_s.saturating_add(AttestationLifeMaxS::<T>::get());
        let expires_at_s = attested.expires_at_s.min(life_ends_at_s);
        ensure!(now_s < expires_at_s, Error::<T>::CollateralExpired);
        Ok(Attestation::Dcap {
            measurement: attested.measurement,
            confidence_level: attested.confidence_level,
            expires_at_s,
        })
    }

    /// Whether `attestation` vouches for a worker now.
    ///
    /// It follows from what is stored and from the time. So nothing has to be done when an
    /// attestation expires, and a measurement that is revoked suspends its workers at once. A
    /// worker that brought an attestation is held to it, even where none is required.
    pub(crate) fn vouches(attestation: &Attestation) -> bool {
        match attestation {
            Attestation::None => !RequireAttestation::<T>::get(),
            Attestation::Dcap {
                measurement,
                confidence_level,
                expires_at_s,
            } => {
                Self::now_s() < *expires_at_s
                    && *confidence_level <= ConfidenceLevelMax::<T>::get()
                    && Self::is_allowed(measurement)
            }
        }
    }

    /// Whether workers may run what was measured.
    fn is_allowed(measurement: &Measurement) -> bool {
        let covers = |rule: MeasurementRule| {
            let isv_svn_min = AllowedMeasurements::<T>::get(rule);
            isv_svn_min.is_some_and(|least| measurement.isv_svn() >= least)
        };
        let (own, signer) = measurement.rules();
        covers(own) || signer.is_some_and(covers)
    }

    /// Allows what `rule` covers.
    pub(crate) fn do_allow(rule: MeasurementRule, isv_svn_min: u16) -> Result<(), Error<T>> {
        ensure!(
            rule.platform() == Platform::Sgx || isv_svn_min == 0,
            Error::<T>::VersionOfMachine
        );
        ensure!(
            AllowedMeasurements::<T>::contains_key(rule)
                || AllowedMeasurements::<T>::count() < MEASUREMENTS_MAX,
            Error::<T>::TooManyMeasurements
        );
        AllowedMeasurements::<T>::insert(rule, isv_svn_min);
        Ok(())
    }

    /// The chain's time, in seconds since 1970.
    fn now_s() -> u64 {
        T::Time::now().as_secs()
    }

    pub(crate) fn register_weight(evidence: Option<&Evidence>) -> Weight {
        match evidence {
            None => T::WeightInfo::register(),
            Some(evidence) => {
                T::WeightInfo::register_attested().saturating_add(evidence_weight(evidence))
            }
        }
    }

    pub(crate) fn renew_weight(evidence: &Evidence) -> Weight {
        T::WeightInfo::renew().saturating_add(evidence_weight(evidence))
    }
}

/// What verifying `evidence` may take beyond what the benchmarks measure.
fn evidence_weight(evidence: &Evidence) -> Weight {
    let bytes = evidence
        .quote
        .len()
        .saturating_add(evidence.collateral.len()) as u64;
    Weight::from_parts(bytes.saturating_mul(EVIDENCE_BYTE_REF_TIME), 0)
}

impl<T> From<Refusal> for Error<T> {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::QuoteMalformed => Self::QuoteMalformed,
            Refusal::CollateralMalformed => Self::CollateralMalformed,
            Refusal::RootUnknown => Self::RootUnknown,
            Refusal::Expired => Self::CollateralExpired,
            Refusal::NotYetValid => Self::CollateralNotYetValid,
            Refusal::CertificateRevoked => Self::CertificateRevoked,
            Refusal::Debug => Self::DebugMode,
            Refusal::TcbRefused => Self::TcbRefused,
            Refusal::Invalid => Self::QuoteInvalid,
        }
    }
}
