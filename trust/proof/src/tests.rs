use codec::{Decode, DecodeAll, Encode};
use phat_primitives::blake2_256;

use crate::{
    fake::{self, keys},
    limits::*,
    *,
};

/// Values of a state: one that is kept inside its node, one that is kept apart, and one that shares
/// much of its key with the first.
fn entries() -> Vec<(Vec<u8>, Vec<u8>)> {
    vec![
        (b"short".to_vec(), b"value".to_vec()),
        (b"long".to_vec(), vec![7; 200]),
        (b"shore".to_vec(), vec![1]),
    ]
}

fn good() -> (ChainProof, [u8; 32]) {
    fake::proof(&entries())
}

fn read(header: &[u8]) -> Header {
    Header::read(header).unwrap().0
}

/// The error of a good proof after a change.
fn refused(change: impl FnOnce(&mut ChainProof)) -> ProofError {
    let (mut proof, genesis) = good();
    change(&mut proof);
    proof.verify(genesis).unwrap_err()
}

#[test]
fn a_good_proof_shows_the_state_of_its_block() {
    let (proof, genesis) = good();
    let block = proof.verify(genesis).unwrap();
    assert_eq!(block.number(), fake::BLOCK_NUMBER);
    assert_eq!(block.hash(), read(&proof.block.header).hash());
    assert_eq!(block.set_id(), 1);
    for (key, value) in entries() {
        assert_eq!(block.storage(&key), Ok(Some(&value[..])));
    }
    for absent in [&b""[..], b"sho", b"shor", b"shorter", b"m", b"long\0"] {
        assert_eq!(block.storage(absent), Ok(None), "{absent:?}");
    }
}

#[test]
fn a_proof_survives_json_and_scale() {
    let (proof, _) = good();
    let json = serde_json::to_string(&proof).unwrap();
    assert_eq!(serde_json::from_str::<ChainProof>(&json).unwrap(), proof);
    assert_eq!(
        ChainProof::decode_all(&mut &*proof.encode()).unwrap(),
        proof
    );
}

/// What others read and write: a change is another format.
#[test]
fn the_encoding_is_pinned() {
    let (proof, genesis) = good();
    assert_eq!(
        Hash(genesis).to_string(),
        "0x58dd70b3607560a6fc3096ad3cea40401d8bd3b682f609ff309de4af8e5ab810"
    );
    assert_eq!(
        Hash(blake2_256(&proof.encode())).to_string(),
        "0xbcda6838903901667af99a1445cec72605840d9ece2e3950992ce03a9c4f040f"
    );
}

#[test]
fn another_chain_is_told() {
    let (proof, genesis) = good();
    let error = proof.verify([9; 32]).unwrap_err();
    let (expected, actual) = (Hash([9; 32]), Hash(genesis));
    assert_eq!(error, ProofError::GenesisMismatch { expected, actual });
    assert_eq!(error.layer(), Layer::Genesis);
}

#[test]
fn the_first_authorities_must_be_those_of_the_first_block() {
    let error = refused(|proof| proof.genesis.header = fake::bytes(vec![0; 3]));
    assert_eq!(error, ProofError::GenesisMalformed);
    // Other authorities make another root, and the header is fixed by its hash.
    let error = refused(|proof| {
        let key = StateProof::authorities_key();
        let (_, nodes) = fake::trie(&[(key, fake::authorities(&keys(9)).encode())]);
        proof.genesis.nodes = fake::list(nodes.into_iter().map(fake::bytes));
    });
    assert!(
        matches!(error, ProofError::GenesisStorage(StorageError::Missing(_))),
        "{error}"
    );
    assert_eq!(error.layer(), Layer::Genesis);
}

