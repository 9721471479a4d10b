//! Authorities of GRANDPA, and the votes by which they finalise a block.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use codec::{Decode, DecodeAll, Encode};
use ed25519_dalek::{Signature, VerifyingKey};

use crate::{
    Hash, Header, JustificationError,
    limits::{AUTHORITIES_MAX, VOTE_HEADERS_MAX, VOTES_MAX},
};

/// The number of the set that the first block names.
pub const SET_ID_GENESIS: u64 = 0;

/// Which of GRANDPA's messages a precommit is, in what is signed.
const PRECOMMIT: u8 = 1;

/// Those who vote, from one change to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthoritySet {
    /// How many sets were before it.
    pub id: u64,
    /// The weight of each ed25519 key.
    weights: BTreeMap<[u8; 32], u64>,
    /// The weight of all.
    total: u64,
}

/// The votes for a block, as the node keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Justification {
    pub round: u64,
    pub target_hash: [u8; 32],
    pub target_number: u32,
    pub precommits: Vec<SignedPrecommit>,
    /// The headers from the blocks that were voted for back to the lowest of them.
    pub headers: Vec<Header>,
}

/// A vote for a block and all before it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct SignedPrecommit {
    pub target_hash: [u8; 32],
    pub target_number: u32,
    pub signature: [u8; 64],
    pub id: [u8; 32],
}

impl AuthoritySet {
    /// The set with these keys and weights, unless there is none, too many, or one without a
    /// weight.
    pub fn new(id: u64, authorities: &[([u8; 32], u64)]) -> Option<Self> {
        if authorities.is_empty() || authorities.len() > AUTHORITIES_MAX {
            return None;
        }
        let mut weights = BTreeMap::<_, u64>::new();
        let mut total = 0_u64;
        for (key, weight) in authorities {
            if *weight == 0 {
                return None;
            }
            // No part is more than the sum, which is checked.
            total = total.checked_add(*weight)?;
            *weights.entry(*key).or_default() += weight;
        }
        Some(Self { id, weights, total })
    }

    /// The weight of votes that finalise a block: more than two thirds.
    pub fn threshold(&self) -> u64 {
        self.total - (self.total - 1) / 3
    }

    /// The number and hash of the block that a justification is for. Nothing of it is checked.
    pub fn target_of(justification: &[u8]) -> Result<(u32, Hash), JustificationError> {
        let read = Justification::read(justification)?;
        Ok((read.target_number, Hash(read.target_hash)))
    }

    /// Checks that this set finalised the block with this number and hash.
    ///
    /// Every vote must be signed by a member. Those for the block or for what follows it count,
    /// one of each member.
    pub fn verify(
        &self,
        number: u32,
        hash: Hash,
        justification: &[u8],
    ) -> Result<(), JustificationError> {
        let justification = Justification::read(justification)?;
        let target = (justification.target_number, Hash(justification.target_hash));
        if target != (number, hash) {
            return Err(JustificationError::OtherTarget {
                expected: hash,
                actual: target.1,
            });
        }
        let mut descent = Descent::new(number, hash, &justification.headers);
        let mut voters = BTreeSet::new();
        for vote in &justification.precommits {
            let voter = Hash(vote.id);
            if !self.weights.contains_key(&vote.id) {
                return Err(JustificationError::UnknownVoter(voter));
            }
            if !vote.is_signed(justification.round, self.id) {
                return Err(JustificationError::WrongSignature(voter));
            }
            if descent.includes(vote.target_number, Hash(vote.target_hash)) {
                voters.insert(vote.id);
            }
        }
        // Each voter is a member and counted once, so this is at most the total.
        let weight = voters.iter().map(|voter| self.weights[voter]).sum();
        let threshold = self.threshold();
        if weight < threshold {
            return Err(JustificationError::WeightTooLow { weight, threshold });
        }
        Ok(())
    }
}

impl Justification {
    fn read(bytes: &[u8]) -> Result<Self, JustificationError> {
        let read = Self::decode_all(&mut &*bytes).map_err(|_| JustificationError::Malformed)?;
        for (what, len, max) in [
            ("votes", read.precommits.len(), VOTES_MAX),
            ("headers", read.headers.len(), VOTE_HEADERS_MAX),
        ] {
            if len > max {
                return Err(JustificationError::TooMany { what, len, max });
            }
        }
        Ok(read)
    }
}

impl SignedPrecommit {
    /// What is signed for a round of a set.
    pub fn signing_payload(&self, round: u64, set_id: u64) -> Vec<u8> {
        let (hash, number) = (self.target_hash, self.target_number);
        (PRECOMMIT, hash, number, round, set_id).encode()
    }

    fn is_signed(&self, round: u64, set_id: u64) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.id) else {
            return false;
        };
        let signature = Signature::from_bytes(&self.signature);
        let payload = self.signing_payload(round, set_id);
        key.verify_strict(&payload, &signature).is_ok()
    }
}

/// Which blocks follow a block, as far as headers show it.
struct Descent<'a> {
    headers: HashMap<Hash, &'a Header>,
    /// The block and those that are known to follow it, with their numbers.
    included: HashMap<Hash, u32>,
}

impl<'a> Descent<'a> {
    fn new(number: u32, hash: Hash, headers: &'a [Header]) -> Self {
        Self {
            headers: headers.iter().map(|h| (h.hash(), h)).collect(),
            included: HashMap::from([(hash, number)]),
        }
    }

    /// Whether this is the block or follows it.
    fn includes(&mut self, number: u32, hash: Hash) -> bool {
        let mut way = Vec::new();
        let mut at = (hash, number);
        // A header's hash is over that of its parent, so that the way has no circle and is at
        // most as long as there are headers.
        while self.included.get(&at.0) != Some(&at.1) {
            let Some(header) = self.headers.get(&at.0) else {
                return false;
            };
            let Some(parent_number) = header.number.checked_sub(1) else {
                return false;
            };
            if header.number != at.1 {
                return false;
            }
            way.push(at);
            at = (Hash(header.parent_hash), parent_number);
        }
        self.included.extend(way);
        true
    }
}
