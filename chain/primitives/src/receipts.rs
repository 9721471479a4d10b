//! Batches of receipts: one root on the chain for many receipts.
//!
//! A worker makes a Merkle tree of the hashes of its receipts, signs the root, and has it
//! published. Who has a receipt and its [`MerkleProof`] can then show that the worker had made the
//! receipt by the time of that block, and so can nobody for a receipt that was made later.
//!
//! The tree is that of Certificate Transparency (RFC 9162, section 2.1) with BLAKE2b-256: each
//! level pairs its nodes from the left, and a node without a partner moves up as it is. Leaves and
//! inner nodes are hashed with different first bytes, so that neither passes for the other.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{ReceiptHash, WorkerId, blake2_256};

/// The most receipts that one batch may have.
pub const BATCH_RECEIPTS_MAX: u32 = 65_536;

/// The most steps from a leaf of a batch to its root.
pub const PATH_STEPS_MAX: usize = 16;

/// The first byte of what a leaf is the hash of.
const LEAF: u8 = 0;
/// The first byte of what an inner node is the hash of.
const NODE: u8 = 1;

/// Separates the signature of a batch from every other signature.
const BATCH_DOMAIN: &[u8; 20] = b"phat/receipt-batch/1";

/// What a worker signs with its identity key to publish a batch.
///
/// It names the batch before it, so that its hash fixes all that the worker has published.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ReceiptBatch {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The worker.
    pub worker: WorkerId,
    /// The number of the batch among the worker's, from 0 on.
    pub number: u32,
    /// How many receipts it has, from 1 to [`BATCH_RECEIPTS_MAX`].
    pub count: u32,
    /// The root of the tree of their hashes.
    pub root: [u8; 32],
    /// The hash of the batch before it, or zeros for the first.
    pub previous: [u8; 32],
}

impl ReceiptBatch {
    /// The bytes to sign: the domain, then the SCALE encoding of the fields.
    pub fn signing_payload(&self) -> Vec<u8> {
        let mut payload = BATCH_DOMAIN.to_vec();
        self.encode_to(&mut payload);
        payload
    }

    /// The hash that the next batch names, and that the chain keeps of the newest one.
    pub fn hash(&self) -> [u8; 32] {
        blake2_256(&self.signing_payload())
    }
}

/// Where in a batch a receipt is, and how to get from it to the root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct MerkleProof {
    /// The place of the receipt among the leaves, from 0 on.
    pub index: u32,
    /// How many leaves there are.
    pub count: u32,
    /// The nodes beside the way from the leaf to the root, from below.
    pub path: Vec<[u8; 32]>,
}

/// The tree of a batch's receipts.
#[derive(Clone, Debug)]
pub struct MerkleTree {
    /// From the leaves to the root, which is alone on the last level.
    levels: Vec<Vec<[u8; 32]>>,
}

impl MerkleTree {
    /// The tree of these receipts, in this order. None of no receipts, and none of more than
    /// [`BATCH_RECEIPTS_MAX`].
    pub fn new(receipts: &[ReceiptHash]) -> Option<Self> {
        if receipts.is_empty() || receipts.len() > BATCH_RECEIPTS_MAX as usize {
            return None;
        }
        let mut level: Vec<_> = receipts.iter().map(leaf).collect();
        let mut levels = Vec::new();
        while level.len() > 1 {
            let above = level.chunks(2).map(|pair| match pair {
                [left, right] => node(left, right),
                alone => alone[0],
            });
            let above = above.collect();
            levels.push(level);
            level = above;
        }
        levels.push(level);
        Some(Self { levels })
    }

    /// How many leaves it has.
    pub fn count(&self) -> u32 {
        let leaves = self.levels.first().map_or(0, Vec::len);
        u32::try_from(leaves).unwrap_or(u32::MAX)
    }

    /// Its root.
    pub fn root(&self) -> [u8; 32] {
        let top = self.levels.last().and_then(|level| level.first());
        top.copied().unwrap_or_default()
    }

    /// The proof of the leaf at `index`, if there is one.
    pub fn prove(&self, index: u32) -> Option<MerkleProof> {
        if index >= self.count() {
            return None;
        }
        let mut place = index as usize;
        let mut path = Vec::new();
        for level in &self.levels {
            path.extend(level.get(place ^ 1));
            place /= 2;
        }
        Some(MerkleProof {
            index,
            count: self.count(),
            path,
        })
    }
}

impl MerkleProof {
    /// Whether the receipt is at this place of the tree with this root. Whoever asks has to
    /// compare `count` with that of the batch on the chain.
    pub fn verify(&self, receipt: &ReceiptHash, root: &[u8; 32]) -> bool {
        if self.index >= self.count
            || self.count > BATCH_RECEIPTS_MAX
            || self.path.len() > PATH_STEPS_MAX
        {
            return false;
        }
        // The places of the node and of the last node on its level.
        let (mut place, mut last) = (self.index, self.count - 1);
        let mut hash = leaf(receipt);
        for sibling in &self.path {
            // A node that is last on its level and has no partner moves up as it is.
            while last > 0 && place == last && place % 2 == 0 {
                place /= 2;
                last /= 2;
            }
            if last == 0 {
                return false;
            }
            hash = if place % 2 == 1 {
                node(sibling, &hash)
            } else {
                node(&hash, sibling)
            };
            place /= 2;
            last /= 2;
        }
        while last > 0 && place == last && place % 2 == 0 {
            place /= 2;
            last /= 2;
        }
        last == 0 && hash == *root
    }
}

fn leaf(receipt: &ReceiptHash) -> [u8; 32] {
    let mut bytes = [LEAF; 33];
    bytes[1..].copy_from_slice(receipt.as_ref());
    blake2_256(&bytes)
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut bytes = [NODE; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    blake2_256(&bytes)
}

#[cfg(test)]
#[path = "receipts_tests.rs"]
mod tests;
