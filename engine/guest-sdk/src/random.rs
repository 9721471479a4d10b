//! Random numbers from the engine's cryptographic generator, as it records them.

use crate::platform;

/// The most bytes of one call of the engine. Longer requests are made of several.
const CALL_BYTES_MAX: usize = 65_536;

/// Fills a buffer.
pub fn fill(buffer: &mut [u8]) {
    for part in buffer.chunks_mut(CALL_BYTES_MAX) {
        part.copy_from_slice(&platform::random(part.len()));
    }
}

/// So many bytes.
pub fn bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    fill(&mut bytes);
    bytes
}

/// A number.
pub fn u64() -> u64 {
    u64::from_le_bytes(bytes())
}
