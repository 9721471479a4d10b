//! Checks calls to webhooks: that they are signed, by whom the manifest says, and now.

use ed25519_dalek::VerifyingKey;
use hmac::{Hmac, Mac};
use phat_manifest::Signature;
use phat_primitives::blake2_256;
use phat_worker_client::HookHeader;
use phat_worker_core::Cause;
use sha2::Sha256;
use thiserror::Error;

/// The header with the signature as GitHub has it.
pub const GITHUB_HEADER: &str = "x-hub-signature-256";
/// The header with time and signature as Stripe has it.
pub const STRIPE_HEADER: &str = "stripe-signature";
/// The header with an Ed25519 signature.
pub const ED25519_HEADER: &str = "x-signature-ed25519";
/// The header with the time that an Ed25519 signature covers.
pub const TIMESTAMP_HEADER: &str = "x-signature-timestamp";
/// All that are looked at.
pub const HEADERS: [&str; 4] = [
    GITHUB_HEADER,
    STRIPE_HEADER,
    ED25519_HEADER,
    TIMESTAMP_HEADER,
];

/// The most characters of such a header.
pub const HEADER_CHARS_MAX: usize = 1024;
/// The most signatures in one header: a sender that changes its key signs with both.
const SIGNATURES_MAX: usize = 4;
/// Separates what is hashed for the id of a call from all else.
const DOMAIN: &[u8] = b"phat/webhook/1";

/// A call that does not fire.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HookError {
    /// A header is not there, or not as it must be.
    #[error("the header {header} is missing or malformed: {form}")]
    Header {
        /// The header.
        header: &'static str,
        /// What it must be.
        form: &'static str,
    },
    /// The signature is of something else, or by somebody else.
    #[error(
        "the signature in {0} does not match: check the key, and that the body was not changed"
    )]
    Signature(&'static str),
    /// It was signed too long ago, or in the future.
    #[error(
        "the call was signed at {signed_at} s since 1970, and it is {now} s: {tolerance_s} s off \
         at most are allowed"
    )]
    Time {
        /// When it was signed.
        signed_at: u64,
        /// When it came.
        now: u64,
        /// How far these may be apart, in seconds.
        tolerance_s: u32,
    },
    /// The contract's secret is not there or cannot be opened.
    #[error("the secret {0:?} that checks the signature is not set, or cannot be read")]
    NoSecret(String),
}

/// Checks a call at `now`, in seconds since 1970. Gives what it fires.
///
/// `secret` is the contract's secret that the signature names; none where it names none.
pub fn check(
    signature: &Signature,
    secret: Option<&[u8]>,
    headers: &[HookHeader],
    body: &[u8],
    now: u64,
) -> Result<Cause, HookError> {
    let need = || {
        let name = signature.secret().cloned().unwrap_or_default();
        secret
            .filter(|secret| !secret.is_empty())
            .ok_or(HookError::NoSecret(name))
    };
    // Each part of what is signed, in its order.
    let signed: Vec<&[u8]> = match signature {
        Signature::Github { .. } => {
            let value = header(headers, GITHUB_HEADER, GITHUB_FORM)?;
            let digits = value.strip_prefix("sha256=").ok_or(malformed(GITHUB))?;
            let given = digest(digits).ok_or(malformed(GITHUB))?;
            check_hmac(need()?, &[body], &[given], GITHUB_HEADER)?;
            vec![body]
        }
        Signature::Stripe { tolerance_s, .. } => {
            let value = header(headers, STRIPE_HEADER, STRIPE_FORM)?;
            let (time, given) = stripe(value).ok_or(malformed(STRIPE))?;
            let parts = vec![time.as_bytes(), &b"."[..], body];
            check_hmac(need()?, &parts, &given, STRIPE_HEADER)?;
            check_time(time, now, *tolerance_s, STRIPE)?;
            parts
        }
        Signature::Ed25519 { tolerance_s, .. } => {
            let time = header(headers, TIMESTAMP_HEADER, TIMESTAMP_FORM)?;
            let value = header(headers, ED25519_HEADER, ED25519_FORM)?;
            check_ed25519(
                signature.public_key(),
                value,
                &[time.as_bytes(), body].concat(),
            )?;
            check_time(time, now, *tolerance_s, (TIMESTAMP_HEADER, TIMESTAMP_FORM))?;
            vec![time.as_bytes(), body]
        }
    };
    let signed = [DOMAIN].into_iter().chain(signed);
    Ok(Cause::Call(blake2_256(
        &signed.collect::<Vec<_>>().concat(),
    )))
}

