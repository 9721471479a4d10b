//! Transactions of those who govern.

use phat_primitives::{AccountBytes, blake2_256};
use subxt::{
    tx::Payload,
    utils::{AccountId32, H256, MultiAddress},
};

use super::{
    Proposal,
    proposal::{TrackId, origin_of},
};
use crate::{
    ChainClient, ChainError, Included, Signer, State,
    api::{
        self,
        runtime_types::{
            bounded_collections::bounded_vec::BoundedVec,
            frame_support::traits::{preimages::Bounded, schedule::DispatchTime},
            pallet_conviction_voting::{
                conviction::Conviction as StoredConviction,
                vote::{AccountVote, Vote},
            },
        },
    },
};

/// The bytes of a call that a referendum holds itself; longer ones are preimages.
const INLINE_BYTES_MAX: usize = 128;

/// The bit of a vote's byte that tells an aye.
const AYE: u8 = 0b1000_0000;

/// For how many of the network's locking periods a vote locks what it is made with, and how much
/// weight it gets for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conviction {
    /// A tenth of the weight, locked for as long as the vote counts.
    None,
    /// Once the weight, for one period.
    Locked1x,
    /// Twice the weight, for two periods.
    Locked2x,
    /// Three times the weight, for four periods.
    Locked3x,
    /// Four times the weight, for eight periods.
    Locked4x,
    /// Five times the weight, for 16 periods.
    Locked5x,
    /// Six times the weight, for 32 periods.
    Locked6x,
}

/// What an account does to govern. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GovernanceAction {
    /// Give the chain the bytes of a call that is too long for a referendum.
    Note(Vec<u8>),
    /// Submit a referendum about a call with these bytes, which must be noted if it is long.
    Submit {
        /// The call.
        call: Vec<u8>,
        /// The track.
        track: TrackId,
    },
    /// Place the deposit without which a referendum is not decided.
    PlaceDeposit(u32),
    /// Get the deposits of a referendum that is over back to whoever placed them.
    RefundDecision(u32),
    /// The same for the deposit of its submission.
    RefundSubmission(u32),
    /// Vote.
    Vote {
        /// The referendum.
        referendum: u32,
        /// Whether for it.
        aye: bool,
        /// With how much.
        amount: u128,
        /// How strongly.
        conviction: Conviction,
    },
    /// Take a vote back. The track is needed only when the referendum is over.
    RemoveVote {
        /// The referendum.
        referendum: u32,
        /// Its track.
        track: Option<TrackId>,
    },
    /// Have another account vote on a track.
    Delegate {
        /// The track.
        track: TrackId,
        /// Who votes.
        to: AccountBytes,
        /// With how much.
        amount: u128,
        /// How strongly.
        conviction: Conviction,
    },
    /// Vote on a track oneself again.
    Undelegate(TrackId),
    /// Unlock what votes on a track have locked and need no longer.
    Unlock {
        /// The track.
        track: TrackId,
        /// Whose votes.
        account: AccountBytes,
    },
    /// Have the treasury pay what a referendum has decided.
    Payout(u32),
    /// Give the chain the runtime that a referendum has decided on.
    ApplyUpgrade(Vec<u8>),
}

impl State {
    /// What has to be done to submit a referendum about a proposal, in this order. The last of it
    /// submits it.
    pub async fn submission(
        &self,
        proposal: &Proposal,
    ) -> Result<Vec<GovernanceAction>, ChainError> {
        let call = self.proposal_call(proposal)?;
        let mut actions = Vec::new();
        if call.len() > INLINE_BYTES_MAX {
            let hash = phat_primitives::CodeHash::of(&call);
            if !self.is_noted(&hash).await? {
                actions.push(GovernanceAction::Note(call.clone()));
            }
        }
        actions.push(GovernanceAction::Submit {
            call,
            track: proposal.track(),
        });
        Ok(actions)
    }

