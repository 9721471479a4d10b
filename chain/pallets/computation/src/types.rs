//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, pallet_prelude::ConstU32};
use phat_primitives::WorkerId;
use phat_tokenomics::{Fixed, WorkerPhase, WorkerState, final_stake};
use phat_workload::Commitment;
use scale_info::TypeInfo;

use crate::CHALLENGES_PER_BLOCK_MAX;

/// The workers whose challenges are to be answered by the same block.
pub type Expiring = BoundedVec<WorkerId, ConstU32<CHALLENGES_PER_BLOCK_MAX>>;

/// A worker's session: from its start until its stake is reclaimed.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Session<AccountId> {
    /// Its number. No two sessions have the same.
    pub number: u32,
    /// Whose stake it is, and who is paid.
    pub beneficiary: AccountId,
    /// What is held of the beneficiary's balance, in units of 10⁻¹² PHA.
    pub stake: u128,
    /// Its Value Promise and what goes with it, as of its last event.
    pub state: WorkerState,
    /// Whether it runs.
    pub phase: Phase,
    /// How many iterations the worker said that it had done, at its last heartbeat.
    pub iterations: u64,
    /// The iterations that the worker does now, and those that it has still to show.
    pub work: Work,
    /// The block of the last challenge, or of the start.
    pub challenged_at: u32,
}

impl<AccountId> Session<AccountId> {
    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Running { .. })
    }

    /// Whether it runs, and its worker answers.
    pub fn is_idle(&self) -> bool {
        self.state.state == WorkerPhase::Idle
    }

    /// What comes back of the stake at this V.
    pub fn returned_at(&self, v: Fixed) -> u128 {
        final_stake(self.stake, v, self.state.v_initial).min(self.stake)
    }
}

/// Whether a session runs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Phase {
    /// It does.
    Running {
        /// Its place in the list of running sessions.
        place: u32,
    },
    /// It was stopped.
    CoolingDown {
        /// When the stake may be reclaimed, in seconds since 1970.
        until: u64,
    },
}

/// The iterations that a worker does now, and those that it has still to show.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Work {
    /// The randomness that the iterations are seeded with which the worker does now.
    pub randomness: [u8; 32],
    /// When it became known, in milliseconds since 1970.
    pub since_ms: u64,
    /// What the worker has committed to at its last heartbeat, if there was one.
    pub committed: Option<Committed>,
}

/// Iterations that a worker has committed to and not yet shown.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Committed {
    /// The randomness that they are seeded with.
    pub randomness: [u8; 32],
    /// How many, and the root over them.
    pub commitment: Commitment,
    /// The time that the worker had for them, in milliseconds.
    pub elapsed_ms: u64,
}

/// A challenge that is to be answered.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ChallengeInfo {
    /// Its block.
    pub challenged_at: u32,
    /// The randomness of it, which draws what is opened and seeds the iterations after it.
    pub randomness: [u8; 32],
    /// Its time, in milliseconds since 1970.
    pub challenged_at_ms: u64,
    /// The last block in which it is answered in time.
    pub deadline: u32,
    /// Whether that block has gone by. The answer then brings the worker back.
    pub missed: bool,
}

/// A benchmark that is under way, or has failed.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BenchmarkRun {
    /// The block that it began in.
    pub begun_at: u32,
    /// When its randomness became known, in milliseconds since 1970.
    pub begun_at_ms: u64,
    /// The randomness that its iterations are seeded with.
    pub randomness: [u8; 32],
    /// How far it is.
    pub stage: Stage,
}

/// How far a benchmark is.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Stage {
    /// The worker does its iterations.
    Running,
    /// It has said what it did, and has to show it.
    Reported {
        /// What it did.
        commitment: Commitment,
        /// In what time, in milliseconds.
        elapsed_ms: u64,
        /// The block whose noted randomness draws what is to be opened.
        drawn_at: u32,
    },
    /// What it opened was not what it had said, or it left before it had shown it.
    Failed,
}

/// A benchmark that was shown.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Benchmark {
    /// The performance: iterations in six seconds.
    pub p: u32,
    /// The block that it was shown in.
    pub proven_at: u32,
    /// The time of that block, in seconds since 1970.
    pub proven_at_s: u64,
}

/// What one PHA costs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Price {
    /// φ, in US dollars. Not zero.
    pub usd: Fixed,
    /// The block that it was said in.
    pub set_at: u32,
}

/// What governance decides besides the parameters of the tokenomics.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Settings {
    /// The most workers that one block challenges, at most [`CHALLENGES_PER_BLOCK_MAX`].
    pub challenges_per_block: u32,
    /// The fewest blocks between two challenges of a worker.
    pub challenge_gap_blocks: u32,
    /// How long a stake stays held after its session was stopped, in seconds.
    pub cool_down_s: u64,
    /// The fewest blocks that a benchmark takes.
    pub benchmark_blocks: u32,
    /// How long a benchmark counts, in seconds.
    pub benchmark_life_s: u64,
    /// How long a worker that did not show its benchmark waits for the next, in seconds.
    pub benchmark_gap_s: u64,
    /// The number of blocks after which the budget falls.
    pub budget_period_blocks: u32,
    /// For how many blocks a price of PHA counts. 0 for ever.
    pub price_life_blocks: u32,
}

/// Why a worker was found at fault. Its level says how much of V that costs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum FaultCause {
    /// A receipt of it was proved wrong.
    Receipt,
    /// It opened what it had not committed to, or had committed to what it did not do.
    Work,
    /// Governance says so.
    Reported,
}
