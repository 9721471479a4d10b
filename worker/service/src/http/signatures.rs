//! Tells other workers of the cluster which outcomes this one has signed.
//!
//! They ask, and nothing is kept of what they ask: however many questions there are,
//! they fill nothing. Each member has its own number of them.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::StatusCode,
};
use parking_lot::Mutex;
use phat_primitives::{ContractId, RequestId, WorkerId};
use phat_worker_client::{HexBytes, SIGNATURES_BODY_BYTES_MAX, SignaturesAnswer, SignaturesBody};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    Api, ApiError,
    routes::{parse, served},
};
use crate::{
    contracts::Snapshot,
    settler::{Message, Question, Subject, state_block_of},
};

/// Questions that are looked at at once.
const CONCURRENT_MAX: usize = 16;
/// Questions of one member that are looked at in each [`WINDOW`].
const PER_WINDOW_MAX: u32 = 3_000;
/// What is counted over.
const WINDOW: Duration = Duration::from_secs(60);
/// How many blocks the block of a question may be from the one that the asked worker
/// knows.
const QUESTION_BLOCKS_MAX: u64 = 100;

/// Turns for questions about outcomes.
pub struct SignatureTurns {
    places: Semaphore,
    /// How many questions of one member are looked at in each [`WINDOW`].
    per_window_max: u32,
    window: Mutex<(Instant, BTreeMap<WorkerId, u32>)>,
}

impl Default for SignatureTurns {
    fn default() -> Self {
        Self::new(CONCURRENT_MAX, PER_WINDOW_MAX)
    }
}

impl SignatureTurns {
    /// Turns for so many questions at once, and so many of each member in each [`WINDOW`].
    pub(super) fn new(concurrent_max: usize, per_window_max: u32) -> Self {
        Self {
            places: Semaphore::new(concurrent_max),
            per_window_max,
            window: Mutex::new((Instant::now(), BTreeMap::new())),
        }
    }

    /// A place for one question, until it is answered.
    pub(super) fn place(&self) -> Result<SemaphorePermit<'_>, ApiError> {
        self.places.try_acquire().map_err(|_| ApiError::busy())
    }

    /// Counts a question of a member, of which there are as many as a cluster may have.
    /// `false` if it has asked too many.
    pub(super) fn count(&self, member: WorkerId, now: Instant) -> bool {
        let mut window = self.window.lock();
        if now.saturating_duration_since(window.0) >= WINDOW {
            *window = (now, BTreeMap::new());
        }
        let count = window.1.entry(member).or_default();
        *count = count.saturating_add(1);
        *count <= self.per_window_max
    }
}

/// Gives the outcome of a request that this worker has signed, to a worker of its
/// cluster.
pub async fn signatures(
    State(api): State<Arc<Api>>,
    State(turns): State<Arc<SignatureTurns>>,
    Path((contract, request)): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SignaturesAnswer>, ApiError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(SIGNATURES_BODY_BYTES_MAX),
        _ => rejection.into(),
    })?;
    let asked: SignaturesBody = serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("the body: {error}")))?;
    let contract: ContractId = parse(&contract)?;
    let request: RequestId = parse(&request)?;
    let (snapshot, _) = served(&api, contract)?;
    let giver = api.executor.keys().worker_id();
    let question = Question {
        subject: Subject {
            genesis_hash: snapshot.genesis_hash,
            contract,
            request,
        },
        cluster: api.cluster,
        asker: asked.worker,
        giver,
        block: asked.block,
        state_block: asked.state_block,
    };
    let _place = turns.place()?;
    // The signature last: it takes the longest.
    if !is_current(&snapshot, &question) || !question.is_signed(&asked.signature.0) {
        return Err(not_member());
    }
    if !turns.count(asked.worker, Instant::now()) {
        return Err(ApiError::busy());
    }
    let kept = api
        .journal
        .on_thread(move |journal| Ok((journal.outcome(request)?, journal.record(request)?)))
        .await?;
    let none = || {
        let message = format!("this worker has signed no outcome of {request} yet");
        ApiError::absent("no_outcome", message)
    };
    let (Some(bytes), Some(record)) = kept else {
        return Err(none());
    };
    let state_block = state_block_of(&bytes, &question.subject, &record);
    if state_block.ok_or_else(none)? < asked.state_block {
        run_again(&api, request, asked.state_block);
    }
    Ok(Json(SignaturesAnswer {
        worker: giver,
        outcome: HexBytes(bytes),
    }))
}

/// Whether a question is of an active worker, and of now.
pub(super) fn is_current(snapshot: &Snapshot, question: &Question) -> bool {
    let age = snapshot.block.abs_diff(question.block);
    snapshot.members.contains(&question.asker) && age <= QUESTION_BLOCKS_MAX
}

/// Tells whoever is no active worker that it gets nothing.
pub(super) fn not_member() -> ApiError {
    let message = "outcomes are for active workers of this cluster, which sign their questions, \
                   before they are settled";
    ApiError::forbidden("not_member", message)
}

/// Tells the settlers, of which one has the request. One that is busy is told with the
/// next question.
fn run_again(api: &Api, request: RequestId, state_block: u64) {
    for settler in api.owners.settlers.values() {
        let message = Message::RunAgain {
            request,
            state_block,
        };
        let _ = settler.try_send(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_member_uses_up_the_questions_of_another() {
        let turns = SignatureTurns::default();
        let now = Instant::now();
        let [first, second] = [1, 2].map(|tag| WorkerId([tag; 32]));
        for _ in 0..PER_WINDOW_MAX {
            assert!(turns.count(first, now));
        }
        assert!(!turns.count(first, now));
        assert!(turns.count(second, now));
        assert!(turns.count(first, now + WINDOW));
    }
}
