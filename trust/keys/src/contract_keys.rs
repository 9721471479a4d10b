//! What a contract itself signs and derives with.
//!
//! These keys are the contract's to use as it likes. That which signs its outcomes,
//! [`ContractSecret`](crate::ContractSecret), is another one and stays with the worker:
//! a contract that could use it could settle requests past every check.

use std::{fmt, str::FromStr};

use hkdf::Hkdf;
use phat_primitives::{CodeHash, ContractId};
use schnorrkel::{
    ExpansionMode, Keypair, MiniSecretKey, PublicKey, signing_context,
    vrf::{VRFPreOut, VRFProof},
};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::ClusterSecret;

/// Separates these keys from all others of the same secret.
const SALT: &[u8] = b"phat/contract-own-key/1";
/// The context of sr25519 signatures, which chains built with Substrate expect.
const SR25519_CONTEXT: &[u8] = b"substrate";
/// The context of the verifiable random function, and of its output.
const VRF_CONTEXT: &[u8] = b"phat/vrf/1";
/// The secret of no cluster.
const LOCAL_SECRET: &[u8; 32] = b"everyone knows this phat secret.";

/// How a contract signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// ECDSA over secp256k1, of a hash of 32 bytes. Signatures are r, s (low) and
    /// the recovery id, 65 bytes; public keys SEC1 compressed, 33 bytes.
    Secp256k1,
    /// Ed25519 (RFC 8032). Signatures have 64 bytes, public keys 32.
    Ed25519,
    /// Schnorr over ristretto255, as Substrate has it. Signatures have 64 bytes,
    /// public keys 32.
    Sr25519,
}

impl Scheme {
    /// The name that scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secp256k1 => "secp256k1",
            Self::Ed25519 => "ed25519",
            Self::Sr25519 => "sr25519",
        }
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Secp256k1, Self::Ed25519, Self::Sr25519]
            .into_iter()
            .find(|scheme| scheme.as_str() == text)
            .ok_or_else(|| UnknownScheme(text.to_owned()))
    }
}

/// A name of no scheme.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no signature scheme: use secp256k1, ed25519 or sr25519")]
pub struct UnknownScheme(String);

/// A message that cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignError {
    /// ECDSA signs hashes.
    #[error("secp256k1 signs a hash of 32 bytes, not {0} bytes: hash the message first")]
    NoHash(usize),
}

/// The result of the verifiable random function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VrfOutput {
    /// The random bytes.
    pub output: [u8; 32],
    /// The sr25519 pre-output, 32 bytes, and the proof of it, 64.
    pub proof: [u8; 96],
}

/// An output that is not that of the key for the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the proof does not show that the output is that of the key for the input")]
pub struct VrfError;

/// The keys that a contract uses itself.
pub struct ContractKeys(Zeroizing<[u8; 32]>);

impl ClusterSecret {
    /// The keys that `contract` uses itself, the same on every worker of the cluster.
    pub fn contract_keys(&self, contract: ContractId) -> ContractKeys {
        let mut seed = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(SALT), self.expose())
            .expand_multi_info(&[b"contract", contract.as_ref()], seed.as_mut())
            .expect("HKDF-SHA256 gives up to 8160 bytes");
        ContractKeys(seed)
    }
}

impl ContractKeys {
    /// Keys that everyone knows, for runs outside of any cluster: what they sign
    /// shows nothing, and what is derived from them is no secret.
    pub fn local(contract: ContractId) -> Self {
        ClusterSecret::from_bytes(Zeroizing::new(*LOCAL_SECRET)).contract_keys(contract)
    }

