//! Headers of blocks, and what GRANDPA reads in them.

use codec::{Decode, DecodeAll, Encode};
use phat_primitives::blake2_256;

use crate::Hash;

/// The engine of GRANDPA in a header's digest.
const GRANDPA: [u8; 4] = *b"FRNK";

/// The header of a block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    /// The hash of the header before.
    pub parent_hash: [u8; 32],
    /// How many blocks are before it.
    #[codec(compact)]
    pub number: u32,
    /// The root of the state after the block, which is a trie.
    pub state_root: [u8; 32],
    /// The root of the block's transactions.
    pub extrinsics_root: [u8; 32],
    /// What consensus adds.
    pub(crate) digest: Vec<DigestItem>,
}

/// Something that consensus adds to a header.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) enum DigestItem {
    #[codec(index = 0)]
    Other(Vec<u8>),
    #[codec(index = 4)]
    Consensus([u8; 4], Vec<u8>),
    #[codec(index = 5)]
    Seal([u8; 4], Vec<u8>),
    #[codec(index = 6)]
    PreRuntime([u8; 4], Vec<u8>),
    #[codec(index = 8)]
    RuntimeEnvironmentUpdated,
}

/// What the chain tells GRANDPA in a header.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) enum ConsensusLog {
    #[codec(index = 1)]
    ScheduledChange(ScheduledChange),
    #[codec(index = 2)]
    ForcedChange(u32, ScheduledChange),
    #[codec(index = 3)]
    OnDisabled(u64),
    #[codec(index = 4)]
    Pause(u32),
    #[codec(index = 5)]
    Resume(u32),
}

/// Other authorities.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct ScheduledChange {
    /// Their keys and weights.
    pub next_authorities: Vec<([u8; 32], u64)>,
    /// How many blocks later they take over.
    pub delay: u32,
}

/// How a block changes the authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Not.
    None,
    /// These take over as soon as the block is final.
    Next(Vec<([u8; 32], u64)>),
    /// Later, or without the consent of those before.
    Unsupported,
}

impl Header {
    /// The header that these bytes are, and nothing but, with its hash.
    pub fn read(bytes: &[u8]) -> Option<(Self, Hash)> {
        let header = Self::decode_all(&mut &*bytes).ok()?;
        Some((header, Hash(blake2_256(bytes))))
    }

    /// The block's hash.
    pub fn hash(&self) -> Hash {
        Hash(blake2_256(&self.encode()))
    }

    /// How the block changes the authorities. As GRANDPA has it, the first change counts, and one
    /// by force before all others.
    pub(crate) fn change(&self) -> Change {
        let mut change = Change::None;
        for item in &self.digest {
            let DigestItem::Consensus(GRANDPA, log) = item else {
                continue;
            };
            match ConsensusLog::decode(&mut &log[..]) {
                Ok(ConsensusLog::ForcedChange(..)) => return Change::Unsupported,
                Ok(ConsensusLog::ScheduledChange(next)) if change == Change::None => {
                    change = match next.delay {
                        0 => Change::Next(next.next_authorities),
                        _ => Change::Unsupported,
                    };
                }
                _ => {}
            }
        }
        change
    }
}
