//! The record of a run: every host call with its answer.

use codec::{Compact, Decode, Encode, MemTrackingInput};
use phat_manifest::Limits;
use phat_primitives::{CodeHash, blake2_256};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    CertificateChainHash, Commitment, EngineHash, LogLevel, RunRequest, Versioned, serde_hex,
};

/// The version of the encoding, its first byte.
const ENCODING_VERSION: u8 = 2;
/// The most memory that what an encoding holds may take once it is read: a list
/// of empty texts is small in its encoding, and not in memory.
const DECODED_BYTES_MAX: usize = 512 * 1024 * 1024;
/// Separates the root of a transcript from hashes of other things.
const ROOT_DOMAIN: &[u8] = b"phat/transcript/1";

/// The bounds of a transcript. A run that would go over one, or over the limit
/// `transcript_bytes` of its manifest, ends with the failure `host_limit`, which
/// names it.
pub mod limits {
    /// The most entries.
    pub const TRANSCRIPT_ENTRIES_MAX: u64 = 262_144;
    /// The most bytes of all entries, whatever the manifest.
    pub const TRANSCRIPT_BYTES_MAX: u64 = phat_manifest::TRANSCRIPT_BYTES_MAX;
}

/// The record of a run. With the code, it is all that a replay needs.
///
/// It holds what the contract sent and received in full, but for secrets of its owner that it
/// had read, so whoever may read it sees all that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// What ran, on what, with what.
    pub header: TranscriptHeader,
    /// The host calls in their order.
    pub entries: Vec<Entry>,
}

/// What a run was given.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct TranscriptHeader {
    /// The engine that ran it.
    pub engine: EngineHash,
    /// The code that ran.
    pub code_hash: CodeHash,
    /// What it was asked.
    pub request: RunRequest,
    /// What it could use.
    pub limits: Limits,
    /// The hosts it could call.
    pub allowed_hosts: Vec<String>,
}

/// One host call with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Entry {
    /// A request was started.
    HttpStarted {
        /// The number of the request.
        id: u32,
        /// The request.
        request: HttpRequest,
    },
    /// A timer was started.
    TimerStarted {
        /// The number of the timer.
        id: u32,
        /// After how many milliseconds it fires.
        duration_ms: u64,
    },
    /// A request or timer was forgotten.
    Cancelled {
        /// Its number.
        id: u32,
    },
    /// The contract waited.
    Waited {
        /// What came; none if nothing was under way.
        event: Option<Event>,
    },
    /// A key was read from the target chain.
    KeyRead {
        /// The key.
        #[serde(with = "serde_hex")]
        key: Vec<u8>,
        /// The value and version, or why the chain could not be read.
        answer: Result<Versioned, String>,
    },
    /// A key was written.
    KeyWritten {
        /// The key.
        #[serde(with = "serde_hex")]
        key: Vec<u8>,
        /// The new value; empty deletes the key.
        #[serde(with = "serde_hex")]
        value: Vec<u8>,
    },
    /// A line was logged.
    Logged {
        /// How much it matters.
        level: LogLevel,
        /// The text.
        message: String,
    },
    /// The clock was read.
    ClockRead {
        /// Nanoseconds since 1970.
        nanoseconds: u64,
    },
    /// Random bytes were drawn.
    RandomDrawn {
        /// The bytes.
        #[serde(with = "serde_hex")]
        bytes: Vec<u8>,
    },
    /// A public key of the contract was read.
    PublicKeyRead {
        /// Of which scheme: secp256k1, ed25519 or sr25519.
        scheme: String,
        /// The key.
        #[serde(with = "serde_hex")]
        key: Vec<u8>,
    },
    /// The contract signed.
    Signed {
        /// With which scheme.
        scheme: String,
        /// What was signed.
        #[serde(with = "serde_hex")]
        message: Vec<u8>,
        /// The signature, or why there is none.
        answer: Result<Signature, String>,
    },
    /// The contract evaluated its verifiable random function.
    VrfEvaluated {
        /// The input.
        #[serde(with = "serde_hex")]
        input: Vec<u8>,
        /// The output.
        #[serde(with = "serde_hex")]
        output: [u8; 32],
        /// The proof.
        #[serde(with = "serde_hex")]
        proof: [u8; 96],
    },
    /// A secret was derived from the contract's key.
    SecretDerived {
        /// The salt.
        #[serde(with = "serde_hex")]
        salt: Vec<u8>,
        /// Stands for the secret.
        commitment: Commitment,
    },
    /// A secret of the owner was read.
    SecretRead {
        /// The name.
        name: String,
        /// Stands for the secret; none if there is none of that name.
        commitment: Option<Commitment>,
    },
    /// The next entry would have gone over a bound of the transcript, which
    /// ended the run. Always the last entry.
    TranscriptFull,
    /// The time of the run was over. Always the last entry.
    Interrupted {
        /// The fuel that was used by then.
        fuel_used: u64,
    },
}

