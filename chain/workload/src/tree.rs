//! Merkle trees: each level pairs its nodes from the left, and a node without a partner moves up
//! as it is (RFC 9162, section 2.1).

use alloc::vec::Vec;

use crate::{
    Hash,
    hash::{Of, hash},
};

/// The root over these nodes. None over no nodes.
pub(crate) fn root(nodes: &[Hash]) -> Option<Hash> {
    root_and_path(nodes, 0).map(|(root, _)| root)
}

/// The root over these nodes, and the nodes beside the way to it from the one at `index`, from
/// below. None when there is no such node.
pub(crate) fn root_and_path(nodes: &[Hash], index: usize) -> Option<(Hash, Vec<Hash>)> {
    nodes.get(index)?;
    let mut path = Vec::new();
    let mut place = index;
    path.extend(nodes.get(place ^ 1));
    let mut level = above(nodes);
    if nodes.len() == 1 {
        return Some((nodes[0], path));
    }
    while level.len() > 1 {
        place /= 2;
        path.extend(level.get(place ^ 1));
        level = above(&level);
    }
    Some((*level.first()?, path))
}

/// The root over `count` nodes, from the one at `index` and the nodes beside its way. None when
/// the path has another length than that of this place.
pub(crate) fn root_from(node: Hash, index: u32, count: u32, path: &[Hash]) -> Option<Hash> {
    if index >= count {
        return None;
    }
    // The places of the node and of the last node on its level.
    let (mut place, mut last) = (index, count - 1);
    let mut hash = node;
    let mut beside = path.iter();
    while last > 0 {
        // A node that is last on its level and has no partner moves up as it is.
        if place < last || place % 2 == 1 {
            let other = beside.next()?;
            hash = if place % 2 == 1 {
                pair(other, &hash)
            } else {
                pair(&hash, other)
            };
        }
        place /= 2;
        last /= 2;
    }
    beside.next().is_none().then_some(hash)
}

fn above(level: &[Hash]) -> Vec<Hash> {
    level
        .chunks(2)
        .map(|nodes| match nodes {
            [left, right] => pair(left, right),
            alone => alone[0],
        })
        .collect()
}

fn pair(left: &Hash, right: &Hash) -> Hash {
    hash(Of::Node, &[left, right])
}
