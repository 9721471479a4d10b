//! What workers sign and exchange where a contract's outputs may differ: each its own
//! output, and the list of those that one of them asks the others to merge.

use codec::{Decode, Encode};
use phat_primitives::{CodeHash, WorkerId};
use phat_target::{Rollup, SignedRollup};
use phat_worker_client::SIGNED_OUTPUT_BYTES_MAX;
use phat_worker_core::{Record, outputs::Output};

use super::quorum::{Outcome, Question, Subject, is_signed};
use crate::journal::{decode_rollup, encode_rollup};

/// Separates signed outputs from all else that identity keys sign, and is the first that
/// their bytes have: outcomes begin with a worker.
const OUTPUT_DOMAIN: &[u8] = b"phat/quorum-output/1";
/// Separates proposals from all else that identity keys sign.
const PROPOSAL_DOMAIN: &[u8] = b"phat/quorum-proposal/1";

/// The output of a run as its worker has signed it.
///
/// Nothing can be settled with it: it has no signature of an account that an anchor allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOutput {
    /// The output.
    pub output: Output,
    /// The worker's signature of it by its identity key.
    pub signature: [u8; 64],
}

impl SignedOutput {
    /// The output of a run of `record`, signed by `sign` with the worker's identity key.
    pub fn new(
        subject: &Subject,
        record: &Record,
        output: Output,
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> Self {
        let signature = sign(&payload(subject, record, &output));
        Self { output, signature }
    }

    /// Whether its worker has signed it, for this request of this anchor.
    pub fn is_of(&self, subject: &Subject, record: &Record) -> bool {
        let payload = payload(subject, record, &self.output);
        is_signed(self.output.worker, &payload, &self.signature)
    }

    /// The bytes that are kept and sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Output {
            worker,
            code_hash,
            state_block,
            rollup,
        } = &self.output;
        let rollup = rollup_bytes(rollup);
        let parts = (worker, code_hash, state_block, rollup, self.signature);
        (OUTPUT_DOMAIN, parts).encode()
    }

    /// Reads what [`Self::to_bytes`] made, all of it, if it is no larger than what is
    /// merged: one output must not keep a list from being sent.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, codec::Error> {
        type Parts = (WorkerId, CodeHash, u64, Vec<u8>, [u8; 64]);
        if bytes.len() > SIGNED_OUTPUT_BYTES_MAX {
            return Err("more bytes than an output may have".into());
        }
        if Vec::<u8>::decode(&mut bytes)? != OUTPUT_DOMAIN {
            return Err("what is signed is no output".into());
        }
        let (worker, code_hash, state_block, rollup, signature) = Parts::decode(&mut bytes)?;
        if !bytes.is_empty() {
            return Err("more bytes than an output has".into());
        }
        let SignedRollup { rollup, signatures } = decode_rollup(&rollup)?;
        if !signatures.is_empty() {
            return Err("an output has no signature for an anchor".into());
        }
        Ok(Self {
            output: Output {
                worker,
                code_hash,
                state_block,
                rollup,
            },
            signature,
        })
    }
}

/// The bytes of an output that no signature for an anchor goes with.
pub fn rollup_bytes(rollup: &Rollup) -> Vec<u8> {
    encode_rollup(&SignedRollup {
        rollup: rollup.clone(),
        signatures: Vec::new(),
    })
}

fn payload(subject: &Subject, record: &Record, output: &Output) -> Vec<u8> {
    let Subject {
        genesis_hash,
        contract,
        request,
    } = *subject;
    let subject = (OUTPUT_DOMAIN, genesis_hash, contract, request);
    let place = (&record.chain, &record.anchor);
    let run = (output.worker, output.code_hash, output.state_block);
    (subject, place, run, rollup_bytes(&output.rollup)).encode()
}

/// What a worker signs that asks another to merge these outputs too, and to sign what they
/// come to.
pub fn proposal_payload(question: &Question, outputs: &[Vec<u8>]) -> Vec<u8> {
    (PROPOSAL_DOMAIN, question.signing_payload(), outputs).encode()
}

/// Whether the asker has signed a proposal.
pub fn is_proposal_signed(question: &Question, outputs: &[Vec<u8>], signature: &[u8]) -> bool {
    let payload = proposal_payload(question, outputs);
    is_signed(question.asker, &payload, signature)
}

/// The height of the block at which the run has read state whose outcome or output a worker
/// keeps; `None` if what it keeps is neither, or of something else.
pub fn state_block_of(bytes: &[u8], subject: &Subject, record: &Record) -> Option<u64> {
    if let Ok(signed) = SignedOutput::from_bytes(bytes) {
        return signed
            .is_of(subject, record)
            .then_some(signed.output.state_block);
    }
    let outcome = Outcome::from_bytes(bytes).ok()?;
    outcome.is_of(subject).then_some(outcome.state_block)
}

#[cfg(test)]
#[path = "signed_output_tests.rs"]
mod tests;
