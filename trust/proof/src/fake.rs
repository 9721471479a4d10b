//! A made-up chain with keys that everyone knows.
//!
//! It has two authority sets, of four keys each: the first block names the first set, block 10
//! hands over to the second, and that one finalises the block that a proof is about.

use codec::{Compact, Encode};
use ed25519_dalek::{Signer, SigningKey};
use phat_primitives::blake2_256;

use crate::{
    Bytes, ChainProof, Hash, Header, List, SetChange, StateProof,
    grandpa::{Justification, SignedPrecommit},
    header::{ConsensusLog, DigestItem, ScheduledChange},
};

/// How many keys a set has.
const KEYS: u8 = 4;

/// The block that hands over to the second set.
pub const SET_CHANGE_NUMBER: u32 = 10;

/// The block that the proof is about.
pub const BLOCK_NUMBER: u32 = 20;

/// How many blocks later the justified one is.
pub const DESCENDANTS: u32 = 3;

/// The round of the votes.
pub const ROUND: u64 = 7;

/// Values of a state with their keys.
pub type Entries = [(Vec<u8>, Vec<u8>)];

/// The secret keys of the set with this number.
pub fn keys(set_id: u8) -> Vec<SigningKey> {
    let seeds = (0..KEYS).map(|index| [set_id, index].repeat(16));
    seeds
        .map(|seed| SigningKey::from_bytes(&seed.try_into().expect("16 pairs are 32 bytes")))
        .collect()
}

/// The public keys and weights of these, each with the weight 1.
pub fn authorities(keys: &[SigningKey]) -> Vec<([u8; 32], u64)> {
    let public = keys.iter().map(|key| key.verifying_key().to_bytes());
    public.map(|key| (key, 1)).collect()
}

/// A header after the one with the hash `parent`.
pub fn header(parent: Hash, number: u32, state_root: [u8; 32]) -> Header {
    Header {
        parent_hash: parent.0,
        number,
        state_root,
        extrinsics_root: [8; 32],
        digest: vec![
            DigestItem::PreRuntime(*b"BABE", vec![1, 2, 3]),
            DigestItem::RuntimeEnvironmentUpdated,
            DigestItem::Other(vec![4]),
        ],
    }
}

/// Has a header announce other authorities.
pub fn announce(header: &mut Header, next: &[SigningKey], delay: u32) {
    let change = ConsensusLog::ScheduledChange(ScheduledChange {
        next_authorities: authorities(next),
        delay,
    });
    let item = DigestItem::Consensus(*b"FRNK", change.encode());
    header.digest.push(item);
    header.digest.push(DigestItem::Seal(*b"BABE", vec![9; 64]));
}

/// Has a header change the authorities by force.
pub fn force(header: &mut Header, next: &[SigningKey]) {
    let change = ScheduledChange {
        next_authorities: authorities(next),
        delay: 0,
    };
    let log = ConsensusLog::ForcedChange(1, change);
    let item = DigestItem::Consensus(*b"FRNK", log.encode());
    header.digest.push(item);
}

/// The votes of these for the block with this header.
pub fn justify(header: &Header, set_id: u64, keys: &[SigningKey]) -> Vec<u8> {
    justify_by(header, set_id, keys.iter().map(|key| (key, header)), &[])
}

/// The votes of these, each for its own header, by which `target` is to be final.
pub fn justify_by<'a>(
    target: &Header,
    set_id: u64,
    votes: impl IntoIterator<Item = (&'a SigningKey, &'a Header)>,
    headers: &[Header],
) -> Vec<u8> {
    let precommits = votes.into_iter().map(|(key, voted)| {
        let mut vote = SignedPrecommit {
            target_hash: voted.hash().0,
            target_number: voted.number,
            signature: [0; 64],
            id: key.verifying_key().to_bytes(),
        };
        let payload = vote.signing_payload(ROUND, set_id);
        vote.signature = key.sign(&payload).to_bytes();
        vote
    });
    let justification = Justification {
        round: ROUND,
        target_hash: target.hash().0,
        target_number: target.number,
        precommits: precommits.collect(),
        headers: headers.to_vec(),
    };
    justification.encode()
}

/// A proof of a block whose state has these values, and the hash of the first block.
pub fn proof(entries: &Entries) -> (ChainProof, [u8; 32]) {
    let (first, second) = (keys(0), keys(1));
    let key = StateProof::authorities_key();
    let named = [(key, authorities(&first).encode())];
    let (state_root, nodes) = trie(&named);
    let genesis = header(Hash([0; 32]), 0, state_root);

    let mut change = header(Hash([1; 32]), SET_CHANGE_NUMBER, [2; 32]);
    announce(&mut change, &second, 0);

    let (state_root, block_nodes) = trie(entries);
    let block = header(Hash([3; 32]), BLOCK_NUMBER, state_root);
    let mut descendants = Vec::new();
    let mut last = block.clone();
    for _ in 0..DESCENDANTS {
        last = header(last.hash(), last.number + 1, [4; 32]);
        descendants.push(last.clone());
    }
    let proof = ChainProof {
        genesis: state_proof(&genesis, nodes),
        set_changes: list([SetChange {
            header: bytes(change.encode()),
            justification: bytes(justify(&change, 0, &first)),
        }]),
        block: state_proof(&block, block_nodes),
        descendants: list(descendants.iter().map(|header| bytes(header.encode()))),
        justification: bytes(justify(&last, 1, &second)),
    };
    (proof, genesis.hash().0)
}

