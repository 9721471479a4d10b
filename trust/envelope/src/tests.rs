use std::{convert::Infallible, path::Path};

use hpke::rand_core::{TryCryptoRng, TryRng};
use phat_primitives::EncryptionKey;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::*;
use crate::message::seal_with;

const INFO: &[u8] = b"phat/test/1";

/// Random bytes that are none: always the same ones.
struct FixedRng(Vec<u8>);

impl TryRng for FixedRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("keys are made of bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("keys are made of bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for FixedRng {}

fn key(byte: u8) -> DecryptionKey {
    DecryptionKey::from_bytes(Zeroizing::new([byte; 32]))
}

#[test]
fn a_message_is_read_by_its_recipient_alone() {
    for length in [0, 1, 100_000] {
        let text = vec![7; length];
        let sealed = seal(&key(1).public(), INFO, b"aad", &text).unwrap();
        assert_eq!(sealed.len(), length + OVERHEAD_BYTES);
        assert_eq!(*key(1).open(INFO, b"aad", &sealed).unwrap(), text);
        let wrong = Err(EnvelopeError::WrongKey);
        assert_eq!(key(2).open(INFO, b"aad", &sealed), wrong);
        assert_eq!(key(1).open(b"phat/other/1", b"aad", &sealed), wrong);
        assert_eq!(key(1).open(INFO, b"other", &sealed), wrong);
        assert_eq!(key(1).open(INFO, b"", &sealed), wrong);
    }
}

#[test]
fn the_same_text_is_never_sealed_to_the_same_bytes() {
    let sealed = || seal(&key(1).public(), INFO, b"", b"text").unwrap();
    assert_ne!(sealed(), sealed());
}

#[test]
fn a_message_that_was_changed_does_not_open() {
    let sealed = seal(&key(1).public(), INFO, b"", b"text").unwrap();
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        let opened = key(1).open(INFO, b"", &changed);
        assert_eq!(opened, Err(EnvelopeError::WrongKey), "byte {index}");
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    assert!(key(1).open(INFO, b"", &longer).is_err());
    for length in 0..sealed.len() {
        let expected = match length < OVERHEAD_BYTES {
            true => EnvelopeError::TooShort {
                length,
                least: OVERHEAD_BYTES,
            },
            false => EnvelopeError::WrongKey,
        };
        assert_eq!(key(1).open(INFO, b"", &sealed[..length]), Err(expected));
    }
}

/// Of such keys everyone knows the secret that is agreed on.
#[test]
fn keys_of_small_order_are_refused() {
    for first in [0, 1] {
        let mut bytes = [0; 32];
        bytes[0] = first;
        let weak = EncryptionKey(bytes);
        assert_eq!(
            seal(&weak, INFO, b"", b"text"),
            Err(EnvelopeError::BadKey(weak))
        );
        let mut sealed = seal(&key(1).public(), INFO, b"", b"text").unwrap();
        sealed[..32].copy_from_slice(&bytes);
        assert_eq!(
            key(1).open(INFO, b"", &sealed),
            Err(EnvelopeError::Malformed)
        );
    }
}

#[test]
fn an_answer_is_read_by_whoever_asked_alone() {
    let ask = || seal_request(&key(1).public(), INFO, b"aad", b"question").unwrap();
    let (sealed, opener) = ask();
    let (question, sealer) = key(1).open_request(INFO, b"aad", &sealed).unwrap();
    assert_eq!(question.as_slice(), b"question");
    let answer = sealer.seal(b"answer").unwrap();
    assert_eq!(answer.len(), 6 + ANSWER_OVERHEAD_BYTES);
    assert_eq!(opener.open(&answer).unwrap().as_slice(), b"answer");

    let (_, other) = ask();
    assert_eq!(other.open(&answer), Err(EnvelopeError::WrongKey));
    for index in 0..answer.len() {
        let mut changed = answer.clone();
        changed[index] ^= 1;
        let opened = opener.open(&changed);
        assert_eq!(opened, Err(EnvelopeError::WrongKey), "byte {index}");
    }
    let least = ANSWER_OVERHEAD_BYTES;
    let length = least - 1;
    assert_eq!(
        opener.open(&answer[..length]),
        Err(EnvelopeError::TooShort { length, least })
    );
}

#[test]
fn secrets_are_not_shown() {
    let (sealed, opener) = seal_request(&key(0xab).public(), INFO, b"", b"").unwrap();
    let (_, sealer) = key(0xab).open_request(INFO, b"", &sealed).unwrap();
    let shown = format!("{:?} {opener:?} {sealer:?}", key(0xab));
    assert_eq!(
        shown,
        "DecryptionKey(…) ResponseOpener(…) ResponseSealer(…)"
    );
}

/// A message that someone else made, in hexadecimal digits.
#[derive(Deserialize)]
struct Vector {
    secret_key: String,
    public_key: String,
    info: String,
    aad: String,
    plaintext: String,
    sealed: String,
}

/// A message of which all random choices are known, and the answer to it.
#[derive(Deserialize)]
struct CallVector {
    #[serde(flatten)]
    message: Vector,
    /// Of which the ephemeral key is derived, as RFC 9180 does in DeriveKeyPair.
    ephemeral_seed: String,
    answer: String,
    answer_nonce: String,
    sealed_answer: String,
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let json = std::fs::read(folder.join(name)).unwrap();
    serde_json::from_slice(&json).unwrap()
}

fn bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits).unwrap()
}

fn array(digits: &str) -> [u8; 32] {
    bytes(digits).try_into().unwrap()
}

impl Vector {
    fn key(&self) -> DecryptionKey {
        DecryptionKey::from_bytes(Zeroizing::new(array(&self.secret_key)))
    }

    fn check(&self) {
        let key = self.key();
        assert_eq!(key.public(), EncryptionKey(array(&self.public_key)));
        let (info, aad) = (bytes(&self.info), bytes(&self.aad));
        let opened = key.open(&info, &aad, &bytes(&self.sealed)).unwrap();
        assert_eq!(hex::encode(opened.as_slice()), self.plaintext);
    }
}

/// The first message of base mode of this suite among the vectors that belong to RFC 9180.
#[test]
fn the_message_of_the_rfc_opens() {
    read::<Vector>("rfc9180.json").check();
}

/// The TypeScript client is tested with the same file, so both make the same bytes.
#[test]
fn messages_and_answers_are_what_they_always_were() {
    let vector: CallVector = read("call.json");
    let message = &vector.message;
    message.check();
    let (info, aad) = (bytes(&message.info), bytes(&message.aad));
    let plaintext = bytes(&message.plaintext);
    let mut rng = FixedRng(bytes(&vector.ephemeral_seed));
    let to = message.key().public();
    let (sealed, asked) = seal_with(&mut rng, &to, &info, &aad, &plaintext).unwrap();
    assert_eq!(hex::encode(&sealed), message.sealed);

    let (_, sealer) = message.key().open_request(&info, &aad, &sealed).unwrap();
    let nonce = array(&vector.answer_nonce);
    let answer = sealer.seal_with(&nonce, &bytes(&vector.answer)).unwrap();
    assert_eq!(hex::encode(&answer), vector.sealed_answer);
    let opened = ResponseOpener::new(asked).open(&answer).unwrap();
    assert_eq!(hex::encode(opened.as_slice()), vector.answer);
}
