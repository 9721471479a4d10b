//! Which requests share a transaction.
//!
//! A transaction settles several requests of one anchor, each by itself: what the
//! anchor cannot settle it passes over. Whatever takes the place of a transaction
//! carries all that hold its nonce and are ready, so that no two of them outbid
//! each other for it.

use std::collections::{BTreeMap, BTreeSet};

use phat_primitives::RequestId;
use phat_target::Rollup;

use crate::{Nonce, Record};

/// A request for which a transaction is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The request.
    pub id: RequestId,
    /// Its place in the journal: what was first goes first.
    pub sequence: u64,
    /// Its anchor.
    pub anchor: Vec<u8>,
    /// The nonce that its transaction gets.
    pub nonce: Nonce,
    /// It shares no transaction, see [`Record::is_alone`].
    pub is_alone: bool,
    /// The keys that its outcome depends on.
    pub reads: BTreeSet<Vec<u8>>,
    /// The keys that its outcome changes.
    pub writes: BTreeSet<Vec<u8>>,
}

impl Ready {
    /// A request with this outcome.
    pub fn new(record: &Record, rollup: &Rollup, nonce: Nonce) -> Self {
        Self {
            id: record.id,
            sequence: record.sequence,
            anchor: record.anchor.clone(),
            nonce,
            is_alone: record.is_alone,
            reads: rollup.reads.iter().map(|read| read.key.clone()).collect(),
            writes: rollup
                .writes
                .iter()
                .map(|write| write.key.clone())
                .collect(),
        }
    }
}

/// Requests that one transaction is to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Their anchor.
    pub anchor: Vec<u8>,
    /// The transaction's nonce.
    pub nonce: Nonce,
    /// The requests, at least one, the oldest first.
    pub requests: Vec<RequestId>,
    /// Requests that were to have the same nonce and do not fit. One that holds it
    /// must give it up, see [`Record::nonce_lost`].
    pub displaced: Vec<RequestId>,
}

/// What becomes of requests that are ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What to send, in this order.
    pub batches: Vec<Batch>,
    /// What waits for the next block, or until more are ready: its anchor had a
    /// transaction at this block already, or it depends on a key that another one
    /// changes.
    pub deferred: Vec<Ready>,
}

/// Divides what is ready into transactions, each with up to `batch_max` of its
/// anchor's requests. `served` are the anchors for which a transaction with a fresh
/// nonce was made since the last block: theirs wait until a batch is full, or until
/// the next block, which is as soon as they could be included anyway.
pub fn plan(
    mut ready: Vec<Ready>,
    batch_max: impl Fn(&[u8]) -> usize,
    served: &BTreeSet<Vec<u8>>,
) -> Plan {
    ready.sort_by_key(|ready| ready.sequence);
    let mut kept = BTreeMap::<u64, Vec<Ready>>::new();
    let mut fresh = BTreeMap::<Vec<u8>, Vec<Ready>>::new();
    for ready in ready {
        match ready.nonce {
            Nonce::Keep(nonce) => kept.entry(nonce).or_default().push(ready),
            Nonce::Fresh => fresh.entry(ready.anchor.clone()).or_default().push(ready),
        }
    }
    let mut plan = Plan::default();
    for group in kept.into_values() {
        let anchor = group[0].anchor.clone();
        // A gap can be offered to requests of several anchors: the oldest takes it.
        let (group, others): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|ready| ready.anchor == anchor);
        let max = batch_max(&anchor).max(1);
        let mut filling = Filling::default();
        let mut displaced: Vec<_> = others.iter().map(|ready| ready.id).collect();
        for ready in group {
            if filling.len() < max && filling.takes(&ready) {
                filling.add(ready);
            } else {
                displaced.push(ready.id);
            }
        }
        plan.batches.extend(filling.batch(displaced));
    }
    for (anchor, group) in fresh {
        plan_fresh(
            group,
            batch_max(&anchor).max(1),
            served.contains(&anchor),
            &mut plan,
        );
    }
    plan
}

/// Divides the requests of one anchor that get fresh nonces.
fn plan_fresh(group: Vec<Ready>, max: usize, is_served: bool, plan: &mut Plan) {
    let mut filling = Filling::default();
    for ready in group {
        if ready.is_alone || max == 1 {
            let mut own = Filling::default();
            own.add(ready);
            plan.batches.extend(own.batch(Vec::new()));
            continue;
        }
        if !filling.takes(&ready) {
            plan.deferred.push(ready);
            continue;
        }
        filling.add(ready);
        if filling.len() == max {
            plan.batches
                .extend(std::mem::take(&mut filling).batch(Vec::new()));
        }
    }
    if is_served {
        plan.deferred.extend(filling.members);
    } else {
        plan.batches.extend(filling.batch(Vec::new()));
    }
}

/// A batch that is being filled.
#[derive(Default)]
struct Filling {
    members: Vec<Ready>,
    writes: BTreeSet<Vec<u8>>,
}

impl Filling {
    fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether a request can be settled behind those that are in: it depends on
    /// nothing that they change.
    fn takes(&self, ready: &Ready) -> bool {
        let is_shared = !self.members.iter().any(|member| member.is_alone) && !ready.is_alone;
        self.members.is_empty() || (is_shared && ready.reads.is_disjoint(&self.writes))
    }

