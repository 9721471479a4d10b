//! Outputs of one request that may differ, and what they come to: which of them count,
//! and what goes into the outcome that they are merged into.

use std::collections::{BTreeMap, BTreeSet};

use phat_primitives::{CodeHash, WorkerId};
use phat_target::{KeyRead, Rollup};
use thiserror::Error;

use crate::{Policy, Record, rank};

/// The most outputs that are merged.
pub const OUTPUTS_MAX: usize = 16;

/// What one worker's run of a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The worker.
    pub worker: WorkerId,
    /// The code that it ran.
    pub code_hash: CodeHash,
    /// The height of the target chain's block at which the run has read state.
    pub state_block: u64,
    /// What it came to.
    pub rollup: Rollup,
}

/// What the outputs of one request are held against.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The request.
    pub record: &'a Record,
    /// The active workers of the cluster.
    pub members: &'a [WorkerId],
    /// How many outputs there must be.
    pub quorum: usize,
    /// How many workers, by rank, may have run the request by now.
    pub ranks: u64,
    /// The output of the worker that judges.
    pub own: &'a Output,
}

/// Why outputs are not merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Too few are there.
    #[error("there are {found} outputs, and at least {needed} are merged")]
    TooFew {
        /// So many are there.
        found: usize,
        /// So many must be.
        needed: usize,
    },
    /// Too many are there.
    #[error("there are {0} outputs, and at most {OUTPUTS_MAX} are merged")]
    TooMany(usize),
    /// They do not ascend by their workers, or one worker has two.
    #[error("the outputs are not in the order of their workers, one of each")]
    NotOrdered,
    /// The one of the worker that judges is not there as it gave it.
    #[error("the output of this worker is not among them as it is now")]
    OwnMissing,
    /// A worker is no member of the cluster.
    #[error("{0} is no active worker of the cluster")]
    NotMember(WorkerId),
    /// A worker's rank does not have it run the request yet.
    #[error("{0} does not run the request by its rank yet")]
    NotItsTurn(WorkerId),
    /// An output is of another request, code or block.
    #[error("the output of {0} is of another request, of other code, or has read another block")]
    Other(WorkerId),
}

impl Rules<'_> {
    /// Whether an output, whose signature is checked already, may be merged.
    pub fn accept(&self, output: &Output) -> Result<(), Refusal> {
        let worker = output.worker;
        let rank = rank(self.record.id, worker, self.members);
        if rank.ok_or(Refusal::NotMember(worker))? >= self.ranks {
            return Err(Refusal::NotItsTurn(worker));
        }
        let is_same = output.rollup.number == self.record.number
            && output.rollup.commitment == self.record.commitment
            && output.code_hash == self.own.code_hash
            && output.state_block == self.own.state_block;
        if is_same {
            Ok(())
        } else {
            Err(Refusal::Other(worker))
        }
    }

    /// Whether a list of outputs is one that the judging worker merges too.
    pub fn check(&self, outputs: &[Output]) -> Result<(), Refusal> {
        if outputs.len() > OUTPUTS_MAX {
            return Err(Refusal::TooMany(outputs.len()));
        }
        if outputs.len() < self.quorum {
            return Err(Refusal::TooFew {
                found: outputs.len(),
                needed: self.quorum,
            });
        }
        let mut pairs = outputs.windows(2);
        if pairs.any(|pair| pair[0].worker >= pair[1].worker) {
            return Err(Refusal::NotOrdered);
        }
        if !outputs.contains(self.own) {
            return Err(Refusal::OwnMissing);
        }
        outputs.iter().try_for_each(|output| self.accept(output))
    }
}

/// How many workers, by rank, run a request of which several must at once, when the
/// target chain is at `head`: one more after each time that a takeover takes.
pub fn ranks_running(record: &Record, head: u64, of: u32, policy: &Policy) -> u64 {
    let waited = head.saturating_sub(record.block);
    let turns = waited / policy.takeover_blocks.max(1);
    u64::from(of).saturating_add(turns)
}

/// What outputs come to, by their places in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The contract merges those of the runs that succeeded.
    Outputs(Vec<usize>),
    /// Too many runs failed. This failure is settled.
    Failure(usize),
}

/// What a list of outputs comes to; `None` if neither as many runs as `quorum` have
/// succeeded nor as many have failed. Of failures, the one counts that most have, and of
/// several the first.
pub fn merge(outputs: &[Output], quorum: usize) -> Option<Merge> {
    let places = |success: bool| -> Vec<usize> {
        let places = outputs.iter().enumerate();
        places
            .filter(|(_, output)| output.rollup.success == success)
            .map(|(place, _)| place)
            .collect()
    };
    let succeeded = places(true);
    if succeeded.len() >= quorum {
        return Some(Merge::Outputs(succeeded));
    }
    let failed = places(false);
    if failed.len() < quorum {
        return None;
    }
    let text = |place: usize| outputs.get(place).map(|output| &output.rollup.output);
    let count = |place: usize| {
        let same = failed.iter().filter(|other| text(**other) == text(place));
        same.count()
    };
    // The first of the most common: `max_by_key` would take the last.
    let first = failed.iter().rev().copied();
    first.max_by_key(|place| count(*place)).map(Merge::Failure)
}

/// The keys, with their versions, that at least `quorum` of the outputs have read: what
/// fewer say, a liar may have made up. Of a key in two versions, the one counts that most
/// have read, and of several the lowest.
pub fn agreed_reads(outputs: &[Output], quorum: usize) -> Vec<KeyRead> {
    let mut counts = BTreeMap::<(&[u8], u64), usize>::new();
    for output in outputs {
        let reads = output.rollup.reads.iter();
        let reads: BTreeSet<_> = reads.map(|read| (&read.key[..], read.version)).collect();
        for read in reads {
            let count = counts.entry(read).or_default();
            *count = count.saturating_add(1);
        }
    }
    let mut agreed = BTreeMap::<&[u8], (usize, u64)>::new();
    for ((key, version), count) in counts {
        let known = agreed.get(key).map_or(0, |(known, _)| *known);
        if count >= quorum && count > known {
            agreed.insert(key, (count, version));
        }
    }
    let reads = agreed.into_iter();
    reads
        .map(|(key, (_, version))| KeyRead {
            key: key.to_vec(),
            version,
        })
        .collect()
}
