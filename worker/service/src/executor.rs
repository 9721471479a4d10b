//! Runs contracts and makes receipts of the runs.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use phat_engine::{
    Aggregated, Aggregation, Engine, EngineHash, HeldMemory, KeyRead, KeyValueError,
    KeyValueSource, KeyWrite, Outcome, Processor, Run, RunClass, RunReport, RunRequest, Versioned,
};
use phat_primitives::{CodeHash, ContractId, RequestId, blake2_256};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use phat_target::{BlockRef, Target};
use phat_worker_core::scheduler::{Busy, Class};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    chain::{ChainError, ChainView},
    compute::{Compute, Entered, Turn},
    contracts::Contract,
    journal::{StoredLine, StoredReceipt},
    keys::WorkerKeys,
    metrics::Metrics,
    pace::now_ms,
    secrets::SecretsReader,
};

/// Codes that are kept in memory.
const CODES_MAX: usize = 32;

/// What runs code: the engine, or a model of it in tests.
#[async_trait]
pub trait Runner: Send + Sync {
    /// The engine's build.
    fn hash(&self) -> EngineHash;

    /// Runs to the end, and computes only in its turns on the processor.
    async fn run(&self, run: Run, processor: Arc<dyn Processor>) -> RunReport;

    /// Has a contract merge outputs, and computes only in its turns on the processor.
    async fn aggregate(
        &self,
        aggregation: Aggregation,
        processor: Arc<dyn Processor>,
    ) -> Aggregated;
}

#[async_trait]
impl Runner for Engine {
    fn hash(&self) -> EngineHash {
        Engine::hash(self)
    }

    async fn run(&self, run: Run, processor: Arc<dyn Processor>) -> RunReport {
        self.run_on(run, processor).await
    }

    async fn aggregate(
        &self,
        aggregation: Aggregation,
        processor: Arc<dyn Processor>,
    ) -> Aggregated {
        self.aggregate_on(aggregation, processor).await
    }
}

/// Why a run could not be made. None of these is the contract's doing, so the
/// request stays as it is and is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotRun {
    /// The manifest does not hold.
    #[error("the contract is not served: {0}")]
    NotServed(String),
    /// The code could not be had.
    #[error("the code of the contract: {0}")]
    Chain(#[from] ChainError),
    /// The secrets could not be had.
    #[error("the secrets of the contract: {0}")]
    Secrets(ChainError),
    /// The chain has no such code.
    #[error("the chain does not have the code {0}: upload it as a preimage")]
    NoCode(CodeHash),
    /// Nobody has staked to the contract, and the network gives it no allowance.
    #[error(
        "nobody has staked to the contract, so no worker runs it: stake to it with \
         `phat stake add {0} AMOUNT`"
    )]
    NoStake(ContractId),
    /// The cluster's key, from which the contract's follow, is not there yet.
    #[error("the worker does not have the key of its cluster yet")]
    NoClusterKey,
    /// Something the run depends on is away. The contract's code may have been entered.
    #[error("the run was interrupted: {0}")]
    Interrupted(String),
    /// Something the run depends on was away before the contract's code was entered.
    #[error("the run could not begin: {0}")]
    NotBegun(String),
    /// Another worker is to run it first.
    #[error("another worker is to run it first")]
    NotTurn,
    /// Another worker has run it, and there is nothing to settle.
    #[error("another worker has run it")]
    RanElsewhere,
    /// Too many runs wait already.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The worker comes to an end.
    #[error("the worker is being stopped")]
    Stopped,
}

/// A run to make.
pub struct Job {
    /// The contract.
    pub contract: Arc<Contract>,
    /// The request.
    pub request: RequestId,
    /// Its input.
    pub input: Vec<u8>,
    /// Where it came from.
    pub origin: Origin,
    /// The contract's key-value store.
    pub kv: Arc<dyn KeyValueSource>,
}

/// Outputs to merge.
pub struct MergeJob {
    /// The contract.
    pub contract: Arc<Contract>,
    /// The request that they are of.
    pub request: RequestId,
    /// Its input.
    pub input: Vec<u8>,
    /// Where it came from.
    pub origin: Origin,
    /// The outputs, in the order in which the contract gets them.
    pub outputs: Vec<Vec<u8>>,
}

