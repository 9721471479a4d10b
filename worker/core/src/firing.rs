//! Firings: runs that no request at an anchor asked for, but a time, a log of a chain
//! or a call over HTTP.
//!
//! A firing has the same id at every worker, as it follows from the contract, the
//! trigger and what fired it. By that id the workers rank, and by a key of the anchor
//! that only this firing's outcome moves it is settled once. Where no anchor takes the
//! outcome, the workers ask each other whether it was run.

use codec::{Decode, Encode};
use phat_primitives::{ContractId, RequestId, blake2_256};
use phat_target::{AnchorRequest, BlockRef};

use crate::{Event, Policy, Record, Settlement, Step};

/// Separates ids of firings from all other hashes.
const DOMAIN: &[u8] = b"phat/firing/1";
/// What the keys at an anchor begin with that tell which firings are done.
const GUARD_PREFIX: &[u8] = b"phat/firing/";
/// The request number of what nobody asked an anchor for.
const NO_NUMBER: [u8; 32] = [0; 32];
/// Blocks of the Phat chain for which a worker that says that it runs a firing is
/// believed, before another one runs it.
pub const LEASE_BLOCKS: u64 = 2_000;
/// Blocks after which a worker that must not run a firing itself waits no more to
/// hear that it was run.
pub const FOLLOW_BLOCKS: u64 = 1_000;

/// What fired.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Cause {
    /// A time, in seconds since 1970.
    Time(u64),
    /// A log or an event of a chain.
    Log {
        /// The chain, as CAIP-2 has it.
        chain: String,
        /// The hash of its block.
        block: [u8; 32],
        /// Its place among the logs of the block.
        index: u32,
    },
    /// A call over HTTP: the hash of all that its signature covers. What it does not
    /// cover, such as the id of a delivery in a header, anybody could change to have
    /// the same call fire again.
    Call([u8; 32]),
}

/// A trigger of a contract that fired.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Firing {
    /// The contract.
    pub contract: ContractId,
    /// The trigger's name.
    pub trigger: String,
    /// What fired it.
    pub cause: Cause,
}

/// What of a record is about the firing that it is of.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Fired {
    /// The trigger's name.
    pub trigger: String,
    /// What fired it.
    pub cause: Cause,
    /// No run of it is ever made again.
    pub runs_once: bool,
    /// The rank of this worker when it was seen, if it had one. With `runs_once`,
    /// only the first ever runs it; one that has heard of a run has no rank from then on.
    pub rank: Option<u64>,
    /// It was seen late: others may have run it.
    pub is_late: bool,
    /// A run of it was begun.
    pub is_started: bool,
}

/// The key at an anchor that tells whether a firing is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The key.
    pub key: Vec<u8>,
    /// What the firing's outcome writes there.
    pub value: Vec<u8>,
    /// The time of a schedule, whose firings are done in their order.
    time: Option<u64>,
}

/// What the other workers say of a firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// One of them has run it, and its receipt shows that.
    Done,
    /// One of them says that it runs it.
    Running,
    /// None of those that answer has begun to run it.
    Nothing,
}

/// What to do next about a firing whose outcome no anchor takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing before this block of the Phat chain.
    Wait {
        /// The block to look again at.
        until: u64,
    },
    /// Ask the others what they know, and decide with [`heard`].
    Ask,
    /// Note [`Record::started`], run it, and note [`Record::ran`].
    Run,
    /// Note [`Record::give_up`].
    GiveUp(&'static str),
}

impl Firing {
    /// Its id: the request that is run, and what binds an outcome to it.
    pub fn id(&self) -> RequestId {
        RequestId(blake2_256(&(DOMAIN, self).encode()))
    }
}

impl Fired {
    /// The key at the anchor that tells whether it is done.
    ///
    /// A schedule has one key, which holds the time of its last firing, so that it
    /// takes no more of the chain as time goes on. Everything else has a key for each
    /// firing: logs and calls may be settled in any order.
    pub fn guard(&self, contract: ContractId, id: RequestId) -> Guard {
        let trigger = [GUARD_PREFIX, &contract.0, b"/", self.trigger.as_bytes()].concat();
        match self.cause {
            Cause::Time(time) => Guard {
                key: trigger,
                value: time.to_be_bytes().to_vec(),
                time: Some(time),
            },
            Cause::Log { .. } | Cause::Call(_) => Guard {
                key: [&trigger[..], b"/", &id.0].concat(),
                value: vec![1],
                time: None,
            },
        }
    }
}

