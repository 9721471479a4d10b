//! What the chain knows of this worker's performance, and how it is told.

use async_trait::async_trait;
use phat_chain_client::{BenchmarkStage, SessionPhase, WorkerPerformance};
use phat_primitives::WorkerId;
use phat_worker_core::performance::{
    Benchmark, Challenge, Committed, Seen, Session, Stage, Statement,
};

use crate::{
    chain::{ChainError, ChainView},
    node::Node,
};

/// What showing performance asks of the chain.
#[async_trait]
pub trait PerformanceChain: Send + Sync {
    /// The hash of the chain's first block.
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError>;

    /// What the chain has of a worker at the newest finalised block.
    async fn performance(&self, worker: WorkerId) -> Result<Seen, ChainError>;

    /// Sends a statement with the worker's signature, free of charge, and waits until it is in a
    /// finalised block.
    async fn submit(&self, statement: &Statement, signature: [u8; 64]) -> Result<(), ChainError>;
}

#[async_trait]
impl PerformanceChain for Node {
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError> {
        ChainView::genesis_hash(self).await
    }

    async fn performance(&self, worker: WorkerId) -> Result<Seen, ChainError> {
        self.ask(|client| async move {
            let state = client.latest().await?;
            let found = state.performance(&worker).await?;
            Ok(seen(state.number(), found))
        })
        .await
    }

    async fn submit(&self, statement: &Statement, signature: [u8; 64]) -> Result<(), ChainError> {
        self.ask(|client| async move {
            match statement {
                Statement::Heartbeat(heartbeat, _) => client.heartbeat(heartbeat, signature).await,
                Statement::Report(report) => client.report_benchmark(report, signature).await,
                Statement::Proof(proof) => client.prove_benchmark(proof, signature).await,
            }?;
            Ok(())
        })
        .await
    }
}

fn seen(block: u64, found: WorkerPerformance) -> Seen {
    let session = found.session.map(|session| Session {
        number: session.number,
        is_running: session.phase == SessionPhase::Running,
        randomness: session.randomness,
        committed: session.committed.map(|committed| Committed {
            randomness: committed.randomness,
            commitment: committed.commitment,
        }),
        challenge: session.challenge.map(|challenge| Challenge {
            at: challenge.challenged_at,
            randomness: challenge.randomness,
            is_missed: challenge.is_missed,
        }),
    });
    let benchmark = found.benchmark.map(|benchmark| Benchmark {
        begun_at: benchmark.begun_at,
        randomness: benchmark.randomness,
        stage: match benchmark.stage {
            BenchmarkStage::Running { blocks_min } => Stage::Running {
                due_at: u64::from(benchmark.begun_at) + u64::from(blocks_min),
            },
            BenchmarkStage::Reported { commitment, draw } => Stage::Reported { commitment, draw },
            BenchmarkStage::Failed => Stage::Failed,
        },
    });
    Seen {
        block,
        session,
        benchmark,
        score: found.score.map(|score| score.p),
    }
}
