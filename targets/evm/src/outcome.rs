//! Outcomes as the anchor takes them, and their EIP-712 signature.

use alloy::{
    primitives::{Address, B256, U256, keccak256},
    signers::{SignerSync, local::PrivateKeySigner},
    sol_types::{SolStruct, SolValue, eip712_domain},
};
use phat_target::{Rollup, TargetError};

use crate::contracts::anchor::PhatAnchor::{Outcome, Read, Write};

/// The name that the anchor keeps `key` under.
pub fn key_hash(key: &[u8]) -> B256 {
    keccak256(key)
}

/// What binds an outcome to the content of a request, as `PhatAnchor.commitmentOf`
/// has it: keccak256(abi.encode(requester, keccak256(input))).
pub fn commitment(requester: Address, input: &[u8]) -> B256 {
    keccak256((requester, keccak256(input)).abi_encode())
}

/// The EIP-712 digest of `rollup` for the anchor at `anchor` on the chain
/// `chain_id`: domain "PhatAnchor", version "1".
pub fn digest(chain_id: u64, anchor: Address, rollup: &Rollup) -> B256 {
    outcome(rollup).eip712_signing_hash(&eip712_domain! {
        name: "PhatAnchor",
        version: "1",
        chain_id: chain_id,
        verifying_contract: anchor,
    })
}

/// Signs `rollup` for one anchor: 65 bytes r ‖ s ‖ v, s in the lower half.
pub fn sign(
    chain_id: u64,
    anchor: Address,
    rollup: &Rollup,
    contract_key: &[u8; 32],
) -> Result<[u8; 65], TargetError> {
    let signature = signer(contract_key)?
        .sign_hash_sync(&digest(chain_id, anchor, rollup))
        .map_err(|error| {
            TargetError::Malformed(format!("the contract's key cannot sign: {error}"))
        })?;
    Ok(signature.as_bytes())
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
pub(crate) fn outcome(rollup: &Rollup) -> Outcome {
    Outcome {
        requestId: U256::from_be_bytes(rollup.number),
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
            "Outcome(uint256 requestId,bytes32 commitment,bool success,bytes output,\
             Read[] reads,Write[] writes)\
             Read(bytes32 key,uint64 version)Write(bytes32 key,bytes value)"
        );
    }

    #[test]
    fn the_digest_depends_on_everything() {
        let base = digest(1, Address::ZERO, &rollup());
        let mut others = vec![
            digest(2, Address::ZERO, &rollup()),
            digest(1, Address::with_last_byte(1), &rollup()),
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
            digest(1, Address::ZERO, &changed)
        }));
        assert!(!others.contains(&base));
    }

    #[test]
    fn signatures_recover_to_the_attestor() {
        let key = [7; 32];
        let anchor = Address::with_last_byte(9);
        let bytes = sign(5, anchor, &rollup(), &key).unwrap();
        assert!(matches!(bytes[64], 27 | 28));
        let signature = alloy::primitives::Signature::from_raw(&bytes).unwrap();
        assert!(signature.normalize_s().is_none(), "s is in the lower half");
        let recovered = signature
            .recover_address_from_prehash(&digest(5, anchor, &rollup()))
            .unwrap();
        assert_eq!(recovered, attestor(&key).unwrap());
    }

    #[test]
    fn a_key_out_of_range_is_refused() {
        for key in [[0; 32], [0xff; 32]] {
            assert!(matches!(attestor(&key), Err(TargetError::Malformed(_))));
        }
    }
}
