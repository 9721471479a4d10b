//! What a contract says when it reverts.

use alloy::{
    primitives::hex,
    rpc::json_rpc::ErrorPayload,
    sol_types::{GenericContractError, SolInterface},
};
use phat_target::Rejection;

use crate::contracts::anchor::PhatAnchor::PhatAnchorErrors;

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

/// What the data of a revert means.
pub(crate) fn decode(data: &[u8]) -> Rejection {
    use PhatAnchorErrors as E;
    match PhatAnchorErrors::abi_decode(data) {
        Ok(E::AlreadySettled(_)) => Rejection::AlreadySettled,
        Ok(E::UnknownRequest(_)) => Rejection::UnknownRequest,
        Ok(E::CommitmentMismatch(_)) => Rejection::CommitmentMismatch,
        Ok(E::StaleVersion(error)) => Rejection::StaleVersion {
            expected: error.expected,
            actual: error.actual,
        },
        Ok(E::NotAttestor(error)) => Rejection::NotAttestor(error.recovered.to_string()),
        Ok(error) => Rejection::Reverted(describe(&error)),
        Err(_) => Rejection::Reverted(describe_foreign(data)),
    }
}

fn describe(error: &PhatAnchorErrors) -> String {
    use PhatAnchorErrors as E;
    match error {
        E::ECDSAInvalidSignature(_)
        | E::ECDSAInvalidSignatureLength(_)
        | E::ECDSAInvalidSignatureS(_) => "the signature is malformed".into(),
        E::InputTooLarge(error) => format!(
            "the request's input has {} bytes; the anchor takes {}",
            error.length, error.max
        ),
        E::OwnableUnauthorizedAccount(error) => {
            format!("{} is not the owner of the anchor", error.account)
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
mod tests {
    use alloy::{
        primitives::{Address, B256, U256},
        sol_types::{Panic, Revert, SolError},
    };

    use super::*;
    use crate::contracts::{anchor::PhatAnchor as A, errors::Refused};

    #[test]
    fn every_error_of_settle_is_understood() {
        let id = U256::from(5);
        let recovered = Address::repeat_byte(0xab);
        let rows: Vec<(Vec<u8>, Rejection)> = vec![
            (
                A::AlreadySettled { id }.abi_encode(),
                Rejection::AlreadySettled,
            ),
            (
                A::UnknownRequest { id }.abi_encode(),
                Rejection::UnknownRequest,
            ),
            (
                A::CommitmentMismatch {
                    id,
                    expected: B256::ZERO,
                    actual: B256::repeat_byte(1),
                }
                .abi_encode(),
                Rejection::CommitmentMismatch,
            ),
            (
                A::StaleVersion {
                    key: B256::ZERO,
                    expected: 1,
                    actual: 2,
                }
                .abi_encode(),
                Rejection::StaleVersion {
                    expected: 1,
                    actual: 2,
                },
            ),
            (
                A::NotAttestor { recovered }.abi_encode(),
                Rejection::NotAttestor(recovered.to_string()),
            ),
        ];
        for (data, wanted) in rows {
            assert_eq!(decode(&data), wanted);
        }
    }

    #[test]
    fn other_reverts_are_described() {
        let long = "x".repeat(1000);
        let rows: Vec<(Vec<u8>, &str)> = vec![
            (
                A::ECDSAInvalidSignature {}.abi_encode(),
                "signature is malformed",
            ),
            (
                A::InputTooLarge {
                    length: U256::from(9),
                    max: U256::from(8),
                }
                .abi_encode(),
                "9 bytes",
            ),
            (
                Revert::from("no luck\nat all").abi_encode(),
                "no luck at all",
            ),
            (
                Revert::from(long.as_str()).abi_encode(),
                &long[..TEXT_CHARS_MAX],
            ),
            (
                Panic {
                    code: U256::from(0x11),
                }
                .abi_encode(),
                "overflow",
            ),
            (
                Refused {
                    code: U256::from(1),
                }
                .abi_encode(),
                "custom error 0x",
            ),
            (vec![], "without a reason"),
            (vec![1, 2], "custom error 0x0102"),
            (vec![7; 5000], "…"),
        ];
        for (data, wanted) in rows {
            let Rejection::Reverted(text) = decode(&data) else {
                panic!("not a plain revert: {data:?}");
            };
            assert!(text.contains(wanted), "{text} does not say {wanted}");
            assert!(text.len() <= TEXT_CHARS_MAX, "{text}");
        }
    }
}