/// A run that was made.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The receipt with its data.
    pub stored: StoredReceipt,
    /// Whether the run succeeded.
    pub success: bool,
    /// What the contract logged.
    pub lines: Vec<StoredLine>,
    /// The keys it read.
    pub reads: Vec<KeyRead>,
    /// The keys it wrote.
    pub writes: Vec<KeyWrite>,
    /// What the transcript takes of the engine's memory, held as long as it is here.
    pub memory: HeldMemory,
}

/// Runs contracts, each in its turn.
pub struct Executor {
    runner: Arc<dyn Runner>,
    chain: Arc<dyn ChainView>,
    codes: Mutex<VecDeque<(CodeHash, Arc<[u8]>)>>,
    keys: Arc<WorkerKeys>,
    secrets: SecretsReader,
    metrics: Arc<Metrics>,
    compute: Arc<Compute>,
}

impl Executor {
    /// An executor of runs that share this compute.
    pub fn new(
        runner: Arc<dyn Runner>,
        chain: Arc<dyn ChainView>,
        keys: Arc<WorkerKeys>,
        secrets: SecretsReader,
        metrics: Arc<Metrics>,
        compute: Arc<Compute>,
    ) -> Self {
        Self {
            runner,
            chain,
            codes: Mutex::default(),
            keys,
            secrets,
            metrics,
            compute,
        }
    }

    /// The engine's build.
    pub fn engine_hash(&self) -> EngineHash {
        self.runner.hash()
    }

    /// The chain.
    pub fn chain(&self) -> &dyn ChainView {
        &*self.chain
    }

