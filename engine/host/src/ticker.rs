//! The tick that makes running guests give way.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use wasmtime::Engine;

/// How long a guest computes before it gives way to other tasks of its thread,
/// and before its deadline is looked at.
pub const TICK: Duration = Duration::from_millis(5);

/// Raises the epoch of a wasmtime engine while anything runs. Its thread sleeps
/// without ticking while nothing does, and ends with the ticker.
pub struct Ticker {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    stopped: bool,
}

impl Ticker {
    pub fn start(engine: Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_thread = shared.clone();
        thread::Builder::new()
            .name("phat-ticker".to_owned())
            .spawn(move || of_thread.tick(&engine))?;
        Ok(Self { shared })
    }

    /// Ticks until the guard is dropped.
    pub fn running(&self) -> Running {
        self.shared.update(|state| state.running += 1);
        Running(self.shared.clone())
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.update(|state| state.stopped = true);
    }
}

impl Shared {
    fn update(&self, change: impl FnOnce(&mut State)) {
        // The state is two plain values: a panic elsewhere cannot leave it half changed.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_one();
    }

    fn tick(&self, engine: &Engine) {
        loop {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let state = self
                .changed
                .wait_while(state, |state| state.running == 0 && !state.stopped)
                .unwrap_or_else(PoisonError::into_inner);
            if state.stopped {
                return;
            }
            drop(state);
            thread::sleep(TICK);
            engine.increment_epoch();
        }
    }
}

/// Keeps the ticker ticking.
pub struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.update(|state| state.running -= 1);
    }
}
