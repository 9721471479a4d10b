//! The proof itself.

use std::collections::BTreeSet;

use codec::{Decode, DecodeAll, Encode};
use serde::{Deserialize, Serialize};

use crate::{
    AuthoritySet, Bytes, Hash, Header, List, ProofError, SET_ID_GENESIS, StorageError, Trie,
    header::Change,
    key,
    limits::{
        DESCENDANTS_MAX, HEADER_BYTES_MAX, JUSTIFICATION_BYTES_MAX, NODE_BYTES_MAX, NODES_MAX,
        PROOF_BYTES_MAX, SET_CHANGES_MAX,
    },
};

/// A header in SCALE.
type HeaderBytes = Bytes<HEADER_BYTES_MAX>;

/// A justification in SCALE.
type JustificationBytes = Bytes<JUSTIFICATION_BYTES_MAX>;

/// What the chain knew at a block, proven from the hash of its first block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainProof {
    /// The first block, and of its state the value `Grandpa.Authorities`.
    pub genesis: StateProof,
    /// The changes of the authorities since then, all of them up to the block, in ascending order.
    pub set_changes: List<SetChange, SET_CHANGES_MAX>,
    /// The block, and what of its state is to be shown.
    pub block: StateProof,
    /// The headers of the blocks after it, up to and with the justified one; none if that is the
    /// block itself.
    pub descendants: List<HeaderBytes, DESCENDANTS_MAX>,
    /// The votes for the last of them.
    pub justification: JustificationBytes,
}

/// A block, with parts of its state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateProof {
    /// Its header in SCALE.
    pub header: HeaderBytes,
    /// Nodes of its state's trie, and values that are not inside of nodes, in any order.
    pub nodes: List<Bytes<NODE_BYTES_MAX>, NODES_MAX>,
}

/// A block that changes the authorities.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetChange {
    /// Its header in SCALE, which announces the next ones.
    pub header: HeaderBytes,
    /// The votes for it, of those before.
    pub justification: JustificationBytes,
}

/// A block that is final.
#[derive(Clone, Debug)]
pub struct VerifiedBlock<'a> {
    number: u32,
    hash: Hash,
    set_id: u64,
    state: Trie<'a>,
}

impl StateProof {
    /// The key under which the first block's state has the authorities.
    pub fn authorities_key() -> Vec<u8> {
        key::value("Grandpa", "Authorities")
    }

    /// The first authorities, if this is the first block, with this hash.
    pub fn authorities(&self, genesis_hash: [u8; 32]) -> Result<AuthoritySet, ProofError> {
        let expected = Hash(genesis_hash);
        let read = Header::read(&self.header);
        let (header, actual) = read.ok_or(ProofError::GenesisMalformed)?;
        if actual != expected {
            return Err(ProofError::GenesisMismatch { expected, actual });
        }
        let state = self.state(&header);
        let stored = state.read(&Self::authorities_key());
        let stored = stored.map_err(ProofError::GenesisStorage)?;
        let authorities = stored.and_then(|stored| Vec::decode_all(&mut &*stored).ok());
        authorities
            .and_then(|authorities| AuthoritySet::new(SET_ID_GENESIS, &authorities))
            .ok_or(ProofError::GenesisAuthorities)
    }

    /// The state, as far as it is at hand.
    fn state(&self, header: &Header) -> Trie<'_> {
        Trie::new(header.state_root, self.nodes.iter().map(|node| &node[..]))
    }

    fn len(&self) -> usize {
        self.header.len() + self.nodes.iter().map(|node| node.len()).sum::<usize>()
    }
}

impl ChainProof {
    /// The block, if all of it holds for the chain whose first block has this hash.
    pub fn verify(&self, genesis_hash: [u8; 32]) -> Result<VerifiedBlock<'_>, ProofError> {
        let (bytes, max) = (self.len(), PROOF_BYTES_MAX);
        if bytes > max {
            return Err(ProofError::TooManyBytes { bytes, max });
        }
        let genesis = self.genesis.authorities(genesis_hash)?;
        let (authorities, changes) = self.verify_set_changes(genesis)?;

