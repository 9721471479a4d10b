//! What a failure means for a request: when to try again, and when to give up.
//!
//! An endpoint that is away says nothing about a request and changes nothing.
//! All else counts, with a pause that grows, so that no request is tried for ever
//! and none keeps a nonce from the others that it cannot use.

use phat_target::{Rejection, TargetError};

use crate::{Policy, Record, Step, record::REPLACED};

/// What others can mend is tried for ever; its pause stops growing after so many
/// tries, at 16 blocks.
const MENDABLE_TRIES_MAX: u32 = 4;
/// The longest pause of a request that waits for its turn at its anchor, in blocks.
const TURN_PAUSE_BLOCKS_MAX: u64 = 16;
/// Why a firing is given up whose anchor takes answers to requests only.
const UNASKED: &str = "its anchor takes no outcome that nobody asked for: leave out the trigger's \
                       reply";

impl Record {
    /// Notes that preparing a transaction failed at block `head`. `true` if the
    /// record changed; an outage changes nothing, the same is tried again.
    pub fn failed(&mut self, error: &TargetError, head: u64, policy: &Policy) -> bool {
        if error.is_outage() {
            return false;
        }
        // What no endpoint has taken, and cannot be replaced now, makes room.
        self.release_unsent();
        let is_changed = self.count_failure(error, head, policy);
        self.watch_leftovers(head, policy);
        is_changed
    }

    /// Counts a failure that is no outage: when to try again, or that it is given up.
    fn count_failure(&mut self, error: &TargetError, head: u64, policy: &Policy) -> bool {
        match error {
            TargetError::Rejected(Rejection::UnknownRequest | Rejection::CommitmentMismatch)
                if self.firing.is_some() =>
            {
                self.give_up(UNASKED);
                return true;
            }
            TargetError::Rejected(
                Rejection::AlreadySettled | Rejection::UnknownRequest | Rejection::Expired,
            ) => {
                self.not_before = head.saturating_add(1);
                return true;
            }
            TargetError::Rejected(Rejection::OutOfTurn { ahead }) => {
                // At most one of the requests before it is settled in a block. That
                // it waits is no failure, however long it does.
                let pause = (*ahead).clamp(1, TURN_PAUSE_BLOCKS_MAX);
                self.not_before = head.saturating_add(pause);
            }
            TargetError::Rejected(Rejection::CommitmentMismatch) => {
                let seen = *self.replaced_seen_at.get_or_insert(head);
                if head >= seen.saturating_add(policy.confirmations) {
                    self.give_up(REPLACED);
                    return true;
                }
                // The next block may bring it back.
                self.not_before = head.saturating_add(1);
            }
            TargetError::Rejected(Rejection::StaleVersion { .. }) => {
                if self.runs >= policy.runs_max {
                    self.give_up(&format!("{error}; given up after {} runs", self.runs));
                    return true;
                }
                self.step = Step::Seen;
                // The first rerun is due at the next block, later ones back off.
                let pause = policy.backoff_blocks(self.runs.saturating_sub(1));
                self.not_before = head.saturating_add(pause);
            }
            TargetError::FeeCap { .. } => {
                // The price may fall to what was offered before.
                for attempt in &mut self.attempts {
                    attempt.is_underpriced = false;
                    // What no endpoint shows is sent again for a while, as it is.
                    if attempt.is_unseen(head, policy) {
                        attempt.sent_at = Some(head);
                    }
                }
                self.pause_for_others(head, policy);
            }
            TargetError::OutOfFunds { .. } => self.pause_for_others(head, policy),
            TargetError::Rejected(
                Rejection::NotAttestor(_)
                | Rejection::OutOfBounds(_)
                | Rejection::QuorumMissing { .. },
            ) => {
                // The anchor's owner can allow it at any time, and other workers can
                // sign; asking costs little.
                let tries = self.rejections.min(MENDABLE_TRIES_MAX);
                self.not_before = head.saturating_add(policy.backoff_blocks(tries));
                self.rejections = next_mendable(self.rejections);
            }
            TargetError::Rejected(Rejection::Reverted(_))
            | TargetError::GasCap { .. }
            | TargetError::OutcomeTooLarge(_)
            | TargetError::Malformed(_) => {
                if self.rejections >= policy.rejections_max {
                    let tries = self.rejections;
                    self.give_up(&format!("{error}; given up after {tries} tries"));
                    return true;
                }
                self.not_before = head.saturating_add(policy.backoff_blocks(self.rejections));
                self.rejections = self.rejections.saturating_add(1);
            }
            TargetError::Unreachable { .. }
            | TargetError::Disagreement { .. }
            | TargetError::WrongChain { .. }
            | TargetError::Refused { .. }
            | TargetError::Underpriced { .. }
            | TargetError::NonceUsed { .. } => {
                return self.count_refusal(error, head, policy);
            }
        }
        self.set_problem(&error.to_string());
        true
    }