    /// A secret of 32 bytes for a purpose and its parts.
    fn expand(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(SALT), self.0.as_ref())
            .expand_multi_info(parts, key.as_mut())
            .expect("HKDF-SHA256 gives up to 8160 bytes");
        key
    }

    fn secp256k1(&self) -> k256::ecdsa::SigningKey {
        (0..=u8::MAX)
            .find_map(|counter| {
                let key = self.expand(&[b"secp256k1", &[counter]]);
                k256::ecdsa::SigningKey::from_slice(key.as_ref()).ok()
            })
            .expect("a candidate is out of range with a chance of 2^-128, and there are 256")
    }

    fn ed25519(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.expand(&[b"ed25519"]))
    }

    fn sr25519(&self) -> Keypair {
        MiniSecretKey::from_bytes(self.expand(&[b"sr25519"]).as_ref())
            .expect("a secret has 32 bytes")
            .expand_to_keypair(ExpansionMode::Ed25519)
    }

    /// The public key of a scheme.
    pub fn public_key(&self, scheme: Scheme) -> Vec<u8> {
        match scheme {
            Scheme::Secp256k1 => {
                let key = self.secp256k1();
                key.verifying_key()
                    .to_encoded_point(true)
                    .as_bytes()
                    .to_vec()
            }
            Scheme::Ed25519 => self.ed25519().verifying_key().to_bytes().to_vec(),
            Scheme::Sr25519 => self.sr25519().public.to_bytes().to_vec(),
        }
    }

    /// Signs a message; with secp256k1, a hash of one.
    pub fn sign(&self, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(match scheme {
            Scheme::Secp256k1 => {
                if message.len() != 32 {
                    return Err(SignError::NoHash(message.len()));
                }
                let (signature, recovery) = self
                    .secp256k1()
                    .sign_prehash_recoverable(message)
                    .expect("a hash of 32 bytes can be signed");
                let mut bytes = signature.to_bytes().to_vec();
                bytes.push(recovery.to_byte());
                bytes
            }
            Scheme::Ed25519 => {
                let signature = ed25519_dalek::Signer::sign(&self.ed25519(), message);
                signature.to_bytes().to_vec()
            }
            Scheme::Sr25519 => {
                let context = signing_context(SR25519_CONTEXT);
                let signature = self.sr25519().sign(context.bytes(message));
                signature.to_bytes().to_vec()
            }
        })
    }

    /// The verifiable random function of the sr25519 key. Its output for an input is
    /// one and the same, whoever asks; the proof is not.
    pub fn vrf(&self, input: &[u8]) -> VrfOutput {
        let context = signing_context(VRF_CONTEXT);
        let (in_out, proof, _) = self.sr25519().vrf_sign(context.bytes(input));
        let mut bytes = [0; 96];
        bytes[..32].copy_from_slice(in_out.as_output_bytes());
        bytes[32..].copy_from_slice(&proof.to_bytes());
        VrfOutput {
            output: in_out.make_bytes(VRF_CONTEXT),
            proof: bytes,
        }
    }

    /// A secret of 32 bytes that only this code of this contract gets for a salt.
    pub fn derive(&self, code: CodeHash, salt: &[u8]) -> Zeroizing<[u8; 32]> {
        self.expand(&[b"derived", code.as_ref(), salt])
    }
}

/// Checks an output of the verifiable random function against the sr25519 public key.
pub fn verify_vrf(public_key: &[u8], input: &[u8], result: &VrfOutput) -> Result<(), VrfError> {
    let public = PublicKey::from_bytes(public_key).map_err(|_| VrfError)?;
    let (pre_output, proof) = result.proof.split_at(32);
    let pre_output = VRFPreOut::from_bytes(pre_output).map_err(|_| VrfError)?;
    let proof = VRFProof::from_bytes(proof).map_err(|_| VrfError)?;
    let context = signing_context(VRF_CONTEXT);
    let (in_out, _) = public
        .vrf_verify(context.bytes(input), &pre_output, &proof)
        .map_err(|_| VrfError)?;
    if in_out.make_bytes::<[u8; 32]>(VRF_CONTEXT) == result.output {
        Ok(())
    } else {
        Err(VrfError)
    }
}

