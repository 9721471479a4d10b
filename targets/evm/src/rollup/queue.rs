//! The keys and numbers of the older interface's store.

use alloy::{primitives::U256, sol_types::SolValue};
use phat_target::TargetError;

/// The first request in the queue.
pub(super) const HEAD: &[u8] = b"q/_head";
/// The request that comes next.
pub(super) const TAIL: &[u8] = b"q/_tail";
/// What the keys of the queue begin with.
const PREFIX: &[u8] = b"q/";
/// What the key of a version ends with.
const VERSION: &[u8] = b":ver";
/// Bytes of a stored number.
const NUMBER_BYTES: usize = 32;

/// Where a request's bytes are.
pub(super) fn message_key(index: u32) -> Vec<u8> {
    [PREFIX, &encoded(index)].concat()
}

/// Where the version of a key is.
pub(super) fn version_key(key: &[u8]) -> Vec<u8> {
    [key, VERSION].concat()
}

/// Whether this is the key of a version.
pub(crate) fn is_version_key(key: &[u8]) -> bool {
    key.ends_with(VERSION)
}

/// Whether this is the key of the queue's first request.
pub(crate) fn is_head_key(key: &[u8]) -> bool {
    key == HEAD
}

/// A number as it is stored.
pub(super) fn encoded(number: u32) -> Vec<u8> {
    number.abi_encode()
}

/// The number in stored bytes; nothing is 0.
pub(super) fn number_of(bytes: &[u8]) -> Result<u32, TargetError> {
    if bytes.is_empty() {
        return Ok(0);
    }
    let number = (bytes.len() == NUMBER_BYTES).then(|| U256::from_be_slice(bytes));
    number
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| {
            TargetError::Malformed(format!(
                "the consumer's store holds {} bytes where a number below 2^32 should be: is it a \
                 consumer with the older rollup interface?",
                bytes.len()
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_stored_as_words() {
        for number in [0, 1, 255, u32::MAX] {
            assert_eq!(encoded(number).len(), NUMBER_BYTES);
            assert_eq!(number_of(&encoded(number)), Ok(number));
        }
        assert_eq!(number_of(&[]), Ok(0));
        let above = (u64::from(u32::MAX) + 1).abi_encode();
        for bad in [&[1][..], &[0; 31], &[0; 33], &above] {
            let error = number_of(bad).unwrap_err();
            assert!(error.to_string().contains("below 2^32"), "{error}");
        }
    }

    #[test]
    fn keys_are_those_of_the_interface() {
        let mut wanted = b"q/".to_vec();
        wanted.extend([0; 31]);
        wanted.push(7);
        assert_eq!(message_key(7), wanted);
        assert_eq!(version_key(b"a"), b"a:ver");
        assert!(is_version_key(b"a:ver") && !is_version_key(b"a"));
        assert!(is_head_key(HEAD) && !is_head_key(TAIL));
    }
}
