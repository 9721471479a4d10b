//! What holders of PHA decide: referenda, the tracks that they are on, and the calls for them.

mod calls;
mod curve;
mod proposal;

use phat_primitives::AccountBytes;
use subxt::utils::H256;

pub use self::{
    calls::{Conviction, GovernanceAction},
    curve::{BILLION, Curve},
    proposal::{Proposal, TrackId},
};
use crate::{
    ChainError, State,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            frame_support::traits::preimages::Bounded, pallet_referenda::types::ReferendumInfo,
        },
    },
    state::read,
};

/// A track: what its referenda cost, how long they take, and what they need to pass. Periods are
/// in blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its id.
    pub id: TrackId,
    /// Its name.
    pub name: String,
    /// How many of its referenda are decided at a time.
    pub deciding_max: u32,
    /// The deposit without which a referendum is not decided, in units of 10⁻¹² PHA.
    pub decision_deposit: u128,
    /// From the submission until it may be decided.
    pub prepare_blocks: u32,
    /// How long it is decided at the most.
    pub decision_blocks: u32,
    /// For how long it has to keep passing.
    pub confirm_blocks: u32,
    /// From its approval until it is carried out, at the least.
    pub enactment_blocks: u32,
    /// The share of ayes that it needs.
    pub approval: Curve,
    /// The share of the electorate that it needs.
    pub support: Curve,
}

/// The call that a referendum would have carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedCall {
    /// Its bytes, or `None` when nobody has given them to the chain.
    pub bytes: Option<Vec<u8>>,
    /// Their hash.
    pub hash: [u8; 32],
}

/// A referendum that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OngoingReferendum {
    /// Its track.
    pub track: TrackId,
    /// What it is about.
    pub call: ProposedCall,
    /// Who submitted it.
    pub proposer: AccountBytes,
    /// The number of the block that it was submitted in.
    pub submitted_at: u32,
    /// Whether somebody has placed the deposit without which it is not decided.
    pub has_decision_deposit: bool,
    /// The number of the block since which it is decided.
    pub deciding_since: Option<u32>,
    /// The number of the block until which it has to keep passing, while it passes.
    pub confirming_until: Option<u32>,
    /// The ayes, weighed by conviction.
    pub ayes: u128,
    /// The nays, weighed by conviction.
    pub nays: u128,
    /// The PHA that voted aye, in units of 10⁻¹² PHA.
    pub support: u128,
}

/// How a referendum ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferendumOutcome {
    /// It passed, and is carried out after its track's enactment period.
    Approved,
    /// It did not pass in time.
    Rejected,
    /// Root stopped it, and the deposits can be had back.
    Cancelled,
    /// Nobody placed the deposit in time.
    TimedOut,
    /// Root stopped it, and the deposits went to the treasury.
    Killed,
}

/// A referendum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Referendum {
    /// It is not over.
    Ongoing(Box<OngoingReferendum>),
    /// It is over.
    Ended {
        /// How it ended.
        outcome: ReferendumOutcome,
        /// The number of the block that it ended in.
        at: u32,
    },
}

impl State {
    /// The tracks, in the order of their ids.
    pub async fn tracks(&self) -> Result<Vec<Track>, ChainError> {
        let constant = api::constants().referenda().tracks();
        let tracks = self.at.constants().entry(constant)?;
        let tracks = tracks.into_iter().map(|(id, info)| Track {
            id,
            // The chain fills names up to a fixed length.
            name: info.name.trim_end_matches('\0').to_owned(),
            deciding_max: info.max_deciding,
            decision_deposit: info.decision_deposit,
            prepare_blocks: info.prepare_period,
            decision_blocks: info.decision_period,
            confirm_blocks: info.confirm_period,
            enactment_blocks: info.min_enactment_period,
            approval: info.min_approval.into(),
            support: info.min_support.into(),
        });
        Ok(tracks.collect())
    }

