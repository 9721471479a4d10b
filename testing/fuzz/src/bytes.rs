//! Bytes that stand for choices.

/// How many bytes the seeds have that stand for nothing but choices.
const SEED_BYTES: usize = 256;
/// How many seeds of that kind there are.
const SEEDS: u8 = 8;

/// Different bytes without a meaning of their own.
pub fn seeds() -> Vec<Vec<u8>> {
    (0..SEEDS)
        .map(|seed| {
            let hash = |block: u8| phat_primitives::blake2_256(&[seed, block]);
            let mut bytes: Vec<u8> = (0..=u8::MAX).flat_map(hash).collect();
            bytes.truncate(SEED_BYTES << (seed % 4));
            bytes
        })
        .collect()
}
