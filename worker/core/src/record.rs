//! What the journal knows of one request.

use codec::{Decode, Encode};
use phat_primitives::{ContractId, ReceiptHash, RequestId};
use phat_target::{PreparedTransaction, RequestStatus, TransactionStatus};

use crate::{Event, Fired, Observation, Policy, Watch};

/// The most bytes of a problem's text that are kept.
const PROBLEM_BYTES_MAX: usize = 512;

/// Why a record is given up whose request a reorganisation replaced.
pub(crate) const REPLACED: &str =
    "a reorganisation gave its number to another request, which has a record of its own";

/// One request and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Record {
    /// The request.
    pub id: RequestId,
    /// Its place in the journal, counted from 1.
    pub sequence: u64,
    /// The contract that is asked.
    pub contract: ContractId,
    /// The target chain, as CAIP-2 has it.
    pub chain: String,
    /// The anchor's address.
    pub anchor: Vec<u8>,
    /// Its number at the anchor, 256 bits, big-endian.
    pub number: [u8; 32],
    /// The height of the block it was made in.
    pub block: u64,
    /// The hash of the block it was made in.
    pub block_hash: [u8; 32],
    /// What binds its outcome to its content, see [`phat_target::AnchorRequest::commitment`].
    pub commitment: [u8; 32],
    /// What fired, where no request at an anchor asked.
    pub firing: Option<Fired>,
    /// The worker's clock when it was seen, milliseconds since 1970.
    pub seen_at_ms: u64,
    /// How far it has come.
    pub step: Step,
    /// How often it was run.
    pub runs: u32,
    /// The transactions made for it that are followed, oldest first; at most
    /// [`Policy::attempts_kept_max`].
    pub attempts: Vec<Attempt>,
    /// How many transactions were made for it.
    pub attempts_made: u32,
    /// How many transactions of the last run were included and failed.
    pub failures: u32,
    /// How often in a row the endpoint refused to prepare or take a transaction.
    pub refusals: u32,
    /// The receipt of the last run.
    pub receipt: Option<ReceiptHash>,
    /// How often in a row the anchor rejected it.
    pub rejections: u32,
    /// The block before which nothing new is tried.
    pub not_before: u64,
    /// The block before which it is not looked at.
    pub look_from: u64,
    /// The block since which its state cannot be read.
    pub unreadable_since: Option<u64>,
    /// The block at which it was first seen to take no outcome any more: it is
    /// settled, or has expired.
    pub settled_seen_at: Option<u64>,
    /// The block at which the anchor was first seen not to know it.
    pub unknown_seen_at: Option<u64>,
    /// The block at which its number was first seen to be another request's.
    pub replaced_seen_at: Option<u64>,
    /// It shares no transaction with others: in one that it shared it failed, or no
    /// endpoint took that.
    pub is_alone: bool,
    /// When it is looked at again, after it was settled.
    pub watch: Option<Watch>,
    /// Why it does not get on, or why it was given up.
    pub problem: Option<String>,
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Step {
    /// It is known and must be run.
    Seen,
    /// It was run: its outcome is signed and kept.
    Executed,
    /// A transaction for it is kept, and was perhaps sent.
    Submitting,
    /// Its outcome is on the chain for good.
    Settled(Settlement),
    /// It was given up, see [`Record::problem`].
    Abandoned,
}

/// How a request was settled.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Settlement {
    /// By this worker: by this transaction, or while it was included, if it carries
    /// other requests too.
    Own {
        /// The transaction.
        transaction: [u8; 32],
        /// The block it is in.
        block: u64,
        /// The gas it used.
        gas_used: u64,
    },
    /// By another worker or relayer.
    Other,
    /// By its run: no anchor takes its outcome, or there was nothing to settle.
    Run,
}

