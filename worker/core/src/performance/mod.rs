//! What a worker does to show its performance.
//!
//! The chain says what a worker is to do: its benchmark, the iterations of its session, an answer
//! to a challenge. [`next`] looks at what the chain has ([`Seen`]) and at what the worker has signed
//! and not yet seen there ([`Statement`]), and says what to do now; [`purpose`] says which
//! iterations the processors do meanwhile, and [`may_iterate`] how many of them, so that runs of
//! contracts come first.
//!
//! What is signed is kept before it is sent, and sent again until the chain has it: a worker that
//! is killed in between never signs two things about the same work.

use phat_primitives::{
    WorkerId,
    heartbeat::{BenchmarkProof, BenchmarkReport, Heartbeat},
};
use phat_workload::{Commitment, Seed};

#[cfg(test)]
mod tests;

/// What the chain has of a worker at a finalised block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The number of the block.
    pub block: u64,
    /// The worker's session, if it is in one.
    pub session: Option<Session>,
    /// The benchmark that is under way, or has failed.
    pub benchmark: Option<Benchmark>,
    /// The performance that the worker has shown last: iterations in six seconds.
    pub score: Option<u32>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub number: u32,
    /// Whether it runs; if not, it cools down.
    pub is_running: bool,
    /// The randomness that seeds what the worker does now.
    pub randomness: [u8; 32],
    /// What the worker has committed to in its last answer, if it gave one.
    pub committed: Option<Committed>,
    /// The challenge that is to be answered.
    pub challenge: Option<Challenge>,
}

/// What a worker has committed to and not shown yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The randomness that seeded it.
    pub randomness: [u8; 32],
    /// What it is.
    pub commitment: Commitment,
}

/// A challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Its block.
    pub at: u32,
    /// What it draws with, and what seeds the iterations after it.
    pub randomness: [u8; 32],
    /// Whether the time for an answer is over, and the worker unresponsive until it gives one.
    pub is_missed: bool,
}

/// A benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Benchmark {
    /// The block that it began in.
    pub begun_at: u32,
    /// The randomness that seeds its iterations.
    pub randomness: [u8; 32],
    /// How far it is.
    pub stage: Stage,
}

/// How far a benchmark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The worker does its iterations.
    Running {
        /// The first block that they may be reported in.
        due_at: u64,
    },
    /// It has said what it did.
    Reported {
        /// This.
        commitment: Commitment,
        /// The randomness that draws what is to be opened, once it is known.
        draw: Option<[u8; 32]>,
    },
    /// What was opened did not show it.
    Failed,
}

/// What iterations are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// For a benchmark that began with this randomness.
    Benchmark([u8; 32]),
    /// For a session.
    Session {
        /// Its number.
        number: u32,
        /// The randomness of its start, or of the challenge that was answered last.
        randomness: [u8; 32],
    },
}

impl Purpose {
    /// What a worker's iterations start from.
    pub fn seed(&self, worker: &WorkerId) -> Seed {
        match self {
            Self::Benchmark(randomness) => Seed::of_benchmark(&worker.0, randomness),
            Self::Session { number, randomness } => {
                Seed::of_session(&worker.0, *number, randomness)
            }
        }
    }
}

/// What a worker has signed and the chain may not have yet.
#[derive(Clone, Debug, PartialEq, Eq, codec::Encode, codec::Decode)]
pub enum Statement {
    /// An answer to a challenge, with the randomness of it.
    Heartbeat(Box<Heartbeat>, [u8; 32]),
    /// What was done in a benchmark.
    Report(BenchmarkReport),
    /// What shows that it was done.
    Proof(BenchmarkProof),
}

