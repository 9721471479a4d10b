//! What reverts mean.

use alloy::{
    primitives::{Address, B256, FixedBytes, U256, Uint},
    sol_types::{Panic, Revert, SolError},
};

use super::*;
use crate::contracts::{anchor::PhatAnchor as A, errors::Refused, rollup::PhatRollupAnchor as R};

fn word(number: u32) -> U256 {
    U256::from(number)
}

#[test]
fn every_error_of_settle_is_understood() {
    let id = word(5);
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
                actual: FixedBytes::repeat_byte(1),
            }
            .abi_encode(),
            Rejection::CommitmentMismatch,
        ),
        (
            A::Expired {
                id,
                expiresAt: Uint::from(7),
            }
            .abi_encode(),
            Rejection::Expired,
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
            A::QuorumMissing {
                have: word(1),
                need: U256::MAX,
            }
            .abi_encode(),
            Rejection::QuorumMissing {
                have: 1,
                need: u32::MAX,
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
fn bounds_of_the_attestors_are_understood() {
    let rows: Vec<(Vec<u8>, &str)> = vec![
        (
            A::AttestorsLapsed {
                validUntil: Uint::from(1234),
            }
            .abi_encode(),
            "valid until 1234",
        ),
        (
            A::RateExceeded {
                max: word(60),
                retryAt: Uint::from(1),
            }
            .abi_encode(),
            "60 an hour",
        ),
        (A::WritesForbidden {}.abi_encode(), "may not write"),
    ];
    for (data, wanted) in rows {
        let Rejection::OutOfBounds(text) = decode(&data) else {
            panic!("no bound: {data:?}");
        };
        assert!(text.contains(wanted), "{text} does not say {wanted}");
    }
}

#[test]
fn every_error_of_the_older_interface_is_understood() {
    let unmet = |key: &[u8], expected, actual| {
        R::CondNotMet {
            key: key.to_vec().into(),
            expected,
            actual,
        }
        .abi_encode()
    };
    let rows: Vec<(Vec<u8>, Rejection)> = vec![
        (unmet(b"q/_head", 7, 4), Rejection::OutOfTurn { ahead: 3 }),
        (unmet(b"q/_head", 4, 5), Rejection::AlreadySettled),
        (
            unmet(b"key:ver", 1, 2),
            Rejection::StaleVersion {
                expected: 1,
                actual: 2,
            },
        ),
        (
            R::NonceTooLow {
                actual: word(3),
                least: word(4),
            }
            .abi_encode(),
            Rejection::StaleVersion {
                expected: 3,
                actual: 4,
            },
        ),
        (
            R::BadAttestor {}.abi_encode(),
            Rejection::NotAttestor("the signer".into()),
        ),
        (
            R::InvalidPopTarget {
                target: word(3),
                tail: word(2),
            }
            .abi_encode(),
            Rejection::UnknownRequest,
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
            A::InvalidSignature { index: word(0) }.abi_encode(),
            "signature is malformed",
        ),
        (
            A::OutOfGasForOutcome {
                left: word(8),
                min: word(9),
            }
            .abi_encode(),
            "asks for 9 gas",
        ),
        (
            A::InputTooLarge {
                length: word(9),
                max: word(8),
            }
            .abi_encode(),
            "9 bytes",
        ),
        (
            A::UnknownConsumer {
                consumer: Address::ZERO,
            }
            .abi_encode(),
            "not registered",
        ),
        (
            R::CondNotMet {
                key: b"other".to_vec().into(),
                expected: 1,
                actual: 2,
            }
            .abi_encode(),
            "CondNotMet",
        ),
        (
            R::BadCondLen {
                keys: word(1),
                values: word(2),
            }
            .abi_encode(),
            "BadCondLen",
        ),
        (
            R::BadUpdateLen {
                keys: word(1),
                values: word(2),
            }
            .abi_encode(),
            "BadUpdateLen",
        ),
        (
            R::CannotDecodeAction { kind: 1 }.abi_encode(),
            "CannotDecodeAction",
        ),
        (
            R::UnsupportedAction { kind: 9 }.abi_encode(),
            "UnsupportedAction",
        ),
        (
            R::Internal_toUint32Strict_outOfBounds {
                data: vec![1; 5].into(),
            }
            .abi_encode(),
            "stores 5 bytes",
        ),
        (
            R::MetaTxSignatureNotMatch {}.abi_encode(),
            "another chain or consumer",
        ),
        (A::Unguarded {}.abi_encode(), "nobody asked"),
        (
            Revert::from("no luck\nat all").abi_encode(),
            "no luck at all",
        ),
        (
            Revert::from(long.as_str()).abi_encode(),
            &long[..TEXT_CHARS_MAX],
        ),
        (Panic { code: word(0x11) }.abi_encode(), "overflow"),
        (Refused { code: word(1) }.abi_encode(), "custom error 0x"),
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
