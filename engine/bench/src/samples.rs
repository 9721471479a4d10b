//! Many measurements of the same thing.

use std::time::Duration;

/// Times, of which there is at least one once something was measured.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Adds one.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time within which so many of a hundred are; zero if nothing was measured.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut times = self.0.clone();
        times.sort_unstable();
        // The nearest rank, which counts from 1.
        let rank = (times.len() * percent).div_ceil(100);
        let index = rank.saturating_sub(1);
        times.get(index).copied().unwrap_or_default()
    }

    /// The time within which half of them are; zero if nothing was measured.
    pub fn median(&self) -> Duration {
        self.percentile(50)
    }

    /// How many times as long as `other` the same work takes: the median over pairs
    /// that were measured one after the other, so that what slows both cancels out.
    pub fn ratio_to(&self, other: &Self) -> f64 {
        let mut ratios: Vec<_> = self
            .0
            .iter()
            .zip(&other.0)
            .map(|(this, other)| this.as_secs_f64() / other.as_secs_f64())
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let index = ratios.len().div_ceil(2).saturating_sub(1);
        ratios.get(index).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(micros: impl IntoIterator<Item = u64>) -> Samples {
        Samples(micros.into_iter().map(Duration::from_micros).collect())
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let check = |samples: &Samples, percent, micros| {
            assert_eq!(samples.percentile(percent), Duration::from_micros(micros));
        };
        let hundreds = samples((1..=200).rev());
        check(&hundreds, 50, 100);
        check(&hundreds, 99, 198);
        check(&hundreds, 100, 200);
        check(&samples([7]), 50, 7);
        check(&samples([7]), 99, 7);
        check(&samples([3, 1, 2]), 50, 2);
        check(&samples([]), 99, 0);
        assert_eq!(hundreds.count(), 200);
    }

    #[test]
    fn ratios_are_of_pairs() {
        // The second pair was measured while the machine was ten times as slow.
        let (slow, quick) = (samples([30, 300, 31]), samples([20, 200, 20]));
        assert_eq!(slow.ratio_to(&quick), 1.5);
        assert!(samples([]).ratio_to(&quick).is_nan());
    }
}
