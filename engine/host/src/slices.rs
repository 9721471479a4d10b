//! The slices of time in which a run computes, if it shares processors.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::{Duration, Instant},
};

use async_trait::async_trait;

/// How long a run computes before it asks whether to go on. It gives way to other
/// tasks of its thread more often: see `giving_way`.
pub const SLICE: Duration = Duration::from_millis(5);

/// What decides when one run may compute.
///
/// A run that has one computes only while it has its turn: it takes it before the
/// guest starts, asks after each slice of about 5 ms whether to go on, and gives it
/// up while it waits for the outside. It may be dropped at any time, also in the
/// middle of [`Self::take`]: what it was waiting for, or had, is free then.
#[async_trait]
pub trait Processor: Send + Sync {
    /// Waits for the run's turn. At once if the run has it.
    async fn take(&self);

    /// The run has computed for a slice. Whether it keeps its turn; if not, it has
    /// to [`take`](Self::take) another.
    fn slice_over(&self) -> bool;

    /// The run does not compute any more until it takes another turn.
    fn give_up(&self);
}

/// A run's slices. Without a processor it computes whenever it wants, which is what
/// tools that run one contract at a time need.
#[derive(Clone, Default)]
pub struct Slices(Option<Arc<Shared>>);

struct Shared {
    processor: Arc<dyn Processor>,
    times: Mutex<Times>,
}

struct Times {
    /// When the run got the turn that it has.
    slice_from: Instant,
    /// Whether it has one.
    has_turn: bool,
    /// Since when it waits for one, if it does.
    waits_from: Option<Instant>,
    /// How long it waited before.
    waited: Duration,
}

impl Slices {
    pub fn on(processor: Arc<dyn Processor>) -> Self {
        Self(Some(Arc::new(Shared {
            processor,
            times: Mutex::new(Times {
                slice_from: Instant::now(),
                has_turn: false,
                waits_from: None,
                waited: Duration::ZERO,
            }),
        })))
    }

    /// Waits for the run's turn.
    pub async fn take(&self) {
        let Some(shared) = &self.0 else {
            return;
        };
        shared.times().waits_from = Some(Instant::now());
        shared.processor.take().await;
        let now = Instant::now();
        let mut times = shared.times();
        times.waited = times.waited_at(now);
        times.waits_from = None;
        times.slice_from = now;
        times.has_turn = true;
    }

    /// Gives the turn up, if the run has it.
    pub fn give_up(&self) {
        if let Some(shared) = &self.0 {
            shared.times().has_turn = false;
            shared.processor.give_up();
        }
    }

    /// Waits for something outside, and leaves the processor to others meanwhile.
    pub async fn away<T>(&self, wait: impl Future<Output = T>) -> T {
        if self.0.is_none() {
            return wait.await;
        }
        let mut wait = pin!(wait);
        // What is there already is not waited for.
        tokio::select! {
            biased;
            answer = &mut wait => return answer,
            () = std::future::ready(()) => {}
        }
        self.give_up();
        let answer = wait.await;
        self.take().await;
        answer
    }

    /// Does what a run does, one slice after the other.
    pub async fn divide<T>(&self, run: impl Future<Output = T>) -> T {
        let Some(shared) = &self.0 else {
            return run.await;
        };
        let mut run = pin!(run);
        loop {
            let slice = poll_fn(|context| match run.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if shared.times().is_slice_over() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            });
            match slice.await {
                Some(done) => return done,
                None => self.next_slice().await,
            }
        }
    }

    async fn next_slice(&self) {
        let Some(shared) = &self.0 else {
            return;
        };
        let goes_on = shared.processor.slice_over();
        // Other tasks of this thread have their turn, even if the next slice is there
        // at once.
        tokio::task::yield_now().await;
        if goes_on {
            shared.times().slice_from = Instant::now();
        } else {
            self.take().await;
        }
    }

    /// Does what a run does, for `time` at most, or gives `None`. Time in which the
    /// run waits for its turn is no time of its own: what others do must not make it
    /// fail.
    pub async fn within<T>(&self, time: Duration, run: impl Future<Output = T>) -> Option<T> {
        let Some(shared) = &self.0 else {
            return tokio::time::timeout(time, run).await.ok();
        };
        let started = Instant::now();
        let mut run = pin!(run);
        let mut left = time;
        loop {
            if let Ok(done) = tokio::time::timeout(left, &mut run).await {
                return Some(done);
            }
            left = shared.times().left(time, started);
            if left.is_zero() {
                return None;
            }
        }
    }
}

impl Shared {
    fn times(&self) -> MutexGuard<'_, Times> {
        // Plain values that are changed one by one: a panic leaves none half changed.
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    fn is_slice_over(&self) -> bool {
        self.has_turn && self.slice_from.elapsed() >= SLICE
    }

    fn waited_at(&self, now: Instant) -> Duration {
        let waits = self
            .waits_from
            .map(|from| now.saturating_duration_since(from));
        self.waited + waits.unwrap_or_default()
    }

    /// What is left of a run's time.
    fn left(&self, time: Duration, started: Instant) -> Duration {
        let now = Instant::now();
        let own = now.saturating_duration_since(started);
        let left = time.saturating_sub(own.saturating_sub(self.waited_at(now)));
        match self.waits_from {
            // It does not become less until the run goes on, so that need not be
            // looked at more often.
            Some(_) if !left.is_zero() => left.max(SLICE),
            _ => left,
        }
    }
}

#[cfg(test)]
#[path = "slices_tests.rs"]
mod tests;