    /// The bytes of the call that does it.
    fn action_call(&self, action: &GovernanceAction) -> Result<Vec<u8>, ChainError> {
        use GovernanceAction as Action;

        let calls = api::transactions();
        match action {
            Action::Note(bytes) => self.encode(&calls.preimage().note_preimage(bytes.clone())),
            Action::Submit { call, track } => self.submit_call(call, *track),
            Action::PlaceDeposit(index) => {
                self.encode(&calls.referenda().place_decision_deposit(*index))
            }
            Action::RefundDecision(index) => {
                self.encode(&calls.referenda().refund_decision_deposit(*index))
            }
            Action::RefundSubmission(index) => {
                self.encode(&calls.referenda().refund_submission_deposit(*index))
            }
            Action::Vote {
                referendum,
                aye,
                amount,
                conviction,
            } => {
                let vote = AccountVote::Standard {
                    vote: Vote(conviction.index() | if *aye { AYE } else { 0 }),
                    balance: *amount,
                };
                self.encode(&calls.conviction_voting().vote(*referendum, vote))
            }
            Action::RemoveVote { referendum, track } => {
                self.encode(&calls.conviction_voting().remove_vote(*track, *referendum))
            }
            Action::Delegate {
                track,
                to,
                amount,
                conviction,
            } => self.encode(&calls.conviction_voting().delegate(
                *track,
                MultiAddress::Id(AccountId32(to.0)),
                conviction.stored(),
                *amount,
            )),
            Action::Undelegate(track) => self.encode(&calls.conviction_voting().undelegate(*track)),
            Action::Unlock { track, account } => {
                let account = MultiAddress::Id(AccountId32(account.0));
                self.encode(&calls.conviction_voting().unlock(*track, account))
            }
            Action::Payout(spend) => self.encode(&calls.treasury().payout(*spend)),
            Action::ApplyUpgrade(code) => self.encode(&apply_upgrade(code)),
        }
    }

    fn submit_call(&self, call: &[u8], track: TrackId) -> Result<Vec<u8>, ChainError> {
        let proposal = if call.len() > INLINE_BYTES_MAX {
            let too_long = |_| ChainError::TooLong {
                what: "call",
                len: call.len(),
                max: u32::MAX as usize,
            };
            Bounded::Lookup {
                hash: H256(blake2_256(call)),
                len: u32::try_from(call.len()).map_err(too_long)?,
            }
        } else {
            Bounded::Inline(BoundedVec(call.to_vec()))
        };
        // As soon as the track allows it.
        let enactment = DispatchTime::After(1);
        let submit = api::transactions()
            .referenda()
            .submit(origin_of(track)?, proposal, enactment);
        self.encode(&submit)
    }
}

impl ChainClient {
    /// What a transaction that does this would cost now, in units of 10⁻¹² PHA.
    pub async fn governance_fee(
        &self,
        signer: &Signer,
        action: &GovernanceAction,
    ) -> Result<u128, ChainError> {
        if let GovernanceAction::ApplyUpgrade(code) = action {
            return self.fee(signer, &apply_upgrade(code)).await;
        }
        let state = self.latest().await?;
        let bytes = state.action_call(action)?;
        let call = state.at.transactions().from_call_data_bytes(&bytes)?;
        self.fee(signer, &call).await
    }

    /// Does it. Gives the number of the referendum that was submitted, if one was.
    pub async fn govern(
        &self,
        signer: &Signer,
        action: &GovernanceAction,
    ) -> Result<(Included, Option<u32>), ChainError> {
        if let GovernanceAction::ApplyUpgrade(code) = action {
            let included = self.submit(signer, &apply_upgrade(code)).await?;
            return Ok((included, None));
        }
        let state = self.latest().await?;
        let bytes = state.action_call(action)?;
        let call = state.at.transactions().from_call_data_bytes(&bytes)?;
        let (included, events) = self.submit_for_events(signer, &call).await?;
        let submitted = events.find_first::<api::referenda::events::Submitted>();
        let index = submitted.transpose()?.map(|submitted| submitted.index);
        Ok((included, index))
    }
}

/// As its own type: a runtime is long, and the bytes of any call are taken apart one by one.
fn apply_upgrade(code: &[u8]) -> impl Payload + use<> {
    api::transactions()
        .system()
        .apply_authorized_upgrade(code.to_vec())
}

impl Conviction {
    /// All of them, by how strong they are.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Locked1x,
        Self::Locked2x,
        Self::Locked3x,
        Self::Locked4x,
        Self::Locked5x,
        Self::Locked6x,
    ];

    /// The number that the chain stores.
    fn index(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Locked1x => 1,
            Self::Locked2x => 2,
            Self::Locked3x => 3,
            Self::Locked4x => 4,
            Self::Locked5x => 5,
            Self::Locked6x => 6,
        }
    }

    fn stored(self) -> StoredConviction {
        match self {
            Self::None => StoredConviction::None,
            Self::Locked1x => StoredConviction::Locked1x,
            Self::Locked2x => StoredConviction::Locked2x,
            Self::Locked3x => StoredConviction::Locked3x,
            Self::Locked4x => StoredConviction::Locked4x,
            Self::Locked5x => StoredConviction::Locked5x,
            Self::Locked6x => StoredConviction::Locked6x,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn convictions_are_numbered_by_their_strength() {
        let numbers = Conviction::ALL.map(Conviction::index);
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
    }
}
