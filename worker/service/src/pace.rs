//! How often things are tried, and when everything ends.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// Pauses that double up to a bound.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    next: Duration,
}

impl Backoff {
    /// Pauses from `first` to `max`.
    pub fn new(first: Duration, max: Duration) -> Self {
        Self {
            first,
            max,
            next: first,
        }
    }

    /// How long to wait now; the next time it is twice as long.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = self.next.saturating_mul(2).min(self.max);
        pause
    }

    /// Starts over, after something worked.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Tells every part of the worker to come to an end.
#[derive(Debug)]
pub struct ShutdownSender(watch::Sender<bool>);

/// Hears that the worker comes to an end.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// A pair of both.
pub fn shutdown() -> (ShutdownSender, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (ShutdownSender(sender), Shutdown(receiver))
}

impl ShutdownSender {
    /// Tells all.
    pub fn send(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Whether the end was announced. A sender that is gone announces it too.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits until the end is announced.
    pub async fn requested(&mut self) {
        // An error means that the sender is gone, which is the end as well.
        let _ = self.0.wait_for(|requested| *requested).await;
    }

    /// Waits for `time`; `false` if the end is announced before it is over.
    pub async fn sleep(&mut self, time: Duration) -> bool {
        tokio::select! {
            () = self.requested() => false,
            () = tokio::time::sleep(time) => true,
        }
    }
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis().try_into().unwrap_or(u64::MAX))
}

/// Seconds since 1970.
pub fn now_s() -> u64 {
    now_ms() / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_bound() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
        let pauses: Vec<_> = (0..4).map(|_| backoff.pause().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 5]);
        backoff.reset();
        assert_eq!(backoff.pause().as_secs(), 1);
    }

    #[tokio::test]
    async fn a_pause_ends_early_when_the_worker_does() {
        let (sender, mut receiver) = shutdown();
        assert!(receiver.sleep(Duration::ZERO).await);
        assert!(!receiver.is_requested());
        sender.send();
        assert!(!receiver.sleep(Duration::from_secs(3600)).await);
        assert!(receiver.is_requested());
    }

    #[tokio::test]
    async fn a_worker_that_is_gone_is_one_that_ended() {
        let (sender, mut receiver) = shutdown();
        drop(sender);
        receiver.requested().await;
        assert!(receiver.is_requested());
    }
}
