//! One step: from a state to the next.

use alloc::boxed::Box;

use crate::{
    Hash, Seed,
    hash::{Hasher, Of},
};

/// How many words of 64 bits a step's memory has: 32 KiB, which is the first cache of a core.
const WORDS: usize = 4096;

/// How far a register is shifted so that what remains names a word.
const INDEX_SHIFT: u32 = u64::BITS - WORDS.trailing_zeros();

/// How many reads and writes of its memory a step makes, one after the other.
const ROUNDS: u64 = 1 << 16;

/// How many words go into the hash at once.
const WORDS_PER_BLOCK: usize = 16;

/// An odd number without structure, the fraction of the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

const _: () = assert!(WORDS.is_power_of_two() && WORDS.is_multiple_of(WORDS_PER_BLOCK));

/// The memory that steps work in, 32 KiB. Each step fills it anew.
pub struct Workspace(Box<[u64; WORDS]>);

impl Default for Workspace {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl Workspace {
    /// The state after step number `step` of an iteration, which is after `before`.
    ///
    /// All of the memory is filled from the state and from the step's place, so that no step
    /// serves for another. Then each round reads the word that the round
    /// before it chose, multiplies, writes the word and chooses the next one. The next state is
    /// the hash of the key, the registers and the whole memory, so it needs every round.
    pub fn step(&mut self, seed: &Seed, iteration: u32, step: u32, before: &Hash) -> Hash {
        let key = seed.step_key(iteration, step, before);
        let (mut chosen, mut mixed) = self.fill(&key);
        let words = &mut *self.0;
        for round in 0..ROUNDS {
            let index = (chosen >> INDEX_SHIFT) as usize;
            let word = words[index];
            let product = (chosen ^ word).wrapping_mul(mixed | 1);
            words[index] = word.rotate_left(23).wrapping_add(mixed);
            mixed = mixed.rotate_left(41) ^ word.wrapping_add(round);
            chosen = product ^ (product >> 29);
        }
        self.end(&key, chosen, mixed)
    }

    /// Fills the memory and gives the first values of the registers.
    fn fill(&mut self, key: &[u8; 64]) -> (u64, u64) {
        let mut lanes = [0u64; 8];
        for (lane, bytes) in lanes.iter_mut().zip(key.chunks_exact(8)) {
            // The chunks have eight bytes each.
            *lane = bytes
                .iter()
                .rev()
                .fold(0, |word, byte| (word << 8) | u64::from(*byte));
        }
        let [mut first, mut second, .., chosen, mixed] = lanes;
        for (number, word) in self.0.iter_mut().enumerate() {
            let next = (first ^ second.rotate_left(19)).wrapping_mul(GOLDEN);
            first = second ^ lanes[number % 8];
            second = next ^ (next >> 31);
            *word = second;
        }
        (chosen, mixed)
    }

    fn end(&self, key: &[u8; 64], chosen: u64, mixed: u64) -> Hash {
        let mut hasher = Hasher::new(Of::StepEnd);
        hasher.add(key);
        hasher.add(&chosen.to_le_bytes());
        hasher.add(&mixed.to_le_bytes());
        let mut block = [0; WORDS_PER_BLOCK * 8];
        for words in self.0.chunks_exact(WORDS_PER_BLOCK) {
            for (bytes, word) in block.chunks_exact_mut(8).zip(words) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
            hasher.add(&block);
        }
        hasher.end()
    }
}
