//! Reading values out of the trie that a block's state is, of which only some nodes are at hand.
//!
//! A trie has the keys' half bytes, high half first, as its paths. A node is
//!
//! - a head: its kind in the highest bits of the first byte, and how many half bytes of the path
//!   it has. What does not fit goes on in the bytes after;
//! - those half bytes, two to a byte, after a half byte of 0 if they are odd in number;
//! - of a branch, 16 bits, little-endian: which children there are;
//! - the value, if it has one: its length as a compact number and its bytes, or its BLAKE2b-256
//!   hash in the kinds that say so;
//! - of a branch, each child as bytes after their length: its hash if there are 32, and otherwise
//!   the child itself.

use std::collections::HashMap;

use codec::{Compact, Decode};
use phat_primitives::blake2_256;

use crate::{Hash, StorageError};

/// The length of a hash.
const HASH_BYTES: usize = 32;

/// A node with nothing in it.
const EMPTY: u8 = 0;

/// Some of a state's nodes and values, each under its hash.
#[derive(Clone, Debug)]
pub struct Trie<'a> {
    root: Hash,
    nodes: HashMap<Hash, &'a [u8]>,
}

impl<'a> Trie<'a> {
    /// The state with this root, of which these nodes are at hand, in any order. What does not
    /// belong to it is never looked at.
    pub fn new(root: [u8; 32], nodes: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let hashed = nodes.into_iter().map(|node| (Hash(blake2_256(node)), node));
        Self {
            root: Hash(root),
            nodes: hashed.collect(),
        }
    }

    /// The value under `key`, or `None` if the state has none.
    pub fn read(&self, key: &[u8]) -> Result<Option<&'a [u8]>, StorageError> {
        let path = Path(key);
        let mut hash = self.root;
        let mut bytes = self.get(hash)?;
        let mut at = 0;
        // Each turn goes at least half a byte further down the path.
        loop {
            let node = Node::read(bytes).ok_or(StorageError::Malformed(hash))?;
            let Some(node) = node else { return Ok(None) };
            if !path.goes_on_with(at, node.partial, node.partial_len) {
                return Ok(None);
            }
            at += node.partial_len;
            let Some(next) = path.half_byte(at) else {
                return match node.value {
                    None => Ok(None),
                    Some(Value::Inline(value)) => Ok(Some(value)),
                    Some(Value::Hashed(hash)) => self.get(hash).map(Some),
                };
            };
            at += 1;
            match node.children[usize::from(next)] {
                None => return Ok(None),
                Some(Child::Inline(child)) => bytes = child,
                Some(Child::Hashed(child)) => {
                    hash = child;
                    bytes = self.get(child)?;
                }
            }
        }
    }

    fn get(&self, hash: Hash) -> Result<&'a [u8], StorageError> {
        let node = self.nodes.get(&hash);
        node.copied().ok_or(StorageError::Missing(hash))
    }
}

/// A key as half bytes.
struct Path<'a>(&'a [u8]);

impl Path<'_> {
    fn half_byte(&self, index: usize) -> Option<u8> {
        let byte = self.0.get(index / 2)?;
        Some(if index.is_multiple_of(2) {
            byte >> 4
        } else {
            byte & 0xf
        })
    }

    /// Whether the next `len` half bytes from `at` on are the last `len` ones of `partial`.
    fn goes_on_with(&self, at: usize, partial: &[u8], len: usize) -> bool {
        let partial_path = Path(partial);
        let skipped = partial.len() * 2 - len;
        (0..len).all(|index| {
            self.half_byte(at + index)
                .is_some_and(|half| partial_path.half_byte(skipped + index) == Some(half))
        })
    }
}

/// A node that is not empty.
struct Node<'a> {
    /// The half bytes of the path that it has, the last ones of these.
    partial: &'a [u8],
    /// How many.
    partial_len: usize,
    value: Option<Value<'a>>,
    children: [Option<Child<'a>>; 16],
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Inline(&'a [u8]),
    Hashed(Hash),
}

#[derive(Clone, Copy)]
enum Child<'a> {
    Inline(&'a [u8]),
    Hashed(Hash),
}

/// How a node has its value.
#[derive(Clone, Copy)]
enum ValueForm {
    None,
    Inline,
    Hashed,
}

impl<'a> Node<'a> {
    /// The node that these bytes are: outside `None` if they are none, inside `None` if it is
    /// empty.
    fn read(bytes: &'a [u8]) -> Option<Option<Self>> {
        if bytes == [EMPTY] {
            return Some(None);
        }
        let mut from = bytes;
        let first = *take(&mut from, 1)?.first()?;
        let (is_branch, form, len_bits) = match first {
            0b0100_0000..=0b0111_1111 => (false, ValueForm::Inline, 6),
            0b1000_0000..=0b1011_1111 => (true, ValueForm::None, 6),
            0b1100_0000..=0b1111_1111 => (true, ValueForm::Inline, 6),
            0b0010_0000..=0b0011_1111 => (false, ValueForm::Hashed, 5),
            0b0001_0000..=0b0001_1111 => (true, ValueForm::Hashed, 4),
            0b0000_0000..=0b0000_1111 => return None,
        };
        let partial_len = partial_len(first, len_bits, &mut from)?;
        let partial = take(&mut from, partial_len.div_ceil(2))?;
        if partial_len % 2 == 1 && partial.first()? >> 4 != 0 {
            return None;
        }
        let bitmap = match is_branch {
            true => u16::from_le_bytes(take(&mut from, 2)?.try_into().ok()?),
            false => 0,
        };
        let value = match form {
            ValueForm::None => None,
            ValueForm::Inline => Some(Value::Inline(sized(&mut from)?)),
            ValueForm::Hashed => Some(Value::Hashed(hash(take(&mut from, HASH_BYTES)?)?)),
        };
        let mut children = [None; 16];
        for (index, child) in children.iter_mut().enumerate() {
            if bitmap >> index & 1 == 0 {
                continue;
            }
            let bytes = sized(&mut from)?;
            *child = Some(match bytes.len() {
                ..HASH_BYTES => Child::Inline(bytes),
                _ => Child::Hashed(hash(bytes)?),
            });
        }
        from.is_empty().then_some(Some(Self {
            partial,
            partial_len,
            value,
            children,
        }))
    }
}

/// How many half bytes a node has: the lowest `bits` bits of its first byte, and, if all of them
/// are set, one less than these and the bytes after, up to and with the first that is not 255.
fn partial_len(first: u8, bits: u32, from: &mut &[u8]) -> Option<usize> {
    let full = (1_usize << bits) - 1;
    let len = usize::from(first) & full;
    if len < full {
        return Some(len);
    }
    let mut len = full;
    loop {
        let more = *take(from, 1)?.first()?;
        len += usize::from(more);
        if more < u8::MAX {
            return Some(len);
        }
    }
}

fn take<'a>(from: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(len)?;
    *from = rest;
    Some(taken)
}

/// Bytes after their length.
fn sized<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let Compact(len) = Compact::<u32>::decode(from).ok()?;
    take(from, usize::try_from(len).ok()?)
}

fn hash(bytes: &[u8]) -> Option<Hash> {
    bytes.try_into().ok().map(Hash)
}
