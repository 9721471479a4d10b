//! What other workers of the cluster ask about a request, and whether they are heard: who
//! may ask, how often, and for which block.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use phat_primitives::WorkerId;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    Api, ApiError,
    routes::{parse, served},
};
use crate::{
    contracts::Snapshot,
    settler::{Question, Subject},
};

/// What is counted over.
const WINDOW: Duration = Duration::from_secs(60);
/// How many blocks the block of a question may be from the one that the asked worker
/// knows.
const QUESTION_BLOCKS_MAX: u64 = 100;

/// Turns for questions of one kind.
pub(super) struct Turns {
    places: Semaphore,
    /// How many questions of one member are looked at in each [`WINDOW`].
    per_window_max: u32,
    window: Mutex<(Instant, BTreeMap<WorkerId, u32>)>,
}

impl Turns {
    /// Turns for so many questions at once, and so many of each member in each [`WINDOW`].
    pub(super) fn new(concurrent_max: usize, per_window_max: u32) -> Self {
        Self {
            places: Semaphore::new(concurrent_max),
            per_window_max,
            window: Mutex::new((Instant::now(), BTreeMap::new())),
        }
    }

    /// A place for one question, until it is answered.
    fn place(&self) -> Result<SemaphorePermit<'_>, ApiError> {
        self.places.try_acquire().map_err(|_| ApiError::busy())
    }

    /// Counts a question of a member, of which there are as many as a cluster may have.
    /// `false` if it has asked too many.
    fn count(&self, member: WorkerId, now: Instant) -> bool {
        let mut window = self.window.lock();
        if now.saturating_duration_since(window.0) >= WINDOW {
            *window = (now, BTreeMap::new());
        }
        let count = window.1.entry(member).or_default();
        *count = count.saturating_add(1);
        *count <= self.per_window_max
    }
}

/// Who asks, as the body of a question names it.
pub(super) struct Asker {
    /// The worker.
    pub(super) worker: WorkerId,
    /// The newest finalised block of the Phat chain that it knows of.
    pub(super) block: u64,
    /// The block at which its own run has read state.
    pub(super) state_block: u64,
}

/// A question, and the cluster as it is now.
pub(super) struct Asked {
    /// The question.
    pub(super) question: Question,
    snapshot: Arc<Snapshot>,
}

impl Asked {
    /// The question of `asker` to this worker about a request that a path names, by the
    /// contract and the request itself.
    pub(super) fn new(
        api: &Api,
        (contract, request): &(String, String),
        asker: &Asker,
    ) -> Result<Self, ApiError> {
        let contract = parse(contract)?;
        let request = parse(request)?;
        let (snapshot, _) = served(api, contract)?;
        let question = Question {
            subject: Subject {
                genesis_hash: snapshot.genesis_hash,
                contract,
                request,
            },
            cluster: api.cluster,
            asker: asker.worker,
            giver: api.executor.keys().worker_id(),
            block: asker.block,
            state_block: asker.state_block,
        };
        Ok(Self { question, snapshot })
    }

    /// A place for the question, until it is answered, if it is of an active worker that
    /// has signed it, of now, and not one too many.
    pub(super) fn admit<'a>(
        &self,
        turns: &'a Turns,
        is_signed: impl FnOnce(&Question) -> bool,
    ) -> Result<SemaphorePermit<'a>, ApiError> {
        let place = turns.place()?;
        // The signature last: it takes the longest.
        if !is_current(&self.snapshot, &self.question) || !is_signed(&self.question) {
            return Err(not_member());
        }
        if !turns.count(self.question.asker, Instant::now()) {
            return Err(ApiError::busy());
        }
        Ok(place)
    }
}

/// Whether a question is of an active worker, and of now.
fn is_current(snapshot: &Snapshot, question: &Question) -> bool {
    let age = snapshot.block.abs_diff(question.block);
    snapshot.members.contains(&question.asker) && age <= QUESTION_BLOCKS_MAX
}

/// Tells whoever is no active worker that it gets nothing.
fn not_member() -> ApiError {
    let message = "outcomes are for active workers of this cluster, which sign their questions, \
                   before they are settled";
    ApiError::forbidden("not_member", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PER_WINDOW_MAX: u32 = 3_000;

    #[test]
    fn no_member_uses_up_the_questions_of_another() {
        let turns = Turns::new(1, PER_WINDOW_MAX);
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
