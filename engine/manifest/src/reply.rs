//! Where the outcome of a firing goes, and what a log or a call must show to fire.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};

use crate::{
    EvmAddress, ManifestError, SubstrateAccount,
    address::{hex_bytes, write_hex},
    manifest::field,
    trigger::{evm_anchor, is_substrate_chain},
};

/// How far the time in a signed call may be off by default, in seconds.
pub const WEBHOOK_TOLERANCE_S: u32 = 300;
/// The most that it may be set to, in seconds.
pub const WEBHOOK_TOLERANCE_S_MAX: u32 = 3_600;
/// The most characters of an event's signature among the topics.
const EVENT_CHARS_MAX: usize = 256;
/// What stands for a topic that may be any.
const ANY: &str = "*";

/// Which outcomes of firings are settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettleWhen {
    /// All, failures included.
    #[default]
    Always,
    /// Those of runs that wrote to the key-value store.
    Written,
}

impl SettleWhen {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The anchor to which the outcome of a firing goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The chain as CAIP-2 has it, such as `eip155:1`.
    pub chain: String,
    /// On an EVM chain, the contract that inherits the anchor, or the shared anchor
    /// where there is a consumer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<EvmAddress>,
    /// The consumer of a shared anchor, or the account of the anchor pallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<String>,
    /// Which outcomes go there.
    #[serde(default, skip_serializing_if = "SettleWhen::is_default")]
    pub when: SettleWhen,
}

impl Reply {
    /// The anchor as a target takes it.
    pub fn anchor(&self) -> Result<Vec<u8>, ManifestError> {
        let wrong = |name, problem: String| Err(field(name, problem));
        let evm = self.chain.strip_prefix("eip155:");
        if evm.is_some_and(|id| {
            id.parse()
                .is_ok_and(|id: u64| id > 0 && !self.chain.contains('+'))
        }) {
            let Some(address) = self.address else {
                return wrong("triggers.reply.address", "give the anchor's address".into());
            };
            let consumer = self.consumer.as_deref().map(str::parse).transpose();
            return match consumer {
                Ok(consumer) => Ok(evm_anchor(address, consumer)),
                Err(problem) => wrong("triggers.reply.consumer", problem),
            };
        }
        if !is_substrate_chain(&self.chain) {
            let problem = format!(
                "{:?} is not a chain: give eip155: and the chain's id, or polkadot: and the first \
                 32 hexadecimal digits of the hash of its first block",
                self.chain
            );
            return wrong("triggers.reply.chain", problem);
        }
        if self.address.is_some() {
            let problem = "a Substrate chain has one anchor: give the consumer only".into();
            return wrong("triggers.reply.address", problem);
        }
        match self.consumer.as_deref().map(str::parse::<SubstrateAccount>) {
            Some(Ok(consumer)) => Ok(consumer.0.to_vec()),
            Some(Err(problem)) => wrong("triggers.reply.consumer", problem),
            None => wrong(
                "triggers.reply.consumer",
                "give the consumer's account".into(),
            ),
        }
    }

    pub(crate) fn check(&self) -> Result<(), ManifestError> {
        self.anchor().map(|_| ())
    }
}

/// What one topic of a log must be.
///
/// Written as `*` for any; as `0x` and 64 hexadecimal digits; as an address, which
/// is filled up with zeros; or as an event, `Transfer(address,address,uint256)`,
/// whose Keccak-256 hash it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Anything.
    Any,
    /// These bytes.
    Exactly([u8; 32]),
}

impl FromStr for Topic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == ANY {
            return Ok(Self::Any);
        }
        if let Some(bytes) = hex_bytes(text) {
            return Ok(Self::Exactly(bytes));
        }
        if let Some(address) = hex_bytes::<20>(text) {
            let mut bytes = [0; 32];
            bytes[12..].copy_from_slice(&address);
            return Ok(Self::Exactly(bytes));
        }
        let is_event = text.len() <= EVENT_CHARS_MAX
            && text
                .bytes()
                .next()
                .is_some_and(|c| c.is_ascii_alphabetic() || c == b'_')
            && text.ends_with(')')
            && text.contains('(')
            && text
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"_$(),[]".contains(&c));
        if is_event {
            return Ok(Self::Exactly(Keccak256::digest(text).into()));
        }
        Err(format!(
            "{text:?} is not a topic: give * for any, 0x and 64 hexadecimal digits, an address, or \
             an event without spaces and names, such as Transfer(address,address,uint256)"
        ))
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str(ANY),
            Self::Exactly(bytes) => write_hex(bytes, f),
        }
    }
}

impl Serialize for Topic {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// How a call to a webhook is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "snake_case", deny_unknown_fields)]
pub enum Signature {
    /// As GitHub does: HMAC-SHA-256 of the body, in the header `X-Hub-Signature-256`
    /// as `sha256=` and hexadecimal digits. There is no time in it.
    Github {
        /// The name of the contract's secret that is the key.
        secret: String,
    },
    /// As Stripe does: HMAC-SHA-256 of the time, a dot and the body, in the header
    /// `Stripe-Signature` as `t=1700000000,v1=` and hexadecimal digits.
    Stripe {
        /// The name of the contract's secret that is the key.
        secret: String,
        /// How far that time may be off, in seconds.
        #[serde(default = "tolerance")]
        tolerance_s: u32,
    },
    /// As Discord does: Ed25519 of the time and the body, in the headers
    /// `X-Signature-Ed25519`, hexadecimal digits, and `X-Signature-Timestamp`.
    Ed25519 {
        /// The key, `0x` and 64 hexadecimal digits.
        public_key: String,
        /// How far that time may be off, in seconds.
        #[serde(default = "tolerance")]
        tolerance_s: u32,
    },
}

impl Signature {
    /// The name of the contract's secret that checks it; none where the key is public.
    pub fn secret(&self) -> Option<&String> {
        match self {
            Self::Github { secret } | Self::Stripe { secret, .. } => Some(secret),
            Self::Ed25519 { .. } => None,
        }
    }

    /// The public key that checks it; none where the key is secret, or is none.
    pub fn public_key(&self) -> Option<[u8; 32]> {
        match self {
            Self::Ed25519 { public_key, .. } => hex_bytes(public_key),
            Self::Github { .. } | Self::Stripe { .. } => None,
        }
    }

    /// How far the time of a call may be off, in seconds; none where it has none.
    pub fn tolerance_s(&self) -> Option<u32> {
        match self {
            Self::Github { .. } => None,
            Self::Stripe { tolerance_s, .. } | Self::Ed25519 { tolerance_s, .. } => {
                Some(*tolerance_s)
            }
        }
    }

    pub(crate) fn check(&self, secrets: &[String]) -> Result<(), ManifestError> {
        if let Some(secret) = self.secret()
            && !secrets.contains(secret)
        {
            return Err(field(
                "triggers.signature.secret",
                format!("{secret:?} is not among the manifest's secrets: list it there"),
            ));
        }
        if matches!(self, Self::Ed25519 { .. }) && self.public_key().is_none() {
            return Err(field(
                "triggers.signature.public_key",
                "give 0x and 64 hexadecimal digits",
            ));
        }
        match self.tolerance_s() {
            Some(seconds) if !(1..=WEBHOOK_TOLERANCE_S_MAX).contains(&seconds) => Err(field(
                "triggers.signature.tolerance_s",
                format!(
                    "{seconds} is not allowed: choose a value from 1 to {WEBHOOK_TOLERANCE_S_MAX} \
                     seconds"
                ),
            )),
            _ => Ok(()),
        }
    }
}

fn tolerance() -> u32 {
    WEBHOOK_TOLERANCE_S
}
