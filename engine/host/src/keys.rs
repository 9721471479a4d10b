//! The keys and secrets that a run may use.

use std::{collections::BTreeMap, fmt};

use codec::{Decode, Encode};
use phat_primitives::blake2_256;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::serde_hex;

/// Separates commitments to secrets from hashes of other things.
const COMMITMENT_DOMAIN: &[u8] = b"phat/secret/1";

/// The secrets that the owner of a contract has set, by name. They are wiped when
/// they are dropped, and are not shown.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, Zeroizing<Vec<u8>>>);

impl Secrets {
    /// The secret of a name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(|secret| secret.as_slice())
    }
}

impl FromIterator<(String, Zeroizing<Vec<u8>>)> for Secrets {
    fn from_iter<T: IntoIterator<Item = (String, Zeroizing<Vec<u8>>)>>(secrets: T) -> Self {
        Self(secrets.into_iter().collect())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Secrets").field(&self.0.keys()).finish()
    }
}

/// Stands for a secret in a transcript. Who has the secret can check that it is the
/// one; who has not learns nothing of a secret that cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Commitment {
    /// Random, so that two runs do not tell whether their secrets are the same.
    #[serde(with = "serde_hex")]
    pub nonce: [u8; 32],
    /// The BLAKE2b-256 hash of a domain, the nonce and the secret.
    #[serde(with = "serde_hex")]
    pub digest: [u8; 32],
}

impl Commitment {
    /// A commitment to a secret.
    pub fn new(nonce: [u8; 32], secret: &[u8]) -> Self {
        let digest = Zeroizing::new((COMMITMENT_DOMAIN, nonce, secret).encode());
        Self {
            nonce,
            digest: blake2_256(&digest),
        }
    }

    /// Whether it stands for this secret.
    pub fn is_of(&self, secret: &[u8]) -> bool {
        *self == Self::new(self.nonce, secret)
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({})", hex::encode(self.digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_is_to_one_secret() {
        let commitment = Commitment::new([1; 32], b"secret");
        assert!(commitment.is_of(b"secret"));
        assert!(!commitment.is_of(b"secreu"));
        assert_ne!(commitment, Commitment::new([2; 32], b"secret"));
    }

    #[test]
    fn secrets_are_not_shown() {
        let secrets: Secrets = [("name".to_owned(), Zeroizing::new(b"value".to_vec()))]
            .into_iter()
            .collect();
        assert_eq!(format!("{secrets:?}"), r#"Secrets(["name"])"#);
    }
}
