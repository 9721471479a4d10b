//! Bounds of what the chain stores.

/// The most bytes a contract's code may have.
pub const CODE_BYTES_MAX: u32 = 2 * 1024 * 1024;

/// The most bytes a contract's manifest may have.
pub const MANIFEST_BYTES_MAX: u32 = 16 * 1024;

/// The most bytes a worker's endpoint URL may have.
pub const ENDPOINT_BYTES_MAX: u32 = 256;