/// A chain whose own first block names nobody, or someone without a weight, convinces nobody.
#[test]
fn a_first_block_without_authorities_is_refused() {
    let key = StateProof::authorities_key();
    let none: Vec<([u8; 32], u64)> = Vec::new();
    let weightless = vec![([1; 32], 0_u64)];
    let heavy = vec![([1; 32], u64::MAX), ([2; 32], 1)];
    let many = vec![([1; 32], 1_u64); AUTHORITIES_MAX + 1];
    let lists = [none, weightless, heavy, many];
    let stored = lists.iter().map(|list| Some(list.encode()));
    for stored in stored.chain([None, Some(vec![1, 2, 3])]) {
        let entries = stored.map(|value| (key.clone(), value));
        let (root, nodes) = fake::trie(entries.as_slice());
        let header = fake::header(Hash([0; 32]), 0, root);
        let genesis = fake::state_proof(&header, nodes);
        let error = genesis.authorities(header.hash().0).unwrap_err();
        assert_eq!(error, ProofError::GenesisAuthorities);
    }
}

/// Puts another block that changes the authorities in place of that of the proof.
fn with_change(proof: &mut ChainProof, change: impl FnOnce(&mut Header), by: u8, set_id: u64) {
    let mut header = fake::header(Hash([1; 32]), fake::SET_CHANGE_NUMBER, [2; 32]);
    change(&mut header);
    proof.set_changes = fake::list([SetChange {
        header: fake::bytes(header.encode()),
        justification: fake::bytes(fake::justify(&header, set_id, &keys(by))),
    }]);
}

#[test]
fn authorities_are_handed_over_by_those_before_alone() {
    let hand_over = |header: &mut Header| fake::announce(header, &keys(1), 0);
    // The same by hand, to see that the rest of the proof fits.
    let (mut proof, genesis) = good();
    with_change(&mut proof, hand_over, 0, 0);
    proof.verify(genesis).unwrap();

    let error = refused(|proof| with_change(proof, hand_over, 1, 0));
    let ProofError::SetChangeUnjustified { set_id: 0, source } = &error else {
        panic!("{error}");
    };
    assert!(matches!(source, JustificationError::UnknownVoter(_)));
    assert_eq!(error.layer(), Layer::AuthoritySets);

    let error = refused(|proof| with_change(proof, hand_over, 0, 1));
    let ProofError::SetChangeUnjustified { set_id: 0, source } = error else {
        panic!("{error}");
    };
    assert!(matches!(source, JustificationError::WrongSignature(_)));
}

#[test]
fn what_is_no_change_of_authorities_is_told() {
    let (set_id, number) = (0, fake::SET_CHANGE_NUMBER);
    let error = refused(|proof| with_change(proof, |_| {}, 0, 0));
    assert_eq!(error, ProofError::SetChangeMissing { set_id, number });
    let error = refused(|proof| with_change(proof, |h| fake::announce(h, &[], 0), 0, 0));
    assert_eq!(error, ProofError::SetChangeMissing { set_id, number });
    let unsupported = ProofError::SetChangeUnsupported { set_id, number };
    let error = refused(|proof| with_change(proof, |h| fake::announce(h, &keys(1), 1), 0, 0));
    assert_eq!(error, unsupported);
    let error = refused(|proof| {
        let both = |header: &mut Header| {
            fake::announce(header, &keys(1), 0);
            fake::force(header, &keys(1));
        };
        with_change(proof, both, 0, 0);
    });
    assert_eq!(error, unsupported);
    let error = refused(|proof| {
        let mut changes = proof.set_changes.to_vec();
        changes[0].header = fake::bytes(vec![1]);
        proof.set_changes = fake::list(changes);
    });
    assert_eq!(error, ProofError::SetChangeMalformed { set_id });
}

#[test]
fn changes_are_in_order_and_none_is_left_out() {
    let error = refused(|proof| {
        let first = proof.set_changes[0].clone();
        let mut again = read(&first.header);
        again.digest.clear();
        fake::announce(&mut again, &keys(2), 0);
        let second = SetChange {
            header: fake::bytes(again.encode()),
            justification: fake::bytes(fake::justify(&again, 1, &keys(1))),
        };
        proof.set_changes = fake::list([first, second]);
    });
    let (set_id, number) = (1, fake::SET_CHANGE_NUMBER);
    assert_eq!(error, ProofError::SetChangeOrder { set_id, number });

    // The first set knows nothing of the second, and did not vote with its number.
    let error = refused(|proof| proof.set_changes = List::default());
    let ProofError::Unjustified {
        set_id: 0, source, ..
    } = &error
    else {
        panic!("{error}");
    };
    assert!(matches!(source, JustificationError::UnknownVoter(_)));
    assert_eq!(error.layer(), Layer::Justification);
}

