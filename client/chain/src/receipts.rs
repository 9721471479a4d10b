//! Roots of receipts, challenges of receipts, and what became of them.

use futures::FutureExt;
use phat_primitives::{
    AccountBytes, ContractId, ReceiptHash, WorkerId,
    challenges::{ChallengeId, ReplayedRun, Verdict},
    limits::{DATA_URL_BYTES_MAX, RECEIPT_BODY_BYTES_MAX},
    receipts::ReceiptBatch,
};
use subxt::utils::Static;

use crate::{
    ChainClient, ChainError, Included, Signer, State,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            bounded_collections::bounded_vec::BoundedVec,
            pallet_receipts::types::{
                Challenge as StoredChallenge, Evidence as StoredEvidence, Outcome as StoredOutcome,
                Seat as StoredSeat,
            },
        },
    },
    state::{read, text},
    submit::bounded,
};

/// What a worker has published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchHead {
    /// The number that its next batch gets.
    pub next: u32,
    /// The hash of its newest batch; zeros before the first.
    pub hash: [u8; 32],
}

/// A batch of receipts that a worker has published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many receipts it has.
    pub count: u32,
    /// The root of the tree of their hashes.
    pub root: [u8; 32],
    /// The number of the block that it was published in.
    pub published_at: u32,
}

/// A place on a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Whose it is.
    pub worker: WorkerId,
    /// What the worker found, once it has voted.
    pub verdict: Option<Verdict>,
}

/// An open challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenChallenge {
    /// Its id.
    pub id: ChallengeId,
    /// Who challenges.
    pub challenger: AccountBytes,
    /// The receipt.
    pub receipt: ReceiptHash,
    /// The worker that signed it.
    pub accused: WorkerId,
    /// The contract that it is of.
    pub contract: ContractId,
    /// What it says that came of the run.
    pub claimed: ReplayedRun,
    /// Where its data are.
    pub data_url: String,
    /// Who judges it.
    pub panel: Vec<Seat>,
    /// The number of the block that it was opened in.
    pub opened_at: u32,
    /// The number of the last block in which the panel may vote.
    pub deadline: u32,
}

/// Why a receipt is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEvidence {
    /// It names code that its contract does not run.
    OtherCode,
    /// Most of a panel found this.
    Replay(Verdict),
}

/// A receipt that was proved wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The challenge that it came of.
    pub challenge: ChallengeId,
    /// Why the receipt is wrong.
    pub evidence: FaultEvidence,
    /// The number of the block that it was proved in.
    pub proven_at: u32,
}

/// What became of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeOutcome {
    /// The receipt is wrong. The deposit was returned.
    Fault(FaultEvidence),
    /// The receipt holds. The deposit was lost.
    Holds,
    /// The panel came to nothing. The deposit was returned.
    Undecided,
}

/// A challenge that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeDecision {
    /// The challenge.
    pub challenge: ChallengeId,
    /// The receipt.
    pub receipt: ReceiptHash,
    /// The worker that signed it.
    pub accused: WorkerId,
    /// What became of it.
    pub outcome: ChallengeOutcome,
    /// The number of the block that it was decided in.
    pub decided_at: u32,
}

impl State {
    /// What a worker has published.
    pub async fn batch_head(&self, worker: &WorkerId) -> Result<BatchHead, ChainError> {
        let head = read!(self, api::storage().receipts().heads(), Static(*worker));
        Ok(head.map_or_else(BatchHead::default, |head| BatchHead {
            next: head.next,
            hash: head.hash,
        }))
    }

    /// A batch, if the chain still has it.
    pub async fn batch(&self, worker: &WorkerId, number: u32) -> Result<Option<Batch>, ChainError> {
        let batch = read!(
            self,
            api::storage().receipts().batches(),
            Static(*worker),
            number
        );
        Ok(batch.map(|batch| Batch {
            count: batch.count,
            root: batch.root,
            published_at: batch.published_at,
        }))
    }

    /// An open challenge.
    pub async fn challenge(&self, id: ChallengeId) -> Result<Option<OpenChallenge>, ChainError> {
        let stored = read!(self, api::storage().receipts().challenges(), Static(id));
        stored.map(|stored| open_challenge(id, stored)).transpose()
    }

    /// All open challenges, in no order.
    pub async fn open_challenges(&self) -> Result<Vec<OpenChallenge>, ChainError> {
        let map = self
            .at
            .storage()
            .entry(api::storage().receipts().challenges())?;
        let mut entries = in_time(map.iter(())).await?;
        let mut challenges = Vec::new();
        while let Some(entry) = in_time(entries.next().map(Option::transpose)).await? {
            let (id,) = entry
                .key()
                .and_then(|key| key.decode())
                .map_err(subxt::Error::from)?;
            let stored = entry.value().decode().map_err(subxt::Error::from)?;
            challenges.push(open_challenge(id.0, stored)?);
        }
        Ok(challenges)
    }

    /// What became of a challenge, if the chain still has it.
    pub async fn challenge_decision(
        &self,
        id: ChallengeId,
    ) -> Result<Option<ChallengeDecision>, ChainError> {
        let map = self
            .at
            .storage()
            .entry(api::storage().receipts().decisions())?;
        let mut entries = in_time(map.iter(())).await?;
        while let Some(entry) = in_time(entries.next().map(Option::transpose)).await? {
            let stored = entry.value().decode().map_err(subxt::Error::from)?;
            if stored.challenge.0 == id {
                return Ok(Some(ChallengeDecision {
                    challenge: id,
                    receipt: stored.receipt.0,
                    accused: stored.accused.0,
                    outcome: outcome(&stored.outcome),
                    decided_at: stored.decided_at,
                }));
            }
        }
        Ok(None)
    }

