//! Time, as the engine records it.

use std::time::Duration;

use crate::platform::{self, Completion};

/// The time since 1970-01-01 UTC. Never less than before in the same run.
pub fn now() -> Duration {
    Duration::from_nanos(platform::now())
}

/// Waits, in whole milliseconds. The wait counts towards the limit `time_ms`, and costs
/// no fuel to speak of.
pub fn sleep(duration: Duration) {
    let timer = platform::start_timer(platform::milliseconds(duration));
    while let Some((id, completion)) = platform::next_event() {
        if id == timer && matches!(completion, Completion::Timer) {
            return;
        }
    }
}
