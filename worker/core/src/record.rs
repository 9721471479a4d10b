//! What the journal knows of one request.

use codec::{Decode, Encode};
use phat_primitives::{ContractId, ReceiptHash, RequestId, blake2_256};
use phat_target::{
    AnchorRequest, PreparedTransaction, Rejection, RequestStatus, TargetError, TransactionStatus,
};

use crate::{Observation, Policy};

/// Separates ids of requests from all other hashes.
const REQUEST_DOMAIN: &[u8] = b"phat/contract-request/1";

/// The most bytes of a problem's text that are kept.
const PROBLEM_BYTES_MAX: usize = 512;
/// After so many tries with a key that is no attestor the pause grows no more: 16 blocks.
const ATTESTOR_BACKOFF_TRIES_MAX: u32 = 4;

/// Why a record is given up whose request a reorganisation replaced.
pub(crate) const REPLACED: &str =
    "a reorganisation gave its number to another request, which has a record of its own";

/// A request as an anchor's event shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The contract that is asked.
    pub contract: ContractId,
    /// The target chain, as CAIP-2 has it.
    pub chain: String,
    /// The anchor's address.
    pub anchor: Vec<u8>,
    /// What was found there.
    pub request: AnchorRequest,
}

impl Event {
    /// The id of the request to this contract, unique over all chains and anchors.
    ///
    /// The contract is part of it: whoever lists another's anchor in a manifest
    /// makes requests of his own of what is asked there, and takes none away. So
    /// is the commitment: a request that took another's number in a reorganisation
    /// is another one.
    pub fn id(&self) -> RequestId {
        let request = &self.request;
        let asked = RequestId::of_anchor(
            &self.chain,
            &self.anchor,
            &request.number,
            &request.commitment,
        );
        RequestId(blake2_256(&(REQUEST_DOMAIN, asked, self.contract).encode()))
    }
}

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
    /// What binds its outcome to its content, see [`AnchorRequest::commitment`].
    pub commitment: [u8; 32],
    /// The worker's clock when it was seen, milliseconds since 1970.
    pub seen_at_ms: u64,
    /// How far it has come.
    pub step: Step,
    /// How often it was run.
    pub runs: u32,
    /// The transactions made for it, oldest first.
    pub attempts: Vec<Attempt>,
    /// The receipt of the last run.
    pub receipt: Option<ReceiptHash>,
    /// How often in a row the anchor rejected it.
    pub rejections: u32,
    /// The block before which nothing new is tried.
    pub not_before: u64,
    /// The block at which it was first seen to be settled.
    pub settled_seen_at: Option<u64>,
    /// The block at which the anchor was first seen not to know it.
    pub unknown_seen_at: Option<u64>,
    /// The block at which its number was first seen to be another request's.
    pub replaced_seen_at: Option<u64>,
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
    /// By this worker.
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
}

