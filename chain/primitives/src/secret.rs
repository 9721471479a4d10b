//! How the secrets of contracts are named, and what they are sealed with.
//!
//! A secret is encrypted to the public key of its contract's cluster by whoever sets it, and the
//! chain holds what comes of that. Whoever encrypts and whoever decrypts give [`SEAL_INFO`] and
//! [`seal_data`], so that what was sealed for one chain, contract, name and key opens as nothing
//! else.

use alloc::vec::Vec;

use codec::Encode;

use crate::{ContractId, limits::SECRET_NAME_BYTES_MAX};

/// Separates sealed secrets from all else that is encrypted to a cluster's key: the `info` of HPKE.
pub const SEAL_INFO: &[u8] = b"phat/secret/1";

/// What a secret is bound to: the `aad` of HPKE.
///
/// It is the SCALE encoding of the hash of the chain's first block (32 bytes), the contract (32
/// bytes), the name (its length as a compact integer, then its bytes) and the generation of the
/// cluster's key (4 bytes, little-endian).
pub fn seal_data(
    genesis_hash: &[u8; 32],
    contract: &ContractId,
    name: &str,
    generation: u32,
) -> Vec<u8> {
    (genesis_hash, contract, name, generation).encode()
}

/// Whether a secret can have this name: 1 to 64 ASCII letters, digits, `-` and `_`.
pub fn is_secret_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name.len() <= SECRET_NAME_BYTES_MAX as usize
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_two_signs() {
        let longest = [b'a'; SECRET_NAME_BYTES_MAX as usize];
        for good in [&b"a"[..], b"api-key", b"API_KEY_2", &longest] {
            assert!(is_secret_name(good), "{good:?}");
        }
        let too_long = [b'a'; SECRET_NAME_BYTES_MAX as usize + 1];
        for bad in [
            &b""[..],
            b"api key",
            b"api.key",
            b"a\n",
            "é".as_bytes(),
            &too_long,
        ] {
            assert!(!is_secret_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_seal_is_bound_to_these_bytes() {
        let mut expected = Vec::new();
        expected.extend([1; 32]);
        expected.extend([2; 32]);
        expected.extend(b"\x1capi-key");
        expected.extend([3, 0, 0, 0]);
        let data = seal_data(&[1; 32], &ContractId([2; 32]), "api-key", 3);
        assert_eq!(data, expected);
    }
}
