//! The work of the performance test as a WebAssembly module.
//!
//! The module imports nothing, and all that goes in and out are numbers: `seed` takes the seed as
//! four words of 64 bits, little-endian, `iterate` does one iteration, and `word` gives one of the
//! four words of its root.
#![cfg(target_arch = "wasm32")]
#![allow(
    unsafe_code,
    reason = "exported names have to be unique in the module, which they are"
)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use phat_workload::{Hash, Seed, Workspace, iteration_root};

/// What the module keeps between calls. It has one thread.
struct Kept {
    seed: Hash,
    root: Hash,
    workspace: Option<Workspace>,
}

static KEPT: Mutex<Kept> = Mutex::new(Kept {
    seed: [0; 32],
    root: [0; 32],
    workspace: None,
});

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the seed of the iterations from now on.
#[unsafe(no_mangle)]
pub extern "C" fn seed(first: u64, second: u64, third: u64, fourth: u64) {
    let words = [first, second, third, fourth];
    for (bytes, word) in kept().seed.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
}

/// Does an iteration.
#[unsafe(no_mangle)]
pub extern "C" fn iterate(iteration: u32) {
    let kept = &mut *kept();
    let workspace = kept.workspace.get_or_insert_default();
    kept.root = iteration_root(workspace, &Seed(kept.seed), iteration);
}

/// Word number `index` of the root of the iteration that was done last, from 0 to 3.
#[unsafe(no_mangle)]
pub extern "C" fn word(index: u32) -> u64 {
    let root = kept().root;
    let mut word = [0; 8];
    if let Some(bytes) = root.chunks_exact(8).nth(index as usize) {
        word.copy_from_slice(bytes);
    }
    u64::from_le_bytes(word)
}
