//! The keys of contracts, derived from the secret of their cluster.

use std::fmt;

use hkdf::Hkdf;
use k256::elliptic_curve::{PrimeField, sec1::ToEncodedPoint};
use phat_primitives::ContractId;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Separates keys derived here from all others of the same secret.
const SALT: &[u8] = b"phat/contract-key/1";

/// The secret that the workers of one cluster share: 32 bytes.
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

    /// The bytes, for other derivations in this crate.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The secp256k1 key of `contract`, the same on every worker of the cluster.
    pub fn secp256k1(&self, contract: ContractId) -> ContractSecret {
        let hkdf = Hkdf::<Sha256>::new(Some(SALT), self.0.as_ref());
        // A candidate is out of the curve's range with a chance of 2^-128; the
        // counter makes the derivation total all the same.
        for counter in 0_u8..=u8::MAX {
            let mut key = Zeroizing::new([0; 32]);
            hkdf.expand_multi_info(&[b"secp256k1", contract.as_ref(), &[counter]], key.as_mut())
                .expect("HKDF-SHA256 gives up to 8160 bytes");
            let scalar = k256::Scalar::from_repr((*key).into());
            if bool::from(scalar.is_some() & !scalar.unwrap_or(k256::Scalar::ZERO).is_zero()) {
                return ContractSecret(key);
            }
        }
        unreachable!("256 candidates in a row out of range")
    }
}

impl ContractSecret {
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
    fn secrets_are_not_shown() {
        assert_eq!(format!("{:?}", cluster(0xab)), "ClusterSecret(…)");
        let contract = cluster(0xab).secp256k1(ContractId([0; 32]));
        assert_eq!(format!("{contract:?}"), "ContractSecret(…)");
    }
}
