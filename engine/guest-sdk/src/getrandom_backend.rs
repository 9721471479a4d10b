//! The engine's random numbers for crates that use getrandom.
#![allow(
    unsafe_code,
    reason = "getrandom calls its backend by the name of a symbol, with raw memory"
)]

use std::slice;

use crate::random;

/// Of getrandom 0.3 and 0.4, where `getrandom_backend="custom"` is set.
///
/// # Safety
///
/// `to` must be valid for writes of `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(
    to: *mut u8,
    length: usize,
) -> Result<(), getrandom::Error> {
    // SAFETY: getrandom calls this with memory of its own.
    unsafe { fill(to, length) };
    Ok(())
}

/// Of getrandom 0.2, where its feature `custom` is on. Zero is success.
///
/// # Safety
///
/// `to` must be valid for writes of `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_custom(to: *mut u8, length: usize) -> u32 {
    // SAFETY: getrandom calls this with memory of its own.
    unsafe { fill(to, length) };
    0
}

/// # Safety
///
/// `to` must be valid for writes of `length` bytes.
unsafe fn fill(to: *mut u8, length: usize) {
    // SAFETY: the caller vouches for it. What is written first makes it initialised.
    let buffer = unsafe {
        to.write_bytes(0, length);
        slice::from_raw_parts_mut(to, length)
    };
    random::fill(buffer);
}
