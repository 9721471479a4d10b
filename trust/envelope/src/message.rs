//! Sealing and opening messages.

use std::fmt;

use getrandom::{SysRng, rand_core::UnwrapErr};
use hpke::{
    Deserializable, HpkeError, Kem as _, OpModeR, OpModeS, Serializable,
    aead::{AeadCtxR, AeadCtxS, AeadTag, AesGcm256},
    inout::InOutBuf,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
    rand_core::CryptoRng,
};
use phat_primitives::EncryptionKey;
use zeroize::Zeroizing;

use crate::{
    EnvelopeError, ResponseOpener, ResponseSealer,
    answer::{self, AnswerKey},
};

type Kem = X25519HkdfSha256;
type PublicKey = <Kem as hpke::Kem>::PublicKey;
type PrivateKey = <Kem as hpke::Kem>::PrivateKey;
type EncappedKey = <Kem as hpke::Kem>::EncappedKey;
type Tag = AeadTag<AesGcm256>;

/// The bytes of an encapsulated key.
pub(crate) const ENCAPPED_BYTES: usize = 32;
/// The bytes of a tag.
pub(crate) const TAG_BYTES: usize = 16;
/// How many bytes more than the plaintext a sealed message has.
pub const OVERHEAD_BYTES: usize = ENCAPPED_BYTES + TAG_BYTES;
/// The most bytes of the info, of which the key schedule takes less than 2^16.
const INFO_BYTES_MAX: usize = 1024;

/// Seals a message to `to`: the encapsulated key, 32 bytes, then the ciphertext.
///
/// # Panics
///
/// If `info`, a constant of the program, has more than 1024 bytes, or if the operating
/// system gives no random bytes.
pub fn seal(
    to: &EncryptionKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, EnvelopeError> {
    seal_with(&mut UnwrapErr(SysRng), to, info, aad, plaintext).map(|(sealed, _)| sealed)
}

/// Seals a message like [`seal`], and gives what opens the answer to it.
///
/// # Panics
///
/// As [`seal`].
pub fn seal_request(
    to: &EncryptionKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<(Vec<u8>, ResponseOpener), EnvelopeError> {
    let (sealed, key) = seal_with(&mut UnwrapErr(SysRng), to, info, aad, plaintext)?;
    Ok((sealed, ResponseOpener::new(key)))
}

pub(crate) fn seal_with(
    rng: &mut impl CryptoRng,
    to: &EncryptionKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<(Vec<u8>, AnswerKey), EnvelopeError> {
    check_info(info);
    let bad_key = |_| EnvelopeError::BadKey(*to);
    let recipient = PublicKey::from_bytes(&to.0).map_err(bad_key)?;
    let (encapped, mut context): (EncappedKey, AeadCtxS<AesGcm256, HkdfSha256, Kem>) =
        hpke::setup_sender_with_rng(&OpModeS::Base, &recipient, info, rng).map_err(bad_key)?;
    let encapped: [u8; ENCAPPED_BYTES] = encapped.to_bytes().into();
    let mut sealed = Vec::with_capacity(plaintext.len() + OVERHEAD_BYTES);
    sealed.extend_from_slice(&encapped);
    sealed.extend_from_slice(plaintext);
    let buffer = InOutBuf::from(&mut sealed[ENCAPPED_BYTES..]);
    let tag = context
        .seal_inout_detached(buffer, aad)
        .map_err(|_| EnvelopeError::TooLong)?;
    sealed.extend_from_slice(&tag.to_bytes());
    let key = answer_key(encapped, |context_name, secret| {
        context.export(context_name, secret)
    });
    Ok((sealed, key))
}

/// The secret key that opens messages. It is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct DecryptionKey(PrivateKey);

impl DecryptionKey {
    /// The key with these bytes: every 32 bytes are one.
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(PrivateKey::from_bytes(bytes.as_ref()).expect("every 32 bytes are an X25519 key"))
    }

    /// The public key that messages are sealed to.
    pub fn public(&self) -> EncryptionKey {
        EncryptionKey(Kem::sk_to_pk(&self.0).to_bytes().into())
    }

    /// Opens a message that was sealed with the same `info` and `aad`.
    ///
    /// # Panics
    ///
    /// If `info`, a constant of the program, has more than 1024 bytes.
    pub fn open(
        &self,
        info: &[u8],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        self.open_with_key(info, aad, sealed)
            .map(|(plaintext, _)| plaintext)
    }

    /// Opens a message like [`Self::open`], and gives what seals the answer to it.
    ///
    /// # Panics
    ///
    /// As [`Self::open`].
    pub fn open_request(
        &self,
        info: &[u8],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<(Zeroizing<Vec<u8>>, ResponseSealer), EnvelopeError> {
        let (plaintext, key) = self.open_with_key(info, aad, sealed)?;
        Ok((plaintext, ResponseSealer::new(key)))
    }

    fn open_with_key(
        &self,
        info: &[u8],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<(Zeroizing<Vec<u8>>, AnswerKey), EnvelopeError> {
        check_info(info);
        let too_short = EnvelopeError::TooShort {
            length: sealed.len(),
            least: OVERHEAD_BYTES,
        };
        let (encapped_bytes, rest) = sealed
            .split_first_chunk::<ENCAPPED_BYTES>()
            .ok_or(too_short.clone())?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(too_short)?;
        let malformed = |_| EnvelopeError::Malformed;
        let encapped = EncappedKey::from_bytes(encapped_bytes).map_err(malformed)?;
        let tag = Tag::from_bytes(tag).map_err(malformed)?;
        let mut context: AeadCtxR<AesGcm256, HkdfSha256, Kem> =
            hpke::setup_receiver(&OpModeR::Base, &self.0, &encapped, info).map_err(malformed)?;
        let mut plaintext = Zeroizing::new(ciphertext.to_vec());
        context
            .open_inout_detached(InOutBuf::from(plaintext.as_mut_slice()), aad, &tag)
            .map_err(|_| EnvelopeError::WrongKey)?;
        let key = answer_key(*encapped_bytes, |context_name, secret| {
            context.export(context_name, secret)
        });
        Ok((plaintext, key))
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey(…)")
    }
}

/// The key of the answers to a message, from its context.
fn answer_key(
    encapped: [u8; ENCAPPED_BYTES],
    export: impl FnOnce(&[u8], &mut [u8]) -> Result<(), HpkeError>,
) -> AnswerKey {
    let mut secret = Zeroizing::new([0; answer::SECRET_BYTES]);
    export(answer::EXPORTER_CONTEXT, secret.as_mut()).expect("HKDF gives more than 32 bytes");
    AnswerKey { encapped, secret }
}

fn check_info(info: &[u8]) {
    assert!(
        info.len() <= INFO_BYTES_MAX,
        "the info is a constant of at most {INFO_BYTES_MAX} bytes"
    );
}
