//! The performance of workers: their sessions, benchmarks and heartbeats.

use phat_primitives::{
    AccountBytes, WorkerId,
    heartbeat::{BenchmarkProof, BenchmarkReport, Heartbeat},
};
use phat_workload::Commitment;
use subxt::utils::{AccountId32, Static};

use crate::{
    ChainClient, ChainError, Included, State,
    answer::in_time,
    api::{
        self,
        runtime_types::pallet_computation::types::{
            BenchmarkRun as StoredBenchmark, ChallengeInfo as StoredChallenge,
            Phase as StoredPhase, Session as StoredSession, Stage as StoredStage,
        },
    },
    state::read,
};

/// What the chain has of a worker's performance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerPerformance {
    /// Its session, until the stake is reclaimed.
    pub session: Option<WorkerSession>,
    /// The benchmark that is under way, or has failed.
    pub benchmark: Option<BenchmarkRun>,
    /// The newest performance that it has shown.
    pub score: Option<BenchmarkScore>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSession {
    /// Its number.
    pub number: u32,
    /// Whose stake it is, and who is paid.
    pub beneficiary: AccountBytes,
    /// What is held, in units of 10⁻¹² PHA.
    pub stake: u128,
    /// Whether it runs.
    pub phase: SessionPhase,
    /// How many iterations the worker said at its last heartbeat that it had done.
    pub iterations: u64,
    /// The randomness that seeds the iterations which the worker does now.
    pub randomness: [u8; 32],
    /// What it has committed to at its last heartbeat.
    pub committed: Option<CommittedWork>,
    /// The challenge that is to be answered.
    pub challenge: Option<HeartbeatChallenge>,
}

/// Whether a session runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionPhase {
    /// It does.
    Running,
    /// It was stopped.
    CoolingDown {
        /// When the stake may be reclaimed, in seconds since 1970.
        until_s: u64,
    },
}

/// Iterations that a worker has committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommittedWork {
    /// The randomness that they are seeded with.
    pub randomness: [u8; 32],
    /// How many, and the root over them.
    pub commitment: Commitment,
}

/// A challenge to give a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeartbeatChallenge {
    /// The number of its block.
    pub challenged_at: u32,
    /// What draws, and what seeds the iterations after it.
    pub randomness: [u8; 32],
    /// The number of the last block in which it is answered in time.
    pub deadline: u32,
    /// Whether that block has gone by.
    pub is_missed: bool,
}

/// A benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BenchmarkRun {
    /// The number of the block that it began in.
    pub begun_at: u32,
    /// The randomness that its iterations are seeded with.
    pub randomness: [u8; 32],
    /// How far it is.
    pub stage: BenchmarkStage,
}

/// How far a benchmark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchmarkStage {
    /// The worker does its iterations.
    Running {
        /// The fewest blocks that this takes.
        blocks_min: u32,
    },
    /// It has said what it did.
    Reported {
        /// This.
        commitment: Commitment,
        /// The randomness that draws what is to be opened, while the chain knows it.
        draw: Option<[u8; 32]>,
    },
    /// What it opened did not show it.
    Failed,
}

/// A performance that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BenchmarkScore {
    /// Iterations in six seconds.
    pub p: u32,
    /// The number of the block that it was shown in.
    pub proven_at: u32,
}

impl State {
    /// What the chain has of a worker's performance.
    pub async fn performance(&self, worker: &WorkerId) -> Result<WorkerPerformance, ChainError> {
        let session = read!(
            self,
            api::storage().computation().worker_sessions(),
            Static(*worker)
        );
        let challenge = match session {
            Some(_) => read!(
                self,
                api::storage().computation().open_challenges(),
                Static(*worker)
            ),
            None => None,
        };
        let benchmark = read!(
            self,
            api::storage().computation().benchmark_runs(),
            Static(*worker)
        );
        let score = read!(
            self,
            api::storage().computation().benchmarks(),
            Static(*worker)
        );
        Ok(WorkerPerformance {
            session: session.map(|session| worker_session(session, challenge)),
            benchmark: match benchmark {
                Some(stored) => Some(self.benchmark_run(stored).await?),
                None => None,
            },
            score: score.map(|score| BenchmarkScore {
                p: score.p,
                proven_at: score.proven_at,
            }),
        })
    }

    async fn benchmark_run(&self, stored: StoredBenchmark) -> Result<BenchmarkRun, ChainError> {
        let stage = match stored.stage {
            StoredStage::Running => BenchmarkStage::Running {
                blocks_min: self.benchmark_blocks().await?,
            },
            StoredStage::Reported {
                commitment,
                drawn_at,
                ..
            } => BenchmarkStage::Reported {
                commitment: commitment.0,
                draw: read!(
                    self,
                    api::storage().computation().noted_randomness(),
                    drawn_at
                ),
            },
            StoredStage::Failed => BenchmarkStage::Failed,
        };
        Ok(BenchmarkRun {
            begun_at: stored.begun_at,
            randomness: stored.randomness,
            stage,
        })
    }

    /// The fewest blocks that a benchmark takes.
    async fn benchmark_blocks(&self) -> Result<u32, ChainError> {
        let address = api::storage().computation().current_settings();
        let settings = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        let settings = settings.decode().map_err(subxt::Error::from)?;
        Ok(settings.benchmark_blocks)
    }
}

impl ChainClient {
    /// Answers a challenge, free of charge. `signature` is the worker's over
    /// [`Heartbeat::signing_payload`].
    pub async fn heartbeat(
        &self,
        heartbeat: &Heartbeat,
        signature: [u8; 64],
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .computation()
            .heartbeat(Static(heartbeat.clone()), signature);
        self.submit_unsigned(&call).await
    }

    /// Says what a worker did in its benchmark, free of charge. `signature` is the worker's over
    /// [`BenchmarkReport::signing_payload`].
    pub async fn report_benchmark(
        &self,
        report: &BenchmarkReport,
        signature: [u8; 64],
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .computation()
            .report_benchmark(Static(report.clone()), signature);
        self.submit_unsigned(&call).await
    }

    /// Shows what a worker did in its benchmark, free of charge. `signature` is the worker's over
    /// [`BenchmarkProof::signing_payload`].
    pub async fn prove_benchmark(
        &self,
        proof: &BenchmarkProof,
        signature: [u8; 64],
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .computation()
            .prove_benchmark(Static(proof.clone()), signature);
        self.submit_unsigned(&call).await
    }
}

fn worker_session(
    stored: StoredSession<AccountId32>,
    challenge: Option<StoredChallenge>,
) -> WorkerSession {
    let work = stored.work;
    WorkerSession {
        number: stored.number,
        beneficiary: AccountBytes(stored.beneficiary.0),
        stake: stored.stake,
        phase: match stored.phase {
            StoredPhase::Running { .. } => SessionPhase::Running,
            StoredPhase::CoolingDown { until } => SessionPhase::CoolingDown { until_s: until },
        },
        iterations: stored.iterations,
        randomness: work.randomness,
        committed: work.committed.map(|committed| CommittedWork {
            randomness: committed.randomness,
            commitment: committed.commitment.0,
        }),
        challenge: challenge.map(|challenge| HeartbeatChallenge {
            challenged_at: challenge.challenged_at,
            randomness: challenge.randomness,
            deadline: challenge.deadline,
            is_missed: challenge.missed,
        }),
    }
}