/// One transaction made for a request. The journal keeps its bytes elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Attempt {
    /// The relay account's nonce.
    pub nonce: u64,
    /// The transaction's hash.
    pub hash: [u8; 32],
    /// The run whose outcome it carries, counted from 1.
    pub run: u32,
    /// The block at which it was first known to be sent.
    pub sent_at: Option<u64>,
    /// Its nonce was used by a transaction that is none of ours.
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
            seen_at_ms,
            step: Step::Seen,
            runs: 0,
            attempts: Vec::new(),
            receipt: None,
            rejections: 0,
            not_before: 0,
            settled_seen_at: None,
            unknown_seen_at: None,
            replaced_seen_at: None,
            problem: None,
        }
    }

    /// Notes that the request's event was found again, as it is when blocks are
    /// scanned once more or the chain was reorganised.
    pub fn seen_again(&mut self, event: &Event) -> SeenAgain {
        if event.request.block.hash == self.block_hash && self.replaced_seen_at.is_none() {
            return SeenAgain::Same;
        }
        self.block = event.request.block.number;
        self.block_hash = event.request.block.hash;
        self.settled_seen_at = None;
        self.unknown_seen_at = None;
        self.replaced_seen_at = None;
        self.not_before = 0;
        if self.is_final() {
            // What it takes to submit is gone with the final record: it runs anew.
            self.problem = None;
            self.step = Step::Seen;
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

    /// How far it has come in one word: `seen`, `executed`, `prepared`, `sent`,
    /// `settled` or `abandoned`.
    pub fn step_name(&self) -> &'static str {
        match self.step {
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

    /// The nonces that belong to this request as long as it is not final.
    pub fn nonces_held(&self) -> impl Iterator<Item = u64> {
        self.attempts
            .iter()
            .filter(|attempt| !attempt.is_dead)
            .map(|attempt| attempt.nonce)
    }

    /// Whether a look at the chain at block `head` can lead to anything: between
    /// tries there is nothing to do.
    pub fn is_due(&self, head: u64) -> bool {
        !self.is_final() && (self.step == Step::Submitting || head >= self.not_before)
    }

    /// Notes what the chain shows. `true` if the record changed.
    pub fn observe(&mut self, observation: &Observation) -> bool {
        let head = observation.head;
        let mut is_changed = false;
        let mut note = |slot: &mut Option<u64>, holds: bool| {
            let noted = if holds { slot.or(Some(head)) } else { None };
            is_changed |= *slot != noted;
            *slot = noted;
        };
        note(
            &mut self.settled_seen_at,
            observation.status == RequestStatus::Settled,
        );
        note(
            &mut self.unknown_seen_at,
            observation.status == RequestStatus::Unknown,
        );
        for (attempt, status) in self.attempts.iter_mut().zip(&observation.transactions) {
            if attempt.sent_at.is_none() && *status != TransactionStatus::Unknown {
                attempt.sent_at = Some(head);
                is_changed = true;
            }
        }
        is_changed
    }

    /// Notes a run, whose signed outcome is kept in the same stroke.
    pub fn executed(&mut self, receipt: ReceiptHash) {
        self.runs = self.runs.saturating_add(1);
        self.receipt = Some(receipt);
        self.rejections = 0;
        self.problem = None;
        self.step = Step::Executed;
    }

    /// Notes a transaction that is about to be sent, and which is kept in the
    /// same stroke. Gives its place among the attempts.
    pub fn prepared(&mut self, transaction: &PreparedTransaction) -> usize {
        self.attempts.push(Attempt {
            nonce: transaction.nonce,
            hash: transaction.hash,
            run: self.runs,
            sent_at: None,
            is_dead: false,
        });
        self.rejections = 0;
        self.replaced_seen_at = None;
        self.problem = None;
        self.step = Step::Submitting;
        self.attempts.len() - 1
    }

    /// Notes that attempt number `attempt` was sent at block `head`.
    pub fn sent(&mut self, attempt: usize, head: u64) {
        if let Some(attempt) = self.attempts.get_mut(attempt) {
            attempt.sent_at.get_or_insert(head);
        }
        self.problem = None;
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

    /// Notes that preparing or sending failed at block `head`. `true` if the
    /// record changed; an outage changes nothing, the same is tried again.
    pub fn failed(&mut self, error: &TargetError, head: u64, policy: &Policy) -> bool {
        match error {
            TargetError::Unreachable { .. }
            | TargetError::Refused { .. }
            | TargetError::FeeCap { .. }
            | TargetError::WrongChain { .. }
            | TargetError::NonceUsed { .. } => return false,
            TargetError::Rejected(Rejection::AlreadySettled | Rejection::UnknownRequest) => {
                self.not_before = head.saturating_add(1);
                return true;
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
            TargetError::OutOfFunds { .. } => {
                self.not_before = head.saturating_add(policy.backoff_blocks(2));
            }
            TargetError::Rejected(Rejection::NotAttestor(_)) => {
                // The anchor's owner can allow the key at any time; asking costs little.
                let tries = self.rejections.min(ATTESTOR_BACKOFF_TRIES_MAX);
                self.not_before = head.saturating_add(policy.backoff_blocks(tries));
                self.rejections = self.rejections.saturating_add(1);
            }
            TargetError::Rejected(Rejection::Reverted(_)) | TargetError::Malformed(_) => {
                if self.rejections >= policy.rejections_max {
                    let tries = self.rejections;
                    self.give_up(&format!("{error}; given up after {tries} tries"));
                    return true;
                }
                self.not_before = head.saturating_add(policy.backoff_blocks(self.rejections));
                self.rejections = self.rejections.saturating_add(1);
            }
        }
        self.set_problem(&error.to_string());
        true
    }

    /// Notes that the request is settled for good.
    pub fn finished(&mut self, settlement: Settlement) {
        self.problem = None;
        self.step = Step::Settled(settlement);
    }

    /// Notes that the request is given up.
    pub fn give_up(&mut self, reason: &str) {
        self.set_problem(reason);
        self.step = Step::Abandoned;
    }

    fn set_problem(&mut self, reason: &str) {
        let mut end = reason.len().min(PROBLEM_BYTES_MAX);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        self.problem = Some(reason[..end].into());
    }
}