    /// How many referenda there have been. They are numbered from 0 on.
    pub async fn referendum_count(&self) -> Result<u32, ChainError> {
        let address = api::storage().referenda().referendum_count();
        let count = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        Ok(count.decode().map_err(subxt::Error::from)?)
    }

    /// The PHA that may vote, in units of 10⁻¹² PHA.
    pub async fn electorate(&self) -> Result<u128, ChainError> {
        let call = api::runtime_apis().governance_api().electorate();
        in_time(self.at.runtime_apis().call(call)).await
    }

    /// The hash of the runtime that is to replace the chain's, if one was decided on and nobody has
    /// given it yet.
    pub async fn authorized_upgrade(&self) -> Result<Option<[u8; 32]>, ChainError> {
        let address = api::storage().system().authorized_upgrade();
        let found = in_time(self.at.storage().entry(address)?.try_fetch(())).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let upgrade = found.decode().map_err(subxt::Error::from)?;
        Ok(Some(upgrade.code_hash.0))
    }

    /// A referendum.
    pub async fn referendum(&self, index: u32) -> Result<Option<Referendum>, ChainError> {
        use ReferendumOutcome::{Approved, Cancelled, Killed, Rejected, TimedOut};

        let address = api::storage().referenda().referendum_info_for();
        let Some(info) = read!(self, address, index) else {
            return Ok(None);
        };
        let ended = |outcome, at| Ok(Some(Referendum::Ended { outcome, at }));
        let status = match info {
            ReferendumInfo::Ongoing(status) => status,
            ReferendumInfo::Approved(at, ..) => return ended(Approved, at),
            ReferendumInfo::Rejected(at, ..) => return ended(Rejected, at),
            ReferendumInfo::Cancelled(at, ..) => return ended(Cancelled, at),
            ReferendumInfo::TimedOut(at, ..) => return ended(TimedOut, at),
            ReferendumInfo::Killed(at) => return ended(Killed, at),
            // What the metadata has no such variant of is not decoded.
            #[allow(
                unreachable_patterns,
                reason = "generated enums may have one more variant"
            )]
            _ => return Err(ChainError::Incompatible),
        };
        let call = match status.proposal {
            Bounded::Inline(bytes) => ProposedCall {
                hash: phat_primitives::blake2_256(&bytes.0),
                bytes: Some(bytes.0),
            },
            Bounded::Lookup { hash, len } => ProposedCall {
                bytes: self.preimage(hash.0, len).await?,
                hash: hash.0,
            },
            Bounded::Legacy { hash, .. } => ProposedCall {
                bytes: None,
                hash: hash.0,
            },
            #[allow(
                unreachable_patterns,
                reason = "generated enums may have one more variant"
            )]
            _ => return Err(ChainError::Incompatible),
        };
        let deciding = status.deciding.as_ref();
        Ok(Some(Referendum::Ongoing(Box::new(OngoingReferendum {
            track: status.track,
            call,
            proposer: AccountBytes(status.submission_deposit.who.0),
            submitted_at: status.submitted,
            has_decision_deposit: status.decision_deposit.is_some(),
            deciding_since: deciding.map(|deciding| deciding.since),
            confirming_until: deciding.and_then(|deciding| deciding.confirming),
            ayes: status.tally.ayes,
            nays: status.tally.nays,
            support: status.tally.support,
        }))))
    }

    /// The bytes of a preimage.
    async fn preimage(&self, hash: [u8; 32], len: u32) -> Result<Option<Vec<u8>>, ChainError> {
        let key = (H256(hash), len);
        let bytes = read!(self, api::storage().preimage().preimage_for(), key);
        Ok(bytes.map(|bounded| bounded.0))
    }

    /// A call in words: its pallet, its name and its arguments. `None` for bytes that are no call
    /// of this chain's.
    pub fn describe_call(&self, call: &[u8]) -> Option<String> {
        let payload = self.at.transactions().from_call_data_bytes(call).ok()?;
        Some(payload.into_value().to_string())
    }
}