    fn add(&mut self, ready: Ready) {
        self.writes.extend(ready.writes.iter().cloned());
        self.members.push(ready);
    }

    fn batch(self, displaced: Vec<RequestId>) -> Option<Batch> {
        let first = self.members.first()?;
        Some(Batch {
            anchor: first.anchor.clone(),
            nonce: first.nonce,
            requests: self.members.iter().map(|member| member.id).collect(),
            displaced,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(tag: u8, nonce: Nonce) -> Ready {
        Ready {
            id: RequestId([tag; 32]),
            sequence: tag.into(),
            anchor: vec![7],
            nonce,
            is_alone: false,
            reads: BTreeSet::new(),
            writes: BTreeSet::new(),
        }
    }

    fn keys(names: &[&str]) -> BTreeSet<Vec<u8>> {
        names.iter().map(|name| name.as_bytes().to_vec()).collect()
    }

    /// The first bytes of the requests of each batch, of those displaced, and of
    /// those deferred.
    fn tags(plan: &Plan) -> (Vec<Vec<u8>>, Vec<u8>, Vec<u8>) {
        let tags = |ids: &[RequestId]| ids.iter().map(|id| id.0[0]).collect::<Vec<_>>();
        (
            plan.batches.iter().map(|b| tags(&b.requests)).collect(),
            plan.batches
                .iter()
                .flat_map(|b| tags(&b.displaced))
                .collect(),
            plan.deferred.iter().map(|ready| ready.id.0[0]).collect(),
        )
    }

    #[test]
    fn an_anchor_s_requests_share_transactions_of_a_bounded_size() {
        let all: Vec<_> = (1..=5).rev().map(|tag| ready(tag, Nonce::Fresh)).collect();
        let none = BTreeSet::new();
        let (batches, _, deferred) = tags(&plan(all.clone(), |_| 2, &none));
        assert_eq!(batches, [vec![1, 2], vec![3, 4], vec![5]]);
        assert!(deferred.is_empty());
        let (batches, ..) = tags(&plan(all.clone(), |_| 1, &none));
        assert_eq!(batches.len(), 5);
        // At most one batch that is not full at each block.
        let served = [vec![7]].into();
        let (batches, _, deferred) = tags(&plan(all.clone(), |_| 2, &served));
        assert_eq!((batches.len(), deferred), (2, vec![5]));
        let (batches, _, deferred) = tags(&plan(all, |_| 1, &served));
        assert_eq!((batches.len(), deferred), (5, vec![]));
    }

    #[test]
    fn anchors_share_nothing() {
        let other = Ready {
            anchor: vec![8],
            ..ready(2, Nonce::Fresh)
        };
        let all = vec![ready(1, Nonce::Fresh), other, ready(3, Nonce::Fresh)];
        let (batches, ..) = tags(&plan(all, |_| 9, &BTreeSet::new()));
        assert_eq!(batches, [vec![1, 3], vec![2]]);
    }

    #[test]
    fn what_failed_in_a_batch_goes_alone_and_holds_up_none() {
        let alone = Ready {
            is_alone: true,
            ..ready(1, Nonce::Fresh)
        };
        let all = vec![alone, ready(2, Nonce::Fresh), ready(3, Nonce::Fresh)];
        let (batches, ..) = tags(&plan(all, |_| 9, &BTreeSet::new()));
        assert_eq!(batches, [vec![1], vec![2, 3]]);
    }

    #[test]
    fn what_depends_on_a_key_that_another_changes_waits() {
        let first = Ready {
            reads: keys(&["a"]),
            writes: keys(&["b"]),
            ..ready(1, Nonce::Fresh)
        };
        // What it reads is checked before the next one writes it.
        let second = Ready {
            writes: keys(&["a", "b"]),
            ..ready(2, Nonce::Fresh)
        };
        let third = Ready {
            reads: keys(&["b"]),
            ..ready(3, Nonce::Fresh)
        };
        let all = vec![first, second, third];
        let (batches, _, deferred) = tags(&plan(all, |_| 9, &BTreeSet::new()));
        assert_eq!((batches, deferred), (vec![vec![1, 2]], vec![3]));
    }

    #[test]
    fn all_that_hold_a_nonce_are_in_what_takes_its_place() {
        let keep = Nonce::Keep(4);
        let all = vec![ready(3, keep), ready(1, keep), ready(2, Nonce::Fresh)];
        let served = [vec![7]].into();
        let (batches, displaced, deferred) = tags(&plan(all.clone(), |_| 9, &served));
        assert_eq!(batches, [vec![1, 3]]);
        assert_eq!((displaced, deferred), (vec![], vec![2]));
        let (batches, displaced, _) = tags(&plan(all, |_| 1, &BTreeSet::new()));
        assert_eq!((batches, displaced), (vec![vec![1], vec![2]], vec![3]));
    }

    #[test]
    fn one_anchor_takes_a_gap_that_several_are_offered() {
        let gap = Nonce::Keep(4);
        let other = Ready {
            anchor: vec![8],
            ..ready(2, gap)
        };
        let (batches, displaced, _) =
            tags(&plan(vec![other, ready(1, gap)], |_| 9, &BTreeSet::new()));
        assert_eq!((batches, displaced), (vec![vec![1]], vec![2]));
    }
}