    /// A secret of a contract that checks what is sent there, see [`SecretsReader::one`].
    pub async fn secret(
        &self,
        contract: &Contract,
        name: &str,
        genesis_hash: [u8; 32],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ChainError> {
        self.secrets.one(contract, name, genesis_hash).await
    }

    /// The worker's keys.
    pub fn keys(&self) -> &WorkerKeys {
        &self.keys
    }

    /// Has a run of a contract wait for its turn: [`NotRun::Busy`] if too many do,
    /// [`NotRun::Stopped`] if the worker is being stopped.
    pub fn enter(&self, class: Class, contract: ContractId) -> Result<Entered, NotRun> {
        self.compute.enter(class, contract)
    }

    /// Lets no run start any more, those that wait included. What runs goes on.
    pub fn stop(&self) {
        self.compute.stop();
    }

    /// Makes a run that began, on the chain with this first block.
    pub async fn run(&self, job: Job, genesis_hash: [u8; 32], turn: Turn) -> Result<Ran, NotRun> {
        let serving = match &job.contract.serving {
            Ok(serving) => serving,
            Err(reason) => return Err(NotRun::NotServed(reason.clone())),
        };
        let id = job.contract.on_chain.id;
        let keys = self.keys.contract_keys(id).ok_or(NotRun::NoClusterKey)?;
        let code_hash = job.contract.code_hash();
        let code = self.code(code_hash).await?;
        let secrets = self
            .secrets
            .of(&job.contract, &serving.manifest.secrets, genesis_hash)
            .await
            .map_err(NotRun::Secrets)?;
        let settings = serving.manifest.settings_json();
        let input = job.input.clone();
        let run = Run {
            class: class_of(&turn),
            code,
            request: asked(id, job.request, input, &job.origin, settings),
            limits: serving.manifest.limits.clone(),
            allowed_hosts: serving.manifest.allowed_hosts.clone(),
            kv: job.kv.clone(),
            keys: Arc::new(keys),
            secrets,
        };
        // Kept to the end here, where the engine has room for the next run.
        let turn = Arc::new(turn);
        let report = self.runner.run(run, turn.clone()).await;
        self.note(&report.outcome, report.fuel_used, report.elapsed)?;
        Ok(self.receipt(job, genesis_hash, report))
    }

    /// Merges outputs, as a run that began. It makes no receipt: whoever has the outputs
    /// can do the same.
    pub async fn aggregate(&self, job: MergeJob, turn: Turn) -> Result<Aggregated, NotRun> {
        let serving = match &job.contract.serving {
            Ok(serving) => serving,
            Err(reason) => return Err(NotRun::NotServed(reason.clone())),
        };
        let id = job.contract.on_chain.id;
        let settings = serving.manifest.settings_json();
        let aggregation = Aggregation {
            class: class_of(&turn),
            code: self.code(job.contract.code_hash()).await?,
            request: asked(id, job.request, job.input, &job.origin, settings),
            limits: serving.manifest.limits.clone(),
            outputs: job.outputs,
        };
        // Kept to the end here, where the engine has room for the next run.
        let turn = Arc::new(turn);
        let aggregated = self.runner.aggregate(aggregation, turn.clone()).await;
        let outcome = &aggregated.outcome;
        self.note(outcome, aggregated.fuel_used, aggregated.elapsed)?;
        Ok(aggregated)
    }

    /// Counts what was run, and tells a fault that is not the contract's.
    fn note(&self, outcome: &Outcome, fuel_used: u64, elapsed: Duration) -> Result<(), NotRun> {
        let failure = match outcome {
            Outcome::Output(_) => None,
            Outcome::Failed(failure) => Some(failure),
        };
        let code = failure.map(|failure| failure.code.as_str());
        self.metrics.run(code, fuel_used, elapsed.as_secs_f64());
        match failure.filter(|failure| failure.code.is_transient()) {
            Some(failure) => Err(NotRun::Interrupted(failure.to_string())),
            None => Ok(()),
        }
    }

    fn receipt(&self, job: Job, genesis_hash: [u8; 32], report: RunReport) -> Ran {
        let (success, output) = report.outcome.settlement();
        let lines = report
            .logs
            .iter()
            .map(|line| StoredLine {
                request: job.request.0,
                level: line.level.to_string(),
                message: line.message.clone(),
            })
            .collect();
        let body = ReceiptBody {
            genesis_hash,
            worker: self.keys.worker_id(),
            contract: job.contract.on_chain.id,
            code_hash: job.contract.code_hash(),
            engine_hash: self.runner.hash().0,
            request: job.request,
            origin: job.origin,
            input_hash: blake2_256(&job.input),
            result: if success {
                RunResult::Succeeded
            } else {
                RunResult::Failed
            },
            output_hash: blake2_256(&output),
            transcript_root: report.transcript.root(),
            fuel_used: report.fuel_used,
            ended_at_ms: now_ms(),
        };
        Ran {
            stored: StoredReceipt {
                receipt: Receipt::sign(body, self.keys.store().identity()),
                input: job.input,
                output,
                transcript: report.transcript.into_bytes(),
            },
            success,
            lines,
            reads: report.reads,
            writes: report.writes,
            memory: report.memory,
        }
    }

    /// A contract's code, from memory or from the chain.
    async fn code(&self, hash: CodeHash) -> Result<Arc<[u8]>, NotRun> {
        let known = self
            .codes
            .lock()
            .iter()
            .find(|(known, _)| *known == hash)
            .map(|(_, code)| code.clone());
        if let Some(code) = known {
            return Ok(code);
        }
        let code: Arc<[u8]> = match self.chain.code(hash).await? {
            Some(code) if CodeHash::of(&code) == hash => code.into(),
            // What hashes to something else is not the code, whoever says so.
            Some(_) | None => return Err(NotRun::NoCode(hash)),
        };
        let mut codes = self.codes.lock();
        if codes.len() >= CODES_MAX {
            codes.pop_front();
        }
        codes.push_back((hash, code.clone()));
        Ok(code)
    }
}

/// What a run is for, for the engine.
fn class_of(turn: &Turn) -> RunClass {
    match turn.class() {
        Class::Anchor => RunClass::Anchor,
        Class::Call => RunClass::Call,
    }
}

/// What a contract is asked.
fn asked(
    contract: ContractId,
    request: RequestId,
    input: Vec<u8>,
    origin: &Origin,
    settings: String,
) -> RunRequest {
    let (chain, block) = match origin {
        Origin::Http | Origin::Trigger { .. } => (String::new(), 0),
        Origin::Anchor { chain, block, .. } => (chain.clone(), *block),
    };
    RunRequest {
        contract,
        request,
        input,
        caller: origin.caller(),
        chain,
        block,
        settings,
    }
}

/// The key-value store of an anchor at one block.
pub struct AnchorKeys {
    /// The chain.
    pub target: Arc<dyn Target>,
    /// The anchor's address.
    pub anchor: Vec<u8>,
    /// The block.
    pub block: BlockRef,
}

#[async_trait]
impl KeyValueSource for AnchorKeys {
    async fn get(&self, key: &[u8]) -> Result<Versioned, KeyValueError> {
        match self.target.read(&self.anchor, key, self.block).await {
            Ok(found) => Ok(Versioned {
                value: found.value,
                version: found.version,
            }),
            Err(error) => Err(KeyValueError(error.to_string())),
        }
    }
}
