//! Outcomes as the anchor takes them, and their signatures.

use codec::{DecodeAll, Encode};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use phat_primitives::{
    anchor::{
        ATTESTORS_MAX, AttestorKey, KeyRead, KeyWrite, OUTCOME_BYTES_MAX, Outcome,
        OutcomeSignature, OutcomeSignatures, key_hash,
    },
    blake2_256,
};
use phat_target::{RequestNumber, Rollup, SignedRollup, TargetError};
use subxt_signer::sr25519::{self, Keypair};
use zeroize::Zeroizing;

/// Separates the key of sr25519 from the contract's key, which signs on other chains.
const KEY_DOMAIN: &[u8; 17] = b"phat/anchor-key/1";

/// The number of a request as other targets have it, in place of the pallet's. That of what nobody
/// asked for is 0 for both.
pub(crate) fn request_number(number: u64) -> RequestNumber {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// The pallet's number of a request.
pub(crate) fn pallet_number(number: &RequestNumber) -> Result<u64, TargetError> {
    let (high, low) = number.split_at(24);
    let low: Option<[u8; 8]> = low.try_into().ok();
    match low {
        Some(low) if high.iter().all(|byte| *byte == 0) => Ok(u64::from_be_bytes(low)),
        _ => Err(TargetError::Malformed(
            "the number of the request has more than 64 bits".into(),
        )),
    }
}

/// The outcome in the pallet's own type. What is too long for it is
/// [`TargetError::OutcomeTooLarge`].
pub(crate) fn outcome(rollup: &Rollup) -> Result<Outcome, TargetError> {
    let too_large = |what: &str| TargetError::OutcomeTooLarge(what.to_owned());
    let reads: Vec<_> = rollup
        .reads
        .iter()
        .map(|read| KeyRead {
            key: key_hash(&read.key),
            version: read.version,
        })
        .collect();
    let mut writes = Vec::with_capacity(rollup.writes.len());
    for write in &rollup.writes {
        let value = write.value.clone().try_into();
        writes.push(KeyWrite {
            key: key_hash(&write.key),
            value: value.map_err(|_| too_large("a value that it writes has too many bytes"))?,
        });
    }
    let output = rollup.output.clone().try_into();
    let outcome = Outcome {
        number: pallet_number(&rollup.number)?,
        commitment: rollup.commitment,
        success: rollup.success,
        output: output.map_err(|_| too_large("its output has too many bytes"))?,
        reads: reads
            .try_into()
            .map_err(|_| too_large("it reads too many keys"))?,
        writes: writes
            .try_into()
            .map_err(|_| too_large("it writes too many keys"))?,
    };
    if outcome.encoded_size() > OUTCOME_BYTES_MAX as usize {
        return Err(TargetError::OutcomeTooLarge(format!(
            "it has {} bytes, and {OUTCOME_BYTES_MAX} are the most",
            outcome.encoded_size()
        )));
    }
    Ok(outcome)
}

/// The key that signs with `contract_key` on Substrate chains.
pub(crate) fn keypair(contract_key: &[u8; 32]) -> Result<Keypair, TargetError> {
    let mut material = Zeroizing::new(KEY_DOMAIN.to_vec());
    material.extend_from_slice(contract_key);
    let seed = Zeroizing::new(blake2_256(&material));
    Keypair::from_secret_key(*seed)
        .map_err(|_| TargetError::Malformed("the contract's key cannot be used".into()))
}

/// The attestor that signs with `contract_key`.
pub fn attestor_key(contract_key: &[u8; 32]) -> Result<AttestorKey, TargetError> {
    Ok(AttestorKey::Sr25519(keypair(contract_key)?.public_key().0))
}

/// How an attestor is written: `0x` and its public key, of 32 bytes where it is one of sr25519, and
/// of 33 where it is one of secp256k1.
pub fn attestor(key: &AttestorKey) -> String {
    match key {
        AttestorKey::Sr25519(key) => format!("0x{}", hex::encode(key)),
        AttestorKey::Secp256k1(key) => format!("0x{}", hex::encode(key)),
    }
}

/// The attestor that is written so.
pub fn parse_attestor(text: &str) -> Option<AttestorKey> {
    let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok()?;
    let key = match bytes.len() {
        32 => AttestorKey::Sr25519(bytes.try_into().ok()?),
        _ => AttestorKey::Secp256k1(bytes.try_into().ok()?),
    };
    key.is_well_formed().then_some(key)
}

/// Signs `rollup` for a consumer.
pub(crate) fn sign(
    genesis_hash: &[u8; 32],
    pallet: &str,
    consumer: &[u8],
    rollup: Rollup,
    contract_key: &[u8; 32],
) -> Result<SignedRollup, TargetError> {
    let payload = outcome(&rollup)?.signing_payload(genesis_hash, pallet, consumer);
    let keypair = keypair(contract_key)?;
    let signature = OutcomeSignature::Sr25519 {
        key: keypair.public_key().0,
        signature: keypair.sign(&payload).0,
    };
    Ok(SignedRollup {
        rollup,
        signatures: vec![signature.encode()],
    })
}

/// The signatures of a rollup in the pallet's own type.
pub(crate) fn signatures(signed: &SignedRollup) -> Result<OutcomeSignatures, TargetError> {
    let mut all = Vec::with_capacity(signed.signatures.len());
    for bytes in &signed.signatures {
        let signature = OutcomeSignature::decode_all(&mut &bytes[..])
            .map_err(|_| TargetError::Malformed("a signature of the outcome is none".into()))?;
        all.push(signature);
    }
    all.try_into().map_err(|_| {
        TargetError::Malformed(format!(
            "more than {ATTESTORS_MAX} attestors have signed the outcome"
        ))
    })
}

/// Who has signed a rollup for a consumer. A signature that is not of the key that it names is
/// [`TargetError::Malformed`].
pub(crate) fn signers(
    genesis_hash: &[u8; 32],
    pallet: &str,
    consumer: &[u8],
    signed: &SignedRollup,
) -> Result<Vec<String>, TargetError> {
    let payload = outcome(&signed.rollup)?.signing_payload(genesis_hash, pallet, consumer);
    let signer = |signature: &OutcomeSignature| {
        if is_valid(signature, &payload) {
            Ok(attestor(&signature.attestor()))
        } else {
            let reason = "a signature of the outcome is not of the key that it names";
            Err(TargetError::Malformed(reason.into()))
        }
    };
    signatures(signed)?.iter().map(signer).collect()
}

/// Whether a signature is of the key that it names, as the pallet verifies it.
fn is_valid(signature: &OutcomeSignature, payload: &[u8]) -> bool {
    match signature {
        OutcomeSignature::Sr25519 { key, signature } => sr25519::verify(
            &sr25519::Signature(*signature),
            payload,
            &sr25519::PublicKey(*key),
        ),
        OutcomeSignature::Secp256k1 { key, signature } => {
            let recovered = recover(signature, &blake2_256(payload));
            recovered.is_some_and(|signer| signer == *key)
        }
    }
}

/// The key of secp256k1, SEC1 compressed, that made a signature: r, s and the recovery id, to
/// which some signers add 27.
fn recover(signature: &[u8; 65], digest: &[u8; 32]) -> Option<[u8; 33]> {
    let (rest, id) = signature.split_at(64);
    let id = id.first()?;
    let id = RecoveryId::from_byte(id.checked_sub(27).unwrap_or(*id))?;
    let signature = Signature::from_slice(rest).ok()?;
    let key = VerifyingKey::recover_from_prehash(digest, &signature, id).ok()?;
    key.to_encoded_point(true).as_bytes().try_into().ok()
}

/// Joins the signatures of the same rollup, in the order of their keys.
pub(crate) fn join(signed: Vec<SignedRollup>) -> Result<SignedRollup, TargetError> {
    let differ = || TargetError::Malformed("signatures of different outcomes are no quorum".into());
    let mut all = Vec::new();
    let mut rollup: Option<Rollup> = None;
    for one in signed {
        all.extend(signatures(&one)?);
        match &rollup {
            Some(rollup) if *rollup != one.rollup => return Err(differ()),
            Some(_) => {}
            None => rollup = Some(one.rollup),
        }
    }
    all.sort_by_key(OutcomeSignature::attestor);
    all.dedup_by_key(|signature| signature.attestor());
    let rollup =
        rollup.ok_or_else(|| TargetError::Malformed("there is no outcome to join".into()))?;
    Ok(SignedRollup {
        rollup,
        signatures: all.iter().map(Encode::encode).collect(),
    })
}

#[cfg(test)]
mod tests {
    use phat_primitives::anchor::{FIRST_REQUEST, NO_REQUEST, OUTPUT_BYTES_MAX, READS_MAX};
    use phat_target as target;

    use super::*;

    fn rollup() -> Rollup {
        Rollup {
            number: request_number(7),
            commitment: [4; 32],
            success: true,
            output: b"output".to_vec(),
            reads: vec![target::KeyRead {
                key: b"a".to_vec(),
                version: 3,
            }],
            writes: vec![target::KeyWrite {
                key: b"b".to_vec(),
                value: b"value".to_vec(),
            }],
        }
    }

    fn signed(key: u8) -> SignedRollup {
        sign(&[9; 32], "Anchor", &[1; 32], rollup(), &[key; 32]).expect("it can be signed")
    }

    #[test]
    fn what_nobody_asked_for_has_the_number_that_no_request_has() {
        assert_eq!(pallet_number(&[0; 32]), Ok(NO_REQUEST));
        assert_ne!(FIRST_REQUEST, NO_REQUEST);
        let mut push = rollup();
        push.number = [0; 32];
        assert!(!outcome(&push).expect("short enough").is_guarded());
        push.writes[0].key = push.reads[0].key.clone();
        let guarded = outcome(&push).expect("short enough");
        assert_eq!(guarded.number, NO_REQUEST);
        assert!(guarded.is_guarded());
        push.writes[0].value.clear();
        assert!(!outcome(&push).expect("short enough").is_guarded());
    }

    #[test]
    fn numbers_go_there_and_back() {
        for number in [0, 7, u64::MAX] {
            assert_eq!(pallet_number(&request_number(number)), Ok(number));
        }
        let mut beyond = request_number(0);
        beyond[23] = 1;
        assert!(pallet_number(&beyond).is_err());
    }

    #[test]
    fn a_signature_is_the_attestors_over_the_payload() {
        let signatures = signatures(&signed(1)).expect("it has one");
        let OutcomeSignature::Sr25519 { key, signature } = &signatures[0] else {
            panic!("contracts sign with sr25519");
        };
        let attestor = attestor_key(&[1; 32]).expect("a key");
        assert_eq!(attestor, AttestorKey::Sr25519(*key));
        let payload = outcome(&rollup())
            .expect("short enough")
            .signing_payload(&[9; 32], "Anchor", &[1; 32]);
        assert!(subxt_signer::sr25519::verify(
            &subxt_signer::sr25519::Signature(*signature),
            payload,
            &subxt_signer::sr25519::PublicKey(*key),
        ));
    }

    #[test]
    fn who_signed_is_told_for_one_consumer_of_one_chain() {
        let named = |key: u8| attestor(&attestor_key(&[key; 32]).expect("a key"));
        let joined = join(vec![signed(3), signed(1)]).expect("one outcome");
        let told = signers(&[9; 32], "Anchor", &[1; 32], &joined).expect("both have signed");
        let mut expected = vec![named(1), named(3)];
        expected.sort();
        assert_eq!(told, expected);
        for (genesis, pallet, consumer) in [
            ([8; 32], "Anchor", [1; 32]),
            ([9; 32], "Ancho", [1; 32]),
            ([9; 32], "Anchor", [2; 32]),
        ] {
            let error = signers(&genesis, pallet, &consumer, &joined).expect_err("of another");
            assert!(matches!(error, TargetError::Malformed(_)), "{error}");
        }
        let mut broken = joined;
        broken.signatures[0].pop();
        assert!(signers(&[9; 32], "Anchor", &[1; 32], &broken).is_err());
    }

    #[test]
    fn a_signature_of_secp256k1_is_of_the_key_that_it_names() {
        let secret = k256::ecdsa::SigningKey::from_slice(&[7; 32]).expect("a key");
        let key: [u8; 33] = secret
            .verifying_key()
            .to_encoded_point(true)
            .as_bytes()
            .try_into()
            .expect("compressed");
        let payload = outcome(&rollup())
            .expect("short enough")
            .signing_payload(&[9; 32], "Anchor", &[1; 32]);
        let (made, id) = secret
            .sign_prehash_recoverable(&blake2_256(&payload))
            .expect("it can sign");
        let signed = |id: u8, key: [u8; 33]| {
            let mut signature = [id; 65];
            signature[..64].copy_from_slice(&made.to_bytes());
            SignedRollup {
                rollup: rollup(),
                signatures: vec![OutcomeSignature::Secp256k1 { key, signature }.encode()],
            }
        };
        let told = |signed: &SignedRollup| signers(&[9; 32], "Anchor", &[1; 32], signed);
        let expected = vec![attestor(&AttestorKey::Secp256k1(key))];
        assert_eq!(told(&signed(id.to_byte(), key)), Ok(expected.clone()));
        assert_eq!(told(&signed(id.to_byte() + 27, key)), Ok(expected));
        assert!(told(&signed(id.to_byte() ^ 1, key)).is_err());
        assert!(told(&signed(9, key)).is_err());
        assert!(told(&signed(id.to_byte(), [2; 33])).is_err());
    }

    #[test]
    fn the_key_is_another_than_the_one_of_other_chains() {
        let same = Keypair::from_secret_key([1; 32])
            .expect("a key")
            .public_key()
            .0;
        assert_ne!(attestor_key(&[1; 32]), Ok(AttestorKey::Sr25519(same)));
    }

    #[test]
    fn joined_signatures_are_in_order_and_each_is_there_once() {
        let joined = join(vec![signed(3), signed(1), signed(2), signed(1)]).expect("one outcome");
        let keys: Vec<_> = signatures(&joined)
            .expect("they are signatures")
            .iter()
            .map(OutcomeSignature::attestor)
            .collect();
        assert_eq!(keys.len(), 3);
        assert!(keys.is_sorted());

        let mut other = signed(2);
        other.rollup.success = false;
        assert!(join(vec![signed(1), other]).is_err());
        assert!(join(Vec::new()).is_err());
        let mut broken = signed(1);
        broken.signatures[0].push(0);
        assert!(join(vec![broken]).is_err());
    }

    #[test]
    fn what_no_transaction_carries_is_too_large() {
        let mut long = rollup();
        long.output = vec![0; OUTPUT_BYTES_MAX as usize + 1];
        let mut many = rollup();
        many.reads = vec![many.reads[0].clone(); READS_MAX as usize + 1];
        let mut heavy = rollup();
        heavy.writes[0].value = vec![0; 16 * 1024];
        heavy.writes = vec![heavy.writes[0].clone(); 8];
        for rollup in [long, many, heavy] {
            let error = outcome(&rollup).expect_err("too large");
            assert!(matches!(error, TargetError::OutcomeTooLarge(_)), "{error}");
        }
    }

    #[test]
    fn attestors_are_read_as_they_are_written() {
        for key in [
            AttestorKey::Sr25519([1; 32]),
            AttestorKey::Secp256k1([2; 33]),
        ] {
            assert_eq!(parse_attestor(&attestor(&key)), Some(key));
        }
        for bad in ["", "0x", "0x01", &"04".repeat(33), "zz"] {
            assert_eq!(parse_attestor(bad), None, "{bad}");
        }
    }
}
