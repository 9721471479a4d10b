//! Calls that are encrypted to a key of the worker or of its cluster.

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use phat_envelope::{DecryptionKey, ResponseSealer};
use phat_http_server::{MemoryBudget, MemoryShare};
use phat_primitives::ContractId;
use phat_worker_client::{
    ANSWERED_TRANSCRIPT_BYTES_MAX, CALL_INFO, CallAnswer, EncryptedAnswer, EncryptedCallBody,
    EncryptedInput, HexBytes, Recipient, call_aad,
};
use zeroize::Zeroizing;

use super::{ApiError, routes::JSON_TYPE, view};
use crate::keys::WorkerKeys;

/// What a byte of a transcript takes in memory until it is sent: itself, two digits in
/// the answer, these encrypted, and two digits of each in what is sent.
const TRANSCRIPT_MEMORY_FACTOR: u64 = 9;

/// What an encrypted call is answered with.
pub struct Secrecy {
    sealer: ResponseSealer,
    with_transcript: bool,
}

/// Decrypts a call to `contract`: its input, and what encrypts the answer. What is wrong
/// with the decrypted text is not told, as whoever is in between reads errors.
pub fn open(
    keys: &WorkerKeys,
    genesis_hash: [u8; 32],
    contract: ContractId,
    body: &EncryptedCallBody,
) -> Result<(Vec<u8>, Secrecy), ApiError> {
    let key = key(keys, body.to)?;
    let aad = call_aad(&genesis_hash, contract);
    let (plaintext, sealer) = key
        .open_request(CALL_INFO, &aad, &body.encrypted.0)
        .map_err(|error| {
            let key = key.public();
            ApiError::envelope(format!("{error}; the key here is {key}"))
        })?;
    let asked: EncryptedInput = serde_json::from_slice(&plaintext).map_err(|_| {
        ApiError::envelope("the decrypted text is not the JSON of a call: {\"input\":\"0x…\"}")
    })?;
    let secrecy = Secrecy {
        sealer,
        with_transcript: asked.transcript,
    };
    Ok((asked.input.0, secrecy))
}

fn key(keys: &WorkerKeys, to: Recipient) -> Result<DecryptionKey, ApiError> {
    match to {
        Recipient::Worker => Ok(keys.store().decryption_key()),
        Recipient::Cluster { generation } => keys
            .decryption_key(generation)
            .ok_or_else(|| ApiError::unknown_generation(generation)),
    }
}

impl Secrecy {
    /// The memory for a transcript of this many bytes, if the caller wants it, it may be so
    /// long, and the memory is there.
    pub fn room_for(&self, transcript_bytes: usize, memory: &MemoryBudget) -> Option<MemoryShare> {
        if !self.with_transcript || transcript_bytes > ANSWERED_TRANSCRIPT_BYTES_MAX {
            return None;
        }
        memory.take(transcript_bytes as u64 * TRANSCRIPT_MEMORY_FACTOR)
    }

    /// Encrypts the answer.
    pub fn answer(self, answer: CallAnswer) -> Result<Response, ApiError> {
        let unavailable = |error: String| ApiError::unavailable("answer", error);
        let data = answer.transcript.as_ref().map_or(0, |bytes| bytes.0.len()) as u64
            + answer.output.0.len() as u64;
        let plaintext = view::json(&answer, 2 * data);
        let plaintext = Zeroizing::new(plaintext.map_err(|error| unavailable(error.to_string()))?);
        drop(answer);
        let sealed = self.sealer.seal(&plaintext);
        let sealed = sealed.map_err(|error| unavailable(error.to_string()))?;
        drop(plaintext);
        let length = 2 * sealed.len() as u64;
        let body = EncryptedAnswer {
            encrypted: HexBytes(sealed),
        };
        let json = view::json(&body, length).map_err(|error| unavailable(error.to_string()))?;
        Ok(([(CONTENT_TYPE, JSON_TYPE)], json).into_response())
    }
}
