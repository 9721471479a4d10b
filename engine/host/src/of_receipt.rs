//! Whether a transcript is of the run that a receipt is about.

use phat_primitives::{
    blake2_256,
    receipt::{Origin, ReceiptBody},
};

use crate::{Entry, Transcript};

impl Transcript {
    /// Checks that what the transcript says of the run is what the receipt says. What is not the
    /// same is the error. Whether it is the transcript that was signed, its root tells.
    pub fn check_is_of(&self, body: &ReceiptBody) -> Result<(), &'static str> {
        let (chain, block) = match &body.origin {
            Origin::Http | Origin::Trigger { .. } => ("", 0),
            Origin::Anchor { chain, block, .. } => (chain.as_str(), *block),
        };
        let request = &self.header.request;
        let same = [
            ("engine", self.header.engine.0 == body.engine_hash),
            ("code", self.header.code_hash == body.code_hash),
            ("contract", request.contract == body.contract),
            ("request", request.request == body.request),
            ("caller", request.caller == body.origin.caller()),
            ("chain", request.chain == chain),
            ("block", request.block == block),
            ("input", blake2_256(&request.input) == body.input_hash),
        ];
        match same.iter().find(|(_, is_same)| !is_same) {
            Some((what, _)) => Err(*what),
            None => Ok(()),
        }
    }

    /// Whether the run read a secret of the contract's owner, which a replay has to be given.
    pub fn reads_secrets(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| {
            matches!(
                entry,
                Entry::SecretRead {
                    commitment: Some(_),
                    ..
                }
            )
        })
    }

    /// Whether the run derived a secret from its contract's key, which a replay needs too.
    pub fn derives_secrets(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| matches!(entry, Entry::SecretDerived { .. }))
    }
}
