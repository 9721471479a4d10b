//! Reading what a service answers.

use der::{DateTime, Decode};
use percent_encoding::percent_decode;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;
use x509_cert::{Certificate, crl::CertificateList};

use crate::{CollateralError, http::Raw};

/// A DER sequence begins so; hexadecimal digits of one begin with a 3.
const DER_SEQUENCE: u8 = 0x30;

/// Something that Intel signed, with the certificates of who signed it.
pub struct Signed {
    /// The JSON, byte for byte as it was signed.
    pub text: String,
    pub signature: Vec<u8>,
    /// In PEM, the signer's first.
    pub issuer_chain: String,
}

/// A list of revoked certificates, in DER, with the certificates of who signed it.
pub struct Revocations {
    pub list: Vec<u8>,
    pub issuer_chain: String,
}

/// The answer to a question for what is known of a kind of platform.
#[derive(Deserialize)]
struct TcbInfoAnswer<'a> {
    #[serde(borrow, rename = "tcbInfo")]
    tcb_info: &'a RawValue,
    signature: &'a str,
}

/// The answer to a question for what quoting enclaves have to be.
#[derive(Deserialize)]
struct QeIdentityAnswer<'a> {
    #[serde(borrow, rename = "enclaveIdentity")]
    enclave_identity: &'a RawValue,
    signature: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TcbInfo {
    fmspc: String,
    next_update: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QeIdentity {
    next_update: String,
}

/// Reads what is known of the platform `fmspc`, and checks that it is, and holds at `now_s`.
pub fn tcb_info(raw: &Raw, fmspc: &str, now_s: u64) -> Result<Signed, CollateralError> {
    let malformed = |reason| malformed(&raw.url, reason);
    let answer: TcbInfoAnswer<'_> =
        serde_json::from_slice(&raw.body).map_err(|error| malformed(error.to_string()))?;
    let text = answer.tcb_info.get();
    let info: TcbInfo = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
    if !info.fmspc.eq_ignore_ascii_case(fmspc) {
        return Err(CollateralError::OtherPlatform {
            url: raw.url.to_string(),
            asked: fmspc.to_owned(),
            given: info.fmspc,
        });
    }
    check_current("TCB info", date(&raw.url, &info.next_update)?, now_s)?;
    Ok(Signed {
        text: text.to_owned(),
        signature: signature(&raw.url, answer.signature)?,
        // The second name is the one that version 3 had, which some caches kept.
        issuer_chain: issuer_chain(raw, &["TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"])?,
    })
}

/// Reads what quoting enclaves have to be, and checks that it holds at `now_s`.
pub fn qe_identity(raw: &Raw, now_s: u64) -> Result<Signed, CollateralError> {
    let malformed = |reason| malformed(&raw.url, reason);
    let answer: QeIdentityAnswer<'_> =
        serde_json::from_slice(&raw.body).map_err(|error| malformed(error.to_string()))?;
    let text = answer.enclave_identity.get();
    let identity: QeIdentity =
        serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
    let until_s = date(&raw.url, &identity.next_update)?;
    check_current("identity of the quoting enclave", until_s, now_s)?;
    Ok(Signed {
        text: text.to_owned(),
        signature: signature(&raw.url, answer.signature)?,
        issuer_chain: issuer_chain(raw, &["SGX-Enclave-Identity-Issuer-Chain"])?,
    })
}

/// Reads which certificates of platforms are revoked.
pub fn pck_revocations(raw: &Raw, now_s: u64) -> Result<Revocations, CollateralError> {
    Ok(Revocations {
        list: revocations(raw, "list of revoked platforms", now_s)?,
        issuer_chain: issuer_chain(raw, &["SGX-PCK-CRL-Issuer-Chain"])?,
    })
}

/// Reads which certificates of the root are revoked.
pub fn root_revocations(raw: &Raw, now_s: u64) -> Result<Vec<u8>, CollateralError> {
    revocations(raw, "root's list of revoked certificates", now_s)
}

/// Reads the certificates of a platform's key, in PEM, its own first.
pub fn pck_chain(raw: &Raw) -> Result<String, CollateralError> {
    let leaf = std::str::from_utf8(&raw.body)
        .map_err(|error| malformed(&raw.url, error.to_string()))?
        .trim();
    let issuers = issuer_chain(raw, &["SGX-PCK-Certificate-Issuer-Chain"])?;
    Ok(format!("{leaf}\n{issuers}"))
}

/// A list of revoked certificates, as DER or as its hexadecimal digits, which caches give.
fn revocations(raw: &Raw, what: &'static str, now_s: u64) -> Result<Vec<u8>, CollateralError> {
    let malformed = |reason| malformed(&raw.url, reason);
    let list = match raw.body.first() {
        Some(&DER_SEQUENCE) => raw.body.clone(),
        _ => hex::decode(raw.body.trim_ascii())
            .map_err(|_| malformed("it is neither DER nor hexadecimal digits".into()))?,
    };
    let read = <CertificateList>::from_der(&list)
        .map_err(|error| malformed(format!("it is no list of revoked certificates: {error}")))?;
    let next_update = read
        .tbs_cert_list
        .next_update
        .ok_or_else(|| malformed("it does not say until when it holds".into()))?;
    check_current(what, next_update.to_unix_duration().as_secs(), now_s)?;
    Ok(list)
}

/// The certificates in the first of these headers that is there. They are in PEM,
/// percent-encoded.
fn issuer_chain(raw: &Raw, names: &[&str]) -> Result<String, CollateralError> {
    let malformed = |reason| malformed(&raw.url, reason);
    let name = names.first().copied().unwrap_or_default();
    let value = names
        .iter()
        .find_map(|name| raw.headers.get(*name))
        .ok_or_else(|| malformed(format!("it has no header {name}")))?;
    let chain = percent_decode(value.as_bytes())
        .decode_utf8()
        .map_err(|error| malformed(format!("the header {name} is no text: {error}")))?
        .into_owned();
    match Certificate::load_pem_chain(chain.trim().as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(chain),
        Ok(_) => Err(malformed(format!("the header {name} has no certificate"))),
        Err(error) => Err(malformed(format!(
            "the header {name} has no certificates: {error}"
        ))),
    }
}

fn signature(url: &Url, digits: &str) -> Result<Vec<u8>, CollateralError> {
    hex::decode(digits)
        .map_err(|_| malformed(url, "the signature is not in hexadecimal digits".into()))
}

/// A time such as `2026-01-31T00:00:00Z`, in seconds since 1970.
fn date(url: &Url, text: &str) -> Result<u64, CollateralError> {
    let date: DateTime = text
        .parse()
        .map_err(|_| malformed(url, format!("{text:?} is no time")))?;
    Ok(date.unix_duration().as_secs())
}

fn check_current(what: &'static str, until_s: u64, now_s: u64) -> Result<(), CollateralError> {
    if until_s <= now_s {
        return Err(CollateralError::Stale { what, until_s });
    }
    Ok(())
}

pub fn malformed(url: &Url, reason: String) -> CollateralError {
    CollateralError::Malformed {
        url: url.to_string(),
        reason,
    }
}
