//! Verifying a quote.

use dcap_qvl::{
    QuoteClaims, configs::RingConfig, policy::Policy, quote::Report, verify::QuoteVerifier,
};
use phat_primitives::{
    attestation::{ConfidenceLevel, Measurement, Platform},
    hex_bytes,
};
use x509_cert::{Certificate, der::Encode};

use crate::{AttestationError, Collateral, confidence_level};

/// The longest quote that is looked at, in bytes. Intel's are about 5000.
const QUOTE_BYTES_MAX: usize = 64 * 1024;
/// The most collateral that is looked at, in bytes. Intel's is about 30 000.
const COLLATERAL_BYTES_MAX: usize = 512 * 1024;

/// What a quote that holds says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// The kind of hardware.
    pub platform: Platform,
    /// Intel's word for the state of the platform's versions, such as `UpToDate`.
    pub tcb_status: String,
    /// What is known against those versions, such as `INTEL-SA-00615`.
    pub advisories: Vec<String>,
    /// What runs there.
    pub measurement: Measurement,
    /// What the software asked the platform to put into the quote.
    #[serde(serialize_with = "hex_bytes::serialize")]
    pub report_data: [u8; 64],
    /// How far the platform is trusted.
    pub confidence_level: ConfidenceLevel,
    /// When this collateral ceases to say so, in seconds since 1970.
    pub expires_at: u64,
}

/// Verifies a quote with its collateral against `roots`, certificates in DER, as it is at
/// the time `at`, in seconds since 1970.
pub fn verify(
    quote: &[u8],
    collateral: &Collateral,
    roots: &[&[u8]],
    at: u64,
) -> Result<Verified, AttestationError> {
    if quote.len() > QUOTE_BYTES_MAX {
        let text = format!("it has {} bytes, at most {QUOTE_BYTES_MAX}", quote.len());
        return Err(AttestationError::QuoteMalformed(text));
    }
    let root = root_of(collateral)?;
    if !roots.contains(&&root[..]) {
        return Err(AttestationError::RootUnknown);
    }
    let claims = QuoteVerifier::<RingConfig>::new_with_config(root)
        .verify_with_policy(quote, collateral, at, &LeftToLevels)
        .map_err(|error| AttestationError::of(&error))?;
    let status = claims.tcb.status;
    let confidence_level = confidence_level(status, &claims.tcb.advisory_ids).ok_or_else(|| {
        AttestationError::TcbRefused {
            status: status.to_string(),
        }
    })?;
    let (measurement, report_data) = measured(&claims.report);
    Ok(Verified {
        platform: measurement.platform(),
        tcb_status: status.to_string(),
        advisories: claims.tcb.advisory_ids,
        measurement,
        report_data,
        confidence_level,
        expires_at: claims.earliest_expiration_date,
    })
}

/// Accepts any state of the platform, which gets a confidence level instead.
struct LeftToLevels;

impl Policy for LeftToLevels {
    fn validate(&self, _: &QuoteClaims) -> anyhow::Result<()> {
        Ok(())
    }
}

/// The certificate that the collateral's chain ends with.
fn root_of(collateral: &Collateral) -> Result<Vec<u8>, AttestationError> {
    let malformed = |text: &str| AttestationError::CollateralMalformed(text.to_owned());
    let length = [
        collateral.pck_crl_issuer_chain.len(),
        collateral.root_ca_crl.len(),
        collateral.pck_crl.len(),
        collateral.tcb_info_issuer_chain.len(),
        collateral.tcb_info.len(),
        collateral.qe_identity_issuer_chain.len(),
        collateral.qe_identity.len(),
        collateral
            .pck_certificate_chain
            .as_ref()
            .map_or(0, String::len),
    ];
    if length.iter().sum::<usize>() > COLLATERAL_BYTES_MAX {
        return Err(malformed(&format!(
            "it has more than {COLLATERAL_BYTES_MAX} bytes"
        )));
    }
    let chain = Certificate::load_pem_chain(collateral.tcb_info_issuer_chain.trim().as_bytes())
        .map_err(|error| malformed(&format!("tcb_info_issuer_chain: {error}")))?;
    let root = chain
        .last()
        .ok_or_else(|| malformed("tcb_info_issuer_chain has no certificate"))?;
    root.to_der()
        .map_err(|error| malformed(&format!("tcb_info_issuer_chain: {error}")))
}

fn measured(report: &Report) -> (Measurement, [u8; 64]) {
    let td = match report {
        Report::SgxEnclave(enclave) => {
            let measurement = Measurement::Sgx {
                mr_enclave: enclave.mr_enclave,
                mr_signer: enclave.mr_signer,
                isv_prod_id: enclave.isv_prod_id,
                isv_svn: enclave.isv_svn,
            };
            return (measurement, enclave.report_data);
        }
        Report::TD10(td) => td,
        Report::TD15(td) => &td.base,
        Report::TD15Ex(td) => &td.base.base,
    };
    let measurement = Measurement::Tdx {
        mr_td: td.mr_td,
        rtmr: [td.rt_mr0, td.rt_mr1, td.rt_mr2, td.rt_mr3],
    };
    (measurement, td.report_data)
}