/// Has the block be followed by one other, which those of the second set vote for.
fn with_descendant(proof: &mut ChainProof, block: &Header, child: &Header) {
    proof.block.header = fake::bytes(block.encode());
    proof.descendants = fake::list([fake::bytes(child.encode())]);
    proof.justification = fake::bytes(fake::justify(child, 1, &keys(1)));
}

#[test]
fn headers_lead_from_the_block_to_the_justified_one() {
    let error = refused(|proof| proof.block.header = fake::bytes(vec![1]));
    assert_eq!(error, ProofError::BlockMalformed);
    assert_eq!(error.layer(), Layer::Headers);
    // Any other block.
    let error = refused(|proof| {
        let mut other = read(&proof.block.header);
        other.state_root = [5; 32];
        proof.block.header = fake::bytes(other.encode());
    });
    assert_eq!(error, ProofError::NotAChild { index: 0 });
    let error = refused(|proof| {
        let mut headers = proof.descendants.to_vec();
        headers.remove(1);
        proof.descendants = fake::list(headers);
    });
    assert_eq!(error, ProofError::NotAChild { index: 1 });
    let error = refused(|proof| {
        let mut headers = proof.descendants.to_vec();
        headers[2] = fake::bytes(vec![]);
        proof.descendants = fake::list(headers);
    });
    assert_eq!(error, ProofError::DescendantMalformed { index: 2 });
    // A parent with a number that is not one less.
    for number in [fake::BLOCK_NUMBER, fake::BLOCK_NUMBER + 2] {
        let error = refused(|proof| {
            let block = read(&proof.block.header);
            let child = fake::header(block.hash(), number, [4; 32]);
            with_descendant(proof, &block, &child);
        });
        assert_eq!(error, ProofError::NotAChild { index: 0 });
    }
}

#[test]
fn a_way_over_a_change_of_authorities_must_tell_it() {
    let with_next = |proof: &mut ChainProof| {
        let mut block = read(&proof.block.header);
        fake::announce(&mut block, &keys(2), 0);
        let child = fake::header(block.hash(), block.number + 1, [4; 32]);
        with_descendant(proof, &block, &child);
        (block, child)
    };
    let error = refused(|proof| drop(with_next(proof)));
    let number = fake::BLOCK_NUMBER;
    assert_eq!(error, ProofError::SetChangeSkipped { number });
    assert_eq!(error.layer(), Layer::AuthoritySets);

    // Told, and with the votes of the next set, it holds.
    let (mut proof, genesis) = good();
    let (block, child) = with_next(&mut proof);
    let mut changes = proof.set_changes.to_vec();
    changes.push(SetChange {
        header: fake::bytes(block.encode()),
        justification: fake::bytes(fake::justify(&block, 1, &keys(1))),
    });
    proof.set_changes = fake::list(changes);
    proof.justification = fake::bytes(fake::justify(&child, 2, &keys(2)));
    assert_eq!(proof.verify(genesis).unwrap().set_id(), 2);
}

#[test]
fn a_block_may_be_justified_itself() {
    let (mut proof, genesis) = good();
    let block = read(&proof.block.header);
    proof.descendants = List::default();
    proof.justification = fake::bytes(fake::justify(&block, 1, &keys(1)));
    assert_eq!(proof.verify(genesis).unwrap().hash(), block.hash());
}

