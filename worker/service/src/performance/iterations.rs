//! Does iterations on all processors, and gives way to runs of contracts.
//!
//! Each thread takes the next chunk of iterations and does it. Its priority is the lowest that the
//! operating system has, so that whatever else wants a processor gets it first; and while runs of
//! contracts compute, as many threads pause between two iterations.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use phat_worker_core::performance::may_iterate;
use phat_workload::{
    CHUNK_ITERATIONS, Hash, ITERATIONS_MAX, Seed, chunk_iterations, chunk_root_of,
};

use super::machine::{Iterate, Machine};
use crate::compute::Demand;

/// The most chunks that are done for one seed, and so the most roots that are kept: 4 194 304,
/// which take 128 MiB. More a commitment cannot have.
pub const CHUNKS_MAX: u32 = ITERATIONS_MAX / CHUNK_ITERATIONS;

/// How long a thread that gives way pauses before it looks again.
const PAUSE: Duration = Duration::from_millis(10);

/// The lowest priority of Linux.
const NICE: i32 = 19;

/// The order that says that all is over.
const ENDED: u64 = u64::MAX;

/// Threads that do iterations, until this is dropped.
pub struct Iterations {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// Rung when there is another order.
    news: Condvar,
    /// The number of the order, to be looked at without a lock.
    order: AtomicU64,
    demand: Demand,
    threads: usize,
    /// How many threads give way.
    paused: AtomicUsize,
    /// The iterations of all chunks that were done.
    total: AtomicU64,
}

#[derive(Default)]
struct State {
    seed: Option<Seed>,
    since: Option<Instant>,
    /// The chunk that is given out next.
    next: u32,
    /// The roots of the chunks that are done, from the first on.
    done: Vec<Hash>,
    /// The roots of those that are done before one in front of them is.
    ahead: BTreeMap<u32, Hash>,
}

impl State {
    fn note(&mut self, chunk: u32, root: Hash) {
        self.ahead.insert(chunk, root);
        // There are at most as many ahead as there are threads, and as many done as chunks.
        while let Some(root) = self.ahead.remove(&(self.done.len() as u32)) {
            self.done.push(root);
        }
    }
}

impl Iterations {
    /// Starts `threads` threads, which wait for [`Self::begin`]. What cannot be started is told in
    /// the log.
    pub fn start(machine: &dyn Machine, threads: usize, demand: Demand) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            news: Condvar::new(),
            order: AtomicU64::new(0),
            demand,
            threads,
            paused: AtomicUsize::new(0),
            total: AtomicU64::new(0),
        });
        for number in 0..threads {
            let started = machine.instance().and_then(|instance| {
                let shared = shared.clone();
                thread::Builder::new()
                    .name(format!("iterations-{number}"))
                    .spawn(move || shared.work(number, instance))
                    .map_err(|error| error.to_string())
            });
            if let Err(reason) = started {
                tracing::error!(reason, "a thread of the performance test cannot be started");
            }
        }
        Self { shared }
    }

    /// Does iterations from this seed on, or none. What was done for another seed is forgotten;
    /// nothing changes when they are done already.
    pub fn begin(&self, seed: Option<Seed>) {
        let mut state = self.shared.state.lock();
        if state.seed == seed {
            return;
        }
        *state = State {
            seed,
            since: seed.map(|_| Instant::now()),
            ..State::default()
        };
        self.shared.order.fetch_add(1, Ordering::Release);
        self.shared.news.notify_all();
    }

    /// The roots of the chunks that were done for `seed`, from the first on, and without a gap.
    pub fn chunks(&self, seed: &Seed) -> Vec<Hash> {
        let state = self.shared.state.lock();
        match state.seed == Some(*seed) {
            true => state.done.clone(),
            false => Vec::new(),
        }
    }

    /// How many iterations that is.
    pub fn count(&self) -> u32 {
        let chunks = self.shared.state.lock().done.len();
        u32::try_from(chunks)
            .unwrap_or(u32::MAX)
            .saturating_mul(CHUNK_ITERATIONS)
    }

    /// How many iterations were done in all, for whatever seed.
    pub fn total(&self) -> u64 {
        self.shared.total.load(Ordering::Relaxed)
    }

    /// How long the iterations for the seed have been under way. None when there are none to do.
    pub fn elapsed(&self) -> Option<Duration> {
        self.shared.state.lock().since.map(|since| since.elapsed())
    }

    /// How many threads give way to runs of contracts.
    pub fn paused(&self) -> usize {
        self.shared.paused.load(Ordering::Relaxed)
    }
}

impl Drop for Iterations {
    fn drop(&mut self) {
        self.shared.order.store(ENDED, Ordering::Release);
        // Under the lock, so that no thread is between its look and its wait.
        let _state = self.shared.state.lock();
        self.shared.news.notify_all();
    }
}

/// A chunk to be done.
struct Task {
    order: u64,
    seed: Seed,
    chunk: u32,
}

impl Shared {
    fn work(&self, thread: usize, mut instance: Box<dyn Iterate>) {
        if let Err(error) = rustix::process::setpriority_process(None, NICE) {
            let error = error.to_string();
            tracing::warn!(
                error,
                "the performance test has the priority of everything else"
            );
        }
        while let Some(task) = self.next() {
            match self.chunk(thread, &mut *instance, &task) {
                Ok(Some(root)) => self.note(&task, root),
                Ok(None) => {}
                Err(reason) => {
                    tracing::error!(reason, "a thread of the performance test has ended");
                    return;
                }
            }
        }
    }

    /// The next chunk, once there is one, or nothing at the end.
    fn next(&self) -> Option<Task> {
        let mut state = self.state.lock();
        loop {
            let order = self.order.load(Ordering::Acquire);
            if order == ENDED {
                return None;
            }
            if let Some(seed) = state.seed
                && state.next < CHUNKS_MAX
            {
                let chunk = state.next;
                state.next += 1;
                return Some(Task { order, seed, chunk });
            }
            self.news.wait(&mut state);
        }
    }

    /// Does a chunk, unless there is another order before it is done.
    fn chunk(
        &self,
        thread: usize,
        instance: &mut dyn Iterate,
        task: &Task,
    ) -> Result<Option<Hash>, String> {
        let mut roots = [[0; 32]; CHUNK_ITERATIONS as usize];
        for (root, iteration) in roots.iter_mut().zip(chunk_iterations(task.chunk)) {
            self.give_way(thread, task.order);
            if self.order.load(Ordering::Acquire) != task.order {
                return Ok(None);
            }
            *root = instance.iteration_root(&task.seed, iteration)?;
        }
        Ok(Some(chunk_root_of(&roots)))
    }

    /// Pauses for as long as runs of contracts need the thread's place.
    fn give_way(&self, thread: usize, order: u64) {
        let may_go_on = || {
            may_iterate(thread, self.threads, self.demand.processors())
                || self.order.load(Ordering::Acquire) != order
        };
        if may_go_on() {
            return;
        }
        self.paused.fetch_add(1, Ordering::Relaxed);
        while !may_go_on() {
            thread::sleep(PAUSE);
        }
        self.paused.fetch_sub(1, Ordering::Relaxed);
    }

    fn note(&self, task: &Task, root: Hash) {
        let mut state = self.state.lock();
        if self.order.load(Ordering::Acquire) == task.order {
            state.note(task.chunk, root);
            self.total
                .fetch_add(CHUNK_ITERATIONS.into(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
#[path = "iterations_tests.rs"]
mod tests;
