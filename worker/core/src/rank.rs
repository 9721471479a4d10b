//! Which worker of a cluster serves a request, agreed on without a message.

use codec::Encode;
use phat_primitives::{RequestId, WorkerId, blake2_256};

use crate::Policy;

/// Separates these hashes from all others.
const DOMAIN: &[u8] = b"phat/rendezvous/1";

/// The rank of `worker` among `members` for `request`, by rendezvous hashing
/// (highest random weight, Thaler and Ravishankar 1996): 0 serves it at once.
/// `None` if it is no member.
///
/// When a worker joins or leaves, only its own requests change hands.
pub fn rank(request: RequestId, worker: WorkerId, members: &[WorkerId]) -> Option<u64> {
    if !members.contains(&worker) {
        return None;
    }
    let weight = |worker: &WorkerId| (blake2_256(&(DOMAIN, request, worker).encode()), *worker);
    let own = weight(&worker);
    let ahead = members
        .iter()
        .filter(|member| **member != worker && weight(member) > own)
        .count();
    Some(ahead as u64)
}

/// The target block from which a worker of this rank serves a request made in
/// block `requested`.
pub fn start_block(requested: u64, rank: u64, policy: &Policy) -> u64 {
    requested.saturating_add(rank.saturating_mul(policy.takeover_blocks))
}
