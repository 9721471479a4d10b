//! Bounds that the guest keeps by itself. The engine reads this file too, to list them.

/// How deep scripts may recurse, in bytes of the linear memory's stack. It is
/// half of what the linker reserves (see `engine/host/build.rs`), so
/// that a script gets a `RangeError` and never runs over the end.
pub const STACK_BYTES_MAX: usize = 1024 * 1024;
