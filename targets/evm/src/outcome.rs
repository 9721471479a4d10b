//! Outcomes as the lean anchor takes them, and their EIP-712 signatures.

use alloy::{
    primitives::{Address, B256, Signature, U256, keccak256},
    signers::{SignerSync, local::PrivateKeySigner},
    sol_types::{SolStruct, SolValue, eip712_domain},
};
use phat_target::{Rollup, TargetError};

use crate::contracts::anchor::PhatAnchor::{Outcome, Read, Write};

/// The name that the anchor keeps `key` under.
pub fn key_hash(key: &[u8]) -> B256 {
    keccak256(key)
}

/// What binds an outcome to the content of a request, as `IPhatAnchor.commitmentOf`
/// has it: keccak256(abi.encode(consumer, requester, keccak256(input), fee,
/// expiresAt)).
pub fn commitment(
    consumer: Address,
    requester: Address,
    input: &[u8],
    fee: u128,
    expires_at: Option<u64>,
) -> B256 {
    let terms = (
        consumer,
        requester,
        keccak256(input),
        U256::from(fee),
        U256::from(expires_at.unwrap_or(0)),
    );
    keccak256(terms.abi_encode())
}

/// The EIP-712 digest of `rollup` for `consumer` at the anchor `contract` on the
/// chain `chain_id`: domain "PhatAnchor", version "1". An inherited anchor is its own
/// consumer.
pub fn digest(chain_id: u64, contract: Address, consumer: Address, rollup: &Rollup) -> B256 {
    outcome(consumer, rollup).eip712_signing_hash(&eip712_domain! {
        name: "PhatAnchor",
        version: "1",
        chain_id: chain_id,
        verifying_contract: contract,
    })
}

/// Signs a digest: 65 bytes r ‖ s ‖ v, s in the lower half.
pub fn sign(digest: &B256, contract_key: &[u8; 32]) -> Result<[u8; 65], TargetError> {
    let signature = signer(contract_key)?
        .sign_hash_sync(digest)
        .map_err(|error| {
            TargetError::Malformed(format!("the contract's key cannot sign: {error}"))
        })?;
    Ok(signature.as_bytes())
}

/// Signatures of one digest in the order that the anchor wants: by the rising
/// address of their signers, each signer once.
pub(crate) fn in_order(
    digest: &B256,
    signatures: Vec<Vec<u8>>,
) -> Result<Vec<Vec<u8>>, TargetError> {
    let mut signed = Vec::with_capacity(signatures.len());
    for bytes in signatures {
        signed.push((recover(digest, &bytes)?, bytes));
    }
    signed.sort();
    signed.dedup_by_key(|(signer, _)| *signer);
    Ok(signed.into_iter().map(|(_, bytes)| bytes).collect())
}

/// The address of the key that signed a digest. Bytes of another form than [`sign`]
/// gives, or that no key can have signed, are [`TargetError::Malformed`].
pub(crate) fn recover(digest: &B256, signature: &[u8]) -> Result<Address, TargetError> {
    let malformed = |_| TargetError::Malformed("a signature of the outcome is malformed".into());
    Signature::from_raw(signature)
        .and_then(|signature| signature.recover_address_from_prehash(digest))
        .map_err(malformed)
}

/// The address of the key that signs with `contract_key`.
pub fn attestor(contract_key: &[u8; 32]) -> Result<Address, TargetError> {
    Ok(signer(contract_key)?.address())
}

/// A signer for a secp256k1 secret key.
pub(crate) fn signer(key: &[u8; 32]) -> Result<PrivateKeySigner, TargetError> {
    PrivateKeySigner::from_slice(key)
        .map_err(|_| TargetError::Malformed("the key is not a secp256k1 secret key".into()))
}

