//! Which certificates a server presented.

use std::fmt;

use codec::{Decode, Encode};
use phat_primitives::blake2_256;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Separates this hash from hashes of other things.
const DOMAIN: &[u8] = b"phat/certificate-chain/1";

/// The hash of the certificates that a server presented, in its order, its own
/// first: BLAKE2b-256 of the SCALE encoding of `(domain, certificates)`, where the
/// domain is the bytes `phat/certificate-chain/1` and each certificate its DER
/// encoding. SCALE writes the length before each of these.
///
/// It tells later who answered: whoever has the certificates, from a log of
/// certificate transparency or from the server itself, can compare.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct CertificateChainHash(pub [u8; 32]);

impl CertificateChainHash {
    /// Hashes the certificates of a server, in DER, its own first.
    pub fn of<T: AsRef<[u8]>>(certificates: &[T]) -> Self {
        let certificates: Vec<&[u8]> = certificates.iter().map(AsRef::as_ref).collect();
        Self((DOMAIN, certificates).using_encoded(blake2_256))
    }
}

impl fmt::Display for CertificateChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for CertificateChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for CertificateChainHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CertificateChainHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        text.strip_prefix("0x")
            .and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
            .map(|()| Self(bytes))
            .ok_or_else(|| serde::de::Error::custom("a certificate chain hash is 0x and 64 digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Others compute it too: it changes only with its domain.
    #[test]
    fn the_hash_is_pinned() {
        let hash = CertificateChainHash::of(&[b"leaf".as_slice(), b"authority"]);
        let encoding = b"\x60phat/certificate-chain/1\x08\x10leaf\x24authority";
        assert_eq!(hash.0, blake2_256(encoding));
        // Lengths count: what belongs to which certificate does too.
        let moved = CertificateChainHash::of(&[b"leafa".as_slice(), b"uthority"]);
        assert_ne!(hash, moved);
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(json, format!("\"{hash}\""));
        assert_eq!(
            serde_json::from_str::<CertificateChainHash>(&json).unwrap(),
            hash
        );
        assert!(serde_json::from_str::<CertificateChainHash>("\"0x12\"").is_err());
    }
}
