//! The key-value store that a contract sees.

use async_trait::async_trait;
use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::serde_hex;

/// A contract's key-value store at one block. The engine asks for each key at
/// most once in a run.
#[async_trait]
pub trait KeyValueSource: Send + Sync {
    /// The value of a key and its version.
    async fn get(&self, key: &[u8]) -> Result<Versioned, KeyValueError>;
}

/// A value with its version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Versioned {
    /// The value; empty where there is none.
    #[serde(with = "serde_hex")]
    pub value: Vec<u8>,
    /// How often the key was written; 0 for never.
    pub version: u64,
}

/// The state of the target chain cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the key-value store cannot be read: {0}")]
pub struct KeyValueError(pub String);

/// An empty store, for runs without a target chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoKeyValue;

#[async_trait]
impl KeyValueSource for NoKeyValue {
    async fn get(&self, _key: &[u8]) -> Result<Versioned, KeyValueError> {
        Ok(Versioned::default())
    }
}

/// A key that a run saw.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct KeyRead {
    /// The key.
    #[serde(with = "serde_hex")]
    pub key: Vec<u8>,
    /// The version that the run saw.
    pub version: u64,
}

/// A key that a run writes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct KeyWrite {
    /// The key.
    #[serde(with = "serde_hex")]
    pub key: Vec<u8>,
    /// The new value; empty deletes the key.
    #[serde(with = "serde_hex")]
    pub value: Vec<u8>,
}
