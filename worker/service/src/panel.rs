//! The duty of a member of panels: to run the code of challenged receipts again, and vote.
//!
//! A verdict is in the journal before it is sent, so after a crash the same is said again. What
//! cannot be told yet, since the data are not there or the worker is busy, is tried again for half
//! of the time that the panel has, and then is said not to be told.

mod finding;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use phat_chain_client::OpenChallenge;
use phat_engine::{Engine, Secrets};
use phat_primitives::{
    CodeHash, WorkerId,
    challenges::{ChallengeId, PanelVote, Verdict},
};
use thiserror::Error;

use crate::{
    chain::ChainError,
    journal::{Journal, JournalError},
    keys::WorkerKeys,
    pace::{Backoff, Shutdown},
};
use finding::{Data, Finding, finding_of};

/// Time between two looks at the open challenges.
const LOOK: Duration = Duration::from_secs(3);
/// The first pause before a challenge is looked into again.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// The longest pause before that.
const TRY_AGAIN_MAX: Duration = Duration::from_secs(120);
/// The most bytes of a receipt's data in JSON: digits of the longest transcript that contracts
/// have where their manifests set no other limit, and of what is with it.
pub const DATA_BYTES_MAX: u64 = 96 * 1024 * 1024;
/// How long getting them may take.
const DATA_TIME_MAX: Duration = Duration::from_secs(120);
/// How long a replay may take.
const REPLAY_TIME_MAX: Duration = Duration::from_secs(900);

/// What a member of a panel asks of the chain.
#[async_trait]
pub trait PanelChain: Send + Sync {
    /// The hash of the chain's first block.
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError>;

    /// The open challenges at the newest finalised block, with its height.
    async fn open_challenges(&self) -> Result<(u64, Vec<OpenChallenge>), ChainError>;

    /// A contract's code, if the chain has it.
    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>, ChainError>;

    /// Votes, and waits until the vote is in a finalised block.
    async fn vote(
        &self,
        challenge: ChallengeId,
        worker: WorkerId,
        verdict: Verdict,
        signature: [u8; 64],
    ) -> Result<(), ChainError>;
}

/// Where the data of receipts are.
#[async_trait]
pub trait DataSource: Send + Sync {
    /// What is at a URL, at most [`DATA_BYTES_MAX`] bytes, or why it cannot be had.
    async fn get(&self, url: &str) -> Result<Vec<u8>, String>;
}

#[async_trait]
impl DataSource for Engine {
    async fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        self.fetch(url, DATA_BYTES_MAX, DATA_TIME_MAX)
            .await
            .map_err(|error| error.to_string())
    }
}

/// Why nothing gets on.
#[derive(Debug, Error)]
enum PanelError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// Does the duty.
pub struct Panelist {
    chain: Arc<dyn PanelChain>,
    data: Arc<dyn DataSource>,
    engine: Engine,
    keys: Arc<WorkerKeys>,
    journal: Arc<Journal>,
    shutdown: Shutdown,
    /// The challenges that were looked into without a finding, and when to do so again.
    waiting: HashMap<ChallengeId, (Instant, Backoff)>,
}

impl Panelist {
    /// A worker with these keys that replays in this engine.
    pub fn new(
        chain: Arc<dyn PanelChain>,
        data: Arc<dyn DataSource>,
        engine: Engine,
        keys: Arc<WorkerKeys>,
        journal: Arc<Journal>,
        shutdown: Shutdown,
    ) -> Self {
        Self {
            chain,
            data,
            engine,
            keys,
            journal,
            shutdown,
            waiting: HashMap::new(),
        }
    }

    /// Works until the worker ends.
    pub async fn run(mut self) {
        let mut is_told = false;
        loop {
            match self.look().await {
                Ok(()) => is_told = false,
                Err(error) if is_told => tracing::debug!(%error, "challenges go on unseen"),
                Err(error) => {
                    let reason = error.to_string();
                    tracing::warn!(reason, "challenges cannot be looked into, trying on");
                    is_told = true;
                }
            }
            if !self.shutdown.sleep(LOOK).await {
                return;
            }
        }
    }

    /// Votes about every open challenge that this worker is to judge, as far as there is something
    /// to say.
    async fn look(&mut self) -> Result<(), PanelError> {
        let me = self.keys.worker_id();
        let (height, mut challenges) = self.chain.open_challenges().await?;
        challenges.retain(|challenge| {
            let mut panel = challenge.panel.iter();
            let is_mine = panel.any(|seat| seat.worker == me && seat.verdict.is_none());
            is_mine && height < u64::from(challenge.deadline)
        });
        // What was not looked into yet comes first: data that are waited for in vain must not keep
        // it waiting. Then what is most urgent.
        challenges.sort_by_key(|challenge| {
            let is_tried = self.waiting.contains_key(&challenge.id);
            (is_tried, challenge.deadline)
        });
        let open: Vec<_> = challenges.iter().map(|challenge| challenge.id).collect();
        self.waiting.retain(|id, _| open.contains(id));
        for challenge in challenges {
            let is_early = self
                .waiting
                .get(&challenge.id)
                .is_some_and(|(at, _)| Instant::now() < *at);
            if is_early && !is_half_over(&challenge, height) {
                continue;
            }
            if let Some(verdict) = self.verdict(&challenge, height).await? {
                self.vote(&challenge, verdict).await?;
            }
        }
        Ok(())
    }

