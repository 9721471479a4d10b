//! What a contract says when it reverts.

use alloy::{
    primitives::hex,
    rpc::json_rpc::ErrorPayload,
    sol_types::{GenericContractError, SolInterface},
};
use phat_target::Rejection;

use crate::{
    contracts::{
        anchor::PhatAnchor::PhatAnchorErrors as LeanErrors,
        rollup::PhatRollupAnchor::PhatRollupAnchorErrors as RollupErrors,
    },
    rollup::queue::{is_head_key, is_version_key},
};

/// The most bytes of an unknown error that are shown.
const UNKNOWN_BYTES_MAX: usize = 100;
/// The most characters of an endpoint's or a contract's text that are shown.
const TEXT_CHARS_MAX: usize = 300;

/// The revert in an endpoint's answer to a simulation; `None` when the endpoint
/// failed for another reason.
pub(crate) fn rejection(payload: &ErrorPayload) -> Option<Rejection> {
    if let Some(data) = payload.as_revert_data() {
        return Some(decode(&data));
    }
    let message = payload.message.to_ascii_lowercase();
    let fails = [
        "revert",
        "gas required exceeds",
        "out of gas",
        "invalid opcode",
        "outofgas",
    ]
    .iter()
    .any(|sign| message.contains(sign));
    fails.then(|| Rejection::Reverted(shorten(&payload.message)))
}

/// Whether a simulation ended because the gas did: in the call itself, not in a
/// contract that says so.
pub(crate) fn is_out_of_gas(payload: &ErrorPayload) -> bool {
    let message = payload.message.to_ascii_lowercase();
    payload.as_revert_data().is_none()
        && !message.contains("revert")
        && ["gas required exceeds", "out of gas", "outofgas"]
            .iter()
            .any(|sign| message.contains(sign))
}

/// What the data of a revert means, whichever kind of anchor it comes from.
pub(crate) fn decode(data: &[u8]) -> Rejection {
    if let Ok(error) = LeanErrors::abi_decode(data) {
        return of_lean(&error);
    }
    match RollupErrors::abi_decode(data) {
        Ok(error) => of_rollup(&error),
        Err(_) => Rejection::Reverted(describe_foreign(data)),
    }
}

/// What the lean anchor means.
fn of_lean(error: &LeanErrors) -> Rejection {
    use LeanErrors as E;
    match error {
        E::AlreadySettled(_) => Rejection::AlreadySettled,
        E::UnknownRequest(_) => Rejection::UnknownRequest,
        E::CommitmentMismatch(_) => Rejection::CommitmentMismatch,
        E::Expired(_) => Rejection::Expired,
        E::StaleVersion(error) => Rejection::StaleVersion {
            expected: error.expected,
            actual: error.actual,
        },
        E::QuorumMissing(error) => Rejection::QuorumMissing {
            have: error.have.saturating_to(),
            need: error.need.saturating_to(),
        },
        E::NotAttestor(error) => Rejection::NotAttestor(error.recovered.to_string()),
        E::AttestorsLapsed(error) => Rejection::OutOfBounds(format!(
            "its attestors were valid until {} s since 1970",
            error.validUntil
        )),
        E::RateExceeded(error) => Rejection::OutOfBounds(format!(
            "its attestors may settle {} an hour, and have",
            error.max
        )),
        E::WritesForbidden(_) => {
            Rejection::OutOfBounds("its attestors may not write keys, and the outcome does".into())
        }
        other => Rejection::Reverted(describe(other)),
    }
}

/// What a consumer with the older interface means.
fn of_rollup(error: &RollupErrors) -> Rejection {
    use RollupErrors as E;
    match error {
        E::CondNotMet(error) if is_head_key(&error.key) => {
            // The outcome was made for `expected`, the queue begins with `actual`.
            match error.expected.checked_sub(error.actual) {
                Some(ahead) if ahead > 0 => Rejection::OutOfTurn {
                    ahead: ahead.into(),
                },
                _ => Rejection::AlreadySettled,
            }
        }
        E::CondNotMet(error) if is_version_key(&error.key) => Rejection::StaleVersion {
            expected: error.expected.into(),
            actual: error.actual.into(),
        },
        // Another outcome of the same key came first: a new one gets another nonce.
        E::NonceTooLow(error) => Rejection::StaleVersion {
            expected: error.actual.saturating_to(),
            actual: error.least.saturating_to(),
        },
        // Which one is known to whoever made the transaction.
        E::BadAttestor(_) => Rejection::NotAttestor("the signer".into()),
        E::InvalidPopTarget(_) => Rejection::UnknownRequest,
        E::MetaTxSignatureNotMatch(_) => {
            Rejection::Reverted("the signature is for another chain or consumer".into())
        }
        E::Internal_toUint32Strict_outOfBounds(error) => Rejection::Reverted(format!(
            "the consumer stores {} bytes where a version should be",
            error.data.len()
        )),
        other => Rejection::Reverted(shorten(&format!("{other:?}"))),
    }
}

fn describe(error: &LeanErrors) -> String {
    use LeanErrors as E;
    match error {
        E::InvalidSignature(_) | E::SignaturesMalformed(_) => "the signature is malformed".into(),
        E::SignersOutOfOrder(_) => "the signatures are not in the order of their signers".into(),
        E::OutOfGasForOutcome(error) => format!(
            "the callback asks for {} gas, and {} is left",
            error.min, error.left
        ),
        E::InputTooLarge(error) => format!(
            "the request's input has {} bytes; the anchor takes {}",
            error.length, error.max
        ),
        E::NotAuthorized(error) => {
            format!("{} may not change {}", error.account, error.consumer)
        }
        E::UnknownConsumer(error) => {
            format!("{} is not registered at the shared anchor", error.consumer)
        }
        E::Unguarded(_) => {
            "nobody asked for the outcome, and its first read and its first write are not of the \
             same key"
                .into()
        }
        E::ZeroAttestor(_) => "the zero address cannot be an attestor".into(),
        other => shorten(&format!("{other:?}")),
    }
}

/// An error of the consumer's own, or a plain revert or panic.
fn describe_foreign(data: &[u8]) -> String {
    match GenericContractError::abi_decode(data) {
        Ok(GenericContractError::Revert(revert)) => shorten(&revert.reason),
        Ok(GenericContractError::Panic(panic)) => format!("panic: {panic}"),
        Err(_) if data.is_empty() => "without a reason".into(),
        Err(_) => format!(
            "custom error 0x{}{}",
            hex::encode(&data[..data.len().min(UNKNOWN_BYTES_MAX)]),
            if data.len() > UNKNOWN_BYTES_MAX {
                "…"
            } else {
                ""
            }
        ),
    }
}

/// Bounds a text from outside, and keeps it on one line.
pub(crate) fn shorten(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(TEXT_CHARS_MAX)
        .collect()
}

#[cfg(test)]
mod tests;
