//! What can be wrong with a message.

use phat_primitives::EncryptionKey;
use thiserror::Error;

/// A message or an answer that cannot be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// There is no encrypting to this key: everyone would know the secret.
    #[error("{0} is no X25519 public key that can be encrypted to: check where it comes from")]
    BadKey(EncryptionKey),
    /// The plaintext is longer than the cipher takes, 64 GiB.
    #[error("the text is too long to be encrypted")]
    TooLong,
    /// It is shorter than the shortest that there is.
    #[error("{length} bytes are too few: sealed, even nothing has {least}")]
    TooShort {
        /// The bytes at hand.
        length: usize,
        /// The least there must be.
        least: usize,
    },
    /// Its encapsulated key is none that a sender makes.
    #[error("the first 32 bytes are no encapsulated X25519 key")]
    Malformed,
    /// The key does not open it.
    #[error(
        "it does not open: it was sealed to another key or for something else, or it was \
         changed on the way"
    )]
    WrongKey,
}