    /// What there is to say about a challenge, from the journal or found now and journaled.
    async fn verdict(
        &mut self,
        challenge: &OpenChallenge,
        height: u64,
    ) -> Result<Option<Verdict>, PanelError> {
        let id = challenge.id;
        let known = self.journal.on_thread(move |journal| journal.verdict(id));
        if let Some(verdict) = known.await? {
            return Ok(Some(verdict));
        }
        let verdict = match self.find(challenge).await? {
            Finding::Told(verdict) => verdict,
            Finding::NotYet(reason) if is_half_over(challenge, height) => {
                tracing::warn!(challenge = id.0, reason, "a challenge cannot be judged");
                Verdict::Unavailable
            }
            Finding::NotYet(reason) => {
                tracing::info!(challenge = id.0, reason, "a challenge cannot be judged yet");
                let first = || Backoff::new(TRY_AGAIN, TRY_AGAIN_MAX);
                let entry = self.waiting.entry(id);
                let (at, backoff) = entry.or_insert_with(|| (Instant::now(), first()));
                *at = Instant::now() + backoff.pause();
                return Ok(None);
            }
        };
        let noted = self
            .journal
            .on_thread(move |journal| journal.note_verdict(id, verdict));
        noted.await?;
        Ok(Some(verdict))
    }

    async fn vote(&self, challenge: &OpenChallenge, verdict: Verdict) -> Result<(), PanelError> {
        let worker = self.keys.worker_id();
        let vote = PanelVote {
            genesis_hash: self.chain.genesis_hash().await?,
            challenge: challenge.id,
            receipt: challenge.receipt,
            worker,
            verdict,
        };
        let signature = self.keys.store().sign_for_chain(&vote.signing_payload());
        let id = challenge.id;
        match self.chain.vote(id, worker, verdict, signature).await {
            Ok(()) => tracing::info!(challenge = id.0, ?verdict, "judged a challenge"),
            // Decided meanwhile, or said before: the next look tells.
            Err(ChainError::Refused(reason)) => {
                tracing::info!(challenge = id.0, reason, "the chain refused a vote");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Runs the code of the receipt again, if that can be done.
    async fn find(&self, challenge: &OpenChallenge) -> Result<Finding, PanelError> {
        let bytes = match self.data.get(&challenge.data_url).await {
            Ok(bytes) => bytes,
            Err(reason) => return Ok(Finding::NotYet(reason)),
        };
        let receipt = challenge.receipt;
        let read = tokio::task::spawn_blocking(move || Data::read(&bytes, receipt)).await;
        let data = match read {
            Ok(Ok(data)) => data,
            Ok(Err(reason)) => return Ok(Finding::NotYet(reason)),
            Err(error) => return Ok(Finding::NotYet(error.to_string())),
        };
        if let Some(verdict) = data.verdict_without_replay(self.engine.hash()) {
            return Ok(Finding::Told(verdict));
        }
        let Some(code) = self.chain.code(data.body.code_hash).await? else {
            let reason = format!("the chain does not have the code {}", data.body.code_hash);
            return Ok(Finding::NotYet(reason));
        };
        let Some(keys) = self.keys.contract_keys(data.body.contract) else {
            let reason = "this worker does not have the key of its cluster yet";
            return Ok(Finding::NotYet(reason.into()));
        };
        let replay = self.engine.replay_with(
            code.into(),
            &data.transcript,
            Some(Arc::new(keys)),
            Secrets::default(),
        );
        match tokio::time::timeout(REPLAY_TIME_MAX, replay).await {
            Ok(replayed) => Ok(finding_of(&data, replayed)),
            Err(_) => {
                let seconds = REPLAY_TIME_MAX.as_secs();
                let reason = format!("the replay takes more than {seconds} s");
                Ok(Finding::NotYet(reason))
            }
        }
    }
}

/// Whether a panel has less than half of its time left.
fn is_half_over(challenge: &OpenChallenge, height: u64) -> bool {
    let (opened_at, deadline) = (
        u64::from(challenge.opened_at),
        u64::from(challenge.deadline),
    );
    height >= opened_at + deadline.saturating_sub(opened_at) / 2
}

#[cfg(test)]
mod tests;
