//! Proofs of the chain from anyone.

use std::sync::LazyLock;

use codec::{DecodeAll, Encode};
use phat_chain_proof::{ChainProof, Trie, fake};
use phat_primitives::blake2_256;

/// A value that is inside of its node, and one that is kept apart.
const VALUES: [(&[u8], &[u8]); 2] = [(b"short", b"value"), (b"long", &[7; 100])];

pub fn run(bytes: &[u8]) {
    if let Ok(proof) = ChainProof::decode_all(&mut &*bytes) {
        assert_eq!(proof.encode(), bytes);
        check(&proof);
    }
    if let Ok(proof) = serde_json::from_slice::<ChainProof>(bytes) {
        check(&proof);
    }
    // A node under its own hash reaches more of the trie than one under that of the seeds.
    let root = blake2_256(bytes);
    for key in [&b""[..], b"short", &[0xff; 40]] {
        let _ = Trie::new(root, [bytes]).read(key);
    }
}

fn check(proof: &ChainProof) {
    static GENESIS_HASH: LazyLock<[u8; 32]> = LazyLock::new(|| seed().1);
    let Ok(block) = proof.verify(*GENESIS_HASH) else {
        return;
    };
    // Other blocks of the chain may be proven, too. Of their states nothing is known.
    for (key, value) in VALUES {
        if let Ok(read) = block.storage(key) {
            assert_eq!(read, Some(value), "a value was made up");
        }
    }
}

fn seed() -> (ChainProof, [u8; 32]) {
    let entries = VALUES.map(|(key, value)| (key.to_vec(), value.to_vec()));
    fake::proof(&entries)
}

pub fn seeds() -> Vec<Vec<u8>> {
    let (proof, _) = seed();
    let json = serde_json::to_vec(&proof).expect("a proof has a JSON form");
    vec![proof.encode(), json]
}
