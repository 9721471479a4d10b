//! Merkle trees: each level pairs its nodes from the left, and a node without a partner moves up
//! as it is (RFC 9162, section 2.1).

use alloc::{borrow::Cow, vec, vec::Vec};

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
    let (root, mut paths) = root_and_paths(nodes, &[index])?;
    Some((root, paths.pop()?))
}

/// The same for several places at once, which are hashed over once: a path for each, in their
/// order. None when there is no node at one of them, or none at all.
pub(crate) fn root_and_paths(nodes: &[Hash], places: &[usize]) -> Option<(Hash, Vec<Vec<Hash>>)> {
    if places.iter().any(|place| *place >= nodes.len()) {
        return None;
    }
    let mut places = places.to_vec();
    let mut paths = vec![Vec::new(); places.len()];
    let mut level = Cow::Borrowed(nodes);
    while level.len() > 1 {
        for (place, path) in places.iter_mut().zip(&mut paths) {
            path.extend(level.get(*place ^ 1));
            *place /= 2;
        }
        level = Cow::Owned(above(&level));
    }
    Some((*level.first()?, paths))
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
