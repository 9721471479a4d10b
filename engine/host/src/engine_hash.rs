//! The identity of an engine.

use std::{fmt, str::FromStr};

use codec::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Everything that decides what a run computes and what it costs: engines with
/// the same hash give the same result, logs and fuel for the same transcript.
/// The one exception is how deep a script may recurse before it fails with
/// `stack_overflow`, which also depends on the processor's architecture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct EngineHash(pub [u8; 32]);

/// A text that is not the hash of an engine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not an engine hash: give 0x and 64 hexadecimal digits")]
pub struct ParseEngineHashError(String);

impl fmt::Display for EngineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for EngineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for EngineHash {
    type Err = ParseEngineHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        text.strip_prefix("0x")
            .and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
            .map(|()| Self(bytes))
            .ok_or_else(|| ParseEngineHashError(text.to_owned()))
    }
}

impl Serialize for EngineHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EngineHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