/// A signature. How many bytes it has is a matter of the scheme.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signature(#[serde(with = "serde_hex")] pub Vec<u8>);

/// A request or timer that is done.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Event {
    /// The number of the request or timer.
    pub id: u32,
    /// What came of it.
    pub completion: Completion,
}

/// What came of a request or timer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// The answer to a request.
    Response(HttpResponse),
    /// A request without an answer.
    RequestFailed(HttpError),
    /// A timer fired.
    Timer,
}

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// Names and values. Values hold the code points 0 to 255, one for each byte.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(with = "serde_hex")]
    pub body: Vec<u8>,
    /// What to do with an answer that redirects.
    pub redirect: Redirect,
    /// A time limit below that of the run's limits, in milliseconds.
    pub timeout_ms: Option<u64>,
}

/// What to do with an answer that redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redirect {
    /// Ask there.
    Follow,
    /// Return it.
    Manual,
    /// Fail.
    Error,
}

/// The answer to an HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The URL that answered, after redirects.
    pub url: String,
    /// Whether there were redirects.
    pub redirected: bool,
    /// Names and values. Values hold the code points 0 to 255, one for each byte.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(with = "serde_hex")]
    pub body: Vec<u8>,
    /// The certificates that the server presented; none without TLS.
    pub certificate_chain: Option<CertificateChainHash>,
}

/// Why an HTTP request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error, Encode, Decode, Serialize, Deserialize)]
#[error("{message}")]
pub struct HttpError {
    /// The kind of error.
    pub code: HttpErrorCode,
    /// What happened.
    pub message: String,
}

/// The kinds of HTTP errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpErrorCode {
    /// The request is not well formed.
    InvalidRequest,
    /// The manifest does not allow this host.
    HostNotAllowed,
    /// The address is in a network that contracts may not reach.
    AddressRefused,
    /// The name has no address.
    Dns,
    /// No connection could be made.
    Connect,
    /// The connection is not trusted.
    Tls,
    /// The time for the request is over.
    Timeout,
    /// A limit for one request was reached; the message names it.
    Limit,
    /// A redirect that was not to be followed, or cannot be.
    Redirect,
    /// The peer broke off or did not speak HTTP.
    Protocol,
}

/// Bytes that are not a transcript.
#[derive(Debug, Error)]
pub enum TranscriptError {
    /// The encoding is of another version.
    #[error(
        "the transcript has encoding version {0}; this engine reads version {ENCODING_VERSION}"
    )]
    Version(u8),
    /// There are more bytes than any transcript has.
    #[error("{0} bytes are more than a transcript can have")]
    TooLarge(usize),
    /// There are more entries than any transcript has.
    #[error("{0} entries are more than a transcript can have")]
    TooManyEntries(u32),
    /// The bytes are cut off or damaged.
    #[error("the transcript cannot be read: {0}")]
    Malformed(#[from] codec::Error),
}

impl Transcript {
    /// A hash of all of it. Entries are hashed in a chain, so the root of a
    /// transcript can be computed as it grows:
    /// `blake2(blake2(… blake2(domain, header), entry), entry)`, each entry and
    /// the header as the hash of their encoding.
    pub fn root(&self) -> [u8; 32] {
        let start = (ROOT_DOMAIN, self.header.using_encoded(blake2_256)).using_encoded(blake2_256);
        self.entries.iter().fold(start, |root, entry| {
            (root, entry.using_encoded(blake2_256)).using_encoded(blake2_256)
        })
    }

    /// The bytes to store: a version and the SCALE encoding.
    pub fn encode(&self) -> Vec<u8> {
        (ENCODING_VERSION, &self.header, &self.entries).encode()
    }

    /// The same bytes as [`Self::encode`] gives. Each entry is freed once it is
    /// encoded, so that the whole is not in memory twice.
    pub fn into_bytes(self) -> Vec<u8> {
        let start = (ENCODING_VERSION, &self.header);
        // The tuple's `encode` writes the number of entries in this form too.
        let count = Compact(self.entries.len() as u64);
        let entries_size = self.entries.iter().map(Encode::encoded_size);
        let size = start.encoded_size() + count.encoded_size() + entries_size.sum::<usize>();
        let mut bytes = Vec::with_capacity(size);
        start.encode_to(&mut bytes);
        count.encode_to(&mut bytes);
        for entry in self.entries {
            entry.encode_to(&mut bytes);
        }
        bytes
    }

