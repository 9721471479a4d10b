//! Why a proof does not hold, and which part of it that is.

use std::fmt;

use serde::{Serialize, Serializer};

/// BLAKE2b-256 of a header, of a node of a trie, or of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A part of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// All of it: there is too much.
    Size,
    /// The first block, and the authorities in its state.
    Genesis,
    /// The changes of the authorities.
    AuthoritySets,
    /// The block in question, and the headers that lead from it to the justified one.
    Headers,
    /// The votes for the justified block.
    Justification,
}

/// Why a proof does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is too much of it.
    #[error("the proof has {bytes} bytes, and at most {max} are read")]
    TooManyBytes {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        max: usize,
    },

    /// The first header is none.
    #[error("the header of the first block cannot be read")]
    GenesisMalformed,

    /// It is the first block of another chain.
    #[error("the proof is of the chain {actual}, and not of {expected}")]
    GenesisMismatch {
        /// The chain asked about.
        expected: Hash,
        /// The hash of the header in the proof.
        actual: Hash,
    },

    /// The state of the first block does not name the authorities.
    #[error("the first authorities are not proven: {0}")]
    GenesisStorage(#[source] StorageError),

    /// What the state of the first block names are no authorities.
    #[error("the first block names no authorities of GRANDPA that can be read")]
    GenesisAuthorities,

    /// A header that is to announce authorities is none.
    #[error("the header that ends authority set {set_id} cannot be read")]
    SetChangeMalformed {
        /// The set that it would end.
        set_id: u64,
    },

    /// The blocks that announce authorities are not in ascending order.
    #[error(
        "the header that ends authority set {set_id} has the number {number}, which is not above that of the one before"
    )]
    SetChangeOrder {
        /// The set that it would end.
        set_id: u64,
        /// Its number.
        number: u32,
    },

    /// The authorities of then did not finalise the block that announces the next ones.
    #[error("authority set {set_id} did not finalise the block that ends it: {source}")]
    SetChangeUnjustified {
        /// The set that it would end.
        set_id: u64,
        /// What is wrong with the votes.
        source: JustificationError,
    },

    /// The header announces no authorities.
    #[error("block {number} announces no authorities in place of set {set_id}")]
    SetChangeMissing {
        /// The set that it would end.
        set_id: u64,
        /// Its number.
        number: u32,
    },

    /// The authorities change later than with the block that announces them, or by force.
    #[error(
        "block {number} changes authority set {set_id} by force or with a delay, which no proof can show"
    )]
    SetChangeUnsupported {
        /// The set that it would end.
        set_id: u64,
        /// Its number.
        number: u32,
    },

    /// The header of the block in question is none.
    #[error("the header of the block cannot be read")]
    BlockMalformed,

    /// A header on the way to the justified block is none.
    #[error("header {index} of those after the block cannot be read")]
    DescendantMalformed {
        /// Its place, from 0.
        index: usize,
    },

    /// A header on the way to the justified block is no child of the one before.
    #[error("header {index} of those after the block is no child of the one before")]
    NotAChild {
        /// Its place, from 0.
        index: usize,
    },

    /// The way to the justified block leads over a change of the authorities that is left out.
    #[error("block {number} changes the authorities, and the proof does not say so")]
    SetChangeSkipped {
        /// The block that announces others.
        number: u32,
    },

    /// The authorities did not finalise the block.
    #[error("authority set {set_id} did not finalise block {number}: {source}")]
    Unjustified {
        /// The authorities of then.
        set_id: u64,
        /// The block that is to be justified.
        number: u32,
        /// What is wrong with the votes.
        source: JustificationError,
    },
}

impl ProofError {
    /// The part of the proof that does not hold.
    pub fn layer(&self) -> Layer {
        match self {
            Self::TooManyBytes { .. } => Layer::Size,
            Self::GenesisMalformed
            | Self::GenesisMismatch { .. }
            | Self::GenesisStorage(_)
            | Self::GenesisAuthorities => Layer::Genesis,
            Self::SetChangeMalformed { .. }
            | Self::SetChangeOrder { .. }
            | Self::SetChangeUnjustified { .. }
            | Self::SetChangeMissing { .. }
            | Self::SetChangeUnsupported { .. }
            | Self::SetChangeSkipped { .. } => Layer::AuthoritySets,
            Self::BlockMalformed | Self::DescendantMalformed { .. } | Self::NotAChild { .. } => {
                Layer::Headers
            }
            Self::Unjustified { .. } => Layer::Justification,
        }
    }
}

/// Why votes do not finalise a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JustificationError {
    /// It is none.
    #[error("the justification cannot be read")]
    Malformed,

    /// It has too many votes or headers.
    #[error("the justification has {len} {what}, and at most {max} are read")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        len: usize,
        /// How many there may be.
        max: usize,
    },

    /// It is for another block.
    #[error("the justification is for block {actual}, and not for {expected}")]
    OtherTarget {
        /// The block that is to be justified.
        expected: Hash,
        /// The block that it names.
        actual: Hash,
    },

    /// Someone voted who has no vote.
    #[error("a vote is by {0}, which is no authority of the set")]
    UnknownVoter(Hash),

    /// A signature is wrong: the vote was changed, or is of another round or set.
    #[error("the signature of {0}'s vote is wrong")]
    WrongSignature(Hash),

    /// Not enough of the authorities voted for the block or for what follows it.
    #[error("votes of the weight {weight} are for the block, and {threshold} are needed")]
    WeightTooLow {
        /// The weight of those who did.
        weight: u64,
        /// The weight that is needed.
        threshold: u64,
    },
}

/// Why a value cannot be read from a state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The proof leaves out what is needed for this key.
    #[error("the proof lacks the part of the state with the hash {0}")]
    Missing(Hash),

    /// A node of the trie is none.
    #[error("the part of the state with the hash {0} cannot be read")]
    Malformed(Hash),
}