/// What is wrong with a proof whose votes are these.
fn unjustified(votes: impl FnOnce(&Header) -> Vec<u8>) -> JustificationError {
    let error = refused(|proof| {
        let last = read(proof.descendants.last().unwrap());
        proof.justification = fake::bytes(votes(&last));
    });
    match error {
        ProofError::Unjustified {
            set_id: 1, source, ..
        } => source,
        other => panic!("{other}"),
    }
}

#[test]
fn votes_must_be_enough_and_signed() {
    let keys = keys(1);
    let too_low = |weight| JustificationError::WeightTooLow {
        weight,
        threshold: 3,
    };
    let threshold = AuthoritySet::new(1, &fake::authorities(&keys)).unwrap();
    assert_eq!(threshold.threshold(), 3);
    assert_eq!(
        unjustified(|last| fake::justify(last, 1, &keys[..2])),
        too_low(2)
    );
    assert_eq!(unjustified(|last| fake::justify(last, 1, &[])), too_low(0));
    // The same one three times is one.
    assert_eq!(
        unjustified(|last| fake::justify(last, 1, &[0, 1, 1, 1].map(|i| keys[i].clone()))),
        too_low(2)
    );
    let (mut proof, genesis) = good();
    let last = read(proof.descendants.last().unwrap());
    proof.justification = fake::bytes(fake::justify(&last, 1, &keys[1..]));
    proof.verify(genesis).unwrap();

    assert_eq!(unjustified(|_| vec![1, 2]), JustificationError::Malformed);
    let trailing = |last: &Header| [fake::justify(last, 1, &keys), vec![0]].concat();
    assert_eq!(unjustified(trailing), JustificationError::Malformed);
    let other_target = unjustified(|last| {
        let before = fake::header(Hash([0; 32]), last.number, [0; 32]);
        fake::justify(&before, 1, &keys)
    });
    assert!(matches!(
        other_target,
        JustificationError::OtherTarget { .. }
    ));
    let other_number = unjustified(|last| {
        let mut votes = fake::justify(last, 1, &keys);
        // The number is behind the round and the hash.
        votes[8 + 32] ^= 1;
        votes
    });
    assert!(matches!(
        other_number,
        JustificationError::OtherTarget { .. }
    ));
    let voter = Hash(keys[0].verifying_key().to_bytes());
    for changed in [0, 8 + 32 + 4 + 1 + 36] {
        // The round, and the first signature.
        let wrong = unjustified(|last| {
            let mut votes = fake::justify(last, 1, &keys);
            votes[changed] ^= 1;
            votes
        });
        assert_eq!(
            wrong,
            JustificationError::WrongSignature(voter),
            "{changed}"
        );
    }
    let many = unjustified(|last| {
        let many = (0..=VOTES_MAX).map(|_| (&keys[0], last));
        fake::justify_by(last, 1, many, &[])
    });
    let (what, len, max) = ("votes", VOTES_MAX + 1, VOTES_MAX);
    assert_eq!(many, JustificationError::TooMany { what, len, max });
    let many = unjustified(|last| {
        let headers = vec![last.clone(); VOTE_HEADERS_MAX + 1];
        fake::justify_by(last, 1, [], &headers)
    });
    let (what, len, max) = ("headers", VOTE_HEADERS_MAX + 1, VOTE_HEADERS_MAX);
    assert_eq!(many, JustificationError::TooMany { what, len, max });
}

