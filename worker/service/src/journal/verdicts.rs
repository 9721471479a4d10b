//! What this worker found as a member of panels, before it says so.

use codec::{Decode, Encode};
use phat_primitives::challenges::{ChallengeId, Verdict};
use redb::{ReadableTableMetadata, TableDefinition};

use super::{Journal, JournalError};

/// Challenge to the verdict on it.
pub(super) const VERDICTS: TableDefinition<u32, &[u8]> = TableDefinition::new("verdicts");

/// Verdicts that are remembered: more than there are open challenges.
const VERDICTS_MAX: u64 = 4_096;

impl Journal {
    /// What this worker found about a challenge.
    pub fn verdict(&self, challenge: ChallengeId) -> Result<Option<Verdict>, JournalError> {
        self.view(|transaction| {
            let verdicts = transaction.open_table(VERDICTS)?;
            let bytes = verdicts.get(challenge.0)?;
            Ok(bytes
                .map(|bytes| Verdict::decode(&mut bytes.value()))
                .transpose()?)
        })
    }

    /// Takes down what this worker found, to say the same after a crash. The newest are
    /// remembered.
    pub fn note_verdict(
        &self,
        challenge: ChallengeId,
        verdict: Verdict,
    ) -> Result<(), JournalError> {
        self.transact(|transaction| {
            let mut verdicts = transaction.open_table(VERDICTS)?;
            verdicts.insert(challenge.0, verdict.encode().as_slice())?;
            if verdicts.len()? > VERDICTS_MAX {
                verdicts.pop_first()?;
            }
            Ok(())
        })
    }
}