    /// The challenge of a receipt that is open, if one is.
    pub async fn challenge_of(
        &self,
        receipt: &ReceiptHash,
    ) -> Result<Option<ChallengeId>, ChainError> {
        let id = read!(
            self,
            api::storage().receipts().challenge_of_receipt(),
            Static(*receipt)
        );
        Ok(id.map(|id| id.0))
    }

    /// Why a worker's receipt is wrong, if that was proved.
    pub async fn fault(
        &self,
        worker: &WorkerId,
        receipt: &ReceiptHash,
    ) -> Result<Option<Fault>, ChainError> {
        let fault = read!(
            self,
            api::storage().receipts().faults(),
            Static(*worker),
            Static(*receipt)
        );
        Ok(fault.map(|fault| Fault {
            challenge: fault.challenge.0,
            evidence: evidence(&fault.evidence),
            proven_at: fault.proven_at,
        }))
    }
}

impl ChainClient {
    /// Publishes a batch of a worker's receipts. `signature` is the worker's over
    /// [`ReceiptBatch::signing_payload`].
    pub async fn publish_batch(
        &self,
        payer: &Signer,
        batch: &ReceiptBatch,
        signature: [u8; 64],
    ) -> Result<Included, ChainError> {
        let call = api::transactions().receipts().publish_batch(
            Static(batch.worker),
            batch.number,
            batch.count,
            batch.root,
            signature,
        );
        let (included, _) = self.submit_for_events(payer, &call).await?;
        Ok(included)
    }

    /// Challenges a receipt: its SCALE-encoded body with its worker's signature, and where its
    /// data are. Gives the id of the challenge, or of the decision if it was decided at once.
    pub async fn challenge(
        &self,
        challenger: &Signer,
        receipt: Vec<u8>,
        signature: [u8; 64],
        data_url: String,
    ) -> Result<(ChallengeId, Included), ChainError> {
        let receipt = bounded(receipt, "receipt", RECEIPT_BODY_BYTES_MAX)?;
        let data_url = bounded(data_url.into_bytes(), "data URL", DATA_URL_BYTES_MAX)?;
        let call = api::transactions()
            .receipts()
            .challenge(receipt, signature, data_url);
        let (included, events) = self.submit_for_events(challenger, &call).await?;
        let opened = events.find_first::<api::receipts::events::Challenged>();
        if let Some(opened) = opened.transpose()? {
            return Ok((opened.challenge.0, included));
        }
        let decided = events.find_first::<api::receipts::events::Decided>();
        match decided.transpose()? {
            Some(decided) => Ok((decided.challenge.0, included)),
            None => Err(ChainError::Failed("no challenge was opened".into())),
        }
    }

    /// Votes as a member of a panel. `signature` is the worker's over
    /// [`phat_primitives::challenges::PanelVote::signing_payload`].
    pub async fn vote(
        &self,
        payer: &Signer,
        challenge: ChallengeId,
        worker: WorkerId,
        verdict: Verdict,
        signature: [u8; 64],
    ) -> Result<Included, ChainError> {
        let call = api::transactions().receipts().vote(
            Static(challenge),
            Static(worker),
            Static(verdict),
            signature,
        );
        let (included, _) = self.submit_for_events(payer, &call).await?;
        Ok(included)
    }

    /// Ends a challenge that its panel has not decided in time.
    pub async fn close_challenge(
        &self,
        payer: &Signer,
        challenge: ChallengeId,
    ) -> Result<Included, ChainError> {
        let call = api::transactions().receipts().close(Static(challenge));
        let (included, _) = self.submit_for_events(payer, &call).await?;
        Ok(included)
    }
}

fn open_challenge(
    id: ChallengeId,
    stored: StoredChallenge<subxt::utils::AccountId32, u128, u32, BoundedVec<StoredSeat>>,
) -> Result<OpenChallenge, ChainError> {
    let seats = stored.panel.0.into_iter().map(|seat| Seat {
        worker: seat.worker.0,
        verdict: seat.verdict.map(|verdict| verdict.0),
    });
    Ok(OpenChallenge {
        id,
        challenger: AccountBytes(stored.challenger.0),
        receipt: stored.receipt.0,
        accused: stored.accused.0,
        contract: stored.contract.0,
        claimed: stored.claimed.0,
        data_url: text(stored.data_url.0, "data URL")?,
        panel: seats.collect(),
        opened_at: stored.opened_at,
        deadline: stored.deadline,
    })
}

fn outcome(stored: &StoredOutcome) -> ChallengeOutcome {
    match stored {
        StoredOutcome::Fault(found) => ChallengeOutcome::Fault(evidence(found)),
        StoredOutcome::Holds => ChallengeOutcome::Holds,
        StoredOutcome::Undecided => ChallengeOutcome::Undecided,
    }
}

fn evidence(stored: &StoredEvidence) -> FaultEvidence {
    match stored {
        StoredEvidence::OtherCode => FaultEvidence::OtherCode,
        StoredEvidence::Replay(verdict) => FaultEvidence::Replay(verdict.0),
    }
}
