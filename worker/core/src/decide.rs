//! What to do next about a request.

use phat_target::{RequestStatus, TransactionStatus};

use crate::{Attempt, Policy, Record, Settlement, Step, record::REPLACED};

/// What the target chain shows of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The newest block that may be acted on.
    pub head: u64,
    /// The block from which this worker's rank lets it serve the request.
    pub start_block: u64,
    /// The block from which it lets it submit the outcome: later than it runs, where
    /// several workers run the request.
    pub submit_block: u64,
    /// What has become of the request, at the newest block.
    pub status: RequestStatus,
    /// What has become of each attempt, in the record's order.
    pub transactions: Vec<TransactionStatus>,
    /// A nonce that keeps the last live attempt from being included and that no
    /// other request will use, see [`crate::nonce_gap`] and [`crate::left_nonce`].
    pub nonce_gap: Option<u64>,
}

/// What to do next about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run the contract, then note [`Record::executed`].
    Run,
    /// Make a transaction of the kept outcome, note [`Record::prepared`], send it.
    Prepare {
        /// The nonce to use.
        nonce: Nonce,
        /// The number of the attempt whose place it takes.
        replaces: Option<u32>,
    },
    /// Send this attempt, then note [`Record::sent`].
    Send {
        /// The attempt's number.
        attempt: u32,
    },
    /// Nothing before this block.
    Wait {
        /// The block to look again at.
        until: u64,
    },
    /// Note [`Record::finished`].
    Finish(Settlement),
    /// Note [`Record::give_up`].
    GiveUp(&'static str),
    /// Nothing ever again.
    Done,
}

/// Which nonce a transaction gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonce {
    /// A new one, see [`crate::fresh_nonce`].
    Fresh,
    /// This one.
    Keep(u64),
}

/// What to do about `record` in view of `observation`, which must be newer than
/// the record's last attempt.
pub fn next(record: &Record, observation: &Observation, policy: &Policy) -> Action {
    if record.is_final() {
        return Action::Done;
    }
    let head = observation.head;
    let wait = Action::Wait {
        until: head.saturating_add(1),
    };
    match own_inclusion(record, observation) {
        Inclusion::Final(settlement) => return Action::Finish(settlement),
        Inclusion::Waiting => return wait,
        Inclusion::None => {}
    }
    match observation.status {
        RequestStatus::Settled | RequestStatus::Failed => match record.settled_seen_at {
            Some(seen) if head >= seen.saturating_add(policy.confirmations) => {
                match record.replaced_seen_at {
                    Some(_) => Action::GiveUp(REPLACED),
                    None => Action::Finish(Settlement::Other),
                }
            }
            _ => wait,
        },
        RequestStatus::Expired => match record.settled_seen_at {
            Some(seen) if head >= seen.saturating_add(policy.confirmations) => {
                match record.replaced_seen_at {
                    Some(_) => Action::GiveUp(REPLACED),
                    None => Action::GiveUp("it expired before it had an outcome"),
                }
            }
            _ => wait,
        },
        RequestStatus::Unknown => match record.unknown_seen_at {
            Some(seen) if head >= seen.saturating_add(policy.unknown_blocks_max) => {
                Action::GiveUp("the anchor does not know the request any more")
            }
            _ => wait,
        },
        RequestStatus::Open => match record.step {
            Step::Seen => not_before(
                record.not_before.max(observation.start_block),
                head,
                Action::Run,
            ),
            _ => submit(record, observation, policy),
        },
    }
}

enum Inclusion {
    /// An attempt settled the request for good.
    Final(Settlement),
    /// An attempt is in a block that is not final.
    Waiting,
    /// No attempt is in a block, except ones that failed for good.
    None,
}

fn own_inclusion(record: &Record, observation: &Observation) -> Inclusion {
    let mut inclusion = Inclusion::None;
    for (attempt, status) in record.attempts.iter().zip(&observation.transactions) {
        let TransactionStatus::Included {
            block,
            gas_used,
            success,
            is_final,
        } = *status
        else {
            continue;
        };
        // What carries other requests too may have passed this one over.
        let may_be_other = attempt.carries > 1 && !observation.status.is_closed();
        if success && is_final && !may_be_other {
            return Inclusion::Final(Settlement::Own {
                transaction: attempt.hash,
                block: block.number,
                gas_used,
            });
        }
        if !is_final {
            inclusion = Inclusion::Waiting;
        }
    }
    inclusion
}

/// The request is open, its outcome is at hand and no attempt has settled it.
fn submit(record: &Record, observation: &Observation, policy: &Policy) -> Action {
    let head = observation.head;
    let live: Vec<(&Attempt, TransactionStatus)> = record
        .attempts
        .iter()
        .zip(observation.transactions.iter().copied())
        .filter(|(attempt, _)| !is_spent(attempt, record, observation))
        .collect();
    let Some((last, _)) = live.last().copied() else {
        if record.failures >= policy.failures_max {
            return Action::GiveUp("every transaction made for it failed");
        }
        return not_before(
            record.not_before.max(observation.submit_block),
            head,
            Action::Prepare {
                nonce: Nonce::Fresh,
                replaces: None,
            },
        );
    };
    let replacement = Action::Prepare {
        nonce: Nonce::Keep(last.nonce),
        replaces: Some(last.number),
    };
    if last.run != record.runs {
        // The chain may still include what an earlier run decided: the new
        // outcome takes its nonce.
        return not_before(record.not_before, head, replacement);
    }
    let pending = live
        .iter()
        .filter(|(_, status)| *status == TransactionStatus::Pending)
        .max_by_key(|(attempt, _)| attempt.sent_at);
    let Some((pending, _)) = pending else {
        // At its price it is not taken, or it would fail unless the request is
        // back: preparing another one tells. Endpoints that take it every time and
        // never show it may have dropped it as often, because it pays too little.
        let is_stale = last.is_underpriced
            || record.replaced_seen_at.is_some()
            || last.is_unseen(head, policy);
        let action = if is_stale {
            replacement
        } else {
            Action::Send {
                attempt: last.number,
            }
        };
        return not_before(record.not_before, head, action);
    };
    let patience = pending
        .sent_at
        .unwrap_or(head)
        .saturating_add(policy.replace_after_blocks);
    if head < patience {
        return Action::Wait { until: patience };
    }
    // There is no last replacement: the fee cap ends them.
    let action = match observation.nonce_gap {
        Some(gap) => Action::Prepare {
            nonce: Nonce::Keep(gap),
            replaces: None,
        },
        None => replacement,
    };
    not_before(record.not_before, head, action)
}

/// Whether an attempt can never be included any more: its nonce is used.
fn is_spent(attempt: &Attempt, record: &Record, observation: &Observation) -> bool {
    attempt.is_dead
        || record
            .attempts
            .iter()
            .zip(&observation.transactions)
            .any(|(other, status)| {
                other.nonce == attempt.nonce
                    && matches!(status, TransactionStatus::Included { is_final: true, .. })
            })
}

fn not_before(block: u64, head: u64, action: Action) -> Action {
    if head >= block {
        action
    } else {
        Action::Wait { until: block }
    }
}
