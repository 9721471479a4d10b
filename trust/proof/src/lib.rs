//! What the Phat chain knew at a block, proven from the hash of its first block.
//!
//! A [`ChainProof`] is checked without asking anyone: [`ChainProof::verify`] takes the hash of the
//! chain's first block, which is all that has to be known beforehand, and gives a
//! [`VerifiedBlock`], whose storage can be read as far as the proof has it. The steps are
//!
//! 1. the header of the first block has that hash, and its state names the first authorities of
//!    GRANDPA;
//! 2. each change of the authorities is announced by a block that those before it finalised;
//! 3. the authorities of then finalised a block, and a chain of headers leads from it back to the
//!    block in question;
//! 4. a value belongs to the state whose root is in that block's header.
//!
//! What has to be believed is that of the authorities of each set, as long as anyone believes what
//! that set signed, less than a third of the weight lies.
//!
//! The formats are those of Substrate: SCALE, headers with 32-bit numbers, BLAKE2b-256, and tries
//! in both versions of the state. They are read here, in few lines and without its crates: what
//! checks a proof is part of what has to be trusted, in workers too, and those crates bring an
//! executor's environment with them. Tests compare the results with theirs.

mod bounded;
mod error;
#[cfg(any(test, feature = "fake-chain"))]
pub mod fake;
mod grandpa;
mod header;
pub mod key;
pub mod limits;
mod proof;
#[cfg(test)]
mod sdk_tests;
#[cfg(test)]
mod tests;
mod trie;

pub use bounded::{Bytes, List, TooLong};
pub use error::{Hash, JustificationError, Layer, ProofError, StorageError};
pub use grandpa::{AuthoritySet, SET_ID_GENESIS};
pub use header::Header;
pub use proof::{ChainProof, SetChange, StateProof, VerifiedBlock};
pub use trie::Trie;
