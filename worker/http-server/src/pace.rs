//! How slowly a peer may send or read.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// How slowly a peer may send or read: for every `bytes_min` bytes it is waited
/// `wait_max` at most, all pauses together. What is shorter must be done within
/// that time. A bound on each pause alone would let a byte now and then hold a
/// connection for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The bytes.
    pub bytes_min: u64,
    /// The time spent waiting for them. What this side takes does not count.
    pub wait_max: Duration,
}

/// How much longer a peer is waited for.
pub(crate) struct Patience {
    pace: Pace,
    /// Waiting time that is left for the bytes that are due.
    left: Duration,
    /// Bytes that came since the time began to count.
    bytes: u64,
    /// Since when it is waited, and what ends the wait.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Patience {
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            left: pace.wait_max,
            bytes: 0,
            waiting: None,
        }
    }

    /// Notes that `bytes` bytes got through.
    pub fn moved(&mut self, bytes: usize) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes >= self.pace.bytes_min {
            self.bytes = 0;
            self.left = self.pace.wait_max;
        }
    }

    /// Waits on; ready when there is no patience left.
    pub fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let left = self.left;
        let (_, end) = self.waiting.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(sleep_until(now + left)))
        });
        end.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const PACE: Pace = Pace {
        bytes_min: 10,
        wait_max: Duration::from_secs(8),
    };

    /// Waits for bytes that come after so many seconds, again and again. How many
    /// seconds it took until patience was lost, if it was.
    async fn lost_after(pauses_s: &[u64], bytes: usize) -> Option<u64> {
        let start = Instant::now();
        let mut patience = Patience::new(PACE);
        for pause in pauses_s {
            tokio::select! {
                biased;
                () = poll_fn(|context| patience.poll_end(context)) => {
                    return Some(start.elapsed().as_secs());
                }
                () = tokio::time::sleep(Duration::from_secs(*pause)) => {}
            }
            patience.moved(bytes);
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_must_keep_pace() {
        let cases: [(&[u64], usize, Option<u64>, &str); 6] = [
            (&[100], 10, Some(8), "silence"),
            (&[7, 7, 7, 7], 10, None, "steady"),
            (&[1; 100], 1, Some(8), "a trickle"),
            (&[1; 100], 2, None, "just fast enough"),
            (&[3, 3, 3], 1, Some(8), "pauses add up"),
            (&[7], 0, None, "a pause that is short enough"),
        ];
        for (pauses_s, bytes, expected, what) in cases {
            assert_eq!(lost_after(pauses_s, bytes).await, expected, "{what}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_waits_does_not_count() {
        let mut patience = Patience::new(PACE);
        patience.moved(1);
        tokio::time::advance(Duration::from_secs(3_600)).await;
        let end = poll_fn(|context| patience.poll_end(context));
        assert!(
            tokio::time::timeout(Duration::from_secs(7), end)
                .await
                .is_err()
        );
    }
}
