//! How long blocks take, and how much of the state they need.
//!
//! Blocks are run natively, one after the other on one thread, from a state that is in memory as a
//! trie, without a cache. So what is measured is the work of the runtime with the walks through the
//! trie, and neither a disk nor the WebAssembly that a node runs.

mod pools;
mod seed;
mod sessions;

use std::time::Instant;

use codec::Encode;
use phat_runtime::Block;
use serde_json::{Value, json};

use crate::Chain;

pub use seed::CHECKED_WORKERS_MAX;

/// How often each block is run. Its time is the median.
const RUNS: usize = 3;

const MILLIS_PER_SECOND: f64 = 1e3;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many workers are in sessions, one chain for each number.
    pub workers: Vec<u32>,
    /// How many delegators a pool has, one chain for each number.
    pub delegators: Vec<u32>,
    /// How many blocks of a kind there are.
    pub blocks: u32,
}

/// What blocks of one kind took.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What is in them.
    pub what: &'static str,
    /// The name of what there is more or less of: workers or delegators.
    pub of: &'static str,
    /// How many of these there are.
    pub count: u32,
    /// How often a block has what is measured.
    pub each: u32,
    /// The median of the times of the blocks, in milliseconds.
    pub block_ms_p50: f64,
    /// What 99 of 100 blocks took at the most, in milliseconds.
    pub block_ms_p99: f64,
    /// The median of the bytes of the nodes of the trie that a block needs.
    pub proof_bytes: usize,
    /// The median of the numbers of keys of the state that a block looks at.
    pub storage_reads: usize,
}

impl Row {
    /// As JSON, with the numbers that the rows of different chains have in common.
    pub fn to_json(&self) -> Value {
        json!({
            "what": self.what,
            (self.of): self.count,
            "each": self.each,
            "block_ms_p50": self.block_ms_p50,
            "block_ms_p99": self.block_ms_p99,
            "proof_bytes": self.proof_bytes,
            "storage_reads": self.storage_reads,
        })
    }
}

/// Measures all of it, telling `say` what it is at.
pub fn run(plan: &Plan, say: &mut dyn FnMut(&str)) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for workers in &plan.workers {
        say(&format!(
            "Making a chain with {workers} workers in sessions"
        ));
        let mut network = seed::Network::new(*workers)?;
        say("Measuring its blocks");
        rows.extend(sessions::measure(&mut network, plan.blocks)?);
    }
    for delegators in &plan.delegators {
        say(&format!("Measuring a pool with {delegators} delegators"));
        rows.extend(pools::measure(*delegators, plan.blocks)?);
    }
    Ok(rows)
}

/// What one block took.
struct Sample {
    block_ms: f64,
    proof_bytes: usize,
    storage_reads: usize,
}

/// Runs the block that was just made, on the state that it was made on, and keeps what it did.
fn measure(chain: &mut Chain, block: &Block) -> Sample {
    chain.discard();
    let recorder = chain.execute_recorded(block.clone());
    let keys = recorder.recorded_keys();
    let storage_reads = keys.values().map(|keys| keys.len()).sum();
    let proof_bytes = recorder.to_storage_proof().encoded_size();
    let mut times = [0.0; RUNS];
    for time in &mut times {
        chain.discard();
        let block = block.clone();
        let started = Instant::now();
        chain.execute(block);
        *time = started.elapsed().as_secs_f64() * MILLIS_PER_SECOND;
    }
    chain.follow(block);
    chain.take_events();
    Sample {
        block_ms: percentile(&mut times, 50),
        proof_bytes,
        storage_reads,
    }
}

/// The row of these blocks.
fn row(
    what: &'static str,
    (of, count): (&'static str, u32),
    each: u32,
    samples: &[Sample],
) -> anyhow::Result<Row> {
    anyhow::ensure!(!samples.is_empty(), "no blocks with {what} were measured");
    let mut times: Vec<_> = samples.iter().map(|sample| sample.block_ms).collect();
    let median = |number: fn(&Sample) -> usize| {
        let mut numbers: Vec<_> = samples.iter().map(number).collect();
        numbers.sort_unstable();
        numbers[numbers.len() / 2]
    };
    Ok(Row {
        what,
        of,
        count,
        each,
        block_ms_p50: percentile(&mut times, 50),
        block_ms_p99: percentile(&mut times, 99),
        proof_bytes: median(|sample| sample.proof_bytes),
        storage_reads: median(|sample| sample.storage_reads),
    })
}

/// The value within which so many of a hundred are, of the nearest rank. There is one at least.
fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100);
    values[rank.saturating_sub(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_percentiles_of_its_blocks() {
        let samples: Vec<_> = (1..=200u32)
            .map(|number| Sample {
                block_ms: f64::from(number),
                proof_bytes: number as usize,
                storage_reads: 7,
            })
            .collect();
        let found = row("nothing", ("workers", 5), 0, &samples).expect("there are blocks");
        assert_eq!((found.block_ms_p50, found.block_ms_p99), (100.0, 198.0));
        assert_eq!((found.proof_bytes, found.storage_reads), (101, 7));
        assert_eq!(found.to_json()["workers"], 5);
        assert!(row("nothing", ("workers", 5), 0, &[]).is_err());
    }
}
