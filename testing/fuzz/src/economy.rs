//! Calls of the chain in any order.

use phat_testing_economy::play;

use crate::bytes;

/// How many seeds there are: each takes seconds where nothing is optimised.
const SEEDS: usize = 2;

pub fn run(bytes: &[u8]) {
    if let Err(wrong) = play(bytes) {
        panic!("{wrong}");
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    bytes::seeds().into_iter().take(SEEDS).collect()
}
