//! Whose questions for a cluster's key are looked at, where there are many.
//!
//! Anybody may ask, for any worker: only that worker can open the answer. But each question asks
//! the chain. So members that have signed theirs have turns of their own, which nobody else can use
//! up, and no member those of another.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use phat_primitives::{ClusterId, WorkerId};
use phat_worker_client::ClusterKeyBody;
use schnorrkel::{PublicKey, Signature};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{cluster_keys::Handover, contracts::Snapshot};

/// Questions of members that are looked at at once.
const OF_MEMBERS_CONCURRENT_MAX: usize = 4;
/// Questions of one member that are looked at in each [`WINDOW`]. A newcomer asks once for each
/// generation.
const OF_MEMBER_PER_WINDOW_MAX: u32 = 60;
/// Other questions that are looked at at once.
const OTHERS_CONCURRENT_MAX: usize = 2;
/// Other questions that are looked at in each [`WINDOW`].
const OTHERS_PER_WINDOW_MAX: u32 = 300;
/// What is counted over.
const WINDOW: Duration = Duration::from_secs(60);
/// How many blocks the block of a signed question may be from the one that the asked worker knows.
const QUESTION_BLOCKS_MAX: u64 = 100;
/// The context of signatures by identity keys.
const CONTEXT: &[u8] = b"substrate";

/// Whose a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// This active member's: it has signed it.
    Member(WorkerId),
    /// Anybody's.
    Anybody,
}

/// Whose the question is, which `giver` was asked.
pub fn asker(
    asked: &ClusterKeyBody,
    snapshot: &Snapshot,
    cluster: ClusterId,
    giver: WorkerId,
) -> Asker {
    let Some(signed) = &asked.signed else {
        return Asker::Anybody;
    };
    let handover = Handover {
        genesis_hash: snapshot.genesis_hash,
        cluster,
        generation: asked.generation,
        giver,
        asker: asked.worker,
    };
    let is_member = snapshot.members.contains(&asked.worker);
    let is_recent = snapshot.block.abs_diff(signed.block) <= QUESTION_BLOCKS_MAX;
    // The signature last: it takes the longest.
    if is_member && is_recent && is_signed(&handover, signed.block, &signed.signature.0) {
        Asker::Member(asked.worker)
    } else {
        Asker::Anybody
    }
}

fn is_signed(handover: &Handover, block: u64, signature: &[u8]) -> bool {
    let key = PublicKey::from_bytes(&handover.asker.0);
    let (Ok(key), Ok(signature)) = (key, Signature::from_bytes(signature)) else {
        return false;
    };
    let payload = handover.question(block).signing_payload();
    key.verify_simple(CONTEXT, &payload, &signature).is_ok()
}

/// Turns for questions for a key.
pub struct Handovers {
    of_members: Semaphore,
    others: Semaphore,
    window: Mutex<Window>,
}

/// What was looked at lately.
struct Window {
    since: Instant,
    /// Of each member. Members are as many as a cluster may have.
    of_member: BTreeMap<WorkerId, u32>,
    others: u32,
}

impl Window {
    fn new(since: Instant) -> Self {
        Self {
            since,
            of_member: BTreeMap::new(),
            others: 0,
        }
    }
}

impl Default for Handovers {
    fn default() -> Self {
        Self {
            of_members: Semaphore::new(OF_MEMBERS_CONCURRENT_MAX),
            others: Semaphore::new(OTHERS_CONCURRENT_MAX),
            window: Mutex::new(Window::new(Instant::now())),
        }
    }
}

impl Handovers {
    /// A turn for one question, if there is one.
    pub fn enter(&self, asker: Asker, now: Instant) -> Option<SemaphorePermit<'_>> {
        let places = match asker {
            Asker::Member(_) => &self.of_members,
            Asker::Anybody => &self.others,
        };
        let place = places.try_acquire().ok()?;
        let mut window = self.window.lock();
        if now.saturating_duration_since(window.since) >= WINDOW {
            *window = Window::new(now);
        }
        let (count, max) = match asker {
            Asker::Member(worker) => {
                let count = window.of_member.entry(worker).or_default();
                (count, OF_MEMBER_PER_WINDOW_MAX)
            }
            Asker::Anybody => (&mut window.others, OTHERS_PER_WINDOW_MAX),
        };
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBERS: [Asker; 2] = [
        Asker::Member(WorkerId([1; 32])),
        Asker::Member(WorkerId([2; 32])),
    ];

    #[test]
    fn questions_are_bounded_at_once() {
        let handovers = Handovers::default();
        let now = Instant::now();
        let take = |asker, count| -> Vec<_> {
            let turns = (0..count).map(|_| handovers.enter(asker, now).unwrap());
            turns.collect()
        };
        let others = take(Asker::Anybody, OTHERS_CONCURRENT_MAX);
        assert!(handovers.enter(Asker::Anybody, now).is_none());
        let _of_members = take(MEMBERS[0], OF_MEMBERS_CONCURRENT_MAX);
        assert!(handovers.enter(MEMBERS[1], now).is_none());
        drop(others);
        assert!(handovers.enter(Asker::Anybody, now).is_some());
    }

    #[test]
    fn nobody_uses_up_the_turns_of_another() {
        let handovers = Handovers::default();
        let now = Instant::now();
        let use_up = |asker, count| {
            for _ in 0..count {
                assert!(handovers.enter(asker, now).is_some());
            }
            assert!(handovers.enter(asker, now).is_none());
        };
        use_up(Asker::Anybody, OTHERS_PER_WINDOW_MAX);
        use_up(MEMBERS[0], OF_MEMBER_PER_WINDOW_MAX);
        use_up(MEMBERS[1], OF_MEMBER_PER_WINDOW_MAX);
        for asker in [Asker::Anybody, MEMBERS[0]] {
            assert!(handovers.enter(asker, now + WINDOW).is_some());
        }
    }
}
