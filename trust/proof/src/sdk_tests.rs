//! The same as polkadot-sdk's own crates read and write it.

use codec::{DecodeAll, Encode};
use sp_consensus_grandpa::{
    AuthorityId, ConsensusLog, GRANDPA_ENGINE_ID, GrandpaJustification, Message, ScheduledChange,
    check_message_signature,
};
use sp_core::{Blake2Hasher, H256, ed25519};
use sp_runtime::{
    Digest, DigestItem, generic,
    traits::{BlakeTwo256, Header as _},
};
use sp_trie::{
    LayoutV0, LayoutV1, MemoryDB, Trie as _, TrieDBBuilder, TrieDBMutBuilder, TrieMut as _,
    recorder::Recorder,
};

use crate::{
    fake::{self, keys},
    header::Change,
    *,
};

type SdkHeader = generic::Header<u32, BlakeTwo256>;

#[test]
fn headers_are_theirs() {
    let next_authorities: Vec<_> = fake::authorities(&keys(1))
        .into_iter()
        .map(|(key, weight)| (AuthorityId::from(ed25519::Public::from_raw(key)), weight))
        .collect();
    let change = ConsensusLog::<u32>::ScheduledChange(ScheduledChange {
        next_authorities,
        delay: 0,
    });
    let theirs = SdkHeader::new(
        70_000,
        H256([1; 32]),
        H256([2; 32]),
        H256([3; 32]),
        Digest {
            logs: vec![
                DigestItem::PreRuntime(*b"BABE", vec![1]),
                DigestItem::Consensus(*b"BABE", vec![2]),
                DigestItem::RuntimeEnvironmentUpdated,
                DigestItem::Other(vec![3]),
                DigestItem::Consensus(GRANDPA_ENGINE_ID, change.encode()),
                DigestItem::Seal(*b"BABE", vec![4; 64]),
            ],
        },
    );
    let (ours, hash) = Header::read(&theirs.encode()).unwrap();
    assert_eq!(ours.number, 70_000);
    assert_eq!(ours.extrinsics_root, [1; 32]);
    assert_eq!(ours.state_root, [2; 32]);
    assert_eq!(ours.parent_hash, [3; 32]);
    assert_eq!(hash.0, theirs.hash().0);
    assert_eq!(ours.encode(), theirs.encode());
    let next = fake::authorities(&keys(1));
    assert_eq!(ours.change(), Change::Next(next));
}

#[test]
fn votes_are_theirs() {
    let header = fake::header(Hash([1; 32]), 9, [2; 32]);
    let child = fake::header(header.hash(), 10, [3; 32]);
    let (keys, set_id) = (keys(1), 1);
    let votes = keys.iter().map(|key| (key, &child));
    let ours = fake::justify_by(&header, set_id, votes, std::slice::from_ref(&child));
    let theirs = GrandpaJustification::<SdkHeader>::decode_all(&mut &*ours).unwrap();
    assert_eq!(theirs.encode(), ours);
    assert_eq!(theirs.round, fake::ROUND);
    assert_eq!(theirs.commit.target_number, 9);
    assert_eq!(theirs.commit.target_hash.0, header.hash().0);
    assert_eq!(theirs.votes_ancestries[0].hash().0, child.hash().0);
    assert_eq!(theirs.commit.precommits.len(), keys.len());
    for signed in &theirs.commit.precommits {
        let message = Message::<SdkHeader>::Precommit(signed.precommit.clone());
        let is_valid = |set_id| {
            let (id, signature) = (&signed.id, &signed.signature);
            check_message_signature(&message, id, signature, theirs.round, set_id).is_valid()
        };
        assert!(is_valid(set_id) && !is_valid(set_id + 1));
    }
}

/// Keys and values of many lengths, the same in each run: keys that begin alike, values inside of
/// nodes and apart, and nodes inside of nodes.
fn entries() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut entries = vec![(vec![0xaa; 200], vec![1; 40]), (vec![0xaa; 150], vec![2])];
    for _ in 0..500 {
        let key_len = random(6);
        let key = (0..key_len).map(|_| [0x00, 0x01, 0x10, 0xff][random(4)]);
        let key = key.collect();
        let value = vec![7; [0, 1, 20, 32, 33, 34, 300][random(7)]];
        entries.push((key, value));
    }
    entries
}

macro_rules! check_trie {
    ($layout:ty) => {{
        let entries = entries();
        let mut db: MemoryDB<Blake2Hasher> = Default::default();
        let mut root = H256::default();
        {
            let mut trie = TrieDBMutBuilder::<$layout>::new(&mut db, &mut root).build();
            for (key, value) in &entries {
                trie.insert(key, value).unwrap();
            }
        }
        let absent = [vec![0x02], vec![0xaa; 100], vec![0xaa; 201], vec![0x00; 7]];
        let keys = entries.iter().map(|(key, _)| key.clone()).chain(absent);
        for key in keys {
            let recorder = Recorder::<Blake2Hasher>::default();
            let value = {
                let mut recording = recorder.as_trie_recorder(root);
                let builder = TrieDBBuilder::<$layout>::new(&db, &root);
                let trie = builder.with_recorder(&mut recording).build();
                trie.get(&key).unwrap()
            };
            let proof = recorder.drain_storage_proof();
            let nodes: Vec<_> = proof.iter_nodes().map(|node| &node[..]).collect();
            let ours = Trie::new(root.0, nodes);
            assert_eq!(ours.read(&key), Ok(value.as_deref()), "{key:?}");
        }
        root
    }};
}

#[test]
fn tries_are_theirs() {
    check_trie!(LayoutV0<Blake2Hasher>);
    let root = check_trie!(LayoutV1<Blake2Hasher>);
    // That of the tests is one of these too.
    assert_eq!(fake::trie(&entries()).0, root.0);
}
