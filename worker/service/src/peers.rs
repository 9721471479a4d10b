//! The other workers of the cluster, and the outcomes that they signed. What they know
//! of firings is asked for in `firings`.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use phat_engine::Reachable;
use phat_primitives::{ClusterId, WorkerId};
use phat_worker_client::{AggregateBody, ClientError, HexBytes, SignaturesBody, WorkerClient};
use phat_worker_core::Record;
use thiserror::Error;
use tokio::sync::{Semaphore, watch};

use crate::{
    chain::{ChainError, ChainView},
    cluster_keys::{EndpointError, addresses},
    contracts::Snapshot,
    keys::WorkerKeys,
    settler::{Outcome, Question, SignedOutput, Subject, proposal_payload},
};

/// How long a worker's endpoint is used before the chain is asked for it again.
const ENDPOINT_AGE_MAX: Duration = Duration::from_secs(60);
/// Questions to others at once.
const QUESTIONS_CONCURRENT_MAX: usize = 32;

/// The other workers of the cluster.
pub struct Peers {
    chain: Arc<dyn ChainView>,
    cluster: ClusterId,
    keys: Arc<WorkerKeys>,
    snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    reachable: Reachable,
    /// Of the cluster's members: as many as it may have.
    clients: Mutex<BTreeMap<WorkerId, (Instant, WorkerClient)>>,
    questions: Semaphore,
}

/// Why another worker's outcome is not there.
#[derive(Debug, Error)]
pub enum PeerError {
    /// The chain was not read yet.
    #[error("the chain was not read yet")]
    NoChain,
    /// It serves the cluster no more.
    #[error("it does not serve the cluster any more")]
    Gone,
    /// The chain does not say where it is.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Nothing is sent to where it should be.
    #[error("its endpoint: {0}")]
    Endpoint(#[from] EndpointError),
    /// It gave nothing.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What it gave is no outcome that it signed.
    #[error("what it gave is no outcome of this request that it signed")]
    Unsigned,
}

impl Peers {
    /// The workers of a cluster, asked in the name of the worker with these keys.
    pub fn new(
        chain: Arc<dyn ChainView>,
        cluster: ClusterId,
        keys: Arc<WorkerKeys>,
        snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
        reachable: Reachable,
    ) -> Self {
        Self {
            chain,
            cluster,
            keys,
            snapshot,
            reachable,
            clients: Mutex::default(),
            questions: Semaphore::new(QUESTIONS_CONCURRENT_MAX),
        }
    }

    /// The outcome that `giver` has signed. An own outcome has read state at
    /// `state_block`: one that has read older state is made again.
    pub async fn outcome(
        &self,
        giver: WorkerId,
        subject: &Subject,
        state_block: u64,
    ) -> Result<Outcome, PeerError> {
        let bytes = self.kept(giver, subject, state_block).await?;
        outcome_of(&bytes, giver, subject)
    }

    /// The output that `giver` has signed of a request whose outputs may differ, in the
    /// same way.
    pub async fn output(
        &self,
        giver: WorkerId,
        subject: &Subject,
        record: &Record,
        state_block: u64,
    ) -> Result<SignedOutput, PeerError> {
        let bytes = self.kept(giver, subject, state_block).await?;
        let signed = SignedOutput::from_bytes(&bytes).map_err(|_| PeerError::Unsigned)?;
        if signed.output.worker != giver || !signed.is_of(subject, record) {
            return Err(PeerError::Unsigned);
        }
        Ok(signed)
    }

    /// What `giver` has merged these outputs into, signed by it.
    pub async fn merged(
        &self,
        giver: WorkerId,
        subject: &Subject,
        state_block: u64,
        outputs: &[Vec<u8>],
    ) -> Result<Outcome, PeerError> {
        // It is never closed.
        let _turn = self.questions.acquire().await;
        let question = self.question(giver, subject, state_block)?;
        let payload = proposal_payload(&question, outputs);
        let signature = self.keys.store().sign_for_chain(&payload);
        let body = AggregateBody {
            worker: question.asker,
            block: question.block,
            state_block,
            outputs: outputs.iter().cloned().map(HexBytes).collect(),
            signature: HexBytes(signature.to_vec()),
        };
        let client = self.client(giver).await?;
        let answer = client.aggregate(subject.contract, subject.request, &body);
        let answer = self.heard(giver, answer.await)?;
        outcome_of(&answer.outcome.0, giver, subject)
    }

    /// What `giver` keeps of a request, as it has signed it.
    async fn kept(
        &self,
        giver: WorkerId,
        subject: &Subject,
        state_block: u64,
    ) -> Result<Vec<u8>, PeerError> {
        // It is never closed.
        let _turn = self.questions.acquire().await;
        let question = self.question(giver, subject, state_block)?;
        let signature = self
            .keys
            .store()
            .sign_for_chain(&question.signing_payload());
        let body = SignaturesBody {
            worker: question.asker,
            block: question.block,
            state_block,
            signature: HexBytes(signature.to_vec()),
        };
        let client = self.client(giver).await?;
        let answer = client.signatures(subject.contract, subject.request, &body);
        Ok(self.heard(giver, answer.await)?.outcome.0)
    }

    fn question(
        &self,
        giver: WorkerId,
        subject: &Subject,
        state_block: u64,
    ) -> Result<Question, PeerError> {
        let snapshot = self.snapshot.borrow();
        let block = snapshot.as_ref().map(|snapshot| snapshot.block);
        Ok(Question {
            subject: *subject,
            cluster: self.cluster,
            asker: self.own(),
            giver,
            block: block.ok_or(PeerError::NoChain)?,
            state_block,
        })
    }

    /// This worker.
    pub(crate) fn own(&self) -> WorkerId {
        self.keys.worker_id()
    }

    /// Takes note of what asking `worker` came to: one that cannot be reached may be
    /// elsewhere by now.
    pub(crate) fn heard<T>(
        &self,
        worker: WorkerId,
        answer: Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        if matches!(answer, Err(ClientError::Unreachable { .. })) {
            self.clients.lock().remove(&worker);
        }
        answer
    }

    /// A client of another worker.
    pub(crate) async fn client(&self, worker: WorkerId) -> Result<WorkerClient, PeerError> {
        let known = self.clients.lock().get(&worker).cloned();
        if let Some((since, client)) = known
            && since.elapsed() < ENDPOINT_AGE_MAX
        {
            return Ok(client);
        }
        let member = self.chain.member(self.cluster, worker).await?;
        let Some(member) = member else {
            self.clients.lock().remove(&worker);
            return Err(PeerError::Gone);
        };
        let addresses = addresses(&member.endpoint, self.reachable).await?;
        let client = WorkerClient::at(&member.endpoint, &addresses)?;
        let entry = (Instant::now(), client.clone());
        self.clients.lock().insert(worker, entry);
        Ok(client)
    }
}

/// An outcome that `giver` has signed, of this request.
fn outcome_of(bytes: &[u8], giver: WorkerId, subject: &Subject) -> Result<Outcome, PeerError> {
    let outcome = Outcome::from_bytes(bytes).map_err(|_| PeerError::Unsigned)?;
    if outcome.worker != giver || !outcome.is_of(subject) {
        return Err(PeerError::Unsigned);
    }
    Ok(outcome)
}
