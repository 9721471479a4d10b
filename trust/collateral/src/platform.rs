//! Of which platform a quote is.

use codec::Decode;
use dcap_qvl::{
    intel,
    quote::{EncryptedPpidParams, Quote},
};
use x509_cert::{Certificate, der::Encode};

use crate::CollateralError;

/// The longest quote that is looked at, in bytes, as for who verifies it.
const QUOTE_BYTES_MAX: usize = 64 * 1024;
/// What a quote has of its platform: the platform's number encrypted with RSA of 2048 or 3072
/// bits, or its certificates in PEM. Source: Intel, "ECDSA Quote Library API", appendix 3.
const ENCRYPTED_PPID_2048: u16 = 2;
const ENCRYPTED_PPID_3072: u16 = 3;
const CERTIFICATE_CHAIN: u16 = 5;

/// How a quote names its platform.
pub struct Named {
    /// Whether it is of SGX, and not of TDX.
    pub is_sgx: bool,
    pub by: By,
}

/// What it has of the platform.
pub enum By {
    /// The certificates of its key, in PEM.
    Chain(String),
    /// What the certificates are found with.
    EncryptedPpid {
        /// The quoting enclave's number.
        qe_id: Vec<u8>,
        params: EncryptedPpidParams,
    },
}

/// The kind of a platform, as its certificate has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Family, model, stepping, platform and SKU, in upper-case hexadecimal digits.
    pub fmspc: String,
    /// Which of Intel's authorities certified it: `platform` or `processor`.
    pub authority: &'static str,
}

/// Reads how `quote` names its platform.
pub fn named(quote: &[u8]) -> Result<Named, CollateralError> {
    let bad = |reason: String| CollateralError::Quote(reason);
    if quote.len() > QUOTE_BYTES_MAX {
        return Err(bad(format!(
            "it has {} bytes, of {QUOTE_BYTES_MAX} at most",
            quote.len()
        )));
    }
    let quote = Quote::decode(&mut &quote[..]).map_err(|error| bad(error.to_string()))?;
    let by = match quote.inner_cert_type() {
        CERTIFICATE_CHAIN => {
            let pem = std::str::from_utf8(quote.inner_cert_data())
                .map_err(|error| bad(format!("its certificates are no text: {error}")))?;
            By::Chain(pem.to_owned())
        }
        ENCRYPTED_PPID_2048 | ENCRYPTED_PPID_3072 => By::EncryptedPpid {
            qe_id: quote.qeid().to_vec(),
            params: quote
                .encrypted_ppid_params()
                .map_err(|error| bad(format!("{error:#}")))?,
        },
        other => {
            return Err(bad(format!(
                "its certification data is of type {other}, and can be of types 2, 3 and 5"
            )));
        }
    };
    Ok(Named {
        is_sgx: quote.header.is_sgx(),
        by,
    })
}

/// The kind of the platform whose key has these certificates, in PEM, its own first.
pub fn kind(chain: &str) -> Result<Kind, String> {
    // Quotes have a zero byte behind the text.
    let chain = chain.trim_end_matches('\0').trim();
    let chain = Certificate::load_pem_chain(chain.as_bytes())
        .map_err(|error| format!("the platform's certificates cannot be read: {error}"))?;
    let leaf = chain
        .first()
        .ok_or("the platform has no certificate")?
        .to_der()
        .map_err(|error| error.to_string())?;
    let extension = intel::parse_pck_extension(&leaf).map_err(|error| format!("{error:#}"))?;
    let authority = intel::pck_ca(&leaf).map_err(|error| format!("{error:#}"))?;
    Ok(Kind {
        fmspc: hex::encode_upper(extension.fmspc),
        authority: authority.as_id_str(),
    })
}