impl Guard {
    /// Whether the firing is done, where the anchor holds this under the key; no bytes where it holds
    /// nothing. The version does not tell: some anchors give one to keys that were never written.
    pub fn is_done(&self, value: &[u8]) -> bool {
        match self.time {
            // A value of another form is none of a schedule: the name was another
            // trigger's before.
            Some(time) => {
                <[u8; 8]>::try_from(value).is_ok_and(|bytes| u64::from_be_bytes(bytes) >= time)
            }
            None => !value.is_empty(),
        }
    }
}

/// A firing as a worker finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFiring {
    /// What fired.
    pub firing: Firing,
    /// The chain of the anchor that takes the outcome, as CAIP-2 has it; empty if none
    /// does.
    pub chain: String,
    /// The anchor; empty if there is none.
    pub anchor: Vec<u8>,
    /// The input of the run.
    pub input: Vec<u8>,
    /// No run of it is ever made again.
    pub runs_once: bool,
    /// It is seen late.
    pub is_late: bool,
}

impl Record {
    /// The record of a firing that is seen for the first time, at `block` of the
    /// anchor's chain, or of the Phat chain where no anchor takes its outcome.
    pub fn fired(
        new: &NewFiring,
        rank: Option<u64>,
        block: BlockRef,
        sequence: u64,
        seen_at_ms: u64,
    ) -> Self {
        let id = new.firing.id();
        let event = Event {
            contract: new.firing.contract,
            chain: new.chain.clone(),
            anchor: new.anchor.clone(),
            request: AnchorRequest {
                number: NO_NUMBER,
                requester: Vec::new(),
                input: Vec::new(),
                commitment: id.0,
                block,
                expires_at: None,
                fee: 0,
            },
        };
        Self {
            id,
            firing: Some(Fired {
                trigger: new.firing.trigger.clone(),
                cause: new.firing.cause.clone(),
                runs_once: new.runs_once,
                rank,
                is_late: new.is_late,
                is_started: false,
            }),
            ..Self::seen(&event, sequence, seen_at_ms)
        }
    }

    /// Notes, before it is done, that a run of a firing begins.
    pub fn started(&mut self) {
        if let Some(firing) = &mut self.firing {
            firing.is_started = true;
        }
    }

    /// Notes that the run did not begin after all.
    pub fn not_started(&mut self) {
        if let Some(firing) = &mut self.firing {
            firing.is_started = false;
        }
    }

    /// Whether it is a firing that was begun to run and must not be run again.
    pub fn is_used_up(&self) -> bool {
        let firing = self.firing.as_ref();
        firing.is_some_and(|firing| firing.runs_once && firing.is_started)
    }

    /// Why it must not be run, if it is a firing that must not.
    pub fn must_not_run(&self) -> Option<&'static str> {
        if self.is_used_up() {
            Some(CUT_OFF)
        } else if self.is_anothers() {
            Some(NOT_HEARD)
        } else {
            None
        }
    }

    /// Whether it is a firing of which no second run may be made, and that this worker has
    /// seen so late that others may have run it.
    pub fn is_late_and_once(&self) -> bool {
        let firing = self.firing.as_ref();
        firing.is_some_and(|firing| firing.runs_once && firing.is_late)
    }

    /// Notes that another worker says that it runs, or has run, a firing of which no
    /// second run may be made: from now on that one alone may.
    pub fn left_to_another(&mut self) {
        if let Some(firing) = &mut self.firing {
            firing.rank = None;
            firing.is_started = false;
        }
    }

    /// Whether it is a firing that another worker alone may run.
    pub fn is_anothers(&self) -> bool {
        let firing = self.firing.as_ref();
        firing.is_some_and(|firing| firing.runs_once && firing.rank != Some(0))
    }
}

/// Why a firing is given up that must not be run twice.
pub const CUT_OFF: &str =
    "a run of it was begun and cut off, and side_effects = \"once\" allows no other";
