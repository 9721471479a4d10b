//! What is measured of anchors.

use std::fmt;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The gas of transactions, as their receipts tell it.
    pub gas: Gas,
    /// From the block of a request to that of its settlement, in blocks: the median over requests
    /// that were made one after the other.
    pub blocks_to_settle_p50: u64,
    /// Settlements a second, of requests that were all made at once, with one worker.
    pub settled_per_s_1_worker: f64,
    /// The same with three workers.
    pub settled_per_s_3_workers: f64,
    /// How many requests were made at once, with each number of workers.
    pub requests: usize,
    /// How many were made one after the other, with each number of workers.
    pub requests_one_by_one: usize,
    /// The time between two blocks, in seconds.
    pub block_s: u64,
    /// The EVM node and its version.
    pub anvil: String,
    /// The processors that all programs share.
    pub processors: usize,
}

/// What transactions cost at both anchors, where the consumers do the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gas {
    /// The lean anchor, inherited.
    pub lean: LeanGas,
    /// The older rollup interface.
    pub legacy: LegacyGas,
}

/// What the lean anchor costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LeanGas {
    /// A request.
    pub request: u64,
    /// A settlement by itself.
    pub settle: u64,
    /// A settlement among four in a batch, rounded up.
    pub settle_batch_4_each: u64,
    /// The same among sixteen.
    pub settle_batch_16_each: u64,
    /// The same among sixty-four.
    pub settle_batch_64_each: u64,
}

/// What the older interface costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LegacyGas {
    /// A request.
    pub request: u64,
    /// A settlement that the attestor signs and a relay account pays for, as at the lean anchor:
    /// a meta-transaction, which is what workers send.
    pub settle: u64,
    /// A settlement by a relay account that is an attestor itself.
    pub settle_direct: u64,
}

/// A part of the gas of a transaction that does several things, rounded up.
pub fn each(gas: u64, count: u64) -> Result<u64> {
    ensure!(count > 0, "a transaction that does nothing was measured");
    Ok(gas.div_ceil(count))
}

/// The value within which so many of a hundred are.
pub fn percentile(values: &mut [u64], percent: usize) -> Result<u64> {
    values.sort_unstable();
    // The nearest rank, which counts from 1.
    let rank = (values.len() * percent).div_ceil(100);
    let value = values.get(rank.saturating_sub(1)).copied();
    value.context("nothing was measured")
}

/// How many a second.
pub fn per_second(count: usize, seconds: u64) -> Result<f64> {
    ensure!(
        seconds > 0,
        "all was settled within a second, which blocks cannot tell: make more --requests"
    );
    Ok(count as f64 / seconds as f64)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Gas { lean, legacy } = &self.gas;
        let rows = [
            ("request", Some(lean.request), Some(legacy.request)),
            ("settlement", Some(lean.settle), Some(legacy.settle)),
            ("each of 4 in a batch", Some(lean.settle_batch_4_each), None),
            (
                "each of 16 in a batch",
                Some(lean.settle_batch_16_each),
                None,
            ),
            (
                "each of 64 in a batch",
                Some(lean.settle_batch_64_each),
                None,
            ),
            (
                "sent by the attestor itself",
                None,
                Some(legacy.settle_direct),
            ),
        ];
        let shown = |gas: Option<u64>| gas.map(|gas| gas.to_string()).unwrap_or_default();
        writeln!(f, "gas                                lean    older")?;
        for (what, lean, legacy) in rows {
            writeln!(f, "{what:<30} {:>8} {:>8}", shown(lean), shown(legacy))?;
        }
        writeln!(
            f,
            "\nblocks to settle, median       {}",
            self.blocks_to_settle_p50
        )?;
        writeln!(
            f,
            "settled a second               {:.1} by 1 worker, {:.1} by 3 workers",
            self.settled_per_s_1_worker, self.settled_per_s_3_workers
        )?;
        writeln!(
            f,
            "measured                       {} requests at once and {} one after the other, \
             blocks every {} s, {}, {} processors",
            self.requests, self.requests_one_by_one, self.block_s, self.anvil, self.processors
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn figures() -> Figures {
        Figures {
            gas: Gas {
                lean: LeanGas {
                    request: 1001,
                    settle: 1002,
                    settle_batch_4_each: 1003,
                    settle_batch_16_each: 1004,
                    settle_batch_64_each: 1005,
                },
                legacy: LegacyGas {
                    request: 1006,
                    settle: 1007,
                    settle_direct: 1008,
                },
            },
            blocks_to_settle_p50: 9,
            settled_per_s_1_worker: 10.2,
            settled_per_s_3_workers: 11.5,
            requests: 12,
            requests_one_by_one: 13,
            block_s: 14,
            anvil: "anvil/v0".into(),
            processors: 15,
        }
    }

    #[test]
    fn the_json_has_the_names_that_are_documented() {
        let found: Value = serde_json::to_value(figures()).unwrap();
        let gas = json!({
            "lean": {
                "request": 1001,
                "settle": 1002,
                "settle_batch_4_each": 1003,
                "settle_batch_16_each": 1004,
                "settle_batch_64_each": 1005,
            },
            "legacy": { "request": 1006, "settle": 1007, "settle_direct": 1008 },
        });
        assert_eq!(found["gas"], gas);
        assert_eq!(found["blocks_to_settle_p50"], 9);
        assert_eq!(found["settled_per_s_1_worker"], 10.2);
        assert_eq!(found["settled_per_s_3_workers"], 11.5);
    }

    #[test]
    fn lines_for_people_have_every_figure() {
        let text = figures().to_string();
        let words: Vec<_> = text.split_whitespace().collect();
        for number in (1001..=1008).chain(9..=9).chain(12..=13) {
            assert!(words.contains(&number.to_string().as_str()), "{text}");
        }
        assert!(text.contains("10.2 by 1 worker, 11.5 by 3"), "{text}");
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let check = |values: &[u64], percent, expected| {
            assert_eq!(percentile(&mut values.to_vec(), percent).unwrap(), expected);
        };
        check(&[3, 1, 2], 50, 2);
        check(&[4, 1, 3, 2], 50, 2);
        check(&[7], 50, 7);
        check(&[7], 99, 7);
        check(&(1..=200).rev().collect::<Vec<_>>(), 99, 198);
        assert!(percentile(&mut [], 50).is_err());
    }

    #[test]
    fn a_part_is_rounded_up_and_nothing_is_no_measurement() {
        assert_eq!(each(100, 4).unwrap(), 25);
        assert_eq!(each(101, 4).unwrap(), 26);
        assert!(each(100, 0).is_err());
        assert_eq!(per_second(300, 12).unwrap(), 25.0);
        let error = per_second(300, 0).unwrap_err().to_string();
        assert!(error.contains("--requests"), "{error}");
    }
}
