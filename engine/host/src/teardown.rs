//! Taking down the instances of runs that have ended.

use std::{
    io, mem,
    sync::mpsc::{self, SyncSender},
    thread,
};

use phat_manifest::Limits;
use wasmtime::Store;

use crate::{memory::MEMORY_KEPT_BYTES, state::State};

/// How many instances wait for the thread. It is given no more than keeps it at work.
const WAITING_MAX: usize = 1;
/// How many instances there are besides those of runs: those that wait, and one at which
/// the thread is.
pub const TEARDOWNS_MAX: usize = WAITING_MAX + 1;

/// Takes instances down on a thread of its own. To write memory anew takes as long as a good
/// part of a short run, and whoever waits for the run's report need not wait for that.
pub struct Teardown {
    stores: SyncSender<Store<State>>,
    processors: usize,
}

impl Teardown {
    /// Starts the thread, which ends some time after this is dropped.
    pub fn start() -> io::Result<Self> {
        let (stores, ended) = mpsc::sync_channel(WAITING_MAX);
        thread::Builder::new()
            .name("phat-teardown".to_owned())
            .spawn(move || ended.into_iter().for_each(drop))?;
        Ok(Self {
            stores,
            processors: thread::available_parallelism().map_or(1, usize::from),
        })
    }

    /// Ends a run, one of so many that are under way, and gives what its store had.
    pub fn end(&self, mut store: Store<State>, under_way: usize) -> State {
        let idle = State::idle(Limits::default(), store.data().memory.charge().another());
        let state = mem::replace(store.data_mut(), idle);
        // The thread takes a processor from no run: where all are busy, that would cost more
        // than it saves. What goes back to the system counts until it is there.
        let is_handed_over =
            under_way < self.processors && state.memory.bytes() <= MEMORY_KEPT_BYTES as u64;
        if is_handed_over {
            // Where the thread has enough to do, it comes back and is dropped here.
            drop(self.stores.try_send(store));
        } else {
            drop(store);
        }
        state
    }
}