        let (block, hash) = Header::read(&self.block.header).ok_or(ProofError::BlockMalformed)?;
        let (number, target) = self.verify_descendants(&block, hash, &changes)?;
        let justified = authorities.verify(number, target, &self.justification);
        justified.map_err(|source| ProofError::Unjustified {
            set_id: authorities.id,
            number,
            source,
        })?;
        Ok(VerifiedBlock {
            number: block.number,
            hash,
            set_id: authorities.id,
            state: self.block.state(&block),
        })
    }

    /// The authorities after all changes, and the blocks that make these.
    fn verify_set_changes(
        &self,
        genesis: AuthoritySet,
    ) -> Result<(AuthoritySet, BTreeSet<Hash>), ProofError> {
        let mut authorities = genesis;
        let mut number_before = 0;
        let mut blocks = BTreeSet::new();
        for change in self.set_changes.iter() {
            let set_id = authorities.id;
            let read = Header::read(&change.header);
            let (header, hash) = read.ok_or(ProofError::SetChangeMalformed { set_id })?;
            let number = header.number;
            if number <= number_before {
                return Err(ProofError::SetChangeOrder { set_id, number });
            }
            let justified = authorities.verify(number, hash, &change.justification);
            justified.map_err(|source| ProofError::SetChangeUnjustified { set_id, source })?;
            authorities = authorities.after(&header)?;
            number_before = number;
            blocks.insert(hash);
        }
        Ok((authorities, blocks))
    }

    /// The number and hash of the last block that is to be justified.
    fn verify_descendants(
        &self,
        block: &Header,
        hash: Hash,
        changes: &BTreeSet<Hash>,
    ) -> Result<(u32, Hash), ProofError> {
        let mut last = (block.clone(), hash);
        for (index, bytes) in self.descendants.iter().enumerate() {
            let (parent, parent_hash) = last;
            // Who was to vote changed with the parent, so that it is the last of its set.
            if parent.change() != Change::None && !changes.contains(&parent_hash) {
                let number = parent.number;
                return Err(ProofError::SetChangeSkipped { number });
            }
            last = Header::read(bytes).ok_or(ProofError::DescendantMalformed { index })?;
            let follows = last.0.parent_hash == parent_hash.0
                && parent.number.checked_add(1) == Some(last.0.number);
            if !follows {
                return Err(ProofError::NotAChild { index });
            }
        }
        Ok((last.0.number, last.1))
    }

    fn len(&self) -> usize {
        let changes = self.set_changes.iter();
        let changes = changes.map(|change| change.header.len() + change.justification.len());
        let descendants = self.descendants.iter().map(|header| header.len());
        self.genesis.len()
            + changes.sum::<usize>()
            + self.block.len()
            + descendants.sum::<usize>()
            + self.justification.len()
    }
}

impl AuthoritySet {
    /// The authorities that take over when the block with this header is final.
    pub fn after(&self, header: &Header) -> Result<Self, ProofError> {
        let (set_id, number) = (self.id, header.number);
        let missing = ProofError::SetChangeMissing { set_id, number };
        match header.change() {
            Change::Next(next) => set_id
                .checked_add(1)
                .and_then(|id| Self::new(id, &next))
                .ok_or(missing),
            Change::None => Err(missing),
            Change::Unsupported => Err(ProofError::SetChangeUnsupported { set_id, number }),
        }
    }
}

impl<'a> VerifiedBlock<'a> {
    /// How many blocks are before it.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Its hash.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The number of the authority set that finalised it.
    pub fn set_id(&self) -> u64 {
        self.set_id
    }

    /// The value under a key of its state, or `None` if there was none. See [`key`].
    pub fn storage(&self, key: &[u8]) -> Result<Option<&'a [u8]>, StorageError> {
        self.state.read(key)
    }
}
