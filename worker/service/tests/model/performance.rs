//! Sessions, challenges and benchmarks of one worker, by the rules of the chain.

use std::sync::Arc;

use async_trait::async_trait;
use phat_primitives::{
    WorkerId,
    heartbeat::{
        BENCHMARK_OPENINGS, BenchmarkProof, HEARTBEAT_OPENINGS, Heartbeat, benchmark_draw,
        heartbeat_draw,
    },
};
use phat_worker_core::performance::{
    Benchmark, Challenge, Committed, Seen, Session, Stage, Statement,
};
use phat_worker_service::{
    chain::ChainError,
    performance::{Iterate, Machine, NativeMachine, PerformanceChain},
};
use phat_workload::{Hash, Seed, verify};
use tokio::sync::watch;

use super::{GENESIS, ModelChain};

/// What the chain has of the worker's performance.
#[derive(Clone, Default)]
pub struct Economy {
    pub seen: Seen,
    /// The iterations that the worker said last that it has done in its session.
    pub iterations: u64,
    /// The answers, with what each showed.
    pub heartbeats: Vec<(Heartbeat, Shown)>,
    /// All that was sent, whether it arrived or not.
    pub sent: Vec<Statement>,
    /// What happens to the next statement.
    pub loss: Option<Loss>,
}

/// How a statement gets lost, once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It does not arrive.
    Statement,
    /// It arrives, and the answer does not.
    Answer,
}

/// What a heartbeat shows of the commitment before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// There is none.
    First,
    /// That so many iterations were done.
    Iterations(u32),
    /// Nothing.
    Nothing,
    /// That they were not.
    False,
}

/// Native iterations, which are counted when they begin.
#[derive(Clone, Default)]
pub struct ModelMachine(Arc<watch::Sender<u64>>);

impl ModelMachine {
    /// How many were begun.
    pub fn begun(&self) -> u64 {
        *self.0.borrow()
    }

    /// Waits until so many more have begun. One thread that has begun 17 has done a chunk.
    pub async fn until_more(&self, count: u64) {
        let goal = self.begun() + count;
        let mut begun = self.0.subscribe();
        begun.wait_for(|begun| *begun >= goal).await.unwrap();
    }
}

impl Machine for ModelMachine {
    fn instance(&self) -> Result<Box<dyn Iterate>, String> {
        let native = NativeMachine.instance()?;
        Ok(Box::new(Counted(native, self.clone())))
    }
}

struct Counted(Box<dyn Iterate>, ModelMachine);

impl Iterate for Counted {
    fn iteration_root(&mut self, seed: &Seed, iteration: u32) -> Result<Hash, String> {
        self.1.0.send_modify(|begun| *begun += 1);
        self.0.iteration_root(seed, iteration)
    }
}

impl ModelChain {
    fn change_economy(&self, change: impl FnOnce(&mut Economy)) {
        self.change(|held| change(&mut held.economy));
    }

    /// Starts a session.
    pub fn start_session(&self, number: u32, randomness: [u8; 32]) {
        self.change_economy(|economy| {
            economy.iterations = 0;
            economy.seen.session = Some(Session {
                number,
                is_running: true,
                randomness,
                committed: None,
                challenge: None,
            });
        });
    }

    /// Stops it.
    pub fn stop_session(&self) {
        self.change_economy(|economy| {
            let session = economy.seen.session.as_mut().unwrap();
            session.is_running = false;
            session.challenge = None;
        });
    }

    /// Challenges the worker.
    pub fn challenge(&self, randomness: [u8; 32]) {
        self.change(|held| {
            let at = held.state.block as u32 + 1;
            let session = held.economy.seen.session.as_mut().unwrap();
            session.challenge = Some(Challenge {
                at,
                randomness,
                is_missed: false,
            });
        });
    }

    /// Has the open challenge be one that was missed.
    pub fn miss_challenge(&self) {
        self.change_economy(|economy| {
            let session = economy.seen.session.as_mut().unwrap();
            session.challenge.as_mut().unwrap().is_missed = true;
        });
    }

    /// Begins a benchmark that may be reported after so many blocks.
    pub fn begin_benchmark(&self, randomness: [u8; 32], blocks_min: u64) {
        self.change(|held| {
            let begun_at = held.state.block + 1;
            held.economy.seen.benchmark = Some(Benchmark {
                begun_at: begun_at as u32,
                randomness,
                stage: Stage::Running {
                    due_at: begun_at + blocks_min,
                },
            });
        });
    }

    /// Makes known what draws the steps of the benchmark.
    pub fn draw(&self, randomness: [u8; 32]) {
        self.change_economy(|economy| {
            let benchmark = economy.seen.benchmark.as_mut().unwrap();
            if let Stage::Reported { draw, .. } = &mut benchmark.stage {
                *draw = Some(randomness);
            }
        });
    }

