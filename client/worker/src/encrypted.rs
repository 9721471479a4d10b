//! Calls that nobody reads on their way.
//!
//! Whoever calls a contract can encrypt the call to a key that the chain vouches for.
//! What is between the caller and the worker, such as a gateway, then sees the contract,
//! lengths and times, and neither the input nor the answer.

use phat_envelope::{EnvelopeError, OVERHEAD_BYTES, ResponseOpener, seal_request};
use phat_primitives::{ContractId, EncryptionKey, WorkerId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{CallAnswer, CallBody, HexBytes, types::CALL_TEXT_BYTES_MAX};

/// What messages to contracts are sealed for.
pub const CALL_INFO: &[u8] = b"phat/call/1";
/// The longest body of an encrypted call: what a call's text has sealed, in hexadecimal
/// digits with the JSON around it.
pub const ENCRYPTED_BODY_BYTES_MAX: usize = 2 * (CALL_TEXT_BYTES_MAX + OVERHEAD_BYTES) + 1024;
/// The longest transcript that comes with the answer to an encrypted call. As JSON,
/// encrypted and in hexadecimal digits, it takes four times as much.
pub const ANSWERED_TRANSCRIPT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The additional data of a call: to which contract of which chain it is. This is the
/// SCALE encoding of both.
pub fn call_aad(genesis_hash: &[u8; 32], contract: ContractId) -> [u8; 64] {
    let mut aad = [0; 64];
    aad[..32].copy_from_slice(genesis_hash);
    aad[32..].copy_from_slice(&contract.0);
    aad
}

/// To whose key a call is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Recipient {
    /// The key of the worker that gets the call.
    Worker,
    /// The key of its cluster, which all of its workers have.
    Cluster {
        /// Which of the cluster's keys, counted from 0.
        generation: u32,
    },
}

/// `POST /v1/contracts/{id}/call`: a call that is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EncryptedCallBody {
    /// The encapsulated key, 32 bytes, and the ciphertext of an [`EncryptedInput`].
    pub encrypted: HexBytes,
    /// Who can decrypt it.
    #[serde(flatten)]
    pub to: Recipient,
}

/// What is encrypted in a call, as JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptedInput {
    /// The input of the run.
    pub input: HexBytes,
    /// Whether the answer is to have the transcript of the run, which the worker does
    /// not keep.
    #[serde(default)]
    pub transcript: bool,
    /// Anything, to hide how long the input is. It is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub padding: Option<String>,
}

/// The answer to an encrypted call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptedAnswer {
    /// The answer's nonce, 32 bytes, and the ciphertext of a [`CallAnswer`] as JSON.
    pub encrypted: HexBytes,
}

/// Either kind of call, as a worker gets it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "CallFields")]
pub enum CallRequest {
    /// In the clear.
    Plain(CallBody),
    /// Encrypted.
    Encrypted(EncryptedCallBody),
}

/// The fields of both kinds, of which each has its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallFields {
    input: Option<HexBytes>,
    encrypted: Option<HexBytes>,
    to: Option<RecipientKind>,
    generation: Option<u32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecipientKind {
    Worker,
    Cluster,
}

impl TryFrom<CallFields> for CallRequest {
    type Error = &'static str;

    fn try_from(fields: CallFields) -> Result<Self, Self::Error> {
        let encrypted = match (fields.input, fields.encrypted) {
            (Some(input), None) => {
                if fields.to.is_some() || fields.generation.is_some() {
                    return Err("`to` and `generation` go with `encrypted`, not with `input`");
                }
                return Ok(Self::Plain(CallBody { input }));
            }
            (None, Some(encrypted)) => encrypted,
            (Some(_), Some(_)) => return Err("give `input` or `encrypted`, not both"),
            (None, None) => return Err("missing field `input`, or `encrypted` in its place"),
        };
        let to = match (fields.to, fields.generation) {
            (Some(RecipientKind::Worker), None) => Recipient::Worker,
            (Some(RecipientKind::Worker), Some(_)) => {
                return Err("`generation` goes with the key of a cluster");
            }
            (Some(RecipientKind::Cluster), Some(generation)) => Recipient::Cluster { generation },
            (Some(RecipientKind::Cluster), None) => {
                return Err("missing field `generation`: which of the cluster's keys it is");
            }
            (None, _) => return Err("missing field `to`: `worker` or `cluster`"),
        };
        Ok(Self::Encrypted(EncryptedCallBody { encrypted, to }))
    }
}

/// A key to encrypt calls to. It is only as good as where it comes from, which should be
/// the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKey {
    /// That of one worker.
    Worker {
        /// The worker.
        worker: WorkerId,
        /// Its key.
        key: EncryptionKey,
    },
    /// That of a cluster.
    Cluster {
        /// Which of its keys, counted from 0.
        generation: u32,
        /// The key.
        key: EncryptionKey,
    },
}

/// A call to be encrypted.
#[derive(Clone)]
pub struct EncryptedCall<'a> {
    /// The contract.
    pub contract: ContractId,
    /// The first block of the contract's chain.
    pub genesis_hash: [u8; 32],
    /// To whom the call is encrypted.
    pub to: CallKey,
    /// The input of the run.
    pub input: &'a [u8],
    /// Whether the answer is to have the transcript of the run.
    pub transcript: bool,
}

impl CallKey {
    /// The worker that must get the call, if only one can read it.
    pub fn worker(&self) -> Option<WorkerId> {
        match self {
            Self::Worker { worker, .. } => Some(*worker),
            Self::Cluster { .. } => None,
        }
    }
}