#[test]
fn votes_for_what_follows_a_block_are_votes_for_it() {
    let keys = keys(1);
    let child_of = |header: &Header| fake::header(header.hash(), header.number + 1, [6; 32]);
    let (mut proof, genesis) = good();
    let last = read(proof.descendants.last().unwrap());
    let child = child_of(&last);
    let grandchild = child_of(&child);
    let votes = [
        (&keys[0], &last),
        (&keys[1], &grandchild),
        (&keys[2], &child),
    ];
    let headers = [grandchild.clone(), child.clone()];
    proof.justification = fake::bytes(fake::justify_by(&last, 1, votes, &headers));
    proof.verify(genesis).unwrap();

    let too_low = |weight| JustificationError::WeightTooLow {
        weight,
        threshold: 3,
    };
    // Without the header that leads there it is any block.
    assert_eq!(
        unjustified(|last| fake::justify_by(last, 1, votes, &headers[..1])),
        too_low(1)
    );
    // A header that says another number than the vote.
    let mut off = child.clone();
    off.number += 1;
    let votes = [(&keys[0], &last), (&keys[1], &last), (&keys[2], &off)];
    assert_eq!(
        unjustified(|last| fake::justify_by(last, 1, votes, &[off.clone()])),
        too_low(2)
    );
    // Votes for what is before.
    let before = fake::header(Hash([0; 32]), last.number - 1, [0; 32]);
    let votes = [(&keys[0], &last), (&keys[1], &last), (&keys[2], &before)];
    assert_eq!(
        unjustified(|last| fake::justify_by(last, 1, votes, &[])),
        too_low(2)
    );
    // Who votes for two blocks is counted once.
    let other = fake::header(Hash([0; 32]), last.number, [7; 32]);
    let votes = [
        (&keys[0], &last),
        (&keys[1], &last),
        (&keys[2], &last),
        (&keys[2], &other),
    ];
    proof.justification = fake::bytes(fake::justify_by(&last, 1, votes, &[]));
    proof.verify(genesis).unwrap();
    assert_eq!(
        unjustified(|last| fake::justify_by(last, 1, votes[1..].to_vec(), &[])),
        too_low(2)
    );
}

#[test]
fn a_state_without_a_part_says_which() {
    let (proof, genesis) = good();
    let all = proof.block.nodes.to_vec();
    let mut lacking = 0;
    for index in 0..all.len() {
        let mut proof = proof.clone();
        let mut nodes = all.clone();
        let gone = Hash(blake2_256(&nodes.remove(index)));
        proof.block.nodes = fake::list(nodes);
        // Whatever lacks in the state, the block is final.
        let block = proof.verify(genesis).unwrap();
        for (key, value) in entries() {
            match block.storage(&key) {
                Err(StorageError::Missing(missing)) => {
                    assert_eq!(missing, gone);
                    lacking += 1;
                }
                read => assert_eq!(read, Ok(Some(&value[..]))),
            }
        }
    }
    assert!(lacking >= 4, "{lacking}");
}

/// Whatever byte of a state's nodes is changed, no other value comes out, and it never panics.
#[test]
fn no_change_of_a_node_gives_another_value() {
    let (proof, genesis) = good();
    let all = proof.block.nodes.to_vec();
    for (index, node) in all.iter().enumerate() {
        for at in 0..node.len() {
            let mut proof = proof.clone();
            let mut nodes = all.clone();
            let mut changed = node.to_vec();
            changed[at] ^= 0x55;
            nodes[index] = fake::bytes(changed);
            proof.block.nodes = fake::list(nodes);
            let block = proof.verify(genesis).unwrap();
            for (key, value) in entries() {
                let read = block.storage(&key);
                let holds =
                    matches!(read, Err(StorageError::Missing(_))) || read == Ok(Some(&value[..]));
                assert!(holds, "node {index} byte {at}: {read:?}");
            }
        }
    }
}

