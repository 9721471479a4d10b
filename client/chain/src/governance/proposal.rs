//! What a referendum may be about.

use phat_primitives::{AccountBytes, ClusterId, attestation::MeasurementRule};
use subxt::{
    tx::Payload,
    utils::{AccountId32, Static},
};

use crate::{
    ChainError, State,
    api::{
        self,
        runtime_types::{
            bounded_collections::bounded_vec::BoundedVec, frame_support::dispatch::RawOrigin,
            phat_runtime::OriginCaller, phat_runtime::governance::origins::pallet::Origin,
        },
    },
};

/// The id of a track. See [`State::tracks`].
pub type TrackId = u16;

/// The track of what acts as root.
const ROOT: TrackId = 0;
const PARAMETERS: TrackId = 1;
const MEASUREMENTS: TrackId = 2;
const SMALL_SPENDER: TrackId = 10;
const BIG_SPENDER: TrackId = 11;

/// The most that a referendum on the track of small spends may spend, in units of 10⁻¹² PHA.
const SMALL_SPEND_MAX: u128 = 10_000 * 1_000_000_000_000;

/// What a referendum is to bring about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Let workers run what a rule covers, in versions from this one on.
    AllowMeasurement {
        /// The rule.
        rule: MeasurementRule,
        /// The least version.
        isv_svn_min: u16,
    },
    /// Suspend workers that run what this rule, and no other, covers.
    RevokeMeasurement(MeasurementRule),
    /// Replace the root certificates, in DER, that attestations may end at.
    SetRoots(Vec<Vec<u8>>),
    /// Have a cluster change its key.
    RotateKey(ClusterId),
    /// Pay somebody from the treasury, in units of 10⁻¹² PHA.
    Spend {
        /// How much.
        amount: u128,
        /// Whom.
        beneficiary: AccountBytes,
    },
    /// Let the runtime with this BLAKE2b-256 hash replace the chain's, once somebody gives it.
    Upgrade {
        /// The hash.
        code_hash: [u8; 32],
    },
    /// Stop another referendum.
    Cancel(u32),
    /// Any call, in SCALE, by any track.
    Call {
        /// The call.
        bytes: Vec<u8>,
        /// The track that it is carried out as.
        track: TrackId,
    },
}

impl Proposal {
    /// The track that it belongs on.
    pub fn track(&self) -> TrackId {
        match self {
            Self::AllowMeasurement { .. }
            | Self::RevokeMeasurement(_)
            | Self::SetRoots(_)
            | Self::RotateKey(_) => MEASUREMENTS,
            Self::Spend { amount, .. } if *amount <= SMALL_SPEND_MAX => SMALL_SPENDER,
            Self::Spend { .. } => BIG_SPENDER,
            Self::Upgrade { .. } | Self::Cancel(_) => ROOT,
            Self::Call { track, .. } => *track,
        }
    }
}

/// Whom a referendum of this track acts as.
pub(super) fn origin_of(track: TrackId) -> Result<OriginCaller, ChainError> {
    Ok(match track {
        ROOT => OriginCaller::system(RawOrigin::Root),
        PARAMETERS => OriginCaller::Origins(Origin::Parameters),
        MEASUREMENTS => OriginCaller::Origins(Origin::Measurements),
        SMALL_SPENDER => OriginCaller::Origins(Origin::SmallSpender),
        BIG_SPENDER => OriginCaller::Origins(Origin::BigSpender),
        unknown => return Err(ChainError::UnknownTrack(unknown)),
    })
}

impl State {
    /// The bytes of the call that a proposal is to carry out.
    pub fn proposal_call(&self, proposal: &Proposal) -> Result<Vec<u8>, ChainError> {
        let calls = api::transactions();
        match proposal {
            Proposal::AllowMeasurement { rule, isv_svn_min } => self.encode(
                &calls
                    .registry()
                    .allow_measurement(Static(*rule), *isv_svn_min),
            ),
            Proposal::RevokeMeasurement(rule) => {
                self.encode(&calls.registry().revoke_measurement(Static(*rule)))
            }
            Proposal::SetRoots(roots) => {
                let roots = roots.iter().cloned().map(BoundedVec).collect();
                self.encode(&calls.registry().set_roots(BoundedVec(roots)))
            }
            Proposal::RotateKey(cluster) => {
                self.encode(&calls.cluster_keys().request_rotation(Static(*cluster)))
            }
            Proposal::Spend {
                amount,
                beneficiary,
            } => {
                let beneficiary = AccountId32(beneficiary.0);
                self.encode(&calls.treasury().spend((), *amount, beneficiary, None))
            }
            Proposal::Upgrade { code_hash } => {
                self.encode(&calls.system().authorize_upgrade((*code_hash).into()))
            }
            Proposal::Cancel(index) => self.encode(&calls.referenda().cancel(*index)),
            Proposal::Call { bytes, .. } => {
                // What cannot be carried out is not worth a referendum.
                match self.at.transactions().from_call_data_bytes(bytes) {
                    Ok(_) => Ok(bytes.clone()),
                    Err(error) => Err(ChainError::NotACall(error.to_string())),
                }
            }
        }
    }

    /// The bytes of a call, which the chain's runtime must have as this program knows it.
    pub(crate) fn encode<C: Payload>(&self, call: &C) -> Result<Vec<u8>, ChainError> {
        let transactions = self.at.transactions();
        transactions.validate(call)?;
        Ok(transactions.call_data(call)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_has_its_track() {
        let spend = |amount| Proposal::Spend {
            amount,
            beneficiary: AccountBytes([1; 32]),
        };
        for (proposal, track) in [
            (Proposal::RotateKey(ClusterId(0)), MEASUREMENTS),
            (spend(SMALL_SPEND_MAX), SMALL_SPENDER),
            (spend(SMALL_SPEND_MAX + 1), BIG_SPENDER),
            (Proposal::Cancel(3), ROOT),
            (
                Proposal::Call {
                    bytes: vec![],
                    track: 1,
                },
                PARAMETERS,
            ),
        ] {
            assert_eq!(proposal.track(), track, "{proposal:?}");
            assert!(origin_of(track).is_ok());
        }
        assert!(matches!(origin_of(3), Err(ChainError::UnknownTrack(3))));
    }
}
