//! The files that commands about attestation read.

use std::path::Path;

use anyhow::Result;

use crate::project::read_bounded;

/// The most bytes of a file that is read: more than the verifier accepts.
const FILE_BYTES_MAX: u32 = 4 * 1024 * 1024;

/// What a file holds.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    read_bounded(path, FILE_BYTES_MAX, "such a file")
}

/// A quote as bytes. It begins with its version as a number of two bytes, which no text
/// in hexadecimal digits does.
pub fn quote_in(file: Vec<u8>) -> Vec<u8> {
    let text = file.trim_ascii();
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    hex::decode(digits).unwrap_or(file)
}