impl fmt::Debug for ContractKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContractKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(cluster: u8, contract: u8) -> ContractKeys {
        ClusterSecret::from_bytes(Zeroizing::new([cluster; 32]))
            .contract_keys(ContractId([contract; 32]))
    }

    #[test]
    fn signatures_verify_under_the_public_keys() {
        let keys = keys(1, 2);
        let message = [7; 32];
        let public = |scheme| keys.public_key(scheme);
        let sign = |scheme| keys.sign(scheme, &message).unwrap();

        let signature = sign(Scheme::Secp256k1);
        let recovery = k256::ecdsa::RecoveryId::from_byte(signature[64]).unwrap();
        let parsed = k256::ecdsa::Signature::from_slice(&signature[..64]).unwrap();
        let recovered =
            k256::ecdsa::VerifyingKey::recover_from_prehash(&message, &parsed, recovery).unwrap();
        assert_eq!(
            recovered.to_encoded_point(true).as_bytes(),
            public(Scheme::Secp256k1)
        );
        assert_eq!(
            keys.sign(Scheme::Secp256k1, b"text"),
            Err(SignError::NoHash(4))
        );

        let key: [u8; 32] = public(Scheme::Ed25519).try_into().unwrap();
        let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
        let signature = ed25519_dalek::Signature::from_slice(&sign(Scheme::Ed25519)).unwrap();
        assert!(key.verify_strict(&message, &signature).is_ok());

        let key = PublicKey::from_bytes(&public(Scheme::Sr25519)).unwrap();
        let signature = schnorrkel::Signature::from_bytes(&sign(Scheme::Sr25519)).unwrap();
        let verified = key.verify_simple(SR25519_CONTEXT, &message, &signature);
        assert!(verified.is_ok());
    }

    #[test]
    fn every_contract_has_keys_of_its_own() {
        for scheme in [Scheme::Secp256k1, Scheme::Ed25519, Scheme::Sr25519] {
            let key = |cluster, contract| keys(cluster, contract).public_key(scheme);
            assert_eq!(key(1, 1), key(1, 1));
            assert_ne!(key(1, 1), key(1, 2));
            assert_ne!(key(1, 1), key(2, 1));
        }
        let outcome_key = ClusterSecret::from_bytes(Zeroizing::new([1; 32]))
            .secp256k1(ContractId([1; 32]))
            .public_key();
        assert_ne!(
            keys(1, 1).public_key(Scheme::Secp256k1),
            outcome_key.to_vec()
        );
        let derive = |code, salt: &[u8]| *keys(1, 1).derive(CodeHash([code; 32]), salt);
        assert_eq!(derive(1, b"a"), derive(1, b"a"));
        assert_ne!(derive(1, b"a"), derive(2, b"a"));
        assert_ne!(derive(1, b"a"), derive(1, b"b"));
    }

    #[test]
    fn randomness_is_verified_and_cannot_be_chosen() {
        let keys = keys(1, 1);
        let public = keys.public_key(Scheme::Sr25519);
        let drawn = keys.vrf(b"round 1");
        assert_eq!(drawn.output, keys.vrf(b"round 1").output);
        assert_eq!(verify_vrf(&public, b"round 1", &drawn), Ok(()));
        let refused = |input: &[u8], change: &dyn Fn(&mut VrfOutput)| {
            let mut changed = drawn.clone();
            change(&mut changed);
            assert_eq!(verify_vrf(&public, input, &changed), Err(VrfError));
        };
        refused(b"round 2", &|_| ());
        refused(b"round 1", &|drawn| drawn.output[0] ^= 1);
        refused(b"round 1", &|drawn| drawn.proof[0] ^= 1);
        refused(b"round 1", &|drawn| drawn.proof[95] ^= 1);
    }

    /// Whoever knows these keys, such as a chain, relies on them: they may never change.
    #[test]
    fn the_derivation_is_pinned() {
        let keys = keys(1, 2);
        let public = |scheme| hex::encode(keys.public_key(scheme));
        let found = [Scheme::Secp256k1, Scheme::Ed25519, Scheme::Sr25519].map(public);
        assert_eq!(
            found,
            [
                "02d1708e2a6d48684811b98e36905126240114fa38e571d18a932ce151140b5a6e",
                "074890c77bcdd8711748790981fdde40a0ab6359f9c9a7f75b2e4f60ac7ed503",
                "f0dd12e6b1e0d96f0d2c8dbbf6e7148f586a214e4ca2eb065f22bde533c6f960",
            ]
        );
    }
}
