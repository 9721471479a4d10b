//! Settled requests are looked at for some time more: a reorganisation that goes
//! deeper than the confirmations can undo what counted as final.
//!
//! A look costs one question about the request's status. The pauses between them
//! double, so a request that stays settled costs a handful of questions.
//!
//! Requests that were given up are watched as well if transactions of theirs may still
//! wait: until those are gone, as they keep the ones behind them from being included.

use codec::{Decode, Encode};
use phat_target::RequestStatus;

use crate::{Attempt, Policy, Record, Settlement, Step};

/// Blocks until the first look at a settled request.
const FIRST_LOOK_BLOCKS: u64 = 2;

/// The looks at a request that is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Watch {
    /// The block at which it was taken for settled.
    pub since: u64,
    /// The block of the next look.
    pub next: u64,
}

/// What a look at a settled request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// It is still settled, and is looked at again.
    Settled,
    /// It was settled for long enough: it is looked at no more.
    Over,
    /// It is not settled any more: it was opened again.
    Reopened,
}

impl Record {
    /// Starts to watch a request that is settled at block `head`.
    pub(crate) fn start_watch(&mut self, head: u64, policy: &Policy) {
        self.watch = (policy.watch_blocks > 0).then_some(Watch {
            since: head,
            next: head.saturating_add(FIRST_LOOK_BLOCKS),
        });
    }

    /// Notes that the request was given up at block `head`: what was sent for it may
    /// wait on, and is watched until it is gone. Nothing happens to one that is watched
    /// already, or of which nothing was sent.
    pub fn watch_leftovers(&mut self, head: u64, policy: &Policy) {
        let is_given_up = self.step == Step::Abandoned;
        if is_given_up && self.watch.is_none() && self.leftovers().next().is_some() {
            self.start_watch(head, policy);
        }
    }

    /// Whether a settled request is to be looked at again at block `head`.
    pub fn is_watch_due(&self, head: u64) -> bool {
        self.watch.is_some_and(|watch| head >= watch.next)
    }

    /// Whether a settled request was watched for as long as it has to be at block
    /// `head`.
    pub fn is_watched_enough(&self, head: u64, policy: &Policy) -> bool {
        self.watch
            .is_none_or(|watch| head.saturating_sub(watch.since) >= policy.watch_blocks)
    }

    /// The transactions that were sent and are of no use: the request is settled, or
    /// gave up their nonces. One that waits all the same keeps those behind it from
    /// being included.
    pub fn leftovers(&self) -> impl Iterator<Item = &Attempt> {
        let attempts = self.attempts.iter();
        attempts.filter(|attempt| attempt.sent_at.is_some() && (self.is_final() || attempt.is_dead))
    }

    /// Notes the status of a settled request at block `head`, which does not count for
    /// one that was given up. `is_left`: one of its
    /// [leftovers](Self::leftovers) waits to be included, so that the request is
    /// watched on.
    pub fn watched(
        &mut self,
        status: RequestStatus,
        is_left: bool,
        head: u64,
        policy: &Policy,
    ) -> Watched {
        let is_over = self.is_watched_enough(head, policy) && !is_left;
        let Some(watch) = &mut self.watch else {
            return Watched::Over;
        };
        let age = head.saturating_sub(watch.since);
        // Where there was nothing to settle, it is not settled at the anchor; and what
        // was given up stays so.
        let is_at_anchor = matches!(
            self.step,
            Step::Settled(Settlement::Own { .. } | Settlement::Other)
        );
        match status {
            RequestStatus::Open if is_at_anchor => {
                self.reopen(head, policy);
                Watched::Reopened
            }
            // Its block is gone too, and may come back.
            RequestStatus::Unknown if is_at_anchor && !is_over => {
                watch.next = head.saturating_add(1);
                Watched::Settled
            }
            _ if is_over => {
                self.watch = None;
                Watched::Over
            }
            _ => {
                let pause = age.clamp(
                    FIRST_LOOK_BLOCKS,
                    policy.watch_blocks.max(FIRST_LOOK_BLOCKS),
                );
                watch.next = head.saturating_add(pause);
                Watched::Settled
            }
        }
    }

    /// Opens a settled request again, whose outcome and transactions are still kept.
    /// Nonces that others hold by now are to be taken from it, see
    /// [`Record::nonce_lost`].
    pub(crate) fn reopen(&mut self, head: u64, policy: &Policy) {
        let is_own = matches!(self.step, Step::Settled(Settlement::Own { .. }));
        self.watch = None;
        self.problem = None;
        self.settled_seen_at = None;
        self.unknown_seen_at = None;
        self.replaced_seen_at = None;
        self.unreadable_since = None;
        self.look_from = 0;
        self.failures = 0;
        self.refusals = 0;
        self.rejections = 0;
        // What was sent long ago is sent again before it is replaced.
        for attempt in &mut self.attempts {
            attempt.sent_at = attempt.sent_at.map(|_| head);
        }
        // Whoever settled it does so again first.
        let pause = if is_own { 0 } else { policy.takeover_blocks };
        self.not_before = head.saturating_add(pause);
        self.step = if self.live().next().is_some() {
            Step::Submitting
        } else if self.runs > 0 {
            Step::Executed
        } else {
            Step::Seen
        };
    }
}