/// One transaction made for a request. The journal keeps its bytes elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Attempt {
    /// Its number among all that were made for the request, counted from 0.
    pub number: u32,
    /// The relay account's nonce.
    pub nonce: u64,
    /// The transaction's hash.
    pub hash: [u8; 32],
    /// The run whose outcome it carries, counted from 1.
    pub run: u32,
    /// How many requests it settles, this one included.
    pub carries: u32,
    /// The block at which an endpoint was first known to have taken it.
    pub sent_at: Option<u64>,
    /// How often in a row the endpoint refused it.
    pub refusals: u32,
    /// The endpoint takes it at a higher price only.
    pub is_underpriced: bool,
    /// It is not sent any more and has no claim to its nonce: the nonce was used,
    /// or no endpoint takes it.
    pub is_dead: bool,
}

/// What a repeated event of a known request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenAgain {
    /// Nothing new.
    Same,
    /// A reorganisation put it into another block, or brought it back; a final
    /// record was opened again.
    Moved,
}

impl Attempt {
    /// Whether it was sent so long before block `head` that it is replaced, if no
    /// endpoint shows that it waits.
    pub(crate) fn is_unseen(&self, head: u64, policy: &Policy) -> bool {
        let sent_at = self.sent_at;
        sent_at.is_some_and(|sent_at| head >= sent_at.saturating_add(policy.unseen_blocks()))
    }

    /// Whether the anchor passed the request over when the transaction was included,
    /// if the request's status was this afterwards.
    pub(crate) fn is_passed_over(&self, status: RequestStatus) -> bool {
        self.carries > 1 && status == RequestStatus::Open
    }
}

impl Record {
    /// The record of a request that is seen for the first time.
    pub fn seen(event: &Event, sequence: u64, seen_at_ms: u64) -> Self {
        Self {
            id: event.id(),
            sequence,
            contract: event.contract,
            chain: event.chain.clone(),
            anchor: event.anchor.clone(),
            number: event.request.number,
            block: event.request.block.number,
            block_hash: event.request.block.hash,
            commitment: event.request.commitment,
            firing: None,
            seen_at_ms,
            step: Step::Seen,
            runs: 0,
            attempts: Vec::new(),
            attempts_made: 0,
            failures: 0,
            refusals: 0,
            receipt: None,
            rejections: 0,
            not_before: 0,
            look_from: 0,
            unreadable_since: None,
            settled_seen_at: None,
            unknown_seen_at: None,
            replaced_seen_at: None,
            is_alone: false,
            watch: None,
            problem: None,
        }
    }

    /// Notes that the request's event was found again, as it is when blocks are
    /// scanned once more or the chain was reorganised.
    ///
    /// A final one that is opened again runs anew, unless it is watched, when what it
    /// takes to submit is still kept.
    pub fn seen_again(&mut self, event: &Event, head: u64, policy: &Policy) -> SeenAgain {
        if event.request.block.hash == self.block_hash && self.replaced_seen_at.is_none() {
            return SeenAgain::Same;
        }
        self.block = event.request.block.number;
        self.block_hash = event.request.block.hash;
        self.settled_seen_at = None;
        self.unknown_seen_at = None;
        self.replaced_seen_at = None;
        self.unreadable_since = None;
        self.look_from = 0;
        self.not_before = 0;
        if self.watch.is_some() {
            self.reopen(head, policy);
        } else if self.is_final() {
            // What it takes to submit is gone with the final record.
            self.problem = None;
            self.step = Step::Seen;
            self.failures = 0;
            self.refusals = 0;
            self.rejections = 0;
            for attempt in &mut self.attempts {
                attempt.is_dead = true;
            }
        }
        SeenAgain::Moved
    }

    /// Notes, at block `head`, that its number was found to be another request's.
    /// `true` if the record changed.
    pub fn replaced(&mut self, head: u64) -> bool {
        let is_news = self.replaced_seen_at.is_none();
        self.replaced_seen_at.get_or_insert(head);
        is_news
    }

    /// Whether nothing more is to be done.
    pub fn is_final(&self) -> bool {
        matches!(self.step, Step::Settled(_) | Step::Abandoned)
    }

