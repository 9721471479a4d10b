//! The clock that QuickJS links against.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::bindings::phat::contract::clock;

/// Whether the engine may be asked for the time.
static RUNNING: AtomicBool = AtomicBool::new(false);

/// From here on, scripts see the recorded clock. Before, while QuickJS starts
/// and seeds its generator from the time, the time is fixed: that makes a fresh
/// context the same in every run, and leaves no entry in the transcript.
pub fn start() {
    RUNNING.store(true, Ordering::Relaxed);
}

/// Microseconds since 1970. The C shim of `rquickjs-sys` declares this symbol as
/// an import of the module; as the linker finds it here, the component has no
/// import that the world does not know.
#[allow(
    unsafe_code,
    reason = "C code refers to the symbol by this exact name; it takes no arguments and touches no memory"
)]
#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    if RUNNING.load(Ordering::Relaxed) {
        (clock::now() / 1_000) as f64
    } else {
        0.0
    }
}