/// The outcome in the anchor's own type.
pub(crate) fn outcome(consumer: Address, rollup: &Rollup) -> Outcome {
    Outcome {
        requestId: U256::from_be_bytes(rollup.number),
        consumer,
        commitment: rollup.commitment.into(),
        success: rollup.success,
        output: rollup.output.clone().into(),
        reads: rollup
            .reads
            .iter()
            .map(|read| Read {
                key: key_hash(&read.key),
                version: read.version,
            })
            .collect(),
        writes: rollup
            .writes
            .iter()
            .map(|write| Write {
                key: key_hash(&write.key),
                value: write.value.clone().into(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use alloy::sol_types::SolStruct;
    use phat_target::{KeyRead, KeyWrite};

    use super::*;

    fn rollup() -> Rollup {
        Rollup {
            number: U256::from(7).to_be_bytes(),
            commitment: [4; 32],
            success: true,
            output: b"output".to_vec(),
            reads: vec![KeyRead {
                key: b"a".to_vec(),
                version: 3,
            }],
            writes: vec![KeyWrite {
                key: b"b".to_vec(),
                value: b"value".to_vec(),
            }],
        }
    }

    #[test]
    fn the_type_is_the_one_that_the_anchor_hashes() {
        assert_eq!(
            Outcome::eip712_encode_type(),
            "Outcome(uint256 requestId,address consumer,bytes32 commitment,bool success,\
             bytes output,Read[] reads,Write[] writes)\
             Read(bytes32 key,uint64 version)Write(bytes32 key,bytes value)"
        );
    }

    #[test]
    fn the_digest_depends_on_everything() {
        let (zero, other) = (Address::ZERO, Address::with_last_byte(1));
        let base = digest(1, zero, zero, &rollup());
        let mut others = vec![
            digest(2, zero, zero, &rollup()),
            digest(1, other, zero, &rollup()),
            digest(1, zero, other, &rollup()),
        ];
        let changes: [fn(&mut Rollup); 8] = [
            |r| r.number[31] = 8,
            |r| r.commitment[0] = 5,
            |r| r.success = false,
            |r| r.output.push(0),
            |r| r.reads[0].version = 4,
            |r| r.reads[0].key.push(0),
            |r| r.writes[0].value.push(0),
            |r| r.writes.clear(),
        ];
        others.extend(changes.map(|change| {
            let mut changed = rollup();
            change(&mut changed);
            digest(1, zero, zero, &changed)
        }));
        assert!(!others.contains(&base));
    }

    #[test]
    fn the_commitment_depends_on_everything() {
        let (zero, other) = (Address::ZERO, Address::with_last_byte(1));
        let base = commitment(zero, zero, b"in", 5, Some(6));
        for changed in [
            commitment(other, zero, b"in", 5, Some(6)),
            commitment(zero, other, b"in", 5, Some(6)),
            commitment(zero, zero, b"im", 5, Some(6)),
            commitment(zero, zero, b"in", 4, Some(6)),
            commitment(zero, zero, b"in", 5, None),
        ] {
            assert_ne!(changed, base);
        }
    }

    #[test]
    fn signatures_recover_to_the_attestor() {
        let key = [7; 32];
        let anchor = Address::with_last_byte(9);
        let digest = digest(5, anchor, anchor, &rollup());
        let bytes = sign(&digest, &key).unwrap();
        assert!(matches!(bytes[64], 27 | 28));
        let signature = Signature::from_raw(&bytes).unwrap();
        assert!(signature.normalize_s().is_none(), "s is in the lower half");
        let signer = attestor(&key).unwrap();
        assert_eq!(recover(&digest, &bytes).unwrap(), signer);
        // Of another digest, it is somebody else's.
        assert_ne!(recover(&B256::repeat_byte(3), &bytes).ok(), Some(signer));
        for bad in [&[][..], &[0; 65], &bytes[..64]] {
            let error = recover(&digest, bad).unwrap_err();
            assert!(matches!(error, TargetError::Malformed(_)), "{error}");
        }
    }

    #[test]
    fn signatures_are_joined_by_rising_signers_each_once() {
        let digest = B256::repeat_byte(3);
        let signature = |tag: u8| sign(&digest, &[tag; 32]).unwrap().to_vec();
        let mut wanted: Vec<_> = [1, 2, 3, 4]
            .map(|tag| (attestor(&[tag; 32]).unwrap(), signature(tag)))
            .into();
        wanted.sort();
        let wanted: Vec<_> = wanted.into_iter().map(|(_, bytes)| bytes).collect();
        let given = [3, 1, 4, 2, 3].map(signature).to_vec();
        assert_eq!(in_order(&digest, given).unwrap(), wanted);
        for bad in [vec![], vec![0; 65], vec![1; 64]] {
            let error = in_order(&digest, vec![signature(1), bad]).unwrap_err();
            assert!(matches!(error, TargetError::Malformed(_)), "{error}");
        }
    }

    #[test]
    fn a_key_out_of_range_is_refused() {
        for key in [[0; 32], [0xff; 32]] {
            assert!(matches!(attestor(&key), Err(TargetError::Malformed(_))));
        }
    }
}