    /// Reads what [`Self::encode`] made. Safe for bytes from anyone.
    pub fn decode(bytes: &[u8]) -> Result<Self, TranscriptError> {
        // The header's input, settings and hosts come on top of the entries.
        let bytes_max = 2 * limits::TRANSCRIPT_BYTES_MAX;
        if bytes.len() as u64 > bytes_max {
            return Err(TranscriptError::TooLarge(bytes.len()));
        }
        let (version, mut rest) = match bytes {
            [version, rest @ ..] => (*version, rest),
            [] => return Err(codec::Error::from("no bytes").into()),
        };
        if version != ENCODING_VERSION {
            return Err(TranscriptError::Version(version));
        }
        let mut input = MemTrackingInput::new(&mut rest, DECODED_BYTES_MAX);
        let header = TranscriptHeader::decode(&mut input)?;
        let Compact(count) = Compact::<u32>::decode(&mut input)?;
        // The entry that says how a run ended comes on top.
        if u64::from(count) > limits::TRANSCRIPT_ENTRIES_MAX + 1 {
            return Err(TranscriptError::TooManyEntries(count));
        }
        let entries = (0..count)
            .map(|_| Entry::decode(&mut input))
            .collect::<Result<_, _>>()?;
        if !rest.is_empty() {
            return Err(codec::Error::from("there are bytes behind the last entry").into());
        }
        Ok(Self { header, entries })
    }
}

impl Entry {
    /// Whether nothing comes after this entry.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Self::TranscriptFull | Self::Interrupted { .. })
    }

    /// About how much of the host's memory the entry takes, given the size of its
    /// encoding.
    pub(crate) fn memory_bytes(&self, encoded: u64) -> u64 {
        let headers = match self {
            Self::HttpStarted { request, .. } => request.headers.len(),
            Self::Waited { event: Some(event) } => match &event.completion {
                Completion::Response(response) => response.headers.len(),
                Completion::RequestFailed(_) | Completion::Timer => 0,
            },
            _ => 0,
        };
        let parts = size_of::<Self>() + headers * size_of::<(String, String)>();
        // A key's value and a line of the log are in the run's own state too.
        let copies = match self {
            Self::KeyRead { .. } | Self::KeyWritten { .. } | Self::Logged { .. } => 2,
            _ => 1,
        };
        encoded.saturating_add(parts as u64).saturating_mul(copies)
    }

    /// The entry in a few words, for error messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::HttpStarted { id, request } => format!(
                "request {id}: {} {} with {} headers and a body of {} bytes",
                request.method,
                request.url,
                request.headers.len(),
                request.body.len()
            ),
            Self::TimerStarted { id, duration_ms } => format!("timer {id} of {duration_ms} ms"),
            Self::Cancelled { id } => format!("{id} is cancelled"),
            Self::Waited { event: None } => "waits for nothing".to_owned(),
            Self::Waited { event: Some(event) } => format!("waits, until {} is done", event.id),
            Self::KeyRead { key, .. } => format!("reads the key 0x{}", hex::encode(key)),
            Self::KeyWritten { key, value } => format!(
                "writes {} bytes to the key 0x{}",
                value.len(),
                hex::encode(key)
            ),
            Self::Logged { level, message } => format!("logs {level} {message:?}"),
            Self::ClockRead { .. } => "reads the clock".to_owned(),
            Self::RandomDrawn { bytes } => format!("draws {} random bytes", bytes.len()),
            Self::PublicKeyRead { scheme, .. } => format!("reads its {scheme} public key"),
            Self::Signed {
                scheme, message, ..
            } => format!("signs {} bytes with {scheme}", message.len()),
            Self::VrfEvaluated { input, .. } => {
                format!("draws verifiable random bytes for 0x{}", hex::encode(input))
            }
            Self::SecretDerived { salt, .. } => {
                format!("derives the secret of the salt 0x{}", hex::encode(salt))
            }
            Self::SecretRead { name, .. } => format!("reads the secret {name:?}"),
            Self::TranscriptFull => "goes over the bounds of a transcript".to_owned(),
            Self::Interrupted { .. } => "its time is over".to_owned(),
        }
    }
}

#[cfg(test)]
#[path = "transcript_tests.rs"]
mod tests;