/// Why a worker waits no more for the one that alone may run a firing.
pub const NOT_HEARD: &str = "the worker that alone may run it, as side_effects = \"once\" says, did not tell \
                             that it has";

/// What to do about a firing whose outcome no anchor takes, at `block` of the Phat
/// chain, where this worker has this rank now.
pub fn turn(record: &Record, rank: Option<u64>, block: u64, policy: &Policy) -> Turn {
    let Some(firing) = &record.firing else {
        return Turn::GiveUp("it is no firing");
    };
    if record.is_used_up() {
        return Turn::GiveUp(CUT_OFF);
    }
    let waited = block.saturating_sub(record.block);
    if record.not_before > block {
        return Turn::Wait {
            until: record.not_before,
        };
    }
    if firing.runs_once {
        return match firing.rank {
            Some(0) if !firing.is_late => Turn::Run,
            // Whoever comes late ranks first perhaps because another one, which did
            // before and has run it, is gone.
            _ => Turn::Ask,
        };
    }
    let Some(rank) = rank else {
        return Turn::Wait {
            until: block.saturating_add(1),
        };
    };
    // Whoever comes late was away: the others, who know it by an address that may have changed,
    // take over now. It comes after the one that is next, and asks then.
    let place = rank.saturating_add(firing.is_late.into());
    let start = crate::start_block(record.block, place, policy);
    if block < start {
        return Turn::Wait { until: start };
    }
    // Nobody else is to have begun before the first has had its time.
    let is_first = rank == 0 && waited < policy.takeover_blocks;
    if is_first && !firing.is_late && !firing.is_started {
        Turn::Run
    } else {
        Turn::Ask
    }
}

/// What to do about it after the others were asked; none is that one of them has run it.
pub fn heard(record: &Record, heard: Heard, block: u64, policy: &Policy) -> Option<Turn> {
    let waited = block.saturating_sub(record.block);
    let firing = record.firing.as_ref();
    let runs_once = firing.is_some_and(|firing| firing.runs_once);
    let again = Turn::Wait {
        until: block.saturating_add(policy.takeover_blocks.max(1)),
    };
    match heard {
        Heard::Done => None,
        _ if record.is_anothers() && waited >= FOLLOW_BLOCKS => Some(Turn::GiveUp(NOT_HEARD)),
        _ if record.is_anothers() => Some(again),
        // However long it takes: two runs of it are never made.
        Heard::Running if runs_once && waited >= FOLLOW_BLOCKS => Some(Turn::GiveUp(NOT_HEARD)),
        Heard::Running if runs_once => Some(again),
        Heard::Running if waited < LEASE_BLOCKS => Some(again),
        Heard::Running | Heard::Nothing => Some(Turn::Run),
    }
}

impl Record {
    /// Notes that a firing whose outcome no anchor takes was run, which is its end. The
    /// receipt is kept in the same stroke.
    pub fn ran(&mut self, receipt: phat_primitives::ReceiptHash) {
        self.executed(receipt);
        // No chain can undo that: there is nothing to watch.
        self.step = Step::Settled(Settlement::Run);
    }

    /// Notes, at block `head`, a run of a firing that came to nothing that is to be
    /// settled, which is its end. What earlier runs have sent may still wait to be
    /// included, though it settles nothing: that is watched.
    pub fn came_to_nothing(
        &mut self,
        receipt: phat_primitives::ReceiptHash,
        head: u64,
        policy: &Policy,
    ) {
        self.ran(receipt);
        self.release_unsent();
        if self.live().next().is_some() {
            self.start_watch(head, policy);
        }
    }

    /// Notes that another worker has run a firing whose outcome no anchor takes.
    pub fn ran_elsewhere(&mut self) {
        self.problem = None;
        self.step = Step::Settled(Settlement::Other);
    }

    /// Notes that nothing is to be done before this block.
    pub fn waits(&mut self, until: u64) {
        self.not_before = until;
    }

    /// Whether a run of it is under way, or its outcome, as far as the journal tells.
    pub fn is_under_way(&self) -> bool {
        let is_started = self.firing.as_ref().is_some_and(|firing| firing.is_started);
        !self.is_final() && (is_started || self.step != Step::Seen)
    }
}

#[cfg(test)]
#[path = "tests/firing.rs"]
mod tests;
