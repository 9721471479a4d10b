//! What an outcome takes by itself, whatever the consumer does with it.

use alloy::primitives::Bytes;
use phat_target::{Rollup, SignedRollup, TargetError};

/// The most bytes that nodes take a transaction with (geth's `txMaxSize`).
const TRANSACTION_BYTES_MAX: usize = 128 * 1024;
/// What a transaction has besides its input: some 200 bytes, and some spare.
const ENVELOPE_BYTES: usize = 1024;
/// The longest input of a settlement.
pub(crate) const CALLDATA_BYTES_MAX: usize = TRANSACTION_BYTES_MAX - ENVELOPE_BYTES;

/// Gas of every transaction.
const TRANSACTION_GAS: u64 = 21_000;
/// Gas of a byte of input that is zero.
const ZERO_BYTE_GAS: u64 = 4;
/// Gas of any other byte of input (EIP-2028).
const BYTE_GAS: u64 = 16;
/// Gas of writing a slot that was empty and not looked at before (EIP-2929).
const NEW_SLOT_GAS: u64 = 22_100;
/// Bytes in a slot.
const SLOT_BYTES: usize = 32;

/// Refuses a settlement that no node would take.
pub(crate) fn check_bytes(calldata: &[u8]) -> Result<(), TargetError> {
    if calldata.len() <= CALLDATA_BYTES_MAX {
        return Ok(());
    }
    Err(TargetError::OutcomeTooLarge(format!(
        "its settlement has {} bytes, a transaction takes {CALLDATA_BYTES_MAX}",
        calldata.len()
    )))
}

/// What a settlement is refused with that takes more gas than `gas_max`: the
/// outcome's size, if it alone takes that much, or else `error`.
pub(crate) fn too_much_gas(
    rollups: &[SignedRollup],
    calldata: &Bytes,
    gas_max: u64,
    error: TargetError,
) -> TargetError {
    let [signed] = rollups else {
        // A smaller batch may still go through.
        return error;
    };
    let gas = outcome_gas(&signed.rollup, calldata);
    if gas <= gas_max {
        return error;
    }
    TargetError::OutcomeTooLarge(format!(
        "its bytes and the keys that it writes take {gas} gas, this worker pays for {gas_max}"
    ))
}

/// The gas that a settlement takes where the consumer does nothing: that of its
/// input, and of keys that were never written before.
fn outcome_gas(rollup: &Rollup, calldata: &[u8]) -> u64 {
    let zeros = calldata.iter().filter(|byte| **byte == 0).count() as u64;
    let others = calldata.len() as u64 - zeros;
    let slots: usize = rollup
        .writes
        .iter()
        .map(|write| match write.value.len() {
            // The version has a slot of its own, and so has the length of a value
            // that does not fit next to it.
            0 => 1,
            length if length < SLOT_BYTES => 2,
            length => 2 + length.div_ceil(SLOT_BYTES),
        })
        .sum();
    TRANSACTION_GAS
        .saturating_add(zeros.saturating_mul(ZERO_BYTE_GAS))
        .saturating_add(others.saturating_mul(BYTE_GAS))
        .saturating_add((slots as u64).saturating_mul(NEW_SLOT_GAS))
}

#[cfg(test)]
mod tests {
    use phat_target::KeyWrite;

    use super::*;

    fn writing(lengths: &[usize]) -> Rollup {
        Rollup {
            number: [0; 32],
            commitment: [0; 32],
            success: true,
            output: vec![],
            reads: vec![],
            writes: lengths
                .iter()
                .map(|length| KeyWrite {
                    key: vec![1],
                    value: vec![1; *length],
                })
                .collect(),
        }
    }

    #[test]
    fn bytes_and_slots_are_counted() {
        for (rollup, calldata, gas) in [
            (writing(&[]), vec![], 21_000),
            (writing(&[]), vec![0, 1, 2], 21_036),
            (writing(&[0]), vec![], 21_000 + 22_100),
            (writing(&[31]), vec![], 21_000 + 2 * 22_100),
            (writing(&[32, 33]), vec![], 21_000 + 7 * 22_100),
        ] {
            assert_eq!(outcome_gas(&rollup, &calldata), gas, "{rollup:?}");
        }
    }

    #[test]
    fn what_is_to_blame_is_named() {
        let cap = || TargetError::GasCap {
            chain: "eip155:1".into(),
            reason: "9".into(),
            cap: 100_000,
        };
        let refused =
            |rollups: &[SignedRollup]| too_much_gas(rollups, &Bytes::new(), 100_000, cap());
        let signed = |rollup| SignedRollup {
            rollup,
            signatures: vec![],
        };
        assert_eq!(refused(&[signed(writing(&[]))]), cap());
        let many = [signed(writing(&[1_000])), signed(writing(&[]))];
        assert_eq!(refused(&many), cap(), "a part of it may fit");
        let large = refused(&many[..1]);
        assert!(matches!(large, TargetError::OutcomeTooLarge(_)), "{large}");
    }

    #[test]
    fn the_longest_input_is_let_through_and_one_byte_more_is_not() {
        assert!(check_bytes(&vec![0; CALLDATA_BYTES_MAX]).is_ok());
        let error = check_bytes(&vec![0; CALLDATA_BYTES_MAX + 1]).unwrap_err();
        assert!(matches!(error, TargetError::OutcomeTooLarge(_)), "{error}");
    }
}
