//! Identifiers, each with a type of its own.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::blake2_256;

macro_rules! id32 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone,
            Copy,
            Default,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            Encode,
            Decode,
            DecodeWithMemTracking,
            MaxEncodedLen,
            TypeInfo,
        )]
        pub struct $name(pub [u8; 32]);

        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("0x")?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        #[cfg(feature = "std")]
        impl core::str::FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex32(text).map(Self)
            }
        }

        #[cfg(feature = "std")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "std")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::string::String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id32! {
    /// A contract: 32 bytes derived from its creation, see [`ContractId::derive`].
    ContractId
}
id32! {
    /// The BLAKE2b-256 hash of a contract's code, which is also the hash of its
    /// preimage on the chain.
    CodeHash
}
id32! {
    /// The BLAKE2b-256 hash of a contract's manifest, by which a worker sees that
    /// the manifest has changed.
    ManifestHash
}
id32! {
    /// A worker: its sr25519 public key.
    WorkerId
}
id32! {
    /// The X25519 public key that others encrypt to.
    EncryptionKey
}
id32! {
    /// An account of the chain: its 32-byte public key or derived id.
    AccountBytes
}
id32! {
    /// A receipt: the BLAKE2b-256 hash of its signed body.
    ReceiptHash
}
id32! {
    /// One request to a contract, unique over all chains and callers.
    RequestId
}

/// A cluster: the workers that serve the same contracts with the same keys.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ClusterId(pub u32);

impl core::fmt::Display for ClusterId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

impl ContractId {
    /// The id of the contract that `owner` creates in `cluster` from `code_hash`
    /// with `salt`. The same four give the same id, so a contract's id, and with
    /// it its keys, are known before it is created.
    pub fn derive(
        owner: &AccountBytes,
        cluster: ClusterId,
        code_hash: &CodeHash,
        salt: &[u8; 32],
    ) -> Self {
        Self(blake2_256(
            &(b"phat/contract/1", owner, cluster, code_hash, salt).encode(),
        ))
    }
}

impl CodeHash {
    /// The hash of `code`.
    pub fn of(code: &[u8]) -> Self {
        Self(blake2_256(code))
    }
}

impl ManifestHash {
    /// The hash of `manifest`.
    pub fn of(manifest: &[u8]) -> Self {
        Self(blake2_256(manifest))
    }
}

impl RequestId {
    /// The id of request number `number` of the anchor `anchor` (its address or
    /// other bytes that name it) on the chain `chain` (such as `eip155:1`).
    ///
    /// `commitment` is what binds the request's content: after a reorganisation
    /// the number may belong to another request, which has another id.
    pub fn of_anchor(chain: &str, anchor: &[u8], number: &[u8; 32], commitment: &[u8; 32]) -> Self {
        let chain = chain.as_bytes();
        Self(blake2_256(
            &(b"phat/request/1", chain, anchor, number, commitment).encode(),
        ))
    }
}

/// Text that is not an id.
#[cfg(feature = "std")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseIdError {
    text: std::string::String,
}

#[cfg(feature = "std")]
impl core::fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{:?} is not an id: give 64 hexadecimal digits, with or without 0x before them",
            self.text
        )
    }
}

#[cfg(feature = "std")]
impl std::error::Error for ParseIdError {}

#[cfg(feature = "std")]
fn parse_hex32(text: &str) -> Result<[u8; 32], ParseIdError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes).map_err(|_| {
        ParseIdError {
            text: text.chars().take(80).collect(),
        }
    })?;
    Ok(bytes)
}