impl EncryptedCall<'_> {
    /// What is sent, and what opens the answer.
    pub fn seal(&self) -> Result<(EncryptedCallBody, ResponseOpener), EnvelopeError> {
        let (key, to) = match self.to {
            CallKey::Worker { key, .. } => (key, Recipient::Worker),
            CallKey::Cluster { generation, key } => (key, Recipient::Cluster { generation }),
        };
        let plaintext = EncryptedInput {
            input: HexBytes(self.input.to_vec()),
            transcript: self.transcript,
            padding: None,
        };
        let plaintext = serde_json::to_vec(&plaintext).expect("digits and a flag are JSON");
        let plaintext = Zeroizing::new(plaintext);
        let aad = call_aad(&self.genesis_hash, self.contract);
        let (sealed, opener) = seal_request(&key, CALL_INFO, &aad, &plaintext)?;
        let body = EncryptedCallBody {
            encrypted: HexBytes(sealed),
            to,
        };
        Ok((body, opener))
    }
}

/// Reads the answer to an encrypted call, or says what is wrong with it.
pub fn open_answer(
    opener: &ResponseOpener,
    answer: &EncryptedAnswer,
) -> Result<CallAnswer, String> {
    let plaintext = opener
        .open(&answer.encrypted.0)
        .map_err(|error| format!("the encrypted answer: {error}"))?;
    serde_json::from_slice(&plaintext).map_err(|error| format!("the decrypted answer: {error}"))
}

#[cfg(test)]
mod tests {
    use phat_envelope::DecryptionKey;

    use super::*;

    #[test]
    fn each_kind_of_call_has_its_own_fields() {
        let read = |text: &str| {
            serde_json::from_str::<CallRequest>(text).map_err(|error| error.to_string())
        };
        let encrypted = |to| {
            let encrypted = HexBytes(vec![0xab]);
            Ok(CallRequest::Encrypted(EncryptedCallBody { encrypted, to }))
        };
        let input = HexBytes(vec![0x0a]);
        assert_eq!(
            read(r#"{"input":"0x0a"}"#),
            Ok(CallRequest::Plain(CallBody { input }))
        );
        assert_eq!(
            read(r#"{"encrypted":"0xab","to":"worker"}"#),
            encrypted(Recipient::Worker)
        );
        assert_eq!(
            read(r#"{"to":"cluster","generation":3,"encrypted":"0xab"}"#),
            encrypted(Recipient::Cluster { generation: 3 })
        );
        for (bad, part) in [
            ("{}", "missing field `input`"),
            (r#"{"encrypted":"0xab"}"#, "missing field `to`"),
            (r#"{"encrypted":"0xab","to":"me"}"#, "unknown variant `me`"),
            (
                r#"{"encrypted":"0xab","to":"cluster"}"#,
                "missing field `generation`",
            ),
            (
                r#"{"encrypted":"0xab","to":"worker","generation":0}"#,
                "the key of a cluster",
            ),
            (
                r#"{"encrypted":"0xab","to":"cluster","generation":-1}"#,
                "-1",
            ),
            (r#"{"input":"0x","encrypted":"0xab"}"#, "not both"),
            (r#"{"input":"0x","to":"worker"}"#, "go with `encrypted`"),
            (r#"{"input":"0x","x":1}"#, "unknown field `x`"),
        ] {
            let error = read(bad).unwrap_err();
            assert!(error.contains(part), "{bad}: {error}");
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for to in [Recipient::Worker, Recipient::Cluster { generation: 7 }] {
            let body = EncryptedCallBody {
                encrypted: HexBytes(vec![1, 2]),
                to,
            };
            let json = serde_json::to_string(&body).unwrap();
            let read: CallRequest = serde_json::from_str(&json).unwrap();
            assert_eq!(read, CallRequest::Encrypted(body));
        }
    }

    #[test]
    fn a_call_opens_for_its_contract_and_chain_alone() {
        let key = DecryptionKey::from_bytes(Zeroizing::new([7; 32]));
        let contract = ContractId([1; 32]);
        let genesis_hash = [2; 32];
        let call = EncryptedCall {
            contract,
            genesis_hash,
            to: CallKey::Worker {
                worker: WorkerId([3; 32]),
                key: key.public(),
            },
            input: b"in",
            transcript: true,
        };
        let (body, _) = call.seal().unwrap();
        let open = |aad: &[u8]| key.open(CALL_INFO, aad, &body.encrypted.0);
        let plaintext = open(&call_aad(&genesis_hash, contract)).unwrap();
        assert_eq!(
            plaintext.as_slice(),
            br#"{"input":"0x696e","transcript":true}"#
        );
        assert!(open(&call_aad(&[9; 32], contract)).is_err());
        assert!(open(&call_aad(&genesis_hash, ContractId([9; 32]))).is_err());
    }

    #[test]
    fn the_longest_input_fits_into_a_body() {
        let input = vec![0xff; crate::CALL_INPUT_BYTES_MAX];
        let call = EncryptedCall {
            contract: ContractId([1; 32]),
            genesis_hash: [2; 32],
            to: CallKey::Cluster {
                generation: u32::MAX,
                key: DecryptionKey::from_bytes(Zeroizing::new([7; 32])).public(),
            },
            input: &input,
            transcript: true,
        };
        let (body, _) = call.seal().unwrap();
        let json = serde_json::to_vec(&body).unwrap();
        assert!(json.len() <= ENCRYPTED_BODY_BYTES_MAX);
        assert_eq!(crate::CALL_BODY_BYTES_MAX, ENCRYPTED_BODY_BYTES_MAX);
    }
}
