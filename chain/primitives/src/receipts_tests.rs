use proptest::prelude::*;

use super::*;

fn receipts(count: usize) -> Vec<ReceiptHash> {
    let hash = |number: usize| ReceiptHash(blake2_256(&number.to_le_bytes()));
    (0..count).map(hash).collect()
}

/// The root as RFC 9162 defines it, by recursion.
fn root_by_definition(receipts: &[ReceiptHash]) -> [u8; 32] {
    match receipts {
        [only] => leaf(only),
        _ => {
            let split = receipts.len().next_power_of_two() / 2;
            let (left, right) = receipts.split_at(split);
            node(&root_by_definition(left), &root_by_definition(right))
        }
    }
}

fn batch() -> ReceiptBatch {
    ReceiptBatch {
        genesis_hash: [1; 32],
        worker: WorkerId([2; 32]),
        number: 3,
        count: 4,
        root: [5; 32],
        previous: [6; 32],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_receipt_is_proved_and_no_other(count in 1_usize..100, other in any::<[u8; 32]>()) {
        let receipts = receipts(count);
        let tree = MerkleTree::new(&receipts).unwrap();
        prop_assert_eq!(tree.root(), root_by_definition(&receipts));
        prop_assert_eq!(tree.count() as usize, count);
        for (index, receipt) in receipts.iter().enumerate() {
            let proof = tree.prove(index as u32).unwrap();
            prop_assert!(proof.verify(receipt, &tree.root()));
            prop_assert!(!proof.verify(&ReceiptHash(other), &tree.root()));
            prop_assert!(!proof.verify(receipt, &other));
        }
        prop_assert_eq!(tree.prove(count as u32), None);
    }

    #[test]
    fn a_proof_that_is_changed_fails(
        count in 2_usize..100,
        index in any::<prop::sample::Index>(),
        step in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let receipts = receipts(count);
        let tree = MerkleTree::new(&receipts).unwrap();
        let index = index.index(count);
        let proof = tree.prove(index as u32).unwrap();
        let step = step.index(proof.path.len());
        let mut changed: [MerkleProof; 4] = std::array::from_fn(|_| proof.clone());
        changed[0].path[step][0] ^= 1 << bit;
        changed[1].path.remove(step);
        changed[2].path.insert(step, [7; 32]);
        changed[3].index = (proof.index + 1) % proof.count;
        for proof in changed {
            prop_assert!(!proof.verify(&receipts[index], &tree.root()), "{:?}", proof);
        }
    }

    /// Whatever a stranger gives as a proof is answered.
    #[test]
    fn no_proof_panics(
        index in any::<u32>(),
        count in any::<u32>(),
        path in prop::collection::vec(any::<[u8; 32]>(), 0..20),
    ) {
        let proof = MerkleProof { index, count, path };
        prop_assert!(!proof.verify(&ReceiptHash([1; 32]), &[2; 32]));
    }
}

#[test]
fn a_node_passes_for_no_leaf() {
    let receipts = receipts(4);
    let tree = MerkleTree::new(&receipts).unwrap();
    let inner = node(&leaf(&receipts[0]), &leaf(&receipts[1]));
    let shorter = MerkleProof {
        index: 0,
        count: 2,
        path: vec![node(&leaf(&receipts[2]), &leaf(&receipts[3]))],
    };
    assert!(!shorter.verify(&ReceiptHash(inner), &tree.root()));
}

#[test]
fn trees_have_bounds() {
    assert!(MerkleTree::new(&[]).is_none());
    let most = vec![ReceiptHash([1; 32]); BATCH_RECEIPTS_MAX as usize];
    let tree = MerkleTree::new(&most).unwrap();
    let proof = tree.prove(BATCH_RECEIPTS_MAX - 1).unwrap();
    assert_eq!(proof.path.len(), PATH_STEPS_MAX);
    assert!(proof.verify(&most[0], &tree.root()));
    let more = [most, vec![ReceiptHash([1; 32])]].concat();
    assert!(MerkleTree::new(&more).is_none());
}

#[test]
fn each_part_of_a_batch_changes_its_hash() {
    let changes: [fn(&mut ReceiptBatch); 6] = [
        |batch| batch.genesis_hash[0] ^= 1,
        |batch| batch.worker.0[0] ^= 1,
        |batch| batch.number += 1,
        |batch| batch.count += 1,
        |batch| batch.root[0] ^= 1,
        |batch| batch.previous[0] ^= 1,
    ];
    for change in changes {
        let mut other = batch();
        change(&mut other);
        assert_ne!(other.hash(), batch().hash());
    }
    assert!(batch().signing_payload().starts_with(BATCH_DOMAIN));
}
