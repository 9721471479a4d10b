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
pub struct Secrets(BTreeMap<String, Secret>);

/// A secret, as far as it can be had.
#[derive(Clone)]
enum Secret {
    Known(Zeroizing<Vec<u8>>),
    /// There is one, and it cannot be read: why, and what to do.
    Unreadable(String),
}

impl Secrets {
    /// The secret of a name; none too if it is there and cannot be read.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        match self.0.get(name)? {
            Secret::Known(secret) => Some(secret.as_slice()),
            Secret::Unreadable(_) => None,
        }
    }

    /// Has a contract get this secret.
    pub fn insert(&mut self, name: String, secret: Zeroizing<Vec<u8>>) {
        self.0.insert(name, Secret::Known(secret));
    }

    /// Has whoever reads the secret of this name fail for this reason, which must
    /// tell nothing of the secret.
    pub fn insert_unreadable(&mut self, name: String, why: String) {
        self.0.insert(name, Secret::Unreadable(why));
    }

    /// Why the secret of a name cannot be read, if it is there and cannot.
    pub fn why_unreadable(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Secret::Known(_) => None,
            Secret::Unreadable(why) => Some(why.as_str()),
        }
    }

    /// Keeps the secrets of which this holds.
    pub fn retain(&mut self, mut holds: impl FnMut(&str) -> bool) {
        self.0.retain(|name, _| holds(name));
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl FromIterator<(String, Zeroizing<Vec<u8>>)> for Secrets {
    fn from_iter<T: IntoIterator<Item = (String, Zeroizing<Vec<u8>>)>>(secrets: T) -> Self {
        let known = |(name, secret)| (name, Secret::Known(secret));
        Self(secrets.into_iter().map(known).collect())
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

    #[test]
    fn a_secret_that_cannot_be_read_is_not_one_that_is_not_there() {
        let mut secrets: Secrets = [("known".to_owned(), Zeroizing::new(b"value".to_vec()))]
            .into_iter()
            .collect();
        secrets.insert_unreadable("sealed".to_owned(), "no key".to_owned());
        assert_eq!(secrets.get("known"), Some(b"value".as_slice()));
        assert_eq!(secrets.get("sealed"), None);
        assert_eq!(secrets.why_unreadable("known"), None);
        assert_eq!(secrets.why_unreadable("sealed"), Some("no key"));
        assert_eq!(secrets.why_unreadable("none"), None);
        assert!(secrets.names().eq(["known", "sealed"]));
        secrets.retain(|name| name == "sealed");
        assert!(secrets.names().eq(["sealed"]));
    }
}
