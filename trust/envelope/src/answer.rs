//! Answers to messages: RFC 9458, section 4.4, with another exporter context.

use std::fmt;

use aes_gcm_of_hpke::{
    AeadInOut, Aes256Gcm, KeyInit, Nonce,
    aead::{consts::U12, inout::InOutBuf},
};
use getrandom::SysRng;
use hkdf::Hkdf;
use hpke::rand_core::TryRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    EnvelopeError,
    message::{ENCAPPED_BYTES, TAG_BYTES},
};

/// What the secret of answers is exported from a message's context for.
pub(crate) const EXPORTER_CONTEXT: &[u8] = b"phat/call-answer/1";
/// The bytes of that secret: as many as the cipher's key has.
pub(crate) const SECRET_BYTES: usize = 32;
/// The bytes of an answer's nonce: as many as the cipher's key has, which are more than
/// its nonce has.
pub(crate) const ANSWER_NONCE_BYTES: usize = 32;
/// The bytes of the cipher's nonce.
const CIPHER_NONCE_BYTES: usize = 12;
/// How many bytes more than the plaintext a sealed answer has.
pub const ANSWER_OVERHEAD_BYTES: usize = ANSWER_NONCE_BYTES + TAG_BYTES;

/// What both sides of a message know.
pub(crate) struct AnswerKey {
    pub encapped: [u8; ENCAPPED_BYTES],
    pub secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl AnswerKey {
    /// The cipher with its key, and the nonce, of the answer with this nonce.
    fn cipher(&self, answer_nonce: &[u8; ANSWER_NONCE_BYTES]) -> (Aes256Gcm, Nonce<U12>) {
        let salt = [self.encapped.as_slice(), answer_nonce].concat();
        let derived = Hkdf::<Sha256>::new(Some(&salt), self.secret.as_ref());
        let mut key = Zeroizing::new([0; SECRET_BYTES]);
        let mut nonce = [0; CIPHER_NONCE_BYTES];
        let fits = "HKDF-SHA256 gives up to 8160 bytes";
        derived.expand(b"key", key.as_mut()).expect(fits);
        derived.expand(b"nonce", &mut nonce).expect(fits);
        let cipher = Aes256Gcm::new((&*key).into());
        (cipher, nonce.into())
    }
}

/// Seals the answer to a message that was opened.
pub struct ResponseSealer(AnswerKey);

impl ResponseSealer {
    pub(crate) fn new(key: AnswerKey) -> Self {
        Self(key)
    }

    /// Seals the answer: its nonce, 32 bytes, then the ciphertext.
    ///
    /// # Panics
    ///
    /// If the operating system gives no random bytes.
    pub fn seal(self, plaintext: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let mut nonce = [0; ANSWER_NONCE_BYTES];
        SysRng
            .try_fill_bytes(&mut nonce)
            .expect("the operating system has a source of randomness");
        self.seal_with(&nonce, plaintext)
    }

    pub(crate) fn seal_with(
        self,
        answer_nonce: &[u8; ANSWER_NONCE_BYTES],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, EnvelopeError> {
        let (cipher, nonce) = self.0.cipher(answer_nonce);
        let mut sealed = Vec::with_capacity(plaintext.len() + ANSWER_OVERHEAD_BYTES);
        sealed.extend_from_slice(answer_nonce);
        sealed.extend_from_slice(plaintext);
        let buffer = InOutBuf::from(&mut sealed[ANSWER_NONCE_BYTES..]);
        let tag = cipher
            .encrypt_inout_detached(&nonce, &[], buffer)
            .map_err(|_| EnvelopeError::TooLong)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }
}

/// Opens the answer to a message that was sealed.
pub struct ResponseOpener(AnswerKey);

impl ResponseOpener {
    pub(crate) fn new(key: AnswerKey) -> Self {
        Self(key)
    }

    /// Opens the answer.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let too_short = EnvelopeError::TooShort {
            length: sealed.len(),
            least: ANSWER_OVERHEAD_BYTES,
        };
        let (answer_nonce, rest) = sealed
            .split_first_chunk::<ANSWER_NONCE_BYTES>()
            .ok_or(too_short.clone())?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(too_short)?;
        let (cipher, nonce) = self.0.cipher(answer_nonce);
        let mut plaintext = Zeroizing::new(ciphertext.to_vec());
        let buffer = InOutBuf::from(plaintext.as_mut_slice());
        cipher
            .decrypt_inout_detached(&nonce, &[], buffer, tag.into())
            .map_err(|_| EnvelopeError::WrongKey)?;
        Ok(plaintext)
    }
}

impl fmt::Debug for ResponseSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseSealer(…)")
    }
}

impl fmt::Debug for ResponseOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseOpener(…)")
    }
}