    /// How far it has come in one word: `seen`, `started`, `executed`, `prepared`, `sent`,
    /// `settled` or `abandoned`.
    pub fn step_name(&self) -> &'static str {
        match self.step {
            Step::Seen if self.is_under_way() => "started",
            Step::Seen => "seen",
            Step::Executed => "executed",
            Step::Submitting => match self.attempts.last() {
                Some(last) if last.sent_at.is_some() => "sent",
                _ => "prepared",
            },
            Step::Settled(_) => "settled",
            Step::Abandoned => "abandoned",
        }
    }

    /// The attempts that may still be included, oldest first.
    pub fn live(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| !attempt.is_dead)
    }

    /// The nonces that belong to this request as long as it is not final.
    pub fn nonces_held(&self) -> impl Iterator<Item = u64> {
        self.live().map(|attempt| attempt.nonce)
    }

    /// Whether, at block `head`, it can be in what takes the place of its transaction
    /// with `nonce`: its outcome is at hand, and it waits for nothing else.
    pub fn can_join(&self, nonce: u64, head: u64) -> bool {
        let is_last = self
            .live()
            .next_back()
            .is_some_and(|last| last.nonce == nonce);
        is_last
            && matches!(self.step, Step::Executed | Step::Submitting)
            && self.settled_seen_at.is_none()
            && head >= self.not_before
    }

    /// The attempt that is this transaction, if it is followed: the last one, where
    /// the same transaction was made twice.
    pub fn attempt_of(&self, hash: [u8; 32]) -> Option<&Attempt> {
        let mut newest_first = self.attempts.iter().rev();
        newest_first.find(|attempt| attempt.hash == hash)
    }

    /// The attempt with this number, if it is followed.
    pub fn attempt(&self, number: u32) -> Option<&Attempt> {
        self.attempts
            .iter()
            .find(|attempt| attempt.number == number)
    }

    /// Whether a look at the chain at block `head` can lead to anything: between
    /// tries there is nothing to do.
    pub fn is_due(&self, head: u64) -> bool {
        !self.is_final()
            && head >= self.look_from
            && (head >= self.not_before || self.is_followed())
    }

    /// Whether a transaction of it may be included at any block.
    fn is_followed(&self) -> bool {
        self.step == Step::Submitting && self.live().next().is_some()
    }

    /// Notes what the chain shows. `true` if the record changed.
    pub fn observe(&mut self, observation: &Observation, policy: &Policy) -> bool {
        let head = observation.head;
        let mut is_changed = false;
        let mut note = |slot: &mut Option<u64>, holds: bool| {
            let noted = if holds { slot.or(Some(head)) } else { None };
            is_changed |= *slot != noted;
            *slot = noted;
        };
        note(&mut self.settled_seen_at, observation.status.is_closed());
        note(
            &mut self.unknown_seen_at,
            observation.status == RequestStatus::Unknown,
        );
        if self.unreadable_since.take().is_some() {
            self.look_from = 0;
            self.problem = None;
            is_changed = true;
        }
        let mut used = Vec::new();
        for (attempt, status) in self.attempts.iter_mut().zip(&observation.transactions) {
            if attempt.sent_at.is_none() && *status != TransactionStatus::Unknown {
                attempt.sent_at = Some(head);
                is_changed = true;
            }
            if let TransactionStatus::Included {
                success,
                is_final: true,
                ..
            } = *status
                && !attempt.is_dead
                && (!success || attempt.is_passed_over(observation.status))
            {
                used.push(attempt.nonce);
                self.is_alone |= attempt.carries > 1;
                if attempt.run == self.runs {
                    self.failures = self.failures.saturating_add(1);
                    let pause = policy.backoff_blocks(self.failures - 1);
                    self.not_before = self.not_before.max(head.saturating_add(pause - 1));
                }
            }
        }
        is_changed |= !used.is_empty();
        used.into_iter().for_each(|nonce| self.nonce_lost(nonce));
        is_changed
    }

    /// Notes a run, whose signed outcome is kept in the same stroke.
    pub fn executed(&mut self, receipt: ReceiptHash) {
        self.runs = self.runs.saturating_add(1);
        self.receipt = Some(receipt);
        self.rejections = 0;
        self.failures = 0;
        self.problem = None;
        self.step = Step::Executed;
    }

    /// Notes that the kept outcome was exchanged in the same stroke for one that
    /// can be settled.
    pub fn outcome_exchanged(&mut self) {
        self.release_unsent();
        self.rejections = 0;
        self.not_before = 0;
        self.step = Step::Executed;
    }

    /// Notes a transaction that is about to be sent, and which is kept in the
    /// same stroke. It settles so many requests. Gives its number among the attempts.
    pub fn prepared(
        &mut self,
        transaction: &PreparedTransaction,
        carries: u32,
        policy: &Policy,
    ) -> u32 {
        let number = self.attempts_made;
        self.attempts_made = self.attempts_made.saturating_add(1);
        self.attempts.push(Attempt {
            number,
            nonce: transaction.nonce,
            hash: transaction.hash,
            run: self.runs,
            carries,
            sent_at: None,
            refusals: 0,
            is_underpriced: false,
            is_dead: false,
        });
        while self.attempts.len() > policy.attempts_kept_max.max(1) {
            self.forget_one();
        }
        self.rejections = 0;
        self.replaced_seen_at = None;
        self.not_before = 0;
        self.problem = None;
        self.step = Step::Submitting;
        number
    }

    /// Forgets the attempt that is least likely to be included. Should it be all the
    /// same, its request is seen to be settled, or its nonce to be used.
    fn forget_one(&mut self) {
        let is_replaced = |(index, attempt): (usize, &Attempt)| {
            let mut later = self.attempts.iter().skip(index + 1);
            later.any(|other| other.nonce == attempt.nonce)
        };
        let index = self
            .attempts
            .iter()
            .position(|attempt| attempt.is_dead && attempt.sent_at.is_none())
            .or_else(|| self.attempts.iter().enumerate().position(is_replaced))
            .or_else(|| self.attempts.iter().position(|attempt| attempt.is_dead))
            .unwrap_or(0);
        self.attempts.remove(index);
    }

    /// Notes that an endpoint took attempt number `number` at block `head`.
    pub fn sent(&mut self, number: u32, head: u64) {
        if let Some(attempt) = self.attempt_mut(number) {
            attempt.sent_at.get_or_insert(head);
            attempt.refusals = 0;
            attempt.is_underpriced = false;
        }
        self.refusals = 0;
        self.problem = None;
    }

    pub(crate) fn attempt_mut(&mut self, number: u32) -> Option<&mut Attempt> {
        self.attempts
            .iter_mut()
            .find(|attempt| attempt.number == number)
    }

    /// Frees the nonces of attempts that no endpoint ever took.
    pub(crate) fn release_unsent(&mut self) {
        for attempt in &mut self.attempts {
            attempt.is_dead |= attempt.sent_at.is_none();
        }
    }

    /// Notes that `nonce` was used by a transaction that is none of ours.
    pub fn nonce_lost(&mut self, nonce: u64) {
        for attempt in &mut self.attempts {
            attempt.is_dead |= attempt.nonce == nonce;
        }
    }

    /// Notes that a run could not be made for a reason outside the contract. It
    /// is tried again, for as long as it takes.
    pub fn postponed(&mut self, reason: &str) {
        self.set_problem(reason);
    }

    /// Notes that the kept outcome is not to be had: it must run anew.
    pub fn outcome_lost(&mut self) {
        self.step = Step::Seen;
    }

    /// Notes, at block `head`, that the request is settled for good. It is watched
    /// for some time, and what it takes to submit is kept as long.
    pub fn finished(&mut self, settlement: Settlement, head: u64, policy: &Policy) {
        self.problem = None;
        self.step = Step::Settled(settlement);
        self.start_watch(head, policy);
    }

    /// Notes that the request is given up. What was sent for it may still wait, see
    /// [`Record::watch_leftovers`].
    pub fn give_up(&mut self, reason: &str) {
        self.set_problem(reason);
        self.step = Step::Abandoned;
    }

    pub(crate) fn set_problem(&mut self, reason: &str) {
        let mut end = reason.len().min(PROBLEM_BYTES_MAX);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        self.problem = Some(reason[..end].into());
    }
}
