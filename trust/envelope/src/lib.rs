//! Messages that only the holder of an X25519 key can read, and answers to them.
//!
//! A message is sealed with HPKE (RFC 9180) in base mode, with DHKEM(X25519,
//! HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. Sealed, it is the encapsulated key,
//! 32 bytes, and the ciphertext with its tag, 16 bytes more than the plaintext.
//!
//! Whoever opened a message can answer it: the answer is encrypted with a key that
//! both sides derive from the message's context, as in Oblivious HTTP (RFC 9458,
//! section 4.4), so that only the sender of the message can read it. It is the
//! answer's nonce, 32 bytes, and the ciphertext with its tag.
//!
//! Two texts go with a message and are not in it. The *info* says what messages of
//! this kind are for, a constant such as `phat/call/1`: it keeps a message of one kind
//! from being taken for one of another. The *additional data* says what this message
//! belongs to. Neither opens with another one.
//!
//! Base mode does not tell who sealed a message: anyone can. And whoever gets the
//! secret key later can read what was sealed to it before.

mod answer;
mod error;
mod message;

pub use answer::{ANSWER_OVERHEAD_BYTES, ResponseOpener, ResponseSealer};
pub use error::EnvelopeError;
pub use message::{DecryptionKey, OVERHEAD_BYTES, seal, seal_request};

#[cfg(test)]
mod tests;