    /// Notes that the endpoint refused attempt number `number` at block `head`.
    /// `true` if the record changed; an outage changes nothing.
    pub fn refused(
        &mut self,
        number: u32,
        error: &TargetError,
        head: u64,
        policy: &Policy,
    ) -> bool {
        if error.is_outage() {
            return false;
        }
        if let Some(attempt) = self.attempt_mut(number) {
            attempt.refusals = attempt.refusals.saturating_add(1);
            let is_unsent = attempt.sent_at.is_none();
            match error {
                // It gets a higher price and keeps its nonce.
                TargetError::Underpriced { .. } => attempt.is_underpriced = true,
                // A cheaper settlement may still be paid for with this nonce.
                TargetError::OutOfFunds { .. } if is_unsent => attempt.is_dead = true,
                _ => attempt.is_dead |= attempt.refusals >= policy.attempt_refusals_max,
            }
            // What is refused may be what it shares the transaction with.
            self.is_alone |= attempt.is_dead && attempt.carries > 1;
        }
        match error {
            TargetError::Underpriced { .. } | TargetError::OutOfFunds { .. } => {
                self.pause_for_others(head, policy);
                self.set_problem(&error.to_string());
                true
            }
            _ => self.count_refusal(error, head, policy),
        }
    }

    /// Notes that the request's state cannot be read at block `head`. `true` if the
    /// record changed; an outage changes nothing.
    pub fn unreadable(&mut self, error: &TargetError, head: u64, policy: &Policy) -> bool {
        if error.is_outage() {
            return false;
        }
        let since = *self.unreadable_since.get_or_insert(head);
        let blocks = head.saturating_sub(since);
        if blocks >= policy.unreadable_blocks_max {
            self.give_up(&format!("{error}; given up after {blocks} blocks"));
            self.watch_leftovers(head, policy);
            return true;
        }
        // As long again as it has been so far: 1, 1, 2, 4, … blocks.
        let pause = blocks.clamp(1, policy.backoff_blocks_max.max(1));
        self.look_from = head.saturating_add(pause);
        self.set_problem(&error.to_string());
        true
    }

    /// Notes that the day's spending cap leaves no room for a transaction at block
    /// `head`. It waits as long as it takes.
    pub fn capped(&mut self, problem: &str, head: u64, policy: &Policy) {
        self.release_unsent();
        self.pause_for_others(head, policy);
        self.set_problem(problem);
    }

    /// Pauses for what others can mend: the price, or the account's balance.
    fn pause_for_others(&mut self, head: u64, policy: &Policy) {
        let tries = self.refusals.min(MENDABLE_TRIES_MAX);
        self.not_before = head.saturating_add(policy.backoff_blocks(tries));
        self.refusals = next_mendable(self.refusals);
    }

    fn count_refusal(&mut self, error: &TargetError, head: u64, policy: &Policy) -> bool {
        if self.refusals >= policy.refusals_max {
            let tries = self.refusals;
            self.give_up(&format!("{error}; given up after {tries} refusals"));
            self.watch_leftovers(head, policy);
            return true;
        }
        self.not_before = head.saturating_add(policy.backoff_blocks(self.refusals));
        self.refusals = self.refusals.saturating_add(1);
        self.set_problem(&error.to_string());
        true
    }
}

/// The count after one more try of what others can mend: enough for the pause to
/// grow, but nothing that leads to giving up.
fn next_mendable(tries: u32) -> u32 {
    tries.max(tries.saturating_add(1).min(MENDABLE_TRIES_MAX))
}
