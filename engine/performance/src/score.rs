//! How fast a machine is.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use phat_workload::Seed;

use crate::{Instance, Machine, MachineError};

/// The time that scores are of: a machine's performance P is its iterations in this time.
pub const SCORE_TIME: Duration = Duration::from_secs(6);

/// How a machine did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Iterations that were done.
    pub iterations: u64,
    /// In how long.
    pub elapsed: Duration,
}

impl Score {
    /// Iterations per [`SCORE_TIME`], rounded down: the performance P.
    pub fn p(&self) -> u64 {
        let iterations = u128::from(self.iterations) * SCORE_TIME.as_micros();
        let p = iterations.checked_div(self.elapsed.as_micros());
        p.unwrap_or(0).try_into().unwrap_or(u64::MAX)
    }
}

/// Has `threads` threads, at least one, do iterations for `time`. An iteration that has begun is
/// finished, and its time counts.
pub fn score(machine: &Machine, threads: usize, time: Duration) -> Result<Score, MachineError> {
    let instances = (0..threads.max(1)).map(|_| machine.instance());
    let instances = instances.collect::<Result<Vec<_>, _>>()?;
    let is_over = AtomicBool::new(false);
    let started = Instant::now();
    let counts = thread::scope(|scope| {
        let threads: Vec<_> = (0u32..)
            .zip(instances)
            .map(|(number, instance)| {
                let is_over = &is_over;
                scope.spawn(move || count(instance, number, is_over))
            })
            .collect();
        thread::sleep(time);
        is_over.store(true, Ordering::Relaxed);
        // A thread that panicked has done nothing.
        let counts = threads.into_iter().map(|one| one.join().unwrap_or(Ok(0)));
        counts.collect::<Result<Vec<u64>, _>>()
    })?;
    Ok(Score {
        iterations: counts.iter().sum(),
        elapsed: started.elapsed(),
    })
}

/// Does iterations until it is over, and counts them.
fn count(mut instance: Instance, number: u32, is_over: &AtomicBool) -> Result<u64, MachineError> {
    let mut worker = [0; 32];
    worker[..4].copy_from_slice(&number.to_le_bytes());
    let seed = Seed::of_benchmark(&worker, &[0; 32]);
    let mut done = 0u32;
    while !is_over.load(Ordering::Relaxed) {
        instance.iteration_root(&seed, done)?;
        done = done.saturating_add(1);
    }
    Ok(done.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_of_six_seconds() {
        let score = |iterations, milliseconds| {
            let elapsed = Duration::from_millis(milliseconds);
            Score {
                iterations,
                elapsed,
            }
            .p()
        };
        assert_eq!(score(300, 6_000), 300);
        assert_eq!(score(300, 3_000), 600);
        assert_eq!(score(299, 12_000), 149);
        assert_eq!(score(300, 0), 0);
        assert_eq!(score(u64::MAX, 1), u64::MAX);
    }

    #[test]
    fn every_thread_does_its_part() {
        let machine = Machine::new().unwrap();
        let score = score(&machine, 3, Duration::ZERO).unwrap();
        // Each may have begun before it was over, and does one iteration at most after.
        assert!(score.iterations <= 3, "{score:?}");
        let score = super::score(&machine, 2, Duration::from_millis(500)).unwrap();
        assert!(score.iterations >= 2, "{score:?}");
        assert!(score.elapsed >= Duration::from_millis(500));
    }
}