    /// Waits until there are so many answers, and gives the newest.
    pub async fn until_heartbeats(&self, count: usize) -> (Heartbeat, Shown) {
        self.until(|held| held.economy.heartbeats.len() == count)
            .await;
        self.held().economy.heartbeats.pop().unwrap()
    }
}

#[async_trait]
impl PerformanceChain for ModelChain {
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError> {
        self.up().map(|_| GENESIS)
    }

    async fn performance(&self, _worker: WorkerId) -> Result<Seen, ChainError> {
        let held = self.up()?;
        Ok(Seen {
            block: held.state.block,
            ..held.economy.seen
        })
    }

    async fn submit(&self, statement: &Statement, signature: [u8; 64]) -> Result<(), ChainError> {
        self.up()?;
        let mut outcome = Ok(());
        self.change_economy(|economy| {
            let loss = economy.loss.take();
            economy.sent.push(statement.clone());
            if loss != Some(Loss::Statement) {
                outcome = economy.take(statement, signature);
            }
            if loss.is_some() {
                outcome = Err(ChainError::Unreachable("planned".into()));
            }
        });
        outcome
    }
}

impl Economy {
    fn take(&mut self, statement: &Statement, signature: [u8; 64]) -> Result<(), ChainError> {
        if !statement.is_awaited(&self.seen) {
            return Err(ChainError::Refused("nobody waits for it".into()));
        }
        let worker = match statement {
            Statement::Heartbeat(heartbeat, _) => heartbeat.worker,
            Statement::Report(report) => report.worker,
            Statement::Proof(proof) => proof.worker,
        };
        let key = schnorrkel::PublicKey::from_bytes(&worker.0).unwrap();
        let signature = schnorrkel::Signature::from_bytes(&signature).unwrap();
        let payload = statement.signing_payload(&GENESIS);
        key.verify_simple(b"substrate", &payload, &signature)
            .unwrap();
        match statement {
            Statement::Heartbeat(heartbeat, _) => self.take_heartbeat(heartbeat),
            Statement::Report(report) => {
                let benchmark = self.seen.benchmark.as_mut().unwrap();
                benchmark.stage = Stage::Reported {
                    commitment: report.commitment,
                    draw: None,
                };
            }
            Statement::Proof(proof) => self.take_proof(proof),
        }
        Ok(())
    }

    fn take_heartbeat(&mut self, heartbeat: &Heartbeat) {
        let session = self.seen.session.as_mut().unwrap();
        let challenge = session.challenge.take().unwrap();
        let goes_on =
            self.iterations + u64::from(heartbeat.commitment.iterations) == heartbeat.iterations;
        let shown = match &session.committed {
            None => Shown::First,
            Some(_) if heartbeat.openings.len() != HEARTBEAT_OPENINGS as usize => Shown::Nothing,
            Some(before) => {
                let seed =
                    Seed::of_session(&heartbeat.worker.0, session.number, &before.randomness);
                let commitment = before.commitment;
                let mut openings = (0..).zip(&heartbeat.openings);
                let are_true = openings.all(|(number, opening)| {
                    let draw = heartbeat_draw(&challenge.randomness, number);
                    verify(&seed, &commitment, &draw, opening).is_ok()
                });
                match (are_true, goes_on) {
                    (true, true) => Shown::Iterations(commitment.iterations),
                    (true, false) => Shown::Nothing,
                    (false, _) => Shown::False,
                }
            }
        };
        session.committed = Some(Committed {
            randomness: session.randomness,
            commitment: heartbeat.commitment,
        });
        session.randomness = challenge.randomness;
        self.iterations = heartbeat.iterations;
        self.heartbeats.push((heartbeat.clone(), shown));
    }

    fn take_proof(&mut self, proof: &BenchmarkProof) {
        let benchmark = self.seen.benchmark.as_mut().unwrap();
        let Stage::Reported {
            commitment,
            draw: Some(draw),
        } = benchmark.stage
        else {
            panic!("nothing was drawn");
        };
        let seed = Seed::of_benchmark(&proof.worker.0, &benchmark.randomness);
        let mut openings = (0..).zip(&proof.openings);
        let is_shown = proof.openings.len() == BENCHMARK_OPENINGS as usize
            && openings.all(|(number, opening)| {
                let draw = benchmark_draw(&draw, number);
                verify(&seed, &commitment, &draw, opening).is_ok()
            });
        if is_shown {
            self.seen.benchmark = None;
            self.seen.score = Some(commitment.iterations);
        } else {
            benchmark.stage = Stage::Failed;
        }
    }
}