impl Statement {
    /// The bytes to sign on the chain whose first block has this hash.
    pub fn signing_payload(&self, genesis_hash: &[u8; 32]) -> Vec<u8> {
        match self {
            Self::Heartbeat(heartbeat, _) => heartbeat.signing_payload(genesis_hash),
            Self::Report(report) => report.signing_payload(genesis_hash),
            Self::Proof(proof) => proof.signing_payload(genesis_hash),
        }
    }

    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Heartbeat(..) => "heartbeat",
            Self::Report(_) => "benchmark report",
            Self::Proof(_) => "benchmark proof",
        }
    }

    /// Whether the chain still waits for it.
    pub fn is_awaited(&self, seen: &Seen) -> bool {
        match self {
            Self::Heartbeat(heartbeat, _) => seen.running().is_some_and(|session| {
                let challenged_at = session.challenge.map(|challenge| challenge.at);
                session.number == heartbeat.session
                    && challenged_at == Some(heartbeat.challenged_at)
            }),
            Self::Report(report) => seen.benchmark.is_some_and(|benchmark| {
                benchmark.begun_at == report.begun_at
                    && matches!(benchmark.stage, Stage::Running { .. })
            }),
            Self::Proof(proof) => seen.benchmark.is_some_and(|benchmark| {
                benchmark.begun_at == proof.begun_at
                    && matches!(benchmark.stage, Stage::Reported { .. })
            }),
        }
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing but the iterations.
    Wait,
    /// Send what was signed.
    Send,
    /// Commit to the iterations of the session since the last answer, open all that the challenge
    /// draws of the commitment before, and sign and send both.
    Answer(Session, Challenge),
    /// Commit to the iterations of the benchmark, and sign and send it.
    Report(Benchmark),
    /// Open what is drawn of the benchmark's commitment, and sign and send it.
    Prove {
        /// The benchmark.
        benchmark: Benchmark,
        /// What was committed to.
        commitment: Commitment,
        /// What draws.
        draw: [u8; 32],
    },
}

impl Seen {
    /// The session, if it runs.
    pub fn running(&self) -> Option<&Session> {
        self.session.as_ref().filter(|session| session.is_running)
    }
}

/// What to do now. `signed` is what was signed last, if anything; `iterations` is the number of
/// those that were done for [`purpose`].
pub fn next(seen: &Seen, signed: Option<&Statement>, iterations: u32) -> Action {
    if signed.is_some_and(|statement| statement.is_awaited(seen)) {
        return Action::Send;
    }
    // A worker that is in a session needs no benchmark to start one.
    if let Some(session) = seen.running() {
        return match session.challenge {
            Some(challenge) => Action::Answer(session.clone(), challenge),
            None => Action::Wait,
        };
    }
    let Some(benchmark) = seen.benchmark else {
        return Action::Wait;
    };
    match benchmark.stage {
        // The chain takes no report of nothing.
        Stage::Running { due_at } if seen.block >= due_at && iterations > 0 => {
            Action::Report(benchmark)
        }
        Stage::Reported {
            commitment,
            draw: Some(draw),
        } => Action::Prove {
            benchmark,
            commitment,
            draw,
        },
        Stage::Running { .. } | Stage::Reported { draw: None, .. } | Stage::Failed => Action::Wait,
    }
}

/// Which iterations are to be done, if any. An answer that was signed is counted as given.
pub fn purpose(seen: &Seen, signed: Option<&Statement>) -> Option<Purpose> {
    let awaited = signed.filter(|statement| statement.is_awaited(seen));
    if let Some(session) = seen.running() {
        let randomness = match awaited {
            Some(Statement::Heartbeat(_, randomness)) => *randomness,
            _ => session.randomness,
        };
        return Some(Purpose::Session {
            number: session.number,
            randomness,
        });
    }
    let benchmark = seen.benchmark?;
    let is_running = matches!(benchmark.stage, Stage::Running { .. });
    (is_running && awaited.is_none()).then_some(Purpose::Benchmark(benchmark.randomness))
}

/// Whether thread number `thread` of `threads` that do iterations may do one now, while runs of
/// contracts compute on `busy` processors. Each of these takes the place of one thread, the last
/// one first.
pub fn may_iterate(thread: usize, threads: usize, busy: usize) -> bool {
    thread < threads.saturating_sub(busy)
}

/// What a worker says that it has done in its session so far. `counted` is what it said before, if
/// it has not been started anew since: then it counts from zero again.
pub fn iterations_in_session(counted: Option<(u32, u64)>, session: u32, more: u32) -> u64 {
    let before = counted
        .filter(|(number, _)| *number == session)
        .map_or(0, |(_, iterations)| iterations);
    before.saturating_add(u64::from(more))
}
