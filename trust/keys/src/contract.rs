//! The keys of a cluster and of its contracts, derived from the cluster's secret.

use std::fmt;

use hkdf::Hkdf;
use k256::elliptic_curve::{PrimeField, sec1::ToEncodedPoint};
use phat_envelope::DecryptionKey;
use phat_primitives::{ClusterKey, ContractId};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Separates keys derived here from all others of the same secret.
const SALT: &[u8] = b"phat/contract-key/1";
/// Separates the cluster's own keys from them.
const CLUSTER_SALT: &[u8] = b"phat/cluster-own-key/1";
/// The context of signatures that the chain checks.
const CHAIN_CONTEXT: &[u8] = b"substrate";

/// The secret of one generation that the workers of one cluster share: 32 bytes.
///
/// The keys of contracts follow from that of generation 0, in all generations. The cluster's own
/// keys, to encrypt to and to sign with, follow from each generation's own.
pub struct ClusterSecret(Zeroizing<[u8; 32]>);

/// The secp256k1 secret key of a contract: its voice on every EVM chain.
pub struct ContractSecret(Zeroizing<[u8; 32]>);

impl ClusterSecret {
    /// A new secret from the operating system's randomness.
    pub fn generate() -> Self {
        Self(crate::random_secret())
    }

    /// The secret with these bytes.
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes, to be sealed for another worker of the cluster.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key that opens what is encrypted to the cluster.
    pub fn decryption_key(&self) -> DecryptionKey {
        DecryptionKey::from_bytes(self.own_key(b"encryption"))
    }

    /// The sr25519 signature (64 bytes) of the cluster of `message`, in the context that the
    /// chain's own signature check uses.
    pub fn sign_for_chain(&self, message: &[u8]) -> [u8; 64] {
        self.signing_key()
            .sign_simple(CHAIN_CONTEXT, message)
            .to_bytes()
    }

    /// The public keys, which the chain has of each generation.
    pub fn public(&self) -> ClusterKey {
        ClusterKey {
            encryption_key: self.decryption_key().public(),
            signing_key: self.signing_key().public.to_bytes(),
        }
    }

    fn signing_key(&self) -> Keypair {
        MiniSecretKey::from_bytes(self.own_key(b"signing").as_ref())
            .expect("every 32 bytes are a mini secret key")
            .expand_to_keypair(ExpansionMode::Ed25519)
    }

    /// The bytes of the cluster's own key for a purpose.
    fn own_key(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(CLUSTER_SALT), self.0.as_ref())
            .expand(purpose, key.as_mut())
            .expect("HKDF-SHA256 gives up to 8160 bytes");
        key
    }

    /// The secp256k1 key of `contract`, the same on every worker of the cluster.
    pub fn secp256k1(&self, contract: ContractId) -> ContractSecret {
        ContractSecret::derive(SALT, &self.0, contract)
    }
}

impl ContractSecret {
    /// The key of `contract` that follows from a secret for the purpose of `salt`.
    pub(crate) fn derive(salt: &[u8], secret: &[u8; 32], contract: ContractId) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(salt), secret);
        // A candidate is out of the curve's range with a chance of 2^-128; the
        // counter makes the derivation total all the same.
        for counter in 0_u8..=u8::MAX {
            let mut key = Zeroizing::new([0; 32]);
            hkdf.expand_multi_info(&[b"secp256k1", contract.as_ref(), &[counter]], key.as_mut())
                .expect("HKDF-SHA256 gives up to 8160 bytes");
            let scalar = k256::Scalar::from_repr((*key).into());
            if bool::from(scalar.is_some() & !scalar.unwrap_or(k256::Scalar::ZERO).is_zero()) {
                return Self(key);
            }
        }
        unreachable!("256 candidates in a row out of range")
    }

    /// The 32 bytes of the secret key, for the adapter that signs with them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public key: 33 bytes, SEC1 compressed.
    pub fn public_key(&self) -> [u8; 33] {
        let secret = k256::SecretKey::from_bytes(&(*self.0).into())
            .expect("the derivation gives keys in range only");
        let mut bytes = [0; 33];
        bytes.copy_from_slice(secret.public_key().to_encoded_point(true).as_bytes());
        bytes
    }
}

impl fmt::Debug for ClusterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterSecret(…)")
    }
}

impl fmt::Debug for ContractSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContractSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(seed: u8) -> ClusterSecret {
        ClusterSecret::from_bytes(Zeroizing::new([seed; 32]))
    }

    #[test]
    fn every_worker_of_a_cluster_derives_the_same_key_and_no_other() {
        let key = |seed, contract| *cluster(seed).secp256k1(ContractId([contract; 32])).expose();
        assert_eq!(key(1, 1), key(1, 1));
        assert_ne!(key(1, 1), key(1, 2));
        assert_ne!(key(1, 1), key(2, 1));
    }

    /// Consumers on chain hold these addresses: the derivation may never change.
    #[test]
    fn the_derivation_is_pinned() {
        let public = cluster(1).secp256k1(ContractId([2; 32])).public_key();
        assert_eq!(
            hex::encode(public),
            "036fe640622f4a8ef82126db89c35a08e983aea74bbda4b734c5f844bf48fe1c81"
        );
    }

    #[test]
    fn a_cluster_decrypts_and_signs_under_its_public_keys() {
        let secret = cluster(1);
        let public = secret.public();
        assert_eq!(public, cluster(1).public());
        let other = cluster(2).public();
        assert_ne!(public.encryption_key, other.encryption_key);
        assert_ne!(public.signing_key, other.signing_key);

        let sealed = phat_envelope::seal(&public.encryption_key, b"info", b"aad", b"text").unwrap();
        let opened = secret.decryption_key().open(b"info", b"aad", &sealed);
        assert_eq!(opened.unwrap().as_slice(), b"text");
        let refused = cluster(2).decryption_key().open(b"info", b"aad", &sealed);
        assert!(refused.is_err());

        let signature = schnorrkel::Signature::from_bytes(&secret.sign_for_chain(b"text")).unwrap();
        let key = schnorrkel::PublicKey::from_bytes(&public.signing_key).unwrap();
        assert!(key.verify_simple(b"substrate", b"text", &signature).is_ok());
        assert!(
            key.verify_simple(b"substrate", b"else", &signature)
                .is_err()
        );
    }

    /// The chain holds these: the derivation may never change.
    #[test]
    fn the_derivation_of_the_cluster_s_own_keys_is_pinned() {
        let public = cluster(1).public();
        assert_eq!(
            [public.encryption_key.0, public.signing_key].map(hex::encode),
            [
                "54600be98f40b3c2bb9ac74b11ff32524c77aa70aaba087e1c62ad8b6c0c1c22",
                "d87ad06ba832e68be6f545caec4dafe0c5c7ba30dfd872b07cbf580be7456862",
            ]
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(format!("{:?}", cluster(0xab)), "ClusterSecret(…)");
        let contract = cluster(0xab).secp256k1(ContractId([0; 32]));
        assert_eq!(format!("{contract:?}"), "ContractSecret(…)");
    }
}
