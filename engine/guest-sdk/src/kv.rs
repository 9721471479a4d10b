//! The contract's key-value store on its target chain, as of the run's block.
//!
//! A run sees its own writes. They take effect with its result, all or none. Over HTTP
//! there is no store: every key reads as never written, and writes are dropped.
//!
//! A key or value longer than the limits `kv_key_bytes` and `kv_value_bytes`, or more
//! keys than `kv_keys`, end the run.

use crate::platform;

/// The value of a key; none if it has none. An empty value is none.
pub fn get(key: &[u8]) -> Option<Vec<u8>> {
    platform::kv_get(key)
}

/// Writes a key. An empty value deletes it.
pub fn set(key: &[u8], value: &[u8]) {
    platform::kv_set(key, value);
}

/// Deletes a key.
pub fn delete(key: &[u8]) {
    platform::kv_delete(key);
}