/// A header and what it must be.
type Form = (&'static str, &'static str);
const GITHUB_FORM: &str =
    "give sha256= and the 64 hexadecimal digits of the HMAC-SHA-256 of the body";
const GITHUB: Form = (GITHUB_HEADER, GITHUB_FORM);
const STRIPE_FORM: &str = "give t= and seconds since 1970, and v1= and the 64 hexadecimal digits of the \
                           HMAC-SHA-256 of the time, a dot and the body";
const STRIPE: Form = (STRIPE_HEADER, STRIPE_FORM);
const ED25519_FORM: &str = "give the 128 hexadecimal digits of the signature of time and body";
const TIMESTAMP_FORM: &str = "give seconds since 1970";

fn malformed((header, form): Form) -> HookError {
    HookError::Header { header, form }
}

fn header<'a>(
    headers: &'a [HookHeader],
    name: &'static str,
    form: &'static str,
) -> Result<&'a str, HookError> {
    headers
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.as_str())
        .filter(|value| value.len() <= HEADER_CHARS_MAX)
        .ok_or(malformed((name, form)))
}

fn digest(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some(bytes)
}

/// The time, and the signatures of the first version.
fn stripe(value: &str) -> Option<(&str, Vec<[u8; 32]>)> {
    let mut time = None;
    let mut given = Vec::new();
    for part in value.split(',') {
        match part.trim().split_once('=')? {
            // Two times would let one be signed and the other be checked.
            ("t", _) if time.is_some() => return None,
            ("t", seconds) => time = Some(seconds),
            ("v1", digits) if given.len() < SIGNATURES_MAX => given.push(digest(digits)?),
            _ => {}
        }
    }
    Some((time?, given))
}

/// Checks, in a time that tells nothing of the key, that one of the codes is right.
fn check_hmac(
    key: &[u8],
    parts: &[&[u8]],
    given: &[[u8; 32]],
    header: &'static str,
) -> Result<(), HookError> {
    let wrong = HookError::Signature(header);
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| wrong.clone())?;
    parts.iter().for_each(|part| mac.update(part));
    given
        .iter()
        .any(|code| mac.clone().verify_slice(code).is_ok())
        .then_some(())
        .ok_or(wrong)
}

fn check_ed25519(
    public_key: Option<[u8; 32]>,
    value: &str,
    message: &[u8],
) -> Result<(), HookError> {
    let wrong = HookError::Signature(ED25519_HEADER);
    let mut bytes = [0; 64];
    hex::decode_to_slice(value, &mut bytes)
        .map_err(|_| malformed((ED25519_HEADER, ED25519_FORM)))?;
    let key = public_key.and_then(|key| VerifyingKey::from_bytes(&key).ok());
    let signature = ed25519_dalek::Signature::from_bytes(&bytes);
    key.is_some_and(|key| key.verify_strict(message, &signature).is_ok())
        .then_some(())
        .ok_or(wrong)
}

fn check_time(text: &str, now: u64, tolerance_s: u32, form: Form) -> Result<(), HookError> {
    let signed_at: u64 = text.parse().map_err(|_| malformed(form))?;
    if signed_at.abs_diff(now) > u64::from(tolerance_s) {
        return Err(HookError::Time {
            signed_at,
            now,
            tolerance_s,
        });
    }
    Ok(())
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
