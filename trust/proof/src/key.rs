//! The keys under which FRAME stores values.

use blake2::{Blake2b, Digest, digest::consts::U16};
use twox_hash::XxHash64;

/// The key of a single value: the xxHash-128 of the pallet's name, then that of the value's.
pub fn value(pallet: &str, item: &str) -> Vec<u8> {
    [twox_128(pallet), twox_128(item)].concat()
}

/// The key of one value of a map that hashes its keys by `Blake2_128Concat`: that of the map, then
/// the BLAKE2b-128 hash of the SCALE-encoded key and the key itself.
pub fn blake2_128_concat(pallet: &str, item: &str, key: &[u8]) -> Vec<u8> {
    let hash: [u8; 16] = Blake2b::<U16>::digest(key).into();
    [&value(pallet, item)[..], &hash, key].concat()
}

fn twox_128(name: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    for (seed, part) in (0..).zip(hash.chunks_exact_mut(8)) {
        part.copy_from_slice(&XxHash64::oneshot(seed, name.as_bytes()).to_le_bytes());
    }
    hash
}
