//! Outcomes that several workers sign, each with a key of its own.

use std::collections::BTreeSet;

use codec::{Decode, Encode};
use phat_primitives::{ClusterId, ContractId, RequestId, WorkerId};
use phat_target::SignedRollup;
use phat_worker_core::Record;
use schnorrkel::{PublicKey, Signature};

use crate::journal::{decode_rollup, encode_rollup};

/// Separates signed outcomes from all else that identity keys sign.
const OUTCOME_DOMAIN: &[u8] = b"phat/quorum-outcome/1";
/// Separates questions for outcomes from all else that identity keys sign.
const QUESTION_DOMAIN: &[u8] = b"phat/quorum-question/1";
/// The context of signatures by identity keys.
const CONTEXT: &[u8] = b"substrate";
/// When a key that was read has changed, all run again at the newest block that is so
/// many times this number of blocks behind the request's. A firing is run at the newest
/// block whose height is a multiple of it.
const RERUN_BLOCKS: u64 = 8;
/// The most blocks that a request's own block may lie behind the newest one for a run to
/// read state there: endpoints keep that of a few blocks only.
const STATE_BLOCKS_MAX: u64 = 64;

/// The outcome of a request as one worker has signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The worker.
    pub worker: WorkerId,
    /// The height of the target chain's block at which the run has read state.
    pub state_block: u64,
    /// The outcome, with one signature by the worker's key for the contract.
    pub signed: SignedRollup,
    /// The worker's signature of all that by its identity key.
    pub signature: [u8; 64],
}

/// What an outcome is for, besides what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The hash of the Phat chain's first block.
    pub genesis_hash: [u8; 32],
    /// The contract.
    pub contract: ContractId,
    /// The request.
    pub request: RequestId,
}

/// What a worker signs that asks another for its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it asks for.
    pub subject: Subject,
    /// The cluster of both.
    pub cluster: ClusterId,
    /// The worker that asks.
    pub asker: WorkerId,
    /// The worker that is asked.
    pub giver: WorkerId,
    /// The newest finalised block of the Phat chain that the asker knows of, so that
    /// no question counts for ever.
    pub block: u64,
    /// The block at which its own run has read state.
    pub state_block: u64,
}

impl Question {
    /// The bytes to sign.
    pub fn signing_payload(&self) -> Vec<u8> {
        let Subject {
            genesis_hash,
            contract,
            request,
        } = self.subject;
        let subject = (QUESTION_DOMAIN, genesis_hash, contract, request);
        let parties = (self.cluster, self.asker, self.giver);
        (subject, parties, self.block, self.state_block).encode()
    }

    /// Whether the asker has signed it.
    pub fn is_signed(&self, signature: &[u8]) -> bool {
        is_signed(self.asker, &self.signing_payload(), signature)
    }
}

impl Outcome {
    /// The outcome that `sign` signs with the worker's identity key.
    pub fn new(
        subject: &Subject,
        worker: WorkerId,
        state_block: u64,
        signed: SignedRollup,
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> Self {
        let payload = payload(subject, worker, state_block, &signed);
        Self {
            worker,
            state_block,
            signed,
            signature: sign(&payload),
        }
    }

    /// Whether its worker has signed it, for this.
    pub fn is_of(&self, subject: &Subject) -> bool {
        let payload = payload(subject, self.worker, self.state_block, &self.signed);
        is_signed(self.worker, &payload, &self.signature)
    }

    /// The bytes that are kept and sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let signed = encode_rollup(&self.signed);
        (self.worker, self.state_block, signed, self.signature).encode()
    }

    /// Reads what [`Self::to_bytes`] made, all of it.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, codec::Error> {
        type Parts = (WorkerId, u64, Vec<u8>, [u8; 64]);
        let (worker, state_block, signed, signature) = Parts::decode(&mut bytes)?;
        if !bytes.is_empty() {
            return Err("more bytes than an outcome has".into());
        }
        Ok(Self {
            worker,
            state_block,
            signed: decode_rollup(&signed)?,
            signature,
        })
    }
}

fn payload(
    subject: &Subject,
    worker: WorkerId,
    state_block: u64,
    signed: &SignedRollup,
) -> Vec<u8> {
    let Subject {
        genesis_hash,
        contract,
        request,
    } = *subject;
    let subject = (OUTCOME_DOMAIN, genesis_hash, contract, request);
    (subject, worker, state_block, encode_rollup(signed)).encode()
}

/// Whether a worker has signed this with its identity key.
pub(super) fn is_signed(worker: WorkerId, payload: &[u8], signature: &[u8]) -> bool {
    let key = PublicKey::from_bytes(&worker.0);
    let (Ok(key), Ok(signature)) = (key, Signature::from_bytes(signature)) else {
        return false;
    };
    key.verify_simple(CONTEXT, payload, &signature).is_ok()
}

/// The height of the block at which all run a request, while `newest` is the newest: its own
/// block, or if that is too far back, or a key changed that was read, a later one that all
/// agree on. `None` while there is none yet.
pub fn state_block(record: &Record, newest: u64) -> Option<u64> {
    let is_first = record.runs == 0;
    if record.firing.is_some() {
        // Each worker finds it at a head of its own: what they agree on are heights. It is run
        // again above the block at which it was found.
        let agreed = newest - newest % RERUN_BLOCKS;
        return (is_first || agreed > record.block).then_some(agreed);
    }
    let behind = newest.saturating_sub(record.block);
    if is_first && behind <= STATE_BLOCKS_MAX {
        return Some(record.block);
    }
    let agreed = behind - behind % RERUN_BLOCKS;
    (agreed > 0).then(|| record.block + agreed)
}

/// Whether a run made again now would read the state of this block or of a later one.
pub fn can_reach(record: &Record, newest: u64, number: u64) -> bool {
    state_block(record, newest).is_some_and(|block| block >= number)
}

/// The largest group of outcomes that say the same, of the first worker first where
/// there are several. Each worker counts once, and in each group so does each account that
/// has signed: with its outcome goes the account that the signature for the anchor is of,
/// and a worker can repeat a signature that another has made.
pub fn agreeing(outcomes: Vec<(String, Outcome)>) -> Vec<Outcome> {
    let mut groups: Vec<Vec<(String, Outcome)>> = Vec::new();
    let mut workers = BTreeSet::new();
    for (signer, outcome) in outcomes {
        if !workers.insert(outcome.worker) {
            continue;
        }
        let same = groups
            .iter_mut()
            .find(|group| group[0].1.signed.rollup == outcome.signed.rollup);
        match same {
            Some(group) if group.iter().any(|(known, _)| *known == signer) => {}
            Some(group) => group.push((signer, outcome)),
            None => groups.push(vec![(signer, outcome)]),
        }
    }
    // The first of the largest: `max_by_key` would take the last.
    groups.reverse();
    let largest = groups.into_iter().max_by_key(Vec::len).unwrap_or_default();
    largest.into_iter().map(|(_, outcome)| outcome).collect()
}

#[cfg(test)]
#[path = "quorum_tests.rs"]
mod tests;