/// A block with all of its state.
pub fn state_proof(header: &Header, nodes: Vec<Vec<u8>>) -> StateProof {
    StateProof {
        header: bytes(header.encode()),
        nodes: list(nodes.into_iter().map(bytes)),
    }
}

/// Bytes that are not too many.
pub fn bytes<const MAX: usize>(bytes: Vec<u8>) -> Bytes<MAX> {
    bytes.try_into().expect("the chain is small")
}

/// Items that are not too many.
pub fn list<T, const MAX: usize>(items: impl IntoIterator<Item = T>) -> List<T, MAX> {
    let items: Vec<_> = items.into_iter().collect();
    items.try_into().expect("the chain is small")
}

/// The root and all nodes of the trie with these values, in the version of the state that keeps
/// long values apart. Keys that are there twice have the later value.
pub fn trie(entries: &Entries) -> ([u8; 32], Vec<Vec<u8>>) {
    let mut sorted = std::collections::BTreeMap::new();
    for (key, value) in entries {
        sorted.insert(half_bytes(key), value.clone());
    }
    let sorted: Vec<_> = sorted.into_iter().collect();
    let mut nodes = Vec::new();
    let root = node(&sorted, 0, &mut nodes);
    let hash = blake2_256(&root);
    nodes.push(root);
    (hash, nodes)
}

fn half_bytes(key: &[u8]) -> Vec<u8> {
    key.iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .collect()
}

/// The node of those entries whose keys are the same in the first `at` half bytes: all of these.
fn node(entries: &[(Vec<u8>, Vec<u8>)], at: usize, nodes: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let (Some((first, value)), Some((last, _))) = (entries.first(), entries.last()) else {
        return vec![0];
    };
    let same = first.iter().zip(last).skip(at);
    let partial = match entries.len() {
        1 => &first[at..],
        _ => &first[at..at + same.take_while(|(a, b)| a == b).count()],
    };
    let end = at + partial.len();
    let is_branch = entries.len() > 1;
    // Of all that start alike, the shortest is the first.
    let value = (first.len() == end).then_some(value);
    let is_hashed = value.is_some_and(|value| value.len() > 32);
    let (head, bits) = match (is_branch, value.is_some(), is_hashed) {
        (false, _, false) => (0b0100_0000, 6),
        (false, _, true) => (0b0010_0000, 5),
        (true, false, _) => (0b1000_0000, 6),
        (true, true, false) => (0b1100_0000, 6),
        (true, true, true) => (0b0001_0000, 4),
    };
    let mut encoded = head_bytes(head, bits, partial.len());
    let odd = if partial.len() % 2 == 1 {
        vec![0]
    } else {
        Vec::new()
    };
    let padded = [&odd[..], partial].concat();
    encoded.extend(padded.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));

    let rest = if value.is_some() {
        &entries[1..]
    } else {
        entries
    };
    let child_of = |index: u8| {
        let start = rest.partition_point(|(key, _)| key[end] < index);
        let stop = rest.partition_point(|(key, _)| key[end] <= index);
        &rest[start..stop]
    };
    if is_branch {
        let present = (0..16).filter(|index| !child_of(*index).is_empty());
        let bitmap = present.fold(0_u16, |bitmap, index| bitmap | 1 << index);
        encoded.extend(bitmap.to_le_bytes());
    }
    match value {
        Some(value) if is_hashed => {
            encoded.extend(blake2_256(value));
            nodes.push(value.clone());
        }
        Some(value) => value.encode_to(&mut encoded),
        None => {}
    }
    if is_branch {
        for index in 0..16 {
            let entries = child_of(index);
            if entries.is_empty() {
                continue;
            }
            let child = node(entries, end + 1, nodes);
            if child.len() < 32 {
                child.encode_to(&mut encoded);
            } else {
                Compact(32_u32).encode_to(&mut encoded);
                encoded.extend(blake2_256(&child));
                nodes.push(child);
            }
        }
    }
    encoded
}

fn head_bytes(kind: u8, bits: u32, len: usize) -> Vec<u8> {
    let full = (1_usize << bits) - 1;
    let byte = |len: usize| u8::try_from(len).expect("less than 256");
    if len < full {
        return vec![kind | byte(len)];
    }
    let mut bytes = vec![kind | byte(full)];
    let mut rest = len - full;
    while rest >= 255 {
        bytes.push(255);
        rest -= 255;
    }
    bytes.push(byte(rest));
    bytes
}