/// Nodes that no trie has, under roots of their own: an error each, and no panic.
#[test]
fn what_is_no_node_is_refused() {
    let leaf = |bytes: &[u8]| {
        let root = blake2_256(bytes);
        Trie::new(root, [bytes])
            .read(b"a")
            .map(|value| value.map(<[u8]>::to_vec))
    };
    assert_eq!(leaf(&[0]), Ok(None));
    assert_eq!(leaf(&[0x42, 0x61, 4, 9]), Ok(Some(vec![9])));
    for bad in [
        &[][..],
        // Kinds that do not exist, and more than nothing in the empty one.
        &[1],
        &[15],
        &[0, 0],
        // Ends too early: in the head, the path, the value, the bitmap, a child, a hash.
        &[0x7f],
        &[0x7f, 255],
        &[0x42],
        &[0x42, 0x61],
        &[0x42, 0x61, 8, 9],
        &[0x80],
        &[0x80, 1],
        &[0x80, 1, 0, 8, 1],
        &[0x22, 0x61, 1, 2, 3],
        // More than there is to be.
        &[0x42, 0x61, 4, 9, 0],
        // Half a byte too many.
        &[0x41, 0x16, 4, 9],
    ] {
        let root = Hash(blake2_256(bad));
        assert_eq!(leaf(bad), Err(StorageError::Malformed(root)), "{bad:?}");
    }
    // A child that is longer than its hash would be.
    let child = [&[0x80, 1 << 6, 0, 33 * 4][..], &[0; 33]].concat();
    let root = Hash(blake2_256(&child));
    assert_eq!(leaf(&child), Err(StorageError::Malformed(root)));
    // Under a byte's first half there is a child that is no node.
    let child = [0x80, 1 << 6, 0, 4, 1];
    let root = Hash(blake2_256(&child));
    assert_eq!(leaf(&child), Err(StorageError::Malformed(root)));
}

#[test]
fn nothing_is_read_beyond_its_bound() {
    assert!(Bytes::<3>::try_from(vec![0; 3]).is_ok());
    let error = Bytes::<3>::try_from(vec![0; 4]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there are 4 of them, and at most 3 are allowed"
    );
    assert!(List::<u8, 3>::try_from(vec![0; 4]).is_err());

    assert!(Bytes::<3>::decode(&mut &[12, 1, 2, 3][..]).is_ok());
    assert!(Bytes::<3>::decode(&mut &[16, 1, 2, 3, 4][..]).is_err());
    // A length without the bytes.
    assert!(Bytes::<{ usize::MAX }>::decode(&mut &[254, 255, 255, 255][..]).is_err());
    assert!(List::<u8, 3>::decode(&mut &[12, 1, 2, 3][..]).is_ok());
    assert!(List::<u8, 3>::decode(&mut &[16, 1, 2, 3, 4][..]).is_err());

    let bytes = |json| serde_json::from_str::<Bytes<3>>(json).map_err(|error| error.to_string());
    assert_eq!(bytes("\"0x010203\"").unwrap().into_inner(), [1, 2, 3]);
    assert!(bytes("\"0x01020304\"").unwrap_err().contains("at most 3"));
    assert!(bytes("\"0x0\"").unwrap_err().contains("Odd"));
    assert!(bytes("7").unwrap_err().contains("hexadecimal digits"));
    let list = |json| serde_json::from_str::<List<u8, 3>>(json).map_err(|error| error.to_string());
    assert_eq!(&*list("[1,2,3]").unwrap(), [1, 2, 3]);
    assert!(list("[1,2,3,4]").unwrap_err().contains("at most 3"));
}

#[test]
fn a_proof_of_too_many_bytes_is_not_looked_at() {
    let error = refused(|proof| {
        let big = fake::bytes(vec![0; NODE_BYTES_MAX]);
        let count = PROOF_BYTES_MAX / NODE_BYTES_MAX;
        proof.block.nodes = fake::list(vec![big; count]);
    });
    assert!(matches!(error, ProofError::TooManyBytes { .. }), "{error}");
    assert_eq!(error.layer(), Layer::Size);
}

/// Those of polkadot-sdk, which anybody can look up.
#[test]
fn storage_keys_are_those_of_frame() {
    let hex = |key: Vec<u8>| hex::encode(key);
    assert_eq!(
        hex(key::value("Timestamp", "Now")),
        "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"
    );
    assert_eq!(
        hex(key::value("Grandpa", "Authorities")),
        "5f9cc45b7a00c5899361e1c6099678dc5e0621c4869aa60c02be9adcc98a0d1d"
    );
    // `System.Account` of Alice.
    let alice = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
    assert_eq!(
        hex(key::blake2_128_concat(
            "System",
            "Account",
            &hex::decode(alice).unwrap()
        )),
        format!(
            "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9\
             de1e86a9a8c739864cf3cc5ec2bea59f{alice}"
        )
    );
}
